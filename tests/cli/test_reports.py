"""`entrepot report …` over an imported company: forms, languages, filters, and figures that tie to the P&L."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.cli.report import _reading_order
from tests.cli.custom_report_guide import files_of_the_guide

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("acquisition", "stock-turnover", "platform-figures", "tax-bridge", "presale", "cut-off", "quality", "metrics")


@pytest.fixture(scope="module")
def home(small_home: Path) -> Path:
    return small_home


def _rows(run: Callable[..., Any], *words: object) -> list[dict[str, Any]]:
    answer = run("report", *words, "--json")
    assert answer.code == 0, answer.err
    rows: list[dict[str, Any]] = json.loads(answer.out)["rows"]
    return rows


@pytest.mark.parametrize("name", NAMES)
def test_programs_read_the_same_rows_in_both_languages_and_people_their_own_words(
    run: Callable[..., Any], home: Path, name: str
) -> None:
    words = ("report", name, "--home", home)
    for form in ("--json", "--csv"):
        assert run(*words, form, "--lang", "en").out == run(*words, form, "--lang", "zh").out
    assert run(*words).code == 0
    shown = run(*words, "--lang", "zh").out
    assert set(re.findall(r"\b[a-z]{3,}_[a-z_]{3,}\b", re.sub(r"[a-z]+-[a-z_-]+", "", shown))) == set()


@pytest.mark.parametrize(
    "words", [("presale",), ("cut-off", "--at", "2026-09-15"), ("acquisition", "--currency", "EUR")]
)
def test_an_id_that_a_report_gives_to_programs_explains_that_figure(
    run: Callable[..., Any], home: Path, words: tuple[str, ...]
) -> None:
    row = next(row for row in _rows(run, *words, "--home", home) if any(row[name] for name in row["figures"]))
    name = next(name for name in row["figures"] if row[name])
    told = run("explain", "value", row["figures"][name], "--home", home, "--limit", 1, "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)["amount_minor"] == row[name]
    people = run("explain", "value", row["figures"][name], "--home", home, "--limit", 1).out
    assert f"  {row[name]:,}  " in people or name.endswith("_minor")


def test_advertising_of_the_acquisition_report_is_that_of_the_profit_and_loss(
    run: Callable[..., Any], home: Path
) -> None:
    booked: Counter[tuple[str, str]] = Counter()
    for row in _rows(run, "pnl", "--home", home):
        if row["line"] == "ad_spend":
            booked[row["channel"], row["month"]] -= row["amount_minor"]
    spent = {(row["channel"], row["month"]): row["spend_minor"] for row in _rows(run, "acquisition", "--home", home)}
    assert {key: minor for key, minor in spent.items() if minor} == {
        key: minor for key, minor in booked.items() if minor
    }
    assert booked


def test_new_buyers_of_all_rows_are_the_people_there_are(run: Callable[..., Any], home: Path) -> None:
    rows = [row for row in _rows(run, "acquisition", "--home", home) if row["buyers"] is not None]
    text = (
        "select count(distinct o.buyer_key) as n from orders as o join persons as p on o.buyer_key = p.person_key "
        "where p.role = 'buyer' and p.channel = o.channel and o.order_kind in ('sale', 'presale') and o.order_key in "
        "(select order_key from order_positions where is_paid)"
    )
    answer = json.loads(run("sql", text, "--home", home, "--personal", "test", "--json").out)
    assert sum(row["new_buyers"] for row in rows) == answer["rows"][0]["n"] > 0


def test_cost_of_goods_of_the_stock_report_is_that_of_the_ledger(run: Callable[..., Any], home: Path) -> None:
    text = (
        "select period, currency, sum(amount_minor) as minor from ledger_entries "
        "where account = 'cogs' and book = 'local' group by all"
    )
    answer = json.loads(run("sql", text, "--home", home, "--json").out)
    booked = {(row["period"], row["currency"]): int(row["minor"]) for row in answer["rows"]}
    found = {
        (row["month"], row["currency"]): row["cogs_minor"] + row["left_out_minor"]
        for row in _rows(run, "stock-turnover", "--home", home)
        if row["scope"] == "all_skus"
    }
    assert {key: minor for key, minor in found.items() if minor} == booked
    assert len({currency for _, currency in booked}) > 1


def test_every_tax_bridge_arrives_at_the_ledger(run: Callable[..., Any], home: Path) -> None:
    rows = _rows(run, "tax-bridge", "--home", home)
    moved: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        key = (row["basis"], row["shop"], row["quarter"], row["currency"])
        if row["role"] in ("start", "difference"):
            moved[key] += row["amount_minor"]
        elif row["step"] in ("revenue", "invoiced"):
            moved[key] -= row["amount_minor"]
    assert {key: minor for key, minor in moved.items() if minor} == {}
    assert [row for row in rows if row["step"] == "unexplained"] == []
    assert len({row["shop"] for row in rows}) > 4


def test_a_quarter_that_is_not_there_is_refused_with_those_that_are(run: Callable[..., Any], home: Path) -> None:
    answer = run("report", "tax-bridge", "--quarter", "2031-Q1", "--home", home)
    assert (answer.code, answer.out) == (2, "")
    assert re.search(r"2026-Q[1-4]", answer.err)


def test_a_month_beside_the_one_before_is_what_both_months_say_alone(run: Callable[..., Any], home: Path) -> None:
    months = sorted({row["month"] for row in _rows(run, "pnl", "--home", home)})
    before, now = months[-2:]
    sums = Counter(dict.fromkeys(months, 0))
    for row in _rows(run, "pnl", "--home", home):
        if row["line"] == "revenue_goods":
            sums[row["month"]] += row["amount_minor"]
    rows = _rows(run, "pnl", "--month", now, "--compare", "previous", "--home", home)
    (goods,) = [row for row in rows if (row["channel"], row["line"]) == (None, "revenue_goods")]
    assert (goods["now"], goods["before"]) == (now, before)
    assert (goods["amount_minor"], goods["before_minor"]) == (sums[now], sums[before])
    assert goods["difference_minor"] == sums[now] - sums[before]
    shown = run("report", "pnl", "--month", now, "--compare", "previous", "--lang", "zh", "--home", home).out
    assert {"差异", "变动率", "合计", now, before} <= set(shown.split())


@pytest.mark.parametrize(
    "words", [(), ("--month", "2026-09", "--period", "FY2026-P09"), ("--month", "2026-09", "--by", "month")]
)
def test_a_comparison_needs_one_month_or_period(run: Callable[..., Any], home: Path, words: tuple[str, ...]) -> None:
    answer = run("report", "pnl", *words, "--compare", "year", "--home", home)
    assert (answer.code, answer.out) == (2, "")


def test_a_day_as_cut_off_begins_at_midnight_in_beijing(run: Callable[..., Any], home: Path) -> None:
    day, instant = (
        _rows(run, "cut-off", "--at", text, "--home", home) for text in ("2026-09-11", "2026-09-10T16:00:00Z")
    )
    assert day == instant
    assert {row["side"] for row in day} == {"before", "after"}
    assert all((row["day"] < "2026-09-11") == (row["side"] == "before") for row in day if row["channel"] == "tmall")


@pytest.mark.parametrize("text", ["2026-11-11T00:00", "yesterday", "2026-13-01", "2026-W46-3"])
def test_an_instant_without_a_zone_is_refused(run: Callable[..., Any], home: Path, text: str) -> None:
    answer = run("report", "presale", "--at", text, "--home", home)
    assert (answer.code, answer.out) == (2, "")
    assert "2026-11-11T00:00+08:00" in re.sub(r"[\s│]+", " ", answer.err)


# The company's own reports


@pytest.fixture
def folder(home: Path) -> Path:
    """The folder of the company's own reports, with those of the guide."""
    reports = home / "reports"
    reports.mkdir(exist_ok=True)
    for left in (*reports.glob("*.sql"), *reports.glob("*.md")):
        left.unlink()
    for name, text in files_of_the_guide().items():
        (reports / name).write_text(text, encoding="utf-8")
    return reports


def test_the_report_of_the_guide_runs_as_it_stands(run: Callable[..., Any], home: Path, folder: Path) -> None:
    rows = _rows(run, "custom", "paid_by_others", "--home", home)
    text = "select sum(third_party_minor) as n from order_positions where recognised_on is not null"
    answer = json.loads(run("sql", text, "--home", home, "--json").out)
    assert sum(row["third_party_minor"] for row in rows) == int(answer["rows"][0]["n"]) > 0
    assert "Sales that others pay for" in run("report", "custom", "paid_by_others", "--home", home).out
    listed = json.loads(run("report", "list", "--home", home, "--json").out)["reports"]
    assert {"name": "custom paid_by_others", "title": "Sales that others pay for", "origin": "own"} in listed
    assert {each["name"] for each in listed} > {"pnl", *NAMES}
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select cast(name as varchar) as name from persons", "personal"),
        ("select cast(1 as bigint) as n from somewhere_else", "somewhere_else"),
        ("select shop from orders", "cast"),
        ("select cast(avg(paid_minor) as bigint) as n from orders", "half_up_div"),
        ("drop table orders", "SELECT"),
    ],
)
def test_a_report_that_reads_or_says_what_it_may_not_is_refused(
    run: Callable[..., Any], home: Path, folder: Path, sql: str, says: str
) -> None:
    (folder / "wrong.sql").write_text(sql, encoding="utf-8")
    (folder / "wrong.md").write_text("# Wrong\n", encoding="utf-8")
    answer = run("report", "custom", "wrong", "--home", home)
    assert (answer.code, answer.out) == (1, "")
    assert says in answer.err


@pytest.mark.parametrize("page", [None, "no heading\n"])
def test_a_report_without_a_page_of_meaning_is_refused(
    run: Callable[..., Any], home: Path, folder: Path, page: str | None
) -> None:
    (folder / "bare.sql").write_text("select cast(shop as varchar) as shop from orders", encoding="utf-8")
    if page is not None:
        (folder / "bare.md").write_text(page, encoding="utf-8")
    answer = run("report", "custom", "bare", "--home", home)
    assert (answer.code, answer.out) == (1, "")
    assert "bare.md" in answer.err


@pytest.mark.parametrize("name", ["nosuch", "../cell", "Paid"])
def test_a_report_that_is_not_there_is_told_with_those_that_are(
    run: Callable[..., Any], home: Path, folder: Path, name: str
) -> None:
    answer = run("report", "custom", name, "--home", home)
    assert (answer.code, answer.out) == (1, "")
    assert "paid_by_others" in answer.err
    assert folder.is_dir()


def test_rows_stand_in_the_order_in_which_people_read_numbers_and_sides() -> None:
    ages = ["0-7", "8-15", "16-30", "31-60", "61+"]
    assert sorted(sorted(ages), key=_reading_order) == ages
    assert sorted(["after", "before"], key=_reading_order) == ["before", "after"]
