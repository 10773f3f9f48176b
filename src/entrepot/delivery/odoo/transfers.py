"""Goods issues and goods receipts of Odoo: transfers to customers and back, done and given their day back.

A transfer goes from the stock of the company's first warehouse to where its customer's goods are, or back, without a
stop on the way. What left has left: the quantity of each move is set to what is asked for before it is validated,
whatever is in stock. Validating puts the moment of it into a transfer and its moves, so a last step writes the day
there; until it has done so the source document says which day that is.

A product that is counted and valued as it moves posts its cost in Odoo, and our journals carry it too: such a one
stops its document before anything is made, and a move that Odoo booked makes the transfer another document.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import GOODS_ISSUE, PARTY, PRODUCT, Found, Goods, GoodsLine, content_of_body
from entrepot.delivery.odoo.books import CANCELLED, MARK, PAGE, context, key_of, keyed, noon
from entrepot.delivery.odoo.spec import MODULE, SPEC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.odoo.books import Books, Company

_MODEL, _MOVE, _DETAIL, _PRODUCT = "stock.picking", "stock.move", "stock.move.line", "product.product"
_COLUMNS = (
    "id",
    "picking_type_id/.id",
    "partner_id/.id",
    "location_id/.id",
    "location_dest_id/.id",
    "scheduled_date",
    "origin",
    "move_ids/id",
    "move_ids/product_id/.id",
    "move_ids/product_uom_qty",
    "move_ids/location_id/.id",
    "move_ids/location_dest_id/.id",
)
_HEAD = 7
_NAME = "name"
"""A field of a move that has to be filled, where this version has it."""
_REFERENCE, _DAY = "origin", "date_done"
_DONE = "done"
_CODES = {GOODS_ISSUE: "outgoing"}
_BACK = "incoming"
_ENTRIES = ("account_move_ids", "account_move_id")
"""The entries of a move, up to 18 and from 19 on, where a module values stock."""
_VALUATION, _COUNTED = "valuation", ("is_storable", "type")
_AS_IT_MOVES, _STORED = "real_time", (True, "product")
_VERSIONED = {_MOVE: (_NAME, *_ENTRIES), _PRODUCT: (_VALUATION, *_COUNTED)}
"""Fields that not every version has, or only with a module."""
_PROMISED = re.compile(rf"\S+ {MARK}(\d{{4}}-\d\d-\d\d)(?: .*)?")


@dataclass(slots=True)
class _Moved:
    """What a transfer moves: pieces by product as asked for and as done, the days of what is done, and its entries."""

    asked: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    done: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    days: set[date] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)


class Transfers:
    """Transfers to customers and from them.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._there: dict[str, frozenset[str]] = {}
        self._warehouses: dict[int, dict[str, Any]] = {}
        self._counted: dict[tuple[int, str], int] = {}

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        return [*_of(kind), *keyed(keys, _REFERENCE)]

    def within(self, kind: str, first: str, last: str) -> list[object]:
        """A condition: ours, done in a span of days."""
        span = [[_DAY, ">=", f"{first} 00:00:00"], [_DAY, "<=", f"{last} 23:59:59"]]
        return [*_of(kind), [_REFERENCE, "=like", f"{MARK}%"], *span]

    def prepared(self, document: Document) -> list[list[str]]:
        """Each move under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there or valued as it moves, or Odoo gave no answer.
        """
        goods, key, company = document.body, document.document_id, self._books.company(document.company)
        assert isinstance(goods, Goods), "goods have a party and lines"
        products = [str(self._product(company, each.product)) for each in goods.lines]
        warehouse = self._warehouse(company, document.company)
        party = self._books.master(PARTY, goods.party)
        inside, outside = warehouse["lot_stock_id"][0], self._outside(company, party, goods.party)
        is_issue = document.kind == GOODS_ISSUE
        way = [str(each) for each in ((inside, outside) if is_issue else (outside, inside))]
        head = [
            f"{MODULE}.{key}",
            str(warehouse["out_type_id" if is_issue else "in_type_id"][0]),
            str(party),
            *way,
            noon(document.posted_on),
            f"{MARK}{key} {MARK}{document.posted_on.isoformat()} {document.text}".strip(),
        ]
        rows = []
        for at, (line, product) in enumerate(zip(goods.lines, products, strict=True)):
            move = [f"{MODULE}.{key}_{at}", product, str(abs(line.quantity)), *way]
            # The name of a move, left out where there is no such field.
            rows.append([*(head if at == 0 else [""] * _HEAD), *move, line.product])
        return rows

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        is_named = _NAME in self._fields(_MOVE)
        columns = (*_COLUMNS, *((f"move_ids/{_NAME}",) if is_named else ()))
        data = [row[: len(columns)] for each in rows for row in each]
        return list(self._books.load(company, _MODEL, columns, data))

    def advance(self, step: str, company: Company, documents: Sequence[Document], ids: Sequence[int]) -> None:
        """Bring transfers on."""
        match step:
            case "confirm":
                self._books.wire.call(_MODEL, "action_confirm", ids, context=context(company))
            case "fill":
                self._fill(company, documents)
            case "validate":
                self._validate(company, ids)
            case _:
                self._give_date(company, documents, ids)

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Those that meet a condition."""
        company, sign = self._books.company(company_code), 1 if kind == GOODS_ISSUE else -1
        mine = [["company_id", "=", company.company_id], *domain]
        names = [_REFERENCE, "state", "scheduled_date", _DAY, "partner_id"]
        heads = list(self._books.rows(company, _MODEL, mine, names))
        moved = self._moved(company, [each["id"] for each in heads])
        booked = self._standing(company, {number for each in moved.values() for number in each.entries})
        parties = self._books.codes(PARTY, [each["partner_id"][0] for each in heads if each["partner_id"]])
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            own, is_done = moved.get(head["id"], _Moved()), head["state"] == _DONE
            pieces = own.done if is_done else own.asked
            lines = tuple(GoodsLine(product, sign * int(count)) for product, count in pieces.items())
            party = parties.get(head["partner_id"][0], "") if head["partner_id"] else ""
            promised = _PROMISED.fullmatch(str(head[_REFERENCE]))
            day = date.fromisoformat(promised[1] if promised else str(head[_DAY] or head["scheduled_date"])[:10])
            content = content_of_body(company_code, day, "", Goods(party, lines))
            is_whole = all(count == int(count) for count in pieces.values())
            # What has moves of another day, or of several, is not the goods of one day.
            if not is_whole or booked & own.entries or (is_done and not promised and own.days != {day}):
                content = replace(content, body=None)
            key = key_of(head[_REFERENCE])
            steps = _steps(head["state"], is_promised=bool(promised), in_all=len(SPEC.steps[kind]))
            found[key] = (*found.get(key, ()), Found(str(head["id"]), steps, content))
        return found

    def _fill(self, company: Company, documents: Sequence[Document]) -> None:
        """Say of each move that all of it goes: what was reserved may be less."""
        rows = []
        for each in documents:
            assert isinstance(each.body, Goods), "goods have a party and lines"
            pieces = enumerate(each.body.lines)
            rows += [[f"{MODULE}.{each.document_id}_{at}", str(abs(line.quantity))] for at, line in pieces]
        self._books.load(company, _MOVE, ("id", "quantity"), rows)

    def _validate(self, company: Company, ids: Sequence[int]) -> None:
        """Have transfers done.

        Raises:
            Trouble: Odoo asks something first; or it gave no answer.
        """
        # Nothing is left for a back order, and no buyer gets a message.
        answered = {"skip_backorder": True, "picking_ids_not_to_backorder": list(ids), "skip_sms": True}
        told = self._books.wire.call(_MODEL, "button_validate", ids, context={**context(company), **answered})
        if told is True:
            return
        open_ = [["id", "in", list(ids)], ["state", "!=", _DONE]]
        if list(self._books.rows(company, _MODEL, open_, [])):
            asks = str(told.get("res_model", "")) if isinstance(told, dict) else ""
            raise Trouble("rejected", "asks", f"Odoo asks before it validates: {asks}")

    def _give_date(self, company: Company, documents: Sequence[Document], ids: Sequence[int]) -> None:
        """Write the day of each transfer, and last of all that it is there; done twice it is the same."""
        by_day: dict[date, list[int]] = {}
        for document, number in zip(documents, ids, strict=True):
            by_day.setdefault(document.posted_on, []).append(number)
        for day, numbers in sorted(by_day.items()):
            for model in (_DETAIL, _MOVE):
                rows = self._books.rows(company, model, [["picking_id", "in", numbers]], [])
                if own := [row["id"] for row in rows]:
                    values = {"date": noon(day)}
                    self._books.wire.call(model, "write", own, vals=values, context=context(company))
        heads = [
            [f"{MODULE}.{each.document_id}", noon(each.posted_on), f"{MARK}{each.document_id} {each.text}".strip()]
            for each in documents
        ]
        self._books.load(company, _MODEL, ("id", _DAY, _REFERENCE), heads)

    def _moved(self, company: Company, transfers: Sequence[int]) -> dict[int, _Moved]:
        """By transfer, what its moves come to."""
        entries = sorted(self._fields(_MOVE) & set(_ENTRIES))
        names = ["product_id", "product_uom_qty", "quantity", *entries]
        rows = self._rows_of(company, _MOVE, transfers, names)
        products = self._books.codes(PRODUCT, [row["product_id"][0] for row in rows])
        moved: dict[int, _Moved] = {}
        for row in rows:
            one = moved.setdefault(row["picking_id"][0], _Moved())
            code = products.get(row["product_id"][0], "")
            one.asked[code] += Decimal(row["product_uom_qty"])
            one.done[code] += Decimal(row["quantity"])
            for name in entries:
                # One entry is a number with its name, several are numbers.
                several = row[name] or []
                one.entries.update(several if name == _ENTRIES[0] else several[:1])
        # The stock of a day is counted by the details, which may be of other days than their moves.
        for row in (*rows, *self._rows_of(company, _DETAIL, transfers, [])):
            if row["state"] == _DONE:
                one = moved.setdefault(row["picking_id"][0], _Moved())
                one.days.add(date.fromisoformat(str(row["date"])[:10]))
        return moved

    def _rows_of(
        self, company: Company, model: str, transfers: Sequence[int], names: Sequence[str]
    ) -> list[dict[str, Any]]:
        """What is not cancelled of the moves of transfers, or of their details."""
        rows: list[dict[str, Any]] = []
        for at in range(0, len(transfers), PAGE):
            own = [["picking_id", "in", list(transfers[at : at + PAGE])], ["state", "!=", CANCELLED]]
            rows += self._books.rows(company, model, own, ["picking_id", "state", "date", *names])
        return rows

    def _standing(self, company: Company, entries: set[int]) -> set[int]:
        """Those of some entries that are not cancelled."""
        if not entries:
            return set()
        some = [["id", "in", sorted(entries)], ["state", "!=", CANCELLED]]
        return {row["id"] for row in self._books.rows(company, "account.move", some, [])}

    def _warehouse(self, company: Company, of: str) -> dict[str, Any]:
        """The first warehouse of a company: its stock, and its types of transfers.

        Raises:
            Trouble: There is none.
        """
        if company.company_id not in self._warehouses:
            mine = [["company_id", "=", company.company_id]]
            names = ["lot_stock_id", "out_type_id", "in_type_id"]
            found = next(iter(self._books.rows(company, "stock.warehouse", mine, names)), None)
            if found is None:
                raise Trouble("rejected", "warehouse", f"{of} has no warehouse")
            self._warehouses[company.company_id] = found
        return self._warehouses[company.company_id]

    def _outside(self, company: Company, party: int, code: str) -> int:
        """Where goods are that a customer has.

        Raises:
            Trouble: Nobody has said, or the customer is another company's.
        """
        own = [["id", "=", party]]
        row = next(iter(self._books.rows(company, "res.partner", own, ["property_stock_customer"])), None)
        # A code is looked up in all companies, and one of another is not to be seen in this one.
        if row is None:
            raise Trouble("rejected", PARTY, f"the contact {code} belongs to another company")
        if not row["property_stock_customer"]:
            raise Trouble("rejected", "warehouse", f"the contact {code} has no customer location")
        return int(row["property_stock_customer"][0])

    def _product(self, company: Company, code: str) -> int:
        """The number of a product that posts nothing when it moves.

        Raises:
            Trouble: There is none, it is another company's, or it posts what it costs.
        """
        at = (company.company_id, code)
        if at not in self._counted:
            number = self._books.master(PRODUCT, code)
            there = self._fields(_PRODUCT)
            counted = next(name for name in _COUNTED if name in there)
            names = [_VALUATION, counted] if _VALUATION in there else []
            row = next(iter(self._books.rows(company, _PRODUCT, [["id", "=", number]], names)), None)
            if row is None:
                raise Trouble("rejected", PRODUCT, f"the product {code} belongs to another company")
            if names and row[_VALUATION] == _AS_IT_MOVES and row[counted] in _STORED:
                raise Trouble("rejected", "valued", f"{code} is valued as it moves: Odoo would post what it costs")
            self._counted[at] = number
        return self._counted[at]

    def _fields(self, model: str) -> frozenset[str]:
        """Those of `_VERSIONED` that a model has in this version, with its modules."""
        if model not in self._there:
            there = self._books.wire.call(
                model, "fields_get", allfields=list(_VERSIONED[model]), attributes=["type"], context=context(None)
            )
            self._there[model] = frozenset(there)
        return self._there[model]


def _of(kind: str) -> list[object]:
    return [["picking_type_code", "=", _CODES.get(kind, _BACK)]]


def _steps(state: str, *, is_promised: bool, in_all: int) -> int:
    """How many steps a transfer has behind it. Whether it was filled cannot be told; filled again, it is the same."""
    if state == _DONE:
        return in_all - is_promised
    if state in ("draft", CANCELLED):
        return 1
    return 2
