"""What one recipient is told over all permits: sums beside rows claim no protection; some cells get sums only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.residency.border_state import Step
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits.compiled import ARTICLES, compiled
from entrepot.residency.permits.shape import shape_names, shipped_shape
from entrepot.residency.permits.terms import permit_names, permit_of
from entrepot.residency.reasons import reason_of

if TYPE_CHECKING:
    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.gate_errors import Reason
    from entrepot.residency.permits.compiled import CompiledPermit

__all__ = ["derivable_from", "disclosure_reasons"]


def derivable_from(door: Door, state: BorderState, permit: CompiledPermit) -> tuple[str, ...]:
    """Permits that let out rows of the same data to the same recipient, or did: its sums follow from those.

    A permit whose file is gone counts by what left under it.
    """
    terms, sums = permit.permit, {each.name for each in permit.datasets}
    found = set()
    names = permit_names(door.paths.permits)
    for name in names:
        try:
            other = compiled(*permit_of(door.paths.permits, name))
        except PermitInvalid:
            continue  # Nothing leaves under it.
        if other.permit.to == terms.to and not other.shape.is_aggregate and _is_same_data(other, permit):
            found.add(name)
    for each in state.transfers():
        datasets = {part.partition("/")[0] for part in each.parts}
        is_ours = each.recipient == terms.to and each.step is not Step.ABANDONED and each.permit not in names
        if is_ours and datasets & _rows_of_same_data() - sums:
            found.add(each.permit)
    return tuple(sorted(found))


def disclosure_reasons(
    door: Door, state: BorderState, permit: CompiledPermit, aggregates_only: tuple[str, ...]
) -> list[Reason]:
    """What a recipient that may have sums only is refused."""
    terms = permit.permit
    if terms.to not in aggregates_only:
        return []
    if not permit.shape.is_aggregate:
        tables = set(permit.tables) & _tables_of_sums()
        return [reason_of("aggregates_only", cell=terms.to, tables=", ".join(sorted(tables)))] if tables else []
    rows = derivable_from(door, state, permit)
    sent = {each.permit for each in state.transfers() if each.step is not Step.ABANDONED and each.recipient == terms.to}
    had = [name for name in rows if name in sent]
    return [reason_of("rows_released", cell=terms.to, permits=", ".join(had))] if had else []


def _is_same_data(rows: CompiledPermit, sums: CompiledPermit) -> bool:
    return bool(set(rows.tables) & set(sums.tables) - {ARTICLES})


def _tables_of_sums() -> set[str]:
    """Tables that sums are made of; the company's own list of articles says nothing of anybody."""
    return {name for letter in _sums() for name in _read_by(letter)} - {ARTICLES}


def _rows_of_same_data() -> set[str]:
    """Datasets of shipped shapes that have rows of what sums are made of."""
    tables = _tables_of_sums()
    return {
        dataset.name
        for letter in set(shape_names()) - set(_sums())
        for dataset in shipped_shape(letter).datasets
        if tables & _read_by(letter, dataset.name)
    }


def _sums() -> list[str]:
    return [letter for letter in shape_names() if shipped_shape(letter).is_aggregate]


def _read_by(letter: str, dataset: str = "") -> set[str]:
    from entrepot.engine import parse
    from entrepot.model import TABLES
    from entrepot.residency.permits.shape import source_text

    found: set[str] = set()
    for each in shipped_shape(letter).datasets:
        if dataset in ("", each.name):
            for name in filter(None, (each.source, each.persons)):
                found |= set(parse(source_text(name), source=name).inputs()) & set(TABLES)
    return found
