"""What two cells hold of a domain becomes one result: a pure function of what each of them said last.

Each cell alone writes its own claims, and says them as a whole: a snapshot with a number that only grows. A state is
the newest snapshot of each cell. To merge two states is to take the newer one for each cell, so order, repetition and
batches of what arrives make no difference; what holds follows from the state and the declared rule alone, and not from
how the state came to be. Counters are Lamport's: a change has a higher one than everything its cell had seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from entrepot.engine import Engine, Query
    from entrepot.residency.domains.settings import Rule

__all__ = ["Snapshot", "merged", "resolved"]

BOTH = "both"
"""Origin of a row that both cells have alike, or of which each owns a part."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a cell claims of a domain.

    Attributes:
        number: Grows with each snapshot of the cell.
        rows: `item`, keys, values, `counter`, `saw`, `yields`, `terms`; an item stands once.
    """

    number: int
    rows: pa.Table


def merged(one: Mapping[str, Snapshot], other: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """For each cell the newer of two snapshots: commutative, associative, idempotent."""
    newest = dict(one)
    for cell, snapshot in other.items():
        if cell not in newest or newest[cell].number < snapshot.number:
            newest[cell] = snapshot
    return newest


def resolved(
    engine: Engine,
    state: Mapping[str, Snapshot],
    cells: tuple[str, str],
    fields: tuple[Sequence[str], Sequence[str]],
    rule: Rule | None,
) -> pa.Table:
    """What holds, a row for each item, in order of items; the same in both cells for the same state.

    Args:
        engine: Any engine; `side_a` and `side_b` are named anew in it.
        state: Snapshots by cell; a cell that said nothing yet has none.
        cells: Both cells in the order of their names.
        fields: Keys and values.
        rule: Who is right; None where only one cell may speak.
    Returns:
        `item`, keys, values, `origin` (a cell, or `both`), `state` (one_side, same, decided; asked and other_terms,
        whose values are null: nothing holds until a person decides), `counter_a`, `counter_b`.
    """
    some = next(iter(state.values()), None)
    assert some is not None, "a state with no snapshot at all has no columns to show"
    for side, cell in zip("ab", cells, strict=True):
        engine.add_arrow(f"side_{side}", state[cell].rows if cell in state else some.rows.schema.empty_table())
    return engine.read(_query(_text(cells, *fields, rule)))


@lru_cache(maxsize=64)
def _query(text: str) -> Query:
    return parse(text, source="what holds")


def _text(cells: tuple[str, str], keys: Sequence[str], values: Sequence[str], rule: Rule | None) -> str:
    differs = " or ".join(f"a.{each} is distinct from b.{each}" for each in values)
    keyed = "".join(f", coalesce(a.{each}, b.{each}) as {each}" for each in keys)
    sides = "".join(f", a.{each} as a_{each}, b.{each} as b_{each}" for each in values)
    shown = "".join(f", {_value(each, cells, rule)} as {each}" for each in values)
    names = "".join(f", {each}" for each in keys)
    return f"""
        with paired as (
            select coalesce(a.item, b.item) as item{keyed}{sides}, a.counter as counter_a, b.counter as counter_b,
                case when a.item is null or b.item is null then 'one_side'
                     when a.terms <> b.terms then 'other_terms'
                     when not ({differs}) then 'same'
                     else {_differing(rule)} end as state,
                case when b.item is null then 'a' when a.item is null then 'b'
                     else {_winner(cells, rule)} end as side
            from side_a as a full join side_b as b on a.item = b.item
        )
        select item{names}{shown},
            case when state in ('asked', 'other_terms') then null when state = 'same' then '{BOTH}'
                 {_origin_of_fields(rule)} when side = 'a' then '{cells[0]}' else '{cells[1]}' end as origin,
            state, counter_a, counter_b
        from paired order by item
    """


def _differing(rule: Rule | None) -> str:
    """State of an item that both have, and not alike."""
    if rule is None or rule.kind != "ask":
        return "'decided'"
    # A change that was made after its cell had seen the other's replaces it; two that did not see each other are asked.
    return "case when a.saw >= b.counter or b.saw >= a.counter then 'decided' else 'asked' end"


def _winner(cells: tuple[str, str], rule: Rule | None) -> str:
    """Side whose row holds where both have one."""
    if rule is None or rule.kind == "last":
        return "case when a.counter > b.counter then 'a' else 'b' end"
    if rule.kind == "ask":
        # Whoever saw the other decided: for its own row, or, where it yields, for the other's.
        return (
            "case when a.saw >= b.counter then case when a.yields then 'b' else 'a' end "
            "when b.yields then 'a' else 'b' end"
        )
    return f"'{'ab'[cells.index(rule.owner)]}'"


def _value(field: str, cells: tuple[str, str], rule: Rule | None) -> str:
    """Value of a field that holds."""
    row = f"case when side = 'a' then a_{field} else b_{field} end"
    if rule is not None and rule.kind == "fields":
        owner = "ab"[cells.index(rule.fields.get(field, rule.owner))]
        row = f"case when state = 'one_side' then {row} else {owner}_{field} end"
    return f"case when state not in ('asked', 'other_terms') then {row} end"


def _origin_of_fields(rule: Rule | None) -> str:
    """Each cell owns a part of a row under the rule for fields, if both have one."""
    return f"when state <> 'one_side' then '{BOTH}'" if rule is not None and rule.kind == "fields" else ""
