"""Pinduoduo's bill of the shop account."""

# Tables of cases read across, and Chinese characters count twice.

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
PLAIN = {
    "商户订单号": "260531-000000000000002",
    "发生时间": "2026-05-31 12:00:00",
    "收入金额（+元）": "54.80",
    "支出金额（-元）": "0",
    "账务类型": "交易收入",
    "业务描述": "0010002|交易收入-订单收入",
}
TITLE = "拼多多店铺账务明细查询\r\n\r\n起始时间：2026-05-31 00:00:00 终止时间：2026-05-31 23:59:59\r\n"
DASHES = "----------交易记录明细列表---------\r\n"
SERVICE_BACK = {
    "商户订单号": "260531-662941284701219",
    "发生时间": "2026-05-31 23:54:45",
    "收入金额（+元）": "0.09",
    "账务类型": "技术服务费",
    "备注": "基础技术服务费返还",
    "业务描述": "0030002|技术服务费-基础技术服务费",
}
REFUND = {
    "发生时间": "2026-05-31 18:00:00",
    "收入金额（+元）": "0",
    "支出金额（-元）": "-27.40",
    "账务类型": "退款",
    "业务描述": "0020002|交易退款-订单退款",
}
ITEMS = {row["code"]: row for row in code_list("pinduoduo", "items")}


def read(*rows: dict[str, str], before: str = TITLE, after: str = "", encoding: str = "utf-8-sig") -> Translated:
    return translated(CaseFile(before + lines_of(HEADER, PLAIN, *rows) + after, "bill.csv", encoding))


GENERATIONS = {
    "UTF-8 with a title": (TITLE, "", "utf-8-sig"),
    "GB18030 with dashes and totals": (
        TITLE + DASHES,
        (
            "#支出合计：1笔，共-27.40元\r\n#收入合计：2笔，共54.89元\r\n#总计：54.89元\r\n"
            "#导出时间：[2026-06-01 08:00:00]\r\n"
        ),
        "gb18030",
    ),
    "the header alone": ("", "", "utf-8"),
}


@pytest.mark.parametrize(("before", "after", "encoding"), GENERATIONS.values(), ids=GENERATIONS)
def test_the_header_is_found_wherever_it_stands(before: str, after: str, encoding: str) -> None:
    found = read(SERVICE_BACK, {}, REFUND, before=before, after=after, encoding=encoding)
    assert (found.formats, found.rejects, found.rows) == ({"bill.csv": "pinduoduo_bill"}, {}, 3)
    found.shows(
        "settlement_lines",
        """
        order_key                        | kind         | fee_code    | vat_rate_bp | amount_minor | booked_at           | month   | wallet_id
        pinduoduo:260531-662941284701219 | fee          | service_fee | 600         | 9            | 2026-05-31 23:54:45 | 2026-05 | pinduoduo:our shop
        pinduoduo:260531-000000000000002 | order_income |             | 0           | 5480         | 2026-05-31 12:00:00 | 2026-05 | pinduoduo:our shop
        pinduoduo:260531-000000000000002 | order_refund |             | 0           | -2740        | 2026-05-31 18:00:00 | 2026-05 | pinduoduo:our shop
    """,
    )
    found.shows("wallet_lines", "amount_minor | balance_minor\n9 |\n5480 |\n-2740 |")


@pytest.fixture(scope="module")
def every_item() -> Translated:
    return read(
        *(
            {"业务描述": f"{code}|某事", "收入金额（+元）": "0", "支出金额（-元）": f"-{number + 1}"}
            for number, code in enumerate(ITEMS)
        ),
        before="",
    )


@pytest.mark.parametrize("code", ITEMS)
def test_every_code_is_understood(every_item: Translated, code: str) -> None:
    row, number = ITEMS[code], row_of(ITEMS, code)
    lines = [line for line in every_item.tables["settlement_lines"] if line["row_no"] == number]
    assert [
        (line["kind"], line["fee_code"] or "", str(line["vat_rate_bp"]), line["amount_minor"]) for line in lines
    ] == [(row["kind"], row["fee_code"], row["vat_rate_bp"], -100 * (number - 1))]


def test_a_withdrawal_names_no_order() -> None:
    found = read(
        {
            "商户订单号": "",
            "收入金额（+元）": "0",
            "支出金额（-元）": "-5000",
            "账务类型": "提现",
            "业务描述": "0070001|提现-提现到银行卡",
        }
    )
    found.shows("settlement_lines", "kind | order_key | order_id | amount_minor\nwithdrawal | | | -500000")


def test_twins_stay_two_lines_and_come_back_as_the_same_two(tmp_path: Path) -> None:
    twice = CaseFile(TITLE + lines_of(HEADER, PLAIN, REFUND, REFUND), "a.csv", "gb18030")
    again = CaseFile(lines_of(HEADER, PLAIN, {}, REFUND, {**REFUND, "支出金额（-元）": "-27.4"}), "b.csv")
    cell = imported(tmp_path, [twice], [again])
    cell.shows(
        "settlement_lines", "kind | amount_minor\norder_income | 5480\norder_refund | -2740\norder_refund | -2740"
    )


def test_a_bill_of_a_month_names_its_rows_as_the_bills_of_its_days_do() -> None:
    # No row has a number. By API there is a bill of each day, and a person may bring the month.
    next_day = {"发生时间": "2026-06-01 09:00:00"}
    payout = {"商户订单号": "", "发生时间": "2026-06-01 23:00:00", "业务描述": "0070001|提现-提现到银行卡"}
    days = (read({}, REFUND, REFUND), read(next_day, payout, before="", encoding="gb18030"))
    month = read(next_day, REFUND, payout, {}, REFUND)
    named = [{line["line_id"] for line in each.tables["settlement_lines"]} for each in (*days, month)]
    assert [len(each) for each in named] == [3, 2, 5]
    assert named[0] | named[1] == named[2]


def test_totals_that_the_rows_do_not_meet_are_an_exception(tmp_path: Path) -> None:
    text = TITLE + lines_of(HEADER, PLAIN, {}) + "#支出合计：0笔，共0.00元\r\n#收入合计：1笔，共55.80元\r\n"
    cell = imported(tmp_path, [CaseFile(text, "bill.csv", "gb18030")])
    cell.shows(
        "exceptions",
        """
        kind                     | channel   | cause      | amount_minor
        control_total            | pinduoduo | income_sum | 100
        settlement_without_order | pinduoduo | order_income | 5480
    """,
    )


REFUSED = {
    "a ruined order number": ({"商户订单号": "2.60531E+20"}, "ruined_id:商户订单号"),
    "an order number in words": ({"商户订单号": "订单"}, "bad_id:商户订单号"),
    "no time": ({"发生时间": ""}, "bad_time:发生时间"),
    "a broken income": ({"收入金额（+元）": "五"}, "bad_money:收入金额（+元）"),
    "a broken expense": ({"支出金额（-元）": "--5"}, "bad_money:支出金额（-元）"),
    "an unknown code": ({"业务描述": "0990001|神秘收入"}, "unknown_code:业务描述:0990001|神秘收入"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()), before="")


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
