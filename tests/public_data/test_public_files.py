"""Real files that nobody here wrote: `make check-shared ENTREPOT_PUBLIC_DATA=folder`.

Each total is computed a second time with csv and Decimal and must agree to the cent.
"""

import csv
import gzip
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.importing import import_paths

pytestmark = pytest.mark.shared

_EXAMPLES = Path(__file__).parents[2] / "examples"
_FOLDER = Path(os.environ.get("ENTREPOT_PUBLIC_DATA", "../shared/data"))


def _minor(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_exact())


def test_the_real_tmall_report_of_2020_adds_up(tmp_path: Path) -> None:
    source = _FOLDER / "orders-tmall-2020" / "tmall_order_report_2020-02-01_24.csv"
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    total = sum(_minor(row["总金额"]) for row in rows)
    refunded = sum(_minor(row["退款金额"]) for row in rows)
    # The platform lowers the paid amount by refunds; before them it was the whole total of every paid order.
    paid = sum(_minor(row["总金额"]) for row in rows if row["订单付款时间 "].strip())

    parts = open_cell(tmp_path)
    report = import_paths(parts, [source])
    found = select_rows(
        parts,
        "select count(*) as n, sum(goods_minor + shipping_minor) as total, sum(paid_minor) as paid, "
        "sum(refunded_minor) as refunded from orders",
    ).to_pylist()[0]

    assert [(file.format, file.rows, file.canonical, file.quarantined) for file in report.files] == [
        ("tmall_orders", len(rows), len(rows), 0)
    ]
    assert {key: int(value) for key, value in found.items()} == {
        "n": len(rows),
        "total": total,
        "paid": paid,
        "refunded": refunded,
    }
    assert report.exceptions == 0


def test_uci_online_retail_runs_through_a_declared_format(tmp_path: Path) -> None:
    source = _FOLDER / "orders-uci-online-retail" / "online_retail_2010-12_2011-06.csv.gz"
    sold, count, refused = 0, 0, 0
    with gzip.open(source, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            count += 1
            exact = Decimal(row["UnitPrice"]) * 100 == (Decimal(row["UnitPrice"]) * 100).to_integral_value()
            if int(row["Quantity"]) < 0 or not exact:
                refused += 1
            else:
                sold += int(row["Quantity"]) * _minor(row["UnitPrice"])

    (tmp_path / "declared").mkdir()
    shutil.copy(_EXAMPLES / "online-retail" / "declared" / "online_retail.yaml", tmp_path / "declared")
    parts = open_cell(tmp_path)
    file = import_paths(parts, [source]).files[0]
    goods = select_rows(parts, "select sum(goods_minor) as goods from order_lines").to_pylist()[0]["goods"]

    assert (file.rows, file.quarantined, file.canonical + file.duplicates) == (count, refused, count - refused)
    assert int(goods) == sold
    revenue = sum(
        row["amount_minor"] for row in report_rows(parts, "pnl", "GBP").to_pylist() if row["line"] == "revenue_goods"
    )
    vat = select_rows(parts, "select sum(vat_minor) as vat from order_lines").to_pylist()[0]["vat"]
    assert revenue + int(vat) == sold


def test_olist_orders_joined_to_their_items_run_through_a_declared_format(tmp_path: Path) -> None:
    orders = _read(_FOLDER / "orders-olist" / "orders_2017-01_2017-08.csv")
    items = _read(_FOLDER / "orders-olist" / "order_items_2017-01_2017-08.csv")
    by_id = {row["order_id"]: row for row in orders}
    joined = [{**by_id[item["order_id"]], **item, "quantity": "1"} for item in items if item["order_id"] in by_id]
    source = tmp_path / "olist.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(joined[0]))
        writer.writeheader()
        writer.writerows(joined)

    home = tmp_path / "company"
    (home / "declared").mkdir(parents=True)
    shutil.copy(_EXAMPLES / "real" / "olist_orders.yaml", home / "declared")
    parts = open_cell(home)
    file = import_paths(parts, [source]).files[0]
    found = select_rows(
        parts, "select sum(goods_minor) as goods, sum(shipping_minor) as shipping, count(*) as n from orders"
    ).to_pylist()[0]

    assert (file.rows, file.quarantined) == (len(joined), 0)
    assert int(found["n"]) == len({row["order_id"] for row in joined})
    assert int(found["goods"]) == sum(_minor(row["price"]) for row in joined)
    assert int(found["shipping"]) == sum(_minor(row["freight_value"]) for row in joined)


def test_receipts_in_gbk_keep_whole_pieces_and_refuse_goods_sold_by_weight(tmp_path: Path) -> None:
    source = _FOLDER / "orders-supermarket-gbk" / "order_stores_other.csv"
    with source.open(encoding="gb18030", newline="") as stream:
        rows = list(csv.DictReader(stream))
    whole = [row for row in rows if Decimal(row["销量"]) == int(Decimal(row["销量"])) > 0]

    (tmp_path / "declared").mkdir()
    shutil.copy(_EXAMPLES / "real" / "supermarket_receipts.yaml", tmp_path / "declared")
    parts = open_cell(tmp_path)
    file = import_paths(parts, [source]).files[0]
    found = select_rows(parts, "select shop, sum(goods_minor) as goods from order_lines group by 1").to_pylist()

    assert (file.encoding, file.rows, file.canonical) == ("gb18030", len(rows), len(whole))
    assert file.reasons == {"bad_number": len(rows) - len(whole)}
    assert {row["shop"]: int(row["goods"]) for row in found} == {
        shop: sum(_minor(row["单价"]) * int(Decimal(row["销量"])) for row in whole if row["门店编号"] == shop)
        for shop in ("CDLG", "CDXL")
    }


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
