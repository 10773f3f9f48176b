"""Ledger entries become balanced journals, and nothing is dropped on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import pyarrow as pa
import pytest

from entrepot.delivery import JournalAsked, build_journals, layout_named, mapping_text, read_mapping
from entrepot.delivery.errors import AccountsUnmapped, EntityNeeded, PeriodUnknown, RateMissing
from entrepot.engine import DuckDBEngine
from tests.delivery.entries import entries_table, entry

Export = Callable[..., Any]

PAID = entry(
    "paid:1", "2026-09-03", ("platform_receivable", 100_00), ("contract_liability_unshipped", -100_00), order_id="o1"
)
SOLD = entry(
    "recognised:1",
    "2026-09-05",
    ("contract_liability_unshipped", 100_00),
    ("revenue_goods", -88_50),
    ("output_vat", -11_50),
    order_id="o1",
    tax_code="1300",
)
PAID_2 = entry(
    "paid:2", "2026-09-03", ("platform_receivable", 30_00), ("contract_liability_unshipped", -30_00), order_id="o2"
)
ADS = entry("ad:1", "2026-09-03", ("ad_spend", 7_00), ("ad_prepaid", -7_00))


def _lines(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [(row["date"], row["reference"], row["account"], row["debit"], row["credit"]) for row in rows]


def test_a_day_of_a_shop_is_one_journal(export: Export) -> None:
    rows, totals = export([PAID, SOLD, PAID_2, ADS])
    assert _lines(rows) == [
        ("2026-09-03", "tmall s1", "ad_spend", "7.00", ""),
        ("2026-09-03", "tmall s1", "platform_receivable", "130.00", ""),
        ("2026-09-03", "tmall s1", "ad_prepaid", "", "7.00"),
        ("2026-09-03", "tmall s1", "contract_liability_unshipped", "", "130.00"),
        ("2026-09-05", "tmall s1", "contract_liability_unshipped", "100.00", ""),
        ("2026-09-05", "tmall s1", "output_vat", "", "11.50"),
        ("2026-09-05", "tmall s1", "revenue_goods", "", "88.50"),
    ]
    assert (totals.journals, totals.lines, totals.by_currency) == (2, 7, (("cn", "CNY", 237_00, 237_00),))


def test_an_order_is_a_journal_of_each_of_its_days_and_what_names_no_order_goes_by_day(export: Export) -> None:
    rows, totals = export([PAID, SOLD, PAID_2, ADS], per="order")
    assert totals.journals == 4
    assert sorted({(row["date"], row["reference"]) for row in rows}) == [
        ("2026-09-03", "order o1"),
        ("2026-09-03", "order o2"),
        ("2026-09-03", "tmall s1"),
        ("2026-09-05", "order o1"),
    ]


def test_a_payout_is_one_journal_on_its_last_day_and_a_wallet_one_of_each_day(export: Export) -> None:
    def line(number: int, on: str, amount: int, **facts: Any) -> list[dict[str, Any]]:
        sides = (("wallet", amount), ("platform_receivable", -amount))
        return entry(f"settled:{number}", on, *sides, cause_kind="settlement_line", cause_id=f"l{number}", **facts)

    rows, totals = export(
        [
            line(1, "2026-09-03", 10_00, channel="amazon"),
            line(2, "2026-09-06", 20_00, channel="amazon"),
            line(3, "2026-09-03", 5_00, wallet_id="alipay:1"),
            line(4, "2026-09-04", 6_00, wallet_id="alipay:1"),
            ADS,
        ],
        per="settlement",
        settlements=(("l1", "P9", "amazon"), ("l2", "P9", "amazon"), ("l3", None, "alipay"), ("l4", None, "alipay")),
    )
    assert totals.journals == 4
    assert [line for line in _lines(rows) if line[3]] == [
        ("2026-09-03", "tmall s1", "ad_spend", "7.00", ""),
        ("2026-09-03", "wallet alipay 1", "wallet", "5.00", ""),
        ("2026-09-04", "wallet alipay 1", "wallet", "6.00", ""),
        ("2026-09-06", "settlement amazon P9", "wallet", "30.00", ""),
    ]


@pytest.mark.parametrize("per", ["day", "order", "settlement"])
def test_an_entry_whose_lines_name_several_shops_stays_whole(export: Export, per: str) -> None:
    mixed = entry("journal:1", "2026-09-08", ("suspense", 9_00), ("ad_prepaid", -9_00), cause_kind="journal")
    mixed[1] |= {"shop": "s2", "order_id": "o7"}
    rows, totals = export([mixed], per=per)
    assert totals.journals == 1
    assert [row["shop"] for row in rows] == ["s1", "s2"]


def test_an_entry_without_shop_is_a_general_journal(export: Export) -> None:
    rows, _ = export([entry("journal:2", "2026-09-08", ("suspense", 9_00), ("wallet", -9_00), channel=None, shop=None)])
    assert {row["reference"] for row in rows} == {"general journal"}


def test_companies_and_currencies_never_share_a_journal(export: Export) -> None:
    functional = {"wallet": 7_30, "suspense": -7_30}
    rows, totals = export(
        [
            ADS,
            entry("x", "2026-09-03", ("wallet", 1_00), ("suspense", -1_00), currency="USD", functional=functional),
            entry("y", "2026-09-03", ("wallet", 2_00), ("suspense", -2_00), entity_id="hk"),
        ]
    )
    assert totals.journals == 3
    assert totals.by_currency == (("cn", "CNY", 7_00, 7_00), ("cn", "USD", 1_00, 1_00), ("hk", "CNY", 2_00, 2_00))
    dollars = next(row for row in rows if row["currency"] == "USD")
    assert (dollars["debit"], dollars["functional_debit"], dollars["functional_currency"]) == ("1.00", "7.30", "CNY")


def test_debits_and_credits_of_an_account_stay_apart_as_in_the_trial_balance(export: Export) -> None:
    back = entry("refund:1", "2026-09-03", ("contract_liability_unshipped", 30_00), ("platform_receivable", -30_00))
    rows, totals = export([PAID_2, back])
    receivable = [(row["debit"], row["credit"]) for row in rows if row["account"] == "platform_receivable"]
    assert receivable == [("30.00", ""), ("", "30.00")]
    assert totals.by_currency == (("cn", "CNY", 60_00, 60_00),)


@pytest.mark.parametrize(("currency", "printed"), [("JPY", "1234"), ("CNY", "12.34"), ("KWD", "1.234")])
def test_amounts_have_the_decimals_of_their_currency(export: Export, currency: str, printed: str) -> None:
    sides = (("wallet", 1234), ("suspense", -1234))
    rows, _ = export([entry("x", "2026-09-03", *sides, currency=currency, functional_currency=currency)])
    assert [(row["debit"], row["credit"]) for row in rows] == [(printed, ""), ("", printed)]


def test_only_the_accounting_month_is_exported(export: Export) -> None:
    _, totals = export([ADS, entry("ad:2", "2026-10-01", ("ad_spend", 1_00), ("ad_prepaid", -1_00))])
    assert totals.by_currency == (("cn", "CNY", 7_00, 7_00),)


def test_a_fiscal_period_is_exported_over_the_turn_of_a_month(export: Export) -> None:
    """A period of four weeks from 30 August to 26 September; a payout over its months is one journal on its last day."""
    sides = (("wallet", 10_00), ("platform_receivable", -10_00))
    facts = {"fiscal_period": "FY2027-P01", "channel": "amazon", "cause_kind": "settlement_line"}
    entries = [
        entry("settled:1", "2026-08-31", *sides, cause_id="l1", **facts),
        entry("settled:2", "2026-09-02", *sides, cause_id="l2", **facts),
        entry("settled:3", "2026-09-27", *sides, cause_id="l3", **{**facts, "fiscal_period": "FY2027-P02"}),
    ]
    settled = tuple((line, "P9", "amazon") for line in ("l1", "l2", "l3"))
    asked: dict[str, Any] = {"per": "settlement", "settlements": settled, "period": "FY2027-P01"}
    rows, totals = export(entries, **asked)
    assert totals.by_currency == (("cn", "CNY", 20_00, 20_00),)
    assert _lines(rows) == [
        ("2026-09-02", "settlement amazon P9", "wallet", "20.00", ""),
        ("2026-09-02", "settlement amazon P9", "platform_receivable", "", "20.00"),
    ]
    assert {row["period"] for row in rows} == {"FY2027-P01"}
    sap, _ = export(entries, layout="sap", **asked)
    assert {row["MONAT"] for row in sap} == {"01"}, "the period, whose days are August's and September's"
    kingdee, _ = export(entries, layout="kingdee", **asked)
    assert {row["FPERIOD"] for row in kingdee} == {"1"}


MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,platform_receivable,1122,,channel shop,
account,platform_receivable/amazon,1002,,,
account,contract_liability_unshipped,2205,,,
account,revenue_goods,6001,by_rate,sku channel,
account,output_vat,2221,OUT,,
account,ad_spend,6601,,,
account,ad_prepaid,1123,,,
tax,1300,S13,,,
shop,s1,D01,,,
sku,A,M-A,,,
"""


def test_an_account_carries_its_tax_code_and_dimensions_in_the_order_of_the_mapping(export: Export) -> None:
    sold = [{**line, "sku_id": "A"} if line["account"] == "revenue_goods" else line for line in SOLD]
    rows, _ = export([sold, PAID], layout="netsuite", mapping=MAPPING)
    by_account = {row["Account"]: row for row in rows}
    carried = {
        account: (row["Tax Code"], row["Department"], row["Class"], row["Location"])
        for account, row in by_account.items()
    }
    assert carried == {
        "6001": ("S13", "M-A", "tmall", ""),
        "2221": ("OUT", "", "", ""),
        "1122": ("", "tmall", "D01", ""),
        "2205": ("", "", "", ""),
    }


def test_a_platform_may_have_an_account_of_its_own(export: Export) -> None:
    other = [{**line, "channel": "amazon"} for line in PAID_2]
    rows, _ = export([PAID, other], layout="netsuite", mapping=MAPPING)
    receivable = sorted((row["Account"], row["Debit"], row["Department"]) for row in rows if row["Debit"])
    assert receivable == [("1002", "30.00", ""), ("1122", "100.00", "tmall")]


def test_accounts_and_rates_that_the_mapping_leaves_out_are_named_and_nothing_comes_out(export: Export) -> None:
    fee = entry("fee:1", "2026-09-03", ("fee:commission", 1_00), ("wallet", -1_00))
    reduced = [{**line, "tax_code": "900"} for line in SOLD]
    with pytest.raises(AccountsUnmapped) as refused:
        export([PAID, fee, reduced], layout="netsuite", mapping=MAPPING)
    assert refused.value.names == ("account fee:commission", "account wallet", "tax 900")
    assert "fee:commission" in str(refused.value)


def test_a_period_without_entries_names_those_that_have_some(export: Export) -> None:
    with pytest.raises(PeriodUnknown) as refused:
        export([ADS], period="2026-9")
    assert refused.value.known == ("2026-09",)


def test_a_file_that_holds_one_company_asks_which(export: Export) -> None:
    two = [ADS, entry("y", "2026-09-03", ("wallet", 2_00), ("suspense", -2_00), entity_id="hk")]
    for layout in ("kingdee", "yonyou", "business_central"):
        with pytest.raises(EntityNeeded) as refused:
            export(two, layout=layout)
        assert refused.value.known == ("cn", "hk")
        _, totals = export(two, layout=layout, entity="hk")
        assert totals.by_currency == (("hk", "CNY", 2_00, 2_00),)
    with pytest.raises(EntityNeeded):
        export(two, entity="us")


def test_entries_without_a_rate_are_not_exported_as_zero(export: Export) -> None:
    sides = (("wallet", 1_00), ("suspense", -1_00))
    unrated = entry(
        "x",
        "2026-09-03",
        *sides,
        currency="XAF",
        fx_rate_id="missing",
        functional=dict.fromkeys(("wallet", "suspense"), 0),
    )
    with pytest.raises(RateMissing, match="XAF"):
        export([ADS, unrated])


def test_journals_that_are_not_the_ledger_never_leave() -> None:
    """A doubled account in the mapping, which its reader refuses, would double every line of that account."""
    layout = layout_named("plain")
    mapping = read_mapping(mapping_text(layout), "accounts.csv", 3)
    doubled = replace(mapping, accounts=pa.concat_tables([mapping.accounts, mapping.accounts.slice(0, 1)]))
    wallet = entry("x", "2026-09-03", ("wallet", 1_00), ("suspense", -1_00))
    with DuckDBEngine(threads=1) as engine:
        engine.add_arrow("ledger_entries", entries_table(wallet))
        names = ("line_id", "settlement_id", "channel")
        engine.add_arrow("settlement_lines", pa.table({name: pa.array([], pa.string()) for name in names}))
        with pytest.raises(AssertionError, match="add up to the ledger"):
            build_journals(engine, JournalAsked("2026-09", "day"), layout, doubled)


PAID_OUT = entry(
    "settled:9",
    "2026-09-30",
    ("platform_receivable", 18_30),
    ("wallet", -18_30),
    currency="USD",
    functional={"platform_receivable": 21_42, "wallet": -21_42},
)
REVALUED = entry(
    "fx_unrealised:1",
    "2026-09-30",
    ("wallet", 0),
    ("fx_unrealised", 0),
    currency="USD",
    functional={"wallet": 30_66, "fx_unrealised": -30_66},
)


def test_an_exchange_difference_is_a_line_of_its_own_on_the_side_where_it_belongs(export: Export) -> None:
    """Added to the payout it would make a line that is a credit of dollars and a debit in yuan."""
    rows, totals = export([PAID_OUT, REVALUED])
    sides = ("account", "debit", "credit", "functional_debit", "functional_credit")
    assert [tuple(row[name] for name in sides) for row in rows] == [
        ("platform_receivable", "18.30", "", "21.42", ""),
        ("wallet", "", "18.30", "", "21.42"),
        ("wallet", "0.00", "", "30.66", ""),
        ("fx_unrealised", "", "0.00", "", "30.66"),
    ]
    assert (totals.journals, totals.by_currency) == (1, (("cn", "USD", 18_30, 18_30),))
    sap, _ = export([PAID_OUT, REVALUED], layout="sap")
    assert [(row["WRBTR"], row["DMBTR"]) for row in sap] == [
        ("18.30", "21.42"),
        ("-18.30", "-21.42"),
        ("0.00", "30.66"),
        ("0.00", "-30.66"),
    ]


def test_netsuite_gets_an_exchange_difference_as_a_journal_in_the_currency_in_which_it_is_one(export: Export) -> None:
    rows, _ = export([PAID_OUT, REVALUED], layout="netsuite")
    # The import takes rows of one id that stand together for one journal.
    ids = [each for each, _ in groupby(row["External ID"] for row in rows)]
    assert ids == [ids[0], f"{ids[0]}-FX"]
    told = ("Currency", "Exchange Rate", "Account", "Debit", "Credit")
    assert [tuple(row[name] for name in told) for row in rows if row["External ID"] == ids[1]] == [
        ("CNY", "1", "1050", "30.66", ""),
        ("CNY", "1", "7920", "", "30.66"),
    ]
    assert {(row["Currency"], row["Exchange Rate"]) for row in rows if row["External ID"] == ids[0]} == {
        ("USD", "1.170492")
    }


def test_business_central_gets_an_exchange_difference_as_lines_that_have_an_amount(export: Export) -> None:
    rows, _ = export([PAID_OUT, REVALUED], layout="business_central", entity="cn")
    told = ("Account No.", "Currency Code", "Debit Amount", "Credit Amount", "Amount (LCY)")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("1210", "USD", "18.30", "", "21.42"),
        ("1050", "USD", "", "18.30", "-21.42"),
        ("1050", "", "30.66", "", "30.66"),
        ("7920", "", "", "30.66", "-30.66"),
    ]
