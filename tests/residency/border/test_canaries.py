"""Values of persons, planted wherever a platform's file may carry one, are nowhere outside the China cell.

Every public journey of both cells is run once; then all bytes of the global cell, of the mail and of everything that
the commands said are searched. Two controls show that the search would have told: it finds every value in the China
cell, and it finds the remark that a permit with an open door lets through.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from entrepot.engine import DuckDBEngine, parse
from entrepot.errors import EntrepotError
from entrepot.flows import permits
from entrepot.flows.border import clear, gateway_status, receive, throw_switch
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import accept_permit, check_permit
from entrepot.residency import projecting
from entrepot.residency.hunt import Hunted, hunt
from entrepot.residency.links.broker import BrokerAddress, client_of, inbox_of
from entrepot.residency.patterns.settings import shipped_pattern
from entrepot.residency.permits import compiled as compiling
from entrepot.residency.permits import forms
from entrepot.residency.permits import terms as naming
from entrepot.residency.permits.shape import shape_from_text, source_text
from entrepot.testing.small_files import Sale
from tests.residency.border.asked import asked
from tests.residency.border.patterned import PATTERNS, put_behind_a_broker, take_on
from tests.residency.border.planted import SHOP, Plants, planted_files
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells
from tests.residency.links.brokers import Broker, link, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PERMITS = {
    "journals": ("A", "group_accounts"),
    "orders": ("B", "planning"),
    "stock": ("D", "planning"),
    "catalogue": ("E", "planning"),
    "history": ("F", "after_sale"),
}
GOOD = "YX-SER-30/6901234567892"
OWN_ARTICLES = "sku_id,name,unit_cost,currency,valid_from\nYX-SER-30,Serum,3.00,EUR,2026-01-01\n"


@dataclass(frozen=True)
class Journey:
    """Two cells after every journey.

    Attributes:
        cells: Both.
        plants: What was planted.
        said: Folder with all that commands and errors said.
        before: The same cells before anything left.
    """

    cells: TwoCells
    plants: Plants
    said: Path
    before: TwoCells

    def hunted(self, *folders: Path) -> Hunted:
        found = Hunted()
        for folder in folders:
            one = hunt(self.plants.listed(), folder)
            found.hits += one.hits
            found.not_read += one.not_read
            found.files += one.files
        return found


def evidence(cells: TwoCells) -> None:
    cells.put_on_file(*EVERY_EXPORT)
    path = cells.folder / "cn" / "border" / "evidence.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[group_accounts, planning]", "[group_accounts, planning, after_sale]"), encoding="utf-8"
    )


def keep_error(folder: Path, error: EntrepotError) -> None:
    """An error as text, as JSON and pickled."""
    name = f"{error.code}-{len(list(folder.iterdir()))}"
    (folder / f"{name}.txt").write_text(f"{error}\n{error!r}\n{error.args}", encoding="utf-8")
    facts = {"code": error.code, "message": str(error), "fields": vars(error)}
    (folder / f"{name}.json").write_text(json.dumps(facts, default=str, ensure_ascii=False), encoding="utf-8")
    (folder / f"{name}.pickle").write_bytes(pickle.dumps(error))


def commands(cells: TwoCells) -> list[tuple[str | Path, ...]]:
    """Everything that shows something, in both cells."""
    cn, abroad = cells.folder / "cn", cells.folder / "global"
    found: list[tuple[str | Path, ...]] = [("gateway", "send", "--home", cn), ("gateway", "resume", "--home", cn)]
    found += [("permit", "check", permit, "--home", cn, "--json") for permit in PERMITS]
    found += [
        ("permit", "check", "orders", "--home", cn, "--lang", "zh"),
        ("permit", "preview", "orders", "--home", cn),
    ]
    found += [("gateway", "receive", "--home", abroad), ("gateway", "receive", "--home", abroad, "--json")]
    for home in (cn, abroad):
        found += [("gateway", "status", "--home", home), ("gateway", "status", "--home", home, "--json")]
        found += [("permit", "list", "--home", home, "--json"), ("cell", "show", "--home", home, "--json")]
    found += [
        ("report", "pnl", "--group", "--by", "sku", "--home", abroad),
        ("report", "pnl", "--group", "--json", "--home", abroad),
        ("report", "html", "--home", abroad, "--lang", "zh"),
        ("report", "workbook", "--home", abroad, "--lang", "both"),
        ("files", "list", "--home", abroad),
        ("exceptions", "list", "--home", abroad),
        ("sql", "select count(*) as n from orders", "--home", abroad),
    ]
    return found


def refusals(cells: TwoCells, said: Path) -> None:
    """Make the door refuse in several ways, and keep what it said."""

    def kept(errors: list[EntrepotError]) -> None:
        for error in errors:
            keep_error(said, error)

    damaged = cells.envelopes()[0]
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-9] + b"123456789")
    (cells.mail / "letter.envelope").write_bytes(b"no envelope")
    kept(list(receive(cells.abroad).refused))
    damaged.write_bytes(whole)
    (cells.mail / "letter.envelope").unlink()
    with pytest.raises(EntrepotError) as unknown:
        check_permit(cells.cn, "unknown")
    kept([unknown.value])
    with pytest.raises(EntrepotError) as other:
        accept_permit(cells.cn, cells.folder / "cn" / "border" / "permits" / "orders.yaml", "global")
    kept([other.value])


@contextlib.contextmanager
def everything_said(folder: Path) -> Iterator[None]:
    """Keep both streams and every log record, down to those that nobody reads."""
    out, errors = io.StringIO(), io.StringIO()
    handler = logging.FileHandler(folder / "log.txt", encoding="utf-8")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
        (folder / "stdout.txt").write_text(out.getvalue(), encoding="utf-8")
        (folder / "stderr.txt").write_text(errors.getvalue(), encoding="utf-8")


def refused_first(cells: TwoCells, said: Path) -> None:
    """Without evidence everything but journals, stock and articles stays."""
    cells.permit("shut", "B", "planning", persons_max=0)
    for refused in clear(cells.cn).refused:
        keep_error(said, refused)
    (cells.folder / "cn" / "border" / "permits" / "shut.yaml").unlink()


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """All journeys, once."""
    folder = tmp_path_factory.mktemp("canaries")
    cells, said = two_cells(folder / "both"), folder / "said"
    said.mkdir()
    plants = planted_files(folder / "files")
    import_paths(cells.cn, [folder / "files"])
    (folder / "own").mkdir()
    (folder / "own" / "articles.csv").write_text(OWN_ARTICLES, encoding="utf-8")
    for name, (shape, purpose) in PERMITS.items():
        cells.permit(name, shape, purpose)
    before = cells.copied(folder / "before")
    with everything_said(said):
        assert asked("import", folder / "own", "--home", cells.folder / "global") == 0
        refused_first(cells, said)
        evidence(cells)
        failed = [command for command in commands(cells)[:2] if asked(*command)]
        assert failed == []
        refusals(cells, said)
        failed = [command for command in commands(cells)[2:] if asked(*command)]
        assert failed == []
        throw_switch(cells.cn, "permit", "orders", "audit", "counsel", is_open=False)
        assert asked("gateway", "send", "orders", "--home", cells.folder / "cn") == 1
    return Journey(cells, plants, said, before)


def test_each_permit_arrived_with_rows(journey: Journey) -> None:
    status = gateway_status(journey.cells.abroad)
    assert {each["permit"]: each["sequence"] for each in status["received"]} == dict.fromkeys(PERMITS, 1)
    rows = {each["permit"]: each["rows"] for each in gateway_status(journey.cells.cn)["transfers"]}
    assert {name: count > 0 for name, count in rows.items()} == dict.fromkeys(PERMITS, True)


def test_no_planted_value_is_in_the_global_cell_the_mail_or_anything_that_was_said(journey: Journey) -> None:
    cells = journey.cells
    found = journey.hunted(cells.folder / "global", cells.folder / "mail", journey.said)
    assert (found.hits, found.not_read) == ([], [])
    assert found.files > 50


def test_no_planted_value_is_in_the_broker_through_which_mail_goes_or_behind_it(
    journey: Journey, tmp_path: Path
) -> None:
    broker, said = Broker(tmp_path / "broker"), tmp_path / "said"
    said.mkdir()
    cells = journey.before.copied(tmp_path / "cells")
    evidence(cells)
    broker.configure(cells)
    link(cells, broker)
    homes = {name: ("--home", cells.folder / name, "--json") for name in ("cn", "global")}
    with running(broker), everything_said(said):
        assert asked("gateway", "send", *homes["cn"]) == 0
        found = journey.hunted(broker.folder)
        assert (found.hits, found.not_read) == ([], []), "while the broker keeps everything"
        assert sum(each.stat().st_size for each in broker.messages.rglob("*.blk")) > 20_000
        assert asked("gateway", "receive", *homes["global"]) == 0
        assert asked("gateway", "carry", *homes["cn"]) == 0
        assert asked("gateway", "status", *homes["cn"]) == 0
        # The control: what is said unsealed stands on the broker's disk as it is, and the search finds it there.
        key = (cells.folder / "cn" / "keys" / "broker-cn.seed").read_text(encoding="ascii").strip()
        asyncio.run(said_unsealed(broker.url, key, next(iter(journey.plants.values.values()))))
        assert {each.spelling for each in journey.hunted(broker.messages).hits} == {"as it is"}
    assert {each["permit"] for each in gateway_status(cells.abroad)["received"]} == set(PERMITS)
    found = journey.hunted(cells.folder / "global", cells.folder / "cn" / "border" / "links", said)
    assert (found.hits, found.not_read) == ([], [])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_planted_value_gets_out_under_any_pattern_by_either_transport(
    journey: Journey, tmp_path: Path, pattern: str
) -> None:
    cells, broker, said = journey.before.copied(tmp_path / "cells"), Broker(tmp_path / "broker"), tmp_path / "said"
    said.mkdir()
    settings = cells.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[cell]", '[cell]\nlocations = ["SH-1"]', 1), encoding="utf-8")
    take_on(cells, pattern)
    for path in cells.folder.glob("*/border/**/sums.yaml"):
        # Rows of the planted shop would keep all sums inside, for it is not in `cell.toml`.
        terms = msgspec.yaml.decode(path.read_bytes())
        path.write_bytes(msgspec.yaml.encode(terms | {"shops": [SHOP]}))
    broker.configure(cells)
    with everything_said(said):
        assert asked("gateway", "send", "--home", cells.folder / "cn", "--json") == 0
        assert journey.hunted(cells.mail).hits == []
        by_folder = cells.copied(tmp_path / "by-folder")
        assert asked("gateway", "receive", "--home", by_folder.folder / "global", "--json") == 0
        linked = put_behind_a_broker(cells, broker)
        with running(broker):
            linked.carry("cn")
            found = journey.hunted(broker.folder)
            assert (found.hits, found.not_read) == ([], [])
            assert asked("gateway", "receive", "--home", cells.folder / "global", "--json") == 0
            linked.carry("cn")
    left = {each["permit"] for each in gateway_status(cells.cn)["transfers"]}
    assert left == {each.name for each in shipped_pattern(pattern).of_side("china")}
    for each in (by_folder, cells):
        assert {one["permit"] for one in gateway_status(each.abroad)["received"]} == left
        found = journey.hunted(each.folder / "global", each.folder / "cn" / "border")
        assert (found.hits, found.not_read) == ([], [])
    assert journey.hunted(said, broker.folder).hits == []


async def said_unsealed(url: str, seed: str, value: str) -> None:
    async with client_of(BrokerAddress("global", url), seed, inbox_of("cn")) as client:
        await client.jetstream().publish("entrepot.cn.global.x.0", value.encode())


def test_a_cut_envelope_is_named_as_not_read(journey: Journey, tmp_path: Path) -> None:
    whole = journey.cells.envelopes()[0].read_bytes()
    (tmp_path / "cut.envelope").write_bytes(whole[:-1])
    (tmp_path / "empty.envelope").write_bytes(whole[:30])
    assert sorted(journey.hunted(tmp_path).not_read) == ["cut.envelope", "empty.envelope"]


def test_no_planted_value_is_in_what_the_china_cell_sent_logged_or_left_lying(journey: Journey) -> None:
    border = journey.cells.folder / "cn" / "border"
    assert list((border / "tmp").iterdir()) == []
    found = journey.hunted(border / "log", border / "sent", border / "permits")
    assert (found.hits, found.not_read) == ([], [])


def test_the_same_search_finds_every_value_in_the_china_cell(journey: Journey) -> None:
    found = journey.hunted(journey.cells.folder / "cn")
    assert {hit.column for hit in found.hits} == set(journey.plants.values)


def test_the_refusals_that_were_searched_are_there(journey: Journey) -> None:
    kinds = {path.name.rpartition("-")[0] for path in journey.said.glob("*.pickle")}
    assert kinds == {
        "residency.clearance_refused",
        "residency.envelope_refused",
        "residency.permit_unknown",
        "residency.permit_invalid",
    }
    assert (journey.said / "stdout.txt").stat().st_size > 10_000
    assert "switched_off" in (journey.said / "stderr.txt").read_text(encoding="utf-8")


LEAKY = """
shape: E
version: 1
title: {en: Leaky, zh: 泄漏}
meaning: A shape as nobody ships one.
purposes: [planning]
datasets:
  - name: remarks
    meaning: Titles of lines.
    source: remarks
    partition: part
    fields:
      - {name: part, type: text, form: period, meaning: All.}
      - {name: remark, type: text, form: code, meaning: Free text.}
"""


def test_a_permit_with_an_open_door_is_caught_by_the_search(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = journey.cells.copied(tmp_path / "cells")
    text = "select cast('all' as varchar) as part, cast(name as varchar) as remark from skus"
    monkeypatch.setattr(compiling, "source_text", lambda name: text if name == "remarks" else source_text(name))
    monkeypatch.setattr(naming, "shipped_shape", lambda _letter: shape_from_text(LEAKY, "E"))
    monkeypatch.setattr(permits, "shipped_shape", lambda _letter: shape_from_text(LEAKY, "E"))
    monkeypatch.setattr(forms, "PERSONAL_PATTERNS", (r"never in any text",))
    monkeypatch.setitem(forms.FORMS, "code", forms.Form(r"\A(?s:.){1,400}\z"))
    cells.permit("leak", "E", "planning")
    (refused,) = clear(cells.cn, ("leak",)).refused
    assert [each.word for each in refused.reasons] == ["inspection"]
    monkeypatch.setattr(projecting, "personal_within", lambda _values: {})
    assert [each.manifest.permit for each in clear(cells.cn, ("leak",)).cleared] == ["leak"]
    (arrived,) = receive(cells.abroad).applied
    assert arrived.permit == "leak"
    found = hunt(journey.plants.listed(), cells.folder / "global")
    assert {hit.column for hit in found.hits} == {f"name of article {number}" for number in range(5)}
    assert {hit.column for hit in hunt(journey.plants.listed(), cells.mail).hits} == {hit.column for hit in found.hits}


def test_a_phone_number_in_a_column_of_amounts_keeps_the_transfer_inside(tmp_path: Path) -> None:
    cells = two_cells(tmp_path / "cells")
    cells.sell((Sale("2800000000000000001", 100_00), Sale("2800000000000000002", 13800990011_00)), ())
    cells.permit()
    cells.put_on_file(*EVERY_EXPORT)
    (refused,) = clear(cells.cn).refused
    assert [each.word for each in refused.reasons] == ["inspection"]
    assert cells.envelopes() == []


@pytest.mark.parametrize(
    "sku",
    ["A138-0099-0011", "138.0099.0011", "A20881122334455667788", "110101900307991", "11010119900307999X"],
)
def test_a_number_of_a_person_has_not_the_form_of_an_article(sku: str) -> None:
    text = f"select {forms.form_condition('sku', 'sku')} as passes from (select '{sku}' as sku)"
    with DuckDBEngine(threads=1) as engine:
        found = [
            engine.read(parse(each, source="form"))["passes"][0].as_py() for each in (text, text.replace(sku, GOOD))
        ]
    assert found == [False, True]
