"""A person is erased: nothing of them is left in the folder, in no file and no encoding, and the books stay (I28)."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from deltalake import DeltaTable

import entrepot
from entrepot.assembly import open_cell
from entrepot.flows.asking import report_rows, select_rows, table_rows
from entrepot.flows.erasing import (
    all_holds,
    erase_persons,
    look_for_persons,
    persons_from_list,
    place_hold,
    release_hold,
)
from entrepot.flows.erasing_find import Asked
from entrepot.flows.importing import import_paths, replay
from entrepot.residency.errors import (
    ErasureHeld,
    HoldUnknown,
    PersonListInvalid,
    PersonUnclear,
    PersonUnknown,
    ReasonPersonal,
    RowsChanged,
)
from entrepot.residency.redaction import Redactor
from entrepot.store import ErasureLog, RawLog, State
from entrepot.store.errors import BlobChanged
from entrepot.testing.equal_tables import hashes
from entrepot.testing.erasure import KEYS_OF_PERSONS, NOT_OF_PERSONS, PLACES, bytes_left, erasable
from entrepot.testing.small_files import Sale, tmall_text

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany

_KILLED = -9
_FILES = ("tmall_orders", "alipay_ledger", "jd_orders", "shopify_orders", "douyin_orders", "mini_orders")
_SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
_PAST = "2020-01-01"


def _erase(parts: CellParts, *persons: Asked) -> Any:
    return erase_persons(parts, persons, "asked by letter", "Li Na")


def _others(parts: CellParts) -> dict[str, str]:
    """Digests of every table that holds no persons, without the keys that stand for them."""
    found = hashes(parts, also_without=KEYS_OF_PERSONS)
    return {name: digest for name, digest in found.items() if name not in NOT_OF_PERSONS}


def _balance(parts: CellParts) -> Any:
    return sorted(report_rows(parts, "trial_balance").to_pylist(), key=str)


def _buyer(parts: CellParts, channel: str, at: int = 0) -> dict[str, Any]:
    """A buyer of a channel: first those whose account no other channel knows, by account.

    Keys are salted anew in each cell and would put another person first in each run; an invented person
    may have the same account on two channels, and whoever is erased on one of them stays on the other.
    """
    rows = [row for row in table_rows(parts, "persons").to_pylist() if row["role"] == "buyer"]
    elsewhere = {row["platform_account"] for row in rows if row["channel"] != channel}
    buyers = (row for row in rows if row["channel"] == channel)
    ordered: list[dict[str, Any]] = sorted(
        buyers,
        key=lambda row: (row["platform_account"] in elsewhere, str(row["platform_account"]), row["person_key"]),
    )
    return ordered[at]


@pytest.fixture(scope="module")
def imported_cell(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cell with orders of five channels, which each test copies."""
    parts = small_company.new_cell(tmp_path_factory.mktemp("imported") / "home")
    import_paths(parts, small_company.data_files(*_FILES))
    return parts.layout.home


@pytest.fixture
def cell(imported_cell: Path, tmp_path: Path) -> CellParts:
    shutil.copytree(imported_cell, tmp_path / "home")
    return open_cell(tmp_path / "home")


def test_after_an_erasure_no_byte_of_the_folder_holds_the_persons_and_the_books_are_the_same(
    small_company: SampleCompany, cell: CellParts, tmp_path: Path
) -> None:
    home = cell.layout.home
    chosen = erasable(small_company, cell, 12)
    values: set[str] = set().union(*(own for _, own in chosen))
    (home / "reports").mkdir()
    (home / "exports").mkdir()
    a_name = min(values)
    (home / "reports" / "page.html").write_text(f"<p>{a_name}</p>", encoding="utf-8")
    (home / "exports" / "list.csv").write_bytes(f"buyer\r\n{a_name}\r\n".encode("gb18030"))
    (home / "exports" / "list16.csv").write_bytes(f"buyer\r\n{a_name}\r\n".encode("utf-16"))
    (home / "access.log").write_text(f'{{"reason": "call {a_name}"}}\n', encoding="utf-8")
    (home / "tmp").mkdir(exist_ok=True)
    (home / "tmp" / "left").write_text(a_name, encoding="utf-8")
    with xlsxwriter.Workbook(str(home / "exports" / "list.xlsx")) as book:
        book.add_worksheet().write_string(0, 0, a_name)
    select_rows(cell, "select * from persons", "a look")
    before = bytes_left(home, values)
    assert set().union(*before.values()) == values
    assert {path.split("/")[0] for path in before} == {"raw", "tables", "reports", "exports", "tmp", "access.log"}
    tables, balance = _others(cell), _balance(cell)
    counts = {name: table_rows(cell, name).num_rows for name in NOT_OF_PERSONS}

    listed = tmp_path / "persons.csv"
    listed.write_text("person\n" + "".join(f"{asked.said}\n" for asked, _ in chosen), encoding="utf-8")
    report = erase_persons(cell, persons_from_list(listed), "asked by letter", "Li Na")

    assert (report.persons, report.missing, report.books_unchanged) == (len(chosen), (), True)
    assert report.blobs >= 4
    assert report.cells > len(values)
    assert bytes_left(home, values) == {}
    assert bytes_left(home, {asked.said for asked, _ in chosen}) == {}
    assert _balance(cell) == balance
    assert _others(cell) == tables
    assert {name: table_rows(cell, name).num_rows for name in NOT_OF_PERSONS} == counts
    replay(cell)
    assert _others(cell) == tables
    assert _balance(cell) == balance
    assert bytes_left(home, values) == {}
    assert (home / "reports" / "page.html").read_text(encoding="utf-8").startswith("<p>[erased:")
    assert not list(home.glob("erasing*"))


def test_other_persons_stay_as_they_are_and_the_erased_ones_still_count(cell: CellParts) -> None:
    one, other = _buyer(cell, "tmall"), _buyer(cell, "tmall", 1)
    rest = [row for row in table_rows(cell, "persons").to_pylist() if row["person_key"] != one["person_key"]]
    orders = select_rows(cell, "select count(distinct buyer_key) as n from orders").to_pylist()
    _erase(cell, Asked(one["platform_account"], "tmall"))
    now = table_rows(cell, "persons").to_pylist()
    assert sorted(row["person_key"] for row in rest) == sorted(
        row["person_key"] for row in now if not str(row["platform_account"]).startswith("[erased:account:")
    )
    assert [row["name"] for row in now if row["person_key"] == other["person_key"]] == [other["name"]]
    assert one["person_key"] not in {row["person_key"] for row in now}
    assert select_rows(cell, "select count(distinct buyer_key) as n from orders").to_pylist() == orders


def test_two_erasures_never_make_one_person_of_two(cell: CellParts) -> None:
    count = table_rows(cell, "persons").num_rows
    for at in (0, 1):
        accounts = sorted(
            row["platform_account"]
            for row in table_rows(cell, "persons").to_pylist()
            if row["channel"] == "tmall" and not row["platform_account"].startswith("[")
        )
        assert _erase(cell, Asked(accounts[at], "tmall")).persons == 1
    accounts = [row["platform_account"] for row in table_rows(cell, "persons").to_pylist() if row["channel"] == "tmall"]
    assert len({each for each in accounts if each.startswith("[erased:account:")}) == 2
    assert table_rows(cell, "persons").num_rows == count


def test_a_person_is_found_by_phone_mail_account_order_and_key(cell: CellParts) -> None:
    abroad, tmall = _buyer(cell, "shopify"), _buyer(cell, "tmall")
    order = select_rows(cell, f"select order_id from orders where buyer_key = '{tmall['person_key']}'").to_pylist()
    reports = [
        look_for_persons(cell, [Asked(abroad["mobile"])]),
        look_for_persons(cell, [Asked(abroad["email"].upper())]),
        look_for_persons(cell, [Asked(abroad["person_key"])]),
    ]
    assert len({(each.persons, each.orders, each.files, each.values) for each in reports}) == 1
    assert reports[0].persons == 1
    by_account = look_for_persons(cell, [Asked(tmall["platform_account"], "tmall")])
    by_order = look_for_persons(cell, [Asked(order[0]["order_id"])])
    assert (by_order.persons, by_order.orders) == (by_account.persons, by_account.orders) == (1, len(order))


def test_who_is_not_here_or_not_clear_is_refused_and_a_masked_phone_finds_nobody(cell: CellParts) -> None:
    before = hashes(cell)
    for said in ("19900000000", "138*****00001", "no such account"):
        with pytest.raises(PersonUnknown) as refused:
            _erase(cell, Asked(said))
        assert said not in str(refused.value)
    accounts: dict[str, set[str]] = {}
    for row in table_rows(cell, "persons").to_pylist():
        accounts.setdefault(str(row["platform_account"]), set()).add(row["channel"])
    twice = sorted(name for name, channels in accounts.items() if len(channels) > 1 and name != "None")
    assert twice, "the sample company has buyers with one account on two platforms"
    with pytest.raises(PersonUnclear) as unclear:
        _erase(cell, Asked(twice[0]))
    assert twice[0] not in str(unclear.value)
    assert hashes(cell) == before


def test_a_list_names_the_lines_that_nobody_answers_to(cell: CellParts, tmp_path: Path) -> None:
    listed = tmp_path / "persons.csv"
    account = _buyer(cell, "jd")["platform_account"]
    listed.write_text(f"person,channel,shop\n{account},jd,\nnobody at all,,\n", encoding="utf-8-sig")
    report = look_for_persons(cell, persons_from_list(listed))
    assert (report.persons, report.missing) == (1, ("line 3",))
    for text in ("name\nx\n", "person,phone\nx,y\n", "person\n\n,\n", "person\n"):
        listed.write_text(text, encoding="utf-8")
        with pytest.raises(PersonListInvalid):
            persons_from_list(listed)


def test_a_hold_refuses_the_erasure_and_says_which_until_it_is_released_or_over(cell: CellParts) -> None:
    person = _buyer(cell, "tmall")
    asked = Asked(person["platform_account"], "tmall")
    order = select_rows(cell, f"select order_id from orders where buyer_key = '{person['person_key']}'").to_pylist()[0]
    before, state = hashes(cell), cell.layout.state
    for whom in (asked, Asked(order["order_id"], place="--order"), None):
        (hold,) = place_hold(cell, whom, _SOON, "lawsuit", "Li Na")
        with pytest.raises(ErasureHeld) as refused:
            _erase(cell, asked)
        assert hold.id in str(refused.value)
        assert _SOON in str(refused.value)
        assert look_for_persons(cell, [asked]).holds == (hold,)
        release_hold(cell, hold.id, "settled", "Li Na")
        with pytest.raises(HoldUnknown):
            release_hold(cell, hold.id, "again", "Li Na")
    assert hashes(cell) == before
    with contextlib.closing(sqlite3.connect(state)) as read:
        assert read.execute("select count(*) from erasures").fetchone() == (0,)
    place_hold(cell, asked, _PAST, "old lawsuit", "Li Na")
    place_hold(cell, Asked(_buyer(cell, "tmall", 1)["person_key"]), _SOON, "another's", "Li Na")
    report = _erase(cell, asked)
    assert report.persons == 1
    assert person["person_key"] not in {hold.subject for hold in all_holds(cell)}
    assert report.erasure_id in {hold.subject for hold in all_holds(cell)}


def test_a_hold_on_one_person_holds_a_whole_list(cell: CellParts) -> None:
    held, free = _buyer(cell, "jd"), _buyer(cell, "jd", 1)
    place_hold(cell, Asked(held["person_key"]), _SOON, "lawsuit", "Li Na")
    before = hashes(cell)
    with pytest.raises(ErasureHeld):
        _erase(cell, Asked(free["person_key"]), Asked(held["person_key"]))
    assert hashes(cell) == before


def test_the_reason_is_kept_and_may_not_name_the_person(cell: CellParts) -> None:
    account = _buyer(cell, "jd")["platform_account"]
    before = hashes(cell)
    with pytest.raises(ReasonPersonal) as refused:
        erase_persons(cell, [Asked(account, "jd")], f"a letter of {account}", "Li Na")
    assert account not in str(refused.value)
    assert hashes(cell) == before
    assert not list(cell.layout.home.glob("erasing*"))


def test_a_dry_run_counts_and_changes_no_byte(cell: CellParts) -> None:
    asked = [Asked(_buyer(cell, "shopify")["email"])]
    before = {path: path.read_bytes() for path in cell.layout.home.rglob("*") if path.is_file()}
    report = erase_persons(cell, asked, "asked", "Li Na", dry_run=True)
    assert (report.erasure_id, report.persons, report.cells) == (None, 1, 0)
    assert report.rows > 0
    after = {path: path.read_bytes() for path in cell.layout.home.rglob("*") if path.is_file()}
    assert {path for path in before if after[path] != before[path]} <= {cell.layout.state}


def test_no_older_version_of_any_table_can_be_opened(cell: CellParts) -> None:
    _erase(cell, Asked(_buyer(cell, "tmall")["person_key"]))
    with contextlib.closing(State(cell.layout)) as state:
        (snapshot,) = state.newest_snapshots(9)
    for name, version in snapshot.versions.items():
        log = cell.layout.tables / name / "_delta_log"
        kept = {path.name[:20] for path in log.iterdir() if path.name[:20].isdigit()}
        assert kept == {f"{version:020d}"}, name
        handle = DeltaTable(str(cell.layout.tables / name))
        assert handle.version() == version
        assert len(handle.file_uris()) == sum(1 for _ in (cell.layout.tables / name).rglob("part-*.parquet")), name


def test_the_redaction_is_a_record_and_a_blob_that_changed_otherwise_is_refused(cell: CellParts) -> None:
    report = _erase(cell, Asked(_buyer(cell, "tmall")["person_key"]))
    with contextlib.closing(State(cell.layout)) as state:
        log = ErasureLog(state)
        done = log.redactions(report.erasure_id)
        (erasure,) = log.erasures()
        ids = {file.raw_id for file in state.files()}
    assert (erasure.reason, erasure.asked_by, erasure.persons) == ("asked by letter", "Li Na", 1)
    assert {each.raw_id for each in done} <= ids
    assert all(each.is_done and each.sha256 != each.raw_id and each.cells > 0 for each in done)
    raw = RawLog(cell.layout)
    target = cell.layout.temporary / "restored"
    cell.layout.temporary.mkdir(exist_ok=True)
    raw.restore(done[0].raw_id, target, {done[0].sha256})
    with pytest.raises(BlobChanged):
        raw.restore(done[0].raw_id, target, {done[0].raw_id})
    assert not target.exists()
    plain = cell.layout.temporary / "forged"
    plain.write_bytes(b"forged")
    raw.replace(plain, done[0].raw_id)
    with pytest.raises(BlobChanged):
        _erase(cell, Asked(_buyer(cell, "jd")["person_key"]))


def test_an_erasure_that_would_change_what_a_row_says_is_stopped_before_the_file_is_touched(
    cell: CellParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard behind the placeholders: a redactor that also takes the order's number is found out."""
    whole = Redactor.row

    def greedy(self: Redactor, cells: list[str]) -> list[str]:
        made = whole(self, cells)
        return ["[gone]", *made[1:]] if made != list(cells) else made

    blobs = {path: path.read_bytes() for path in cell.layout.blobs.rglob("*.zst")}
    person = _buyer(cell, "tmall")["person_key"]
    with monkeypatch.context() as patch:
        patch.setattr(Redactor, "row", greedy)
        with pytest.raises(RowsChanged):
            _erase(cell, Asked(person))
    assert {path: path.read_bytes() for path in blobs} == blobs
    # What was begun is finished by the next writer, now that nothing stands against it.
    replay(cell)
    assert person not in {row["person_key"] for row in table_rows(cell, "persons").to_pylist()}


def test_the_same_export_comes_again_and_brings_nobody_back(small_company: SampleCompany, cell: CellParts) -> None:
    person = _buyer(cell, "tmall")
    _erase(cell, Asked(person["person_key"]))
    again = import_paths(cell, small_company.data_files("tmall_orders"))
    assert {file.status for file in again.files} == {"already_imported"}
    assert bytes_left(cell.layout.home, {person["platform_account"], person["person_key"]}) == {}


def _write_tmall(path: Path, first: int, form: str) -> None:
    """Three orders of one buyer and one of another who writes of the first; as CSV of an encoding, packed or a workbook."""
    text = tmall_text([Sale(f"28000000000{first + at}", 5_900 + at) for at in range(4)])
    rows = [[*row, ""] for row in csv.reader(io.StringIO(text))]
    rows[0][-1] = "买家留言"
    for row in rows[1:4]:
        row[1], row[7], row[-1] = "小鱼海88", "余小海", "放门口"
    rows[4][-1] = "和 小鱼海88 一起发"
    if form == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            for sheet, part in (("orders", rows), ("notes", [["小鱼海88"]])):
                page = book.add_worksheet(sheet)
                for at, row in enumerate(part):
                    page.write_row(at, 0, row)
        return
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    content = out.getvalue().encode("gb18030" if form == "zip" else form)
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner/orders.csv", content)
    else:
        path.write_bytes(content)


def test_workbooks_archives_and_every_encoding_lose_the_person_and_keep_the_orders(tmp_path: Path) -> None:
    forms = ("gb18030", "utf-8", "utf-8-sig", "utf-16", "zip", "xlsx")
    paths = [tmp_path / f"orders-{at}.{form if form in ('zip', 'xlsx') else 'csv'}" for at, form in enumerate(forms)]
    for at, (path, form) in enumerate(zip(paths, forms, strict=True)):
        _write_tmall(path, 10_000 + 10 * at, form)
    cell = open_cell(tmp_path / "home")
    assert [file.rows for file in import_paths(cell, paths).files] == [4] * len(forms)
    person = {"小鱼海88", "余小海"}
    # The row of an archive's member and of a workbook is packed once more than that of a plain file.
    blobs = [path for path in bytes_left(cell.layout.home, person) if path.startswith("raw/blobs")]
    assert len(blobs) == len(forms)
    tables, balance = _others(cell), _balance(cell)
    report = _erase(cell, Asked("小鱼海88", "tmall"))
    assert (report.persons, report.orders, report.blobs, report.books_unchanged) == (1, 18, 6, True)
    assert bytes_left(cell.layout.home, person) == {}
    replay(cell)
    assert (_others(cell), _balance(cell)) == (tables, balance)
    assert table_rows(cell, "orders").num_rows == 4 * len(forms)
    accounts = {row["platform_account"] for row in table_rows(cell, "persons").to_pylist()}
    assert len(accounts) == 1 + len(forms)
    # The user's own files are not ours.
    assert bytes_left(tmp_path, person) != {}


def test_who_stands_in_refused_rows_only_is_found_by_order_and_account_and_erased(tmp_path: Path) -> None:
    sales = [Sale("2800000000010001", 5_900), *(Sale(f"280000000001000{at}", 100, status="虚构") for at in (2, 3))]
    paths = [tmp_path / "orders.csv"]
    paths[0].write_text(tmall_text(sales), encoding="utf-8")
    cell = open_cell(tmp_path / "home")
    assert [file.quarantined for file in import_paths(cell, paths).files] == [2]
    tables = _others(cell)
    for said, buyer in (("2800000000010002", "buyer of 2800000000010002"), ("buyer of 2800000000010003",) * 2):
        assert buyer in set().union(*bytes_left(cell.layout.home, {buyer}).values())
        report = _erase(cell, Asked(said))
        assert (report.persons, report.rows, report.blobs) == (1, 1, 1)
        assert bytes_left(cell.layout.home, {buyer}) == {}
    assert _others(cell) == tables
    assert [row["platform_account"] for row in table_rows(cell, "persons").to_pylist()] == ["buyer of 2800000000010001"]


def _die(home: Path, place: str, listed: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(Path(entrepot.__file__).parent.parent)}
    command = [sys.executable, "-m", "entrepot.testing.erasure", "--die", place, "--home", str(home)]
    command += ["--file", str(listed)]
    return subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=False).returncode


def test_an_erasure_that_dies_at_every_place_in_turn_is_finished_by_the_next_import(
    small_company: SampleCompany, lean_cell: Path, tmp_path: Path
) -> None:
    """Each run finishes a little more of what the one before left, and readers see the same books all the time."""
    home, listed = tmp_path / "home", tmp_path / "persons.csv"
    shutil.copytree(lean_cell, home)
    cell = open_cell(home)
    chosen = erasable(small_company, cell, 2)
    values: set[str] = set().union(*(own for _, own in chosen))
    tables, balance = _others(cell), _balance(cell)
    listed.write_text("person\n" + "".join(f"{asked.said}\n" for asked, _ in chosen), encoding="utf-8")
    assert next(iter(PLACES)) == "plan_kept"
    for place in list(PLACES)[:-1]:
        assert _die(home, place, listed) == _KILLED, place
        assert (_others(cell), _balance(cell)) == (tables, balance), place
    import_paths(cell, [])
    _all_is_gone(cell, values, {asked.said for asked, _ in chosen})
    assert (_others(cell), _balance(cell)) == (tables, balance)


def test_an_erasure_that_dies_right_at_its_end_leaves_only_its_plan_which_the_next_import_drops(
    small_company: SampleCompany, lean_cell: Path, tmp_path: Path
) -> None:
    home, listed = tmp_path / "home", tmp_path / "persons.csv"
    shutil.copytree(lean_cell, home)
    cell = open_cell(home)
    ((asked, own),) = erasable(small_company, cell, 1)
    listed.write_text(f"person\n{asked.said}\n", encoding="utf-8")
    assert _die(home, "finished", listed) == _KILLED
    assert {path.split("/")[0] for path in bytes_left(home, own)} == {"erasing"}
    import_paths(cell, [])
    _all_is_gone(cell, own, {asked.said})


def _all_is_gone(cell: CellParts, values: set[str], keys: set[str]) -> None:
    assert bytes_left(cell.layout.home, values | keys) == {}
    assert not list(cell.layout.home.glob("erasing*"))
    with contextlib.closing(State(cell.layout)) as state:
        assert ErasureLog(state).unfinished() == []
        assert len(ErasureLog(state).erasures()) == 1


@pytest.fixture(scope="module")
def lean_cell(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cell with two channels only, for tests that die again and again."""
    parts = small_company.new_cell(tmp_path_factory.mktemp("lean") / "home")
    import_paths(parts, small_company.data_files("tmall_orders"))
    return parts.layout.home
