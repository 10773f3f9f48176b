"""Invoices and credit notes in another currency, as entries of Tryton on the account of the customer.

Tryton books an invoice at its own rate of the day and lets nobody say the amounts (an invoice's move is read-only). An
entry takes both amounts of each line from us; what a line stands for is its text. It is on a journal of the type
revenue, which tells it from the journals, and its line of the customer is matched with what pays it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, Found, Invoice, JournalLine, content_of_body
from entrepot.delivery.tryton.books import KEY_MARK, PAGE, POSTED, context, key_of, keyed, to_minor
from entrepot.delivery.tryton.moves import base_of, draft, make_drafts, move_line
from entrepot.delivery.tryton.spec import SPEC
from entrepot.delivery.worded import read_back, worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Document
    from entrepot.delivery.tryton.books import Books, Company

_TEXT_LENGTH = 1_000
"""Tryton's own texts have no end; ours have."""


class Entries:
    """Entries that stand for invoices.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer, or cannot say whom the entry charges.
        """
        company, invoice = self._books.company(document.company), document.body
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        if "revenue" not in company.journals:
            raise Trouble("rejected", "refused", "Tryton has no journal of the type revenue")
        company.account(invoice.receivable)
        if invoice.receivable not in company.of_parties:
            words = f"the account {invoice.receivable} names no party: set Party Required on it"
            raise Trouble("rejected", "account", words)
        functional = functional_of(document)
        total = JournalLine(invoice.receivable, functional.total, invoice.total_minor, invoice.party)
        owed = move_line(self._books, company, document, total) | {
            "maturity_date": document.posted_on,
            "description": f"{KEY_MARK}{base_of(document.document_id)}",
        }
        sold = [
            move_line(self._books, company, document, line) | {"description": text}
            for line, text in worded(invoice, functional, _TEXT_LENGTH)
        ]
        return draft(company, document, "revenue", [owed, *sold])

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        return make_drafts(self._books, documents, made)

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Post; there is nothing to validate."""
        if step == "post":
            self._books.wire.call("model.account.move.post", numbers, context(self._books.company(company)))

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Entries of some keys; or of ours in a span, those of the other kind too, which have keys of their own."""
        assert kind in (INVOICE, CREDIT_NOTE), "other kinds are no entries of customers"
        company = self._books.company(company_code)
        domain: list[object] = [["company", "=", company.company_id], ["journal.type", "=", "revenue"]]
        domain.append(["description", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys))
        if span:
            domain += [["date", ">=", span[0]], ["date", "<=", span[1]]]
        moves = list(self._books.rows("account.move", domain, ["id", "description", "state", "date"], company))
        lines = self._lines(company, [move["id"] for move in moves])
        found: dict[str, tuple[Found, ...]] = {}
        for move in moves:
            currency, of_move = lines.get(move["id"], (company.currency, []))
            content = content_of_body(company_code, move["date"], currency, _body(of_move, currency))
            booked = tuple(line for line, _ in of_move)
            steps, key = SPEC.steps[INVOICE], key_of(move["description"])
            one = Found(str(move["id"]), len(steps) if move["state"] == POSTED else 1, content, booked)
            found[key] = (*found.get(key, ()), one)
        return found

    def _lines(self, company: Company, moves: Sequence[int]) -> dict[int, tuple[str, list[tuple[JournalLine, str]]]]:
        """By move, its currency and its lines with their texts."""
        names = ["move", "account.code", "party.code", "debit", "credit", "second_currency.code"]
        names += ["amount_second_currency", "description"]
        found: dict[int, tuple[str, list[tuple[JournalLine, str]]]] = {}
        for at in range(0, len(moves), PAGE):
            some = [["move", "in", list(moves[at : at + PAGE])]]
            for row in self._books.rows("account.move.line", some, names, company):
                second = (row.get("second_currency.") or {}).get("code")
                functional = to_minor(row["debit"] - row["credit"], company.currency)
                amount = to_minor(row["amount_second_currency"], second) if second else functional
                party = (row.get("party.") or {}).get("code") or ""
                line = JournalLine(row["account."]["code"], functional, amount, party)
                _, lines = found.setdefault(row["move"], (second or company.currency, []))
                lines.append((line, str(row["description"] or "")))
        return found


def _body(lines: Sequence[tuple[JournalLine, str]], currency: str) -> Invoice:
    """What an entry stands for; one that charges nobody, or several, is another document than ours."""
    owed = [line for line, _ in lines if line.party]
    party, receivable = (owed[0].party, owed[0].account) if len(owed) == 1 else ("", "")
    kind = CREDIT_NOTE if sum(line.amount_minor for line in owed) < 0 else INVOICE
    return read_back(kind, party, receivable, [each for each in lines if not each[0].party], currency)
