"""Secrets in an encrypted file: opened by their passphrase only, whatever was opened before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.store import CellLayout, CredentialStore
from entrepot.store.credentials import PASSPHRASE
from entrepot.store.errors import SecretsUnreadable

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_opens_with_its_passphrase_alone_also_after_it_was_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "first")
    store = CredentialStore(CellLayout(tmp_path), "shop", "file")
    store.write({"secret": "a"})
    store.write({"secret": "b", "access_token": "t"})
    assert store.read(("secret", "access_token", "other")) == {"secret": "b", "access_token": "t"}
    monkeypatch.setenv(PASSPHRASE, "second")
    with pytest.raises(SecretsUnreadable, match=PASSPHRASE):
        store.read(("secret",))
    store.write({"secret": "c"})
    assert CredentialStore(CellLayout(tmp_path), "shop", "file").read(("secret",)) == {"secret": "c"}
    monkeypatch.setenv(PASSPHRASE, "first")
    with pytest.raises(SecretsUnreadable, match=PASSPHRASE):
        store.read(("secret",))
