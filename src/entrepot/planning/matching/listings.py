"""The two sides as the cell's tables have them: listings without a known SKU, and the SKU list."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.ledger.calendar import zone_days
from entrepot.planning.matching.features import Article
from entrepot.planning.matching.titles import normalised, read_title

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from typing import Any

    from entrepot.engine import Engine
    from entrepot.store import TableStore

TABLES_NEEDED = (
    "order_lines",
    "order_pieces",
    "orders",
    "skus",
    "shops",
    "listing_map",
    "listing_refusals",
    "listings",
)
"""Tables that matching reads."""

Key = tuple[str, str, str, str]
"""Channel, shop, kind and id of a listing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What order lines say of a listing whose SKU is not known.

    Attributes:
        key: Channel, shop, kind and id.
        title: Its title; where lines say several, the last in order of text.
        titles_differ: Whether lines say several.
        seller_code: Seller code that the SKU list does not know.
        line_count: Order lines.
        goods_minor: What they are worth before discounts, where one currency is all.
        price_minor: Average price of one piece; None where there are several currencies.
        currency: Of the amounts.
        first_on: Day of the first order, in the shop's zone.
        is_open: Whether any line waits for a decision.
        siblings: Known SKUs that other lines of the same listing sell, with their shares.
        offered_as: Seller code that the platform's list of what is on offer has for it now; empty where it has none.
        barcode: Barcode that this list has for it.
    """

    key: Key
    title: str
    titles_differ: bool
    seller_code: str
    line_count: int
    goods_minor: int
    price_minor: int | None
    currency: str
    first_on: date
    is_open: bool
    siblings: tuple[tuple[str, float], ...] = ()
    offered_as: str = ""
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class Sku:
    """A SKU of the list, with what it was sold for by currency, in minor units."""

    sku_id: str
    name: str
    article: Article
    prices: dict[str, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """What people have decided: accepted SKUs by listing, and refused pairs."""

    accepted: dict[Key, frozenset[str]]
    refused: dict[Key, frozenset[str]]


def read_listings(engine: Engine, tables: TableStore) -> list[Listing]:
    """Listings of order lines whose seller code the SKU list does not know, the most valuable first."""
    tables.open_into(engine, TABLES_NEEDED)
    zones = engine.read(parse("select distinct business_zone from shops", source="zones"))["business_zone"].to_pylist()
    engine.add_arrow("zone_days", zone_days(tuple(zone or "UTC" for zone in zones)))
    siblings: dict[Key, dict[str, int]] = {}
    for row in _rows(engine, "siblings"):
        siblings.setdefault(_key(row), {})[row["sku_id"]] = row["line_count"]
    offered = {_key(row): (row["seller_code"] or "", row["barcode"] or "") for row in _rows(engine, "offered")}
    found = [
        _listing(row, siblings.get(_key(row), {}), offered.get(_key(row), ("", "")))
        for row in _rows(engine, "listings")
    ]
    return sorted(found, key=lambda each: (-each.goods_minor, each.key))


def read_skus(engine: Engine) -> list[Sku]:
    """The SKU list; `read_listings` has opened the tables."""
    prices: dict[str, dict[str, int]] = {}
    for row in _rows(engine, "sku_prices"):
        prices.setdefault(row["sku_id"], {})[row["currency"]] = row["price_minor"]
    rows = sorted(engine.read("skus").to_pylist(), key=lambda row: str(row["sku_id"]))
    return [
        Sku(
            row["sku_id"],
            row["name"] or row["name_en"] or "",
            Article(
                row["sku_id"],
                tuple(name for name in (row["name"], row["name_en"]) if name),
                brand=row["brand"] or "",
                codes=tuple(code for code in (row["sku_id"], row["gtin"]) if code),
                pack=row["pack_count"],
            ),
            prices.get(row["sku_id"], {}),
        )
        for row in rows
    ]


def read_decided(engine: Engine) -> Decided:
    """What people have decided; `read_listings` has opened the tables."""
    found: list[dict[Key, frozenset[str]]] = []
    for table in ("listing_map", "listing_refusals"):
        pairs: dict[Key, set[str]] = {}
        for row in engine.read(table).to_pylist():
            pairs.setdefault(_key(row), set()).add(row["sku_id"])
        found.append({key: frozenset(skus) for key, skus in pairs.items()})
    return Decided(*found)


def listing_article(listing: Listing, brands: Collection[str]) -> Article:
    """A listing as one side of a pair: its title without gifts, and the brand of the list that it names."""
    title = read_title(listing.title)
    return Article(
        "|".join(listing.key),
        (title.main,),
        brand=brand_in(listing.title, brands),
        codes=tuple(code for code in (listing.seller_code, listing.barcode) if code),
        price_minor=listing.price_minor,
        currency=listing.currency,
        siblings=listing.siblings,
        offered_as=listing.offered_as,
    )


def brand_in(text: str, brands: Collection[str]) -> str:
    """The longest of the brands that a text names; empty where it names none."""
    plain = normalised(text)
    return max((brand for brand in brands if brand and brand in plain), key=lambda each: (len(each), each), default="")


def _listing(row: dict[str, Any], siblings: dict[str, int], offered: tuple[str, str]) -> Listing:
    total = sum(siblings.values())
    quantity, goods = int(row["quantity"]), int(row["goods_minor"])
    return Listing(
        _key(row),
        row["title"] or "",
        bool(row["titles_differ"]),
        row["seller_code"] or "",
        int(row["line_count"]),
        goods,
        goods // quantity if quantity > 0 and row["currency"] else None,
        row["currency"] or "",
        row["first_on"],
        bool(row["is_open"]),
        tuple((sku, count / total) for sku, count in sorted(siblings.items())),
        *offered,
    )


def _rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    path = f"sql/{name}.sql"
    text = resources.files("entrepot.planning.matching").joinpath(path).read_text(encoding="utf-8")
    return list(engine.read(parse(text, source=f"planning/matching/{path}", strict_output=True)).to_pylist())


def _key(row: dict[str, Any]) -> Key:
    return (row["channel"], row["shop"], row["listing_kind"], row["listing_id"])
