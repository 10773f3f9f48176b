"""Safe sums and counts of a cell's own under a permit: what each person has of it, the closed keys, the release."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from entrepot.engine import parse
from entrepot.residency.aggregates.counting import Counted, counted
from entrepot.residency.aggregates.ledger import ReleaseLedger
from entrepot.residency.aggregates.noise import NoiseLedger
from entrepot.residency.aggregates.releasing import Keys, Release, released
from entrepot.residency.disclosure import derivable_from
from entrepot.residency.keys import cell_key
from entrepot.residency.tokens import token_keys
from entrepot.residency.transferlog import canonical_json

if TYPE_CHECKING:
    from datetime import date

    from entrepot.engine import Engine
    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.store import TableStore

__all__ = ["keep", "made"]

_PERSON = "person"


def keep(door: Door, permit: CompiledPermit, release: Release | Counted) -> None:
    """Write down what is about to leave, before it does."""
    if isinstance(release, Counted):
        release.keep()
    else:
        release.keep(_ledger_of(door, permit))


def _ledger_of(door: Door, permit: CompiledPermit) -> ReleaseLedger:
    """The release ledger of a shape's report, whoever receives it."""
    return ReleaseLedger(door.paths.releases / permit.shape.shape)


def made(
    engine: Engine, tables: TableStore, permit: CompiledPermit, door: Door, state: BorderState, today: date
) -> Release | Counted | None:
    """Name in an engine what may leave, as `source_` and the dataset; None for a permit that lets out rows.

    Args:
        engine: With the tables that the permit reads.
        tables: The cell at a snapshot.
        permit: Compiled.
        door: The door.
        state: Its database.
        today: Day in the law's zone; a month leaves once it is over.
    """
    terms = permit.permit.aggregates
    if terms is None:
        return None
    engine.add_arrow("orders_as_persons", pa.table({"channel": pa.array(terms.orders_as_persons, pa.string())}))
    if terms.noise is not None:
        return _counted(engine, permit, door, state, today)
    assert door.prepare is not None, "a door that lets out reports can prepare one"
    door.prepare(engine, tables, terms.currency)
    skus = [(sku, group) for group, members in sorted(terms.sku_groups.items()) for sku in members]
    columns = {"sku_id": [each[0] for each in skus], "sku_group": [each[1] for each in skus]}
    engine.add_arrow("sku_groups", pa.table({name: pa.array(each, pa.string()) for name, each in columns.items()}))
    key = cell_key(door.layout.keys, "release.key")
    engine.add_arrow("agg_key", token_keys(key, (_PERSON,), "release", "ledger", "k1"))
    (source,) = {each.source for each in permit.datasets}
    engine.define("agg_named", source)
    text = """
        select p.month, p.line, p.detail, p.channel, p.shop, p.sku_group, p.has_cost, p.currency, p.amount_minor,
            case when p.person is not null then person_key(k.person_inner, k.person_outer, p.person) end as person
        from agg_named as p cross join agg_key as k cross join narrowing as n
        where not n.by_shop or p.shop in (select shop from permitted_shops)
    """
    engine.define("agg_source", parse(text, source="parts under digests"), materialise=True)
    release = released(engine, _keys(door, permit, today), terms.rule, _ledger_of(door, permit))
    release.derivable_from = derivable_from(door, state, permit)
    protection = "derivable" if release.derivable_from else "protected"
    for each in permit.datasets:
        table = release.rows if each.shape.cells == "rows" else release.groups
        word = pa.array([protection] * table.num_rows, pa.string())
        engine.add_arrow(f"source_{each.name}", table.append_column("protection", word))
    return release


def _counted(engine: Engine, permit: CompiledPermit, door: Door, state: BorderState, today: date) -> Counted:
    assert permit.permit.aggregates is not None, "it lets out counts"
    noise = permit.permit.aggregates.noise
    assert noise is not None, "counts are drawn"
    (dataset,) = permit.datasets
    engine.define("agg_named", dataset.source)
    text = """
        select p.month, p.channel, p.person from agg_named as p cross join narrowing as n
        where not n.by_shop or p.shop in (select shop from permitted_shops)
    """
    engine.define("agg_buyers", parse(text, source="buyers of permitted shops"), materialise=True)
    keys = _keys(door, permit, today)
    channels = sorted({channel for channel, _ in keys.shops})
    ledger = NoiseLedger(door.paths.releases / permit.shape.shape)
    found = counted(engine, keys.months, channels, keys.digest, noise, ledger)
    found.derivable_from = derivable_from(door, state, permit)
    word = "derivable" if found.derivable_from else "protected"
    column = pa.array([word] * found.rows.num_rows, pa.string())
    engine.add_arrow(f"source_{dataset.name}", found.rows.append_column("protection", column))
    return found


def _keys(door: Door, permit: CompiledPermit, today: date) -> Keys:
    terms = permit.permit
    assert terms.aggregates is not None, "it lets out sums"
    last = min(terms.aggregates.month_to, _month_before(today))
    months = []
    month = terms.aggregates.month_from
    while month <= last:
        months.append(month)
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
        month = f"{year:04d}-{number + 1:02d}"
    shops = tuple(sorted(place for place in set(door.places) if not terms.shops or place[1] in terms.shops))
    groups = tuple(sorted(terms.aggregates.sku_groups))
    facts = msgspec.to_builtins(terms.aggregates)
    del facts["month_from"], facts["month_to"]
    if facts["noise"] is None:
        # What a permit does not use is in no digest, so that older releases keep theirs.
        del facts["noise"]
    else:
        # A budget bounds what is spent; it changes no question.
        del facts["noise"]["budget_milli"]
    whole = {"terms": facts, "shops": [list(each) for each in shops], "shape": permit.shape.version}
    digest = "sha256:" + hashlib.sha256(canonical_json(whole)).hexdigest()
    return Keys(tuple(months), shops, groups, digest)


def _month_before(day: date) -> str:
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return f"{year:04d}-{month:02d}"
