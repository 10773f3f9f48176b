"""The transfers of the simulated Odoo: loaded as drafts, confirmed, filled, validated and written to.

Written from the models of odoo/odoo (addons/stock, stock_account, stock_sms), not from a running server. What is in
stock here is nothing unless a test says so, so that confirming reserves less than was asked for. Where Odoo would help
itself - with a text, a location or a quantity that nobody named - this refuses. What it does not prove: the steps,
routes and reservations of a real warehouse, lots, packages, units, and what valuing stock posts: here it is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.erps.odoo_sales import USER_ERROR, VALUE_ERROR, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.sandbox.erps.odoo_sales import Selling

__all__ = ["STOCK_LOADED", "STOCK_MODELS", "Stocking"]

STOCK_MODELS = ("stock.picking", "stock.move", "stock.move.line", "stock.warehouse")
STOCK_LOADED = ("stock.picking", "stock.move")
_HEAD = frozenset(
    {
        *("id", "picking_type_id/.id", "partner_id/.id", "location_id/.id", "location_dest_id/.id"),
        *("scheduled_date", "origin", "date_done"),
    }
)
_LINE = ("id", "product_id/.id", "product_uom_qty", "location_id/.id", "location_dest_id/.id")
_INSIDE, _CUSTOMERS, _OUT, _IN = 8, 5, 2, 1
_WAYS = {_OUT: ("outgoing", (_INSIDE, _CUSTOMERS)), _IN: ("incoming", (_CUSTOMERS, _INSIDE))}
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass
class Stocking:
    """Transfers of one database.

    Attributes:
        selling: Contacts and products that they name.
        without: Numbers of companies that have no warehouse.
        is_newer: Whether it is a version from 19 on: a move has no name, and one entry.
        values: Whether a module that values stock is there.
        products: By number of a product, whether it is counted, and how it is valued.
        stock: By number of a product, what is there.
        asks: A question that validating has, whatever the context says.
        texts: Whether buyers get a text message.
        transfers: By number.
        moves: By number.
    """

    selling: Selling
    without: tuple[int, ...] = ()
    is_newer: bool = False
    values: bool = False
    products: dict[int, tuple[bool, str]] = field(default_factory=dict)
    stock: dict[int, Decimal] = field(default_factory=dict)
    asks: str = ""
    texts: bool = True
    transfers: dict[int, dict[str, Any]] = field(default_factory=dict)
    moves: dict[int, dict[str, Any]] = field(default_factory=dict)

    def columns(self, model: str) -> frozenset[str]:
        """What `load` takes."""
        if model == "stock.move":
            return frozenset({"id", "quantity"})
        return _HEAD | {f"move_ids/{name}" for name in (*_LINE, *(() if self.is_newer else ("name",)))}

    def method(self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
        """What a method gives, beside `load` and `search_read`."""
        match (model, method):
            case ("stock.picking", "action_confirm"):
                return self._confirm(ids)
            case ("stock.picking", "button_validate"):
                return self._validate(ids, named.get("context", {}))
            case ("stock.move" | "stock.move.line", "write"):
                return self._write(model, ids, named["vals"])
            case ("stock.move", "fields_get"):
                there = {"account_move_id"} if self.is_newer else {"name", "account_move_ids"}
                return {name: {} for name in named["allfields"] if name in there - self._absent}
            case ("product.product", "fields_get"):
                return {name: {} for name in named["allfields"] if name in self.product(0)}
        raise RefusedError("builtins.AttributeError", f"{model}.{method}")

    @property
    def _absent(self) -> set[str]:
        return set() if self.values else {"account_move_id", "account_move_ids"}

    def product(self, number: int) -> dict[str, Any]:
        """What modules of stock know of a product."""
        is_counted, method = self.products.get(number, (False, "manual_periodic"))
        counted = {"is_storable": is_counted, "type": "consu"}
        return {**counted, "valuation": method} if self.values else counted

    def rows(self, model: str, company: int) -> list[dict[str, Any]]:
        """Rows of a model."""
        match model:
            case "stock.picking":
                return list(self.transfers.values())
            case "stock.move":
                return list(self.moves.values())
            case "stock.move.line":
                return [{**row, "date": row["detailed"]} for row in self.moves.values()]
        if company in self.without:
            return []
        types = {"out_type_id": [_OUT, "Delivery Orders"], "in_type_id": [_IN, "Receipts"]}
        return [{"id": company, "company_id": [company, ""], "lot_stock_id": [_INSIDE, "WH/Stock"], **types}]

    def customers(self) -> dict[str, Any]:
        """Where the goods of every contact are."""
        return {"property_stock_customer": [_CUSTOMERS, "Partners/Customers"]}

    def load(self, model: str, record: Sequence[Mapping[str, str]], company: int, external: dict[str, int]) -> int:
        """Make a transfer with its moves, or write what is there under an external id."""
        head = record[0]
        if model == "stock.move":
            move = self.moves[external[head["id"]]]
            if move["state"] in ("done", "cancel"):
                raise RefusedError(USER_ERROR, "What is done keeps its quantity here.")
            move["quantity"] = Decimal(head["quantity"])
            return int(move["id"])
        if "date_done" in head:
            return self._date(self.transfers[external[head["id"]]], head)
        number = external.get(head["id"], max(self.transfers, default=0) + 1)
        if self.transfers.get(number, {}).get("state", "draft") != "draft":
            raise RefusedError(USER_ERROR, "Changing the operation type of this record is forbidden at this point.")
        datetime.strptime(head["scheduled_date"], _TIME).replace(tzinfo=UTC)
        code, way = _WAYS[int(head["picking_type_id/.id"])]
        partner = int(head["partner_id/.id"])
        if (int(head["location_id/.id"]), int(head["location_dest_id/.id"])) != way or company in self.without:
            raise RefusedError(USER_ERROR, "The locations are not those of the operation type.")
        if partner not in self.selling.tables["res.partner"]:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{partner}'")
        external[head["id"]] = number
        self.transfers[number] = {
            "id": number,
            "company_id": [company, ""],
            "picking_type_code": code,
            "partner_id": [partner, ""],
            "origin": head["origin"] or False,
            "scheduled_date": head["scheduled_date"],
            "date_done": False,
            "state": "draft",
        }
        for row in record:
            line = self._move({name.removeprefix("move_ids/"): value for name, value in row.items()}, way)
            # A move without an external id is a new move, however often it comes.
            new, key = max(self.moves, default=0) + 1, row.get("move_ids/id")
            place = external.setdefault(key, new) if key else new
            own = {"id": place, "picking_id": [number, ""], "date": head["scheduled_date"]}
            self.moves[place] = {**line, **own, "detailed": head["scheduled_date"]}
        return number

    def _date(self, row: dict[str, Any], head: Mapping[str, str]) -> int:
        datetime.strptime(head["date_done"], _TIME).replace(tzinfo=UTC)
        if set(head) != {"id", "date_done", "origin"} or row["state"] != "done":
            raise RefusedError(USER_ERROR, "Only what is done is given a date here.")
        row |= {"date_done": head["date_done"], "origin": head["origin"]}
        return int(row["id"])

    def _move(self, row: Mapping[str, str], way: tuple[int, int]) -> dict[str, Any]:
        product, quantity = int(row["product_id/.id"]), Decimal(row["product_uom_qty"])
        if product not in self.selling.tables["product.product"]:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{product}'")
        if not self.is_newer and not row.get("name"):
            raise RefusedError(USER_ERROR, "Missing required value for the field 'Description' (name)")
        if quantity <= 0 or (int(row["location_id/.id"]), int(row["location_dest_id/.id"])) != way:
            raise RefusedError(USER_ERROR, "A move has a quantity, and the locations of its transfer.")
        return {
            "product_id": [product, ""],
            "product_uom_qty": quantity,
            "quantity": Decimal(0),
            "state": "draft",
            "account_move_ids": [],
            "account_move_id": False,
        }

    def _of(self, number: int) -> list[dict[str, Any]]:
        if number not in self.transfers:
            raise RefusedError("odoo.exceptions.MissingError", f"Record does not exist: stock.picking({number},)")
        return [row for row in self.moves.values() if row["picking_id"][0] == number]

    def _confirm(self, ids: Sequence[int]) -> bool:
        """Reserve of drafts what is there; what is confirmed stays as it is."""
        for number in ids:
            for row in self._of(number):
                if row["state"] == "draft":
                    there = self.stock.get(row["product_id"][0], Decimal(0))
                    is_in = self.transfers[number]["picking_type_code"] == "incoming"
                    wanted = row["product_uom_qty"]
                    row |= {"quantity": wanted if is_in else max(min(there, wanted), Decimal(0)), "state": "confirmed"}
            if self.transfers[number]["state"] == "draft":
                self.transfers[number]["state"] = "confirmed"
        return True

    def _validate(self, ids: Sequence[int], context: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
        open_ = [number for number in ids if self.transfers[number]["state"] not in ("done", "cancel")]
        moves = [row for number in open_ for row in self._of(number)]
        if any(not row["quantity"] for row in moves):
            raise RefusedError(USER_ERROR, "You can't validate a transfer if no quantities are reserved or done.")
        if any(row["quantity"] < row["product_uom_qty"] for row in moves) and not context.get("skip_backorder"):
            return {"type": "ir.actions.act_window", "res_model": "stock.backorder.confirmation"}
        if self.asks or (self.texts and not context.get("skip_sms")):
            return {"type": "ir.actions.act_window", "res_model": self.asks or "confirm.stock.sms"}
        now = datetime.now(UTC).strftime(_TIME)
        for row in moves:
            row |= {"state": "done", "date": now, "detailed": now}
            sign = -1 if self.transfers[row["picking_id"][0]]["picking_type_code"] == "outgoing" else 1
            product = row["product_id"][0]
            self.stock[product] = self.stock.get(product, Decimal(0)) + sign * row["quantity"]
        for number in open_:
            self.transfers[number] |= {"state": "done", "date_done": now}
        return True

    def _write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> bool:
        if set(values) != {"date"}:
            raise RefusedError(VALUE_ERROR, f"only the date of {model} is written here")
        datetime.strptime(values["date"], _TIME).replace(tzinfo=UTC)
        for number in ids:
            self.moves[number]["date" if model == "stock.move" else "detailed"] = values["date"]
        return True
