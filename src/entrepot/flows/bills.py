"""Files that a platform hands out, brought in as an import brings files in: recognised, kept, staged, recorded.

The same bytes have the same raw id however they came, so a file that was imported by hand already counts once. A file
and what names it among those fetched are recorded in one transaction, without the publish lease: a process that dies
before it fetches the file again, one that dies behind it does not.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.connectors.live.errors import BillUnread
from entrepot.connectors.reading import find_sources
from entrepot.flows.reading import Reader
from entrepot.store import RawLog

if TYPE_CHECKING:
    from entrepot.connectors.live.bills import Bill, BillFeed
    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.reading import SourceFile
    from entrepot.flows.parts import CellParts
    from entrepot.store import RawFile, State, SyncState, Window

_TAKEN = ("imported", "already_imported")


@dataclass
class Together:
    """Files that come into the raw log at one moment; see `Filing`.

    Attributes:
        raw: The raw log.
        folder: Where they wait, on the cell's disk.
        files: What will be recorded.
    """

    raw: RawLog
    folder: Path
    files: list[RawFile] = field(default_factory=list)
    _waiting: list[Path] = field(default_factory=list)

    def staged_path(self, raw_id: str, format_name: str) -> Path:
        """Beside their place: an erasure clears away rows of which nothing is recorded."""
        return self.folder / f"{raw_id}.{format_name}.parquet"

    def keep(self, plain: Path, file: RawFile) -> None:
        """Make ready what will be kept."""
        blob = self.folder / f"{file.raw_id}.zst"
        self.raw.prepare_file(plain, blob)
        self._waiting.append(blob)
        self.files.append(file)

    def put_in_place(self) -> None:
        """Give everything its name. What came there meanwhile stays: an erasure may have cleaned it since."""
        for blob, file in zip(self._waiting, self.files, strict=True):
            moves = (
                (blob, self.raw.path(file.raw_id)),
                (self.staged_path(file.raw_id, file.format), self.raw.staged_path(file.raw_id, file.format)),
            )
            if all(target.exists() for _, target in moves):
                continue
            for waiting, target in moves:
                target.parent.mkdir(parents=True, exist_ok=True)
                waiting.replace(target)


class RawBills:
    """Keeps files of one shop in the raw log of a cell; see `BillSink`."""

    def __init__(self, parts: CellParts, state: State, sync: SyncState, shop: str, clock: Clock) -> None:
        self._parts, self._state, self._sync, self._shop, self._clock = parts, state, sync, shop, clock
        self._raw = RawLog(parts.layout)

    def keep(self, feed: BillFeed, bill: Bill, fetched: Path, digest: str, window: Window) -> bool:
        """Read a file as an import does, and record it together with what names it."""
        shown = f"{feed.name} {bill.label}{fetched.suffix}"
        with tempfile.TemporaryDirectory(dir=self._parts.layout.temporary) as folder:
            filing = Together(self._raw, Path(folder))
            reader = Reader(self._parts, self._state, self._shop, filing=filing)
            for source in _sources(feed, fetched, shown):
                for report in reader.read_source(source):
                    if report.status not in _TAKEN:
                        raise BillUnread(self._shop, feed.name, bill.label, report.error or report.status)
            self._sync.record_all(filing.files, window, (digest,), filing.put_in_place, self._clock.now_s())
        return bool(filing.files)


def _sources(feed: BillFeed, fetched: Path, shown: str) -> list[SourceFile]:
    """The file, or those in an archive that are not sums of the others; named as the feed's, not by where they wait."""
    return [
        replace(source, shown=source.shown.replace(str(fetched), shown, 1), parts=())
        for source in find_sources([fetched])
        if not (feed.left_out and re.search(feed.left_out, source.name))
    ]
