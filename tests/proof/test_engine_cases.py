"""Files of the titled cases of every format once more on the second engine: the same refusals, the same canonical rows.

Taken are the cases that need nothing to begin with: those over a file with a row per case, and single ones.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.connectors.registry import CONNECTORS, all_formats, connector_of
from entrepot.connectors.translation import Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine, Engine, SparkEngine
from entrepot.errors import EntrepotError
from entrepot.flows.translating import files_table
from entrepot.residency import person_pads
from entrepot.testing.engine_suite import compare_relations
from entrepot.testing.sail import sail_session
from tests.connectors import casework

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import pyarrow as pa

    from entrepot.connectors.contract import Connector
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
    """Fixtures and tests that need nothing to begin with."""
    cases: list[Callable[[], Any]] = []
    for name, thing in vars(module).items():
        function = thing._get_wrapped_function() if hasattr(thing, "_get_wrapped_function") else thing
        is_case = name.startswith("test_") or function is not thing
        if is_case and inspect.isfunction(function) and not inspect.signature(function).parameters:
            cases.append(function)
    return cases


@pytest.fixture(scope="module")
def batches() -> Iterator[list[tuple[Connector, Batch]]]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        home = Path(folder)
        staged: dict[str, dict[str, dict[str, str]]] = {}
        records: dict[str, dict[str, RawFile]] = {}
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
        yield [
            (
                connector,
                Batch(
                    connector,
                    {wire: sorted(paths.values()) for wire, paths in staged[connector.spec.name].items()},
                    files_table(list(records[connector.spec.name].values())),
                ),
            )
            for connector in CONNECTORS
            if connector.spec.name in staged
        ]


def test_every_format_has_cases(batches: list[tuple[Connector, Batch]]) -> None:
    assert {wire.name for wire in all_formats()} == {wire for _, batch in batches for wire in batch.staged}


def test_the_second_engine_refuses_and_translates_every_case_alike(
    batches: list[tuple[Connector, Batch]], tmp_path: Path
) -> None:
    pads = person_pads(tmp_path / "keys")
    with sail_session() as address, SparkEngine(address) as sail:
        for connector, batch in batches:
            with DuckDBEngine(threads=1) as reference:
                wanted = _relations(reference, batch, pads)
            found = _relations(sail, batch, pads)
            assert wanted["raw rows"].num_rows > 0
            compare_relations(
                {f"{connector.spec.name}: {name}": rows for name, rows in wanted.items()},
                {f"{connector.spec.name}: {name}": rows for name, rows in found.items()},
            )


def _relations(engine: Engine, batch: Batch, pads: pa.Table) -> dict[str, pa.Table]:
    engine.add_arrow("person_pads", pads)
    found = {"raw rows": type_rows(engine, batch)}
    for table, relation in canonical_batches(engine, batch):
        found[f"{table} from {relation}"] = engine.read(relation)
    return found
