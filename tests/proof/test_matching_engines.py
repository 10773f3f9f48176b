"""Matching on the second engine: lines take the same SKUs, listings and candidates are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import DuckDBEngine, Engine, SparkEngine, parse
from entrepot.ledger.calendar import zone_days
from entrepot.planning.matching.blocking import candidate_pairs
from entrepot.planning.matching.listings import read_listings
from entrepot.reports import open_for_reading
from entrepot.testing.engine_suite import compare_relations
from entrepot.testing.memory_tables import MemoryTables, typed
from entrepot.testing.sail import sail_session

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT = datetime(2026, 9, 9, 16, 30, tzinfo=UTC)
_HEAD = {"channel": "douyin", "month": "2026-09", "currency": "CNY"}
_LISTING = {"channel": "douyin", "shop": "flagship", "listing_kind": "listing", "listing_id": "L9", "decided_at": _AT}
_CODES = ("OLD", None, "A", "OLD", None)


def _observed() -> dict[str, pa.Table]:
    orders, lines, pieces, discounts = [], [], [], []
    for number, code in enumerate(_CODES):
        head = {**_HEAD, "order_key": f"douyin:{number}"}
        orders.append({**head, "order_id": f"{number}", "shop": "flagship", "placed_at": _AT})
        line = {"line_id": "1", "order_id": f"{number}", "listing_id": f"L{9 + number // 3}", "sku_id": code}
        lines.append({**head, **line, "title": f"精华液 {number // 3}", "quantity": 2, "goods_minor": 10_001 + number})
        discounts.append({**head, "line_id": "1", "funder": "merchant", "kind": "coupon", "amount_minor": 1_000})
        piece = {
            "channel": "douyin",
            "shop": "flagship",
            "order_key": f"douyin:{number}",
            "piece_no": 1,
            "kind": "line",
        }
        zeros = dict.fromkeys(("goods_minor", "discount_merchant_minor", "gross_minor", "vat_rate_bp", "vat_minor"), 0)
        pieces.append({**piece, **zeros, "line_id": "1", "sku_id": code, "currency": "CNY", "refund_minor": 0})
    decisions: list[dict[str, Any]] = [
        {**_LISTING, "sku_id": "A", "valid_from": date(2026, 9, 10), "qty": 1, "share_bp": 3_333},
        {**_LISTING, "sku_id": "B", "valid_from": date(2026, 9, 10), "qty": 3, "share_bp": 6_667},
        {**_LISTING, "sku_id": "C", "valid_from": date(2026, 1, 1), "qty": 1, "share_bp": 10_000},
    ]
    shops = [{"channel": "douyin", "shop": "flagship", "business_zone": "Asia/Shanghai"}]
    # What is offered under one id with two codes says nothing of either.
    offered: list[dict[str, Any]] = [
        {"listing_id": "L9", "variant_id": "V1", "sku_id": "A", "gtin": "6901234567892"},
        {"listing_id": "L9", "variant_id": "V2", "sku_id": "B", "gtin": "6901234567892"},
        {"listing_id": "L10", "variant_id": "V3", "sku_id": "C"},
        {"listing_id": "L11", "sku_id": "OLD", "gtin": "96385074"},
    ]
    told = {"channel": "douyin", "shop": "flagship", "currency": "CNY", "price_minor": 1, "state": "on_sale"}
    listings = [{**told, "listing_key": f"{number}", **each} for number, each in enumerate(offered)]
    rows: dict[str, list[dict[str, Any]]] = {
        "listings": listings,
        "orders": orders,
        "order_lines": lines,
        "order_pieces": pieces,
        "discounts": discounts,
        "skus": [{"sku_id": sku, "channel": "own"} for sku in ("A", "B", "C")],
        "listing_map": decisions,
        "shops": shops,
    }
    return {name: typed(name, each) for name, each in rows.items()}


def _matched(engine: Engine, tables: MemoryTables) -> pa.Table:
    tables.open_into(engine, ["orders", "order_lines", "discounts", "skus", "shops", "listing_map"])
    engine.add_arrow("zone_days", zone_days(("Asia/Shanghai",)))
    engine.add_arrow("order_money", tables.rows["orders"])
    text = resources.files("entrepot.ledger").joinpath("derived/matched_lines.sql").read_text(encoding="utf-8")
    return engine.read(parse(text, source="ledger/derived/matched_lines.sql"))


def _shown(engine: Engine, tables: MemoryTables) -> pa.Table:
    """Order lines as readers see them."""
    open_for_reading(engine, tables, ["order_lines"])
    return engine.read("order_lines")


def _sorted(found: Iterable[Any]) -> list[str]:
    return sorted(map(repr, found))


def test_sail_matches_lines_and_finds_candidates_as_duckdb_does() -> None:
    tables = MemoryTables(_observed())
    words = [("精华", "华液", "30ml"), ("面霜", "50g"), ("面膜",)]
    with sail_session() as address, DuckDBEngine(threads=1) as duckdb, SparkEngine(address) as sail:
        wanted, found = _matched(duckdb, tables), _matched(sail, tables)
        assert compare_relations({"matched_lines": wanted}, {"matched_lines": found}) == {"matched_lines": 7}
        listings = read_listings(duckdb, tables)
        assert _sorted(read_listings(sail, tables)) == _sorted(listings)
        assert [(each.key[2:], each.line_count, each.first_on, each.offered_as, each.barcode) for each in listings] == [
            (("code", "OLD"), 2, date(2026, 9, 10), "", "96385074"),
            (("listing", "L10"), 1, date(2026, 9, 10), "C", ""),
            (("listing", "L9"), 1, date(2026, 9, 10), "", "6901234567892"),
        ]
        views = [_shown(engine, tables) for engine in (duckdb, sail)]
        assert compare_relations({"order_lines": views[0]}, {"order_lines": views[1]}) == {"order_lines": len(_CODES)}
        pairs = [candidate_pairs(engine, words[::-1], words) for engine in (duckdb, sail)]
        assert pairs == [[(2,), (1,), (0,)]] * 2
