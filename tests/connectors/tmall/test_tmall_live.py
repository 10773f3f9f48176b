"""Trades and refunds of Taobao by API: answers as sent, canonical rows, every state the platform has."""

from __future__ import annotations

from typing import Any

from tests.connectors.live.casework import pulled

LINE = {
    "oid": 2890000000000000102,
    "status": "WAIT_SELLER_SEND_GOODS",
    "refund_status": "NO_REFUND",
    "num_iid": 680000000001,
    "sku_id": "5120000000001",
    "outer_iid": "TEE",
    "outer_sku_id": "TEE-WHITE-M",
    "title": "小衫\t白色",
    "num": 2,
    "price": "100.00",
    "total_fee": "200.00",
    "payment": "170.05",
    "divide_order_fee": "170.05",
}
TRADE: dict[str, Any] = {
    "tid": 2890000000000000101,
    "status": "WAIT_SELLER_SEND_GOODS",
    "type": "tmall_i18n",
    "created": "2026-11-01 00:00:10",
    "pay_time": "2026-11-01 00:05:00",
    "modified": "2026-11-01 00:05:01",
    "total_fee": "200.00",
    "payment": "176.05",
    "post_fee": "6.00",
    "adjust_fee": "0.00",
    "coupon_fee": 995,
    "alipay_point": 100,
    "platform_subsidy_fee": "5.00",
    "buyer_open_uid": "AAH000000000001",
    "oaid": "1AAH000000000001",
    "receiver_name": "张**",
    "receiver_mobile": "*******0011",
    "receiver_address": "******",
    "receiver_state": "浙江省",
    "orders": {"order": [LINE]},
    "promotion_details": {"promotion_detail": [{"id": 2890000000000000101, "discount_fee": "14.00"}]},
    "seller_nick": "unread",
}


def answer(**changed: Any) -> dict[str, Any]:
    return {"trade_fullinfo_get_response": {"trade": {**TRADE, **changed}, "request_id": "x"}}


def refund(**changed: Any) -> dict[str, Any]:
    plain = {
        "refund_id": 190000000000000005,
        "tid": TRADE["tid"],
        "oid": LINE["oid"],
        "status": "SUCCESS",
        "created": "2026-11-02 10:00:00",
        "modified": "2026-11-03 10:00:00",
        "refund_fee": "170.05",
        "refund_phase": "aftersale",
        "has_good_return": True,
        "dispute_type": "REFUND_AND_RETURN",
    }
    return {"refund_get_response": {"refund": {**plain, **changed}, "request_id": "x"}}


def test_a_paid_trade_is_an_order_with_lines_discounts_and_tenders() -> None:
    found = pulled("tmall_live_trades", answer())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_id            | shop     | payment_state | commercial_state | fulfilment_state | placed_at           | paid_at             | goods_minor | shipping_minor | discount_merchant_minor | discount_platform_minor | tender_minor | paid_minor | refund_stated_minor
        2890000000000000101 | our shop | escrowed      | open             | allocated        | 2026-11-01 00:00:10 | 2026-11-01 00:05:00 | 20000       | 600            | 1400                    | 1495                    | 100          | 17605      | 0
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id             | listing_id   | variant_id    | sku_id      | quantity | unit_price_minor | goods_minor | paid_minor
        2890000000000000102 | 680000000001 | 5120000000001 | TEE-WHITE-M | 2        | 10000            | 20000       | 17005
    """,
    )
    found.shows("discounts", "funder | amount_minor\nmerchant | 1400\nplatform | 1495")
    found.shows("addresses", "province | name | address\n浙江省 | 张** | ******")


def test_payment_falls_with_a_refund_and_what_was_paid_does_not() -> None:
    kept = {**LINE, "oid": 3, "num": 1, "price": "100.00", "divide_order_fee": "85.03", "refund_status": "NO_REFUND"}
    gone = {**LINE, "oid": 4, "num": 1, "price": "100.00", "divide_order_fee": "85.02", "refund_status": "SUCCESS"}
    found = pulled("tmall_live_trades", answer(payment="91.03", orders={"order": [kept, gone]}))
    assert found.rejects == {}
    found.shows("orders", "paid_minor | refund_stated_minor | discount_merchant_minor\n17605 | 8502 | 1400")


STATES = """
    platform_status          | payment_state        | commercial_state  | fulfilment_state
    TRADE_NO_CREATE_PAY      | unpaid               | open              | unallocated
    WAIT_BUYER_PAY           | unpaid               | open              | unallocated
    PAY_PENDING              | pending_confirmation | open              | unallocated
    WAIT_PRE_AUTH_CONFIRM    | preauthorised        | open              | unallocated
    WAIT_SELLER_SEND_GOODS   | escrowed             | open              | allocated
    PAID_FORBID_CONSIGN      | escrowed             | ship_forbidden    | allocated
    SELLER_CONSIGNED_PART    | escrowed             | open              | part_shipped
    WAIT_BUYER_CONFIRM_GOODS | escrowed             | open              | shipped
    TRADE_BUYER_SIGNED       | captured             | open              | delivered
    TRADE_FINISHED           | released             | completed_by_buyer | delivered
    TRADE_CLOSED             | voided               | closed_refunded   | unallocated
    TRADE_CLOSED_BY_TAOBAO   | voided               | cancelled_unpaid  | unallocated
"""


def test_every_state_of_a_trade_is_three_states_of_ours() -> None:
    states = [line.split("|")[0].strip() for line in STATES.strip().splitlines()[1:]]
    found = pulled("tmall_live_trades", *(answer(tid=number, status=state) for number, state in enumerate(states, 1)))
    assert found.rejects == {}
    found.shows("orders", STATES)


def test_a_presale_pays_in_two_steps() -> None:
    steps = (
        "FRONT_NOPAID_FINAL_NOPAID",
        "FRONT_PAID_FINAL_NOPAID",
        "FRONT_PAID_FINAL_PAID",
        "FRONT_PAID_FRONT_FORFEITED",
    )
    answers = [
        answer(tid=number, type="step", step_trade_status=step, step_paid_fee="50.00")
        for number, step in enumerate(steps, start=1)
    ]
    pulled("tmall_live_trades", *answers).shows(
        "orders",
        """
        order_id | order_kind | payment_state | commercial_state | deposit_minor | paid_minor
        1        | presale    | unpaid        | open             |               | 0
        2        | presale    | deposit_paid  | open             | 5000          | 0
        3        | presale    | escrowed      | open             | 5000          | 17605
        4        | presale    | deposit_paid  | cancelled_unpaid | 5000          | 0
    """,
    )


def test_goods_that_left_unpaid_are_paid_later() -> None:
    trade = {name: value for name, value in TRADE.items() if name != "pay_time"}
    said = {"trade_fullinfo_get_response": {"trade": {**trade, "status": "WAIT_BUYER_CONFIRM_GOODS"}}}
    pulled("tmall_live_trades", said).shows("orders", "payment_state | paid_minor\ndeferred | 0")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"status": "A_NEW_STATE"}, "unknown_code:status:A_NEW_STATE"),
    ({"payment": "1e3"}, "bad_money:payment"),
    ({"payment": None}, "bad_money:payment"),
    ({"payment": "500.00"}, "amounts_disagree:payment"),
    ({"created": "yesterday"}, "bad_time:created"),
    ({"modified": None}, "missing_field:modified"),
    ({"orders": "see the new method"}, "missing_field:orders.order"),
    ({"orders": {"order": [{**LINE, "oid": None}]}}, "missing_field:orders.order.oid"),
    ({"orders": {"order": [{**LINE, "num": "two"}]}}, "bad_number:num"),
    ({"orders": {"order": [LINE, {**LINE, "price": "dear"}]}}, "bad_money:price"),
    ({"step_trade_status": "FRONT_HALF_PAID"}, "unknown_code:step_trade_status:FRONT_HALF_PAID"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    found = pulled("tmall_live_trades", answer(tid=1), *(answer(**changed) for changed, _ in BROKEN))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["1"]
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"1"}


REFUND_STATES = """
    platform_status                               | process                | money    | refund_minor
    WAIT_SELLER_AGREE                             | applied                | none     | 17005
    WAIT_BUYER_RETURN_GOODS                       | to_return              | none     | 17005
    WAIT_SELLER_CONFIRM_GOODS                     | returning              | none     | 17005
    SELLER_REFUSE_BUYER                           | refused                | none     | 17005
    CLOSED                                        | closed                 | none     | 17005
    SUCCESS                                       | succeeded              | returned | 17005
    WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS | received               | none     | 17005
    EXCHANGE_TRANSFORM_TO_REFUND                  | exchange_turned_refund | pending  | 17005
    WAIT_SELLER_CONSIGN_GOODS                     | received               | none     | 17005
"""


def test_a_refund_agreed_is_not_money_returned() -> None:
    states = [line.split("|")[0].strip() for line in REFUND_STATES.strip().splitlines()[1:]]
    answers = (refund(refund_id=number, status=state) for number, state in enumerate(states, start=1))
    found = pulled("tmall_live_refunds", *answers)
    assert found.rejects == {}
    found.shows("after_sales", REFUND_STATES)


def test_kinds_of_cases_follow_the_dispute() -> None:
    kinds = ("TMALL_EXCHANGE", "TAOBAO_EXCHANGE", "REPAIR", "RESHIPPING", "REFUND", "OTHERS")
    answers = [refund(refund_id=number, dispute_type=kind, has_good_return=False) for number, kind in enumerate(kinds)]
    found = pulled("tmall_live_refunds", *answers)
    assert [row["kind"] for row in sorted(found.tables["after_sales"], key=lambda row: row["case_id"])] == [
        "exchange",
        "exchange",
        "repair",
        "resend",
        "refund_only",
        "refund_only",
    ]


ENGINE_CASES: dict[str, list[Any]] = {
    "tmall_live_trades": [answer(), *(answer(**changed) for changed, _ in BROKEN)],
    "tmall_live_refunds": [refund(), refund(status="NEW")],
}
