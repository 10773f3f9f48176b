"""Every figure of every report has an id and parts that add up to it, down to the row of the file."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from entrepot.engine import DuckDBEngine, parse
from entrepot.flows.asking import newest_tables, report_rows, table_rows
from entrepot.flows.errors import ValueUnknown
from entrepot.flows.explaining import explain_value
from entrepot.flows.explaining_reports import define_parts
from entrepot.reports import REPORTS, run_report
from entrepot.reports.explain import Node, PnlParts, ids_of_row, open_postings, pnl_id
from entrepot.reports.figures import Rate, referred
from entrepot.store import CalendarSettings
from tests.reports.small_books import COMPANIES, CUT_OFF, SETTINGS, at, books, line, order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from entrepot.engine import Engine
    from entrepot.store import TableStore
    from entrepot.testing.sample_company import ImportedCompany

_OTHERS = tuple(report.name for report in REPORTS if report.figures is not None)


def _figures_beside_parts(
    engine: Engine, tables: TableStore, report: str, at: datetime | None = None
) -> Iterator[tuple[str, int, int]]:
    """The id of each figure of a report, the figure, and what its parts come to."""
    figures = next(each.figures for each in REPORTS if each.name == report)
    assert figures is not None
    table = run_report(engine, tables, report, "CNY", at)
    # A whole number that is neither a figure nor a key is said to be none; so no figure of a new column is forgotten.
    whole = {each.name for each in table.schema if str(each.type) == "int64"}
    assert set(figures.names) <= whole <= {*figures.names, *figures.columns, *figures.said}
    rows = table.to_pylist()
    keys = ", ".join(figures.columns)
    for name in figures.names:
        define_parts(engine, tables, report, name, at)
        text = (
            f"select {keys}, role, sum_exact(amount) as amount from figure_parts where figure = '{name}' "
            f"group by {keys}, role"
        )
        sums: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
        for found in engine.read(parse(text, source="parts")).to_pylist():
            sums[tuple(found[key] for key in figures.columns)][found["role"]] = found["amount"]
        for row in rows:
            if row[name] is not None:
                parts = sums[tuple(row[key] for key in figures.columns)]
                come_to = _come_to(figures.rates.get(name), row, parts)
                yield figures.figure_id(report, row, name, at), row[name], come_to


def _come_to(rate: Rate | None, row: Mapping[str, Any], parts: Mapping[str, int]) -> int:
    if rate is not None:
        above, below = (
            parts.get(side, 0) + sum(-row[each[1:]] if each.startswith("-") else row[each] for each in names)
            for side, names in (("numerator", rate.numerator), ("denominator", rate.denominator))
        )
        if below:
            return rate.of(above, below, row)
    return parts.get("part", 0)


@pytest.mark.parametrize("report", _OTHERS)
def test_every_figure_of_a_report_is_what_its_parts_come_to(report: str, one_imported: ImportedCompany) -> None:
    with one_imported.parts.open_engine() as engine:
        found = list(_figures_beside_parts(engine, newest_tables(one_imported.parts), report))
    ids = [name for name, _, _ in found]
    assert len(set(ids)) == len(ids)
    assert [each for each in found if each[1] != each[2]] == []
    assert sum(1 for _, figure, _ in found if figure) > (0 if report == "platform_figures" else 5) or not found


@pytest.mark.parametrize(
    ("report", "at"), [*((report, None) for report in sorted(COMPANIES)), ("presale", CUT_OFF), ("cut_off", CUT_OFF)]
)
def test_figures_of_small_books_are_what_their_parts_come_to(report: str, at: datetime | None) -> None:
    with DuckDBEngine() as engine:
        found = list(_figures_beside_parts(engine, COMPANIES[report](), report, at))
    assert found
    assert [each for each in found if each[1] != each[2]] == []


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


@pytest.mark.parametrize(
    "report", [name for name in _OTHERS if name not in ("fx_sources", "platform_figures", "on_offer")]
)
def test_the_largest_figure_of_a_report_is_followed_to_a_row_of_a_file(
    report: str, small_imported: ImportedCompany
) -> None:
    parts = small_imported.parts
    rows = report_rows(parts, report).to_pylist()
    figures = next(each.figures for each in REPORTS if each.name == report)
    assert figures is not None
    name = "value" if report == "metrics" else figures.names[-1] if report != "stock_turnover" else "cogs_minor"
    rows = [row for row in rows if row[name] and row.get("metric") in (None, "settlement_match_rate")]
    row = max(rows, key=lambda each: (abs(each[name]), str(each)))
    asked = ids_of_row(report, row)[name]
    node = explain_value(parts, asked, limit=3)
    assert (node.id, node.amount_minor) == (asked, row[name])
    if node.is_whole:
        shown = sum(child.amount_minor or 0 for child in node.children)
        assert shown + (node.more.amount_minor if node.more else 0) == row[name]
    kinds = {each.kind for each in _nodes(node)}
    if report not in ("quality", "exceptions_summary"):
        assert "row" in kinds
    for part in node.children:
        assert not part.id or part.id.split("/")[0].partition("@")[0] in (
            *_OTHERS,
            "order",
            "entry",
            "exception",
            "row",
        )


def test_a_row_of_the_p_and_l_has_an_id_that_gives_its_amount(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    rows = [
        row for row in report_rows(parts, "pnl").to_pylist() if row["month"] == "2026-09" and row["channel"] == "tmall"
    ]
    fee = next(row for row in rows if row["line"] == "fees")
    goods = next(row for row in rows if row["line"] == "revenue_goods" and row["sku_id"] is not None)
    for row in (fee, goods):
        asked = ids_of_row("pnl", row)["amount_minor"]
        assert explain_value(parts, asked, depth=0, limit=1).amount_minor == row["amount_minor"]
    assert ids_of_row("pnl", fee)["amount_minor"] == f"pnl/2026-09/tmall@{fee['shop']}/fees/{fee['detail']}"
    assert ids_of_row("pnl", goods | {"sku_id": None})["amount_minor"].endswith("~-/revenue_goods")


def test_rows_of_two_fiscal_periods_in_one_month_have_ids_of_their_own() -> None:
    # FY2026-P09 ends on Saturday 2026-09-26: both days are in September, and in two periods.
    settings = structs.replace(SETTINGS, calendar=CalendarSettings("4-4-5"))
    sold = [order(str(day), at(9, day), 100_00 + day, confirmed_at=at(9, day)) for day in (20, 28)]
    lines = [line(each, "S1", 1) for each in sold]
    tables = books({"orders": sold, "order_lines": lines}, settings=settings)
    with DuckDBEngine(threads=1) as engine:
        open_postings(engine, tables, "CNY")
        rows = engine.read("report").to_pylist()
        figures = PnlParts(engine, "CNY")
        assert {row["month"] for row in rows} == {"2026-09"}
        assert len({row["fiscal_period"] for row in rows}) == 2
        ids = {ids_of_row("pnl", row, is_in_weeks=True)["amount_minor"]: row["amount_minor"] for row in rows}
        assert len(ids) == len(rows) > len({ids_of_row("pnl", row)["amount_minor"] for row in rows})
        for asked, amount in ids.items():
            parsed = pnl_id(asked)
            assert parsed is not None
            assert str(parsed) == asked
            found = figures.figure(parsed)
            assert found is not None
            assert found.amount_minor == amount
            figures.expand(found, parsed)
            assert sum(int(part.amount_minor or 0) for part in found.children) == amount


def test_a_figure_at_a_cut_off_keeps_the_instant_in_its_id(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    row = next(
        row
        for row in report_rows(parts, "cut_off", at=CUT_OFF).to_pylist()
        if row["channel"] == "tmall" and row["paid_orders"]
    )
    asked = ids_of_row("cut_off", row, CUT_OFF)["paid_orders"]
    assert asked.startswith("cut_off@20261110T160000Z/tmall@")
    assert explain_value(parts, asked, limit=1).amount_minor == row["paid_orders"]
    with pytest.raises(ValueUnknown):
        explain_value(parts, asked.replace("@20261110T160000Z", ""))
    with pytest.raises(ValueUnknown):
        explain_value(parts, asked.replace("@20261110T160000Z", "@yesterday"))


def test_a_rate_stands_over_its_two_sums(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    rows = report_rows(parts, "acquisition").to_pylist()
    row = next(row for row in rows if row["cost_with_commission_minor"] and row["commission_minor"])
    node = explain_value(parts, ids_of_row("acquisition", row)["cost_with_commission_minor"], limit=2)
    above, below = node.children
    assert (above.name, above.amount_minor) == ("numerator", row["spend_minor"] + row["commission_minor"])
    assert [each.amount_minor for each in above.children] == [row["spend_minor"], row["commission_minor"]]
    assert (below.name, below.amount_minor, below.currency) == ("denominator", row["new_buyers"], None)
    assert (node.is_whole, node.facts["scale"], node.facts["rounded"]) == (False, 1, "half_up")


def test_an_order_that_was_not_paid_says_so(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    unpaid = min(row["order_key"] for row in table_rows(parts, "order_positions").to_pylist() if not row["is_paid"])
    money = explain_value(parts, f"order/{unpaid}").children[0]
    assert (money.amount_minor, money.children[-1].name) == (0, "not_paid")
    assert sum(each.amount_minor or 0 for each in money.children) == 0


def test_acquisition_counts_people_and_names_none(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    keys = {row["buyer_key"] for row in table_rows(parts, "orders").to_pylist()} - {None}
    row = next(row for row in report_rows(parts, "acquisition").to_pylist() if row["new_buyers"])
    text = json.dumps(explain_value(parts, ids_of_row("acquisition", row)["new_buyers"], limit=0).as_dict())
    assert "order/" in text
    assert [key for key in keys if key in text] == []


def test_a_row_of_a_table_is_shown_with_its_cells(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    lines = [row for row in table_rows(parts, "settlement_lines").to_pylist() if row["source"] != "merged"]
    line = min(lines, key=lambda row: row["line_id"])
    node = explain_value(parts, f"row/settlement_lines/{line['line_id']}")
    (row,) = node.children
    assert (row.kind, row.facts["row_no"]) == ("row", line["row_no"])
    assert row.facts["cells"]
    raw = explain_value(parts, f"row/raw_rows/{line['raw_id']}/{line['row_no']}")
    assert raw.children[0].facts["cells"] == row.facts["cells"]
    assert explain_value(parts, f"row/raw_files/{line['raw_id']}").facts["file"] == row.facts["file"]


@pytest.mark.parametrize(
    "asked",
    [
        *("row/settlement_lines/none", "row/nonsense/1", "row/persons/x", "row/raw_files/none", "row/raw_rows/none/1", "row/"),
        *("order_positions/1", "ageing/tmall@x/CNY/settled/0-7/amount", "metrics/rows_lost/value", "quality/a/b/c/d/e/nonsense"),
    ],
)  # fmt: skip
def test_an_id_that_names_no_row_and_no_figure_is_refused(asked: str, small_imported: ImportedCompany) -> None:
    with pytest.raises(ValueUnknown):
        explain_value(small_imported.parts, asked)


def test_a_part_that_is_another_figure_says_which_keys_differ() -> None:
    row = {"scope": "sku", "location": None, "currency": "CNY"}
    assert referred("=stock_minor=scope,currency,location=place,-,A,b=c", row) == (
        "stock_minor",
        {"scope": "place", "location": "A,b=c", "currency": None},
    )
    assert referred("=spend_minor", row) == ("spend_minor", row)
    assert referred("order/1", row) is None


@pytest.mark.parametrize(
    ("rate", "sums", "gives"),
    [
        (Rate(10_000), (1, 3), 3333),
        (Rate(10_000), (2, 3), 6667),
        (Rate(10_000, is_rounded_down=True), (2, 3), 6666),
        (Rate(), (-5, 2), -3),
        (Rate(), (5, 2), 3),
        (Rate(times="days"), (10, 4), 75),
        (Rate(over="days"), (60, 1), 2),
    ],
)
def test_a_rate_is_rounded_as_the_report_rounds(rate: Rate, sums: tuple[int, int], gives: int) -> None:
    assert rate.of(*sums, {"days": 30}) == gives
