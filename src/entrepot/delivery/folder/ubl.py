"""Invoices, credit notes and sales orders as UBL 2.3, and back.

Elements and their order: the schemas of OASIS UBL 2.3 (OASIS Standard, 15 June 2021). In a credit note UBL has
quantities and amounts positive. UBL has no place for the accounts of the seller's ledger; they stand in an extension,
as the standard has it for what is foreign to a document. Everything else is read from UBL's own elements, so that a
change there is seen.

Where a document is in another currency than the company's, UBL has the rate, and the tax in the company's currency as a
second total. What each line is in it stands in the extension: a rate would come to other amounts than the ledger's.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from entrepot.delivery.both_amounts import Functional, functional_of
from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    ORDER,
    PRICE_DIGITS,
    Invoice,
    ItemLine,
    JournalLine,
    SalesOrder,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.folder.values import Read, Unreadable, amount_text, price_text, whole
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.delivery.erp import Document

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC, _EXT = (f"{_UBL}Common{name}Components-2" for name in ("Aggregate", "Basic", "Extension"))
POSTINGS = "urn:entrepot:postings:1"
"""Namespace of the extension with accounts."""

_ROOTS = {INVOICE: "Invoice", CREDIT_NOTE: "CreditNote", ORDER: "Order"}
KINDS_OF_UBL = frozenset(_ROOTS)
"""Kinds of documents that UBL has."""

_CUSTOMER = {INVOICE: "AccountingCustomerParty", CREDIT_NOTE: "AccountingCustomerParty", ORDER: "BuyerCustomerParty"}
_SUPPLIER = {INVOICE: "AccountingSupplierParty", CREDIT_NOTE: "AccountingSupplierParty", ORDER: "SellerSupplierParty"}
_QUANTITY = {INVOICE: "InvoicedQuantity", CREDIT_NOTE: "CreditedQuantity", ORDER: "Quantity"}
_TYPE_CODES = {INVOICE: ("InvoiceTypeCode", "380"), CREDIT_NOTE: ("CreditNoteTypeCode", "381")}
"""UNCL 1001: commercial invoice, credit note."""

_PIECE = "H87"
"""Unit of quantities: piece (UN/ECE Recommendation 20)."""

_TAX_CODE = re.compile(r"([A-Z]{1,2})(?: ([0-9]+(?:\.[0-9]+)?))?")
"""Category (UNCL 5305), and the rate in per cent."""

_NO_ITEMS = "0"
"""Number of the line of a document that holds tax only: UBL wants a line."""

_RATE_STEP = Decimal("0.000001")

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(document: Document, path: Path) -> None:
    """Write a document.

    Args:
        document: One of `KINDS_OF_UBL`.
        path: File to write; it is replaced.

    Raises:
        Trouble: A tax code of the mapping says no category.
    """
    root = _document(document)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    path.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode() + b"\n")


def _document(document: Document) -> ET.Element:
    kind, body = document.kind, document.body
    assert isinstance(body, Invoice | SalesOrder), "UBL has invoices, credit notes and orders"
    root = ET.Element(f"{{{_UBL}{_ROOTS[kind]}-2}}{_ROOTS[kind]}")
    if isinstance(body, Invoice):
        _extension(root, document, body)
    _basic(root, "UBLVersionID", "2.3")
    _basic(root, "ID", document.document_id)
    _basic(root, "IssueDate", document.posted_on.isoformat())
    if kind in _TYPE_CODES:
        _basic(root, *_TYPE_CODES[kind])
    if document.text:
        _basic(root, "Note", document.text)
    _basic(root, "DocumentCurrencyCode", document.currency)
    is_foreign = isinstance(body, Invoice) and document.currency != document.functional_currency
    if is_foreign:
        _basic(root, "TaxCurrencyCode", document.functional_currency)
    parties = [(_SUPPLIER[kind], document.company), (_CUSTOMER[kind], body.party)]
    for name, code in reversed(parties) if kind == ORDER else parties:
        # An order names its buyer first.
        _basic(_aggregate(root, name, "Party", "PartyIdentification"), "ID", code)
    if isinstance(body, Invoice):
        if is_foreign:
            _rate(root, document)
        _totals(root, document, body)
    else:
        total = sum(each.amount_minor for each in body.items)
        _amount(_aggregate(root, "AnticipatedMonetaryTotal"), "PayableAmount", total, document.currency)
    for at, item in enumerate(body.items, start=1):
        line = _aggregate(root, "OrderLine", "LineItem") if kind == ORDER else _aggregate(root, f"{_ROOTS[kind]}Line")
        _line(line, at, item, document)
    if not body.items:
        line = _aggregate(root, f"{_ROOTS[kind]}Line")
        _basic(line, "ID", _NO_ITEMS)
        _amount(line, "LineExtensionAmount", 0, document.currency)
        _basic(_aggregate(line, "Item"), "Name", "-")
    return root


def _extension(root: ET.Element, document: Document, body: Invoice) -> None:
    functional, digits = functional_of(document), minor_digits(document.functional_currency)
    is_foreign = document.currency != document.functional_currency

    def amount(minor: int) -> dict[str, str]:
        return {"functional": amount_text(minor, digits)} if is_foreign else {}

    extension = ET.SubElement(ET.SubElement(root, f"{{{_EXT}}}UBLExtensions"), f"{{{_EXT}}}UBLExtension")
    ET.SubElement(extension, f"{{{_EXT}}}ExtensionURI").text = POSTINGS
    content = ET.SubElement(extension, f"{{{_EXT}}}ExtensionContent")
    postings = ET.SubElement(content, f"{{{POSTINGS}}}Postings")
    ET.SubElement(postings, f"{{{POSTINGS}}}Receivable", amount(functional.total)).text = body.receivable
    for at, (item, minor) in enumerate(zip(body.items, functional.items, strict=True), start=1):
        ET.SubElement(postings, f"{{{POSTINGS}}}Line", {"line": str(at), **amount(minor)}).text = item.account
    for at, (tax, minor) in enumerate(zip(body.taxes, functional.taxes, strict=True), start=1):
        ET.SubElement(postings, f"{{{POSTINGS}}}Tax", {"subtotal": str(at), **amount(minor)}).text = tax.account


def _rate(root: ET.Element, document: Document) -> None:
    """What the total came to in the company's currency, by the unit."""
    total = document.lines[0]
    if not total.amount_minor:
        return
    made = _aggregate(root, "TaxExchangeRate")
    _basic(made, "SourceCurrencyCode", document.currency)
    _basic(made, "TargetCurrencyCode", document.functional_currency)
    rate = _rate_text(total.amount_minor, document.currency, total.functional_minor, document.functional_currency)
    _basic(made, "CalculationRate", rate)
    _basic(made, "MathematicOperatorCode", "multiply")


def _rate_text(minor: int, currency: str, functional_minor: int, functional_currency: str) -> str:
    own = Decimal(minor).scaleb(-minor_digits(currency))
    functional = Decimal(functional_minor).scaleb(-minor_digits(functional_currency))
    return f"{(functional / own).quantize(_RATE_STEP, ROUND_HALF_UP):f}"


def _totals(root: ET.Element, document: Document, body: Invoice) -> None:
    sign, currency = _sign(document.kind), document.currency
    taxes = sum(each.amount_minor for each in body.taxes)
    net = sum(each.amount_minor for each in body.items)
    total = _aggregate(root, "TaxTotal")
    _amount(total, "TaxAmount", sign * taxes, currency)
    for tax in body.taxes:
        subtotal = _aggregate(total, "TaxSubtotal")
        if tax.base_minor:
            # The books do not always say what a tax is on: nothing is said then, not zero.
            _amount(subtotal, "TaxableAmount", sign * tax.base_minor, currency)
        _amount(subtotal, "TaxAmount", sign * tax.amount_minor, currency)
        category = _aggregate(subtotal, "TaxCategory")
        found = _TAX_CODE.fullmatch(tax.code)
        if tax.code and not found:
            raise Trouble("rejected", "tax_code", f"the tax code {tax.code} is no category of UNCL 5305 with a rate")
        for name, text in zip(("ID", "Percent"), found.groups() if found else (), strict=False):
            if text:
                _basic(category, name, text)
        _basic(_aggregate(category, "TaxScheme"), "ID", "VAT")
    if currency != document.functional_currency:
        in_books = sum(functional_of(document).taxes)
        _amount(_aggregate(root, "TaxTotal"), "TaxAmount", sign * in_books, document.functional_currency)
    sums = _aggregate(root, "LegalMonetaryTotal")
    for name, minor in (
        ("LineExtensionAmount", net),
        ("TaxExclusiveAmount", net),
        ("TaxInclusiveAmount", net + taxes),
        ("PayableAmount", net + taxes),
    ):
        _amount(sums, name, sign * minor, currency)


def _line(line: ET.Element, at: int, item: ItemLine, document: Document) -> None:
    kind, sign = document.kind, _sign(document.kind)
    _basic(line, "ID", str(at))
    _basic(line, _QUANTITY[kind], str(sign * item.quantity)).set("unitCode", _PIECE)
    _amount(line, "LineExtensionAmount", sign * item.amount_minor, document.currency)
    price, of_what = ET.Element(f"{{{_CAC}}}Price"), ET.Element(f"{{{_CAC}}}Item")
    _basic(price, "PriceAmount", price_text(item.price_e6)).set("currencyID", document.currency)
    _basic(of_what, "Name", item.text or item.product or "-")
    if item.product:
        _basic(_aggregate(of_what, "SellersItemIdentification"), "ID", item.product)
    line.extend((price, of_what) if kind == ORDER else (of_what, price))


def _sign(kind: str) -> int:
    return -1 if kind == CREDIT_NOTE else 1


def _aggregate(above: ET.Element, *names: str) -> ET.Element:
    for name in names:
        above = ET.SubElement(above, f"{{{_CAC}}}{name}")
    return above


def _basic(above: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(above, f"{{{_CBC}}}{name}")
    made.text = _NOT_IN_XML.sub(" ", text)
    return made


def _amount(above: ET.Element, name: str, minor: int, currency: str) -> None:
    _basic(above, name, amount_text(minor, minor_digits(currency))).set("currencyID", currency)


def read(path: Path) -> Read:
    """What such a file holds now.

    Raises:
        Unreadable: It is none.
    """
    content = path.read_bytes()
    if b"<!DOCTYPE" in content:
        raise Unreadable("a document of UBL has no document type")
    try:
        root = ET.fromstring(content)  # noqa: S314 expat bounds entities, and none can be declared without a DOCTYPE
        kind = {f"{{{_UBL}{name}-2}}{name}": kind for kind, name in _ROOTS.items()}[root.tag]
        return _read(root, kind)
    except (ET.ParseError, ValueError, ArithmeticError, KeyError) as error:
        raise Unreadable("it is no document of UBL that we wrote") from error


def _read(root: ET.Element, kind: str) -> Read:
    currency, day = _text(root, "cbc:DocumentCurrencyCode"), date.fromisoformat(_text(root, "cbc:IssueDate"))
    key, company = _text(root, "cbc:ID"), _party(root, _SUPPLIER[kind])
    party, digits, sign = _party(root, _CUSTOMER[kind]), minor_digits(currency), _sign(kind)
    functional_currency = _text(root, "cbc:TaxCurrencyCode", currency)
    of_books = root.findall("cac:TaxTotal/cbc:TaxAmount", _SPACES)[1:] if functional_currency != currency else []
    if any(each.get("currencyID", currency) != currency for each in root.iter() if each not in of_books):
        raise Unreadable("an amount is in another currency than its document")
    path = "cac:OrderLine/cac:LineItem" if kind == ORDER else f"cac:{_ROOTS[kind]}Line"
    postings = root.find(".//ep:Postings", _SPACES)
    accounts, functional = _postings(postings, minor_digits(functional_currency))
    items = tuple(
        ItemLine(
            "" if kind == ORDER else accounts[f"{{{POSTINGS}}}Line", _text(line, "cbc:ID")],
            _text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID", ""),
            _text(line, "cac:Item/cbc:Name", ""),
            sign * whole(_text(line, f"cbc:{_QUANTITY[kind]}"), 0),
            whole(_text(line, "cac:Price/cbc:PriceAmount"), PRICE_DIGITS),
            sign * whole(_text(line, "cbc:LineExtensionAmount"), digits),
        )
        for line in root.findall(path, _SPACES)
        if _text(line, "cbc:ID") != _NO_ITEMS
    )
    if kind == ORDER:
        return Read(key, kind, content_of_body(company, day, currency, SalesOrder(party, items)))
    taxes = tuple(
        TaxLine(
            accounts[f"{{{POSTINGS}}}Tax", str(at)],
            " ".join(filter(None, (_text(each, f"cac:TaxCategory/cbc:{name}", "") for name in ("ID", "Percent")))),
            sign * whole(_text(each, "cbc:TaxableAmount", ""), digits),
            sign * whole(_text(each, "cbc:TaxAmount"), digits),
        )
        for at, each in enumerate(root.findall("cac:TaxTotal[1]/cac:TaxSubtotal", _SPACES), start=1)
    )
    receivable = accounts[(f"{{{POSTINGS}}}Receivable",)]
    payable = sign * whole(_text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"), digits)
    if functional_currency == currency:
        functional = Functional(
            payable, tuple(each.amount_minor for each in items), tuple(each.amount_minor for each in taxes)
        )
    else:
        _check_books(root, sign, currency, payable, functional_currency, functional)
    booked = (
        JournalLine(receivable, functional.total, payable, party),
        *(JournalLine(e.account, -minor, -e.amount_minor) for e, minor in zip(items, functional.items, strict=True)),
        *(JournalLine(e.account, -minor, -e.amount_minor) for e, minor in zip(taxes, functional.taxes, strict=True)),
    )
    return Read(key, kind, content_of_body(company, day, currency, Invoice(party, receivable, items, taxes)), booked)


def _postings(postings: ET.Element | None, digits: int) -> tuple[dict[tuple[str, ...], str], Functional]:
    """By element and number, the account; and what they are in the company's currency, where they say so."""
    accounts: dict[tuple[str, ...], str] = {}
    amounts: dict[str, list[int]] = {}
    for each in () if postings is None else postings:
        numbers = [value for name, value in each.attrib.items() if name != "functional"]
        accounts[each.tag, *numbers] = each.text or ""
        amounts.setdefault(each.tag, []).append(whole(each.get("functional", ""), digits))
    total, items, taxes = (amounts.get(f"{{{POSTINGS}}}{name}", []) for name in ("Receivable", "Line", "Tax"))
    return accounts, Functional(sum(total), tuple(items), tuple(taxes))


def _check_books(
    root: ET.Element, sign: int, currency: str, payable: int, functional_currency: str, functional: Functional
) -> None:
    """UBL's own elements say the same as the extension.

    Raises:
        Unreadable: They do not.
    """
    in_books = root.findall("cac:TaxTotal/cbc:TaxAmount", _SPACES)[1:]
    taxes = [
        (each.get("currencyID"), sign * whole(each.text or "", minor_digits(functional_currency))) for each in in_books
    ]
    if taxes != [(functional_currency, sum(functional.taxes))]:
        raise Unreadable("the tax in the company's currency is another one than its postings")
    rate = _rate_text(payable, currency, functional.total, functional_currency) if payable else ""
    if _text(root, "cac:TaxExchangeRate/cbc:CalculationRate", "") != rate:
        raise Unreadable("the rate is another one than its postings")


def _party(root: ET.Element, name: str) -> str:
    return _text(root, f"cac:{name}/cac:Party/cac:PartyIdentification/cbc:ID")


def _text(above: ET.Element, path: str, without: str | None = None) -> str:
    found = above.findtext(path, without, _SPACES)
    if found is None:
        raise Unreadable(f"{path} is not there")
    return found


_SPACES = {"cac": _CAC, "cbc": _CBC, "ext": _EXT, "ep": POSTINGS}
# Once and for all, since the list is the process's own: what is written must not depend on what was written before.
for _prefix, _space in (*_SPACES.items(), *((name.lower(), f"{_UBL}{name}-2") for name in _ROOTS.values())):
    ET.register_namespace(_prefix, _space)
