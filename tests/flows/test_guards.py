"""Promises that are checked on every run: each of these fails when its guard is taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.contract import Connector
from entrepot.connectors.errors import RowsLost
from entrepot.connectors.registry import CONNECTORS
from entrepot.engine.errors import QueryFailed, SelectRefused
from entrepot.flows.asking import select_rows, table_rows
from entrepot.flows.importing import import_paths
from entrepot.flows.reading import FileReport
from entrepot.store import CellLayout
from entrepot.store.errors import NothingPublished
from entrepot.testing.small_files import Sale, tmall_text

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany


def _list(folder: Path, *sales: Sale, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(tmall_text(sales).encode("gb18030"))
    return path


def _with_mapping(parts: CellParts, old: str, new: str) -> CellParts:
    """The cell with a Tmall mapping in which a text is replaced."""
    tmall = CONNECTORS[0]
    texts = dict(tmall.mapping_files)
    assert old in texts["rows/tmall_orders.sql"]
    texts["rows/tmall_orders.sql"] = texts["rows/tmall_orders.sql"].replace(old, new)
    return replace(parts, connectors=(Connector(tmall.spec, tmall.formats, texts=texts), *CONNECTORS[1:]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from money as m left join", "from (select * from money where total_minor <> 990) as m left join"),
        ("from money as m left join", "from (select * from money union all select * from money) as m left join"),
    ],
)
def test_a_mapping_that_loses_or_doubles_a_row_publishes_nothing(tmp_path: Path, old: str, new: str) -> None:
    files = [_list(tmp_path, Sale("1001", 5_000), Sale("1002", 990))]
    parts = open_cell(tmp_path / "home")
    with pytest.raises(RowsLost, match=r"2 raw rows|2 rows with cells"):
        import_paths(_with_mapping(parts, old, new), files)
    with pytest.raises(NothingPublished):
        table_rows(parts, "orders")
    import_paths(parts, files)
    assert table_rows(parts, "orders").num_rows == 2


def test_a_file_report_that_does_not_account_for_its_rows_is_our_own_mistake() -> None:
    report = FileReport("a.csv", rows=3)
    with pytest.raises(AssertionError, match="every raw row is accounted for"):
        report.count({"canonical": 1, "duplicates": 1})
    report.count({"canonical": 1, "duplicates": 1, "reject:bad_money": 1})
    assert report.quarantined == 1


def test_a_newer_snapshot_is_never_built_on_half_written_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that a dead import wrote are not there for the next one."""
    from entrepot.flows import importing

    parts = open_cell(tmp_path / "home")
    import_paths(parts, [_list(tmp_path, Sale("1001", 5_000))])

    def dies(*_: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(importing, "derive", dies)
        with pytest.raises(KeyboardInterrupt):
            import_paths(parts, [_list(tmp_path, Sale("1002", 6_000), name="second.csv")])
    assert [row["order_id"] for row in table_rows(parts, "orders").to_pylist()] == ["1001"]
    report = import_paths(parts, [_list(tmp_path, Sale("1003", 7_000), name="third.csv")])
    assert sorted(row["order_id"] for row in table_rows(parts, "orders").to_pylist()) == ["1001", "1002", "1003"]
    rows = select_rows(
        parts, "select count(*) as n, count(distinct raw_id || row_no) as keys from raw_rows"
    ).to_pylist()
    assert rows == [{"n": 3, "keys": 3}]
    assert [(file.canonical, file.duplicates) for file in report.files] == [(1, 0)]


def test_a_newer_export_wins_whichever_comes_first(tmp_path: Path) -> None:
    older = _list(tmp_path, Sale("1001", 5_000, is_confirmed=False), name="ExportOrderList20260905000000.csv")
    newer = _list(tmp_path, Sale("1001", 5_000), name="ExportOrderList20260920000000.csv")
    for number, order in enumerate(([older, newer], [newer, older])):
        parts = open_cell(tmp_path / f"home{number}")
        for file in order:
            import_paths(parts, [file])
        assert [row["state"] for row in table_rows(parts, "orders").to_pylist()] == ["completed"]


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        'select * from "/etc/passwd"',
        "from read_blob('/etc/passwd')",
        "select * from glob('/*')",
        "select (select content from read_text('/etc/passwd'))",
        "select * from duckdb_settings()",
        "select * from duckdb_secrets()",
        "select * from pragma_version()",
        "select * from query('select 1')",
        "select * from query_table('persons')",
        "copy orders to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "load httpfs",
        "pragma version",
        "set memory_limit = '1GB'",
        "reset memory_limit",
        "create table x as select 1",
        "insert into orders select * from orders",
        "update orders set shop = 'x'",
        "delete from orders",
        "drop table orders",
        "call pragma_version()",
        "explain select 1",
        "describe orders",
        "show tables",
        "select 1; select 2",
        "select 1; drop table orders",
        "",
        "--",
        "export database '/tmp/x'",
        "select * from main.orders",
        "select * from temp.orders",
        "select * from information_schema.tables",
        "select * from sqlite_master",
        "select * from orders__all",
        "select * from persons__all",
        "select * from base_orders",
        "with x as (select * from read_csv('/etc/passwd')) select * from x",
        "select * from orders, read_csv('/etc/passwd')",
        "select * from orders where exists (select * from glob('/*'))",
        "begin",
        "vacuum",
        "checkpoint",
        "use temp",
        "prepare x as select 1",
    ],
)
def test_the_console_takes_one_select_over_the_cells_tables_and_nothing_else(
    one_imported: ImportedCompany,
    text: str,
) -> None:
    with pytest.raises((SelectRefused, QueryFailed)):
        select_rows(one_imported.parts, text, "a reason")


@pytest.mark.parametrize("text", ["select getenv('HOME')", "select * from orders where shop = getenv('HOME')"])
def test_the_console_tells_nothing_of_its_surroundings(one_imported: ImportedCompany, text: str) -> None:
    with pytest.raises((SelectRefused, QueryFailed)):
        select_rows(one_imported.parts, text)


def test_the_console_cannot_reach_a_personal_table_by_its_files(one_imported: ImportedCompany) -> None:
    layout: CellLayout = one_imported.parts.layout
    file = next((layout.tables / "persons").rglob("*.parquet"))
    for text in (
        f"select * from '{file}'",
        f"select * from read_parquet('{file}')",
        f"select * from parquet_metadata('{file}')",
        f'select * from "{file}"',
        f"from '{file}'",
    ):
        with pytest.raises((SelectRefused, QueryFailed)):
            select_rows(one_imported.parts, text, "a reason")


def test_an_error_of_the_console_quotes_no_value(one_imported: ImportedCompany) -> None:
    with pytest.raises(QueryFailed) as failed:
        select_rows(one_imported.parts, "select cast(name as integer) from addresses", "a reason")
    assert "虚构" not in str(failed.value)
