"""`entrepot demo --live`: the shops of China are synced from simulated marketplaces, where the demo else imports files.

Orders and cases come by API, as they stood at the end of September and then of October; statements, lists
and what the sandbox has no marketplace for stay files. The company kept in one place has files only, so that the last
figure of the demo says whether both ways lead to the same books.
"""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.cli.importing import run_import
from entrepot.cli.options import Language
from entrepot.cli.output import console
from entrepot.flows import syncing
from entrepot.flows.asking import select_rows
from entrepot.sandbox import write_files
from entrepot.sandbox.brand import DOUYIN, JD, TMALL
from entrepot.sandbox.clock import EARLY, END, HOUR, START
from entrepot.sandbox.http import Sandbox, SandboxServer
from entrepot.sandbox.living import ORDER_FILES, live_world
from entrepot.store import CredentialStore
from entrepot.store.credentials import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.sandbox import World

_FAULTS = frozenset({"duplicates", "out_of_order", "page_shift", "truncated", "server_error"})
"""What happens to the calls of the demo now and then, as it happens to those of merchants."""
_FAULT_EVERY = 200
_LOOKS = (EARLY, END - 36 * HOUR, END)
"""When somebody looks: at the end of both months, and on the last day of JD's token, when alone it is renewed."""
_AFTER_S = 900
"""A look is so much later, when the lists of every marketplace have caught up."""
_CALLS_PER_S = 1_000
_FEEDS = ("orders", "refunds")
"""Statements stay the company's files: the sandbox draws its own, and knows nothing of the company's fees."""
_SYNCED = (TMALL, JD, DOUYIN)
"""Pinduoduo lists half an hour at a time: three months would take its limits of calls some eight minutes."""

_SHARED = (
    "order_key",
    "channel",
    "shop",
    "order_id",
    "entity_id",
    "order_kind",
    "sale_model",
    "state",
    "payment_state",
    "commercial_state",
    "fulfilment_state",
    "customs_state",
    "settlement_state",
    "placed_at",
    "paid_at",
    "confirmed_at",
    "recognised_at",
    "recognised_basis",
    "currency",
    "goods_minor",
    "discount_merchant_minor",
    "discount_platform_minor",
    "discount_other_minor",
    "shipping_minor",
    "tax_minor",
    "tender_minor",
    "paid_minor",
    "refunded_minor",
    "deposit_minor",
)
"""What both ways tell of an order; a file has no time of shipping, an API another word for the state."""

_TITLES = {
    "live": ("Orders from simulated marketplaces, by API", "通过 API 从模拟平台同步订单"),
    "shop": (
        "{channel:<12} {documents:>7,} documents, {again:,} read again, {seconds:.0f} s",
        "{channel:<12} {documents:>7,} 份单据，重复读取 {again:,} 份，{seconds:.0f} 秒",
    ),
    "same": (
        "orders by file and by API: {alike:,} alike in {columns} columns, {other} not",
        "文件与 API 的订单：{alike:,} 单在 {columns} 列上一致，{other} 单不一致",
    ),
    "faults": ("faults that happened meanwhile: {faults}", "期间发生的故障：{faults}"),
}


def write_without_live_orders(world: World, folder: Path) -> None:
    """Write the files of the company but those that tell the orders of shops that are synced."""
    shops = {shop.shop for shop in _SYNCED}
    for file in write_files(world, folder):
        if file.kind in ORDER_FILES and file.shop in shops:
            # Overlapping exports may have been counted under one path.
            (folder / file.path).unlink(missing_ok=True)


def sync_live(home: Path, files: Path, world: World, lang: Language) -> CellParts:
    """Sync the shops that live into a cell, then import its files.

    Args:
        home: The cell; its `cell.toml` is there.
        files: Folder of files to import.
        world: What happens at the marketplaces.
        lang: Language of what is printed.
    """
    os.environ.setdefault(PASSPHRASE, secrets.token_hex(16))
    worlds = {shop.channel: live_world(world, shop) for shop in _SYNCED}
    sandbox = Sandbox(
        tuple(worlds), world.seed, faults=_FAULTS, every=_FAULT_EVERY, speed=0.0, start_s=EARLY, worlds=worlds
    )
    console.print(f"\n{_title('live', lang)}")
    with SandboxServer(sandbox) as server:
        parts = _connected(home, server)
        for instant in _LOOKS:
            sandbox.clock.advance(instant + _AFTER_S - sandbox.clock.now_s())
            _look(parts, lang)
            syncing.publish_pending(parts)
        fired = ", ".join(f"{name} {count}" for name, count in sorted(sandbox.dial.fired.items()) if count)
    console.print(_title("faults", lang, faults=fired), markup=False)
    run_import(parts, [files])
    return parts


def print_same_orders(one: CellParts, cell: CellParts, lang: Language) -> None:
    """Say how many orders of the shops that live are the same as those that files told.

    Args:
        one: The company that imported files.
        cell: The cell that synced.
        lang: Language of what is printed.
    """
    shops = ", ".join(f"'{shop.shop}'" for shop in _SYNCED)
    query = f"select {', '.join(_SHARED)} from orders where shop in ({shops})"
    by_file, by_api = ({tuple(row.values()) for row in select_rows(each, query).to_pylist()} for each in (one, cell))
    facts = {"alike": len(by_file & by_api), "columns": len(_SHARED), "other": len(by_file ^ by_api)}
    console.print(_title("same", lang, **facts), markup=False)


def _connected(home: Path, server: SandboxServer) -> CellParts:
    """Write the connections and keep their secrets."""
    connections = server.sandbox.connections(server.base_url)
    settings = home / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    for shop in _SYNCED:
        text += (
            f'\n[[connections]]\nshop = "{shop.shop}"\nchannel = "{shop.channel}"\nregion = "CN"\n'
            f'gateway = "{connections[shop.channel]["gateway_url"]}"\ncredentials = "file"\n'
            f"calls_per_s = {_CALLS_PER_S}\n"
        )
    settings.write_text(text, encoding="utf-8")
    parts = open_cell(home)
    for shop in _SYNCED:
        kept = {name: value for name, value in connections[shop.channel].items() if name != "gateway_url"}
        CredentialStore(parts.layout, shop.shop, "file").write(kept)
    return parts


def _look(parts: CellParts, lang: Language) -> None:
    """Read what every shop changed since the last look."""
    for shop in _SYNCED:
        began = time.monotonic()
        found = syncing.extract(parts, shop.shop, START, only=_FEEDS).values()
        facts = {"documents": sum(each.documents for each in found), "again": sum(each.again for each in found)}
        console.print(
            "  " + _title("shop", lang, channel=shop.channel, seconds=time.monotonic() - began, **facts), markup=False
        )


def _title(word: str, lang: Language, **facts: object) -> str:
    return _TITLES[word][lang is Language.CHINESE].format(**facts)
