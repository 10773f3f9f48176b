"""A command of the product, run in this process as a person types it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from entrepot.cli import main

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["asked"]


def asked(*arguments: str | Path) -> int:
    """Run `entrepot` with arguments; returns its exit code and leaves what it printed to whoever captures it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["entrepot", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
    return int(left.value.code or 0)
