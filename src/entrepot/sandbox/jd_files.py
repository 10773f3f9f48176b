"""The files of the JD shop: order export and wallet statement, GBK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import JD
from entrepot.sandbox.clock import MONTHS, beijing, month_of
from entrepot.sandbox.jd import held
from entrepot.sandbox.paper import WrittenFile, put, put_gz, sparse_quoted
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Movement, Order, Sku

_ORDER_HEADER = [
    "订单号",
    "商品ID",
    "商品名称",
    "订购数量",
    "支付方式",
    "下单时间",
    "京东价",
    "订单金额",
    "结算金额",
    "余额支付",
    "应付金额",
    "订单状态",
    "订单类型",
    "下单帐号",
    "客户姓名",
    "客户地址",
    "联系电话",
    "订单备注",
    "发票类型",
    "发票抬头",
    "发票内容",
    "商家备注",
    "商家备注等级（等级1-5为由高到低）",
    "运费金额",
    "付款确认时间",
    "增值税发票",
    "货号",
    "订单完成时间",
    "订单来源",
    "订单渠道",
]
_WALLET_HEADER = [
    "订单编号",
    "单据编号",
    "单据类型",
    "商品编号",
    "商户订单号",
    "商品名称",
    "结算状态",
    "费用发生时间",
    "费用计费时间",
    "费用结算时间",
    "费用项",
    "金额",
    "币种",
    "商家应收/应付",
    "钱包结算备注",
    "店铺号",
    "京东门店编号",
    "品牌门店编号",
    "门店名称",
    "备注",
    "收支方向",
    "商品数量",
    "对账日期",
]
GZIPPED_MONTH = "2026-09"


def orders_name(month: str) -> str:
    """File name of one month's order export."""
    name = f"jd_orders_{month.replace('-', '')}.csv"
    return f"{name}.gz" if month == GZIPPED_MONTH else name


def write_jd(world: World, files: Path) -> list[WrittenFile]:
    """Write one order export per month of placement (September as gzip) and one statement per month."""
    if JD not in world.shops:
        return []
    folder = files / JD.folder
    articles = {sku.sku_id: (f"1000{at:08d}", sku) for at, sku in enumerate(world.skus)}
    orders = world.orders_of(JD.shop)
    by_id = {order.order_id: order for order in orders}
    written: list[WrittenFile] = []
    for month in MONTHS:
        placed = [order for order in orders if month_of(order.placed_at) == month]
        rows = [row for order in placed for row in _order_rows(order, articles)]
        content = sparse_quoted([_ORDER_HEADER, *rows], "\r\n").encode("gbk")
        (put_gz if month == GZIPPED_MONTH else put)(folder / orders_name(month), content)
        written.append(WrittenFile(f"files/{JD.folder}/{orders_name(month)}", "jd_orders", JD.shop, len(rows)))
        moves = [move for move in world.movements_of(JD.shop) if month_of(move.at) == month]
        # Outgoing amounts are written with a minus in some statements and without in others.
        lines = [_wallet_row(move, by_id, articles, minus=month == MONTHS[0]) for move in moves]
        name = f"jd_wallet_{month.replace('-', '')}.csv"
        put(folder / name, sparse_quoted([_WALLET_HEADER, *lines], "\r\n").encode("gbk"))
        written.append(WrittenFile(f"files/{JD.folder}/{name}", "jd_wallet", JD.shop, len(lines)))
    return written


def status(order: Order) -> str:
    """The platform's word for the state of an order."""
    if order.closed_at is not None:
        return "已取消"
    if order.paid_at is None:
        return "等待付款"
    if order.confirmed_at is not None:
        return "完成"
    if order.shipped_at is not None:
        return "等待确认收货"
    # A few of the orders that wait are held for a check.
    return {"locked": "锁定", "paused": "暂停", "to_be_delivered": "等待发货"}.get(held(order), "等待出库")


def _order_rows(order: Order, articles: dict[str, tuple[str, Sku]]) -> list[list[str]]:
    """One row per article; the amounts of the order stand on every row."""
    who = person(order.buyer)
    settle = order.goods_minor - order.discounts["merchant"]
    done = order.confirmed_at if order.closed_at is None else None
    return [
        [
            order.order_id,
            articles[line.sku][0],
            articles[line.sku][1].name,
            str(line.quantity),
            "在线支付",
            beijing(order.placed_at),
            decimal(line.unit_minor),
            decimal(order.goods_minor),
            decimal(settle),
            decimal(order.balance_minor),
            decimal(order.paid_minor),
            status(order),
            "SOP",
            who.nick,
            who.name,
            who.address,
            who.phone,
            "请送到前台,谢谢" if order.buyer % 89 == 0 else "",
            "不开发票",
            "",
            "",
            "",
            "",
            decimal(order.shipping_minor),
            beijing(order.paid_at),
            "",
            line.sku,
            beijing(done),
            "移动端",
            "京东",
        ]
        for line in order.lines
    ]


def _wallet_row(
    move: Movement, by_id: dict[str, Order], articles: dict[str, tuple[str, Sku]], *, minus: bool
) -> Sequence[str]:
    item, _, kind = move.label.partition("|")
    number, name, quantity = "", "", ""
    if move.line is not None and move.order_ref in by_id:
        line = by_id[move.order_ref].lines[move.line]
        number, name, quantity = articles[line.sku][0], articles[line.sku][1].name, str(line.quantity)
    incoming, at = move.amount_minor > 0, beijing(move.at)
    return [
        f'="{move.order_ref}"',
        f'="{move.doc}"',
        kind,
        f'="{number}"' if number else "",
        "",
        name,
        "已结算",
        at,
        at,
        at,
        item,
        decimal(move.amount_minor if minus else abs(move.amount_minor)),
        "CNY",
        "应收" if incoming else "应付",
        "",
        JD.shop,
        "",
        "",
        "",
        "",
        "收入" if incoming else "支出",
        quantity,
        at[:10].replace("-", ""),
    ]
