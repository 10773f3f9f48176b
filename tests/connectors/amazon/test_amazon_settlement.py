"""Amazon's settlement report: one amount per row, the totals on the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.amazon.files import SETTLEMENT
from tests.connectors.casework import CaseFile, Translated, code_list, imported, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = [column.name for column in SETTLEMENT.columns]
TOTALS = {
    "settlement-id": "18800000001",
    "settlement-start-date": "2026-09-01 00:00:00 UTC",
    "settlement-end-date": "2026-09-15 00:00:00 UTC",
    "deposit-date": "2026-09-17 00:00:00 UTC",
    "total-amount": "20.00",
    "currency": "USD",
}
ROW = {
    "settlement-id": "18800000001",
    "transaction-type": "Order",
    "order-id": "112-0000001-0000001",
    "amount-type": "ItemPrice",
    "amount-description": "Principal",
    "amount": "20.00",
    "posted-date": "2026-09-03",
    "posted-date-time": "2026-09-03 04:05:06 UTC",
    "order-item-code": "60000000001",
    "sku": "SER",
    "quantity-purchased": "2",
    "marketplace-name": "Amazon.com",
}
OTHER = {
    "transaction-type": "other-transaction",
    "order-id": "",
    "amount-type": "other-transaction",
    "order-item-code": "",
    "sku": "",
    "quantity-purchased": "",
    "marketplace-name": "",
}
CODES = {f"{row['amount_type']}/{row['amount_description']}": row for row in code_list("amazon", "codes")}
TRANSACTIONS = {row["transaction_type"]: row for row in code_list("amazon", "transaction_types")}


def text_of(*rows: dict[str, str], totals: dict[str, str] | None = None) -> str:
    """Text of a report: the totals row, then rows that say what differs from a plain one."""
    number = (totals or {}).get("settlement-id", TOTALS["settlement-id"])
    cells = [{**TOTALS, **(totals or {})}, *({**ROW, "settlement-id": number, **row} for row in rows)]
    return (
        "\n".join("\t".join(row) for row in [HEADER, *([row.get(name, "") for name in HEADER] for row in cells)]) + "\n"
    )


def read(*rows: dict[str, str], totals: dict[str, str] | None = None) -> Translated:
    return translated(CaseFile(text_of(*rows, totals=totals), "settlement.txt"))


def price(kind: str, description: str, amount: str, **more: str) -> dict[str, str]:
    quantity = {} if (kind, description) == ("ItemPrice", "Principal") else {"quantity-purchased": ""}
    return {"amount-type": kind, "amount-description": description, "amount": amount, **quantity, **more}


WHOLE_ORDER = (
    price("ItemPrice", "Principal", "20.00"),
    price("ItemPrice", "Tax", "1.50"),
    price("ItemPrice", "Shipping", "5.99"),
    price("ItemPrice", "ShippingTax", "0.45"),
    price("Promotion", "Principal", "-2.00"),
    price("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "-1.50"),
    price("ItemWithheldTax", "MarketplaceFacilitatorTax-Shipping", "-0.45"),
    price("ItemFees", "Commission", "-2.70"),
    price("ItemFees", "FBAPerUnitFulfillmentFee", "-3.91"),
)


def test_the_first_row_is_the_settlement_and_its_total_holds_against_the_rows(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        [
            CaseFile(
                text_of({}, {**price("ItemFees", "Commission", "-3.00")}, totals={"total-amount": "18.00"}), "s.txt"
            )
        ],
    )
    report = found.reports[0].files[0]
    assert (report.rows, report.canonical, report.quarantined) == (3, 3, 0)
    found.shows(
        "settlements",
        """
        settlement_key     | settlement_id | currency | stated_total_minor | period_start_at     | period_end_at       | paid_out_at         | month
        amazon:18800000001 | 18800000001   | USD      | 1800               | 2026-09-01 08:00:00 | 2026-09-15 08:00:00 | 2026-09-17 08:00:00 | 2026-09
    """,
    )
    amounts = {row["kind"]: row["amount_minor"] for row in found.rows("exceptions")}
    assert amounts["settlement_total"] == 100


def test_an_order_is_what_its_rows_say() -> None:
    found = read(*WHOLE_ORDER)
    assert (found.formats, found.rejects) == ({"settlement.txt": "amazon_settlement"}, {})
    found.shows(
        "orders",
        """
        order_key                  | order_id            | shop     | placed_at           | placed_is_estimated | paid_at             | shipped_at | order_kind
        amazon:112-0000001-0000001 | 112-0000001-0000001 | our shop | 2026-09-03 12:05:06 | yes                 | 2026-09-03 12:05:06 |            | sale
    """,
    )
    found.shows(
        "orders",
        """
        payment_state | commercial_state | fulfilment_state | currency | goods_minor | paid_minor | month
        captured      | open             | shipped          | USD      |             |            | all
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id                 | sku_id | quantity | unit_price_minor | goods_minor | discount_merchant_minor | shipping_minor | tax_minor | paid_minor
        60000000001:18800000001 | SER    | 2        | 1000             | 2000        | 200                     | 599            | 195       | 2594
    """,
    )
    found.shows(
        "discounts", "line_id | funder | kind | amount_minor\n60000000001:18800000001 | merchant | promotion | 200"
    )
    found.shows(
        "taxes",
        """
        line_id                 | kind      | amount_minor | collected_by | remitted_by | liable_party
        60000000001:18800000001 | tax_added | 195          | marketplace  | marketplace | marketplace
    """,
    )
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code      | amount_minor | platform_item
        order_income |               | 2000         | ItemPrice/Principal
        order_income |               | 150          | ItemPrice/Tax
        order_income |               | 599          | ItemPrice/Shipping
        order_income |               | 45           | ItemPrice/ShippingTax
        order_income |               | -200         | Promotion/Principal
        tax_withheld |               | -150         | ItemWithheldTax/MarketplaceFacilitatorTax-Principal
        tax_withheld |               | -45          | ItemWithheldTax/MarketplaceFacilitatorTax-Shipping
        fee          | commission    | -270         | ItemFees/Commission
        fee          | logistics_fee | -391         | ItemFees/FBAPerUnitFulfillmentFee
    """,
    )


def test_an_order_with_two_items_has_two_lines() -> None:
    found = read(
        {},
        price(
            "ItemPrice",
            "Principal",
            "30.00",
            **{"order-item-code": "60000000002", "sku": "MSK", "quantity-purchased": "4"},
        ),
    )
    assert len(found.tables["orders"]) == 1
    found.shows(
        "order_lines",
        """
        line_id                 | sku_id | quantity | unit_price_minor | goods_minor
        60000000001:18800000001 | SER    | 2        | 1000             | 2000
        60000000002:18800000001 | MSK    | 4        | 750              | 3000
    """,
    )


def test_units_that_do_not_divide_the_price_have_no_unit_price() -> None:
    read({"quantity-purchased": "3"}).shows("order_lines", "quantity | unit_price_minor | goods_minor\n3 |  | 2000")


def test_an_order_in_two_settlements_adds_up_in_whatever_order_they_come(tmp_path: Path) -> None:
    second = {
        "settlement-id": "18800000002",
        "settlement-start-date": "2026-09-29 00:00:00 UTC",
        "settlement-end-date": "2026-10-13 00:00:00 UTC",
        "deposit-date": "2026-10-15 00:00:00 UTC",
        "total-amount": "15.59",
    }
    later = {"posted-date": "2026-10-02", "posted-date-time": "2026-10-02 00:00:00 UTC"}
    files = (
        CaseFile(text_of({}, totals={"total-amount": "20.00"}), "one.txt"),
        CaseFile(
            text_of(
                {"amount": "10.00", "quantity-purchased": "1", **later},
                price("ItemPrice", "Shipping", "5.59", **later),
                totals=second,
            ),
            "two.txt",
        ),
    )
    for turn, batches in (("both", [files]), ("forward", [[files[0]], [files[1]]]), ("back", [[files[1]], [files[0]]])):
        found = imported(tmp_path / turn, *batches)
        found.shows("orders", "order_id | placed_at | month\n112-0000001-0000001 | 2026-09-03 12:05:06 | all")
        found.shows("order_lines", "quantity | goods_minor | shipping_minor\n2 | 2000 | 0\n1 | 1000 | 559")
        found.shows(
            "order_positions",
            """
            goods_minor | shipping_minor | paid_minor | income_minor | expected_minor | recognised_basis | recognised_at
            3000        | 559            | 3559       | 3559         | 3559           | settlement       | 2026-09-03 12:05:06
        """,
        )
        assert {row["kind"] for row in found.rows("exceptions")} == {"sku_without_cost"}


def test_a_refund_turns_the_signs_and_changes_no_order() -> None:
    refund = {
        "transaction-type": "Refund",
        "adjustment-id": "ADJ1",
        "posted-date": "2026-09-09",
        "posted-date-time": "2026-09-09 00:00:00 UTC",
    }
    found = read(
        {},
        *(
            {**price(*parts), **refund}
            for parts in (
                ("ItemPrice", "Principal", "-10.00"),
                ("ItemPrice", "Tax", "-0.75"),
                ("ItemPrice", "RestockingFee", "1.00"),
                ("Promotion", "Principal", "1.00"),
                ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "0.75"),
                ("ItemFees", "Commission", "1.35"),
                ("ItemFees", "RefundCommission", "-0.27"),
            )
        ),
    )
    assert found.rejects == {}
    found.shows("order_lines", "goods_minor | paid_minor | quantity\n2000 | 2000 | 2")
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code   | amount_minor | order_part
        order_income |            | 2000         | goods
        order_refund |            | -1000        | goods
        order_refund |            | -75          | tax
        order_refund |            | 100          | shipping
        order_refund |            | 100          | goods
        tax_withheld |            | 75           |
        fee          | commission | 135          |
        fee          | commission | -27          |
    """,
    )


def test_reserves_of_two_settlements_add_up_to_nothing(tmp_path: Path) -> None:
    held = {**OTHER, "amount-description": "Current Reserve Amount", "amount": "-50.00"}
    freed = {**OTHER, "amount-description": "Previous Reserve Amount Balance", "amount": "50.00"}
    found = imported(
        tmp_path,
        [
            CaseFile(text_of({}, held, totals={"total-amount": "-30.00"}), "one.txt"),
            CaseFile(text_of(freed, totals={"settlement-id": "18800000002", "total-amount": "50.00"}), "two.txt"),
        ],
    )
    found.shows("settlement_lines", "kind | amount_minor\norder_income | 2000\nreserve | -5000\nreserve | 5000")
    reserve = [row["amount_minor"] for row in found.rows("ledger_entries") if row["account"] == "wallet_reserve"]
    assert sorted(reserve) == [-5000, 5000]
    assert not [row for row in found.rows("exceptions") if row["kind"] == "settlement_total"]


def test_freight_that_a_promotion_takes_off_was_not_charged() -> None:
    found = read({}, price("ItemPrice", "Shipping", "5.99"), price("Promotion", "Shipping", "-5.99"))
    found.shows(
        "order_lines", "goods_minor | shipping_minor | discount_merchant_minor | paid_minor\n2000 | 0 | 0 | 2000"
    )


def test_tax_that_is_paid_out_is_the_merchants_to_remit() -> None:
    read({}, price("ItemPrice", "Tax", "3.80")).shows(
        "taxes", "amount_minor | collected_by | remitted_by\n380 | marketplace | merchant"
    )


def test_an_order_of_another_sales_channel_is_no_order_of_this_one() -> None:
    found = read(
        price(
            "ItemFees",
            "FBAPerUnitFulfillmentFee",
            "-6.00",
            **{"order-id": "S01-0000001-0000001", "marketplace-name": "Non-Amazon US"},
        )
    )
    found.shows("settlement_lines", "kind | order_key | order_id\nfee |  | S01-0000001-0000001")
    assert found.tables["orders"] == []


def test_european_files_write_a_decimal_comma_and_the_day_first() -> None:
    totals = {
        "settlement-start-date": "01.09.2026 00:00:00 UTC",
        "settlement-end-date": "15.09.2026 00:00:00 UTC",
        "deposit-date": "17.09.2026",
        "total-amount": "1.234,56",
        "currency": "EUR",
    }
    day = {"posted-date": "03.09.2026", "posted-date-time": "03.09.2026 04:05:06 UTC"}
    found = read(
        {**day, "amount": "1.234,56"},
        {**day, **price("ItemFees", "Commission", "-0,5")},
        {**day, "posted-date-time": "", **price("ItemFees", "Commission", "-12,50")},
        totals=totals,
    )
    assert found.rejects == {}
    found.shows(
        "settlements",
        "currency | stated_total_minor | period_start_at | paid_out_at\nEUR | 123456 | 2026-09-01 08:00:00 | 2026-09-17 08:00:00",
    )
    found.shows(
        "settlement_lines",
        """
        kind         | amount_minor | booked_at
        order_income | 123456       | 2026-09-03 12:05:06
        fee          | -50          | 2026-09-03 12:05:06
        fee          | -1250        | 2026-09-03 08:00:00
    """,
    )


def test_yen_have_no_decimals() -> None:
    found = read({"amount": "2000"}, {"amount": "30.5"}, totals={"currency": "JPY", "total-amount": "2000"})
    assert found.rejects == {"4": "bad_money:amount"}
    found.shows("order_lines", "goods_minor | currency\n2000 | JPY")


def test_other_ways_to_write_a_time_are_read() -> None:
    found = read(
        {"posted-date-time": "2026-09-03T04:05:06+00:00"},
        {"posted-date-time": "2026/09/03 04:05:06 UTC"},
        {"posted-date-time": "2026-09-03 04:05:06"},
    )
    assert {str(row["booked_at"])[:19] for row in found.tables["settlement_lines"]} == {"2026-09-03 04:05:06"}


REFUSED = [
    ({"amount": "2O.00"}, "bad_money:amount"),
    ({"amount": ""}, "bad_money:amount"),
    ({"amount": "1,230.00"}, "bad_money:amount"),
    ({"amount": "1,230"}, "bad_money:amount"),
    ({"amount": "1.234"}, "bad_money:amount"),
    ({"posted-date": "", "posted-date-time": ""}, "bad_time:posted-date-time"),
    ({"posted-date-time": "09/03/2026"}, "bad_time:posted-date-time"),
    ({"posted-date-time": "31.02.2026 00:00:00 UTC"}, "bad_time:posted-date-time"),
    ({"transaction-type": "Gift"}, "unknown_code:transaction-type:Gift"),
    ({"amount-type": "ItemGift"}, "unknown_code:amount-type:ItemGift"),
    ({"amount-description": "Bow"}, "unknown_code:amount-description:Bow"),
    ({"amount-type": "ItemFees"}, "unknown_code:amount-description:Principal"),
    ({"amount-type": "ItemFees", "amount-description": ""}, "unknown_code:amount-description:"),
    ({"quantity-purchased": ""}, "bad_number:quantity-purchased"),
    ({"quantity-purchased": "1.5"}, "bad_number:quantity-purchased"),
    ({"order-id": ""}, "bad_id:order-id"),
    ({"order-id": "1.12E+18"}, "ruined_id:order-id"),
    ({"order-id": "112 0000001"}, "bad_id:order-id"),
    ({"settlement-id": "18800000009"}, "first_row_missing:currency"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED))


@pytest.mark.parametrize(
    "number", range(len(REFUSED)), ids=[f"{reason} {number}" for number, (_, reason) in enumerate(REFUSED)]
)
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    assert refused.rejects[str(number + 3)] == REFUSED[number][1]
    assert refused.is_empty(row=number + 3)


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
    found = read({}, totals=cells)
    assert found.rejects == {"2": reason}
    found.shows("order_lines", "goods_minor\n2000")
    assert found.tables["settlements"] == []


@pytest.mark.parametrize(
    ("currency", "reason"), [("", "first_row_missing:currency"), ("XXX", "unknown_code:currency:XXX")]
)
def test_without_a_currency_no_amount_is_one(currency: str, reason: str) -> None:
    found = read({}, totals={"currency": currency})
    assert found.rejects == {"2": reason, "3": reason}
    assert found.is_empty()


@pytest.fixture(scope="module")
def every_code() -> Translated:
    # The amount differs by row, so that no two rows are twins.
    return read(
        *(
            {
                **OTHER,
                "amount-type": row["amount_type"],
                "amount-description": row["amount_description"] or "some words",
                "amount": f"0.{number:03d}"[:4] if number < 100 else f"{number}.00",
            }
            for number, row in enumerate(CODES.values())
        )
    )


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_kind(every_code: Translated, code: str) -> None:
    row = CODES[code]
    every_code.shows(
        "settlement_lines",
        f"""
        kind          | fee_code          | platform_item
        {row["kind"]} | {row["fee_code"]} | {row["amount_type"]}/{row["amount_description"] or "some words"}
    """,
        row=row_of(CODES, code) + 1,
    )


def test_codes_are_complete_and_each_fee_has_a_code() -> None:
    kinds = {
        "order_income",
        "order_refund",
        "fee",
        "ad_spend",
        "tax_withheld",
        "reserve",
        "withdrawal",
        "adjustment",
        "compensation",
    }
    assert {row["kind"] for row in CODES.values()} <= kinds
    assert all(row["fee_code"] for row in CODES.values() if row["kind"] == "fee")
    assert all(
        row["refund_kind"] == "order_refund" and row["part"]
        for row in CODES.values()
        if row["kind"] == "order_income" and row["amount_type"] in ("ItemPrice", "Promotion")
    )
    # A transfer would not count in the total of the settlement, but its rows do.
    assert "transfer" not in {row["kind"] for row in CODES.values()}


@pytest.fixture(scope="module")
def every_transaction() -> Translated:
    return read(
        *(
            {"transaction-type": kind, "order-id": f"112-0000001-{number:07d}"}
            for number, kind in enumerate(TRANSACTIONS)
        )
    )


@pytest.mark.parametrize("kind", TRANSACTIONS)
def test_only_transactions_of_orders_make_orders(every_transaction: Translated, kind: str) -> None:
    role, row = TRANSACTIONS[kind]["role"], row_of(TRANSACTIONS, kind) + 1
    every_transaction.shows(
        "settlement_lines", f"kind\n{'order_refund' if role == 'refund' else 'order_income'}", row=row
    )
    every_transaction.shows("orders", "currency\nUSD" if role == "order" else "currency", row=row)


def test_the_same_row_twice_is_two_amounts_and_the_same_report_twice_is_one(tmp_path: Path) -> None:
    fee = price("ItemFees", "Commission", "-1.00")
    text = text_of({}, fee, fee, totals={"total-amount": "18.00"})
    found = imported(tmp_path, [CaseFile(text, "one.txt")], [CaseFile(text + "\n", "again.txt")])
    found.shows("settlement_lines", "kind | amount_minor\norder_income | 2000\nfee | -100\nfee | -100")
    found.shows("order_lines", "quantity | goods_minor\n2 | 2000")
    assert (found.reports[1].files[0].canonical, found.reports[1].files[0].duplicates) == (0, 4)
