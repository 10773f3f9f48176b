"""Douyin's settlement: one row per sub-order and event, a formula row under the header, fees of either sign."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated
from tests.connectors.douyin.test_douyin_orders import FULL as ORDERS_HEADER
from tests.connectors.douyin.test_douyin_orders import ORDER, SECOND
from tests.connectors.douyin.test_douyin_orders import PLAIN as PLAIN_ORDER

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,有结算前退款,下单时间,商品ID,商品数量,业务类型,订单类型,订单总价,商品总价,运费,店铺劵,"
    "结算前退款金额,平台补贴,达人补贴,抖音支付补贴,抖音月付营销补贴,用户实付,收入合计,平台服务费,佣金,渠道分成,招商服务费,站外推广费,其他分成,"
    "其他分成说明,支出合计,是否免佣,免佣金额,备注"
)
FORMULA = ",,,收入+支出" + "," * 30
PLAIN = {
    "结算时间": "2026-09-30 05:59:20",
    "订单号": f"'{ORDER}",
    "子订单号": f"'{ORDER}",
    "结算金额": "83.60",
    "结算账户": "聚合账户",
    "结算单类型": "已结算",
    "有结算前退款": "否",
    "下单时间": "2026-09-22 00:54:10",
    "商品ID": "'3660207428038974464",
    "商品数量": "2",
    "业务类型": "精选联盟",
    "订单类型": "普通订单",
    "结算前退款金额": "0.00",
    "平台补贴": "6.00",
    "达人补贴": "4.00",
    "抖音支付补贴": "2.00",
    "抖音月付营销补贴": "0.00",
    "用户实付": "83.00",
    "收入合计": "95.00",
    "平台服务费": "-4.75",
    "佣金": "-6.65",
    "渠道分成": "0.00",
    "招商服务费": "0.00",
    "站外推广费": "0.00",
    "其他分成": "0.00",
    "支出合计": "-11.40",
    "是否免佣": "否",
    "免佣金额": "0.00",
}
UNSIGNED = {"平台服务费": "4.75", "佣金": "6.65", "支出合计": "11.40"}
BACK = {"结算时间": "2026-10-10 18:34:00", "结算金额": "-8", "结算单类型": "结算后退款-非原路退回"}
NO_FEES = {"平台服务费": "0.00", "佣金": "0.00", "支出合计": "0.00", "结算金额": "95.00"}
LINES = "kind | fee_code | amount_minor"
ITEMS = {row["item"]: row for row in code_list("douyin", "items")}
DOCUMENTS = {row["document"]: row for row in code_list("douyin", "document")}


def text_of(*rows: dict[str, str], formula: bool = True) -> str:
    header, rest = lines_of(HEADER, PLAIN, *rows).split("\r\n", maxsplit=1)
    return "\r\n".join((header, FORMULA, rest) if formula else (header, rest))


def read(*rows: dict[str, str], formula: bool = True) -> Translated:
    return translated(CaseFile(text_of(*rows, formula=formula), "1791430000_settlement.csv"))


@pytest.mark.parametrize("formula", [True, False], ids=["with a formula row", "without one"])
@pytest.mark.parametrize("fees", [{}, UNSIGNED], ids=["fees negative", "fees positive"])
def test_a_settled_row_gives_income_and_its_fees(fees: dict[str, str], *, formula: bool) -> None:
    found = read({**fees}, formula=formula)
    assert (found.formats, found.rejects, found.rows) == ({"1791430000_settlement.csv": "douyin_settlement"}, {}, 1)
    found.shows(
        "settlement_lines",
        f"""
        order_key      | kind         | fee_code             | platform_item | vat_rate_bp | amount_minor | booked_at           | month   | wallet_id
        douyin:{ORDER} | order_income |                      | 已结算        | 0           | 9500         | 2026-09-30 05:59:20 | 2026-09 | douyin:our shop
        douyin:{ORDER} | fee          | service_fee          | 平台服务费    | 600         | -475         | 2026-09-30 05:59:20 | 2026-09 | douyin:our shop
        douyin:{ORDER} | fee          | affiliate_commission | 佣金          | 600         | -665         | 2026-09-30 05:59:20 | 2026-09 | douyin:our shop
    """,
    )
    found.shows("wallet_lines", "wallet_id | amount_minor | balance_minor\ndouyin:our shop | 8360 |")


def test_a_published_sample_with_a_refund_after_settlement() -> None:
    row = {
        "订单号": "'6936476692437472563",
        "子订单号": "'6936476692437472563",
        "下单时间": "2026-06-24 10:51:58",
        "平台补贴": "0.00",
        "达人补贴": "0.00",
        "抖音支付补贴": "0.00",
        "用户实付": "109.00",
        "收入合计": "109.00",
        "平台服务费": "-5.45",
        "佣金": "-6.53",
        "支出合计": "-11.98",
    }
    found = read(
        {**row, "结算时间": "2026-07-01 05:59:20", "结算金额": "97.02"},
        {**row, "结算时间": "2026-07-20 18:34:00", "结算金额": "-8", "结算单类型": "结算后退款-非原路退回"},
    )
    found.shows(
        "settlement_lines",
        f"{LINES} | booked_at\n"
        """order_income | | 10900 | 2026-07-01 05:59:20
        fee | service_fee | -545 | 2026-07-01 05:59:20
        fee | affiliate_commission | -653 | 2026-07-01 05:59:20
        order_refund | | -800 | 2026-07-20 18:34:00""",
    )
    assert found.tables["orders"] == []


def test_the_sign_is_one_for_the_whole_file_and_a_row_that_differs_is_refused() -> None:
    found = read({**UNSIGNED}, {**UNSIGNED, "子订单号": f"'{SECOND}"}, {"子订单号": "'6917926768823643753"})
    assert found.rejects == {"5": "inconsistent_amount:结算金额"}
    found.shows(
        "settlement_lines",
        f"{LINES}\n" + 2 * "order_income | | 9500\nfee | service_fee | -475\nfee | affiliate_commission | -665\n",
    )


def test_each_file_has_its_own_sign() -> None:
    found = translated(
        CaseFile(text_of({}), "a.csv"), CaseFile(text_of({**UNSIGNED, "子订单号": f"'{SECOND}"}), "b.csv")
    )
    assert found.rejects == {}
    found.shows(
        "settlement_lines",
        f"{LINES}\n" + 2 * "order_income | | 9500\nfee | service_fee | -475\nfee | affiliate_commission | -665\n",
    )


def test_rows_without_fees_say_nothing_about_the_sign() -> None:
    found = read(NO_FEES, {**NO_FEES, "子订单号": f"'{SECOND}"}, {**UNSIGNED, "子订单号": "'6917926768823643753"})
    assert found.rejects == {}
    assert sorted(row["amount_minor"] for row in found.tables["settlement_lines"]) == [-665, -475, 9500, 9500, 9500]


@pytest.fixture(scope="module")
def every_item() -> Translated:
    return read(
        *(
            {**NO_FEES, item: "-1.00", "结算金额": "94.00", "子订单号": f"'69000{number}"}
            for number, item in enumerate(ITEMS)
        )
    )


@pytest.mark.parametrize("item", ITEMS)
def test_every_fee_column_is_understood(every_item: Translated, item: str) -> None:
    row = row_of(ITEMS, item) + 1
    every_item.shows(
        "settlement_lines",
        f"{LINES} | vat_rate_bp\norder_income | | 9500 | 0\n"
        f"fee | {ITEMS[item]['fee_code']} | -100 | {ITEMS[item]['vat_rate_bp']}",
        row=row,
    )


@pytest.fixture(scope="module")
def every_document() -> Translated:
    return read(
        *(
            {**NO_FEES, "结算单类型": word, "结算金额": "95.00" if row["kind"] == "settled" else "-8.00"}
            for word, row in DOCUMENTS.items()
        )
    )


@pytest.mark.parametrize("word", DOCUMENTS)
def test_every_type_of_row_is_understood(every_document: Translated, word: str) -> None:
    line = "order_income | | 9500" if DOCUMENTS[word]["kind"] == "settled" else "order_refund | | -800"
    every_document.shows("settlement_lines", f"{LINES}\n{line}", row=row_of(DOCUMENTS, word) + 1)


@pytest.mark.parametrize("settlement_first", [True, False])
def test_a_refund_before_settlement_reaches_the_order_whichever_file_comes_first(
    tmp_path: Path, *, settlement_first: bool
) -> None:
    done = {"订单状态": "已完成", "订单完成时间": "2026-09-28 10:00:00", "售后状态": "退款成功"}
    orders = CaseFile(lines_of(ORDERS_HEADER, PLAIN_ORDER, done), "orders.csv")
    # The row of the refund after settlement repeats the one before it.
    settled = CaseFile(
        text_of(
            {"有结算前退款": "是", "结算前退款金额": "20.00", "收入合计": "75.00", "结算金额": "63.60"},
            {**BACK, "结算前退款金额": "20.00"},
        ),
        "settlement.csv",
    )
    cell = imported(tmp_path, *(([settled], [orders]) if settlement_first else ([orders], [settled])))
    cell.shows("orders", "order_id | platform_status | refund_stated_minor\n6917926768823643751 | 已完成 |")
    cell.shows("refund_statements", "stage | amount_minor\nbefore_settlement | 0\nbefore_settlement | 2000")
    cell.shows(
        "order_positions",
        """
        order_id            | paid_minor | third_party_minor | refunded_before_minor | refunded_after_minor | income_minor | expected_minor
        6917926768823643751 | 8300       | 1200              | 2000                  | 800                  | 7500         | 7500
    """,
    )


def test_twins_of_a_row_stay_two_lines() -> None:
    found = read({}, BACK, BACK)
    assert [row["amount_minor"] for row in found.tables["settlement_lines"] if row["kind"] == "order_refund"] == [
        -800,
        -800,
    ]
    assert len({row["line_id"] for row in found.tables["settlement_lines"]}) == 5


REFUSED = {
    "a ruined order number": ({"订单号": "6.92E+18"}, "ruined_id:订单号"),
    "no sub-order number": ({"子订单号": "'"}, "bad_id:子订单号"),
    "no time": ({"结算时间": "-"}, "bad_time:结算时间"),
    "a broken time of the order": ({"下单时间": "昨天"}, "bad_time:下单时间"),
    "a broken settled amount": ({"结算金额": "x"}, "bad_money:结算金额"),
    "a broken income": ({"收入合计": "x"}, "bad_money:收入合计"),
    "a broken refund": ({"结算前退款金额": "x"}, "bad_money:结算前退款金额"),
    **{f"a broken fee: {item}": ({item: "x"}, f"bad_money:{item}") for item in ITEMS},
    "a sum that is none": ({"结算金额": "83.61"}, "inconsistent_amount:结算金额"),
    "a refund that comes in": ({**BACK, "结算金额": "8.00"}, "inconsistent_amount:结算金额"),
    "an unknown type": ({"结算单类型": "保证金划扣"}, "unknown_code:结算单类型:保证金划扣"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case) + 1
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
