"""Journals and payments of Tryton: account moves; the lines of a payment are matched with the invoices that they pay.

The description of a line that pays is the key of its invoice, without the version. What is open under such a key, of
payments and of all versions of the invoice, is reconciled once it comes to nothing. So it does not matter which of
several payments, or of the documents that take something back, is posted last.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import JOURNAL, PAYMENT, Found, content_of
from entrepot.delivery.tryton.books import (
    KEY_MARK,
    POSTED,
    context,
    key_of,
    keyed,
    to_decimal,
)
from entrepot.delivery.tryton.spec import SPEC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Document, JournalLine
    from entrepot.delivery.tryton.books import Books, Company, Posted

_WIZARD = "wizard.account.move.reconcile_lines"
_KEYS_AT_ONCE = 100
"""Keys in one condition: each is a term of its own, and a database limits how deep these may go."""


class Moves:
    """Journals and payments as account moves.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer.
        """
        company = self._books.company(document.company)
        lines = [move_line(self._books, company, document, line) for line in document.lines]
        return draft(company, document, "general", lines)

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        return make_drafts(self._books, documents, made)

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Post; or match what payments settle."""
        at = self._books.company(company)
        if step == "post":
            self._books.wire.call("model.account.move.post", numbers, context(at))
            return
        assert step == "match", "drafts are posted, and payments matched"
        of_moves = self._books.postings(at, numbers)
        self._match(at, sorted({line.settles for move in of_moves.values() for line in move.lines if line.settles}))

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Moves of some keys; or of ours in a span, of the other kind too.

        Moves of invoices have no description, and entries that stand for invoices are on another journal.
        """
        assert kind in (JOURNAL, PAYMENT), "both are moves of Tryton"
        company = self._books.company(company_code)
        domain: list[object] = [["company", "=", company.company_id], ["journal.type", "!=", "revenue"]]
        domain.append(["description", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys))
        if span:
            domain += [["date", ">=", span[0]], ["date", "<=", span[1]]]
        moves = list(self._books.rows("account.move", domain, ["id", "description", "state", "date"], company))
        lines = self._books.postings(company, [move["id"] for move in moves])
        loose = self._loose(company, lines.values())
        found: dict[str, tuple[Found, ...]] = {}
        for move in moves:
            own = lines.get(move["id"])
            currency, booked = (own.currency, own.lines) if own else (company.currency, [])
            content = content_of(company_code, move["date"], currency, booked)
            settled = {line.settles for line in booked if line.settles}
            steps = SPEC.steps[PAYMENT if settled else JOURNAL]
            done = 1 if move["state"] != POSTED else len(steps) - 1 if settled & loose else len(steps)
            key = key_of(move["description"])
            found[key] = (*found.get(key, ()), Found(str(move["id"]), done, content))
        return found

    def _match(self, company: Company, keys: Sequence[str]) -> None:
        """Reconcile what is open under some keys and comes to nothing; the rest waits for what is still to come.

        Nobody may write the field that matches lines, but the wizard of Tryton's clients. It refuses what somebody else
        has matched since we looked.
        """
        waiting = self._open(company, keys).values()
        ready = [[line["id"] for line in lines] for lines in waiting if _comes_to_nothing(lines)]
        if not ready:
            return
        session, start, _ = self._books.wire.call(f"{_WIZARD}.create", context(company))
        for numbers in ready:
            told = {"active_model": "account.move.line", "active_id": numbers[0], "active_ids": numbers}
            self._books.wire.call(f"{_WIZARD}.execute", session, {}, start, {**context(company), **told})
        self._books.wire.call(f"{_WIZARD}.delete", session, context(company))

    def _loose(self, company: Company, moves: Iterable[Posted]) -> set[str]:
        """Keys under which something is open that could be matched."""
        keys = sorted({key for move in moves for key in move.unmatched})
        return {key for key, lines in self._open(company, keys).items() if _comes_to_nothing(lines)}

    def _open(self, company: Company, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """By key, the posted lines on accounts of customers that are not reconciled: of payments and of invoices."""
        names = ["id", "move", "move.date", "account", "party", "description", "debit", "credit"]
        names.append("amount_second_currency")
        is_open = [
            ["reconciliation", "=", None],
            ["move.state", "=", POSTED],
            ["move.company", "=", company.company_id],
        ]
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[at : at + _KEYS_AT_ONCE]
            named = ["description", "in", [f"{KEY_MARK}{key}" for key in some]]
            for row in self._books.rows("account.move.line", [*is_open, named], names, company):
                found[key_of(row["description"])].append(row)
            versions = ["OR", *(["description", "like", f"{KEY_MARK}{key}%"] for key in some)]
            heads = [["company", "=", company.company_id], ["move", "!=", None], versions]
            of_move = {
                row["move"]: (key_of(row["description"]), row["account"])
                for row in self._books.rows("account.invoice", heads, ["move", "account", "description"], company)
            }
            of_invoices = ["move", "in", list(of_move)]
            for row in (
                self._books.rows("account.move.line", [*is_open, of_invoices], names, company) if of_move else ()
            ):
                version, account = of_move[row["move"]]
                if row["account"] == account:
                    found[base_of(version)].append(row)
        return found


def draft(company: Company, document: Document, journal: str, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A move that is not posted yet, as `create` takes it, on a journal of some type."""
    return {
        "company": company.company_id,
        "journal": company.journals[journal],
        "period": company.period(document.posted_on),
        "date": document.posted_on,
        "description": f"{KEY_MARK}{document.document_id} {document.text}",
        "lines": [["create", list(lines)]],
    }


def make_drafts(books: Books, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
    """Make moves of one company; their numbers."""
    company = books.company(documents[0].company)
    return list(books.wire.call("model.account.move.create", list(made), context(company)))


def move_line(books: Books, company: Company, document: Document, line: JournalLine) -> dict[str, Any]:
    """A line of a move, with both of its amounts."""
    amount = to_decimal(line.functional_minor, document.functional_currency)
    made: dict[str, Any] = {
        "account": company.account(line.account),
        "debit": max(amount, Decimal(0)),
        "credit": max(-amount, Decimal(0)),
    }
    if line.settles:
        made["description"] = f"{KEY_MARK}{line.settles}"
    if line.party and line.account in company.of_parties:
        made["party"] = books.party(line.party)["id"]
    if document.currency != document.functional_currency:
        made["second_currency"] = books.currency(document.currency)
        made["amount_second_currency"] = to_decimal(line.amount_minor, document.currency)
    return made


def _comes_to_nothing(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether lines can be reconciled: they are of one account and party and add up to nothing."""
    places = {(line["account"], line["party"]) for line in lines}
    in_books = sum(line["debit"] - line["credit"] for line in lines)
    # Tryton would write the rest of the other currency off.
    in_other = sum(line["amount_second_currency"] or 0 for line in lines)
    return len(lines) > 1 and len(places) == 1 and not in_books and not in_other


def base_of(document_id: str) -> str:
    """What all versions of a document share."""
    return document_id.removesuffix("r").partition(".")[0]
