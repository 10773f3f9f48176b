"""JD's wallet statement: one row per document, article and item."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,结算状态,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,"
    "商家应收/应付,钱包结算备注,店铺号,京东门店编号,品牌门店编号,门店名称,备注,收支方向,商品数量,对账日期"
)
PLAIN = {
    "订单编号": '="310000000001"',
    "单据编号": '="310000000001"',
    "单据类型": "订单",
    "商品编号": '="100000001"',
    "商品名称": "测试商品",
    "结算状态": "已结算",
    "费用发生时间": "2026-09-08 10:00:00",
    "费用计费时间": "2026-09-08 10:00:00",
    "费用结算时间": "2026-09-10 08:00:00",
    "费用项": "货款",
    "金额": "90.00",
    "币种": "CNY",
    "商家应收/应付": "应收",
    "店铺号": "10215487",
    "收支方向": "收入",
    "商品数量": "1",
}
ITEMS = {"-".join((row["item"], row["doc_type"], row["direction"])): row for row in code_list("jd", "items")}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "jd_wallet.csv", "gb18030"))


def test_a_settled_order_gives_income_and_fees() -> None:
    found = read(
        {},
        {"费用项": "佣金", "金额": "5.40", "收支方向": "支出"},
        {"费用项": "代收配送费", "金额": "6.00", "商品编号": ""},
    )
    assert (found.formats, found.rejects) == ({"jd_wallet.csv": "jd_wallet"}, {})
    found.shows(
        "settlement_lines",
        """
        order_key       | kind         | fee_code   | platform_item | vat_rate_bp | amount_minor | booked_at           | month   | shop     | wallet_id
        jd:310000000001 | order_income |            | 货款          | 0           | 9000         | 2026-09-10 08:00:00 | 2026-09 | 10215487 | jd:10215487
        jd:310000000001 | fee          | commission | 佣金          | 600         | -540         | 2026-09-10 08:00:00 | 2026-09 | 10215487 | jd:10215487
        jd:310000000001 | order_income |            | 代收配送费    | 0           | 600          | 2026-09-10 08:00:00 | 2026-09 | 10215487 | jd:10215487
    """,
    )
    found.shows(
        "wallet_lines",
        """
        wallet_id   | amount_minor | balance_minor
        jd:10215487 | 9000         |
        jd:10215487 | -540         |
        jd:10215487 | 600          |
    """,
    )
    lines = {row["line_id"] for row in found.tables["settlement_lines"]}
    assert len(lines) == 3
    assert lines == {row["line_id"] for row in found.tables["wallet_lines"]}


def test_a_row_says_which_article_and_which_part_of_the_price_it_is_for() -> None:
    found = read(
        {"单据类型": "售后服务单", "收支方向": "支出"},
        {"费用项": "代收配送费", "金额": "6.00", "商品编号": ""},
        {"费用项": "佣金", "金额": "5.40", "收支方向": "支出"},
    )
    found.shows(
        "settlement_lines",
        """
        kind         | listing_id | order_part
        order_refund | 100000001  | goods
        order_income |            | shipping
        fee          | 100000001  |
    """,
    )


KINDS = {
    "goods of a sale": ({}, "order_income | | 9000"),
    "goods of an after-sale document that go out": (
        {"单据类型": "售后服务单", "收支方向": "支出"},
        "order_refund | | -9000",
    ),
    "the same, written with a minus": (
        {"单据类型": "售后服务单", "收支方向": "支出", "金额": "-90.00"},
        "order_refund | | -9000",
    ),
    "goods of a cancellation": ({"单据类型": "取消退款单", "收支方向": "支出"}, "order_refund | | -9000"),
    "goods of an after-sale document that come in": ({"单据类型": "售后服务单"}, "order_income | | 9000"),
    "freight that goes back": (
        {"费用项": "代收配送费", "单据类型": "售后服务单", "收支方向": "支出"},
        "order_refund | | -9000",
    ),
    "commission given back": ({"费用项": "佣金", "单据类型": "售后服务单"}, "fee | commission | 9000"),
    "beans": ({"费用项": "随单送的京豆", "收支方向": "支出"}, "fee | points_cost | -9000"),
    "messages": ({"费用项": "短信服务费", "收支方向": "支出"}, "fee | message_fee | -9000"),
}


@pytest.fixture(scope="module")
def kinds() -> Translated:
    return read(*(cells for cells, _ in KINDS.values()))


@pytest.mark.parametrize("case", KINDS)
def test_what_a_row_was(kinds: Translated, case: str) -> None:
    kinds.shows("settlement_lines", f"kind | fee_code | amount_minor\n{KINDS[case][1]}", row=row_of(KINDS, case))


@pytest.fixture(scope="module")
def every_item() -> Translated:
    return read(
        *(
            {"费用项": row["item"], "单据类型": row["doc_type"] or "订单", "收支方向": row["direction"] or "收入"}
            for row in ITEMS.values()
        )
    )


@pytest.mark.parametrize("item", ITEMS)
def test_every_row_of_the_item_list_is_understood(every_item: Translated, item: str) -> None:
    row = ITEMS[item]
    every_item.shows(
        "settlement_lines",
        f"kind | fee_code | vat_rate_bp\n{row['kind']} | {row['fee_code']} | {row['vat_rate_bp']}",
        row=row_of(ITEMS, item),
    )


def test_twins_of_a_document_stay_two_lines_and_come_back_as_the_same_two(tmp_path: Path) -> None:
    twice = CaseFile(lines_of(HEADER, PLAIN, {}, {}), "a.csv", "gb18030")
    more = CaseFile(lines_of(HEADER, PLAIN, {}, {}, {"费用项": "佣金", "收支方向": "支出"}), "b.csv", "gb18030")
    imported(tmp_path, [twice], [more]).shows(
        "settlement_lines", "kind | amount_minor\norder_income | 9000\norder_income | 9000\nfee | -9000"
    )


def test_a_document_that_settles_in_two_runs_gives_two_lines(tmp_path: Path) -> None:
    first = CaseFile(lines_of(HEADER, PLAIN, {"金额": "60.00"}), "a.csv", "gb18030")
    second = CaseFile(
        lines_of(HEADER, PLAIN, {"金额": "30.00", "费用结算时间": "2026-10-02 08:00:00"}), "b.csv", "gb18030"
    )
    imported(tmp_path, [first], [second]).shows(
        "settlement_lines", "month | amount_minor\n2026-09 | 6000\n2026-10 | 3000"
    )


def test_a_row_that_has_not_settled_yet_is_accepted_and_moves_nothing() -> None:
    found = read({"结算状态": "待结算", "费用结算时间": ""})
    assert (found.rows, found.rejects) == (1, {})
    assert found.is_empty()


REFUSED = {
    "a ruined order number": ({"订单编号": "3.1E+11"}, "ruined_id:订单编号"),
    "a ruined document number": ({"单据编号": "3.1E+11"}, "ruined_id:单据编号"),
    "no document number": ({"单据编号": ""}, "bad_id:单据编号"),
    "settled without a time": ({"费用结算时间": ""}, "bad_time:费用结算时间"),
    "half a time": ({"费用结算时间": "2026-09"}, "bad_time:费用结算时间"),
    "a broken amount": ({"金额": "9O.00"}, "bad_money:金额"),
    "an unknown direction": ({"收支方向": "冻结"}, "unknown_code:收支方向:冻结"),
    "an unknown item": ({"费用项": "神秘费用"}, "unknown_code:费用项:神秘费用"),
    "an unknown document": ({"单据类型": "神秘单"}, "unknown_code:单据类型:神秘单"),
    "an unknown currency": ({"币种": "元"}, "unknown_code:币种:元"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
