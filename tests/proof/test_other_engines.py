"""SQL beside mappings, rules and reports gives the same rows on the second engine.

What formats are declared in, what readers see, explanations, the first look at a folder, closing, undoing, delivery, and
sums that leave.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from entrepot.assembly import open_cell
from entrepot.delivery.auditing import audit_rows
from entrepot.engine import DuckDBEngine, SparkEngine, parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.explaining import explain_value
from entrepot.ledger import Undoing, derive
from entrepot.ledger.closing.decisions import standing_checks
from entrepot.planning.matching.listings import read_listings, read_skus
from entrepot.reports import open_for_reading
from entrepot.reports.audit.counting import count_tables
from entrepot.reports.explain.pnl import largest_parts
from entrepot.residency import person_pads
from entrepot.testing.engine_suite import compare_relations, material_of
from entrepot.testing.memory_tables import MemoryTables, typed
from entrepot.testing.sail import sail_session
from tests.connectors.casework import CaseFile
from tests.connectors.declared import test_declared_files as declared
from tests.connectors.declared.test_declared_files import LINES, ORDERS, SPEND, ZONED
from tests.ledger.test_closing import HK, MONTH_END, SEPTEMBER
from tests.proof.titled_cases import relations
from tests.residency.aggregates import worlds
from tests.residency.aggregates.test_attacks import small_world
from tests.second_engine import NOT_RUN, judged, sql_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from entrepot.engine import Engine
    from entrepot.testing.sample_company import ImportedCompany


@pytest.fixture(scope="module")
def sail() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


ABROAD = (
    "id,placed,sent,quantity,price,money\r\nA,2026-08-31 23:30:00,2026-09-01T10:00:00+09:00,1,10.50,BRL\r\n"
    "B,2026-09-01T00:00:00Z,2026-09-01 00:00:00 -0300,1,500,JPY\r\nC,2026-09-01 00:00:00,,1,1.5,JPY\r\n"
)
DECLARED: dict[str, tuple[str, list[CaseFile]]] = {
    "orders": (
        ORDERS,
        [
            declared.orders(
                {}, {"商品编码": "SKU-B", "退款": "4.00"}, {"单号": "M2", **declared.UNPAID, "状态": "待付款"}
            ),
            declared.orders({"单号": "M3", "状态": "teleported"}, {"单号": "M4", "数量": "1.5"}, name="refused.csv"),
        ],
    ),
    "settlement_lines": (LINES, [declared.lines({}, declared.FEE, {"金额": "x"})]),
    "orders of another zone": (ZONED, [CaseFile(ABROAD, "abroad.csv")]),
    "ad_spend": (SPEND, [declared.spend({}, {"日期": "2026-09-02", "消耗": "1,000.00"}, {"消耗": "-1"})]),
}


@pytest.mark.parametrize("table", DECLARED)
def test_a_declared_format_is_refused_and_translated_alike(sail: SparkEngine, tmp_path: Path, table: str) -> None:
    description, files = DECLARED[table]
    cell = declared.declared(tmp_path, description, files)
    (batch,) = material_of(open_cell(cell.home)).batches
    pads = person_pads(tmp_path / "keys")
    with DuckDBEngine(threads=1) as reference:
        wanted = relations(reference, batch, pads)
    compared = compare_relations(wanted, relations(sail, batch, pads))
    assert sum(compared.values()) > 2, "something is translated here"
    assert wanted["raw rows"]["reject"].null_count < wanted["raw rows"].num_rows, "something is refused here"


def test_readers_see_the_same(sail: SparkEngine, small_imported: ImportedCompany) -> None:
    tables = newest_tables(small_imported.parts)
    names = ("orders", "payments", "taxes")

    def seen(engine: Engine) -> dict[str, pa.Table]:
        open_for_reading(engine, tables, names)
        return {name: engine.read(name) for name in names}

    with DuckDBEngine(threads=1) as reference:
        wanted = seen(reference)
    assert all(compare_relations(wanted, seen(sail)).values())


def test_figures_are_made_of_the_same_parts(small_imported: ImportedCompany) -> None:
    parts = small_imported.parts
    asked = "pnl/2026-09/tmall/revenue_goods"
    with sail_session() as address:
        found = explain_value(replace(parts, open_engine=lambda: SparkEngine(address)), asked, depth=4, limit=5)
    wanted = explain_value(parts, asked, depth=4, limit=5)
    assert wanted.children
    assert found == wanted


def test_the_page_embeds_the_same_and_a_folder_is_counted_alike(
    sail: SparkEngine, small_imported: ImportedCompany
) -> None:
    tables = newest_tables(small_imported.parts)

    def told(engine: Engine) -> dict[str, Any]:
        counted = count_tables(engine, tables, "EUR")
        listings = read_listings(engine, tables)
        return {
            "largest": sorted(map(repr, largest_parts(engine, tables, "EUR"))),
            "coverage": counted.coverage,
            "values": sorted(map(repr, counted.values)),
            "costs": sorted(map(repr, counted.costs)),
            "listings": sorted(map(repr, listings)),
            "skus": [
                (each.sku_id, each.name, each.article.codes, sorted(each.prices.items())) for each in read_skus(engine)
            ],
        }

    with DuckDBEngine(threads=1) as reference:
        wanted = told(reference)
    assert [name for name in wanted if not wanted[name] and name != "listings"] == []
    assert told(sail) == wanted


def test_the_same_stands_against_closing_and_the_same_is_taken_back(sail: SparkEngine) -> None:
    closing = replace(SEPTEMBER, starts_on=date(2026, 9, 1))

    def told(engine: Engine) -> tuple[list[dict[str, object]], dict[str, pa.Table]]:
        tables = MemoryTables({name: typed(name, rows) for name, rows in MONTH_END.items()})
        files, nothing = typed("raw_files", []), (lambda _done, _of: None)
        derive(engine, tables, HK, {}, files, [], nothing, decision=closing)
        standing = standing_checks(engine)
        tables = MemoryTables({name: typed(name, rows) for name, rows in MONTH_END.items()})
        derive(engine, tables, HK, {}, files, [], nothing)
        tables.rows["orders"] = tables.rows["orders"].slice(1)
        derive(engine, tables, HK, {}, files, [], nothing, undoing=Undoing("7", date(2026, 10, 9)))
        return standing, {"taken back": engine.read("taken_back")}

    with DuckDBEngine(threads=1) as reference:
        wanted = told(reference)
    found = told(sail)
    assert wanted[0]
    assert found[0] == wanted[0]
    assert compare_relations(wanted[1], found[1])["taken back"] > 0


def test_an_erp_differs_from_what_was_sent_in_the_same_lines(sail: SparkEngine) -> None:
    sent = pa.table(
        {
            "document_id": ["EP-1", "EP-1", "EP-2"],
            "company": ["1000"] * 3,
            "posted_on": pa.array([date(2026, 9, 30)] * 3),
            "currency": ["CNY", "CNY", "USD"],
            "account": ["6001", "1122", "6001"],
            "functional_minor": [-100, 100, 7],
            "amount_minor": [-100, 100, 1],
        }
    )
    tied = resources.files("entrepot.delivery").joinpath("sql/tied.sql").read_text(encoding="utf-8")
    lines = "select company, account, functional_minor from ours where document_id = 'EP-{}'"

    def told(engine: Engine) -> list[dict[str, Any]]:
        rows = audit_rows(engine, sent, {})[0]
        engine.define("ledger_postings", parse(lines.format(1), source="ledger"))
        engine.define("document_postings", parse(lines.format(2), source="documents"))
        return sorted([*rows, *engine.read(parse(tied, source="tied.sql")).to_pylist()], key=str)

    with DuckDBEngine(threads=1) as reference:
        wanted = told(reference)
    assert len(wanted) == 5
    assert told(sail) == wanted


def test_sums_that_leave_are_cut_into_the_same_blocks(sail: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [(f"p{number}", ("t1", "t2")[number % 2], 1_000 + number) for number in range(30)]
    news = [(f"n{number}", "t1", 1_500 + number) for number in range(10)]
    asked = [small_world(old, [*old, *news[:new]], name=f"small{new}") for new in (9, 10)]
    wanted = worlds.tell(asked)

    class Borrowed:
        def __init__(self, **_: int) -> None: ...

        def __enter__(self) -> SparkEngine:
            return sail

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(worlds, "DuckDBEngine", Borrowed)
    found = worlds.tell(asked)
    assert found[0] == wanted[0]
    shown = [
        [(each.rows.to_pylist(), each.groups.to_pylist(), each.held) for each in releases]
        for releases in (found[1], wanted[1])
    ]
    assert shown[0] == shown[1]


def test_a_file_that_runs_on_one_engine_and_a_gap_that_is_closed_are_told() -> None:
    files = set(sql_files())
    assert len(files) > 400
    assert judged(files - NOT_RUN.keys(), files) == []
    (alone,) = judged(files - NOT_RUN.keys() - {"reports/sql/pnl.sql"}, files)
    assert alone.startswith("reports/sql/pnl.sql runs on DuckDB alone")
    assert len(judged(files, files)) == len(NOT_RUN)
