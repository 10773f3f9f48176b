"""A month of the small company is closed, corrected from outside, reopened: what readers see, and what they never see."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable, write_deltalake
from typer.testing import CliRunner

from entrepot.assembly import open_cell
from entrepot.cli import app_of
from entrepot.delivery import JournalAsked
from entrepot.delivery.registry import layout_named
from entrepot.flows.asking import report_rows, select_rows, table_rows
from entrepot.flows.calendars import check_fiscal_report
from entrepot.flows.closing import close_period, period_states, reopen_period
from entrepot.flows.errors import CalendarChanged, PeriodNotClosable, PeriodUnknown
from entrepot.flows.exporting import export_journal
from entrepot.flows.importing import import_paths, replay
from entrepot.flows.undoing import counting_and_undone, undo
from entrepot.store import State
from entrepot.store.errors import NothingPublished
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany, SampleCompany

_TODAY = date(2026, 11, 20)
_END = date(2026, 9, 30)


@pytest.fixture(scope="module")
def imported_home(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A company whose statement of September has not come yet, and that statement."""
    home = tmp_path_factory.mktemp("to-close") / "company"
    files = small_company.data_files("tmall_orders", "alipay_ledger")
    late = next(path for path in files if "20260901" in path.name)
    import_paths(small_company.new_cell(home), [path for path in files if path != late])
    return home, late


@pytest.fixture(scope="module")
def closed_home(imported_home: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same, September closed."""
    home = tmp_path_factory.mktemp("closed") / "company"
    shutil.copytree(imported_home[0], home)
    assert close_period(open_cell(home), "2026-09", "Li Na", _TODAY, accepted=["all"], reason="a test").is_done
    return home, imported_home[1]


def _copy(home: Path, to: Path) -> CellParts:
    shutil.copytree(home, to / "company")
    return open_cell(to / "company")


def _with_rows(parts: CellParts) -> dict[str, str]:
    """Tables that hold something; one that a dead process made is there and empty."""
    return {name: each for name, each in hashes(parts).items() if not each.startswith("0 rows")}


def _entries(parts: CellParts) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table_rows(parts, "ledger_entries").to_pylist()
    return sorted(rows, key=lambda row: (row["entry_id"], row["line_no"]))


def _closed_days(parts: CellParts) -> list[dict[str, Any]]:
    return [row for row in _entries(parts) if row["accounting_date"] <= _END]


def _balances(rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["cause_kind"] != "closing":
            sums[row["account"], row["currency"]] += row["amount_minor"]
    return {key: minor for key, minor in sums.items() if minor}


def test_what_stands_against_closing_is_named_and_nothing_is_kept(
    imported_home: tuple[Path, Path], tmp_path: Path
) -> None:
    parts = _copy(imported_home[0], tmp_path)
    before = hashes(parts)
    report = close_period(parts, "2026-09", "Li Na", _TODAY)
    assert not report.is_done
    assert "sku_without_cost" in report.standing
    assert report.posted
    assert hashes(parts) == before
    # The next writer begins where readers are.
    assert replay(parts).snapshot_id is not None
    assert _with_rows(parts) == {name: each for name, each in before.items() if not each.startswith("0 rows")}


def test_a_dry_run_shows_the_postings_and_keeps_nothing(imported_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(imported_home[0], tmp_path)
    before = hashes(parts)
    report = close_period(parts, "2026-09", "", _TODAY, accepted=["all"], dry_run=True)
    assert (report.is_done, report.standing) == (False, [])
    assert {row["posting_rule"] for row in report.posted} == {"accrued_fees"}
    assert hashes(parts) == before


def test_a_closed_month_is_the_same_after_replay_and_a_late_file_counts_once(
    closed_home: tuple[Path, Path], imported_home: tuple[Path, Path], tmp_path: Path
) -> None:
    parts = _copy(closed_home[0], tmp_path)
    closed = _closed_days(parts)
    whole = _entries(parts)
    replay(parts)
    assert _entries(parts) == whole
    import_paths(parts, [closed_home[1]])
    assert _closed_days(parts) == closed
    restated = [row for row in _entries(parts) if row["posting_rule"] == "restatement"]
    assert {row["accounting_date"] for row in restated} == {date(2026, 10, 1)}
    assert {row["document_date"] <= _END for row in restated} == {True}
    # All in all the books say what they would without a closing.
    open_books = _copy(imported_home[0], tmp_path / "open")
    import_paths(open_books, [closed_home[1]])
    assert _balances(_entries(parts)) == _balances(_entries(open_books))


def test_undoing_a_file_of_a_closed_month_leaves_the_month_and_takes_back_after_it(
    closed_home: tuple[Path, Path], tmp_path: Path
) -> None:
    parts = _copy(closed_home[0], tmp_path)
    closed = _closed_days(parts)
    raw_id = next(file.raw_id for file in counting_and_undone(parts)[0] if "20260801" in file.file_name)
    undo(parts, [raw_id], "wrong account", "Li Na")
    assert _closed_days(parts) == closed
    added = [row for row in _entries(parts) if row["posting_rule"] == "restatement"]
    assert [row for row in added if row["account"] == "wallet" and row["cause_id"].startswith("settled:")]
    assert {row["accounting_date"] for row in added} == {date(2026, 10, 1)}


def test_every_kept_entry_has_a_voucher_number_without_gaps(closed_home: tuple[Path, Path]) -> None:
    parts = open_cell(closed_home[0])
    numbers: dict[tuple[str, str], set[int]] = {}
    for row in _closed_days(parts):
        period, _, number = row["voucher_no"].rpartition("-")
        assert period == row["fiscal_period"]
        numbers.setdefault((row["entity_id"], period), set()).add(int(number))
    assert numbers
    assert all(found == set(range(1, len(found) + 1)) for found in numbers.values())
    assert {row["voucher_no"] for row in _entries(parts) if row["accounting_date"] > _END} == {None}


def test_periods_close_in_order_when_they_are_over_and_once(closed_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(closed_home[0], tmp_path)
    for period, why in (
        ("2026-09", "closed already"),
        ("2026-11", "FY2026-P10 is the next"),
    ):
        with pytest.raises(PeriodNotClosable, match=why):
            close_period(parts, period, "Li Na", date(2027, 1, 1))
    with pytest.raises(PeriodNotClosable, match="2026-10-31, which is not over"):
        close_period(parts, "FY2026-P10", "Li Na", date(2026, 10, 31))
    with pytest.raises(PeriodUnknown, match="no period 2026-13; periods are written FY2026-P01 or 2026-09"):
        close_period(parts, "2026-13", "Li Na", _TODAY)
    with pytest.raises(PeriodNotClosable, match="newest closed period is FY2026-P09"):
        reopen_period(parts, "2026-08", "Li Na", "why not", _TODAY)
    states = {state.fiscal_period: state.state for state in period_states(parts)}
    assert (states["FY2026-P09"], states["FY2026-P10"]) == ("closed", "open")


def test_a_reopened_month_keeps_its_numbers_and_is_closed_again(closed_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(closed_home[0], tmp_path)
    numbered = {row["entry_id"]: row["voucher_no"] for row in _closed_days(parts)}
    reopen_period(parts, "2026-09", "Li Na", "a late bill", _TODAY)
    assert {each.state for each in period_states(parts) if each.fiscal_period == "FY2026-P09"} == {"open"}
    assert close_period(parts, "2026-09", "Li Na", _TODAY, accepted=["all"], reason="again").is_done
    again = {row["entry_id"]: row["voucher_no"] for row in _closed_days(parts)}
    assert {entry: again[entry] for entry in numbered} == numbered
    months = [row for row in _entries(parts) if row["cause_kind"] == "closing" and row["period"] == "2026-09"]
    assert {row["cause_id"] for row in months} == {"FY2026-P09.1", "FY2026-P09.2"}
    first = [row for row in months if row["cause_id"] == "FY2026-P09.1"]
    assert sum(row["amount_minor"] for row in first if row["account"] == "accrued_fees") == 0


def test_a_closing_that_dies_before_it_is_published_never_was(
    imported_home: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _copy(imported_home[0], tmp_path)
    before = hashes(parts)
    with monkeypatch.context() as patch:
        patch.setattr(State, "publish", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            close_period(parts, "2026-09", "Li Na", _TODAY, accepted=["all"], reason="a test")
    assert hashes(parts) == before
    import_paths(parts, [imported_home[1]])
    direct = _copy(imported_home[0], tmp_path / "direct")
    import_paths(direct, [imported_home[1]])
    assert _with_rows(parts) == _with_rows(direct)


def test_closed_months_survive_a_version_with_more_columns(closed_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(closed_home[0], tmp_path)
    closed = _closed_days(parts)
    with contextlib.closing(State(parts.layout)) as state:
        snapshot = state.newest_snapshot()
        assert snapshot is not None
        handle = DeltaTable(str(parts.layout.tables / "kept_entries"))
        rows = handle.to_pyarrow_table().drop_columns(["counterparty_id"])
        write_deltalake(handle, rows, mode="overwrite", schema_mode="overwrite")
        version = DeltaTable(str(parts.layout.tables / "kept_entries")).version()
        state.publish({**snapshot.versions, "kept_entries": version}, [])
    replay(parts)
    assert _closed_days(parts) == [{**row, "counterparty_id": None} for row in closed]


def test_the_command_leaves_with_one_and_says_how_to_accept(imported_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(imported_home[0], tmp_path)
    home = str(parts.layout.home)
    run = CliRunner()
    refused = run.invoke(app_of(), ["close", "2026-09", "--by", "Li Na", "--home", home])
    assert refused.exit_code == 1
    assert "--accept sku_without_cost" in refused.output
    names = [
        row["name"]
        for row in json.loads(run.invoke(app_of(), ["close", "2026-09", "--dry-run", "--json", "--home", home]).stdout)[
            "checks"
        ]
    ]
    options = [part for name in sorted(set(names)) for part in ("--accept", name)]
    done = run.invoke(
        app_of(), ["close", "2026-09", "--by", "Li Na", *options, "--reason", "known", "--lang", "zh", "--home", home]
    )
    assert done.exit_code == 0, done.output
    assert "已结账" in done.output
    rows = report_rows(parts, "trial_balance").to_pylist()
    assert "accrued_fees" in {row["account"] for row in rows}
    listed = json.loads(run.invoke(app_of(), ["periods", "--json", "--home", home]).stdout)["periods"]
    assert {row["fiscal_period"]: row["state"] for row in listed}["FY2026-P09"] == "closed"


def test_a_folder_that_is_not_there_is_not_made_and_not_closed(tmp_path: Path) -> None:
    home = tmp_path / "misspelt"
    for command in (
        ["close", "2026-09", "--by", "Li Na"],
        ["reopen", "2026-09", "--by", "Li Na", "--reason", "x"],
        ["periods"],
    ):
        refused = CliRunner().invoke(app_of(), [*command, "--home", str(home)])
        assert isinstance(refused.exception, NothingPublished), command
    assert not home.exists()


@pytest.fixture(scope="module")
def closed_for_one(small_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of four, August closed for one of them."""
    home = tmp_path_factory.mktemp("one-of-four") / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    report = close_period(
        open_cell(home), "2026-08", "Li Na", _TODAY, entity="hk-trading", accepted=["all"], reason="x"
    )
    assert report.is_done
    assert {row["shop"] for row in report.posted} == {"douyin-yuxun-global"}
    assert {row["entity_id"] for row in report.vouchers} == {"hk-trading"}
    assert {row["shop"] for row in report.checks} <= {"douyin-yuxun-global", None}
    # A row that could not be read names its platform only: that of Douyin may be ours, those of Tmall are not.
    assert {row["channel"] for row in report.checks if row["shop"] is None} == {"douyin"}
    return home


def _of(rows: list[dict[str, Any]], entity: str, *, month: str = "2026-08") -> list[dict[str, Any]]:
    return [row for row in rows if row["entity_id"] == entity and row["period"] == month]


def test_one_company_closes_and_the_others_stay_as_open_as_they_were(
    closed_for_one: Path, small_imported: ImportedCompany
) -> None:
    before, after = _entries(small_imported.parts), _entries(open_cell(closed_for_one))
    for entity in ("cn-shanghai", "us-inc", "de-gmbh"):
        assert _of(after, entity) == _of(before, entity)
    kept = table_rows(open_cell(closed_for_one), "kept_entries").to_pylist()
    assert {row["entity_id"] for row in kept} == {"hk-trading"}
    mine = _of(after, "hk-trading")
    assert all(row["voucher_no"] for row in mine)
    assert _balances(mine) == _balances(_of(before, "hk-trading"))
    assert not _balances([row for row in after if row["period"] == "2026-09" and row["cause_kind"] == "restatement"])
    states = {each.fiscal_period: (each.state, each.closed_for) for each in period_states(open_cell(closed_for_one))}
    assert states["FY2026-P08"] == ("partly_closed", ("hk-trading",))
    assert states["FY2026-P09"] == ("open", ())


def test_what_a_closed_company_hears_later_is_restated_and_what_an_open_one_hears_is_not(
    closed_for_one: Path, tmp_path: Path
) -> None:
    parts = _copy(closed_for_one, tmp_path)
    counting, _ = counting_and_undone(parts)
    orders = [each for each in counting if each.format == "douyin_orders" and "202608" in str(each.file_name)]
    assert len(orders) == 2
    undo(parts, [each.raw_id for each in orders], "Li Na", "a test")
    rows = _entries(parts)
    restated = {row["entity_id"] for row in rows if row["posting_rule"] == "restatement"}
    taken_back = {row["entity_id"] for row in rows if row["posting_rule"] == "taken_back"}
    assert restated == {"hk-trading"}
    assert "cn-shanghai" in taken_back


def test_companies_close_together_after_one_closed_alone_and_it_does_not_close_twice(
    closed_for_one: Path, tmp_path: Path
) -> None:
    parts = _copy(closed_for_one, tmp_path)
    alone = _of(_entries(parts), "hk-trading")
    with pytest.raises(PeriodNotClosable, match="it is closed already"):
        close_period(parts, "2026-08", "Li Na", _TODAY, entity="hk-trading", accepted=["all"], reason="x")
    with pytest.raises(PeriodNotClosable, match=r"there is no company fr; cell\.toml has cn-shanghai"):
        close_period(parts, "2026-08", "Li Na", _TODAY, entity="fr", accepted=["all"], reason="x")
    with pytest.raises(PeriodNotClosable, match=r"FY2026-P09 is the next of hk-trading"):
        close_period(parts, "2026-10", "Li Na", _TODAY, entity="hk-trading", accepted=["all"], reason="x")
    with pytest.raises(PeriodNotClosable, match="closed for hk-trading alone; name it with `--entity`"):
        reopen_period(parts, "2026-08", "Li Na", "a test", _TODAY)
    report = close_period(parts, "2026-08", "Li Na", _TODAY, accepted=["all"], reason="x")
    assert report.is_done
    assert "douyin-yuxun-global" not in {row["shop"] for row in report.posted}
    assert _of(_entries(parts), "hk-trading") == alone
    with pytest.raises(PeriodNotClosable, match="all companies together; leave `--entity` out"):
        reopen_period(parts, "2026-08", "Li Na", "a test", _TODAY, entity="us-inc")
    assert reopen_period(parts, "2026-08", "Li Na", "a test", _TODAY).is_done
    states = {each.fiscal_period: (each.state, each.closed_for) for each in period_states(parts)}
    assert states["FY2026-P08"] == ("partly_closed", ("hk-trading",))
    assert reopen_period(parts, "2026-08", "Li Na", "a test", _TODAY, entity="hk-trading").is_done
    assert {each.state for each in period_states(parts) if each.fiscal_period == "FY2026-P08"} == {"open"}


_WEEKS = '\n[calendar]\npattern = "4-4-5"\nyear_end = "nearest"\nyear_end_weekday = "saturday"\nyear_end_month = 8\n'


def test_another_calendar_shows_no_period_until_the_tables_were_made_with_it(
    imported_home: tuple[Path, Path], tmp_path: Path
) -> None:
    parts = _copy(imported_home[0], tmp_path)
    entries = sum(each.entries for each in period_states(parts))
    with parts.layout.settings.open("a", encoding="utf-8") as settings:
        settings.write(_WEEKS)
    parts = open_cell(parts.layout.home)
    with pytest.raises(CalendarChanged, match=r"in the tables, and .* run `entrepot replay` first"):
        period_states(parts)
    asked = ["export", "journal", "--home", str(parts.layout.home), "--period", "fy2027-p01"]
    home = ["--home", str(parts.layout.home)]
    shown = [
        ["report", "pnl", *home, "--by", "period"],
        ["report", "pnl", *home, "--period", "FY2026-P09"],
        ["report", "workbook", *home, "--period", "FY2026-P09"],
    ]
    for words in (asked, *shown):
        refused = CliRunner().invoke(app_of(), words).exception
        assert isinstance(refused, CalendarChanged), words
        assert "run `entrepot replay` first" in str(refused)
    assert CliRunner().invoke(app_of(), ["report", "pnl", *home, "--by", "month"]).exit_code == 0
    replay(parts)
    assert CliRunner().invoke(app_of(), ["report", "pnl", *home, "--by", "period"]).exit_code == 0
    states = period_states(parts)
    assert sum(each.entries for each in states) == entries
    assert (date(2026, 8, 30), date(2026, 9, 26)) in {(each.starts_on, each.ends_on) for each in states}
    told = CliRunner().invoke(app_of(), [*asked, "--json"])
    assert (told.exit_code, json.loads(told.output)["period"]) == (0, "FY2027-P01")
    ledger = "select sum(amount_minor) as n from ledger_entries where amount_minor > 0 and fiscal_period = 'FY2027-P01'"
    assert (
        sum(row["debit_minor"] for row in json.loads(told.output)["totals"])
        == select_rows(parts, ledger)["n"][0].as_py()
    )


def test_what_was_closed_keeps_its_calendar(closed_home: tuple[Path, Path], tmp_path: Path) -> None:
    parts = _copy(closed_home[0], tmp_path)
    with parts.layout.settings.open("a", encoding="utf-8") as settings:
        settings.write(_WEEKS)
    parts = open_cell(parts.layout.home)
    for command in (
        lambda: reopen_period(parts, "FY2026-P09", "Li Na", "a test", _TODAY),
        lambda: close_period(parts, "FY2027-P02", "Li Na", _TODAY, accepted=["all"], reason="a test"),
        lambda: period_states(parts),
        # Open entries would get their periods anew beside closed ones that keep theirs.
        lambda: replay(parts),
        lambda: export_journal(parts, JournalAsked("FY2027-P02", "day", is_fiscal=True), layout_named("plain"), "csv"),
        lambda: check_fiscal_report(parts),
    ):
        with pytest.raises(CalendarChanged, match="FY2026-P09 is 2026-09-01 to 2026-09-30 where it was closed"):
            command()
