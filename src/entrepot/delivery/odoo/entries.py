"""Journals and payments of Odoo: entries; the lines of a payment are matched with the invoices that they pay.

The label of a line that pays is the key of its invoice, without the version. What is open under such a key, of payments
and of all versions of the invoice, is reconciled once it comes to nothing. In another currency only pairs are that are
equal in both currencies: of more lines Odoo matches portions, and books what rates make of them as exchange differences
(account_move_line.py, `_prepare_reconciliation_single_partial`, from 16 on).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import JOURNAL, PARTY, PAYMENT, Found, content_of
from entrepot.delivery.odoo.books import CANCELLED, MARK, POSTED, POSTING, context, key_of, keyed, posting
from entrepot.delivery.odoo.invoices import OWED, TYPES
from entrepot.delivery.odoo.spec import MODULE, SPEC
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document, JournalLine
    from entrepot.delivery.odoo.books import Books, Company

ENTRY_COLUMNS = (
    "id",
    "move_type",
    "journal_id/.id",
    "date",
    "ref",
    "line_ids/id",
    "line_ids/account_id/.id",
    "line_ids/partner_id/.id",
    "line_ids/name",
    "line_ids/debit",
    "line_ids/credit",
    "line_ids/currency_id/.id",
    "line_ids/amount_currency",
)
_HEAD = 5
"""The first columns are of the entry; in the rows of its further lines they are empty."""

_KEYS_AT_ONCE = 100


class Entries:
    """Journals and payments as entries.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        assert kind in (JOURNAL, PAYMENT), "both are entries"
        return keyed(keys)

    def prepared(self, document: Document) -> list[list[str]]:
        """Each line under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there, or Odoo gave no answer.
        """
        labels = (f"{MARK}{line.settles}" if line.settles else document.text for line in document.lines)
        return entry_rows(self._books, document, list(zip(document.lines, labels, strict=True)))

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.load(company, "account.move", ENTRY_COLUMNS, [row for each in rows for row in each]))

    def match(self, company: Company, documents: Sequence[Document]) -> None:
        """Reconcile what is open under what payments settle and comes to nothing; the rest waits for what is to come.

        Odoo refuses lines that somebody has matched since we looked.
        """
        keys = sorted({line.settles for each in documents for line in each.lines if line.settles})
        for lines in self._open(company, keys).values():
            for ids in _matches(lines):
                self._books.wire.call("account.move.line", "reconcile", ids, context=context(company))

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Entries that meet a condition, of the other kind too, without those that stand for invoices."""
        assert kind in (JOURNAL, PAYMENT), "both are entries"
        company = self._books.company(company_code)
        mine = [["company_id", "=", company.company_id], ["move_type", "=", "entry"]]
        entries = list(self._books.rows(company, "account.move", [*mine, *domain], ["ref", "state", "date"]))
        lines = self._books.lines(company, [each["id"] for each in entries], [*POSTING, "name", "reconciled"])
        entries = [each for each in entries if not is_bill(key_of(each["ref"]), lines.get(each["id"], []))]
        alive = {each["id"] for each in entries if each["state"] != CANCELLED}
        lines = {number: rows for number, rows in lines.items() if number in alive}
        pays = {number: _settled([row for row in rows if not row["reconciled"]]) for number, rows in lines.items()}
        loose = self._loose(company, sorted({key for keys in pays.values() for key in keys}))
        found: dict[str, tuple[Found, ...]] = {}
        for entry in entries:
            own = lines.get(entry["id"], [])
            currency = own[-1]["currency_id"][1] if own else company.currency
            day, key = date.fromisoformat(entry["date"]), key_of(entry["ref"])
            content = content_of(company_code, day, currency, [posting(company, row) for row in own])
            steps = len(SPEC.steps[PAYMENT if _settled(own) else JOURNAL])
            done = 1 if entry["state"] != POSTED else steps - 1 if pays.get(entry["id"], set()) & loose else steps
            found[key] = (*found.get(key, ()), Found(str(entry["id"]), done, content))
        return found

    def _loose(self, company: Company, keys: Sequence[str]) -> set[str]:
        """Those of some keys under which something is open that could be matched."""
        return {key for key, lines in self._open(company, keys).items() if _matches(lines)}

    def _open(self, company: Company, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """By key, the posted lines that are not reconciled: of payments, and what invoices charge the customers."""
        names = ["move_id", "account_id", "partner_id", "name", "debit", "credit", "amount_currency"]
        is_open = [["reconciled", "=", False], ["parent_state", "=", POSTED]]
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[at : at + _KEYS_AT_ONCE]
            labels = ["name", "in", [f"{MARK}{key}" for key in some]]
            for row in self._books.rows(company, "account.move.line", [*is_open, labels], names):
                found[key_of(row["name"])].append(row)
            mine = [["company_id", "=", company.company_id], ["move_type", "in", list(TYPES)], *keyed(some)]
            invoices = {
                row["id"]: key_of(row["ref"]) for row in self._books.rows(company, "account.move", mine, ["ref"])
            }
            of_invoices = [*is_open, ["display_type", "=", OWED], ["move_id", "in", list(invoices)]]
            for row in self._books.rows(company, "account.move.line", of_invoices, names) if invoices else ():
                found[base_of(invoices[row["move_id"][0]])].append(row)
        return found


def entry_rows(books: Books, document: Document, lines: Sequence[tuple[JournalLine, str]]) -> list[list[str]]:
    """An entry of lines with their labels, as `load` takes it.

    Raises:
        Trouble: Something that it names is not there, or Odoo gave no answer.
    """
    key, company = document.document_id, books.company(document.company)
    head = [
        f"{MODULE}.{key}",
        "entry",
        str(company.journal("general", document.company)),
        document.posted_on.isoformat(),
        f"{MARK}{key} {document.text}".strip(),
    ]
    currency = str(books.currency(document.currency))
    rows = []
    for at, (line, label) in enumerate(lines):
        account = company.account(line.account, document.company)
        party = str(books.master(PARTY, line.party)) if line.party else ""
        values = [f"{MODULE}.{key}_{at}", str(account), party, label, *_amounts(document, line, currency)]
        rows.append([*(head if at == 0 else [""] * _HEAD), *values])
    return rows


def is_bill(key: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an entry stands for an invoice: a line of it is what others pay under its own key."""
    return any(row["name"] == f"{MARK}{base_of(key)}" for row in rows)


def _amounts(document: Document, line: JournalLine, currency: str) -> list[str]:
    """Debit, credit, the number of the currency and the amount in it."""
    amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
    own = Decimal(line.amount_minor).scaleb(-minor_digits(document.currency))
    return [str(max(amount, Decimal(0))), str(max(-amount, Decimal(0))), currency, str(own)]


def _settled(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keys of what lines pay."""
    return {key_of(row["name"]) for row in rows if str(row["name"]).startswith(MARK)}


def _matches(lines: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """The lines that can be reconciled, by call."""
    amounts = {line["id"]: (_balance(line), Decimal(line["amount_currency"])) for line in lines}
    if all(balance == own for balance, own in amounts.values()):
        return [list(amounts)] if _comes_to_nothing(lines) else []
    found: list[list[int]] = []
    waiting: dict[object, list[int]] = defaultdict(list)
    for line in lines:
        place = (line["account_id"][0], line["partner_id"] and line["partner_id"][0])
        balance, own = amounts[line["id"]]
        if others := waiting[place, -balance, -own]:
            found.append([others.pop(0), line["id"]])
        else:
            waiting[place, balance, own].append(line["id"])
    return found


def _balance(line: Mapping[str, Any]) -> Decimal:
    return Decimal(line["debit"]) - Decimal(line["credit"])


def _comes_to_nothing(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether lines can be reconciled: they are of one account and contact and add up to nothing."""
    places = {(line["account_id"][0], line["partner_id"] and line["partner_id"][0]) for line in lines}
    return len(lines) > 1 and len(places) == 1 and not sum(_balance(line) for line in lines)


def base_of(document_id: str) -> str:
    """What all versions of a document share."""
    return document_id.removesuffix("r").partition(".")[0]
