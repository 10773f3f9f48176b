"""How far two cells are kept apart, as the gateway finds it, never as somebody says it.

`separate-network` needs a network namespace of its own without a way out; `separate-process` a receiving folder that
this process cannot look into beyond its own mail; anything else is `demo`. Where the machine stands is never proven
from inside, so the location is always `declared`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.residency.door import Door

__all__ = ["Enforcement", "enforcement_found"]

_INTERFACES = Path("/proc/self/net/dev")
"""Those of this process. `/sys/class/net` shows the interfaces of whoever mounted it, maybe of another namespace."""


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What was found.

    Attributes:
        level: separate-network, separate-process or demo.
        location: Region that is declared, and that nothing proves it.
    """

    level: str
    location: str


def enforcement_found(door: Door) -> Enforcement:
    """Look at this process: its network and its user."""
    ways_out = _ways_out()
    if ways_out == ():
        level = "separate-network"
    elif _is_other_user(door):
        level = "separate-process"
    else:
        level = "demo"
    return Enforcement(level, f"{door.region} declared, not proven")


def _ways_out() -> tuple[str, ...] | None:
    """Network interfaces beside the loopback one; None where the system does not tell."""
    if not _INTERFACES.exists():
        return None
    lines = _INTERFACES.read_text(encoding="utf-8").splitlines()[2:]  # two lines of headings
    return tuple(sorted({line.partition(":")[0].strip() for line in lines} - {"lo"}))


def _is_other_user(door: Door) -> bool:
    """Whether folders of other cells belong to another user than this process, which is not the superuser."""
    folders = [each.send for each in door.companions.values() if each.send is not None and each.send.exists()]
    return os.geteuid() != 0 and bool(folders) and all(each.stat().st_uid != os.geteuid() for each in folders)
