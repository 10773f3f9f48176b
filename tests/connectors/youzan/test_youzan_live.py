"""Orders and after-sale cases of Youzan by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

from entrepot.connectors.live.staging import unknown_fields
from entrepot.connectors.youzan.api import ORDERS
from tests.connectors.casework import code_list
from tests.connectors.live.casework import pulled

LINE: dict[str, Any] = {
    "oid": "2890000000000000101",
    "item_id": 123456,
    "sku_id": 123,
    "outer_sku_id": "TEE-WHITE-M",
    "outer_item_id": "TEE",
    "title": "小衫\t白色",
    "num": 2,
    "price": "6.50",
    "payment": "9.82",
}
INFO: dict[str, Any] = {
    "status": "WAIT_SELLER_SEND_GOODS",
    "created": "2026-11-01 00:00:00",
    "update_time": "2026-11-01 00:01:01",
    "pay_time": "2026-11-01 00:01:00",
    "consign_time": "",
    "success_time": "",
}
PAY: dict[str, Any] = {"total_fee": "13.00", "post_fee": "2.00", "payment": "9.82", "real_payment": "9.82"}
OFF: dict[str, Any] = {"item_discount_fee": "4.00", "order_discount_fee": "1.18", "adjust_fee": "0.00"}
"""The platform's own example: 9.82 = 13 - (1.18 + 4.00) + 0 + 2."""
WHERE = {
    "receiver_name": "测*",
    "receiver_tel": "138****0000",
    "delivery_province": "浙江省",
    "delivery_address": "**路",
}


def order(
    number: int = 1,
    *,
    pay: dict[str, Any] | None = None,
    off: dict[str, Any] | None = None,
    lines: Any = None,
    sent: list[int] | None = None,
    **changed: Any,
) -> dict[str, Any]:
    info = {**INFO, "tid": f"E2026110100000000000{number:04d}", **changed}
    told = {
        "full_order_info": {
            "order_info": info,
            "pay_info": {**PAY, **(pay or {})},
            "buyer_info": {"yz_open_id": "FAKEOPENID", "buyer_phone": "13800000000"},
            "address_info": WHERE,
            "orders": [LINE] if lines is None else lines,
        },
        "order_promotion": {**OFF, **(off or {})},
        "delivery_order": [{"express_state": state, "oids": []} for state in sent or []],
        "refund_order": [],
    }
    return {"success": True, "code": 200, "message": "successful", "data": told}


def test_the_platforms_own_example_adds_up() -> None:
    found = pulled("youzan_live_orders", order())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id                 | platform_status | payment_state | placed_at           | paid_at             | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | tender_minor | paid_minor
        E20261101000000000000001 | 等待卖家发货    | escrowed      | 2026-11-01 00:00:00 | 2026-11-01 00:01:00 | 1300        | 200            | 518                     | 0                       | 0            | 982
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id             | listing_id | variant_id | sku_id      | spu_id | quantity | unit_price_minor | goods_minor
        2890000000000000101 | 123456     | 123        | TEE-WHITE-M | TEE    | 2        | 650              | 1300
    """,
    )
    found.shows(
        "discounts",
        "funder | kind | amount_minor\nmerchant | promotion | 400\nmerchant | coupon | 118\nmerchant | price_change | 0",
    )


def test_cards_pay_in_fen_and_what_was_paid_in_fact_counts_them_or_not() -> None:
    card = {"deduction_pay": 300, "deduction_real_pay": 250}
    found = pulled("youzan_live_orders", order(1, pay=card), order(2, pay={**card, "real_payment": "6.82"}))
    assert found.rejects == {}
    found.shows("orders", "tender_minor | paid_minor\n300 | 682\n300 | 682")
    found.shows(
        "tenders",
        """
        kind                   | issuer   | amount_minor
        stored_value_principal | merchant | 250
        stored_value_bonus     | merchant | 50
        stored_value_principal | merchant | 250
        stored_value_bonus     | merchant | 50
    """,
    )


def test_a_price_that_was_changed_by_hand_is_a_discount_of_the_merchant() -> None:
    found = pulled(
        "youzan_live_orders", order(pay={"payment": "9.32", "real_payment": "9.32"}, off={"adjust_fee": "-0.50"})
    )
    found.shows("orders", "discount_merchant_minor | paid_minor\n568 | 932")


STATES = """
    platform_status  | payment_state | commercial_state   | fulfilment_state
    等待买家付款     | unpaid        | open               | unallocated
    订单已支付       | escrowed      | open               | unallocated
    待确认           | escrowed      | open               | unallocated
    等待卖家发货     | escrowed      | open               | allocated
    等待卖家发货     | escrowed      | open               | part_shipped
    等待买家确认收货 | escrowed      | open               | shipped
    交易完成         | released      | completed_by_buyer | delivered
    交易关闭         | voided        | closed_refunded    | unallocated
    交易关闭         | voided        | closed_refunded    | shipped
    交易关闭         | voided        | cancelled_unpaid   | unallocated
"""


def test_every_state_of_an_order() -> None:
    codes = [row["code"] for row in code_list("youzan", "status_codes")]
    orders = [
        order(number, status=code, pay_time="" if code == "WAIT_BUYER_PAY" else INFO["pay_time"])
        for number, code in enumerate(codes, start=1)
    ]
    gone = "2026-11-02 00:00:00"
    orders += [
        order(20, sent=[1, 0]),
        order(21, status="TRADE_CLOSED", consign_time=gone),
        order(22, status="TRADE_CLOSED", pay_time="", pay={"real_payment": "0.00"}),
    ]
    found = pulled("youzan_live_orders", *orders)
    assert found.rejects == {}
    found.shows("orders", STATES)
    money = {row["order_id"][-2:]: (row["paid_minor"], row["refund_stated_minor"]) for row in found.tables["orders"]}
    assert (money["01"], money["07"], money["22"]) == ((0, 0), (982, 982), (0, 0))


def test_an_order_is_confirmed_when_it_succeeded() -> None:
    found = pulled(
        "youzan_live_orders",
        order(1, status="TRADE_SUCCESS", success_time="2026-11-09 00:00:00", consign_time="2026-11-02 00:00:00"),
        order(2, success_time="2026-11-09 00:00:00"),
    )
    found.shows("orders", "shipped_at | confirmed_at\n2026-11-02 00:00:00 | 2026-11-09 00:00:00\n|")


def test_buyers_and_receivers_stand_apart_from_the_order() -> None:
    found = pulled("youzan_live_orders", order())
    found.shows("persons", "role | platform_account | mobile\nbuyer | FAKEOPENID | 13800000000")
    found.shows("addresses", "role | province | name | mobile | address\nrecipient | 浙江省 | 测* | 138****0000 | **路")
    for table in ("orders", "order_lines", "discounts", "tenders"):
        assert not any(word in repr(found.tables[table]) for word in ("FAKEOPENID", "测*", "138"))


def test_what_is_known_and_read_by_nothing_is_no_finding_and_what_is_new_is() -> None:
    told = order(refund_state=2, lines=[{**LINE, "alias": "x", "odd": 2}], surprise=1)["data"]
    assert unknown_fields(ORDERS, [told]) == ("full_order_info.order_info.surprise", "full_order_info.orders.odd")


_INFO, _PAY = "full_order_info.order_info", "full_order_info.pay_info"
BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"status": "NEW"}, f"unknown_code:{_INFO}.status:NEW"),
    ({"tid": "one two"}, f"bad_id:{_INFO}.tid"),
    ({"tid": None}, f"missing_field:{_INFO}.tid"),
    ({"created": "2026-11-01"}, f"bad_time:{_INFO}.created"),
    ({"update_time": "soon"}, f"bad_time:{_INFO}.update_time"),
    ({"pay_time": "soon"}, f"bad_time:{_INFO}.pay_time"),
    ({"pay": {"total_fee": None}}, f"bad_money:{_PAY}.total_fee"),
    ({"pay": {"total_fee": "13.001"}}, f"bad_money:{_PAY}.total_fee"),
    ({"pay": {"total_fee": "14.00"}}, f"inconsistent_amount:{_PAY}.total_fee"),
    ({"pay": {"post_fee": "-0.01"}}, f"negative_amount:{_PAY}.post_fee"),
    ({"pay": {"payment": "-0.01"}}, f"negative_amount:{_PAY}.payment"),
    ({"lines": [LINE, {**LINE, "price": "-1.00"}]}, "negative_amount:full_order_info.orders.price"),
    ({"pay": {"post_fee": "much"}}, f"bad_money:{_PAY}.post_fee"),
    ({"pay": {"payment": "much"}}, f"bad_money:{_PAY}.payment"),
    ({"pay": {"payment": "9.83"}}, f"inconsistent_amount:{_PAY}.payment"),
    ({"pay": {"real_payment": "much"}}, f"bad_money:{_PAY}.real_payment"),
    ({"pay": {"real_payment": "9.81"}}, f"inconsistent_amount:{_PAY}.real_payment"),
    ({"pay": {"deduction_pay": "3.00"}}, f"bad_money:{_PAY}.deduction_pay"),
    ({"pay": {"deduction_pay": 983}}, f"inconsistent_amount:{_PAY}.deduction_pay"),
    ({"pay": {"deduction_real_pay": 1}}, f"inconsistent_amount:{_PAY}.deduction_pay"),
    ({"pay": {"deduction_real_pay": "x"}}, f"bad_money:{_PAY}.deduction_real_pay"),
    ({"off": {"item_discount_fee": "x"}}, "bad_money:order_promotion.item_discount_fee"),
    ({"off": {"order_discount_fee": "x"}}, "bad_money:order_promotion.order_discount_fee"),
    ({"off": {"adjust_fee": "x"}}, "bad_money:order_promotion.adjust_fee"),
    ({"lines": "see the new method"}, "missing_field:full_order_info.orders"),
    ({"lines": [{**LINE, "oid": ""}]}, "missing_field:full_order_info.orders.oid"),
    ({"lines": [{**LINE, "oid": "a b"}]}, "bad_id:full_order_info.orders.oid"),
    ({"lines": [LINE, {**LINE, "num": 0}]}, "bad_number:full_order_info.orders.num"),
    ({"lines": [{**LINE, "price": "dear"}]}, "bad_money:full_order_info.orders.price"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    answers = [order(1), *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2))]
    found = pulled("youzan_live_orders", *answers)
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["E20261101000000000000001"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"E20261101000000000000001"}


BACK: dict[str, Any] = {"refund_no": "1", "refund_fee": 500, "status": 2, "refund_mode": 0}


def case(number: int, status: str = "SUCCESS", funds: Any = None, **changed: Any) -> dict[str, Any]:
    plain = {
        "refund_id": f"2026{number:04d}",
        "tid": "E20261101000000000000001",
        "status": status,
        "demand": 1,
        "oid": 2890000000000000101,
        "refund_fee": "5.00",
        "created": "2026-11-01 00:00:00",
        "modified": "2026-11-01 01:00:00",
        "refund_account_time": "",
        "refund_fund_list": [BACK] if funds is None else funds,
        "desc": "某人的话",
    }
    return {"success": True, "code": "200", "data": {**plain, **changed}}


CASE_STATES = """
    platform_status                  | process           | money    | closed_at
    WAIT_SELLER_AGREE                | applied           | none     |
    SELLER_REFUSE_BUYER              | refused           | none     |
    WAIT_BUYER_RETURN_GOODS          | to_return         | none     |
    WAIT_SELLER_CONFIRM_GOODS        | returning         | none     |
    SELLER_REFUSE_BUYER_RETURN_GOODS | inspection_failed | none     |
    CLOSED                           | closed            | none     | 2026-11-01 01:00:00
    SUCCESS                          | succeeded         | returned | 2026-11-01 01:00:00
"""


def test_every_state_of_a_case() -> None:
    codes = [row["code"] for row in code_list("youzan", "case_codes")]
    found = pulled("youzan_live_cases", *(case(number, code) for number, code in enumerate(codes, start=1)))
    assert found.rejects == {}
    found.shows("after_sales", CASE_STATES)
    assert "某人" not in repr(found.tables)


def test_money_is_back_when_every_way_says_so() -> None:
    half = {**BACK, "refund_fee": 250}
    found = pulled(
        "youzan_live_cases",
        case(1, refund_account_time="2026-11-01 00:30:00"),
        case(2, funds=[half, {**half, "status": 0}]),
        case(3, funds=[half, {**half, "status": 1}]),
        case(4, funds=[half, {**half, "refund_mode": 1}]),
        case(5, funds=[]),
        case(6, demand=3),
        case(7, demand=2),
    )
    assert found.rejects == {}
    found.shows(
        "after_sales",
        """
        case_id  | order_line_id       | kind          | money                | refund_minor | refunded_at
        20260001 | 2890000000000000101 | refund_only   | returned             | 500          | 2026-11-01 00:30:00
        20260002 | 2890000000000000101 | refund_only   | pending              | 500          |
        20260003 | 2890000000000000101 | refund_only   | failed               | 500          |
        20260004 | 2890000000000000101 | refund_only   | returned_other_route | 500          | 2026-11-01 01:00:00
        20260005 | 2890000000000000101 | refund_only   | pending              | 500          |
        20260006 | 2890000000000000101 | exchange      | none                 | 500          |
        20260007 | 2890000000000000101 | return_refund | returned             | 500          | 2026-11-01 01:00:00
    """,
    )


def test_a_case_that_is_not_understood_is_quarantined() -> None:
    broken: list[tuple[dict[str, Any], str]] = [
        ({"status": "NEW"}, "unknown_code:status:NEW"),
        ({"demand": 9}, "unknown_code:demand:9"),
        ({"refund_id": None}, "missing_field:refund_id"),
        ({"refund_id": "one two"}, "bad_id:refund_id"),
        ({"tid": "one two"}, "bad_id:tid"),
        ({"modified": "soon"}, "bad_time:modified"),
        ({"created": "soon"}, "bad_time:created"),
        ({"refund_fee": "much"}, "bad_money:refund_fee"),
        ({"refund_fee": "-1.00"}, "negative_amount:refund_fee"),
        ({"funds": [{**BACK, "refund_fee": "5.00"}]}, "bad_money:refund_fund_list.refund_fee"),
        ({"funds": [{**BACK, "refund_fee": 499}]}, "inconsistent_amount:refund_fund_list.refund_fee"),
        ({"funds": [{**BACK, "status": 7}]}, "unknown_code:refund_fund_list.status:"),
    ]
    found = pulled("youzan_live_cases", *(case(n, **changed) for n, (changed, _) in enumerate(broken, 1)))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(broken, start=1)}
    assert found.is_empty()


ENGINE_CASES: dict[str, list[Any]] = {
    "youzan_live_orders": [
        order(1, sent=[1, 0], pay={"deduction_pay": 300}),
        *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2)),
    ],
    "youzan_live_cases": [case(1), case(2, "NEW"), case(3, funds=[]), case(4, funds=[{**BACK, "refund_mode": 2}])],
}
