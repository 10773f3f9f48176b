"""A log's folder as C2SP `tlog-tiles` lays it out: which files there are, and what a bundle holds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from entrepot_verify.tree import TILE

__all__ = ["Folder", "Place", "entries_in", "folder_at", "path_of"]

Place = tuple[str, int]
"""Level as it stands in the path (`entries`, `0`, `1` …) and index of a tile."""
_OTHERS = frozenset({"checkpoint", "lock", "writing"})


@dataclass(slots=True)
class Folder:
    """What lies in the folder.

    Attributes:
        path: The folder.
        widths: For each tile the widths in which it is there; 256 is the full one.
        cosigned: Files with cosigned checkpoints.
        strangers: Files that no log has.
        is_being_written: Whether an append was under way or died.
    """

    path: Path
    widths: dict[Place, set[int]] = field(default_factory=dict)
    cosigned: list[Path] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    is_being_written: bool = False

    def content(self, place: Place, width: int) -> bytes | None:
        """A tile's file in this width, or None."""
        if width not in self.widths.get(place, ()):
            return None
        return (self.path / path_of(place, width)).read_bytes()


def folder_at(path: Path) -> Folder:
    """List a folder."""
    folder = Folder(path)
    for top, names, files in os.walk(path):
        names.sort()
        for name in sorted(files):
            file = Path(top) / name
            relative = file.relative_to(path).as_posix()
            tile = _tile(relative)
            if tile is not None:
                folder.widths.setdefault(tile[0], set()).add(tile[1])
            elif relative.startswith("cosigned/") and not name.endswith(".new"):
                folder.cosigned.append(file)
            elif relative not in _OTHERS and not name.endswith(".new"):
                folder.strangers.append(relative)
    folder.is_being_written = (path / "writing").exists()
    return folder


def path_of(place: Place, width: int) -> str:
    """Where a tile stands below the folder."""
    level, index = place
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{name}" + ("" if width == TILE else f".p/{width}")


def entries_in(bundle: bytes) -> list[bytes] | None:
    """The entries of a bundle; None when its lengths do not add up."""
    found, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle) or at + 2 > len(bundle):
            return None
        found.append(bundle[at + 2 : end])
        at = end
    return found


def _tile(relative: str) -> tuple[Place, int] | None:
    """Place and width that a path stands for; None when writing them again gives another path."""
    top, _, rest = relative.partition("/")
    level, _, rest = rest.partition("/")
    name, partial, width = rest.partition(".p/")
    digits = name.replace("/", "").replace("x", "")
    if top != "tile" or not digits.isdecimal() or not (width.isdecimal() or not partial):
        return None
    tile = ((level, int(digits)), int(width) if partial else TILE)
    is_level = level == "entries" or (level.isdecimal() and level == str(int(level)))
    is_width = 0 < tile[1] < TILE if partial else True
    return tile if is_level and is_width and path_of(*tile) == relative else None
