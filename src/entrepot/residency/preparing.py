"""What a permit would let out now: projected, inspected, compared with what the recipient holds, counted and judged."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from entrepot.residency.adoption import not_adopted
from entrepot.residency.aggregates.counting import Counted
from entrepot.residency.aggregates.making import made
from entrepot.residency.decided import decided_in
from entrepot.residency.domains.claims import add_versions
from entrepot.residency.judging import Judgement, judged, profile_of, sensitivity_of
from entrepot.residency.keys import cell_key, person_pads
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.terms import permit_of
from entrepot.residency.projecting import Projection
from entrepot.residency.reasons import reason_of
from entrepot.residency.transferlog import uncosigned_since

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from entrepot.residency.aggregates.releasing import Release
    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.envelope import FileFact
    from entrepot.residency.gate_errors import Reason
    from entrepot.residency.meter import PersonsMeter
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.residency.transferlog import TransferLog

__all__ = ["Prepared", "prepared"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a permit would let out now.

    Attributes:
        permit: Compiled.
        files: Parts that differ from what the recipient holds, written in `folder`.
        unchanged: Parts that the recipient holds as they are.
        persons: Those behind the rows of `files`.
        withheld: Values that leave as `withheld`.
        alarms: Values with a sign of a person that a closed form let pass.
        channels: Platforms whose data is among it.
        judgement: What the law, the evidence and the switches say.
        key_id: Generation of its token keys.
        uncosigned_days: For how many days entries of the log have stood that no other cell cosigned.
        release: What leaves as safe sums or counts, where such do.
    """

    permit: CompiledPermit
    files: tuple[FileFact, ...]
    unchanged: int
    persons: pa.Table
    withheld: int
    alarms: int
    channels: tuple[str, ...]
    judgement: Judgement
    key_id: str
    uncosigned_days: int
    release: Release | Counted | None

    @property
    def person_count(self) -> int:
        """Distinct persons; one may be buyer and recipient."""
        return self.judgement.counted.persons

    @property
    def upper_bound(self) -> bool:
        """Whether some persons cannot be told apart, so that their number is an upper bound."""
        return bool(self.persons.num_rows) and not pc.all(self.persons["is_linked"]).as_py()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that stands against it."""
        found = list(self.judgement.reasons)
        allowed = self.permit.permit.platform_permission
        missing = [each for each in self.channels if each not in allowed]
        if missing:
            found.append(reason_of("platform_permission", channels=", ".join(missing)))
        days = self.permit.permit.uncosigned_days_max
        if days is not None and self.uncosigned_days > days:
            found.append(reason_of("uncosigned", days=self.uncosigned_days, most=days))
        if self.alarms:
            found.append(reason_of("inspection", values=self.alarms))
        if isinstance(self.release, Counted):
            if self.release.beyond:
                found.append(reason_of("noise_budget", months=", ".join(self.release.beyond)))
        elif self.release is not None and self.release.outside:
            found.append(reason_of("key_outside", channels=", ".join(self.release.outside)))
        return tuple(found)


@contextlib.contextmanager
def prepared(
    door: Door, state: BorderState, meter: PersonsMeter, log: TransferLog, name: str
) -> Iterator[tuple[Prepared, Path]]:
    """Compute what a permit would let out now, and judge it; nothing is recorded and nothing leaves.

    Yields:
        What was found, and the folder with its files, which is gone afterwards.

    Raises:
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
    """
    permit = compiled(*permit_of(door.paths.permits, name))
    at = door.now()
    profile, day, _ = profile_of(door, at)
    key_id = state.token_key_id(name)
    door.paths.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=door.paths.scratch))
    try:
        with door.open_engine() as engine:
            keys = (cell_key(door.layout.keys, "token.key"), key_id)
            tables, pads = door.tables(), person_pads(door.layout.keys)
            add_versions(engine, door, state, permit, tables)
            sums = partial(made, engine, tables, permit, door, state, day)
            projection = Projection.of(engine, tables, permit, door.declared, keys, pads, sums)
            files, unchanged = _changed_parts(state, projection, permit, folder)
            parts: dict[str, list[str]] = {}
            for each in files:
                parts.setdefault(each.dataset, []).append(each.part)
            overrides = decided_in(door.paths.decisions).overrides
            everything, goods = sensitivity_of(profile, permit, day, overrides)
            persons = projection.persons(parts, goods, all_sensitive=everything)
            judgement = judged(door, state, meter, permit, persons, projection.shops(), at)
            unapproved = not_adopted(door, log, day)
            judgement = replace(judgement, reasons=(*unapproved, *judgement.reasons))
            late = uncosigned_since(log, at)
            yield (
                Prepared(
                    permit,
                    tuple(files),
                    unchanged,
                    persons,
                    projection.withheld(),
                    projection.alarms(),
                    projection.channels(),
                    judgement,
                    key_id,
                    late.age.days if late is not None else 0,
                    projection.release,
                ),
                folder,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _changed_parts(
    state: BorderState, projection: Projection, permit: CompiledPermit, folder: Path
) -> tuple[list[FileFact], int]:
    """Write every part that the recipient does not hold as it is, emptied ones included."""
    held = state.held_parts(permit.permit.permit)
    files: list[FileFact] = []
    unchanged = 0
    for dataset in permit.datasets:
        known = {key.partition("/")[2] for key in held if key.partition("/")[0] == dataset.name}
        for part in sorted({*projection.parts(dataset), *known}):
            fact = projection.write(dataset, part, len(files), folder)
            if held.get(f"{dataset.name}/{part}") == fact.sha256:
                (folder / fact.name).unlink()
                unchanged += 1
            else:
                files.append(fact)
    return files, unchanged
