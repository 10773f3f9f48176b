"""The shipped month of UCI Online Retail, end to end: its totals are computed a second time with csv and Decimal."""

from __future__ import annotations

import csv
import gzip
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.declared.description import read_description
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.importing import import_paths
from tools.demo_real import EXAMPLES, SETS, RealSet, join_olist, run_set

FOLDER = EXAMPLES / "online-retail"
SOURCE = FOLDER / "online_retail_2011-02.csv.gz"


def _minor(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_exact())


def test_a_real_month_of_a_british_shop_adds_up_to_the_penny(tmp_path: Path) -> None:
    sold, lines, orders, refused = 0, 0, set(), 0
    with gzip.open(SOURCE, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["InvoiceDate"].startswith("2011-02")
            if int(row["Quantity"]) < 1:
                refused += 1
                continue
            lines += 1
            orders.add(row["InvoiceNo"])
            sold += int(row["Quantity"]) * _minor(row["UnitPrice"])
    assert (lines, len(orders), refused, sold) == (27_184, 1_126, 523, 523_631_89)

    shutil.copytree(FOLDER / "declared", tmp_path / "declared")
    shutil.copy(FOLDER / "cell.toml", tmp_path)
    parts = open_cell(tmp_path)
    file = import_paths(parts, [SOURCE]).files[0]

    assert (file.format, file.shop, file.rows, file.canonical) == ("uci_online_retail", "gift-shop", 27_707, lines)
    assert file.reasons == {"bad_number": refused}
    found = select_rows(parts, "select count(*) as n, sum(goods_minor) as goods from order_lines").to_pylist()[0]
    assert (int(found["n"]), int(found["goods"])) == (lines, sold)
    pnl = report_rows(parts, "pnl").to_pylist()
    assert {row["currency"] for row in pnl} == {"GBP"}
    assert sum(row["amount_minor"] for row in pnl if row["line"] == "revenue_goods") == sold
    bridge = report_rows(parts, "gmv_bridge").to_pylist()
    assert [(row["orders"], row["placed_minor"], row["net_minor"]) for row in bridge] == [(len(orders), sold, sold)]


@pytest.mark.parametrize("path", sorted((EXAMPLES / "real").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_of_a_declared_format_can_be_used(path: Path) -> None:
    assert read_description(path).format == path.stem


def test_the_shipped_data_names_its_licence_its_source_and_what_was_cut() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in ("Creative Commons Attribution 4.0", "10.24432/C5BW33", "February 2011", "no cell changed"):
        assert word in readme


def test_a_set_that_is_not_there_is_left_out_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = [one for one in SETS if not one.is_shipped]
    assert len(absent) == 3
    assert [run_set(one, tmp_path / "nowhere", tmp_path / "out", ["false"]) for one in absent] == [None, None, None]
    assert capsys.readouterr().out.count("left out: its files are not there") == 3
    assert not (tmp_path / "out").exists()


def test_the_commands_of_a_set_are_the_products_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").write_text("x\n", encoding="utf-8")
    page = run_set(RealSet("one", "One", ("a.csv",), "CNY"), data, tmp_path / "out", ["echo"])
    home = tmp_path / "out" / "one" / "company"
    assert page == home / "reports" / "report-en.html"
    assert capfd.readouterr().out.splitlines()[2:] == [
        f"import {data / 'a.csv'} --home {home}",
        f"report pnl --by shop --currency CNY --home {home}",
        f"report gmv-bridge --home {home}",
        f"report exceptions-summary --home {home}",
        f"report html --currency CNY --out {page} --home {home}",
    ]


def test_orders_are_joined_to_their_items_as_text_and_an_order_without_items_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order_id,state\n007,shipped\n008,created\n", encoding="utf-8")
    (tmp_path / "items.csv").write_text("order_id,order_item_id,price\n007,2,1.10\n007,1,2.00\n", encoding="utf-8")
    joined = join_olist([tmp_path / "orders.csv", tmp_path / "items.csv"], tmp_path)
    assert joined.read_text(encoding="utf-8").splitlines() == [
        "order_id,state,order_item_id,price,quantity",
        "007,shipped,1,2.00,1",
        "007,shipped,2,1.10,1",
    ]
