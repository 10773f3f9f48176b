"""The ledger of the Alipay account: GBK, lines around the table, running balance, control totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import TMALL, WALLET, WALLET_ACCOUNT
from entrepot.sandbox.clock import DAY, END, START, beijing, beijing_long
from entrepot.sandbox.paper import WrittenFile, put, sparse_quoted
from entrepot.sandbox.people import person
from entrepot.sandbox.tmall import OPENING_MINOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Movement

_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,"
    "收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注"
)
_RULE = "-" * 40

_SEPTEMBER, _OCTOBER, _LATE_PART = START + 31 * DAY, START + 61 * DAY, START + 76 * DAY
PARTS = (
    (f"alipay_{WALLET_ACCOUNT}_20260801-20260831.csv", START, _SEPTEMBER, "final"),
    (f"alipay_{WALLET_ACCOUNT}_20260901-20260930.csv", _SEPTEMBER, _OCTOBER, "final"),
    (f"alipay_{WALLET_ACCOUNT}_20261001-20261015.csv", _OCTOBER, _LATE_PART, "final"),
    (f"alipay_{WALLET_ACCOUNT}_20261016-20261031.csv", _LATE_PART, END, "late"),
)
"""File name, first instant, first instant that is not in it, role."""
INCOME_TOTAL, EXPENSE_TOTAL = "收入合计", "支出合计"


def write_alipay(world: World, files: Path) -> list[WrittenFile]:
    """Write the ledger in four parts, of which the last one arrives late."""
    if TMALL not in world.shops:
        return []
    buyers = {order.order_id: order.buyer for order in world.orders_of(TMALL.shop)}
    gaps = {gap.line_id: gap.minor for gap in world.wallet_gaps if gap.wallet == WALLET}
    balance = OPENING_MINOR
    balances: list[int] = []
    moves = world.movements_of(TMALL.shop)
    for move in moves:
        balance += move.amount_minor + gaps.get(move.doc, 0)
        balances.append(balance)
    written = []
    for name, first, behind, role in PARTS:
        part = [(move, after) for move, after in zip(moves, balances, strict=True) if first <= move.at < behind]
        # Both signs occur in real files: some write what goes out as -12.00, some as 12.00.
        minus = name == PARTS[1][0]
        rows = [_row(move, after, buyers, minus=minus) for move, after in part]
        text = (
            f"#支付宝账务明细查询\n#账号：[{WALLET_ACCOUNT}]\n"
            f"#起始日期：[{beijing_long(first)}]   终止日期：[{beijing_long(behind)}]\n"
            f"#{_RULE}账务明细列表{_RULE}\n{_HEADER}\n"
            + sparse_quoted(rows)
            + f"#{_RULE}账务明细列表结束{_RULE}\n"
            + _footer(world, name, [move for move, _ in part])
            + f"#导出时间：[{beijing_long(behind + 900)}]\n"
        )
        put(files / TMALL.folder / name, text.encode("gbk"))
        written.append(WrittenFile(f"files/{TMALL.folder}/{name}", "alipay_ledger", TMALL.shop, len(rows), role))
    return written


def _row(move: Movement, after: int, buyers: dict[str, int], *, minus: bool) -> list[str]:
    kind, _, remark = move.label.partition("|")
    income, expense = max(move.amount_minor, 0), max(-move.amount_minor, 0)
    other = ""
    if move.order_ref in buyers and move.kind in ("order_income", "order_refund"):
        who = person(buyers[move.order_ref])
        other = f"{who.name} ({who.email})"
    return [
        f"{move.doc}\t",
        f"YX{move.doc}\t",
        f"T200P{move.order_ref}\t" if move.order_ref else "\t",
        "屿浔商品\t" if move.order_ref else "\t",
        beijing(move.at),
        f"{other}\t",
        decimal(income),
        decimal(-expense if minus else expense),
        decimal(after),
        "支付宝",
        kind,
        remark,
    ]


def _footer(world: World, name: str, moves: Sequence[Movement]) -> str:
    planted = {wrong.name: wrong.excess_minor for wrong in world.wrong_totals if wrong.file == name}
    lines = []
    for title, sign in ((EXPENSE_TOTAL, -1), (INCOME_TOTAL, 1)):
        sums = [sign * move.amount_minor for move in moves if sign * move.amount_minor > 0]
        lines.append(f"#{title}：{len(sums)}笔，共{decimal(sum(sums) + planted.get(title, 0))}元\n")
    return "".join(lines)
