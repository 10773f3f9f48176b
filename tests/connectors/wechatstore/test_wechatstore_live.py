"""Orders and after-sale cases of WeChat Store by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

from entrepot.connectors.live.staging import unknown_fields
from entrepot.connectors.wechatstore.api import ORDERS
from tests.connectors.casework import code_list
from tests.connectors.live.casework import pulled

AT = 1_793_462_400
"""2026-11-01 00:00:00 in Beijing."""

PRODUCT: dict[str, Any] = {
    "product_id": "10000102290752",
    "sku_id": "2059341850",
    "sku_code": "TEE-WHITE-M",
    "title": "小衫\t白色",
    "sku_cnt": 2,
    "sale_price": 10_000,
    "thumb_img": "https://example.com/1",
}
PRICES: dict[str, Any] = {
    "product_price": 20_000,
    "original_order_price": 20_600,
    "order_price": 17_500,
    "freight": 600,
    "discounted_price": 1_500,
    "merchant_discounted_price": 1_500,
    "finder_discounted_price": 300,
    "deduction_price": 100,
    "change_down_price": 200,
    "is_change_freight": False,
}
PARCELS = [
    {"waybill_id": "SF1", "delivery_id": "SF", "delivery_time": AT + 90},
    {"waybill_id": "SF2", "delivery_id": "SF", "delivery_time": AT + 95},
]
PAID = {"pay_time": AT + 60, "payment_method": 1}
ADDRESS = {"province_name": "广东省", "user_name": "测*", "tel_number": "138****0000", "detail_info": "**路"}


def order(
    number: int = 1,
    *,
    prices: dict[str, Any] | None = None,
    paid: dict[str, Any] | None = None,
    products: Any = None,
    sent: dict[str, Any] | None = None,
    ext: dict[str, Any] | None = None,
    **changed: Any,
) -> dict[str, Any]:
    detail = {
        "product_infos": [PRODUCT] if products is None else products,
        "price_info": {**PRICES, **(prices or {})},
        "pay_info": {**PAID, **(paid or {})},
        "delivery_info": {"address_info": ADDRESS, "ship_done_time": 0, **(sent or {})},
        "ext_info": {"customer_notes": "", **(ext or {})},
    }
    plain = {
        "order_id": str(3_721_511_129_515_429_000 + number),
        "status": 20,
        "create_time": AT,
        "update_time": AT + 61,
        "openid": "FAKEOPENID",
        "order_detail": detail,
    }
    return {"errcode": 0, "errmsg": "ok", "order": {**plain, **changed}}


def test_what_no_field_explains_of_the_price_is_the_platforms() -> None:
    found = pulled("wechatstore_live_orders", order())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id            | order_kind | platform_status | payment_state | placed_at           | paid_at             | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | discount_other_minor | tender_minor | paid_minor
        3721511129515429001 | sale       | 待发货          | escrowed      | 2026-11-01 00:00:00 | 2026-11-01 00:01:00 | 20000       | 600            | 1700                    | 1000                    | 300                  | 100          | 17500
    """,
    )
    found.shows(
        "discounts",
        """
        funder     | kind         | amount_minor
        merchant   | promotion    | 1500
        merchant   | price_change | 200
        talent     | promotion    | 300
        platform   | coupon       | 1000
        government | subsidy      | 0
    """,
    )
    found.shows("tenders", "kind | issuer | amount_minor\npoints | merchant | 100")
    found.shows(
        "order_lines",
        """
        line_id    | listing_id     | sku_id      | quantity | unit_price_minor | goods_minor
        2059341850 | 10000102290752 | TEE-WHITE-M | 2        | 10000            | 20000
    """,
    )


def test_freight_that_was_changed_and_a_subsidy_of_the_state() -> None:
    changed = {
        "is_change_freight": True,
        "change_freight": 100,
        "national_subsidy_discounted_price": 3000,
        "order_price": 15_000,
    }
    found = pulled("wechatstore_live_orders", order(prices=changed))
    found.shows(
        "orders", "shipping_minor | discount_other_minor | discount_platform_minor | paid_minor\n100 | 3300 | 0 | 15000"
    )


STATES = """
    order_id            | platform_status            | payment_state | commercial_state   | fulfilment_state
    3721511129515429010 | 待付款                     | unpaid        | open               | unallocated
    3721511129515429012 | 礼物待收下                 | escrowed      | open               | unallocated
    3721511129515429013 | 一起买待成团               | escrowed      | group_forming      | unallocated
    3721511129515429020 | 待发货                     | escrowed      | open               | allocated
    3721511129515429021 | 部分发货                   | escrowed      | open               | part_shipped
    3721511129515429030 | 待收货                     | escrowed      | open               | shipped
    3721511129515429100 | 完成                       | released      | completed_by_buyer | delivered
    3721511129515429200 | 全部商品售后之后订单取消   | voided        | closed_refunded    | unallocated
    3721511129515429250 | 订单取消                   | voided        | closed_refunded    | unallocated
    3721511129515429251 | 订单取消                   | voided        | cancelled_unpaid   | unallocated
    3721511129515429201 | 全部商品售后之后订单取消   | voided        | closed_refunded    | shipped
    3721511129515429302 | 待收货                     | deferred      | open               | shipped
    3721511129515429402 | 完成                       | released      | completed_by_buyer | delivered
"""


def test_every_state_of_an_order() -> None:
    codes = [int(row["code"]) for row in code_list("wechatstore", "status_codes")]
    orders = [order(code, status=code, paid={"pay_time": 0} if code == 10 else None) for code in codes]
    done = {"confirm_receipt_time": AT + 3600}
    orders += [
        order(251, status=250, paid={"pay_time": 0}),
        order(201, status=200, sent={"ship_done_time": AT + 90}),
        # Goods on credit: the time of payment is that of a promise until the order is done.
        order(302, status=30, paid={"payment_method": 2}),
        order(402, status=100, paid={"payment_method": 2}, ext=done),
    ]
    found = pulled("wechatstore_live_orders", *orders)
    assert found.rejects == {}
    found.shows("orders", STATES)
    money = {row["order_id"][-3:]: (row["paid_minor"], row["refund_stated_minor"]) for row in found.tables["orders"]}
    assert [money[key] for key in ("010", "302", "402")] == [(0, 0), (0, 0), (17_500, 0)]
    assert [money[key] for key in ("200", "251")] == [(17_500, 17_500), (0, 0)]
    paid = {row["order_id"][-3:]: row["paid_at"] for row in found.tables["orders"]}
    assert (paid["302"], int(paid["402"].timestamp())) == (None, AT + 3600)


def test_a_lottery_is_a_gift_of_the_merchant_and_points_pay_without_cash() -> None:
    plain = {
        "order_price": 0,
        "merchant_discounted_price": 0,
        "finder_discounted_price": 0,
        "deduction_price": 0,
        "change_down_price": 0,
    }
    found = pulled(
        "wechatstore_live_orders",
        order(1, prices=plain, paid={"payment_method": 3}),
        order(2, prices={**plain, "order_price": 5}, paid={"payment_method": 4}),
    )
    found.shows(
        "orders",
        """
        order_id            | order_kind | discount_merchant_minor | discount_platform_minor | tender_minor | paid_minor
        3721511129515429001 | gift       | 20600                   | 0                       | 0            | 0
        3721511129515429002 | sale       | 0                       | 0                       | 20600        | 0
    """,
    )


def test_an_article_that_stands_twice_is_counted_and_parcels_stand_by_their_number() -> None:
    sent = {"delivery_product_info": PARCELS, "ship_done_time": AT + 95}
    found = pulled("wechatstore_live_orders", order(products=[{**PRODUCT, "sku_cnt": 1}] * 2, sent=sent, status=30))
    found.shows("order_lines", "line_id | quantity\n2059341850 | 1\n2059341850-2 | 1")
    found.shows("shipments", "shipment_id | carrier\nSF1 | SF\nSF2 | SF")
    found.shows("orders", "goods_minor | shipped_at\n20000 | 2026-11-01 00:01:35")


def test_buyers_and_receivers_stand_apart_from_the_order() -> None:
    found = pulled("wechatstore_live_orders", order())
    found.shows("persons", "role | platform_account\nbuyer | FAKEOPENID")
    found.shows("addresses", "role | province | name | mobile | address\nrecipient | 广东省 | 测* | 138****0000 | **路")
    for table in ("orders", "order_lines", "discounts", "tenders"):
        assert not any(word in repr(found.tables[table]) for word in ("FAKEOPENID", "测*", "138****"))


def test_what_is_known_and_read_by_nothing_is_no_finding_and_what_is_new_is() -> None:
    told = order(products=[{**PRODUCT, "real_price": 1, "odd": 2}], prices={"new_discount": 1}, surprise=1)["order"]
    assert unknown_fields(ORDERS, [told]) == (
        "order_detail.price_info.new_discount",
        "order_detail.product_infos.odd",
        "surprise",
    )


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"status": 99}, "unknown_code:status:99"),
    ({"paid": {"payment_method": 9}}, "unknown_code:order_detail.pay_info.payment_method:9"),
    ({"order_id": "one two"}, "bad_id:order_id"),
    ({"order_id": None}, "missing_field:order_id"),
    ({"create_time": 0}, "bad_time:create_time"),
    ({"update_time": 1_793_462_400_000}, "bad_time:update_time"),
    ({"paid": {"pay_time": "soon"}}, "bad_time:order_detail.pay_info.pay_time"),
    ({"prices": {"order_price": None}}, "bad_money:order_detail.price_info.order_price"),
    ({"prices": {"order_price": 175.5}}, "bad_money:order_detail.price_info.order_price"),
    ({"prices": {"order_price": 18_501}}, "inconsistent_amount:order_detail.price_info.order_price"),
    ({"prices": {"order_price": -1}}, "negative_amount:order_detail.price_info.order_price"),
    ({"prices": {"freight": -1}}, "negative_amount:order_detail.price_info.freight"),
    ({"products": [PRODUCT, {**PRODUCT, "sale_price": -1}]}, "negative_amount:order_detail.product_infos.sale_price"),
    ({"prices": {"freight": "much"}}, "bad_money:order_detail.price_info.freight"),
    ({"prices": {"is_change_freight": True}}, "bad_money:order_detail.price_info.freight"),
    ({"prices": {"merchant_discounted_price": "x"}}, "bad_money:order_detail.price_info.merchant_discounted_price"),
    ({"prices": {"change_down_price": "x"}}, "bad_money:order_detail.price_info.change_down_price"),
    ({"prices": {"finder_discounted_price": "x"}}, "bad_money:order_detail.price_info.finder_discounted_price"),
    ({"prices": {"deduction_price": "x"}}, "bad_money:order_detail.price_info.deduction_price"),
    (
        {"prices": {"national_subsidy_discounted_price": "x"}},
        "bad_money:order_detail.price_info.national_subsidy_discounted_price",
    ),
    ({"products": "see the new method"}, "missing_field:order_detail.product_infos"),
    ({"products": [{**PRODUCT, "sku_id": ""}]}, "missing_field:order_detail.product_infos.sku_id"),
    ({"products": [{**PRODUCT, "sku_id": "a b"}]}, "bad_id:order_detail.product_infos.sku_id"),
    ({"products": [PRODUCT, {**PRODUCT, "sku_cnt": 0}]}, "bad_number:order_detail.product_infos.sku_cnt"),
    ({"products": [{**PRODUCT, "sale_price": "dear"}]}, "bad_money:order_detail.product_infos.sale_price"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    answers = [order(1), *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2))]
    found = pulled("wechatstore_live_orders", *answers)
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["3721511129515429001"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"3721511129515429001"}


def case(number: int, status: str | None = "MERCHANT_REFUND_SUCCESS", **changed: Any) -> dict[str, Any]:
    plain = {
        "after_sale_order_id": str(number),
        "order_id": "3721511129515429001",
        "status": status,
        "type": "REFUND",
        "create_time": AT,
        "update_time": AT + 3600,
        "complete_time": 0,
        "refund_info": {"amount": 9_150},
        "product_info": {"product_id": "10000102290752", "sku_id": "2059341850", "count": 1},
        "details": {"tel_number": "13800000000"},
    }
    return {"errcode": 0, "after_sale_order": {**plain, **changed}}


CASE_STATES = """
    platform_status                      | process           | money    | closed_at
    MERCHANT_PROCESSING                  | applied           | none     |
    USER_WAIT_HANDLE_MERCHANT_AFTER_SALE | applied           | none     |
    USER_WAIT_CONFIRM_UPDATE             | applied           | none     |
    MERCHANT_REJECT_REFUND               | refused           | none     |
    MERCHANT_REJECT_RETURN               | refused           | none     |
    MERCHANT_REJECT_EXCHANGE             | refused           | none     |
    USER_WAIT_RETURN                     | to_return         | none     |
    WAIT_PACKAGE_INTERCEPT               | agreed            | none     |
    USER_WAIT_CONFIRM                    | agreed            | none     |
    MERCHANT_WAIT_RECEIPT                | returning         | none     |
    MERCHANT_REJECT_RESHIP               | inspection_failed | none     |
    USER_WAIT_RECEIPT                    | received          | none     |
    MERCHANT_OVERDUE_REFUND              | agreed            | pending  |
    PLATFORM_REFUNDING                   | agreed            | pending  |
    PLATFORM_REFUND_FAIL                 | agreed            | failed   |
    USER_CANCELD                         | withdrawn         | none     | 2026-11-01 01:00:00
    RETURN_CLOSED                        | closed            | none     | 2026-11-01 01:00:00
    MERCHANT_FAIL                        | closed            | none     | 2026-11-01 01:00:00
    MERCHANT_REFUND_RETRY_FAIL           | closed            | failed   | 2026-11-01 01:00:00
    MERCHANT_REFUND_SUCCESS              | succeeded         | returned | 2026-11-01 01:00:00
    MERCHANT_RETURN_SUCCESS              | succeeded         | returned | 2026-11-01 01:00:00
    MERCHANT_EXCHANGE_SUCCESS            | succeeded         | none     | 2026-11-01 01:00:00
"""


def test_every_state_of_a_case() -> None:
    codes = [row["code"] for row in code_list("wechatstore", "case_codes")]
    found = pulled("wechatstore_live_cases", *(case(number, code) for number, code in enumerate(codes, start=1)))
    assert found.rejects == {}
    found.shows("after_sales", CASE_STATES)
    assert "13800000000" not in repr(found.tables)


def test_kinds_of_cases_and_when_the_money_went_back() -> None:
    found = pulled(
        "wechatstore_live_cases",
        case(1, complete_time=AT + 60),
        case(2, "MERCHANT_RETURN_SUCCESS", type="RETURN"),
        case(3, "MERCHANT_EXCHANGE_SUCCESS", type="EXCHANGE"),
    )
    found.shows(
        "after_sales",
        """
        case_id | order_id            | order_line_id | kind          | refund_minor | money    | applied_at          | refunded_at
        1       | 3721511129515429001 | 2059341850    | refund_only   | 9150         | returned | 2026-11-01 00:00:00 | 2026-11-01 00:01:00
        2       | 3721511129515429001 | 2059341850    | return_refund | 9150         | returned | 2026-11-01 00:00:00 | 2026-11-01 01:00:00
        3       | 3721511129515429001 | 2059341850    | exchange      | 9150         | none     | 2026-11-01 00:00:00 |
    """,
    )


def test_a_case_that_is_not_understood_is_quarantined() -> None:
    broken: list[tuple[dict[str, Any], str]] = [
        ({"status": "NEW"}, "unknown_code:status:NEW"),
        ({"type": "RESEND"}, "unknown_code:type:RESEND"),
        ({"after_sale_order_id": None}, "missing_field:after_sale_order_id"),
        ({"after_sale_order_id": "one two"}, "bad_id:after_sale_order_id"),
        ({"order_id": "one two"}, "bad_id:order_id"),
        ({"update_time": 5}, "bad_time:update_time"),
        ({"create_time": 5}, "bad_time:create_time"),
        ({"refund_info": {"amount": "much"}}, "bad_money:refund_info.amount"),
        ({"refund_info": {"amount": -1}}, "negative_amount:refund_info.amount"),
    ]
    found = pulled("wechatstore_live_cases", *(case(n, **changed) for n, (changed, _) in enumerate(broken, 1)))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(broken, start=1)}
    assert found.is_empty()


ENGINE_CASES: dict[str, list[Any]] = {
    "wechatstore_live_orders": [
        order(1, sent={"delivery_product_info": PARCELS}, products=[PRODUCT, PRODUCT]),
        *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2)),
    ],
    "wechatstore_live_cases": [case(1), case(2, "NEW"), case(3, "MERCHANT_EXCHANGE_SUCCESS", type="EXCHANGE")],
}
