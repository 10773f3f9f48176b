"""For how long copies of what left are kept: at least as long as the profile says, longer under a hold, then no more.

A copy is personal data that nobody needs once the law no longer asks for it. The next writer removes what is over and
says so in the log first; where the profile names no term, nothing is removed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from entrepot.residency.border_state import Step
from entrepot.residency.copies import SUFFIX
from entrepot.residency.duties import months_kept
from entrepot.residency.recording import commitment_in
from entrepot.store import ErasureLog, State

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.profile import Profile

__all__ = ["KIND", "Kept", "copies_kept"]

KIND = "sealed_envelope"
"""Kind of record in profiles."""

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy of what left.

    Attributes:
        envelope: File name of the envelope.
        path: Where the copy lies.
        envelope_hash: `sha256:` of the envelope.
        salt: Names the salt of the commitment to its contents.
        is_sealed: Whether two approvers are needed to read it.
        until: Last day on which it is kept; None where the profile names no term.
        is_held: A legal hold is in force; whom it covers cannot be told from a sealed copy, so it covers all.
        is_over: Whether it is to be removed.
    """

    envelope: str
    path: Path
    envelope_hash: str
    salt: str
    is_sealed: bool
    until: date | None
    is_held: bool
    is_over: bool


def copies_kept(door: Door, state: BorderState, profile: Profile, at: datetime) -> list[Kept]:
    """Copies that lie in the outbox, oldest first, with their terms under the profile of today."""
    months, zone = months_kept(profile, KIND), ZoneInfo(profile.zone)
    is_held = _is_held(door, at)
    found = []
    for each in state.transfers():
        if each.step is not Step.CLOSED or each.envelope is None or each.envelope_hash is None:
            continue
        plain = door.paths.outbox / each.envelope
        sealed = plain.with_name(plain.name + SUFFIX)
        made = datetime.fromtimestamp(each.made_at_us / 1_000_000, zone).date()
        until = _months_later(made, months) if months else None
        is_over = until is not None and at.astimezone(zone).date() > until and not is_held
        salt = commitment_in(each.intent.encode()).key_id
        found += [
            Kept(each.envelope, path, each.envelope_hash, salt, path == sealed, until, is_held, is_over)
            for path in (plain, sealed)
            if path.exists()
        ]
    return found


def _is_held(door: Door, at: datetime) -> bool:
    if not door.layout.state.exists():
        return False
    with contextlib.closing(State(door.layout)) as state:
        return bool(ErasureLog(state).holds_in_force(at.astimezone(UTC).date().isoformat()))


def _months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    for last in range(day.day, 0, -1):
        with contextlib.suppress(ValueError):
            return date(year, month + 1, last)
    raise AssertionError("every month has a first day")
