"""Settlements of Xiaohongshu by API: what moved, with its fees taken apart, as the statement of goods has it."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.live.extract import documents_in
from entrepot.connectors.live.staging import unknown_fields
from entrepot.connectors.xiaohongshu.api import SETTLEMENTS
from tests.connectors.casework import CaseFile, lines_of, translated
from tests.connectors.live.casework import page_of, pulled
from tests.connectors.xiaohongshu import test_xiaohongshu_settlement as files
from tests.connectors.xiaohongshu.test_xiaohongshu_orders import ORDER

PAID: dict[str, Any] = {
    "transactionId": 7001,
    "packageId": ORDER,
    "statementType": 2,
    "settleBizType": 0,
    "commonSettleStatus": 1,
    "settledTime": 1_790_449_200_000,
    "amount": "213.90",
    "goodsAmount": "238.00",
    "payAmount": "215.00",
    "appPromotion": "15.00",
    "freightAmount": "8.00",
    "taxAmount": "0.00",
    "commissionAmount": "-11.90",
    "payChannelAmount": "-1.43",
    "cpsAmount": "-10.77",
    "installmentAmount": "0.00",
    "extraAmount": "0.00",
}
BACK = {
    "transactionId": 7002,
    "returnId": "R1",
    "settleBizType": 1,
    "amount": "-47.25",
    "payAmount": "-50.00",
    "appPromotion": "0.00",
    "freightAmount": "0.00",
    "commissionAmount": "2.50",
    "payChannelAmount": "0.25",
    "cpsAmount": "0.00",
}


def settled(*rows: dict[str, Any], is_wrapped: bool = True) -> dict[str, Any]:
    data: dict[str, Any] = {"total": len(rows), "totalPage": 1, "transactions": [{**PAID, **row} for row in rows]}
    if is_wrapped:
        data = {"code": 0, "msg": "", "success": True, "data": data}
    return {"error_code": 0, "success": True, "data": data}


LINES = f"""
    line_id                                        | kind         | fee_code             | amount_minor | booked_at
    xiaohongshu:{ORDER}:7001:sale       | order_income |                      | 23800        | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7001:commission | fee          | commission           | -1190        | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7001:payment    | fee          | payment_fee          | -143         | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7001:affiliate  | fee          | affiliate_commission | -1077        | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7002:sale       | order_refund |                      | -5000        | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7002:commission | fee          | commission           | 250          | 2026-09-27 03:00:00
    xiaohongshu:{ORDER}:7002:payment    | fee          | payment_fee          | 25           | 2026-09-27 03:00:00
"""


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_settlement_is_income_and_its_fees_and_a_refund_gives_them_back(*, is_wrapped: bool) -> None:
    answer = settled({}, BACK, is_wrapped=is_wrapped)
    found = pulled("xiaohongshu_live_settlements", answer)
    assert (found.rejects, found.rows) == ({}, 2)
    assert unknown_fields(SETTLEMENTS, documents_in(SETTLEMENTS, answer)) == ()
    found.shows("settlement_lines", LINES)


def test_fees_may_be_written_positive_too() -> None:
    positive = {"commissionAmount": "11.90", "payChannelAmount": "1.43", "cpsAmount": "10.77"}
    found = pulled("xiaohongshu_live_settlements", settled(positive))
    assert sorted(row["amount_minor"] for row in found.tables["settlement_lines"]) == [-1190, -1077, -143, 23800]


def test_a_settlement_by_api_and_one_in_a_file_that_has_its_number_are_one() -> None:
    header = files.HEADER.replace("下单时间", "结算唯一ID,下单时间", 1)
    plain = {**files.PLAIN, "结算唯一ID": "7001"}
    file = translated(CaseFile(lines_of(header, plain, {}), "settlement.csv"))
    api = pulled("xiaohongshu_live_settlements", settled({}))
    assert {row["line_id"] for row in file.tables["settlement_lines"]} == {
        row["line_id"] for row in api.tables["settlement_lines"]
    }


def test_two_rows_of_a_file_with_one_number_stay_two() -> None:
    header = files.HEADER.replace("下单时间", "结算唯一ID,下单时间", 1)
    plain = {**files.PLAIN, "结算唯一ID": "7001", "佣金": "0.00", "支付渠道费": "0.00", "分销佣金": "0.00"}
    other = {"动账金额": "20.00", "商品实付/实退": "20.00", "运费实付/实退": "0.00", "平台优惠补贴": "0.00"}
    found = translated(CaseFile(lines_of(header, plain, {}, other), "settlement.csv"))
    assert found.rejects == {}
    assert len({row["line_id"] for row in found.tables["settlement_lines"]}) == 2


def test_a_settlement_that_is_not_understood_is_quarantined() -> None:
    broken: list[tuple[dict[str, Any], str]] = [
        ({"settleBizType": 2}, "unknown_code:settleBizType:2"),
        ({"commonSettleStatus": 0}, "unknown_code:commonSettleStatus:0"),
        ({"settledTime": 5}, "bad_time:settledTime"),
        ({"settledTime": None}, "missing_field:settledTime"),
        ({"transactionId": ""}, "missing_field:transactionId"),
        ({"packageId": "one two"}, "bad_id:packageId"),
        ({"amount": "much"}, "bad_money:amount"),
        ({"cpsAmount": "?"}, "bad_money:cpsAmount"),
        (
            {"commissionAmount": "11.90", "payChannelAmount": "0", "cpsAmount": "0"},
            "inconsistent_amount:commissionAmount",
        ),
        ({**BACK, "amount": "47.25", "payAmount": "50.00"}, "inconsistent_amount:amount"),
    ]
    found = pulled("xiaohongshu_live_settlements", settled(*(changed for changed, _ in broken)))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(broken, start=1)}
    assert found.is_empty()


def test_a_page_whose_answers_differ_in_their_envelopes_and_shapes_loses_none() -> None:
    page = page_of(
        SETTLEMENTS, settled({}), settled({"transactionId": 8}, is_wrapped=False), {"data": {"transactions": "?"}}
    )
    found = pulled("xiaohongshu_live_settlements", pages=(page,))
    assert found.rejects == {}
    assert {row["line_id"].split(":")[2] for row in found.tables["settlement_lines"]} == {"7001", "8"}


ENGINE_CASES: dict[str, list[Any]] = {
    "xiaohongshu_live_settlements": [settled({}, BACK, {"settleBizType": 2})],
}
