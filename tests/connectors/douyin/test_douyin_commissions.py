"""Commission of talents as Douyin's alliance lists it: who is credited, at which rate; nothing is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

LINE = "6953547102608758621"
HEADER = (
    "订单id,商品id,商品名称,作者账号,抖音/火山号,支付金额,佣金率,预估佣金支出,结算金额,实际佣金支出,订单状态,超时未结算原因,付款时间,收货时间,"
    "订单结算时间,商品来源,店铺id,店铺名称,商品数量,订单来源,流量来源"
)
PLAIN = {
    "订单id": f"{LINE}\t",
    "商品id": "3810515145814311090\t",
    "作者账号": "测试作者",
    "抖音/火山号": "66799442664",
    "支付金额": "169.00",
    "佣金率": "32.00%",
    "预估佣金支出": "54.08",
    "结算金额": "0.00",
    "实际佣金支出": "0.00",
    "订单状态": "订单付款",
    "付款时间": "2026-06-09 21:25:25",
    "店铺名称": "测试店",
    "商品数量": "1",
    "订单来源": "抖音",
    "流量来源": "视频",
}
SETTLED = {
    "订单状态": "订单结算",
    "结算金额": "169.00",
    "实际佣金支出": "54.08",
    "订单结算时间": "2026-06-25 03:00:00",
}
STATES = {row["commission_state"]: row["state"] for row in code_list("douyin", "commission_states")}


def listed(*rows: dict[str, str], name: str = "commission.csv") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), name)


def test_a_line_is_credited_to_its_talent_at_its_rate() -> None:
    found = translated(listed(SETTLED))
    assert (found.formats, found.rejects, found.rows) == ({"commission.csv": "douyin_commissions"}, {}, 1)
    found.shows(
        "attributions",
        f"""
        month   | shop   | order_line_id | listing_id          | state   | rate_bp | paid_minor | settled_minor | commission_estimated_minor | commission_settled_minor | paid_at             | settled_at
        2026-06 | 测试店 | {LINE}        | 3810515145814311090 | settled | 3200    | 16900      | 16900         | 5408                       | 5408                     | 2026-06-09 21:25:25 | 2026-06-25 03:00:00
    """,
    )
    found.shows("persons", "role | channel | platform_account | name\ntalent | douyin | 66799442664 | 测试作者")


def test_the_talent_stands_in_the_attribution_as_a_key_only() -> None:
    (row,) = translated(listed({})).tables["attributions"]
    assert "66799442664" not in str(row)
    assert "测试作者" not in str(row)
    assert len(row["person_key"]) == 64


def test_the_list_books_nothing_for_the_settlement_does(tmp_path: Path) -> None:
    cell = imported(tmp_path, [listed(SETTLED)])
    assert (cell.rows("settlement_lines"), cell.rows("fees"), cell.rows("ledger_entries")) == ([], [], [])


def test_settlement_replaces_the_expectation(tmp_path: Path) -> None:
    cell = imported(tmp_path, [listed(SETTLED)], [listed({}, name="older.csv")])
    cell.shows("attributions", "state | commission_settled_minor\nsettled | 5408")


def test_every_state_has_its_word() -> None:
    rows = [{"订单id": f"69535471026087{number:05d}", "订单状态": word} for number, word in enumerate(STATES)]
    found = translated(listed(*rows)).tables["attributions"]
    assert [row["state"] for row in sorted(found, key=lambda row: row["row_no"])] == list(STATES.values())
    assert set(STATES.values()) == {"paid", "received", "settled", "refunded"}


REFUSED = {
    "no order number": ({"订单id": ""}, "bad_id:订单id"),
    "a ruined order number": ({"订单id": "6.95E+18"}, "ruined_id:订单id"),
    "no talent": ({"抖音/火山号": ""}, "bad_id:抖音/火山号"),
    "no time": ({"付款时间": ""}, "bad_time:付款时间"),
    "a broken time of settlement": ({"订单结算时间": "昨天"}, "bad_time:订单结算时间"),
    "a broken rate": ({"佣金率": "三成"}, "bad_number:佣金率"),
    "a broken amount": ({"支付金额": "一"}, "bad_money:支付金额"),
    "a broken settled amount": ({"结算金额": "一"}, "bad_money:结算金额"),
    "a broken expectation": ({"预估佣金支出": ""}, "bad_money:预估佣金支出"),
    "a broken commission": ({"实际佣金支出": "一"}, "bad_money:实际佣金支出"),
    "an unknown state": ({"订单状态": "神秘"}, "unknown_code:订单状态:神秘"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    rows = [{"订单id": f"69535471026087{number:05d}", **cells} for number, (cells, _) in enumerate(REFUSED.values())]
    return translated(listed(*rows))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
