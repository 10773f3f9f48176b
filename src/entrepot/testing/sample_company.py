"""The sample company on disk and in a cell, so that any test can import a part of it or the whole."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.importing import ImportReport, import_paths
from entrepot.ledger import rate_rows
from entrepot.residency import person_pads
from entrepot.sandbox import Expected, Policies, Rates, World, WrittenFile, build_world, expected, write_files
from entrepot.sandbox.answers import Known
from entrepot.sandbox.office import draw_office
from entrepot.sandbox.office_files import write_office

if TYPE_CHECKING:
    from datetime import date

    from entrepot.flows.parts import CellParts

__all__ = ["ImportedCompany", "SampleCompany", "import_company", "shipped_rates", "with_office", "write_company"]

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
        has_office: Whether the finance office's files were imported too.
    """

    company: SampleCompany
    parts: CellParts
    report: ImportReport
    has_office: bool = False

    @cached_property
    def expected(self) -> Expected:
        """What the independent world says must come out."""
        return expected(self.company.world, "CNY", shipped_rates(), DECISIONS)

    @cached_property
    def known(self) -> Known:
        """The world with everything that follows from it, for the answers that reports must give."""
        known = self.known_without_office
        return replace(known, office=draw_office(known)) if self.has_office else known

    @cached_property
    def known_without_office(self) -> Known:
        """The same as if only the platforms' files were there."""
        return Known(self.company.world, "CNY", shipped_rates(), DECISIONS, self.company.written)


def write_company(folder: Path, seed: int, orders: int) -> SampleCompany:
    """Draw a world and write its files."""
    world = build_world(seed, orders)
    return SampleCompany(world, folder, tuple(write_files(world, folder)))


def import_company(company: SampleCompany, home: Path) -> ImportedCompany:
    """Import all files of a company into a new cell."""
    parts = company.new_cell(home)
    return ImportedCompany(company, parts, import_paths(parts, [company.folder / "files"]))


def with_office(imported: ImportedCompany, folder: Path) -> ImportedCompany:
    """The same company with its finance office's files imported after all others; the first one stays as it is."""
    home, files = folder / "home", folder / "company"
    shutil.copytree(imported.parts.layout.home, home)
    files.mkdir()
    shutil.copy(home / "cell.toml", files)
    write_office(imported.known, draw_office(imported.known), files)
    shutil.copy(files / "cell.toml", home)
    parts = open_cell(home)
    return ImportedCompany(imported.company, parts, import_paths(parts, [files / "files"]), has_office=True)


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
