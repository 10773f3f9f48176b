"""Permits of a cell: written, accepted from another cell, looked at: what one would let out now, for whom and why."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.flows.border import door_for
from entrepot.residency.aggregates.counting import Counted
from entrepot.residency.door import BorderPaths, Door
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.gateway import Gateway
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.shape import shipped_shape
from entrepot.residency.permits.terms import (
    Aggregates,
    Circumstances,
    Permit,
    Recipient,
    permit_names,
    permit_of,
    permit_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from entrepot.flows.parts import CellParts
    from entrepot.residency.meter_reading import Persons
    from entrepot.residency.permits.compiled import Decision
    from entrepot.residency.preparing import Prepared

__all__ = [
    "Checked",
    "Sums",
    "accept_permit",
    "check_permit",
    "new_permit",
    "permits_of",
    "permitted_fields",
    "preview",
    "rotate_tokens",
]


@dataclass(frozen=True, slots=True)
class Sums:
    """What is known of safe sums before they leave.

    Attributes:
        suppressed: Amounts that are not shown.
        pooled: Sums of such that are.
        held: Lines of months that changed since they were released, and stay as they were.
        derivable_from: Permits whose rows the recipient gets as well, so that the sums protect nobody.
    """

    suppressed: int
    pooled: int
    held: int
    derivable_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a permit would let out now, in plain data.

    Attributes:
        permit: Its terms.
        title: Title of its shape, by language.
        decisions: What becomes of each field.
        rows: Dataset to rows that would leave now.
        unchanged: Parts that the recipient holds already.
        persons: Distinct persons behind those rows.
        persons_before: Persons of the processor this year, by class.
        persons_after: The same afterwards.
        this_system_only: Nothing was declared of flows outside this system.
        upper_bound: Not all persons can be told apart.
        route: What the law leaves open.
        cite: Where it stands.
        withheld: Values that would leave as `withheld`.
        processors: Legal processors for whom the persons are counted; the permit's first, joint ones behind it.
        reasons: What stands against it: a stable word, what is meant in English and in Chinese.
        warnings: What does not stop it yet.
        why: Sentences on why it is lawful.
        sums: For a permit that lets out safe sums.
    """

    permit: Permit
    title: dict[str, str]
    decisions: tuple[Decision, ...]
    rows: dict[str, int]
    unchanged: int
    persons: int
    persons_before: dict[str, int]
    persons_after: dict[str, int]
    this_system_only: bool
    upper_bound: bool
    route: str
    cite: str
    withheld: int
    processors: tuple[str, ...]
    reasons: tuple[tuple[str, str, str], ...]
    warnings: tuple[tuple[str, str, str], ...]
    why: tuple[tuple[str, str], ...]
    sums: Sums | None = None


def new_permit(
    parts: CellParts,
    name: str,
    *,
    shape: str,
    to: str,
    purpose: str,
    recipient: Recipient,
    processor: str,
    circumstances: Circumstances,
    platforms: dict[str, str],
    days: int,
    shops: tuple[str, ...] = (),
    persons_max: int | None = None,
    aggregates: Aggregates | None = None,
) -> Path:
    """Write a permit into the cell's folder; an existing one stays.

    Raises:
        PermitInvalid: There is one of that name, or its terms contradict its shape.
    """
    paths = BorderPaths(parts.layout.border)
    path = paths.permits / f"{name}.yaml"
    if path.exists():
        raise PermitInvalid(name, path.name, "there is a permit of that name; change its file, or choose another name")
    today = datetime.now(UTC).date()
    permit = Permit(
        permit=name,
        shape=shape,
        to=to,
        purpose=purpose,
        recipient=recipient,
        processor=processor,
        valid_from=today,
        valid_to=today + timedelta(days=days),
        circumstances=circumstances,
        platform_permission=platforms,
        shops=shops,
        persons_max=persons_max,
        aggregates=aggregates,
    )
    shipped_shape(shape)
    paths.permits.mkdir(parents=True, exist_ok=True)
    path.write_text(permit_text(permit), encoding="utf-8")
    try:
        compiled(*permit_of(paths.permits, name))
    except PermitInvalid:
        path.unlink()
        raise
    return path


def accept_permit(parts: CellParts, file: Path, sender: str) -> Path:
    """Keep a copy of another cell's permit, under which its envelopes are then accepted.

    Raises:
        PermitInvalid: It cannot be used, or names another recipient.
    """
    door = door_for(parts)
    folder = door.paths.accepted / sender
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file.name
    before = target.read_bytes() if target.exists() else None
    shutil.copyfile(file, target)
    try:
        _check_recipient(permit_of(folder, file.stem)[0], door)
    except PermitInvalid:
        target.unlink() if before is None else target.write_bytes(before)
        raise
    return target


def permits_of(parts: CellParts) -> list[Permit]:
    """Permits of a cell, by name."""
    folder = BorderPaths(parts.layout.border).permits
    return [permit_of(folder, name)[0] for name in permit_names(folder)]


def permitted_fields(parts: CellParts) -> dict[str, frozenset[str]]:
    """Permit to the canonical columns, `table.column`, of which it lets anything out."""
    folder = BorderPaths(parts.layout.border).permits
    return {name: compiled(*permit_of(folder, name)).origins for name in permit_names(folder)}


def check_permit(parts: CellParts, name: str) -> Checked:
    """What would leave now, for whom, why it is lawful, what it counts and what is missing; nothing leaves.

    Raises:
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
        NothingPublished: Nothing was imported yet.
    """
    with contextlib.closing(Gateway(door_for(parts))) as gateway, gateway.prepared(name) as (prepared, _):
        return _checked(prepared)


def rotate_tokens(parts: CellParts, name: str) -> str:
    """Begin a new generation of a permit's token keys; every part leaves again with the new tokens.

    Raises:
        PermitUnknown: There is no such permit.
    """
    door = door_for(parts)
    permit_of(door.paths.permits, name)
    with contextlib.closing(Gateway(door)) as gateway:
        return gateway.state.rotate_tokens(name)


def preview(parts: CellParts, name: str, rows: int) -> dict[str, pa.Table]:
    """The first rows of each table as they would leave.

    Raises:
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
        NothingPublished: Nothing was imported yet.
    """
    with contextlib.closing(Gateway(door_for(parts))) as gateway, gateway.prepared(name) as (prepared, folder):
        shown = {}
        with parts.open_engine() as engine:
            for dataset in prepared.permit.datasets:
                paths = [str(folder / each.name) for each in prepared.files if each.dataset == dataset.name]
                engine.add_parquet("shown", paths, dataset.schema)
                columns = ", ".join(f'"{each}"' for each in dataset.schema.names)
                text = f"select {columns} from shown order by {columns} limit {rows}"
                shown[dataset.name] = engine.read(parse(text, source="preview"))
        return shown


def _check_recipient(permit: Permit, door: Door) -> None:
    if permit.to != door.cell:
        raise PermitInvalid(permit.permit, "to", f"it is for the cell {permit.to}, and this one is {door.cell}")


def _checked(prepared: Prepared) -> Checked:
    judgement, rows = prepared.judgement, dict.fromkeys((each.name for each in prepared.permit.datasets), 0)
    for each in prepared.files:
        rows[each.dataset] += each.rows
    verdict, reading = judgement.verdict, judgement.reading
    return Checked(
        permit=prepared.permit.permit,
        title=prepared.permit.shape.title,
        decisions=prepared.permit.decisions,
        rows=rows,
        unchanged=prepared.unchanged,
        persons=prepared.person_count,
        persons_before=_by_class(reading.before.everyone),
        persons_after=_by_class(reading.after.everyone),
        this_system_only=reading.this_system_only,
        upper_bound=prepared.upper_bound,
        route=verdict.route,
        cite=f"{verdict.cite.instrument}, {verdict.cite.article}" if verdict.row else "",
        withheld=prepared.withheld,
        processors=tuple(each.processor for each in judgement.standings),
        reasons=tuple((each.word, each.said.en, each.said.zh) for each in prepared.reasons),
        warnings=tuple((each.code, each.words.en, each.words.zh) for each in judgement.warnings),
        why=tuple((each.en, each.zh) for each in verdict.reasons),
        sums=_sums(prepared),
    )


def _sums(prepared: Prepared) -> Sums | None:
    release = prepared.release
    if release is None or isinstance(release, Counted):
        return None
    states = [*release.rows["state"].to_pylist(), *release.groups["state"].to_pylist()]
    return Sums(states.count("suppressed"), states.count("pooled"), release.held, release.derivable_from)


def _by_class(persons: Persons) -> dict[str, int]:
    return {"non_sensitive": persons.non_sensitive, "sensitive": persons.sensitive}
