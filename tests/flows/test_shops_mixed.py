"""Two shops that number their orders alike, in one folder without settings: the second one is refused, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths

if TYPE_CHECKING:
    from pathlib import Path

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
