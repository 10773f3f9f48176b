"""Three versions of a mapping, one after the other over the same raw log: a replay gives what a fresh import gives.

The first version loses freight (SQL) and does not know a state (code list); the second knows the state; the third reads the
freight too. August is closed under the first: its entries stay, and what the versions found since is restated after it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from entrepot.assembly import open_cell
from entrepot.cli import app_of, importing
from entrepot.connectors.translation import mapping_version
from entrepot.flows.asking import table_rows
from entrepot.flows.closing import close_period
from entrepot.flows.importing import import_paths, replay
from entrepot.residency import person_pads
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.connectors.contract import Connector
    from entrepot.flows.parts import CellParts

_HEADER = "订单编号,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,确认收货时间\n"
_FREIGHT, _CODE = "fen_from_yuan(coalesce(w.\"买家应付邮费\", '0')) as shipping_minor", "交易圆满"
_NOT_OF_THE_MAPPING = ("kept_entries", "ledger_entries", "closings")
"""Tables that say when a period was closed; all others follow from the raw log and the mapping alone."""


def _order(number: int, month: int, state: str) -> str:
    day = f"2026-{month:02d}-{number:02d} 10:00:00"
    return f"99{number:016d},100.00,13.00,113.00,113.00,{state},{day},{day},{day}\n"


_AUGUST = _HEADER + _order(1, 8, "交易成功") + _order(2, 8, _CODE)
_SEPTEMBER = _HEADER + _order(3, 9, "交易成功") + _order(4, 9, _CODE)


def _tmall(parts: CellParts) -> Connector:
    return next(each for each in parts.connectors if each.spec.name == "tmall")


def _version(parts: CellParts, number: int) -> CellParts:
    """The cell under one version of Tmall's mapping: copies of the files, the third as shipped and one state more."""
    tmall = _tmall(parts)
    files = dict(tmall.mapping_files)
    if number > 1:
        known = next(line for line in files["status.csv"].splitlines() if line.startswith("交易成功"))
        files["status.csv"] += known.replace("交易成功", _CODE, 1) + "\n"
    if number < 3:
        assert _FREIGHT in files["rows/tmall_orders.sql"]
        files["rows/tmall_orders.sql"] = files["rows/tmall_orders.sql"].replace(
            _FREIGHT, "cast(0 as bigint) as shipping_minor"
        )
    mended = replace(tmall, texts=files)
    return replace(parts, connectors=tuple(mended if each is tmall else each for each in parts.connectors))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two files, and the keys by which every cell of these tests names people alike."""
    folder = tmp_path_factory.mktemp("versions")
    for name, text in (("august.csv", _AUGUST), ("september.csv", _SEPTEMBER)):
        (folder / name).write_text(text, encoding="utf-8")
    person_pads(folder / "keys")
    return folder


def _imported(company: Path, home: Path, number: int) -> CellParts:
    shutil.copytree(company / "keys", home / "keys")
    parts = _version(open_cell(home), number)
    import_paths(parts, sorted(company.glob("*.csv")))
    return parts


def _entries(parts: CellParts) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table_rows(parts, "ledger_entries").to_pylist()
    return sorted(rows, key=lambda row: (row["entry_id"], row["line_no"]))


def _balances(rows: list[dict[str, Any]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["account"]] += row["amount_minor"]
    return {account: minor for account, minor in sums.items() if minor}


def _of(rows: list[dict[str, Any]], month: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["period"] == month]


@pytest.fixture(scope="module")
def fresh(company: Path, tmp_path_factory: pytest.TempPathFactory) -> CellParts:
    """The same files, only ever read by the third version."""
    return _imported(company, tmp_path_factory.mktemp("fresh") / "company", 3)


def _replayed(home: Path, number: int, patch: pytest.MonkeyPatch, *options: str) -> str:
    """What `entrepot replay` prints under a version."""
    patch.setattr(importing, "open_cell", lambda folder: _version(open_cell(folder), number))
    answer = CliRunner().invoke(app_of(), ["replay", "--home", str(home), *options])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_replay_under_three_versions_gives_the_tables_of_a_fresh_import(
    company: Path, fresh: CellParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _imported(company, tmp_path / "company", 1)
    home, tables = parts.layout.home, [hashes(parts)]
    told = json.loads(_replayed(home, 2, monkeypatch, "--json"))
    goods = {(row["period"], row["moved_minor"]) for row in told["moved"] if row["account"] == "revenue_goods"}
    assert (told["healed_rows"], goods) == (2, {("2026-08", -88_50), ("2026-09", -88_50)})
    tables.append(hashes(parts))
    people = _replayed(home, 3, monkeypatch)
    freight = [line for line in people.splitlines() if "revenue_shipping" in line]
    # Nothing before, 23.00 after, in each of the two months.
    assert [line.count("-23.00") for line in freight] == [2, 2]
    assert "revenue_goods" not in people
    tables.append(hashes(parts))
    # Read again by the same version, nothing moves.
    assert json.loads(_replayed(home, 3, monkeypatch, "--json"))["moved"] == []
    assert hashes(parts) == tables[2] == hashes(fresh)
    assert tables[0]["orders"] != tables[1]["orders"] != tables[2]["orders"]
    used = {row["mapping_version"] for row in table_rows(parts, "orders").to_pylist()}
    assert used == {mapping_version(_tmall(_version(open_cell(home), 3)))}
    assert used.isdisjoint({mapping_version(_tmall(_version(open_cell(home), each))) for each in (1, 2)})


def test_closed_months_stay_and_what_later_versions_found_is_restated(
    company: Path, fresh: CellParts, tmp_path: Path
) -> None:
    first = _imported(company, tmp_path / "company", 1)
    home = first.layout.home
    done = close_period(first, "2026-08", "Li Na", date(2026, 10, 5), accepted=["all"], reason="a test")
    assert done.is_done
    frozen = _of(_entries(first), "2026-08")
    assert _balances(frozen)["revenue_goods"] == -88_50
    seen, parts, entries = [], first, frozen
    for number in (2, 3):
        parts = _version(open_cell(home), number)
        moved = replay(parts).moved
        assert moved is not None
        assert {row["period"] for row in moved.figures} == {"2026-09"}
        seen.append({row["account"]: row["moved_minor"] for row in moved.figures})
        entries = _entries(parts)
        assert _of(entries, "2026-08") == frozen
    # Two orders are new to the second version, one of them of August; freight of four is new to the third.
    assert seen[0]["revenue_goods"] == 2 * -88_50
    assert seen[1]["revenue_shipping"] == 4 * -11_50
    assert "revenue_goods" not in seen[1]
    restated = [row for row in entries if row["posting_rule"] == "restatement"]
    assert {(row["accounting_date"], row["document_date"].month) for row in restated} == {(date(2026, 9, 1), 8)}
    wanted, kept = _balances(_of(_entries(fresh), "2026-08")), _balances(frozen)
    differences = {each: wanted.get(each, 0) - kept.get(each, 0) for each in {*wanted, *kept}}
    assert _balances(restated) == {account: minor for account, minor in differences.items() if minor}
    assert _balances(entries) == _balances(_entries(fresh))
    without = [
        {name: each for name, each in hashes(cell).items() if name not in _NOT_OF_THE_MAPPING}
        for cell in (parts, fresh)
    ]
    assert without[0] == without[1]
