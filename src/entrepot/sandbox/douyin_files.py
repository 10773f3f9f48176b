"""The files of the Douyin shops: orders by sub-order, settlement with its formula row. UTF-8 with a mark."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import DOUYIN, DOUYIN_GLOBAL
from entrepot.sandbox.clock import EARLY, END, MONTHS, beijing, month_of
from entrepot.sandbox.douyin import FEES, SETTLED, paid_for, payable_for
from entrepot.sandbox.facts import Line, Movement, Order, Shop, Sku, as_of
from entrepot.sandbox.paper import WrittenFile, put, sparse_quoted
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World

_ORDER_HEADER = [
    "主订单编号",
    "子订单编号",
    "支付方式",
    "选购商品",
    "货号",
    "商品ID",
    "商家编码",
    "商品数量",
    "商品金额",
    "订单提交时间",
    "支付完成时间",
    "订单完成时间",
    "承诺发货时间",
    "预约发货时间",
    "买家留言",
    "旗帜颜色",
    "商家备注",
    "APP渠道",
    "订单状态",
    "取消原因",
    "售后状态",
    "订单类型",
    "发货时间",
    "车型",
    "是否是以旧换新",
    "换新额外补贴",
    "换新额外补贴发放状态",
    "订单应付金额",
    "运费",
    "优惠总金额",
    "平台优惠",
    "商家优惠",
    "达人优惠",
    "商家改价",
    "支付优惠",
    "手续费",
    "红包抵扣",
    "降价类优惠",
    "平台实际承担优惠金额",
    "商家实际承担优惠金额",
    "达人实际承担优惠金额",
    "收件人",
    "收件人手机号",
    "省",
    "市",
    "区",
    "街道",
    "详细地址",
    "是否修改过地址",
    "快递信息",
    "序列号",
    "达人ID",
    "达人昵称",
    "拼团订单团编号",
    "商品单价是否含税",
    "税费",
    "鲁班落地页ID",
    "所属门店ID",
    "流量来源",
    "仓库ID",
    "仓库名称",
    "是否安心购",
    "广告渠道",
    "流量类型",
    "流量体裁",
    "流量渠道",
    "发货主体",
    "发货主体明细",
    "教育优惠",
    "预计送达时间",
    "是否平台仓自流转",
    "是否是渠道商品",
    "预约送达时间",
    "建议发货时间（起）",
    "建议发货时间（止）",
]
_AT = {name: at for at, name in enumerate(_ORDER_HEADER)}
_SETTLEMENT_HEADER = [
    "结算时间",
    "订单号",
    "子订单号",
    "结算金额",
    "结算账户",
    "结算单类型",
    "有结算前退款",
    "下单时间",
    "商品ID",
    "商品数量",
    "业务类型",
    "订单类型",
    "订单总价",
    "商品总价",
    "运费",
    "店铺劵",
    "结算前退款金额",
    "平台补贴",
    "达人补贴",
    "抖音支付补贴",
    "抖音月付营销补贴",
    "用户实付",
    "收入合计",
    "平台服务费",
    "佣金",
    "渠道分成",
    "招商服务费",
    "站外推广费",
    "其他分成",
    "其他分成说明",
    "支出合计",
    "是否免佣",
    "免佣金额",
    "备注",
]
_POSITIVE_FEES = "2026-09"
"""The settlement of this month writes its fees as positive amounts."""
_OVERLAP = "2026-09"
_WITHDRAWN = 4
"""Remainder of the buyers who asked for an after-sale and took it back."""
UNKNOWN_STATUS = "风险待核"


def orders_name(shop: Shop, month: str) -> str:
    """File name of one month's last order export; the number in front is the unix time of the export."""
    at = END + 600 + 60 * MONTHS.index(month) + (30 if shop == DOUYIN_GLOBAL else 0)
    return f"{at}_orders_{month.replace('-', '')}.csv"


EARLIER_ORDERS = f"{EARLY + 600}_orders_202609.csv"


def write_douyin(world: World, files: Path) -> list[WrittenFile]:
    """Write both shops.

    Per month of placement one order export, per month of settlement one settlement; for the domestic shop
    also an earlier export of September with the states of 1 October.
    """
    written: list[WrittenFile] = []
    skus = {sku.sku_id: (f"36{at:017d}", sku) for at, sku in enumerate(world.skus)}
    for shop in (DOUYIN, DOUYIN_GLOBAL):
        if shop in world.shops:
            written += _write_shop(world, shop, files / shop.folder, skus)
    return written


def _write_shop(world: World, shop: Shop, folder: Path, skus: dict[str, tuple[str, Sku]]) -> list[WrittenFile]:
    written: list[WrittenFile] = []
    orders, moves = world.orders_of(shop.shop), world.movements_of(shop.shop)

    def orders_file(name: str, placed: list[Order], role: str = "final") -> None:
        odd = {row.order_id for row in world.broken_in(name)}
        rows = [
            row
            for order in sorted(placed, key=lambda order: order.order_id not in odd)
            for row in _order_rows(order, skus, broken=order.order_id in odd)
        ]
        put(folder / name, sparse_quoted([_ORDER_HEADER, *rows]).encode("utf-8-sig"))
        written.append(WrittenFile(f"files/{shop.folder}/{name}", "douyin_orders", shop.shop, len(rows), role))

    by_id = {order.order_id: order for order in orders}
    for month in MONTHS:
        placed = [order for order in orders if month_of(order.placed_at) == month]
        orders_file(orders_name(shop, month), placed)
        if month == _OVERLAP and shop == DOUYIN:
            then = (as_of(order, EARLY) for order in placed)
            orders_file(EARLIER_ORDERS, [order for order in then if order], "earlier")
    settled = {
        doc.partition("|")[0]: rows for doc, rows in _documents(move for move in moves if move.label == SETTLED).items()
    }
    for month in MONTHS:
        name = f"{END + 900 + (30 if shop == DOUYIN_GLOBAL else 0)}_settlement_{month.replace('-', '')}.csv"
        part = _documents(move for move in moves if month_of(move.at) == month)
        rows = [_settlement_row(doc, settled, by_id, skus, positive=month == _POSITIVE_FEES) for doc in part.values()]
        formula = ["收入+支出" if title == "结算金额" else "" for title in _SETTLEMENT_HEADER]
        put(folder / name, sparse_quoted([_SETTLEMENT_HEADER, formula, *rows]).encode("utf-8-sig"))
        written.append(WrittenFile(f"files/{shop.folder}/{name}", "douyin_settlement", shop.shop, len(rows)))
    return written


def status(order: Order) -> str:
    """The platform's word for the state of an order."""
    if order.closed_at is not None:
        return "已关闭"
    if order.paid_at is None:
        return "待支付"
    if order.confirmed_at is not None:
        return "已完成"
    if order.shipped_at is not None:
        return "已发货"
    return "备货中" if order.buyer % 5 == 0 else "待发货"


def _after_sale(order: Order, number: int) -> str:
    if order.is_closed_refunded or any(refund.line == number for refund in order.refunds):
        return "退款成功"
    return "售后关闭" if order.buyer % 191 == _WITHDRAWN else "-"


def _order_rows(order: Order, skus: dict[str, tuple[str, Sku]], *, broken: bool) -> list[list[str]]:
    rows = []
    gap = order.paid_minor - sum(paid_for(line) for line in order.lines)
    for number, line in enumerate(order.lines):
        row = _order_row(order, line, skus, gap if number == 0 else 0)
        row[_AT["售后状态"]] = _after_sale(order, number)
        if broken:
            row[_AT["订单状态"]] = UNKNOWN_STATUS
        rows.append(row)
    return rows


def _order_row(order: Order, line: Line, skus: dict[str, tuple[str, Sku]], gap: int) -> list[str]:
    who, row = person(order.buyer), [""] * len(_ORDER_HEADER)
    number, sku = skus[line.sku]
    off = line.merchant_minor + line.platform_minor + line.talent_minor

    def say(name: str, cell: str) -> None:
        row[_AT[name]] = cell

    def when(instant: int | None) -> str:
        return beijing(instant) or "-"

    say("主订单编号", f"\t{order.order_id}")
    say("子订单编号", f"\t{line.line_id}")
    say("支付方式", "抖音支付")
    say("选购商品", sku.name)
    say("商品ID", f"\t{number}")
    say("商家编码", f"\t{line.sku}")
    say("商品数量", str(line.quantity))
    say("商品金额", decimal(line.goods_minor))
    say("订单提交时间", when(order.placed_at))
    say("支付完成时间", when(order.paid_at))
    say("订单完成时间", when(order.confirmed_at))
    say("订单状态", status(order))
    say("取消原因", "-" if order.closed_at is None else "不想要了")
    say("订单类型", "普通订单")
    say("发货时间", when(order.shipped_at))
    say("订单应付金额", decimal(payable_for(line) + gap))
    say("运费", decimal(line.shipping_minor))
    say("优惠总金额", decimal(off))
    for funder, minor in (
        ("平台", line.platform_minor),
        ("商家", line.merchant_minor),
        ("达人", line.talent_minor),
    ):
        say(f"{funder}优惠", decimal(minor))
        say(f"{funder}实际承担优惠金额", decimal(minor))
    say("支付优惠", decimal(line.payment_minor))
    say("收件人", f"##{who.name}")
    say("收件人手机号", f"$${who.phone}")
    say("详细地址", f"##{who.address}")
    say("税费", decimal(line.tax_minor) if order.platform_keeps_tax else "-")
    say("商品单价是否含税", "否" if order.platform_keeps_tax else "-")
    return row


def _documents(moves: Iterable[Movement]) -> dict[str, list[Movement]]:
    """Movements by settlement row, in the order of the rows."""
    out: defaultdict[str, list[Movement]] = defaultdict(list)
    for move in moves:
        out[move.doc].append(move)
    return dict(out)


def _settlement_row(
    doc: Sequence[Movement],
    settled: dict[str, list[Movement]],
    by_id: dict[str, Order],
    skus: dict[str, tuple[str, Sku]],
    *,
    positive: bool,
) -> list[str]:
    """One row. A refund row repeats the amounts of the row it belongs to, as the platform writes it."""
    head = doc[0]
    assert head.order_ref is not None, "a settlement row names its order"
    assert head.line is not None, "a settlement row names its sub-order"
    order = by_id[head.order_ref]
    line = order.lines[head.line]
    base = settled[line.line_id]
    before = sum(refund.minor for refund in order.refunds if not refund.after and refund.line == head.line)
    fees = {move.code: -move.amount_minor for move in base if move.kind == "fee"}
    income, spent = base[0].amount_minor, sum(fees.values())
    amount = income - spent if head.label == SETTLED else head.amount_minor
    sign = 1 if positive else -1
    third_party = line.platform_minor + line.talent_minor + line.payment_minor
    return [
        beijing(head.at),
        f"'{order.order_id}",
        f"'{line.line_id}",
        decimal(amount),
        "聚合账户",
        head.label,
        "是" if before else "否",
        beijing(order.placed_at),
        f"'{skus[line.sku][0]}",
        str(line.quantity),
        "精选联盟" if "affiliate_commission" in fees else "自营",
        "普通订单",
        decimal(payable_for(line) + line.platform_minor + line.talent_minor),
        decimal(line.goods_minor),
        decimal(line.shipping_minor),
        decimal(line.merchant_minor),
        decimal(before),
        decimal(line.platform_minor),
        decimal(line.talent_minor),
        decimal(line.payment_minor),
        "0.00",
        decimal(income - third_party + before),
        decimal(income),
        *(decimal(sign * fees.get(code, 0)) for _, code in FEES),
        "",
        decimal(sign * spent),
        "否",
        "0.00",
        "",
    ]
