"""Shopify's payment transactions: one row per transaction, amount and fee on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.shopify.files import PAYOUTS
from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ",".join(column.name for column in PAYOUTS.columns)
PLAIN = {
    "Transaction Date": "2026-09-01 00:01:00 -0400",
    "Type": "charge",
    "Order": "#1001",
    "Card Brand": "visa",
    "Payout Status": "paid",
    "Payout Date": "2026-09-08",
    "Payout ID": "90000001",
    "Amount": "63.00",
    "Fee": "2.13",
    "Net": "60.87",
    "Checkout": "#C1001",
    "Presentment Amount": "63.00",
    "Presentment Currency": "USD",
    "Currency": "USD",
}
ITEMS = {row["type"]: row for row in code_list("shopify", "items")}


def text_of(*rows: dict[str, str]) -> str:
    return lines_of(HEADER, PLAIN, *rows)


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(text_of(*rows), "payouts.csv"))


def test_a_charge_is_income_and_its_fee_a_line_of_its_own() -> None:
    found = read({})
    assert (found.formats, found.rejects) == ({"payouts.csv": "shopify_payouts"}, {})
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code    | amount_minor | currency | booked_at           | order_key              | settlement_id | wallet_id        | vat_rate_bp
        order_income |             | 6300         | USD      | 2026-09-01 12:01:00 | shopify:our shop:#1001 | 90000001      | shopify:our shop | 0
        fee          | payment_fee | -213         | USD      | 2026-09-01 12:01:00 | shopify:our shop:#1001 | 90000001      | shopify:our shop | 0
    """,
    )
    found.shows(
        "settlements",
        """
        settlement_key            | settlement_id | stated_total_minor | paid_out_at
        shopify:our shop:90000001 | 90000001      |                    | 2026-09-08 08:00:00
    """,
    )


def test_a_refund_leaves_the_seller_and_a_fee_given_back_comes() -> None:
    found = read(
        {"Type": "refund", "Amount": "-10.00", "Fee": "0.00", "Net": "-10.00"},
        {"Type": "refund", "Amount": "-20.00", "Fee": "-0.50", "Net": "-19.50"},
    )
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code    | amount_minor
        order_refund |             | -1000
        order_refund |             | -2000
        fee          | payment_fee | 50
    """,
    )


def test_a_payout_is_a_transfer_and_names_no_order() -> None:
    found = read({"Type": "payout", "Order": "", "Checkout": "", "Amount": "-500.00", "Fee": "0.00", "Net": "-500.00"})
    found.shows("settlement_lines", "kind | amount_minor | order_key | order_id\ntransfer | -50000 |  |")


@pytest.fixture(scope="module")
def every_type() -> Translated:
    return read(*({"Type": type_, "Fee": "0.00", "Net": "63.00"} for type_ in ITEMS))


@pytest.mark.parametrize("type_", ITEMS)
def test_every_type_has_its_kind(every_type: Translated, type_: str) -> None:
    every_type.shows(
        "settlement_lines",
        f"""
        kind                   | fee_code                   | platform_item
        {ITEMS[type_]["kind"]} | {ITEMS[type_]["fee_code"]} | {type_}
    """,
        row=row_of(ITEMS, type_),
    )


def test_every_kind_of_fee_has_a_code() -> None:
    assert all(row["fee_code"] for row in ITEMS.values() if row["kind"] == "fee")


def test_a_type_in_words_is_the_type() -> None:
    read({"Type": "Chargeback won"}).shows("settlement_lines", "kind\nadjustment\nfee")


REFUSED = [
    ({"Type": "lottery"}, "unknown_code:Type:lottery"),
    ({"Type": ""}, "unknown_code:Type:"),
    ({"Currency": "XXX"}, "unknown_code:Currency:XXX"),
    ({"Amount": "63.0O"}, "bad_money:Amount"),
    ({"Fee": "-"}, "bad_money:Fee"),
    ({"Net": "n/a"}, "bad_money:Net"),
    ({"Net": "61.00"}, "inconsistent_amount:Net"),
    ({"Transaction Date": "2026-09-01"}, "bad_time:Transaction Date"),
    ({"Order": "1.2E+10"}, "ruined_id:Order"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED))


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[reason for _, reason in REFUSED])
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    assert refused.rejects[str(number + 2)] == REFUSED[number][1]
    assert refused.is_empty(row=number + 2)


def test_yen_have_no_decimals() -> None:
    found = read({"Currency": "JPY", "Amount": "6300", "Fee": "213", "Net": "6087"})
    found.shows("settlement_lines", "kind | amount_minor | currency\norder_income | 6300 | JPY\nfee | -213 | JPY")


def test_equal_transactions_are_two() -> None:
    found = read({}, {})
    assert len({row["line_id"] for row in found.tables["settlement_lines"]}) == 4


def test_a_transaction_stays_one_when_its_payout_becomes_known(tmp_path: Path) -> None:
    pending = CaseFile(text_of({"Payout Status": "pending", "Payout Date": "", "Payout ID": ""}), "first.csv")
    paid = CaseFile(text_of({}), "second.csv")
    found = imported(tmp_path, [paid], [pending])
    found.shows("settlement_lines", "kind | settlement_id\norder_income | 90000001\nfee | 90000001")
