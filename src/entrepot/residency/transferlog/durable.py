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

__all__ = ["SUFFIX", "locked", "write_durably"]

SUFFIX = ".new"
"""Of a file that is not whole yet; whoever finds one after a crash throws it away."""


def write_durably(files: Mapping[Path, bytes]) -> None:
    """Write files, all or some of them before a crash but each of them whole, and all of them once this returns.

    A file is written beside its place, brought to the disk, and moved; then the folders are, since a moved name is lost
    with a folder that was never written.
    """
    folders: dict[Path, None] = {}
    for path, content in files.items():
        for missing in _missing(path.parent):
            missing.mkdir(exist_ok=True)
            folders[missing.parent] = None
        with _beside(path).open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    for path in files:
        os.replace(_beside(path), path)  # noqa: PTH105 the tests cut the power at each of these calls
        folders[path.parent] = None
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


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _missing(folder: Path) -> list[Path]:
    found: list[Path] = []
    while not folder.exists():
        found.insert(0, folder)
        folder = folder.parent
    return found


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # there, a folder cannot be opened; a move is written through by the file system
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
