"""The files of the Pinduoduo shop: order export (UTF-8, cells end with a tab) and bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import PDD
from entrepot.sandbox.clock import MONTHS, beijing, month_of
from entrepot.sandbox.paper import WrittenFile, all_quoted, put, put_zip, sparse_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Movement, Order, Sku

_ORDER_HEADER = [
    "商品",
    "订单号",
    "订单状态",
    "商品总价(元)",
    "邮费(元)",
    "店铺优惠折扣(元)",
    "平台优惠折扣(元)",
    "多多支付立减金额(元)",
    "用户实付金额(元)",
    "商家实收金额(元)",
    "商品数量(件)",
    "发货时间",
    "确认收货时间",
    "商品id",
    "商品规格",
    "样式ID",
    "商家编码-规格维度",
    "商家编码-商品维度",
    "商家备注",
    "售后状态",
    "快递单号",
    "快递公司",
    "订单成交时间",
    "是否分期",
    "分期期数",
    "手续费承担方",
    "分期方式",
]
_TOTAL_AT = _ORDER_HEADER.index("商品总价(元)")
_BILL_HEADER = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
_IN_AFTER_SALE = 5
"""Remainder of the buyers whose after-sale is still open."""
_ZIPPED_MONTH, _PLAIN_BILL = "2026-09", "2026-09"
_LAST_DAY = {"2026-08": "31", "2026-09": "30", "2026-10": "31"}


def orders_name(month: str) -> str:
    """File name of one month's order export, inside the archive where there is one."""
    return f"pdd_orders_{month.replace('-', '')}.csv"


def write_pdd(world: World, files: Path) -> list[WrittenFile]:
    """Write one order export per month (September inside a zip) and one bill per month.

    The bills of August and October are GB18030 with control totals, the one of September is UTF-8 without.
    """
    if PDD not in world.shops:
        return []
    folder, skus = files / PDD.folder, {sku.sku_id: sku for sku in world.skus}
    orders, written = world.orders_of(PDD.shop), []
    for month in MONTHS:
        placed = [order for order in orders if month_of(order.placed_at) == month]
        rows, name = _order_rows(world, orders_name(month), placed, skus), orders_name(month)
        header = ",".join(_ORDER_HEADER) + "\r\n"
        content = (header + all_quoted([[cell + "\t" for cell in row] for row in rows])).encode("utf-8-sig")
        if month == _ZIPPED_MONTH:
            put_zip(folder / name.replace(".csv", ".zip"), name, content)
            name = name.replace(".csv", ".zip")
        else:
            put(folder / name, content)
        written.append(WrittenFile(f"files/{PDD.folder}/{name}", "pdd_orders", PDD.shop, len(rows)))
        moves = [move for move in world.movements_of(PDD.shop) if month_of(move.at) == month]
        bill = f"pdd_bill_{month.replace('-', '')}.csv"
        put(folder / bill, _bill(world, bill, month, moves))
        written.append(WrittenFile(f"files/{PDD.folder}/{bill}", "pdd_bill", PDD.shop, len(moves)))
    return written


def status(order: Order) -> str:
    """The platform's word for the state of an order."""
    if order.paid_at is None:
        return "待付款" if order.closed_at is None else "已取消"
    if order.closed_at is not None:
        return "未发货，退款成功"
    if order.confirmed_at is not None:
        return "已签收"
    return "已发货待签收" if order.shipped_at is not None else "待发货"


def _after_sale(order: Order) -> str:
    if order.closed_at is not None and order.paid_at is not None:
        return "未发货，退款成功"
    if order.refunds:
        return "已发货，退款成功"
    return "售后处理中" if order.buyer % 211 == _IN_AFTER_SALE else "无售后或售后取消"


def _order_rows(world: World, file: str, orders: Sequence[Order], skus: dict[str, Sku]) -> list[list[str]]:
    own, first, moved = {order.order_id: order for order in orders}, [], set()
    for broken in world.broken_in(file):
        row = _order_row(own[broken.order_id], skus)
        # Somebody typed the letter O instead of the digit.
        row[_TOTAL_AT] = row[_TOTAL_AT][:-1] + "O"
        first.append(row)
        moved.add(broken.order_id)
    return first + [_order_row(order, skus) for order in orders if order.order_id not in moved]


def _order_row(order: Order, skus: dict[str, Sku]) -> list[str]:
    line, off = order.lines[0], order.discounts.get
    sku, paid = skus[line.sku], order.paid_minor if order.paid_at is not None else 0
    deal = order.paid_at if "no_deal_time" not in order.quirks else None
    confirmed = order.confirmed_at if "confirmation_hidden" not in order.quirks else None
    shipped = order.shipped_at is not None
    return [
        sku.name,
        order.order_id,
        status(order),
        decimal(order.goods_minor),
        decimal(order.shipping_minor),
        decimal(off("merchant", 0)),
        decimal(off("platform", 0)),
        decimal(off("payment_provider", 0)),
        decimal(paid),
        decimal(paid + order.third_party_minor if paid else 0),
        "3" if "three_do_not_divide" in order.quirks else str(line.quantity),
        beijing(order.shipped_at),
        beijing(confirmed),
        f"6{sku.hs_code[:4]}{len(sku.spu):04d}",
        sku.name_en.replace(",", " "),
        f"7{sku.net_weight_g:08d}",
        # Some merchants fill in the code of the article, some only that of the product.
        line.sku if order.buyer % 2 else "",
        sku.spu if order.buyer % 2 else line.sku,
        "",
        _after_sale(order),
        f"YX{order.order_id[-12:]}" if shipped else "",
        "虚构速运" if shipped else "",
        beijing(deal),
        "否",
        "",
        "",
        "",
    ]


def _bill(world: World, name: str, month: str, moves: Sequence[Movement]) -> bytes:
    rows = []
    for move in moves:
        kind, remark, description = move.label.split("|", 2)
        incoming = move.amount_minor > 0
        amount = decimal(move.amount_minor)
        rows.append(
            [
                move.order_ref or "",
                beijing(move.at),
                amount if incoming else "0",
                "0" if incoming else amount,
                kind,
                remark,
                description,
            ]
        )
    title = f"拼多多店铺账务明细查询\n\n起始时间：{month}-01 00:00:00 终止时间：{month}-{_LAST_DAY[month]} 23:59:59\n"
    if month == _PLAIN_BILL:
        return (title + _BILL_HEADER + "\n" + sparse_quoted(rows)).encode("utf-8-sig")
    rule = "----------交易记录明细列表---------\n"
    planted = {wrong.name: wrong.excess_minor for wrong in world.wrong_totals if wrong.file == name}
    footer = []
    for total, sign in (("收入合计", 1), ("支出合计", -1)):
        sums = [sign * move.amount_minor for move in moves if sign * move.amount_minor > 0]
        footer.append(f"#{total}：{len(sums)}笔，共{decimal(sum(sums) + planted.get(total, 0))}元\n")
    return (title + rule + _BILL_HEADER + "\n" + sparse_quoted(rows) + "".join(footer)).encode("gb18030")
