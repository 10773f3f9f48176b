"""The register of fields: complete, classed by the profile, and silent about nothing that leaves."""

from __future__ import annotations

import csv
import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.cli import main
from entrepot.model import TABLES
from entrepot.residency.law_errors import RegisterFieldUnknown
from entrepot.residency.profile import load_profile
from entrepot.residency.register import _WORDS, _tables, as_csv, as_html, headings, register, texts
from tests.residency.law.questions import DAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CN, EU = load_profile("CN", DAY), load_profile("EU", DAY)
ROWS = register(CN, DAY)


def row(table: str, field: str) -> Any:
    return next(each for each in ROWS if (each.table, each.field) == (table, field))


def test_every_field_of_every_table_is_there_once() -> None:
    fields = [(table.name, field.name) for table in TABLES.values() for field in table.all_fields]
    assert [(each.table, each.field) for each in ROWS] == fields
    assert len(set(fields)) == len(fields)


def test_every_table_says_why_it_is_held_and_no_other_does() -> None:
    assert set(_tables()) == set(TABLES)
    assert all(each.purposes and all(purpose in _WORDS for purpose in each.purposes) for each in ROWS)
    kinds = {kind for _, kind in _tables().values() if kind}
    assert kinds == {"accounting_voucher", "accounting_book", "bank_statement"}
    assert all(each.months_min in {120, 360} for each in ROWS if each.record_kind)


def test_a_field_is_classed_by_the_profile_alone_and_beside_goods() -> None:
    assert (row("persons", "mobile").residency, row("persons", "mobile").kind) == ("personal", "mobile")
    assert (row("persons", "mobile").sensitive, row("persons", "mobile").rule) == ("with_goods", "cn-person-and-goods")
    assert (row("orders", "order_id").sensitive, row("orders", "order_id").months_min) == ("with_goods", 360)
    assert (row("orders", "channel").sensitive, row("orders", "channel").rule) == ("no_person", "")
    assert row("persons", "mobile").months_min == 0
    assert {each.sensitive for each in register(EU, DAY)} == {"with_goods", "no_person"}


def test_what_no_permit_names_leaves_under_none() -> None:
    assert {each.permits for each in ROWS} == {()}
    found = register(CN, DAY, {"b-orders": ["orders.order_id", "orders.currency"], "a-journals": ["orders.currency"]})
    named = {f"{each.table}.{each.field}": each.permits for each in found if each.permits}
    assert named == {"orders.order_id": ("b-orders",), "orders.currency": ("a-journals", "b-orders")}


@pytest.mark.parametrize(
    ("field", "problem"), [("orders.colour", "no such field"), ("orders.raw_id", "its class never leaves")]
)
def test_a_permit_for_what_is_not_there_or_never_leaves_is_refused(field: str, problem: str) -> None:
    with pytest.raises(RegisterFieldUnknown, match=problem) as caught:
        register(CN, DAY, {"p": [field]})
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_register_is_written_in_two_languages() -> None:
    english = list(csv.reader(io.StringIO(as_csv(ROWS, "en"))))
    chinese = list(csv.reader(io.StringIO(as_csv(ROWS, "zh"))))
    assert english[0] == list(headings("en"))
    assert chinese[0][:3] == ["表", "字段", "含义"]
    assert len(english) == len(chinese) == len(ROWS) + 1
    assert texts(row("persons", "mobile"), "zh")[3:] == (
        "个人信息",
        "手机号码",
        "与特定商品组合时 (cn-person-and-goods)",
        "配送、售后",
        "至目的实现为止",
        "无许可：不出境",
    )
    assert texts(row("orders", "raw_id"), "en")[-2:] == ("360 months", "never")


def test_the_page_says_under_which_law_and_that_it_is_no_advice() -> None:
    page = as_html(ROWS, CN, DAY, "en")
    assert CN.digest in page
    assert "no legal advice" in page
    assert page.count("<tr>") == len(ROWS) + 1
    assert "不构成法律意见" in as_html(ROWS, CN, DAY, "zh")
    assert "://" not in page


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["entrepot", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capsys.readouterr().out

    return command


def test_the_command_prints_or_writes_it(
    run: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepot.cli.residency_register.today", DAY.isoformat)
    home = ("--home", tmp_path / "home")
    code, out = run("residency", "register", "--format", "csv", *home)
    assert (code, out) == (0, as_csv(ROWS, "en"))
    code, out = run("residency", "register", "--lang", "zh", *home)
    assert code == 0
    assert "数据分级" in out
    target = tmp_path / "register.html"
    assert run("residency", "register", "--format", "html", "--out", target, *home)[0] == 0
    assert target.read_text(encoding="utf-8").count("<tr>") == len(ROWS) + 1


def test_a_region_without_a_profile_has_no_register(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cell.toml").write_text('[cell]\nregion = "US"\n', encoding="utf-8")
    code, out = run("residency", "register", "--format", "csv", "--home", tmp_path / "home")
    assert (code, out) == (1, "")
