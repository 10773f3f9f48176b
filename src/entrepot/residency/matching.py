"""Find many texts in many bytes in one pass.

The texts become one regular expression that shares their beginnings, so that its work hardly grows with their number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[0-9A-Za-z]")
_NOT_AFTER, _NOT_BEFORE = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"


def bytes_pattern(texts: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """A pattern that finds each of the texts wherever it stands; None where there is no text."""
    tree = _tree(each.decode("latin-1") for each in texts if each)
    return re.compile(tree.encode("latin-1"), re.DOTALL) if tree else None


def words_pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that finds each of the texts where it stands alone: no digit or letter runs on before or after it.

    Chinese has no blanks between words, so only Latin letters and digits hold a text together with its neighbours.
    """
    groups: dict[tuple[bool, bool], list[str]] = {}
    for text in texts:
        if text:
            groups.setdefault((bool(_WORD.match(text[0])), bool(_WORD.match(text[-1]))), []).append(text)
    parts = [
        f"{_NOT_AFTER if first else ''}(?:{_tree(group)}){_NOT_BEFORE if last else ''}"
        for (first, last), group in sorted(groups.items())
    ]
    return re.compile("|".join(parts)) if parts else None


def _tree(texts: Iterable[str]) -> str:
    """Alternatives with shared beginnings; of two where one begins the other the longer one is found."""
    ordered = sorted(set(texts))
    return _branch(ordered, 0) if ordered else ""


def _branch(ordered: list[str], at: int) -> str:
    if len(ordered) == 1:
        return re.escape(ordered[0][at:])
    shared = at
    shortest = min(len(ordered[0]), len(ordered[-1]))
    while shared < shortest and ordered[0][shared] == ordered[-1][shared]:
        shared += 1
    head = re.escape(ordered[0][at:shared])
    ends = len(ordered[0]) == shared
    groups: list[list[str]] = []
    for text in ordered[1:] if ends else ordered:
        if groups and groups[-1][0][shared] == text[shared]:
            groups[-1].append(text)
        else:
            groups.append([text])
    inner = "|".join(_branch(group, shared) for group in groups)
    return f"{head}(?:{inner}){'?' if ends else ''}"
