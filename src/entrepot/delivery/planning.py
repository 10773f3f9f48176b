"""Which documents a target has to get: the ledger's journals beside what was planned before, as queries.

A journal keeps one base id for ever. What changes after something of it was sent is not changed in the ERP: a reversal
takes the old document back and a new one, under the next number, takes its place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.delivery.correcting import Corrected, Correction, can_be_corrected, correct
from entrepot.delivery.erp import KINDS, MASTER, ORDER, PRICE_DIGITS, TURNED
from entrepot.delivery.errors import BooksMixed
from entrepot.delivery.goods import define_goods, goods_left_out
from entrepot.delivery.intents import Intent
from entrepot.delivery.journals import define_journal_lines
from entrepot.delivery.lines import LINE_CLASSES, lines_of_documents
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.journals import JournalAsked, JournalTotals
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

_NO_INVOICES = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("document_id", "kind", "entity_id", "company", "book", "period", "reference")
        ),
        *((name, pa.string()) for name in ("currency", "functional_currency", "account", "role", "party", "product")),
        *((name, pa.string()) for name in ("line_text", "tax_code")),
        *((name, pa.int64()) for name in ("line_no", "functional_minor", "amount_minor", "quantity")),
        *((name, pa.int64()) for name in ("price_e6", "base_minor")),
        ("posted_on", pa.date32()),
    ]
)

_NO_PAYMENTS = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "entity_id", "company", "book", "period", "reference")),
        *((name, pa.string()) for name in ("currency", "functional_currency", "account", "party", "settles")),
        *((name, pa.int64()) for name in ("line_no", "functional_minor", "amount_minor")),
        ("posted_on", pa.date32()),
    ]
)

_NO_ORDERS = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "entity_id", "company", "book", "period", "reference")),
        *((name, pa.string()) for name in ("currency", "functional_currency", "party", "product")),
        *((name, pa.int64()) for name in ("line_no", "quantity", "price_e6", "base_minor")),
        ("posted_on", pa.date32()),
    ]
)

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


@dataclass(frozen=True)
class PlanAsked:
    """What a target takes.

    Attributes:
        target: Its name.
        journals: Period and grouping, and which kinds are no journals.
        book: The book it takes; '' where the ledger has one only.
        names_orders: Whether texts may say which order or shop a document is about.
        reposts: Whether what changed after sending is reversed and sent anew; else a person is asked.
        corrects: Whether a journal that changed after sending is corrected by a further one instead.
        plan_id: Name of this plan.
        price_digits: Digits behind the point that the ERP's prices have.
        names_products: Whether lines of invoices say what was sold, by SKU.
        names_skus: Whether products are called by their names.
        masters: Which companies a party or product is for: `shared` by all, `own` for each, '' where none is sent.
        channel_names: What a channel is called, by code.
        name_length_max: Characters that the name of a party or product may have.
        sends_products: Whether products are sent where parties are.
        sales_orders: Whether what buyers ordered goes as sales orders, one for each.
        movements: What one goods issue or goods receipt holds, `day` or `order`; '' where no goods are sent.
    """

    target: str
    journals: JournalAsked
    book: str
    names_orders: bool
    reposts: bool
    plan_id: str
    corrects: bool = False
    price_digits: int = PRICE_DIGITS
    names_products: bool = False
    names_skus: bool = False
    masters: Literal["", "shared", "own"] = ""
    channel_names: Mapping[str, str] = field(default_factory=dict)
    name_length_max: int = 200
    sends_products: bool = True
    sales_orders: bool = False
    movements: str = ""


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
    _define_documents(engine, asked)
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
    "select kept_kind as kind, count(distinct coalesce(order_id, entry_id)) as orders from journal_entries "
    "where kept_kind is not null group by kept_kind",
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


def _define_documents(engine: Engine, asked: PlanAsked) -> None:
    """Define `planned_lines` and `planned_documents`, checked against the ledger."""
    target = {
        "book": [asked.book],
        "names_orders": [asked.names_orders],
        "names_products": [asked.names_products],
        "names_skus": [asked.names_skus],
        "sends_masters": [bool(asked.masters)],
        "sends_products": [bool(asked.masters) and asked.sends_products],
        "shares_masters": [asked.masters == "shared"],
        "name_length": pa.array([asked.name_length_max], pa.int64()),
        "today": pa.array([datetime.now(UTC).date()], pa.date32()),
    }
    engine.add_arrow("target_book", pa.table(target))
    names = asked.channel_names
    columns = {"code": pa.array(list(names), pa.string()), "name": pa.array(list(names.values()), pa.string())}
    engine.add_arrow("channel_names", pa.table(columns))
    currencies = engine.read("currency_digits").to_pylist()
    # A price has as many digits as the ERP takes, and never fewer than the currency.
    units = [10 ** max(asked.price_digits - row["digits"], 0) for row in currencies]
    steps = {
        "currency": pa.array([row["currency"] for row in currencies], pa.string()),
        "of_minor": pa.array([10 ** (PRICE_DIGITS - row["digits"]) for row in currencies], pa.int64()),
        "units": pa.array(units, pa.int64()),
    }
    engine.add_arrow("price_steps", pa.table(steps))
    if asked.journals.documents:
        engine.define("document_parts", _query("document_parts"), materialise=True)
        engine.define("invoice_lines", _query("invoice_lines"), materialise=True)
    else:
        engine.add_arrow("invoice_lines", _NO_INVOICES.empty_table())
    if asked.journals.documents or ((asked.sales_orders or asked.movements) and asked.masters):
        names_sql = "select sku_id as code, max(coalesce(name, name_en)) as name from skus group by sku_id"
        engine.define("sku_names", parse(names_sql, source="names of SKUs"))
    else:
        engine.add_arrow("sku_names", pa.table({name: pa.array([], pa.string()) for name in ("code", "name")}))
    if asked.journals.documents and asked.journals.payments:
        engine.define("payment_lines", _query("payment_lines"), materialise=True)
    else:
        engine.add_arrow("payment_lines", _NO_PAYMENTS.empty_table())
    if asked.sales_orders:
        engine.define("order_lines", _query("order_lines"), materialise=True)
    else:
        engine.add_arrow("order_lines", _NO_ORDERS.empty_table())
    define_goods(engine, asked.movements)
    engine.define("planned_lines", _query("planned_lines"), materialise=True)
    engine.define("planned_documents", _query("planned_documents"), materialise=True)
    postings = parse("select company, account, functional_minor from planned_lines", source="what documents book")
    engine.define("document_postings", postings)
    assert not engine.read(_query("tied")).num_rows, "invoices, credit notes, payments and journals are the ledger"
    unbalanced = (
        "select document_id from payment_lines group by document_id "
        "having sum_exact(amount_minor) <> 0 or sum_exact(functional_minor) <> 0"
    )
    assert not engine.read(parse(unbalanced, source="payments")).num_rows, "every payment balances"


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
