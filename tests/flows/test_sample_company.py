"""The whole journey against an independent second opinion: every figure of every platform, to the cent.

The sample world computes what must come out from its events and the written rules, with none of the product's code.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import report_rows, table_rows
from entrepot.reports import LINES, statement_of
from entrepot.testing import second_opinion
from entrepot.testing.second_opinion import PLATFORMS, differing, platform

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany

each_platform = pytest.mark.parametrize("of", PLATFORMS)


@each_platform
def test_every_line_of_the_profit_and_loss_is_the_worlds(imported: ImportedCompany, of: str) -> None:
    wanted = second_opinion.world_pnl(imported.expected, of)
    assert wanted
    assert differing(wanted, second_opinion.cell_pnl(imported, of)) == {}


@each_platform
def test_every_sku_earns_what_it_earned_in_the_world(imported: ImportedCompany, of: str) -> None:
    wanted = second_opinion.world_pnl_by_sku(imported.expected, of)
    assert wanted
    assert differing(wanted, second_opinion.cell_pnl(imported, of, by_sku=True)) == {}


@each_platform
def test_the_bridge_from_gmv_to_net_revenue_is_the_worlds(imported: ImportedCompany, of: str) -> None:
    wanted = second_opinion.world_bridge(imported.expected, of)
    assert wanted
    assert differing(wanted, second_opinion.cell_bridge(imported, of)) == {}


@each_platform
def test_every_order_is_worth_what_it_was_in_the_world(imported: ImportedCompany, of: str) -> None:
    wanted = second_opinion.world_orders(imported.expected, of)
    assert wanted
    assert differing(wanted, second_opinion.cell_orders(imported, of)) == {}


@each_platform
def test_a_person_is_shown_every_planted_exception_and_no_other(imported: ImportedCompany, of: str) -> None:
    wanted = second_opinion.world_exceptions(imported, of)
    assert wanted
    assert differing(wanted, second_opinion.cell_exceptions(imported, of)) == {}


def test_subtotals_of_the_statement_add_up_like_the_worlds(imported: ImportedCompany) -> None:
    statement = statement_of(report_rows(imported.parts, "pnl", "CNY").to_pylist(), "channel", "CNY")
    subtotals = [line.key for line in LINES if line.is_subtotal]
    assert len(subtotals) == 3
    wanted: Counter[tuple[str, str]] = Counter()
    for (channel, _, _, line), minor in imported.expected.pnl.items():
        if line in subtotals:
            wanted[line, platform(channel)] += minor
    found: Counter[tuple[str, str]] = Counter()
    for line in subtotals:
        for column, minor in statement.figures[line].items():
            found[line, platform(column)] += minor
    assert differing(wanted, found) == {}


def test_nothing_is_booked_for_a_platform_that_the_world_does_not_have(imported: ImportedCompany) -> None:
    channels = {row["channel"] for row in table_rows(imported.parts, "ledger_entries").to_pylist()}
    assert {platform(channel) for channel in channels} <= set(PLATFORMS)


def test_every_file_of_the_company_is_recognised_and_every_row_accounted_for(imported: ImportedCompany) -> None:
    found = {file.path: (file.status, file.error) for file in imported.report.files}
    refused = {path: what for path, what in found.items() if what[0] not in ("imported", "already_imported")}
    assert refused == {}
    rows = {file.path.replace("!", "/").rsplit("/", 1)[-1]: file for file in imported.report.files}
    for written in imported.company.written:
        name = written.path.rsplit("/", 1)[-1].replace(".zip", ".csv")
        if written.role != "company" and not name.startswith(("orders_export", "payment_transactions")):
            assert (name, rows[name].rows) == (name, written.rows)


def test_the_sizes_of_all_files_together_are_the_worlds(imported: ImportedCompany) -> None:
    written = Counter({"rows": sum(file.rows for file in imported.company.written if file.role != "company")})
    assert sum(file.rows for file in imported.report.files) == written["rows"]
    quarantined = sum(file.quarantined for file in imported.report.files)
    assert quarantined == len(imported.company.world.broken)


def test_the_same_bytes_under_another_name_are_duplicates(imported: ImportedCompany) -> None:
    copies = [written for written in imported.company.written if written.role == "copy"]
    assert copies
    repeated = [file for file in imported.report.files if file.status == "already_imported"]
    assert len(repeated) == len(copies)
    for file in repeated:
        assert (file.canonical, file.duplicates, file.quarantined) == (0, file.rows, 0)
