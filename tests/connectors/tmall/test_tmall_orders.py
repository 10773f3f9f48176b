"""Tmall's order list: one row per order, in three generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The blanks at the ends of some names are in the real files.
HEADER = (
    "订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,"
    "买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,"
    "物流单号 ,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,"
    "特权订金订单id,是否上传合同照片,是否上传小票,是否代付,定金排名,修改后的sku,修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,"
    "是否是O2O交易,新零售交易类型,新零售导购门店名称,新零售导购门店id,新零售发货门店名称,新零售发货门店id,退款金额,预约门店,确认收货时间,"
    "打款商家金额,含应开票给个人的个人红包,是否信用购,体验期结束时间,前N有礼,配送类型,主订单编号"
)
OLD_HEADER = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,"
    "订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,"
    "订单备注,宝贝总数量,分销商Id,分销商店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,定金排名,"
    "修改后的sku,修改后的收货地址,卡券抵扣,积分抵扣"
)
REPORT_HEADER = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额"
PLAIN = {
    "订单编号": '="289749893209214687"',
    "买家会员名": "测试买家",
    "买家应付货款": "59.80",
    "买家应付邮费": "0.00",
    "总金额": "59.80",
    "买家实际支付金额": "54.80",
    "订单状态": "买家已付款，等待卖家发货",
    "收货人姓名": "测**",
    "收货地址 ": "上海 上海市 长宁区 ***",
    "联系手机": "'138****0000",
    "订单创建时间": "2026-09-01 12:00:00",
    "订单付款时间 ": "2026-09-01 12:00:18",
    "店铺名称": "测试旗舰店",
    "退款金额": "无退款申请",
    "打款商家金额": "0.00元",
    "主订单编号": '="289749893209214687"',
}
CLOSED = {
    "订单编号": '="289749893212214687"',
    "主订单编号": '="289749893212214687"',
    "订单状态": "交易关闭",
    "订单关闭原因": "退款",
    "退款金额": "54.80",
}
UNPAID = {"订单状态": "等待买家付款", "订单付款时间 ": "", "买家实际支付金额": "0.00"}
STATUSES = {row["status"]: row for row in code_list("tmall", "status")}


def read(*rows: dict[str, str], name: str = "orders.csv") -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), name, "gb18030"))


def numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {"订单编号": f'="{289749893300000000 + number}"', "主订单编号": "", **row} for number, row in enumerate(rows)
    ]


def test_the_two_sample_rows() -> None:
    found = read({}, CLOSED)
    assert (found.formats, found.rejects, found.rows) == ({"orders.csv": "tmall_orders"}, {}, 2)
    found.shows(
        "orders",
        """
        order_key                | parent_order_id | shop       | month   | placed_at           | placed_is_estimated | paid_at             | goods_minor | shipping_minor | paid_minor | refund_stated_minor
        tmall:289749893209214687 |                 | 测试旗舰店 | 2026-09 | 2026-09-01 12:00:00 | no                  | 2026-09-01 12:00:18 | 5980        | 0              | 5480       | 0
        tmall:289749893212214687 |                 | 测试旗舰店 | 2026-09 | 2026-09-01 12:00:00 | no                  | 2026-09-01 12:00:18 | 5980        | 0              | 5480       | 5480
    """,
    )
    found.shows(
        "orders",
        """
        platform_status          | payment_state | commercial_state | fulfilment_state | order_kind | customs_state | currency
        买家已付款，等待卖家发货 | escrowed      | open             | allocated        | sale       | none          | CNY
        交易关闭                 | voided        | closed_refunded  | unallocated      | sale       | none          | CNY
    """,
    )
    found.shows(
        "addresses",
        """
        order_key                | role      | country | province | name | mobile      | address
        tmall:289749893209214687 | recipient | CN      | 上海     | 测** | 138****0000 | 上海 上海市 长宁区 ***
        tmall:289749893212214687 | recipient | CN      | 上海     | 测** | 138****0000 | 上海 上海市 长宁区 ***
    """,
    )
    found.shows("persons", "role | platform_account\nbuyer | 测试买家\nbuyer | 测试买家")


def test_a_buyer_has_one_key_in_all_orders_and_no_name_in_it() -> None:
    orders = read({}, CLOSED, {**numbered([{}])[0], "买家会员名": "另一位"}).tables["orders"]
    keys = [order["buyer_key"] for order in sorted(orders, key=lambda order: order["row_no"])]
    assert keys[0] == keys[1] != keys[2]
    assert all(len(key) == 64 for key in keys)


MONEY = {
    "not lowered, for nothing was refunded": ({}, "5480 | 0 | 500 | 0 | 0"),
    "lowered by a part refunded": ({"买家实际支付金额": "50.00", "退款金额": "4.80"}, "5480 | 480 | 500 | 0 | 0"),
    "lowered to nothing": ({"买家实际支付金额": "0.00", "退款金额": "54.80"}, "5480 | 5480 | 500 | 0 | 0"),
    "lowered, and the sum is just the total": (
        {"买家实际支付金额": "40.00", "退款金额": "19.80"},
        "5980 | 1980 | 0 | 0 | 0",
    ),
    "a cent more than the total: it was not lowered": (
        {"买家实际支付金额": "40.00", "退款金额": "19.81"},
        "4000 | 1981 | 1980 | 0 | 0",
    ),
    "no word about a refund": ({"退款金额": ""}, "5480 | 0 | 500 | 0 | 0"),
    "a dash for a refund": ({"退款金额": "-"}, "5480 | 0 | 500 | 0 | 0"),
    "coupons are the platform's": ({"天猫卡券抵扣": "3.00"}, "5480 | 0 | 200 | 300 | 0"),
    "points are a tender": ({"集分宝抵扣": "1.50"}, "5480 | 0 | 350 | 0 | 150"),
    "coupons and points": ({"天猫卡券抵扣": "3.00", "集分宝抵扣": "2.00"}, "5480 | 0 | 0 | 300 | 200"),
    "unpaid": (UNPAID, "0 | 0 | 0 | 0 | 0"),
    "unpaid, with a coupon": ({**UNPAID, "天猫卡券抵扣": "3.00"}, "0 | 0 | 0 | 300 | 0"),
    "unpaid, although the amount due stands there": ({**UNPAID, "买家实际支付金额": "59.80"}, "0 | 0 | 0 | 0 | 0"),
}


@pytest.fixture(scope="module")
def money() -> Translated:
    return read(*numbered(cells for cells, _ in MONEY.values()))


@pytest.mark.parametrize("case", MONEY)
def test_money_of_an_order(money: Translated, case: str) -> None:
    row = row_of(MONEY, case)
    columns = "paid_minor | refund_stated_minor | discount_merchant_minor | discount_platform_minor | tender_minor"
    money.shows("orders", f"{columns}\n{MONEY[case][1]}", row=row)
    merchant, platform, points = (each.strip() for each in MONEY[case][1].split("|")[2:])
    money.shows(
        "discounts",
        f"funder | kind | line_id | amount_minor | settled_through\nmerchant | promotion | | {merchant} |\nplatform | coupon | | {platform} | settled",
        row=row,
    )
    money.shows("tenders", f"kind | issuer | amount_minor\npoints | platform | {points}", row=row)


PART_REFUNDED = {"买家实际支付金额": "50.00", "退款金额": "4.80"}
KEPT = {"买家实际支付金额": "54.80", "退款金额": "20.00"}
LOWERED = {"买家实际支付金额": "39.80", "退款金额": "20.00"}
HABITS = {
    "alone it is taken for lowered": ((), "5480"),
    "an order refunded in whole shows that payments stay": ((CLOSED,), "5000"),
    "a refund that does not fit beside its payment shows it too": ((KEPT,), "5000"),
    "an order of which nothing is left shows that payments are lowered": (
        ({**CLOSED, "买家实际支付金额": "0.00"},),
        "5480",
    ),
    "a payment and a refund that are just the total show it too": ((LOWERED,), "5480"),
    "the habit of most rows is that of the file: payments stay": ((KEPT, KEPT, LOWERED), "5000"),
    "the habit of most rows is that of the file: payments are lowered": ((LOWERED, KEPT, LOWERED), "5480"),
    "where rows balance each row is read by itself": ((KEPT, LOWERED), "5480"),
    "an unpaid order shows nothing": (({**UNPAID, "退款金额": "54.80"},), "5480"),
}


@pytest.mark.parametrize("case", HABITS)
def test_the_file_shows_whether_refunds_lower_what_was_paid(case: str) -> None:
    others, paid = HABITS[case]
    found = read(*numbered([PART_REFUNDED, *others]))
    assert found.rejects == {}
    found.shows(
        "orders",
        f"paid_minor | discount_merchant_minor | refund_stated_minor\n{paid} | {5980 - int(paid)} | 480",
        row=2,
    )


def test_each_file_has_its_own_habit() -> None:
    keeps = CaseFile(lines_of(HEADER, PLAIN, *numbered([PART_REFUNDED, KEPT])), "a.csv", "gb18030")
    ids = {"订单编号": "1", "主订单编号": "1"}
    lowers = CaseFile(
        lines_of(HEADER, PLAIN, {**PART_REFUNDED, **ids}, {**LOWERED, **ids, "订单编号": "2"}), "b.csv", "gb18030"
    )
    found = translated(keeps, lowers)
    found.shows("orders", "paid_minor | refund_stated_minor\n5000 | 480\n5480 | 480", row=2)


def test_freight_is_part_of_the_total_and_not_of_the_goods() -> None:
    found = read({"买家应付邮费": "10.00", "总金额": "69.80", "买家实际支付金额": "69.80"})
    found.shows("orders", "goods_minor | shipping_minor | paid_minor | discount_merchant_minor\n5980 | 1000 | 6980 | 0")


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


TRADE_STATUSES = (
    "TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM", "PAID_FORBID_CONSIGN",
    "SELLER_CONSIGNED_PART", "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED",
    "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO",
)  # fmt: skip


@pytest.mark.parametrize("word", TRADE_STATUSES)
def test_the_list_has_every_status_that_the_platform_has(word: str) -> None:
    assert word in {row["source"] for row in STATUSES.values()}


def test_the_list_names_no_status_that_the_platform_has_not() -> None:
    assert {row["source"] for row in STATUSES.values()} == set(TRADE_STATUSES)


FRONT_UNPAID = "阶段1：定金50.00元，未付款；阶段2：尾款249.00元，未付款"
FRONT_PAID = "阶段1：定金50.00元，已付款，2026-08-20 20:01:00；阶段2：尾款249.00元，未付款"
BOTH_PAID = "阶段1：定金50.00元，已付款，2026-08-20 20:01:00；阶段2：尾款249.00元，已付款，2026-09-01 12:00:18"
PRESALE = {"买家应付货款": "299.00", "总金额": "299.00"}
STATES = {
    "bought on credit, on its way and not paid": (
        {"订单状态": "卖家已发货，等待买家确认", "订单付款时间 ": "", "买家实际支付金额": "0.00", "是否信用购": "是"},
        "sale | deferred | open | shipped | | | | 0",
    ),
    "presale, nothing paid (FRONT_NOPAID_FINAL_NOPAID)": (
        {**PRESALE, **UNPAID, "分阶段订单信息": FRONT_UNPAID},
        "presale | unpaid | open | unallocated | | | | 0",
    ),
    "presale, deposit paid (FRONT_PAID_FINAL_NOPAID)": (
        {**PRESALE, **UNPAID, "分阶段订单信息": FRONT_PAID},
        "presale | deposit_paid | open | unallocated | | 2026-08-20 20:01:00 | 5000 | 0",
    ),
    "presale, balance paid (FRONT_PAID_FINAL_PAID)": (
        {**PRESALE, "买家实际支付金额": "299.00", "分阶段订单信息": BOTH_PAID},
        "presale | escrowed | open | allocated | 2026-09-01 12:00:18 | 2026-08-20 20:01:00 | 5000 | 29900",
    ),
    "presale, deposit forfeited (FRONT_PAID_FRONT_FORFEITED)": (
        {**PRESALE, **UNPAID, "订单状态": "交易关闭", "分阶段订单信息": FRONT_PAID},
        "presale | deposit_paid | cancelled_unpaid | unallocated | | 2026-08-20 20:01:00 | 5000 | 0",
    ),
    "presale with narrow marks and a blank": (
        {**PRESALE, **UNPAID, "分阶段订单信息": FRONT_PAID.replace("：", ":").replace("，", ", ").replace("；", ";")},
        "presale | deposit_paid | open | unallocated | | 2026-08-20 20:01:00 | 5000 | 0",
    ),
    "cancelled before payment": (
        {**UNPAID, "订单状态": "交易关闭"},
        "sale | voided | cancelled_unpaid | unallocated | | | | 0",
    ),
    "closed after a refund": (CLOSED, "sale | voided | closed_refunded | unallocated | 2026-09-01 12:00:18 | | | 5480"),
    "closed after a refund, the parcel was on its way": (
        {**CLOSED, "物流单号 ": "YT1"},
        "sale | voided | closed_refunded | shipped | 2026-09-01 12:00:18 | | | 5480",
    ),
    "a status that says paid, without a time": (
        {"订单付款时间 ": ""},
        "sale | escrowed | open | allocated | | | | 0",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def states() -> Translated:
    return read(
        *({**cells, **ids} for (cells, _), ids in zip(STATES.values(), numbered([{}] * len(STATES)), strict=True))
    )


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_order(states: Translated, case: str) -> None:
    states.shows(
        "orders",
        "order_kind | payment_state | commercial_state | fulfilment_state | paid_at | deposit_paid_at | deposit_minor | paid_minor\n"
        f"{STATES[case][1]}",
        row=row_of(STATES, case),
    )


def test_a_confirmed_order_has_the_time_of_the_confirmation() -> None:
    found = read({"订单状态": "交易成功", "确认收货时间": "2026-09-09 08:30:00"})
    found.shows(
        "orders",
        "payment_state | commercial_state | confirmed_at\nreleased | completed_by_buyer | 2026-09-09 08:30:00",
    )


NEWER_HEADER = f"{HEADER},直播返现状态,返现金额,延迟发货自动赔付金额,预售订单,发货时间,商家备忘"
"""Of published readers of newer exports."""


def _shipped(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(NEWER_HEADER, PLAIN, *rows), "orders.csv", "gb18030"))


def test_a_newer_export_says_when_an_order_left() -> None:
    sent = {"订单状态": "卖家已发货，等待买家确认", "发货时间": "2026-09-02 18:30:00"}
    back = {
        "订单编号": "289749893212214687",
        "订单状态": "交易关闭",
        "退款金额": "54.80",
        "发货时间": "2026-09-02 18:31:00",
    }
    found = _shipped({"发货时间": "null"}, {"订单编号": "289749893212214688"}, sent, back)
    assert (found.formats, found.rejects, found.rows) == ({"orders.csv": "tmall_orders"}, {}, 4)
    found.shows(
        "orders",
        """
        shipped_at          | fulfilment_state | commercial_state
                            | allocated        | open
                            | allocated        | open
        2026-09-02 18:30:00 | shipped          | open
        2026-09-02 18:31:00 | shipped          | closed_refunded
    """,
    )


@pytest.mark.parametrize(
    "word",
    ["", "null", "NULL", "Null", "-", "--", "0000-00-00 00:00:00"],
    ids=["blank", "null", "null in capitals", "null with a capital", "a dash", "two dashes", "a day of zeros"],
)
def test_a_time_of_shipping_that_says_nothing_leaves_the_order_as_it_is_without_the_column(word: str) -> None:
    """Also one that was closed: nothing says that it was shipped."""
    closed = {"订单编号": "289749893212214687", "订单状态": "交易关闭", "退款金额": "54.80"}
    found = _shipped({"发货时间": word}, {**closed, "发货时间": word})
    assert (found.rejects, found.rows) == ({}, 2)
    found.shows(
        "orders",
        """
        shipped_at | fulfilment_state | commercial_state
                   | allocated        | open
                   | unallocated      | closed_refunded
    """,
    )


@pytest.mark.parametrize("word", ["昨天", "---", "0000-00-01 00:00:00"], ids=["a word", "three dashes", "a broken day"])
def test_a_time_of_shipping_that_cannot_be_read_refuses_the_order(word: str) -> None:
    assert _shipped({"发货时间": word}).rejects == {"2": "bad_time:发货时间"}


def test_a_part_of_a_divided_order_names_the_whole() -> None:
    found = read({"主订单编号": '="289749893200000001"'})
    found.shows("orders", "order_id | parent_order_id\n289749893209214687 | 289749893200000001")


def test_the_old_generation_gives_the_same_order() -> None:
    assert len(OLD_HEADER.split(",")) == 38
    kept = {name: cell for name, cell in PLAIN.items() if name in OLD_HEADER.split(",")}
    special = {"分销商Id": "7", "分销商店铺名称": "老店", "卡券抵扣": "3.00", "积分抵扣": "1.00"}
    found = translated(CaseFile(lines_of(OLD_HEADER, kept, special), "old.csv", "gb18030"))
    assert (found.formats, found.rejects) == ({"old.csv": "tmall_orders"}, {})
    found.shows(
        "orders",
        """
        order_id           | shop | paid_minor | discount_merchant_minor | discount_platform_minor | tender_minor | refund_stated_minor
        289749893209214687 | 老店 | 5480       | 100                     | 300                     | 100          | 0
    """,
    )


REPORT = {
    "unpaid": (
        {"总金额": "178.8", "买家实际支付金额": "0.0", "订单付款时间 ": ""},
        "17880 | 0 | 0 | unpaid | open | unallocated",
    ),
    "paid": ({}, "2100 | 2100 | 0 | escrowed | open | unallocated"),
    "refunded in whole": (
        {"买家实际支付金额": "0.0", "退款金额": "21.0"},
        "2100 | 2100 | 2100 | voided | closed_refunded | unallocated",
    ),
    "refunded in part": (
        {"买家实际支付金额": "11.0", "退款金额": "10.0"},
        "2100 | 2100 | 1000 | escrowed | open | unallocated",
    ),
}


@pytest.fixture(scope="module")
def report() -> Translated:
    plain = {
        "总金额": "21.0", "买家实际支付金额": "21.0", "收货地址 ": "内蒙古自治区",
        "订单创建时间": "2020-02-20 23:59:54", "订单付款时间 ": "2020-02-21 00:00:02", "退款金额": "0.0",
    }  # fmt: skip
    rows = [{"订单编号": str(number), **cells} for number, (cells, _) in enumerate(REPORT.values(), start=1)]
    return translated(CaseFile(lines_of(REPORT_HEADER, plain, *rows), "report.csv", "utf-8"))


@pytest.mark.parametrize("case", REPORT)
def test_the_report_with_seven_columns_tells_the_state_by_its_money(report: Translated, case: str) -> None:
    assert (report.formats, report.rejects) == ({"report.csv": "tmall_orders"}, {})
    report.shows(
        "orders",
        "shop | goods_minor | paid_minor | refund_stated_minor | payment_state | commercial_state | fulfilment_state\n"
        f"our shop | {REPORT[case][1]}",
        row=row_of(REPORT, case),
    )


REFUSED = {
    "no order number": ({"订单编号": ""}, "bad_id:订单编号"),
    "a ruined order number": ({"订单编号": "2.89749893209215E+17"}, "ruined_id:订单编号"),
    "an order number in words": ({"订单编号": "订单"}, "bad_id:订单编号"),
    "no time": ({"订单创建时间": ""}, "bad_time:订单创建时间"),
    "a day that does not exist": ({"订单创建时间": "2026-02-30 12:00:00"}, "bad_time:订单创建时间"),
    "a broken time of payment": ({"订单付款时间 ": "昨天"}, "bad_time:订单付款时间"),
    "a broken time of confirmation": ({"确认收货时间": "昨天"}, "bad_time:确认收货时间"),
    "a letter in the total": ({"总金额": "59.8O"}, "bad_money:总金额"),
    "no total": ({"总金额": ""}, "bad_money:总金额"),
    "goods with a separator": ({"买家应付货款": "1,059.80"}, "bad_money:买家应付货款"),
    "freight in words": ({"买家应付邮费": "包邮"}, "bad_money:买家应付邮费"),
    "nothing paid stated": ({"买家实际支付金额": ""}, "bad_money:买家实际支付金额"),
    "a broken coupon": ({"天猫卡券抵扣": "三"}, "bad_money:天猫卡券抵扣"),
    "broken points": ({"集分宝抵扣": "1e3"}, "bad_money:集分宝抵扣"),
    "a refund in words": ({"退款金额": "部分"}, "bad_money:退款金额"),
    "a deposit without an amount": ({"分阶段订单信息": "阶段1：已付款"}, "bad_money:分阶段订单信息"),
    "a paid deposit without a time": (
        {**UNPAID, "分阶段订单信息": "阶段1：定金50.00元，已付款；阶段2：尾款249.00元，未付款"},
        "bad_time:分阶段订单信息",
    ),
    "a total below nothing": ({"总金额": "-59.80"}, "negative_amount:总金额"),
    "goods below nothing": ({"买家应付货款": "-59.80"}, "negative_amount:买家应付货款"),
    "freight below nothing": ({"买家应付邮费": "-5.00"}, "negative_amount:买家应付邮费"),
    "a payment below nothing": ({"买家实际支付金额": "-54.80"}, "negative_amount:买家实际支付金额"),
    "a coupon below nothing": ({"天猫卡券抵扣": "-3.00"}, "negative_amount:天猫卡券抵扣"),
    "points below nothing": ({"集分宝抵扣": "-3.00"}, "negative_amount:集分宝抵扣"),
    "a refund below nothing": ({"退款金额": "-4.80"}, "negative_amount:退款金额"),
    "an unknown status": ({"订单状态": "神秘状态"}, "unknown_code:订单状态:神秘状态"),
    "no status": ({"订单状态": ""}, "unknown_code:订单状态:"),
    "both broken and unknown": ({"订单状态": "神秘状态", "总金额": "x"}, "bad_money:总金额"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*numbered(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


NEWER = {"订单状态": "交易成功", "确认收货时间": "2026-09-09 08:30:00"}


def _list_of(stamp: str, *rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), f"ExportOrderList{stamp}.csv", "gb18030")


def test_an_older_export_that_comes_later_changes_nothing(tmp_path: Path) -> None:
    cell = imported(tmp_path, [_list_of("20260910001400", NEWER)], [_list_of("20260902001400", {})])
    cell.shows("orders", "order_id | commercial_state\n289749893209214687 | completed_by_buyer")


def test_the_time_in_the_name_decides_between_rows_that_say_the_same_time(tmp_path: Path) -> None:
    later = _list_of("20260903001400", {"退款金额": "4.80", "买家实际支付金额": "50.00"})
    cell = imported(tmp_path, [later], [_list_of("20260902001400", {"物流公司": "虚构速运"})])
    cell.shows("orders", "order_id | refund_stated_minor | paid_minor\n289749893209214687 | 480 | 5480")


def test_an_unknown_status_reaches_no_table_of_the_cell(tmp_path: Path) -> None:
    cell = imported(tmp_path, [_list_of("20260902001400", {"订单状态": "神秘状态"}, CLOSED)])
    assert cell.rejects() == {"2": "unknown_code:订单状态:神秘状态"}
    cell.shows("orders", "order_id\n289749893212214687")
