"""One level of an explanation: the parts of a figure, the largest first, and the proof that they add up to it.

All adding up is SQL; what comes back is a few rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import parse
from entrepot.reports.explain.tree import More

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine

LIMIT = 20
"""Parts shown of a figure when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Level:
    """Parts of a figure.

    Attributes:
        rows: The largest parts, with the key columns, `amount_minor` and `postings`.
        more: The others together.
        total_minor: All of them together.
    """

    rows: list[dict[str, Any]]
    more: More | None
    total_minor: int


def level(
    engine: Engine, relation: str, keys: Sequence[str], limit: int, amount: str = "amount_minor", where: str = "true"
) -> Level:
    """Group a relation by key columns and give the largest groups.

    Args:
        engine: Where the relation is.
        relation: Its rows are the smallest parts.
        keys: Columns to group by; none of the product's columns is quoted, so they are names of ours.
        limit: Groups shown; 0 for all.
        amount: Column to add up.
        where: A condition of ours over the relation; values of users never stand in it.
    """
    named = ", ".join(keys)
    parts = parse(
        f"""
        with parts as (
            select {named}, sum_exact({amount}) as amount_minor, count(*) as postings
            from {relation} where {where} group by {named}
        ),
        placed as (
            select *, row_number() over (order by abs(amount_minor) desc nulls last, {named}) as place,
                count(*) over () as of_parts, sum_exact(amount_minor) over () as total_minor
            from parts
        )
        select * from placed
        """,
        source=f"explaining {relation}",
    )
    shown = f" where place <= {limit}" if limit else ""
    engine.define("explained_level", parts)
    rows = engine.read(
        parse(f"select * from explained_level{shown} order by place", source="largest parts")
    ).to_pylist()
    if not rows:
        return Level([], None, 0)
    total, count = int(rows[0]["total_minor"]), int(rows[0]["of_parts"])
    left_out = count - len(rows)
    rest = engine.read(
        parse(
            "select coalesce(sum_exact(amount_minor), 0) as rest_minor from explained_level"
            + (f" where place > {limit}" if limit else " where false"),
            source="other parts",
        )
    )
    more = More(left_out, int(rest["rest_minor"][0].as_py())) if left_out else None
    return Level(rows, more, total)


def add_row(engine: Engine, name: str, **values: str | None) -> None:
    """Name one row of texts in an engine: values of users travel as data, never as SQL."""
    engine.add_arrow(name, pa.table({key: pa.array([value], pa.string()) for key, value in values.items()}))
