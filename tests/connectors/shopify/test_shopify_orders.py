"""Shopify's orders export: one row per line, the cells of the order on its first row only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.shopify.files import ORDERS
from entrepot.model import minor_digits
from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ",".join(column.name for column in ORDERS.columns)
SHORT_HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping"
)
LINE = {
    "Name": "US1001",
    "Email": "Ann@Example.com",
    "Created at": "2026-09-01 00:00:00 -0400",
    "Lineitem quantity": "2",
    "Lineitem name": "Serum",
    "Lineitem price": "30.00",
    "Lineitem sku": "SER",
}
FIRST = {
    "Financial Status": "paid",
    "Paid at": "2026-09-01 00:01:00 -0400",
    "Fulfillment Status": "fulfilled",
    "Fulfilled at": "2026-09-02 12:00:00 -0400",
    "Currency": "USD",
    "Subtotal": "54.00",
    "Shipping": "5.00",
    "Taxes": "4.00",
    "Total": "63.00",
    "Discount Code": "AUTUMN",
    "Discount Amount": "6.00",
    "Refunded Amount": "0.00",
}
PEOPLE = {
    "Phone": "+1 555 0100",
    "Billing Name": "Ann B",
    "Billing Street": "1 Bill St",
    "Billing City": "Albany",
    "Billing Zip": "'12207",
    "Billing Province": "NY",
    "Billing Country": "US",
    "Billing Phone": "+1 555 0101",
    "Shipping Name": "Ann S",
    "Shipping Address1": "2 Ship St",
    "Shipping Address2": "Floor 3",
    "Shipping City": "Troy",
    "Shipping Zip": "'12180",
    "Shipping Province": "NY",
    "Shipping Country": "US",
    "Shipping Phone": "+1 555 0102",
    "Notes": "leave at\nthe door",
    "Employee": "Eve",
}
UNPAID = {"Financial Status": "pending", "Paid at": ""}
UNSHIPPED = {"Fulfillment Status": "unfulfilled", "Fulfilled at": ""}
FINANCIAL = {row["status"]: row for row in code_list("shopify", "financial")}
FULFILMENT = {row["status"]: row for row in code_list("shopify", "fulfilment")}


def text_of(*rows: dict[str, str], header: str = HEADER) -> str:
    return lines_of(header, LINE, *rows)


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(text_of(*rows), "orders_export.csv"))


def first(**changes: str) -> dict[str, str]:
    return {**FIRST, **{name.replace("_", " "): cell for name, cell in changes.items()}}


def test_a_paid_order_gives_its_money_with_tax_on_top() -> None:
    found = read(FIRST)
    assert (found.formats, found.rejects) == ({"orders_export.csv": "shopify_orders"}, {})
    found.shows(
        "orders",
        """
        order_key               | month   | shop     | order_id | placed_at           | paid_at             | shipped_at          | currency
        shopify:our shop:US1001 | 2026-09 | our shop | US1001   | 2026-09-01 12:00:00 | 2026-09-01 12:01:00 | 2026-09-03 00:00:00 | USD
    """,
    )
    found.shows(
        "orders",
        """
        goods_minor | shipping_minor | tax_minor | discount_merchant_minor | paid_minor | refund_stated_minor | tender_minor
        6000        | 500            | 400       | 600                     | 6300       | 0                   | 0
    """,
    )
    found.shows(
        "orders",
        """
        platform_status | payment_state | commercial_state | fulfilment_state | order_kind | placed_is_estimated | closed_at
        paid/fulfilled  | captured      | open             | shipped          | sale       | no                  |
    """,
    )
    found.shows("discounts", "line_id | funder | kind | amount_minor\n | merchant | promotion | 600")
    found.shows(
        "taxes",
        """
        kind         | amount_minor | collected_by | remitted_by | liable_party
        tax_added    | 400          | merchant     | merchant    | merchant
        vat_included | 0            | merchant     | merchant    | merchant
    """,
    )
    found.shows(
        "order_lines", "sku_id | title | quantity | unit_price_minor | goods_minor\nSER | Serum | 2 | 3000 | 6000"
    )


def test_tax_inside_prices_is_no_tax_on_top_but_stands_with_its_amount() -> None:
    found = read(first(Currency="EUR", Taxes="9.42", Total="59.00"))
    found.shows("orders", "goods_minor | tax_minor | paid_minor\n6000 | 0 | 5900")
    found.shows("taxes", "kind | amount_minor\ntax_added | 0\nvat_included | 942")


def test_a_total_that_is_neither_goes_through_and_its_order_is_an_exception(tmp_path: Path) -> None:
    found = imported(tmp_path, [CaseFile(text_of(first(Total="64.00")), "orders.csv")])
    found.shows("orders", "tax_minor | paid_minor\n400 | 6400")
    amounts = {row["kind"]: row["amount_minor"] for row in found.rows("exceptions")}
    assert amounts["order_identity"] == -100


def test_order_cells_are_carried_to_the_other_lines_of_the_same_name() -> None:
    second = {"Lineitem name": "Mask", "Lineitem price": "10.00", "Lineitem sku": "MSK", "Lineitem quantity": "1"}
    other = {"Name": "US1002", "Created at": "2026-09-05 00:00:00 -0400"}
    found = read(first(Subtotal="64.00", Total="73.00"), {**FIRST, **other}, second, {**second, **other})
    assert found.rejects == {}
    found.shows("orders", "order_id | goods_minor | paid_minor\nUS1001 | 7000 | 7300\nUS1002 | 6000 | 6300")
    found.shows(
        "order_lines",
        """
        order_key               | sku_id | goods_minor | currency
        shopify:our shop:US1001 | SER    | 6000        | USD
        shopify:our shop:US1001 | MSK    | 1000        | USD
        shopify:our shop:US1002 | SER    | 6000        | USD
        shopify:our shop:US1002 | MSK    | 1000        | USD
    """,
    )


REFUSED = [
    ({"Total": "63.0O"}, "bad_money:Total"),
    ({"Subtotal": "1,054.00"}, "bad_money:Subtotal"),
    ({"Shipping": "x"}, "bad_money:Shipping"),
    ({"Taxes": "4.001"}, "bad_money:Taxes"),
    ({"Discount Amount": "six"}, "bad_money:Discount Amount"),
    ({"Refunded Amount": "?"}, "bad_money:Refunded Amount"),
    ({"Created at": "2026-09-01"}, "bad_time:Created at"),
    ({"Paid at": "yesterday"}, "bad_time:Paid at"),
    ({"Fulfilled at": "2026-02-30 00:00:00 +0000"}, "bad_time:Fulfilled at"),
    ({"Cancelled at": "soon"}, "bad_time:Cancelled at"),
    ({"Currency": "BTC"}, "unknown_code:Currency:BTC"),
    ({"Financial Status": "gifted"}, "unknown_code:Financial Status:gifted"),
    ({"Fulfillment Status": "teleported"}, "unknown_code:Fulfillment Status:teleported"),
    ({"Lineitem quantity": "two"}, "bad_number:Lineitem quantity"),
    ({"Lineitem price": "30.0.0"}, "bad_money:Lineitem price"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    """A good order whose second line stands last, and between its rows every refused order with a second line."""
    rows = []
    for number, (cells, _) in enumerate(REFUSED):
        name = f"BAD{number}"
        rows += [{**FIRST, "Name": name, **cells}, {"Name": name, "Lineitem sku": "MSK", "Lineitem name": "Mask"}]
    return read({**FIRST, "Name": "US0999"}, *rows, {"Name": "US0999", "Lineitem sku": "TON"})


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[reason for _, reason in REFUSED])
def test_lines_of_a_refused_first_row_are_refused_with_it(refused: Translated, number: int) -> None:
    row = 3 + 2 * number
    assert refused.rejects[str(row)] == REFUSED[number][1]
    assert refused.rejects[str(row + 1)] == "first_row_missing:Name"


def test_lines_of_refused_orders_join_no_other_order(refused: Translated) -> None:
    assert len(refused.rejects) == 2 * len(REFUSED)
    refused.shows("orders", "order_id\nUS0999")
    refused.shows("order_lines", "order_id | sku_id\nUS0999 | SER\nUS0999 | TON")


def test_a_row_without_a_name_that_can_be_trusted_is_refused() -> None:
    found = read(first(Name=""), first(Name="1.2E+10"), {"Name": "", "Lineitem sku": "MSK"})
    assert found.rejects == {"2": "bad_id:Name", "3": "ruined_id:Name", "4": "first_row_missing:Name"}
    assert found.is_empty()


def test_a_line_that_cannot_be_read_is_missed_but_not_its_order(tmp_path: Path) -> None:
    rows = (first(Subtotal="64.00", Total="73.00"), {"Lineitem sku": "MSK", "Lineitem quantity": "1.5"})
    found = imported(tmp_path, [CaseFile(text_of(*rows), "orders.csv")])
    assert found.rejects() == {"3": "bad_number:Lineitem quantity"}
    found.shows("orders", "goods_minor | paid_minor\n7000 | 7300")
    kinds = {row["kind"]: row["amount_minor"] for row in found.rows("exceptions")}
    assert kinds["lines_differ"] == 1_000
    assert "order_identity" not in kinds


PAID = ("paid", "partially_refunded", "refunded")


@pytest.fixture(scope="module")
def in_every_state() -> Translated:
    return read(
        *(
            {
                **FIRST,
                "Name": f"F{status}",
                "Financial Status": status,
                "Paid at": FIRST["Paid at"] if status in PAID else "",
            }
            for status in FINANCIAL
        ),
        *({**FIRST, "Name": f"U{status}", "Fulfillment Status": status, "Fulfilled at": ""} for status in FULFILMENT),
    )


@pytest.mark.parametrize("status", FINANCIAL)
def test_every_financial_status_has_its_states(in_every_state: Translated, status: str) -> None:
    row = FINANCIAL[status]
    commercial = "cancelled_unpaid" if status in ("voided", "expired") else "open"
    in_every_state.shows(
        "orders",
        f"""
        payment_state          | commercial_state | paid_minor
        {row["payment_state"]} | {commercial}     | {6300 if status in PAID else 0}
    """,
        row=row_of(FINANCIAL, status),
    )


def test_the_financial_statuses_of_the_platform_are_all_there() -> None:
    assert {
        "pending",
        "authorized",
        "partially_paid",
        "paid",
        "partially_refunded",
        "refunded",
        "voided",
        "expired",
    } <= set(FINANCIAL)
    assert {
        "fulfilled",
        "unfulfilled",
        "partial",
        "restocked",
        "on_hold",
        "scheduled",
        "return_requested",
        "returned",
    } <= set(FULFILMENT)


@pytest.mark.parametrize("status", FULFILMENT)
def test_every_fulfilment_status_has_its_state(in_every_state: Translated, status: str) -> None:
    in_every_state.shows(
        "orders",
        f"""
        fulfilment_state                         | shipped_at | platform_status
        {FULFILMENT[status]["fulfilment_state"]} |            | paid/{status}
    """,
        row=len(FINANCIAL) + row_of(FULFILMENT, status),
    )


def test_words_of_the_interface_are_read_like_those_of_the_export() -> None:
    found = read(first(Financial_Status="Partially refunded", Fulfillment_Status="ON_HOLD", Fulfilled_at=""))
    found.shows("orders", "payment_state | fulfilment_state\ncaptured | allocated")


CLOSED = {
    "cancelled before it was paid": (
        {**UNPAID, **UNSHIPPED, "Cancelled at": "2026-09-03 00:00:00 -0400"},
        "cancelled_unpaid",
        "voided",
    ),
    "cancelled and refunded before it was shipped": (
        {**UNSHIPPED, "Financial Status": "refunded", "Cancelled at": "2026-09-03 00:00:00 -0400"},
        "closed_refunded",
        "voided",
    ),
    "cancelled, the money still to go back": (
        {**UNSHIPPED, "Cancelled at": "2026-09-03 00:00:00 -0400"},
        "closed_refunded",
        "voided",
    ),
    "refunded, never shipped": ({**UNSHIPPED, "Financial Status": "refunded"}, "closed_refunded", "voided"),
    "refunded, put back on the shelf": (
        {"Financial Status": "refunded", "Fulfillment Status": "restocked", "Fulfilled at": ""},
        "closed_refunded",
        "voided",
    ),
    "refunded after it was shipped": ({"Financial Status": "refunded"}, "open", "captured"),
    "paid, waiting": (UNSHIPPED, "open", "captured"),
    "not paid yet": ({**UNPAID, **UNSHIPPED}, "open", "unpaid"),
}


@pytest.fixture(scope="module")
def closed() -> Translated:
    return read(*({**FIRST, **cells, "Name": f"US{number}"} for number, (cells, _, _) in enumerate(CLOSED.values())))


@pytest.mark.parametrize("case", CLOSED)
def test_an_order_closes_when_money_goes_back_before_goods_left(closed: Translated, case: str) -> None:
    _, commercial, payment = CLOSED[case]
    closed.shows("orders", f"commercial_state | payment_state\n{commercial} | {payment}", row=row_of(CLOSED, case))


def test_equal_lines_of_an_order_are_two_lines_and_keep_their_ids_in_another_export() -> None:
    twins: tuple[dict[str, str], ...] = (first(Subtotal="114.00"), {}, {"Lineitem sku": "MSK"})
    found, later = read(*twins), read(*twins, {**FIRST, "Name": "US1002"})
    ids = sorted(row["line_id"] for row in found.tables["order_lines"])
    assert len(set(ids)) == 3
    assert ids == sorted(row["line_id"] for row in later.tables["order_lines"] if row["order_id"] == "US1001")
    assert len({row_id.rsplit("-", 1)[0] for row_id in ids}) == 2


def test_an_edited_quantity_replaces_the_line(tmp_path: Path) -> None:
    before = CaseFile(text_of({**FIRST, **UNSHIPPED}), "before.csv")
    after = CaseFile(text_of({**FIRST, "Subtotal": "24.00", "Lineitem quantity": "1", "Total": "33.00"}), "after.csv")
    found = imported(tmp_path, [after], [before])
    found.shows("order_lines", "quantity | goods_minor\n1 | 3000")
    found.shows("orders", "goods_minor | paid_minor\n3000 | 3300")


def test_of_two_exports_the_one_with_more_refunded_is_the_newer() -> None:
    states = [("paid", "0.00"), ("partially_refunded", "6.30"), ("partially_refunded", "31.50"), ("refunded", "63.00")]
    found = translated(
        *(
            CaseFile(text_of(first(Financial_Status=status, Refunded_Amount=refunded)), f"{refunded}.csv")
            for status, refunded in states
        )
    )
    by_version = sorted(found.tables["orders"], key=lambda row: str(row["version"]))
    assert [row["refund_stated_minor"] for row in by_version] == [0, 630, 3150, 6300]


def test_names_repeat_across_shops_and_are_two_orders() -> None:
    found = translated(
        CaseFile(text_of(FIRST), "us.csv", shop="us"), CaseFile(text_of(first(Currency="EUR")), "eu.csv", shop="eu")
    )
    found.shows("orders", "order_key | shop | currency\nshopify:us:US1001 | us | USD\nshopify:eu:US1001 | eu | EUR")


@pytest.mark.parametrize(
    ("currency", "price", "subtotal", "shipping", "total", "paid"),
    [
        ("JPY", "3000", "5400", "500", "6300", 6_300),
        ("JPY", "3000.00", "5400.00", "500.00", "6300.00", 6_300),
        ("KWD", "3.000", "5.400", "0.500", "6.300", 6_300),
        ("USD", "30.00", "54.00", "5.00", "63.00", 6_300),
    ],
)
def test_amounts_count_in_the_smallest_unit_of_their_currency(
    currency: str, price: str, subtotal: str, shipping: str, total: str, paid: int
) -> None:
    taxes, off = {"JPY": ("400", "600"), "KWD": ("0.400", "0.600"), "USD": ("4.00", "6.00")}[currency]
    found = read(
        {
            **FIRST,
            "Currency": currency,
            "Lineitem price": price,
            "Subtotal": subtotal,
            "Shipping": shipping,
            "Taxes": taxes,
            "Discount Amount": off,
            "Total": total,
        }
    )
    found.shows(
        "orders",
        f"goods_minor | shipping_minor | tax_minor | paid_minor\n{paid - 300} | {paid - 5800} | {paid - 5900} | {paid}",
    )
    found.shows("order_lines", f"unit_price_minor | currency\n{paid - 3300} | {currency}")


def test_yen_have_no_decimals() -> None:
    found = read(
        first(
            Currency="JPY",
            Lineitem_price="30.5",
            Subtotal="54",
            Shipping="5",
            Taxes="4",
            Total="63",
            Discount_Amount="6",
        )
    )
    assert found.rejects == {"2": "bad_money:Lineitem price"}
    assert found.is_empty()


def test_a_discount_on_freight_is_no_discount_on_goods() -> None:
    found = read(first(Subtotal="60.00", Shipping="0.00", Discount_Amount="5.95", Total="64.00"))
    found.shows("orders", "goods_minor | shipping_minor | discount_merchant_minor | paid_minor\n6000 | 0 | 0 | 6400")
    assert found.tables["discounts"][0]["amount_minor"] == 0


def test_an_order_without_lines_is_an_order() -> None:
    found = read({**FIRST, "Lineitem quantity": "", "Lineitem name": "", "Lineitem price": "", "Lineitem sku": ""})
    found.shows("orders", "goods_minor | paid_minor\n6000 | 6300")
    assert found.tables["order_lines"] == []


def test_an_order_that_stands_twice_in_one_file_counts_once(tmp_path: Path) -> None:
    rows = (
        first(Subtotal="64.00", Total="73.00"),
        {"Lineitem sku": "MSK", "Lineitem quantity": "1", "Lineitem price": "10.00"},
    )
    found = imported(tmp_path, [CaseFile(text_of(*rows, *rows), "orders.csv")])
    report = found.reports[0].files[0]
    assert (report.canonical, report.duplicates, report.quarantined) == (2, 2, 0)
    found.shows("orders", "goods_minor\n7000")
    found.shows("order_lines", "sku_id | goods_minor\nSER | 6000\nMSK | 1000")


def test_the_buyer_stands_apart_from_the_order_with_both_addresses() -> None:
    found = read({**FIRST, **PEOPLE}, {"Lineitem sku": "MSK"})
    found.shows("persons", "role | name | mobile | email\nbuyer | Ann B | +1 555 0100 | ann@example.com")
    found.shows(
        "addresses",
        """
        role      | country | province | name  | mobile      | address
        recipient | US      | NY       | Ann S | +1 555 0102 | 2 Ship St Floor 3, 12180, Troy, NY
        billing   | US      | NY       | Ann B | +1 555 0101 | 1 Bill St, 12207, Albany, NY
    """,
    )
    key = found.tables["orders"][0]["buyer_key"]
    assert {row["person_key"] for table in ("persons", "addresses") for row in found.tables[table]} == {key}
    again = read({**FIRST, "Email": "ANN@example.com", "Name": "US7"})
    assert again.tables["persons"][0]["email"] == "ann@example.com"


def test_the_short_export_without_lines_about_people_is_read() -> None:
    cells = {name: cell for name, cell in {**LINE, **FIRST}.items() if name in SHORT_HEADER.split(",")}
    found = translated(CaseFile(lines_of(SHORT_HEADER, {}, cells), "orders.csv"))
    assert found.rejects == {}
    found.shows("orders", "paid_minor | refund_stated_minor\n6300 | 0")


def test_vat_inside_is_shared_over_lines_and_freight(tmp_path: Path) -> None:
    rows = (
        first(Currency="EUR", Subtotal="72.00", Shipping="5.95", Taxes="12.45", Total="77.95", Discount_Amount="8.00"),
        {"Lineitem sku": "TEA", "Lineitem quantity": "1", "Lineitem price": "20.00"},
    )
    found = imported(tmp_path, [CaseFile(text_of(*rows), "orders.csv")])
    found.shows(
        "order_pieces",
        """
        kind     | sku_id | gross_minor | vat_minor
        line     | SER    | 5400        | 862
        line     | TEA    | 1800        | 288
        shipping |        | 595         | 95
    """,
    )


def test_a_paid_order_that_was_not_shipped_is_not_recognised(tmp_path: Path) -> None:
    orders = CaseFile(text_of({**FIRST, **UNSHIPPED}), "orders.csv")
    payouts = CaseFile(
        "Transaction Date,Type,Order,Amount,Fee,Net,Currency\r\n2026-09-01 00:01:00 -0400,charge,US1001,63.00,2.13,60.87,USD\r\n",
        "payouts.csv",
    )
    found = imported(tmp_path, [orders, payouts])
    found.shows("order_positions", "state | recognised_at | income_minor | expected_minor\npaid |  | 6300 | 6300")
    assert not [row for row in found.rows("ledger_entries") if row["account"] == "revenue_goods"]


def test_a_name_that_begins_with_a_hash_is_a_name() -> None:
    found = read({**FIRST, "Name": "#1001"})
    assert found.rows == 1
    found.shows("orders", "order_id\n#1001")


def test_every_currency_is_read_with_its_digits() -> None:
    currencies = [row["currency"] for row in code_list("shopify", "currencies")]
    found = read(*({**FIRST, "Name": f"US{number}", "Currency": code} for number, code in enumerate(currencies)))
    paid = {row["currency"]: row["paid_minor"] for row in found.tables["orders"]}
    assert paid == {code: 63 * 10 ** minor_digits(code) for code in currencies}
