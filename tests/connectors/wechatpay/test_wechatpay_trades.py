"""WeChat Pay's trade bill: payments, refunds, their fees and the totals behind the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUCCESS_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
EARLY_HEADER = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额,"
    "微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
PAYMENT = {
    "交易时间": "`2026-09-09 10:06:33",
    "公众账号ID": "`wx0000000000000000",
    "商户号": "`1900000109",
    "特约商户号": "`0",
    "微信订单号": "`4200002360202609091150650780",
    "商户订单号": "`M202609090001",
    "用户标识": "`oTESTOPENID",
    "交易类型": "`JSAPI",
    "交易状态": "`SUCCESS",
    "付款银行": "`OTHERS",
    "货币种类": "`CNY",
    "应结订单金额": "`60.00",
    "代金券金额": "`0.00",
    "商品名称": "`一件商品",
    "商户数据包": "`@",
    "手续费": "`0.32000",
    "费率": "`0.54%",
    "订单金额": "`60.00",
    "费率备注": "`",
}
WHOLE = {
    **PAYMENT,
    "微信退款单号": "`0",
    "商户退款单号": "`0",
    "退款金额": "`0.00",
    "充值券退款金额": "`0.00",
    "退款类型": "`",
    "退款状态": "`",
    "申请退款金额": "`0.00",
}
REFUND = {
    "交易时间": "`2026-09-10 16:47:58",
    "交易状态": "`REFUND",
    "应结订单金额": "`0.00",
    "微信退款单号": "`50302709992026091091956632208",
    "商户退款单号": "`R202609100001",
    "退款金额": "`50.00",
    "退款类型": "`ORIGINAL",
    "退款状态": "`SUCCESS",
    "手续费": "`-0.27000",
    "订单金额": "`0.00",
    "申请退款金额": "`50.00",
}
REVOKED = {**REFUND, "交易状态": "`REVOKED", "微信退款单号": "`0", "商户退款单号": "`0", "退款状态": "`"}


def bill(*rows: dict[str, str], totals: str = "", name: str = "bill.csv", encoding: str = "utf-8-sig") -> CaseFile:
    # The merchant's own data is JSON, unquoted: its quotation marks open no cell.
    text = lines_of(HEADER, WHOLE, *rows, quote=False).replace("`@", '`{"id":"1"}')
    return CaseFile(text + (TOTALS + totals if totals else ""), name, encoding, "our shop")


def read(*rows: dict[str, str]) -> Translated:
    numbered = [{"微信订单号": f"`42000023602026090900000{number:05d}", **row} for number, row in enumerate(rows)]
    return translated(bill(*numbered))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_payment_is_income_of_its_order_and_its_fee_a_line_of_its_own(encoding: str) -> None:
    found = translated(bill({}, totals="`1,`60.00,`0.00,`0.00,`0.32000,`60.00,`0.00", encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"bill.csv": "wechatpay_trades"}, {}, 1)
    found.shows(
        "settlement_lines",
        """
        line_id                                    | wallet_id          | order_key              | order_id      | kind         | fee_code    | vat_rate_bp | currency | amount_minor | booked_at           | month
        wechatpay:4200002360202609091150650780     | wechatpay:our shop | own_shop:M202609090001 | M202609090001 | order_income |             | 0           | CNY      | 6000         | 2026-09-09 10:06:33 | 2026-09
        wechatpay:4200002360202609091150650780:fee | wechatpay:our shop | own_shop:M202609090001 | M202609090001 | fee          | payment_fee | 600         | CNY      | -32          | 2026-09-09 10:06:33 | 2026-09
    """,
    )
    # The fund flow shows the wallet; a bill without balances does not.
    assert found.tables["wallet_lines"] == []


def test_a_refund_goes_out_and_gives_its_fee_back() -> None:
    found = translated(bill(REFUND))
    found.shows(
        "settlement_lines",
        """
        line_id                                     | order_id      | kind         | fee_code    | platform_item | amount_minor
        wechatpay:50302709992026091091956632208     | M202609090001 | order_refund |             | REFUND        | -5000
        wechatpay:50302709992026091091956632208:fee | M202609090001 | fee          | payment_fee | 手续费        | 27
    """,
    )


def test_two_refunds_of_one_payment_are_two_lines() -> None:
    second = {**REFUND, "微信退款单号": "`50302709992026091091956632209", "退款金额": "`10.00", "手续费": "`0.00000"}
    found = translated(bill({}, REFUND, second))
    found.shows(
        "settlement_lines",
        "kind | amount_minor\norder_income | 6000\nfee | -32\norder_refund | -5000\nfee | 27\norder_refund | -1000",
    )


def test_a_payment_taken_back_has_no_refund_number_and_goes_out_whole() -> None:
    found = translated(bill({**REVOKED, "退款金额": "`60.00", "手续费": "`0.00000"}))
    found.shows(
        "settlement_lines",
        "line_id | kind | amount_minor\nwechatpay:4200002360202609091150650780:revoked | order_refund | -6000",
    )


def test_a_refund_that_failed_moves_no_money_and_is_no_quarantined_row() -> None:
    found = translated(bill({**REFUND, "退款状态": "`FAIL"}))
    assert (found.rejects, found.tables["settlement_lines"]) == ({}, [])


def test_a_refund_under_way_has_left_the_balance() -> None:
    found = translated(bill({**REFUND, "退款状态": "`PROCESSING", "手续费": "`0.00000"}))
    found.shows("settlement_lines", "kind | amount_minor\norder_refund | -5000")


def test_the_state_lists_are_those_of_the_description() -> None:
    assert {row["state"]: row["role"] for row in code_list("wechatpay", "trade_states")} == {
        "SUCCESS": "payment",
        "REFUND": "refund",
        "REVOKED": "refund",
    }
    assert {row["refund_state"]: row["moved"] for row in code_list("wechatpay", "refund_states")} == {
        "SUCCESS": "yes",
        "PROCESSING": "yes",
        "FAIL": "no",
    }


def test_the_bill_of_payments_alone_gives_the_same_line_as_the_whole_bill(tmp_path: Path) -> None:
    payments = CaseFile(lines_of(SUCCESS_HEADER, PAYMENT, {}, quote=False), "success.csv", shop="our shop")
    cell = imported(tmp_path, [bill({}), payments])
    cell.shows(
        "settlement_lines",
        "line_id | amount_minor\nwechatpay:4200002360202609091150650780 | 6000\nwechatpay:4200002360202609091150650780:fee | -32",
    )


def test_the_early_generation_names_the_sum_total_and_red_packets() -> None:
    renamed = {
        "特约商户号": "子商户号",
        "应结订单金额": "总金额",
        "代金券金额": "企业红包金额",
        "充值券退款金额": "企业红包退款金额",
    }
    plain = {renamed.get(name, name): cell for name, cell in WHOLE.items()}
    plain = {name: cell for name, cell in plain.items() if name in EARLY_HEADER.split(",")}
    text = lines_of(EARLY_HEADER, plain, {"手续费": "`0"}, quote=False)
    found = translated(
        CaseFile(
            text + "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额\r\n`1,`60.00,`0.00,`0.00,`0\r\n"
        )
    )
    assert (found.formats, found.rejects, found.rows) == ({"export.csv": "wechatpay_trades"}, {}, 1)
    found.shows("settlement_lines", "kind | amount_minor\norder_income | 6000")


def test_the_row_of_totals_is_checked_against_the_rows(tmp_path: Path) -> None:
    right = bill({}, REFUND, totals="`2,`60.00,`50.00,`0.00,`0.05000,`60.00,`50.00", name="right.csv")
    wrong = bill(
        {"微信订单号": "`4200002360202609091150650799"},
        totals="`2,`61.00,`1.00,`0.00,`0.32000,`60.00,`0.00",
        name="wrong.csv",
    )
    cell = imported(tmp_path, [right, wrong])
    findings = {
        file.path.rpartition("/")[2]: [
            (each.name, each.stated, each.found, each.agrees) for each in file.findings if each.kind == "control_total"
        ]
        for file in cell.reports[0].files
    }
    assert findings == {
        "right.csv": [("trade_count", 2, 2, True), ("settled_sum", 6000, 6000, True), ("refund_sum", 5000, 5000, True)],
        "wrong.csv": [("trade_count", 2, 1, False), ("settled_sum", 6100, 6000, False), ("refund_sum", 100, 0, False)],
    }
    assert sorted(
        (row["cause"], row["amount_minor"]) for row in cell.rows("exceptions") if row["kind"] == "control_total"
    ) == [
        ("refund_sum", 100),
        ("settled_sum", 100),
        ("trade_count", None),
    ]
    assert cell.rejects() == {}


def test_the_fee_posts_at_its_price_before_vat(tmp_path: Path) -> None:
    cell = imported(tmp_path, [bill({"手续费": "`1.06000"})])
    cell.shows(
        "fees",
        "code | channel | shop | gross_minor | net_minor | vat_minor\npayment_fee | wechatpay | our shop | 106 | 100 | 6",
    )
    cell.shows("shops", "channel | shop | sale_model | recognition\nown_shop | our shop | own_shop | shipped")


REFUSED = {
    "no trade number": ({"微信订单号": ""}, "bad_id:微信订单号"),
    "a ruined trade number": ({"微信订单号": "4.2E+27"}, "ruined_id:微信订单号"),
    "no order number": ({"商户订单号": "`"}, "bad_id:商户订单号"),
    "a refund number that is none": ({**REFUND, "微信退款单号": "`退款"}, "bad_id:微信退款单号"),
    "no time": ({"交易时间": "`"}, "bad_time:交易时间"),
    "a time that is none": ({"交易时间": "`2014-11-1016：33：45"}, "bad_time:交易时间"),
    "a broken amount": ({"应结订单金额": "`六十"}, "bad_money:应结订单金额"),
    "a broken refund": ({**REFUND, "退款金额": "`-"}, "bad_money:退款金额"),
    "a broken fee": ({"手续费": "`"}, "bad_money:手续费"),
    "a fee finer than a fen": ({"手续费": "`0.05940"}, "bad_money:手续费"),
    "another currency": ({"货币种类": "`HKD"}, "unknown_code:货币种类:HKD"),
    "no currency": ({"货币种类": "`"}, "unknown_code:货币种类:"),
    "an unknown state": ({"交易状态": "`CLOSED"}, "unknown_code:交易状态:CLOSED"),
    "an unknown state of a refund": ({**REFUND, "退款状态": "`CHANGE"}, "unknown_code:退款状态:CHANGE"),
    "a refund without a state": ({**REFUND, "退款状态": "`"}, "unknown_code:退款状态:"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_only_a_comma_before_a_backtick_separates_cells() -> None:
    marked = {"设备号": "`"}
    file = bill(
        {**marked, "微信订单号": "`1", "商品名称": "`防晒霜A50ml", "商户数据包": "`B"},
        {**marked, "微信订单号": "`2", "商品名称": "`20C 行李箱", "商户订单号": "`M2"},
        {**marked, "微信订单号": "`3", "商户订单号": "`M3"},
    )
    text = file.text.replace("A50", ",50").replace("`B", '`{"shop":1,"src":"mini,app"}').replace("20C", '20"')
    found = translated(CaseFile(text, file.name))
    assert (found.rejects, found.rows) == ({}, 3)
    income = [row for row in found.tables["settlement_lines"] if row["kind"] == "order_income"]
    assert sorted((row["order_id"], row["amount_minor"], row["row_no"]) for row in income) == [
        ("M2", 6000, 3),
        ("M202609090001", 6000, 2),
        ("M3", 6000, 4),
    ]


def test_cells_that_a_spreadsheet_has_quoted_are_read_as_they_stand() -> None:
    text = lines_of(HEADER, {**WHOLE, "商户数据包": "`"}, {"商品名称": "`防晒霜,50ml"})
    assert '"`防晒霜,50ml"' in text
    found = translated(CaseFile(text, "bill.csv"))
    assert (found.rejects, found.rows) == ({}, 1)
