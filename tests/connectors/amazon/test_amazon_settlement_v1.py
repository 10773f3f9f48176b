"""Amazon's settlement report, flat file version 1: a column per sort of amount, units on rows of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.amazon.files import SETTLEMENT, SETTLEMENT_V1
from tests.connectors.casework import CaseFile, Translated, code_list, imported, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = [column.name for column in SETTLEMENT_V1.columns]
TOTALS = {
    "settlement-id": "6000000001",
    "settlement-start-date": "2026-09-01T03:27:08+00:00",
    "settlement-end-date": "2026-09-15T03:27:08+00:00",
    "deposit-date": "2026-09-17T03:27:08+00:00",
    "total-amount": "20.00",
    "currency": "USD",
}
ROW = {
    "settlement-id": "6000000001",
    "transaction-type": "Order",
    "order-id": "112-0000001-0000001",
    "marketplace-name": "Amazon.com",
    "fulfillment-id": "AFN",
    "posted-date": "2026-09-03T04:05:06+00:00",
    "order-item-code": "60000000001",
    "sku": "SER",
}
UNITS = {"quantity-purchased": "2"}
PRINCIPAL = {"price-type": "Principal", "price-amount": "20.00"}
OTHER = {"order-id": "", "order-item-code": "", "sku": "", "marketplace-name": "", "fulfillment-id": ""}
NAMES = [
    row["amount_description"]
    for row in code_list("amazon", "codes")
    if row["amount_type"] in ("other-transaction", "FBA Inventory Reimbursement") and row["amount_description"]
]


def text_of(*rows: dict[str, str], totals: dict[str, str] | None = None) -> str:
    """Text of a report: the totals row, then rows that say what differs from a plain one."""
    cells = [{**TOTALS, **(totals or {})}, *({**ROW, **row} for row in rows)]
    return "\n".join(
        "\t".join(row.get(name, "") for name in HEADER) for row in [{name: name for name in HEADER}, *cells]
    )


def read(*rows: dict[str, str], totals: dict[str, str] | None = None) -> Translated:
    return translated(CaseFile(text_of(*rows, totals=totals), "settlement.txt"))


def fee(kind: str, amount: str, **more: str) -> dict[str, str]:
    return {"item-related-fee-type": kind, "item-related-fee-amount": amount, **more}


def other(name: str, amount: str, **more: str) -> dict[str, str]:
    return {**OTHER, "transaction-type": name, "other-amount": amount, **more}


WHOLE_ORDER = (
    UNITS,
    PRINCIPAL,
    {"price-type": "Tax", "price-amount": "1.50"},
    {"price-type": "Shipping", "price-amount": "5.99"},
    {"promotion-id": "P1", "promotion-type": "Shipping", "promotion-amount": "-5.99"},
    {"promotion-id": "P1", "promotion-type": "Principal", "promotion-amount": "-2.00"},
    fee("MarketplaceFacilitatorTax-Principal", "-1.50"),
    fee("Commission", "-2.70"),
    fee("FBAPerUnitFulfillmentFee", "-3.91"),
)


def test_an_order_is_what_its_rows_say() -> None:
    found = read(*WHOLE_ORDER)
    assert (found.formats, found.rejects) == ({"settlement.txt": "amazon_settlement_v1"}, {})
    found.shows(
        "orders",
        """
        order_key                  | shop     | placed_at           | paid_at             | currency | payment_state | fulfilment_state
        amazon:112-0000001-0000001 | our shop | 2026-09-03 12:05:06 | 2026-09-03 12:05:06 | USD      | captured      | shipped
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id                | sku_id | quantity | unit_price_minor | goods_minor | discount_merchant_minor | shipping_minor | tax_minor | paid_minor
        60000000001:6000000001 | SER    | 2        | 1000             | 2000        | 200                     | 0              | 150       | 1950
    """,
    )
    found.shows("discounts", "line_id | amount_minor\n60000000001:6000000001 | 200")
    found.shows("taxes", "line_id | amount_minor | remitted_by\n60000000001:6000000001 | 150 | marketplace")
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code      | amount_minor | platform_item
        order_income |               | 2000         | ItemPrice/Principal
        order_income |               | 150          | ItemPrice/Tax
        order_income |               | 599          | ItemPrice/Shipping
        order_income |               | -599         | Promotion/Shipping
        order_income |               | -200         | Promotion/Principal
        tax_withheld |               | -150         | ItemWithheldTax/MarketplaceFacilitatorTax-Principal
        fee          | commission    | -270         | ItemFees/Commission
        fee          | logistics_fee | -391         | ItemFees/FBAPerUnitFulfillmentFee
    """,
    )


def test_units_that_stand_with_the_price_count_as_in_version_2() -> None:
    found = read({**PRINCIPAL, **UNITS}, {"price-type": "Tax", "price-amount": "1.50", **UNITS})
    assert found.rejects == {}
    found.shows("order_lines", "quantity | unit_price_minor | goods_minor\n2 | 1000 | 2000")


def test_the_first_row_is_the_settlement_and_its_total_holds_against_the_rows(tmp_path: Path) -> None:
    text = text_of(UNITS, PRINCIPAL, fee("Commission", "-3.00"), totals={"total-amount": "18.00"})
    found = imported(tmp_path, [CaseFile(text, "s.txt")])
    report = found.reports[0].files[0]
    assert (report.rows, report.quarantined) == (4, 0)
    found.shows(
        "settlements",
        """
        settlement_key    | settlement_id | currency | stated_total_minor | period_start_at     | period_end_at       | paid_out_at         | month
        amazon:6000000001 | 6000000001    | USD      | 1800               | 2026-09-01 11:27:08 | 2026-09-15 11:27:08 | 2026-09-17 11:27:08 | 2026-09
    """,
    )
    amounts = {row["kind"]: row["amount_minor"] for row in found.rows("exceptions")}
    assert amounts["settlement_total"] == 100


def test_a_settlement_that_is_imported_in_both_versions_is_seen_by_its_total(tmp_path: Path) -> None:
    plain = {
        "settlement-id": "6000000001",
        "transaction-type": "Order",
        "order-id": "112-0000001-0000001",
        "amount-type": "ItemPrice",
        "amount-description": "Principal",
        "amount": "20.00",
        "posted-date": "2026-09-03",
        "order-item-code": "60000000001",
        "sku": "SER",
        "quantity-purchased": "2",
    }
    names = [column.name for column in SETTLEMENT.columns]
    second = "\n".join(
        "\t".join(row.get(name, "") for name in names) for row in ({name: name for name in names}, TOTALS, plain)
    )
    found = imported(tmp_path, [CaseFile(text_of(UNITS, PRINCIPAL), "v1.txt")], [CaseFile(second, "v2.txt")])
    seen = [row["amount_minor"] for row in found.rows("exceptions") if row["kind"] == "settlement_total"]
    assert seen == [-2000]


def test_a_refund_turns_the_signs_and_changes_no_order() -> None:
    refund = {"transaction-type": "Refund", "adjustment-id": "ADJ1", "posted-date": "2026-09-09T00:00:00+00:00"}
    found = read(
        UNITS,
        PRINCIPAL,
        {"quantity-purchased": "1", **refund},
        {"price-type": "Principal", "price-amount": "-10.00", **refund},
        {"promotion-type": "Principal", "promotion-amount": "1.00", **refund},
        {**fee("Commission", "1.35"), **refund},
        {**fee("RefundCommission", "-0.27"), **refund},
    )
    assert found.rejects == {}
    found.shows("order_lines", "goods_minor | paid_minor | quantity\n2000 | 2000 | 2")
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code   | amount_minor | order_part
        order_income |            | 2000         | goods
        order_refund |            | -1000        | goods
        order_refund |            | 100          | goods
        fee          | commission | 135          |
        fee          | commission | -27          |
    """,
    )


def test_what_is_no_sale_is_named_by_its_transaction() -> None:
    found = read(
        other("Subscription Fee", "-39.99"),
        other("Storage Fee", "-149.63"),
        other("WAREHOUSE_LOST", "8.54", sku="SER"),
        other("INCORRECT_FEES_ITEMS", "1.00"),
        other("Deal Fee", "-150.00"),
        other("Previous Reserve Amount Balance", "50.00"),
        other("Current Reserve Amount", "-60.00"),
    )
    assert found.rejects == {}
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code         | amount_minor | platform_item
        fee          | subscription_fee | -3999        | other-transaction/Subscription Fee
        fee          | storage_fee      | -14963       | other-transaction/Storage Fee
        compensation |                  | 854          | other-transaction/WAREHOUSE_LOST
        compensation |                  | 100          | FBA Inventory Reimbursement/INCORRECT_FEES_ITEMS
        fee          | promotion_fee    | -15000       | Deal Fee/Deal Fee
        reserve      |                  | 5000         | other-transaction/Previous Reserve Amount Balance
        reserve      |                  | -6000        | other-transaction/Current Reserve Amount
    """,
    )


def test_fees_of_a_shipment_and_of_an_order_are_fees() -> None:
    found = read(
        {"shipment-fee-type": "FBAWeightBasedFee", "shipment-fee-amount": "-0.46"},
        {"order-fee-type": "FBAPerOrderFulfillmentFee", "order-fee-amount": "-1.00"},
        {
            **OTHER,
            "transaction-type": "other",
            "other-fee-reason-description": "Storage Fee",
            "other-fee-amount": "-2.00",
        },
    )
    assert found.rejects == {}
    found.shows(
        "settlement_lines",
        """
        kind | fee_code      | amount_minor | platform_item
        fee  | logistics_fee | -46          | ItemFees/FBAWeightBasedFee
        fee  | logistics_fee | -100         | ItemFees/FBAPerOrderFulfillmentFee
        fee  | storage_fee   | -200         | other-transaction/Storage Fee
    """,
    )


def test_european_files_write_a_decimal_comma_and_the_day_first() -> None:
    found = read(
        {**UNITS, "posted-date": "03.09.2026 04:05:06 UTC"},
        {"price-type": "Principal", "price-amount": "1.234,56", "posted-date": "03.09.2026 04:05:06 UTC"},
        totals={"settlement-start-date": "01.09.2026 00:00:00 UTC", "total-amount": "1.234,56", "currency": "EUR"},
    )
    assert found.rejects == {}
    found.shows("settlement_lines", "amount_minor | currency | booked_at\n123456 | EUR | 2026-09-03 12:05:06")
    found.shows("settlements", "stated_total_minor | period_start_at\n123456 | 2026-09-01 08:00:00")


REFUSED = [
    ({**fee("Bow", "-1.00")}, "unknown_code:item-related-fee-type:Bow"),
    ({"price-type": "Bow", "price-amount": "1.00"}, "unknown_code:price-type:Bow"),
    ({"promotion-type": "Bow", "promotion-amount": "1.00"}, "unknown_code:promotion-type:Bow"),
    ({"shipment-fee-type": "Bow", "shipment-fee-amount": "1.00"}, "unknown_code:shipment-fee-type:Bow"),
    ({"order-fee-type": "Bow", "order-fee-amount": "1.00"}, "unknown_code:order-fee-type:Bow"),
    ({"direct-payment-type": "Cash", "direct-payment-amount": "1.00"}, "unknown_code:direct-payment-type:Cash"),
    ({"misc-fee-amount": "1.00"}, "unknown_code:misc-fee-amount"),
    (
        {"other-fee-reason-description": "Bow", "other-fee-amount": "1.00"},
        "unknown_code:other-fee-reason-description:Bow",
    ),
    (other("Bow", "1.00"), "unknown_code:transaction-type:Bow"),
    ({**PRINCIPAL, "transaction-type": "Gift"}, "unknown_code:transaction-type:Gift"),
    ({**PRINCIPAL, "transaction-type": "Adjustment"}, "unknown_code:transaction-type:Adjustment"),
    ({**PRINCIPAL, **fee("Commission", "-1.00")}, "inconsistent_amount:price-amount"),
    (fee("Commission", "-1.0O"), "bad_money:item-related-fee-amount"),
    (fee("Commission", "1,230.00"), "bad_money:item-related-fee-amount"),
    (fee("Commission", "-1.00", **{"posted-date": "soon"}), "bad_time:posted-date"),
    ({**PRINCIPAL, "order-id": ""}, "bad_id:order-id"),
    ({**UNITS, "order-id": ""}, "bad_id:order-id"),
    ({"quantity-purchased": "1.5", "order-item-code": "60000000009"}, "bad_number:quantity-purchased"),
    ({**PRINCIPAL, "order-item-code": "60000000008"}, "bad_number:quantity-purchased"),
    ({**PRINCIPAL, **UNITS}, "inconsistent_amount:quantity-purchased"),
    ({}, "missing_value:price-amount"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(UNITS, *(cells for cells, _ in REFUSED))


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[reason for _, reason in REFUSED])
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    assert refused.rejects[str(number + 4)] == REFUSED[number][1]
    assert refused.is_empty(row=number + 4)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"total-amount": "20.0O"}, "bad_money:total-amount"),
        ({"settlement-start-date": ""}, "bad_time:settlement-start-date"),
        ({"settlement-end-date": "soon"}, "bad_time:settlement-end-date"),
        ({"deposit-date": "soon"}, "bad_time:deposit-date"),
    ],
)
def test_totals_that_cannot_be_read_take_no_row_with_them(cells: dict[str, str], reason: str) -> None:
    found = read(UNITS, PRINCIPAL, totals=cells)
    assert found.rejects == {"2": reason}
    found.shows("order_lines", "goods_minor\n2000")
    assert found.tables["settlements"] == []


@pytest.fixture(scope="module")
def every_name() -> Translated:
    return read(*(other(name, f"{number + 1}.00") for number, name in enumerate(NAMES)))


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_name_of_version_2_is_known(every_name: Translated, name: str) -> None:
    row = row_of(NAMES, name) + 1
    assert str(row) not in every_name.rejects
    assert len([line for line in every_name.tables["settlement_lines"] if line["row_no"] == row]) == 1


def test_the_same_row_twice_is_two_amounts_and_the_same_report_twice_is_one(tmp_path: Path) -> None:
    text = text_of(
        UNITS, PRINCIPAL, fee("Commission", "-1.00"), fee("Commission", "-1.00"), totals={"total-amount": "18.00"}
    )
    found = imported(tmp_path, [CaseFile(text, "one.txt")], [CaseFile(text + "\n", "again.txt")])
    found.shows("settlement_lines", "kind | amount_minor\norder_income | 2000\nfee | -100\nfee | -100")
    found.shows("order_lines", "quantity | goods_minor\n2 | 2000")
    assert (found.reports[1].files[0].canonical, found.reports[1].files[0].duplicates) == (0, 5)
