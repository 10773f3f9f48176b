"""Parties and products of Tryton, under their codes: looked for, made where there is none, renamed where one is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import PARTY, Found, Party, Product, content_of_body
from entrepot.delivery.tryton.books import PAGE, context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.tryton.books import Books

_NEVER = date.min


class Masters:
    """Parties and products, which all companies share.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def prepared(self, document: Document) -> Document:
        """What `create` takes: the document, since it depends on what is there."""
        return document

    def create(self, documents: Sequence[Document], made: Sequence[Document]) -> list[int]:
        """Rename what is there, make the rest; their numbers.

        Nothing but the name is ours: whatever else a person keeps there stays.
        """
        kind = documents[0].kind
        rows = self._rows(kind, [each.key for each in made])
        numbers: dict[str, int] = {}
        for each in made:
            for row in rows.get(each.key, []):
                numbers[each.key] = row["id"]
                if _name(kind, row) != _named(each):
                    model, number = (
                        ("party.party", row["id"]) if kind == PARTY else ("product.template", row["template"])
                    )
                    self._books.wire.call(f"model.{model}.write", [number], {"name": _named(each)}, context(None))
        new = [each for each in made if each.key not in numbers]
        if new:
            for each, number in zip(new, self._made(kind, new), strict=True):
                numbers[each.key] = number
        return [numbers[each.key] for each in made]

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """There is no second step."""
        raise AssertionError(f"parties and products have one step, not {step} for {len(numbers)} of {company}")

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Those of some codes."""
        assert keys is not None, f"{kind} of {company_code} are found by their codes, not in {span}"
        body = Party if kind == PARTY else Product
        return {
            key: tuple(
                Found(str(row["id"]), 1, content_of_body("", _NEVER, "", body(key, _name(kind, row))))
                for row in several
            )
            for key, several in self._rows(kind, keys).items()
        }

    def _rows(self, kind: str, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        model, names = "party.party", ["id", "code", "name"]
        if kind != PARTY:
            model, names = "product.product", ["id", "code", "template", "template.name"]
        rows: dict[str, list[dict[str, Any]]] = {}
        for at in range(0, len(keys), PAGE):
            for row in self._books.rows(model, [["code", "in", list(keys[at : at + PAGE])]], names):
                rows.setdefault(row["code"], []).append(row)
        return rows

    def _made(self, kind: str, new: Sequence[Document]) -> list[int]:
        """Numbers of new ones, in order."""
        if kind == PARTY:
            made = [{"code": each.key, "name": _named(each), "addresses": [["create", [{}]]]} for each in new]
            return list(self._books.wire.call("model.party.party.create", made, context(None)))
        unit, category = self._books.piece(), self._books.category()
        templates = [
            {
                "name": _named(each),
                "type": "goods",
                "default_uom": unit,
                "account_category": category,
                "products": [["create", [{"suffix_code": each.key}]]],
            }
            for each in new
        ]
        self._books.wire.call("model.product.template.create", templates, context(None))
        rows = self._rows(kind, [each.key for each in new])
        return [rows[each.key][0]["id"] for each in new]


def _named(document: Document) -> str:
    assert isinstance(document.body, Party | Product), "it is a party or a product"
    return document.body.name


def _name(kind: str, row: Mapping[str, Any]) -> str:
    return str(row["name"] if kind == PARTY else row["template."]["name"])
