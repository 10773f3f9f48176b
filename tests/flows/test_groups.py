"""Files that are translated in several groups, because memory is bounded: the tables and counts of one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.flows import translating
from entrepot.flows.importing import import_paths, replay
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from entrepot.flows.importing import ImportReport
    from entrepot.testing.sample_company import SampleCompany


def test_files_in_many_groups_give_the_tables_and_counts_of_one(
    small_company: SampleCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [path for path in small_company.data_files() if path.parent.name == "tmall"]
    together = small_company.new_cell(tmp_path / "together")
    at_once = import_paths(together, files)
    wanted = hashes(together)
    monkeypatch.setattr(translating, "ROWS_AT_ONCE", 120)
    apart = small_company.new_cell(tmp_path / "apart")
    in_groups = import_paths(apart, files)
    assert hashes(apart) == wanted
    # Which of two files with one row counts as its repetition may differ; how many repetitions there are may not.
    assert _counts(in_groups) == _counts(at_once)
    replay(apart)
    assert hashes(apart) == wanted


def _counts(report: ImportReport) -> tuple[int, int, int]:
    files = report.files
    return sum(f.canonical for f in files), sum(f.duplicates for f in files), sum(f.quarantined for f in files)
