"""Builds the sample world and writes its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING

from entrepot.sandbox import (
    alipay_files,
    amazon,
    amazon_files,
    douyin,
    douyin_files,
    jd,
    jd_files,
    lists_files,
    mini,
    pdd,
    pdd_files,
    shopify,
    shopify_files,
    tmall,
    tmall_files,
)
from entrepot.sandbox.advertising import spend
from entrepot.sandbox.brand import (
    AMAZON_US,
    DOUYIN,
    DOUYIN_GLOBAL,
    ENTITIES,
    JD,
    MINI,
    PDD,
    SHOPIFY_EU,
    SHOPIFY_US,
    SHOPS,
    TMALL,
    articles,
)
from entrepot.sandbox.company import World
from entrepot.sandbox.facts import Movement, Order, Shop, Sku
from entrepot.sandbox.plants import plant

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.sandbox.paper import WrittenFile

_Grow = Callable[[Random, int, Sequence[Sku]], tuple[list[Order], list[Movement]]]

# Shares of all orders in per mille.
_SHOPS: tuple[tuple[Shop, int, _Grow], ...] = (
    (TMALL, 350, tmall.grow),
    (JD, 120, jd.grow),
    (PDD, 150, pdd.grow),
    (DOUYIN, 160, douyin.grow_domestic),
    (DOUYIN_GLOBAL, 40, douyin.grow_global),
    (SHOPIFY_US, 70, shopify.grow_us),
    (SHOPIFY_EU, 45, shopify.grow_eu),
    (AMAZON_US, 45, amazon.grow),
    (MINI, 20, mini.grow),
)
_FEWEST = 200


_OF_FILES = frozenset({"confirmation_hidden", "paid_not_lowered", "no_deal_time", "three_do_not_divide"})
"""Quirks that only a file has: what it hides, or says in a way that has to be guessed."""


def build_world(seed: int, orders: int = 21_000, *, damaged: bool = True) -> World:
    """Draw three months of the sample brand.

    Args:
        seed: The same seed and number give the same world on every machine.
        orders: How many orders are placed in all shops together; at least 200.
        damaged: Whether files have rows that cannot be read, totals that are wrong and cells that hide something.
    """
    assert orders >= _FEWEST, "a smaller world has no room for everything that is planted"
    skus = articles()
    world = World(seed, ENTITIES, SHOPS, skus, [], [])
    for shop, per_mille, grow in _SHOPS:
        # One stream of chance per shop: a change in one shop leaves the others as they were.
        dice = Random(f"{seed}/{shop.shop}")  # noqa: S311 - a sample, not a secret
        placed, moved = grow(dice, orders * per_mille // 1000, skus)
        world.orders += placed
        world.movements += moved
    dice = Random(f"{seed}/advertising")  # noqa: S311 - the same
    world.ad_spend = spend(dice)
    if damaged:
        plant(world)
    else:
        for order in world.orders:
            order.quirks -= _OF_FILES
    return world


def write_files(world: World, folder: Path) -> list[WrittenFile]:
    """Write the company folder: `cell.toml`, `declared/` and `files/<shop folder>/`.

    Args:
        world: What to write.
        folder: Made where it is missing; files of the same name are replaced.
    """
    files = folder / "files"
    written: list[WrittenFile] = []
    for write in (
        tmall_files.write_tmall,
        alipay_files.write_alipay,
        jd_files.write_jd,
        pdd_files.write_pdd,
        douyin_files.write_douyin,
        shopify_files.write_shopify,
        amazon_files.write_amazon,
        mini.write_mini,
    ):
        written += write(world, files)
    return written + lists_files.write_lists(world, folder)
