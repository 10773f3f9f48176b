"""Pages of a marketplace as they come, on their way into the raw log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from entrepot.connectors.live.extract import documents_in
from entrepot.connectors.live.staging import unknown_fields
from entrepot.flows.totals import Finding
from entrepot.store import RawFile, RawLog

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.connectors.contract import Connector
    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.extract import RawPage
    from entrepot.flows.parts import CellParts
    from entrepot.store import SyncState, Window

_SAMPLE_DOCUMENTS = 20
"""Documents of a page whose field names are looked at."""


class RawPages:
    """Keeps pages in the raw log of a cell; see `PageSink`."""

    def __init__(self, parts: CellParts, sync: SyncState, connector: Connector, shop: str, clock: Clock) -> None:
        self._raw, self._sync, self._connector, self._shop = RawLog(parts.layout), sync, connector, shop
        self._clock = clock

    def keep(self, page: RawPage, window: Window) -> None:
        """Put a page in place together with its row and the versions it holds; its rows are staged when translated."""
        file, partial = self.prepare(page)
        target = self._raw.path(file.raw_id)
        self._sync.record(file, window, page.digests, lambda: put_in_place(partial, target), self._clock.now_s())

    def prepare(self, page: RawPage) -> tuple[RawFile, Path]:
        """Write a page beside its place: what the raw log will say of it, and where it is."""
        raw_id, partial = self._raw.prepare(page.lines)
        notes = [Finding("unknown_field", name).as_dict() for name in _unknown(page)]
        at_us = int(page.at_s * 1_000_000)
        shown = f"{page.feed.name} {datetime.fromtimestamp(page.at_s, UTC):%Y-%m-%dT%H:%M:%SZ} {raw_id[:8]}"
        file = RawFile(
            raw_id,
            shown,
            self._connector.spec.name,
            page.feed.name,
            page.feed.channel,
            self._shop,
            None,
            "ndjson",
            page.documents,
            "",
            at_us,
            int(self._clock.now_s() * 1_000_000),
            json.dumps(notes, ensure_ascii=False),
        )
        return file, partial

    def place_of(self, file: RawFile) -> Path:
        """Where the blob of a page belongs."""
        return self._raw.path(file.raw_id)


def put_in_place(partial: Path, target: Path) -> None:
    """Give a prepared blob its name."""
    if target.exists():
        partial.unlink()
    else:
        partial.rename(target)


def _unknown(page: RawPage) -> tuple[str, ...]:
    documents: list[object] = []
    for line in page.lines.splitlines():
        said = msgspec.json.decode(line)
        if said["method"] != page.feed.stored_method.name:
            continue
        documents += documents_in(page.feed, said["answer"])
        if len(documents) >= _SAMPLE_DOCUMENTS:
            break
    return unknown_fields(page.feed, documents[:_SAMPLE_DOCUMENTS])
