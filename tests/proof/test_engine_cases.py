"""Files of the titled cases of every format once more on the second engine: the same refusals, the same canonical rows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.registry import all_formats
from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.residency import person_pads
from entrepot.testing.engine_suite import compare_relations
from entrepot.testing.sail import sail_session
from tests.proof.titled_cases import relations, titled_batches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.connectors.translation import Batch


@pytest.fixture(scope="module")
def batches() -> Iterator[list[Batch]]:
    with tempfile.TemporaryDirectory() as folder:
        yield titled_batches(Path(folder))


def test_every_format_has_cases(batches: list[Batch]) -> None:
    assert {wire.name for wire in all_formats()} == {wire for batch in batches for wire in batch.staged}


def test_the_second_engine_refuses_and_translates_every_case_alike(batches: list[Batch], tmp_path: Path) -> None:
    pads = person_pads(tmp_path / "keys")
    with sail_session() as address, SparkEngine(address) as sail:
        for batch in batches:
            with DuckDBEngine(threads=1) as reference:
                wanted = relations(reference, batch, pads)
            found = relations(sail, batch, pads)
            assert wanted["raw rows"].num_rows > 0
            compare_relations(
                {f"{batch.connector.spec.name}: {name}": rows for name, rows in wanted.items()},
                {f"{batch.connector.spec.name}: {name}": rows for name, rows in found.items()},
            )
