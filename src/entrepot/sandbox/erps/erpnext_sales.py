"""The selling side of the simulated ERPNext: customers, items, sales orders, sales invoices and what they book; goods.

Written from the JSON files of the doctypes and from erpnext/controllers/status_updater.py, not from a running server;
sales orders from recorded calls. An order books nothing here, as there; stock that it may reserve is not simulated.
Nor is what is in stock, or what a Stock Entry posts in a company with perpetual inventory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RefusedError", "Selling"]

_FIELDS = {
    "Customer": frozenset({"customer_name", "customer_type", "customer_group", "territory"}),
    "Item": frozenset({"item_code", "item_name", "item_group", "stock_uom", "is_stock_item", "allow_negative_stock"}),
    "Stock Entry": frozenset(
        {
            *("stock_entry_type", "company", "posting_date", "posting_time", "set_posting_time", "remarks", "items"),
        }
    ),
    "Sales Order": frozenset(
        {
            *("company", "customer", "transaction_date", "delivery_date", "currency", "conversion_rate", "po_no"),
            *("ignore_pricing_rule", "disable_rounded_total", "items"),
        }
    ),
    "Sales Invoice": frozenset(
        {
            *("company", "customer", "posting_date", "set_posting_time", "due_date", "currency", "conversion_rate"),
            *("debit_to", "is_return", "update_stock", "ignore_pricing_rule", "disable_rounded_total", "remarks"),
            *("items", "taxes"),
        }
    ),
}
_NEEDED = {
    "Stock Entry": ("stock_entry_type", "company", "posting_date", "items"),
    "Customer": ("customer_name", "customer_type"),
    "Item": ("item_code", "item_group", "stock_uom"),
    "Sales Order": ("company", "customer", "transaction_date", "delivery_date", "currency", "items"),
    "Sales Invoice": ("company", "customer", "posting_date", "due_date", "currency", "debit_to", "items"),
}
_ITEM_FIELDS = frozenset({"item_code", "item_name", "qty", "uom", "conversion_factor", "rate", "income_account"})
_ORDERED = frozenset({"item_code", "qty", "uom", "conversion_factor", "rate", "delivery_date"})
_MOVED = frozenset({"item_code", "qty", "uom", "conversion_factor", "allow_zero_valuation_rate"})
_WAREHOUSE = {"Material Issue": "s_warehouse", "Material Receipt": "t_warehouse"}
_ITEM_NEEDED = ("item_name", "qty", "uom", "conversion_factor", "rate", "income_account")
_TAX_FIELDS = frozenset({"charge_type", "account_head", "description", "tax_amount"})
_SUBMITTED = 1


class RefusedError(Exception):
    """A refusal: HTTP status, `exc_type`, words."""


@dataclass
class Selling:
    """Customers, items and invoices of one site.

    Attributes:
        receivable: Names of accounts of the type Receivable.
        accounts: Names of all accounts.
        first_day: Invoices before it are refused: no fiscal year.
        tables: By doctype, rows by name.
        ledger: GL Entries.
        rates: By currency, the exchange rates that the site knows.
        default_warehouse: Of the site; '' where nobody chose one.
    """

    receivable: frozenset[str]
    accounts: frozenset[str]
    first_day: date
    tables: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {
            each: {} for each in ("Customer", "Item", "Sales Order", "Sales Invoice", "Stock Entry")
        }
    )
    ledger: list[dict[str, Any]] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)
    default_warehouse: str = ""

    def row(self, doctype: str, name: str) -> dict[str, Any]:
        """One row."""
        if name not in self.tables[doctype]:
            raise RefusedError(404, "DoesNotExistError", f"{doctype} {name} not found")
        return self.tables[doctype][name]

    def insert(self, doctype: str, body: dict[str, Any], key_field: str) -> dict[str, Any]:
        """Make a row, with every check that is known."""
        _check(doctype, body, _FIELDS[doctype] | ({key_field} if key_field else set()), _NEEDED[doctype])
        rows, key = self.tables[doctype], body.get(key_field)
        if key and any(row.get(key_field) == key for row in rows.values()):
            raise RefusedError(417, "UniqueValidationError", f"Duplicate entry '{key}' for key '{key_field}'")
        series = {"Sales Order": "SAL-ORD", "Stock Entry": "MAT-STE"}
        name = f"{series.get(doctype, 'ACC-SINV')}-{len(rows) + 1:05d}"
        if doctype == "Customer":
            # Customers are named after what they are called, unless the site has a series.
            name = body["customer_name"]
        elif doctype == "Item":
            name = body["item_code"]
        if name in rows:
            raise RefusedError(409, "DuplicateEntryError", f"{doctype} {name}")
        makes = {"Sales Invoice": self._invoice, "Sales Order": self._order, "Stock Entry": self._moved}
        made = makes.get(doctype, dict)(body)
        rows[name] = {"docstatus": 0, **made, "name": name}
        return rows[name]

    def update(self, doctype: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Rename a master, or submit an invoice or order."""
        row = self.row(doctype, name)
        if doctype in ("Customer", "Item"):
            _check(doctype, body, _FIELDS[doctype], ())
            row.update(body)
        elif body != {"docstatus": _SUBMITTED}:
            raise RefusedError(417, "UpdateAfterSubmitError", "only submitting is simulated")
        elif row["docstatus"] != _SUBMITTED:
            row["docstatus"] = _SUBMITTED
            if doctype == "Sales Invoice":
                self._book(row)
        return row

    def check_paid(self, line: Mapping[str, Any], credit: float) -> None:
        """What a line that pays an invoice has to agree with, as journal_entry.py has it."""
        invoice = self.row("Sales Invoice", line["reference_name"])
        if invoice["docstatus"] != _SUBMITTED:
            raise RefusedError(417, "ValidationError", f"Sales Invoice {line['reference_name']} is not submitted")
        if (line.get("party"), line["account"]) != (invoice["customer"], invoice["debit_to"]):
            raise RefusedError(417, "ValidationError", "Party / Account does not match with Customer / Debit To")
        if credit and invoice["outstanding_amount"] < credit:
            words = f"cannot be greater than Outstanding Amount {invoice['outstanding_amount']}"
            raise RefusedError(417, "ValidationError", f"Payment against Sales Invoice {invoice['name']} {words}")

    def pay(self, name: str, amount: float) -> None:
        """Take what was paid off what is open."""
        invoice = self.row("Sales Invoice", name)
        invoice["outstanding_amount"] = round(invoice["outstanding_amount"] - amount, 2)

    def _order(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["customer"] not in self.tables["Customer"]:
            raise RefusedError(417, "LinkValidationError", f"Could not find Customer: {body['customer']}")
        pairs = {(row["customer"], row.get("po_no")): row["name"] for row in self.tables["Sales Order"].values()}
        if body.get("po_no") and (same := pairs.get((body["customer"], body["po_no"]))):
            words = f"Sales Order {same} already exists against Customer's Purchase Order {body['po_no']}"
            raise RefusedError(417, "ValidationError", words)
        if not (rate := body.get("conversion_rate") or self.rates.get(body["currency"])):
            raise RefusedError(417, "ValidationError", f"Unable to find exchange rate for {body['currency']}")
        if body["delivery_date"] < body["transaction_date"]:
            raise RefusedError(417, "ValidationError", "Expected Delivery Date should be after Sales Order Date")
        items = []
        for item in body["items"]:
            _check("Sales Order Item", item, _ORDERED | {"warehouse"}, tuple(_ORDERED))
            if item["item_code"] not in self.tables["Item"]:
                raise RefusedError(417, "LinkValidationError", f"Could not find Row: Item: {item['item_code']}")
            self._check_place(item, body["company"])
            price = _cents(Decimal(str(item["rate"])))
            items.append({**item, "rate": float(price), "amount": float(_cents(Decimal(item["qty"]) * price))})
        return {**body, "conversion_rate": rate, "items": items, "per_billed": 0.0}

    def _check_place(self, item: Mapping[str, Any], company: str) -> None:
        """The warehouse of an order's line, or the site's default one, which only orders of its company take."""
        own, mine = item.get("warehouse", ""), f" - {company}"
        if own and not own.endswith(mine):
            words = f"Warehouse {own} does not belong to company {company}"
            raise RefusedError(417, "InvalidWarehouseCompany", words)
        if self.tables["Item"][item["item_code"]]["is_stock_item"] and not (
            own or self.default_warehouse.endswith(mine)
        ):
            words = f"Delivery warehouse required for stock item {item['item_code']}"
            raise RefusedError(417, "WarehouseRequired", words)

    def _moved(self, body: dict[str, Any]) -> dict[str, Any]:
        if date.fromisoformat(body["posting_date"]) < self.first_day:
            raise RefusedError(417, "FiscalYearError", f"Date {body['posting_date']} is not in any active Fiscal Year")
        if not body.get("set_posting_time") or not body.get("posting_time"):
            raise RefusedError(417, "ValidationError", "without set_posting_time the posting date is today's")
        if body["stock_entry_type"] not in _WAREHOUSE:
            raise RefusedError(417, "ValidationError", "Purpose must be one of those that are simulated")
        place = _WAREHOUSE[body["stock_entry_type"]]
        items = []
        for item in body["items"]:
            _check("Stock Entry Detail", item, _MOVED | {place}, (*_MOVED, place))
            row = self.tables["Item"].get(item["item_code"])
            if row is None or not item[place].endswith(f" - {body['company']}"):
                raise RefusedError(
                    417, "LinkValidationError", f"Could not find Row: {item['item_code']}, {item[place]}"
                )
            if not row["is_stock_item"] or item["qty"] < 0 or item["uom"] != row["stock_uom"]:
                raise RefusedError(417, "ValidationError", f"{item['item_code']} is not a stock Item")
            items.append({**item, "transfer_qty": float(item["qty"]) * item["conversion_factor"]})
        return {**body, "items": items}

    def _invoice(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["customer"] not in self.tables["Customer"]:
            raise RefusedError(417, "LinkValidationError", f"Could not find Customer: {body['customer']}")
        if date.fromisoformat(body["posting_date"]) < self.first_day:
            raise RefusedError(417, "FiscalYearError", f"Date {body['posting_date']} is not in any active Fiscal Year")
        if not body.get("set_posting_time"):
            raise RefusedError(417, "ValidationError", "without set_posting_time the posting date is today's")
        if body["debit_to"] not in self.receivable:
            raise RefusedError(417, "ValidationError", "Debit To account must be a Receivable account")
        items = [self._item(item, is_return=bool(body.get("is_return"))) for item in body["items"]]
        taxes = [self._tax(tax) for tax in body.get("taxes", [])]
        return {**body, "items": items, "taxes": taxes, "outstanding_amount": 0.0}

    def _item(self, item: dict[str, Any], *, is_return: bool) -> dict[str, Any]:
        _check("Sales Invoice Item", item, _ITEM_FIELDS, _ITEM_NEEDED)
        if item["income_account"] not in self.accounts:
            raise RefusedError(417, "LinkValidationError", f"Could not find Row: {item['income_account']}")
        if "item_code" in item and item["item_code"] not in self.tables["Item"]:
            raise RefusedError(417, "LinkValidationError", f"Could not find Row: Item: {item['item_code']}")
        if item["rate"] < 0:
            raise RefusedError(417, "ValidationError", "rate must be a positive number")
        if not item["qty"] or (item["qty"] < 0) != is_return:
            sign = "negative" if is_return else "positive"
            raise RefusedError(417, "ValidationError", f"quantity must be {sign} number")
        rate = _cents(Decimal(str(item["rate"])))
        return {**item, "rate": float(rate), "amount": float(_cents(Decimal(item["qty"]) * rate))}

    def _tax(self, tax: dict[str, Any]) -> dict[str, Any]:
        _check("Sales Taxes and Charges", tax, _TAX_FIELDS, tuple(_TAX_FIELDS))
        if tax["account_head"] not in self.accounts:
            raise RefusedError(417, "LinkValidationError", f"Could not find Row: {tax['account_head']}")
        if tax["charge_type"] != "Actual":
            raise RefusedError(417, "ValidationError", "only actual amounts are simulated")
        return dict(tax)

    def _book(self, invoice: Mapping[str, Any]) -> None:
        sides = [(each["income_account"], -Decimal(str(each["amount"]))) for each in invoice["items"]]
        sides += [(each["account_head"], -Decimal(str(each["tax_amount"]))) for each in invoice["taxes"]]
        total = -sum((amount for _, amount in sides), Decimal(0))
        self.row("Sales Invoice", invoice["name"])["outstanding_amount"] = float(total)
        sides.append((invoice["debit_to"], total))
        for account, amount in sides:
            self.ledger.append(
                {
                    "name": f"GLE-{len(self.ledger) + 1:06d}",
                    "voucher_no": invoice["name"],
                    "account": account,
                    "debit": float(max(amount, Decimal(0))),
                    "credit": float(max(-amount, Decimal(0))),
                    "is_cancelled": 0,
                }
            )


def _check(doctype: str, body: Mapping[str, Any], known: frozenset[str] | set[str], needed: tuple[str, ...]) -> None:
    unknown, missing = set(body) - known, [name for name in needed if body.get(name) in (None, "", [])]
    if unknown:
        raise RefusedError(417, "ValidationError", f"{doctype}: unknown field {min(unknown)}")
    if missing:
        raise RefusedError(417, "MandatoryError", f"{doctype}: {', '.join(missing)}")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
