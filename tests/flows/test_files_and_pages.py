"""Orders told by files and by a platform's API: what a file cannot number is not counted again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import select_rows
from entrepot.flows.importing import import_paths
from entrepot.sandbox.http import SandboxServer
from entrepot.testing.connector_suite import PASSPHRASE, Trial, differences
from tests.connectors.amazon import test_amazon_settlement as settlement
from tests.connectors.shopify import test_shopify_orders as export
from tests.connectors.tmall import test_tmall_order_lines as detail

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.flows.parts import CellParts

_SUMS = """
    select 'lines' as what, sum(goods_minor) as amount from order_lines
    union all select 'discounts' as what, sum(amount_minor) as amount from discounts
    union all select 'taxes' as what, sum(amount_minor) as amount from taxes
    union all select 'twice' as what, count(*) as amount from exceptions where kind = 'lines_of_two_formats'
"""


def _amazon(path: Path, order_id: str) -> Path:
    """A settlement with an item of the order, promotion and tax."""
    rows = [{**row, "order-id": order_id} for row in settlement.WHOLE_ORDER]
    target = path / "settlement.txt"
    target.write_text(settlement.text_of(*rows), encoding="utf-8")
    return target


def _tmall(path: Path, order_id: str) -> Path:
    """A list of lines with two of the order."""
    made = detail.detail("20261130001400", {"订单编号": order_id}, {"订单编号": order_id, "标题": "another"})
    target = path / made.name
    target.write_bytes(made.text.encode(made.encoding))
    return target


def _shopify(path: Path, order_id: str) -> Path:
    """An export with a line of the order, a discount and tax."""
    target = path / "orders_export.csv"
    target.write_text(
        export.text_of({**export.FIRST, "Name": order_id, "Created at": "2026-10-31 12:00:00 +0000"}), encoding="utf-8"
    )
    return target


@pytest.mark.parametrize(("platform", "file_of"), [("amazon", _amazon), ("shopify", _shopify), ("tmall", _tmall)])
def test_lines_of_a_file_give_way_to_the_ones_that_the_platform_numbers(
    platform: str, file_of: Callable[[Path, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    trial = Trial(platform, tmp_path / "cell", frozenset(), 20_261_111, orders=6, days=1, span_s=24 * 3600)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, hours=72) == []
        parts = trial.prepare(server)
        truth = server.sandbox.platforms[platform].truth()
    before = _sums(parts)
    told = select_rows(parts, "select order_id from order_lines order by order_id limit 1").to_pylist()[0]["order_id"]
    [read] = import_paths(parts, [file_of(tmp_path, told)], shop="trial").files
    assert (read.status, read.quarantined) == ("imported", 0)
    assert read.canonical
    assert _sums(parts) == before
    assert [each for each in differences(parts, truth) if each.startswith(("line", "order_lines"))] == []


def _sums(parts: CellParts) -> dict[str, int]:
    return {row["what"]: row["amount"] for row in select_rows(parts, _SUMS).to_pylist()}
