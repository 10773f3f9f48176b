"""The files of the Tmall shop: order lists and detail lists, in GBK as the seller centre writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import TMALL
from entrepot.sandbox.clock import EARLY, END, MONTHS, beijing, beijing_stamp, month_of
from entrepot.sandbox.facts import Order, Sku, as_of
from entrepot.sandbox.paper import WrittenFile, all_quoted, put, put_xlsx
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World

# Trailing blanks are in the real files. Files of August still have the older header without the two payment
# columns.
_HEADER = [
    "订单编号",
    "买家会员名",
    "买家支付宝账号",
    "支付单号",
    "支付详情",
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
    "订单状态",
    "买家留言",
    "收货人姓名",
    "收货地址 ",
    "运送方式",
    "联系电话 ",
    "联系手机",
    "订单创建时间",
    "订单付款时间 ",
    "宝贝标题 ",
    "宝贝种类 ",
    "物流单号 ",
    "物流公司",
    "订单备注",
    "宝贝总数量",
    "店铺Id",
    "店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "是否手机订单",
    "分阶段订单信息",
    "特权订金订单id",
    "是否上传合同照片",
    "是否上传小票",
    "是否代付",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
    "新零售交易类型",
    "新零售导购门店名称",
    "新零售导购门店id",
    "新零售发货门店名称",
    "新零售发货门店id",
    "退款金额",
    "预约门店",
    "确认收货时间",
    "打款商家金额",
    "含应开票给个人的个人红包",
    "是否信用购",
    "体验期结束时间",
    "前N有礼",
    "配送类型",
    "主订单编号",
]
_AT = {name.strip(): at for at, name in enumerate(_HEADER)}
_NEWER = (_AT["支付单号"], _AT["支付详情"])
_DETAIL_HEADER = [
    "订单编号",
    "标题",
    "价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "套餐信息",
    "备注",
    "订单状态",
    "商家编码",
]

# One export per month of placement, a few minutes after the end; September was exported once before.
_LAST = {month: beijing_stamp(END + 600 + 120 * at) for at, month in enumerate(MONTHS)}
_FIRST = beijing_stamp(EARLY + 600)
LIST_NAME = {month: f"ExportOrderList{stamp}.csv" for month, stamp in _LAST.items()}
LIST_NAME["2026-09"] = f"ExportOrderList{_LAST['2026-09']}.xlsx"
DETAIL_NAME = {month: f"ExportOrderDetailList{stamp}.csv" for month, stamp in _LAST.items()}
EARLIER_LIST, EARLIER_DETAIL = f"ExportOrderList{_FIRST}.csv", f"ExportOrderDetailList{_FIRST}.csv"
COPY_OF_AUGUST = "ExportOrderList-8月(1).csv"


def write_tmall(world: World, files: Path) -> list[WrittenFile]:
    """Write order and detail lists of the shop.

    Per month of placement one list as of the end of the world (September as a workbook), for September also
    the earlier export of 1 October with the states of that day, and for August the same bytes under a second
    name.
    """
    if TMALL not in world.shops:
        return []
    folder, orders, skus = files / TMALL.folder, world.orders_of(TMALL.shop), _by_id(world)
    written: list[WrittenFile] = []

    def note(name: str, kind: str, rows: int, role: str = "final") -> None:
        written.append(WrittenFile(f"files/{TMALL.folder}/{name}", kind, TMALL.shop, rows, role))

    for month in MONTHS:
        placed = [order for order in orders if month_of(order.placed_at) == month]
        rows = _list_rows(world, LIST_NAME[month], placed, skus)
        lines = _detail_rows(world, DETAIL_NAME[month], placed, skus)
        if month == "2026-09":
            put_xlsx(folder / LIST_NAME[month], "ExportOrderList", [_HEADER, *rows])
        else:
            content = _gbk(_HEADER, rows, older=month == "2026-08")
            put(folder / LIST_NAME[month], content)
            if month == "2026-08":
                put(folder / COPY_OF_AUGUST, content)
                note(COPY_OF_AUGUST, "tmall_orders", len(rows), "copy")
        put(folder / DETAIL_NAME[month], _gbk(_DETAIL_HEADER, lines))
        note(LIST_NAME[month], "tmall_orders", len(rows))
        note(DETAIL_NAME[month], "tmall_order_lines", len(lines))
        if month == "2026-09":
            then = [seen for seen in (as_of(order, EARLY) for order in placed) if seen]
            rows = _list_rows(world, EARLIER_LIST, then, skus)
            lines = _detail_rows(world, EARLIER_DETAIL, then, skus)
            put(folder / EARLIER_LIST, _gbk(_HEADER, rows))
            put(folder / EARLIER_DETAIL, _gbk(_DETAIL_HEADER, lines))
            note(EARLIER_LIST, "tmall_orders", len(rows), "earlier")
            note(EARLIER_DETAIL, "tmall_order_lines", len(lines), "earlier")
    return written


def status(order: Order) -> str:
    """The platform's word for the state of an order."""
    if order.closed_at is not None:
        return "交易关闭"
    if order.paid_at is None:
        return "等待买家付款"
    if order.confirmed_at is not None:
        return "交易成功"
    return "卖家已发货，等待买家确认" if order.shipped_at is not None else "买家已付款，等待卖家发货"


def _by_id(world: World) -> dict[str, Sku]:
    return {sku.sku_id: sku for sku in world.skus}


def _gbk(header: Sequence[str], rows: Sequence[Sequence[str]], *, older: bool = False) -> bytes:
    table = [header, *rows]
    if older:
        table = [[cell for at, cell in enumerate(row) if at not in _NEWER] for row in table]
    return all_quoted(table).encode("gbk")


def _protected(order_id: str) -> str:
    return f'="{order_id}"'


def _list_rows(world: World, file: str, orders: Sequence[Order], skus: dict[str, Sku]) -> list[list[str]]:
    """Rows of one order list; planted rows come first, so that their row numbers are known beforehand."""
    own = {order.order_id: order for order in orders}
    first, moved = [], set()
    for broken in world.broken_in(file):
        row = _list_row(own[broken.order_id], skus)
        if broken.reason == "columns":
            row = row[: _AT["收货地址"]]
        if broken.reason == "ruined_id":
            row[0] = row[_AT["主订单编号"]] = f"{broken.order_id[0]}.{broken.order_id[1:3]}E+{len(broken.order_id) - 1}"
        first.append(row)
        if not broken.is_extra:
            moved.add(broken.order_id)
    return first + [_list_row(order, skus) for order in orders if order.order_id not in moved]


def _list_row(order: Order, skus: dict[str, Sku]) -> list[str]:
    who, row = person(order.buyer), [""] * len(_HEADER)

    def say(name: str, cell: str) -> None:
        row[_AT[name]] = cell

    refunded = order.refunded_minor
    say("订单编号", _protected(order.order_id))
    say("买家会员名", who.nick)
    say("买家支付宝账号", who.email)
    say("买家应付货款", decimal(order.goods_minor))
    say("买家应付邮费", decimal(order.shipping_minor))
    say("买家支付积分", "0")
    say("总金额", decimal(order.goods_minor + order.shipping_minor))
    say("返点积分", "0")
    say("买家实际支付金额", _really_paid(order))
    say("买家实际支付积分", "0")
    say("订单状态", status(order))
    say("买家留言", _message(order))
    say("收货人姓名", who.name)
    say("收货地址", who.address)
    say("运送方式", "快递")
    say("联系手机", f"'{who.phone}")
    say("订单创建时间", beijing(order.placed_at))
    say("订单付款时间", beijing(order.paid_at))
    say("宝贝标题", "，".join(skus[line.sku].name for line in order.lines))
    say("宝贝种类", str(len(order.lines)))
    if order.shipped_at is not None:
        say("物流单号", f"No:YX{order.order_id[-12:]}")
        say("物流公司", "虚构速运")
    say("宝贝总数量", str(sum(line.quantity for line in order.lines)))
    say("店铺Id", "0")
    say("店铺名称", TMALL.shop)
    say("订单关闭原因", _reason_closed(order))
    say("是否手机订单", "手机订单")
    say("分阶段订单信息", _phases(order))
    if order.paid_at is not None:
        say("支付单号", f"YXPAY{order.order_id}")
        say("天猫卡券抵扣", decimal(order.discounts["platform"]) if order.discounts.get("platform") else "")
        say("集分宝抵扣", decimal(order.points_minor) if order.points_minor else "")
    say("退款金额", decimal(refunded) if refunded else "无退款申请")
    if order.confirmed_at is not None:
        if "confirmation_hidden" not in order.quirks:
            say("确认收货时间", beijing(order.confirmed_at))
        before = sum(refund.minor for refund in order.refunds if not refund.after)
        say("打款商家金额", f"{decimal(order.paid_minor - before)}元")
    else:
        say("打款商家金额", "0.00元")
    say("主订单编号", _protected(order.order_id))
    return row


def _really_paid(order: Order) -> str:
    """What the buyer paid, lowered by refunds, as the platform shows it."""
    if order.paid_at is None:
        return "0.00"
    if "paid_not_lowered" in order.quirks:
        return decimal(order.paid_minor)
    return decimal(order.paid_minor - order.refunded_minor)


def _reason_closed(order: Order) -> str:
    if order.closed_at is None:
        return "订单未关闭"
    return "退款" if order.paid_at is not None else "买家未付款"


def _message(order: Order) -> str:
    """Buyers write commas, quotes and line breaks: a reader must not lose its place in the table."""
    if order.buyer % 97:
        return ""
    return ('请尽快发货,"谢谢"', "放门口\n不要打电话", "")[order.buyer // 97 % 3]


def _phases(order: Order) -> str:
    if order.kind != "presale":
        return ""
    rest = order.paid_minor - order.deposit_minor
    first = f"已付款，{beijing(order.deposit_at)}" if order.deposit_at is not None else "未付款"
    second = f"已付款，{beijing(order.paid_at)}" if order.paid_at is not None else "未付款"
    return f"阶段1：定金{decimal(order.deposit_minor)}元，{first}；阶段2：尾款{decimal(rest)}元，{second}"


def _detail_rows(world: World, file: str, orders: Sequence[Order], skus: dict[str, Sku]) -> list[list[str]]:
    """Rows of one detail list, planted ones first."""
    own = {order.order_id: order for order in orders}
    rows = [_order_details(own[broken.order_id], skus)[0][:6] for broken in world.broken_in(file)]
    for order in orders:
        rows += _order_details(order, skus)
    return rows


def _order_details(order: Order, skus: dict[str, Sku]) -> list[list[str]]:
    return [
        [
            _protected(order.order_id),
            skus[line.sku].name,
            decimal(line.unit_minor),
            str(line.quantity),
            skus[line.sku].spu,
            f"规格:{skus[line.sku].name_en}",
            "",
            "",
            status(order),
            line.sku,
        ]
        for line in order.lines
    ]
