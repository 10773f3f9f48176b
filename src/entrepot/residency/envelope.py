r"""Envelopes: what leaves, in one file in which every byte is signed.

    entrepot-envelope 1\n
    <bytes of the manifest>\n
    manifest             canonical JSON, signed as a C2SP note by the sending cell's key
    Parquet files        one behind the other, in the manifest's order, with the sizes and hashes that it states

There is no other byte, no time and no name of a machine: equal contents are equal files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from entrepot.residency.border_errors import NoteInvalid
from entrepot.residency.gate_errors import EnvelopeRefused
from entrepot.residency.notes import open_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Collection

    from entrepot.residency.notes import SigningKey, VerifierKey

__all__ = ["FORMAT", "MAGIC", "FileFact", "Manifest", "OpenedEnvelope", "file_hash", "opened", "seal"]

MAGIC = b"entrepot-envelope 1\n"
FORMAT = 2
"""Version of the manifest: since 2 it states persons and cap."""
SUFFIX = ".envelope"
MANIFEST_BYTES_MAX = 16_000_000
_LENGTH = re.compile(rb"([1-9][0-9]{0,9})\n")
_LENGTH_BYTES_MAX = 11


class FileFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of an envelope: all rows of one part of a dataset."""

    name: str
    dataset: str
    part: str
    rows: int
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sender states, and signs.

    Attributes:
        v: Version of the format.
        transfer: Id without meaning.
        sender: Sending cell.
        recipient: Receiving cell.
        permit: Name of the permit.
        permit_hash: Digest of its table of decisions, terms and SQL.
        shape: Letter and version of its shape, `A/1`.
        profile: Profile under which it was judged.
        profile_hash: Its digest.
        purpose: What for.
        route: Route that the law leaves open for it.
        sequence: Number among the permit's transfers.
        after: Number of the envelope before it; 0 for the first. The recipient applies them in this order.
        made_at: When, in UTC to the second.
        enforcement: How far the cells are kept apart, as the gateway found it.
        location: Where the sending cell is said to be, and whether that is proven.
        tokens: Field to algorithm and key id of its tokens.
        withheld: Values that left as `withheld`.
        persons: Distinct persons behind its rows.
        persons_year: Persons of the processor this year that stand against the lines, with this envelope, by class.
        cap: Persons that the evidence of the route allows; None where it names no number.
        files: What is inside.
    """

    v: int
    transfer: str
    sender: str
    recipient: str
    permit: str
    permit_hash: str
    shape: str
    profile: str
    profile_hash: str
    purpose: str
    route: str
    sequence: int
    after: int
    made_at: str
    enforcement: str
    location: str
    tokens: dict[str, str]
    withheld: int
    persons: int
    persons_year: dict[str, int]
    cap: int | None
    files: tuple[FileFact, ...]

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(each.rows for each in self.files)


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """An envelope whose signature holds; its files are verified when they are taken out.

    Attributes:
        starts: Where each file begins.
    """

    path: Path
    manifest: Manifest
    starts: tuple[int, ...]

    def take_out(self, fact: FileFact, folder: Path) -> Path:
        """Write one file into a folder.

        Raises:
            EnvelopeRefused: Its bytes are not those of the manifest.
        """
        with self.path.open("rb") as inside:
            inside.seek(self.starts[self.manifest.files.index(fact)])
            content = inside.read(fact.size)
        if hashlib.sha256(content).hexdigest() != fact.sha256:
            raise EnvelopeRefused(self.path.name, "file_altered", f"{fact.name} has not the hash of the manifest")
        path = folder / fact.name.replace("/", "-")
        path.write_bytes(content)
        return path


def seal(manifest: Manifest, folder: Path, target: Path, key: SigningKey) -> str:
    """Write an envelope in one step: it is there as a whole or not at all.

    Args:
        manifest: Its `files` stand in `folder` under their names.
        folder: Where they are.
        target: The envelope.
        key: Key of the sending cell.
    Returns:
        `sha256:` of the envelope.
    """
    note = sign_note(canonical(msgspec.to_builtins(manifest)) + "\n", key).encode()
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    with partial.open("wb") as out:
        out.write(MAGIC + f"{len(note)}\n".encode() + note)
        for fact in manifest.files:
            with (folder / fact.name).open("rb") as content:
                shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(target)
    _sync(target.parent)
    return file_hash(target)


def opened(path: Path, trusted: Collection[VerifierKey]) -> OpenedEnvelope:
    """Open an envelope and verify who made it.

    Raises:
        EnvelopeRefused: It is no envelope, nobody trusted signed it, or it holds other bytes than it states.
    """
    with path.open("rb") as content:
        head = content.read(len(MAGIC)) == MAGIC and _LENGTH.fullmatch(content.readline(_LENGTH_BYTES_MAX))
        if not head:
            raise EnvelopeRefused(path.name, "not_an_envelope", "it does not begin like one")
        note = content.read(min(int(head[1]), MANIFEST_BYTES_MAX))
        start = content.tell()
    try:
        text = open_note(note.decode("utf-8"), trusted).text
        manifest = msgspec.json.decode(text, type=Manifest)
    except (NoteInvalid, UnicodeDecodeError) as error:
        raise EnvelopeRefused(path.name, "signature", "nobody whom this cell trusts has signed it as it is") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise EnvelopeRefused(path.name, "manifest", "its manifest is not of a known form") from error
    if canonical(msgspec.to_builtins(manifest)) + "\n" != text:
        raise EnvelopeRefused(path.name, "manifest", "its manifest is not written canonically")
    starts = tuple(accumulate((each.size for each in manifest.files), initial=start))
    if starts[-1] != path.stat().st_size or any(each.size < 0 for each in manifest.files):
        raise EnvelopeRefused(path.name, "contents", "it does not hold exactly the files that its manifest names")
    return OpenedEnvelope(path, manifest, starts[:-1])


def canonical(value: Any) -> str:  # noqa: ANN401 plain data of any shape
    """One spelling of plain data: keys in order, no blanks, no fractions."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def file_hash(path: Path) -> str:
    """`sha256:` of a file."""
    with path.open("rb") as content:
        return "sha256:" + hashlib.file_digest(content, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
