"""What documents need to know of Business Central: companies with their accounts, customers, items, numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import PARTY, PRODUCT
from entrepot.delivery.keys import document_id_of, short_key
from entrepot.delivery.odata4 import OData4, text_literal
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "EP-"
"""What a number of ours starts with."""

TEXT_LENGTH = 100
_NUMBER_LENGTH = 20

MASTERS: Mapping[str, str] = {PARTY: "customers", PRODUCT: "items"}
"""By kind, the entity set; both have our code as their number."""


@dataclass(frozen=True, slots=True)
class Company:
    """What a company's documents need.

    Attributes:
        code: Ours.
        path: Its address.
        currency: Of its books.
        accounts: Numbers of all accounts.
        open_accounts: Those of them that may be posted to.
    """

    code: str
    path: str
    currency: str
    accounts: frozenset[str]
    open_accounts: frozenset[str]

    def account(self, number: str, *, directly: bool = True) -> str:
        """An account, whether or not it takes entries of its own.

        Raises:
            Trouble: There is none.
        """
        if number not in (self.open_accounts if directly else self.accounts):
            raise Trouble("rejected", "account", f"{self.code} has no account {number} that takes entries")
        return number


class Books:
    """Reads, and remembers what does not change between two documents.

    Args:
        api: One environment of one tenant.
    """

    def __init__(self, api: OData4) -> None:
        self.api = api
        self._companies: dict[str, Company] = {}
        self._known: set[tuple[str, str, str]] = set()

    def company(self, code: str) -> Company:
        """A company by its name.

        Raises:
            Trouble: There is none.
        """
        if code not in self._companies:
            found = list(self.api.rows("companies", filter=f"name eq {text_literal(code)}", orderby="name"))
            if len(found) != 1:
                raise Trouble("rejected", "company", f"Business Central has no company {code}")
            path = f"companies({found[0]['id']})"
            (facts,) = self.api.rows(f"{path}/companyInformation", orderby="id")
            accounts = list(self.api.rows(f"{path}/accounts", orderby="number"))
            is_open = frozenset(row["number"] for row in accounts if not row["blocked"] and row["directPosting"])
            numbers = frozenset(row["number"] for row in accounts)
            self._companies[code] = Company(code, path, facts["currencyCode"], numbers, is_open)
        return self._companies[code]

    def master(self, company: Company, kind: str, code: str) -> str:
        """The number of a customer or item.

        Raises:
            Trouble: There is none.
        """
        if (company.code, kind, code) not in self._known:
            wanted = f"number eq {text_literal(number_of(code))}"
            if not list(self.api.rows(f"{company.path}/{MASTERS[kind]}", filter=wanted, orderby="number")):
                raise Trouble("rejected", kind, f"{company.code} has no {kind} with the number {number_of(code)}")
            self._known.add((company.code, kind, code))
        return number_of(code)


def fits(code: str) -> bool:
    """Whether a code of ours can be a number."""
    return len(code) <= _NUMBER_LENGTH


def number_of(code: str) -> str:
    """A code of ours as a number, which Business Central keeps in capitals.

    Raises:
        Trouble: It does not fit.
    """
    if not fits(code):
        raise Trouble("rejected", "code", f"{code} has more than {_NUMBER_LENGTH} characters")
    return code.upper()


def document_number(key: str) -> str:
    """The number under which a document of ours stands: 19 characters of at most 20, in capitals."""
    return (MARK + short_key(key)).upper()


def key_of(number: str) -> str:
    """The key of a number."""
    return document_id_of(number.upper().removeprefix(MARK))


def to_number(minor: int, currency: str) -> float:
    """Minor units as an amount."""
    return float(Decimal(minor).scaleb(-minor_digits(currency)))


def to_minor(amount: object, currency: str) -> int:
    """An amount in minor units."""
    return int(Decimal(str(amount)).scaleb(minor_digits(currency)))


def net_of(row: Mapping[str, Any]) -> Decimal:
    """An entry's amount, debit positive."""
    return Decimal(row["debitAmount"]) - Decimal(row["creditAmount"])


def is_between(first: date, day: date | None, last: date) -> bool:
    """Whether a day is in a span."""
    return first <= (day or date.min) <= last
