"""The file of a plan: workers read what a batch needs of it, and no more."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from entrepot.delivery.lines import LINE_CLASSES, load_documents, write_lines
from tests.delivery.test_intents import planned

if TYPE_CHECKING:
    from pathlib import Path

_NUMBERS = {"line_no", "functional_minor", "amount_minor", "quantity", "price_e6", "base_minor"}


def _lines(count: int) -> pa.Table:
    """Two lines for each of many documents, of thirty days in no order."""
    rows = range(2 * count)
    columns: dict[str, pa.Array] = {
        name: pa.array([0] * len(rows), pa.int64()) if name in _NUMBERS else pa.array([""] * len(rows), pa.string())
        for name in LINE_CLASSES
    }
    columns["document_id"] = pa.array([f"d{row // 2}" for row in rows])
    columns["line_no"] = pa.array([row % 2 for row in rows])
    columns["account"] = pa.array([f"a{row}" for row in rows])
    columns["posted_on"] = pa.array([date(2026, 9, 1) + timedelta(row // 2 % 30) for row in rows])
    return pa.table(columns)


def test_a_batch_reads_the_lines_of_its_days(tmp_path: Path) -> None:
    path = tmp_path / "plan.parquet"
    write_lines(_lines(30_000), path)
    file = pq.ParquetFile(path)
    at = file.schema_arrow.names.index("posted_on")
    spans = [file.metadata.row_group(each).column(at).statistics for each in range(file.metadata.num_row_groups)]
    assert len(spans) == 6
    assert all(first.max <= second.min for first, second in itertools.pairwise(spans)), "by day"
    one = replace(planned(4, document_id="d34", posted_on="2026-09-05"), lines=2)
    assert [line.account for line in load_documents([one], {"p": path})["d34"].lines] == ["a68", "a69"]
