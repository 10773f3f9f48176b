"""Answers of a marketplace: the text as it was sent, and the same as objects.

Only bytes that JSON forbids within strings are escaped, for some gateways send them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was understood.

    Attributes:
        text: JSON as sent, on one line.
        read: The same as objects.
        at_s: The platform's time.
    """

    text: bytes
    read: Mapping[str, Any]
    at_s: float


def read_answer(body: bytes) -> tuple[bytes, dict[str, Any]] | None:
    """The answer on one line and as objects; None where it is no JSON object."""
    text = body
    if _CONTROL.search(text):
        text = _STRING.sub(lambda found: _CONTROL.sub(_escaped, found[0]), text)
        text = _CONTROL.sub(b" ", text)
    try:
        read = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (text, read) if isinstance(read, dict) else None


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % found[0][0]
