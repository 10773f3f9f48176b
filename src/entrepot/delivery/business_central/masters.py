"""Customers and items of Business Central, each company's own, under our codes as their numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.delivery.business_central.books import MASTERS, fits, number_of
from entrepot.delivery.calls import parsed
from entrepot.delivery.erp import PARTY, Found, Party, Product, content_of_body
from entrepot.delivery.odata4 import text_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.business_central.books import Books, Company
    from entrepot.delivery.erp import Document

_FIXED: Mapping[str, Mapping[str, str]] = {PARTY: {"type": "Company"}, "product": {"type": "Non-Inventory"}}
"""By kind, what else we set when we make one: stock is not counted there."""


class Masters:
    """Customers and items.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, document: Document) -> str:
        """Make one, or give the one that is there its name; nothing but the name is ours."""
        company, name = self._books.company(document.company), _name(document)
        path = f"{company.path}/{MASTERS[document.kind]}"
        for row in self._rows(company, document.kind, [document.key]):
            if row["displayName"] != name:
                version = {"If-Match": row["@odata.etag"]}
                self._books.api.call("PATCH", f"{path}({row['id']})", {"displayName": name}, headers=version)
            return str(row["id"])
        body = {"number": number_of(document.key), "displayName": name, **_FIXED[document.kind]}
        return str(parsed(self._books.api.call("POST", path, body))["id"])

    def post(self, document: Document, ref: str) -> str:
        """There is no second step."""
        raise AssertionError(f"{document.kind} {ref} has one step")

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those of some codes."""
        own = {number_of(key): key for key in keys if fits(key)}
        body = Party if kind == PARTY else Product
        for row in self._rows(company, kind, list(own.values())) if own else ():
            content = content_of_body("", date.min, "", body(own[row["number"]], row["displayName"]))
            yield own[row["number"]], Found(str(row["id"]), 1, content)

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """They have no date."""
        raise AssertionError(f"{kind} of {company.code} are found by their codes, not from {first} to {last}")

    def _rows(self, company: Company, kind: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        wanted = " or ".join(f"number eq {text_literal(number_of(key))}" for key in keys)
        return list(self._books.api.rows(f"{company.path}/{MASTERS[kind]}", filter=wanted, orderby="number"))


def _name(document: Document) -> str:
    assert isinstance(document.body, Party | Product), "it is a party or a product"
    return document.body.name
