"""The parts that ids of figures are put together of: how a word is written in one and read again."""

from __future__ import annotations

ALL = "all"
_ESCAPED = {"%": "%25", "/": "%2F", "@": "%40", "~": "%7E"}


def written(word: str) -> str:
    """A word as a part of an id: the marks that part ids are escaped."""
    return "".join(_ESCAPED.get(letter, letter) for letter in word)


def read(part: str) -> str:
    """The word that a part of an id stands for."""
    for letter, mark in reversed(_ESCAPED.items()):
        part = part.replace(mark, letter)
    return part
