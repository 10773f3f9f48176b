"""What happens in the sample world: orders with everything that befell them, and movements of money.

These are facts as somebody standing beside the shop would note them. Files are views of them, written by the
`*_files` modules; the expected figures are computed from them by `expected`, never from a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from entrepot.sandbox.arithmetic import allocate


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit costs from a date on.

    Attributes:
        valid_from: First day, `2026-01-01`.
        minor: Cost of one unit, in the smallest unit of `currency`.
        currency: ISO 4217 code.
    """

    valid_from: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Sku:
    """One article of the brand.

    Attributes:
        prices: Price before discounts by currency, minor units.
        vat_bp: Chinese VAT rate in basis points; None where the list says nothing.
        costs: By `valid_from`, ascending; empty where nobody knows.
        listed: Whether the SKU list names it at all.
    """

    sku_id: str
    spu: str
    name: str
    name_en: str
    category: str
    prices: dict[str, int]
    vat_bp: int | None
    costs: tuple[Cost, ...]
    hs_code: str
    net_weight_g: int
    shelf_life_days: int | None
    listed: bool = True

    def cost_on(self, day: str) -> Cost | None:
        """The cost valid on a day, or None."""
        valid = [cost for cost in self.costs if cost.valid_from <= day]
        return valid[-1] if valid else None


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity: who sells."""

    entity_id: str
    country: str
    currency: str


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop on one channel.

    Attributes:
        shop: The id that the files give, or the company file where they give none.
        domestic: Chinese VAT is inside the prices.
        platform_fee_vat: The platform's fees contain Chinese input VAT.
        folder: Folder of its files.
    """

    channel: str
    shop: str
    entity: str
    sale_model: str
    zone: str
    currency: str
    folder: str
    domestic: bool
    platform_fee_vat: bool


@dataclass(slots=True)
class Line:
    """One article of an order. The amounts per line are only used where a platform states them per line."""

    line_id: str
    sku: str
    quantity: int
    unit_minor: int
    merchant_minor: int = 0
    platform_minor: int = 0
    talent_minor: int = 0
    payment_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0

    @property
    def goods_minor(self) -> int:
        """Price times quantity, before every discount."""
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the buyer.

    Attributes:
        line: Position of the article it is for.
        after: The buyer had confirmed already (abroad: the goods had been shipped).
    """

    at: int
    minor: int
    line: int
    after: bool


@dataclass(slots=True)
class Order:
    """An order and what befell it. Instants in seconds, None for what has not happened.

    Attributes:
        discounts: Amount by funder (`merchant`, `platform`, `talent`, `payment_provider`), whole order.
        vat_included_minor: VAT inside the prices, where the platform states it for the whole order.
        paid_minor: Cash the buyer pays, before any refund; due, as long as `paid_at` is None.
        stated_per_line: The platform states discounts per line, so they are not shared out.
        platform_keeps_tax: Tax on top is collected by the platform and never paid out.
        closed_at: Cancelled unpaid, or closed with a full refund before recognition.
        quirks: Words for what a file writer must do differently with this order.
    """

    channel: str
    shop: str
    order_id: str
    currency: str
    lines: list[Line]
    placed_at: int
    buyer: int
    kind: str = "sale"
    shipping_minor: int = 0
    tax_minor: int = 0
    vat_included_minor: int = 0
    discounts: dict[str, int] = field(default_factory=dict)
    points_minor: int = 0
    balance_minor: int = 0
    paid_minor: int = 0
    stated_per_line: bool = False
    platform_keeps_tax: bool = False
    paid_at: int | None = None
    shipped_at: int | None = None
    confirmed_at: int | None = None
    closed_at: int | None = None
    deposit_minor: int = 0
    deposit_at: int | None = None
    refunds: list[Refund] = field(default_factory=list)
    quirks: frozenset[str] = frozenset()

    @property
    def goods_minor(self) -> int:
        """Sum of the lines before discounts."""
        return sum(line.goods_minor for line in self.lines)

    @property
    def third_party_minor(self) -> int:
        """What others than buyer and merchant pay for this order: their discounts and points."""
        return self.points_minor + sum(minor for funder, minor in self.discounts.items() if funder != "merchant")

    @property
    def refunded_minor(self) -> int:
        """All refunds that happened."""
        return sum(refund.minor for refund in self.refunds)

    @property
    def is_closed_refunded(self) -> bool:
        """Paid, then closed with the money going back before the goods were accepted."""
        return self.paid_at is not None and self.closed_at is not None

    @property
    def has_ended(self) -> bool:
        """Accepted by the buyer, or closed."""
        return self.confirmed_at is not None or self.closed_at is not None

    def weights(self) -> tuple[list[int], tuple[int, int]]:
        """What a refund is shared out over: the lines after merchant discounts; then shipping and tax."""
        goods = [line.goods_minor for line in self.lines]
        return [at - off for at, off in zip(goods, self.merchant_by_line(), strict=True)], (
            self.shipping_minor,
            self.tax_minor,
        )

    def merchant_by_line(self) -> list[int]:
        """The merchant's discount per line."""
        if self.stated_per_line:
            return [line.merchant_minor for line in self.lines]
        return allocate(self.discounts.get("merchant", 0), [line.goods_minor for line in self.lines])


@dataclass(slots=True)
class Movement:
    """One signed movement of money between a platform's account and the seller, positive towards the seller.

    Attributes:
        kind: `order_income`, `order_refund`, `fee`, `ad_spend`, `ad_topup`, `tax_withheld`, `reserve`,
            `withdrawal`, `transfer`, `adjustment`.
        code: Fee code, for fees.
        order_ref: Order that the movement names, or None.
        line: Position of the article that it names, or None.
        doc: Movements of one document share it; the line number of an Alipay ledger.
        label: The platform's own words for it.
    """

    at: int
    channel: str
    shop: str
    kind: str
    amount_minor: int
    currency: str
    code: str = ""
    order_ref: str | None = None
    line: int | None = None
    doc: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class AdSpend:
    """Advertising consumed on one day."""

    day: str
    channel: str
    shop: str
    campaign: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that no program can read, planted in a file.

    Attributes:
        file: Name of the file, without folder.
        row_no: As a spreadsheet shows it.
        reason: `columns`, `amount`, `ruined_id` or `unknown_status`.
        order_id: Order whose row was broken.
        is_extra: A good row of the same order stands in the same file.
    """

    file: str
    row_no: int
    reason: str
    shop: str
    order_id: str
    is_extra: bool


@dataclass(frozen=True, slots=True)
class WrongTotal:
    """A total printed in a file that its rows do not meet; `excess_minor` is printed minus true."""

    file: str
    name: str
    excess_minor: int
    currency: str
    settlement_id: str = ""


@dataclass(frozen=True, slots=True)
class WalletGap:
    """A jump in a running balance: money moved and no row says so."""

    wallet: str
    line_id: str
    minor: int
    currency: str


def as_of(order: Order, instant: int) -> Order | None:
    """The order as it stood at an instant, or None where it did not exist yet.

    Facts dated at the instant or later are taken away; nothing else changes.
    """

    def seen(fact: int | None) -> int | None:
        return fact if fact is not None and fact < instant else None

    if order.placed_at >= instant:
        return None
    return replace(
        order,
        paid_at=seen(order.paid_at),
        shipped_at=seen(order.shipped_at),
        confirmed_at=seen(order.confirmed_at),
        closed_at=seen(order.closed_at),
        deposit_at=seen(order.deposit_at),
        refunds=[refund for refund in order.refunds if refund.at < instant],
    )
