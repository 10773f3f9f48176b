"""`entrepot import`: what a person is told of the files, and what a program is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.connectors.casework import lines_of
from tests.connectors.tmall import test_tmall_orders as tmall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEEDED = "订单编号,买家应付货款,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,确认收货时间"


def _file(home: Path, name: str, header: str) -> Path:
    plain = {column: tmall.PLAIN[column] for column in header.split(",") if column in tmall.PLAIN}
    path = home / name
    path.write_text(lines_of(header, plain, {}), encoding="utf-8-sig")
    return path


def _lines(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if line.startswith("!")]


def test_a_short_export_is_told_in_one_line_and_a_program_reads_every_column(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    home = ("--home", tmp_path / "cell")
    assert run("import", _file(tmp_path, "whole.csv", tmall.HEADER), *home).code == 0
    short = _file(tmp_path, "short.csv", NEEDED)
    (told,), (said,) = (_lines(run("import", short, *home, "--lang", lang).out) for lang in ("en", "zh"))
    findings = json.loads(run("import", short, *home, "--json").out)["files"][0]["findings"]
    gone = [each["name"] for each in findings if each["kind"] == "column_vanished"]
    assert len(gone) > 40
    first, last = gone[:5], f"{len(gone) - 5} more"
    assert told == f"! short.csv: column_vanished {len(gone)} columns: {', '.join(first)} and {last}"
    assert said == f"! short.csv：列已消失 {len(gone)} 列：{'、'.join(first)}等"


def test_one_column_or_a_few_that_are_gone_are_named(tmp_path: Path, run: Callable[..., Any]) -> None:
    home, rest = ("--home", tmp_path / "cell"), tmall.HEADER.split(",")
    run("import", _file(tmp_path, "whole.csv", tmall.HEADER), *home)
    one = [name for name in rest if name != "物流公司"]
    assert _lines(run("import", _file(tmp_path, "one.csv", ",".join(one)), *home).out) == [
        "! one.csv: column_vanished 物流公司"
    ]
    run("import", _file(tmp_path, "again.csv", ",".join(reversed(rest))), *home)
    two = [name for name in one if name != "集分宝抵扣"]
    assert _lines(run("import", _file(tmp_path, "two.csv", ",".join(two)), *home).out) == [
        "! two.csv: column_vanished 2 columns: 物流公司, 集分宝抵扣"
    ]
