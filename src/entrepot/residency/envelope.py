"""Envelopes: what leaves, in one file. A stored archive of Parquet files and a signed manifest with all their hashes.

    manifest.note        canonical JSON, signed as a C2SP note by the sending cell's key
    <dataset>/<n>.parquet

The archive has no times, no comments and no compression of its own, so that equal contents are equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from entrepot.residency.border_errors import NoteInvalid
from entrepot.residency.gate_errors import EnvelopeRefused
from entrepot.residency.notes import open_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from entrepot.residency.notes import SigningKey, VerifierKey

__all__ = ["FileFact", "Manifest", "OpenedEnvelope", "file_hash", "opened", "seal"]

MANIFEST = "manifest.note"
SUFFIX = ".envelope"
FILES_MAX = 10_000
MANIFEST_BYTES_MAX = 16_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)


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
    files: tuple[FileFact, ...]

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(each.rows for each in self.files)


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """An envelope whose signature holds; its files are verified when they are taken out."""

    path: Path
    manifest: Manifest

    def take_out(self, fact: FileFact, folder: Path) -> Path:
        """Write one file into a folder.

        Raises:
            EnvelopeRefused: Its bytes are not those of the manifest.
        """
        with zipfile.ZipFile(self.path) as archive, archive.open(fact.name) as inside:
            content = inside.read(fact.size + 1)
        if len(content) != fact.size or hashlib.sha256(content).hexdigest() != fact.sha256:
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
    text = canonical(msgspec.to_builtins(manifest)) + "\n"
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(MANIFEST), sign_note(text, key))
        for fact in manifest.files:
            with archive.open(_entry(fact.name), "w") as inside:
                inside.write((folder / fact.name).read_bytes())
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    partial.replace(target)
    _sync(target.parent)
    return file_hash(target)


def opened(path: Path, trusted: Collection[VerifierKey]) -> OpenedEnvelope:
    """Open an envelope and verify who made it.

    Raises:
        EnvelopeRefused: It is no envelope, nobody trusted signed it, or it holds other files than it states.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            note = archive.open(MANIFEST).read(MANIFEST_BYTES_MAX).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, OSError, UnicodeDecodeError, RuntimeError, NotImplementedError) as error:
        raise EnvelopeRefused(path.name, "not_an_envelope", type(error).__name__) from error
    try:
        text = open_note(note, trusted).text
        manifest = msgspec.json.decode(text, type=Manifest)
    except NoteInvalid as error:
        raise EnvelopeRefused(path.name, "signature", str(error)) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise EnvelopeRefused(path.name, "manifest", "its manifest is not of a known form") from error
    if canonical(msgspec.to_builtins(manifest)) + "\n" != text:
        raise EnvelopeRefused(path.name, "manifest", "its manifest is not written canonically")
    _check_entries(path, entries, manifest)
    return OpenedEnvelope(path, manifest)


def canonical(value: Any) -> str:  # noqa: ANN401 plain data of any shape
    """One spelling of plain data: keys in order, no blanks, no fractions."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def file_hash(path: Path) -> str:
    """`sha256:` of a file."""
    with path.open("rb") as content:
        return "sha256:" + hashlib.file_digest(content, "sha256").hexdigest()


def _check_entries(path: Path, entries: list[zipfile.ZipInfo], manifest: Manifest) -> None:
    names = [each.filename for each in entries]
    wanted: Mapping[str, FileFact] = {each.name: each for each in manifest.files}
    if sorted(names) != sorted([MANIFEST, *wanted]) or len(names) > FILES_MAX or len(wanted) != len(manifest.files):
        raise EnvelopeRefused(path.name, "contents", "it does not hold exactly the files that its manifest names")
    for each in entries:
        if each.compress_type != zipfile.ZIP_STORED or each.filename.startswith("/") or ".." in each.filename:
            raise EnvelopeRefused(path.name, "contents", "a file in it is packed or placed in a way we do not write")
        if each.filename != MANIFEST and each.file_size != wanted[each.filename].size:
            raise EnvelopeRefused(path.name, "contents", f"{each.filename} has not the size of the manifest")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_STORED
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
