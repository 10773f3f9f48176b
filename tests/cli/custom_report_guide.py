"""The files that the guide to a company's own reports shows."""

from __future__ import annotations

import re
from pathlib import Path

_GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "custom-report.md"


def files_of_the_guide() -> dict[str, str]:
    """Name to content of every block of the guide that names its file."""
    text = _GUIDE.read_text(encoding="utf-8")
    return {
        match["name"]: match["text"]
        for match in re.finditer(r"```\w+ file=(?P<name>\S+)\n(?P<text>.*?)```", text, re.DOTALL)
    }
