"""Files that are on the disk, whole, when a call returns; and a lock between processes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["SUFFIX", "add_durably", "locked", "move_durably", "write_durably"]

SUFFIX = ".new"
"""Of a file that is not whole yet; whoever finds one after a crash throws it away."""


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file: before a crash the old one or the new one, never a part; the new one once this returns."""
    beside = path.with_name(path.name + SUFFIX)
    folders = _made(path.parent)
    _write(beside, content)
    os.replace(beside, path)  # noqa: PTH105 the tests cut the power at each of these calls
    for folder in dict.fromkeys([*folders, path.parent]):
        _sync_folder(folder)


def move_durably(whole: Path, path: Path) -> None:
    """Put a file that is whole and on the disk under its name in the same folder; it is there once this returns."""
    os.replace(whole, path)  # noqa: PTH105 as above
    _sync_folder(path.parent)


def add_durably(files: Mapping[Path, bytes]) -> None:
    """Write files that nobody reads yet: before a crash all, some or parts of them; all of them once this returns.

    The folders are brought to the disk too, since a name is lost with a folder that was never written.
    """
    folders: dict[Path, None] = {}
    for path, content in files.items():
        folders.update(dict.fromkeys([*_made(path.parent), path.parent]))
        _write(path, content)
    for folder in folders:
        _sync_folder(folder)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of this file; another process waits."""
    with path.open("ab") as lock:
        if sys.platform == "win32":
            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the file, also when the process dies
        yield


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _made(folder: Path) -> list[Path]:
    """Make a folder; the folders in which a new name stands now."""
    found: list[Path] = []
    while not folder.exists():
        found.insert(0, folder)
        folder = folder.parent
    for missing in found:
        missing.mkdir(exist_ok=True)
    return [missing.parent for missing in found]


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # there, a folder cannot be opened; a move is written through by the file system
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
