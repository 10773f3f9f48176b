"""What was sent beside what the ERP holds, as queries."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.delivery.journals import define_asked
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Found
    from entrepot.delivery.journals import JournalAsked
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

_SIDE = pa.schema(
    [
        ("document_id", pa.string()),
        ("company", pa.string()),
        ("currency", pa.string()),
        ("account", pa.string()),
        ("functional_minor", pa.int64()),
        ("amount_minor", pa.int64()),
    ]
)


def audit_rows(
    engine: Engine, ours: pa.Table, held: Mapping[str, Sequence[Found]]
) -> tuple[list[dict[str, Any]], tuple[tuple[str, str, int], ...], list[str]]:
    """What was sent beside what the ERP holds.

    Args:
        engine: Any engine.
        ours: Lines of what was sent.
        held: What the ERP holds, by key.
    Returns:
        Lines of accounts that differ; functional debits of the ERP by company and currency; the keys it holds.
    """
    rows = [
        (key, found.content.company, found.content.currency, *line)
        for key, several in held.items()
        for found in several
        for line in _booked(found)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _SIDE]
    engine.add_arrow("theirs", pa.table(columns, schema=_SIDE))
    engine.add_arrow("ours", ours.select(_SIDE.names).cast(_SIDE))
    differences = engine.read(_query("audit")).to_pylist()
    sums = engine.read(
        parse(
            "select company, currency, "
            "sum_exact(case when functional_minor > 0 then functional_minor else 0 end) as debit "
            "from theirs group by company, currency order by company, currency",
            source="debits of the ERP",
        )
    ).to_pylist()
    return differences, tuple((row["company"], row["currency"], int(row["debit"])) for row in sums), list(held)


def _booked(found: Found) -> list[tuple[str, int, int]]:
    """What the ERP's general ledger holds: account, functional amount, amount."""
    if found.booked:
        return [(line.account, line.functional_minor, line.amount_minor) for line in found.booked]
    lines = found.content.lines.items()
    return [(account, functional * times, amount * times) for (account, functional, amount), times in lines]


def ledger_rows(engine: Engine, asked: JournalAsked, mapping: AccountMapping, book: str) -> list[dict[str, Any]]:
    """The ledger of a period beside everything that the ERP holds of it: what differs.

    Args:
        engine: One on which `audit_rows` was called, with `TABLES_NEEDED`.
        asked: The period.
        mapping: Our accounts to the ERP's.
        book: The book that the target takes; '' for the only one.
    Returns:
        company, account of the ERP, ledger_minor and documents_minor in the company's currency.
    """
    define_asked(engine, asked, mapping)
    engine.add_arrow("target_book", pa.table({"book": [book]}))
    postings = parse("select company, account, functional_minor from theirs", source="what the ERP holds")
    engine.define("ledger_postings", _query("ledger_postings"))
    engine.define("document_postings", postings)
    return sorted(engine.read(_query("tied")).to_pylist(), key=lambda row: (row["company"], row["account"]))


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
