"""What holds of every erasure within a raw file: its rows say the same, but for who they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import Feed
from entrepot.connectors.live.wire import WireField
from entrepot.connectors.translation import staged_schema
from entrepot.engine import parse
from entrepot.model import ResidencyClass
from entrepot.residency.errors import RowsChanged

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.connectors.contract import FileFormat
    from entrepot.flows.parts import CellParts

_OF_PERSONS = (ResidencyClass.PERSONAL, ResidencyClass.LOCAL)


def hold_same(parts: CellParts, wire: FileFormat | Feed, before: Path, after: Path, raw_id: str) -> None:
    """Hold that staged rows are as many, refused for the same reason, with the same values that name nobody.

    Raises:
        RowsChanged: They do not.
    """
    # A value may stand in any text, a title for example; what replaces it can be seen.
    differs = " or ".join(
        f"(coalesce(o.\"{name}\", '') <> coalesce(n.\"{name}\", '')"
        f" and not contains(coalesce(n.\"{name}\", ''), '[erased:'))"
        for name in _open_columns(wire)
    )
    with parts.open_engine() as engine:
        engine.add_parquet("rows_before", [str(before)], staged_schema(wire))
        engine.add_parquet("rows_after", [str(after)], staged_schema(wire))
        query = (
            "select count(*) as n from rows_before as o full join rows_after as n on o.row_no = n.row_no"
            " where o.row_no is null or n.row_no is null"
            f" or coalesce(o.reject, '') <> coalesce(n.reject, '') or {differs}"
        )
        count = int(engine.read(parse(query, source="rows without the person")).column("n")[0].as_py())
    if count:
        raise RowsChanged(raw_id, count)


def _open_columns(wire: FileFormat | Feed) -> list[str]:
    if isinstance(wire, Feed):
        fields = [each for each in wire.shape.fields if isinstance(each, WireField)]
        return [each.name for each in fields if each.residency not in _OF_PERSONS]
    return [column.name for column in wire.columns if column.residency not in _OF_PERSONS]
