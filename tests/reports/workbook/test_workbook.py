"""The workbook: texts stay texts, sums are formulas that already show their value, the same data gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
import python_calamine as calamine

from entrepot.reports import REPORTS, Vocabulary
from entrepot.reports.questions import ReportQuestion
from entrepot.reports.workbook import WorkbookData, workbook_bytes
from entrepot.reports.workbook import lists as lists_module

EN, ZH = Vocabulary("en", {"tmall": "Tmall", "jd": "JD"}), Vocabulary("zh", {"tmall": "天猫", "jd": "京东"})
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "https://example.com/x")
SETTLEMENT = next(each for each in REPORTS if each.name == "settlement_status")


def _pnl(channel: str, shop: str, month: str, **lines: int) -> list[dict[str, Any]]:
    of = {"channel": channel, "shop": shop, "sku_id": "S-1", "month": month, "currency": "CNY"}
    return [{**of, "line": line, "detail": line, "amount_minor": amount} for line, amount in lines.items()]


PNL = [
    *_pnl("tmall", "T", "2026-08", revenue_goods=1_000_00, refunds=-50_00, cogs=-300_00, fees=-40_01),
    *_pnl("jd", "J", "2026-09", revenue_goods=200_00, cogs=-80_00, ad_spend=-9_99),
]


def _settlement(*rows: tuple[str, str, int, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "channel": "tmall",
                "shop": shop,
                "currency": currency,
                "settlement_state": "in_escrow",
                "orders": orders,
                "expected_minor": expected,
            }
            for shop, currency, orders, expected in rows
        ]
    )


def _data(**changes: Any) -> WorkbookData:
    data = WorkbookData(
        company="Yuxun & Söhne",
        period="",
        currency="CNY",
        snapshot_id=7,
        published_at=datetime(2026, 10, 31, 12, 30, 5, tzinfo=UTC),
        rate_sources=("ecb",),
        pnl=PNL,
        reports=[(SETTLEMENT, _settlement(("T", "CNY", 3, 12_345)))],
        exceptions=[],
    )
    return replace(data, **changes)


def _sheet(content: bytes, name: str) -> list[list[Any]]:
    return (
        calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        .get_sheet_by_name(name)
        .to_python(skip_empty_area=False)
    )


def _xml(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").decode()
        plain = name.replace("&", "&amp;")
        number = re.search(rf'<sheet name="{re.escape(plain)}" sheetId="(\d+)"', book)
        assert number
        return archive.read(f"xl/worksheets/sheet{number[1]}.xml").decode()


def test_a_reader_sees_the_figures_and_sums_without_calculating() -> None:
    rows = _sheet(workbook_bytes(_data(), [EN]), "P&L by channel")
    lines = {row[0]: row[1:4] for row in rows[3:]}
    assert lines["Line"] == ["Tmall", "JD", "Total"]
    assert lines["Revenue from goods"] == [1000.0, 200.0, 1200.0]
    assert lines["Net revenue"] == [950.0, 200.0, 1150.0]
    assert lines["Contribution margin"] == [609.99, 110.01, 720.0]


def test_sums_are_formulas_over_the_lines_above_them() -> None:
    xml = _xml(workbook_bytes(_data(), [EN]), "P&L by channel")
    assert "<f>SUM(B5:C5)</f><v>1200.0</v>" in xml
    assert "<f>SUM(B5,B6)</f><v>950.0</v>" in xml
    assert "<f>SUM(D5,D6)</f><v>1150.0</v>" in xml


def test_rows_of_one_currency_end_with_a_sum_that_heeds_the_filter() -> None:
    content = workbook_bytes(
        _data(reports=[(SETTLEMENT, _settlement(("T", "CNY", 3, 12_345), ("U", "CNY", 1, 55)))]), [EN]
    )
    assert _sheet(content, "Settlement status")[-1] == ["Total CNY", "", "", "", 4.0, 124.0]
    xml = _xml(content, "Settlement status")
    assert "<f>SUBTOTAL(109,$F$5:$F$6)</f><v>124.0</v>" in xml
    assert '<autoFilter ref="A4:F6"/>' in xml
    assert 'state="frozen"' in xml


def test_rows_of_several_currencies_have_a_sum_each_with_the_currencys_decimals_and_none_over_all() -> None:
    table = _settlement(("T", "CNY", 3, 12_345), ("U", "JPY", 1, 5_500), ("V", "KWD", 1, 1_234))
    content = workbook_bytes(_data(reports=[(SETTLEMENT, table)]), [EN])
    rows = _sheet(content, "Settlement status")
    assert [row[0] for row in rows[-3:]] == ["Total CNY", "Total JPY", "Total KWD"]
    assert [row[5] for row in rows[-3:]] == [123.45, 5500.0, 1.234]
    assert [row[5] for row in rows[4:7]] == [123.45, 5500.0, 1.234]
    assert '<f>SUMIF($C$5:$C$7,"JPY",$F$5:$F$7)</f><v>5500.0</v>' in _xml(content, "Settlement status")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert {'formatCode="#,##0;[Red]-#,##0"', 'formatCode="#,##0.000;[Red]-#,##0.000"'} <= set(
        re.findall(r'formatCode="[^"]*"', styles)
    )


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_shop_whose_name_looks_like_a_formula_is_written_as_a_text(text: str) -> None:
    pnl = _pnl("tmall", text, "2026-08", revenue_goods=1_00, cogs=-50)
    content = workbook_bytes(
        _data(pnl=pnl, company=text, reports=[(SETTLEMENT, _settlement((text, "CNY", 1, 1)))]), [EN]
    )
    assert _sheet(content, "Settlement status")[4][1].strip() == text.strip()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        relations = [name for name in archive.namelist() if "worksheets/_rels" in name]
    formulas = [formula for xml in sheets for formula in re.findall(r"<f[^>]*>([^<]*)</f>", xml)]
    assert formulas
    assert all(re.match(r"(SUM|SUMIF|SUBTOTAL)\(", formula) for formula in formulas)
    assert relations == []


def test_days_are_days_and_instants_are_instants() -> None:
    question = ReportQuestion("dated", (), {"en": "Dated", "zh": "日期"})
    table = pa.table(
        {
            "on_day": pa.array([date(2026, 9, 30)], pa.date32()),
            "seen_at": pa.array([datetime(2026, 9, 30, 16, 0, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
            "share_bp": pa.array([1234], pa.int64()),
            "rate_e6": pa.array([7_123_456], pa.int64()),
            "is_new": pa.array([True]),
        }
    )
    rows = _sheet(workbook_bytes(_data(reports=[(question, table)]), [EN]), "Dated")
    assert rows[4] == [date(2026, 9, 30), datetime(2026, 9, 30, 16, 0), 0.1234, 7.123456, "yes"]  # noqa: DTZ001 as Excel has it


def test_an_amount_that_a_spreadsheet_would_round_is_written_whole_as_a_text() -> None:
    table = _settlement(("T", "CNY", 1, 1_234_567_890_123_456))
    rows = _sheet(workbook_bytes(_data(reports=[(SETTLEMENT, table)]), [EN]), "Settlement status")
    assert rows[4][5] == "1234567890123456"


def test_a_margin_without_one_known_cost_says_unknown_and_its_total_leaves_it_out() -> None:
    pnl = [*PNL, *_pnl("own", "O", "2026-09", revenue_goods=10_00, revenue_without_cost=-10_00, fees=-1_00)]
    rows = {row[0]: row[1:] for row in _sheet(workbook_bytes(_data(pnl=pnl), [EN]), "P&L by channel")}
    assert rows["Gross margin"] == [650.0, 120.0, "unknown", 770.0]
    assert rows["Contribution margin"] == [609.99, 110.01, "unknown", 719.0]


def test_the_cover_names_company_period_snapshot_and_source_of_rates_in_both_languages() -> None:
    content = workbook_bytes(_data(period="2026-09"), [ZH, EN])
    english = {row[0]: row[1] for row in _sheet(content, "Cover") if row[0]}
    assert english["Company"] == "Yuxun & Söhne"
    assert english["Period"] == "2026-09"
    assert english["Snapshot"] == "no. 7, published 2026-10-31 12:30:05 UTC"
    assert english["Exchange rates"] == "European Central Bank, reference rates of each accounting day"
    chinese = {row[0]: row[1] for row in _sheet(content, "封面") if row[0]}
    assert chinese["期间"] == "2026-09"
    assert _sheet(content, "损益-按渠道")[3][:3] == ["项目", "天猫", "京东"]
    assert _sheet(content, "P&L by channel")[1][0] == "2026-09 · amounts in CNY"


def test_a_chinese_heading_gets_twice_the_width_of_its_characters() -> None:
    content = workbook_bytes(_data(reports=[(SETTLEMENT, _settlement(("屿浔官方旗舰店一二三四", "CNY", 1, 1)))]), [ZH])
    widths = [float(each) for each in re.findall(r'<col min="2" max="2" width="([0-9.]+)"', _xml(content, "结算状态"))]
    assert widths
    assert widths[0] > 2 * len("屿浔官方旗舰店一二三四")


def test_the_same_data_gives_the_same_bytes_and_another_snapshot_other_ones() -> None:
    first = workbook_bytes(_data(), [ZH, EN])
    assert workbook_bytes(_data(), [ZH, EN]) == first
    assert workbook_bytes(_data(snapshot_id=8), [ZH, EN]) != first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert "2026-10-31T12:30:05Z" in archive.read("docProps/core.xml").decode()


def test_a_list_that_is_too_long_is_cut_and_both_sheet_and_cover_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_module, "ROWS_MAX", 2)
    monkeypatch.setattr("entrepot.reports.workbook.book.ROWS_MAX", 2)
    table = _settlement(*((f"S{number}", "CNY", 1, 1) for number in range(3)))
    content = workbook_bytes(_data(reports=[(SETTLEMENT, table)]), [EN])
    rows = _sheet(content, "Settlement status")
    assert rows[1][0] == "Only the first 2 of 3 rows fit here"
    assert len(rows) == 4 + 2
    assert ["", "Settlement status", "Only the first 2 of 3 rows fit here"] in _sheet(content, "Cover")


def test_reports_of_the_same_or_a_forbidden_name_get_sheets_of_their_own() -> None:
    long = "A report: with [a name] that is/was much too long"
    reports = [(ReportQuestion(name, (), {"en": long, "zh": "报告"}), pa.table({"n": [1]})) for name in ("one", "two")]
    content = workbook_bytes(_data(reports=reports), [EN])
    names = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    assert names[-2:] == ["A report with a name that is wa", "A report with a name that is 2"]


def test_a_report_without_rows_has_no_sheet() -> None:
    content = workbook_bytes(_data(reports=[(SETTLEMENT, _settlement().slice(0, 0))], pnl=[]), [EN])
    assert calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["Cover"]
