"""What a cell claims of a domain: its own rows as they would leave, each with the version of its last change.

A change is noted before it leaves and before anything arrives: whatever came before it was noted, its cell had seen.
Claims stand in one Parquet file for each domain, replaced as a whole. They hold what the permit lets out and no more.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.residency.domains.errors import DomainInvalid, DomainUndecidable
from entrepot.residency.domains.kinds import KINDS, VERSION_FIELDS, VERSIONS
from entrepot.residency.domains.merging import Snapshot
from entrepot.residency.domains.settings import domains_in
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits.compiled import compiled, schema_of_dataset
from entrepot.residency.permits.forms import WITHHELD
from entrepot.residency.permits.terms import permit_of
from entrepot.residency.projecting import Projection
from entrepot.residency.transferlog.durable import locked, write_durably
from entrepot.store.tables import file_paths

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from entrepot.engine import Engine, Query
    from entrepot.residency.border_state import BorderState
    from entrepot.residency.domains.kinds import DomainKind
    from entrepot.residency.domains.settings import Domain
    from entrepot.residency.door import Door
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.store import TableStore

__all__ = [
    "add_unversioned",
    "add_versions",
    "arrived",
    "claimed",
    "claims_schema",
    "decide",
    "next_claims",
    "note_changes",
]

_NO_PADS = pa.table({"inner_pad": pa.array([], pa.string()), "outer_pad": pa.array([], pa.string())})

_COUNTER_MAX = 10**15
"""More changes than a list ever sees, and far from where a column of integers ends."""


def claims_schema(domain: Domain) -> Schema:
    """Columns of the file: `item`, keys, values, the version, whether it still stands, when the change was noted."""
    kind = domain.kind
    types = {each.name: each.type for each in schema_of_dataset(kind.dataset_shape).columns}
    return Schema(
        (
            Column("item", ColumnType.TEXT),
            *(Column(name, types[name]) for name in (*kind.keys, *kind.values)),
            *(Column(name, types[name]) for name in VERSION_FIELDS if name != "terms"),
            Column("is_live", ColumnType.BOOLEAN),
            Column("noted_at_us", ColumnType.INTEGER),
        )
    )


def add_versions(engine: Engine, door: Door, state: BorderState, permit: CompiledPermit, tables: TableStore) -> None:
    """Name the versions of what a permit of a shared domain lets out; nothing for other permits.

    Raises:
        PermitInvalid: No domain of the cell is sent by it.
        DomainInvalid: The domain cannot be used.
    """
    if not any(VERSIONS in each.source.inputs() for each in permit.datasets):
        return
    name = permit.permit.permit
    domain = next((each for each in domains_in(door.paths.domains, door.cell) if each.send == name), None)
    if domain is None:
        raise PermitInvalid(name, "border/domains.yaml", f"no domain is sent by it; one with `send: {name}` has to be")
    rows = _live(note_changes(engine, door, state, domain, tables)).select(["item", "counter", "saw", "yields"])
    terms = pa.array([domain.terms(door.cell)] * rows.num_rows, pa.int64())
    engine.add_arrow(VERSIONS, rows.append_column("terms", terms))


def add_unversioned(engine: Engine, kind: DomainKind, tables: TableStore) -> None:
    """Name versions of nothing for every key of a domain, so that its rows can be looked at before they have any."""
    tables.open_into(engine, (kind.table,))
    text = f"""
        select distinct {kind.item()} as item, cast(0 as bigint) as counter, cast(0 as bigint) as saw,
            false as yields, cast(0 as bigint) as terms
        from {kind.table}
    """
    engine.define(VERSIONS, parse(text, source="keys of a domain"), materialise=True)


def note_changes(engine: Engine, door: Door, state: BorderState, domain: Domain, tables: TableStore) -> pa.Table:
    """Hold a cell's rows against what it claimed, and note what changed; again changes nothing.

    What the domain's permit reads and lets out is named anew in the engine, as for every projection.

    Returns:
        The claims, `claims_schema`.
    Raises:
        DomainInvalid: Its permit is of another shape or for another cell.
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
    """
    with _alone(door, domain):
        _add_own(engine, door, domain, tables)
        before = claimed(door, domain)
        theirs = arrived(engine, door, state, domain)
        after = next_claims(engine, domain, before, theirs.rows, int(door.now().timestamp() * 1_000_000))
        if not after.equals(before):
            _write(_path(door, domain), after)
    return after


def next_claims(engine: Engine, domain: Domain, before: pa.Table, theirs: pa.Table, at_us: int) -> pa.Table:
    """Claims as they follow from those before, from `own_rows` in the engine, and from what is known of the other cell.

    A row that changed gets a counter above all that are known of the domain, on either side.
    """
    engine.add_arrow("claims_before", before)
    engine.add_arrow("claims_other", theirs.select(["item", "counter"]))
    engine.add_arrow("claims_clock", pa.table({"following": [_following(before, theirs)], "at_us": [at_us]}))
    return engine.read(_claims_query(domain.domain), claims_schema(domain))


@cache
def _claims_query(domain: str) -> Query:
    kind = KINDS[domain]
    names = (*kind.keys, *kind.values)
    differs = " or ".join(f"n.{each} is distinct from o.{each}" for each in kind.values)
    row, own, old = ("".join(f", {side}{each}" for each in names) for side in ("", "n.", "o."))
    text = f"""
        with compared as (
            select n.item{own}, o.counter, o.saw, o.yields, o.noted_at_us, k.following, k.at_us,
                coalesce(t.counter, 0) as seen, (o.item is null or not o.is_live or {differs}) as is_new
            from own_rows as n
            cross join claims_clock as k
            left join claims_before as o on n.item = o.item
            left join claims_other as t on n.item = t.item
        )
        select item{row}, cast(case when is_new then following else counter end as bigint) as counter,
            cast(case when is_new then seen else saw end as bigint) as saw,
            case when is_new then false else yields end as yields, true as is_live,
            cast(case when is_new then at_us else noted_at_us end as bigint) as noted_at_us
        from compared
        union all
        select o.item{old}, o.counter, o.saw, o.yields, false as is_live,
            cast(case when o.is_live then k.at_us else o.noted_at_us end as bigint) as noted_at_us
        from claims_before as o cross join claims_clock as k left join own_rows as n on o.item = n.item
        where n.item is null
        order by item
    """
    return parse(text, source="claims")


def claimed(door: Door, domain: Domain) -> pa.Table:
    """The claims of a cell as they were noted last, `claims_schema`."""
    path = _path(door, domain)
    schema = claims_schema(domain).arrow()
    return pq.read_table(path, schema=schema) if path.exists() else schema.empty_table()


def arrived(engine: Engine, door: Door, state: BorderState, domain: Domain) -> Snapshot:
    """What the other cell claims, as its newest envelope said; fields that its permit leaves out are empty.

    Returns:
        Sequence of the envelope, 0 before the first; rows of `item`, keys, values and version.
    Raises:
        DomainInvalid: The accepted permit is of another shape.
    """
    kind = domain.kind
    columns = schema_of_dataset(kind.dataset_shape).columns
    wanted = [each for each in columns if each.name != kind.dataset_shape.partition or each.name in kind.keys]
    empty = pa.schema([("item", pa.string()), *((each.name, each.type.arrow) for each in wanted)]).empty_table()
    sent_as = (domain.with_, domain.receive)
    last = next((each for each in state.received() if (each.sender, each.permit) == sent_as), None)
    if last is None or kind.dataset not in last.versions:
        return Snapshot(0, empty)
    permit, shape = permit_of(door.paths.accepted / domain.with_, domain.receive)
    if shape.shape != kind.shape:
        raise DomainInvalid(domain.domain, "receive", f"{domain.receive} is of shape {shape.shape}, not {kind.shape}")
    there = schema_of_dataset(kind.dataset_shape, permit.leave_out)
    folder = door.paths.arrived / domain.with_ / domain.receive / kind.dataset
    files = file_paths(DeltaTable(str(folder), version=last.versions[kind.dataset]))
    if not files:
        return Snapshot(last.sequence, empty)
    shown = ", ".join(
        each.name if each.name in there.names else f"cast(null as {each.type.value}) as {each.name}" for each in wanted
    )
    engine.add_parquet("came", files, there)
    text = f"select {kind.item()} as item, {shown} from came order by item"
    return Snapshot(last.sequence, engine.read(parse(text, source="what the other cell claims")))


def decide(engine: Engine, door: Door, state: BorderState, domain: Domain, item: str, *, take_own: bool) -> None:
    """Decide between two rows that were asked about: this cell keeps its own, or yields to the other's.

    Raises:
        DomainUndecidable: Not both cells have a row under that key.
    """
    with _alone(door, domain):
        claims, theirs = claimed(door, domain), arrived(engine, door, state, domain).rows
        other = theirs.filter(pc.equal(theirs["item"], item))
        mine = pc.and_(pc.equal(claims["item"], item), claims["is_live"])
        if other.num_rows == 0 or not pc.any(mine).as_py():
            raise DomainUndecidable(domain.domain, "both cells have to have a row under that key")
        facts = {
            "counter": _following(claims, theirs),
            "saw": other["counter"][0].as_py(),
            "yields": not take_own,
            "noted_at_us": int(door.now().timestamp() * 1_000_000),
        }
        for name, value in facts.items():
            at = claims.schema.get_field_index(name)
            changed = pc.if_else(mine, pa.scalar(value, claims.schema.field(at).type), claims[name])
            claims = claims.set_column(at, claims.schema.field(at), changed)
        _write(_path(door, domain), claims)


def _add_own(engine: Engine, door: Door, domain: Domain, tables: TableStore) -> None:
    """Name `own_rows`: the cell's rows as the permit would let them out; a row with a withheld key is none of them."""
    kind = domain.kind
    permit = compiled(*permit_of(door.paths.permits, domain.send))
    if permit.shape.shape != kind.shape or permit.permit.to != domain.with_:
        raise DomainInvalid(domain.domain, "send", f"{domain.send} has to be of shape {kind.shape}, to {domain.with_}")
    add_unversioned(engine, kind, tables)
    Projection.of(engine, tables, permit, door.declared, ("", "k1"), _NO_PADS)
    there = schema_of_dataset(kind.dataset_shape, permit.permit.leave_out)
    types = {each.name: each.type.value for each in schema_of_dataset(kind.dataset_shape).columns}
    shown = ", ".join(
        name if name in there.names else f"cast(null as {types[name]}) as {name}" for name in (*kind.keys, *kind.values)
    )
    known = " and ".join(f"cast({each} as varchar) <> '{WITHHELD}'" for each in kind.keys)
    text = f"select {kind.item()} as item, {shown} from leaving_{kind.dataset} where {known}"
    engine.define("own_rows", parse(text, source="own rows of a domain"), materialise=True)


def _following(own: pa.Table, theirs: pa.Table) -> int:
    """A counter above all that are known; one of the other cell that counts no changes does not use up the numbers."""
    known = min(pc.max(theirs["counter"]).as_py() or 0, _COUNTER_MAX)
    return 1 + max(pc.max(own["counter"]).as_py() or 0, known)


def _live(claims: pa.Table) -> pa.Table:
    return claims.filter(claims["is_live"])


def _path(door: Door, domain: Domain) -> Path:
    return door.paths.claims / f"{domain.domain}.parquet"


def _alone(door: Door, domain: Domain) -> AbstractContextManager[None]:
    """One that notes changes of a domain at a time: counters follow each other."""
    door.paths.claims.mkdir(parents=True, exist_ok=True)
    return locked(door.paths.claims / f"{domain.domain}.lock")


def _write(path: Path, claims: pa.Table) -> None:
    """Replace the file as a whole, on the disk before anything leaves."""
    content = pa.BufferOutputStream()
    pq.write_table(claims, content, compression="zstd")
    write_durably(path, content.getvalue().to_pybytes())
