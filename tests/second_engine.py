"""Which SQL files run on the second engine in a run of all tests: one that does not fails the run, and so does a stale gap."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import entrepot
from entrepot.engine import Query, SparkEngine

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(entrepot.__file__).parent
_SENT = "second_engine"

NOT_RUN = {
    "engine/dialect/macros.sql": "macros are compared one by one in tests/engine",
    "residency/meter.sql": "counts on an embedded engine of its own, whatever the cell's",
    "residency/permits/shipped/sql/buyer_parts.sql": "sums of many persons are asked of the embedded engine",
    "residency/permits/shipped/sql/pnl_parts.sql": "sums of many persons are asked of the embedded engine",
}
"""Files that no test runs on the second engine, and why. A file that runs does not stand here."""


def sql_files() -> dict[str, str]:
    """Every file and its text; templates of declared formats are filled before they run, and have a test of their own."""
    paths = [path for path in sorted(_ROOT.rglob("*.sql")) if "templates" not in path.parts]
    return {path.relative_to(_ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def judged(run: set[str], files: set[str]) -> list[str]:
    """What is wrong with a run of all tests, a sentence each."""
    missing = sorted(files - run - NOT_RUN.keys())
    stale = sorted(name for name in NOT_RUN if name in run or name not in files)
    return [
        *(f"{name} runs on DuckDB alone; compare it on the second engine" for name in missing),
        *(f"{name} runs on the second engine; take it out of NOT_RUN" for name in stale),
    ]


class SecondEngine:
    """A plugin of pytest that remembers the queries of each process and judges them at the end of a whole run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._texts: set[str] = set()
        self._sources: set[str] = set()
        self._run: set[str] = set()
        for name in ("define", "read", "stream", "write_parquet"):
            setattr(SparkEngine, name, self._watched(getattr(SparkEngine, name)))

    def _watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            for each in given:
                if isinstance(each, Query):
                    self._texts.add(each.text)
                    self._sources.add(each.source)
            return method(*given, **named)

        return watched

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker ended: what it ran."""
        self._run |= set(getattr(node, "workeroutput", {}).get(_SENT, ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller what a worker ran; in the controller, judge."""
        files = sql_files()
        self._run |= {
            # A file of parts is filled with the figure that is asked for, and keeps its name.
            name
            for name, text in files.items()
            if text in self._texts or name in self._sources
        }
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_SENT] = sorted(self._run)
            return
        if not self._is_whole() or session.testsfailed or session.exitstatus != pytest.ExitCode.OK:
            return
        for problem in judged(self._run, set(files)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._config.get_terminal_writer().line(f"\n{problem}", red=True)

    def _is_whole(self) -> bool:
        """Whether every test was asked for: nothing was chosen, left out or only collected."""
        chosen = self._config.option
        left_out = ("keyword", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
        return (
            self._config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and chosen.markexpr == "not shared"
            and not any(getattr(chosen, name, None) for name in left_out)
        )
