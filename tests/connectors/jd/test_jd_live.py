"""Orders and cases of JD by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from entrepot.connectors.jd.api import ORDERS
from entrepot.connectors.live.staging import unknown_fields
from tests.connectors.casework import code_list
from tests.connectors.jd.test_jd_orders import read as read_file
from tests.connectors.live.casework import pulled

NEVER = "0001-01-01 00:00:00"
RECORDED = json.loads(Path(__file__).with_name("recorded").joinpath("pop_order.json").read_text(encoding="utf-8"))

ITEM = {
    "skuId": "100000001",
    "wareId": "10020665903516",
    "outerSkuId": "TEE-WHITE-M",
    "productNo": "TEE",
    "skuName": "小衫\t白色",
    "itemTotal": "2",
    "jdPrice": "100.00",
}
ORDER: dict[str, Any] = {
    "orderId": "310000000001",
    "orderState": "WAIT_SELLER_STOCK_OUT",
    "payType": "4-在线支付",
    "orderStartTime": "2026-11-01 00:00:10",
    "paymentConfirmTime": "2026-11-01 00:05:00",
    "outBoundDate": NEVER,
    "orderEndTime": "",
    "modified": "2026-11-01 00:05:01",
    "parentOrderId": "0",
    "orderTotalPrice": "200.00",
    "orderSellerPrice": "180.00",
    "freightPrice": "6.00",
    "balanceUsed": "5.00",
    "shouldPay": "160.00",
    "actualPay": "160.00",
    "orderPayment": "999.00",
    "pin": "jd_测试",
    "open_id_buyer": "FAKEOPENID",
    "consigneeInfo": {
        "fullname": "AAS/RkFLRQ==",
        "fullAddress": "AAS/RkFLRQ==",
        "mobile": "136*******5",
        "province": "广东",
    },
    "itemInfoList": [ITEM],
    "couponDetailList": [
        {"orderId": "310000000001", "skuId": "", "couponType": "41-京东券优惠", "couponPrice": "10.00"},
        {"orderId": "310000000001", "skuId": "", "couponType": "39-京豆优惠", "couponPrice": "3.00"},
        {"orderId": "310000000001", "skuId": "", "couponType": "52-礼品卡优惠", "couponPrice": "2.00"},
    ],
}


def listed(*orders: dict[str, Any]) -> dict[str, Any]:
    result = {"apiResult": {"success": True}, "orderTotal": str(len(orders)), "orderInfoList": list(orders)}
    return {"jingdong_pop_order_enSearch_responce": {"code": "0", "searchorderinfo_result": result}}


def order(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {**ORDER, "orderId": str(310_000_000_000 + number), **changed}


def test_an_order_has_its_money_by_who_bears_it() -> None:
    found = pulled("jd_live_orders", listed(order()))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id     | shop     | order_kind | payment_state | commercial_state | fulfilment_state | placed_at           | paid_at             | shipped_at | goods_minor | shipping_minor | tax_minor | discount_merchant_minor | discount_platform_minor | tender_minor | paid_minor | refund_stated_minor
        310000000001 | our shop | sale       | escrowed      | open             | allocated        | 2026-11-01 00:00:10 | 2026-11-01 00:05:00 |            | 20000       | 600            | 0         | 2000                    | 1600                    | 1000         | 16000      | 0
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id     | listing_id | sku_id      | spu_id | quantity | unit_price_minor | goods_minor
        100000001-1 | 100000001  | TEE-WHITE-M | TEE    | 2        | 10000            | 20000
    """,
    )
    found.shows("discounts", "funder | amount_minor\nmerchant | 2000\nplatform | 1600\nbank | 0\ngovernment | 0")
    found.shows(
        "tenders",
        """
        kind                   | issuer   | amount_minor
        balance                | platform | 500
        gift_card              | platform | 200
        points                 | platform | 300
        stored_value_principal | merchant | 0
    """,
    )
    found.shows("taxes", "amount_minor")


def test_a_recorded_order_is_read_whole() -> None:
    found = pulled("jd_live_orders", listed(RECORDED))
    assert found.rejects == {}
    assert unknown_fields(ORDERS, [RECORDED]) == ()
    found.shows(
        "orders",
        """
        order_id     | parent_order_id | platform_status       | payment_state | paid_at             | goods_minor | paid_minor
        249786309732 | 245752632275    | WAIT_SELLER_STOCK_OUT | escrowed      | 2022-07-16 16:38:32 | 100         | 100
    """,
    )
    found.shows("order_lines", "line_id | sku_id | spu_id\n10054887745652-1 | testjd4206151136003 | testjd")
    found.shows("persons", "role | platform_account\nbuyer | jd_testpin")
    found.shows("addresses", "province | name | mobile\n广东 | AAS/RkFLRS1DSVBIRVItTkFNRQ== | 136*******5")


def test_the_buyer_is_known_by_the_open_id_and_stands_apart() -> None:
    found = pulled("jd_live_orders", listed(order()))
    found.shows("persons", "role | platform_account\nbuyer | FAKEOPENID")
    key = found.tables["persons"][0]["person_key"]
    assert key == found.tables["orders"][0]["buyer_key"] == found.tables["addresses"][0]["person_key"]
    assert not {"pin", "receiver", "mobile", "address"} & found.tables["orders"][0].keys()


STATES = """
    platform_status            | payment_state | commercial_state   | fulfilment_state
    NOT_PAY                    | unpaid        | open               | unallocated
    WAIT_SELLER_STOCK_OUT      | escrowed      | open               | allocated
    WAIT_SELLER_DELIVERY       | escrowed      | open               | released
    WAIT_GOODS_RECEIVE_CONFIRM | escrowed      | open               | shipped
    FINISHED_L                 | released      | completed_by_buyer | delivered
    TRADE_CANCELED             | voided        | closed_refunded    | unallocated
    LOCKED                     | escrowed      | ship_forbidden     | allocated
    PAUSE                      | escrowed      | risk_hold          | allocated
    POP_ORDER_PAUSE            | escrowed      | ship_forbidden     | allocated
    DELIVERY_RETURN            | escrowed      | open               | returning_to_sender
    WAIT_SEND_CODE             | escrowed      | open               | allocated
"""


def test_every_state_of_an_order_is_three_states_of_ours() -> None:
    states = [line.split("|")[0].strip() for line in STATES.strip().splitlines()[1:]]
    found = pulled("jd_live_orders", listed(*(order(number, orderState=each) for number, each in enumerate(states, 1))))
    assert found.rejects == {}
    found.shows("orders", STATES)


def test_a_cancelled_order_gives_back_what_was_paid_and_one_never_paid_gives_nothing() -> None:
    never = {"paymentConfirmTime": NEVER, "actualPay": "0.00"}
    found = pulled(
        "jd_live_orders",
        listed(
            order(1, orderState="TRADE_CANCELED"),
            order(2, orderState="TRADE_CANCELED", **never),
            order(3, orderState="TRADE_CANCELED", outBoundDate="2026-11-02 08:00:00"),
        ),
    )
    found.shows(
        "orders",
        """
        order_id     | commercial_state | fulfilment_state | paid_minor | refund_stated_minor
        310000000001 | closed_refunded  | unallocated      | 16000      | 16700
        310000000002 | cancelled_unpaid | unallocated      | 0          | 0
        310000000003 | closed_refunded  | shipped          | 16000      | 16700
    """,
    )


def test_stock_out_is_not_always_paid() -> None:
    never = {"paymentConfirmTime": NEVER, "actualPay": "0.00"}
    found = pulled(
        "jd_live_orders",
        listed(
            order(1, **never, payType="先用后付"),
            order(2, **never, payType="1-货到付款"),
            order(3, **never, payType="1-货到付款", orderState="FINISHED_L", orderEndTime="2026-11-05 08:00:00"),
        ),
    )
    found.shows(
        "orders",
        """
        order_id     | payment_state | paid_minor | confirmed_at
        310000000001 | deferred      | 0          |
        310000000002 | on_delivery   | 0          |
        310000000003 | released      | 16000      | 2026-11-05 08:00:00
    """,
    )


def test_what_was_paid_comes_late_and_until_then_what_is_due_stands_for_it() -> None:
    found = pulled("jd_live_orders", listed(order(1, actualPay="0.00"), order(2, actualPay="159.00")))
    found.shows("orders", "order_id | paid_minor\n310000000001 | 16000\n310000000002 | 15900")


def test_parts_of_an_order_that_was_split_name_it() -> None:
    found = pulled(
        "jd_live_orders",
        listed(order(1), order(2, parentOrderId="310000000001"), order(3, directParentOrderId="310000000001")),
    )
    found.shows(
        "orders",
        """
        order_id     | parent_order_id | order_kind
        310000000001 |                 | sale
        310000000002 | 310000000001    | split_part
        310000000003 | 310000000001    | split_part
    """,
    )


def test_the_payment_detail_names_who_gives() -> None:
    expands = [
        {"type": 178, "amount": "20.00"},
        {"type": "181", "amount": "4.00"},
        {"type": "1083", "amount": "1.00"},
        {"type": "1123", "amount": "30.00"},
        {
            "type": "244",
            "amount": "9.00",
            "orderCostAmounts": [{"bearer": "5", "bearAmount": "6.00"}, {"bearer": "1", "bearAmount": "3.00"}],
        },
        {"type": "9", "amount": "7.00"},
    ]
    told = order(
        couponDetailList=[], shouldPay="100.00", actualPay="100.00", paymentDetailList=[{"amountExpands": expands}]
    )
    found = pulled("jd_live_orders", listed(told))
    assert found.rejects == {}
    # 180.00 + 6.00 of freight - 5.00 of balance - 100.00 paid = 81.00, of which 61.00 have a name.
    found.shows("discounts", "funder | amount_minor\nmerchant | 2400\nplatform | 2000\nbank | 100\ngovernment | 3600")
    found.shows(
        "orders",
        "discount_merchant_minor | discount_platform_minor | discount_other_minor | tender_minor\n2400 | 2000 | 3700 | 2500",
    )


@pytest.mark.parametrize(
    ("kind", "merchant", "platform", "government"),
    [("183", 2_700, 7_400, 0), ("1044", 2_700, 7_400, 0), ("1124", 2_000, 7_400, 700)],
)
def test_whoever_gives_by_one_kind_alone_is_named(kind: str, merchant: int, platform: int, government: int) -> None:
    expands = [{"amountExpands": [{"type": kind, "amount": "7.00"}]}]
    told = order(couponDetailList=[], shouldPay="100.00", actualPay="100.00", paymentDetailList=expands)
    found = pulled("jd_live_orders", listed(told))
    given = {row["funder"]: row["amount_minor"] for row in found.tables["discounts"] if row["amount_minor"]}
    wanted = {"merchant": merchant, "platform": platform, "government": government}
    assert given == {funder: amount for funder, amount in wanted.items() if amount}


def test_composite_tax_is_charged_on_top_or_stands_inside_the_price() -> None:
    inside = [{"amountExpands": [{"type": "450", "amount": "12.00"}]}]
    found = pulled(
        "jd_live_orders",
        listed(order(1, taxFee="8.00", shouldPay="168.00", actualPay="168.00"), order(2, paymentDetailList=inside)),
    )
    assert found.rejects == {}
    found.shows(
        "taxes", "amount_minor | kind | borne_by\n800 | customs_composite | buyer\n1200 | customs_composite | merchant"
    )
    found.shows(
        "orders", "order_id | tax_minor | discount_platform_minor\n310000000001 | 800 | 1600\n310000000002 | 0 | 1600"
    )


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"orderState": "A_NEW_STATE"}, "unknown_code:orderState:A_NEW_STATE"),
    ({"orderTotalPrice": "1e3"}, "bad_money:orderTotalPrice"),
    ({"orderSellerPrice": None}, "bad_money:orderSellerPrice"),
    ({"actualPay": "dear", "paymentConfirmTime": NEVER}, "bad_money:actualPay"),
    ({"shouldPay": "dear", "actualPay": "0.00"}, "bad_money:shouldPay"),
    ({"orderSellerPrice": "300.00"}, "amounts_disagree:orderSellerPrice"),
    ({"actualPay": "500.00"}, "amounts_disagree:shouldPay"),
    ({"orderStartTime": "yesterday"}, "bad_time:orderStartTime"),
    ({"paymentConfirmTime": "soon"}, "bad_time:paymentConfirmTime"),
    ({"modified": None}, "missing_field:modified"),
    ({"itemInfoList": "see the new method"}, "missing_field:itemInfoList"),
    ({"itemInfoList": [{**ITEM, "skuId": None}]}, "missing_field:itemInfoList.skuId"),
    ({"itemInfoList": [{**ITEM, "itemTotal": "two"}]}, "bad_number:itemInfoList.itemTotal"),
    ({"itemInfoList": [ITEM, {**ITEM, "jdPrice": "dear"}]}, "bad_money:itemInfoList.jdPrice"),
    ({"couponDetailList": [{"couponType": "41", "couponPrice": "free"}]}, "bad_money:couponDetailList.couponPrice"),
    ({"paymentDetailList": [{"amountExpands": [{"type": "181", "amount": "?"}]}]}, "bad_money:paymentDetailList.amountExpands"),
]  # fmt: skip


def test_what_is_not_understood_is_quarantined_whole() -> None:
    found = pulled(
        "jd_live_orders", listed(order(1), *(order(n, **changed) for n, (changed, _) in enumerate(BROKEN, 2)))
    )
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["310000000001"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"310000000001"}


def test_lines_have_the_numbers_that_the_files_give_them() -> None:
    twice = pulled("jd_live_orders", listed(order(itemInfoList=[ITEM, {**ITEM, "itemTotal": "1"}])))
    files = read_file({"订单金额": "300.00"}, {"订单金额": "300.00"})
    assert {row["line_id"] for row in twice.tables["order_lines"]} == {
        row["line_id"] for row in files.tables["order_lines"]
    }


CANCELS = """
    case_id | platform_status | kind               | process   | money   | refund_minor
    1       | 0               | cancel_before_ship | applied   | none    | 17005
    2       | 1               | cancel_before_ship | agreed    | pending | 17005
    3       | 2               | cancel_before_ship | refused   | none    | 17005
    4       | 3               | cancel_before_ship | succeeded | pending | 17005
    5       | 4               | cancel_before_ship | refused   | none    | 17005
    6       | 5               | cancel_before_ship | agreed    | pending | 17005
    7       | 6               | recall_intercept   | agreed    | pending | 17005
    8       | 7               | recall_intercept   | agreed    | pending | 17005
    9       | 8               | recall_intercept   | closed    | none    | 17005
    10      | 9               | cancel_before_ship | agreed    | pending | 17005
    11      | 10              | recall_intercept   | agreed    | pending | 17005
    12      | 11              | cancel_before_ship | withdrawn | none    | 17005
"""


def cancel(number: int, status: Any, **changed: Any) -> dict[str, Any]:
    plain = {
        "id": number,
        "orderId": "310000000001",
        "status": status,
        "applyTime": "2026-11-02 10:00:00",
        "applyRefundSum": 17005,
    }
    return {**plain, "buyerName": "某人", **changed}  # fmt: skip


def cancels(*rows: dict[str, Any]) -> dict[str, Any]:
    result = {"success": True, "totalCount": len(rows), "result": list(rows)}
    return {"jingdong_pop_afs_soa_refundapply_queryPageList_responce": {"code": "0", "queryResult": result}}


def test_every_state_of_a_cancellation_and_its_money_is_fen() -> None:
    found = pulled("jd_live_cancels", cancels(*(cancel(code + 1, code) for code in range(12))))
    assert found.rejects == {}
    found.shows("after_sales", CANCELS)
    assert {row["code"] for row in code_list("jd", "cancel_status")} == {str(code) for code in range(12)}


def test_a_cancellation_that_is_not_understood_is_quarantined() -> None:
    found = pulled(
        "jd_live_cancels",
        cancels(cancel(1, 0), cancel(2, 12), cancel(3, 0, applyRefundSum="170.05"), cancel(4, 0, applyTime=None), cancel(5, 0, applyRefundSum=-1)),
    )  # fmt: skip
    assert found.rejects == {
        "2": "unknown_code:status:12",
        "3": "bad_money:applyRefundSum",
        "4": "bad_time:applyTime",
        "5": "negative_amount:applyRefundSum",
    }
    assert [row["case_id"] for row in found.tables["after_sales"]] == ["1"]
    assert not {"buyerName", "buyer_name"} & found.tables["after_sales"][0].keys()


def service(number: int, **changed: Any) -> dict[str, Any]:
    bill = {"serviceId": number, "orderId": 310000000001, "wareId": 100000001, "customerPin": "jd_测试"}
    bill |= {"afsApplyTime": "2026-11-05 10:00:00", "customerExpect": changed.pop("customerExpect", 10)}
    bill |= {"approveDate": changed.pop("approveDate", None)}
    return {"sameOrderServiceBill": bill, "refoundAmount": "170.05", **changed}


def services(*rows: dict[str, Any]) -> dict[str, Any]:
    result = {"success": True, "code": "00000", "totalCount": len(rows), "data": list(rows)}
    return {"jingdong_asc_serviceAndRefund_view_responce": {"pageResult": result}}


def test_a_service_is_over_when_its_refund_is_and_its_instants_come_in_two_ways() -> None:
    agreed = "2026-11-06 10:00:00"
    found = pulled(
        "jd_live_services",
        services(
            service(1),
            service(2, approveDate=agreed),
            service(3, approveDate=agreed, status=13, completeTime="2026-11-07 10:00:00"),
            service(4, approveDate=agreed, status=13, completeTime=1_794_016_800_000),
            service(5, approveDate=agreed, status=14),
            service(6, approveDate=agreed, status=5),
            service(7, customerExpect=11),
            service(8, customerExpect=20),
            service(9, customerExpect=30),
        ),
    )
    assert found.rejects == {}
    found.shows(
        "after_sales",
        """
        case_id | kind          | process   | money    | refund_minor | refunded_at
        1       | return_refund | applied   | none     | 17005        |
        2       | return_refund | agreed    | pending  | 17005        |
        3       | return_refund | succeeded | returned | 17005        | 2026-11-07 10:00:00
        4       | return_refund | succeeded | returned | 17005        | 2026-11-07 10:00:00
        5       | return_refund | agreed    | failed   | 17005        |
        6       | return_refund | agreed    | pending  | 17005        |
        7       | refund_only   | applied   | none     | 17005        |
        8       | exchange      | applied   | none     | 17005        |
        9       | repair        | applied   | none     | 17005        |
    """,
    )


def test_a_service_that_is_not_understood_is_quarantined() -> None:
    found = pulled(
        "jd_live_services",
        services(service(1, customerExpect=99), service(2, status="done"), service(3, refoundAmount="much")),
    )
    assert found.rejects == {
        "1": "unknown_code:customerExpect:99",
        "2": "unknown_code:status:done",
        "3": "bad_money:refoundAmount",
    }


def test_a_cancellation_and_a_service_of_one_number_are_two_cases() -> None:
    one = pulled("jd_live_cancels", cancels(cancel(7, 0))).tables["after_sales"][0]
    other = pulled("jd_live_services", services(service(7))).tables["after_sales"][0]
    assert one["case_id"] == other["case_id"]
    assert one["case_key"] != other["case_key"]


ENGINE_CASES: dict[str, list[Any]] = {
    "jd_live_orders": [listed(ORDER, *(order(n, **changed) for n, (changed, _) in enumerate(BROKEN, 2)))],
    "jd_live_cancels": [cancels(cancel(1, 3), cancel(2, 99))],
    "jd_live_services": [services(service(1), service(2, status=13, completeTime=1), service(3, status="?"))],
}
