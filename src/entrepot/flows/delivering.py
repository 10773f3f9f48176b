"""Delivery: what a period's books need in an ERP, brought there once, and read back.

plan     journals to documents, beside what was planned before        delivery
clear    only permitted columns to a target of this region            residency
keep     lines as a file, then intents in the state                   delivery
run      claim, look up, send, write down                             delivery
audit    what the ERP holds beside what was sent, line by line        delivery
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from entrepot.delivery.auditing import audit_rows, ledger_rows
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.erp import (
    BOOKED_ONLY,
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    KINDS,
    MASTER,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
)
from entrepot.delivery.errors import (
    DocumentUnknown,
    KindDeclined,
    KindUnknown,
    TargetUnmapped,
)
from entrepot.delivery.goods import GOODS_TABLES, GoodsAudit, define_goods, goods_audit
from entrepot.delivery.intents import OPEN, UNSEEN, IntentLog
from entrepot.delivery.journals import TABLES_NEEDED, JournalAsked
from entrepot.delivery.lines import LINE_CLASSES, load_documents, read_lines, write_lines
from entrepot.delivery.mapping import mapping_file_text, read_mapping
from entrepot.delivery.planning import place_of, plan_documents
from entrepot.delivery.registry import erp_named
from entrepot.delivery.running import ADVICE, Runner
from entrepot.flows.asking import channels_known, newest_tables, vocabulary
from entrepot.flows.targets import adapter_of, target_named
from entrepot.residency.targets import TargetPermit, clear_for_target
from entrepot.store import State
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import httpx

    from entrepot.delivery.erp import Adapter, Document, Found
    from entrepot.delivery.intents import Intent
    from entrepot.delivery.journals import JournalTotals
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.delivery.planning import Plan
    from entrepot.flows.parts import CellParts
    from entrepot.residency.targets import ClearedDocuments
    from entrepot.store import TargetSettings

_ALWAYS = frozenset(LINE_CLASSES) - {"text", "product"}
"""Columns without which there is no document; the others are up to the permit, and empty where it names them not."""

_INVOICE_TABLES = ("order_pieces", "skus")


@dataclass(frozen=True)
class PlanReport:
    """What a plan made.

    Attributes:
        documents: Documents of the period, with the parties and products that they name.
        kinds: How many of each kind.
        planned: New ones, reversals too.
        replaced: Those dropped before anything of them was sent.
        reversed_: Those taken back because the books changed after they were sent.
        asks: Those that changed after they were sent and wait for a decision.
        totals: The same as the ledger's.
        goods_left_out: By reason, of how many orders goods are in no document, and how many pieces are known of them.
        kept, foreign_journals, opposed: As in `Plan`.
    """

    documents: int
    kinds: dict[str, int]
    planned: int
    replaced: int
    reversed_: int
    asks: tuple[str, ...]
    totals: JournalTotals
    goods_left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    foreign_journals: tuple[tuple[str, str, int, int], ...] = ()
    opposed: tuple[tuple[str, str, int], ...] = ()


@dataclass
class RunReport:
    """What a run did: words of the history with how often, and what is still open."""

    words: Counter[str]
    open: int
    waits_s: float


@dataclass(frozen=True)
class AuditReport:
    """The ERP beside what was sent.

    Attributes:
        documents: Documents that are done.
        found: How many the ERP holds, in their last step.
        waiting: Documents of the period that are not done: still to be sent, refused, or in conflict.
        missing: Keys that it does not hold, or not in their last step: as drafts, or as payments that are not matched.
        twice: Keys that it holds more than once.
        strangers: Keys of ours that it holds and nobody sent.
        differences: document_id, company, currency, account and both sides' amounts, where they are not equal.
        sums: company, currency of the documents, functional debits of what the ERP holds and their currency.
        kinds: How many documents of each kind are done; of parties and products those of all periods.
        changed: Keys under which the ERP holds other contents, such as another price or name.
        ledger: company, account, and the amounts of the ledger and of the ERP, where these differ.
        goods: Pieces, document by document and in total.
    """

    documents: int
    found: int
    waiting: int = 0
    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    differences: tuple[dict[str, Any], ...] = ()
    sums: tuple[tuple[str, str, int, str], ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()
    goods: GoodsAudit = field(default_factory=GoodsAudit)

    @property
    def is_equal(self) -> bool:
        """Whether the ERP holds just the documents of the period, once, and they add up to the ledger."""
        wrong = (self.missing, self.twice, self.strangers, self.differences, self.changed, self.ledger)
        return not self.waiting and not any((*wrong, self.goods.pieces, self.goods.stock))


@dataclass(frozen=True)
class _Open:
    parts: CellParts
    target: TargetSettings
    log: IntentLog
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.parts.layout.delivery / self.target.name)

    def lines_of(self, intents: Sequence[Intent]) -> dict[str, Path]:
        return {each.plan_id: self.folder / f"{each.plan_id}.parquet" for each in intents}

    def load(self, intents: Sequence[Intent]) -> dict[str, Document]:
        return load_documents(intents, self.lines_of(intents))


def plan(parts: CellParts, target: str, period: str, *, dry_run: bool = False) -> PlanReport:
    """Plan the documents of a period for a target; again and again, with the same result.

    Raises:
        TargetUnknown: `cell.toml` does not name it.
        NothingPublished: Nothing was imported yet.
        TargetUnmapped: Nobody has said which accounts of the ERP are ours.
        EntrepotError: As `plan_documents`, `read_mapping` and `clear_for_target` say.
    """
    with _opened(parts, target) as at:
        made = _planned(at, period)
        if not dry_run:
            _keep(at, made)
        asked_back = sum(each.role == "reversal" for each in made.intents)
        return PlanReport(
            made.documents,
            made.kinds,
            len(made.intents),
            len(made.replaced),
            asked_back,
            tuple(made.asks),
            made.totals,
            made.goods_left_out,
            made.kept,
            made.foreign_journals,
            made.opposed,
        )


def planned_documents(parts: CellParts, target: str, period: str) -> list[Document]:
    """The documents that a plan would add, as they would stand in the ERP; nothing is kept."""
    with _opened(parts, target) as at:
        made = _planned(at, period)
        cleared = _cleared(at, made)
        at.folder.mkdir(parents=True, exist_ok=True)
        shown = at.folder / f".shown-{os.getpid()}.parquet"
        try:
            pq.write_table(cleared.lines, shown)
            return list(load_documents(made.intents, {each.plan_id: shown for each in made.intents}).values())
        finally:
            shown.unlink(missing_ok=True)


def run(
    parts: CellParts,
    target: str,
    *,
    wait_s: float = 0.0,
    transport: httpx.BaseTransport | None = None,
    tell: Callable[[Counter[str]], None] = lambda _words: None,
) -> RunReport:
    """Deliver what is planned until nothing is left that can be done, waiting for what is put off.

    Args:
        parts: The cell.
        target: Its name in `cell.toml`.
        wait_s: How long to wait, in all, for documents that may not be taken up yet.
        transport: For tests: what carries the calls.
        tell: Called after each batch with what was done so far.

    Raises:
        TargetUnknown: `cell.toml` does not name it.
        SecretMissing: The environment does not hold its password.
    """
    with _opened(parts, target) as at, adapter_of(at.target, transport) as adapter:
        runner = Runner(adapter, at.log, at.load)
        until = time.time() + wait_s
        while True:
            if runner.run_once():
                tell(runner.done.words)
                continue
            ready = at.log.next_at_s()
            if ready is None or max(ready, time.time()) > until:
                break
            time.sleep(min(max(ready - time.time(), 0.05), 5.0))
        left = at.log.next_at_s()
        still_open = sum(row["documents"] for row in at.log.counts() if row["status"] in OPEN)
        return RunReport(runner.done.words, still_open, max((left or 0.0) - time.time(), 0.0))


def status(parts: CellParts, target: str) -> list[dict[str, Any]]:
    """Documents by period and status."""
    with _opened(parts, target) as at:
        return at.log.counts()


def waiting_for_people(parts: CellParts, target: str) -> list[Intent]:
    """Documents that were rejected or that stand in the ERP with other contents."""
    with _opened(parts, target) as at:
        return at.log.documents(statuses=("rejected", "conflict"))


def retry(parts: CellParts, target: str, document_ids: Sequence[str]) -> list[str]:
    """Put documents back in line: those named, or all that wait for a person and were not taken away in the ERP."""
    with _opened(parts, target) as at:
        return at.log.retry(document_ids)


def explain(parts: CellParts, target: str, document_id: str) -> tuple[Intent, Document, list[dict[str, Any]]]:
    """A document, its lines and its history.

    Raises:
        DocumentUnknown: The target has none of that id.
    """
    with _opened(parts, target) as at:
        found = at.log.document(document_id)
        if found is None:
            raise DocumentUnknown(target, document_id)
        return found, at.load([found])[document_id], at.log.history(document_id)


def advice(parts: CellParts, target: str, code: str, lang: str) -> str:
    """What to do about a trouble, in words; '' where nothing is known."""
    spec = erp_named(target_named(parts, target).erp).spec
    code = code.removeprefix(UNSEEN)
    return dict(spec.advice.get(code) or ADVICE.get(code, {})).get(lang, "")


def audit(parts: CellParts, target: str, period: str, *, transport: httpx.BaseTransport | None = None) -> AuditReport:
    """Read what the ERP holds of ours in a period and compare it with what was sent, and with the ledger.

    Raises:
        ErpUnreachable: The ERP gave no answer.
        ErpRefused: It does not let us look.
        EntrepotError: As `plan` says.
    """
    with _opened(parts, target) as at, adapter_of(at.target, transport) as adapter:
        of_period = at.log.documents(period=period)
        done = [each for each in of_period if each.status == "done"]
        waiting = sum(each.status not in ("done", "dropped") for each in of_period)
        if not done:
            return AuditReport(0, 0, waiting)
        masters = [each for each in at.log.documents(kinds=MASTER) if each.status != "dropped"]
        waiting += sum(each.status != "done" for each in masters)
        held = _held(adapter, of_period)
        ours = _lines_of(at, done)
        mapping = _mapping(at)
        with parts.open_engine() as engine:
            differences, sums, theirs = audit_rows(engine, ours, held)
            newest_tables(parts).open_into(engine, (*TABLES_NEEDED, *(GOODS_TABLES if at.target.movements else ())))
            asked = JournalAsked(period, at.target.per, order_days=at.target.order_days)
            ledger = ledger_rows(engine, asked, mapping, at.target.book)
            define_goods(engine, at.target.movements)
            goods = goods_audit(engine, ours, held) if at.target.movements else GoodsAudit()
        keys = {each.document_id for each in done}
        books = {each.company: each.functional_currency for each in of_period}
        known = keys | at.log.known_among(set(theirs) - keys)
        steps = adapter.spec.steps
        whole = {
            each.document_id
            for each in done
            if any(found.steps_done == len(steps[each.kind]) for found in held.get(each.document_id, ()))
        }
        lost, twice, changed = _compared(at, adapter, done, masters, held)
        return AuditReport(
            documents=len(done),
            found=len(whole),
            waiting=waiting,
            missing=(*sorted(keys - whole), *lost),
            twice=(*sorted(key for key, found in held.items() if len(found) > 1), *twice),
            strangers=tuple(sorted(set(theirs) - known)),
            differences=tuple(row for row in differences if row["document_id"] in keys),
            sums=tuple((*each, books[each[0]]) for each in sums),
            kinds=dict(Counter(each.kind for each in (*done, *masters))),
            changed=changed,
            ledger=tuple(ledger),
            goods=goods,
        )


def _held(adapter: Adapter, of_period: Sequence[Intent]) -> dict[str, tuple[Found, ...]]:
    """What the ERP holds of a period, by key; what is no master is looked for in the span of the period's days."""
    days = [date.fromisoformat(each.posted_on) for each in of_period]
    return {
        key: found
        for kind, company in sorted({(each.kind, each.company) for each in of_period})
        for key, found in adapter.held(kind, company, min(days), max(days)).items()
    }


def _compared(
    at: _Open,
    adapter: Adapter,
    done: Sequence[Intent],
    masters: Sequence[Intent],
    held: Mapping[str, tuple[Found, ...]],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Keys of parties and products that are missing or there twice, and of documents whose contents are others.

    What a journal or a payment holds is what it books, which is compared line by line elsewhere.
    """
    newest = {each.base_id: each for each in sorted(masters, key=place_of) if each.status == "done"}
    documents = at.load([each for each in (*newest.values(), *done) if each.kind not in BOOKED_ONLY])
    found = dict(held)
    by_place: dict[tuple[str, str], list[str]] = {}
    for each in newest.values():
        document = documents[each.document_id]
        by_place.setdefault((document.kind, document.company), []).append(document.key)
    for (kind, company), keys in by_place.items():
        for first in range(0, len(keys), adapter.spec.batch_max):
            found |= adapter.find(kind, company, keys[first : first + adapter.spec.batch_max])
    of_masters = [documents[each.document_id] for each in newest.values()]
    lost = sorted(each.key for each in of_masters if not found.get(each.key))
    twice = sorted(each.key for each in of_masters if len(found.get(each.key, ())) > 1)
    changed = sorted(
        each.key for each in documents.values() for one in found.get(each.key, ())[:1] if one.content != each.content
    )
    return tuple(lost), tuple(twice), tuple(changed)


@contextlib.contextmanager
def _opened(parts: CellParts, name: str) -> Iterator[_Open]:
    target = target_named(parts, name)
    with contextlib.closing(State(parts.layout)) as state:
        yield _Open(parts, target, IntentLog(state, target.name))


def _planned(at: _Open, period: str) -> Plan:
    target, spec = at.target, erp_named(at.target.erp).spec
    known = [*at.log.documents(period=period), *at.log.documents(kinds=MASTER)]
    chosen = {INVOICE: target.invoices, CREDIT_NOTE: target.credit_notes}
    documents = {kind: per for kind, per in chosen.items() if per}
    names_masters = (bool(documents) or target.sales_orders or bool(target.movements)) and PARTY in spec.steps
    sends_masters = names_masters and target.master_data == "deliver"
    asked_for = {PAYMENT: bool(target.payments), ORDER: target.sales_orders}
    asked_for |= dict.fromkeys((GOODS_ISSUE, GOODS_RECEIPT), bool(target.movements))
    # An ERP whose lines name no product of its own needs none.
    wanted = {*documents, *({PARTY} if sends_masters else ()), *(kind for kind, is_so in asked_for.items() if is_so)}
    if declined := next((kind for kind in KINDS if kind in wanted and kind in spec.declined), ""):
        raise KindDeclined(target.name, target.erp, declined, spec.declined[declined])
    if lacking := tuple(kind for kind in KINDS if kind in wanted and kind not in spec.steps):
        raise KindUnknown(target.name, target.erp, lacking)
    tables = newest_tables(at.parts)
    names = {lang: vocabulary(at.parts, lang).channels for lang in ("zh", "en")}
    asked = PlanAsked(
        target.name,
        JournalAsked(
            period,
            target.per,
            order_days=target.order_days,
            documents=documents,
            payments=target.payments,
            turns_lines=spec.turns_lines,
            takes_foreign=spec.keeps_both_amounts,
        ),
        target.book,
        names_orders="text" in target.fields,
        reposts=target.on_change == "repost",
        corrects=target.on_change == "correct",
        plan_id=f"{period}-{now_us()}",
        price_digits=spec.price_digits,
        name_length_max=spec.name_length_max,
        sends_products=PRODUCT in spec.steps,
        names_products="product" in target.fields,
        sales_orders=target.sales_orders,
        movements=target.movements,
        names_skus="product_name" in target.fields,
        masters=("shared" if spec.has_shared_masters else "own") if sends_masters else "",
        channel_names={code: " ".join(dict.fromkeys((names["zh"][code], names["en"][code]))) for code in names["zh"]},
    )
    with at.parts.open_engine() as engine:
        more = {*(_INVOICE_TABLES if documents or target.sales_orders else ())}
        more |= {*GOODS_TABLES, "skus"} if target.movements else set()
        tables.open_into(engine, (*TABLES_NEEDED, *sorted(more)))
        return plan_documents(engine, asked, _mapping(at), known, at.lines_of(known))


def _mapping(at: _Open) -> AccountMapping:
    kept = at.parts.layout.home / "mappings" / f"{at.target.name}.csv"
    if not kept.exists():
        raise TargetUnmapped(at.target.name, at.target.erp, str(kept))
    text = mapping_file_text(kept.read_bytes(), kept.name)
    return read_mapping(text, kept.name, 0, channels_known(at.parts))


def _cleared(at: _Open, made: Plan) -> ClearedDocuments:
    """The lines as the target may have them."""
    assert made.lines is not None, "a plan has lines"
    target = at.target
    permit = TargetPermit(target.name, target.region, target.purpose, _ALWAYS | {"text", "product"})
    return clear_for_target(made.lines, permit, at.parts.settings.cell.region, LINE_CLASSES)


def _keep(at: _Open, made: Plan) -> None:
    """Lines first, then intents: an intent without its lines would be a promise that nobody can keep."""
    if made.intents:
        cleared = _cleared(at, made)
        at.folder.mkdir(parents=True, exist_ok=True)
        path = at.folder / f"{made.intents[0].plan_id}.parquet"
        unfinished = path.with_suffix(".part")
        write_lines(cleared.lines, unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    at.log.add(made.intents, made.replaced, made.needs)


def _lines_of(at: _Open, intents: Sequence[Intent]) -> pa.Table:
    ids = pa.array([each.document_id for each in intents], pa.string())
    lines = pa.concat_tables([read_lines(path) for path in at.lines_of(intents).values()])
    return lines.filter(pa.compute.is_in(lines["document_id"], value_set=ids))
