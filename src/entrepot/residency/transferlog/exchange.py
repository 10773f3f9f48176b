"""Checkpoints and cosignatures through folders, for cells that share no network.

The cell with the log writes into a folder that only it fills, the witness into another; whoever carries them may carry
them late, twice, or in any order. A request has the form of C2SP `tlog-witness`: `old` and the size that the proof
starts from, the proof's hashes in base64, an empty line, the checkpoint. An answer is a note with the cosignature.

    <folder>/checkpoints/<size in 16 digits>.request
    <folder>/checkpoints/<size in 16 digits>.cosigned
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import CheckpointRefused, NoteInvalid
from entrepot.residency.transferlog.durable import write_durably
from entrepot.residency.transferlog.entries import entry_from_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.residency.notes import VerifierKey
    from entrepot.residency.transferlog.log import TransferLog
    from entrepot.residency.transferlog.witness import Witness

__all__ = ["Uncosigned", "answer_requests", "take_cosignatures", "uncosigned_since", "write_request"]

_FOLDER = "checkpoints"
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Uncosigned:
    """Entries that nobody else has vouched for.

    Attributes:
        count: How many.
        since: When the first of them was written.
        age: How long that is ago.
    """

    count: int
    since: datetime
    age: timedelta


def write_request(log: TransferLog, witness: VerifierKey, folder: Path) -> Path | None:
    """Ask a witness for a cosignature of the log's newest checkpoint; the file, or None when nothing is new.

    The proof starts from the newest request that is not answered yet, so that a witness can take them one by one. Each
    witness has a folder of its own.
    """
    checkpoint = log.checkpoint()
    size = int(checkpoint.split("\n")[1])
    place = folder / _FOLDER
    old = max([log.cosigned_by(witness), *(asked for asked, _ in _numbered(folder, "request"))])
    if size == 0 or size <= old:
        return None
    proof = "".join(f"{base64.b64encode(each).decode()}\n" for each in log.consistency_proof(old, size))
    path = place / f"{size:0{_DIGITS}}.request"
    write_durably(path, f"old {old}\n{proof}\n{checkpoint}".encode())
    return path


def answer_requests(witness: Witness, inbox: Path, outbox: Path) -> list[CheckpointRefused | NoteInvalid]:
    """Cosign what came, smallest first; what was answered before is passed over.

    Returns:
        Why requests were not answered. A fork among them must reach a person: the log has told two stories.
    """
    refused: list[CheckpointRefused | NoteInvalid] = []
    for _, path in _numbered(inbox, "request"):
        answer = outbox / _FOLDER / f"{path.stem}.cosigned"
        if answer.exists():
            continue
        try:
            proof, checkpoint = _request(path)
            write_durably(answer, witness.cosign(checkpoint, proof).encode())
        except (CheckpointRefused, NoteInvalid) as error:
            refused.append(error)
    return refused


def take_cosignatures(log: TransferLog, witness: VerifierKey, answers: Path, requests: Path) -> list[NoteInvalid]:
    """Keep the cosignatures that came back, and remove the requests that they answer.

    Returns:
        Why answers were not kept: not of a witness of the log, or of no checkpoint of it.
    """
    refused = []
    for size, path in _numbered(answers, "cosigned"):
        if size > log.cosigned_by(witness):
            try:
                log.add_cosignature(_text(path))
            except NoteInvalid as error:
                refused.append(error)
    for size, path in _numbered(requests, "request"):
        if size <= log.cosigned_by(witness):
            path.unlink()
    return refused


def uncosigned_since(log: TransferLog, now: datetime) -> Uncosigned | None:
    """Since when entries stand without a cosignature; None when there is one over all of them."""
    size, cosigned = log.size, log.cosigned_size
    if size == cosigned:
        return None
    first = entry_from_bytes(log.entries(cosigned, cosigned + 1)[0])
    since = datetime.fromisoformat(str(first["at"]))
    return Uncosigned(size - cosigned, since, now - since)


def _numbered(folder: Path, suffix: str) -> list[tuple[int, Path]]:
    """The files of one kind with the size in their name, smallest first."""
    found = (folder / _FOLDER).glob(f"*.{suffix}") if (folder / _FOLDER).exists() else ()
    return sorted((int(path.stem), path) for path in found if path.stem.isascii() and path.stem.isdecimal())


def _request(path: Path) -> tuple[list[bytes], str]:
    head, _, checkpoint = _text(path).partition("\n\n")
    lines = head.split("\n")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines[1:]]
    except binascii.Error:
        raise NoteInvalid("the proof of a request cannot be read") from None
    if not lines[0].startswith("old "):
        raise NoteInvalid("a request does not begin with the size of its proof")
    return proof, checkpoint


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NoteInvalid(f"{path.name} is not UTF-8") from None
