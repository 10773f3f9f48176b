"""Buyers that other cells counted with noise, under permits of the shape L, and how far each count is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.flows.border import door_for
from entrepot.residency.aggregates.noise import interval
from entrepot.residency.permits.compiled import schema_of_dataset
from entrepot.residency.permits.shape import shipped_shape
from entrepot.residency.receiver import received_files

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts

__all__ = ["COLUMNS", "counted_buyers"]

COLUMNS = ("cell", "month", "channel", "buyers", "off_by", "protection")


def counted_buyers(parts: CellParts) -> pa.Table:
    """What came of the buyers of other cells.

    Args:
        parts: The receiving cell.
    Returns:
        `COLUMNS`, by month; `off_by` is how far a count is off at most in nineteen of twenty cases. Two permits that
        ask differently are two rows; one that repeats what another told is none.
    """
    (dataset,) = shipped_shape("L").datasets
    schema = schema_of_dataset(dataset)
    columns = ", ".join(f'"{name}"' for name in schema.names)
    with parts.open_engine() as engine:
        texts = []
        for number, (sender, paths) in enumerate(sorted(received_files(door_for(parts), dataset.name))):
            engine.add_parquet(f"came_{number}", paths, schema)
            texts.append(f"select '{sender}' as cell, {columns} from came_{number}")
        if not texts:
            return pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
        query = f"select distinct * from ({' union all '.join(texts)}) as a order by month, channel, cell, buyers"
        rows = engine.read(parse(query, source="buyers that came"))
    off_by = pa.array([interval(each) for each in rows["epsilon_milli"].to_pylist()], pa.int64())
    return rows.append_column("off_by", off_by).select(list(COLUMNS))
