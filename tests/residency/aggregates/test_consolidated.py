"""C11, I25, I26: the consolidated P&L is the sum of the cells' own, to the cent, and says exactly what is hidden."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from entrepot.flows import border
from entrepot.flows.asking import report_rows
from entrepot.flows.border import clear, receive
from entrepot.flows.consolidated import consolidated_pnl
from entrepot.flows.errors import OtherCurrency
from entrepot.flows.permits import check_permit
from entrepot.residency.envelope import opened
from entrepot.residency.hunt import hunt
from entrepot.sandbox.people import person
from tests.residency.aggregates.group_cells import group_cells, put_on_file, sums_permit
from tests.residency.border.asked import asked
from tests.residency.border.two_cells import TwoCells

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from entrepot.testing.sample_company import ImportedCompany

Key = tuple[str, ...]
PLACE = ("month", "channel", "shop", "line", "detail")
LINE = ("month", "line", "detail")


@pytest.fixture(scope="module")
def paired(small_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Nothing was let out yet; each test works on a copy."""
    cells = group_cells(small_imported, tmp_path_factory.mktemp("paired") / "cells")
    put_on_file(cells)
    sums_permit(cells)
    return cells


@pytest.fixture(scope="module")
def released(paired: TwoCells, tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """The sums have left and arrived; nobody writes here."""
    cells = paired.copied(tmp_path_factory.mktemp("released") / "cells")
    assert check_permit(cells.cn, "sums").reasons == ()
    assert not (cells.folder / "cn" / "border" / "releases").exists(), "asking writes nothing down"
    assert [each.manifest.persons for each in clear(cells.cn).cleared] == [0]
    assert len(receive(cells.abroad).applied) == 1
    return cells


def added_up(rows: pa.Table | list[dict[str, Any]], by: tuple[str, ...]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for row in rows if isinstance(rows, list) else rows.to_pylist():
        found[tuple(str(row[name]) for name in by)] += row["amount_minor"]
    return found


def test_where_nothing_is_hidden_amounts_are_those_of_the_cells_own_report(released: TwoCells) -> None:
    own, found = added_up(report_rows(released.cn, "pnl", "EUR"), PLACE), consolidated_pnl(released.abroad)
    shown = added_up([row for row in found.rows.to_pylist() if row["state"] == "released"], PLACE)
    assert len([amount for amount in shown.values() if amount]) > 30
    assert {key: (amount, own[key]) for key, amount in shown.items() if amount != own[key]} == {}


def test_every_amount_of_the_own_report_is_shown_or_named_as_hidden_and_never_both(released: TwoCells) -> None:
    own, found = added_up(report_rows(released.cn, "pnl", "EUR"), PLACE), consolidated_pnl(released.abroad)
    shown = {tuple(str(row[name]) for name in PLACE) for row in found.rows.to_pylist() if row["state"] == "released"}
    hidden = {tuple(str(row[name]) for name in PLACE) for row in found.suppressed.to_pylist()}
    assert hidden
    assert (shown & hidden, set(own) - shown - hidden) == (set(), set())
    assert set(found.suppressed.column_names) == {"cell", *PLACE}


def test_totals_tie_out_to_the_cent_but_for_lines_that_are_hidden_as_a_whole(released: TwoCells) -> None:
    own, found = added_up(report_rows(released.cn, "pnl", "EUR"), LINE), consolidated_pnl(released.abroad)
    missing = {tuple(row[name] for name in LINE) for row in found.missing.to_pylist()}
    there = added_up(found.rows, LINE)
    assert {
        key: (there[key], amount) for key, amount in own.items() if key not in missing and there[key] != amount
    } == {}
    assert not missing & set(there)
    assert any(row["state"] == "pooled" for row in found.rows.to_pylist())


def test_the_cell_abroad_adds_its_own_report(
    released: TwoCells, small_imported: ImportedCompany, tmp_path: Path
) -> None:
    """I26: global and regional views are disjoint and make the whole."""
    cells = released.copied(tmp_path / "cells")
    home = cells.folder / "global"
    for name in ("tables", "state.db", "raw", "staged"):
        source = small_imported.parts.layout.home / name
        if source.is_dir():
            shutil.copytree(source, home / name, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, home / name)
    found = consolidated_pnl(cells.abroad)
    own = added_up(report_rows(cells.abroad, "pnl", "EUR"), PLACE)
    mine = added_up([row for row in found.rows.to_pylist() if row["state"] == "own"], PLACE)
    theirs = added_up([row for row in found.rows.to_pylist() if row["cell"] == "cn"], PLACE)
    assert (mine, theirs) == (own, added_up(consolidated_pnl(released.abroad).rows, PLACE))
    mine.update(theirs)
    assert added_up(found.rows, PLACE) == mine
    assert {row["cell"] for row in found.rows.to_pylist()} == {"cn", "global"}


def test_asked_again_nothing_leaves_and_the_check_says_what_is_hidden(released: TwoCells, tmp_path: Path) -> None:
    cells = released.copied(tmp_path / "cells")
    assert clear(cells.cn).up_to_date == ["sums"]
    sums = check_permit(cells.cn, "sums").sums
    assert sums is not None
    found = consolidated_pnl(cells.abroad)
    assert sums.suppressed >= found.suppressed.num_rows > 0
    assert (sums.held, sums.derivable_from) == (0, ())


def test_months_that_left_one_by_one_late_and_twice_give_the_same_report(
    paired: TwoCells, released: TwoCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I27: after the link was cut, what waited gives what would have been there without the cut."""
    cells = paired.copied(tmp_path / "cells")
    door_for = border.door_for
    for day in (
        datetime(2026, 9, 30, tzinfo=UTC),
        datetime(2026, 10, 2, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    ):
        monkeypatch.setattr(border, "door_for", lambda parts, at=day: replace(door_for(parts), now=lambda: at))
        assert clear(cells.cn).refused == []
    monkeypatch.undo()
    envelopes = cells.envelopes()
    assert len(envelopes) >= 2
    late = envelopes[0].rename(tmp_path / envelopes[0].name)
    assert receive(cells.abroad).waiting == len(envelopes) - 1
    shutil.copy(late, cells.mail)
    assert len(receive(cells.abroad).applied) == len(envelopes)
    assert receive(cells.abroad).known == len(envelopes)
    whole, parted = consolidated_pnl(released.abroad), consolidated_pnl(cells.abroad)
    assert parted.rows.equals(whole.rows)
    assert parted.suppressed.equals(whole.suppressed)


def test_no_person_order_or_key_of_a_person_is_in_what_left(
    released: TwoCells, small_imported: ImportedCompany
) -> None:
    orders = small_imported.company.world.orders
    values = [(number, "order", order.order_id) for number, order in enumerate(orders, start=2)]
    for number in sorted({order.buyer for order in orders}):
        who = person(number)
        found = {"nick": who.nick, "name": who.name, "phone": who.phone, "address": who.address}
        values += [(number, kind, value) for kind, value in found.items()]
    for file in (released.folder / "cn" / "border" / "releases").rglob("*.parquet"):
        values += [(0, "digest", each) for each in pq.read_table(file)["person"].unique().to_pylist() if each]
    assert len({kind for _, kind, _ in values}) == 6
    abroad = hunt(values, released.folder / "global")
    assert (abroad.hits, abroad.not_read) == ([], [])
    sent = hunt(values, released.mail)
    assert (sent.hits, sent.not_read, sent.files) == ([], [], sent.files)
    assert hunt(values, released.folder / "cn").hits
    (envelope,) = released.envelopes()
    door = border.door_for(released.abroad)
    manifest = opened(envelope, [door.companions["cn"].verifier]).manifest
    assert (manifest.persons, manifest.tokens) == (0, {})


def test_the_command_says_amounts_hidden_keys_and_both_languages(
    released: TwoCells, capsys: pytest.CaptureFixture[str]
) -> None:
    home = released.folder / "global"
    assert asked("report", "consolidated", "--json", "--home", home) == 0
    said = json.loads(capsys.readouterr().out)
    found = consolidated_pnl(released.abroad)
    assert said["rows"] == found.rows.to_pylist()
    assert said["suppressed"] == {"count": found.suppressed.num_rows, "keys": found.suppressed.to_pylist()}
    assert (said["currency"], said["derivable"]) == ("EUR", [])
    month = found.rows["month"][0].as_py()
    assert asked("report", "consolidated", "--by", "channel", "--month", month, "--lang", "zh", "--home", home) == 0
    printed = capsys.readouterr().out
    assert "合并损益表 (EUR)" in printed
    assert "隐去" in printed
    assert asked("report", "consolidated", "--csv", "--home", home) == 0
    assert capsys.readouterr().out.startswith("cell,month,channel,shop,line,detail,state,amount_minor,currency\n")


def test_sums_are_not_translated_into_another_currency(released: TwoCells) -> None:
    with pytest.raises(OtherCurrency, match="in EUR, not in CNY"):
        consolidated_pnl(released.abroad, "CNY")
