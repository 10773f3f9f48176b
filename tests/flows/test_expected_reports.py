"""Every report against what the sample world says it must show: row for row, to the cent, for three companies.

The world works its answers out from events and the written rules, in Python and with none of the product's code.
"""

from __future__ import annotations

import csv
import gzip
import importlib
from collections import defaultdict
from datetime import UTC, date, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.asking import report_rows
from entrepot.reports import REPORTS
from entrepot.reports import compared as cell_compared
from entrepot.sandbox.answers import ANSWERS, NOT_OF_THE_WORLD, OF_THE_OFFICE, compared
from entrepot.sandbox.answers.orders import cut_off, presale
from entrepot.sandbox.arithmetic import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.testing.sample_company import ImportedCompany

_OF_ARRIVAL = {"quality": ("day", "month"), "metrics": ()}
"""Columns that say when a file arrived, which is when the test runs."""
_BY_ARRIVAL = ("duplicates_absorbed", "rows_lost")
"""Metrics whose month is that of arrival."""
_LEFT_OUT = {part.partition("/")[::2] for part in NOT_OF_THE_WORLD}
_CUT = datetime(2026, 9, 18, 12, tzinfo=UTC)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _shown(imported: ImportedCompany, name: str, at: datetime | None = None) -> list[dict[str, Any]]:
    """A report's rows, without what depends on the day of the import."""
    hidden = _OF_ARRIVAL.get(name, ())
    rows = [
        {column: _plain(value) for column, value in row.items() if column not in hidden}
        for row in report_rows(imported.parts, name, "CNY", at).to_pylist()
        if (name, row.get("measure") or row.get("metric") or "") not in _LEFT_OUT
    ]
    return [row | ({"month": ""} if row.get("metric") in _BY_ARRIVAL else {}) for row in rows]


def _sorted(rows: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


def _without_overlap(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    """Rows that only one side has."""
    world, cell = _sorted(wanted), _sorted(found)
    assert len(world) == len(set(world)), "the world says each row once"
    assert len(cell) == len(set(cell)), "the report says each row once"
    return set(world) - set(cell), set(cell) - set(world)


@pytest.mark.parametrize("name", sorted({*ANSWERS} - {"platform_figures"}))
def test_a_report_says_row_for_row_what_happened_in_the_world(imported: ImportedCompany, name: str) -> None:
    wanted = ANSWERS[name](imported.known)
    assert wanted
    assert _without_overlap(wanted, _shown(imported, name)) == (set(), set())


@pytest.mark.parametrize("name", OF_THE_OFFICE)
def test_with_the_offices_own_files_a_report_says_what_the_world_does(office: ImportedCompany, name: str) -> None:
    wanted = ANSWERS[name](office.known)
    assert wanted != ANSWERS[name](office.known_without_office)
    assert _without_overlap(wanted, _shown(office, name)) == (set(), set())


@pytest.mark.parametrize("answer", [presale, cut_off], ids=["presale", "cut_off"])
def test_a_cut_off_in_the_middle_of_a_day_is_the_worlds(imported: ImportedCompany, answer: Any) -> None:
    wanted = answer(imported.known, int(_CUT.timestamp()))
    assert _without_overlap(wanted, _shown(imported, answer.__name__, _CUT)) == (set(), set())


def test_a_month_beside_the_one_before_is_the_worlds(imported: ImportedCompany) -> None:
    rows = report_rows(imported.parts, "pnl", "CNY").to_pylist()
    now, before = ([row for row in rows if row["month"] == month] for month in ("2026-09", "2026-08"))
    found = {
        (line.column, line.line.key): (line.now_minor, line.before_minor, line.change_bp)
        for line in cell_compared(now, before, "channel", "CNY")
        if line.now_minor or line.before_minor
    }
    wanted = {key: value for key, value in compared(imported.known, "2026-09", "2026-08").items() if any(value[:2])}
    assert found == wanted


def test_every_report_has_an_answer_of_the_world_or_says_why_not() -> None:
    unanswered = {name for name, part in _LEFT_OUT if not part}
    assert {report.name for report in REPORTS} == {*ANSWERS, *unanswered}
    assert set(OF_THE_OFFICE) <= set(ANSWERS)
    assert not unanswered & set(ANSWERS)


@pytest.mark.parametrize("part", sorted(NOT_OF_THE_WORLD))
def test_what_the_world_cannot_say_is_held_by_a_test_that_there_is(part: str) -> None:
    reason, check = NOT_OF_THE_WORLD[part]
    path, _, name = check.partition("::")
    assert reason
    assert callable(getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name))


def _shipped(name: str) -> list[dict[str, str]]:
    content = resources.files("entrepot.ledger").joinpath("data", name).read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return list(csv.DictReader(text.decode().splitlines()))


def _e6(decimal: str) -> int:
    """A number with decimals in millionths, without a float in between."""
    whole, _, part = decimal.partition(".")
    return int(whole) * 1_000_000 + int((part + "000000")[:6])


def test_rates_beside_a_second_source_are_those_of_the_shipped_lists(one_imported: ImportedCompany) -> None:
    days: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in _shipped("ecb_reference_rates.csv.gz"):
        for currency, rate in row.items():
            if currency != "Date" and rate:
                days[currency, row["Date"][:7]].append(_e6(rate))
    for (currency, month), rates in list(days.items()):
        if currency == "USD":
            days["EUR", month] = [1_000_000] * len(rates)
    second = {(row["currency"], row["month"]): _e6(row["units_per_usd"]) for row in _shipped("fed_h10_monthly.csv")}
    rows = report_rows(one_imported.parts, "fx_sources", "CNY").to_pylist()
    assert {row["currency"] for row in rows} == {"CNY", "EUR", "HKD"}
    for row in rows:
        key = (row["currency"], row["month"])
        ours, dollars = (half_up(sum(days[each]), len(days[each])) for each in (key, ("USD", row["month"])))
        per_dollar = half_up(ours * 1_000_000, dollars)
        other = second.get(key)
        assert row["days"] == len(days[key])
        assert (row["per_euro_e6"], row["usd_per_euro_e6"], row["per_usd_e6"]) == (ours, dollars, per_dollar)
        assert row["second_per_usd_e6"] == other
        assert row["difference_bp"] == (None if other is None else half_up((per_dollar - other) * 10_000, other))
