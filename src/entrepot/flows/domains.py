"""Journeys of shared domains: changes are noted, what holds is shown, what waits is told, a question is decided.

note     own rows ──► claims with versions           before anything leaves or arrives
show     own claims + what arrived ──► what holds    the same in both cells once each has the other's claims
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from entrepot.engine import parse
from entrepot.residency.border_state import BorderState, Step
from entrepot.residency.domains.claims import arrived, claimed, decide, note_changes
from entrepot.residency.domains.errors import DomainUndecidable
from entrepot.residency.domains.merging import Snapshot, resolved
from entrepot.residency.domains.settings import domain_of, domains_in
from entrepot.residency.gateway import Gateway
from entrepot.residency.permits.shape import source_text
from entrepot.store.errors import NothingPublished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine
    from entrepot.residency.domains.settings import Domain
    from entrepot.residency.door import Door

__all__ = ["Waits", "decide_item", "domain_rows", "domains_of", "note_domain", "plain", "waits_of"]

_HISTORY = (
    *("month", "order_token", "channel", "shop"),
    *("payment_state", "commercial_state", "fulfilment_state", "currency", "paid_band_minor"),
)
_BAND_MINOR = 10_000


@dataclass(frozen=True, slots=True)
class Waits:
    """What of a domain waits, and what waited.

    Attributes:
        domain: Its name.
        other: The other cell.
        to_leave: Changes that were noted here and have not left.
        to_leave_since: When the oldest of them was noted; empty without one.
        left_at: When rows left last.
        arrived_at: When rows of the other cell were applied last.
        arrivals: Envelopes of it that were applied.
        longest_wait_s: Longest time from the making of an envelope to its being applied here, in seconds.
        decided: Keys on which both cells differ and the rule decides.
        asked: Keys on which a person has to decide.
        other_terms: Keys on which nothing holds, for the other cell declared another rule.
        refused: Why nothing may leave now: a stable word, English, Chinese.
    """

    domain: str
    other: str
    to_leave: int
    to_leave_since: str
    left_at: str
    arrived_at: str
    arrivals: int
    longest_wait_s: int
    decided: int
    asked: int
    other_terms: int
    refused: tuple[tuple[str, str, str], ...]


def domains_of(door: Door) -> tuple[Domain, ...]:
    """The shared domains of a cell.

    Raises:
        DomainInvalid: `border/domains.yaml` cannot be used.
    """
    return domains_in(door.paths.domains, door.cell)


def note_domain(door: Door, sender: str, permit: str) -> None:
    """Note what changed in this cell of the domain that a permit of another cell carries, if it carries one.

    Raises:
        DomainInvalid: The domain cannot be used.
    """
    found = [each for each in domains_of(door) if (each.with_, each.receive) == (sender, permit)]
    if any(each.send and each.kind.is_merged for each in found):
        with contextlib.closing(BorderState(door.paths.state)) as state, door.open_engine() as engine:
            _note(engine, door, state, found)


def domain_rows(door: Door, name: str) -> pa.Table:
    """What holds of a domain in this cell, a row for each key; for orders the history of both cells, with `cell`.

    Raises:
        DomainUnknown: It is not declared.
        DomainInvalid: It cannot be used.
    """
    domain = domain_of(door.paths.domains, door.cell, name)
    with contextlib.closing(BorderState(door.paths.state)) as state, door.open_engine() as engine:
        if not domain.kind.is_merged:
            return _history(engine, door, state, domain)
        _note(engine, door, state, (domain,))
        return _rows(engine, door, state, domain)


def waits_of(door: Door) -> list[Waits]:
    """What waits and waited, for each domain; to ask what stands against a permit notes what changed."""
    found = []
    with contextlib.closing(BorderState(door.paths.state)) as state, door.open_engine() as engine:
        for each in domains_of(door):
            refused = _refused(door, each)
            states = _rows(engine, door, state, each)["state"].to_pylist() if each.kind.is_merged else []
            pending, since = _to_leave(door, state, each)
            came = state.arrivals(each.with_, each.receive) if each.receive else []
            found.append(
                Waits(
                    domain=each.domain,
                    other=each.with_,
                    to_leave=pending,
                    to_leave_since=_told(since),
                    left_at=_told(_left_at_us(state, each)),
                    arrived_at=_told(came[-1][2] if came else 0),
                    arrivals=len(came),
                    longest_wait_s=max((applied - made for _, made, applied in came), default=0) // 1_000_000,
                    decided=states.count("decided"),
                    asked=states.count("asked"),
                    other_terms=states.count("other_terms"),
                    refused=refused,
                )
            )
    return found


def decide_item(door: Door, name: str, item: str, take: str) -> None:
    """Decide about a key on which both cells changed a row: `take` names the cell whose row is to hold.

    Raises:
        DomainUnknown: The domain is not declared.
        DomainUndecidable: Nothing is asked about that key, or the cell is none of the two.
    """
    domain = domain_of(door.paths.domains, door.cell, name)
    if take not in domain.cells(door.cell):
        raise DomainUndecidable(name, f"take the row of {' or '.join(domain.cells(door.cell))}")
    with contextlib.closing(BorderState(door.paths.state)) as state, door.open_engine() as engine:
        _note(engine, door, state, (domain,))
        rows = _rows(engine, door, state, domain) if domain.kind.is_merged else None
        if rows is None or (item, "asked") not in zip(rows["item"].to_pylist(), rows["state"].to_pylist(), strict=True):
            raise DomainUndecidable(name, "nothing is asked about that key; `entrepot domain show` lists what is")
        decide(engine, door, state, domain, item, take_own=take == door.cell)


def _note(engine: Engine, door: Door, state: BorderState, domains: Sequence[Domain]) -> None:
    """Note changes of those domains that this cell sends; without data there is nothing to note."""
    with contextlib.suppress(NothingPublished):
        for each in domains:
            if each.send and each.kind.is_merged:
                note_changes(engine, door, state, each, door.tables())


def _rows(engine: Engine, door: Door, state: BorderState, domain: Domain) -> pa.Table:
    kind, cells = domain.kind, domain.cells(door.cell)
    snapshots: dict[str, Snapshot] = {}
    if domain.send:
        mine = claimed(door, domain)
        mine = mine.filter(mine["is_live"])
        terms = pa.array([domain.terms(door.cell)] * mine.num_rows, pa.int64())
        snapshots[door.cell] = Snapshot(0, mine.append_column("terms", terms))
    if domain.receive:
        snapshots[domain.with_] = arrived(engine, door, state, domain)
    return resolved(engine, snapshots, cells, (kind.keys, kind.values), domain.rule)


def _history(engine: Engine, door: Door, state: BorderState, domain: Domain) -> pa.Table:
    """Orders of this cell by its own keys, and those that came, by their tokens: each belongs to the cell that sold."""
    columns = ", ".join(_HISTORY)
    texts = []
    with contextlib.suppress(NothingPublished):
        source = parse(source_text("orders"), source="permits/orders.sql", strict_output=True)
        door.tables().open_into(engine, source.inputs())
        engine.define("own_orders", source)
        own = columns.replace("order_token", "order_key as order_token").replace(
            "paid_band_minor",
            f"product_exact(floor_div(paid_minor, {_BAND_MINOR}), {_BAND_MINOR}) as paid_band_minor",
        )
        texts.append(f"select '{door.cell}' as cell, {own} from own_orders")
    came = _received_history(state, door, domain)
    if came is not None:
        engine.add_arrow("came", came)
        texts.append(f"select '{domain.with_}' as cell, {columns} from came")
    if not texts:
        return pa.table({name: pa.array([], pa.string()) for name in ("cell", *_HISTORY)})
    text = f"select * from ({' union all '.join(texts)}) as h order by cell, month, order_token"
    return engine.read(parse(text, source="history"))


def _received_history(state: BorderState, door: Door, domain: Domain) -> pa.Table | None:
    kind = domain.kind
    for each in state.received():
        if (each.sender, each.permit) == (domain.with_, domain.receive) and kind.dataset in each.versions:
            folder = door.paths.arrived / each.sender / each.permit / kind.dataset
            rows = DeltaTable(str(folder), version=each.versions[kind.dataset]).to_pyarrow_table()
            for name in _HISTORY:
                if name not in rows.schema.names:
                    rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
            return rows
    return None


def _left_at_us(state: BorderState, domain: Domain) -> int:
    """When the newest envelope of a domain was begun; everything noted until then was in it."""
    if not domain.send:
        return 0
    left = (Step.SEALED, Step.SENT, Step.CLOSED)
    return max((each.made_at_us for each in state.transfers(domain.send) if each.step in left), default=0)


def _to_leave(door: Door, state: BorderState, domain: Domain) -> tuple[int, int]:
    """How many changes were noted after the last envelope was begun, and when the first of them was."""
    if not domain.send or not domain.kind.is_merged:
        return 0, 0
    noted = claimed(door, domain)["noted_at_us"]
    later = noted.filter(pc.greater(noted, _left_at_us(state, domain)))
    return len(later), pc.min(later).as_py() or 0


def _refused(door: Door, domain: Domain) -> tuple[tuple[str, str, str], ...]:
    if not domain.send:
        return ()
    try:
        with contextlib.closing(Gateway(door)) as gateway, gateway.prepared(domain.send) as (prepared, _):
            return tuple((each.word, each.said.en, each.said.zh) for each in prepared.reasons)
    except NothingPublished:
        return ()


def plain(waits: Sequence[Waits]) -> list[dict[str, Any]]:
    """For JSON."""
    return [asdict(each) for each in waits]


def _told(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at_us else ""
