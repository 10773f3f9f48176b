"""Lines of documents: a table in the file of each plan, and what they make when they are read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from entrepot.delivery.erp import (
    BOOKED_ONLY,
    BOOKS_NOTHING,
    MOVEMENTS,
    ORDER,
    PARTY,
    PRODUCT,
    Document,
    Goods,
    GoodsLine,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    SalesOrder,
    TaxLine,
)
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Body
    from entrepot.delivery.intents import Intent

LINE_CLASSES: Mapping[str, ResidencyClass] = {
    "document_id": ResidencyClass.PSEUDONYMOUS,
    "line_no": ResidencyClass.OPERATIONAL,
    "entity_id": ResidencyClass.BUSINESS,
    "company": ResidencyClass.BUSINESS,
    "book": ResidencyClass.BUSINESS,
    "period": ResidencyClass.BUSINESS,
    "posted_on": ResidencyClass.BUSINESS,
    # An order number, where a document holds one order.
    "text": ResidencyClass.PSEUDONYMOUS,
    "currency": ResidencyClass.BUSINESS,
    "functional_currency": ResidencyClass.BUSINESS,
    "account": ResidencyClass.BUSINESS,
    "functional_minor": ResidencyClass.BUSINESS,
    "amount_minor": ResidencyClass.BUSINESS,
    "role": ResidencyClass.OPERATIONAL,
    # A channel: all who buy there.
    "party": ResidencyClass.BUSINESS,
    "product": ResidencyClass.BUSINESS,
    "line_text": ResidencyClass.BUSINESS,
    "quantity": ResidencyClass.BUSINESS,
    "price_e6": ResidencyClass.BUSINESS,
    "tax_code": ResidencyClass.BUSINESS,
    "base_minor": ResidencyClass.BUSINESS,
    "settles": ResidencyClass.PSEUDONYMOUS,
}
"""Columns of a document's lines and their classes."""

_NUMBERS = frozenset({"quantity", "price_e6", "base_minor"})
_NEWER = ("role", "party", "product", "line_text", "quantity", "price_e6", "tax_code", "base_minor", "settles")
"""Columns that the files of older plans lack: those of journals, which leave them empty."""

_SCHEMA = pa.schema(
    [
        (name, pa.int64() if name in {"line_no", "functional_minor", "amount_minor", *_NUMBERS} else pa.string())
        if name != "posted_on"
        else (name, pa.date32())
        for name in LINE_CLASSES
    ]
)


_ROWS_READ = 10_000
"""Lines of a file that are read together: a batch wants few of many, and days tell which."""


def write_lines(lines: pa.Table, path: Path) -> None:
    """Write the lines of a plan, by day, as workers ask for them."""
    table = lines.sort_by([("posted_on", "ascending"), ("document_id", "ascending")])
    pq.write_table(table, path, compression="zstd", row_group_size=_ROWS_READ, write_statistics=["posted_on"])


def load_documents(intents: Sequence[Intent], lines_of: Mapping[str, Path]) -> dict[str, Document]:
    """Documents with their lines, from the files of their plans."""
    wanted = {each.document_id: each for each in intents}
    rows: dict[str, list[dict[str, Any]]] = {each: [] for each in wanted}
    for plan_id in sorted({each.plan_id for each in intents}):
        table = read_lines(lines_of[plan_id], [each for each in intents if each.plan_id == plan_id])
        for row in table.sort_by([("document_id", "ascending"), ("line_no", "ascending")]).to_pylist():
            rows[row["document_id"]].append(row)
    return {key: _document(each, rows[key]) for key, each in wanted.items()}


def read_lines(path: Path, intents: Sequence[Intent] | None = None) -> pa.Table:
    """Lines of some documents, or all, from the file of a plan, with the columns of `LINE_CLASSES`."""
    wanted = None
    if intents is not None:
        days = sorted({date.fromisoformat(each.posted_on) for each in intents})
        ids = sorted(each.document_id for each in intents)
        wanted = pc.field("posted_on").isin(days) & pc.field("document_id").isin(ids)
    table = pq.read_table(path, filters=wanted)
    for name in _NEWER:
        if name not in table.column_names:
            is_number = name in _NUMBERS
            column = pa.array([0 if is_number else ""] * table.num_rows, pa.int64() if is_number else pa.string())
            table = table.append_column(name, column)
    return table.select(list(LINE_CLASSES))


def lines_of_documents(intents: Sequence[Intent], lines_of: Mapping[str, Path]) -> pa.Table:
    """Lines of documents of any plans, each file read once; columns of `LINE_CLASSES`."""
    by_plan: dict[str, list[Intent]] = {}
    for each in intents:
        by_plan.setdefault(each.plan_id, []).append(each)
    tables = [read_lines(lines_of[plan_id], several).cast(_SCHEMA) for plan_id, several in sorted(by_plan.items())]
    return pa.concat_tables([_SCHEMA.empty_table(), *tables])


def _document(each: Intent, rows: Sequence[dict[str, Any]]) -> Document:
    assert len(rows) == each.lines, "the file of a plan holds every line of its documents"
    lines = () if each.kind in BOOKS_NOTHING else tuple(_posting(row) for row in rows)
    return Document(
        each.document_id,
        each.kind,
        each.company,
        date.fromisoformat(each.posted_on),
        each.currency,
        each.functional_currency,
        each.text,
        lines,
        _body(each.kind, rows),
    )


def _posting(row: dict[str, Any]) -> JournalLine:
    party = row["party"] if row["role"] in ("", "total") else ""
    return JournalLine(row["account"], row["functional_minor"], row["amount_minor"], party, row["settles"])


def _body(kind: str, rows: Sequence[dict[str, Any]]) -> Body | None:
    """What a document holds beside what it books."""
    if kind in BOOKED_ONLY:
        return None
    first = rows[0]
    if kind == PARTY:
        return Party(first["party"], first["line_text"])
    if kind == PRODUCT:
        return Product(first["product"], first["line_text"])
    if kind == ORDER:
        # An order books nothing, so what it comes to stands beside the amounts that are booked.
        ordered = ("account", "product", "line_text", "quantity", "price_e6", "base_minor")
        return SalesOrder(first["party"], tuple(ItemLine(*(row[name] for name in ordered)) for row in rows))
    if kind in MOVEMENTS:
        return Goods(first["party"], tuple(GoodsLine(row["product"], row["quantity"]) for row in rows))
    total = next(row for row in rows if row["role"] == "total")
    items = (
        ItemLine(
            row["account"], row["product"], row["line_text"], row["quantity"], row["price_e6"], -row["amount_minor"]
        )
        for row in rows
        if row["role"] == "item"
    )
    taxes = (
        TaxLine(row["account"], row["tax_code"], row["base_minor"], -row["amount_minor"])
        for row in rows
        if row["role"] == "tax"
    )
    return Invoice(total["party"], total["account"], tuple(items), tuple(taxes))
