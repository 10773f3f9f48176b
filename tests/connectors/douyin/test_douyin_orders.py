"""Douyin's order export: one row per sub-order, three generations of the header."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FULL = (
    "主订单编号,子订单编号,支付方式,选购商品,货号,商品ID,商家编码,商品数量,商品金额,订单提交时间,支付完成时间,订单完成时间,承诺发货时间,"
    "预约发货时间,买家留言,旗帜颜色,商家备注,APP渠道,订单状态,取消原因,售后状态,订单类型,发货时间,车型,是否是以旧换新,换新额外补贴,"
    "换新额外补贴发放状态,订单应付金额,运费,优惠总金额,平台优惠,商家优惠,达人优惠,商家改价,支付优惠,手续费,红包抵扣,降价类优惠,"
    "平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额,收件人,收件人手机号,省,市,区,街道,详细地址,是否修改过地址,快递信息,"
    "序列号,达人ID,达人昵称,拼团订单团编号,商品单价是否含税,税费,鲁班落地页ID,所属门店ID,流量来源,仓库ID,仓库名称,是否安心购,广告渠道,"
    "流量类型,流量体裁,流量渠道,发货主体,发货主体明细,教育优惠,预计送达时间,是否平台仓自流转,是否是渠道商品,预约送达时间,"
    "建议发货时间（起）,建议发货时间（止）"
)
PRICED = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,优惠总金额,平台优惠,商家优惠,达人优惠,"
    "商家改价,支付优惠,红包抵扣,支付方式,手续费,收件人,收件人手机号,省,市,区,街道,详细地址,是否修改过地址,地址修改时段,买家留言,订单提交时间,"
    "旗帜颜色,商家备注,订单完成时间,支付完成时间,APP渠道,流量来源,订单状态,承诺发货时间,订单类型,鲁班落地页ID,达人ID,达人昵称,所属门店ID,"
    "售后状态,取消原因,预约发货时间,仓库ID,仓库名称,序列号,是否安心购,广告渠道,流量类型,流量体裁,流量渠道,发货主体,发货主体明细,发货时间,"
    "降价类优惠,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额,预计送达时间,是否平台仓自流转,车型,商品69码,发货SN码,"
    "发货IMEI码1,发货IMEI码2,预约送达时间,建议发货时间（起）,建议发货时间（止）,物流SN码,物流IMEI码1,物流IMEI码2"
)
SHORT = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,收件人手机号,详细地址,订单提交时间,商家备注,订单完成时间,"
    "订单状态,售后状态,取消原因,发货时间,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额"
)
ORDER, SECOND = "6917926768823643751", "6917926768823643752"
COMMON = {
    "主订单编号": f"\t{ORDER}",
    "子订单编号": f"\t{ORDER}",
    "选购商品": "\t测试商品",
    "商家编码": "\t300400008",
    "商品数量": "2",
    "订单提交时间": "2026-09-22 00:54:10",
    "订单完成时间": "-",
    "订单状态": "待发货",
    "售后状态": "-",
    "发货时间": "-",
    "订单应付金额": "85.00",
    "运费": "5.00",
    "平台实际承担优惠金额": "6.00",
    "商家实际承担优惠金额": "10.00",
    "达人实际承担优惠金额": "4.00",
    "收件人": "##密文",
    "收件人手机号": "$$密文",
    "详细地址": "##密文",
}
PLAIN = {
    **COMMON,
    "商品金额": "100.00",
    "商品ID": "\t3660207428038974464",
    "支付完成时间": "2026-09-22 00:55:00",
    "支付优惠": "2.00",
    "税费": "-",
    "支付方式": "抖音支付",
    "省": "上海市",
}
PAID_STATES = "payment_state | commercial_state | fulfilment_state | refund_stated_minor | confirmed_at"
STATUSES = {row["status"]: row for row in code_list("douyin", "status")}
AFTER_SALES = {row["after_sale"]: row for row in code_list("douyin", "after_sale")}


def read(
    *rows: dict[str, str], header: str = FULL, plain: dict[str, str] = PLAIN, name: str = "orders.csv"
) -> Translated:
    return translated(CaseFile(lines_of(header, plain, *rows), name))


def numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {"主订单编号": f"69000000{number:04d}", "子订单编号": f"69000000{number:04d}", **row}
        for number, row in enumerate(rows)
    ]


def test_a_paid_sub_order_gives_its_money_on_the_line() -> None:
    found = read({})
    assert (found.formats, found.rejects) == ({"orders.csv": "douyin_orders"}, {})
    found.shows(
        "orders",
        f"""
        order_key      | month   | shop     | placed_at           | paid_at             | order_kind | goods_minor | shipping_minor | tax_minor | paid_minor
        douyin:{ORDER} | 2026-09 | our shop | 2026-09-22 00:54:10 | 2026-09-22 00:55:00 | sale       |             |                |           |
    """,
    )
    found.shows(
        "order_lines",
        f"""
        line_id | sku_id    | listing_id          | title    | quantity | unit_price_minor | goods_minor | shipping_minor | tax_minor | paid_minor
        {ORDER} | 300400008 | 3660207428038974464 | 测试商品 | 2        | 5000             | 10000       | 500            | 0         | 8300
    """,
    )
    found.shows(
        "discounts",
        f"""
        line_id | funder           | kind      | amount_minor
        {ORDER} | merchant         | promotion | 1000
        {ORDER} | platform         | coupon    | 600
        {ORDER} | talent           | coupon    | 400
        {ORDER} | payment_provider | promotion | 200
    """,
    )
    found.shows("addresses", "province | name | mobile | address\n上海市 | ##密文 | $$密文 | ##密文")
    assert found.tables["persons"] == []


def test_composite_tax_is_collected_by_the_platform() -> None:
    found = read({"税费": "9.10", "订单应付金额": "94.10"})
    found.shows(
        "taxes",
        f"line_id | kind | amount_minor | collected_by | borne_by\n{ORDER} | customs_composite | 910 | platform | buyer",
    )
    found.shows("order_lines", "goods_minor | tax_minor | paid_minor\n10000 | 910 | 9210")


def test_a_talent_is_a_person() -> None:
    found = read({"达人ID": "\t77001", "达人昵称": "测试达人"}, {"达人ID": "0", "子订单编号": SECOND})
    found.shows("persons", "role | channel | platform_account | name\ntalent | douyin | 77001 | 测试达人")


def test_the_generation_with_the_price_of_a_unit() -> None:
    plain = {**{k: v for k, v in PLAIN.items() if k not in ("商品金额", "税费")}, "商品单价": "50.00"}
    found = read({}, header=PRICED, plain=plain)
    assert found.rejects == {}
    found.shows(
        "order_lines", "quantity | unit_price_minor | goods_minor | tax_minor | paid_minor\n2 | 5000 | 10000 | | 8300"
    )
    assert found.tables["taxes"] == []
    assert len(found.tables["discounts"]) == 4


def test_the_short_generation_as_merchants_keep_it() -> None:
    # Values of a published sample; the product's name and the ciphers are replaced.
    text = (
        SHORT
        + "\n"
        + "\n".join(
            (
                (
                    f'"\t{ORDER}","\t{ORDER}","\t测试商品","\t1袋",1,"\t300400008",28.90,0.00,##密文,$$密文,##密文,2026-09-22 00:54:10,-,'
                    "2026-09-24 13:18:29,已完成,退款成功,,2026-09-22 08:53:45,21.00,25.00,0.00"
                ),
                (
                    f'"\t{SECOND}","\t{SECOND}","\t测试商品","\t1袋",1,"\t300400008",20.00,0.00,##密文,$$密文,##密文,2026-09-25 10:00:00,-,-,'
                    "已发货,-,,2026-09-25 18:00:00,5.00,0.00,8.00"
                ),
                (
                    '"\t6917926768823643753","\t6917926768823643753","\t测试商品","\t1袋",1,"\t300400008",15.90,0.00,##密文,$$密文,##密文,'
                    "2026-10-02 10:00:00,-,-,待发货,-,,-,0.00,0.00,0.00"
                ),
            )
        )
        + "\n"
    )
    found = translated(CaseFile(text))
    assert (found.formats, found.rejects) == ({"export.csv": "douyin_orders"}, {})
    found.shows(
        "order_lines",
        f"""
        line_id             | goods_minor | paid_minor | after_sale_status
        {ORDER}             | 7490        | 2890       | 退款成功
        {SECOND}            | 3300        | 2000       |
        6917926768823643753 | 1590        | 1590       |
    """,
    )
    found.shows(
        "orders",
        """
        order_id            | month   | paid_at | confirmed_at        | refund_stated_minor | commercial_state
        6917926768823643751 | 2026-09 |         | 2026-09-24 13:18:29 |                     | completed_by_buyer
        6917926768823643752 | 2026-09 |         |                     |                     | open
        6917926768823643753 | 2026-10 |         |                     |                     | open
    """,
    )
    assert {row["funder"] for row in found.tables["discounts"]} == {"merchant", "platform", "talent"}


SHORT_CLOSED = {
    "closed": ({"订单状态": "已关闭"}, "voided | cancelled_unpaid | unallocated | | "),
    "closed after a refund": (
        {"订单状态": "已关闭", "售后状态": "退款成功"},
        "voided | closed_refunded | unallocated | 8500 | ",
    ),
    "closed after shipping": (
        {"订单状态": "已关闭", "发货时间": "2026-09-23 08:00:00"},
        "voided | closed_refunded | shipped | 8500 | ",
    ),
    "unpaid": ({"订单状态": "待支付"}, "unpaid | open | unallocated | | "),
}


@pytest.fixture(scope="module")
def short_closed() -> Translated:
    return read(*numbered(cells for cells, _ in SHORT_CLOSED.values()), header=SHORT, plain=COMMON)


@pytest.mark.parametrize("case", SHORT_CLOSED)
def test_a_short_export_says_by_its_state_whether_it_was_paid(short_closed: Translated, case: str) -> None:
    short_closed.shows("orders", f"{PAID_STATES}\n{SHORT_CLOSED[case][1]}", row=row_of(SHORT_CLOSED, case))


STATES = {
    "unpaid": ({"订单状态": "待支付", "支付完成时间": "-"}, "unpaid | open | unallocated | | "),
    "closed before payment": (
        {"订单状态": "已关闭", "支付完成时间": "-"},
        "voided | cancelled_unpaid | unallocated | | ",
    ),
    "closed after payment gives everything back": (
        {"订单状态": "已关闭", "售后状态": "退款成功"},
        "voided | closed_refunded | unallocated | 8300 | ",
    ),
    "closed after shipping": (
        {"订单状态": "已关闭", "发货时间": "2026-09-23 08:00:00"},
        "voided | closed_refunded | shipped | 8300 | ",
    ),
    "deposit paid": ({"订单状态": "部分支付", "支付完成时间": "-"}, "deposit_paid | open | unallocated | | "),
    "done, partly refunded: the settlement says how much": (
        {"订单状态": "已完成", "售后状态": "退款成功", "订单完成时间": "2026-09-28 10:00:00"},
        "released | completed_by_buyer | delivered | | 2026-09-28 10:00:00",
    ),
    "wholly refunded after receipt": (
        {"订单状态": "收货后退款完结", "订单完成时间": "2026-09-28 10:00:00"},
        "released | completed_by_buyer | delivered | 8300 | 2026-09-28 10:00:00",
    ),
    "paid at the door": (
        {"订单状态": "已发货", "支付完成时间": "-", "支付方式": "货到付款"},
        "on_delivery | open | shipped | | ",
    ),
}


@pytest.fixture(scope="module")
def states() -> Translated:
    return read(*numbered(cells for cells, _ in STATES.values()))


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_order(states: Translated, case: str) -> None:
    states.shows("orders", f"{PAID_STATES}\n{STATES[case][1]}", row=row_of(STATES, case))


def test_cash_on_delivery_is_paid_once_the_order_is_done() -> None:
    at_the_door = {"支付完成时间": "-", "支付方式": "货到付款"}
    done = {"订单状态": "已完成", "订单完成时间": "2026-09-28 10:00:00"}
    found = read(*numbered([{"订单状态": "已发货", **at_the_door}, {**done, **at_the_door}]))
    found.shows("order_lines", "paid_minor\n0\n8300")


def test_a_sub_order_is_cancelled_where_it_was_closed_before_its_goods_left() -> None:
    found = read(
        *numbered(
            [
                {"订单状态": "已关闭", "发货时间": "-"},
                {"订单状态": "已关闭", "发货时间": "2026-09-23 08:00:00"},
                {"订单状态": "已完成", "订单完成时间": "2026-09-28 10:00:00"},
            ]
        )
    )
    rows = sorted(found.tables["order_lines"], key=lambda row: row["row_no"])
    assert [row["is_cancelled"] for row in rows] == [True, False, False]


def test_a_presale_order_is_one_by_its_type() -> None:
    read({"订单类型": "预售订单"}).shows("orders", "order_kind\npresale")


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


@pytest.fixture(scope="module")
def every_after_sale() -> Translated:
    return read(*numbered({"售后状态": word} for word in AFTER_SALES))


@pytest.mark.parametrize("word", AFTER_SALES)
def test_every_word_of_the_after_sale_list_is_understood(every_after_sale: Translated, word: str) -> None:
    every_after_sale.shows(
        "order_lines", f"after_sale_status | paid_minor\n{word} | 8300", row=row_of(AFTER_SALES, word)
    )


def test_the_lists_have_every_state_that_the_platform_has() -> None:
    said = {row["source"].split("; ")[0].removesuffix(" (assumed wording)") for row in STATUSES.values()}
    assert {
        "order 1",
        "order 2",
        "order 3",
        "order 4",
        "order 5",
        "order 101",
        "order 105",
        "main 103",
        "main 21",
        "main 22",
        "main 39",
    } <= said
    words = " ".join(row["source"] for row in AFTER_SALES.values())
    for number in (6, 7, 11, 12, 13, 14, 27, 28, 29, 51, 53):
        assert f"after-sale {number}" in words


def test_sub_orders_are_one_order_that_is_as_far_as_its_last(tmp_path: Path) -> None:
    done = {"订单状态": "已完成", "订单完成时间": "2026-09-28 10:00:00", "发货时间": "2026-09-23 08:00:00"}
    found = read(done, {"子订单编号": SECOND, "订单状态": "已发货", "发货时间": "2026-09-24 08:00:00"})
    found.shows(
        "orders",
        """
        platform_status | shipped_at          | confirmed_at
        已发货          | 2026-09-23 08:00:00 |
    """,
    )
    both = CaseFile(
        lines_of(FULL, PLAIN, done, {**done, "子订单编号": SECOND, "订单完成时间": "2026-09-29 10:00:00"}), "orders.csv"
    )
    imported(tmp_path, [both]).shows(
        "order_positions",
        """
        order_id | goods_minor | paid_minor | discount_merchant_minor | discount_platform_minor | discount_other_minor | identity_gap_minor | recognised_at
        6917926768823643751 | 20000 | 16600 | 2000 | 1200 | 1200 | 0 | 2026-09-29 10:00:00
    """,
    )


def test_a_sub_order_that_was_closed_leaves_the_others_alone() -> None:
    done = {"订单状态": "已完成", "订单完成时间": "2026-09-28 10:00:00"}
    found = read({"订单状态": "已关闭", "售后状态": "退款成功"}, {**done, "子订单编号": SECOND})
    found.shows("orders", f"{PAID_STATES}\nreleased | completed_by_buyer | delivered | 8300 | 2026-09-28 10:00:00")


def test_a_quarantined_sub_order_takes_its_money_with_it(tmp_path: Path) -> None:
    text = lines_of(FULL, PLAIN, {}, {"子订单编号": SECOND, "商品金额": "1OO.00"})
    cell = imported(tmp_path, [CaseFile(text, "orders.csv")])
    assert cell.rejects() == {"3": "bad_money:商品金额"}
    cell.shows(
        "order_positions",
        "order_id | goods_minor | paid_minor | identity_gap_minor\n6917926768823643751 | 10000 | 8300 | 0",
    )


def test_the_name_of_the_file_says_which_export_is_newer(tmp_path: Path) -> None:
    closed = CaseFile(lines_of(FULL, PLAIN, {"订单状态": "已关闭"}), "1791430000_orders.csv")
    waiting = CaseFile(lines_of(FULL, PLAIN, {}), "1790430000_orders.csv")
    for number, batches in enumerate((([closed], [waiting]), ([waiting], [closed]))):
        imported(tmp_path / str(number), *batches).shows(
            "orders", "platform_status | refund_stated_minor\n已关闭 | 8300"
        )


REFUSED = {
    "no order number": ({"主订单编号": ""}, "bad_id:主订单编号"),
    "a ruined order number": ({"主订单编号": "6.92E+18"}, "ruined_id:主订单编号"),
    "a ruined sub-order number": ({"子订单编号": "6.92E+18"}, "ruined_id:子订单编号"),
    "a day that does not exist": ({"订单提交时间": "2026-02-30 10:00:00"}, "bad_time:订单提交时间"),
    "half a time of payment": ({"支付完成时间": "2026-09"}, "bad_time:支付完成时间"),
    "a broken time of completion": ({"订单完成时间": "昨天"}, "bad_time:订单完成时间"),
    "a broken time of shipping": ({"发货时间": "昨天"}, "bad_time:发货时间"),
    "no unit": ({"商品数量": "-"}, "bad_number:商品数量"),
    "a letter in the goods": ({"商品金额": "1OO"}, "bad_money:商品金额"),
    "nothing payable": ({"订单应付金额": "-"}, "bad_money:订单应付金额"),
    "freight in words": ({"运费": "包邮"}, "bad_money:运费"),
    "tax in words": ({"税费": "包税"}, "bad_money:税费"),
    "a broken payment discount": ({"支付优惠": "二"}, "bad_money:支付优惠"),
    "a broken discount of the platform": ({"平台实际承担优惠金额": "六"}, "bad_money:平台实际承担优惠金额"),
    "a broken discount of the merchant": ({"商家实际承担优惠金额": "十"}, "bad_money:商家实际承担优惠金额"),
    "a broken discount of the talent": ({"达人实际承担优惠金额": "四"}, "bad_money:达人实际承担优惠金额"),
    "an unknown state": ({"订单状态": "风险待核"}, "unknown_code:订单状态:风险待核"),
    "an unknown after-sale state": ({"售后状态": "神秘售后"}, "unknown_code:售后状态:神秘售后"),
    "both broken and unknown": ({"订单状态": "风险待核", "税费": "x"}, "bad_money:税费"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*numbered(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
