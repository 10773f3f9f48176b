"""Which documents a target has to get: the ledger's journals beside what was planned before, as queries.

A journal keeps one base id for ever. What changes after something of it was sent is not changed in the ERP: a reversal
takes the old document back and a new one, under the next number, takes its place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.delivery.correcting import Corrected, Correction, can_be_corrected, correct
from entrepot.delivery.documents import define_documents
from entrepot.delivery.erp import KINDS, MASTER, ORDER, TURNED
from entrepot.delivery.goods import goods_left_out
from entrepot.delivery.intents import Intent
from entrepot.delivery.lines import LINE_CLASSES, lines_of_documents
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.documents import PlanAsked
    from entrepot.delivery.journals import JournalTotals
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

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
        kinds: How many documents of each kind the period has.
        needs: Document ids, each with the base id of a party, product or invoice that has to be there before.
        goods_left_out: What moved, or may have, and is in no document: by reason, of how many orders, and known pieces.
        kept: Orders that stay in journals because the ERP refuses their lines: by kind of the document, how many.
        foreign_journals: Kind and currency of sales that no document takes, of how many orders, and their amount.
        opposed: Kind and currency of documents that would have a line of both sides, of how many orders: they stay in
            journals.
    """

    totals: JournalTotals
    documents: int
    intents: list[Intent] = field(default_factory=list)
    lines: pa.Table | None = None
    replaced: dict[str, str] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    needs: list[tuple[str, str]] = field(default_factory=list)
    goods_left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    foreign_journals: tuple[tuple[str, str, int, int], ...] = ()
    opposed: tuple[tuple[str, str, int], ...] = ()


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
    totals, opposed = define_documents(engine, asked, mapping)
    documents = engine.read(parse("select * from planned_documents", source="documents"))
    planned = set(documents["document_id"].to_pylist())
    left_out = goods_left_out(engine) if asked.movements else {}
    # A party that this period does not name is not gone.
    newest = {base: each for base, each in _newest(known).items() if each.kind not in MASTER or base in planned}
    engine.add_arrow("known_documents", _known_table(newest))
    changes = [row for row in engine.read(_query("plan_changes")).to_pylist() if row["action"] != "same"]
    kinds = dict(Counter(documents["kind"].to_pylist()))
    kept = {row["kind"]: row["orders"] for row in engine.read(_KEPT).to_pylist()}
    plan = Plan(
        totals,
        documents.num_rows,
        kinds=kinds,
        goods_left_out=left_out,
        kept=kept,
        foreign_journals=_foreign(engine),
        opposed=opposed,
    )
    by_base = {row["document_id"]: row for row in documents.to_pylist()} if changes else {}
    held = _held(known) if changes else {}
    corrections = []
    for change in sorted(changes, key=lambda row: str(row["base_id"])):
        base = change["base_id"]
        correction = _correction(asked, change, by_base.get(base), held.get(base, []))
        if correction is None:
            _take(plan, asked, change, by_base.get(base), newest.get(base))
        else:
            corrections.append(correction)
    plan.lines = _lines(engine, plan, newest, lines_of)
    if corrections:
        _correct(plan, correct(engine, corrections, asked.plan_id, lines_of), corrections)
    new = {each.base_id: each.document_id for each in plan.intents if each.role in ("document", "correction")}
    needs = engine.read(_query("needs")).to_pylist() if new else []
    plan.needs = [(new[row["document_id"]], row["base_id"]) for row in needs if row["document_id"] in new]
    plan.needs += _settled(plan.lines)
    return plan


def _correct(plan: Plan, corrected: Corrected, corrections: Sequence[Correction]) -> None:
    """Take documents of differences into a plan."""
    assert plan.lines is not None, "lines of the other documents are there"
    plan.intents += corrected.intents
    plan.lines = pa.concat_tables([plan.lines, corrected.lines.cast(plan.lines.schema)])
    came = {each.document_id for each in corrected.intents}
    for each in corrections:
        if each.replaces:
            plan.replaced[each.replaces] = each.document_id if each.document_id in came else ""


_KEPT = parse(
    "select e.kept_kind as kind, count(distinct e.sold_as) as orders from journal_entries as e "
    "join target_book as t on t.book = '' or e.book = t.book where e.kept_kind is not null group by e.kept_kind",
    source="orders that stay in journals",
)


def _foreign(engine: Engine) -> tuple[tuple[str, str, int, int], ...]:
    """Sales and refunds that stay journals because of their currency."""
    rows = engine.read(_query("foreign_journals")).to_pylist()
    return tuple(sorted((row["kind"], row["currency"], row["orders"], row["amount_minor"]) for row in rows))


def _settled(lines: pa.Table) -> list[tuple[str, str]]:
    """Payments, and what takes one back, each with a document that has to be there before in all its versions."""
    paying = lines.filter(pc.not_equal(lines["settles"], ""))
    pairs = paying.group_by(["document_id", "settles"]).aggregate([]).to_pydict()
    return sorted(zip(pairs["document_id"], pairs["settles"], strict=True))


def _newest(known: Sequence[Intent]) -> dict[str, Intent]:
    """The document that stands for each journal now."""
    newest: dict[str, Intent] = {}
    for each in sorted(known, key=place_of):
        if each.status != "dropped":
            newest[each.base_id] = each
    return newest


def _held(known: Sequence[Intent]) -> dict[str, list[Intent]]:
    """By journal, every document of it that was not dropped, in order."""
    held: dict[str, list[Intent]] = {}
    for each in sorted(known, key=place_of):
        if each.status != "dropped":
            held.setdefault(each.base_id, []).append(each)
    return held


def _correction(
    asked: PlanAsked, change: Mapping[str, Any], row: Mapping[str, Any] | None, held: Sequence[Intent]
) -> Correction | None:
    """The correction that a change asks for; None where it is made in another way."""
    is_unsent = change["action"] in ("replace", "drop")
    if change["action"] == "new" or (
        change["action"] in ("repost", "reverse") and not (asked.reposts or asked.corrects)
    ):
        return None
    before = held[:-1] if is_unsent else held
    if not can_be_corrected(before, wanted=asked.corrects):
        return None
    replaces = change["old_id"] if is_unsent else ""
    return Correction(f"{change['base_id']}.{change['version'] + 1}", before, row, replaces)


def _version(document_id: str) -> int:
    """1 for the base id itself, else the number after the point."""
    _, _, number = document_id.removesuffix("r").partition(".")
    return int(number or 1)


def place_of(each: Intent) -> tuple[int, bool]:
    """Where a document stands among those of its base: its number, and a reversal after what it takes back."""
    return _version(each.document_id), each.role == "reversal"


def _known_table(newest: Mapping[str, Intent]) -> pa.Table:
    rows = [
        (
            each.base_id,
            each.document_id,
            each.payload_hash,
            _was_begun(each),
            each.role == "reversal",
            place_of(each)[0],
        )
        for each in newest.values()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _KNOWN]
    return pa.table(columns, schema=_KNOWN)


def _was_begun(each: Intent) -> bool:
    """Whether the ERP may hold anything of it."""
    if each.status == "planned":
        return each.steps_done > 0 or bool(each.claimed_by)
    return not each.is_refused_for_sure


def _take(plan: Plan, asked: PlanAsked, change: dict[str, Any], row: dict[str, Any] | None, old: Intent | None) -> None:
    """One journal's change."""
    action, base = change["action"], change["base_id"]
    is_master = row is not None and row["kind"] in MASTER
    if action in ("repost", "reverse") and old is not None and old.kind == ORDER:
        # Whoever delivers from it in the ERP has to know: no document of ours takes an order back.
        plan.asks.append(change["old_id"])
        return
    if action in ("repost", "reverse") and not (asked.reposts or asked.corrects) and not is_master:
        plan.asks.append(change["old_id"])
        return
    number = change["version"] + 1 if old else 1
    new_id = base if number == 1 else f"{base}.{number}"
    after = ""
    if action in ("repost", "reverse"):
        assert old is not None, "only what was begun is taken back"
        # A party or product is written over, after what was sent of it before.
        after = old.document_id if is_master else f"{old.document_id}r"
        if not is_master:
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
        kind=row["kind"],
        rank=KINDS.index(row["kind"]),
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
        kind=TURNED[old.kind],
        rank=KINDS.index(TURNED[old.kind]),
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
    taken_back = [(each, newest[each.base_id]) for each in plan.intents if each.role == "reversal"]
    if not taken_back:
        return own
    engine.add_arrow("held_lines", lines_of_documents([old for _, old in taken_back], lines_of))
    reversals = {
        "held_id": [old.document_id for _, old in taken_back],
        "new_id": [each.document_id for each, _ in taken_back],
        "text": [each.text for each, _ in taken_back],
    }
    engine.add_arrow("reversals", pa.table({name: pa.array(each, pa.string()) for name, each in reversals.items()}))
    turned = {"document_id": "r.new_id", "text": "r.text"} | {name: f"-l.{name}" for name in _TURNED}
    columns = ", ".join(f"{turned.get(name, f'l.{name}')} as {name}" for name in LINE_CLASSES)
    query = f"select {columns} from held_lines as l join reversals as r on l.document_id = r.held_id"
    back = engine.read(parse(query, source="lines of reversals")).select(list(LINE_CLASSES))
    return pa.concat_tables([own, back.cast(own.schema)])


_TURNED = ("functional_minor", "amount_minor", "quantity", "base_minor")
"""Columns of a line whose signs a reversal turns."""


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
