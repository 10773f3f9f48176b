"""The selling side of the simulated Odoo: contacts, products, invoices and credit notes, and what they book.

Written from the models of odoo/odoo (addons/account, product, base), not from a running server. Where Odoo would help
itself - taxes of a product that nobody took away, a price that it rounds - this refuses, so that nothing hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "INVOICE_COLUMNS",
    "INVOICE_TYPES",
    "MASTER_COLUMNS",
    "USER_ERROR",
    "VALUE_ERROR",
    "RefusedError",
    "Selling",
]

USER_ERROR, VALUE_ERROR = "odoo.exceptions.UserError", "builtins.ValueError"
INVOICE_TYPES = ("out_invoice", "out_refund")
INVOICE_COLUMNS = frozenset(
    {
        *("id", "move_type", "journal_id/.id", "date", "invoice_date", "invoice_date_due", "ref"),
        *("partner_id/.id", "currency_id/.id", "invoice_line_ids/id", "invoice_line_ids/account_id/.id"),
        *("invoice_line_ids/product_id/.id", "invoice_line_ids/name", "invoice_line_ids/quantity"),
        *("invoice_line_ids/price_unit", "invoice_line_ids/tax_ids/.id"),
    }
)
MASTER_COLUMNS = {
    "res.partner": frozenset({"id", "ref", "name", "is_company"}),
    "product.product": frozenset({"id", "default_code", "name", "type"}),
}
_RECEIVABLE = "property_account_receivable_id"
_WRITTEN = {"res.partner": frozenset({"name", _RECEIVABLE}), "product.product": frozenset({"name"})}
_PRICE_DIGITS = 2


class RefusedError(Exception):
    """An error of Odoo's own: its class and words."""


@dataclass
class Selling:
    """Contacts and products of one database, and the lines that invoices are made of.

    Attributes:
        receivable: Numbers of accounts for what customers owe.
        accounts: By number, the codes of all accounts.
        currencies: By number, the names of active currencies.
        tables: By model, rows by number.
        charged: By company and contact, the number of the account for what it owes.
        owners: By model and number, the number of the company that alone sees a contact or product.
    """

    receivable: frozenset[int]
    accounts: Mapping[int, str]
    currencies: Mapping[int, str]
    tables: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"res.partner": {}, "product.product": {}}
    )
    charged: dict[tuple[int, int], int] = field(default_factory=dict)
    owners: dict[tuple[str, int], int] = field(default_factory=dict)

    def rows(self, model: str, company: int) -> list[dict[str, Any]]:
        """Rows of contacts or products as a company sees them; without a company, as one sees them who has all."""
        owners = {number: of for (kind, number), of in self.owners.items() if kind == model and company}
        rows = [row for number, row in self.tables[model].items() if owners.get(number, company) == company]
        if model != "res.partner":
            return rows
        return [{**row, _RECEIVABLE: self._owed(company, row["id"])} for row in rows]

    def _owed(self, company: int, partner: int) -> list[Any] | bool:
        account = self.charged.get((company, partner))
        return [account, self.accounts[account]] if account else False

    def load(self, model: str, row: Mapping[str, str], number: int | None) -> int:
        """Make a contact or product, or write one again that is there under the external id; its number."""
        unknown = set(row) - MASTER_COLUMNS[model]
        if unknown:
            raise RefusedError(VALUE_ERROR, f"Invalid field '{min(unknown)}' on model '{model}'")
        if not row.get("name"):
            raise RefusedError(USER_ERROR, "Missing required value for the field 'Name' (name)")
        at = number or len(self.tables[model]) + 1
        self.tables[model][at] = {**{name: value for name, value in row.items() if name != "id"}, "id": at}
        return at

    def write(self, model: str, ids: Sequence[int], values: Mapping[str, Any], company: int) -> bool:
        """Rename, or say where what a contact owes goes."""
        unknown = set(values) - _WRITTEN[model]
        if unknown:
            raise RefusedError(VALUE_ERROR, f"Invalid field '{min(unknown)}' on model '{model}'")
        for number in ids:
            if number not in self.tables[model]:
                raise RefusedError("odoo.exceptions.MissingError", f"Record does not exist: {model}({number},)")
            if _RECEIVABLE in values:
                if values[_RECEIVABLE] not in self.receivable or not company:
                    raise RefusedError("odoo.exceptions.ValidationError", "The account is not of the type Receivable.")
                self.charged[company, number] = values[_RECEIVABLE]
            if "name" in values:
                self.tables[model][number]["name"] = values["name"]
        return True

    def invoice(self, record: Sequence[Mapping[str, str]], company: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Head and lines of an invoice, with the line that Odoo makes for what is owed."""
        head = record[0]
        partner, currency = int(head["partner_id/.id"]), int(head["currency_id/.id"])
        if partner not in self.tables["res.partner"] or currency not in self.currencies:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{partner}'")
        if (company, partner) not in self.charged:
            raise RefusedError(USER_ERROR, "The contact has no account for what it owes in this company.")
        sign = -1 if head["move_type"] == INVOICE_TYPES[0] else 1
        owed = Decimal(0)
        named = {"currency_id": [currency, self.currencies[currency]], "partner_id": [partner, ""]}
        lines = []
        for row in record:
            made = self._line(row)
            amount = sign * made["price_subtotal"]
            owed -= amount
            lines.append({**made, **named, **_sides(amount)})
        account = self.charged[company, partner]
        total = {"account_id": [account, self.accounts[account]], "display_type": "payment_term", "name": ""}
        nothing = {"product_id": False, "quantity": Decimal(0), "price_unit": Decimal(0), "price_subtotal": Decimal(0)}
        lines.append({**total, **nothing, **named, **_sides(owed)})
        return {"move_type": head["move_type"], **named, "amount_total": owed * -sign}, lines

    def _line(self, row: Mapping[str, str]) -> dict[str, Any]:
        if "invoice_line_ids/tax_ids/.id" not in row:
            raise RefusedError(USER_ERROR, "Odoo would take the taxes of product and account.")
        account, product = int(row["invoice_line_ids/account_id/.id"]), row["invoice_line_ids/product_id/.id"]
        if account not in self.accounts or (product and int(product) not in self.tables["product.product"]):
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{account}'")
        price, quantity = Decimal(row["invoice_line_ids/price_unit"]), Decimal(row["invoice_line_ids/quantity"])
        if price != price.quantize(Decimal(1).scaleb(-_PRICE_DIGITS)):
            raise RefusedError(USER_ERROR, "Odoo would round this price.")
        if not row["invoice_line_ids/name"]:
            raise RefusedError(USER_ERROR, "Missing required value for the field 'Label' (name)")
        return {
            "account_id": [account, self.accounts[account]],
            "display_type": "product",
            "name": row["invoice_line_ids/name"],
            "product_id": [int(product), ""] if product else False,
            "quantity": quantity,
            "price_unit": price,
            "price_subtotal": (price * quantity).quantize(Decimal("0.01"), ROUND_HALF_UP),
        }


def _sides(amount: Decimal) -> dict[str, Decimal]:
    nothing = Decimal(0)
    return {"debit": max(amount, nothing), "credit": max(-amount, nothing), "amount_currency": amount}
