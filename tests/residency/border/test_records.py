"""What a compliance officer can show: the count of the year, every entry of a period, and what was sent, with two keys."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import sqlite3
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.border import clear, door_for, gateway_status, throw_switch
from entrepot.flows.border_records import (
    declare_flow,
    make_approver,
    meter_of,
    open_sealed,
    prove_entry,
    transfers_between,
)
from entrepot.flows.erasing import erase_persons
from entrepot.flows.erasing_find import Asked
from entrepot.flows.permits import permitted_fields
from entrepot.residency.border_errors import EntryRefused, ProofRefused
from entrepot.residency.envelope import file_hash, opened
from entrepot.residency.gate_errors import CopyRefused
from entrepot.residency.gateway import Gateway
from entrepot.residency.law_errors import MeterInvalid
from entrepot.residency.meter_reading import Persons
from entrepot.residency.profile import load_profile
from entrepot.residency.register import register
from tests.residency.border.two_cells import EVERY_EXPORT, SALES, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    made = two_cells(tmp_path_factory.mktemp("sold"))
    made.sell()
    made.permit("orders", "B", "planning")
    return made


@pytest.fixture
def cells(sold: TwoCells, tmp_path: Path) -> TwoCells:
    return sold.copied(tmp_path / "cells")


def test_the_meter_says_how_far_each_line_is_away(cells: TwoCells) -> None:
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    reading, lines = meter_of(cells.cn, "main")
    assert (reading.after.counted.non_sensitive, reading.this_system_only, reading.upper_bound) == (3, True, False)
    left = {(row["class"], row["from"]): row["left"] for row in lines}
    assert left == {
        ("non_sensitive", 100_000): 99_997,
        ("non_sensitive", 1_000_000): 999_997,
        ("sensitive", 1): 1,
        ("sensitive", 10_000): 10_000,
    }


def test_a_declared_flow_adds_to_the_count_and_stands_in_the_log_without_its_evidence(cells: TwoCells) -> None:
    reading = declare_flow(
        cells.cn, "main", "opening", Persons(non_sensitive=98_000), evidence="letter of Ms. Li", role="privacy-officer"
    )
    assert (reading.after.everyone.non_sensitive, reading.this_system_only) == (98_000, False)
    today = datetime.now(UTC).date()
    (row,) = transfers_between(cells.cn, today, today)
    assert (row["kind"], row["permit"]) == ("declaration", None)
    log = b"".join(path.read_bytes() for path in (cells.folder / "cn" / "border" / "log").rglob("*") if path.is_file())
    assert b"Ms. Li" not in log
    assert b"privacy-officer" in log


def test_a_name_in_the_words_of_a_declaration_is_refused_and_nothing_is_declared(cells: TwoCells) -> None:
    with pytest.raises(EntryRefused):
        declare_flow(
            cells.cn, "main", "opening", Persons(non_sensitive=1), evidence="letter-4", role="Li Na, 13800138000"
        )
    assert meter_of(cells.cn, "main")[0].this_system_only


def test_a_period_shows_who_got_what_and_why_of_how_many_persons_under_which_rule(cells: TwoCells) -> None:
    assert len(clear(cells.cn).refused) == 1
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    throw_switch(cells.cn, "cell", "", "incident", "privacy-officer", is_open=False)
    today = datetime.now(UTC).date()
    rows = transfers_between(cells.cn, today, today)
    assert [(row["kind"], row["outcome"]) for row in rows] == [
        ("refusal", "clearance.evidence_none_on_file"),
        ("intent", "sent"),
        ("switch", "stopped"),
    ]
    intent = rows[1]
    assert {name: intent[name] for name in ("permit", "recipient", "purpose", "route", "processor")} == {
        "permit": "orders",
        "recipient": "global",
        "purpose": "planning",
        "route": "free",
        "processor": "main",
    }
    assert (intent["persons_new"], intent["persons_after"], intent["profile"]) == (3, 3, "CN/2026-01-01")
    assert intent["envelope_hash"] == file_hash(cells.envelopes()[0])
    assert transfers_between(cells.cn, date(2020, 1, 1), date(2020, 12, 31)) == []


def sealed(cells: TwoCells, folder: Path, *names: str) -> str:
    """Approvers made, an envelope sent; its name."""
    for name in names:
        make_approver(cells.cn, name, folder / f"{name}.key")
    cells.put_on_file(*EVERY_EXPORT)
    (cleared,) = clear(cells.cn).cleared
    assert cleared.transfer.envelope is not None
    return cleared.transfer.envelope


def test_a_copy_is_opened_by_two_approvers_and_is_what_was_sent(cells: TwoCells, tmp_path: Path) -> None:
    name = sealed(cells, tmp_path, "officer", "counsel", "auditor")
    kept = cells.folder / "cn" / "border" / "sent"
    assert [path.name for path in kept.iterdir()] == [f"{name}.sealed"]
    content = (kept / f"{name}.sealed").read_bytes()
    assert b"hs256:" not in content
    out = tmp_path / "copy.envelope"
    keys = {each: tmp_path / f"{each}.key" for each in ("officer", "auditor")}
    open_sealed(cells.cn, name, keys, out, "audit")
    assert file_hash(out) == file_hash(cells.mail / name)
    companion = door_for(cells.abroad).companions["cn"]
    assert opened(out, [companion.verifier]).manifest.permit == "orders"
    today = datetime.now(UTC).date()
    assert transfers_between(cells.cn, today, today)[-1]["kind"] == "approval"


def test_a_copy_that_is_not_what_the_log_committed_to_is_not_handed_out(cells: TwoCells, tmp_path: Path) -> None:
    name = sealed(cells, tmp_path, "officer", "counsel")
    with contextlib.closing(sqlite3.connect(cells.folder / "cn" / "border" / "salts.db")) as salts, salts:
        salts.execute("update salts set salt = zeroblob(32)")
    keys = {each: tmp_path / f"{each}.key" for each in ("officer", "counsel")}
    out = tmp_path / "copy.envelope"
    with pytest.raises(CopyRefused, match="not what the log committed to"):
        open_sealed(cells.cn, name, keys, out, "audit")
    assert not out.exists()


def test_an_entry_is_proven_without_the_rest_of_the_log(cells: TwoCells) -> None:
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    throw_switch(cells.cn, "cell", "", "incident", "privacy-officer", is_open=False)
    proof = prove_entry(cells.cn, 1)
    assert (proof["entry"], proof["size"], json.loads(proof["content"])["kind"]) == (1, 3, "outcome")
    # The tree by hand: the leaf of entry 1 with that of entry 0, and both with that of entry 2.
    leaf = hashlib.sha256(b"\0" + proof["content"].encode()).digest()
    first, last = (bytes.fromhex(each) for each in proof["hashes"])
    both = hashlib.sha256(b"\1" + first + leaf).digest()
    root = hashlib.sha256(b"\1" + both + last).digest()
    assert base64.b64encode(root).decode() == proof["checkpoint"].splitlines()[2]
    with pytest.raises(ProofRefused):
        prove_entry(cells.cn, 3)


def test_totals_that_are_not_those_of_the_persons_are_told(cells: TwoCells) -> None:
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    assert meter_of(cells.cn, "main", recount=True)[0].after.counted.non_sensitive == 3
    with contextlib.closing(sqlite3.connect(cells.folder / "cn" / "border" / "meter.db")) as meter, meter:
        meter.execute("delete from persons where person = (select min(person) from persons)")
    assert meter_of(cells.cn, "main")[0].after.counted.non_sensitive == 3
    with pytest.raises(MeterInvalid, match="not those of the persons"):
        meter_of(cells.cn, "main", recount=True)


def test_one_approver_alone_opens_nothing_nor_do_two_with_a_wrong_key(cells: TwoCells, tmp_path: Path) -> None:
    name = sealed(cells, tmp_path, "officer", "counsel")
    out = tmp_path / "copy.envelope"
    officer, counsel = (tmp_path / f"{each}.key" for each in ("officer", "counsel"))
    for keys, problem in (
        ({"officer": officer}, "two approvers"),
        ({"officer": officer, "stranger": counsel}, "not sealed for both"),
        ({"officer": officer, "counsel": officer}, "does not fit"),
    ):
        with pytest.raises(CopyRefused, match=problem):
            open_sealed(cells.cn, name, keys, out, "audit")
    assert not out.exists()
    with pytest.raises(CopyRefused, match="no sealed copy"):
        open_sealed(cells.cn, "../border.db", {"officer": officer, "counsel": counsel}, out, "audit")


def test_a_private_key_does_not_come_to_lie_in_the_cell(cells: TwoCells, tmp_path: Path) -> None:
    inside = cells.folder / "cn" / "keys" / "officer.key"
    with pytest.raises(CopyRefused, match="does not lie in the company folder"):
        make_approver(cells.cn, "officer", inside)
    assert not inside.exists()
    make_approver(cells.cn, "officer", tmp_path / "officer.key")
    with pytest.raises(CopyRefused, match="approver of that name"):
        make_approver(cells.cn, "officer", tmp_path / "again.key")
    assert (tmp_path / "officer.key").stat().st_mode & 0o077 == 0


def test_a_copy_that_was_not_sealed_yet_is_sealed_later_and_the_log_does_not_change(
    cells: TwoCells, tmp_path: Path
) -> None:
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    kept = cells.folder / "cn" / "border" / "sent"
    assert [path.suffix for path in kept.iterdir()] == [".envelope"]
    size = gateway_status(cells.cn)["log_size"]
    for name in ("officer", "counsel"):
        make_approver(cells.cn, name, tmp_path / f"{name}.key")
    assert clear(cells.cn).up_to_date == ["orders"]
    assert [path.suffix for path in kept.iterdir()] == [".sealed"]
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        assert gateway.log.size == size


def test_the_register_says_under_which_permit_a_field_may_leave(cells: TwoCells) -> None:
    cells.permit()
    found = permitted_fields(cells.cn)
    assert set(found) == {"journals", "orders"}
    profile = load_profile("CN", date(2026, 11, 1))
    rows = {f"{row.table}.{row.field}": row.permits for row in register(profile, date(2026, 11, 1), found)}
    assert rows["orders.order_key"] == ("orders",)
    assert rows["ledger_entries.amount_minor"] == ("journals",)
    assert rows["persons.mobile"] == ()


def test_the_years_of_a_cell_are_those_of_its_own_law(cells: TwoCells) -> None:
    """Meter and gateway open one file, each by the zone of the profile; another zone would be refused."""
    reading = declare_flow(
        cells.abroad, "main", "opening", Persons(non_sensitive=5), evidence="letter-4", role="officer"
    )
    assert reading.after.everyone.non_sensitive == 5
    assert meter_of(cells.abroad, "main")[0].after.everyone.non_sensitive == 5
    with contextlib.closing(Gateway(door_for(cells.abroad))) as gateway:
        assert gateway.meter.reading("main", reading.year).after.everyone.non_sensitive == 5


def test_an_erasure_leaves_copies_of_what_left_as_they_were_sealed(cells: TwoCells) -> None:
    """They are records that the law wants kept; a copy with another byte in it would prove nothing."""
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    (copy,) = (cells.folder / "cn" / "border" / "sent").glob("*.envelope")
    planted = copy.with_name("with-a-person.envelope")
    planted.write_text(f"buyer of {SALES[0].order_id}", encoding="utf-8")
    before = {path: path.read_bytes() for path in (copy, planted)}
    report = erase_persons(cells.cn, [Asked(SALES[0].order_id)], "asked in May", "privacy-officer")
    assert report.persons == 1
    assert {path: path.read_bytes() for path in (copy, planted)} == before
    assert gateway_status(cells.cn)["without_outcome"] == []
