"""What documents need to know of an Odoo: companies with their accounts and journals, currencies, parties, products."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import PARTY, PRODUCT, JournalLine
from entrepot.delivery.odoo.spec import MODULE
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from entrepot.delivery.odoo.wire import Wire

MARK = "EP-"
"""What a key starts with in a reference."""

POSTED, CANCELLED = "posted", "cancel"
PAGE = 500

MASTERS: Mapping[str, tuple[str, str]] = {PARTY: ("res.partner", "ref"), PRODUCT: ("product.product", "default_code")}
"""By kind, the model and the field that holds a code of ours."""

_TEXTS = {"lang": "en_US"}
"""Texts in one language, so that nothing depends on whose user it is."""


@dataclass(frozen=True, slots=True)
class Company:
    """What a company's documents need.

    Attributes:
        company_id: Its number.
        currency: Of its books.
        journals: By type, the number of the first journal of it.
        accounts: By code, the numbers of accounts.
    """

    company_id: int
    currency: str
    journals: Mapping[str, int] = field(default_factory=dict)
    accounts: Mapping[str, int] = field(default_factory=dict)

    def account(self, code: str, of: str) -> int:
        """The number of an account.

        Raises:
            Trouble: There is none.
        """
        if code not in self.accounts:
            raise Trouble("rejected", "account", f"{of} has no account {code}")
        return self.accounts[code]

    def journal(self, kind: str, of: str) -> int:
        """The number of the journal of a type.

        Raises:
            Trouble: There is none.
        """
        if kind not in self.journals:
            raise Trouble("rejected", "refused", f"{of} has no journal of the type {kind}")
        return self.journals[kind]


class Books:
    """Reads, and remembers what does not change between two documents.

    Args:
        at: One database as one user.
    """

    def __init__(self, at: Wire) -> None:
        self.wire = at
        self._companies: dict[str, Company] = {}
        self._currencies: dict[str, int] = {}
        self._known: dict[tuple[str, str], int] = {}

    def company(self, code: str) -> Company:
        """A company by its name.

        Raises:
            Trouble: There is none.
        """
        if code not in self._companies:
            rows = self.wire.call(
                "res.company", "search_read", domain=[["name", "=", code]], fields=["currency_id"], context=_TEXTS
            )
            if len(rows) != 1:
                raise Trouble("rejected", "company", f"Odoo has no single company {code}")
            bare = Company(rows[0]["id"], rows[0]["currency_id"][1])
            mine = [["company_id", "=", bare.company_id], ["type", "in", ["general", "sale"]]]
            journals: dict[str, int] = {}
            for row in self.rows(bare, "account.journal", mine, ["type"]):
                journals.setdefault(row["type"], row["id"])
            # No company in the condition: its field has another name from 18 on, and rules show those of the context.
            accounts = self.rows(bare, "account.account", [["code", "!=", False]], ["code"])
            by_code = {row["code"]: row["id"] for row in accounts}
            self._companies[code] = Company(bare.company_id, bare.currency, journals, by_code)
        return self._companies[code]

    def currency(self, code: str) -> int:
        """The number of a currency.

        Raises:
            Trouble: There is none that is active.
        """
        if code not in self._currencies:
            rows = self.wire.call(
                "res.currency", "search_read", domain=[["name", "=", code]], fields=["name"], context=_TEXTS
            )
            if not rows:
                raise Trouble("rejected", "currency", f"Odoo has no active currency {code}")
            self._currencies[code] = rows[0]["id"]
        return self._currencies[code]

    def master(self, kind: str, code: str) -> int:
        """The number of a party or product.

        Raises:
            Trouble: There is none.
        """
        if (kind, code) not in self._known:
            model, name = MASTERS[kind]
            rows = list(self.rows(None, model, [[name, "=", code]], []))
            if not rows:
                raise Trouble("rejected", kind, f"Odoo has no {kind} with the reference {code}")
            self._known[kind, code] = rows[0]["id"]
        return self._known[kind, code]

    def codes(self, kind: str, numbers: Sequence[int]) -> dict[int, str]:
        """By number, the codes of parties or products."""
        model, name = MASTERS[kind]
        rows = self.rows(None, model, [["id", "in", sorted(set(numbers))]], [name]) if numbers else ()
        return {row["id"]: row[name] or "" for row in rows}

    def load(self, company: Company | None, model: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 JSON
        """Make records under external ids, all or none; their numbers.

        Raises:
            Trouble: None was made, or nobody knows.
        """
        told = self.wire.call(model, "load", fields=list(columns), data=list(rows), context=context(company))
        if not told["ids"]:
            words = "; ".join(str(each.get("message", "")) for each in told["messages"])
            raise Trouble("rejected", "refused", words or "Odoo loaded nothing and says no reason")
        return told["ids"]

    def rows(
        self, company: Company | None, model: str, domain: Sequence[object], names: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """All rows, page by page, in the order of their numbers."""
        last = 0
        while True:
            page = self.wire.call(
                model,
                "search_read",
                domain=[["id", ">", last], *domain],
                fields=["id", *names],
                order="id",
                limit=PAGE,
                context=context(company),
            )
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1]["id"]

    def lines(self, company: Company, entries: Sequence[int], names: Sequence[str]) -> dict[int, list[dict[str, Any]]]:
        """By entry, the rows of its lines."""
        lines: dict[int, list[dict[str, Any]]] = {}
        for at in range(0, len(entries), PAGE):
            mine = [["move_id", "in", list(entries[at : at + PAGE])]]
            for row in self.rows(company, "account.move.line", mine, ["move_id", *names]):
                lines.setdefault(row["move_id"][0], []).append(row)
        return lines


POSTING = ("account_id", "debit", "credit", "currency_id", "amount_currency")
"""Fields of a line that `posting` takes."""


def posting(company: Company, row: Mapping[str, Any]) -> JournalLine:
    """A line of an entry as it is booked."""
    codes = {number: code for code, number in company.accounts.items()}
    functional = to_minor(Decimal(row["debit"]) - Decimal(row["credit"]), company.currency)
    amount = to_minor(Decimal(row["amount_currency"]), row["currency_id"][1])
    return JournalLine(codes.get(row["account_id"][0], row["account_id"][1]), functional, amount)


def context(company: Company | None) -> dict[str, object]:
    """What a call says beside its arguments."""
    return {**_TEXTS, **({"allowed_company_ids": [company.company_id]} if company else {})}


def external(kind: str, code: str) -> str:
    """The external id of a party or product: a code may hold what an external id may not."""
    return f"{MODULE}.{kind}_{hashlib.sha256(code.encode()).hexdigest()[:16]}"


def key_of(reference: object) -> str:
    """The key at the front of a reference."""
    return str(reference).split(" ", 1)[0].removeprefix(MARK)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units."""
    return int(amount.scaleb(minor_digits(currency)))


def noon(day: date) -> str:
    """A moment of a day, in UTC, that is on that day from Los Angeles to Sydney."""
    return f"{day.isoformat()} 12:00:00"


def keyed(keys: Sequence[str], field_name: str = "ref") -> list[object]:
    """A condition on references: one of some keys at their front."""
    return [*["|"] * (len(keys) - 1), *([field_name, "=like", f"{MARK}{key}%"] for key in keys)]


def in_span(first: str, last: str) -> list[object]:
    """A condition: ours, with an accounting date in a span."""
    return [["ref", "=like", f"{MARK}%"], ["date", ">=", first], ["date", "<=", last]]
