"""The receiver trusts nobody: what is not exactly what a permit lets out is refused whole, and stays where it is."""

from __future__ import annotations

import shutil
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.flows.border import clear, door_for, receive
from entrepot.flows.group import group_pnl
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import accept_permit
from entrepot.residency.envelope import Manifest, file_hash, opened, seal
from entrepot.residency.gate_errors import EnvelopeRefused, PermitInvalid
from entrepot.residency.notes import SigningKey, signing_key
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.terms import permit_of
from entrepot.residency.receiver import received_files
from entrepot.testing.small_files import Move, Sale
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.residency.door import Door


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Journals and orders lie in the mail; each test works on a copy."""
    made = two_cells(tmp_path_factory.mktemp("sent"))
    made.sell()
    made.permit()
    made.permit("orders", "B", "planning")
    made.put_on_file(*EVERY_EXPORT)
    assert len(clear(made.cn).cleared) == 2, "both permits let something out"
    return made


@pytest.fixture
def cells(sent: TwoCells, tmp_path: Path) -> TwoCells:
    return sent.copied(tmp_path / "cells")


def reasons(cells: TwoCells) -> list[str]:
    return [each.reason for each in receive(cells.abroad).refused]


def held(cells: TwoCells) -> dict[str, int]:
    """Rows that the global cell holds."""
    door = door_for(cells.abroad)
    return {
        dataset: sum(pq.read_table(path).num_rows for _, files in received_files(door, dataset) for path in files)
        for dataset in ("journals", "settlements", "sales", "orders", "order_lines")
    }


def only(cells: TwoCells, permit: str) -> Path:
    """The envelope of a permit, alone in the mail."""
    kept: list[Path] = []
    for path in cells.envelopes():
        kept.append(path) if path.name.startswith(permit) else path.unlink()
    (path,) = kept
    return path


def resealed(
    cells: TwoCells,
    path: Path,
    key: SigningKey | None = None,
    change: Callable[[dict[str, Any]], None] = lambda _facts: None,
    rows: Callable[[pa.Table], pa.Table] | None = None,
    dataset: str = "",
) -> None:
    """Make the envelope anew with other contents, honestly hashed and signed with a key, the China cell's by default."""
    door = door_for(cells.cn)
    envelope = opened(path, [door_for(cells.abroad).companions["cn"].verifier])
    folder = cells.folder / "forged"
    shutil.rmtree(folder, ignore_errors=True)
    facts = msgspec.to_builtins(envelope.manifest)
    for each, fact in zip(facts["files"], envelope.manifest.files, strict=True):
        target = folder / fact.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(envelope.take_out(fact, folder), target)
        if rows is not None and fact.dataset == dataset:
            table = rows(pq.read_table(target))
            pq.write_table(table, target)
            each |= {"rows": table.num_rows}
        each |= {"size": target.stat().st_size, "sha256": file_hash(target).removeprefix("sha256:")}
    change(facts)
    seal(msgspec.convert(facts, Manifest), folder, path, key or signing_key(door.layout.keys, door.cell))


def test_what_arrives_is_applied_once_and_again_changes_nothing(cells: TwoCells) -> None:
    arrivals = receive(cells.abroad)
    assert ([each.permit for each in arrivals.applied], arrivals.known, arrivals.refused) == (
        ["journals", "orders"],
        0,
        [],
    )
    before = held(cells)
    assert before["orders"] == 3
    again = receive(cells.abroad)
    assert ([each.permit for each in again.applied], again.known, again.refused) == ([], 2, [])
    assert held(cells) == before


def test_an_envelope_that_comes_before_its_predecessor_waits(cells: TwoCells) -> None:
    cells.sell([Sale("2800000000000000009", 77_00)], [Move("F9", "2800000000000000009", "在线支付", 77_00)], "second")
    assert len(clear(cells.cn).cleared) == 2
    late = [path for path in cells.envelopes() if ".000001." in path.name]
    for path in late:
        path.rename(cells.folder / path.name)
    first = receive(cells.abroad)
    assert (first.applied, first.waiting, first.refused) == ([], 2, [])
    assert held(cells)["orders"] == 0
    for path in late:
        (cells.folder / path.name).rename(path)
    assert [(each.permit, each.sequence) for each in receive(cells.abroad).applied] == [
        ("journals", 1),
        ("journals", 2),
        ("orders", 1),
        ("orders", 2),
    ]
    assert held(cells)["orders"] == 4


def test_the_border_is_down_for_a_day_and_both_sides_keep_working(cells: TwoCells) -> None:
    away = cells.folder / "mail-away"
    cells.mail.rename(away)
    cells.sell([Sale("2800000000000000009", 77_00)], [Move("F9", "2800000000000000009", "在线支付", 77_00)], "second")
    assert len(clear(cells.cn).cleared) == 2
    assert receive(cells.abroad).waiting == 2
    for path in away.glob("*.envelope"):
        path.rename(cells.mail / path.name)
    arrivals = receive(cells.abroad)
    assert (len(arrivals.applied), arrivals.waiting, arrivals.refused) == (4, 0, [])
    assert held(cells)["orders"] == 4


def test_a_stranger_signs_in_vain(cells: TwoCells) -> None:
    path = only(cells, "journals")
    resealed(cells, path, signing_key(cells.folder / "stranger", "cn"))
    assert reasons(cells) == ["signature"]
    assert held(cells)["journals"] == 0
    assert path.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recipient": "elsewhere"}, "other_recipient"),
        ({"sender": "elsewhere"}, "other_recipient"),
        ({"v": 1}, "version"),
        ({"v": 3}, "version"),
        ({"sequence": 0}, "sequence"),
        ({"permit": "stock"}, "permit_not_accepted"),
        ({"permit_hash": "sha256:" + "0" * 64}, "other_permit"),
        ({"made_at": "2031-01-01T00:00:00Z"}, "expired"),
        ({"profile_hash": "sha256:" + "0" * 64}, "other_profile"),
    ],
)
def test_what_the_sender_itself_states_otherwise_is_refused(
    cells: TwoCells, change: dict[str, Any], reason: str
) -> None:
    resealed(cells, only(cells, "journals"), change=lambda facts: facts.update(change))
    assert reasons(cells) == [reason]
    assert held(cells)["journals"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"persons": 0}, "persons"),
        ({"persons": 2}, "persons"),
        ({"persons_year": {"non_sensitive": 10, "sensitive": 1}}, "cap"),
        ({"cap": 2}, "cap"),
    ],
)
def test_persons_that_were_not_counted_or_are_too_many_are_refused_on_the_other_side_as_well(
    cells: TwoCells, change: dict[str, Any], reason: str
) -> None:
    for path in (
        cells.folder / "cn/border/permits/orders.yaml",
        cells.folder / "global/border/accepted/cn/orders.yaml",
    ):
        text = path.read_text(encoding="utf-8")
        assert "persons_max: null" in text
        path.write_text(text.replace("persons_max: null", "persons_max: 10"), encoding="utf-8")
    digest = compiled(*permit_of(cells.folder / "global/border/accepted/cn", "orders")).digest
    resealed(cells, only(cells, "orders"), change=lambda facts: facts.update(permit_hash=digest, **change))
    assert reasons(cells) == [reason]
    assert held(cells)["orders"] == 0


def test_as_many_persons_as_the_caps_allow_arrive(cells: TwoCells) -> None:
    resealed(cells, only(cells, "orders"), change=lambda facts: facts.update(cap=3))
    assert receive(cells.abroad).refused == []
    assert held(cells)["orders"] == 3


def with_column(name: str, value: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.append_column(name, pa.array([value] * table.num_rows, pa.string()))


def with_value(name: str, value: str) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        values = [value, *table.column(name).to_pylist()[1:]]
        return table.set_column(at, table.schema.field(name), pa.array(values, table.schema.field(name).type))

    return changed


@pytest.mark.parametrize(
    ("dataset", "rows", "reason"),
    [
        ("orders", with_column("note", "ring twice"), "columns"),
        ("orders", lambda table: table.drop_columns(["currency"]), "columns"),
        ("orders", lambda table: table.select(table.column_names[::-1]), "columns"),
        ("orders", with_value("order_token", "2800000000000000001"), "form"),
        ("orders", with_value("payment_state", "call 13800138000"), "form"),
        ("orders", with_value("shop", "shop of 13800138000"), "form"),
        ("order_lines", with_value("sku_id", "buyer@mail.example"), "form"),
        ("orders", with_value("month", "2026-08"), "parts"),
        ("orders", lambda table: table.replace_schema_metadata({"note": "13800138000"}), "columns"),
    ],
)
def test_even_the_sender_itself_cannot_smuggle_anything_in(
    cells: TwoCells, dataset: str, rows: Callable[[pa.Table], pa.Table], reason: str
) -> None:
    resealed(cells, only(cells, "orders"), rows=rows, dataset=dataset)
    assert reasons(cells) == [reason]
    assert held(cells)["orders"] == 0


def test_a_part_that_comes_twice_or_of_another_table_is_refused(cells: TwoCells) -> None:
    path = only(cells, "orders")
    resealed(cells, path, change=lambda facts: facts["files"][0].update(dataset="order_lines"))
    assert reasons(cells) == ["contents"]
    assert held(cells)["orders"] == 0


def test_files_that_the_manifest_does_not_name_are_refused(cells: TwoCells) -> None:
    path = only(cells, "journals")
    path.write_bytes(path.read_bytes() + b"ring twice")
    assert reasons(cells) == ["contents"]
    path.write_bytes(path.read_bytes()[:-20])
    assert reasons(cells) == ["contents"]


def test_no_byte_of_an_envelope_can_be_changed_unseen(cells: TwoCells) -> None:
    """Flipped bits, put-in bytes and cuts at ten thousand places, from a fixed seed."""
    path = only(cells, "orders")
    whole = path.read_bytes()
    door = door_for(cells.abroad)
    dice = Random(7)
    for number in range(10_000):
        changed = bytearray(whole)
        at = dice.randrange(len(whole))
        if number % 4 == 0:
            changed = changed[:at]
        elif number % 4 == 1:
            changed.insert(at, dice.randrange(256))
        else:
            changed[at] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(changed))
        assert bytes(changed) == whole or not _opens_whole(door, path, cells.folder / "scratch"), (number, at)
    path.write_bytes(whole)
    assert _opens_whole(door, path, cells.folder / "scratch")


def _opens_whole(door: Door, path: Path, folder: Path) -> bool:
    """Whether an envelope opens and every file can be taken out."""
    folder.mkdir(exist_ok=True)
    try:
        envelope = opened(path, [door.companions["cn"].verifier])
        for fact in envelope.manifest.files:
            envelope.take_out(fact, folder)
    except EnvelopeRefused:
        return False
    return True


@pytest.mark.parametrize("content", [b"", b"PK", b"\x00" * 5_000, "信封".encode()])
def test_what_is_no_envelope_is_named_and_the_others_are_applied(cells: TwoCells, content: bytes) -> None:
    (cells.mail / "broken.envelope").write_bytes(content)
    arrivals = receive(cells.abroad)
    assert [(each.envelope, each.reason) for each in arrivals.refused] == [("broken.envelope", "not_an_envelope")]
    assert [each.permit for each in arrivals.applied] == ["journals", "orders"]


def test_a_permit_for_another_cell_is_not_accepted(cells: TwoCells, tmp_path: Path) -> None:
    path = cells.folder / "cn" / "border" / "permits" / "journals.yaml"
    other = tmp_path / "journals.yaml"
    other.write_text(path.read_text(encoding="utf-8").replace("to: global", "to: elsewhere"), encoding="utf-8")
    accepted = cells.folder / "global" / "border" / "accepted" / "cn" / "journals.yaml"
    before = accepted.read_bytes()
    with pytest.raises(PermitInvalid, match="for the cell elsewhere"):
        accept_permit(cells.abroad, other, "cn")
    assert accepted.read_bytes() == before


def test_the_group_s_books_are_the_sum_of_the_cells(cells: TwoCells, tmp_path: Path) -> None:
    bill = "bill,vendor,kind,date,amount,vat,currency\nB-1,Carrier,express,2026-09-12,10.00,0,EUR\n"
    (tmp_path / "bills.csv").write_text(bill, encoding="utf-8")
    import_paths(cells.abroad, [tmp_path / "bills.csv"])
    receive(cells.abroad)
    lines: dict[str, int] = {}
    for row in group_pnl(cells.abroad, "CNY").to_pylist():
        lines[row["line"]] = lines.get(row["line"], 0) + row["amount_minor"]
    assert lines["revenue_goods"] == 154_87
    assert lines["fees"] < 0
