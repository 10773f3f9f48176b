"""Alipay's ledger of a merchant account: movements, balances, totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注,"
    "业务描述,业务账单来源,业务基础订单号,业务订单号"
)
OLD_HEADER = "支付宝流水号,商户订单号,入账时间,收入（+元）,支出（-元）,账户余额（元）,服务费（元）,业务类型,备注"
BEFORE = (
    "#支付宝账务明细查询\r\n#账号：[20880000000000000156]\r\n#起始日期：[2026年09月01日 00:00:00]   终止日期：[2026年09月02日 00:00:00]\r\n"
    "#-----------------------------------------账务明细列表----------------------------------------\r\n"
)
DASHES = "#-----------------------------------------账务明细列表结束------------------------------------\r\n"
INCOME, EXPENSE, BALANCE = "收入金额（+元）", "支出金额（-元）", "账户余额（元）"
PLAIN = {
    "账务流水号": "202609010000001",
    "商户订单号": "T200P289749893209214687",
    "发生时间": "2026-09-09 08:31:00",
    INCOME: "54.80",
    EXPENSE: "",
    BALANCE: "1054.80",
    "业务类型": "在线支付",
}
COMMISSION = {
    "账务流水号": "202609010000002",
    "发生时间": "2026-09-09 08:31:01",
    INCOME: "",
    EXPENSE: "-2.74",
    BALANCE: "1052.06",
    "业务类型": "其它",
    "备注": "天猫佣金（类目）扣款{289749893209214687}",
}
ITEMS = {(row["business_type"], row["remark_prefix"]): row for row in code_list("alipay", "items")}


def ledger(*rows: dict[str, str], after: str = "", name: str = "ledger.csv", tail: str = "\t") -> CaseFile:
    return CaseFile(BEFORE + lines_of(HEADER, PLAIN, *rows, tail=tail) + DASHES + after, name, "gb18030")


def read(*rows: dict[str, str]) -> Translated:
    numbered = [{"账务流水号": f"2026090100{number:05d}", **row} for number, row in enumerate(rows)]
    return translated(ledger(*numbered))


def test_the_header_is_found_under_the_preamble_and_the_footer_is_no_row() -> None:
    found = translated(ledger({}, COMMISSION))
    assert (found.formats, found.rejects, found.rows) == ({"ledger.csv": "alipay_ledger"}, {}, 2)
    found.shows(
        "settlement_lines",
        """
        line_id                         | wallet_id       | order_key                | order_id           | kind         | fee_code   | platform_item | vat_rate_bp | amount_minor | booked_at           | month
        alipay:our shop:202609010000001 | alipay:our shop | tmall:289749893209214687 | 289749893209214687 | order_income |            | 在线支付      | 0           | 5480         | 2026-09-09 08:31:00 | 2026-09
        alipay:our shop:202609010000002 | alipay:our shop | tmall:289749893209214687 | 289749893209214687 | fee          | commission | 其它          | 600         | -274         | 2026-09-09 08:31:01 | 2026-09
    """,
    )
    found.shows(
        "wallet_lines",
        """
        wallet_id       | line_id                         | currency | amount_minor | balance_minor | booked_at
        alipay:our shop | alipay:our shop:202609010000001 | CNY      | 5480         | 105480        | 2026-09-09 08:31:00
        alipay:our shop | alipay:our shop:202609010000002 | CNY      | -274         | 105206        | 2026-09-09 08:31:01
    """,
    )


def test_the_account_in_the_preamble_names_the_wallet(tmp_path: Path) -> None:
    cell = imported(tmp_path, [ledger({}, COMMISSION)])
    cell.shows(
        "wallet_lines",
        "wallet_id | shop | amount_minor\nalipay:20880000000000000156 | our shop | 5480\nalipay:20880000000000000156 | our shop | -274",
    )


@pytest.fixture(scope="module")
def every_item() -> Translated:
    return read(
        *(
            {"业务类型": kind, "备注": f"{prefix}某事", INCOME: "", EXPENSE: f"-{number + 1}"}
            for number, (kind, prefix) in enumerate(ITEMS)
        )
    )


@pytest.mark.parametrize("item", ITEMS, ids=["-".join(item).strip("-") for item in ITEMS])
def test_every_business_type_is_understood(every_item: Translated, item: tuple[str, str]) -> None:
    row, number = ITEMS[item], list(ITEMS).index(item)
    # Four lines and the header stand before the first row.
    lines = [line for line in every_item.tables["settlement_lines"] if line["row_no"] == number + 6]
    assert [
        (line["kind"], line["fee_code"] or "", str(line["vat_rate_bp"]), line["amount_minor"]) for line in lines
    ] == [(row["kind"], row["fee_code"], row["vat_rate_bp"], -100 * (number + 1))]


def test_the_longest_beginning_of_the_remark_wins() -> None:
    prefixes = [(kind, prefix) for kind, prefix in ITEMS if prefix]
    assert all(
        not (kind == other and long != short and long.startswith(short) and ITEMS[kind, long] == ITEMS[other, short])
        for kind, long in prefixes
        for other, short in ITEMS
    )
    found = read({"业务类型": "其它", "备注": "淘宝联盟佣金代扣款"}, {"业务类型": "收费", "备注": "天猫佣金"})
    found.shows("settlement_lines", "platform_item | fee_code\n其它 | affiliate_commission\n收费 | payment_fee")


SIGNS = {
    "an income": ({INCOME: "54.80", EXPENSE: ""}, 5480),
    "an income beside a zero": ({INCOME: "54.80", EXPENSE: "0.00"}, 5480),
    "an expense with its sign": ({INCOME: "", EXPENSE: "-2.74"}, -274),
    "an expense without a sign": ({INCOME: "", EXPENSE: "2.74"}, -274),
    "an expense beside a zero": ({INCOME: "0.00", EXPENSE: "2.74"}, -274),
    "nothing moved": ({INCOME: "0.00", EXPENSE: "0.00"}, 0),
}


@pytest.fixture(scope="module")
def signs() -> Translated:
    return read(*(cells for cells, _ in SIGNS.values()))


@pytest.mark.parametrize("case", SIGNS)
def test_the_column_decides_and_not_the_sign(signs: Translated, case: str) -> None:
    row = row_of(SIGNS, case) + 4
    signs.shows("settlement_lines", f"amount_minor\n{SIGNS[case][1]}", row=row)
    signs.shows("wallet_lines", f"amount_minor\n{SIGNS[case][1]}", row=row)


NUMBERS = {
    "a Tmall order": ({}, "tmall:289749893209214687 | 289749893209214687"),
    "another beginning with digits": ({"商户订单号": "T50060P2897"}, "tmall:2897 | 2897"),
    "a plain order number": ({"商户订单号": "289749893209214687"}, "tmall:289749893209214687 | 289749893209214687"),
    "a plain number of no order": ({"商户订单号": "20260901", "业务类型": "提现"}, " | "),
    "an order of something else": ({"商户订单号": "USR1780646479"}, " | "),
    "no number": ({"商户订单号": ""}, " | "),
}


@pytest.fixture(scope="module")
def numbers() -> Translated:
    return read(*(cells for cells, _ in NUMBERS.values()))


@pytest.mark.parametrize("case", NUMBERS)
def test_order_that_a_movement_names(numbers: Translated, case: str) -> None:
    numbers.shows("settlement_lines", f"order_key | order_id\n{NUMBERS[case][1]}", row=row_of(NUMBERS, case) + 4)


def _statement_order(found: Translated) -> list[str]:
    lines = sorted(found.tables["wallet_lines"], key=lambda line: line["statement_order"])
    return [line["line_id"].rpartition(":")[2] for line in lines]


@pytest.mark.parametrize("rows", [({}, COMMISSION), (COMMISSION, {})], ids=["oldest first", "newest first"])
def test_the_statement_runs_from_the_oldest_movement(rows: tuple[dict[str, str], ...]) -> None:
    assert _statement_order(translated(ledger(*rows))) == ["202609010000001", "202609010000002"]


@pytest.mark.parametrize("at", [0, 2], ids=["first", "last"])
def test_a_broken_row_at_an_end_turns_nothing_around(at: int) -> None:
    rows = [{}, COMMISSION]
    rows.insert(at, {"账务流水号": "202609010000009", "发生时间": "昨天"})
    found = translated(ledger(*rows))
    assert found.rejects == {str(at + 6): "bad_time:发生时间"}
    assert _statement_order(found) == ["202609010000001", "202609010000002"]


def test_a_balance_that_does_not_follow_is_a_gap(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (COMMISSION | {BALANCE: "1052.00"}, {})
    cell = imported(tmp_path, [ledger(*rows)])
    found = {row["kind"]: row["amount_minor"] for row in cell.rows("exceptions")}
    assert found["wallet_gap"] == -6


@pytest.mark.parametrize("rows", [({}, COMMISSION), (COMMISSION, {})], ids=["oldest first", "newest first"])
def test_balances_that_follow_are_no_exception(tmp_path: Path, rows: tuple[dict[str, str], ...]) -> None:
    cell = imported(tmp_path, [ledger(*rows)])
    assert "wallet_gap" not in {row["kind"] for row in cell.rows("exceptions")}


TOTALS: dict[str, tuple[str, dict[str, int | None]]] = {
    "right": ("#支出合计：1笔，共2.74元\r\n#收入合计：1笔，共54.80元\r\n", {}),
    "right, and the expense has its sign as the rows have": (
        "#支出合计：1笔，共-2.74元\r\n#收入合计：1笔，共54.80元\r\n",
        {},
    ),
    "a sum is wrong": ("#支出合计：1笔，共2.74元\r\n#收入合计：1笔，共55.80元\r\n", {"income_sum": 100}),
    "a count is wrong": ("#支出合计：2笔，共2.74元\r\n#收入合计：1笔，共54.80元\r\n", {"expense_count": None}),
    "none": ("#导出时间：[2026年09月10日 00:10:00]\r\n", {}),
}


@pytest.mark.parametrize("case", TOTALS)
def test_totals_of_the_footer(tmp_path: Path, case: str) -> None:
    footer, wanted = TOTALS[case]
    cell = imported(tmp_path, [ledger({}, COMMISSION, after=footer)])
    found = {row["cause"]: row["amount_minor"] for row in cell.rows("exceptions") if row["kind"] == "control_total"}
    assert found == wanted


def test_the_older_header_gives_the_same_movement() -> None:
    plain = {
        "支付宝流水号": "202609010000001", "商户订单号": "T200P289749893209214687", "入账时间": "2026-09-09 08:31:00",
        "收入（+元）": "54.80", "支出（-元）": "0", "账户余额（元）": "1054.80", "业务类型": "交易付款",
    }  # fmt: skip
    found = translated(CaseFile(lines_of(OLD_HEADER, plain, {}), "old.csv", "gb18030"))
    assert (found.formats, found.rejects) == ({"old.csv": "alipay_ledger"}, {})
    found.shows("settlement_lines", "order_id | kind | amount_minor\n289749893209214687 | order_income | 5480")
    found.shows("wallet_lines", "amount_minor | balance_minor\n5480 | 105480")


def test_a_movement_in_two_files_is_one_movement(tmp_path: Path) -> None:
    cell = imported(tmp_path, [ledger({}, name="a.csv")], [ledger({}, COMMISSION, name="b.csv", tail="")])
    cell.shows("settlement_lines", "kind | amount_minor\norder_income | 5480\nfee | -274")


REFUSED = {
    "no flow number": ({"账务流水号": ""}, "bad_id:账务流水号"),
    "a ruined flow number": ({"账务流水号": "2.02609E+14"}, "ruined_id:账务流水号"),
    "a ruined order number": ({"商户订单号": "2.89E+17"}, "ruined_id:商户订单号"),
    "no time": ({"发生时间": ""}, "bad_time:发生时间"),
    "a broken income": ({INCOME: "五"}, "bad_money:收入金额（+元）"),
    "a broken expense": ({EXPENSE: "--5"}, "bad_money:支出金额（-元）"),
    "a broken balance": ({BALANCE: "1,054.80"}, "bad_money:账户余额（元）"),
    "an unknown business type": ({"业务类型": "神秘业务"}, "unknown_code:业务类型:神秘业务"),
    "other business with an unknown remark": ({"业务类型": "其它", "备注": "神秘"}, "unknown_code:业务类型:其它"),
    "no business type": ({"业务类型": ""}, "unknown_code:业务类型:"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case) + 4
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
