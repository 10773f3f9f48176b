"""Each ERP's file, to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import entrepot.delivery
from entrepot.delivery import LAYOUTS, Layout, mapping_text, read_mapping, write_table
from entrepot.delivery.errors import SheetTooLong
from entrepot.delivery.journals import JournalAsked, build_journals
from entrepot.delivery.registry import ERPS, layout_named
from entrepot.engine import DuckDBEngine, parse
from tests.delivery.entries import entries_table, entry

FOREIGN = entry(
    "settled:1",
    "2026-09-03",
    ("wallet", 10_00),
    ("fee:commission", 1_00),
    ("platform_receivable", -11_00),
    currency="USD",
    functional={"wallet": 73_00, "fee:commission": 7_30, "platform_receivable": -80_30},
    channel="amazon",
    shop="店,铺",
)
OWN = entry("ad:1", "2026-09-04", ("ad_spend", 7_50), ("ad_prepaid", -7_50))

WANTED = {
    "netsuite": (
        "utf-8",
        "External ID,Date,Subsidiary,Currency,Exchange Rate,Memo,Account,Debit,Credit,Tax Code,Line Memo,Department,Class,Location",
        'EJ-………,2026-09-03,cn,USD,7.300000,amazon 店 铺,6210,1.00,,,amazon 店 铺,amazon,"店,铺",',
        "EJ-………,2026-09-03,cn,USD,7.300000,amazon 店 铺,1050,10.00,,,amazon 店 铺,,,",
        "EJ-………,2026-09-03,cn,USD,7.300000,amazon 店 铺,1210,,11.00,,amazon 店 铺,,,",
        "EJ-………,2026-09-04,cn,CNY,1,tmall s1,6110,7.50,,,tmall s1,tmall,s1,",
        "EJ-………,2026-09-04,cn,CNY,1,tmall s1,1310,,7.50,,tmall s1,,,",
    ),
    "sap": (
        "utf-8-sig",
        "ID_ACCDOC,BUKRS,BLART,BLDAT,BUDAT,MONAT,WAERS,XBLNR,BKTXT,HKONT,WRBTR,DMBTR,SGTXT,ZUONR,MWSKZ,KOSTL,PRCTR",
        'cn-000001,cn,SA,20260903,20260903,09,USD,………,amazon 店 铺,0000621000,1.00,7.30,amazon 店 铺,,,amazon,"店,铺"',
        "cn-000001,cn,SA,20260903,20260903,09,USD,………,amazon 店 铺,0000105000,10.00,73.00,amazon 店 铺,,,,",
        "cn-000001,cn,SA,20260903,20260903,09,USD,………,amazon 店 铺,0000121000,-11.00,-80.30,amazon 店 铺,,,,",
        "cn-000002,cn,SA,20260904,20260904,09,CNY,………,tmall s1,0000611000,7.50,7.50,tmall s1,,,tmall,s1",
        "cn-000002,cn,SA,20260904,20260904,09,CNY,………,tmall s1,0000131000,-7.50,-7.50,tmall s1,,,,",
    ),
    "business_central": (
        "utf-8-sig",
        (
            "Journal Template Name,Journal Batch Name,Line No.,Posting Date,Document Type,Document No.,External Document No.,"
            "Account Type,Account No.,Description,Currency Code,Debit Amount,Credit Amount,Amount (LCY),VAT Prod. Posting Group,"
            "Shortcut Dimension 1 Code,Shortcut Dimension 2 Code"
        ),
        'GENERAL,DEFAULT,1000,2026-09-03,,EJ………,amazon 店 铺,G/L Account,6210,amazon 店 铺,USD,1.00,,7.30,,amazon,"店,铺"',
        "GENERAL,DEFAULT,2000,2026-09-03,,EJ………,amazon 店 铺,G/L Account,1050,amazon 店 铺,USD,10.00,,73.00,,,",
        "GENERAL,DEFAULT,3000,2026-09-03,,EJ………,amazon 店 铺,G/L Account,1210,amazon 店 铺,USD,,11.00,-80.30,,,",
        "GENERAL,DEFAULT,4000,2026-09-04,,EJ………,tmall s1,G/L Account,6110,tmall s1,,7.50,,7.50,,tmall,s1",
        "GENERAL,DEFAULT,5000,2026-09-04,,EJ………,tmall s1,G/L Account,1310,tmall s1,,,7.50,-7.50,,,",
    ),
    "kingdee": (
        "gb18030",
        (
            "FDATE,FTRANSDATE,FPERIOD,FGROUP,FNUM,FENTRYID,FEXP,FACCTID,FCLSNAME1,FOBJID1,FOBJNAME1,FCLSNAME2,FOBJID2,FOBJNAME2,"
            "FCLSNAME3,FOBJID3,FOBJNAME3,FTRANSID,FCYID,FEXCHRATE,FDC,FFCYAMT,FQTY,FPRICE,FDEBIT,FCREDIT,FSETTLCODE,FSETTLENO,"
            "FPREPARE,FMODULE,FDELETED"
        ),
        '2026-09-03,2026-09-03,9,记,1,0,amazon 店 铺,6601.11,渠道,amazon,amazon,店铺,"店,铺","店,铺",,,,………,USD,7.300000,1,1.00,,,7.30,0,,,entrepot,,',
        '2026-09-03,2026-09-03,9,记,1,1,amazon 店 铺,1012.01,渠道,amazon,amazon,店铺,"店,铺","店,铺",,,,………,USD,7.300000,1,10.00,,,73.00,0,,,entrepot,,',
        '2026-09-03,2026-09-03,9,记,1,2,amazon 店 铺,1122.01,渠道,amazon,amazon,店铺,"店,铺","店,铺",,,,………,USD,7.300000,0,11.00,,,0,80.30,,,entrepot,,',
        "2026-09-04,2026-09-04,9,记,2,0,tmall s1,6601.01,渠道,tmall,tmall,店铺,s1,s1,,,,………,RMB,1,1,7.50,,,7.50,0,,,entrepot,,",
        "2026-09-04,2026-09-04,9,记,2,1,tmall s1,1123.01,,,,,,,,,,………,RMB,1,0,7.50,,,0,7.50,,,entrepot,,",
    ),
    "yonyou": (
        "gb18030",
        "填制凭证,V800",
        "2026-09-03,记,1,0,amazon 店 铺,660111,7.30,0,0,1.00,7.300000,entrepot,,,,店 铺,,amazon,,,",
        "2026-09-03,记,1,0,amazon 店 铺,101201,73.00,0,0,10.00,7.300000,entrepot,,,,店 铺,,amazon,,,",
        "2026-09-03,记,1,0,amazon 店 铺,112201,0,80.30,0,11.00,7.300000,entrepot,,,,店 铺,,amazon,,,",
        "2026-09-04,记,2,0,tmall s1,660101,7.50,0,0,0,0,entrepot,,,,s1,,tmall,,,",
        "2026-09-04,记,2,0,tmall s1,112301,0,7.50,0,0,0,entrepot,,,,,,,,,",
    ),
}


def _written(layout: Layout, path: Path, form: str = "csv", entries: Any = (FOREIGN, OWN)) -> Path:
    import pyarrow as pa

    with DuckDBEngine(threads=1) as engine:
        engine.add_arrow("ledger_entries", entries_table([row for each in entries for row in each]))
        names = ("line_id", "settlement_id", "channel")
        engine.add_arrow("settlement_lines", pa.table({name: pa.array([], pa.string()) for name in names}))
        mapping = read_mapping(mapping_text(layout), "accounts.csv", layout.dimensions_max)
        table, _ = build_journals(engine, JournalAsked("2026-09", "day"), layout, mapping)
    write_table(table, layout, path, form)
    return path


@pytest.mark.parametrize("name", WANTED)
def test_the_file_of_an_erp_is_to_the_letter_what_its_import_reads(name: str, tmp_path: Path) -> None:
    encoding, *wanted = WANTED[name]
    written = _written(layout_named(name), tmp_path / "file").read_bytes()
    text = re.sub(r"[0-9a-fA-F]{16}", "………", written.decode(encoding))
    assert text.split("\r\n") == [*wanted, ""]
    assert written.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_every_layout_but_our_own_is_compared_above() -> None:
    assert {layout.name for layout in LAYOUTS} == {*WANTED, "plain"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_a_workbook_has_the_same_cells_and_its_amounts_as_numbers(layout: Layout, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    rows = (
        CalamineWorkbook.from_path(_written(layout, tmp_path / "file.xlsx", "xlsx"))
        .get_sheet_by_name(layout.sheet)
        .to_python()
    )
    names = rows[0]
    assert layout.numbers <= set(names)
    texts = {type(row[at]) for row in rows[1:] for at, name in enumerate(names) if name not in layout.numbers}
    assert texts == {str}
    amounts = [row[at] for row in rows[1:] for at, name in enumerate(names) if name in layout.numbers and row[at] != ""]
    assert {type(amount) for amount in amounts} == {float}
    assert {10.0, 1.0, 11.0} <= {abs(amount) for amount in amounts if isinstance(amount, float)}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_same_journals_are_the_same_bytes(form: str, tmp_path: Path) -> None:
    layout = layout_named("netsuite")
    first = _written(layout, tmp_path / "one", form).read_bytes()
    assert _written(layout, tmp_path / "two", form, (OWN, FOREIGN)).read_bytes() == first
    assert _written(layout, tmp_path / "three", form, (OWN,)).read_bytes() != first


def test_a_number_that_a_spreadsheet_would_round_stays_text(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    amount = 12_345_678_901_234_567
    large = entry("x", "2026-09-03", ("wallet", amount), ("suspense", -amount))
    path = _written(layout_named("plain"), tmp_path / "file.xlsx", "xlsx", (large,))
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Journal").to_python()
    assert rows[1][rows[0].index("debit")] == "123456789012345.67"


def test_a_sheet_that_is_too_short_for_the_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.delivery.writing.SHEET_LINES_MAX", 5)
    with pytest.raises(SheetTooLong, match="5 lines do not fit into a sheet of 4"):
        _written(layout_named("plain"), tmp_path / "file.xlsx", "xlsx")


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_a_layout_states_its_source_and_orders_its_lines(layout: Layout) -> None:
    assert layout.source
    assert set(layout.title) == {"en", "zh"}
    names = parse(layout.sql, strict_output=True).output_names()
    assert names[0] == "file_line_no"
    assert layout.numbers <= set(names)


def test_every_folder_of_an_erp_is_registered() -> None:
    root = Path(entrepot.delivery.__file__).parent
    assert {path.parent.name for path in root.glob("*/spec.py")} == {layout.name for layout in LAYOUTS} | {
        erp.spec.name for erp in ERPS
    }


def test_a_layout_reads_the_same_on_both_engines(export: Callable[..., Any]) -> None:
    for name in WANTED:
        rows, totals = export([FOREIGN, OWN], layout=name)
        assert len(rows) == totals.lines == 5
        amounts = [row["FFCYAMT"] for row in rows] if name == "kingdee" else []
        assert amounts in ([], ["1.00", "10.00", "11.00", "7.50", "7.50"])
