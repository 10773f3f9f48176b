"""A platform changes its export: the import says what changed, and a replay says what a mended mapping moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.drift import likely_names
from entrepot.flows.importing import import_paths, replay

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.flows.reading import FileReport

_SKUS = "sku_id,name,unit_cost,currency,valid_from,brand\n" + "".join(
    f"TEA-{number:02d},Green tea,12.5{number % 10},CNY,2026-09-{number:02d},Yuxun\n" for number in range(1, 11)
)


def _imported(home: Path, name: str, text: str) -> FileReport:
    file = home.parent / name
    file.write_text(text, encoding="utf-8")
    return import_paths(open_cell(home), [file]).files[0]


def _findings(report: FileReport) -> set[tuple[str, str]]:
    return {(finding.kind, finding.name) for finding in report.findings}


def test_a_first_file_has_nothing_to_drift_from(tmp_path: Path) -> None:
    assert _findings(_imported(tmp_path / "company", "skus.csv", _SKUS)) == set()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("brand", "brand_name", {("unknown_column", "brand_name"), ("column_renamed", "brand → brand_name")}),
        (",brand\n", "\n", {("column_vanished", "brand")}),
        ("brand\n", "brand,colour\n", {("unknown_column", "colour")}),
    ],
)
def test_a_column_that_is_renamed_gone_or_new_is_named(
    tmp_path: Path, before: str, after: str, found: set[tuple[str, str]]
) -> None:
    _imported(tmp_path / "company", "first.csv", _SKUS)
    text = _SKUS.replace(before, after, 1)
    if after == "\n":
        text = text.replace(",Yuxun\n", "\n")
    if "colour" in after:
        text = text.replace("Yuxun\n", "Yuxun,green\n")
    assert _findings(_imported(tmp_path / "company", "second.csv", text)) == found


def test_a_column_whose_cells_are_of_another_kind_is_named(tmp_path: Path) -> None:
    _imported(tmp_path / "company", "first.csv", _SKUS)
    texts = _SKUS.replace("2026-09-", "day ").replace("Green tea", "Black tea")
    found = _findings(_imported(tmp_path / "company", "second.csv", texts))
    assert ("column_retyped", "valid_from: day → text") in found
    whole = "".join(
        line.replace(f"12.5{number % 10}", "12") for number, line in enumerate(_SKUS.splitlines(keepends=True))
    )
    found = _findings(_imported(tmp_path / "other", "third.csv", whole))
    assert not any(kind == "column_retyped" for kind, _ in found)


def test_a_needed_column_that_was_renamed_is_named_in_the_error(tmp_path: Path) -> None:
    report = _imported(tmp_path / "company", "skus.csv", _SKUS.replace("unit_cost", "unit_costs", 1))
    assert report.status == "not_recognised"
    assert report.error is not None
    assert "unit_cost is perhaps called unit_costs now" in report.error


def test_each_header_is_proposed_once_and_only_where_it_is_alike() -> None:
    known = {"付款时间": ("付款时间", "订单付款时间"), "订单编号": ("订单编号",), "买家会员名": ("买家会员名",)}
    assert likely_names(known, ["订单号", "支付时间", "店铺名称"]) == {"付款时间": "支付时间", "订单编号": "订单号"}


_ORDERS = "订单编号,买家应付货款,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,确认收货时间\n"


def _order(number: int, state: str) -> str:
    day = f"2026-09-{number:02d} 10:00:00"
    return f"99{number:016d},100.00,100.00,100.00,{state},{day},{day},{day}\n"


def test_a_mended_code_list_heals_rows_and_the_replay_says_what_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "company"
    report = _imported(home, "orders.csv", _ORDERS + _order(1, "交易成功") + _order(2, "交易圆满"))
    assert (report.format, report.quarantined) == ("tmall_orders", 1), report
    parts = open_cell(home)
    nothing = replay(parts).moved
    assert nothing is not None
    assert (nothing.figures, nothing.quarantined_before, nothing.quarantined_after) == ([], 1, 1)
    moved = replay(_with_code(parts, "交易圆满", like="交易成功")).moved
    assert moved is not None
    assert (moved.quarantined_before, moved.quarantined_after) == (1, 0)
    figures = {row["account"]: (row["before_minor"], row["after_minor"], row["moved_minor"]) for row in moved.figures}
    assert figures["revenue_goods"] == (-88_50, -177_00, -88_50)
    assert {row["period"] for row in moved.figures} == {"2026-09"}


def _with_code(parts: CellParts, code: str, like: str) -> CellParts:
    """The cell with one more word for a state in Tmall's code list."""
    tmall = next(each for each in parts.connectors if each.spec.name == "tmall")
    files = dict(tmall.mapping_files)
    row = next(line for line in files["status.csv"].splitlines() if line.startswith(like))
    files["status.csv"] += row.replace(like, code, 1) + "\n"
    mended = replace(tmall, texts=files)
    return replace(parts, connectors=tuple(mended if each is tmall else each for each in parts.connectors))
