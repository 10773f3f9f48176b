"""The rules of accounting, once more and in plain integers: recognition, refunds, settlement of one order.

Follows `docs/reference/accounting.md`; where that page leaves something open, the reading taken here is said
in the docstring and can be turned with `Policies`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import allocate, half_up, vat_inside

if TYPE_CHECKING:
    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Movement, Order, Shop, Sku

Rates = Callable[[str, date], int]
"""Units of a currency per euro, times 1,000,000, on the last day with a rate up to the given one."""

CONFIRMED, SHIPPED = "confirmed", "shipped"
_RECOGNISED_BY = {
    "tmall": CONFIRMED,
    "jd": CONFIRMED,
    "pinduoduo": CONFIRMED,
    "douyin": CONFIRMED,
    "shopify": SHIPPED,
    "own_shop": SHIPPED,
}


@dataclass(frozen=True, slots=True)
class Policies:
    """What an entity may decide.

    Attributes:
        vat_rate_bp_domestic: VAT inside the prices of domestic shops, for freight and for articles without a
        rate. vat_rate_bp_abroad: The same for cross-border shops and shops abroad. sku_rate_abroad: Whether
        an article's Chinese rate is used outside of domestic shops too. fee_vat_bp: Input VAT inside the fees
        of Chinese platforms. settlement_days_max: Days after recognition within which a settlement must come.
        income_recognises_unshipped: Whether income recognises an order of a shop that recognises at shipment.
    """

    vat_rate_bp_domestic: int = 1300
    vat_rate_bp_abroad: int = 0
    sku_rate_abroad: bool = False
    fee_vat_bp: int = 600
    settlement_days_max: int = 15
    income_recognises_unshipped: bool = False

    def shop_vat_bp(self, shop: Shop) -> int:
        """Rate for freight, and for articles without a rate."""
        return self.vat_rate_bp_domestic if shop.domestic else self.vat_rate_bp_abroad

    def sku_vat_bp(self, shop: Shop, sku: Sku | None) -> int:
        """Rate for an article; that of the SKU list is Chinese VAT and only counts in domestic shops."""
        if sku is None or not sku.listed or sku.vat_bp is None or not (shop.domestic or self.sku_rate_abroad):
            return self.shop_vat_bp(shop)
        return sku.vat_bp


@dataclass(frozen=True, slots=True)
class Piece:
    """One share of an order's revenue: a line or the freight.

    Attributes:
        sku: Blank for freight.
        gross_minor: Revenue before VAT is taken out.
        vat_minor: VAT inside it.
        vat_bp: Rate of that VAT; 0 where only the amount is stated.
    """

    sku: str
    quantity: int
    gross_minor: int
    vat_minor: int
    vat_bp: int

    @property
    def net_minor(self) -> int:
        """Revenue."""
        return self.gross_minor - self.vat_minor

    def net_of(self, share_minor: int) -> int:
        """A part of the piece without its VAT: by the rate, or in proportion where the VAT is only an amount."""
        if self.vat_bp:
            return share_minor - vat_inside(share_minor, self.vat_bp)
        if self.vat_minor and self.gross_minor > 0:
            return share_minor - half_up(share_minor * self.vat_minor, self.gross_minor)
        return share_minor


@dataclass(frozen=True, slots=True)
class Back:
    """Money that went back, and what for as far as the file says it.

    Attributes:
        at: When it counts at the earliest; None: on the day of recognition.
        line: Position of the article that the file names.
        part: `goods`, `shipping` or `tax` where the file names the part of the price; blank where it does not.
    """

    at: int | None
    minor: int
    line: int | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One order with everything that the rules say about it.

    Attributes:
        pieces: Lines in their order, then freight.
        recognised_at: None where it never was.
        by_settlement: Recognised by its first income, because nothing better is known.
        stated_minor: Refund that the order's own source states.
        before: Refunds before recognition, as the rules see them.
        after: Every refund line, amounts positive.
        income_minor: Sum of the order's income lines; None where there is none.
    """

    order: Order
    pieces: tuple[Piece, ...]
    recognised_at: int | None
    by_settlement: bool
    stated_minor: int
    before: tuple[Back, ...]
    after: tuple[Back, ...]
    income_minor: int | None

    @property
    def before_minor(self) -> int:
        """Refund before recognition."""
        return sum(back.minor for back in self.before)

    @property
    def after_minor(self) -> int:
        """Refund that wallet or payout shows."""
        return sum(back.minor for back in self.after)

    @property
    def refunded_minor(self) -> int:
        """All refunds of the order."""
        return self.before_minor + self.after_minor

    @property
    def value_minor(self) -> int:
        """What the order brings before refunds: cash, balance tenders and third-party funding."""
        return self.order.paid_minor + self.order.balance_minor + self.order.third_party_minor

    @property
    def settlement_due_minor(self) -> int:
        """What the platform owes for the order.

        A balance tender is the buyer's cash in another pocket, so it is owed too, although the formula of
        section
        6 names only what was paid; file-semantics says so for JD.
        """
        kept = self.order.tax_minor if self.order.platform_keeps_tax else 0
        return self.value_minor - self.before_minor - kept

    @property
    def identity_gap_minor(self) -> int:
        """Left side less right side of the money identity; 0 for an order that is not paid."""
        order = self.order
        if order.paid_at is None:
            return 0
        left = order.goods_minor + order.shipping_minor + order.tax_minor - sum(order.discounts.values())
        return left - order.paid_minor - order.points_minor - order.balance_minor

    def refund_shares(self, back: Back) -> list[tuple[Piece, int]]:
        """What each line and the freight bear of a refund, VAT included; the tax's share is no revenue."""
        goods = [piece.gross_minor for piece in self.pieces[:-1]]
        shipping, tax = self.order.shipping_minor, self.order.tax_minor
        if back.line is not None:
            named = self.order.lines[back.line]
            goods = [gross if at == back.line else 0 for at, gross in enumerate(goods)]
            if not back.part:
                shipping, tax = named.shipping_minor, named.tax_minor
        if back.part:
            goods = goods if back.part == "goods" else [0] * len(goods)
            shipping = shipping if back.part == "shipping" else 0
            tax = tax if back.part == "tax" else 0
        weights = [*goods, shipping, tax]
        if not any(weights):
            weights = [*(piece.gross_minor for piece in self.pieces), self.order.tax_minor]
        shares = allocate(back.minor, weights)
        return list(zip(self.pieces, shares[:-1], strict=True))


def judge(order: Order, shop: Shop, moves: Sequence[Movement], skus: dict[str, Sku], policies: Policies) -> Judged:
    """Apply the rules to one order.

    Args:
        order: As it stands at the end.
        shop: The shop it was placed in.
        moves: All movements that name the order, oldest first.
        skus: Articles by number.
        policies: The entity's decisions.
    """
    incomes = [move for move in moves if move.kind == "order_income"]
    after = tuple(Back(move.at, -move.amount_minor, *_named(move)) for move in moves if move.kind == "order_refund")
    stated = _stated_refund(order, has_income=bool(incomes))
    recognised_at, by_settlement = _recognition(order, moves, incomes, policies)
    return Judged(
        order=order,
        pieces=_pieces(order, shop, skus, policies),
        recognised_at=recognised_at,
        by_settlement=by_settlement,
        stated_minor=stated,
        before=_before(order, max(0, stated - sum(back.minor for back in after))),
        after=after,
        income_minor=sum(move.amount_minor for move in incomes) if incomes else None,
    )


def judged_orders(world: World, shops: dict[str, Shop], skus: dict[str, Sku], policies: Policies) -> list[Judged]:
    """Apply the rules to every order that a reader can know of."""
    by_order: defaultdict[tuple[str, str], list[Movement]] = defaultdict(list)
    for move in world.movements:
        if move.order_ref:
            by_order[move.shop, move.order_ref].append(move)
    unseen = world.unseen_orders()
    return [
        judge(order, shops[order.shop], by_order[order.shop, order.order_id], skus, policies)
        for order in world.orders
        if (order.shop, order.order_id) not in unseen
    ]


_PARTS = {"Tax": "tax", "ShippingTax": "tax", "Shipping": "shipping"}


def _named(move: Movement) -> tuple[int | None, str]:
    """Line and part of the price that a refund names: Amazon both, JD the goods of one article, Douyin the line."""
    if move.channel == "amazon":
        return move.line, _PARTS.get(move.label.rsplit("|", 1)[1], "goods")
    if move.channel == "jd":
        return move.line, "goods"
    return (move.line, "") if move.channel == "douyin" else (None, "")


def _before(order: Order, minor: int) -> tuple[Back, ...]:
    """Refunds before recognition; Douyin states them by sub-order."""
    if not minor:
        return ()
    if order.channel == "douyin":
        return tuple(Back(None, refund.minor, refund.line) for refund in order.refunds if not refund.after)
    return (Back(None, minor),)


def _pieces(order: Order, shop: Shop, skus: dict[str, Sku], policies: Policies) -> tuple[Piece, ...]:
    grosses = [*order.weights()[0], order.shipping_minor]
    if order.vat_included_minor:
        vats, rates = allocate(order.vat_included_minor, grosses), [0] * len(grosses)
    else:
        rates = [policies.sku_vat_bp(shop, skus.get(line.sku)) for line in order.lines] + [policies.shop_vat_bp(shop)]
        vats = [vat_inside(gross, rate) for gross, rate in zip(grosses, rates, strict=True)]
    named = [*((line.sku, line.quantity) for line in order.lines), ("", 0)]
    return tuple(
        Piece(sku, quantity, gross, vat, rate)
        for (sku, quantity), gross, vat, rate in zip(named, grosses, vats, rates, strict=True)
    )


def _stated_refund(order: Order, *, has_income: bool) -> int:
    """What the order's own source says was refunded.

    Tmall, Shopify and own shops state the whole refund, JD and Pinduoduo only that an order was closed,
    Amazon nothing. Douyin states a refund before settlement in the settlement, so it is unknown until then.
    """
    if order.is_closed_refunded or order.channel in ("tmall", "shopify", "own_shop"):
        return order.refunded_minor
    if order.channel == "douyin" and has_income:
        return sum(refund.minor for refund in order.refunds if not refund.after)
    return 0


def _recognition(
    order: Order, moves: Sequence[Movement], incomes: Sequence[Movement], policies: Policies
) -> tuple[int | None, bool]:
    if order.paid_at is None or order.closed_at is not None:
        return None, False
    if order.channel == "amazon":
        return (moves[0].at, True) if moves else (None, False)
    by = _RECOGNISED_BY[order.channel]
    known = order.confirmed_at if by == CONFIRMED else order.shipped_at
    if known is not None and "confirmation_hidden" not in order.quirks:
        return known, False
    if not incomes or (by == SHIPPED and not policies.income_recognises_unshipped):
        return None, False
    return incomes[0].at, True
