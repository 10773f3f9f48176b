"""The worked example of CONTRIBUTING.md is a connector that works as it stands there."""

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.contract import Connector
from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.importing import import_paths
from entrepot.flows.parts import CellParts

_BLOCK = re.compile(r"^```\w+ file=(?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Path]:
    for block in _BLOCK.finditer(_GUIDE.read_text(encoding="utf-8")):
        target = tmp_path / block["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block["text"], encoding="utf-8")
    (tmp_path / "bazaar" / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name == "bazaar" or name.startswith("bazaar.")]:
        del sys.modules[name]


def _cell_with_bazaar(folder: Path) -> CellParts:
    connector = Connector(
        importlib.import_module("bazaar.spec").SPEC, importlib.import_module("bazaar.files").FORMATS, "bazaar"
    )
    parts = open_cell(folder / "company")
    return replace(parts, connectors=(*parts.connectors, connector))


def test_the_example_connector_imports_its_case(example: Path) -> None:
    parts = _cell_with_bazaar(example)
    report = import_paths(parts, [example / "bazaar.csv"])

    assert [(file.format, file.rows, file.canonical, file.reasons) for file in report.files] == [
        ("bazaar_orders", 3, 2, {"unknown_code": 1})
    ]
    orders = table_rows(parts, "orders").to_pylist()
    assert [(row["order_id"], row["goods_minor"], row["paid_minor"], row["state"]) for row in orders] == [
        ("B-1001", 5980, 5980, "completed")
    ]
    revenue = sum(
        row["amount_minor"] for row in report_rows(parts, "pnl").to_pylist() if row["line"] == "revenue_goods"
    )
    # 39.80 and 20.00 with 13 % VAT inside: 39.80 - 4.58 + 20.00 - 2.30.
    assert revenue == 3522 + 1770


def test_an_unknown_status_is_quarantined_with_its_word_and_posts_nothing(example: Path) -> None:
    parts = _cell_with_bazaar(example)
    import_paths(parts, [example / "bazaar.csv"])

    quarantined = table_rows(parts, "quarantine").to_pylist()
    assert [(row["row_no"], row["reason"], row["field"], row["code_value"]) for row in quarantined] == [
        (4, "unknown_code", "Status", "teleported")
    ]
    entries = table_rows(parts, "ledger_entries").to_pylist()
    assert not [entry for entry in entries if entry["order_id"] == "bazaar:B-1002"]
