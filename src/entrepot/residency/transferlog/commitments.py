"""A commitment to what was sent, that can be forgotten.

The log holds a keyed hash of the payload's hash under a random salt of its own. Whoever has payload and salt can show
that they belong to the entry; once the salt is erased the entry says nothing about the payload any more, and the tree
stays whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import SaltErased

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Commitment", "Commitments"]

ALGORITHM = "hmac-sha256"
_OWNER_ONLY = 0o600
_SALT_BYTES = 32
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Commitment:
    """What stands in the log.

    Attributes:
        key_id: Names the salt, at random.
        value: HMAC-SHA-256 of the payload's SHA-256, in hex.
        alg: The algorithm's word.
    """

    key_id: str
    value: str
    alg: str = ALGORITHM

    @property
    def facts(self) -> dict[str, str]:
        """As an entry holds it."""
        return {"alg": self.alg, "key_id": self.key_id, "value": self.value}


class Commitments:
    """The salts of one log, in a file beside it that only its owner can read and that is never published."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY))
        self._path = path
        with self._opened() as database:
            database.execute("create table if not exists salts (key_id text primary key, salt blob) without rowid")

    def commit(self, payload_hash: bytes) -> Commitment:
        """Commit to a payload by its SHA-256 under a new salt, which is on the disk when this returns."""
        assert len(payload_hash) == hashlib.sha256().digest_size, "a payload is named by its SHA-256"
        key_id, salt = secrets.token_hex(_ID_BYTES), secrets.token_bytes(_SALT_BYTES)
        with self._opened() as database:
            database.execute("insert into salts values (?, ?)", (key_id, salt))
        return Commitment(key_id, _value(salt, payload_hash))

    def is_of(self, commitment: Commitment, payload_hash: bytes) -> bool:
        """Whether the commitment was made for the payload of this SHA-256.

        Raises:
            SaltErased: Nobody can say any more, or never could.
        """
        with self._opened() as database:
            row = database.execute("select salt from salts where key_id = ?", (commitment.key_id,)).fetchone()
        if row is None or row[0] is None:
            raise SaltErased(commitment.key_id)
        return commitment.alg == ALGORITHM and hmac.compare_digest(_value(row[0], payload_hash), commitment.value)

    def erase(self, key_id: str) -> bool:
        """Forget a salt; the place where it stood is overwritten. Whether there was one."""
        with self._opened() as database:
            return database.execute("delete from salts where key_id = ?", (key_id,)).rowcount == 1

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30)
        try:
            database.execute("pragma secure_delete = on")  # else the salt stays in the file's free pages
            database.execute("pragma synchronous = full")
            with database:
                yield database
        finally:
            database.close()


def _value(salt: bytes, payload_hash: bytes) -> str:
    return hmac.digest(salt, payload_hash, "sha256").hex()
