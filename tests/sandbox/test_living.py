"""A shop of the company at a simulated marketplace: what it says is true is what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.sandbox import build_world
from entrepot.sandbox.brand import DOUYIN, JD, PDD, TMALL
from entrepot.sandbox.clock import END
from entrepot.sandbox.http import Sandbox
from entrepot.sandbox.jd_files import status
from entrepot.sandbox.living import live_world

if TYPE_CHECKING:
    from entrepot.sandbox.facts import Shop


@pytest.mark.parametrize("shop", [TMALL, JD, PDD, DOUYIN], ids=lambda shop: shop.channel)
def test_a_marketplace_tells_the_orders_that_the_company_has(shop: Shop) -> None:
    world = build_world(7, 600, damaged=False)
    sandbox = Sandbox((shop.channel,), speed=0.0, start_s=END, worlds={shop.channel: live_world(world, shop)})
    told = {order["order_id"]: order for order in sandbox.platforms[shop.channel].truth()["orders"]}
    assert told.keys() == {order.order_id for order in world.orders_of(shop.shop)}
    for order in world.orders_of(shop.shop):
        said = told[order.order_id]
        assert said["goods_minor"] == order.goods_minor
        assert said["shipping_minor"] == order.shipping_minor
        assert said["paid_minor"] == (order.paid_minor if order.paid_at is not None else 0)
        assert (said["paid_at"], said["confirmed_at"]) == (order.paid_at, order.confirmed_at)
        assert [(line["sku_id"], line["quantity"]) for line in said["lines"]] == [
            (line.sku, line.quantity) for line in order.lines
        ]


def test_orders_that_jd_holds_in_the_files_are_held_at_the_marketplace() -> None:
    world = build_world(7, 4_000, damaged=False)
    sandbox = Sandbox(("jd",), speed=0.0, start_s=END, worlds={"jd": live_world(world, JD)})
    told = {order["order_id"]: order for order in sandbox.platforms["jd"].truth()["orders"]}
    words = {"锁定": "ship_forbidden", "暂停": "risk_hold"}
    files = {order.order_id: words.get(status(order), "") for order in world.orders_of(JD.shop)}
    assert "ship_forbidden" in files.values()
    for order_id, state in files.items():
        assert (told[order_id]["commercial_state"] == state) == bool(state)
