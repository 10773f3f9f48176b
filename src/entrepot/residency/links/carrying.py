"""One round of carrying: what waits in a mail folder enters the broker, what the broker keeps for us comes out.

The outbox is the mail folder, and it keeps: mail is dropped from it only once the recipient's signed receipt came. The
broker keeps until a piece is on the recipient's disk. So a link may be cut, a broker restarted or wiped, and a process
die at any moment: pieces come again, the same file is the same mail, and mail that is there is not put there twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import NoteInvalid
from entrepot.residency.envelope import SUFFIX
from entrepot.residency.link_errors import BrokerUnreachable, LinkUnknown, MailNotSealed
from entrepot.residency.links.broker import AT_ONCE, connected, inbox_of, nkey_of, stream_of, subject_of
from entrepot.residency.links.sealing import Piece, Route, box_of, opened_piece, sealed_piece
from entrepot.residency.links.state import LinkState
from entrepot.residency.mail import NAME, files_of
from entrepot.residency.notes import open_note, sign_note, signing_key
from entrepot.residency.transferlog.durable import move_durably, write_durably

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.residency.door import Companion, Door
    from entrepot.residency.links.broker import Arrival, Connection
    from entrepot.residency.links.state import Outgoing

__all__ = ["PIECE_BYTES", "REPEAT_AFTER", "Carrier", "Round"]

PIECE_BYTES = 512 * 1024
"""Bytes of a file in one message, which stays below the megabyte that a broker takes unless it is told otherwise."""

REPEAT_AFTER = timedelta(hours=1)
"""Mail for which no receipt came is handed over again after that: the broker may have lost its disk."""

_RECEIPTS = "receipts/"
_PIECES_MAX = (4 << 30) // PIECE_BYTES
"""Pieces of the largest file that is taken."""


@dataclass(slots=True)
class Round:
    """What one round moved over a link.

    Attributes:
        cell: The companion.
        handed: Pieces of mail that the broker confirmed to keep as a whole.
        taken: Pieces of mail that lie in the inbox as a whole.
        known: Messages of mail that came before.
        delivered: Pieces of mail for which a receipt came.
        refused: Messages that are no mail for this cell.
        unreachable: Why the broker was not reached, or not to the end.
    """

    cell: str
    handed: int = 0
    taken: int = 0
    known: int = 0
    delivered: int = 0
    refused: list[MailNotSealed] = field(default_factory=list)
    unreachable: BrokerUnreachable | None = None


class Carrier:
    """Carries the mail of one companion. It reads the two mail folders and no table of the cell.

    Args:
        door: The door.
        companion: With a link through a broker.
        died_at: For tests: called with the name of each point at which a process may die.

    Raises:
        LinkUnknown: `cell.toml` names no broker for it.
    """

    def __init__(self, door: Door, companion: Companion, died_at: Callable[[str], None] | None = None) -> None:
        if companion.link is None or companion.send is None or companion.receive is None:
            raise LinkUnknown(companion.cell)
        self._door, self._companion, self._link = door, companion, companion.link
        self._send, self._receive = companion.send, companion.receive
        self._point = died_at or (lambda _name: None)
        self._signer = signing_key(door.layout.keys, door.cell)
        self._private, _ = box_of(door.layout.keys, door.cell)
        self._state = LinkState(door.paths.links / "links.db")
        self._pieces = door.paths.links / companion.cell

    def close(self) -> None:
        """Give connections back."""
        self._state.close()

    def round(self) -> Round:
        """Hand over what waits and take what came; what the broker did not confirm waits for the next round."""
        found = Round(self._companion.cell)
        try:
            asyncio.run(self._round(found))
        except BrokerUnreachable as error:
            found.unreachable = error
        return found

    async def _round(self, found: Round) -> None:
        folder, cell = self._door.layout.keys, self._door.cell
        theirs, ours = nkey_of(folder, self._companion.cell)[0], nkey_of(folder, cell)[0]
        async with connected(self._link.address, theirs, inbox_of(cell)) as reader:
            await self._take(reader, found)
        async with connected(self._link.address, ours, inbox_of(cell)) as writer:
            await self._receipts(writer)
            for mail, path in self._waiting():
                await self._hand_over(writer, mail, path)
                found.handed += 1

    def _waiting(self) -> list[tuple[Outgoing, Path]]:
        """Mail that the broker does not keep, or of which nothing was heard for long."""
        self._send.mkdir(parents=True, exist_ok=True)
        now = self._door.now()
        late = _us(now - REPEAT_AFTER)
        found = []
        for name, path in files_of(self._send):
            piece = _piece_of(name, path)
            mail = self._state.begin(self._companion.cell, piece.mail, name, piece.pieces, _us(now))
            if mail.delivered_at_us is not None:
                _drop(path)
            elif mail.handed_at_us is None:
                found.append((mail, path))
            elif mail.handed_at_us < late:
                self._state.hand(mail, 0, _us(now))
                found.append((self._state.begin(mail.cell, mail.mail, name, mail.pieces, _us(now)), path))
        return found

    async def _hand_over(self, writer: Connection, mail: Outgoing, path: Path) -> None:
        """Send the pieces that the broker has not confirmed, a few at a time, and note each few."""
        piece = _piece_of(mail.name, path)
        with path.open("rb") as content:
            for first in range(mail.handed, mail.pieces, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, mail.pieces))
                content.seek(first * PIECE_BYTES)
                sealed = [self._sealed(piece, content.read(PIECE_BYTES), number) for number in numbers]
                await writer.publish(sealed)
                self._point("published")
                self._state.hand(mail, numbers.stop, _us(self._door.now()))
                self._point("noted")

    def _sealed(self, piece: Piece, content: bytes, number: int) -> tuple[str, bytes]:
        """Subject and payload."""
        route = Route(self._door.cell, self._companion.cell, piece.mail, number)
        subject = subject_of(route.sender, route.recipient, route.mail, number)
        return subject, sealed_piece(piece, content, route, self._signer, self._link.box)

    async def _receipts(self, writer: Connection) -> None:
        """Tell the sender what lies in the inbox."""
        due = self._state.due_receipts(self._companion.cell)
        for first in range(0, len(due), AT_ONCE):
            mails = due[first : first + AT_ONCE]
            notes = [sign_note(_receipt_text(mail), self._signer).encode() for mail in mails]
            pieces = [_piece(f"{_RECEIPTS}{mail}", note) for mail, note in zip(mails, notes, strict=True)]
            await writer.publish([self._sealed(piece, note, 0) for piece, note in zip(pieces, notes, strict=True)])
            self._point("receipt published")
            for mail in mails:
                self._state.receipted(self._companion.cell, mail)

    async def _take(self, reader: Connection, found: Round) -> None:
        """Put pieces on the disk, then acknowledge them; a file is put together once all of its pieces are there."""
        stream = stream_of(self._door.cell)
        while arrivals := await reader.take(stream, self._door.cell):
            useless: list[Arrival] = []
            for each in arrivals:
                try:
                    self._keep(each, found)
                except MailNotSealed as refusal:
                    found.refused.append(refusal)
                    useless.append(each)
            self._point("kept")
            await reader.acknowledge([each for each in arrivals if each not in useless])
            # Nobody can use it, and it would come again for ever.
            await reader.acknowledge(useless, b"+TERM")
            self._point("acknowledged")

    def _keep(self, arrival: Arrival, found: Round) -> None:
        route = self._route(arrival.subject)
        piece, content = opened_piece(arrival.payload, route, self._private, self._companion.verifier)
        if piece.name.startswith(_RECEIPTS):
            self._delivered(piece.name.removeprefix(_RECEIPTS), content, found)
            return
        if not NAME.fullmatch(piece.name) or not 0 < piece.pieces <= _PIECES_MAX or _count(piece.size) != piece.pieces:
            raise MailNotSealed(f"piece {route.number} of {route.mail}", "it is no mail of a known form")
        if self._state.is_taken(self._companion.cell, piece.mail):
            found.known += 1
            return
        folder = self._pieces / piece.mail
        write_durably(folder / f"{route.number:06}", content)
        self._point("piece kept")
        if sum(each.name.isdecimal() for each in folder.iterdir()) == piece.pieces:
            try:
                self._put_together(piece, folder)
            finally:
                shutil.rmtree(folder)
            found.taken += 1

    def _put_together(self, piece: Piece, folder: Path) -> None:
        """All pieces are there: the file is in the inbox afterwards, as a whole or not at all."""
        target = self._receive / piece.name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        digest = hashlib.sha256()
        with partial.open("wb") as out:
            for number in range(piece.pieces):
                content = (folder / f"{number:06}").read_bytes()
                digest.update(content)
                out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != piece.sha256:
            partial.unlink()
            raise MailNotSealed(f"mail {piece.mail}", "its pieces do not make up the file that their sender signed")
        # Its sender forgets it once the receipt is there.
        move_durably(partial, target)
        self._point("put together")
        self._state.take(self._companion.cell, piece.mail, piece.name, _us(self._door.now()))

    def _delivered(self, mail: str, note: bytes, found: Round) -> None:
        """The recipient has it: the broker need not, and the outbox neither."""
        try:
            text = open_note(note.decode(), [self._companion.verifier]).text
        except (NoteInvalid, UnicodeDecodeError) as error:
            raise MailNotSealed(f"receipt of {mail}", "its sender has not signed it") from error
        name = (
            self._state.deliver(self._companion.cell, mail, _us(self._door.now()))
            if text == _receipt_text(mail)
            else None
        )
        if name is None:
            raise MailNotSealed(f"receipt of {mail}", "nothing of that kind was sent")
        _drop(self._send / name)
        found.delivered += 1

    def _route(self, subject: str) -> Route:
        """What the subject says; none of it is believed before the piece was opened."""
        words = subject.split(".")
        if len(words) != 5 or words[1:3] != [self._companion.cell, self._door.cell] or not words[4].isdecimal():  # noqa: PLR2004 five words
            raise MailNotSealed("a message", "its subject is not that of mail for this cell")
        return Route(words[1], words[2], words[3], int(words[4]))


def _drop(path: Path) -> None:
    """Take a delivered envelope out of the outbox; its copy stays where copies are kept.

    Checkpoints and answers to them stay: their absence would mean that they are still to be written.
    """
    if path.name.endswith(SUFFIX):
        path.unlink(missing_ok=True)


def _piece_of(name: str, path: Path) -> Piece:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    size = path.stat().st_size
    return Piece(name, digest, size, _count(size))


def _piece(name: str, content: bytes) -> Piece:
    return Piece(name, hashlib.sha256(content).hexdigest(), len(content), 1)


def _count(size: int) -> int:
    return max(1, -(-size // PIECE_BYTES))


def _receipt_text(mail: str) -> str:
    return f"entrepot/receipt 1\n{mail}\n"


def _us(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
