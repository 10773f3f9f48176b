"""Which documents a target has to get: the ledger's journals beside what was planned before, as queries.

A journal keeps one base id for ever. What changes after something of it was sent is not changed in the ERP: a reversal
takes the old document back and a new one, under the next number, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from entrepot.delivery.erp import JOURNAL, KINDS, Document, JournalLine
from entrepot.delivery.errors import BooksMixed
from entrepot.delivery.intents import Intent
from entrepot.delivery.journals import define_journal_lines
from entrepot.engine import parse
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Found
    from entrepot.delivery.journals import JournalAsked, JournalTotals
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

LINE_CLASSES: Mapping[str, ResidencyClass] = {
    "document_id": ResidencyClass.PSEUDONYMOUS,
    "line_no": ResidencyClass.OPERATIONAL,
    "entity_id": ResidencyClass.BUSINESS,
    "company": ResidencyClass.BUSINESS,
    "book": ResidencyClass.BUSINESS,
    "period": ResidencyClass.BUSINESS,
    "posted_on": ResidencyClass.BUSINESS,
    # An order number, where a journal holds one order.
    "text": ResidencyClass.PSEUDONYMOUS,
    "currency": ResidencyClass.BUSINESS,
    "functional_currency": ResidencyClass.BUSINESS,
    "account": ResidencyClass.BUSINESS,
    "functional_minor": ResidencyClass.BUSINESS,
    "amount_minor": ResidencyClass.BUSINESS,
}
"""Columns of a document's lines and their classes."""

_KNOWN = pa.schema(
    [
        ("base_id", pa.string()),
        ("document_id", pa.string()),
        ("payload_hash", pa.string()),
        ("was_begun", pa.bool_()),
        ("is_reversal", pa.bool_()),
        ("version", pa.int64()),
    ]
)


@dataclass
class Plan:
    """What a plan changes.

    Attributes:
        totals: Of the journals that were planned for, the same as the ledger's.
        documents: How many documents the period has.
        intents: New documents.
        lines: Their lines, columns of `LINE_CLASSES`.
        replaced: Documents dropped before anything was sent, and what takes their place.
        asks: Documents that changed after something was sent, where the target asks a person first.
    """

    totals: JournalTotals
    documents: int
    intents: list[Intent] = field(default_factory=list)
    lines: pa.Table | None = None
    replaced: dict[str, str] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PlanAsked:
    """What a target takes.

    Attributes:
        target: Its name.
        journals: Period and grouping.
        book: The book it takes; '' where the ledger has one only.
        names_orders: Whether texts may say which order or shop a document is about.
        reposts: Whether what changed after sending is reversed and sent anew; else a person is asked.
        plan_id: Name of this plan.
    """

    target: str
    journals: JournalAsked
    book: str
    names_orders: bool
    reposts: bool
    plan_id: str


def plan_documents(
    engine: Engine, asked: PlanAsked, mapping: AccountMapping, known: Sequence[Intent], lines_of: Mapping[str, Path]
) -> Plan:
    """Compare the ledger's journals with the documents there are.

    Args:
        engine: Any engine that has `journals.TABLES_NEEDED`.
        asked: Period, grouping, book.
        mapping: Our accounts to the ERP's.
        known: The target's documents of the period, dropped ones too.
        lines_of: By plan id, the file with the lines of its documents.

    Raises:
        BooksMixed: The period has two books and the target names none.
        EntrepotError: As `define_journal_lines` says.
    """
    totals = define_journal_lines(engine, asked.journals, mapping, holds_companies=True)
    books = engine.read(parse("select distinct book from exported_lines", source="books"))["book"].to_pylist()
    if not asked.book and len(books) > 1:
        raise BooksMixed(asked.target, tuple(sorted(books)))
    engine.add_arrow("target_book", pa.table({"book": [asked.book], "names_orders": [asked.names_orders]}))
    engine.define("planned_lines", _query("planned_lines"), materialise=True)
    engine.define("planned_documents", _query("planned_documents"), materialise=True)
    newest = _newest(known)
    engine.add_arrow("known_documents", _known_table(newest))
    changes = [row for row in engine.read(_query("plan_changes")).to_pylist() if row["action"] != "same"]
    documents = engine.read(parse("select * from planned_documents", source="documents"))
    plan = Plan(totals, documents.num_rows)
    by_base = {row["document_id"]: row for row in documents.to_pylist()} if changes else {}
    for change in sorted(changes, key=lambda row: str(row["base_id"])):
        _take(plan, asked, change, by_base.get(change["base_id"]), newest.get(change["base_id"]))
    plan.lines = _lines(engine, plan, newest, lines_of)
    return plan


def load_documents(intents: Sequence[Intent], lines_of: Mapping[str, Path]) -> dict[str, Document]:
    """Documents with their lines, from the files of their plans."""
    wanted = {each.document_id: each for each in intents}
    rows: dict[str, list[JournalLine]] = {each: [] for each in wanted}
    for plan_id in sorted({each.plan_id for each in intents}):
        ids = [each.document_id for each in intents if each.plan_id == plan_id]
        table = pq.read_table(lines_of[plan_id], filters=[("document_id", "in", ids)])
        for row in table.sort_by([("document_id", "ascending"), ("line_no", "ascending")]).to_pylist():
            line = JournalLine(row["account"], row["functional_minor"], row["amount_minor"])
            rows[row["document_id"]].append(line)
    return {key: _document(each, tuple(rows[key])) for key, each in wanted.items()}


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
        (key, found.content.company, found.content.currency, account, functional * times, amount * times)
        for key, several in held.items()
        for found in several
        for (account, functional, amount), times in found.content.lines.items()
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


def _document(each: Intent, lines: tuple[JournalLine, ...]) -> Document:
    assert len(lines) == each.lines, "the file of a plan holds every line of its documents"
    return Document(
        each.document_id,
        each.kind,
        each.company,
        date.fromisoformat(each.posted_on),
        each.currency,
        each.functional_currency,
        each.text,
        lines,
    )


def _newest(known: Sequence[Intent]) -> dict[str, Intent]:
    """The document that stands for each journal now."""
    newest: dict[str, Intent] = {}
    for each in sorted(known, key=_place):
        if each.status != "dropped":
            newest[each.base_id] = each
    return newest


def _version(document_id: str) -> int:
    """1 for the base id itself, else the number after the point."""
    _, _, number = document_id.removesuffix("r").partition(".")
    return int(number or 1)


def _place(each: Intent) -> tuple[int, bool]:
    return _version(each.document_id), each.role == "reversal"


def _known_table(newest: Mapping[str, Intent]) -> pa.Table:
    rows = [
        (each.base_id, each.document_id, each.payload_hash, _was_begun(each), each.role == "reversal", _place(each)[0])
        for each in newest.values()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _KNOWN]
    return pa.table(columns, schema=_KNOWN)


def _was_begun(each: Intent) -> bool:
    """Whether the ERP may hold anything of it."""
    if each.status == "planned":
        return each.steps_done > 0 or bool(each.claimed_by)
    is_refused_for_sure = each.status == "rejected" and each.code != "tries_ran_out" and not each.steps_done
    return not is_refused_for_sure


def _take(plan: Plan, asked: PlanAsked, change: dict[str, Any], row: dict[str, Any] | None, old: Intent | None) -> None:
    """One journal's change."""
    action, base = change["action"], change["base_id"]
    if action in ("repost", "reverse") and not asked.reposts:
        plan.asks.append(change["old_id"])
        return
    number = change["version"] + 1 if old else 1
    new_id = base if number == 1 else f"{base}.{number}"
    after = ""
    if action in ("repost", "reverse"):
        assert old is not None, "only what was begun is taken back"
        after = f"{old.document_id}r"
        plan.intents.append(_reversal(old, after, asked))
    if action in ("replace", "drop"):
        plan.replaced[change["old_id"]] = new_id if action == "replace" else ""
    if row is not None:
        plan.intents.append(_new(row, new_id, base, after, asked))


def _new(row: dict[str, Any], document_id: str, base_id: str, after: str, asked: PlanAsked) -> Intent:
    kept = ("entity_id", "company", "book", "period", "currency", "functional_currency")
    return Intent(
        target=asked.target,
        document_id=document_id,
        base_id=base_id,
        kind=JOURNAL,
        rank=KINDS.index(JOURNAL),
        role="document",
        after=after,
        posted_on=row["posted_on"].isoformat(),
        debit_minor=row["debit_minor"],
        lines=row["lines"],
        text=row["text"],
        payload_hash=row["payload_hash"],
        plan_id=asked.plan_id,
        **{name: row[name] for name in kept},
    )


def _reversal(old: Intent, document_id: str, asked: PlanAsked) -> Intent:
    return Intent(
        target=asked.target,
        document_id=document_id,
        base_id=old.base_id,
        kind=old.kind,
        rank=old.rank,
        role="reversal",
        after=old.document_id,
        entity_id=old.entity_id,
        company=old.company,
        book=old.book,
        period=old.period,
        posted_on=old.posted_on,
        currency=old.currency,
        functional_currency=old.functional_currency,
        debit_minor=old.debit_minor,
        lines=old.lines,
        text=f"reversal of {old.document_id} {old.text}",
        payload_hash=old.payload_hash,
        plan_id=asked.plan_id,
    )


def _lines(engine: Engine, plan: Plan, newest: Mapping[str, Intent], lines_of: Mapping[str, Path]) -> pa.Table:
    """Lines of the new documents: the journals' own, and those taken back with their signs turned."""
    made = [each for each in plan.intents if each.role == "document"]
    engine.add_arrow(
        "new_documents",
        pa.table(
            {
                "base_id": pa.array([each.base_id for each in made], pa.string()),
                "new_id": pa.array([each.document_id for each in made], pa.string()),
            }
        ),
    )
    columns = ", ".join(f"p.{name}" for name in LINE_CLASSES if name != "document_id")
    own = engine.read(
        parse(
            f"select n.new_id as document_id, {columns} from planned_lines as p "
            "join new_documents as n on p.document_id = n.base_id",
            source="lines of new documents",
        )
    ).select(list(LINE_CLASSES))
    tables = [own]
    for each in plan.intents:
        if each.role == "reversal":
            old = newest[each.base_id]
            table = pq.read_table(lines_of[old.plan_id], filters=[("document_id", "=", old.document_id)])
            tables.append(_turned(table, each).cast(own.schema))
    return pa.concat_tables(tables)


def _turned(table: pa.Table, reversal: Intent) -> pa.Table:
    for name in ("functional_minor", "amount_minor"):
        table = table.set_column(table.column_names.index(name), name, pc.negate(table[name]))
    for name, value in (("document_id", reversal.document_id), ("text", reversal.text)):
        values = pa.array([value] * table.num_rows, pa.string())
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
