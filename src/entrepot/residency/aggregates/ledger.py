"""The release ledger: what was released of each month, once, whoever received it, and who stood behind it.

It knows recipients and permits no more than the figures do: what two of them were told could be put together. One JSON
file a month says how the tables were cut and what they showed; it is what readers go by. Beside it lies a Parquet file
with digests of the persons and their parts. Neither ever leaves the cell.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from entrepot.residency.transferlog.durable import write_durably

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MonthRecord", "ReleaseLedger", "SystemRecord"]


class SystemRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was released of one line of a month.

    Attributes:
        line: Line of the report.
        detail: Its account.
        pools: Node (a channel, or empty for all of them) to the shops that are pooled under it.
        group_pool: Groups that are pooled; None where there is no table by group.
        rows: The first table as it was shown.
        groups: The second one.
        releases: How often its amounts were released.
    """

    line: str
    detail: str
    pools: dict[str, list[tuple[str, str]]]
    group_pool: list[str] | None
    rows: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    releases: int = 1


class MonthRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was released of one month.

    Attributes:
        keys: Digest of the keys, the rule and the currency under which it was.
        persons: Name of the file with those behind it.
        systems: By line.
    """

    keys: str
    persons: str
    systems: tuple[SystemRecord, ...]


class ReleaseLedger:
    """The ledger of one dataset.

    Args:
        folder: Its folder; made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def month(self, month: str) -> MonthRecord | None:
        """What was released of a month; None before the first time."""
        path = self._folder / f"{month}.json"
        return msgspec.json.decode(path.read_bytes(), type=MonthRecord) if path.exists() else None

    def persons_file(self, record: MonthRecord) -> Path:
        """The file with those behind a month."""
        return self._folder / record.persons

    def new_persons_file(self, month: str, release: int) -> Path:
        """Where those behind the next release of a month are written before it is kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{month}.{release:04d}.parquet"

    def keep(self, month: str, record: MonthRecord) -> None:
        """Make a release the one that counts: on the disk before anything is sent."""
        before = self.month(month)
        with self.persons_file(record).open("rb+") as persons:
            os.fsync(persons.fileno())
        # The name of the persons' file reaches the disk with it: both stand in one folder.
        write_durably(self._folder / f"{month}.json", msgspec.json.encode(record))
        if before is not None and before.persons != record.persons:
            self.persons_file(before).unlink(missing_ok=True)
