"""Files to import: plain ones, members of zip archives, gzip files, whole folders; locked ones with their password.

Does not look into files. What is locked is kept unlocked: the raw log holds what a person would see after opening it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

import msoffcrypto
import pyzipper
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

from entrepot.connectors.errors import ArchiveUnreadable, FileUnreadable, FolderIsTheCompanys, NothingToImport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_IGNORED = {".ds_store", "thumbs.db", "desktop.ini", "cell.toml"}
_CHUNK = 1 << 20
_DEPTH_MAX = 3
"""Archives within archives that are read through; a chain without end is refused."""

ARCHIVE_FAILURES = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)
"""What Python's archive modules raise over damaged, protected or unknown archives."""

_DAMAGED_REASON = "it is damaged or incomplete; download it again"
_ENCRYPTED = 1
_CJK = "\u2e80"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED = "it is locked with a password; give it with --password-file, one per line, or --ask-password"
_WRONG = "none of the passwords given opens it"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file or archive member.

    Attributes:
        shown: Path as the user would recognise it; members are `archive.zip!member.csv`.
        name: Last part of the name, without `.gz`.
        parts: Folder names on the way, for finding the shop.
        opener: Opens the plain bytes.
        passwords: Tried in turn where it is locked.
    """

    shown: str
    name: str
    parts: tuple[str, ...]
    opener: Callable[[], AbstractContextManager[IO[bytes]]]
    passwords: tuple[str, ...] = ()

    def copy_to(self, target: Path) -> str:
        """Copy the bytes to a file, unlocked, and return the SHA-256 of the content, in hex.

        Raises:
            ArchiveUnreadable: It is damaged, or locked and no password opens it.
            FileUnreadable: The file went away or may not be read.
        """
        digest = hashlib.sha256()
        try:
            with self.opener() as source, target.open("wb") as out:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
        except ARCHIVE_FAILURES as error:
            raise ArchiveUnreadable(self.shown, _DAMAGED_REASON) from error
        except OSError as error:
            raise FileUnreadable(
                self.shown, f"{error.strerror or 'the disk failed'}; check it and import it again"
            ) from error
        unlocked = _unlocked_workbook(target, self.shown, self.passwords)
        if unlocked is not None:
            target.write_bytes(unlocked)
            digest = hashlib.sha256(unlocked)
        return digest.hexdigest()


def find_sources(
    paths: list[Path], leaving_out: Path | None = None, passwords: tuple[str, ...] = ()
) -> Iterator[SourceFile]:
    """Every importable file under the paths, in order of name.

    Args:
        paths: Files and folders.
        leaving_out: A folder that is not looked into: the company folder, which may lie among the files.
        passwords: Tried in turn on archives and workbooks that are locked.

    Raises:
        NothingToImport: A path does not exist.
        FolderIsTheCompanys: A path is a folder inside the one that is left out.
    """
    for path in paths:
        if path.is_dir():
            if leaving_out is not None and path.resolve().is_relative_to(leaving_out):
                raise FolderIsTheCompanys(str(path))
            for found in sorted(each for each in path.rglob("*") if each.is_file()):
                inside = leaving_out is not None and found.resolve().is_relative_to(leaving_out)
                if not inside and not _is_ignored(found):
                    folders = found.relative_to(path.parent).parts[:-1]
                    yield from _from_file(found, str(found), folders, passwords)
        elif path.is_file():
            yield from _from_file(path, str(path), path.parts[:-1], passwords)
        else:
            raise NothingToImport(str(path))


def _is_ignored(path: Path) -> bool:
    return path.name.lower() in _IGNORED or path.name.startswith((".", "~$")) or "__MACOSX" in path.parts


def _from_file(path: Path, shown: str, parts: tuple[str, ...], passwords: tuple[str, ...]) -> Iterator[SourceFile]:
    yield from _unpacked(SourceFile(shown, path.name, parts, lambda: path.open("rb"), passwords), _DEPTH_MAX)


def _unpacked(source: SourceFile, depth: int) -> Iterator[SourceFile]:
    """The file itself, or what is in it when it is an archive."""
    lower = source.name.lower()
    if lower.endswith(".gz"):
        yield SourceFile(source.shown, source.name[:-3], source.parts, lambda: _gunzipped(source), source.passwords)
    elif lower.endswith(".zip") and depth:
        yield from _from_zip(source, depth)
    elif lower.endswith(".zip"):
        yield _refused(
            source, ArchiveUnreadable(source.shown, f"archives within archives go {_DEPTH_MAX} deep at most")
        )
    else:
        yield source


def _from_zip(source: SourceFile, depth: int) -> Iterator[SourceFile]:
    try:
        with source.opener() as stream, zipfile.ZipFile(stream) as archive:
            # A member may have no name, or one that begins with a zero byte; Python ends over it.
            members = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    except ARCHIVE_FAILURES:
        # Named when its turn comes, so that one damaged archive does not keep the other files out.
        yield _refused(source, ArchiveUnreadable(source.shown, _DAMAGED_REASON))
        return
    except ArchiveUnreadable as error:
        # It lies in another archive, locked.
        yield _refused(source, error)
        return
    except OSError:
        yield source
        return
    for info in sorted(members, key=lambda each: each.filename):
        name = PurePosixPath(_member_name(info))
        if not _is_ignored(Path(name)):
            opener = partial(_locked_member if info.flag_bits & _ENCRYPTED else _member, source, info)
            folders = (*source.parts, *name.parts[:-1])
            member = SourceFile(f"{source.shown}!{name}", name.name, folders, opener, source.passwords)
            yield from _unpacked(member, depth - 1)


@contextmanager
def _gunzipped(source: SourceFile) -> Iterator[IO[bytes]]:
    with source.opener() as packed, gzip.GzipFile(fileobj=packed, mode="rb") as plain:
        yield cast("IO[bytes]", plain)


@contextmanager
def _member(source: SourceFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    with source.opener() as packed, zipfile.ZipFile(packed) as archive, archive.open(info) as plain:
        yield plain


@contextmanager
def _locked_member(source: SourceFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    shown = f"{source.shown}!{_member_name(info)}"
    with source.opener() as packed, pyzipper.AESZipFile(packed) as archive:
        for password in _spellings(source.passwords):
            try:
                # Read to the end: the old scheme lets one wrong password in 256 pass until the checksum.
                content = archive.read(info.filename, pwd=password)
            except (RuntimeError, pyzipper.BadZipFile, zlib.error):
                continue
            break
        else:
            raise ArchiveUnreadable(shown, _WRONG if source.passwords else _LOCKED)
    yield io.BytesIO(content)


def _spellings(passwords: tuple[str, ...]) -> Iterator[bytes]:
    """Passwords as bytes: archives are locked with those of UTF-8 or, on Chinese Windows, of GBK."""
    for password in passwords:
        yield from dict.fromkeys((password.encode(), password.encode("gb18030")))


def _unlocked_workbook(path: Path, shown: str, passwords: tuple[str, ...]) -> bytes | None:
    """The content of a workbook that its sender locked; None for any other file."""
    with path.open("rb") as source:
        if source.read(len(_OLE)) != _OLE:
            return None
        try:
            workbook = msoffcrypto.OfficeFile(source)
            if not workbook.is_encrypted():
                return None
            for password in passwords:
                out = io.BytesIO()
                try:
                    workbook.load_key(password=password, verify_password=True)
                    workbook.decrypt(out)
                except (DecryptionError, InvalidKeyError):
                    continue
                return out.getvalue()
        except (FileFormatError, OSError, ValueError):
            # No workbook of a kind that can be locked; the reader says what is wrong with it.
            return None
    raise ArchiveUnreadable(shown, _WRONG if passwords else _LOCKED)


def _refused(source: SourceFile, error: ArchiveUnreadable) -> SourceFile:
    def opener() -> AbstractContextManager[IO[bytes]]:
        raise error

    return SourceFile(source.shown, source.name, source.parts, opener)


def _member_name(info: zipfile.ZipInfo) -> str:
    # Archives of Chinese Windows carry GBK names without the UTF-8 flag, some of macOS and Linux UTF-8 names; Python
    # then reads either as cp437.
    if info.flag_bits & 0x800:
        return info.filename
    try:
        plain = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding, first in (("utf-8", _CJK), ("gb18030", "")):
        with suppress(UnicodeDecodeError):
            name = plain.decode(encoding)
            # GBK may look like UTF-8, though hardly like Chinese in it.
            if max(name) >= first:
                return name
    return info.filename
