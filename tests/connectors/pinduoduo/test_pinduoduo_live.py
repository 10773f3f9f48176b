"""Orders and refunds of Pinduoduo by API: answers as sent, canonical rows, every valid tuple of states."""

from __future__ import annotations

from typing import Any

from tests.connectors.live.casework import pulled

ITEM = {
    "goods_id": "100000001",
    "sku_id": "200000001",
    "outer_goods_id": "SPU-A",
    "outer_id": "SKU-A-RED",
    "goods_name": "测试商品",
    "goods_price": 29.9,
    "goods_count": 2,
}
ORDER: dict[str, Any] = {
    "order_sn": "260901-000000000000001",
    "created_time": "2026-09-01 12:00:00",
    "confirm_time": "2026-09-01 12:00:20",
    "pay_time": "2026-09-01 12:00:18",
    "updated_at": "2026-09-01 12:00:21",
    "shipping_time": "",
    "receive_time": "",
    "confirm_status": 1,
    "group_status": 1,
    "order_status": 1,
    "refund_status": 1,
    "is_lucky_flag": 1,
    "risk_control_status": 0,
    "trade_type": 0,
    "goods_amount": 59.8,
    "platform_discount": 3.0,
    "seller_discount": 2.0,
    "capital_free_discount": 0.5,
    "postage": 0.0,
    "pay_amount": 54.3,
    "duo_duo_pay_reduction": 0.3,
    "province": "上海市",
    "receiver_name_mask": "测*",
    "open_address_id": "FAKEOAID",
    "item_list": [ITEM],
}


def answer(number: int = 1, **changed: Any) -> dict[str, Any]:
    told = {**ORDER, "order_sn": f"260901-{number:015d}", **changed}
    return {"order_info_get_response": {"order_info": told, "request_id": "x"}}


def test_an_order_has_its_money_by_who_bears_it() -> None:
    found = pulled("pinduoduo_live_orders", answer())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id               | month   | payment_state | goods_minor | discount_merchant_minor | discount_platform_minor | discount_other_minor | paid_minor | paid_at
        260901-000000000000001 | 2026-09 | escrowed      | 5980        | 200                     | 300                     | 80                   | 5400       | 2026-09-01 12:00:18
    """,
    )
    found.shows(
        "order_lines",
        "line_id | listing_id | sku_id | spu_id | quantity | unit_price_minor\n"
        "1 | 100000001 | SKU-A-RED | SPU-A | 2 | 2990",
    )
    found.shows("addresses", "province | name\n上海市 | 测*")


TUPLES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"confirm_status": 0, "group_status": 0, "pay_time": ""}, "unpaid", "open", "unallocated"),
    ({"confirm_status": 0, "group_status": 0}, "escrowed", "group_forming", "unallocated"),
    ({"confirm_status": 0, "group_status": 2}, "voided", "group_failed", "unallocated"),
    ({"confirm_status": 2, "group_status": 2, "refund_status": 4}, "voided", "group_failed", "unallocated"),
    ({"confirm_status": 0, "is_lucky_flag": 2}, "escrowed", "group_forming", "unallocated"),
    ({"is_lucky_flag": 2, "refund_status": 4}, "voided", "lottery_lost", "unallocated"),
    ({"risk_control_status": 1}, "escrowed", "risk_hold", "allocated"),
    ({}, "escrowed", "open", "allocated"),
    ({"refund_status": 2}, "escrowed", "cancel_requested", "allocated"),
    ({"refund_status": 3}, "escrowed", "cancel_requested", "allocated"),
    ({"refund_status": 4}, "voided", "closed_refunded", "unallocated"),
    ({"order_status": 2}, "escrowed", "open", "shipped"),
    ({"order_status": 2, "refund_status": 2}, "escrowed", "open", "shipped"),
    ({"order_status": 2, "refund_status": 3}, "escrowed", "open", "shipped"),
    ({"order_status": 2, "refund_status": 4}, "escrowed", "open", "shipped"),
    ({"order_status": 3}, "released", "completed_by_buyer", "delivered"),
    ({"order_status": 3, "refund_status": 2}, "released", "completed_by_buyer", "delivered"),
    ({"order_status": 3, "refund_status": 3}, "released", "completed_by_buyer", "delivered"),
    ({"order_status": 3, "refund_status": 4}, "released", "completed_by_buyer", "delivered"),
    ({"confirm_status": 2, "group_status": 1}, "voided", "closed_refunded", "unallocated"),
    ({"confirm_status": 2, "group_status": 0, "pay_time": ""}, "voided", "cancelled_unpaid", "unallocated"),
]


def test_every_valid_tuple_is_three_states_of_ours() -> None:
    found = pulled(
        "pinduoduo_live_orders", *(answer(number, **told) for number, (told, *_) in enumerate(TUPLES, start=1))
    )
    assert found.rejects == {}
    lines = [
        f"260901-{number:015d} | {payment} | {commercial} | {fulfilment}"
        for number, (_, payment, commercial, fulfilment) in enumerate(TUPLES, start=1)
    ]
    head = "order_id | payment_state | commercial_state | fulfilment_state"
    found.shows("orders", "\n".join([head, *lines]))


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"order_status": 9}, "unknown_code:order_status:9|1"),
    ({"refund_status": 7}, "unknown_code:order_status:1|7"),
    ({"order_sn": "number one"}, "bad_id:order_sn"),
    ({"created_time": "yesterday"}, "bad_time:created_time"),
    ({"updated_at": ""}, "missing_field:updated_at"),
    ({"pay_amount": 54.305}, "bad_money:pay_amount"),
    ({"item_list": []}, "missing_field:item_list"),
    ({"item_list": [ITEM, ITEM]}, "unknown_code:item_list:several"),
    ({"item_list": [{**ITEM, "goods_count": "two"}]}, "bad_number:goods_count"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    answers = [answer(number, **told) for number, (told, _) in enumerate(BROKEN, start=2)]
    found = pulled("pinduoduo_live_orders", answer(1), *answers)
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["260901-000000000000001"]


CASES = """
    case_id | kind             | process   | money
    2       | refund_only      | applied   | none
    3       | return_refund    | applied   | none
    4       | refund_only      | agreed    | pending
    5       | refund_only      | agreed    | pending
    6       | refund_only      | refused   | none
    7       | return_refund    | to_return | none
    8       | refund_only      | arbitration | none
    9       | refund_only      | closed    | none
    10      | refund_only      | succeeded | returned
    11      | refund_only      | withdrawn | none
    12      | refund_only      | timed_out | none
    13      | refund_only      | timed_out | none
    14      | exchange         | applied   | none
    15      | exchange         | to_return | none
    16      | exchange         | succeeded | none
    17      | exchange         | closed    | none
    18      | exchange         | received  | none
    21      | repair           | applied   | none
    22      | repair           | to_return | none
    24      | repair           | closed    | none
    25      | repair           | succeeded | none
    27      | repair           | received  | none
    31      | door_rejection   | agreed    | pending
    32      | resend           | agreed    | none
    33      | recall_intercept | agreed    | pending
"""


def refund(number: int, status: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": number,
        "order_sn": "260901-000000000000001",
        "after_sales_status": status,
        "refund_amount": "27.40",
        "outer_id": "SKU-A-RED",
        "created_time": "2026-09-05 10:00:00",
        "updated_time": "2026-09-06 10:00:00",
        **changed,
    }


def refunds(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"refund_increment_get_response": {"refund_list": list(rows), "total_count": len(rows)}}


def test_every_state_of_a_refund() -> None:
    codes = [int(line.split("|")[0]) for line in CASES.strip().splitlines()[1:]]
    found = pulled("pinduoduo_live_refunds", refunds(*(refund(code, code) for code in codes)))
    assert found.rejects == {}
    found.shows("after_sales", CASES)


def test_the_type_says_more_than_the_state_and_a_door_that_stayed_shut_more_than_the_type() -> None:
    found = pulled(
        "pinduoduo_live_refunds",
        refunds(
            refund(1, 10, after_sales_type=3),
            refund(2, 10, after_sales_type=2),
            refund(3, 31, after_sales_type=2),
            refund(4, 10, after_sales_type=9),
            refund(5, 99),
            refund(6, 10, refund_amount="-1"),
            refund(7, 10, after_sales_type=4),
            refund(8, 10, after_sales_type=5),
            refund(9, 10, after_sales_type=6),
        ),
    )
    assert found.rejects == {
        "4": "unknown_code:after_sales_type:9",
        "5": "unknown_code:after_sales_status:99",
        "6": "negative_amount:refund_amount",
    }
    found.shows(
        "after_sales",
        """
        case_id | kind           | refund_minor
        1       | return_refund  | 2740
        2       | refund_only    | 2740
        3       | door_rejection | 2740
        7       | exchange       | 2740
        8       | resend         | 2740
        9       | repair         | 2740
    """,
    )


ENGINE_CASES: dict[str, list[Any]] = {
    "pinduoduo_live_orders": [
        answer(),
        *(answer(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2)),
        *(answer(number, **told) for number, (told, *_) in enumerate(TUPLES, start=90)),
    ],
    "pinduoduo_live_refunds": [refunds(refund(1, 10), refund(2, 99))],
}
