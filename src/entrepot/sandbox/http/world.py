"""Orders that live: placed, paid, shipped, confirmed, refunded while somebody reads them. Everything from a seed.

Times are unix seconds of the simulated platform, money is minor units. A platform is a view of this world at an
instant; the truth is another view of the same, in the words of the canonical tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.sandbox.facts import AdSpend

HOUR, DAY = 3_600, 86_400
_RUSH_S = 2 * HOUR
"""Of a great sale's orders the mean comes so long after it begins."""

_FATES = (
    ("done", 46),
    ("unpaid", 10),
    ("closed", 10),
    ("part_refunded", 12),
    ("withdrawn", 8),
    ("open_paid", 6),
    ("open_shipped", 8),
)
_TITLES = ("小衫 白色", "羊毛围巾", "牛仔裤 深蓝 <&>", "亚麻衬衫", "Socks “3 pairs”", "保温杯 500ml")


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line of an order with its parts of what is taken off."""

    line_id: str
    listing_id: str
    variant_id: str
    sku: str
    title: str
    quantity: int
    unit_minor: int
    merchant_minor: int
    platform_minor: int
    points_minor: int
    talent_minor: int = 0

    @property
    def share_minor(self) -> int:
        """Its part of the cash, freight left out."""
        off = self.merchant_minor + self.platform_minor + self.points_minor + self.talent_minor
        return self.goods_minor - off

    @property
    def goods_minor(self) -> int:
        """Price times quantity."""
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        what: placed, deposit, paid, shipped, confirmed, cancelled, refund_applied, refund_agreed, refund_done,
            refund_closed, noted.
        at: The platform's time of it, which lists show as time of modification.
        seen_at: When the platform's lists begin to show it: later than `at` for what comes late.
    """

    what: str
    at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """An order with its whole life; a view of it is taken at an instant.

    Attributes:
        refunded_line: Place of the line that a refund after shipping is about.
        events: Oldest first.
        deposit_minor: Paid first, where the order is a presale.
        balance_minor: Paid from the buyer's balance at the platform.
        is_abroad: Whether it comes from abroad; None lets the platform draw it.
        refund_minor: What a refund is for; None for the whole share of what it is about.
        held: What the platform holds it for while it is paid and waits; empty for nothing.
        due_minor: Cash that the platform says is due; None where it is what the parts add up to.
    """

    order_id: str
    case_id: str
    buyer: str
    lines: tuple[LiveLine, ...]
    shipping_minor: int
    merchant_minor: int
    platform_minor: int
    points_minor: int
    refunded_line: int
    events: tuple[Event, ...]
    deposit_minor: int = 0
    balance_minor: int = 0
    is_abroad: bool | None = None
    refund_minor: int | None = None
    due_minor: int | None = None
    held: str = ""

    @property
    def goods_minor(self) -> int:
        """Goods before discounts."""
        return sum(line.goods_minor for line in self.lines)

    @property
    def cash_minor(self) -> int:
        """What the buyer pays in cash."""
        if self.due_minor is not None:
            return self.due_minor
        return sum(line.share_minor for line in self.lines) + self.shipping_minor - self.balance_minor

    def seen(self, now: int) -> OrderView | None:
        """The order as the platform shows it at an instant; None before it is there."""
        events = [event for event in self.events if event.seen_at <= now]
        return OrderView(self, tuple(events)) if events else None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order at an instant."""

    order: LiveOrder
    events: tuple[Event, ...]

    def at(self, what: str) -> int | None:
        """When something happened; None when it has not."""
        return next((event.at for event in self.events if event.what == what), None)

    @property
    def modified_at(self) -> int:
        """The newest change."""
        return self.events[-1].at

    @property
    def stage(self) -> str:
        """unpaid, paid, shipped, done, cancelled (never paid), closed (refunded whole before it left)."""
        for what, stage in (("confirmed", "done"), ("cancelled", "cancelled")):
            if self.at(what) is not None:
                return stage
        if self.at("refund_done") is not None and self.at("shipped") is None:
            return "closed"
        for what, stage in (("shipped", "shipped"), ("paid", "paid")):
            if self.at(what) is not None:
                return stage
        return "unpaid"

    @property
    def paid_minor(self) -> int:
        """Cash paid, before refunds."""
        return self.order.cash_minor if self.at("paid") is not None else 0

    @property
    def refunded_lines(self) -> tuple[LiveLine, ...]:
        """Lines that a refund is about, once one is applied for: all of them before the goods leave, else one."""
        if self.at("refund_applied") is None:
            return ()
        shipped = any(event.what == "shipped" for event in self.order.events)
        return self.order.lines[self.order.refunded_line :][:1] if shipped else self.order.lines

    @property
    def refund_minor(self) -> int:
        """What the refund is for."""
        lines = self.refunded_lines
        if lines and self.order.refund_minor is not None:
            return self.order.refund_minor
        freight = self.order.shipping_minor if lines and len(lines) == len(self.order.lines) and not self._ships else 0
        return sum(line.share_minor for line in lines) + freight

    @property
    def _ships(self) -> bool:
        return any(event.what == "shipped" for event in self.order.events)

    @property
    def refunded_minor(self) -> int:
        """What was given back."""
        return self.refund_minor if self.at("refund_done") is not None else 0

    @property
    def refund_stage(self) -> str:
        """none, applied, agreed, done, closed."""
        for what in ("refund_done", "refund_closed", "refund_agreed", "refund_applied"):
            if self.at(what) is not None:
                return what.removeprefix("refund_")
        return "none"

    @property
    def refund_modified_at(self) -> int | None:
        """The newest change of the refund."""
        times = [event.at for event in self.events if event.what.startswith("refund_")]
        return max(times) if times else None


@dataclass
class LiveWorld:
    """Orders of one shop.

    Attributes:
        seed: Of everything.
        orders: How many.
        start_s: First instant.
        days: So long orders are placed; lives end two days later.
        late: Whether some changes are shown up to seven minutes late.
        base_id: Number of the first order: ids are greater than 2^53.
        lines_max: Lines of an order at most.
        made: Orders that are there already; those that are drawn come behind them.
        ads: What the shop spends on advertising; drawn where there is none.
        rush_s: When a great sale begins: half of the orders come in its first hours. None where there is none.
    """

    seed: int
    orders: int
    start_s: int
    days: int
    late: bool = False
    base_id: int = 2_890_000_000_000_000_000
    lines_max: int = 3
    made: list[LiveOrder] = field(default_factory=list)
    rush_s: int | None = None
    ads: tuple[AdSpend, ...] = ()

    def __post_init__(self) -> None:
        dice = Random(self.seed)  # noqa: S311 two runs must agree
        for number in range(self.orders):
            self.made.append(self._order(dice, number))
        self._by_id = {order.order_id: order for order in self.made}
        self._by_case = {order.case_id: order for order in self.made}
        self._shown: tuple[int, list[OrderView]] = (-1, [])

    @property
    def end_s(self) -> int:
        """Nothing happens after it."""
        return max(event.seen_at for order in self.made for event in order.events) + 1

    def views(self, now: int) -> list[OrderView]:
        """Every order that is there at an instant. Who pages through lists asks for one instant again and again."""
        at, views = self._shown
        if at != now:
            views = [view for order in self.made if (view := order.seen(now)) is not None]
            self._shown = (now, views)
        return list(views)

    def view(self, order_id: str, now: int) -> OrderView | None:
        """One order."""
        order = self._by_id.get(order_id)
        return order.seen(now) if order else None

    def view_of_case(self, case_id: str, now: int) -> OrderView | None:
        """The order that a refund belongs to."""
        order = self._by_case.get(case_id)
        return order.seen(now) if order else None

    def _order(self, dice: Random, number: int) -> LiveOrder:
        order_id = str(self.base_id + number * 7_919 + dice.randrange(7_000))
        count = min(dice.choices((1, 2, 3), (60, 28, 12))[0], self.lines_max)
        raw = [(dice.choice((1, 1, 1, 2, 3)), dice.randrange(990, 39_900)) for _ in range(count)]
        goods = sum(quantity * unit for quantity, unit in raw)
        shipping = dice.choice((0, 0, 600, 1_000))
        merchant = goods * dice.choice((0, 0, 5, 12)) // 100
        platform = dice.choice((0, 0, 0, 300))
        points = dice.choice((0, 0, 0, 0, 55))
        weights = [quantity * unit for quantity, unit in raw]
        taken = zip(*(_shares(amount, weights) for amount in (merchant, platform, points)), strict=True)
        lines = tuple(
            LiveLine(
                order_id if count == 1 else str(int(order_id) + 100 + place),
                str(680_000_000_000 + (unit * 37) % 997),
                str(5_120_000_000_000 + (unit * 31) % 9_973),
                f"SKU-{(unit * 37) % 997:03d}",
                dice.choice(_TITLES),
                quantity,
                unit,
                *parts,
            )
            for place, ((quantity, unit), parts) in enumerate(zip(raw, taken, strict=True))
        )
        placed = self.start_s + dice.randrange(self.days * DAY)
        if self.rush_s is not None and dice.randrange(2):
            placed = self.rush_s + int(dice.expovariate(1 / _RUSH_S)) % DAY
        fate = dice.choices([name for name, _ in _FATES], [weight for _, weight in _FATES])[0]
        return LiveOrder(
            order_id,
            str(190_000_000_000_000_000 + number * 13 + 5),
            f"AAH{dice.randrange(10**12):012d}",
            lines,
            shipping,
            merchant,
            platform,
            points,
            dice.randrange(count),
            tuple(self._events(dice, fate, placed)),
        )

    def _events(self, dice: Random, fate: str, placed: int) -> list[Event]:
        happened = [("placed", placed)]
        paid = placed + dice.randrange(20, HOUR)
        shipped = paid + dice.randrange(HOUR, 10 * HOUR)
        confirmed = shipped + dice.randrange(3 * HOUR, 20 * HOUR)
        if fate == "unpaid":
            happened.append(("cancelled", placed + dice.randrange(HOUR, 6 * HOUR)))
        else:
            happened.append(("paid", paid))
        if fate == "closed":
            applied = paid + dice.randrange(60, HOUR)
            happened += [("refund_applied", applied), ("refund_done", applied + dice.randrange(60, 3 * HOUR))]
        if fate in ("done", "part_refunded", "withdrawn", "open_shipped"):
            happened.append(("shipped", shipped))
        if fate in ("part_refunded", "withdrawn"):
            applied = shipped + dice.randrange(60, HOUR)
            ends = "refund_done" if fate == "part_refunded" else "refund_closed"
            happened += [("refund_applied", applied), (ends, applied + dice.randrange(HOUR, 2 * HOUR + 1800))]
            if fate == "part_refunded":
                happened.append(("refund_agreed", applied + dice.randrange(60, HOUR)))
        if fate in ("done", "part_refunded", "withdrawn"):
            happened.append(("confirmed", confirmed))
        # Changes of nothing that counts: a remark, a flag. They move an order within lists all the same.
        happened += [("noted", placed + dice.randrange(60, 30 * HOUR)) for _ in range(dice.randrange(3))]
        late = (dice.randrange(1, 420) if self.late and dice.randrange(8) == 0 else 0 for _ in happened)
        events = [Event(what, at, at + wait) for (what, at), wait in zip(happened, late, strict=True)]
        # An order is placed before anything else is seen of it.
        events[0] = Event("placed", placed, placed)
        return sorted(events, key=lambda event: event.at)


def _shares(amount: int, weights: list[int]) -> list[int]:
    """An amount over weights, by largest remainder; whole minor units, adding up exactly."""
    total = sum(weights)
    floors = [amount * weight // total for weight in weights]
    rests = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place))
    for place in rests[: amount - sum(floors)]:
        floors[place] += 1
    return floors
