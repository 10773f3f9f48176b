"""Permit C lets out the recipients of shops that sell across the border, and nothing else of anybody.

Two worlds: the same cross-border orders to the same recipients, bought by different persons, beside domestic orders of
entirely different ones. Abroad nobody can tell the worlds apart. Stock under permit D crosses with them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.border import clear, receive
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import accept_permit, new_permit
from entrepot.residency.hunt import hunt
from entrepot.residency.keys import cell_key, person_pads
from entrepot.residency.permits.terms import Circumstances, Recipient
from tests.residency.border.planted import Plants, orders_text
from tests.residency.border.test_non_interference import different, fixed, whole
from tests.residency.border.two_cells import EVERY_EXPORT, PERMISSION, PROCESSOR, SHOP, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path

ABROAD = "abroad shop"
_SHOP = f"""
[[shops]]
shop = "{ABROAD}"
channel = "tmall"
entity = "main"
sale_model = "cross_border_bonded_1210"
"""
_ARTICLES = "sku_id,name,unit_cost,currency,valid_from\nYX-SER-30,Serum,3.00,CNY,2026-01-01\n"
_STOCK = "stock_day,sku_id,quantity,location\n2026-09-30,YX-SER-30,12,SH-1\n2026-09-30,YX-SER-30,7,虚构市某某路8号\n"
RECIPIENTS = (
    ("欧阳虚构收", "13600990001", "虚构省虚构市收件路八八八号"),
    ("司马虚构收", "13600990002", "虚构省虚构市收件路九九九号"),
)


@dataclass(frozen=True)
class World:
    """One world after its import.

    Attributes:
        folder: Both cells.
        plants: Values of persons that no permit lets out.
    """

    folder: Path
    plants: Plants


def made(place: Path, base: Path, plants: Plants, kept: Path) -> World:
    """A world in the same place as every other, moved away afterwards."""
    shutil.copytree(base, place)
    cells = TwoCells(place)
    files = kept.with_name(f"{kept.name}-files")
    files.mkdir()
    at_home = [
        (
            plants(f"account of {number}", "account"),
            plants(f"payment account of {number}", "mail"),
            plants(f"name of {number}", "name"),
            plants(f"mobile of {number}", "mobile"),
            plants(f"address of {number}", "address"),
        )
        for number in range(3)
    ]
    across = [
        (plants(f"account abroad {number}", "account"), plants(f"payment account abroad {number}", "mail"), *recipient)
        for number, recipient in enumerate(RECIPIENTS)
    ]
    (files / "ExportOrderList20261101001400.csv").write_text(orders_text(at_home), encoding="gb18030")
    text = orders_text(across).replace(f'"{SHOP}"', f'"{ABROAD}"').replace("28000000", "38000000")
    (files / "ExportOrderList20261102001400.csv").write_text(text, encoding="gb18030")
    (files / "articles.csv").write_text(_ARTICLES, encoding="utf-8")
    (files / "stock.csv").write_text(_STOCK, encoding="utf-8")
    assert {each.status for each in import_paths(cells.cn, [files]).files} == {"imported"}
    consignments(cells)
    cells.permit("stock", "D", "planning")
    place.rename(kept)
    return World(kept, plants)


def consignments(cells: TwoCells) -> None:
    path = new_permit(
        cells.cn,
        "consignments",
        shape="C",
        to="global",
        purpose="deliver",
        recipient=Recipient("Brand GmbH", "EU", "privacy@brand.example"),
        processor=PROCESSOR,
        circumstances=Circumstances(important_data=False, necessity="the buyer's order is delivered from there"),
        platforms=PERMISSION,
        days=365,
    )
    accept_permit(cells.abroad, path, "cn")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    folder = tmp_path_factory.mktemp("consignments")
    base = two_cells(folder / "place")
    settings = base.folder / "cn" / "cell.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("[cell]", '[cell]\nlocations = ["SH-1"]', 1) + _SHOP,
        encoding="utf-8",
    )
    keys = base.folder / "cn" / "keys"
    person_pads(keys)
    cell_key(keys, "token.key")
    base.put_on_file(*EVERY_EXPORT)
    evidence = base.folder / "cn" / "border" / "evidence.yaml"
    text = evidence.read_text(encoding="utf-8")
    evidence.write_text(text.replace("planning]", "planning, deliver]"), encoding="utf-8")
    base.folder.rename(folder / "base")
    first, second = Plants(), Plants()
    for number in range(40):  # so that the second world's values are others
        second(f"unused {number}", "account")
    unused = set(second.values)
    found = (
        made(base.folder, folder / "base", first, folder / "one"),
        made(base.folder, folder / "base", second, folder / "other"),
    )
    for name in unused:
        del second.values[name]
    return found


def run(world: World, place: Path, kept: Path) -> TwoCells:
    shutil.copytree(world.folder, place)
    cells = TwoCells(place)
    with fixed():
        sent = clear(cells.cn)
        assert [each.manifest.permit for each in sent.cleared] == ["consignments", "stock"], sent.refused
        assert [each.manifest.route for each in sent.cleared] == ["free", "free"]
        # The phone of an order tells its buyer apart, who is then the recipient too.
        assert [each.transfer.persons for each in sent.cleared] == [2, 0]
        assert receive(cells.abroad).refused == []
    place.rename(kept)
    return TwoCells(kept)


@pytest.fixture(scope="module")
def done(worlds: tuple[World, World], tmp_path_factory: pytest.TempPathFactory) -> tuple[TwoCells, TwoCells]:
    place = worlds[0].folder.with_name("place")
    folder = tmp_path_factory.mktemp("done")
    return run(worlds[0], place, folder / "one"), run(worlds[1], place, folder / "other")


def test_who_bought_and_who_else_there_is_cannot_be_told_from_abroad(done: tuple[TwoCells, TwoCells]) -> None:
    first, second = done
    assert different(whole(first), whole(second)) == []
    assert different(whole(first), {**whole(second), "one more": b""}) == ["one more"]


def test_nothing_of_a_person_crosses_but_the_recipients_of_consignments(
    worlds: tuple[World, World], done: tuple[TwoCells, TwoCells]
) -> None:
    (world, _), (cells, _) = worlds, done
    listed = world.plants.listed()
    assert {hit.column for hit in hunt(listed, cells.folder / "cn").hits} == set(world.plants.values)
    for folder in (cells.folder / "global", cells.folder / "mail"):
        found = hunt(listed, folder)
        assert (found.hits, found.not_read) == ([], [])
        let_out = [(at, f"value {at}", value) for at, value in enumerate(sum(RECIPIENTS, ()))]
        assert {hit.column for hit in hunt(let_out, folder).hits} == {column for _, column, _ in let_out}


def test_consignments_need_a_purpose_that_the_contract_needs_and_its_basis(
    worlds: tuple[World, World], tmp_path: Path
) -> None:
    place = worlds[0].folder.with_name("place")
    shutil.copytree(worlds[0].folder, place)
    try:
        cells = TwoCells(place)
        path = place / "cn" / "border" / "permits" / "consignments.yaml"
        text = path.read_text(encoding="utf-8")
        assert "the buyer's order is delivered from there" in text
        path.write_text(text.replace("the buyer's order is delivered from there", "''"), encoding="utf-8")
        sent = clear(cells.cn, ("consignments",))
        # Without the basis the contract frees nobody: few persons, so free, but counted towards the lines.
        assert [each.judgement.verdict.row for each in sent.cleared] == ["cn-12-small"]
        assert sent.cleared[0].judgement.reading.after.counted.non_sensitive == 2
    finally:
        place.rename(tmp_path / "place")
