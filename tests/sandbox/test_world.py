from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from entrepot.sandbox import World, build_world, expected, write_files
from entrepot.sandbox.arithmetic import allocate
from entrepot.sandbox.clock import END

if TYPE_CHECKING:
    from pathlib import Path


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_files(build_world(seed, 400), tmp_path / name)
    one, two, other = (_digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert (
        one["files/tmall/ExportOrderList20261101001000.csv"] != (other["files/tmall/ExportOrderList20261101001000.csv"])
    )


@pytest.mark.parametrize(("seed", "orders"), [(1, 200), (2, 300), (5, 777)])
def test_small_worlds_can_be_built(seed: int, orders: int) -> None:
    world = build_world(seed, orders)
    assert len(world.broken) == 5
    assert expected(world).exceptions


def test_the_money_identity_holds_for_every_order_but_the_planted_ones(world: World) -> None:
    broken = {
        (order.channel, order.shop, order.order_id)
        for order in world.orders
        if order.paid_at is not None
        and order.goods_minor + order.shipping_minor + order.tax_minor - sum(order.discounts.values())
        != order.paid_minor + order.points_minor + order.balance_minor
    }
    found = {key for kind, key, _, _ in expected(world).exceptions if kind == "order_identity"}
    assert broken == found
    assert Counter(channel for channel, _, _ in broken) == {"pinduoduo": 1, "douyin": 1, "own_shop": 1}


def test_nothing_happens_after_the_end(world: World) -> None:
    for order in world.orders:
        facts = (order.placed_at, order.paid_at, order.shipped_at, order.confirmed_at, order.closed_at)
        assert all(fact is None or fact < END for fact in facts)
        assert all(refund.at < END for refund in order.refunds)
    assert all(move.at < END for move in world.movements)


def test_an_order_never_goes_back_in_time(world: World) -> None:
    for order in world.orders:
        facts = [order.placed_at, order.paid_at, order.shipped_at, order.confirmed_at]
        known = [fact for fact in facts if fact is not None]
        assert known == sorted(known), order.order_id
        assert order.paid_minor > 0


def test_no_share_depends_on_the_order_in_which_the_lines_stand(world: World) -> None:
    for order in world.orders:
        lines, tail = order.weights()
        goods = [line.goods_minor for line in order.lines]
        merchant = order.discounts.get("merchant", 0)
        if not order.stated_per_line:
            assert allocate(merchant, goods) == allocate(merchant, goods[::-1])[::-1]
        if order.vat_included_minor:
            shared = allocate(order.vat_included_minor, [*lines, *tail])[: len(lines)]
            assert shared == allocate(order.vat_included_minor, [*lines[::-1], *tail])[: len(lines)][::-1]
        if order.closed_at is None:
            for refund in order.refunds:
                turned = allocate(refund.minor, [*lines[::-1], *tail])[: len(lines)][::-1]
                assert allocate(refund.minor, [*lines, *tail])[: len(lines)] == turned


def test_every_state_of_an_order_occurs(world: World) -> None:
    tmall = world.orders_of("屿浔旗舰店")
    assert any(order.paid_at is None and order.closed_at is not None for order in tmall)
    assert any(order.is_closed_refunded for order in tmall)
    assert any(order.shipped_at is None and order.paid_at is not None for order in tmall if not order.has_ended)
    assert any(order.confirmed_at is None and order.shipped_at is not None for order in tmall)
    assert any(refund.after for order in tmall for refund in order.refunds)
    assert any(not refund.after for order in tmall if order.confirmed_at for refund in order.refunds)
    presales = [order for order in tmall if order.kind == "presale"]
    assert {order.closed_at is not None for order in presales} == {True, False}
    assert any(order.paid_at is not None for order in presales)
    assert any(order.paid_at is None and order.closed_at is None for order in presales)
