"""A day's message: what it may say, how long it may be, and that the figures are those of the reports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import newest_tables, report_rows, select_rows
from entrepot.reports import Vocabulary
from entrepot.reports.daily import FIELDS, ChannelDay, DayFigures, day_figures, message_fields, message_text
from entrepot.reports.errors import DayUnknown

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany

DAY = date(2026, 9, 15)
FIGURES = DayFigures(
    day=DAY,
    currency="CNY",
    channels=(ChannelDay("tmall", 3, 2, 300_00, -20_00, 250_50), ChannelDay("jd", 1, 1, 99_00, 0, 0)),
    exceptions=(("quarantined_row", 5, 0), ("settlement_missing", 7, 2)),
    feeds=(("tmall_orders", DAY),),
)
SAY = Vocabulary("en", {"tmall": "Tmall", "jd": "JD"}, {"tmall_orders": "Tmall order list"})


def test_the_message_for_people_has_totals_channels_new_exceptions_and_how_far_files_reach() -> None:
    assert message_text(FIGURES, SAY).split("\n") == [
        "Figures of 2026-09-15",
        "amounts in CNY",
        "Total: orders placed 4 · paid 3 · GMV 399.00 · refunds booked -20.00 · net revenue booked 250.50",
        "Tmall: orders placed 3 · paid 2 · GMV 300.00 · refunds booked -20.00 · net revenue booked 250.50",
        "JD: orders placed 1 · paid 1 · GMV 99.00 · refunds booked 0.00 · net revenue booked 0.00",
        "",
        "Exceptions open: 12, new since the import before: 2",
        "  Never settled: 7 (new 2)",
        "  Row not understood: 5",
        "",
        "Files reach to:",
        "Tmall order list 2026-09-15",
    ]
    assert "经营日报" in message_text(FIGURES, Vocabulary("zh"))


def test_a_message_that_a_chat_would_refuse_for_its_length_ends_with_a_whole_line() -> None:
    text = message_text(FIGURES, SAY, 150)
    assert len(text.encode()) <= 150
    assert text.split("\n") == [
        "Figures of 2026-09-15",
        "amounts in CNY",
        "Total: orders placed 4 · paid 3 · GMV 399.00 · refunds booked -20.00 · net revenue booked 250.50",
        "…",
    ]


def test_the_message_for_programs_has_no_field_but_those_that_are_allowed() -> None:
    fields = message_fields(FIGURES, "daily/2026-09-15/x")
    names = set(fields) | {name for key in ("channels", "exceptions", "feeds") for row in fields[key] for name in row}
    assert names | set(fields["total"]) == FIELDS
    assert fields["total"]["gmv_minor"] == 399_00
    assert fields["exceptions"][1] == {"kind": "settlement_missing", "items": 7, "new_items": 2}


def _day(company: ImportedCompany, day: date | None) -> DayFigures:
    tables = newest_tables(company.parts)
    with company.parts.open_engine() as engine:
        return day_figures(engine, tables, None, "CNY", day)


def test_the_days_of_a_company_add_up_to_its_bridge_and_its_net_revenue_of_those_days(
    one_imported: ImportedCompany,
) -> None:
    days = [_day(one_imported, DAY + timedelta(days=number)) for number in range(3)]
    query = """
        select o.channel, cast(o.placed_at + interval 8 hour as date) as on_day, count(*) as orders,
               sum(p.goods_minor + p.shipping_minor + p.tax_minor - p.discount_merchant_minor - p.discount_platform_minor
                   - p.discount_other_minor) as gmv
        from orders as o join order_positions as p using (order_key)
        where o.channel in ('tmall', 'jd', 'douyin', 'pinduoduo')
        group by all
    """
    counted = {(row["channel"], row["on_day"]): row for row in select_rows(one_imported.parts, query).to_pylist()}
    compared = 0
    for figures in days:
        for line in figures.channels:
            if line.orders_placed and line.channel in ("tmall", "jd", "douyin", "pinduoduo"):
                row = counted[line.channel, figures.day]
                assert (line.orders_placed, line.gmv_minor) == (row["orders"], row["gmv"])
                compared += 1
    assert compared >= 8
    booked = select_rows(
        one_imported.parts,
        "select -sum(amount_minor) as booked from ledger_entries where channel = 'tmall' and book = 'local' "
        "and account in ('revenue_goods', 'revenue_shipping', 'forfeited_deposit_income', 'revenue_reduction') "
        "and accounting_date = date '2026-09-15'",
    ).to_pylist()[0]["booked"]
    assert next(line for line in days[0].channels if line.channel == "tmall").net_revenue_minor == booked


def test_without_a_day_it_is_the_last_one_with_an_order(one_imported: ImportedCompany) -> None:
    figures = _day(one_imported, None)
    assert figures.day == date(2026, 10, 31)
    assert figures.total.orders_placed > 0
    assert sum(items for _, items, _ in figures.exceptions) == sum(
        row["items"] for row in report_rows(one_imported.parts, "exceptions_summary").to_pylist()
    )
    assert {new for _, _, new in figures.exceptions} == {None}


def test_a_day_that_the_files_do_not_reach_is_refused_and_not_told_as_a_day_without_orders(
    one_imported: ImportedCompany,
) -> None:
    with pytest.raises(DayUnknown) as refused:
        _day(one_imported, date(2026, 11, 1))
    assert "2026-10-31; 2026-11-01 is outside" in str(refused.value)
