"""Orders and after-sale cases of Douyin Shop by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

from tests.connectors.live.casework import pulled

LINE: dict[str, Any] = {
    "order_id": "6936476692437472563",
    "main_status": 105,
    "order_status": 105,
    "product_id": 3660207428038974464,
    "sku_id": 3410716076201730,
    "code": "112233",
    "out_sku_id": "",
    "out_product_id": "0",
    "product_name": "办公椅，测试商品",
    "item_num": 2,
    "origin_amount": 5000,
    "pay_amount": 8700,
    "promotion_pay_amount": 100,
    "shop_cost_amount": 500,
    "platform_cost_amount": 800,
    "author_cost_amount": 300,
    "pay_time": 1731916560,
    "ship_time": 0,
    "after_sale_info": {"after_sale_status": 0},
}
ORDER: dict[str, Any] = {
    "order_id": "6936476692437472563",
    "order_status": 105,
    "main_status": 105,
    "create_time": 1731916551,
    "pay_time": 1731916560,
    "finish_time": 0,
    "update_time": 1731986645,
    "pay_amount": 9300,
    "promotion_pay_amount": 100,
    "post_amount": 600,
    "encrypt_post_receiver": "##FAKECIPHER*FAKEIDX#1##",
    "post_addr": {"province": {"name": "福建省", "id": "35"}, "encrypt_detail": "##FAKECIPHER*FAKEIDX#1##"},
    "doudian_open_id": "1@#FAKEOPENID",
    "sku_order_list": [LINE],
    "order_phase_list": [],
}


def listed(*orders: dict[str, Any]) -> dict[str, Any]:
    return {"code": 10000, "data": {"total": len(orders), "page": 0, "shop_order_list": list(orders)}}


def order(number: int, **changed: Any) -> dict[str, Any]:
    return {**ORDER, "order_id": str(number), "sku_order_list": [{**LINE, "order_id": f"{number}01"}], **changed}


def test_an_order_has_its_money_by_who_bears_it() -> None:
    found = pulled("douyin_live_orders", listed(ORDER))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id            | payment_state | fulfilment_state | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | discount_other_minor | paid_minor | placed_at           | modified_at
        6936476692437472563 | escrowed      | allocated        | 10000       | 600            | 500                     | 500                     | 400                  | 9200       | 2024-11-18 15:55:51 | 2024-11-19 11:24:05
    """,
    )
    found.shows(
        "discounts",
        """
        funder           | kind      | amount_minor
        merchant         | promotion | 500
        platform         | coupon    | 500
        talent           | coupon    | 300
        payment_provider | promotion | 100
    """,
    )
    found.shows(
        "order_lines",
        "line_id | sku_id | quantity | unit_price_minor | paid_minor\n6936476692437472563 | 112233 | 2 | 5000 | 8600",
    )
    found.shows("addresses", "province | name\n福建省 | ##FAKECIPHER*FAKEIDX#1##")


STATES = """
    order_id | payment_state | commercial_state   | fulfilment_state | refund_stated_minor
    1        | unpaid        | open               | unallocated      | 0
    103      | deposit_paid  | open               | unallocated      | 0
    105      | escrowed      | open               | allocated        | 0
    2        | escrowed      | open               | released         | 0
    101      | escrowed      | open               | part_shipped     | 0
    3        | escrowed      | open               | shipped          | 0
    5        | released      | completed_by_buyer | delivered        | 0
    21       | voided        | closed_refunded    | unallocated      | 9200
    22       | voided        | closed_refunded    | shipped          | 8600
    39       | released      | completed_by_buyer | delivered        | 8600
    4        | voided        | cancelled_unpaid   | unallocated      | 0
"""


def test_every_state_of_an_order_is_three_states_of_ours() -> None:
    codes = [int(line.split("|")[0]) for line in STATES.strip().splitlines()[1:]]
    orders = []
    for code in codes:
        unpaid = {"pay_time": 0} if code in (1, 103, 4) else {}
        line = {**LINE, "main_status": code, **unpaid}
        orders.append(order(code, main_status=code, sku_order_list=[line], **unpaid))
    found = pulled("douyin_live_orders", listed(*orders))
    assert found.rejects == {}
    found.shows("orders", STATES)


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"main_status": 77}, "unknown_code:main_status:77"),
    ({"sku_order_list": [{**LINE, "main_status": 78}]}, "unknown_code:main_status:78"),
    ({"create_time": "yesterday"}, "bad_time:create_time"),
    ({"update_time": None}, "missing_field:update_time"),
    ({"pay_amount": "12.5"}, "bad_money:pay_amount"),
    ({"sku_order_list": []}, "missing_field:sku_order_list"),
    ({"sku_order_list": [{**LINE, "item_num": 0}]}, "bad_number:item_num"),
    ({"sku_order_list": [LINE, {**LINE, "origin_amount": "dear"}]}, "bad_money:sku_order_list"),
]


def test_what_is_not_understood_is_quarantined_whole_and_its_neighbours_are_not() -> None:
    orders = [order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2)]
    found = pulled("douyin_live_orders", listed(order(1), *orders))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["1"]


CASES = """
    case_id | kind               | process   | money    | platform_status
    3       | refund_only        | agreed    | none     | 等待用户收货
    6       | refund_only        | applied   | pending  | 待商家处理
    7       | refund_only        | to_return | pending  | 待买家退货
    8       | refund_only        | agreed    | none     | 等待用户收货
    11      | refund_only        | returning | pending  | 待商家收货
    12      | refund_only        | succeeded | returned | 售后成功
    13      | refund_only        | agreed    | none     | 等待用户收货
    14      | refund_only        | succeeded | none     | 换货成功
    27      | refund_only        | refused   | none     | 拒绝售后申请
    28      | refund_only        | closed    | none     | 售后关闭
    29      | refund_only        | refused   | none     | 拒绝退款
    51      | refund_only        | succeeded | returned | 售后成功
    53      | refund_only        | succeeded | returned | 售后成功
"""


def case(number: int, status: int, kind: int = 1, **changed: Any) -> dict[str, Any]:
    info = {
        "aftersale_id": str(number),
        "aftersale_status": status,
        "aftersale_type": kind,
        "apply_time": 1731916600,
        "update_time": 1731986645,
        "refund_amount": 8600,
        **changed,
    }
    return {"aftersale_info": info, "order_info": {"shop_order_id": "69", "related_order_info": []}}


def test_every_state_of_a_case() -> None:
    codes = [int(line.split("|")[0]) for line in CASES.strip().splitlines()[1:]]
    found = pulled("douyin_live_cases", {"code": 10000, "data": {"items": [case(code, code) for code in codes]}})
    assert found.rejects == {}
    found.shows("after_sales", CASES)


def test_kinds_of_cases_and_money_that_the_platform_says_apart() -> None:
    items = [case(kind + 1, 6, kind) for kind in range(9)]
    items += [case(90, 12, refund_status=4), case(91, 28, refund_status=1), case(92, 99), case(93, 6, 77)]
    found = pulled("douyin_live_cases", {"code": 10000, "data": {"items": items}})
    assert found.rejects == {"12": "unknown_code:aftersale_status:99", "13": "unknown_code:aftersale_type:77"}
    found.shows(
        "after_sales",
        """
        case_id | kind               | money
        1       | return_refund      | pending
        2       | refund_only        | pending
        3       | cancel_before_ship | pending
        4       | exchange           | pending
        5       | cancel_before_ship | pending
        6       | cancel_before_ship | pending
        7       | price_protection   | pending
        8       | resend             | pending
        9       | repair             | pending
        90      | refund_only        | failed
        91      | refund_only        | none
    """,
    )


ENGINE_CASES: dict[str, list[Any]] = {
    "douyin_live_orders": [
        listed(
            ORDER,
            *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2)),
        )
    ],
    "douyin_live_cases": [{"data": {"items": [case(1, 12), case(2, 99)]}}],
}
