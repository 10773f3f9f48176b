"""Sales Invoices, Customers and Items of ERPNext: what their calls hold and how they are read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, pieces
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    PARTY,
    PRICE_DIGITS,
    Found,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.erpnext.spec import KEY_FIELD
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document

_UNIT = "Nos"
"""The unit that every site has."""
_NO_CODE = "Tax"
_GROUPS = {"customer_group": "All Customer Groups", "territory": "All Territories"}
_ITEM_GROUP = "All Item Groups"
_DRAFT, _SUBMITTED = 0, 1


def master_body(document: Document, *, is_counted: bool) -> dict[str, object]:
    """A Customer or an Item under its code.

    Args:
        document: What to write.
        is_counted: Whether an Item is one of whose stock ERPNext keeps account.
    """
    if isinstance(document.body, Party):
        customer = {"customer_name": document.body.name, "customer_type": "Company", **_GROUPS}
        return {**customer, KEY_FIELD: document.key}
    assert isinstance(document.body, Product), "it is a party or a product"
    item = {"item_code": document.key, "item_name": document.body.name, "item_group": _ITEM_GROUP}
    # What left has left, whether ERPNext knows of it or not.
    counted = {"is_stock_item": 1, "allow_negative_stock": 1} if is_counted else {"is_stock_item": 0}
    return {**item, "stock_uom": _UNIT, **counted, KEY_FIELD: document.key}


def name_field(kind: str) -> str:
    """Where a master keeps what it is called."""
    return "customer_name" if kind == PARTY else "item_name"


def read_master(kind: str, row: Mapping[str, Any]) -> Found:
    """A Customer or an Item as it stands."""
    body = Party if kind == PARTY else Product
    content = content_of_body("", date.min, "", body(str(row[KEY_FIELD]), str(row[name_field(kind)])))
    return Found(str(row["name"]), 1, content)


def invoice_body(
    document: Document, company: str, accounts: Mapping[str, str], customer: str, items: Mapping[str, str]
) -> dict[str, object]:
    """A Sales Invoice; one that gives back is a return with negative quantities.

    Args:
        document: What to write.
        company: Its name.
        accounts: By number, their names.
        customer: Name of the Customer.
        items: By code, names of Items.

    Raises:
        Trouble: There is no such account.
    """
    invoice, digits = document.body, minor_digits(document.currency)
    assert isinstance(invoice, Invoice), "an invoice has a party and lines"
    return {
        "company": company,
        "customer": customer,
        "posting_date": document.posted_on.isoformat(),
        # Else ERPNext takes the day of the call.
        "set_posting_time": 1,
        "due_date": document.posted_on.isoformat(),
        "currency": document.currency,
        "conversion_rate": 1,
        "debit_to": _account(company, accounts, invoice.receivable),
        "is_return": int(document.kind == CREDIT_NOTE),
        "update_stock": 0,
        # Prices are ours, to the cent.
        "ignore_pricing_rule": 1,
        "disable_rounded_total": 1,
        "remarks": document.text,
        KEY_FIELD: document.document_id,
        "items": [_item(company, accounts, items, each) for each in invoice.items],
        "taxes": [
            {
                "charge_type": "Actual",
                "account_head": _account(company, accounts, each.account),
                "description": each.code or _NO_CODE,
                "tax_amount": float(Decimal(each.amount_minor).scaleb(-digits)),
            }
            for each in invoice.taxes
        ],
    }


def _account(company: str, accounts: Mapping[str, str], code: str) -> str:
    if code not in accounts:
        raise Trouble("rejected", "account", f"{company} has no account {code}")
    return accounts[code]


def _item(company: str, accounts: Mapping[str, str], items: Mapping[str, str], each: ItemLine) -> dict[str, object]:
    made: dict[str, object] = {
        "item_name": each.text or each.product or "-",
        "qty": each.quantity,
        "uom": _UNIT,
        "conversion_factor": 1,
        "rate": float(Decimal(each.price_e6).scaleb(-PRICE_DIGITS)),
        "income_account": _account(company, accounts, each.account),
    }
    return {**made, "item_code": items[each.product]} if each.product else made


def read_invoice(
    row: Mapping[str, Any],
    ledger: Sequence[Mapping[str, Any]],
    accounts: Mapping[str, str],
    customer: str,
    codes: Mapping[str, str],
) -> Found:
    """A Sales Invoice as it stands. A cancelled one holds nothing any more.

    Args:
        row: The invoice.
        ledger: Its GL Entries.
        accounts: By name, the numbers of accounts.
        customer: Code of its Customer.
        codes: By name, codes of Items.
    """
    currency = str(row["currency"])

    def minor(amount: object) -> int:
        return int(Decimal(str(amount)).scaleb(minor_digits(currency)))

    is_alive = row["docstatus"] in (_DRAFT, _SUBMITTED)
    items = tuple(
        ItemLine(
            accounts.get(each["income_account"], each["income_account"]),
            codes.get(each.get("item_code") or "", ""),
            "",
            pieces(each["qty"]),
            int(Decimal(str(each["rate"])).scaleb(PRICE_DIGITS)),
            minor(each["amount"]),
        )
        for each in row["items"]
        if is_alive
    )
    taxes = tuple(
        TaxLine(
            accounts.get(each["account_head"], each["account_head"]),
            "" if each["description"] == _NO_CODE else str(each["description"]),
            0,
            minor(each["tax_amount"]),
        )
        for each in row["taxes"]
    )
    debit_to = str(row["debit_to"])
    body = Invoice(customer, accounts.get(debit_to, debit_to), items, taxes)
    booked = []
    for each in ledger:
        amount = minor(each["debit"]) - minor(each["credit"])
        booked.append(JournalLine(accounts.get(each["account"], each["account"]), amount, amount))
    content = content_of_body(str(row["company"]), date.fromisoformat(row["posting_date"]), currency, body)
    return Found(str(row["name"]), 1 + int(row["docstatus"] == _SUBMITTED), content, tuple(booked))
