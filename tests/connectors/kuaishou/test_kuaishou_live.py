"""Orders and after-sale cases of Kuaishou by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

from entrepot.connectors.kuaishou.api import ORDERS
from entrepot.connectors.live.staging import unknown_fields
from tests.connectors.casework import code_list
from tests.connectors.live.casework import pulled

AT = 1_793_462_400_000
"""2026-11-01 00:00:00 in Beijing, in milliseconds."""

BASE: dict[str, Any] = {
    "oid": 2_307_500_074_108_220,
    "status": 30,
    "createTime": AT,
    "payTime": AT + 60_000,
    "sendTime": 0,
    "recvTime": 0,
    "updateTime": AT + 60_999,
    "totalFee": 18_500,
    "discountFee": 2_300,
    "expressFee": 600,
    "payType": 1,
    "preSale": 0,
    "buyerOpenId": "FAKEBUYER",
    "buyerNick": "测***",
}
ITEM: dict[str, Any] = {
    "itemId": 30_001,
    "skuId": 40_001,
    "skuNick": "TEE-WHITE-M",
    "itemTitle": "小衫\t白色",
    "num": 2,
    "price": 10_000,
}
ADDRESS: dict[str, Any] = {"province": "广东省", "desensitiseConsignee": "卢*", "encryptedMobile": "$FAKE$"}


def whole(number: int = 1, item: Any = None, rest: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    base = {**BASE, "oid": 2_307_500_074_108_000 + number, **changed}
    return {
        "orderBaseInfo": base,
        "orderItemInfo": ITEM if item is None else item,
        "orderAddress": ADDRESS,
        **(rest or {}),
    }


def listed(*orders: dict[str, Any]) -> dict[str, Any]:
    return {"result": 1, "msg": "success", "data": {"cursor": "nomore", "orderList": list(orders)}}


def test_the_total_is_the_merchants_where_that_adds_up_and_the_rest_is_the_platforms() -> None:
    found = pulled("kuaishou_live_orders", listed(whole()))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id         | order_kind | platform_status | payment_state | placed_at           | paid_at             | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | paid_minor | refund_stated_minor
        2307500074108001 | sale       | 已付款          | escrowed      | 2026-11-01 00:00:00 | 2026-11-01 00:01:00 | 20000       | 600            | 1500                    | 800                     | 18300      | 0
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id | listing_id | variant_id | sku_id      | quantity | unit_price_minor | goods_minor
        1       | 30001      | 40001      | TEE-WHITE-M | 2        | 10000            | 20000
    """,
    )


def test_the_total_is_the_buyers_where_that_adds_up() -> None:
    found = pulled("kuaishou_live_orders", listed(whole(totalFee=18_300)))
    found.shows("orders", "discount_merchant_minor | discount_platform_minor | paid_minor\n2300 | 0 | 18300")


def test_what_the_channel_and_the_government_give_is_no_cash_of_the_buyer() -> None:
    found = pulled("kuaishou_live_orders", listed(whole(payChannelDiscount=100, governmentDiscount=3_000)))
    found.shows("orders", "discount_other_minor | paid_minor\n3100 | 15200")
    found.shows(
        "discounts",
        """
        funder           | kind      | amount_minor | settled_through
        merchant         | promotion | 1500         |
        platform         | coupon    | 800          | settled
        payment_provider | promotion | 100          | settled
        government       | subsidy   | 3000         | settled
    """,
    )


STATES = """
    order_id         | platform_status | payment_state | commercial_state   | fulfilment_state
    2307500074108010 | 待付款          | unpaid        | open               | unallocated
    2307500074108030 | 已付款          | escrowed      | open               | allocated
    2307500074108040 | 已发货          | escrowed      | open               | shipped
    2307500074108050 | 已签收          | escrowed      | open               | delivered
    2307500074108070 | 订单成功        | released      | completed_by_buyer | delivered
    2307500074108080 | 订单失败        | voided        | closed_refunded    | unallocated
    2307500074108180 | 订单失败        | voided        | cancelled_unpaid   | unallocated
    2307500074108280 | 订单失败        | voided        | closed_refunded    | shipped
    2307500074108088 | 已发货          | deferred      | open               | shipped
    2307500074108170 | 订单成功        | released      | completed_by_buyer | delivered
"""


def test_every_state_of_an_order() -> None:
    codes = [row["code"] for row in code_list("kuaishou", "status_codes")]
    orders = [whole(int(code), status=int(code), payTime=0 if code == "10" else AT + 1) for code in codes]
    orders += [
        whole(180, status=80, payTime=0),
        whole(280, status=80, sendTime=AT + 2),
        # Goods on credit: shipped before anybody pays, and paid when it is over.
        whole(88, status=40, payType=88, sendTime=AT + 2),
        whole(170, status=70, payType=88, sendTime=AT + 2, recvTime=AT + 3_600_000),
    ]
    found = pulled("kuaishou_live_orders", listed(*orders))
    assert found.rejects == {}
    found.shows("orders", STATES)
    money = {row["order_id"][-3:]: (row["paid_minor"], row["refund_stated_minor"]) for row in found.tables["orders"]}
    assert (money["010"], money["088"], money["170"]) == ((0, 0), (0, 0), (18_300, 0))
    assert (money["080"], money["180"]) == ((18_300, 18_300), (0, 0))
    confirmed = {row["order_id"][-3:]: row["confirmed_at"] for row in found.tables["orders"]}
    assert [key for key, at in confirmed.items() if at is not None] == ["170"]


def test_a_presale_is_told_as_such_and_parcels_stand_by_their_number() -> None:
    rest = {"orderLogisticsInfo": [{"expressNo": "SF1", "expressCode": 4}, {"expressNo": "SF2", "expressCode": 4}]}
    found = pulled("kuaishou_live_orders", listed(whole(preSale=1, status=40, sendTime=AT + 90_000, rest=rest)))
    found.shows("orders", "order_kind | shipped_at\npresale | 2026-11-01 00:01:30")
    found.shows("shipments", "shipment_id | carrier\nSF1 | 4\nSF2 | 4")


def test_buyers_talents_and_receivers_stand_apart_from_the_order() -> None:
    cps = {"orderCpsInfo": {"distributorId": 77, "distributorName": "某达人"}}
    found = pulled("kuaishou_live_orders", listed(whole(rest=cps)))
    found.shows("persons", "role | platform_account | name\nbuyer | FAKEBUYER | 测***\ntalent | 77 | 某达人")
    found.shows("addresses", "role | province | name\nrecipient | 广东省 | 卢*")
    for table in ("orders", "order_lines", "discounts"):
        assert not any(word in repr(found.tables[table]) for word in ("FAKEBUYER", "某达人", "卢*", "测*", "FAKE$"))


def test_nobody_sold_where_the_talent_is_zero() -> None:
    found = pulled("kuaishou_live_orders", listed(whole(rest={"orderCpsInfo": {"distributorId": 0}})))
    found.shows("persons", "role\nbuyer")


def test_what_is_known_and_read_by_nothing_is_no_finding_and_what_is_new_is() -> None:
    told = whole(remark="", item={**ITEM, "itemExtra": {"brandName": "x"}, "odd": 1}, rest={"surprise": 1})
    assert unknown_fields(ORDERS, [told]) == ("orderItemInfo.odd", "surprise")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"status": 99}, "unknown_code:orderBaseInfo.status:99"),
    ({"oid": "one two"}, "bad_id:orderBaseInfo.oid"),
    ({"oid": None}, "missing_field:orderBaseInfo.oid"),
    ({"createTime": 0}, "bad_time:orderBaseInfo.createTime"),
    ({"updateTime": 1_793_462_400}, "bad_time:orderBaseInfo.updateTime"),
    ({"payTime": "soon"}, "bad_time:orderBaseInfo.payTime"),
    ({"totalFee": None}, "bad_money:orderBaseInfo.totalFee"),
    ({"totalFee": 185.5}, "bad_money:orderBaseInfo.totalFee"),
    ({"totalFee": 20_001}, "inconsistent_amount:orderBaseInfo.totalFee"),
    ({"totalFee": 17_000}, "inconsistent_amount:orderBaseInfo.totalFee"),
    ({"discountFee": "much"}, "bad_money:orderBaseInfo.discountFee"),
    ({"expressFee": "much"}, "bad_money:orderBaseInfo.expressFee"),
    ({"payChannelDiscount": "much"}, "bad_money:orderBaseInfo.payChannelDiscount"),
    ({"governmentDiscount": "much"}, "bad_money:orderBaseInfo.governmentDiscount"),
    ({"item": "see the new method"}, "missing_field:orderItemInfo.itemId"),
    ({"item": {**ITEM, "num": 0}}, "bad_number:orderItemInfo.num"),
    ({"item": {**ITEM, "price": -1}}, "negative_amount:orderItemInfo.price"),
    ({"expressFee": -1}, "negative_amount:orderBaseInfo.expressFee"),
    ({"item": {**ITEM, "price": None}}, "bad_money:orderItemInfo.price"),
    ({"item": {**ITEM, "itemId": "one two"}}, "bad_id:orderItemInfo.itemId"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    orders = [whole(1), *(whole(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2))]
    found = pulled("kuaishou_live_orders", listed(*orders))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["2307500074108001"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"2307500074108001"}


def case(number: int, status: int = 60, **changed: Any) -> dict[str, Any]:
    plain = {
        "refundId": number,
        "oid": 2_307_500_074_108_001,
        "status": status,
        "handlingWay": 1,
        "negotiateStatus": 1,
        "refundFee": 9_150,
        "createTime": AT,
        "updateTime": AT + 3_600_000,
        "endTime": 0,
        "itemId": 30_001,
        "skuNick": "TEE-WHITE-M",
        "refundDesc": "某人的话",
    }
    return {**plain, **changed}


def cases(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"result": 1, "data": {"pcursor": "nomore", "refundOrderInfoList": list(rows)}}


CASE_STATES = """
    case_id | process     | money    | closed_at
    10      | applied     | none     |
    11      | applied     | none     |
    12      | refused     | none     |
    20      | arbitration | none     |
    21      | arbitration | none     |
    22      | arbitration | none     |
    30      | to_return   | none     |
    40      | returning   | none     |
    45      | received    | none     |
    50      | agreed      | pending  |
    60      | succeeded   | returned | 2026-11-01 01:00:00
    70      | closed      | none     | 2026-11-01 01:00:00
"""


def test_every_state_of_a_case() -> None:
    codes = [int(row["code"]) for row in code_list("kuaishou", "case_codes")]
    found = pulled("kuaishou_live_cases", cases(*(case(code, code) for code in codes)))
    assert found.rejects == {}
    found.shows("after_sales", CASE_STATES)
    assert "某人" not in repr(found.tables)


def test_a_case_names_its_line_and_when_the_money_went_back() -> None:
    found = pulled("kuaishou_live_cases", cases(case(1, endTime=AT + 60_000)))
    found.shows(
        "after_sales",
        """
        case_id | order_id         | order_line_id | listing_id | sku_id      | kind          | refund_minor | applied_at          | refunded_at
        1       | 2307500074108001 | 1             | 30001      | TEE-WHITE-M | return_refund | 9150         | 2026-11-01 00:00:00 | 2026-11-01 00:01:00
    """,
    )


def test_an_exchange_that_succeeded_gave_no_money_back_and_a_seller_may_refuse() -> None:
    found = pulled(
        "kuaishou_live_cases", cases(case(1, handlingWay=3), case(2, handlingWay=10), case(3, 10, negotiateStatus=3))
    )
    found.shows(
        "after_sales",
        """
        case_id | kind          | process   | money    | refunded_at
        1       | exchange      | succeeded | none     |
        2       | refund_only   | succeeded | returned | 2026-11-01 01:00:00
        3       | return_refund | refused   | none     |
    """,
    )


def test_a_case_that_is_not_understood_is_quarantined() -> None:
    broken: list[tuple[dict[str, Any], str]] = [
        ({"status": 99}, "unknown_code:status:99"),
        ({"handlingWay": 8}, "unknown_code:handlingWay:8"),
        ({"refundId": None}, "missing_field:refundId"),
        ({"refundId": "one two"}, "bad_id:refundId"),
        ({"oid": "one two"}, "bad_id:oid"),
        ({"updateTime": 5}, "bad_time:updateTime"),
        ({"createTime": 5}, "bad_time:createTime"),
        ({"refundFee": "much"}, "bad_money:refundFee"),
        ({"refundFee": -1}, "negative_amount:refundFee"),
    ]
    found = pulled("kuaishou_live_cases", cases(*(case(n, **changed) for n, (changed, _) in enumerate(broken, 1))))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(broken, start=1)}
    assert found.is_empty()


ENGINE_CASES: dict[str, list[Any]] = {
    "kuaishou_live_orders": [
        listed(whole(1, rest={"orderLogisticsInfo": [{"expressNo": "SF1"}], "orderCpsInfo": {"distributorId": 7}})),
        listed(*(whole(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2))),
    ],
    "kuaishou_live_cases": [cases(case(1), case(2, 99), case(3, handlingWay=3))],
}
