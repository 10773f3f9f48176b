"""The sample company on disk and in a cell, so that any test can import a part of it or the whole."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.importing import ImportReport, import_paths
from entrepot.ledger import rate_rows
from entrepot.residency import person_pads
from entrepot.sandbox import Expected, Policies, Rates, World, WrittenFile, build_world, expected, write_files

if TYPE_CHECKING:
    from datetime import date

    from entrepot.flows.parts import CellParts

__all__ = ["ImportedCompany", "SampleCompany", "import_company", "shipped_rates", "write_company"]

DECISIONS = Policies(income_recognises_unshipped=False)
"""What the shipped policies decide where the rules leave a choice."""


@dataclass(frozen=True, eq=False)
class SampleCompany:
    """A written company.

    Attributes:
        world: What happened.
        folder: Where its files are.
        written: The files, those that describe the company included.
    """

    world: World
    folder: Path
    written: tuple[WrittenFile, ...]

    def data_files(self, *kinds: str) -> list[Path]:
        """Paths of the data files, of some kinds or of all."""
        return [
            self.folder / file.path
            for file in self.written
            if file.role != "company" and (not kinds or file.kind in kinds)
        ]

    def new_cell(self, home: Path) -> CellParts:
        """An empty cell with the company's settings, declared formats and key, so that two cells name people alike."""
        home.mkdir(parents=True, exist_ok=True)
        person_pads(self.folder / "keys")
        shutil.copytree(self.folder / "keys", home / "keys", dirs_exist_ok=True)
        shutil.copy(self.folder / "cell.toml", home)
        shutil.copytree(self.folder / "declared", home / "declared", dirs_exist_ok=True)
        return open_cell(home)


@dataclass(frozen=True, eq=False)
class ImportedCompany:
    """A company whose files were all imported at once.

    Attributes:
        company: What was written.
        parts: The cell.
        report: What the import said.
    """

    company: SampleCompany
    parts: CellParts
    report: ImportReport

    @cached_property
    def expected(self) -> Expected:
        """What the independent world says must come out."""
        return expected(self.company.world, "CNY", shipped_rates(), DECISIONS)


def write_company(folder: Path, seed: int, orders: int) -> SampleCompany:
    """Draw a world and write its files."""
    world = build_world(seed, orders)
    return SampleCompany(world, folder, tuple(write_files(world, folder)))


def import_company(company: SampleCompany, home: Path) -> ImportedCompany:
    """Import all files of a company into a new cell."""
    parts = company.new_cell(home)
    return ImportedCompany(company, parts, import_paths(parts, [company.folder / "files"]))


@lru_cache(maxsize=1)
def shipped_rates() -> Rates:
    """The shipped reference rates: the last one on or before a day."""
    days: dict[str, list[date]] = {}
    rates: dict[str, list[int]] = {}
    rows = sorted(rate_rows().to_pylist(), key=lambda row: (row["currency"], row["rate_on"]))
    for row in rows:
        days.setdefault(row["currency"], []).append(row["rate_on"])
        rates.setdefault(row["currency"], []).append(row["per_euro_e6"])

    def rate(currency: str, on: date) -> int:
        at = bisect_right(days[currency], on) - 1
        assert at >= 0, "a rate is asked for on days that have one"
        return rates[currency][at]

    return rate
