"""The workbook: a cover, the P&L three times, and a sheet per report that has rows; in one language or in both.

The same snapshot and question give the same bytes: the day of birth is the snapshot's, and nothing else knows a clock.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter

from entrepot.reports.statement import statement_of
from entrepot.reports.workbook.cells import Formats, write_text
from entrepot.reports.workbook.lists import ROWS_MAX, write_list
from entrepot.reports.workbook.statements import write_statement
from entrepot.reports.workbook.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from entrepot.reports.questions import ReportQuestion
    from entrepot.reports.words import Vocabulary

_BY = ("channel", "shop", "month")
_SUMMED = frozenset({"gmv_bridge", "settlement_status", "exceptions_summary", "trial_balance"})
"""Reports whose rows may be added up."""
_NAME_MAX = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WorkbookData:
    """What the workbook is made of.

    Attributes:
        company: Name on the cover; may be empty.
        period: Month or fiscal period of the P&L; empty for all.
        currency: Reporting currency.
        snapshot_id: Number of the snapshot.
        published_at: When it was published, UTC.
        rate_sources: Sources of the exchange rates.
        pnl: Rows of the report `pnl`, of the period.
        reports: Every other report with its rows.
        exceptions: Rows with kind, channel, shop, exception_id, amount_minor, currency, cause.
    """

    company: str
    period: str
    currency: str
    snapshot_id: int
    published_at: datetime
    rate_sources: tuple[str, ...]
    pnl: Sequence[Row]
    reports: Sequence[tuple[ReportQuestion, pa.Table]]
    exceptions: Sequence[Row]


def workbook_bytes(data: WorkbookData, vocabularies: Sequence[Vocabulary]) -> bytes:
    """The workbook as a file.

    Args:
        data: Rows of reports.
        vocabularies: A set of sheets for each, in order.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        born = data.published_at.replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": _title(data, vocabularies[0].lang), "company": data.company, "created": born})
        formats = Formats(book)
        taken: set[str] = set()
        for say in vocabularies:
            _SheetWriter(book, data, formats, say, taken).write()
    return buffer.getvalue()


def _title(data: WorkbookData, lang: str) -> str:
    return word("title", lang, company=data.company) if data.company else word("title_unnamed", lang)


class _SheetWriter:
    """Writes the sheets of one language."""

    def __init__(self, book: Any, data: WorkbookData, formats: Formats, say: Vocabulary, taken: set[str]) -> None:  # noqa: ANN401
        self._book, self._data, self._formats, self._say, self._taken = book, data, formats, say, taken
        self._contents: list[tuple[str, str]] = []

    def write(self) -> None:
        """Write cover and sheets; the cover stands first and is filled last, when it knows the others."""
        cover = self._add(word("cover", self._say.lang))
        for by in _BY if self._data.pnl else ():
            self._write_pnl(by)
        for question, table in self._data.reports:
            if table.num_rows and question.name != "pnl":
                self._write_report(question, table)
        if self._data.exceptions:
            columns = ("kind", "channel", "shop", "exception_id", "amount_minor", "currency", "cause")
            self._write_rows("exceptions", self._data.exceptions, columns, has_sums=False)
        self._write_cover(cover)

    def _write_pnl(self, by: str) -> None:
        name = word(f"pnl_{by}", self._say.lang)
        period = self._data.period or word("all", self._say.lang)
        sheet = self._add(name)
        self._head(sheet, name, word("amounts_in", self._say.lang, period=period, currency=self._data.currency))
        statement = statement_of(self._data.pnl, by, self._data.currency)
        write_statement(sheet, statement, by, self._formats, self._say)
        self._contents.append((sheet.get_name(), ""))

    def _write_report(self, question: ReportQuestion, table: pa.Table) -> None:
        columns = table.column_names
        rows = sorted(table.to_pylist(), key=lambda row: [str(row[column]) for column in columns])
        self._write_rows(question.name, rows, columns, has_sums=question.name in _SUMMED, titles=question.title)

    def _write_rows(
        self,
        name: str,
        rows: Sequence[Row],
        columns: Sequence[str],
        *,
        has_sums: bool,
        titles: Mapping[str, str] | None = None,
    ) -> None:
        lang = self._say.lang
        title = word(name, lang) if name in WORDS else (titles or {}).get(lang, name)
        is_cut = len(rows) > ROWS_MAX
        note = word("cut", lang, shown=f"{ROWS_MAX:,}", all=f"{len(rows):,}") if is_cut else word("whole_books", lang)
        sheet = self._add(title)
        self._head(sheet, title, note)
        write_list(sheet, rows, columns, self._data.currency, self._formats, self._say, has_sums=has_sums)
        self._contents.append((sheet.get_name(), note if is_cut else word("rows", lang, n=f"{len(rows):,}")))

    def _write_cover(self, sheet: Any) -> None:  # noqa: ANN401 XlsxWriter ships no types
        lang, data = self._say.lang, self._data
        label, plain = self._formats.of(bold=True, valign="top"), self._formats.of(text_wrap=True, valign="top")
        self._head(sheet, _title(data, lang), "")
        at = data.published_at.strftime("%Y-%m-%d %H:%M:%S")
        facts = (
            ("company", data.company),
            ("period", data.period or word("all", lang)),
            ("currency", data.currency),
            ("snapshot", word("snapshot_at", lang, id=data.snapshot_id, at=at)),
            ("rates", "; ".join(_rate_source(source, lang) for source in data.rate_sources)),
        )
        row = 2
        for name, value in facts:
            write_text(sheet, (row, 0), word(name, lang), label)
            write_text(sheet, (row, 1), value, plain)
            row += 1
        write_text(sheet, (row + 1, 0), word("sheets", lang), label)
        link = self._formats.of(font_color="#0F6E84", underline=1)
        for number, (name, note) in enumerate(self._contents, start=row + 1):
            sheet.write_url(number, 1, f"internal:'{name}'!A1", link, string=name)
            write_text(sheet, (number, 2), note, plain)
        row += 2 + len(self._contents)
        write_text(sheet, (row, 0), word("how", lang), label)
        for number, name in enumerate(each for each in WORDS if each.startswith("how_")):
            write_text(sheet, (row + number, 1), word(name, lang), plain)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 90)
        sheet.set_column(2, 2, 30)

    def _head(self, sheet: Any, title: str, note: str) -> None:  # noqa: ANN401 see above
        write_text(sheet, (0, 0), title, self._formats.of(bold=True, font_size=14, font_color="#0F6E84"))
        if note:
            write_text(sheet, (1, 0), note, self._formats.of(font_color="#5C6B7A"))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if title != _title(self._data, self._say.lang):
            sheet.repeat_rows(3)

    def _add(self, title: str) -> Any:  # noqa: ANN401 see above
        """A sheet whose name is allowed and not yet taken in the workbook."""
        plain = " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:_NAME_MAX].rstrip()
        name, number = plain, 1
        while name.lower() in self._taken:
            number += 1
            ending = f" {number}"
            name = plain[: _NAME_MAX - len(ending)].rstrip() + ending
        self._taken.add(name.lower())
        return self._book.add_worksheet(name)


def _rate_source(source: str, lang: str) -> str:
    return word(source, lang) if source in WORDS else word("rates_own", lang, name=source)
