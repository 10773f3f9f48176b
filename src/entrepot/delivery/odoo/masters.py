"""Parties and products of Odoo: contacts under their reference, goods under their internal reference."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import PARTY, Found, Party, Product, content_of_body
from entrepot.delivery.odoo.books import MASTERS, context, external

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.odoo.books import Books

_FIXED: Mapping[str, tuple[str, str]] = {"party": ("is_company", "True"), "product": ("type", "consu")}
"""By kind, the one field beside code and name that we set when we make one: goods whose stock Odoo does not count."""


class Masters:
    """Contacts and products, which all companies share.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some codes."""
        return [[MASTERS[kind][1], "in", list(keys)]]

    def prepared(self, document: Document) -> list[list[str]]:
        """One row: the external id, so that two who make it at once make one."""
        return [[external(document.kind, document.key), document.key, _name(document), _FIXED[document.kind][1]]]

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Rename what is there under a code, whoever made it, and make the rest; nothing but the name is ours."""
        kind = documents[0].kind
        model, code = MASTERS[kind]
        there = {row[code]: row for row in self._rows(kind, self.wanted(kind, [each.key for each in documents]))}
        for each in documents:
            if each.key in there and there[each.key]["name"] != _name(each):
                values = {"name": _name(each)}
                self._books.wire.call(model, "write", [there[each.key]["id"]], vals=values, context=context(None))
        new = [row for each, (row,) in zip(documents, rows, strict=True) if each.key not in there]
        columns = ("id", code, "name", _FIXED[kind][0])
        made = iter(self._books.load(None, model, columns, new) if new else ())
        return [there[each.key]["id"] if each.key in there else next(made) for each in documents]

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Those that meet a condition."""
        assert not company_code, "all companies share them"
        body = Party if kind == PARTY else Product
        found: dict[str, tuple[Found, ...]] = {}
        for row in self._rows(kind, domain):
            key = str(row[MASTERS[kind][1]])
            one = Found(str(row["id"]), 1, content_of_body("", date.min, "", body(key, row["name"])))
            found[key] = (*found.get(key, ()), one)
        return found

    def _rows(self, kind: str, domain: Sequence[object]) -> list[dict[str, Any]]:
        model, code = MASTERS[kind]
        return list(self._books.rows(None, model, domain, [code, "name"]))


def _name(document: Document) -> str:
    assert isinstance(document.body, Party | Product), "it is a party or a product"
    return document.body.name
