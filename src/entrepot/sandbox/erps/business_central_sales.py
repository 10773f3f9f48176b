"""The selling side of the simulated Business Central: customers, items, invoices and credit memos, and what they book.

Written from the published documentation, not from a running one. What it does not prove: posting groups, which decide
there what account a customer charges and whether an account of sales may be posted; number series; VAT beyond the one
rate that an account may have here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.erps.business_central_orders import invoice_of, order_of
from entrepot.sandbox.erps.odata4 import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.sandbox.erps.serving import Books

__all__ = ["ORDERS", "SETS", "Selling"]

ORDERS = "salesOrders"

SETS: Mapping[str, tuple[str, str]] = {
    "salesInvoices": ("salesInvoiceLines", "invoiceDate"),
    "salesCreditMemos": ("salesCreditMemoLines", "creditMemoDate"),
}
"""By entity set, its lines and its date."""
_MASTERS: Mapping[str, tuple[frozenset[str], str]] = {
    "customers": (frozenset({"number", "displayName", "type"}), "Company"),
    "items": (frozenset({"number", "displayName", "type"}), "Non-Inventory"),
}
_HEAD = frozenset({"externalDocumentNumber", "customerNumber", "postingDate"})
_LINE = frozenset({"lineType", "lineObjectNumber", "description", "quantity", "unitPrice"})
_LENGTHS = {"number": 20, "displayName": 100, "externalDocumentNumber": 35, "description": 100}
_CENT = Decimal("0.01")


@dataclass
class Selling:
    """Customers, items and documents of all companies.

    Attributes:
        books: Companies and accounts.
        receivable: The account of every customer's posting group.
        taxed: Percent that Business Central adds to lines on an account.
        blocked: Accounts that take no lines.
        currencies: Of orders, beside those of the companies.
        less: Percent that every customer has off what it orders.
        tables: By company and entity set, rows by id.
        posted: Documents that were posted, which are numbered so.
    """

    books: Books
    receivable: str
    taxed: Mapping[str, int]
    blocked: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    less: int = 0
    tables: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)
    posted: int = 0

    def rows(self, company: str, name: str) -> list[dict[str, Any]]:
        """All rows of an entity set."""
        return list(self.tables.get((company, name), {}).values())

    def row(self, company: str, name: str, number: str) -> dict[str, Any]:
        """One row."""
        if number not in self.tables.get((company, name), {}):
            raise RefusedError(404, "Internal_RecordNotFound", f"{name}({number}) does not exist.")
        return self.tables[company, name][number]

    def create(self, company: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make a row, with every check that is known."""
        if name == ORDERS:
            made = self._order(company, body)
        else:
            made = self._document(company, name, body) if name in SETS else self._master(company, name, body)
        row = {**made, "id": str(uuid.uuid4()), "@odata.etag": _version()}
        self.tables.setdefault((company, name), {})[row["id"]] = row
        return row

    def invoice(self, company: str, number: str, posted_on: str) -> None:
        """What people do: an order is shipped and invoiced as a whole, which deletes it."""
        order = self.tables[company, ORDERS].pop(number)
        row = {**invoice_of(order, posted_on), "id": str(uuid.uuid4()), "@odata.etag": _version()}
        self.tables.setdefault((company, "salesInvoices"), {})[row["id"]] = row

    def change(self, company: str, name: str, number: str, body: dict[str, Any], version: str) -> dict[str, Any]:
        """Rename a customer or item, whose version has to be named."""
        row = self.row(company, name, number)
        if version != row["@odata.etag"]:
            status = 412 if version else 428
            raise RefusedError(status, "Request_EntityChanged", "Another user has already changed the record.")
        if name not in _MASTERS or set(body) != {"displayName"}:
            raise RefusedError(400, "BadRequest", "only renaming is simulated")
        _check_lengths(body)
        row.update(body, **{"@odata.etag": _version()})
        return row

    def post(self, company: str, name: str, number: str) -> list[dict[str, Any]]:
        """Post a draft; the entries of the general ledger that come of it."""
        row = self.row(company, name, number)
        if row["status"] != "Draft":
            raise RefusedError(400, "Application_DialogException", "The document is posted already.")
        sign = 1 if name == "salesInvoices" else -1
        sides: dict[str, Decimal] = {}
        for line in row[SETS[name][0]]:
            account = line["lineObjectNumber"]
            sides[account] = sides.get(account, Decimal(0)) - sign * line["netAmount"]
        sides[self.receivable] = sides.get(self.receivable, Decimal(0)) + sign * row["totalAmountExcludingTax"]
        if tax := row["totalTaxAmount"]:
            sides["VAT"] = -sign * tax
            sides[self.receivable] += sign * tax
        self.posted += 1
        row.update(status="Open", number=f"PS-{self.posted:06d}")
        return [
            {
                "postingDate": row["postingDate"],
                "documentNumber": row["number"],
                "accountNumber": account,
                "description": row["number"],
                "debitAmount": max(amount, Decimal(0)),
                "creditAmount": max(-amount, Decimal(0)),
            }
            for account, amount in sides.items()
            if amount
        ]

    def _master(self, company: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        known, kind = _MASTERS[name]
        if unknown := set(body) - known:
            raise RefusedError(400, "BadRequest", f"The property '{min(unknown)}' does not exist")
        _check_lengths(body)
        number = body["number"].upper()
        if any(row["number"] == number for row in self.rows(company, name)):
            raise RefusedError(400, "Internal_EntityWithSameKeyExists", f"The record already exists: {number}")
        if body["type"] != kind:
            raise RefusedError(400, "BadRequest", f"only the type {kind} is simulated")
        return {**body, "number": number}

    def _order(self, company: str, body: dict[str, Any]) -> dict[str, Any]:
        for each in (body, *body.get("salesOrderLines", [])):
            _check_lengths(each)
        customers, items = ({row["number"] for row in self.rows(company, name)} for name in ("customers", "items"))
        return order_of(body, customers, items, {*self.books.companies.values(), *self.currencies}, self.less)

    def _document(self, company: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        lines_name, day = SETS[name]
        if unknown := set(body) - _HEAD - {lines_name, day}:
            raise RefusedError(400, "BadRequest", f"The property '{min(unknown)}' does not exist")
        _check_lengths(body)
        if not any(row["number"] == body["customerNumber"] for row in self.rows(company, "customers")):
            raise RefusedError(400, "Internal_RecordNotFound", f"The Customer {body['customerNumber']} does not exist.")
        if date.fromisoformat(body["postingDate"]) < self.books.first_day:
            raise RefusedError(400, "Application_DialogException", "Posting Date is not within your range.")
        lines = [self._line(line) for line in body[lines_name]]
        total = sum((line["netAmount"] for line in lines), Decimal(0))
        tax = sum((line["netAmount"] * self.taxed.get(line["lineObjectNumber"], 0) / 100 for line in lines), Decimal(0))
        sums = {"totalAmountExcludingTax": total, "totalTaxAmount": tax.quantize(_CENT)}
        return {**body, lines_name: lines, **sums, "number": "", "status": "Draft"}

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        if set(line) != _LINE:
            raise RefusedError(400, "BadRequest", f"line: {sorted(set(line) ^ _LINE)}")
        _check_lengths(line)
        account = line["lineObjectNumber"]
        if line["lineType"] != "Account" or account not in self.books.accounts:
            raise RefusedError(400, "Internal_RecordNotFound", f"The G/L Account {account} does not exist.")
        if account in self.blocked:
            raise RefusedError(400, "Application_DialogException", "Blocked must be equal to 'No' in G/L Account.")
        quantity, price = Decimal(str(line["quantity"])), Decimal(str(line["unitPrice"]))
        if quantity <= 0 or price < 0:
            raise RefusedError(400, "Application_DialogException", "must be positive")
        amount = (quantity * price).quantize(_CENT, ROUND_HALF_UP)
        return {**line, "quantity": quantity, "unitPrice": price, "netAmount": amount}


def _check_lengths(body: Mapping[str, Any]) -> None:
    for name, limit in _LENGTHS.items():
        if len(str(body.get(name, ""))) > limit:
            raise RefusedError(400, "Application_StringExceededLength", f"{name}: {limit}")


def _version() -> str:
    return f'W/"{uuid.uuid4().hex}"'
