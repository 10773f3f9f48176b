"""`entrepot residency propose`: what a sample file seems to hold, beside what is declared, and never a value."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.cli import main
from entrepot.connectors.errors import FileUnreadable, NothingToImport
from entrepot.flows.proposing import propose_classes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [
    ("导出说明：仅供内部使用",),
    ("单号", "下单时间", "数量", "单价", "商品", "手机", "备注"),
    ("O-1", "2026-09-01 12:00:00", "1", "19.90", "13800001111", "13900002222", "放门口"),
    ("O-2", "2026-09-01 13:00:00", "2", "29.90", "13700003333", "13600004444", "谢谢"),
]
DECLARED = """\
format: mini_orders
table: orders
columns: {单号: order_id, 下单时间: placed_at, 数量: quantity, 单价: unit_price, 商品: title}
personal: {手机: phone}
"""
CONFIRMED = (
    DECLARED
    + """\
classes:
  商品: {class: operational, confirmed_by: Li Na, reason: models are called like numbers, confirmed_on: 2026-11-01}
"""
)
EXPECTED = {
    "单号": ("pseudonymous", None),
    "下单时间": ("operational", None),
    "数量": ("operational", None),
    "单价": ("business", None),
    "商品": ("personal", "mobile"),
    "手机": ("personal", "mobile"),
    "备注": ("local", None),
}


def as_csv() -> bytes:
    return "\n".join(",".join(row) for row in ROWS).encode("gb18030")


def as_workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("订单")
        for at, row in enumerate(ROWS):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def as_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("orders.csv", as_csv())
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "made"), [("orders.csv", as_csv), ("orders.xlsx", as_workbook), ("orders.zip", as_archive)]
)
def test_each_column_of_a_file_is_proposed_a_class(tmp_path: Path, name: str, made: Callable[[], bytes]) -> None:
    (tmp_path / name).write_bytes(made())
    found = propose_classes(open_cell(tmp_path / "home"), tmp_path / name)
    assert {each.header: (each.proposal.residency.value, each.proposal.kind) for each in found} == EXPECTED
    assert {(each.declared, each.contradicts) for each in found} == {("", False)}


def cell_with(tmp_path: Path, description: str) -> Path:
    home = tmp_path / "home"
    (home / "declared").mkdir(parents=True)
    (home / "declared" / "mini.yaml").write_text(description, encoding="utf-8")
    (tmp_path / "orders.csv").write_bytes(as_csv())
    return home


def test_a_column_that_looks_personal_and_is_read_as_something_else_is_told(tmp_path: Path) -> None:
    found = propose_classes(open_cell(cell_with(tmp_path, DECLARED)), tmp_path / "orders.csv")
    assert {each.header: each.declared for each in found} == {
        "单号": "pseudonymous",
        "下单时间": "operational",
        "数量": "operational",
        "单价": "business",
        "商品": "operational",
        "手机": "personal",
        "备注": "",
    }
    assert [each.header for each in found if each.contradicts] == ["商品"]


def test_what_somebody_confirmed_is_told_no_more(tmp_path: Path) -> None:
    found = propose_classes(open_cell(cell_with(tmp_path, CONFIRMED)), tmp_path / "orders.csv")
    assert [(each.header, each.confirmed_by) for each in found if each.confirmed_by] == [("商品", "Li Na")]
    assert not any(each.contradicts for each in found)


def test_the_command_shows_no_value_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = cell_with(tmp_path, DECLARED)
    before = sorted(tmp_path.rglob("*"))

    def run(*more: str) -> str:
        line = ["entrepot", "residency", "propose", str(tmp_path / "orders.csv"), "--home", str(home), *more]
        monkeypatch.setattr("sys.argv", line)
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
        streams = capsys.readouterr()
        return streams.out + streams.err

    english, chinese, machine = run(), run("--lang", "zh"), run("--json")
    for said in (english, chinese, machine):
        for row in ROWS[2:]:
            assert not [value for value in row if len(value) > 2 and value in said]
    assert "商品: looks personal, is read as something else" in english
    assert "形似手机号码" in chinese
    columns: list[dict[str, Any]] = json.loads(machine)["columns"]
    assert [each["header"] for each in columns if each["contradicts"]] == ["商品"]
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "blank.csv").write_bytes(b"\n\n")
    parts = open_cell(tmp_path / "home")
    for name in ("empty.csv", "blank.csv"):
        with pytest.raises(FileUnreadable):
            propose_classes(parts, tmp_path / name)
    with pytest.raises(NothingToImport):
        propose_classes(parts, tmp_path / "missing.csv")
