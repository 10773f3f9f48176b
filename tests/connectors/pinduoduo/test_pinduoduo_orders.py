"""Pinduoduo's order export: one row and one article per order."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADER = (
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),用户实付金额(元),"
    "商家实收金额(元),商品数量(件),发货时间,确认收货时间,商品id,商品规格,样式ID,商家编码-规格维度,商家编码-商品维度,商家备注,售后状态,"
    "快递单号,快递公司,订单成交时间,是否分期,分期期数,手续费承担方,分期方式"
)
PLAIN = {
    "商品": "测试商品",
    "订单号": "260901-000000000000001",
    "订单状态": "待发货",
    "商品总价(元)": "59.80",
    "邮费(元)": "0.00",
    "店铺优惠折扣(元)": "2.00",
    "平台优惠折扣(元)": "3.00",
    "多多支付立减金额(元)": "0.00",
    "用户实付金额(元)": "54.80",
    "商家实收金额(元)": "57.80",
    "商品数量(件)": "2",
    "商品id": "100000001",
    "商品规格": "红色,均码",
    "样式ID": "200000001",
    "商家编码-规格维度": "SKU-A-RED",
    "商家编码-商品维度": "SPU-A",
    "售后状态": "无售后或售后取消",
    "订单成交时间": "2026-09-01 12:00:20",
    "是否分期": "否",
}
STATUSES = {row["status"]: row for row in code_list("pinduoduo", "status")}
AFTER_SALES = {row["after_sale"]: row for row in code_list("pinduoduo", "after_sale")}


def read(*rows: dict[str, str], tail: str = "") -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows, tail=tail), "orders.csv"))


def numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"订单号": f"260901-{number:015d}", **row} for number, row in enumerate(rows)]


@pytest.mark.parametrize("tail", ["", "\t"], ids=["plain cells", "cells that end with a tab"])
def test_a_paid_order_gives_its_money_by_who_bears_it(tail: str) -> None:
    found = read({}, tail=tail)
    assert (found.formats, found.rejects) == ({"orders.csv": "pinduoduo_orders"}, {})
    found.shows(
        "orders",
        """
        order_key                        | month   | shop     | placed_at           | placed_is_estimated | paid_at             | goods_minor | shipping_minor | paid_minor | refund_stated_minor
        pinduoduo:260901-000000000000001 | 2026-09 | our shop | 2026-09-01 12:00:20 | no                  | 2026-09-01 12:00:20 | 5980        | 0              | 5480       |
    """,
    )
    found.shows(
        "orders",
        """
        platform_status | payment_state | commercial_state | fulfilment_state | order_kind | buyer_key
        待发货          | escrowed      | open             | allocated        | sale       |
    """,
    )
    found.shows(
        "discounts",
        """
        line_id | funder           | amount_minor | settled_through
                | merchant         | 200          |
                | platform         | 300          | settled
                | payment_provider | 0            | settled
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id | listing_id | variant_id | sku_id    | spu_id | title    | quantity | unit_price_minor | goods_minor | after_sale_status
        1       | 100000001  | 200000001  | SKU-A-RED | SPU-A  | 测试商品 | 2        | 2990             | 5980        | 无售后或售后取消
    """,
    )
    assert found.tables["shipments"] == []


def test_tabs_that_outnumber_the_commas_separate_nothing() -> None:
    found = read({"商品规格": "红色 均码"}, tail="\t")
    assert (found.formats, found.rejects) == ({"orders.csv": "pinduoduo_orders"}, {})
    found.shows("orders", "order_id | paid_minor\n260901-000000000000001 | 5480")


def test_a_sent_parcel_is_a_shipment() -> None:
    found = read(
        {"订单状态": "已发货待签收", "发货时间": "2026-09-02 09:00:00", "快递单号": "YX1", "快递公司": "虚构速运"}
    )
    found.shows("shipments", "shipment_id | carrier | shipped_at\nYX1 | 虚构速运 | 2026-09-02 09:00:00")
    found.shows("orders", "fulfilment_state | shipped_at\nshipped | 2026-09-02 09:00:00")


LINES = {
    "the code of the variant comes first": ({}, "SKU-A-RED | SPU-A | 2 | 2990 | 5980"),
    "without it the code of the product": ({"商家编码-规格维度": ""}, "SPU-A | SPU-A | 2 | 2990 | 5980"),
    "without both there is none": ({"商家编码-规格维度": "", "商家编码-商品维度": ""}, " | | 2 | 2990 | 5980"),
    "goods that the units do not divide are one unit of the whole": (
        {"商品数量(件)": "3", "商品总价(元)": "59.80"},
        "SKU-A-RED | SPU-A | 1 | 5980 | 5980",
    ),
}


@pytest.fixture(scope="module")
def lines() -> Translated:
    return read(*numbered(cells for cells, _ in LINES.values()))


@pytest.mark.parametrize("case", LINES)
def test_line_of_an_order(lines: Translated, case: str) -> None:
    lines.shows(
        "order_lines",
        f"sku_id | spu_id | quantity | unit_price_minor | goods_minor\n{LINES[case][1]}",
        row=row_of(LINES, case),
    )


STATES = {
    "unpaid": (
        {"订单状态": "待付款", "订单成交时间": "", "用户实付金额(元)": "0.00"},
        "unpaid | open | unallocated | 2026-09-01 00:00:00 | yes | | 0 | |",
    ),
    "unpaid, although the amount due stands there": (
        {"订单状态": "待付款", "订单成交时间": ""},
        "unpaid | open | unallocated | 2026-09-01 00:00:00 | yes | | 0 | |",
    ),
    "cancelled before payment": (
        {"订单状态": "已取消", "订单成交时间": "", "用户实付金额(元)": "0.00"},
        "voided | cancelled_unpaid | unallocated | 2026-09-01 00:00:00 | yes | | 0 | |",
    ),
    "cancelled after payment": (
        {"订单状态": "已取消"},
        "voided | closed_refunded | unallocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | 5480 |",
    ),
    "paid, but the export hides the time": (
        {"订单成交时间": ""},
        "escrowed | open | allocated | 2026-09-01 00:00:00 | yes | 2026-09-01 00:00:00 | 5480 | |",
    ),
    "refunded before shipping": (
        {"售后状态": "未发货，退款成功"},
        "voided | closed_refunded | unallocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | 5480 |",
    ),
    "the same with a comma of another width": (
        {"订单状态": "未发货,退款成功", "售后状态": "未发货,退款成功"},
        "voided | closed_refunded | unallocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | 5480 |",
    ),
    "refunded, and never shipped": (
        {"售后状态": "退款成功"},
        "voided | closed_refunded | unallocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | 5480 |",
    ),
    "refunded after shipping: only the bill knows how much": (
        {
            "订单状态": "已签收",
            "售后状态": "已发货，退款成功",
            "发货时间": "2026-09-02 09:00:00",
            "确认收货时间": "2026-09-08 10:00:00",
        },
        "released | completed_by_buyer | delivered | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | | 2026-09-08 10:00:00",
    ),
    "the group failed": (
        {"订单状态": "拼团失败", "订单成交时间": ""},
        "voided | group_failed | unallocated | 2026-09-01 00:00:00 | yes | 2026-09-01 00:00:00 | 5480 | 5480 |",
    ),
    "waiting for the group": (
        {"订单状态": "待分享"},
        "escrowed | group_forming | unallocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | |",
    ),
    "to be refused at the door": (
        {"订单状态": "已发货待签收", "售后状态": "已同意拒收退款，待用户拒收"},
        "escrowed | open | rejected_at_door | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | |",
    ),
    "no after-sale column filled": (
        {"售后状态": ""},
        "escrowed | open | allocated | 2026-09-01 12:00:20 | no | 2026-09-01 12:00:20 | 5480 | |",
    ),
}


@pytest.fixture(scope="module")
def states() -> Translated:
    return read(*numbered(cells for cells, _ in STATES.values()))


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_order(states: Translated, case: str) -> None:
    states.shows(
        "orders",
        "payment_state | commercial_state | fulfilment_state | placed_at | placed_is_estimated | paid_at | "
        f"paid_minor | refund_stated_minor | confirmed_at\n{STATES[case][1]}",
        row=row_of(STATES, case),
    )


@pytest.fixture(scope="module")
def every_status() -> Translated:
    return read(*numbered({"订单状态": status} for status in STATUSES))


@pytest.mark.parametrize("status", STATUSES)
def test_every_word_of_the_status_list_is_understood(every_status: Translated, status: str) -> None:
    row = STATUSES[status]
    every_status.shows(
        "orders",
        "platform_status | payment_state | commercial_state | fulfilment_state\n"
        f"{status} | {row['payment_state']} | {row['commercial_state']} | {row['fulfilment_state']}",
        row=row_of(STATUSES, status),
    )


@pytest.fixture(scope="module")
def every_after_sale() -> Translated:
    return read(
        *numbered(
            {"订单状态": "已发货待签收", "发货时间": "2026-09-02 09:00:00", "售后状态": word} for word in AFTER_SALES
        )
    )


@pytest.mark.parametrize("word", AFTER_SALES)
def test_every_word_of_the_after_sale_list_is_understood(every_after_sale: Translated, word: str) -> None:
    row = AFTER_SALES[word]
    state = (
        "closed_refunded | unallocated" if row["closes"] == "yes" else f"open | {row['fulfilment_state'] or 'shipped'}"
    )
    every_after_sale.shows("orders", f"commercial_state | fulfilment_state\n{state}", row=row_of(AFTER_SALES, word))


def test_the_lists_have_every_state_that_the_platform_has() -> None:
    said = " ".join(row["source"] for row in AFTER_SALES.values())
    for number in (0, *range(2, 19), 21, 22, 24, 25, 27, 31, 32, 33):
        assert f"after-sales {number}" in said
    tuples = " ".join(row["source"] for row in STATUSES.values())
    for word in (
        "confirm 0",
        "confirm 1",
        "confirm 2",
        "group 0",
        "group 1",
        "group 2",
        "order 1",
        "order 2",
        "order 3",
        "refund 2",
        "refund 3",
        "refund 4",
        "risk 1",
        "lucky flag 2",
    ):
        assert word in tuples


REFUSED = {
    "no order number": ({"订单号": ""}, "bad_id:订单号"),
    "a ruined order number": ({"订单号": "2.60901E+21"}, "ruined_id:订单号"),
    "an order number without a day": ({"订单号": "1234"}, "bad_id:订单号"),
    "a day that does not exist in the order number": ({"订单号": "260931-000000000000001"}, "bad_id:订单号"),
    "half a time": ({"订单成交时间": "2026-09"}, "bad_time:订单成交时间"),
    "a broken time of shipping": ({"发货时间": "昨天"}, "bad_time:发货时间"),
    "a broken time of confirmation": ({"确认收货时间": "昨天"}, "bad_time:确认收货时间"),
    "no unit": ({"商品数量(件)": "0"}, "bad_number:商品数量(件)"),
    "a letter in the amount": ({"商品总价(元)": "59.8O"}, "bad_money:商品总价(元)"),
    "freight in words": ({"邮费(元)": "包邮"}, "bad_money:邮费(元)"),
    "a broken discount of the shop": ({"店铺优惠折扣(元)": "二"}, "bad_money:店铺优惠折扣(元)"),
    "a broken discount of the platform": ({"平台优惠折扣(元)": "三"}, "bad_money:平台优惠折扣(元)"),
    "a broken payment discount": ({"多多支付立减金额(元)": "1e3"}, "bad_money:多多支付立减金额(元)"),
    "nothing paid stated": ({"用户实付金额(元)": ""}, "bad_money:用户实付金额(元)"),
    "an unknown state": ({"订单状态": "神秘状态"}, "unknown_code:订单状态:神秘状态"),
    "an unknown after-sale state": ({"售后状态": "神秘售后"}, "unknown_code:售后状态:神秘售后"),
    "both broken and unknown": ({"订单状态": "神秘状态", "商品总价(元)": "x"}, "bad_money:商品总价(元)"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*numbered(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_amounts_that_do_not_add_up_are_an_exception(tmp_path: Path) -> None:
    cell = imported(tmp_path, [CaseFile(lines_of(HEADER, PLAIN, {"用户实付金额(元)": "54.00"}), "orders.csv")])
    cell.shows("exceptions", "kind | channel | amount_minor\norder_identity | pinduoduo | 80")
