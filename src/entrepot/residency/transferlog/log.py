"""The transfer log: what crossed the border, written before it crosses.

An entry counts once `append` has returned: tiles and entries are on the disk, and the signed checkpoint replaced the
one before. The checkpoint is the only commit: what lies beyond it after a crash was acknowledged to nobody and is
removed. Several threads that append at the same moment are written in one round; processes take turns.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import EntryRefused, LogDamaged, NoteInvalid, ProofRefused
from entrepot.residency.notes import SignatureType, merge_notes, open_note, sign_note
from entrepot.residency.transferlog.checkpoint import Checkpoint, checkpoint_from_text
from entrepot.residency.transferlog.durable import add_durably, locked, write_durably
from entrepot.residency.transferlog.tiles import ENTRY_BYTES_MAX, WIDTH, Edge, Tiles, grown, tile_from_name
from entrepot.residency.transferlog.tree import consistency_path, inclusion_path, leaf_hash, range_root

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from entrepot.residency.notes import SigningKey, VerifierKey

__all__ = ["TransferLog"]


@dataclass(slots=True)
class _Waiting:
    """The entries of one caller, and what came of them."""

    entries: Sequence[bytes]
    written: range | None = None
    failure: BaseException | None = None

    @property
    def is_done(self) -> bool:
        """Whether a round had these entries in it."""
        return self.written is not None or self.failure is not None


@dataclass(slots=True)
class _State:
    """The newest checkpoint as it stands in its file, and the edge of its tree."""

    note: str
    checkpoint: Checkpoint
    edge: Edge = field(default_factory=Edge)


class TransferLog:
    """One log in one folder; `open` makes it."""

    def __init__(self, folder: Path, origin: str, key: SigningKey, witnesses: Collection[VerifierKey]) -> None:
        self._folder, self._origin, self._key = folder, origin, key
        self._witnesses = tuple(each for each in witnesses if each.signs is SignatureType.COSIGNATURE)
        assert len(self._witnesses) == len(witnesses), "a witness is known by the key of its cosignatures"
        self._tiles = Tiles(folder)
        self._gate, self._is_writing = threading.Condition(), False
        self._queue: list[_Waiting] = []
        self._known: _State | None = None

    @classmethod
    def open(cls, folder: Path, origin: str, key: SigningKey, witnesses: Collection[VerifierKey] = ()) -> TransferLog:
        """Open a log, make an empty one on first use, and remove what a crash left.

        Args:
            folder: The log's own folder.
            origin: Its name, such as `entrepot.example/cn/transfers`; it never changes.
            key: Signs the checkpoints.
            witnesses: Keys (of type cosignature) whose cosignatures `add_cosignature` takes.

        Raises:
            LogDamaged: The files do not agree with the checkpoint, or somebody else's key signed it.
        """
        log = cls(folder, origin, key, witnesses)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            if not (folder / "checkpoint").exists():
                if (folder / "tile").exists():
                    raise LogDamaged("checkpoint", "the file is missing, and there are entries")
                (folder / "writing").unlink(missing_ok=True)
                log._commit(Edge(), {})
            log._remove_remainders(log._state().checkpoint.size)
        return log

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._origin

    @property
    def key(self) -> VerifierKey:
        """Whoever verifies checkpoints needs this."""
        return self._key.verifier()

    @property
    def size(self) -> int:
        """Number of entries that were acknowledged."""
        return self._state().checkpoint.size

    @property
    def cosigned_size(self) -> int:
        """Number of entries under the newest checkpoint that any witness cosigned; 0 when there is none."""
        return max((self.cosigned_by(witness) for witness in self._witnesses), default=0)

    def cosigned_by(self, witness: VerifierKey) -> int:
        """Number of entries under the newest checkpoint that this witness cosigned."""
        path = self._cosigned_path(witness)
        return self._checkpoint_of(path.read_text(encoding="utf-8"), path.name).size if path.exists() else 0

    def checkpoint(self) -> str:
        """The newest checkpoint, signed, with the cosignatures that came for it."""
        return self._state().note

    def append(self, entries: Sequence[bytes]) -> range:
        """Write entries, all of them or none; returns their places once they can no longer be lost.

        Raises:
            EntryRefused: One is empty or longer than 65,535 bytes; none was written.
            LogDamaged: The files do not agree with the checkpoint; none was written.
            OSError: The disk failed; `size` says whether they are in all the same.
        """
        for entry in entries:
            if not 0 < len(entry) <= ENTRY_BYTES_MAX:
                raise EntryRefused("", "length", f"is {len(entry)} bytes, at least 1 and at most {ENTRY_BYTES_MAX}")
        waiting = _Waiting(entries)
        with self._gate:
            self._queue.append(waiting)
            while self._is_writing and not waiting.is_done:
                self._gate.wait()
            # Whoever finds nobody writing writes for all who wait; the others find it done.
            batch: list[_Waiting] = []
            if not waiting.is_done:
                batch, self._queue, self._is_writing = self._queue, [], True
        if batch:
            self._write(batch)
            with self._gate:
                self._is_writing = False
                self._gate.notify_all()
        if waiting.failure is not None:
            raise waiting.failure
        assert waiting.written is not None, "whoever waited was written or refused"
        return waiting.written

    def entries(self, first: int, last: int) -> list[bytes]:
        """The entries from `first` to before `last`, each compared with its leaf of the tree.

        Raises:
            ProofRefused: There are not so many.
            LogDamaged: An entry or a file is not what it was.
        """
        size = self.size
        if not 0 <= first <= last <= size:
            raise ProofRefused(f"the entries from {first} to before {last}", size)
        found: list[bytes] = []
        for index in range(first // WIDTH, -(-last // WIDTH)):
            width = min(WIDTH, size - index * WIDTH)
            bundle = self._tiles.bundle(index, width)
            if [leaf_hash(entry) for entry in bundle] != self._tiles.hashes(0, index, width):
                raise LogDamaged(f"entries {index * WIDTH} to {index * WIDTH + width - 1}", "one has another hash")
            found += bundle
        skipped = first // WIDTH * WIDTH
        return found[first - skipped : last - skipped]

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Hashes that lead from an entry to the root of the tree of this size.

        Raises:
            ProofRefused: The log has fewer entries, or the entry is not among them.
        """
        now = self.size
        if not 0 <= index < size <= now:
            raise ProofRefused(f"that entry {index} is among the first {size}", now)
        return inclusion_path(index, size, lambda height, at: self._tiles.node(height, at, now))

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """Hashes that show that the tree of `second` entries begins with that of `first`.

        Raises:
            ProofRefused: The log has fewer entries, or the sizes stand the wrong way round.
        """
        now = self.size
        if not 0 <= first <= second <= now:
            raise ProofRefused(f"that the first {second} entries begin with the first {first}", now)
        return consistency_path(first, second, lambda height, at: self._tiles.node(height, at, now))

    def add_cosignature(self, note: str) -> None:
        """Keep a witness's cosignature of one of this log's checkpoints.

        Args:
            note: The checkpoint's text with the cosignature.

        Raises:
            NoteInvalid: None of the witnesses cosigned it, or it is no checkpoint of this log.
        """
        opened = open_note(note, self._witnesses)
        stated = checkpoint_from_text(opened.text)
        with locked(self._folder / "lock"):
            state = self._state()
            if stated.origin != self._origin or stated.root != self._root_at(stated.size):
                raise NoteInvalid("it is no checkpoint of this log")
            if stated == state.checkpoint and not set(opened.signed_by) <= self._cosigners(state.note):
                write_durably(self._folder / "checkpoint", merge_notes(state.note, note).encode())
            # Signing the text again gives the same signature: there is no chance in Ed25519.
            again = merge_notes(sign_note(stated.text, self._key), note).encode()
            for witness in opened.signed_by:
                if stated.size > self.cosigned_by(witness):
                    write_durably(self._cosigned_path(witness), again)

    def _cosigners(self, note: str) -> set[VerifierKey]:
        return set(open_note(note, [self.key, *self._witnesses]).signed_by)

    def _cosigned_path(self, witness: VerifierKey) -> Path:
        return self._folder / "cosigned" / witness.key_id

    def _root_at(self, size: int) -> bytes | None:
        """The root of the first entries; None when there are not so many."""
        now = self.size
        return range_root(0, size, lambda height, at: self._tiles.node(height, at, now)) if size <= now else None

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            with locked(self._folder / "lock"):
                state = self._state()
                entries = [entry for waiting in batch for entry in waiting.entries]
                at = state.checkpoint.size
                if entries:
                    self._commit(*grown(state.edge, entries))
        except BaseException as error:  # noqa: BLE001 raised again by every caller whose entries were in the round
            for waiting in batch:
                waiting.failure = error
            return
        for waiting in batch:
            waiting.written = range(at, at + len(waiting.entries))
            at += len(waiting.entries)

    def _commit(self, edge: Edge, files: dict[str, bytes]) -> None:
        marker = self._folder / "writing"
        if marker.exists():  # another process died here, or this one could not write
            self._remove_remainders(self._state().checkpoint.size)
        marker.touch()
        checkpoint = Checkpoint(self._origin, edge.size, edge.root)
        note = sign_note(checkpoint.text, self._key)
        add_durably({self._folder / name: content for name, content in files.items()})
        write_durably(self._folder / "checkpoint", note.encode())
        self._known = _State(note, checkpoint, edge)
        with contextlib.suppress(OSError):  # the entries are in; who could not tidy leaves it to the next
            for name in files:
                tile = tile_from_name(name)
                if tile is not None and tile[2] == WIDTH:
                    self._remove_narrower(self._folder / f"{name}.p")
            marker.unlink()

    def _remove_remainders(self, size: int) -> None:
        for path in self._tiles.remainders(size):
            path.unlink()
        (self._folder / "writing").unlink(missing_ok=True)

    def _remove_narrower(self, folder: Path) -> None:
        """A full tile holds what its narrower ones held; a crash in between leaves them to `open`."""
        with contextlib.suppress(FileNotFoundError):
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    def _state(self) -> _State:
        """The newest checkpoint; read again when another process wrote one."""
        note = (self._folder / "checkpoint").read_text(encoding="utf-8")
        known = self._known
        if known is not None and known.note == note:
            return known
        checkpoint = self._checkpoint_of(note, "checkpoint")
        if known is not None and checkpoint.size < known.checkpoint.size:
            raise LogDamaged("checkpoint", f"it has {checkpoint.size} entries and had {known.checkpoint.size}")
        if known is not None and checkpoint == known.checkpoint:
            state = _State(note, checkpoint, known.edge)
        else:
            state = _State(note, checkpoint, self._tiles.edge(checkpoint.size))
            if state.edge.root != checkpoint.root:
                raise LogDamaged("checkpoint", "its root is not that of the tiles")
        self._known = state
        return state

    def _checkpoint_of(self, note: str, place: str) -> Checkpoint:
        try:
            checkpoint = checkpoint_from_text(open_note(note, [self.key]).text)
        except NoteInvalid as error:
            raise LogDamaged(place, error.problem) from error
        if checkpoint.origin != self._origin:
            raise LogDamaged(place, "it belongs to another log")
        return checkpoint
