"""The receiving cell's side: it holds the log to what it said before.

A log that signs its own roots proves nothing against its owner. A witness keeps the newest checkpoint that it accepted
and cosigns only what provably continues it, so a log that was shortened, changed or told two ways is found out by
whoever asks for the cosignature. A checkpoint is origin, size and root; it says nothing about anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import (
    LogDamaged,
    LogForked,
    LogKeyUnknown,
    LogShrunk,
    NoteInvalid,
    OriginUnknown,
    ProofMissing,
    ProofWrong,
)
from entrepot.residency.notes import SignatureType, cosign_note, open_note
from entrepot.residency.transferlog.checkpoint import Checkpoint, checkpoint_from_text
from entrepot.residency.transferlog.durable import locked, write_durably
from entrepot.residency.transferlog.tree import EMPTY_ROOT, is_consistent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from entrepot.residency.notes import SigningKey, VerifierKey

__all__ = ["Witness"]


def _now() -> datetime:
    return datetime.now(tz=UTC)


class Witness:
    """Watches one log; `open` makes it."""

    def __init__(
        self, folder: Path, key: SigningKey, log_key: VerifierKey, origin: str, clock: Callable[[], datetime]
    ) -> None:
        self._folder, self._key, self._log_key, self._origin, self._clock = folder, key, log_key, origin, clock

    @classmethod
    def open(
        cls,
        folder: Path,
        key: SigningKey,
        log_key: VerifierKey,
        origin: str,
        clock: Callable[[], datetime] = _now,
    ) -> Witness:
        """Open what is remembered of a log, or begin to.

        Args:
            folder: Where the newest accepted checkpoint is kept; one folder per log.
            key: Cosigns; a key that also signs other things is safe, since its cosignatures have their own form.
            log_key: The log's public key, which came by another way than the checkpoints.
            origin: The log's name.
            clock: Says when a cosignature is made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, key, log_key, origin, clock)

    @property
    def key(self) -> VerifierKey:
        """What the log must know to take the cosignatures."""
        return self._key.verifier(SignatureType.COSIGNATURE)

    @property
    def accepted(self) -> Checkpoint:
        """The newest accepted checkpoint; size 0 before the first.

        Raises:
            LogDamaged: The witness's own file was changed.
        """
        try:
            note = (self._folder / "accepted").read_text(encoding="utf-8")
        except FileNotFoundError:
            return Checkpoint(self._origin, 0, EMPTY_ROOT)
        try:
            found = checkpoint_from_text(open_note(note, [self._log_key]).text)
        except NoteInvalid as error:
            raise LogDamaged("accepted", error.problem) from error
        if found.origin != self._origin:
            raise LogDamaged("accepted", "it belongs to another log")
        return found

    def cosign(self, checkpoint: str, consistency_proof: Sequence[bytes]) -> str:
        """Cosign a checkpoint that continues what was accepted before.

        Args:
            checkpoint: As the log signed it.
            consistency_proof: From the newest accepted size to the checkpoint's; empty for the first and for the same.

        Returns:
            A note of the checkpoint's text with the cosignature, for `TransferLog.add_cosignature`.

        Raises:
            CheckpointRefused: In one of its kinds; what was accepted before still stands.
            NoteInvalid: It is malformed.
        """
        text, stated = self._stated(checkpoint)
        with locked(self._folder / "lock"):
            self._check(self.accepted, stated, consistency_proof)
            # Before the cosignature: one that was given and then forgotten could be contradicted.
            write_durably(self._folder / "accepted", checkpoint.encode())
        return cosign_note(text, self._key, self._clock())

    def _stated(self, checkpoint: str) -> tuple[str, Checkpoint]:
        origin = checkpoint.partition("\n")[0]
        if origin != self._origin:
            # What stands there is a stranger's text and is not repeated.
            raise OriginUnknown(self._origin, "it is the checkpoint of another log")
        try:
            text = open_note(checkpoint, [self._log_key]).text
        except NoteInvalid as error:
            raise LogKeyUnknown(self._origin, error.problem) from error
        return text, checkpoint_from_text(text)

    def _check(self, before: Checkpoint, stated: Checkpoint, proof: Sequence[bytes]) -> None:
        if stated == before:
            return  # asked again, since the answer was lost
        if stated.size < before.size:
            problem = f"it has {stated.size} entries and one with {before.size} was accepted"
            raise LogShrunk(self._origin, problem)
        if stated.size == before.size and stated.root != before.root:
            raise LogForked(self._origin, f"another one with the same {before.size} entries was accepted")
        if 0 < before.size < stated.size and not proof:
            raise ProofMissing(self._origin, f"nothing shows that it continues the {before.size} accepted entries")
        if not is_consistent(before.size, stated.size, before.root, stated.root, proof):
            raise ProofWrong(self._origin, f"the proof does not show that it continues the {before.size} entries")
