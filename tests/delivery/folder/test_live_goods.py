"""Goods of a shop that is synced by API: what left and what came back in the files is what happened in the simulated shop.

What this does not prove: that Shopify counts restocked pieces as its manual says.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.sandbox.http import SandboxServer
from entrepot.testing.connector_suite import PASSPHRASE, Trial

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from entrepot.sandbox.http.world import OrderView

TARGET = """
[[targets]]
name = "files"
erp = "folder"
region = "{region}"
url = "{root}"
movements = "day"
fields = ["text", "product"]
"""


def _happened(views: list[OrderView]) -> Counter[tuple[str, str, str]]:
    """Pieces by month, kind and SKU, of the events of a world; months are those of UTC."""
    moved: Counter[tuple[str, str, str]] = Counter()
    for view in views:
        shipped, back = view.at("shipped"), view.at("refund_done")
        if shipped is None:
            continue
        for line in view.order.lines:
            moved[_month(shipped), "goods_issue", line.sku] += line.quantity
        if back is None:
            continue
        for line in view.refunded_lines:
            moved[_month(back), "goods_receipt", line.sku] -= line.quantity
    return moved


def _month(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m}"


def test_a_shop_by_api_moves_the_goods_that_left_it_and_came_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    trial = Trial("shopify", tmp_path / "cell", orders=40, days=2, span_s=24 * 3600)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, hours=24 * 40) == []
        shop = server.sandbox.platforms["shopify"]
        happened = _happened(shop.world.views(shop.now))
    parts = trial.opened()
    (tmp_path / "inbox").mkdir()
    with (trial.home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(TARGET.format(region=parts.settings.cell.region, root=tmp_path / "inbox"))
    (trial.home / "mappings").mkdir()
    (trial.home / "mappings" / "files.csv").write_text(erp_named("folder").accounts, encoding="utf-8")
    parts = open_cell(trial.home)
    periods = select_rows(parts, "select distinct period from ledger_entries order by period").to_pylist()
    left_out: dict[str, tuple[int, int]] = {}
    for row in periods:
        left_out |= delivering.plan(parts, "files", row["period"]).goods_left_out
        assert delivering.run(parts, "files").open == 0
        assert delivering.audit(parts, "files", row["period"]).is_equal
    moved: Counter[tuple[str, str, str]] = Counter()
    for path in [*(tmp_path / "inbox").rglob("goods_*.csv")]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                moved[row["date"][:7], row["kind"], row["product"]] += int(row["quantity"])
    assert dict(moved) == dict(happened)
    assert {kind for _, kind, _ in moved} == {"goods_issue", "goods_receipt"}
    assert left_out == {}
