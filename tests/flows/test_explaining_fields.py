"""Where a field comes from: over reports, rules, derivations and mappings to the header words of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.errors import FieldUnknown
from entrepot.flows.explaining_fields import FieldPaths, explain_field, known_fields
from entrepot.model import TABLES, Origin
from entrepot.reports import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.explaining_fields import FieldPath
    from entrepot.flows.parts import CellParts


@pytest.fixture
def cell(tmp_path: Path) -> CellParts:
    return open_cell(tmp_path)


def _headers(path: FieldPath, node: str) -> dict[str, dict[str, str]]:
    return {file.format: dict(file.columns) for file in path.nodes[node].files}


def test_the_net_amount_of_a_tmall_line_ends_at_price_quantity_and_what_was_paid(cell: CellParts) -> None:
    path = explain_field(cell, "order_lines.net_minor", "tmall")
    assert path.root.parts == ("order_pieces.gross_minor", "order_pieces.vat_minor")
    assert path.root.steps[0].sql == "p.gross_minor - p.vat_minor"
    assert _headers(path, "order_lines.goods_minor") == {
        "tmall_order_lines": {"价格": "computed", "购买数量": "computed"},
        # By API a line is a row within a document.
        "tmall_live_trades": {"lines": "converted"},
    }
    assert "买家实际支付金额" in _headers(path, "discounts.amount_minor")["tmall_orders"]
    assert {file.connector for node in path.nodes.values() for file in node.files} <= {"tmall", "own"}


def test_a_figure_of_the_report_is_followed_over_every_posting_rule(cell: CellParts) -> None:
    path = explain_field(cell, "pnl.amount_minor", "pinduoduo")
    sources = {node.source for node in path.nodes.values()}
    rules = {"paid", "deposit", "recognised", "cost", "refunded", "settled", "advertised", "journal"}
    assert {f"ledger/rules/{rule}.sql" for rule in rules} <= sources
    assert path.root.stage == "report"
    assert _headers(path, "settlement_lines.amount_minor") == {
        "pinduoduo_bill": {"收入金额（+元）": "computed", "支出金额（-元）": "computed"}
    }


def test_a_table_that_readers_see_joined_is_told_apart_from_the_stored_one(cell: CellParts) -> None:
    path = explain_field(cell, "orders.paid_minor", "jd")
    assert path.root.id == "view:orders.paid_minor"
    assert path.nodes["orders.paid_minor"].stage == "observed"


def test_every_part_of_every_path_is_there_and_no_path_is_empty(cell: CellParts) -> None:
    for field in ("ledger_entries.amount_minor", "order_positions.expected_minor", "gmv_bridge.net_minor"):
        path = explain_field(cell, field)
        assert all(part in path.nodes for node in path.nodes.values() for part in node.parts)
        assert sum(len(node.files) for node in path.nodes.values()) > 20


def test_every_amount_of_every_observed_table_is_filled_by_columns_of_some_file(cell: CellParts) -> None:
    amounts = [
        f"{name}.{column}"
        for name, columns in known_fields().items()
        if name in TABLES and TABLES[name].origin is Origin.OBSERVED
        for column in columns
        if column.endswith("_minor")
    ]
    assert len(amounts) > 30
    unfilled = set()
    paths = FieldPaths(cell.connectors, None)
    for field in amounts:
        files = [file for node in paths.path(field).nodes.values() for file in node.files]
        if not any(file.columns for file in files):
            unfilled.add(field)
    assert unfilled == set()


def test_a_field_that_does_not_exist_names_near_ones(cell: CellParts) -> None:
    with pytest.raises(FieldUnknown) as refused:
        explain_field(cell, "order_lines.net_mnor")
    assert "did you mean order_lines.net_minor" in str(refused.value)
    with pytest.raises(FieldUnknown) as refused:
        explain_field(cell, "order_line.net_minor")
    assert "order_lines.net_minor" in str(refused.value)
    with pytest.raises(FieldUnknown):
        explain_field(cell, "nonsense")


def test_reports_and_tables_have_fields_that_can_be_asked() -> None:
    known = known_fields()
    assert {"pnl", "gmv_bridge", "settlement_status", "trial_balance", "exceptions_summary", *TABLES} <= set(known)
    assert all(known.values())


def test_no_report_has_the_name_of_a_table() -> None:
    # `explain field NAME.COLUMN` takes either: one would hide the other.
    assert {each.name for each in REPORTS} & set(TABLES) == set()
