"""What dlt makes of the same raw pages: nested JSON into tables of Parquet files. Runs in an environment of its own.

    .venv-dlt/bin/python bench/baseline/dlt_trades.py OUT PAGE [PAGE …]

Nothing is decided here: dlt infers types, unnests the lines and writes; no states, no exact money, no tokens, nothing
is refused.
Prints the seconds of processor that reading, normalising and loading took, imports left out.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"

import dlt
import pyarrow as pa
from dlt.common.json import json


def _trades(pages: list[str]) -> Iterator[Any]:
    for page in pages:
        with pa.input_stream(page, compression="zstd") as lines:
            for line in lines.read().splitlines():
                yield json.loadb(line)["answer"]["trade_fullinfo_get_response"]["trade"]


def main() -> None:
    """Load the pages and say what it took."""
    out, *pages = sys.argv[1:]
    folder = Path(out)
    before = os.times()
    started = time.perf_counter()
    pipeline = dlt.pipeline(
        "trades",
        destination=dlt.destinations.filesystem(bucket_url=folder.as_uri()),
        dataset_name="canonical",
        pipelines_dir=str(folder / "work"),
    )
    pipeline.run(
        dlt.resource(_trades(pages), name="orders", primary_key="tid", write_disposition="append"),
        loader_file_format="parquet",
    )
    after = os.times()
    spent = sum(after[:4]) - sum(before[:4])
    counts = pipeline.last_trace.last_normalize_info.row_counts
    sys.stdout.write(f"{spent:.3f} {time.perf_counter() - started:.3f} {counts['orders']}\n")


if __name__ == "__main__":
    main()
