"""An import that dies anywhere, and readers and rivals while one runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import entrepot
from entrepot.flows.asking import newest_tables, select_rows
from entrepot.flows.importing import import_paths
from entrepot.store.errors import CellBusy, NothingPublished
from entrepot.testing.equal_tables import hashes
from entrepot.testing.faults import PLACES

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany

_KILLED = -9
_DEATHS = (
    ("file_kept", 2),
    ("file_recorded", 3),
    ("rows_merged", 2),
    ("rows_appended", 1),
    ("tables_restored", 1),
    ("table_replaced", 9),
    ("published", 1),
)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(entrepot.__file__).parent.parent)}


def _start(parts: CellParts, place: str, times: int, paths: list[Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "entrepot.testing.faults", str(parts.layout.home), place, str(times), *map(str, paths)],
        env=_environment(),
        stderr=subprocess.DEVNULL,
    )


def _two_batches(company: SampleCompany) -> tuple[list[Path], list[Path]]:
    files = sorted(company.data_files("tmall_orders", "alipay_ledger"), key=lambda path: path.name)
    return files[::2], files[1::2]


@pytest.fixture(scope="module")
def undisturbed(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    parts = small_company.new_cell(tmp_path_factory.mktemp("undisturbed"))
    for batch in _two_batches(small_company):
        import_paths(parts, batch)
    return hashes(parts)


def test_every_place_to_die_is_tried() -> None:
    assert {place for place, _ in _DEATHS} == set(PLACES)


def test_after_a_death_at_any_place_the_same_import_gives_the_same_tables(
    small_company: SampleCompany,
    undisturbed: dict[str, str],
    tmp_path: Path,
) -> None:
    """One cell dies again and again, the second batch on top of a published first one; then it is left to finish."""
    parts = small_company.new_cell(tmp_path)
    first, second = _two_batches(small_company)
    import_paths(parts, first)
    published = hashes(parts)
    for place, times in _DEATHS[:-1]:
        assert _start(parts, place, times, second).wait() == _KILLED, place
        assert hashes(parts) == published, place
    assert _start(parts, "published", 1, second).wait() == _KILLED
    assert hashes(parts) == undisturbed
    import_paths(parts, second)
    assert hashes(parts) == undisturbed


def test_a_first_import_that_dies_at_any_place_gives_the_same_tables_later(
    small_company: SampleCompany,
    undisturbed: dict[str, str],
    tmp_path: Path,
) -> None:
    """Nothing is published yet, so what a dead process left in the tables belongs to no snapshot."""
    parts = small_company.new_cell(tmp_path)
    files = [path for batch in _two_batches(small_company) for path in batch]
    for place, times in _DEATHS[:-1]:
        assert _start(parts, place, times, files).wait() == _KILLED, place
        with pytest.raises(NothingPublished):
            hashes(parts)
    import_paths(parts, files)
    assert hashes(parts) == undisturbed


def test_a_first_import_that_dies_at_random_moments_leaves_nothing_half_done(
    small_company: SampleCompany,
    undisturbed: dict[str, str],
    tmp_path: Path,
) -> None:
    parts = small_company.new_cell(tmp_path)
    files = [path for batch in _two_batches(small_company) for path in batch]
    dice = Random(17)
    for _ in range(3):
        process = _start(parts, "published", 0, files)
        time.sleep(dice.uniform(0.8, 4.0))
        process.kill()
        process.wait()
        try:
            assert hashes(parts) == undisturbed
        except NothingPublished:
            continue
    import_paths(parts, files)
    assert hashes(parts) == undisturbed


def test_a_reader_sees_whole_snapshots_while_another_process_imports(
    small_company: SampleCompany,
    tmp_path: Path,
) -> None:
    parts = small_company.new_cell(tmp_path)
    first, second = _two_batches(small_company)
    import_paths(parts, first)
    seen = [_figures(parts)]
    process = _start(parts, "published", 0, second)
    while process.poll() is None:
        seen.append(_figures(parts))
    assert process.returncode == 0
    seen.append(_figures(parts))
    assert len(set(seen)) == 2
    assert seen == sorted(seen, key=seen.index)
    assert len(seen) > 3


def _figures(parts: CellParts) -> tuple[Any, ...]:
    """Figures of several tables that fit together within one snapshot only."""
    row = select_rows(
        parts,
        """
        select (select count(*) from orders) as orders, (select count(*) from order_positions) as positions,
               (select count(*) from raw_rows) as raw_rows, (select sum(row_count) from raw_files) as counted,
               (select sum(amount_minor) from settlement_lines) as settled,
               (select sum(amount_minor) from ledger_entries where account = 'wallet') as wallet""",
    ).to_pylist()[0]
    assert row["orders"] == row["positions"]
    assert row["raw_rows"] == row["counted"]
    assert row["settled"] == row["wallet"]
    return tuple(row.values())


def test_a_rival_import_is_refused_with_try_again_later_and_changes_nothing(
    small_company: SampleCompany,
    tmp_path: Path,
) -> None:
    parts = small_company.new_cell(tmp_path)
    first, second = _two_batches(small_company)
    refusals: list[str] = []

    def intrude(step: str, done: int, _of: int) -> None:
        if step == "derive" and not done:
            with pytest.raises(CellBusy) as refused:
                import_paths(parts, second)
            refusals.append(refused.value.code)
            rival = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "entrepot",
                    "import",
                    "--json",
                    "--home",
                    str(parts.layout.home),
                    str(second[0]),
                ],
                capture_output=True,
                check=False,
                text=True,
                env=_environment(),
            )
            refusals.append(f"{rival.returncode} {'store.cell_busy' in rival.stderr} {'Traceback' in rival.stderr}")

    import_paths(parts, first, progress=intrude)
    assert refusals == ["store.cell_busy", "75 True False"]
    assert newest_tables(parts).versions
    names = select_rows(parts, "select count(*) as n from raw_files").to_pylist()[0]["n"]
    assert names == len({path.read_bytes() for path in first})
