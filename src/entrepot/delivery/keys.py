"""Keys for ERPs whose fields are short or take letters and digits only: 16 of them, whichever version of a document.

The first version of a document is its own key. What takes it back, and what is sent in its place later, has a dot, a
number or an `r` at the end of its id, which some fields have no room for: there the whole is written anew in 32 letters
and digits, and can be read back.
"""

from __future__ import annotations

import base64
import re

__all__ = ["document_id_of", "keys_written", "later_keys", "short_key"]

_FIRST = re.compile(r"[0-9a-f]{16}")
_LATER = re.compile(r"([0-9a-f]{16})(?:\.([1-9][0-9]*))?(r?)")
_SHORT = re.compile(r"V([A-Z2-7]{13})([A-Z2-7]{2})")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_VERSIONS_MAX = len(_LETTERS) ** 2 // 2


def short_key(document_id: str) -> str:
    """The key of a document: 16 letters and digits, those of a first version as they are."""
    if _FIRST.fullmatch(document_id):
        return document_id
    found = _LATER.fullmatch(document_id)
    assert found, "ids of documents are those that plans give"
    version = int(found[2] or 1)
    assert version < _VERSIONS_MAX, "nobody changes a document so often"
    high, low = divmod(2 * version + bool(found[3]), len(_LETTERS))
    base = base64.b32encode(bytes.fromhex(found[1])).decode().rstrip("=")
    return f"V{base}{_LETTERS[high]}{_LETTERS[low]}"


def keys_written(document_id: str) -> tuple[str, ...]:
    """What a document may stand under: its key, and its id, as earlier releases wrote it where there was room."""
    return tuple(dict.fromkeys((short_key(document_id), document_id)))


def later_keys(document_id: str) -> str:
    """What the keys of all later versions of a document begin with, and no other key does."""
    return short_key(f"{document_id}r")[:-2]


def document_id_of(key: str) -> str:
    """The document of a key, in whatever case an ERP gives it back; of what is no key of ours, it in small letters."""
    found = _SHORT.fullmatch(key.upper())
    if not found:
        return key.lower()
    base = base64.b32decode(found[1] + "===").hex()
    version, is_reversal = divmod(_LETTERS.index(found[2][0]) * len(_LETTERS) + _LETTERS.index(found[2][1]), 2)
    return base + (f".{version}" if version > 1 else "") + ("r" if is_reversal else "")
