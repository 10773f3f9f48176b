"""Transfers whose outcome is not in the log: what a gateway has to settle before it sends anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.residency.transferlog.entries import entry_from_bytes

if TYPE_CHECKING:
    from entrepot.residency.transferlog.log import TransferLog

__all__ = ["open_transfers"]

_LOT = 4_096


def open_transfers(log: TransferLog) -> list[dict[str, object]]:
    """The intents without an outcome, in their order. Reads the whole log: once, when a gateway starts."""
    found: dict[object, dict[str, object]] = {}
    size = log.size
    for first in range(0, size, _LOT):
        for content in log.entries(first, min(first + _LOT, size)):
            entry = entry_from_bytes(content)
            if entry["kind"] == "intent":
                found[entry["transfer"]] = entry
            elif entry["kind"] == "outcome":
                found.pop(entry["transfer"], None)
    return list(found.values())
