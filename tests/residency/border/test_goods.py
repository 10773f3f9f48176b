"""What somebody bought can make the whole record sensitive: one such buyer ends the free tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.flows.border import clear
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import check_permit
from tests.residency.border.planted import orders_text
from tests.residency.border.two_cells import EVERY_EXPORT, two_cells

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"


def test_a_buyer_of_medicine_is_sensitive_and_the_others_are_not(tmp_path: Path) -> None:
    cells = two_cells(tmp_path / "cells")
    files = tmp_path / "files"
    files.mkdir()
    buyers = [(f"账号{n}", f"a{n}@example.invalid", f"阿{n}", f"1380099000{n}", f"虚构市{n}号") for n in range(3)]
    (files / "ExportOrderList20261101001400.csv").write_text(orders_text(buyers), encoding="gb18030")
    sold = ("CREAM", "PILLS", "CREAM")
    lines = [
        f"280000000000000000{number},商品,{number}0.00,1,,,,,交易成功,{sku}" for number, sku in enumerate(sold, start=1)
    ]
    (files / "ExportOrderDetailList20261101001400.csv").write_text("\n".join([_HEADER, *lines, ""]), encoding="gb18030")
    listed = "sku_id,name,unit_cost,currency,valid_from,sensitivity\n"
    listed += "CREAM,Cream,3.00,CNY,2026-01-01,none\nPILLS,Pills,3.00,CNY,2026-01-01,health\n"
    (files / "articles.csv").write_text(listed, encoding="utf-8")
    assert {each.status for each in import_paths(cells.cn, [files]).files} == {"imported"}
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*EVERY_EXPORT)
    found = check_permit(cells.cn, "orders")
    assert (found.persons_after, found.route) == (
        {"non_sensitive": 2, "sensitive": 1},
        "standard_contract_or_certification",
    )
    (refusal,) = clear(cells.cn).refused
    assert [each.word for each in refusal.reasons] == ["evidence_none_on_file"]
    assert cells.envelopes() == []
