"""What a shop has on offer, living: prices and stock change, products go off, come back, are banned, removed, added.

Products are those that the world's orders are about, so that codes meet, and two more that nobody has ordered. All that
happens by itself happens on the first day; a test may let more happen (`happen`). Times are unix seconds of the
simulated platform, money is minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrepot.sandbox.http.world import LiveWorld

_DAY, _PRODUCTS_MAX = 86_400, 10
_LIFE = ("price", "units", "off_shelf", "units", "on_sale", "banned", "price", "removed", "added", "draft", "sold_out")


@dataclass(frozen=True, slots=True)
class Variant:
    """A SKU of a product; its number is empty where the product has no SKUs of its own."""

    variant_id: str
    sku: str
    gtin: str
    unit_minor: int
    units: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product on the shelf.

    Attributes:
        state: on_sale, off_shelf, banned or draft; that it is sold out shows in its units.
        listed_at: When it was put there: an order that changes do not disturb.
        changed_at: The newest change.
    """

    listing_id: str
    title: str
    state: str
    variants: tuple[Variant, ...]
    listed_at: int
    changed_at: int

    @property
    def units(self) -> int:
        """Pieces of all its SKUs."""
        return sum(each.units for each in self.variants)


@dataclass
class Shelf:
    """Everything that one shop offers, at any instant.

    Args:
        world: Whose orders name products.
    """

    world: LiveWorld
    _events: list[tuple[int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = Random(self.world.seed + 1)  # noqa: S311 two runs must agree
        self._first = self._products()
        ids = list(self._first)
        for number, what in enumerate(_LIFE):
            at = self.world.start_s + self._dice.randrange(3_600, _DAY)
            self._events.append((at, "" if what == "added" else ids[number % len(ids)], what))
        self._events.sort()

    def happen(self, listing_id: str, what: str, at: int) -> None:
        """Let something happen now: price, units, sold_out, off_shelf, on_sale, banned, draft, removed, added."""
        self._events.append((at, listing_id, what))
        self._events.sort()

    def products(self, now: int) -> list[Product]:
        """What is there at an instant, newest listing first."""
        there = dict(self._first)
        for number, (at, listing_id, what) in enumerate(self._events):
            if at > now:
                continue
            if what == "added":
                made = self._made(f"{900_000_000_000 + number}", number, at)
                there[made.listing_id] = made
            elif what == "removed":
                there.pop(listing_id, None)
            elif listing_id in there:
                there[listing_id] = _changed(there[listing_id], what, at)
        return sorted(there.values(), key=lambda each: (-each.listed_at, each.listing_id))

    def product(self, listing_id: str, now: int) -> Product | None:
        """One product."""
        return next((each for each in self.products(now) if each.listing_id == listing_id), None)

    def truth(self, now: int, *, with_barcodes: bool = True) -> list[dict[str, Any]]:
        """Rows of the canonical table `listings`, in its words; instants in unix seconds."""
        return [
            {
                "listing_id": product.listing_id,
                "variant_id": variant.variant_id or None,
                "sku_id": variant.sku or None,
                "title": product.title,
                "gtin": (variant.gtin or None) if with_barcodes else None,
                "price_minor": variant.unit_minor,
                "state": "sold_out" if product.state == "on_sale" and not variant.units else product.state,
                "listed_units": variant.units,
                "changed_at": product.changed_at,
            }
            for product in self.products(now)
            for variant in product.variants
        ]

    def _products(self) -> dict[str, Product]:
        found: dict[str, Product] = {}
        for line in (line for order in self.world.made for line in order.lines):
            variant = Variant(line.variant_id, line.sku, _gtin(line.variant_id), line.unit_minor, 0)
            known = found.get(line.listing_id)
            if known is None and len(found) < _PRODUCTS_MAX:
                listed = self.world.start_s - (len(found) + 2) * _DAY
                found[line.listing_id] = Product(line.listing_id, line.title, "on_sale", (variant,), listed, listed)
            elif known is not None and all(each.variant_id != line.variant_id for each in known.variants):
                found[line.listing_id] = replace(known, variants=(*known.variants, variant))
        for listing_id, each in found.items():
            stocked = tuple(replace(one, units=self._dice.randrange(1, 400)) for one in each.variants)
            found[listing_id] = replace(each, variants=stocked)
        for number in range(2):
            made = self._made(f"{910_000_000_000 + number}", number, self.world.start_s - _DAY)
            found[made.listing_id] = made
        return found

    @staticmethod
    def _made(listing_id: str, number: int, at: int) -> Product:
        """A product that nobody has ordered; the first of them has no code, the others one that no order names."""
        sku = f"NEW-{number:03d}" if number else ""
        variants = tuple(
            Variant(f"{int(listing_id) * 10 + place}", sku and f"{sku}-{place}", "", 1_999 + place, 50 + place)
            for place in range(number % 2 + 1)
        )
        return Product(listing_id, "新品 披肩 <&>", "on_sale", variants, at, at)


def _changed(product: Product, what: str, at: int) -> Product:
    variants = product.variants
    if what == "price":
        variants = tuple(replace(each, unit_minor=each.unit_minor + 110) for each in variants)
    elif what == "units":
        variants = tuple(replace(each, units=each.units // 2) for each in variants)
    elif what == "sold_out":
        variants = tuple(replace(each, units=0) for each in variants)
    state = what if what in ("on_sale", "off_shelf", "banned", "draft") else product.state
    # Whoever puts a product on the shelf again puts it first.
    listed_at = at if what == "on_sale" else product.listed_at
    return replace(product, state=state, variants=variants, listed_at=listed_at, changed_at=at)


def _gtin(variant_id: str) -> str:
    """A barcode whose check digit is right, for every second SKU."""
    digits = f"690{int(variant_id) % 10**9:09d}"
    if int(variant_id) % 2:
        return ""
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighed % 10)
