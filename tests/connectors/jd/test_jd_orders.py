"""JD's order export: one row per article, the amounts of the order on each."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADER = (
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,"
    "客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,付款确认时间,"
    "增值税发票,货号,订单完成时间,订单来源,订单渠道"
)
PLAIN = {
    "订单号": "310000000001",
    "商品ID": "100000001",
    "商品名称": "测试商品",
    "订购数量": "2",
    "支付方式": "在线支付",
    "下单时间": "2026-09-01 12:00:00",
    "京东价": "50.00",
    "订单金额": "100.00",
    "结算金额": "90.00",
    "余额支付": "5.00",
    "应付金额": "83.00",
    "订单状态": "等待出库",
    "订单类型": "SOP",
    "下单帐号": "jd_测试",
    "客户姓名": "测**",
    "客户地址": "上海",
    "联系电话": "138****0000",
    "运费金额": "6.00",
    "付款确认时间": "2026-09-01 12:01:00",
    "货号": "SKU-A",
}
STATUSES = {row["status"]: row for row in code_list("jd", "status")}


def read(*rows: dict[str, str], header: str = HEADER) -> Translated:
    return translated(
        CaseFile(
            lines_of(header, {k: v for k, v in PLAIN.items() if k in header.split(",")}, *rows),
            "jd_orders.csv",
            "gb18030",
        )
    )


def numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"订单号": f"31000000{number:04d}", **row} for number, row in enumerate(rows)]


def test_a_paid_order_gives_its_money_by_who_bears_it() -> None:
    found = read({})
    assert (found.formats, found.rejects) == ({"jd_orders.csv": "jd_orders"}, {})
    found.shows(
        "orders",
        """
        order_key       | month   | shop     | placed_at           | paid_at             | goods_minor | shipping_minor | tax_minor | paid_minor | tender_minor | refund_stated_minor
        jd:310000000001 | 2026-09 | our shop | 2026-09-01 12:00:00 | 2026-09-01 12:01:00 | 10000       | 600            | 0         | 8300       | 500          |
    """,
    )
    found.shows(
        "orders",
        """
        platform_status | payment_state | commercial_state | fulfilment_state | order_kind | confirmed_at | shipped_at
        等待出库        | escrowed      | open             | allocated        | sale       |              |
    """,
    )
    found.shows(
        "discounts",
        """
        line_id | funder   | amount_minor
                | merchant | 1000
                | platform | 800
    """,
    )
    found.shows("tenders", "kind | issuer | amount_minor\nbalance | platform | 500")
    found.shows(
        "order_lines",
        """
        line_id     | listing_id | sku_id | quantity | unit_price_minor | goods_minor | month
        100000001-1 | 100000001  | SKU-A  | 2        | 5000             | 10000       | 2026-09
    """,
    )


def test_the_buyer_and_the_recipient_stand_apart_from_the_order() -> None:
    found = read({})
    found.shows("persons", "role | channel | platform_account\nbuyer | jd | jd_测试")
    found.shows("addresses", "role | country | name | mobile | address\nrecipient | CN | 测** | 138****0000 | 上海")
    key = found.tables["persons"][0]["person_key"]
    assert len(key) == 64
    assert key == found.tables["orders"][0]["buyer_key"] == found.tables["addresses"][0]["person_key"]


def test_two_articles_of_one_order_are_one_order_with_two_lines() -> None:
    both = {"订单金额": "130.00", "结算金额": "120.00", "应付金额": "113.00"}
    found = read(both, {**both, "商品ID": "100000002", "货号": "SKU-B", "订购数量": "1", "京东价": "30.00"})
    found.shows("orders", "order_id | goods_minor | paid_minor\n310000000001 | 13000 | 11300")
    found.shows(
        "order_lines",
        """
        line_id     | sku_id | goods_minor
        100000001-1 | SKU-A  | 10000
        100000002-1 | SKU-B  | 3000
    """,
    )
    found.shows("discounts", "funder | amount_minor\nmerchant | 1000\nplatform | 800")


def test_an_article_that_stands_twice_in_an_order_gives_two_lines() -> None:
    found = read({"订单金额": "200.00"}, {"订单金额": "200.00"})
    found.shows("order_lines", "line_id | goods_minor\n100000001-1 | 10000\n100000001-2 | 10000")


STATES = {
    "unpaid": ({"订单状态": "等待付款", "付款确认时间": ""}, "unpaid | open | unallocated | 0 | 0 | |"),
    "cancelled before payment": (
        {"订单状态": "已取消", "付款确认时间": ""},
        "voided | cancelled_unpaid | unallocated | 0 | 0 | |",
    ),
    "cancelled after payment gives everything back, the balance too": (
        {"订单状态": "已取消"},
        "voided | closed_refunded | unallocated | 8300 | 500 | 8800 |",
    ),
    "done": (
        {"订单状态": "完成", "订单完成时间": "2026-09-08 10:00:00"},
        "released | completed_by_buyer | delivered | 8300 | 500 | | 2026-09-08 10:00:00",
    ),
    "a cancelled order was never confirmed, whatever time stands there": (
        {"订单状态": "已取消", "订单完成时间": "2026-09-02 10:00:00"},
        "voided | closed_refunded | unallocated | 8300 | 500 | 8800 |",
    ),
    "paid later": ({"订单状态": "等待确认收货", "付款确认时间": ""}, "deferred | open | shipped | 0 | 0 | |"),
    "paid at the door": (
        {"订单状态": "等待确认收货", "付款确认时间": "", "支付方式": "货到付款"},
        "on_delivery | open | shipped | 0 | 0 | |",
    ),
    "paid at the door and done: the money is there, its time is not": (
        {"订单状态": "完成", "付款确认时间": "", "支付方式": "货到付款", "订单完成时间": "2026-09-08 10:00:00"},
        "released | completed_by_buyer | delivered | 8300 | 500 | | 2026-09-08 10:00:00",
    ),
}


@pytest.fixture(scope="module")
def states() -> Translated:
    return read(*numbered(cells for cells, _ in STATES.values()))


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_order(states: Translated, case: str) -> None:
    states.shows(
        "orders",
        "payment_state | commercial_state | fulfilment_state | paid_minor | tender_minor | "
        f"refund_stated_minor | confirmed_at\n{STATES[case][1]}",
        row=row_of(STATES, case),
    )


@pytest.fixture(scope="module")
def every_status() -> Translated:
    return read(*numbered({"订单状态": status} for status in STATUSES))


@pytest.mark.parametrize("status", STATUSES)
def test_every_word_of_the_status_list_is_understood(every_status: Translated, status: str) -> None:
    row = STATUSES[status]
    every_status.shows(
        "orders",
        "platform_status | payment_state | commercial_state | fulfilment_state\n"
        f"{status} | {row['payment_state']} | {row['commercial_state']} | {row['fulfilment_state']}",
        row=row_of(STATUSES, status),
    )


def test_the_status_list_has_every_state_that_the_platform_has() -> None:
    states = {
        "NOT_PAY",
        "WAIT_SELLER_STOCK_OUT",
        "WAIT_SELLER_DELIVERY",
        "WAIT_GOODS_RECEIVE_CONFIRM",
        "FINISHED_L",
        "TRADE_CANCELED",
        "LOCKED",
        "PAUSE",
        "POP_ORDER_PAUSE",
        "DELIVERY_RETURN",
        "WAIT_SEND_CODE",
    }
    assert {row["source"].split(" ")[0] for row in STATUSES.values()} == states


def test_an_exchange_that_costs_nothing_is_no_sale() -> None:
    found = read(
        {
            "订单类型": "售后换新",
            "订单金额": "0.00",
            "结算金额": "0.00",
            "余额支付": "0.00",
            "应付金额": "0.00",
            "运费金额": "0.00",
        }
    )
    found.shows("orders", "order_kind\nexchange_replacement")


REFUSED = {
    "no order number": ({"订单号": ""}, "bad_id:订单号"),
    "a number that a spreadsheet has ruined": ({"订单号": "3.1E+11"}, "ruined_id:订单号"),
    "a product number that a spreadsheet has ruined": ({"商品ID": "1.00E+11"}, "ruined_id:商品ID"),
    "a day that does not exist": ({"下单时间": "2026-02-30 10:00:00"}, "bad_time:下单时间"),
    "half a time of payment": ({"付款确认时间": "2026-09"}, "bad_time:付款确认时间"),
    "half a time of completion": ({"订单完成时间": "昨天"}, "bad_time:订单完成时间"),
    "half a unit": ({"订购数量": "1.5"}, "bad_number:订购数量"),
    "no unit": ({"订购数量": "0"}, "bad_number:订购数量"),
    "goods below nothing": ({"订单金额": "-59.80"}, "negative_amount:goods_minor"),
    "freight below nothing": ({"运费金额": "-6.00"}, "negative_amount:shipping_minor"),
    "a letter in the price": ({"京东价": "5O.00"}, "bad_money:京东价"),
    "three decimals": ({"订单金额": "100.001"}, "bad_money:订单金额"),
    "no settlement amount": ({"结算金额": ""}, "bad_money:结算金额"),
    "a word for the balance": ({"余额支付": "无"}, "bad_money:余额支付"),
    "an amount with thousands": ({"应付金额": "1,083.00"}, "bad_money:应付金额"),
    "freight in words": ({"运费金额": "包邮"}, "bad_money:运费金额"),
    "an unknown state": ({"订单状态": "风险待核"}, "unknown_code:订单状态:风险待核"),
    "no state": ({"订单状态": ""}, "unknown_code:订单状态:"),
    "an unknown state with a broken amount is first of all a broken amount": (
        {"订单状态": "风险待核", "订单金额": "x"},
        "bad_money:订单金额",
    ),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*numbered(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


@pytest.mark.parametrize("column", ["订单金额", "结算金额", "余额支付", "应付金额", "运费金额"])
def test_rows_of_one_order_that_disagree_on_its_amounts_are_all_refused(column: str) -> None:
    found = read({}, {"商品ID": "100000002", column: "1.00"}, {"订单号": "310000000002"})
    assert found.rejects == {"2": f"inconsistent_amount:{column}", "3": f"inconsistent_amount:{column}"}
    found.shows("orders", "order_id\n310000000002")


def test_columns_that_mean_something_else_break_the_identity_and_are_an_exception(tmp_path: Path) -> None:
    # A settlement amount above the goods cannot be goods less the merchant's discounts.
    text = lines_of(HEADER, PLAIN, {"结算金额": "106.00", "余额支付": "0.00", "应付金额": "106.00"})
    cell = imported(tmp_path, [CaseFile(text, "jd_orders.csv", "gb18030")])
    cell.shows("exceptions", "kind | channel | amount_minor\norder_identity | jd | -600")


def test_a_broken_row_of_an_order_leaves_the_order_whole(tmp_path: Path) -> None:
    both = {"订单金额": "130.00", "结算金额": "120.00", "应付金额": "113.00"}
    text = lines_of(HEADER, PLAIN, both, {**both, "商品ID": "100000002", "京东价": "3O.00"})
    cell = imported(tmp_path, [CaseFile(text, "jd_orders.csv", "gb18030")])
    assert cell.rejects() == {"3": "bad_money:京东价"}
    cell.shows(
        "order_positions", "order_id | goods_minor | paid_minor | identity_gap_minor\n310000000001 | 13000 | 11300 | 0"
    )


def test_cells_wrapped_for_a_spreadsheet_are_the_same_cells() -> None:
    found = read({"订单号": '="310000000001"', "商品ID": "'100000001", "客户姓名": '测"某"', "商品名称": "测试,商品\t"})
    assert found.rejects == {}
    found.shows("order_lines", "order_id | line_id | title\n310000000001 | 100000001-1 | 测试,商品")
    found.shows("addresses", 'name\n测"某"')


def test_the_same_order_later_wins_with_its_later_state(tmp_path: Path) -> None:
    early = CaseFile(lines_of(HEADER, PLAIN, {}), "a.csv", "gb18030")
    late = CaseFile(
        lines_of(HEADER, PLAIN, {"订单状态": "完成", "订单完成时间": "2026-09-08 10:00:00"}), "b.csv", "gb18030"
    )
    for number, order in enumerate(([early], [late]), start=1):
        other = [late] if order == [early] else [early]
        imported(tmp_path / str(number), order, other).shows(
            "orders", "order_id | platform_status\n310000000001 | 完成"
        )
