"""Invoices and credit notes in another currency, as entries of Odoo on the account of the customer.

Odoo books an invoice at a rate: its own of the day, or one that is said; each line is rounded by itself, and comes to
another amount than the ledger's. An entry takes debit, credit and the amount in the currency of each line from us; what
a line stands for is its label. The label of the customer's line is the key without its version, as in what pays it: so
it is matched with that, and the entry is told from journals and payments.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, PARTY, Document, Found, Invoice, JournalLine, content_of_body
from entrepot.delivery.odoo.books import CANCELLED, MARK, POSTED, POSTING, key_of, keyed, posting
from entrepot.delivery.odoo.entries import ENTRY_COLUMNS, base_of, entry_rows, is_bill
from entrepot.delivery.odoo.spec import SPEC
from entrepot.delivery.worded import read_back, worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.odoo.books import Books

_TEXT_LENGTH = 1_000
"""Odoo's own labels have no end; ours have."""


class Bills:
    """Entries that stand for invoices.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        assert kind in (INVOICE, CREDIT_NOTE), "both are entries"
        return keyed(keys)

    def prepared(self, document: Document) -> list[list[str]]:
        """Each line under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there, a text is too long, or Odoo gave no answer.
        """
        invoice, functional = document.body, functional_of(document)
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        owed = JournalLine(invoice.receivable, functional.total, invoice.total_minor, invoice.party)
        label = f"{MARK}{base_of(document.document_id)}"
        return entry_rows(self._books, document, [(owed, label), *worded(invoice, functional, _TEXT_LENGTH)])

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.load(company, "account.move", ENTRY_COLUMNS, [row for each in rows for row in each]))

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Those that meet a condition, of both kinds, which have keys of their own."""
        company = self._books.company(company_code)
        mine = [["company_id", "=", company.company_id], ["move_type", "=", "entry"]]
        entries = list(self._books.rows(company, "account.move", [*mine, *domain], ["ref", "state", "date"]))
        lines = self._books.lines(company, [each["id"] for each in entries], [*POSTING, "name", "partner_id"])
        bills = [each for each in entries if is_bill(key_of(each["ref"]), lines.get(each["id"], []))]
        of_lines = [row for each in bills for row in lines[each["id"]]]
        parties = self._books.codes(PARTY, [row["partner_id"][0] for row in of_lines if row["partner_id"]])
        found: dict[str, tuple[Found, ...]] = {}
        for bill in bills:
            # One that was cancelled holds nothing any more.
            rows = lines[bill["id"]] if bill["state"] != CANCELLED else []
            booked = [(posting(company, row), row) for row in rows]
            currency = rows[0]["currency_id"][1] if rows else company.currency
            body = _body(booked, parties, currency)
            is_posted, key = bill["state"] == POSTED, key_of(bill["ref"])
            content = content_of_body(company_code, date.fromisoformat(bill["date"]), currency, body)
            steps = len(SPEC.steps[kind]) if is_posted else 1
            one = Found(str(bill["id"]), steps, content, tuple(line for line, _ in booked) if is_posted else ())
            found[key] = (*found.get(key, ()), one)
        return found


def _body(
    booked: Sequence[tuple[JournalLine, Mapping[str, Any]]], parties: Mapping[int, str], currency: str
) -> Invoice:
    """What an entry stands for; one that charges nobody, or several, is another document than ours."""
    owed = [(line, row["partner_id"][0]) for line, row in booked if row["partner_id"]]
    party, receivable = (parties.get(owed[0][1], ""), owed[0][0].account) if len(owed) == 1 else ("", "")
    kind = CREDIT_NOTE if sum(line.amount_minor for line, _ in owed) < 0 else INVOICE
    sold = [(line, str(row["name"] or "")) for line, row in booked if not row["partner_id"]]
    return read_back(kind, party, receivable, sold, currency)
