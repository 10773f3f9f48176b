"""Xiaohongshu's settlement of goods: what moved, with its fees taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated
from tests.connectors.xiaohongshu.test_xiaohongshu_orders import ORDER, SECOND, export

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "订单号,售后单号,下单时间,结算时间,交易类型,结算账户,动账金额,计佣基数,商品实付/实退,运费实付/实退,平台优惠补贴,平台运费补贴,跨境税代缴,商品税金,"
    "运费税金,佣金,支付渠道费,分销佣金,代运营服务商佣金,代开发服务商佣金,花呗分期手续费,国补订单毛保金额,备注"
)
PLAIN = {
    "订单号": ORDER,
    "下单时间": "2026-09-09 10:05:00",
    "结算时间": "2026-09-27 03:00:00",
    "交易类型": "结算入账",
    "结算账户": "店铺余额",
    "动账金额": "213.90",
    "商品实付/实退": "215.00",
    "运费实付/实退": "8.00",
    "平台优惠补贴": "15.00",
    "佣金": "-11.90",
    "支付渠道费": "-1.43",
    "分销佣金": "-10.77",
}
UNSIGNED = {"佣金": "11.90", "支付渠道费": "1.43", "分销佣金": "10.77"}
REFUND = {
    "售后单号": "R100000000000000001",
    "结算时间": "2026-10-02 12:00:00",
    "交易类型": "退款",
    "动账金额": "-47.25",
    "商品实付/实退": "-50.00",
    "运费实付/实退": "0.00",
    "平台优惠补贴": "0.00",
    "佣金": "2.50",
    "支付渠道费": "0.25",
    "分销佣金": "0.00",
}
ITEMS = {row["item"]: row for row in code_list("xiaohongshu", "items")}


def statement(*rows: dict[str, str], encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), "settlement.csv", encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("fees", [{}, UNSIGNED], ids=["fees negative", "fees positive"])
def test_a_settled_row_gives_income_and_its_fees(fees: dict[str, str], encoding: str) -> None:
    found = translated(statement(fees, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"settlement.csv": "xiaohongshu_settlement"}, {}, 1)
    found.shows(
        "settlement_lines",
        f"""
        order_key           | kind         | fee_code             | platform_item | vat_rate_bp | amount_minor | booked_at           | month   | wallet_id
        xiaohongshu:{ORDER} | order_income |                      | 结算入账      | 0           | 23800        | 2026-09-27 03:00:00 | 2026-09 | xiaohongshu:our shop
        xiaohongshu:{ORDER} | fee          | commission           | 佣金          | 600         | -1190        | 2026-09-27 03:00:00 | 2026-09 | xiaohongshu:our shop
        xiaohongshu:{ORDER} | fee          | payment_fee          | 支付渠道费    | 600         | -143         | 2026-09-27 03:00:00 | 2026-09 | xiaohongshu:our shop
        xiaohongshu:{ORDER} | fee          | affiliate_commission | 分销佣金      | 600         | -1077        | 2026-09-27 03:00:00 | 2026-09 | xiaohongshu:our shop
    """,
    )


def test_a_refund_goes_out_and_gives_fees_back() -> None:
    translated(statement({}, REFUND)).shows(
        "settlement_lines",
        "kind | fee_code | amount_minor\norder_income | | 23800\nfee | commission | -1190\nfee | payment_fee | -143\n"
        "fee | affiliate_commission | -1077\norder_refund | | -5000\nfee | commission | 250\nfee | payment_fee | 25",
    )


def test_orders_and_settlement_meet(tmp_path: Path) -> None:
    cell = imported(tmp_path, [export({}, SECOND), statement({})])
    assert {row["kind"] for row in cell.rows("exceptions")} <= {"sku_without_cost"}
    cell.shows("order_positions", "income_minor | expected_minor | settlement_state\n23800 | 23800 | settled")


def test_an_income_that_the_order_does_not_explain_is_an_exception(tmp_path: Path) -> None:
    cell = imported(tmp_path, [export({}, SECOND), statement({"动账金额": "212.90", "商品实付/实退": "214.00"})])
    found = [(row["kind"], row["amount_minor"]) for row in cell.rows("exceptions")]
    assert ("settlement_difference", -100) in found


@pytest.mark.parametrize("item", ITEMS)
def test_every_fee_column_has_its_code(item: str) -> None:
    header = HEADER.replace("国补订单毛保金额", "国补订单毛保金额,附加费")
    none = {"佣金": "0", "支付渠道费": "0", "分销佣金": "0", "动账金额": "237.00"}
    found = translated(CaseFile(lines_of(header, {**PLAIN, **none}, {item: "-1.00"}), "settlement.csv"))
    fees = [
        (line["fee_code"], line["amount_minor"]) for line in found.tables["settlement_lines"] if line["kind"] == "fee"
    ]
    assert fees == [(ITEMS[item]["fee_code"], -100)]


def test_an_older_header_calls_the_commission_its_total() -> None:
    renamed = {("佣金总额" if name == "佣金" else name): cell for name, cell in PLAIN.items()}
    found = translated(CaseFile(lines_of(HEADER.replace(",佣金,", ",佣金总额,"), renamed, {}), "settlement.csv"))
    assert [line["amount_minor"] for line in found.tables["settlement_lines"] if line["fee_code"] == "commission"] == [
        -1190
    ]


def test_two_equal_rows_are_two_movements(tmp_path: Path) -> None:
    cell = imported(tmp_path, [statement(REFUND, REFUND)])
    assert sum(row["amount_minor"] for row in cell.rows("settlement_lines")) == -9450


REFUSED = {
    "no order number": ({"订单号": ""}, "bad_id:订单号"),
    "a ruined order number": ({"订单号": "8.02E+17"}, "ruined_id:订单号"),
    "no time": ({"结算时间": "-"}, "bad_time:结算时间"),
    "a broken movement": ({"动账金额": "-"}, "bad_money:动账金额"),
    "a broken goods amount": ({"商品实付/实退": "一"}, "bad_money:商品实付/实退"),
    "a broken freight": ({"运费实付/实退": "一"}, "bad_money:运费实付/实退"),
    "a broken subsidy": ({"平台优惠补贴": "一"}, "bad_money:平台优惠补贴"),
    "a broken freight subsidy": ({"平台运费补贴": "一"}, "bad_money:平台运费补贴"),
    "a broken tax": ({"商品税金": "一"}, "bad_money:商品税金"),
    "a broken freight tax": ({"运费税金": "一"}, "bad_money:运费税金"),
    "a broken remitted tax": ({"跨境税代缴": "一"}, "bad_money:跨境税代缴"),
    "a broken commission": ({"佣金": "一"}, "bad_money:佣金"),
    "a broken payment fee": ({"支付渠道费": "一"}, "bad_money:支付渠道费"),
    "a broken affiliate commission": ({"分销佣金": "一"}, "bad_money:分销佣金"),
    "a broken operator's commission": ({"代运营服务商佣金": "一"}, "bad_money:代运营服务商佣金"),
    "a broken developer's commission": ({"代开发服务商佣金": "一"}, "bad_money:代开发服务商佣金"),
    "a broken instalment fee": ({"花呗分期手续费": "一"}, "bad_money:花呗分期手续费"),
    "a broken guarantee": ({"国补订单毛保金额": "一"}, "bad_money:国补订单毛保金额"),
    "an unknown kind": ({"交易类型": "神秘"}, "unknown_code:交易类型:神秘"),
    "a fee that adds to a sale": ({"佣金": "30.00"}, "inconsistent_amount:佣金"),
    "a refund that brings money": ({**REFUND, "动账金额": "50.00"}, "inconsistent_amount:动账金额"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    rows = [{"订单号": f"P80233518995{number:06d}", **cells} for number, (cells, _) in enumerate(REFUSED.values())]
    # Rows that are right say which sign the fees of this file have.
    return translated(statement(*rows, {"订单号": "P900000000000000001"}, {"订单号": "P900000000000000002"}))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
