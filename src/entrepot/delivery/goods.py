"""Goods that moved: what left stock because it was shipped to buyers, and what of it came back, as queries.

No amount is in them. The ledger's journals carry the cost of what was sold, so that a document of goods is one for the
warehouse of an ERP and books nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.delivery.erp import Goods
from entrepot.engine import parse
from entrepot.ledger.calendar import zone_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Found
    from entrepot.engine import Engine, Query

GOODS_TABLES = ("orders", "order_positions", "order_pieces", "after_sales", "shops", "legal_entities")
"""Tables that say what moved, beside those of every plan."""

_NO_GOODS = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "kind", "entity_id", "company", "period", "reference")),
        *((name, pa.string()) for name in ("currency", "party", "product")),
        *((name, pa.int64()) for name in ("line_no", "quantity")),
        ("posted_on", pa.date32()),
    ]
)

_SIDE = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "company", "product")),
        ("quantity", pa.int64()),
    ]
)


@dataclass(frozen=True)
class GoodsAudit:
    """Goods of ours, of the ERP, and of the ledger.

    Attributes:
        pieces: document_id, company, product, and both sides' pieces, where they are not equal.
        stock: company, product, and pieces: moved as the tables say now, held by the ERP, with a cost in the ledger
            (costed), and as many as that cost is (booked); where the first two or the last two differ.
        sums: Company, and the same four of all its products.
    """

    pieces: tuple[dict[str, Any], ...] = ()
    stock: tuple[dict[str, Any], ...] = ()
    sums: tuple[tuple[str, int, int, int, int], ...] = ()


def define_goods(engine: Engine, per: str) -> None:
    """Define `goods_lines`, the lines of goods issues and goods receipts of the period; none where `per` is ''.

    Args:
        engine: One with what `define_asked` defines, and `GOODS_TABLES` where `per` says something.
        per: What one document holds: day or order.
    """
    if not per:
        engine.add_arrow("goods_lines", _NO_GOODS.empty_table())
        return
    zones = engine.read(parse("select distinct business_zone from shops", source="zones"))["business_zone"].to_pylist()
    engine.add_arrow("zone_days", zone_days(tuple(zone or "UTC" for zone in zones)))
    engine.add_arrow("goods_target", pa.table({"per": [per]}))
    engine.define("goods_moved", _query("goods_moved"), materialise=True)
    engine.define("goods_lines", _query("goods_lines"), materialise=True)


def goods_left_out(engine: Engine) -> dict[str, tuple[int, int]]:
    """What of the period is in no document: by reason, of how many orders, and how many pieces are known of it.

    Args:
        engine: One on which `define_goods` was called for something.
    """
    rows = engine.read(_query("goods_left_out")).to_pylist()
    return {row["reason"]: (row["orders"], row["pieces"]) for row in sorted(rows, key=lambda row: str(row["reason"]))}


def goods_audit(engine: Engine, ours: pa.Table, held: Mapping[str, Sequence[Found]]) -> GoodsAudit:
    """Goods that were sent beside those that the ERP holds, and both beside the tables and the ledger.

    Args:
        engine: One on which `define_goods` was called, with `target_book`.
        ours: Lines of what was sent.
        held: What the ERP holds, by key.
    """
    rows = [
        (key, found.content.company, line.product, line.quantity)
        for key, several in held.items()
        for found in several
        if isinstance(found.content.body, Goods)
        for line in found.content.body.lines
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _SIDE]
    engine.add_arrow("their_goods", pa.table(columns, schema=_SIDE))
    engine.add_arrow("our_lines", ours.select([*_SIDE.names, "role"]))
    moved = "select document_id, company, product, quantity from our_lines where role = 'moved'"
    engine.define("our_goods", parse(moved, source="goods that were sent"))
    tied = sorted(engine.read(_query("goods_tied")).to_pylist(), key=lambda row: (row["company"], row["product"]))
    sums: dict[str, tuple[int, int, int, int]] = {}
    for row in tied:
        before = sums.get(row["company"], (0, 0, 0, 0))
        sums[row["company"]] = (
            before[0] + row["moved"], before[1] + row["held"], before[2] + row["costed"], before[3] + row["booked"],
        )  # fmt: skip
    pieces = engine.read(_query("goods_audit")).to_pylist()
    return GoodsAudit(
        tuple(sorted(pieces, key=lambda row: (row["document_id"], row["product"]))),
        tuple(row for row in tied if row["moved"] != row["held"] or row["costed"] != row["booked"]),
        tuple((company, *four) for company, four in sorted(sums.items())),
    )


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
