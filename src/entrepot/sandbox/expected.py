"""The figures that the product must reach once every file of the world has been imported, in whatever order.

Computed from events, never from files. What a file hides (a row that cannot be read) is taken away here on
purpose: such an order does not exist for any reader, and its settlement lines name an order that is not
there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import translate, vat_inside
from entrepot.sandbox.clock import DAY, day_of
from entrepot.sandbox.rules import Judged, Policies, Rates, judged_orders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Shop, Sku

PnlKey = tuple[str, str, str, str]
"""Channel, shop, month, line of the profit and loss account."""
Finding = tuple[str, tuple[str, ...], int | None, str | None]
"""Kind, key, amount in minor units, currency."""
_Posting = tuple[str, str, str, str, str]
"""Day, shop, SKU, line, currency."""

_NET = ("revenue_goods", "revenue_shipping", "forfeited_deposits", "refunds")
_MARGIN = (*_NET, "revenue_without_cost", "cogs")


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """The money of one order, in its currency.

    Attributes:
        paid_minor: 0 until paid.
        refunded_after_minor: Sum of the refund lines of wallet or payout.
        recognised_at: Seconds since 1970; None where it never was.
        settled_minor: Sum of its income lines; None without one.
    """

    currency: str
    goods_minor: int
    discounts: dict[str, int]
    points_minor: int
    balance_minor: int
    shipping_minor: int
    tax_minor: int
    paid_minor: int
    refunded_before_minor: int
    refunded_after_minor: int
    recognised_at: int | None
    recognised_by_settlement: bool
    settled_minor: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out.

    Attributes:
        pnl: In the reporting currency; income positive, expense negative. Fees stand as `fees.<code>` and as
        their
            sum `fees`; the subtotals are `net_revenue`, `gross_margin`, `contribution_margin`. Empty without
            rates.
        pnl_by_sku: The same by (channel, shop, month, SKU, line), without subtotals; blank SKU: belongs to
        none. pnl_local: (channel, shop, month, line, currency) in the currency of each posting, not
        translated. gmv_bridge: Per (channel, shop), in the shop's currency, see `_bridge`. exceptions: See
        `docs/reference/accounting.md`, section 9. order_money: Per (channel, shop, order number).
    """

    pnl: dict[PnlKey, int]
    pnl_by_sku: dict[tuple[str, str, str, str, str], int]
    pnl_local: dict[tuple[str, str, str, str, str], int]
    gmv_bridge: dict[tuple[str, str], dict[str, int]]
    exceptions: frozenset[Finding]
    order_money: dict[tuple[str, str, str], OrderMoney]


def expected(
    world: World,
    reporting_currency: str = "CNY",
    rates: Rates | None = None,
    policies: Policies | None = None,
) -> Expected:
    """Compute the figures.

    Args:
        world: What happened.
        reporting_currency: Currency of `pnl`.
        rates: Units per euro in millionths; without them nothing is translated and `pnl` stays empty.
        policies: The entity's decisions; the shipped ones when left out.
    """
    policies = policies or Policies()
    shops = {shop.shop: shop for shop in world.shops}
    skus = {sku.sku_id: sku for sku in world.skus}
    judged = judged_orders(world, shops, skus, policies)
    postings = _Postings()
    without_cost: dict[tuple[str, str], int] = {}
    for case in judged:
        _post_order(case, shops[case.order.shop], skus, postings, without_cost)
    _post_forfeited(world, shops, postings)
    _post_settlement(world, shops, policies, postings)
    for spend in world.ad_spend:
        postings.add(spend.day, spend.shop, "", "ad_spend", spend.currency, -spend.minor)
    translated = postings.translated(reporting_currency, rates) if rates else {}
    return Expected(
        pnl=_with_subtotals(translated, shops),
        pnl_by_sku=_by_sku(translated, shops),
        pnl_local=postings.by_month(shops),
        gmv_bridge=_bridges(world, judged, shops),
        exceptions=_exceptions(world, judged, shops, policies, without_cost),
        order_money={(case.order.channel, case.order.shop, case.order.order_id): _money(case) for case in judged},
    )


class _Postings:
    """Amounts by day, shop, SKU, line and currency: the grain at which the rules translate."""

    def __init__(self) -> None:
        self.sums: defaultdict[_Posting, int] = defaultdict(int)

    def add(self, day: str, shop: str, sku: str, line: str, currency: str, minor: int) -> None:
        if minor:
            self.sums[day, shop, sku, line, currency] += minor

    def translated(self, to: str, rates: Rates) -> dict[tuple[str, str, str, str], int]:
        """Amounts by shop, month, SKU and line, in the reporting currency."""
        out: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
        for (day, shop, sku, line, currency), minor in self.sums.items():
            on = date.fromisoformat(day)
            out[shop, day[:7], sku, line] += (
                minor if currency == to else translate(minor, _rate(rates, currency, on), _rate(rates, to, on))
            )
        return dict(out)

    def by_month(self, shops: dict[str, Shop]) -> dict[tuple[str, str, str, str, str], int]:
        """Amounts by channel, shop, month, line and currency, untranslated."""
        out: defaultdict[tuple[str, str, str, str, str], int] = defaultdict(int)
        for (day, shop, _, line, currency), minor in self.sums.items():
            out[shops[shop].channel, shop, day[:7], line, currency] += minor
        return dict(out)


def _rate(rates: Rates, currency: str, on: date) -> int:
    return 1_000_000 if currency == "EUR" else rates(currency, on)


def _post_order(
    case: Judged,
    shop: Shop,
    skus: dict[str, Sku],
    postings: _Postings,
    without_cost: dict[tuple[str, str], int],
) -> None:
    """Revenue, cost and refunds of one order. An order that was never recognised posts nothing."""
    order, at = case.order, case.recognised_at
    if at is None:
        return
    day, currency = day_of(at, shop.zone), order.currency
    unknown: set[str] = set()
    for piece in case.pieces:
        line = "revenue_goods" if piece.sku else "revenue_shipping"
        postings.add(day, order.shop, piece.sku, line, currency, piece.net_minor)
        if not piece.sku:
            continue
        sku = skus.get(piece.sku)
        cost = sku.cost_on(day) if sku is not None and sku.listed else None
        if cost:
            postings.add(day, order.shop, piece.sku, "cogs", cost.currency, -piece.quantity * cost.minor)
            continue
        unknown.add(piece.sku)
        postings.add(day, order.shop, piece.sku, "revenue_without_cost", currency, -piece.net_minor)
        without_cost[order.shop, piece.sku] = without_cost.get((order.shop, piece.sku), 0) + piece.net_minor
    for back in (*case.before, *case.after):
        refund_day = day_of(max(at, back.at or at), shop.zone)
        for piece, share in case.refund_shares(back):
            net = piece.net_of(share)
            postings.add(refund_day, order.shop, piece.sku, "refunds", currency, -net)
            if piece.sku in unknown:
                postings.add(refund_day, order.shop, piece.sku, "revenue_without_cost", currency, net)
                without_cost[order.shop, piece.sku] -= net


def _post_forfeited(world: World, shops: dict[str, Shop], postings: _Postings) -> None:
    """Deposits that were kept. The order list has no closing time, so they count on the deposit's own day."""
    unseen = world.unseen_orders()
    for order in world.orders:
        if order.kind != "presale" or (order.shop, order.order_id) in unseen:
            continue
        if order.closed_at is not None and order.paid_at is None and order.deposit_at is not None:
            day = day_of(order.deposit_at, shops[order.shop].zone)
            postings.add(day, order.shop, "", "forfeited_deposits", order.currency, order.deposit_minor)


def _post_settlement(world: World, shops: dict[str, Shop], policies: Policies, postings: _Postings) -> None:
    """Fees, less the input VAT inside those of Chinese platforms, and advertising taken from a settlement."""
    for move in world.movements:
        if move.kind not in ("fee", "ad_spend"):
            continue
        shop, net = shops[move.shop], move.amount_minor
        if move.kind == "fee" and shop.platform_fee_vat:
            net -= vat_inside(net, policies.fee_vat_bp)
        line = f"fees.{move.code}" if move.kind == "fee" else "ad_spend"
        postings.add(day_of(move.at, shop.zone), move.shop, "", line, move.currency, net)


def _by_sku(
    translated: dict[tuple[str, str, str, str], int], shops: dict[str, Shop]
) -> dict[tuple[str, str, str, str, str], int]:
    return {
        (shops[shop].channel, shop, month, sku, line): minor
        for (shop, month, sku, line), minor in translated.items()
        if minor
    }


def _with_subtotals(translated: dict[tuple[str, str, str, str], int], shops: dict[str, Shop]) -> dict[PnlKey, int]:
    out: defaultdict[PnlKey, int] = defaultdict(int)
    for (shop, month, _, line), minor in translated.items():
        head = (shops[shop].channel, shop, month)
        lines = [line, "contribution_margin"]
        if line.startswith("fees."):
            lines.append("fees")
        if line in _NET:
            lines.append("net_revenue")
        if line in _MARGIN:
            lines.append("gross_margin")
        for name in lines:
            out[(*head, name)] += minor
    return {key: minor for key, minor in out.items() if minor}


def _bridges(world: World, judged: Iterable[Judged], shops: dict[str, Shop]) -> dict[tuple[str, str], dict[str, int]]:
    out = {(shop.channel, shop.shop): dict.fromkeys(_BRIDGE, 0) for shop in world.shops}
    for case in judged:
        _bridge(case, out[shops[case.order.shop].channel, case.order.shop])
    for bridge in out.values():
        bridge["paid"] = bridge["placed"] - bridge["unpaid"] + bridge["third_party"]
        bridge["shipped"] = bridge["paid"] - bridge["closed_before_recognition"] - bridge["not_shipped"]
        bridge["recognised"] = bridge["shipped"] - bridge["not_recognised"]
        bridge["net"] = bridge["recognised"] - bridge["refunds"]
    return out


_BRIDGE = (
    "placed",
    "unpaid",
    "third_party",
    "paid",
    "closed_before_recognition",
    "not_shipped",
    "shipped",
    "not_recognised",
    "recognised",
    "refunds",
    "net",
)


def _bridge(case: Judged, bridge: dict[str, int]) -> None:
    """Count one order in the bridge from what was placed to what was kept.

    placed - unpaid + third_party = paid; less closed_before_recognition and not_shipped = shipped; less
    not_recognised = recognised; less refunds = net. `placed` is after all discounts, while from `paid` on an
    order counts with what third parties pay: `third_party` is that difference. Closed orders leave before
    `shipped`, whether they had been shipped or not.
    """
    order = case.order
    placed = order.goods_minor + order.shipping_minor + order.tax_minor - sum(order.discounts.values())
    bridge["placed"] += placed
    if order.paid_at is None:
        bridge["unpaid"] += placed
        return
    bridge["third_party"] += case.value_minor - placed
    if order.closed_at is not None:
        bridge["closed_before_recognition"] += case.value_minor
    elif case.recognised_at is not None:
        bridge["refunds"] += case.refunded_minor
    elif order.shipped_at is not None:
        bridge["not_recognised"] += case.value_minor
    else:
        bridge["not_shipped"] += case.value_minor


def _exceptions(
    world: World,
    judged: Iterable[Judged],
    shops: dict[str, Shop],
    policies: Policies,
    without_cost: dict[tuple[str, str], int],
) -> frozenset[Finding]:
    """All findings. Keys are those of section 9, but a file stands with its name instead of its raw id.

    Lines of a settlement have no number that every file gives, so an adjustment's key is channel, shop and the order
    that it names, if any.
    """
    found: list[Finding] = [
        ("quarantined_row", (row.file, str(row.row_no), row.reason), None, None) for row in world.broken
    ]
    last: dict[str, int] = {}
    for move in world.movements:
        last[move.shop] = max(last.get(move.shop, move.at), move.at)
    known: set[tuple[str, str]] = set()
    for case in judged:
        known.add((case.order.shop, case.order.order_id))
        found += _order_findings(case, last.get(case.order.shop), policies)
    found += _movement_findings(world, known)
    for gap in world.wallet_gaps:
        found.append(("wallet_gap", (gap.wallet, gap.line_id), gap.minor, gap.currency))
    for wrong in world.wrong_totals:
        if wrong.settlement_id:  # a batch's own total is an exception of its own, once
            batch = ("amazon", "amazon-us", wrong.settlement_id)
            found.append(("settlement_total", batch, wrong.excess_minor, wrong.currency))
        else:
            found.append(("control_total", (wrong.file, wrong.name), wrong.excess_minor, wrong.currency))
    for (shop, sku), minor in without_cost.items():
        found.append(("sku_without_cost", (shop, sku), minor, shops[shop].currency))
    return frozenset(found)


def _movement_findings(world: World, known: set[tuple[str, str]]) -> list[Finding]:
    """Orders that only a settlement names, and adjustments that nobody explains."""
    found: list[Finding] = []
    strange: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for move in world.movements:
        if move.order_ref and (move.shop, move.order_ref) not in known:
            strange[move.channel, move.shop, move.order_ref, move.currency] += move.amount_minor
        elif move.kind == "adjustment":
            key = (move.channel, move.shop, move.order_ref or "")
            found.append(("settlement_adjustment", key, move.amount_minor, move.currency))
    for (channel, shop, order, currency), minor in strange.items():
        found.append(("settlement_without_order", (channel, shop, order), minor, currency))
    return found


def _order_findings(case: Judged, last: int | None, policies: Policies) -> list[Finding]:
    order = case.order
    key = (order.channel, order.shop, order.order_id)
    found: list[Finding] = []
    if case.identity_gap_minor:
        found.append(("order_identity", key, case.identity_gap_minor, order.currency))
    limit = case.value_minor if order.paid_at is not None else 0
    if case.refunded_minor > limit:
        found.append(("refund_exceeds_paid", key, case.refunded_minor - limit, order.currency))
    if case.income_minor is not None:
        difference = case.income_minor - case.settlement_due_minor
        if difference:
            found.append(("settlement_difference", key, difference, order.currency))
    elif case.recognised_at is not None and last is not None:
        overdue = last - case.recognised_at > policies.settlement_days_max * DAY
        if overdue:
            found.append(("settlement_missing", key, case.settlement_due_minor, order.currency))
    return found


def _money(case: Judged) -> OrderMoney:
    order = case.order
    return OrderMoney(
        currency=order.currency,
        goods_minor=order.goods_minor,
        discounts={funder: minor for funder, minor in order.discounts.items() if minor},
        points_minor=order.points_minor,
        balance_minor=order.balance_minor,
        shipping_minor=order.shipping_minor,
        tax_minor=order.tax_minor,
        paid_minor=order.paid_minor if order.paid_at is not None else 0,
        refunded_before_minor=case.before_minor,
        refunded_after_minor=case.after_minor,
        recognised_at=case.recognised_at,
        recognised_by_settlement=case.by_settlement,
        settled_minor=case.income_minor,
    )
