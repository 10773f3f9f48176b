"""Journeys of mail through a broker: a cell shows its public keys, a broker gets its settings, mail is carried.

carry      outbox ──► sealed for the recipient ──► broker ──► recipient's inbox ──► signed receipt ──► outbox emptied
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from entrepot.flows.border import door_for
from entrepot.residency.links.broker import BrokerAddress, nkey_of
from entrepot.residency.links.carrying import Carrier
from entrepot.residency.links.config import CellKeys, broker_settings, make_streams
from entrepot.residency.links.sealing import box_of
from entrepot.residency.links.state import LinkState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.residency.links.carrying import Round

__all__ = ["carry", "link_status", "nats_config", "nats_key", "nats_streams"]


def carry(parts: CellParts, cell: str = "") -> list[Round]:
    """One round over the links of a cell that go through a broker, or over that to one companion.

    Raises:
        CompanionUnknown: `cell.toml` does not name it.
        LinkUnknown: It has no broker.
    """
    door = door_for(parts)
    wanted = [door.companion(cell)] if cell else [each for each in door.companions.values() if each.link is not None]
    found = []
    for companion in wanted:
        with contextlib.closing(Carrier(door, companion)) as carrier:
            found.append(carrier.round())
    return found


def link_status(parts: CellParts) -> list[dict[str, Any]]:
    """Per link through a broker: what waits, since when, what was delivered, what came; plain data."""
    door = door_for(parts)
    with_broker = [each for each in door.companions.values() if each.link is not None]
    if not with_broker:
        return []
    found = []
    with contextlib.closing(LinkState(door.paths.links / "links.db")) as state:
        for companion in with_broker:
            mail = state.outgoing(companion.cell)
            waiting = [each for each in mail if each.delivered_at_us is None]
            oldest = min((each.first_seen_us for each in waiting), default=None)
            found.append(
                {
                    "cell": companion.cell,
                    "at_the_broker": sum(each.handed_at_us is not None for each in waiting),
                    "in_the_outbox": sum(each.handed_at_us is None for each in waiting),
                    "waits_since": _told(oldest) if oldest is not None else "",
                    "delivered": len(mail) - len(waiting),
                    "taken": state.taken(companion.cell),
                }
            )
    return found


def nats_key(parts: CellParts, companions: Sequence[str]) -> dict[str, Any]:
    """The cell's public keys for links through a broker, made on first use; the private ones stay in the folder."""
    cell, keys = door_for(parts).cell, parts.layout.keys
    _, box = box_of(keys, cell)
    users = {account: nkey_of(keys, account)[1] for account in (cell, *companions)}
    return {"cell": cell, "box": str(box), "users": users}


def nats_config(
    files: Sequence[Path], out: Path, *, listen: str, store: Path, tls: tuple[Path, Path] | None = None
) -> Path:
    """Write a broker's settings for cells whose public keys stand in files.

    Raises:
        KeyInvalid: A file is not of that form, or no two of the cells know each other.
    """
    return broker_settings([CellKeys.from_file(each) for each in files], out, listen=listen, store=store, tls=tls)


def nats_streams(files: Sequence[Path], out: Path, broker: str, ca: Path | None = None) -> list[str]:
    """Make the streams of a running broker; again changes nothing.

    Raises:
        KeyInvalid: A file is not of that form.
        BrokerUnreachable: The broker does not answer.
    """
    cells = [CellKeys.from_file(each) for each in files]
    return asyncio.run(make_streams(cells, out, BrokerAddress("streams", broker, ca)))


def _told(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
