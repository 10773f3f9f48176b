"""What a replay changed: figures of the books before and after, and rows that are understood now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deltalake.exceptions import TableNotFoundError

from entrepot.engine import parse
from entrepot.store import TableStore
from entrepot.store.errors import TablesOutdated

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts
    from entrepot.store import Snapshot

_FIGURES = """
with sides as (
    select period, channel, shop, account, currency, amount_minor as before_minor, 0 as after_minor
    from before_ledger_entries
    union all
    select period, channel, shop, account, currency, 0 as before_minor, amount_minor as after_minor
    from after_ledger_entries
),
sums as (
    select period, channel, shop, account, currency,
           sum_exact(before_minor) as before_minor, sum_exact(after_minor) as after_minor
    from sides group by period, channel, shop, account, currency
)
select period, channel, shop, account, currency, before_minor, after_minor, after_minor - before_minor as moved_minor
from sums where before_minor <> after_minor
order by period, channel nulls last, shop nulls last, account, currency
"""

_ROWS = """
select 'before' as side, count(*) as n from before_quarantine
union all
select 'after' as side, count(*) as n from after_quarantine
"""

_TABLES = ("ledger_entries", "quarantine")


@dataclass(frozen=True, slots=True)
class Moved:
    """What changed between two snapshots.

    Attributes:
        figures: Balances that differ: period, channel, shop, account, currency, before_minor, after_minor, moved_minor.
        quarantined_before: Rows in quarantine before.
        quarantined_after: Rows in quarantine after.
    """

    figures: list[dict[str, Any]]
    quarantined_before: int
    quarantined_after: int


def moved_figures(parts: CellParts, before: Snapshot | None, after: Snapshot | None) -> Moved | None:
    """What differs between two snapshots; None when one of them cannot be read any more.

    Args:
        parts: The cell.
        before: The snapshot that readers had.
        after: The one they have now.
    """
    if before is None or after is None:
        return None
    with parts.open_engine() as engine:
        try:
            for prefix, snapshot in (("before_", before), ("after_", after)):
                TableStore(parts.layout, snapshot).open_into(engine, _TABLES, prefix)
        except (TablesOutdated, TableNotFoundError):
            # An erasure that was finished on the way leaves no version from before it.
            return None
        rows = {row["side"]: int(row["n"]) for row in engine.read(parse(_ROWS, source="moved rows")).to_pylist()}
        figures = engine.read(parse(_FIGURES, source="moved figures")).to_pylist()
    return Moved(figures, rows["before"], rows["after"])
