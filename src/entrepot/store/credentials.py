"""Where app secrets and tokens are kept: the operating system's safe, the environment, or an encrypted file.

    keyring   the operating system's safe, an entry per shop and cell
    env       <PREFIX>_APP_KEY, <PREFIX>_SECRET …; read only, so a refreshed token lives as long as the process
    file      keys/connections/<digest of the shop>, AES-256-GCM, key from a passphrase in ENTREPOT_PASSPHRASE

They are written nowhere else: not to settings, state, raw pages, logs or messages.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from entrepot.store.errors import SecretsUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from entrepot.store.layout import CellLayout

PASSPHRASE = "ENTREPOT_PASSPHRASE"  # noqa: S105 the name of a variable
_SERVICE = "entrepot"
_FORMAT = b"entrepot-secrets/1 AES-256-GCM scrypt\n"
_SALT, _NONCE = 16, 12


class CredentialStore:
    """Secrets of one shop's connection.

    Args:
        layout: The company folder.
        shop: Whose.
        kind: `keyring`, `env` or `file`.
        prefix: Beginning of the variables' names, for `env`.
    """

    def __init__(self, layout: CellLayout, shop: str, kind: str, prefix: str = "") -> None:
        self._layout, self._shop, self._kind = layout, shop, kind
        self._prefix = prefix or "ENTREPOT"
        self._opened: tuple[str, bytes] | None = None

    def read(self, names: tuple[str, ...]) -> dict[str, str]:
        """What there is of the named secrets.

        Raises:
            SecretsUnreadable: The safe or the file cannot be opened.
        """
        if self._kind == "env":
            found = {name: os.environ.get(f"{self._prefix}_{name.upper()}", "") for name in names}
        else:
            kept = self._open_file() if self._kind == "file" else self._open_keyring()
            found = {name: kept.get(name, "") for name in names}
        return {name: value for name, value in found.items() if value}

    def write(self, values: Mapping[str, str]) -> bool:
        """Keep secrets; False where this process alone will know them (`env`)."""
        if self._kind == "env":
            # Whoever reads them in this process takes these: with each token the one before may have ended.
            os.environ.update({f"{self._prefix}_{name.upper()}": value for name, value in values.items()})
            return False
        text = json.dumps(dict(values), sort_keys=True)
        if self._kind == "keyring":
            import keyring

            keyring.set_password(_SERVICE, self._entry(), text)
            return True
        passphrase, nonce = self._passphrase(), os.urandom(_NONCE)
        is_known = self._opened is not None and self._opened[0] == passphrase
        salt = self._opened[1] if self._opened and is_known else os.urandom(_SALT)
        self._opened = (passphrase, salt)
        sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, text.encode(), _FORMAT)
        path = self._path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(_FORMAT + salt + nonce + sealed)
        partial.replace(path)
        return True

    def _open_keyring(self) -> dict[str, str]:
        import keyring
        from keyring.errors import KeyringError

        try:
            text = keyring.get_password(_SERVICE, self._entry())
        except KeyringError as error:
            raise SecretsUnreadable(self._shop, "this computer has no safe that can be opened") from error
        return dict(json.loads(text)) if text else {}

    def _open_file(self) -> dict[str, str]:
        path = self._path()
        if not path.exists():
            return {}
        content = path.read_bytes()
        if not content.startswith(_FORMAT):
            raise SecretsUnreadable(self._shop, f"{path.name} is of another format")
        rest = content[len(_FORMAT) :]
        salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
        self._opened = (self._passphrase(), salt)
        try:
            plain = AESGCM(_key(*self._opened)).decrypt(nonce, sealed, _FORMAT)
        except InvalidTag as error:
            raise SecretsUnreadable(self._shop, f"{PASSPHRASE} is not the one it was sealed with") from error
        return dict(json.loads(plain))

    def _passphrase(self) -> str:
        found = os.environ.get(PASSPHRASE, "")
        if not found:
            raise SecretsUnreadable(self._shop, f"set {PASSPHRASE}")
        return found

    def _entry(self) -> str:
        return f"{self._layout.home}#{self._shop}"

    def _path(self) -> Path:
        name = hashlib.sha256(self._shop.encode()).hexdigest()[:24]
        return self._layout.keys / "connections" / name


@lru_cache(maxsize=4)
def _key(passphrase: str, salt: bytes) -> bytes:
    """The key of a passphrase. Deriving one is slow on purpose and secrets are read in every run: the last are kept."""
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())
