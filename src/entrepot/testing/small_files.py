"""Small Tmall and Alipay files made from amounts, and an independent reading of what such files say.

`stated_minor` reads with nothing but `csv` and `Decimal`; whatever a file looks like, the product must book the same or
name the file and what is wrong with it.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ALIPAY_HEADER", "TMALL_HEADER", "Move", "Sale", "alipay_text", "stated_minor", "tmall_text", "yuan"]

TMALL_HEADER = (
    "订单编号",
    "买家会员名",
    "买家应付货款",
    "买家应付邮费",
    "总金额",
    "买家实际支付金额",
    "订单状态",
    "收货人姓名",
    "订单创建时间",
    "订单付款时间",
    "店铺名称",
    "天猫卡券抵扣",
    "退款金额",
    "确认收货时间",
)
ALIPAY_HEADER = (
    "账务流水号",
    "商户订单号",
    "商品名称",
    "发生时间",
    "收入金额（+元）",
    "支出金额（-元）",
    "账户余额（元）",
    "业务类型",
    "备注",
)

_SIGNED = {"收入金额（+元）": 1, "支出金额（-元）": -1, "买家应付货款": 1, "买家应付邮费": 1}


@dataclass(frozen=True, slots=True)
class Sale:
    """One order of a Tmall list; amounts in fen.

    Attributes:
        refunded_minor: Part of what was paid that has gone back.
        is_confirmed: The buyer has confirmed; else the goods are on their way.
    """

    order_id: str
    goods_minor: int
    shipping_minor: int = 0
    merchant_minor: int = 0
    platform_minor: int = 0
    refunded_minor: int = 0
    is_paid: bool = True
    is_confirmed: bool = True
    status: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of an Alipay ledger; the sign of the amount says which column it stands in."""

    flow_id: str
    order_id: str
    kind: str
    amount_minor: int
    remark: str = ""
    day: int = 10


def yuan(minor: int) -> str:
    """Fen as yuan text."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def tmall_text(sales: Sequence[Sale], shop: str = "our shop") -> str:
    """A Tmall order list."""
    rows = [TMALL_HEADER, *(_sale_row(sale, shop) for sale in sales)]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


def _sale_row(sale: Sale, shop: str) -> tuple[str, ...]:
    total = sale.goods_minor + sale.shipping_minor
    paid = total - sale.merchant_minor - sale.platform_minor
    status = "交易成功" if sale.is_confirmed else "卖家已发货，等待买家确认"
    return (
        sale.order_id,
        f"buyer of {sale.order_id}",
        yuan(sale.goods_minor),
        yuan(sale.shipping_minor),
        yuan(total),
        yuan(paid - sale.refunded_minor if sale.is_paid else paid),
        sale.status or (status if sale.is_paid else "等待买家付款"),
        "name of a buyer",
        "2026-09-01 08:00:00",
        "2026-09-01 08:05:00" if sale.is_paid else "",
        shop,
        yuan(sale.platform_minor),
        yuan(sale.refunded_minor) if sale.refunded_minor else "无退款申请",
        "2026-09-09 10:00:00" if sale.is_paid and sale.is_confirmed and not sale.status else "",
    )


def alipay_text(moves: Sequence[Move], account: str = "20880000000000000156", opening_minor: int = 100_000) -> str:
    """An Alipay ledger with running balance and control totals."""
    balance, rows = opening_minor, [",".join(ALIPAY_HEADER)]
    for number, move in enumerate(moves):
        balance += move.amount_minor
        rows.append(
            ",".join(
                (
                    f"{move.flow_id}\t",
                    f"T200P{move.order_id}\t" if move.order_id else "\t",
                    "goods",
                    f"2026-09-{move.day:02d} {9 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}",
                    yuan(max(move.amount_minor, 0)),
                    yuan(max(-move.amount_minor, 0)),
                    yuan(balance),
                    move.kind,
                    move.remark,
                )
            )
        )
    incomes = [move.amount_minor for move in moves if move.amount_minor > 0]
    expenses = [-move.amount_minor for move in moves if move.amount_minor < 0]
    return "\n".join(
        (
            "#支付宝账务明细查询",
            f"#账号：[{account}]",
            "#起始日期：[2026年09月01日]",
            "#----账务明细列表----",
            *rows,
            "#----账务明细列表结束----",
            f"#支出合计：{len(expenses)}笔，共{yuan(sum(expenses))}元",
            f"#收入合计：{len(incomes)}笔，共{yuan(sum(incomes))}元",
            "#导出时间：[2026年10月01日 00:15:00]",
            "",
        )
    )


def stated_minor(text: str) -> int:
    """What the rows of a Tmall list or Alipay ledger add up to: goods and freight, or income less expense, in fen.

    Takes every number that `Decimal` takes, wherever a row is long enough; a cell it cannot read counts as nothing.
    """
    csv.field_size_limit(1 << 30)
    total = Decimal(0)
    columns: dict[int, int] = {}
    for row in csv.reader(io.StringIO(text.replace("\x00", ""), newline="")):
        names = [cell.strip(" \t\ufeff") for cell in row]
        if not columns and sum(name in _SIGNED for name in names) > 1:
            columns = {names.index(name): sign for name, sign in _SIGNED.items() if name in names}
        elif columns and row and names[0] != "合计" and not row[0].startswith("#"):
            total += sum((_amount(row[at]) * sign for at, sign in columns.items() if at < len(row)), Decimal(0))
    return int(total * 100)


def _amount(cell: str) -> Decimal:
    try:
        found = abs(Decimal(cell.strip().lstrip("'")))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)
