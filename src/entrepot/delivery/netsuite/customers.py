"""Customers of NetSuite, each subsidiary's own, under an external id of code and subsidiary."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import Found, Party, content_of_body
from entrepot.delivery.netsuite.door import MARK, text_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.netsuite.door import Company, Door

_CODE = re.compile(r"[A-Za-z0-9_-]+")
"""What an external id may hold."""


class Customers:
    """Customers.

    Args:
        door: Of the account.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[tuple[str, str], str] = {}

    def write(self, document: Document) -> str:
        """Make one, or give the one that is there its name; nothing but the name is ours."""
        company, body = self._door.company(document.company), document.body
        assert isinstance(body, Party), "a customer is a party"
        if not _CODE.fullmatch(body.code):
            raise Trouble("rejected", "code", f"{body.code} has other characters than letters, digits, - and _")
        values: dict[str, object] = {"companyName": body.name}
        if not self._rows(company, [body.code]):
            values |= {"isPerson": False, "subsidiary": {"id": company.number}}
        return self._door.put("customer", external_id(company, body.code), values)

    def number(self, company: Company, code: str) -> str:
        """The number of a customer.

        Raises:
            Trouble: There is none.
        """
        if (company.code, code) not in self._known:
            rows = self._rows(company, [code])
            if not rows:
                words = f"NetSuite has no customer with the external id {external_id(company, code)}"
                raise Trouble("rejected", "party", words)
            self._known[company.code, code] = str(rows[0]["id"])
        return self._known[company.code, code]

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those of some codes."""
        assert kind, "a customer is a party"
        for row in self._rows(company, keys):
            code = code_of(company, row["externalid"])
            yield code, Found(str(row["id"]), 1, content_of_body("", date.min, "", Party(code, row["companyname"])))

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """They have no date."""
        raise AssertionError(f"{kind} of {company.code} are found by their codes, not from {first} to {last}")

    def _rows(self, company: Company, codes: Sequence[str]) -> list[dict[str, Any]]:
        named = ", ".join(text_literal(external_id(company, code)) for code in codes)
        query = f"select id, externalid, companyname from customer where externalid in ({named}) order by id"
        return list(self._door.rows(query))


def external_id(company: Company, code: str) -> str:
    """The external id of a customer of a subsidiary."""
    return f"{MARK}{code}-{company.number}"


def code_of(company: Company, external: str) -> str:
    """The code in it."""
    return external.removeprefix(MARK).removesuffix(f"-{company.number}")
