"""Secrets from the environment: a token that was renewed is known to this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.store import CellLayout, CredentialStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_renewed_token_is_known_to_whoever_reads_it_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each look of `sync watch` reads secrets anew, and the token before has ended by then on most platforms.
    for name in ("ACCESS_TOKEN", "REFRESH_TOKEN", "EXPIRES_AT_S"):
        monkeypatch.setenv(f"SHOP_{name}", "first")
    names = ("access_token", "refresh_token", "expires_at_s")
    kept = CredentialStore(CellLayout(tmp_path), "shop", "env", "SHOP").write(dict.fromkeys(names, "second"))
    assert not kept, "another process does not know it"
    assert CredentialStore(CellLayout(tmp_path), "shop", "env", "SHOP").read(names) == dict.fromkeys(names, "second")
