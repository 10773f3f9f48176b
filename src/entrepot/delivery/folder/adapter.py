"""Documents in a folder: one file each, under a name of its own, whole or not there at all.

    FOLDER/invoice/invoice_2026-09-03_3fa9c1d2e4b5a607.xml

A file is written beside its place, brought to disk, and takes its name by a hard link, which fails where the name is
taken. Whoever imports may move it anywhere inside the folder: it is found by the key in its name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.delivery.calls import Trouble, outcome_of, unread
from entrepot.delivery.erp import KINDS, MASTER, Content, Found, Outcome
from entrepot.delivery.errors import FolderInvalid
from entrepot.delivery.folder import tables, ubl
from entrepot.delivery.folder.spec import CSV, FORMATS, SPEC, UBL
from entrepot.delivery.folder.values import Read, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec

_NAME = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})_(?:(?P<day>\d{{4}}-\d\d-\d\d)_)?(?P<key>[0-9a-f]{{16}}(?:\.\d+)?r?)"
    r"(?:[ ~(_-].*)?\.(?:xml|csv|xlsx)"
)
"""Our names, and what a file manager makes of them when it copies a file."""

_PART = ".part"
_STALE_S = 3600.0
"""A file that was begun so long ago belongs to a worker that died."""

_UNREADABLE = Content("", None, "", {})
"""What equals no document, so that a person is told."""

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""What a file system says that has no hard links."""

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Folder:
    """One folder.

    Args:
        root: The folder; it has to be there, since a share that is not mounted is no place to write to.
        form: One of `FORMATS`.
    """

    def __init__(self, root: Path, form: str) -> None:
        self._root, self._form = root, form

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Nothing is held open."""

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Write a file for each."""
        assert step in ("put", "write"), "each kind has one step"
        assert not refs, "the first step is the only one"
        try:
            there = self._files()
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        outcomes = {}
        for each in documents:
            try:
                outcomes[each.document_id] = Outcome("applied", self._put(each, there.get(_key(each.kind, each), ())))
            except Trouble as trouble:
                outcomes[each.document_id] = outcome_of(trouble)
        return outcomes

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What lies under some keys."""
        assert company or kind in MASTER, "only parties and products are of all companies"
        there = self._read_files()
        wanted = {key: _hashed(kind, key) if kind in MASTER else key for key in keys}
        found = {key: self._found(there.get(name, ()), key) for key, name in wanted.items()}
        return {key: several for key, several in found.items() if several}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Everything of ours in a span; what cannot be read is of every company."""
        held = {}
        for key, paths in self._read_files().items():
            names = [_NAME.fullmatch(path.name) for path in paths]
            of_span = [
                path
                for path, name in zip(paths, names, strict=True)
                if name
                and name["kind"] == kind
                and name["day"]
                and first.isoformat() <= name["day"] <= last.isoformat()
            ]
            found = [each for each in self._found(of_span, key) if each.content.company in (company, "")]
            if found:
                held[key] = tuple(found)
        return held

    def _put(self, document: Document, there: Sequence[Path]) -> str:
        """Write a document, or find that it is there; its name and digest."""
        is_ubl = self._form == UBL and document.kind in ubl.KINDS_OF_UBL
        form = CSV if self._form == UBL else self._form
        day = "" if document.kind in MASTER else f"{document.posted_on.isoformat()}_"
        name = f"{document.kind}_{day}{_key(document.kind, document)}.{'xml' if is_ubl else form}"
        place = self._root / document.kind / name
        part = place.with_name(f".{name}.{secrets.token_hex(4)}{_PART}")
        is_placed = False
        try:
            if not place.parent.exists():
                place.parent.mkdir(exist_ok=True)
                _to_disk(self._root)
            try:
                if is_ubl:
                    ubl.write(document, part)
                else:
                    tables.write(document, part, form)
                _to_disk(part)
                digest = _digest(part)
                is_placed = True
                if document.kind in MASTER:
                    place = _replace(part, place, there)
                elif there:
                    place = there[0]
                    _same(place, digest)
                else:
                    _take_name(part, place, digest)
            finally:
                part.unlink(missing_ok=True)
            _to_disk(place.parent)
        except OSError as error:
            trouble = _trouble(error)
            raise Trouble("unknown", trouble.code, trouble.text) if is_placed else trouble from error
        return f"{place.name} sha256:{digest}"

    def _files(self) -> dict[str, list[Path]]:
        """Files of ours anywhere in the folder, by the key in their names; what dead workers left is taken away.

        Raises:
            Trouble: It is not there, or cannot be read.
        """
        found: dict[str, list[Path]] = {}
        try:
            if not self._root.is_dir():
                words = f"there is no folder {self._root}: make it, or mount its drive; `url` is a whole path"
                raise Trouble("retry_after", "unreachable", words)
            for at, _, names in os.walk(self._root, onerror=_raise):
                for name in names:
                    if match := _NAME.fullmatch(name):
                        found.setdefault(match["key"], []).append(Path(at, name))
                    elif name.endswith(_PART) and _NAME.fullmatch(name[1:].rsplit(".", 2)[0]):
                        _take_away(Path(at, name))
        except OSError as error:
            raise _trouble(error) from error
        return {key: sorted(paths) for key, paths in found.items()}

    def _read_files(self) -> dict[str, list[Path]]:
        try:
            return self._files()
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble

    def _found(self, paths: Sequence[Path], key: str) -> tuple[Found, ...]:
        found = []
        try:
            for path in paths:
                read = _read(path)
                content = read.content if read is not None and read.key == key else _UNREADABLE
                booked = read.booked if read is not None and read.key == key else ()
                found.append(Found(f"{path.name} sha256:{_digest(path)}", 1, content, booked))
        except OSError as error:
            raise unread(SPEC.name, _trouble(error)) from error
        return tuple(found)


def connect(address: Address) -> Folder:
    """An adapter for a folder.

    Raises:
        FolderInvalid: Its address is no whole path, or its format is none.
    """
    root = Path(address.url.removeprefix("file://"))
    form = address.form or FORMATS[0]
    if not root.is_absolute() or form not in FORMATS:
        raise FolderInvalid(address.url, address.form, FORMATS)
    return Folder(root, form)


def _key(kind: str, document: Document) -> str:
    """What the name of its file holds; codes may have characters that no name can."""
    return _hashed(kind, document.key) if kind in MASTER else document.document_id


def _hashed(kind: str, code: str) -> str:
    return hashlib.sha256(f"{kind}|{code}".encode()).hexdigest()[:16]


def _read(path: Path) -> Read | None:
    try:
        return ubl.read(path) if path.suffix == ".xml" else tables.read(path)
    except Unreadable:
        return None


def _same(path: Path, digest: str) -> None:
    """Accept a file that is there already, if it is the same.

    Raises:
        Trouble: It holds something else.
    """
    if _digest(path) != digest:
        raise Trouble("rejected", "in_the_way", f"{path.name} is there and holds something else")


def _replace(part: Path, place: Path, there: Sequence[Path]) -> Path:
    """Write a party or product over what is there of it, wherever it lies; in another format it takes its place."""
    alike = [path for path in there if path.suffix == place.suffix]
    part.replace(alike[0] if alike else place)
    for path in there:
        if path not in alike:
            path.unlink(missing_ok=True)
    return alike[0] if alike else place


def _take_name(part: Path, place: Path, digest: str) -> None:
    """Give a file its name, if nobody has it.

    Raises:
        Trouble: Another file has it.
    """
    try:
        os.link(part, place)
    except FileExistsError:
        _same(place, digest)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Without links a name can be taken from another worker, but only by the same bytes.
        if place.exists():
            _same(place, digest)
        else:
            part.replace(place)


def _to_disk(path: Path) -> None:
    """A file's bytes, or a folder's names, beyond the reach of a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take_away(part: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - part.stat().st_mtime > _STALE_S:
            part.unlink()


def _trouble(error: OSError) -> Trouble:
    """What a file system said, before anything has its name."""
    text = os.strerror(error.errno) if error.errno else type(error).__name__
    if error.errno in _REFUSED:
        return Trouble("rejected", "rights", text)
    return Trouble("retry_after", "unreachable", text)


def _raise(error: OSError) -> None:
    raise error
