"""Keys of tokens: one for each field, purpose and recipient, so that two recipients cannot join what they got.

All follow from one key of the cell, which never leaves it. A token names algorithm and key: `hs256:k1:` and 64
hexadecimal digits. A token still counts its person.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import hmac_pads

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["token_keys"]

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def token_keys(master: str, fields: Sequence[str], purpose: str, recipient: str, key_id: str) -> pa.Table:
    """One row with the two halves of each field's key and the word that tokens begin with, for binding into queries.

    Args:
        master: The cell's key for tokens.
        fields: Fields that leave as tokens.
        purpose: Purpose of the permit.
        recipient: Receiving cell.
        key_id: Which generation; another one makes other tokens of the same values.
    """
    columns: dict[str, list[str]] = {"key_id": [key_id]}
    for field in fields:
        about = f"token\x1f{field}\x1f{purpose}\x1f{recipient}\x1f{key_id}"
        derived = hmac.new(master.encode(), about.encode(), "sha256").hexdigest().translate(_LETTERS)
        inner, outer = hmac_pads(derived)
        columns |= {f"{field}_inner": [inner], f"{field}_outer": [outer], f"{field}_name": [f"hs256:{key_id}:"]}
    return pa.table(columns)
