"""The demo ends with two cells: what left, what was refused and why, the same books abroad, and nobody to be found."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_demo_syncs_shows_two_cells_and_finds_nobody_of_china_abroad(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "demo"
    done = run("demo", "--live", "--out", out, "--orders", 200)
    assert done.code == 0
    lines = done.out.splitlines()
    # The company has files only, the China cell got its orders by API: both ways lead to the same books.
    assert any(line.startswith("difference to the company kept in one place: 0.00 in ") for line in lines)
    [same] = [line for line in lines if line.startswith("orders by file and by API: ")]
    # 70 of Tmall, 24 of JD, 32 of Douyin.
    assert same == "orders by file and by API: 126 alike in 29 columns, 0 not"
    [faults] = [line for line in lines if line.startswith("faults that happened")]
    assert "server_error" in faults
    assert "The log is whole." in lines
    assert any(line.split() == ["0", "found"] for line in lines)
    assert "refused: orders; nothing of it left" in done.err
    _nobody_of_china_is_abroad(run, out)


def _nobody_of_china_is_abroad(run: Callable[..., Any], out: Path) -> None:
    with (out / "persons.csv").open(encoding="utf-8", newline="") as rows:
        people = list(csv.DictReader(rows))
    assert len(people) > 50
    assert set(people[0]) == {"nick", "name", "phone", "address", "email", "resident_id"}
    assert len({each["resident_id"] for each in people}) == len(people)
    # The same search finds them where they are.
    at_home = run("residency", "hunt", out / "persons.csv", out / "cells" / "cn", "--json")
    assert at_home.code == 1
    hits = json.loads(at_home.out)["hits"]
    assert {hit["column"] for hit in hits} >= {"nick", "name", "phone", "address"}
    abroad = run("residency", "hunt", out / "persons.csv", out / "cells" / "global", "--json")
    assert (abroad.code, json.loads(abroad.out)["hits"]) == (0, [])


def test_the_demo_of_files_says_what_is_wrong_in_them(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("demo", "--no-cells", "--out", tmp_path / "demo", "--orders", 200)
    assert done.code == 0
    kinds = {line.split()[0] for line in done.out.splitlines() if line.strip()}
    assert {"quarantined_row", "control_total", "settlement_without_order"} <= kinds
    assert (tmp_path / "demo" / "company" / "reports" / "report-en.html").stat().st_size > 10_000
