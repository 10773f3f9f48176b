"""Two shops that number their orders alike, in one folder without settings: the second one is refused, nothing is lost."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from entrepot.assembly import open_cell
from entrepot.engine import DuckDBEngine, parse
from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths
from entrepot.flows.reading import _OF_ANOTHER, Reader
from entrepot.store import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.engine import Engine

_HEADER = (
    "Name,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
)
_HEADER += "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku"


def _export(folder: Path, *orders: tuple[str, str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "orders_export_1.csv"
    rows = [
        f"{name},paid,{at},fulfilled,{at},{currency},10.00,0.00,0.00,10.00,{at},1,Cream,10.00,SKU-A"
        for name, currency, at in orders
    ]
    path.write_text("\n".join([_HEADER, *rows, ""]), encoding="utf-8")
    return path


EU = ("#1001", "EUR", "2026-09-01 10:00:00 +0200"), ("#1002", "EUR", "2026-09-02 10:00:00 +0200")
US = ("#1001", "USD", "2026-09-03 10:00:00 -0400"), ("#1003", "USD", "2026-09-04 10:00:00 -0400")


def test_an_order_of_another_shop_with_the_same_number_takes_nobodys_place(tmp_path: Path) -> None:
    _export(tmp_path / "files" / "eu", *EU)
    _export(tmp_path / "files" / "us", *US)
    parts = open_cell(tmp_path / "company")
    first, second = import_paths(parts, [tmp_path / "files"]).files
    assert (first.status, second.status, second.error_code) == ("imported", "refused", "connector.shops_mixed")
    assert "1 of its orders have the number of another one" in str(second.error)
    assert first.path in str(second.error)
    assert "cell.toml" in str(second.error)
    assert "#1001" not in str(second.error)
    assert sorted((row["order_id"], row["currency"]) for row in table_rows(parts, "orders").to_pylist()) == [
        ("#1001", "EUR"),
        ("#1002", "EUR"),
    ]
    # Asked again, it is refused again, and left nothing behind.
    assert import_paths(parts, [tmp_path / "files"]).files[1].status == "refused"
    assert len(list((tmp_path / "company" / "raw" / "staged").rglob("*.parquet"))) == 1


def test_with_a_folder_for_each_shop_both_are_read(tmp_path: Path) -> None:
    _export(tmp_path / "files" / "eu", *EU)
    _export(tmp_path / "files" / "us", *US)
    home = tmp_path / "company"
    home.mkdir()
    shops = "".join(
        f'[[shops]]\nshop = "shopify-{name}"\nchannel = "shopify"\nentity = "cn"\nfolder = "{name}"\n'
        for name in ("eu", "us")
    )
    entity = '[[entities]]\nid = "cn"\ncountry = "CN"\nfunctional_currency = "CNY"\n'
    (home / "cell.toml").write_text(
        f'[cell]\nregion = "CN"\nreporting_currency = "CNY"\n{entity}{shops}', encoding="utf-8"
    )
    parts = open_cell(home)
    assert [file.status for file in import_paths(parts, [tmp_path / "files"]).files] == ["imported", "imported"]
    assert table_rows(parts, "orders").num_rows == 4


def test_a_later_export_of_the_same_shop_agrees_whatever_its_zone(tmp_path: Path) -> None:
    parts = open_cell(tmp_path / "company")
    again = ("#1001", "EUR", "2026-09-01 04:00:00 -0400"), ("#1004", "EUR", "2026-09-09 10:00:00 +0200")
    files = [_export(tmp_path / "a", *EU), _export(tmp_path / "b", *again)]
    assert [file.status for file in import_paths(parts, files).files] == ["imported", "imported"]
    assert table_rows(parts, "orders").num_rows == 3


def test_files_that_are_read_together_share_one_engine(tmp_path: Path) -> None:
    parts = open_cell(tmp_path / "company")
    opened: list[DuckDBEngine] = []

    def open_engine() -> Engine:
        opened.append(DuckDBEngine())
        return opened[-1]

    at = "2026-09-01 10:00:00 +0200"
    files = [_export(tmp_path / name, (f"#10{number}", "EUR", at)) for number, name in enumerate("abcd")]
    with contextlib.closing(State(parts.layout)) as state:
        reports = Reader(replace(parts, open_engine=open_engine), state, None).read_all(files, lambda *_: None)
    assert [report.status for report in reports] == ["imported"] * 4
    assert len(opened) == 1
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        opened[0].connection.execute("select 1")


def test_orders_of_earlier_files_that_the_file_does_not_have_are_not_gone_through(tmp_path: Path) -> None:
    def orders(first: int, last: int) -> pa.Table:
        at = pa.array(["2026-09-01 10:00:00 +0200"] * (last - first))
        return pa.table({"raw_id": at, "Name": [f"#{number}" for number in range(first, last)], "Created at": at})

    query = parse(_OF_ANOTHER.format(number="Name", ordered="Created at"), source="orders of another shop")
    with DuckDBEngine() as engine:
        engine.add_arrow("mine", orders(9_990, 10_010))
        engine.add_arrow("theirs", orders(0, 10_000))
        (row,) = engine.connection.execute(f"explain (analyze, format json) {query.sql('duckdb')}").fetchall()
    assert max(_grouped(json.loads(row[1]))) == 20, "no more than the file has"


def _grouped(step: dict[str, Any]) -> Iterator[int]:
    """How many rows each `distinct` of a query that was run has left over."""
    if step.get("type") == "HASH_GROUP_BY":
        yield step["intermediate_rows"]
    for below in step.get("children", step.get("operator", ())):
        yield from _grouped(below)
