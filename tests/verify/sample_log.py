"""Logs with a proper history, written by the product, for the verifier to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from entrepot.residency.notes import SigningKey, signing_key
from entrepot.residency.transferlog import TransferLog, Witness, entry_bytes

ORIGIN = "entrepot.example/cn/transfers"
START = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HASH = "sha256:" + "ab" * 32


@dataclass
class Sample:
    """A log, its keys and its witness."""

    folder: Path
    log: TransferLog
    witness: Witness
    key: SigningKey

    @property
    def asked(self) -> list[str]:
        """Arguments of the command that check everything."""
        return [str(self.folder), "--key", str(self.log.key), "--witness", str(self.witness.key)]


def intent(number: int, **changed: Any) -> bytes:
    """The intent of a transfer; each exports ten persons of one permit in turn."""
    permit = number % 3
    facts = {
        "transfer": f"{number:032x}",
        "permit": f"cn-eu/{'abc'[permit]}",
        "permit_hash": HASH,
        "profile": "cn-2026.1",
        "profile_hash": HASH,
        "recipient": "eu",
        "purpose": "consolidation",
        "route": "cn.free",
        "processor": "main",
        "year": 2026,
        "rows": 20,
        "classes": {"operational": 20, "pseudonymous": 10},
        "persons_before": {"sensitive": 0, "other": 10 * number},
        "persons_after": {"sensitive": 0, "other": 10 * number + 10},
        "sequence": number // 3 + 1,
        "commitment": {"alg": "hmac-sha256", "key_id": f"{number:032x}", "value": "cd" * 32},
    }
    return entry_bytes("intent", START + timedelta(seconds=2 * number), **{**facts, **changed})


def outcome(number: int, **changed: Any) -> bytes:
    facts = {"transfer": f"{number:032x}", "verdict": "sent", "envelope_hash": HASH}
    at = changed.pop("at", START + timedelta(seconds=2 * number + 1))
    return entry_bytes("outcome", at, **{**facts, **changed})


def transfers(count: int) -> list[bytes]:
    return [entry for number in range(count) for entry in (intent(number), outcome(number))]


def sample(base: Path, entries: list[bytes], cosigned: int | None = None) -> Sample:
    """A log of these entries whose first ones, or all, are cosigned."""
    key = signing_key(base / "cn", ORIGIN)
    witness = Witness.open(
        base / "eu/watched", signing_key(base / "eu", "entrepot.example/eu"), key.verifier(), ORIGIN, lambda: START
    )
    log = TransferLog.open(base / "log", ORIGIN, key, [witness.key])
    first = len(entries) if cosigned is None else cosigned
    if first:
        log.append(entries[:first])
        log.add_cosignature(witness.cosign(log.checkpoint(), []))
    log.append(entries[first:])
    return Sample(base / "log", log, witness, key)
