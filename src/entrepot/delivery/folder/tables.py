"""A document as a table: a row for each line that it books or holds, the same columns for every kind."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
from python_calamine import CalamineWorkbook

from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.contract import FileForm, Layout
from entrepot.delivery.erp import (
    BOOKED_ONLY,
    KINDS,
    MOVEMENTS,
    ORDER,
    PARTY,
    PRICE_DIGITS,
    PRODUCT,
    Goods,
    GoodsLine,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    SalesOrder,
    TaxLine,
    content_of,
    content_of_body,
)
from entrepot.delivery.folder.values import Read, Unreadable, amount_text, price_text, whole
from entrepot.delivery.writing import write_table
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Document

_HEAD = ("document", "kind", "company", "date", "currency", "functional_currency", "text")
_NUMBERS = ("line", "quantity", "price", "net", "taxable", "debit", "credit", "functional_debit", "functional_credit")
COLUMNS = (
    *_HEAD,
    *("line", "role", "account", "party", "product", "description", "quantity", "price", "net", "tax_code", "taxable"),
    *("debit", "credit", "functional_debit", "functional_credit", "settles"),
)
"""Header of a table. `net` is an item's amount without tax or a tax's amount, negative in a credit note."""

LAYOUT = Layout(
    name="folder",
    title={"en": "Document", "zh": "单据"},
    source="our own, docs/guides/erps/folder.md",
    numbers=frozenset(_NUMBERS),
    text=FileForm(),
    sheet="Document",
)


def write(document: Document, path: Path, form: str) -> None:
    """Write a document as a table.

    Args:
        document: The document.
        path: File to write; it is replaced.
        form: csv or xlsx.
    """
    rows = [{**_head(document), "line": str(at), **row} for at, row in enumerate(_rows(document), start=1)]
    table = pa.table({name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in COLUMNS})
    write_table(table, LAYOUT, path, form)


def read(path: Path) -> Read:
    """What such a table holds now.

    Raises:
        Unreadable: It is none.
    """
    rows = _workbook_rows(path) if path.suffix == ".xlsx" else _text_rows(path)
    if not rows or set(COLUMNS) - set(rows[0]):
        raise Unreadable("it has not the columns of a document")
    first = rows[0]
    if first["kind"] not in KINDS or any(row[name] != first[name] for row in rows for name in _HEAD):
        raise Unreadable("its rows are not of one document")
    try:
        return _of_kind(first["kind"], rows)
    except (ValueError, ArithmeticError, KeyError) as error:
        raise Unreadable("a cell holds something else than was written") from error


def _head(document: Document) -> dict[str, str]:
    is_master = isinstance(document.body, Party | Product)
    return {
        "document": document.key,
        "kind": document.kind,
        "company": document.company,
        "date": "" if is_master else document.posted_on.isoformat(),
        "currency": "" if is_master else document.currency,
        "functional_currency": "" if is_master else document.functional_currency,
        "text": "" if is_master else document.text,
    }


def _rows(document: Document) -> list[dict[str, str]]:
    body = document.body
    if isinstance(body, Party | Product):
        code = "party" if isinstance(body, Party) else "product"
        return [{"role": code, code: body.code, "description": body.name}]
    if isinstance(body, Goods):
        return [
            {"role": "moved", "party": body.party, "product": each.product, "quantity": str(each.quantity)}
            for each in body.lines
        ]
    digits = minor_digits(document.currency)
    if isinstance(body, SalesOrder):
        return [{"role": "ordered", "party": body.party, **_item(each, digits)} for each in body.items]
    if body is None:
        return [
            {"account": line.account, "party": line.party, "settles": line.settles, **_sides(document, line)}
            for line in document.lines
        ]
    functional = functional_of(document)
    owed = JournalLine(body.receivable, functional.total, body.total_minor, body.party)
    rows = [{"role": "total", **_booked(document, owed)}]
    for each, minor in zip(body.items, functional.items, strict=True):
        line = JournalLine(each.account, -minor, -each.amount_minor)
        rows.append({"role": "item", **_booked(document, line), **_item(each, digits)})
    for tax, minor in zip(body.taxes, functional.taxes, strict=True):
        amounts = {"net": amount_text(tax.amount_minor, digits), "taxable": amount_text(tax.base_minor, digits)}
        line = JournalLine(tax.account, -minor, -tax.amount_minor)
        rows.append({"role": "tax", **_booked(document, line), "tax_code": tax.code, **amounts})
    return rows


def _item(each: ItemLine, digits: int) -> dict[str, str]:
    return {
        "account": each.account,
        "product": each.product,
        "description": each.text,
        "quantity": str(each.quantity),
        "price": price_text(each.price_e6),
        "net": amount_text(each.amount_minor, digits),
    }


def _booked(document: Document, line: JournalLine) -> dict[str, str]:
    return {"account": line.account, "party": line.party, **_sides(document, line)}


def _sides(document: Document, line: JournalLine) -> dict[str, str]:
    """Debit and credit in both currencies."""
    own = amount_text(abs(line.amount_minor), minor_digits(document.currency))
    functional = amount_text(abs(line.functional_minor), minor_digits(document.functional_currency))
    return {
        "debit" if line.amount_minor >= 0 else "credit": own,
        "functional_debit" if line.functional_minor >= 0 else "functional_credit": functional,
    }


def _of_kind(kind: str, rows: Sequence[Mapping[str, str]]) -> Read:
    first = rows[0]
    key, company = first["document"], first["company"]
    if kind in (PARTY, PRODUCT):
        body = Party(first["party"], first["description"]) if kind == PARTY else _product(first)
        return Read(key, kind, content_of_body(company, date.min, "", body))
    day, currency = date.fromisoformat(first["date"]), first["currency"]
    if kind in MOVEMENTS:
        if {(row["role"], row["party"]) for row in rows} != {("moved", first["party"])}:
            raise Unreadable("goods go to one party")
        moved = Goods(first["party"], tuple(GoodsLine(row["product"], whole(row["quantity"], 0)) for row in rows))
        return Read(key, kind, content_of_body(company, day, currency, moved))
    lines = tuple(_line(row, minor_digits(currency), minor_digits(first["functional_currency"])) for row in rows)
    if kind in BOOKED_ONLY:
        return Read(key, kind, content_of(company, day, currency, lines))
    digits = minor_digits(currency)
    if kind == ORDER:
        order = SalesOrder(first["party"], tuple(_item_line(row, digits) for row in rows))
        return Read(key, kind, content_of_body(company, day, currency, order))
    (total,) = (line for line, row in zip(lines, rows, strict=True) if row["role"] == "total")
    items = tuple(_item_line(row, digits) for row in rows if row["role"] == "item")
    taxes = tuple(
        TaxLine(row["account"], row["tax_code"], whole(row["taxable"], digits), whole(row["net"], digits))
        for row in rows
        if row["role"] == "tax"
    )
    return Read(
        key, kind, content_of_body(company, day, currency, Invoice(total.party, total.account, items, taxes)), lines
    )


def _product(row: Mapping[str, str]) -> Product:
    return Product(row["product"], row["description"])


def _item_line(row: Mapping[str, str], digits: int) -> ItemLine:
    price, net = whole(row["price"], PRICE_DIGITS), whole(row["net"], digits)
    return ItemLine(row["account"], row["product"], row["description"], whole(row["quantity"], 0), price, net)


def _line(row: Mapping[str, str], digits: int, functional_digits: int) -> JournalLine:
    amount = whole(row["debit"], digits) - whole(row["credit"], digits)
    functional = whole(row["functional_debit"], functional_digits) - whole(row["functional_credit"], functional_digits)
    return JournalLine(row["account"], functional, amount, row["party"], row["settles"])


def _text_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding=LAYOUT.text.encoding, newline="") as file:
            return [{name: cell or "" for name, cell in row.items() if name} for row in csv.DictReader(file)]
    except (csv.Error, UnicodeDecodeError, AttributeError) as error:
        raise Unreadable("it is no CSV in UTF-8") from error


def _workbook_rows(path: Path) -> list[dict[str, str]]:
    try:
        header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name(LAYOUT.sheet).to_python()
    except OSError:
        raise
    except Exception as error:
        # The reader's errors have no family of their own.
        raise Unreadable("it is no workbook with our sheet") from error
    return [{str(name): _cell(value) for name, value in zip(header, row, strict=True)} for row in rows]


def _cell(value: object) -> str:
    """A cell as it was written: a number has no digits beyond those of its shortest form."""
    return f"{Decimal(repr(value)):f}" if isinstance(value, int | float) else str(value)
