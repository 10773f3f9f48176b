"""The newer generation of Alipay's ledger: 账务类型, more columns, the login before the account's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, imported, lines_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "序号,入账时间,支付宝交易号,支付宝流水号,商户订单号,账务类型,收入（+元）,支出（-元）,账户余额（元）,服务费（元）,支付渠道,签约产品,对方账户,对方名称,"
    "银行订单号,商品名称,备注,业务基础订单号,业务订单号,业务账单来源,业务描述,付款备注"
)
SHORT = "序号,入账时间,支付宝交易号,支付宝流水号,商户订单号,账务类型,收入（+元）,支出（-元）,账户余额（元）,对方账户,对方名称,银行订单号,商品名称,备注,业务描述"
BEFORE = (
    "#支付宝账务明细查询\r\n#账号：demo***@example.com[2088000000000000]\r\n"
    "#起始日期：[2026年09月01日 00:00:00]   终止日期：[2026年09月30日 00:00:00]\r\n#----------账务明细列表----------\r\n"
)
PLAIN = {
    "序号": "1",
    "入账时间": "2026-09-09 08:31:00",
    "支付宝交易号": "2026090922001400000000000001",
    "支付宝流水号": "50000000000001",
    "商户订单号": "T200P289749893209214687",
    "账务类型": "在线支付",
    "收入（+元）": "54.80",
    "支出（-元）": " ",
    "账户余额（元）": "1054.80",
    "对方账户": "acc***@x",
    "对方名称": "某人",
}
COMMISSION = {
    "序号": "2",
    "支付宝流水号": "50000000000002",
    "商户订单号": " ",
    "账务类型": "其它",
    "收入（+元）": " ",
    "支出（-元）": "-2.74",
    "账户余额（元）": "1052.06",
    "备注": "天猫佣金（类目）扣款",
    "业务基础订单号": "289749893209214687",
}


def ledger(header: str, *rows: dict[str, str]) -> CaseFile:
    return CaseFile(BEFORE + lines_of(header, PLAIN, *rows, tail="\t"), "ledger.csv", "gb18030")


@pytest.mark.parametrize("header", [HEADER, SHORT], ids=["22 columns", "15 columns"])
def test_the_newer_generation_is_the_same_ledger(header: str) -> None:
    found = translated(ledger(header, {}))
    assert (found.formats, found.rejects, found.rows) == ({"ledger.csv": "alipay_ledger"}, {}, 1)
    found.shows(
        "settlement_lines",
        "line_id | order_key | kind | platform_item | amount_minor\n"
        "alipay:our shop:50000000000001 | tmall:289749893209214687 | order_income | 在线支付 | 5480",
    )
    found.shows("wallet_lines", "amount_minor | balance_minor\n5480 | 105480")


def test_a_fee_finds_its_order_by_the_number_of_the_basic_order() -> None:
    translated(ledger(HEADER, {}, COMMISSION)).shows(
        "settlement_lines",
        "kind | fee_code | order_key | amount_minor\n"
        "order_income | | tmall:289749893209214687 | 5480\nfee | commission | tmall:289749893209214687 | -274",
    )


def test_a_movement_that_is_no_sale_belongs_to_no_order() -> None:
    moved = {"账务类型": "提现到银行卡", "收入（+元）": " ", "支出（-元）": "-9.00", "商户订单号": " "}
    translated(ledger(HEADER, {**moved, "业务基础订单号": "289749893209214687"})).shows(
        "settlement_lines", "kind | order_id | amount_minor\nwithdrawal | | -900"
    )


def test_the_account_stands_behind_the_login(tmp_path: Path) -> None:
    cell = imported(tmp_path, [ledger(HEADER, {})])
    cell.shows("wallet_lines", "wallet_id | amount_minor\nalipay:2088000000000000 | 5480")


def test_a_transfer_that_may_be_anything_is_quarantined() -> None:
    found = translated(ledger(HEADER, {"账务类型": "转账"}))
    assert (found.rejects, found.is_empty()) == ({"6": "unknown_code:业务类型:转账"}, True)
