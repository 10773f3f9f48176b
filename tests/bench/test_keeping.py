"""A run of `make bench` that is stopped loses nothing, and the page says of each row when it was measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.__main__ import main, measure_rows
from bench.keeping import Kept, Log, left_of_run, newest, results_of, told
from bench.page import write_page
from bench.result import Figure, Result
from bench.rows import ROWS, Row

if TYPE_CHECKING:
    from bench.__main__ import Measured

_RESULT = Result("ours", "the other", (3.0, 4.0, 5.0), (2.0, 2.0, 2.0), budget=1.5)
_FIGURE = Figure("memory", (900.0, 910.0), "MB", budget=1_500)
_WHERE = "2 cores, duckdb 2"
_NAMES = ["first", "second", "third"]
_PAGE = """# Page

By hand above.

<!-- measured: begin -->
| row | old head |
| third | stayed | | 1 | 1.00 s | | | | 2026-10-01 |

- 2026-10-01: 4 cores.
- 2026-09-01: 8 cores.
<!-- measured: end -->

By hand below.
"""


def _kept(row: str, run: int = 1, day: str = "2026-11-30", where: str = _WHERE) -> Kept:
    return Kept(row, run, day, where, (_RESULT, _FIGURE))


def _row(name: str) -> Row:
    return Row(name, 1, lambda: [_RESULT], lambda: [_RESULT])


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "kept.jsonl")


def test_what_was_measured_is_read_back_as_it_was(log: Log) -> None:
    log.add(_kept("first"))
    log.add(_kept("second", 2, "2026-12-01"))
    assert log.kept() == [_kept("first"), _kept("second", 2, "2026-12-01")]
    assert results_of(told([_RESULT, _FIGURE])) == (_RESULT, _FIGURE)


def test_a_line_that_was_cut_off_is_measured_again_and_spoils_no_other(log: Log, tmp_path: Path) -> None:
    log.add(_kept("first"))
    log.add(_kept("second"))
    path = tmp_path / "kept.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert log.kept() == [_kept("first")]
    assert left_of_run(log.kept(), _NAMES, _WHERE) == (1, ["second", "third"])
    log.add(_kept("second"))
    assert log.kept() == [_kept("first"), _kept("second")]


def test_a_run_that_is_stopped_keeps_each_row_and_goes_on_behind_it(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def measure(row: Row) -> Measured:
        asked.append(row.name)
        if asked == _NAMES:
            raise KeyboardInterrupt
        return (_RESULT,)

    monkeypatch.setattr("bench.__main__.ROWS", tuple(_row(name) for name in _NAMES))
    monkeypatch.setattr("bench.__main__.measure_apart", measure)
    page = tmp_path / "page.md"
    page.write_text(_PAGE, encoding="utf-8")
    options = ["--log", str(tmp_path / "kept.jsonl"), "--page", str(page)]
    with pytest.raises(KeyboardInterrupt):
        main(options)
    assert [each.row for each in log.kept()] == ["first", "second"]
    rows = page.read_text(encoding="utf-8")
    assert rows.count("| ours | the other | 3 |") == 2
    assert "| third | stayed |" in rows
    printed = capsys.readouterr()
    assert printed.out == "| ours | the other | 3 | 4.00 s | 2.00 s | **2.00** (1.50 to 2.50) | ≤ 1.5 |\n" * 2
    assert "2 of 3: second, about 1 min; 2 min to the end\nsecond: beyond its budget\n" in printed.err
    assert main(options) == 0
    assert main([*options, "--only", "second"]) == 0
    assert asked == [*_NAMES, "third", "second"]
    assert [(each.row, each.run) for each in log.kept()] == [("first", 1), ("second", 1), ("third", 1), ("second", 0)]
    assert main(options) == 0
    assert asked[5:] == _NAMES
    assert [each.run for each in log.kept()][4:] == [2, 2, 2]


def test_a_row_that_fails_is_named_and_left_and_the_others_go_on() -> None:
    kept: list[str] = []

    def measure(row: Row) -> Measured:
        if row.name == "second":
            raise subprocess.CalledProcessError(-9, "measure")
        return (_RESULT,)

    rows = [_row(name) for name in _NAMES]
    assert measure_rows(rows, _NAMES, measure, lambda row, _: kept.append(row.name)) == ["second"]
    assert kept == ["first", "third"]


def test_a_whole_run_is_followed_by_a_new_one_and_so_is_one_of_another_machine() -> None:
    assert left_of_run([], _NAMES, _WHERE) == (1, _NAMES)
    assert left_of_run([_kept("first", 0)], _NAMES, _WHERE) == (1, _NAMES)
    whole = [_kept(name) for name in _NAMES]
    assert left_of_run(whole, _NAMES, _WHERE) == (2, _NAMES)
    assert left_of_run([*whole, _kept("first", 2)], _NAMES, _WHERE) == (2, ["second", "third"])
    assert left_of_run([*whole, _kept("first", 2)], _NAMES, "16 cores") == (3, _NAMES)


def test_the_page_has_of_each_row_the_newest_and_names_what_nobody_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(_PAGE, encoding="utf-8")
    kept = [_kept("first", 1, "2026-11-01"), _kept("first", 2), _kept("gone")]
    write_page(page, _NAMES, newest(kept))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Page\n\nBy hand above.\n")
    assert text.endswith("\nBy hand below.\n")
    assert [
        line for line in text.splitlines() if line.startswith(("| first", "| second", "| third", "| gone", "- "))
    ] == [
        "| first | ours | the other | 3 | 4.00 s | 2.00 s | **2.00** (1.50 to 2.50) | ≤ 1.5 | 2026-11-30 |",
        "| first | memory |  | 2 | **905 MB** (900 MB to 910 MB) |  |  | ≤ 1,500 MB | 2026-11-30 |",
        "| second | not measured yet |  |  |  |  |  |  |  |",
        "| third | stayed | | 1 | 1.00 s | | | | 2026-10-01 |",
        "- 2026-10-01: 4 cores.",
        "- 2026-11-30: 2 cores, duckdb 2.",
    ]
    write_page(page, _NAMES, newest([*kept, _kept("second")]))
    assert "not measured yet" not in page.read_text(encoding="utf-8")


def test_the_page_of_the_repository_knows_every_row_and_explains_it(tmp_path: Path) -> None:
    text = Path("docs/benchmarks.md").read_text(encoding="utf-8")
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert [name for name in names if f"**{name}**" not in text] == []
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    write_page(page, names, {})
    assert page.read_text(encoding="utf-8") == text


def test_rows_are_named_and_a_name_that_there_is_not_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--list", "--log", str(tmp_path / "none.jsonl")]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [row.name for row in ROWS]
    assert all("not measured here yet" in line for line in listed)
    with pytest.raises(SystemExit):
        main(["--only", "trades,tardes"])
    assert "there is no row tardes" in capsys.readouterr().err


def test_the_command_measures_a_row_in_a_process_of_its_own_and_keeps_nothing_of_small_ones(tmp_path: Path) -> None:
    log, page = tmp_path / "kept.jsonl", tmp_path / "page.md"
    page.write_text(_PAGE, encoding="utf-8")
    options = ["--only", "reading", "--small", "--log", str(log), "--page", str(page)]
    done = subprocess.run([sys.executable, "-m", "bench", *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    assert done.stdout.startswith("| Alipay ledger of 500 rows")
    assert not log.exists()
    assert page.read_text(encoding="utf-8") == _PAGE
