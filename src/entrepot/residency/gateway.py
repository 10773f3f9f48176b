"""The door: permit, evidence, persons counted, projected, inspected, recorded, sealed, handed over, recorded again.

One process of a cell at a time holds it. What a permit would let out is computed in `preparing`, and the steps by which
it leaves are in `transfer_steps`; here they follow each other, and copies of what left are kept while the law says so.
"""

from __future__ import annotations

import contextlib
import fcntl
from typing import TYPE_CHECKING

from entrepot.residency.border_state import BorderState, Step
from entrepot.residency.copies import APPROVERS_NEEDED, Approvers, seal_copy
from entrepot.residency.gate_errors import ClearanceRefused
from entrepot.residency.judging import profile_of
from entrepot.residency.meter import PersonsMeter
from entrepot.residency.notes import signing_key
from entrepot.residency.preparing import prepared
from entrepot.residency.recording import refusal_entry, removal_entry, switch_entry
from entrepot.residency.retention import copies_kept
from entrepot.residency.transfer_steps import TransferSteps
from entrepot.residency.transferlog import Commitments, TransferLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from entrepot.residency.border_state import Switch, Transfer
    from entrepot.residency.door import Door
    from entrepot.residency.preparing import Prepared
    from entrepot.residency.transfer_steps import Cleared

__all__ = ["Gateway"]


class Gateway:
    """The gateway of one cell; who opens it signs with the cell's key.

    Args:
        door: The door.
        died_at: For tests: called with the name of each point at which a process may die.
    """

    def __init__(self, door: Door, died_at: Callable[[str], None] | None = None) -> None:
        self._door = door
        self._point = died_at or (lambda _name: None)
        key = signing_key(door.layout.keys, door.cell)
        self.state = BorderState(door.paths.state)
        self._meter: PersonsMeter | None = None
        witnesses = [each.witness for each in door.companions.values()]
        self.log = TransferLog.open(door.paths.log, f"entrepot/{door.cell}/transfers", key, witnesses)
        self._steps = TransferSteps(door, self.state, self.log, key, lambda: self.meter, self._point)

    def close(self) -> None:
        """Give files and connections back."""
        self.state.close()
        if self._meter is not None:
            self._meter.close()

    @property
    def meter(self) -> PersonsMeter:
        """The persons meter of the cell, whose years are those of its law's zone.

        Raises:
            ProfileUnknown: There is no law of the cell's region.
        """
        if self._meter is None:
            profile, _, _ = profile_of(self._door, self._door.now())
            self._meter = PersonsMeter.open(self._door.paths.meter, profile.zone)
        return self._meter

    def prepared(self, name: str) -> AbstractContextManager[tuple[Prepared, Path]]:
        """Compute what a permit would let out now, and judge it; nothing is recorded and nothing leaves.

        Raises:
            PermitUnknown: There is no such permit.
            PermitInvalid: It cannot be used.
        """
        return prepared(self._door, self.state, self.meter, self.log, name)

    def clear(self, name: str) -> Cleared | None:
        """Let out what changed under a permit; None where the recipient holds everything.

        Raises:
            ClearanceRefused: Something stands against it; the refusal is recorded and nothing left.
            PermitUnknown: There is no such permit.
            PermitInvalid: It cannot be used.
        """
        with self._alone():
            self._steps.end_open()
            self._seal_copies()
            self._remove_copies()
            with self.prepared(name) as (found, folder):
                if found.reasons:
                    self.log.append([refusal_entry(found, self._door.now())])
                    raise ClearanceRefused(name, found.reasons)
                cleared = self._steps.leave(found, folder) if found.files else None
            self._seal_copies()
            return cleared

    def resume(self) -> list[Transfer]:
        """End what a process that died left half-way; returns those transfers as they now stand."""
        with self._alone():
            return self._steps.end_open()

    def switch(self, decision: Switch) -> None:
        """Shut or open the door for a permit, a recipient or the whole cell; recorded in the log first."""
        with self._alone():
            self.log.append([switch_entry(decision, self._door.now())])
            self.state.switch(decision)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One gateway of a cell at a time: counts and sequence follow each other."""
        self._door.paths.root.mkdir(parents=True, exist_ok=True)
        with (self._door.paths.root / "gateway.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _seal_copies(self) -> None:
        """Seal the copies of what left, once there are two approvers who can open them together."""
        approvers = Approvers.of(self._door.paths.approvers).approvers
        if len(approvers) < APPROVERS_NEEDED:
            return
        for each in self.state.transfers():
            if each.step is Step.CLOSED and each.envelope is not None:
                copy = self._door.paths.outbox / each.envelope
                if copy.exists():
                    seal_copy(copy, approvers)

    def _remove_copies(self) -> None:
        """Remove copies whose term is over; the log says so first, so that none is missing without a word."""
        now = self._door.now()
        profile, _, _ = profile_of(self._door, now)
        for each in copies_kept(self._door, self.state, profile, now):
            if each.is_over:
                self.log.append([removal_entry(each.envelope_hash, now)])
                self._point("removal written")
                # What was committed to can be shown no more, so nothing about it can be told from the log either.
                Commitments(self._door.paths.salts).erase(each.salt)
                each.path.unlink()
