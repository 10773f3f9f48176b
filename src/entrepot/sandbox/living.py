"""The sample company's shops as worlds that live: the orders that its files list, shown by a simulated marketplace.

What a file shows once, at the end, happens here event by event, so that whoever syncs sees it come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import allocate
from entrepot.sandbox.clock import DAYS, START
from entrepot.sandbox.http.world import Event, LiveLine, LiveOrder, LiveWorld
from entrepot.sandbox.jd import held
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Order, Shop, Sku

ORDER_FILES = ("tmall_orders", "tmall_order_lines", "jd_orders", "pdd_orders", "douyin_orders")
"""Formats of the files that tell the same orders; of shops that do not live they stay files."""

_ASKED_BEFORE_S = 1_800
_CASE_ID = 190_000_000_000_000_000


def live_world(world: World, shop: Shop) -> LiveWorld:
    """One shop of the company.

    Args:
        world: What happened.
        shop: One on Tmall, JD, Pinduoduo or Douyin whose prices hold the tax.
    """
    articles = {sku.sku_id: (place, sku) for place, sku in enumerate(world.skus)}
    made = [_order(order, number, articles) for number, order in enumerate(world.orders_of(shop.shop))]
    ads = tuple(each for each in world.ad_spend if each.shop == shop.shop)
    return LiveWorld(world.seed, 0, START, DAYS, made=made, ads=ads)


def _order(order: Order, number: int, articles: dict[str, tuple[int, Sku]]) -> LiveOrder:
    return LiveOrder(
        # Pinduoduo puts the day of the order in front by itself.
        order.order_id.rpartition("-")[2],
        str(_CASE_ID + number * 13 + 5),
        person(order.buyer).nick,
        _lines(order, articles),
        order.shipping_minor,
        order.discounts.get("merchant", 0),
        order.discounts.get("platform", 0),
        order.points_minor + order.discounts.get("payment_provider", 0),
        order.refunds[0].line if order.refunds else 0,
        tuple(_events(order)),
        deposit_minor=order.deposit_minor,
        balance_minor=order.balance_minor,
        is_abroad=False,
        refund_minor=order.refunds[0].minor if order.refunds else None,
        due_minor=order.paid_minor,
        held=held(order) if order.channel == "jd" else "",
    )


def _lines(order: Order, articles: dict[str, tuple[int, Sku]]) -> tuple[LiveLine, ...]:
    """Lines with their parts of the discounts: as the platform states them, else shared out over the goods."""
    weights = [line.goods_minor for line in order.lines]
    if order.stated_per_line:
        parts = [(line.merchant_minor, line.platform_minor, line.payment_minor) for line in order.lines]
    else:
        points = order.points_minor + order.discounts.get("payment_provider", 0)
        amounts = (order.discounts.get("merchant", 0), order.discounts.get("platform", 0), points)
        parts = list(zip(*(allocate(amount, weights) for amount in amounts), strict=True))
    made = []
    for place, (line, (merchant, platform, points)) in enumerate(zip(order.lines, parts, strict=True)):
        at, sku = articles[line.sku]
        line_id = line.line_id if line.line_id.isdigit() else order.order_id.rpartition("-")[2]
        if line_id == order.order_id and len(order.lines) > 1:
            line_id = str(int(line_id) + 100 + place)
        made.append(
            LiveLine(
                line_id,
                *_numbers(order.channel, at),
                line.sku,
                sku.name,
                line.quantity,
                line.unit_minor,
                merchant,
                platform,
                points,
                line.talent_minor,
            )
        )
    return tuple(made)


def _numbers(channel: str, place: int) -> tuple[str, str]:
    """The platform's numbers of a listing and of its variant: those that the files of the shop have."""
    return {
        "jd": (f"2000{place:08d}", f"1000{place:08d}"),
        "douyin": (f"36{place:017d}", f"17{place:017d}"),
    }.get(channel, (str(680_000_000_000 + place), str(5_120_000_000_000 + place)))


def _events(order: Order) -> list[Event]:
    """What befell an order, oldest first; a refund is asked for before it is paid."""
    happened = [
        ("placed", order.placed_at),
        ("deposit", order.deposit_at),
        ("paid", order.paid_at),
        ("shipped", order.shipped_at),
        ("confirmed", order.confirmed_at),
        ("cancelled", order.closed_at if order.paid_at is None else None),
    ]
    for refund in order.refunds:
        happened += [("refund_applied", refund.at - _ASKED_BEFORE_S), ("refund_done", refund.at)]
    events = [Event(what, at, at) for what, at in happened if at is not None]
    return sorted(events, key=lambda event: event.at)
