"""The sales orders of the simulated Odoo: quotations that are loaded, confirmed and written to.

Written from the models of odoo/odoo (addons/sale) and from recorded calls of `load`. Where Odoo would help itself -
with a price list, a discount, a tax or a text that nobody named - this refuses, so that nothing hangs on it. What it
does not prove: what confirming sets off beside the order itself, such as deliveries, and what locked orders refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.erps.odoo_sales import USER_ERROR, VALUE_ERROR, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.sandbox.erps.odoo_sales import Selling

__all__ = ["ORDER_MODELS", "Ordering"]

ORDER_MODELS = ("sale.order", "sale.order.line", "product.pricelist")
_HEAD = frozenset({"id", "partner_id/.id", "pricelist_id/.id", "date_order", "client_order_ref", "origin"})
_LINE = ("id", "product_id/.id", "name", "product_uom_qty", "price_unit", "discount")
_WRITTEN = frozenset({"date_order", "origin"})
_TIME = "%Y-%m-%d %H:%M:%S"
_PRICE = Decimal("0.01")


@dataclass
class Ordering:
    """Sales orders of one database.

    Attributes:
        selling: Contacts and products that they name.
        pricelists: By number, the number of the currency; of all companies.
        tax_field: What this version calls the taxes of a line.
        orders: By number.
        lines: By number.
    """

    selling: Selling
    pricelists: dict[int, int] = field(default_factory=dict)
    tax_field: str = "tax_id"
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """What `load` takes."""
        return _HEAD | {f"order_line/{name}" for name in (*_LINE, f"{self.tax_field}/.id")}

    def method(self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
        """What a method gives, beside `load` and `search_read`."""
        match (model, method):
            case ("sale.order", "write"):
                return self.write(ids, named["vals"])
            case ("sale.order", "action_confirm"):
                return self.confirm(ids)
            case ("sale.order.line", "fields_get"):
                return self.fields_get(named)
        raise RefusedError("builtins.AttributeError", f"{model}.{method}")

    def fields_get(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """Those of some fields of a line that there are."""
        there = {*(name.removesuffix("/.id") for name in _LINE), self.tax_field}
        return {name: {"type": "char"} for name in named["allfields"] if name in there}

    def rows(self, model: str) -> list[dict[str, Any]]:
        """Rows of a model."""
        if model == "product.pricelist":
            names = self.selling.currencies
            return [
                {"id": at, "currency_id": [of, names[of]], "company_id": False} for at, of in self.pricelists.items()
            ]
        return list((self.orders if model == "sale.order" else self.lines).values())

    def load(
        self, record: Sequence[Mapping[str, str]], company: int, home: str, external: dict[str, int]
    ) -> dict[str, Any]:
        """Make a quotation, or write one again that is there under the external id.

        Args:
            record: Its rows.
            company: Number of the company.
            home: Name of the company's currency.
            external: External ids, which get the new ones.
        """
        head = record[0]
        partner, pricelist = int(head["partner_id/.id"]), head["pricelist_id/.id"]
        if partner not in self.selling.tables["res.partner"]:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{partner}' in field 'Customer'")
        if pricelist and int(pricelist) not in self.pricelists:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{pricelist}'")
        if (
            not pricelist
            and self.pricelists
            and home in {self.selling.currencies[at] for at in self.pricelists.values()}
        ):
            raise RefusedError(USER_ERROR, "Odoo would take the price list of the contact.")
        number = external.get(head["id"], max(self.orders, default=0) + 1)
        if self.orders.get(number, {}).get("state", "draft") != "draft":
            raise RefusedError(USER_ERROR, "You cannot change the pricelist of a confirmed order !")
        currencies = {name: at for at, name in self.selling.currencies.items()}
        currency = self.pricelists[int(pricelist)] if pricelist else currencies[home]
        named = [currency, self.selling.currencies[currency]]
        datetime.strptime(head["date_order"], _TIME).replace(tzinfo=UTC)
        external[head["id"]] = number
        self.orders[number] = {
            "id": number,
            "company_id": [company, ""],
            "partner_id": [partner, ""],
            "client_order_ref": head["client_order_ref"] or False,
            "origin": head["origin"] or False,
            "date_order": head["date_order"],
            "state": "draft",
            "currency_id": named,
            "invoice_ids": [],
        }
        for row in record:
            line = self._line({name.removeprefix("order_line/"): value for name, value in row.items()}, named)
            # A line without an external id is a new line, however often it comes.
            new, key = max(self.lines, default=0) + 1, row.get("order_line/id")
            place = external.setdefault(key, new) if key else new
            self.lines[place] = {**line, "id": place, "order_id": [number, ""]}
        return self.orders[number]

    def confirm(self, ids: Sequence[int]) -> bool:
        """Make orders of quotations, dated now."""
        if any(self.orders.get(number, {}).get("state") not in ("draft", "sent") for number in ids):
            raise RefusedError(USER_ERROR, "Some orders are not in a state requiring confirmation.")
        for number in ids:
            self.orders[number] |= {"state": "sale", "date_order": datetime.now(UTC).strftime(_TIME)}
        return True

    def write(self, ids: Sequence[int], values: Mapping[str, Any]) -> bool:
        """Write what an order may still be told."""
        if unknown := set(values) - _WRITTEN:
            raise RefusedError(VALUE_ERROR, f"Invalid field '{min(unknown)}' on model 'sale.order'")
        datetime.strptime(values["date_order"], _TIME).replace(tzinfo=UTC)
        for number in ids:
            if number not in self.orders:
                raise RefusedError("odoo.exceptions.MissingError", f"Record does not exist: sale.order({number},)")
            self.orders[number] |= values
        return True

    def _line(self, row: Mapping[str, str], currency: list[Any]) -> dict[str, Any]:
        for name in (*_LINE[1:], f"{self.tax_field}/.id"):
            if name not in row:
                raise RefusedError(USER_ERROR, f"Odoo would choose {name} itself.")
        if not row["product_id/.id"] or int(row["product_id/.id"]) not in self.selling.tables["product.product"]:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{row['product_id/.id']}'")
        price, quantity = Decimal(row["price_unit"]), Decimal(row["product_uom_qty"])
        if price != price.quantize(_PRICE):
            raise RefusedError(USER_ERROR, "Odoo would round this price.")
        if row["discount"] != "0" or row[f"{self.tax_field}/.id"] or not row["name"]:
            raise RefusedError(USER_ERROR, "The line has a discount or a tax, or no description.")
        return {
            "product_id": [int(row["product_id/.id"]), ""],
            "name": row["name"],
            "product_uom_qty": quantity,
            "price_unit": price,
            "price_subtotal": (price * quantity).quantize(_PRICE, ROUND_HALF_UP),
            "currency_id": currency,
            "display_type": False,
        }
