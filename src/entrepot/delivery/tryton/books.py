"""What documents need to know of a Tryton: companies with their accounts and periods, currencies, parties, products."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import JournalLine
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from entrepot.delivery.tryton.wire import Wire

KEY_MARK = "EP-"
"""What a key starts with in a description."""

CATEGORY = "Entrepot"
"""Accounting category of the products that we make."""

PAGE = 500

POSTED = "posted"


class NotThereError(Exception):
    """A document names something that the ERP does not have: what, and its code."""


@dataclass
class Posted:
    """What a move holds.

    Attributes:
        currency: ISO code of the amounts.
        lines: In the order of their numbers.
        unmatched: Keys of what those of its lines pay that are not reconciled.
    """

    currency: str
    lines: list[JournalLine] = field(default_factory=list)
    unmatched: set[str] = field(default_factory=set)


@dataclass
class Company:
    """What a company's documents need to know of it; read once.

    Attributes:
        company_id: Tryton's number.
        code: Ours.
        currency: ISO code of its books.
        currency_id: Tryton's number of it.
        journals: Type to the number of the first journal of it: `general` takes what comes from outside, `revenue`
            invoices.
        accounts: Code to number, without those that are closed.
        of_parties: Codes of accounts whose lines name a party.
        periods: First day, last day and number of open standard periods.
    """

    company_id: int
    code: str
    currency: str
    currency_id: int
    journals: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    of_parties: frozenset[str] = frozenset()
    periods: list[tuple[date, date, int]] = field(default_factory=list)

    def account(self, code: str) -> int:
        """The number of an account.

        Raises:
            NotThereError: There is none.
        """
        if code not in self.accounts:
            raise NotThereError("account", code)
        return self.accounts[code]

    def period(self, day: date) -> int:
        """The open period of a day.

        Raises:
            NotThereError: There is none.
        """
        found = next((number for first, last, number in self.periods if first <= day <= last), None)
        if found is None:
            raise NotThereError("period", day.isoformat())
        return found


class Books:
    """Reads, and remembers what does not change between two documents.

    Args:
        wire: A session.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._companies: dict[str, Company] = {}
        self._currencies: dict[str, int] = {}
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def company(self, code: str) -> Company:
        """A company by its party's code.

        Raises:
            Trouble: There is none that the user sees.
        """
        if code not in self._companies:
            self._companies[code] = self._read_company(code)
        return self._companies[code]

    def currency(self, code: str) -> int:
        """The number of a currency.

        Raises:
            NotThereError: There is none.
        """
        if code not in self._currencies:
            found = self.wire.call("model.currency.currency.search", [["code", "=", code]], 0, 1, None, {})
            if not found:
                raise NotThereError("currency", code)
            self._currencies[code] = found[0]
        return self._currencies[code]

    def party(self, code: str) -> dict[str, Any]:
        """A party: its id and the first of its addresses.

        Raises:
            NotThereError: There is none.
        """
        return self._one("party", "party.party", code, ["id", "addresses"])

    def product(self, code: str) -> dict[str, Any]:
        """A product: its id and its unit.

        Raises:
            NotThereError: There is none.
        """
        return self._one("product", "product.product", code, ["id", "default_uom"])

    def piece(self) -> int:
        """The number of the unit in which products are counted.

        Raises:
            Trouble: There is none.
        """
        found = self.wire.call("model.product.uom.search", [["symbol", "=", "u"]], 0, 1, None, {})
        if not found:
            raise Trouble("rejected", "refused", "Tryton has no unit of measure with the symbol u")
        return int(found[0])

    def category(self) -> int:
        """The number of the accounting category of our products: `Entrepot`, else the first one there is.

        Raises:
            Trouble: There is none.
        """
        found = list(self.rows("product.category", [["accounting", "=", True]], ["id", "name"]))
        if not found:
            raise Trouble("rejected", "category", "Tryton has no accounting category for products")
        return int(next((row["id"] for row in found if row["name"] == CATEGORY), found[0]["id"]))

    def rows(
        self, model: str, domain: Sequence[object], names: Sequence[str], company: Company | None = None
    ) -> Iterator[dict[str, Any]]:
        """All rows, page by page, in the order of their numbers."""
        last = 0
        while True:
            page = self.wire.call(
                f"model.{model}.search_read",
                [*domain, ["id", ">", last]],
                0,
                PAGE,
                [["id", "ASC"]],
                sorted({"id", *names}),
                context(company),
            )
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1]["id"]

    def postings(self, company: Company, moves: Sequence[int]) -> dict[int, Posted]:
        """By move, what it holds."""
        names = ["move", "account.code", "debit", "credit", "second_currency.code", "amount_second_currency"]
        names += ["description", "reconciliation"]
        found: dict[int, Posted] = {}
        for at in range(0, len(moves), PAGE):
            some = [["move", "in", list(moves[at : at + PAGE])]]
            for row in self.rows("account.move.line", some, names, company):
                second = (row.get("second_currency.") or {}).get("code")
                functional = to_minor(row["debit"] - row["credit"], company.currency)
                amount = to_minor(row["amount_second_currency"], second) if second else functional
                own = found.setdefault(row["move"], Posted(second or company.currency))
                settles = key_of(row["description"]) if str(row["description"]).startswith(KEY_MARK) else ""
                own.lines.append(JournalLine(row["account."]["code"], functional, amount, settles=settles))
                if settles and row["reconciliation"] is None:
                    own.unmatched.add(settles)
        return found

    def _one(self, what: str, model: str, code: str, names: list[str]) -> dict[str, Any]:
        if (what, code) not in self._known:
            found = list(self.rows(model, [["code", "=", code]], names))
            if not found:
                raise NotThereError(what, code)
            self._known[what, code] = found[0]
        return self._known[what, code]

    def _read_company(self, code: str) -> Company:
        named = [["party.code", "=", code]]
        names = ["id", "currency", "currency.code"]
        found = self.wire.call("model.company.company.search_read", named, 0, 2, None, names, {})
        if len(found) != 1:
            raise Trouble("rejected", "company", f"Tryton has no single company with the code {code}")
        number = found[0]["id"]
        company = Company(number, code, found[0]["currency."]["code"], found[0]["currency"])
        for row in self.rows("account.journal", [["type", "in", ["general", "revenue"]]], ["id", "type"], company):
            company.journals.setdefault(row["type"], row["id"])
        if "general" not in company.journals:
            raise Trouble("rejected", "refused", "Tryton has no journal of the type general")
        of_company = ["company", "=", number]
        names = ["id", "code", "party_required"]
        accounts = list(self.rows("account.account", [of_company, ["closed", "!=", True]], names, company))
        company.accounts = {row["code"]: row["id"] for row in accounts if row["code"]}
        company.of_parties = frozenset(row["code"] for row in accounts if row["party_required"])
        if not company.accounts:
            # Rules of Tryton hide what belongs to companies outside the user's filter, without an error.
            raise Trouble("rejected", "rights", f"the user sees no account of {code}: set its Company Filter to All")
        open_periods = [of_company, ["type", "=", "standard"], ["state", "=", "open"]]
        periods = self.rows("account.period", open_periods, ["id", "start_date", "end_date"], company)
        company.periods = [(row["start_date"], row["end_date"], row["id"]) for row in periods]
        return company


def context(company: Company | None) -> dict[str, Any]:
    """What a call says beside its arguments: texts in one language, so that nothing depends on whose user it is."""
    return {"language": "en", **({"company": company.company_id} if company else {})}


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units as an amount."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units."""
    return int(Decimal(amount).scaleb(minor_digits(currency)))


def key_of(description: object) -> str:
    """The key at the front of a description."""
    return str(description).split(" ", 1)[0].removeprefix(KEY_MARK)


def keyed(keys: Sequence[str], name: str = "description") -> list[object]:
    """A condition on a text: one of some keys at its front, or alone, since Tryton takes blanks off the end."""
    alone = [name, "in", [f"{KEY_MARK}{key}" for key in keys]]
    return ["OR", alone, *([name, "like", f"{KEY_MARK}{key} %"] for key in keys)]
