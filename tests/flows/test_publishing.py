"""Reports as files: a workbook that is the same for the same snapshot, a PDF with text on its pages."""

from __future__ import annotations

import io
import pickle
import re
import shutil
import stat
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import python_calamine as calamine

from entrepot.assembly import open_cell
from entrepot.flows import publishing_errors
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.importing import import_paths
from entrepot.flows.publishing import publish_pdf, publish_workbook
from entrepot.flows.publishing_daily import figures_of_day
from entrepot.flows.publishing_errors import ChromiumMissing, NothingInPeriod, PrintFailed
from entrepot.flows.publishing_pdf import CHROMIUM_NAMES, find_chromium, print_page
from entrepot.model import minor_digits
from entrepot.reports import REPORTS, statement_of
from entrepot.store.errors import NothingPublished
from entrepot.testing.small_files import Sale, tmall_text

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.errors import EntrepotError
    from entrepot.testing.sample_company import ImportedCompany, SampleCompany


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_the_workbook_has_a_sheet_for_every_report_with_rows_in_both_languages(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    parts = one_imported.parts
    publish_workbook(parts, tmp_path / "all.xlsx", ["zh", "en"])
    sheets = _sheets(tmp_path / "all.xlsx")
    with_rows = [each.name for each in REPORTS if each.name != "pnl" and report_rows(parts, each.name).num_rows]
    assert len(sheets) == 2 * (1 + 3 + len(with_rows) + 1)
    assert list(sheets)[:5] == ["封面", "损益-按渠道", "损益-按店铺", "损益-按月", "GMV桥"]
    assert {"Cover", "P&L by channel", "GMV bridge", "Settlement status", "Exceptions", "Trial balance"} <= set(sheets)


def test_every_figure_of_the_workbooks_profit_and_loss_account_is_the_reports(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    parts = one_imported.parts
    publish_workbook(parts, tmp_path / "w.xlsx", ["en"], month="2026-09")
    rows = [row for row in report_rows(parts, "pnl").to_pylist() if row["month"] == "2026-09"]
    statement = statement_of(rows, "shop", "CNY")
    written = {row[0]: row[1:] for row in _sheets(tmp_path / "w.xlsx")["P&L by shop"][4:]}
    for title, line in (("Revenue from goods", "revenue_goods"), ("Contribution margin", "contribution_margin")):
        expected = [statement.figures[line][shop] / 100 for shop in statement.columns]
        assert written[title] == [*expected, statement.total(line) / 100]
    assert len(_sheets(tmp_path / "w.xlsx")["P&L by month"][3]) == 3  # the line, the month, the total


def test_every_amount_of_a_list_is_the_reports_amount_in_the_currencys_own_unit(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    publish_workbook(one_imported.parts, tmp_path / "w.xlsx", ["en"])
    rows = report_rows(one_imported.parts, "settlement_status").to_pylist()
    written = _sheets(tmp_path / "w.xlsx")["Settlement status"][4 : 4 + len(rows)]
    expected = sorted(row["expected_minor"] / 10 ** minor_digits(row["currency"]) for row in rows)
    assert sorted(row[5] for row in written) == expected
    assert sum(row[4] for row in written) == sum(row["orders"] for row in rows)


def test_the_exceptions_in_a_workbook_say_neither_file_nor_row(one_imported: ImportedCompany, tmp_path: Path) -> None:
    publish_workbook(one_imported.parts, tmp_path / "w.xlsx", ["en"])
    rows = _sheets(tmp_path / "w.xlsx")["Exceptions one by one"][4:]
    found = select_rows(one_imported.parts, "select where_found from exceptions where where_found is not null")
    text = "\n".join(str(row) for row in rows)
    assert len(rows) == one_imported.report.exceptions
    assert found.num_rows
    assert not any(where in text for where in found["where_found"].to_pylist())


def test_the_same_snapshot_gives_the_same_workbook_and_leaves_no_half_one(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    first = publish_workbook(one_imported.parts, tmp_path / "a.xlsx", ["zh", "en"])
    second = publish_workbook(one_imported.parts, tmp_path / "b.xlsx", ["zh", "en"])
    assert first.sha256 == second.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_a_month_without_an_entry_is_refused_with_those_that_have_one(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    with pytest.raises(NothingInPeriod) as refused:
        publish_workbook(one_imported.parts, tmp_path / "w.xlsx", ["en"], month="2025-01")
    assert str(refused.value) == ("the books have no revenue or cost in 2025-01; there are 2026-08, 2026-09, 2026-10")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_company_has_nothing_to_hand_on(small_company: SampleCompany, tmp_path: Path) -> None:
    parts = small_company.new_cell(tmp_path / "empty")
    with pytest.raises(NothingPublished):
        publish_workbook(parts, tmp_path / "w.xlsx", ["en"])
    with pytest.raises(NothingPublished):
        figures_of_day(parts, None)


def test_exceptions_are_new_when_the_import_before_did_not_have_them(tmp_path: Path) -> None:
    parts = open_cell(tmp_path / "company")
    sold = [Sale("1000000001", 100_00), Sale("1000000002", 90_00, status="teleported")]
    for number, sales in enumerate((sold, [*sold, Sale("1000000003", 80_00, status="teleported")])):
        path = tmp_path / f"orders-{number}.csv"
        path.write_text(tmall_text(sales), encoding="gb18030")
        import_paths(parts, [path])
        found = {kind: (items, new) for kind, items, new in figures_of_day(parts, None).exceptions}
        # The second file is another content: its row of the unknown status is one to look at of its own.
        assert found["quarantined_row"] == ((1, None), (3, 2))[number]


def _fake(folder: Path, script: str) -> Path:
    program = folder / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_without_a_browser_the_error_says_what_to_install(
    one_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENTREPOT_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChromiumMissing) as refused:
        publish_pdf(one_imported.parts, tmp_path / "r.pdf", "en")
    assert "chromium, chromium-browser, google-chrome, google-chrome-stable" in str(refused.value)
    assert "apt-get install chromium fonts-noto-cjk" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_named_browser_is_taken_and_none_other_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _fake(tmp_path, "exit 0")
    monkeypatch.setenv("ENTREPOT_CHROMIUM", str(program))
    assert find_chromium() == str(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ENTREPOT_CHROMIUM", str(tmp_path / "missing"))
    with pytest.raises(ChromiumMissing):
        find_chromium()


def test_the_browser_gets_the_page_as_a_file_and_no_network(tmp_path: Path) -> None:
    script = (
        'for each; do case "$each" in --print-to-pdf=*) out="${each#--print-to-pdf=}";; file:*) page="${each#file://}";; esac; '
        f'done; printf "%s\\n" "$@" > {tmp_path}/asked; (printf "%%PDF-1.4 "; cat "$page") > "$out"'
    )
    content = print_page("<p>月报</p>", str(_fake(tmp_path, script)), tmp_path / "scratch")
    assert content == "%PDF-1.4 <p>月报</p>".encode()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in (tmp_path / "asked").read_text().split("\n")
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("script", ["exit 3", "exec cat > /dev/null < /dev/null"])
def test_a_browser_that_prints_nothing_is_an_error_and_no_file(
    one_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setenv("ENTREPOT_CHROMIUM", str(_fake(tmp_path, script)))
    with pytest.raises(PrintFailed) as failed:
        publish_pdf(one_imported.parts, tmp_path / "r.pdf", "en")
    assert "it left with" in str(failed.value)
    assert not (tmp_path / "r.pdf").exists()


def test_the_printed_report_has_pages_of_text_wherever_a_browser_is_there(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    """Where none is there, the same call says what to install; nothing is left out in silence."""
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        with pytest.raises(ChromiumMissing, match="apt-get install chromium"):
            publish_pdf(one_imported.parts, tmp_path / "r.pdf", "zh")
        return
    file = publish_pdf(one_imported.parts, tmp_path / "r.pdf", "zh")
    content = file.path.read_bytes()
    assert content.startswith(b"%PDF-")
    pages = re.findall(rb"/Type\s*/Page\b", content)
    assert 4 <= len(pages) <= 40
    streams = [_inflated(each) for each in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)]
    # A page that is a picture only shows no text.
    assert sum(b" Tj" in each or b" TJ" in each for each in streams) >= len(pages)
    assert re.search(rb"/FontFile[23]?\b", content), "its fonts are in the file"


def _inflated(stream: bytes) -> bytes:
    try:
        # A stream whose last byte is a carriage return has lost it to the pattern; an object that inflates bears that.
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    "error",
    [
        NothingInPeriod("2025-01", ("2026-08",)),
        ChromiumMissing(CHROMIUM_NAMES),
        PrintFailed("chromium", "it left with 1"),
        publishing_errors.NoTargets("cell.toml"),
        publishing_errors.TargetAbroad("sales", "us", "cn"),
        publishing_errors.SecretMissing("sales", "SECRET"),
        publishing_errors.TargetUnreachable("sales", "HTTP 503"),
        publishing_errors.TargetRefused("sales", "HTTP 404"),
        publishing_errors.OutcomeUnknown("sales", "2026-09-15"),
    ],
    ids=lambda error: str(error.code),
)
def test_an_error_comes_back_whole_from_another_process(error: EntrepotError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.args) == (type(error), str(error), error.args)
