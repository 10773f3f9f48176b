"""Alipay's settlement in foreign currency: the sale in yuan, its fee, and the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.model import minor_digits
from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "Partner_transaction_id,Transaction_id,Amount,Rmb_amount,Fee,Settlement,Rmb_settlement,Currency,Rate,Payment_time,Settlement_time,"
    "Type,Status,Remarks,Secondary_merchant_industry,Secondary_merchant_name,Operator_name,Order_scene,Trans_currency,Trans_amount,"
    "Trans_forex_rate"
)
HONG_KONG = (
    "Partner_transaction_id,Transaction_id,Amount,Fee,Settlement,Currency,Payment_time,Settlement_time,Issue,Product,Type,Status,"
    "Remarks,Original_partner_transaction_ID"
)
PLAIN = {
    "Partner_transaction_id": "T200P289749893209214687",
    "Transaction_id": "2017080221001004060213245489",
    "Amount": "369.30",
    "Rmb_amount": "2001.38",
    "Fee": "2.22",
    "Settlement": "367.08",
    "Rmb_settlement": "1989.37",
    "Currency": "AUD",
    "Rate": "5.41940000",
    "Payment_time": "2026-08-02 07:36:46",
    "Settlement_time": "2026-08-03 15:46:00",
    "Type": "P",
    "Status": "L",
    "Trans_currency": "AUD",
    "Trans_amount": "369.30",
    "Trans_forex_rate": "1",
}
REFUND = {
    "Partner_transaction_id": "refund-1",
    "Transaction_id": "2017080221001004060213245490",
    "Amount": "-36.93",
    "Rmb_amount": "-200.14",
    "Fee": "0.00",
    "Settlement": "-36.93",
    "Rmb_settlement": "-200.14",
    "Type": "R",
}
IN_HONG_KONG = {
    "Partner_transaction_id": "20181220194010800100160650009000664",
    "Transaction_id": "20181220194010800100160650009000664",
    "Amount": "0.3",
    "Fee": "0",
    "Settlement": "0.3",
    "Currency": "HKD",
    "Payment_time": "12/20/2018 3:30",
    "Settlement_time": "12/27/2018 9:40",
    "Product": "CASHIER_PAY",
    "Type": "PAYMENT",
    "Status": "SETTLED",
}
BACK_IN_HONG_KONG = {
    "Partner_transaction_id": "Merchant_Refund_Id_122112",
    "Transaction_id": "20181225194010800100160610009243868",
    "Amount": "0.2",
    "Settlement": "-0.2",
    "Type": "REFUND",
    "Original_partner_transaction_ID": "20181220194010800100160650009000664",
}


def settlement(*rows: dict[str, str], header: str = HEADER, plain: dict[str, str] = PLAIN) -> CaseFile:
    return CaseFile(lines_of(header, plain, *rows), "settle.csv", "utf-8")


def test_a_payment_is_income_in_yuan_and_then_exchanged() -> None:
    found = translated(settlement({}))
    assert (found.formats, found.rejects, found.rows) == ({"settle.csv": "alipay_settlement"}, {}, 1)
    found.shows(
        "settlement_lines",
        """
        wallet_id              | order_key                | kind         | fee_code    | vat_rate_bp | currency | amount_minor | booked_at           | month
        alipay:our shop:global | tmall:289749893209214687 | order_income |             | 0           | CNY      | 200138       | 2026-08-03 15:46:00 | 2026-08
        alipay:our shop:global | tmall:289749893209214687 | fee          | payment_fee | 0           | CNY      | -1201        | 2026-08-03 15:46:00 | 2026-08
        alipay:our shop:global |                          | transfer     |             | 0           | CNY      | -198937      | 2026-08-03 15:46:00 | 2026-08
        alipay:our shop:global |                          | transfer     |             | 0           | AUD      | 36708        | 2026-08-03 15:46:00 | 2026-08
    """,
    )


def test_all_yuan_of_a_row_are_exchanged() -> None:
    lines = translated(settlement({}, REFUND)).tables["settlement_lines"]
    assert sum(line["amount_minor"] for line in lines if line["currency"] == "CNY") == 0


@pytest.mark.parametrize("sign", ["-", ""])
def test_a_refund_goes_out_whether_or_not_it_is_written_with_a_minus(sign: str) -> None:
    amounts = {
        name: sign + REFUND[name].removeprefix("-") for name in ("Amount", "Rmb_amount", "Settlement", "Rmb_settlement")
    }
    found = translated(settlement({**REFUND, **amounts}))
    found.shows(
        "settlement_lines",
        "order_key | kind | currency | amount_minor\n| order_refund | CNY | -20014\n| transfer | CNY | 20014\n| transfer | AUD | -3693",
    )


def test_a_refund_numbered_like_its_sale_finds_it() -> None:
    found = translated(settlement({**REFUND, "Partner_transaction_id": "T200P289749893209214687"}))
    found.shows("settlement_lines", "order_id | kind\n289749893209214687 | order_refund\n| transfer\n| transfer")


def test_digits_alone_are_not_taken_for_the_order_of_a_refund() -> None:
    found = translated(settlement({**REFUND, "Partner_transaction_id": "289749893209214687"}))
    assert [line["order_id"] for line in found.tables["settlement_lines"]] == [None, None, None]


def test_money_of_a_refund_that_names_no_order_is_told(tmp_path: Path) -> None:
    cell = imported(tmp_path, [settlement(REFUND)])
    told = [row for row in cell.rows("exceptions") if row["kind"] == "settlement_without_order"]
    assert [(row["amount_minor"], row["currency"], row["cause"]) for row in told] == [(-20014, "CNY", "order_refund")]


def test_a_file_without_yuan_stays_in_its_currency_and_a_refund_finds_its_payment() -> None:
    found = translated(settlement({}, BACK_IN_HONG_KONG, header=HONG_KONG, plain=IN_HONG_KONG))
    assert (found.formats, found.rejects) == ({"settle.csv": "alipay_settlement"}, {})
    found.shows(
        "settlement_lines",
        """
        order_id                            | kind         | currency | amount_minor | booked_at
        20181220194010800100160650009000664 | order_income | HKD      | 30           | 2018-12-27 09:40:00
        20181220194010800100160650009000664 | order_refund | HKD      | -20          | 2018-12-27 09:40:00
    """,
    )


def test_a_payment_that_is_cancelled_in_hong_kong_goes_out_like_a_refund() -> None:
    cancelled = {**BACK_IN_HONG_KONG, "Type": "CANCEL", "Partner_transaction_id": "cancel-1"}
    found = translated(settlement({}, cancelled, header=HONG_KONG, plain=IN_HONG_KONG))
    assert found.rejects == {}
    found.shows("settlement_lines", "kind | amount_minor\norder_income | 30\norder_refund | -20")


def test_yen_have_no_decimals() -> None:
    found = translated(
        settlement({"Currency": "JPY", "Amount": "36930", "Fee": "222", "Settlement": "36708"}),
    )
    assert [line["amount_minor"] for line in found.tables["settlement_lines"] if line["currency"] == "JPY"] == [36708]


def test_the_same_file_twice_books_once(tmp_path: Path) -> None:
    again = CaseFile(settlement({}).text.replace("\r\n", "\n"), "again.csv", "utf-8")
    cell = imported(tmp_path, [settlement({})], [again])
    assert len(cell.rows("settlement_lines")) == 4


REFUSED = {
    "no transaction number": ({"Transaction_id": ""}, "bad_id:Transaction_id"),
    "a ruined transaction number": ({"Transaction_id": "2.01E+27"}, "ruined_id:Transaction_id"),
    "no partner number": ({"Partner_transaction_id": ""}, "bad_id:Partner_transaction_id"),
    "no time": ({"Settlement_time": ""}, "bad_time:Settlement_time"),
    "a day that is none": ({"Settlement_time": "13/45/2026 9:40"}, "bad_time:Settlement_time"),
    "an unknown currency": ({"Currency": "XYZ"}, "unknown_code:Currency:XYZ"),
    "a broken amount": ({"Amount": "1,000.00"}, "bad_money:Amount"),
    "a broken fee": ({"Fee": "?"}, "bad_money:Fee"),
    "a broken settlement": ({"Settlement": ""}, "bad_money:Settlement"),
    "a broken yuan amount": ({"Rmb_amount": ""}, "bad_money:Rmb_amount"),
    "a broken yuan settlement": ({"Rmb_settlement": ""}, "bad_money:Rmb_settlement"),
    "a fee that does not explain the difference": ({"Fee": "2.23"}, "inconsistent_amount:Fee"),
    "an unknown type": ({"Type": "X"}, "unknown_code:Type:X"),
    "an unknown status": ({"Status": "W"}, "unknown_code:Status:W"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    rows = [
        {"Transaction_id": f"20170802210010040602132{number:05d}", **cells}
        for number, (cells, _) in enumerate(REFUSED.values())
    ]
    return translated(settlement(*rows))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_every_currency_is_read_with_its_digits() -> None:
    currencies = [row["currency"] for row in code_list("alipay", "currencies")]
    amounts = {"Amount": "3.00", "Settlement": "3.00"}
    rows = [
        {**amounts, "Currency": code, "Partner_transaction_id": f"T{number}", "Transaction_id": f"A{number}"}
        for number, code in enumerate(currencies)
    ]
    found = translated(settlement(*rows, header=HONG_KONG, plain=IN_HONG_KONG))
    lines = {row["currency"]: row["amount_minor"] for row in found.tables["settlement_lines"]}
    assert lines == {code: 3 * 10 ** minor_digits(code) for code in currencies}
