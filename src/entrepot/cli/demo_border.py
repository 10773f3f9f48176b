"""The second act of `entrepot demo`: the sample company in two cells, and what crosses between them.

The China cell and the global one share code and nothing else. Journals leave under a permit; orders are refused until
their evidence is on file; the group's P&L abroad is compared with that of the company kept in one place; and every
invented person is looked for in the whole global cell.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.cli.demo_live import print_same_orders, sync_live, write_without_live_orders
from entrepot.cli.gateway import print_arrivals, print_sent
from entrepot.cli.hunt import print_hunted
from entrepot.cli.importing import run_import
from entrepot.cli.options import Language
from entrepot.cli.output import console, errors, money
from entrepot.cli.tabulate import print_rows, print_statement
from entrepot.flows.asking import report_rows, table_rows, vocabulary
from entrepot.flows.border import (
    clear,
    gateway_status,
    receive,
    verifier_of,
    witness_of,
)
from entrepot.flows.cells import pair_cells
from entrepot.flows.group import group_pnl
from entrepot.flows.permits import accept_permit, check_permit, new_permit
from entrepot.reports import statement_of
from entrepot.residency.hunt import hunt, values_of_list
from entrepot.residency.permits.forms import WITHHELD
from entrepot.residency.permits.terms import Circumstances, Recipient
from entrepot.sandbox import write_files
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from entrepot.flows.parts import CellParts
    from entrepot.sandbox import World

ABROAD = ("shopify", "amazon")
PROCESSOR = "cn-shanghai"
_RECIPIENT = Recipient("Yuxun GmbH", "EU", "privacy@yuxun.invalid")
_FOR_JOURNALS = ("important_data_determination",)
_FOR_ORDERS = ("impact_assessment", "notice", "legal_basis", "separate_consent", "recipient_conditions")

_TITLES = {
    "cells": ("Two cells: what is Chinese stays in China", "两个数据域：境内数据留在境内"),
    "refused": ("Refused at first: orders, one by one", "首次被拒：逐单订单数据"),
    "evidence": (
        "The evidence is put on file (invented for this demo), and orders leave",
        "补齐证据（演示虚构）后放行",
    ),
    "arrived": ("What arrived in the global cell", "全球数据域收到的内容"),
    "meter": ("Persons of {processor} this year: {persons}", "{processor} 本年累计人数：{persons}"),
    "group": ("Profit and loss of both cells, in the global cell", "全球数据域合并损益表"),
    "same": (
        "difference to the company kept in one place: {difference} in {figures} figures",
        "与单一账套相比差异：{difference}（{figures} 项）",
    ),
    "log": ("The transfer log of the China cell", "境内数据域的传输日志"),
    "hunt": ("Every invented person of China, searched for in the global cell", "在全球数据域中搜索所有虚构的境内个人"),
    "try": ("Try it: grep -r anybody of {persons} in {folder}", "可自行验证：在 {folder} 中搜索 {persons} 里的任何人"),
}


def _title(word: str, lang: Language, **facts: object) -> str:
    return _TITLES[word][lang is Language.CHINESE].format(**facts)


def border_act(out: Path, world: World, one: CellParts, lang: Language, *, live: bool = False) -> None:
    """Make the two cells, let out what may leave, and show it.

    Args:
        out: Folder of the demo.
        world: What happened.
        one: The company kept in one place.
        lang: Language of what is printed.
        live: Whether the China cell gets its orders from simulated marketplaces instead of files.
    """
    console.rule(_title("cells", lang))
    cn, abroad = _cells(out, world, lang, live=live)
    if live:
        print_same_orders(one, cn, lang)
    console.print(f"\n{_title('refused', lang)}")
    _put_on_file(cn, _FOR_JOURNALS)
    print_sent(clear(cn), lang)
    console.print(f"\n{_title('evidence', lang)}")
    _put_on_file(cn, (*_FOR_JOURNALS, *_FOR_ORDERS))
    print_sent(clear(cn), lang)
    console.print(f"\n{_title('arrived', lang)}")
    print_arrivals(receive(abroad))
    clear(cn)
    _print_meter(cn, lang)
    _print_group(abroad, one, lang)
    _print_log(cn, lang)
    _print_hunt(out, world, lang)


def _cells(out: Path, world: World, lang: Language, *, live: bool) -> tuple[CellParts, CellParts]:
    """Two company folders with the files of their own shops, paired through two mail folders."""
    at_home = [shop.shop for shop in world.shops if shop.channel not in ABROAD]
    abroad = [shop.shop for shop in world.shops if shop.channel in ABROAD]
    homes = {}
    for name, region, shops in (("cn", "CN", at_home), ("global", "EU", abroad)):
        files, home = out / f"files-{name}", out / "cells" / name
        synced = live and region == "CN"
        (write_without_live_orders if synced else write_files)(world.of_shops(shops), files)
        home.mkdir(parents=True)
        settings = (files / "cell.toml").read_text(encoding="utf-8")
        settings = settings.replace('[cell]\nregion = "cn"', f'[cell]\nid = "{name}"\nregion = "{region}"')
        (home / "cell.toml").write_text(settings, encoding="utf-8")
        shutil.copytree(files / "declared", home / "declared")
        if synced:
            sync_live(home, files / "files", world, lang)
        else:
            run_import(open_cell(home), [files / "files"])
        homes[name] = home
    mail = {name: out / "mail" / f"to-{name}" for name in homes}
    keys = {name: verifier_of(open_cell(home)) for name, home in homes.items()}
    for name, other, region in (("cn", "global", "EU"), ("global", "cn", "CN")):
        pair_cells(homes[name], other, region=region, verifier=keys[other], send=mail[other], receive=mail[name])
    cn, there = open_cell(homes["cn"]), open_cell(homes["global"])
    platforms = {shop.channel: "demo-permission" for shop in world.shops} | {"alipay": "demo-permission"}
    # The shop of the company in Hong Kong has a processor of its own, whose persons no permit of this one may take.
    own = tuple(shop.shop for shop in world.shops if shop.entity == PROCESSOR and shop.channel not in ABROAD)
    for permit, shape, purpose in (("journals", "A", "group_accounts"), ("orders", "B", "planning")):
        path = new_permit(
            cn,
            permit,
            shape=shape,
            to="global",
            purpose=purpose,
            recipient=_RECIPIENT,
            processor=PROCESSOR,
            circumstances=Circumstances(important_data=False),
            platforms=platforms,
            days=365,
            shops=own if shape == "B" else (),
        )
        accept_permit(there, path, "cn")
    return cn, there


def _put_on_file(cn: CellParts, kinds: Iterable[str]) -> None:
    """Evidence of the demo: invented numbers."""
    lines = ["# Invented for the demo.", "evidence:"]
    for kind in kinds:
        basis = ", basis: consent" if kind == "legal_basis" else ""
        lines.append(
            f"  - {{kind: {kind}, number: demo-{kind}, processor: {PROCESSOR}, valid_from: 2026-01-01, "
            f"purposes: [group_accounts, planning], recipients: [global]{basis}}}"
        )
    cn.layout.border.mkdir(parents=True, exist_ok=True)
    (cn.layout.border / "evidence.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _print_meter(cn: CellParts, lang: Language) -> None:
    found = check_permit(cn, "orders")
    total = sum(found.persons_before.values())
    console.print(f"\n{_title('meter', lang, processor=PROCESSOR, persons=f'{total:,}')}")
    for each in found.warnings:
        console.print(f"  {each[1 + (lang is Language.CHINESE)]}", markup=False, soft_wrap=True)


def _print_group(abroad: CellParts, one: CellParts, lang: Language) -> None:
    currency = one.settings.cell.reporting_currency
    group, whole = group_pnl(abroad, currency), report_rows(one, "pnl", currency)
    say = vocabulary(one, lang.value)
    console.print()
    statement = statement_of(group.to_pylist(), "channel", currency)
    print_statement(statement, "channel", say, _title("group", lang))
    mine, theirs = _figures(group), _figures(whole, {str(row["sku_id"]) for row in table_rows(one, "skus").to_pylist()})
    difference = sum(abs(mine[key] - theirs[key]) for key in {*mine, *theirs})
    console.print(_title("same", lang, difference=money(difference, currency), figures=f"{len(theirs):,}"))


def _figures(rows: pa.Table, listed: set[str] | None = None) -> Counter[tuple[str, ...]]:
    """Amount by channel, shop, SKU, month, line and account.

    Args:
        rows: Rows of a P&L.
        listed: SKUs that the company's own list has; one of China that it lacks crosses as `withheld`.
    """
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows.to_pylist():
        if listed is not None and row["channel"] not in ABROAD and row["sku_id"] and row["sku_id"] not in listed:
            row["sku_id"] = WITHHELD
        found[tuple(str(row[name]) for name in ("channel", "shop", "sku_id", "month", "line", "detail"))] += row[
            "amount_minor"
        ]
    return found


def _print_log(cn: CellParts, lang: Language) -> None:
    console.print(f"\n{_title('log', lang)}")
    rows = gateway_status(cn)["transfers"]
    print_rows(rows, ("permit", "recipient", "sequence", "step", "rows", "persons"))
    folder = cn.layout.border / "log"
    command = [sys.executable, "-m", "entrepot_verify", str(folder), "--key", verifier_of(cn)]
    command += ["--witness", witness_of(cn, "global"), "--lang", lang.value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own program
    console.print(done.stdout.rstrip(), markup=False)
    if done.returncode:
        errors.print(done.stderr.rstrip(), style="red", markup=False)


def _print_hunt(out: Path, world: World, lang: Language) -> None:
    """Write the invented persons of China, and look for all of them."""
    at_home = {order.buyer for order in world.orders if order.channel not in ABROAD}
    path = out / "persons.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("nick", "name", "phone", "address", "email", "resident_id"))
        for number in sorted(at_home):
            who = person(number)
            writer.writerow((who.nick, who.name, who.phone, who.address, who.email, who.resident_id))
    folder = out / "cells" / "global"
    console.print(f"\n{_title('hunt', lang)}")
    print_hunted(hunt(values_of_list(path), folder), lang)
    console.print(_title("try", lang, persons=path, folder=folder), markup=False)
