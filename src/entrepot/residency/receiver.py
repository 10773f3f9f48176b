"""The other side of the door: what arrives is verified as if its sender could not be trusted, then applied once.

Verified are signature, permit, profile, order, caps, columns, forms, the absence of signs of persons, and that the
persons in the rows were counted; all before a row is written. What does not hold stays where it is and is named.
Envelopes of a permit are applied in the order in which they were sealed; one that came before is passed over, one that
comes too early waits.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError

from entrepot.engine import parse
from entrepot.engine.errors import QueryFailed, ShapeBroken
from entrepot.errors import EntrepotError
from entrepot.residency.border_state import BorderState, Received
from entrepot.residency.envelope import FORMAT, SUFFIX, opened
from entrepot.residency.gate_errors import EnvelopeRefused, PermitInvalid, PermitUnknown
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.forms import FORMS, WITHHELD, looks_personal
from entrepot.residency.permits.terms import permit_of
from entrepot.residency.profile import load_profile
from entrepot.store.tables import file_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.engine import Engine, Schema
    from entrepot.residency.door import Companion, Door
    from entrepot.residency.envelope import FileFact, Manifest, OpenedEnvelope
    from entrepot.residency.permits.compiled import CompiledDataset, CompiledPermit

__all__ = ["Arrivals", "Receiver", "received_files"]

_OF_TOKENS = r"\Ahs256:k[0-9]{1,6}:[0-9a-f]{64}\z"
_OF_NAMES = r"\A[^0-9@<>\r\n\t]{0,60}([0-9]{1,8}[^0-9@<>\r\n\t]{0,60}){0,8}\z"
"""What a name of the sender's own lists may look like; the list itself stays with the sender."""


_PERSON_COLUMNS = frozenset({"buyer_key", "person_key"})
"""Columns of which each value is one person; what an order or a parcel is may be several of one person."""


@dataclass(slots=True)
class Arrivals:
    """What came of one look into the mail.

    Attributes:
        applied: Manifests applied, in order.
        known: Envelopes that were applied before.
        waiting: Envelopes whose predecessor has not come.
        refused: Why others were not applied.
    """

    applied: list[Manifest] = field(default_factory=list)
    known: int = 0
    waiting: int = 0
    refused: list[EnvelopeRefused] = field(default_factory=list)


class Receiver:
    """The receiver of one cell.

    Args:
        door: The door.
        before: Called before an envelope is applied, while what it brings is not known here.
    """

    def __init__(self, door: Door, before: Callable[[Manifest], None] = lambda _: None) -> None:
        self._door, self._before = door, before
        self._state = BorderState(door.paths.state)

    def close(self) -> None:
        """Give connections back."""
        self._state.close()

    def receive(self) -> Arrivals:
        """Apply what arrived from every companion."""
        found = Arrivals()
        for companion in self._door.companions.values():
            if companion.receive is not None and companion.receive.is_dir():
                self._receive_from(companion, companion.receive, found)
        return found

    def _receive_from(self, companion: Companion, folder: Path, found: Arrivals) -> None:
        waiting: list[OpenedEnvelope] = []
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                envelope = opened(path, [companion.verifier])
                self._check_parties(envelope, companion)
                waiting.append(envelope)
            except EnvelopeRefused as refusal:
                found.refused.append(refusal)
        for envelope in sorted(waiting, key=lambda each: (each.manifest.permit, each.manifest.sequence)):
            manifest = envelope.manifest
            last = self._last(manifest)
            if manifest.sequence <= last:
                found.known += 1
            elif manifest.after != last:
                found.waiting += 1
            else:
                self._before(manifest)
                try:
                    self._apply(envelope)
                    found.applied.append(manifest)
                except EnvelopeRefused as refusal:
                    found.refused.append(refusal)

    def _last(self, manifest: Manifest) -> int:
        for each in self._state.received():
            if (each.sender, each.permit) == (manifest.sender, manifest.permit):
                return each.sequence
        return 0

    def _check_parties(self, envelope: OpenedEnvelope, companion: Companion) -> None:
        manifest, name = envelope.manifest, envelope.path.name
        if (manifest.sender, manifest.recipient) != (companion.cell, self._door.cell):
            raise EnvelopeRefused(name, "other_recipient", "it is from or for another cell")
        if manifest.v != FORMAT:
            raise EnvelopeRefused(name, "version", f"its format is {manifest.v}, and this software reads {FORMAT}")
        if manifest.sequence <= manifest.after or manifest.after < 0:
            raise EnvelopeRefused(name, "sequence", "it comes before its own predecessor")

    def _apply(self, envelope: OpenedEnvelope) -> None:
        """Verify every row, then replace the parts it carries; readers see all of it at once."""
        manifest = envelope.manifest
        permit = self._accepted(envelope)
        self._door.paths.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._door.paths.scratch))
        try:
            with self._door.open_engine() as engine:
                relations = [
                    (fact, self._verified(engine, envelope, permit, fact, number, folder))
                    for number, fact in enumerate(manifest.files)
                ]
                _check_persons(engine, manifest, permit, relations, envelope.path.name)
                versions = self._write(engine, manifest, permit, relations)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        at = int(self._door.now().timestamp() * 1_000_000)
        self._state.note_received(
            Received(manifest.sender, manifest.permit, manifest.sequence, manifest.transfer, at, versions),
            int(datetime.fromisoformat(manifest.made_at).timestamp() * 1_000_000),
        )

    def _accepted(self, envelope: OpenedEnvelope) -> CompiledPermit:
        """The permit as this cell accepted it; the sender's has to be the same to the letter."""
        manifest, name = envelope.manifest, envelope.path.name
        try:
            permit = compiled(*permit_of(self._door.paths.accepted / manifest.sender, manifest.permit))
        except PermitUnknown as error:
            raise EnvelopeRefused(name, "permit_not_accepted", f"this cell accepts no {manifest.permit}") from error
        except PermitInvalid as error:
            raise EnvelopeRefused(name, "permit_not_accepted", str(error)) from error
        if permit.digest != manifest.permit_hash:
            raise EnvelopeRefused(name, "other_permit", "it was made under another version of the permit")
        region, _, since = manifest.profile.partition("/")
        if not _is_profile(region, since, manifest, self._door.layout.profiles):
            raise EnvelopeRefused(name, "other_profile", "it was judged under a law that this cell does not know")
        terms = permit.permit
        if not terms.valid_from.isoformat() <= manifest.made_at[:10] <= terms.valid_to.isoformat():
            raise EnvelopeRefused(name, "expired", "it was made when the permit was not valid")
        if {each.dataset for each in manifest.files} - {each.name for each in permit.datasets}:
            raise EnvelopeRefused(name, "contents", "it holds a table that the permit does not name")
        if len({(each.dataset, each.part) for each in manifest.files}) != len(manifest.files):
            raise EnvelopeRefused(name, "contents", "it holds a part twice")
        _check_caps(manifest, permit, name)
        return permit

    def _verified(
        self,
        engine: Engine,
        envelope: OpenedEnvelope,
        permit: CompiledPermit,
        fact: FileFact,
        number: int,
        folder: Path,
    ) -> str:
        """Name the rows of a file in the engine once all of them are in the permit's form."""
        name = envelope.path.name
        dataset = next(each for each in permit.datasets if each.name == fact.dataset)
        path = envelope.take_out(fact, folder)
        relation = f"arrived_{number}"
        try:
            _check_columns(path, dataset.schema, name)
            engine.add_parquet(relation, [str(path)], dataset.schema)
            (row,) = engine.read(parse(_check_text(relation, dataset, permit), source="check")).to_pylist()
        except (QueryFailed, ShapeBroken) as error:
            raise EnvelopeRefused(name, "columns", f"{fact.name} has not the columns of the permit") from error
        if row["rows_found"] != fact.rows:
            raise EnvelopeRefused(name, "rows", f"{fact.name} has not as many rows as stated")
        if row["other_parts"] and fact.rows:
            raise EnvelopeRefused(name, "parts", f"{fact.name} holds rows of another part")
        broken = sorted(key.removeprefix("bad_") for key, count in row.items() if key.startswith("bad_") and count)
        if broken:
            raise EnvelopeRefused(name, "form", f"{fact.dataset}: values of {', '.join(broken)} are not in their form")
        if fact.rows and not _same_part(engine, relation, dataset, fact.part):
            raise EnvelopeRefused(name, "parts", f"{fact.name} is not of the part that it states")
        return relation

    def _write(
        self,
        engine: Engine,
        manifest: Manifest,
        permit: CompiledPermit,
        relations: list[tuple[FileFact, str]],
    ) -> dict[str, int]:
        """Replace parts; a process that died half-way is undone first, for its versions were never noted."""
        versions = self._versions(manifest)
        for dataset in permit.datasets:
            mine = [(fact, relation) for fact, relation in relations if fact.dataset == dataset.name]
            folder = self._door.paths.arrived / manifest.sender / manifest.permit / dataset.name
            handle = _restored(folder, versions.get(dataset.name))
            if handle is not None:
                versions[dataset.name] = handle.version()
            if not mine:
                continue
            if handle is None:
                folder.mkdir(parents=True, exist_ok=True)
                shape = dataset.schema.arrow()
                handle = DeltaTable.create(str(folder), schema=shape, partition_by=[dataset.shape.partition])
            for fact, relation in mine:
                _check_part(manifest, fact)
                write_deltalake(
                    handle,
                    engine.stream(relation, dataset.schema),
                    mode="overwrite",
                    predicate=f"{dataset.shape.partition} = '{fact.part}'",
                    writer_properties=WriterProperties(compression="ZSTD"),
                )
                handle.update_incremental()
            versions[dataset.name] = handle.version()
        return versions

    def _versions(self, manifest: Manifest) -> dict[str, int]:
        for each in self._state.received():
            if (each.sender, each.permit) == (manifest.sender, manifest.permit):
                return dict(each.versions)
        return {}


def received_files(door: Door, dataset: str) -> list[tuple[str, list[str]]]:
    """Files of a dataset that came from other cells, by sender, as of what was applied last."""
    found = []
    with contextlib.closing(BorderState(door.paths.state)) as state:
        for each in state.received():
            if dataset in each.versions:
                folder = door.paths.arrived / each.sender / each.permit / dataset
                found.append((each.sender, file_paths(DeltaTable(str(folder), version=each.versions[dataset]))))
    return found


def _check_caps(manifest: Manifest, permit: CompiledPermit, name: str) -> None:
    """What the sender counted, against the caps of permit and evidence."""
    total = sum(manifest.persons_year.values())
    for cap, whose in ((permit.permit.persons_max, "the permit"), (manifest.cap, "the evidence of its route")):
        if cap is not None and permit.shape.counts_persons and total > cap:
            raise EnvelopeRefused(name, "cap", f"{total:,} persons this year, and {whose} allows {cap:,}")


def _check_persons(
    engine: Engine,
    manifest: Manifest,
    permit: CompiledPermit,
    relations: list[tuple[FileFact, str]],
    name: str,
) -> None:
    """Rows that point at persons were counted: of one person at least, and of no fewer than buyers stand in them."""
    pointing = {each.name for each in permit.datasets if each.persons is not None}
    columns = [
        (each.dataset, each.field)
        for each in permit.decisions
        if each.transform == "token" and each.column in _PERSON_COLUMNS
    ]
    least = int(any(fact.rows for fact, _ in relations if fact.dataset in pointing))
    tokens = [
        f'select "{column}" as token from {relation}'
        for fact, relation in relations
        for dataset, column in columns
        if fact.dataset == dataset
    ]
    if tokens:
        text = f"select count(distinct token) as n from ({' union all '.join(tokens)}) as t"
        least = max(least, int(engine.read(parse(text, source="persons that came"))["n"][0].as_py()))
    if manifest.persons < least:
        raise EnvelopeRefused(name, "persons", f"it states {manifest.persons:,} persons, and holds {least:,} or more")


def _is_profile(region: str, since: str, manifest: Manifest, folder: Path) -> bool:
    """Whether the law of that region and day, lists of zones included, is known here with the same rules."""
    try:
        made = datetime.fromisoformat(manifest.made_at)
        known = load_profile(region, date.fromisoformat(since), folder)
        # It was judged on a day of the law's own zone, and at midnight a moment before it was made.
        days = {made.date(), made.astimezone(ZoneInfo(known.zone)).date(), date.fromisoformat(since)}
        return any(load_profile(region, day, folder).digest == manifest.profile_hash for day in days)
    except (EntrepotError, ValueError):
        return False


def _check_columns(path: Path, schema: Schema, name: str) -> None:
    import pyarrow.parquet as pq

    try:
        there = pq.read_schema(path)
    except (OSError, ValueError) as error:
        raise EnvelopeRefused(name, "columns", "a file in it is no Parquet") from error
    wanted = [(each.name, each.type.arrow) for each in schema.columns]
    if [(each.name, each.type) for each in there] != wanted or there.metadata:
        raise EnvelopeRefused(name, "columns", "a file in it has not exactly the columns of the permit")


def _check_text(relation: str, dataset: CompiledDataset, permit: CompiledPermit) -> str:
    """One row: how many rows, and per column how many values are not in their form."""
    column = dataset.shape.partition
    counted = ["count(*) as rows_found", f'count(distinct "{column}") - 1 as other_parts']
    decisions = {each.field: each for each in permit.decisions if each.dataset == dataset.name}
    for shape in dataset.shape.fields:
        decision = decisions[shape.name]
        if decision.transform == "drop" or shape.type != "text":
            continue
        quoted = f'"{shape.name}"'
        condition = _form_of(quoted, decision.transform, decision.form)
        bad = f"coalesce({quoted} is not null and {quoted} <> '{WITHHELD}' and not ({condition}), false)"
        counted.append(f'coalesce(sum_exact(case when {bad} then 1 else 0 end), 0) as "bad_{shape.name}"')
    return f"select {', '.join(counted)} from {relation}"


def _form_of(column: str, transform: str, form: str) -> str:
    if transform == "token":
        return f"regexp_matches({column}, '{_OF_TOKENS}')"
    shape = FORMS.get(form)
    if shape is None:
        return f"regexp_matches({column}, '{FORMS['period'].pattern}')"
    if not shape.pattern:
        return f"regexp_matches({column}, '{_OF_NAMES}') and not ({looks_personal(column)})"
    own = f"regexp_matches({column}, '{shape.pattern}')"
    return f"{own} and not ({looks_personal(column)})" if shape.is_open else own


def _same_part(engine: Engine, relation: str, dataset: CompiledDataset, part: str) -> bool:
    found = engine.read(parse(f'select min("{dataset.shape.partition}") as part from {relation}', source="part"))
    return bool(found["part"][0].as_py() == part)


def _check_part(manifest: Manifest, fact: FileFact) -> None:
    plain = fact.part.isascii() and "'" not in fact.part and bool(fact.part)
    assert plain, f"{manifest.permit}: a part was verified to be plain text"


def _restored(folder: Path, wanted: int | None) -> DeltaTable | None:
    """The table as readers see it; what a dead process wrote beyond that is taken back."""
    try:
        handle = DeltaTable(str(folder))
    except TableNotFoundError:
        return None
    if wanted is None:
        shutil.rmtree(folder)
        return None
    if handle.version() > wanted:
        handle.restore(wanted)
    return handle
