"""Journals as entries of Odoo: loaded under external ids, several in one transaction, and then posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, outcome_of
from entrepot.delivery.erp import JOURNAL, Document, Found, JournalLine, Outcome, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.odoo.spec import MODULE, SPEC
from entrepot.delivery.odoo.wire import wire
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, ErpSpec
    from entrepot.delivery.odoo.wire import Wire

_MARK = "EP-"
_POSTED, _CANCELLED = "posted", "cancel"
_PAGE = 500
_COLUMNS = (
    "id",
    "move_type",
    "journal_id/.id",
    "date",
    "ref",
    "line_ids/id",
    "line_ids/account_id/.id",
    "line_ids/name",
    "line_ids/debit",
    "line_ids/credit",
    "line_ids/currency_id/.id",
    "line_ids/amount_currency",
)
_HEAD = 5
"""The first columns are of the entry; in the rows of its further lines they are empty."""


@dataclass(frozen=True, slots=True)
class _Company:
    """What a company's entries need: its numbers, and the number of each account by its code."""

    company_id: int
    currency: str
    journal_id: int
    accounts: Mapping[str, int]


class Odoo:
    """One database."""

    def __init__(self, at: Wire) -> None:
        self._wire = at
        self._companies: dict[str, _Company] = {}
        self._currencies: dict[str, int] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._wire.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Create drafts, or post them."""
        try:
            company = self._company(documents[0].company)
            if step == "create":
                return self._create(company, documents)
            ids = [int(refs[each.document_id]) for each in documents]
            self._wire.call("account.move", "action_post", ids, context=_context(company))
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        return {each.document_id: Outcome("applied") for each in documents}

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Entries whose reference begins with one of the keys."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        either = ["|"] * (len(keys) - 1)
        return self._found(company, [*either, *(["ref", "=like", f"{_MARK}{key}%"] for key in keys)]) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Entries of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        span = [["date", ">=", first.isoformat()], ["date", "<=", last.isoformat()]]
        return self._found(company, [["ref", "=like", f"{_MARK}%"], *span])

    def _create(self, company: _Company, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        rows: list[list[str]] = []
        for each in documents:
            try:
                rows += self._rows_of(company, each)
            except Trouble as trouble:
                outcomes[each.document_id] = outcome_of(trouble)
        ready = [each for each in documents if each.document_id not in outcomes]
        if not ready:
            return outcomes
        told = self._wire.call("account.move", "load", fields=list(_COLUMNS), data=rows, context=_context(company))
        if not told["ids"]:
            words = "; ".join(str(each.get("message", "")) for each in told["messages"])
            raise Trouble("rejected", "refused", words or "Odoo loaded nothing and says no reason")
        for each, number in zip(ready, told["ids"], strict=True):
            outcomes[each.document_id] = Outcome("applied", str(number))
        return outcomes

    def _rows_of(self, company: _Company, document: Document) -> list[list[str]]:
        """An entry as rows, every value a text; each line under an id of its own, so that a repeat changes nothing."""
        key = document.document_id
        head = [
            f"{MODULE}.{key}",
            "entry",
            str(company.journal_id),
            document.posted_on.isoformat(),
            f"{_MARK}{key} {document.text}".strip(),
        ]
        currency = str(self._currency(document.currency))
        rows = []
        for at, line in enumerate(document.lines):
            if line.account not in company.accounts:
                raise Trouble("rejected", "account", f"{document.company} has no account {line.account}")
            amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
            own = Decimal(line.amount_minor).scaleb(-minor_digits(document.currency))
            rows.append(
                [
                    *(head if at == 0 else [""] * _HEAD),
                    f"{MODULE}.{key}_{at}",
                    str(company.accounts[line.account]),
                    document.text,
                    str(max(amount, Decimal(0))),
                    str(max(-amount, Decimal(0))),
                    currency,
                    str(own),
                ]
            )
        return rows

    def _found(self, company_code: str, domain: list[object]) -> Mapping[str, tuple[Found, ...]]:
        try:
            company = self._company(company_code)
            of_company = ["company_id", "=", company.company_id]
            entries = list(self._rows(company, "account.move", [of_company, *domain], ["ref", "state", "date"]))
            numbers = [each["id"] for each in entries if each["state"] != _CANCELLED]
            lines = self._lines(company, numbers)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for entry in entries:
            key = str(entry["ref"]).split(" ", 1)[0].removeprefix(_MARK)
            currency, own = lines.get(entry["id"], (company.currency, []))
            content = content_of(company_code, date.fromisoformat(entry["date"]), currency, own)
            steps = len(SPEC.steps[JOURNAL]) if entry["state"] == _POSTED else 1
            found[key] = (*found.get(key, ()), Found(str(entry["id"]), steps, content))
        return found

    def _lines(self, company: _Company, entries: Sequence[int]) -> dict[int, tuple[str, list[JournalLine]]]:
        """By entry, its currency and lines."""
        codes = {number: code for code, number in company.accounts.items()}
        names = ["move_id", "account_id", "debit", "credit", "currency_id", "amount_currency"]
        lines: dict[int, tuple[str, list[JournalLine]]] = {}
        for at in range(0, len(entries), _PAGE):
            mine: list[object] = [["move_id", "in", list(entries[at : at + _PAGE])]]
            for row in self._rows(company, "account.move.line", mine, names):
                currency = row["currency_id"][1]
                functional = _minor(Decimal(row["debit"]) - Decimal(row["credit"]), company.currency)
                amount = _minor(Decimal(row["amount_currency"]), currency)
                account = codes.get(row["account_id"][0], row["account_id"][1])
                _, own = lines.setdefault(row["move_id"][0], (currency, []))
                own.append(JournalLine(account, functional, amount))
        return lines

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            rows = self._wire.call(
                "res.company", "search_read", domain=[["name", "=", code]], fields=["currency_id"], context=_TEXTS
            )
            if len(rows) != 1:
                raise Trouble("rejected", "company", f"Odoo has no single company {code}")
            company = _Company(rows[0]["id"], rows[0]["currency_id"][1], 0, {})
            mine = [["company_id", "=", company.company_id], ["type", "=", "general"]]
            journals = list(self._rows(company, "account.journal", mine, []))
            if not journals:
                raise Trouble("rejected", "refused", f"{code} has no journal of the type general")
            # No company in the condition: its field has another name from 18 on, and rules show those of the context.
            accounts = self._rows(company, "account.account", [["code", "!=", False]], ["code"])
            by_code = {row["code"]: row["id"] for row in accounts}
            self._companies[code] = _Company(company.company_id, company.currency, journals[0]["id"], by_code)
        return self._companies[code]

    def _currency(self, code: str) -> int:
        if code not in self._currencies:
            rows = self._wire.call(
                "res.currency", "search_read", domain=[["name", "=", code]], fields=["name"], context=_TEXTS
            )
            if not rows:
                raise Trouble("rejected", "currency", f"Odoo has no active currency {code}")
            self._currencies[code] = rows[0]["id"]
        return self._currencies[code]

    def _rows(self, company: _Company, model: str, domain: list[object], names: list[str]) -> Iterator[dict[str, Any]]:
        """All rows, page by page, in the order of their numbers."""
        last = 0
        while True:
            page = self._wire.call(
                model,
                "search_read",
                domain=[["id", ">", last], *domain],
                fields=["id", *names],
                order="id",
                limit=_PAGE,
                context=_context(company),
            )
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]["id"]


def connect(address: Address) -> Odoo:
    """An adapter for a database."""
    return Odoo(wire(address))


_TEXTS = {"lang": "en_US"}
"""Texts in one language, so that nothing depends on whose user it is."""


def _context(company: _Company) -> dict[str, object]:
    return {**_TEXTS, "allowed_company_ids": [company.company_id]}


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
