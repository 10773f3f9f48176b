"""Douyin's after-sale cases: kinds, states and what goes back to the buyer, beside the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

ORDER, LINE = "6954000000000000001", "6954000000000000002"
HEADER = (
    "售后单号,订单号,商品单号,商品名称,商品ID,应付金额（元）,商品运费（元）,支付优惠（元）,商品税费（元）,商品发货状态,售后类型,退商品金额（元）,"
    "退运费金额（元）,退支付优惠（元）,退税费金额（元）,售后状态,售后申请时间,退款方式,是否已上传退款凭证,售后原因,售后原因标签,退货物流单号,退货异常,"
    "退货发货时间,退货物流公司,自动处理截止时间,同意售后申请时间,商家退款时间,用户到账时间,售后关闭时间,商家退货地址,商家退货联系人姓名,"
    "商家退货联系人电话,仲裁状态,纠纷责任方,是否极速退款,是否拒签后退款,发货物流单号,发货物流状态,换货物流单号,退货物流状态,售后完结时间,订单备注,"
    "用户售后说明,售后备注,操作人,协商记录,换货商品信息,商家编码,门店名称"
)
PLAIN = {
    "售后单号": "\t147000000000000001",
    "订单号": f"\t{ORDER}",
    "商品单号": f"\t{LINE}",
    "商品ID": "\t3660207428038974464",
    "商品发货状态": "已发货",
    "售后类型": "退货退款",
    "退商品金额（元）": "50.00",
    "退运费金额（元）": "3.00",
    "退支付优惠（元）": "2.00",
    "退税费金额（元）": "-",
    "售后状态": "同意退款，退款成功",
    "售后申请时间": "2026-09-10 08:00:00",
    "同意售后申请时间": "2026-09-10 09:00:00",
    "商家退款时间": "2026-09-13 10:00:00",
    "用户到账时间": "2026-09-13 10:00:05",
    "售后完结时间": "2026-09-13 10:00:06",
    "商家退货联系人姓名": "测试人",
    "商家退货联系人电话": "13800000000",
    "操作人": "测试员",
    "商家编码": "SKU-A",
}
APPLIED = {
    "售后状态": "待商家处理",
    "同意售后申请时间": "-",
    "商家退款时间": "-",
    "用户到账时间": "-",
    "售后完结时间": "-",
}
KINDS = {row["case_kind"]: row["kind"] for row in code_list("douyin", "case_kinds")}
STATES = {row["case_state"]: row for row in code_list("douyin", "case_states")}


def cases(*rows: dict[str, str], name: str = "1791430000_after_sale.csv", encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), name, encoding)


def read(*rows: dict[str, str]) -> Translated:
    return translated(cases(*({"售后单号": f"\t14700000000000{number:04d}", **row} for number, row in enumerate(rows))))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_case_says_what_goes_back_to_the_buyer_in_cash(encoding: str) -> None:
    found = translated(cases({}, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"1791430000_after_sale.csv": "douyin_after_sales"}, {}, 1)
    found.shows(
        "after_sales",
        f"""
        case_key                  | month   | order_key      | order_line_id | kind          | process   | money    | currency | refund_minor | refund_goods_minor | refund_shipping_minor | refund_tax_minor | refund_provider_minor
        douyin:147000000000000001 | 2026-09 | douyin:{ORDER} | {LINE}        | return_refund | succeeded | returned | CNY      | 5100         | 5000               | 300                   | 0                | 200
    """,
    )
    found.shows(
        "after_sales",
        """
        sku_id | platform_status    | applied_at          | agreed_at           | refunded_at         | arrived_at          | closed_at
        SKU-A  | 同意退款，退款成功 | 2026-09-10 08:00:00 | 2026-09-10 09:00:00 | 2026-09-13 10:00:00 | 2026-09-13 10:00:05 | 2026-09-13 10:00:06
    """,
    )


def test_a_case_books_no_money_for_the_settlement_does(tmp_path: Path) -> None:
    cell = imported(tmp_path, [cases({})])
    assert (cell.rows("settlement_lines"), cell.rows("refund_statements"), cell.rows("ledger_entries")) == ([], [], [])


def test_the_newer_state_of_a_case_wins_whatever_comes_first(tmp_path: Path) -> None:
    newer, older = cases({}, name="1791440000_b.csv"), cases(APPLIED, name="1791430000_a.csv")
    for number, batches in enumerate(([newer], [older]), start=1):
        home = tmp_path / str(number)
        home.mkdir()
        other = [older] if batches[0] is newer else [newer]
        imported(home, batches, other).shows("after_sales", "process | money\nsucceeded | returned")


def test_no_name_or_phone_of_the_merchants_people_is_kept(tmp_path: Path) -> None:
    cell = imported(tmp_path, [cases({})])
    assert cell.rows("persons") == []
    assert not [row for row in cell.rows("after_sales") if "测试" in str(row) or "13800000000" in str(row)]


def test_every_kind_of_case_has_its_word() -> None:
    found = read(*({"售后类型": kind} for kind in KINDS)).tables["after_sales"]
    assert [row["kind"] for row in sorted(found, key=lambda row: row["row_no"])] == list(KINDS.values())
    assert set(KINDS.values()) == {
        "cancel_before_ship", "refund_only", "return_refund", "exchange", "price_protection", "resend", "repair",
    }  # fmt: skip


@pytest.fixture(scope="module")
def every_state() -> Translated:
    return read(*({"售后状态": state} for state in STATES))


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_case_says_how_far_it_is_and_where_the_money_is(every_state: Translated, state: str) -> None:
    row = list(STATES).index(state) + 2
    found = [(case["process"], case["money"]) for case in every_state.tables["after_sales"] if case["row_no"] == row]
    assert found == [(STATES[state]["process"], STATES[state]["money"])]


REFUSED = {
    "no case number": ({"售后单号": ""}, "bad_id:售后单号"),
    "a ruined order number": ({"订单号": "6.954E+18"}, "ruined_id:订单号"),
    "no order number": ({"订单号": "-"}, "bad_id:订单号"),
    "no line number": ({"商品单号": "-"}, "bad_id:商品单号"),
    "no time": ({"售后申请时间": "-"}, "bad_time:售后申请时间"),
    "a broken time of agreement": ({"同意售后申请时间": "昨天"}, "bad_time:同意售后申请时间"),
    "a broken time of refund": ({"商家退款时间": "昨天"}, "bad_time:商家退款时间"),
    "a broken time of arrival": ({"用户到账时间": "昨天"}, "bad_time:用户到账时间"),
    "a broken time of the end": ({"售后完结时间": "昨天"}, "bad_time:售后完结时间"),
    "a broken refund of goods": ({"退商品金额（元）": "五十"}, "bad_money:退商品金额（元）"),
    "a broken refund of freight": ({"退运费金额（元）": "三"}, "bad_money:退运费金额（元）"),
    "a broken refund of tax": ({"退税费金额（元）": "一"}, "bad_money:退税费金额（元）"),
    "a broken refund of a discount": ({"退支付优惠（元）": "二"}, "bad_money:退支付优惠（元）"),
    "an unknown kind": ({"售后类型": "神秘售后"}, "unknown_code:售后类型:神秘售后"),
    "an unknown state": ({"售后状态": "神秘状态"}, "unknown_code:售后状态:神秘状态"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
