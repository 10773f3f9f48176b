"""The files of the titled cases of every format, and the answers of those of every feed, from the tests that hold them.

Taken are the cases that need nothing but their parameters: those over a file with a row per case, and single ones.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.connectors.translation import Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine
from entrepot.errors import EntrepotError
from entrepot.flows.translating import files_table
from tests.connectors import casework
from tests.connectors.live import casework as live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    import pyarrow as pa

    from entrepot.connectors.contract import Connector
    from entrepot.engine import Engine
    from entrepot.store import RawFile

_CASES = Path(casework.__file__).parent


class _Recorded(Exception):
    """A case said which files it is about; what it holds of them is its own test's business."""


def _modules() -> list[ModuleType]:
    names = sorted(path.relative_to(_CASES).with_suffix("") for path in _CASES.glob("*/test_*.py"))
    return [importlib.import_module(f"tests.connectors.{'.'.join(name.parts)}") for name in names]


def _case_files(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[casework.CaseFile]:
    """The files that a module's cases translate, without translating them: whatever asks for it is stopped there."""
    found: list[casework.CaseFile] = []

    def record(*files: casework.CaseFile, **_: Any) -> None:
        found.extend(files)
        raise _Recorded

    if not hasattr(module, "translated"):
        return []
    monkeypatch.setattr(module, "translated", record)
    for case in _cases_of(module):
        # Whatever a case does besides translating is its own test's business, and so is whether it succeeds.
        with contextlib.suppress(Exception):
            case()
    return found


def _cases_of(module: ModuleType) -> list[Callable[[], Any]]:
    """Fixtures and tests that need nothing to begin with, or nothing but the parameters they are given."""
    cases: list[Callable[[], Any]] = []
    for name, thing in vars(module).items():
        function = thing._get_wrapped_function() if hasattr(thing, "_get_wrapped_function") else thing
        is_case = name.startswith("test_") or function is not thing
        if is_case and inspect.isfunction(function):
            cases += _calls(function)
    return cases


def _calls(function: Callable[..., Any]) -> list[Callable[[], Any]]:
    """A call for each set of parameters; none where it needs something else."""
    given: list[dict[str, Any]] = [{}]
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0]
            names = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(names)
            sets = [
                each.values if hasattr(each, "marks") else each if len(names) > 1 else (each,) for each in mark.args[1]
            ]
            given = [{**one, **dict(zip(names, values, strict=True))} for one in given for values in sets]
    if set(inspect.signature(function).parameters) != set(given[0] if given else {}):
        return []
    return [partial(function, **one) for one in given]


def titled_batches(home: Path) -> list[Batch]:
    """One batch per connector with every such file, staged under `home`."""
    staged: dict[str, dict[str, dict[str, str]]] = {}
    records: dict[str, dict[str, RawFile]] = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        for module in _modules():
            for file in _case_files(module, monkeypatch):
                try:
                    wire, path, record = casework.staged(file, home, casework.Translated())
                except (AssertionError, EntrepotError):
                    # The case is about a file that is not read at all, so no engine ever sees it.
                    continue
                name = connector_of(wire.name, CONNECTORS).spec.name
                staged.setdefault(name, {}).setdefault(wire.name, {})[record.raw_id] = str(path)
                records.setdefault(name, {})[record.raw_id] = record
    return [
        Batch(
            connector,
            {wire: sorted(paths.values()) for wire, paths in staged[connector.spec.name].items()},
            files_table(list(records[connector.spec.name].values())),
        )
        for connector in CONNECTORS
        if connector.spec.name in staged
    ]


def titled_answers(home: Path) -> list[Batch]:
    """One batch per connector with every answer that a case is about, staged under `home`."""
    pages: dict[str, dict[str, set[bytes]]] = {}

    def record(feed_name: str, *answers: Any, pages_: dict[str, set[bytes]], **given: Any) -> None:
        told = given.get("pages") or (live.page_of(live.feed_named(feed_name), *answers),)
        pages_.setdefault(feed_name, set()).update(told)
        raise _Recorded

    with pytest.MonkeyPatch.context() as monkeypatch:
        for module in _modules():
            if hasattr(module, "pulled"):
                of_connector = pages.setdefault(module.__name__.split(".")[-2], {})
                monkeypatch.setattr(module, "pulled", partial(record, pages_=of_connector))
                for case in _cases_of(module):
                    with contextlib.suppress(Exception):
                        case()
    return [
        _staged_answers(connector, pages[connector.spec.name], home)
        for connector in CONNECTORS
        if pages.get(connector.spec.name)
    ]


def _staged_answers(connector: Connector, pages: Mapping[str, Iterable[bytes]], home: Path) -> Batch:
    paths: dict[str, list[str]] = {}
    records = []
    with DuckDBEngine(threads=1) as engine:
        for feed_name, several in pages.items():
            for page in sorted(several):
                path, record = live.staged_page(engine, feed_name, page, home)
                paths.setdefault(feed_name, []).append(str(path))
                records.append(record)
    return Batch(connector, paths, files_table(records))


def relations(engine: Engine, batch: Batch, pads: pa.Table) -> dict[str, pa.Table]:
    """What a batch gives on an engine: the raw rows with their refusals, and the rows of every table."""
    engine.add_arrow("person_pads", pads)
    found = {"raw rows": type_rows(engine, batch)}
    for table, relation in canonical_batches(engine, batch):
        found[f"{table} from {relation}"] = engine.read(relation)
    return found
