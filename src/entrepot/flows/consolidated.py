"""The consolidated P&L: this cell's own report and the safe sums that other cells let out under permits of the shape G.

The amounts of another cell are those of its own report, added up there. What it suppressed is named by its keys, and
stands in a pool whose amount is known, so that totals tie out wherever a total may be shown at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.flows.asking import report_rows
from entrepot.flows.border import door_for
from entrepot.flows.errors import OtherCurrency
from entrepot.residency.permits.compiled import schema_of_dataset
from entrepot.residency.permits.shape import shipped_shape
from entrepot.residency.receiver import received_files
from entrepot.store.errors import NothingPublished

if TYPE_CHECKING:
    from entrepot.engine import Engine, Schema
    from entrepot.flows.parts import CellParts

__all__ = ["Consolidated", "consolidated_pnl"]

CELLS = "pnl_cells"
COLUMNS = ("cell", "month", "channel", "shop", "line", "detail", "state", "amount_minor", "currency")
_KEYS = "cell, month, channel, shop, line, detail"
_OWN = """
    select '{cell}' as cell, month, channel, shop, line, detail, 'own' as state,
        cast(sum_exact(amount_minor) as bigint) as amount_minor, currency
    from own_pnl group by month, channel, shop, line, detail, currency
"""
_SHOWN = """
    select cell, month, channel, shop, line, detail, state, amount_minor, currency
    from (
        {own}
        union all
        select cell, month, channel, shop, line, detail, state, amount_minor, currency
        from came where state <> 'suppressed'
    ) as a
    order by cell, month, channel nulls last, shop nulls last, line, detail, state
"""
_MISSING = """
    select cell, month, line, detail from came group by cell, month, line, detail
    having sum_exact(case when state = 'suppressed' then 0 else 1 end) = 0
    order by cell, month, line, detail
"""


@dataclass(frozen=True, slots=True)
class Consolidated:
    """The P&L of all cells.

    Attributes:
        rows: `COLUMNS`; `state` is own, released or pooled (the sum of what is suppressed in its cell, line and month,
            under `withheld` where shops or channels were put together).
        suppressed: Keys of amounts that are not shown: cell, month, channel, shop, line, detail.
        missing: Lines of months of a cell that are suppressed as a whole: no pool has their amount, and totals lack it.
        derivable: Cells that let out rows of the same data to this one, so that their sums hide nobody.
        currency: Of all amounts.
    """

    rows: pa.Table
    suppressed: pa.Table
    missing: pa.Table
    derivable: tuple[str, ...]
    currency: str


def consolidated_pnl(parts: CellParts, reporting_currency: str | None = None) -> Consolidated:
    """The P&L over this cell and all that let sums out to it.

    Args:
        parts: The receiving cell.
        reporting_currency: That of the sums where nothing is said; another one is refused, for a sum of many days
            cannot be translated.

    Raises:
        OtherCurrency: Cells let out sums in another currency.
        NothingPublished: Nothing was imported here, and no sums came.
    """
    with parts.open_engine() as engine:
        came = _add_received(engine, parts)
        there = engine.read(parse("select distinct currency from came", source="currencies"))
        currencies = set(there["currency"].to_pylist())
        asked = reporting_currency.upper() if reporting_currency else None
        currency = asked or next(iter(sorted(currencies)), parts.settings.cell.reporting_currency)
        if currencies - {currency}:
            raise OtherCurrency(currency, tuple(sorted(currencies)))
        try:
            own = report_rows(parts, "pnl", currency)
        except NothingPublished:
            if not came:
                raise
            own = _no_rows()
        engine.add_arrow("own_pnl", own)
        shown = _SHOWN.format(own=_OWN.format(cell=door_for(parts).cell))
        rows = engine.read(parse(shown, source="all cells"))
        hidden = f"select {_KEYS} from came where state = 'suppressed' order by {_KEYS}"
        suppressed = engine.read(parse(hidden, source="suppressed"))
        missing = engine.read(parse(_MISSING, source="suppressed as a whole"))
        marked = "select distinct cell from came where protection = 'derivable' order by cell"
        derivable = tuple(engine.read(parse(marked, source="derivable"))["cell"].to_pylist())
    return Consolidated(rows, suppressed, missing, derivable, currency)


def _add_received(engine: Engine, parts: CellParts) -> bool:
    """Name the sums that came as `came`; whether there are any. Two permits of a cell tell the same once."""
    dataset = next(each for each in shipped_shape("G").datasets if each.name == CELLS)
    schema: Schema = schema_of_dataset(dataset)
    columns = ", ".join(f'"{name}"' for name in schema.names)
    files: dict[str, list[str]] = {}
    for sender, paths in received_files(door_for(parts), CELLS):
        files.setdefault(sender, []).extend(paths)
    texts = []
    for number, (sender, paths) in enumerate(sorted(files.items())):
        engine.add_parquet(f"came_{number}", paths, schema)
        texts.append(f"select distinct '{sender}' as cell, {columns} from came_{number}")
    if not texts:
        engine.add_parquet("came_0", [], schema)
        texts.append(f"select '' as cell, {columns} from came_0")
    engine.define("came", parse(" union all ".join(texts), source="sums that came"), materialise=True)
    return bool(files)


def _no_rows() -> pa.Table:
    text = ("month", "channel", "shop", "line", "detail", "currency")
    return pa.table({**{name: pa.array([], pa.string()) for name in text}, "amount_minor": pa.array([], pa.int64())})
