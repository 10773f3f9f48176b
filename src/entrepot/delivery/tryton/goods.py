"""Goods issues and goods receipts of Tryton: customer shipments and their returns, done on the day that is ours.

Goods leave the storage of a warehouse, or come back to it, without a stop at its door, so that a shipment has one move
for each product. The price of a move is nothing. Whether Tryton posts what goods cost is up to a module, and to the
fiscal year: where the year says so nothing is sent, and where something was posted all the same the document passes for
another one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, pieces
from entrepot.delivery.erp import GOODS_ISSUE, Found, Goods, GoodsLine, content_of_body
from entrepot.delivery.tryton.books import KEY_MARK, PAGE, NotThereError, context, key_of, keyed
from entrepot.delivery.tryton.wire import Warned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Document
    from entrepot.delivery.tryton.books import Books, Company

_ISSUES, _RECEIPTS = "stock.shipment.out", "stock.shipment.out.return"
_STEPS = {
    _ISSUES: {"draft": 1, "waiting": 2, "assigned": 3, "picked": 3, "packed": 4, "shipped": 4, "done": 5},
    # What is received into storage is done with that.
    _RECEIPTS: {"draft": 1, "received": 1, "done": 2},
}
_METHODS = {"wait": "wait", "assign": "assign_force", "pack": "pack", "receive": "receive", "do": "do"}
_NO_ORIGIN = re.compile(r"[0-9a-f]{32}\.done")
"""Name of the warning about moves without an origin; that about days to come has another one."""

_VALUED = "account_stock_method"
"""Field of a fiscal year, where a module that values stock is active."""


@dataclass(slots=True)
class _Moved:
    """What a shipment moves: pieces by product, the days of what is done, and the numbers of its moves."""

    pieces: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    days: set[date] = field(default_factory=set)
    moves: list[int] = field(default_factory=list)


class Shipments:
    """Shipments to customers, or returns from them.

    Args:
        books: What they need to know.
        kind: Kind of documents.
    """

    def __init__(self, books: Books, kind: str) -> None:
        self._books = books
        self._model = _ISSUES if kind == GOODS_ISSUE else _RECEIPTS
        self._sign = 1 if kind == GOODS_ISSUE else -1
        self._place: tuple[int, int] | None = None
        self._may_value: bool | None = None
        self._methods: dict[str, list[tuple[date, date, str]]] = {}

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer, or values its stock on that day.
        """
        company, goods, day = self._books.company(document.company), document.body, document.posted_on
        assert isinstance(goods, Goods), "goods have a party and lines"
        if method := self._method(company, day):
            words = f"the fiscal year of {day} in {company.code} values stock: {method}"
            raise Trouble("rejected", "valued", words)
        party = self._party(goods.party, company)
        warehouse, storage = self._from()
        outside = party["customer_location"]
        way = (storage, outside) if self._sign > 0 else (outside, storage)
        is_issue = self._sign > 0
        return {
            "company": company.company_id,
            "customer": party["id"],
            "delivery_address" if is_issue else "contact_address": party["addresses"][0],
            "warehouse": warehouse,
            "warehouse_storage": storage,
            # The same as the storage: nothing stops there.
            "warehouse_output" if is_issue else "warehouse_input": storage,
            "reference": f"{KEY_MARK}{document.document_id} {document.text}",
            "planned_date": day,
            "effective_date": day,
            "moves": [["create", [self._move(each, way, company, day) for each in goods.lines]]],
        }

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.wire.call(f"model.{self._model}.create", list(made), context(company)))

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Bring shipments on."""
        here, method = context(self._books.company(company)), f"model.{self._model}.{_METHODS[step]}"
        try:
            self._books.wire.call(method, numbers, here)
        except Warned as asked:
            # With sales or purchases active, Tryton asks whether goods may go that no sale of its own is behind.
            if not _NO_ORIGIN.fullmatch(asked.name):
                raise
            self._books.wire.call("model.res.user.warning.skip", asked.name, here)
            self._books.wire.call(method, numbers, here)

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Shipments of some keys, or of ours in a span."""
        assert (kind == GOODS_ISSUE) == (self._sign > 0), "each kind has shipments of its own"
        company, steps = self._books.company(company_code), _STEPS[self._model]
        domain: list[object] = [["company", "=", company.company_id]]
        domain.append(["reference", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys, "reference"))
        if span:
            domain += [["effective_date", ">=", span[0]], ["effective_date", "<=", span[1]]]
        heads = list(
            self._books.rows(self._model, domain, ["reference", "state", "effective_date", "customer.code"], company)
        )
        moved = self._moved(company, [head["id"] for head in heads])
        booked = self._booked(company, [number for each in moved.values() for number in each.moves])
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            own = moved.get(head["id"], _Moved())
            # A cancelled shipment has no moves that are not, so it holds nothing any more.
            lines = tuple(GoodsLine(product, self._sign * count) for product, count in own.pieces.items())
            # Moves of another day than that of their shipment are goods of that day.
            day = min(own.days - {head["effective_date"]}, default=head["effective_date"])
            content = content_of_body(company_code, day, "", Goods(head["customer."]["code"] or "", lines))
            if booked & set(own.moves):
                content = replace(content, body=None)
            key = key_of(head["reference"])
            found[key] = (*found.get(key, ()), Found(str(head["id"]), steps.get(head["state"], 1), content))
        return found

    def _from(self) -> tuple[int, int]:
        """The first warehouse and its storage.

        Raises:
            NotThereError: There is none.
        """
        if self._place is None:
            found = next(
                self._books.rows("stock.location", [["type", "=", "warehouse"]], ["id", "storage_location"]), None
            )
            if found is None:
                raise NotThereError("warehouse", "")
            self._place = (found["id"], found["storage_location"])
        return self._place

    def _party(self, code: str, company: Company) -> dict[str, Any]:
        """A party with an address, and where goods are that it has.

        Raises:
            NotThereError: There is none, or it has no location.
            Trouble: It has no address.
        """
        names = ["id", "addresses", "customer_location"]
        found = next(self._books.rows("party.party", [["code", "=", code]], names, company), None)
        if found is None:
            raise NotThereError("party", code)
        if not found["addresses"]:
            raise Trouble("rejected", "address", f"the party {code} has no address in Tryton")
        if not found["customer_location"]:
            raise NotThereError("location", f"for the customer {code}")
        return found

    def _move(self, line: GoodsLine, way: tuple[int, int], company: Company, day: date) -> dict[str, Any]:
        product = self._books.product(line.product)
        return {
            "product": product["id"],
            "unit": product["default_uom"],
            "quantity": float(self._sign * line.quantity),
            "from_location": way[0],
            "to_location": way[1],
            "company": company.company_id,
            "unit_price": Decimal(0),
            "currency": company.currency_id,
            "planned_date": day,
        }

    def _moved(self, company: Company, shipments: Sequence[int]) -> dict[int, _Moved]:
        """By shipment, what its moves to or from customers come to."""
        names = ["shipment", "product.code", "internal_quantity", "state", "effective_date"]
        outside = "to_location.type" if self._sign > 0 else "from_location.type"
        moved: dict[int, _Moved] = {}
        for at in range(0, len(shipments), PAGE):
            some: list[object] = [
                ["shipment", "in", [f"{self._model},{number}" for number in shipments[at : at + PAGE]]],
                ["state", "!=", "cancelled"],
                [outside, "=", "customer"],
            ]
            for row in self._books.rows("stock.move", some, names, company):
                own = moved.setdefault(int(row["shipment"].partition(",")[2]), _Moved())
                own.pieces[(row.get("product.") or {}).get("code") or ""] += pieces(row["internal_quantity"])
                own.moves.append(row["id"])
                if row["state"] == "done":
                    own.days.add(row["effective_date"])
        return moved

    def _booked(self, company: Company, moves: Sequence[int]) -> set[int]:
        """Those of some moves against which an amount stands on an account."""
        if not moves or not self._values_stock():
            return set()
        sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for at in range(0, len(moves), PAGE):
            some: list[object] = [["move.origin", "in", [f"stock.move,{number}" for number in moves[at : at + PAGE]]]]
            names = ["move.origin", "account", "debit", "credit"]
            for row in self._books.rows("account.move.line", some, names, company):
                origin = int(row["move."]["origin"].partition(",")[2])
                sums[origin, row["account"]] += row["debit"] - row["credit"]
        return {origin for (origin, _), amount in sums.items() if amount}

    def _values_stock(self) -> bool:
        """Whether a module that posts what goods cost is active."""
        if self._may_value is None:
            self._may_value = _VALUED in self._books.wire.call(
                "model.account.fiscalyear.fields_get", None, context(None)
            )
        return self._may_value

    def _method(self, company: Company, day: date) -> str:
        """How the fiscal year of a day values stock; '' where it does not."""
        if not self._values_stock():
            return ""
        if company.code not in self._methods:
            of_company = [["company", "=", company.company_id]]
            rows = self._books.rows("account.fiscalyear", of_company, ["start_date", "end_date", _VALUED], company)
            self._methods[company.code] = [(row["start_date"], row["end_date"], row[_VALUED] or "") for row in rows]
        return next((method for first, last, method in self._methods[company.code] if first <= day <= last), "")
