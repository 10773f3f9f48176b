"""Orders and after-sale cases of Xiaohongshu by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.live.extract import documents_in
from entrepot.connectors.live.staging import unknown_fields
from entrepot.connectors.xiaohongshu.api import CASES, ORDERS
from tests.connectors.casework import code_list
from tests.connectors.live.casework import pulled

AT = 1_793_462_400_000
"""2026-11-01 00:00:00 in Beijing, in milliseconds."""

SKU: dict[str, Any] = {
    "skuId": "6500000000000000000000a1",
    "itemId": "6400000000000000000000a1",
    "erpcode": "TEE-WHITE-M",
    "skuName": "小衫\t白色",
    "skuQuantity": 2,
    "skuAfterSaleStatus": 1,
    "skuDetailList": [{"skuId": "a", "erpCode": "TEE", "quantity": 2, "rawPricePerSku": 10000}],
}
ORDER: dict[str, Any] = {
    "orderId": "P700000000000000001",
    "orderType": 1,
    "orderStatus": 4,
    "orderAfterSalesStatus": 1,
    "cancelStatus": 0,
    "createdTime": AT,
    "paidTime": AT + 60_000,
    "updateTime": AT + 60_999,
    "deliveryTime": 0,
    "finishTime": 0,
    "cancelTime": 0,
    "totalPayAmount": 18_100,
    "totalShippingFree": 600,
    "totalMerchantDiscount": 1500,
    "totalRedDiscount": 800,
    "totalChangePriceAmount": -200,
    "outPromotionAmount": 0,
    "totalTaxAmount": 0,
    "logisticsMode": 1,
    "userId": "FAKEUSER",
    "openAddressId": "FAKEADDRESS",
    "receiverProvinceName": "江苏省",
    "expressTrackingNo": "",
    "skuList": [SKU],
}


def order(number: int = 1, **changed: Any) -> dict[str, Any]:
    told = {**ORDER, "orderId": f"P{700_000_000_000_000_000 + number}", **changed}
    return {"error_code": 0, "error_msg": "", "success": True, "data": told}


def test_an_order_has_its_money_by_who_bears_it() -> None:
    found = pulled("xiaohongshu_live_orders", order(expressTrackingNo="YT1", deliveryTime=AT + 90_000))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id            | order_kind | platform_status | payment_state | customs_state | placed_at           | paid_at             | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | discount_other_minor | paid_minor | refund_stated_minor
        P700000000000000001 | sale       | 待发货          | escrowed      | none          | 2026-11-01 00:00:00 | 2026-11-01 00:01:00 | 20000       | 600            | 1700                    | 800                     | 0                    | 18100      | 0
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id                  | listing_id               | sku_id      | quantity | unit_price_minor | goods_minor | after_sale_status
        6500000000000000000000a1 | 6400000000000000000000a1 | TEE-WHITE-M | 2        | 10000            | 20000       | 无售后
    """,
    )
    found.shows(
        "discounts",
        """
        funder           | kind         | amount_minor
        merchant         | promotion    | 1500
        merchant         | price_change | 200
        platform         | coupon       | 800
        payment_provider | promotion    | 0
    """,
    )
    found.shows("shipments", "shipment_id | shipped_at\nYT1 | 2026-11-01 00:01:30")
    found.shows("addresses", "role | province\nrecipient | 江苏省")


def test_what_the_payment_channel_gives_is_no_cash_whichever_way_the_payment_is_stated() -> None:
    found = pulled(
        "xiaohongshu_live_orders",
        order(1, outPromotionAmount=100),
        order(2, outPromotionAmount=100, totalPayAmount=18_000),
    )
    found.shows(
        "orders",
        "order_id | discount_other_minor | paid_minor\n"
        "P700000000000000001 | 100 | 18000\nP700000000000000002 | 100 | 18000",
    )


def test_tax_stands_in_the_price_or_on_top_of_it_whichever_adds_up() -> None:
    cross = {"totalTaxAmount": 910, "logisticsMode": 2}
    found = pulled(
        "xiaohongshu_live_orders",
        order(1, **cross),
        order(2, **cross, totalPayAmount=19_010),
        order(3, **cross, totalPayAmount=18_960, outPromotionAmount=50),
    )
    found.shows(
        "orders",
        """
        order_id            | tax_minor | paid_minor | customs_state
        P700000000000000001 | 0         | 18100      | released
        P700000000000000002 | 910       | 19010      | released
        P700000000000000003 | 910       | 18960      | released
    """,
    )
    found.shows("taxes", "amount_minor | borne_by\n910 | merchant\n910 | buyer\n910 | buyer")


STATES = """
    platform_status | payment_state | commercial_state   | fulfilment_state | customs_state
    待付款          | unpaid        | open               | unallocated      | none
    已支付          | escrowed      | open               | allocated        | none
    清关中          | escrowed      | open               | allocated        | declared
    待发货          | escrowed      | open               | allocated        | none
    部分发货        | escrowed      | open               | part_shipped     | none
    已发货          | escrowed      | open               | shipped          | none
    已完成          | released      | completed_by_buyer | delivered        | none
    已关闭          | voided        | closed_refunded    | unallocated      | none
    已取消          | voided        | closed_refunded    | unallocated      | none
    换货申请中      | escrowed      | open               | delivered        | none
"""


def test_every_state_of_an_order_is_four_states_of_ours() -> None:
    found = pulled("xiaohongshu_live_orders", *(order(code, orderStatus=code) for code in range(1, 11)))
    assert found.rejects == {}
    found.shows("orders", STATES)
    assert [row["code"] for row in code_list("xiaohongshu", "status_codes")] == [str(code) for code in range(1, 11)]


def test_every_kind_of_order() -> None:
    found = pulled(
        "xiaohongshu_live_orders", *(order(code, orderType=code, totalDepositAmount=5000) for code in range(1, 6))
    )
    found.shows(
        "orders",
        """
        order_id            | order_kind           | deposit_minor
        P700000000000000001 | sale                 |
        P700000000000000002 | presale              | 5000
        P700000000000000003 | presale              |
        P700000000000000004 | presale              |
        P700000000000000005 | exchange_replacement |
    """,
    )


def test_of_a_presale_that_is_still_to_be_paid_the_deposit_was_paid() -> None:
    presale = {"orderType": 2, "totalDepositAmount": 5000}
    found = pulled(
        "xiaohongshu_live_orders",
        order(1, **presale, orderStatus=1),
        order(2, **presale, orderStatus=1, paidTime=0),
        order(3, **presale, orderStatus=4),
    )
    found.shows(
        "orders",
        """
        order_id            | payment_state | deposit_paid_at     | paid_at             | paid_minor
        P700000000000000001 | deposit_paid  | 2026-11-01 00:01:00 |                     | 0
        P700000000000000002 | unpaid        |                     |                     | 0
        P700000000000000003 | escrowed      |                     | 2026-11-01 00:01:00 | 18100
    """,
    )


def test_a_closed_order_gives_back_what_was_paid_and_a_cancellation_that_is_asked_for_is_told() -> None:
    found = pulled(
        "xiaohongshu_live_orders",
        order(1, orderStatus=8, cancelTime=AT + 120_000),
        order(2, orderStatus=9, paidTime=0),
        order(3, orderStatus=8, deliveryTime=AT + 90_000),
        order(4, cancelStatus=1),
    )
    found.shows(
        "orders",
        """
        order_id            | commercial_state | fulfilment_state | paid_minor | refund_stated_minor | closed_at
        P700000000000000001 | closed_refunded  | unallocated      | 18100      | 18100               | 2026-11-01 00:02:00
        P700000000000000002 | cancelled_unpaid | unallocated      | 0          | 0                   |
        P700000000000000003 | closed_refunded  | shipped          | 18100      | 18100               |
        P700000000000000004 | cancel_requested | allocated        | 18100      | 0                   |
    """,
    )


def test_every_state_of_after_sale_of_an_order() -> None:
    found = pulled("xiaohongshu_live_orders", *(order(code, orderAfterSalesStatus=code) for code in range(8)))
    assert found.rejects == {}
    assert sorted(row["after_sale_status"] for row in found.tables["order_lines"]) == sorted(
        ("无售后", "无售后", "售后处理中", "售后完成", "售后拒绝", "售后关闭", "平台介入中", "售后取消")
    )


def test_a_bundle_is_one_line_of_several_prices_and_a_gift_a_line_of_nothing() -> None:
    pieces = [
        {"erpCode": "A", "quantity": 1, "rawPricePerSku": 700},
        {"erpCode": "B", "quantity": 3, "rawPricePerSku": 100},
    ]
    bundle = {"skuId": "b1", "skuName": "套装", "skuQuantity": 1, "skuDetailList": pieces}
    gift = {
        "skuId": "g1",
        "skuQuantity": 1,
        "skuTag": 1,
        "skuDetailList": [{"erpCode": "G", "quantity": 1, "rawPricePerSku": 0}],
    }
    found = pulled("xiaohongshu_live_orders", order(skuList=[bundle, gift, gift]))
    assert found.rejects == {}
    found.shows(
        "order_lines",
        """
        line_id | sku_id | quantity | unit_price_minor | goods_minor
        b1      | A      | 1        | 1000             | 1000
        g1      | G      | 1        | 0                | 0
        g1-2    | G      | 1        | 0                | 0
    """,
    )
    found.shows("orders", "goods_minor\n1000")


def test_buyers_and_talents_stand_apart_from_the_order() -> None:
    sold = {**SKU, "kolId": "FAKEKOL", "kolName": "某达人"}
    found = pulled("xiaohongshu_live_orders", order(skuList=[sold]))
    found.shows("persons", "role | platform_account | name\nbuyer | FAKEUSER |\ntalent | FAKEKOL | 某达人")
    assert "FAKEUSER" not in repr(found.tables["orders"]) + repr(found.tables["order_lines"])
    assert "某达人" not in repr(found.tables["orders"]) + repr(found.tables["order_lines"])


def test_what_is_known_and_read_by_nothing_is_no_finding_and_what_is_new_is() -> None:
    told = {
        **ORDER,
        "sellerRemark": "",
        "boundExtendInfo": {"payNo": "1"},
        "surprise": 1,
        "skuList": [{**SKU, "skuTag": 1, "odd": 2}],
    }
    assert unknown_fields(ORDERS, [told]) == ("skuList.odd", "surprise")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"orderStatus": 11}, "unknown_code:orderStatus:11"),
    ({"orderType": 9}, "unknown_code:orderType:9"),
    ({"orderAfterSalesStatus": 99}, "unknown_code:orderAfterSalesStatus:99"),
    ({"logisticsMode": 7}, "unknown_code:logisticsMode:7"),
    ({"orderId": "one two"}, "bad_id:orderId"),
    ({"createdTime": 0}, "bad_time:createdTime"),
    ({"updateTime": 1612518400}, "bad_time:updateTime"),
    ({"updateTime": ""}, "missing_field:updateTime"),
    ({"paidTime": "soon"}, "bad_time:paidTime"),
    ({"totalPayAmount": None}, "bad_money:totalPayAmount"),
    ({"totalPayAmount": 181.5}, "bad_money:totalPayAmount"),
    ({"totalRedDiscount": "much"}, "bad_money:totalRedDiscount"),
    ({"skuList": "see the new method"}, "missing_field:skuList"),
    ({"skuList": [{**SKU, "skuId": ""}]}, "missing_field:skuList.skuId"),
    ({"skuList": [{**SKU, "skuQuantity": "two"}]}, "bad_number:skuList.skuQuantity"),
    ({"skuList": [{**SKU, "skuDetailList": []}]}, "bad_money:skuList.skuDetailList.rawPricePerSku"),
    (
        {"skuList": [SKU, {**SKU, "skuDetailList": [{"quantity": 1, "rawPricePerSku": "dear"}]}]},
        "bad_money:skuList.skuDetailList.rawPricePerSku",
    ),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    answers = [order(1), *(order(number, **changed) for number, (changed, _) in enumerate(BROKEN, start=2))]
    found = pulled("xiaohongshu_live_orders", *answers)
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["P700000000000000001"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"P700000000000000001"}


def case(number: int, status: int | None = 4, *, is_wrapped: bool = False, **changed: Any) -> dict[str, Any]:
    plain = {
        "returnsId": f"R{number}",
        "orderId": "P700000000000000001",
        "returnType": 1,
        "status": status,
        "applyTime": AT,
        "updatedAt": AT + 3_600_000,
        "expectedRefundAmountYuan": 170.05,
        "refundAmountYuan": 0,
        "skus": [{"skuId": "6500000000000000000000a1", "skuERPCode": "TEE-WHITE-M", "price": 100.0}],
        "returnAddress": {"name": "某人"},
    }
    data: dict[str, Any] = {"afterSaleInfo": {**plain, **changed}, "logisticsInfo": {}}
    if is_wrapped:
        data = {"code": 0, "msg": "", "success": True, "data": data}
    return {"error_code": 0, "success": True, "data": data}


CASE_STATES = """
    case_id | process                | money | refund_minor
    R1      | applied                | none  | 17005
    R2      | to_return              | none  | 17005
    R3      | returning              | none  | 17005
    R4      | succeeded              | none  | 17005
    R5      | withdrawn              | none  | 17005
    R6      | closed                 | none  | 17005
    R9      | refused                | none  | 17005
    R11     | exchange_turned_refund | none  | 17005
    R12     | received               | none  | 17005
    R13     | received               | none  | 17005
    R14     | arbitration            | none  | 17005
    R9001   | inspection_failed      | none  | 17005
"""


def test_every_state_of_a_case_and_a_case_that_is_done_is_not_money_returned() -> None:
    codes = [int(line.split("|")[0].strip().removeprefix("R")) for line in CASE_STATES.strip().splitlines()[1:]]
    found = pulled("xiaohongshu_live_cases", *(case(code, code) for code in codes))
    assert found.rejects == {}
    found.shows("after_sales", CASE_STATES)


def test_money_is_returned_when_the_refund_says_so() -> None:
    codes = {
        0: "none",
        1: "pending",
        2: "returned",
        3: "failed",
        101: "pending",
        108: "pending",
        201: "pending",
        301: "pending",
    }
    codes |= {302: "none", 401: "none", 402: "none"}
    found = pulled("xiaohongshu_live_cases", *(case(code, refundStatus=code, refundAmountYuan=169.5) for code in codes))
    assert found.rejects == {}
    assert {row["case_id"]: row["money"] for row in found.tables["after_sales"]} == {
        f"R{code}": money for code, money in codes.items()
    }
    assert {row["refund_minor"] for row in found.tables["after_sales"] if row["money"] == "returned"} == {16950}
    assert {row["refund_minor"] for row in found.tables["after_sales"] if row["money"] != "returned"} == {17005}


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_case_is_read_out_of_one_envelope_or_two(*, is_wrapped: bool) -> None:
    done = case(1, is_wrapped=is_wrapped, refundStatus=2, refundAmountYuan=170.05, refundTime=AT // 1000 + 60)
    found = pulled("xiaohongshu_live_cases", done)
    assert found.rejects == {}
    assert unknown_fields(CASES, documents_in(CASES, done)) == ()
    found.shows(
        "after_sales",
        """
        case_id | order_id            | order_line_id            | sku_id      | kind          | refund_minor | applied_at          | refunded_at
        R1      | P700000000000000001 | 6500000000000000000000a1 | TEE-WHITE-M | return_refund | 17005        | 2026-11-01 00:00:00 | 2026-11-01 00:01:00
    """,
    )
    assert "某人" not in repr(found.tables)


def test_kinds_of_cases_and_a_case_of_two_articles_names_neither() -> None:
    found = pulled(
        "xiaohongshu_live_cases",
        *(case(code, returnType=code) for code in range(1, 7)),
        case(7, skus=[{"skuId": "a"}, {"skuId": "b"}]),
    )
    found.shows(
        "after_sales",
        """
        case_id | kind               | order_line_id
        R1      | return_refund      | 6500000000000000000000a1
        R2      | exchange           | 6500000000000000000000a1
        R3      | refund_only        | 6500000000000000000000a1
        R4      | refund_only        | 6500000000000000000000a1
        R5      | cancel_before_ship | 6500000000000000000000a1
        R6      | price_protection   | 6500000000000000000000a1
        R7      | return_refund      |
    """,
    )


def test_a_case_that_is_not_understood_is_quarantined() -> None:
    broken: list[tuple[dict[str, Any], str]] = [
        ({"status": 99}, "unknown_code:status:99"),
        ({"returnType": 8}, "unknown_code:returnType:8"),
        ({"refundStatus": 7}, "unknown_code:refundStatus:7"),
        ({"returnsId": None}, "missing_field:returnsId"),
        ({"orderId": "one two"}, "bad_id:orderId"),
        ({"updatedAt": 5}, "bad_time:updatedAt"),
        ({"applyTime": 5}, "bad_time:applyTime"),
        ({"expectedRefundAmountYuan": "much"}, "bad_money:expectedRefundAmountYuan"),
        ({"expectedRefundAmountYuan": -1}, "negative_amount:refundAmountYuan"),
    ]
    found = pulled(
        "xiaohongshu_live_cases", *(case(number, **changed) for number, (changed, _) in enumerate(broken, 1))
    )
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(broken, start=1)}
    assert found.is_empty()


ENGINE_CASES: dict[str, list[Any]] = {
    "xiaohongshu_live_orders": [
        order(),
        *(order(n, **changed) for n, (changed, _) in enumerate(BROKEN, 2)),
    ],
    "xiaohongshu_live_cases": [case(1), case(2, is_wrapped=True), case(3, 99)],
}
