"""Real files that nobody here wrote: `make check-shared ENTREPOT_PUBLIC_DATA=folder`.

Each total is computed a second time with csv and Decimal and must agree to the cent.
"""

import csv
import gzip
import os
from decimal import Decimal
from pathlib import Path

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.importing import import_paths

pytestmark = pytest.mark.shared

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


_UCI = """\
format: uci_online_retail
table: orders
channel: own_shop
recognition: placed
zone: UTC
currency: GBP
columns: {InvoiceNo: order_id, StockCode: sku_id, Description: title, Quantity: quantity, InvoiceDate: placed_at,
          UnitPrice: unit_price}
personal: {CustomerID: buyer_account}
"""


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
    (tmp_path / "declared" / "uci.yaml").write_text(_UCI, encoding="utf-8")
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


_OLIST = """\
format: olist_orders
table: orders
channel: own_shop
recognition: shipped
zone: "-03:00"
currency: BRL
columns: {order_id: order_id, order_item_id: line_id, product_id: sku_id, order_purchase_timestamp: placed_at,
          order_delivered_carrier_date: shipped_at, order_delivered_customer_date: confirmed_at, quantity: quantity,
          price: unit_price, freight_value: shipping, order_status: state}
states: {delivered: completed_by_buyer, shipped: open, invoiced: open, processing: open, approved: open, created: open,
         unavailable: closed_refunded, canceled: closed_refunded}
"""


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
    (home / "declared" / "olist.yaml").write_text(_OLIST, encoding="utf-8")
    parts = open_cell(home)
    file = import_paths(parts, [source]).files[0]
    found = select_rows(
        parts, "select sum(goods_minor) as goods, sum(shipping_minor) as shipping, count(*) as n from orders"
    ).to_pylist()[0]

    assert (file.rows, file.quarantined) == (len(joined), 0)
    assert int(found["n"]) == len({row["order_id"] for row in joined})
    assert int(found["goods"]) == sum(_minor(row["price"]) for row in joined)
    assert int(found["shipping"]) == sum(_minor(row["freight_value"]) for row in joined)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
