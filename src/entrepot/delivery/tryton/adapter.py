"""Journals as account moves of Tryton: made as drafts, posted, found again by their key, read back line by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, outcome_of
from entrepot.delivery.erp import JOURNAL, Found, JournalLine, Outcome, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.tryton.spec import SPEC
from entrepot.delivery.tryton.wire import Wire
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec

_KEY_MARK = "EP-"
"""What a key starts with in a description."""

_PAGE = 500
_POSTED = "posted"


@dataclass
class _Company:
    """What a company's documents need to know of it; read once.

    Attributes:
        company_id: Tryton's number.
        currency: ISO code of its books.
        journal_id: The journal that takes what comes from outside.
        accounts: Code to number, without those that are closed.
        periods: First day, last day and number of open standard periods.
    """

    company_id: int
    currency: str
    journal_id: int
    accounts: dict[str, int]
    periods: list[tuple[date, date, int]] = field(default_factory=list)

    def period_id(self, day: date) -> int | None:
        """The open period of a day."""
        return next((number for first, last, number in self.periods if first <= day <= last), None)


class Tryton:
    """One database of a Tryton server.

    Args:
        wire: A session with it.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
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
        """Create drafts, or post them; one call of one transaction."""
        try:
            company = self._company(documents[0].company)
            if step == "create":
                return self._create(company, documents)
            numbers = [int(refs[each.document_id]) for each in documents]
            self._wire.call("model.account.move.post", numbers, _context(company))
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        return {each.document_id: Outcome("applied", refs[each.document_id]) for each in documents}

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Moves whose description starts with a key."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        asked = ["OR", *(["description", "like", f"{_KEY_MARK}{key} %"] for key in keys)]
        return self._found(company, [asked])

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Moves of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        mine = ["description", "like", f"{_KEY_MARK}%"]
        return self._found(company, [mine, ["date", ">=", first], ["date", "<=", last]])

    def _create(self, company: _Company, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        refused: dict[str, Outcome] = {}
        made: list[dict[str, Any]] = []
        for each in documents:
            try:
                made.append(self._move(company, each))
            except _NotThereError as missing:
                code, name = missing.args
                refused[each.document_id] = Outcome("rejected", code=code, text=f"{each.company} has no {code} {name}")
        ready = [each for each in documents if each.document_id not in refused]
        if not ready:
            return refused
        numbers = self._wire.call("model.account.move.create", made, _context(company))
        applied = {
            each.document_id: Outcome("applied", str(number)) for each, number in zip(ready, numbers, strict=True)
        }
        return refused | applied

    def _move(self, company: _Company, document: Document) -> dict[str, Any]:
        period = company.period_id(document.posted_on)
        if period is None:
            raise _NotThereError("period", document.posted_on.isoformat())
        return {
            "company": company.company_id,
            "journal": company.journal_id,
            "period": period,
            "date": document.posted_on,
            "description": f"{_KEY_MARK}{document.document_id} {document.text}",
            "lines": [["create", [self._line(company, document, line) for line in document.lines]]],
        }

    def _line(self, company: _Company, document: Document, line: JournalLine) -> dict[str, Any]:
        if line.account not in company.accounts:
            raise _NotThereError("account", line.account)
        amount = _decimal(line.functional_minor, document.functional_currency)
        made: dict[str, Any] = {
            "account": company.accounts[line.account],
            "debit": max(amount, Decimal(0)),
            "credit": max(-amount, Decimal(0)),
        }
        if document.currency != document.functional_currency:
            made["second_currency"] = self._currency(document.currency)
            made["amount_second_currency"] = _decimal(line.amount_minor, document.currency)
        return made

    def _found(self, company_code: str, domain: list[object]) -> Mapping[str, tuple[Found, ...]]:
        try:
            company = self._company(company_code)
            moves = list(
                self._rows(
                    company,
                    "account.move",
                    [["company", "=", company.company_id], *domain],
                    ["id", "description", "state", "date"],
                )
            )
            lines = self._lines(company, [move["id"] for move in moves])
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for move in moves:
            key = str(move["description"]).split(" ", 1)[0].removeprefix(_KEY_MARK)
            currency, own = lines.get(move["id"], (company.currency, []))
            content = content_of(company_code, move["date"], currency, own)
            steps = len(SPEC.steps[JOURNAL]) if move["state"] == _POSTED else 1
            found[key] = (*found.get(key, ()), Found(str(move["id"]), steps, content))
        return found

    def _lines(self, company: _Company, moves: Sequence[int]) -> dict[int, tuple[str, list[JournalLine]]]:
        """By move, its currency and lines."""
        names = ["move", "account.code", "debit", "credit", "second_currency.code", "amount_second_currency"]
        lines: dict[int, tuple[str, list[JournalLine]]] = {}
        for at in range(0, len(moves), _PAGE):
            for row in self._rows(company, "account.move.line", [["move", "in", list(moves[at : at + _PAGE])]], names):
                second = (row.get("second_currency.") or {}).get("code")
                functional = _minor(row["debit"] - row["credit"], company.currency)
                amount = _minor(row["amount_second_currency"], second) if second else functional
                _, own = lines.setdefault(row["move"], (second or company.currency, []))
                own.append(JournalLine(row["account."]["code"], functional, amount))
        return lines

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            self._companies[code] = self._read_company(code)
        return self._companies[code]

    def _read_company(self, code: str) -> _Company:
        found = self._wire.call(
            "model.company.company.search_read",
            [["party.code", "=", code]],
            0,
            2,
            None,
            ["id", "currency.code"],
            {},
        )
        if len(found) != 1:
            raise Trouble("rejected", "company", f"Tryton has no single company with the code {code}")
        number = found[0]["id"]
        company = _Company(number, found[0]["currency."]["code"], 0, {})
        journals = list(self._rows(company, "account.journal", [["type", "=", "general"]], ["id"]))
        if not journals:
            raise Trouble("rejected", "refused", "Tryton has no journal of the type general")
        company.journal_id = journals[0]["id"]
        of_company = ["company", "=", number]
        accounts = self._rows(company, "account.account", [of_company, ["closed", "!=", True]], ["id", "code"])
        company.accounts = {row["code"]: row["id"] for row in accounts if row["code"]}
        if not company.accounts:
            # Rules of Tryton hide what belongs to companies outside the user's filter, without an error.
            raise Trouble("rejected", "rights", f"the user sees no account of {code}: set its Company Filter to All")
        open_periods = [of_company, ["type", "=", "standard"], ["state", "=", "open"]]
        rows = self._rows(company, "account.period", open_periods, ["id", "start_date", "end_date"])
        company.periods = [(row["start_date"], row["end_date"], row["id"]) for row in rows]
        return company

    def _currency(self, code: str) -> int:
        if code not in self._currencies:
            found = self._wire.call("model.currency.currency.search", [["code", "=", code]], 0, 1, None, {})
            if not found:
                raise _NotThereError("currency", code)
            self._currencies[code] = found[0]
        return self._currencies[code]

    def _rows(
        self, company: _Company, model: str, domain: Sequence[object], names: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """All rows, page by page, in the order of their numbers."""
        last = 0
        while True:
            page = self._wire.call(
                f"model.{model}.search_read",
                [*domain, ["id", ">", last]],
                0,
                _PAGE,
                [["id", "ASC"]],
                sorted({"id", *names}),
                _context(company),
            )
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]["id"]


def connect(address: Address) -> Tryton:
    """An adapter for a database of a server."""
    return Tryton(Wire(address.url, address.database, address.user, address.password, address.transport))


class _NotThereError(Exception):
    """A document names something that the ERP does not have: what, and its code."""


def _context(company: _Company) -> dict[str, Any]:
    # Texts in one language, so that nothing depends on whose user it is.
    return {"company": company.company_id, "language": "en"}


def _decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))


def _minor(amount: Decimal, currency: str) -> int:
    return int(Decimal(amount).scaleb(minor_digits(currency)))
