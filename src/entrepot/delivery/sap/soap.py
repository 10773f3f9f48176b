"""The SOAP message that posts one journal, payment, invoice or credit note, and its answer.

All are journal entries; what a customer owes is an item of its own sort, whose reconciliation account is named.

Source: payloads of JournalEntryCreateRequestConfirmation_In and the fields of its customer items in public
repositories, read 2026-11. The document types DR, DG and DZ are SAP's own for customers' invoices, credit memos and
payments.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx

from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.calls import Trouble, refusal
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, PAYMENT, Invoice, JournalLine
from entrepot.delivery.keys import short_key
from entrepot.delivery.worded import worded
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.delivery.erp import Document

CLOUD_PATH = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"
"""Where the public cloud has the service; elsewhere its binding has a path of its own."""

MARK = "EP"
"""Stands before the key in the assignment of each line, so that an audit finds what is ours."""

DOCUMENT_TYPES: Mapping[str, str] = {JOURNAL: "SA", PAYMENT: "DZ", INVOICE: "DR", CREDIT_NOTE: "DG"}
"""By kind, the type of the accounting document."""

PAYS = "EP-PAYS "
"""What the text of a customer's item in a payment begins with; the key of what it pays follows."""

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
FINANCE = "http://sap.com/xi/SAPSCORE/SFIN"
_HEADER_TEXT, _ITEM_TEXT = 25, 50


def message(document: Document, user: str) -> bytes:
    """The request for one entry, its fields in the order that the service wants.

    Raises:
        Trouble: A text is too long to be read back.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    envelope = ET.Element(f"{{{ENVELOPE}}}Envelope")
    body = ET.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    bulk = ET.SubElement(body, f"{{{FINANCE}}}JournalEntryBulkCreateRequest")
    _message_header(bulk, document.document_id, now)
    one = ET.SubElement(bulk, "JournalEntryCreateRequest")
    _message_header(one, document.document_id, now)
    entry = ET.SubElement(one, "JournalEntry")
    day = document.posted_on.isoformat()
    for name, text in (
        ("OriginalReferenceDocumentType", "BKPFF"),
        ("BusinessTransactionType", "RFBU"),
        ("AccountingDocumentType", DOCUMENT_TYPES[document.kind]),
        ("DocumentReferenceID", short_key(document.document_id).upper()),
        ("DocumentHeaderText", document.text[:_HEADER_TEXT]),
        ("CreatedByUser", user[:12]),
        ("CompanyCode", document.company),
        ("DocumentDate", day),
        ("PostingDate", day),
    ):
        ET.SubElement(entry, name).text = text
    # Items on accounts come before those of customers.
    for at, (line, text) in enumerate(sorted(_lines(document), key=lambda each: bool(each[0].party)), start=1):
        _item(entry, at, document, line, text)
    return str(ET.tostring(envelope, encoding="unicode")).encode()


def _message_header(above: ET.Element, number: str, now: str) -> None:
    header = ET.SubElement(above, "MessageHeader")
    ET.SubElement(header, "ID").text = number
    ET.SubElement(header, "CreationDateTime").text = now


def _lines(document: Document) -> list[tuple[JournalLine, str]]:
    """What an entry holds, each line with its text; of an invoice that says what was sold."""
    text = document.text[:_ITEM_TEXT]
    if not isinstance(document.body, Invoice):
        return [(line, PAYS + short_key(line.settles).upper() if line.settles else text) for line in document.lines]
    functional = functional_of(document)
    owed = JournalLine(document.body.receivable, functional.total, document.body.total_minor, document.body.party)
    return [(owed, text), *worded(document.body, functional, _ITEM_TEXT)]


def _item(entry: ET.Element, at: int, document: Document, line: JournalLine, text: str) -> None:
    item = ET.SubElement(entry, "DebtorItem" if line.party else "Item")
    ET.SubElement(item, "ReferenceDocumentItem").text = str(at)
    if line.party:
        ET.SubElement(item, "Debtor").text = line.party
    else:
        ET.SubElement(item, "GLAccount").text = line.account
    for name, minor, currency in (
        ("AmountInTransactionCurrency", line.amount_minor, document.currency),
        ("AmountInCompanyCodeCurrency", line.functional_minor, document.functional_currency),
    ):
        amount = ET.SubElement(item, name, {"currencyCode": currency})
        amount.text = str(Decimal(minor).scaleb(-minor_digits(currency)))
    # A small amount may come to nothing in the company's currency, and is on its side all the same.
    side = line.functional_minor or line.amount_minor
    ET.SubElement(item, "DebitCreditCode").text = "S" if side >= 0 else "H"
    if line.party:
        ET.SubElement(item, "AltvRecnclnAccts").text = line.account
    ET.SubElement(item, "DocumentItemText").text = text
    ET.SubElement(item, "AssignmentReference").text = MARK + short_key(document.document_id).upper()


def number_of(answer: httpx.Response) -> str:
    """Company code, year and number of the journal that was posted.

    Raises:
        Trouble: None was, or nobody knows.
    """
    if answer.status_code != httpx.codes.OK:
        raise refusal(answer, fault(answer.content))
    root = _read(answer.content)
    confirmations = [
        each for each in root.iter("JournalEntryCreateConfirmation") if each.find("AccountingDocument") is not None
    ]
    if len(confirmations) != 1:
        raise Trouble("unknown", "answer_cut", "the answer confirms nothing")
    told = {name: confirmations[0].findtext(name, "") for name in ("CompanyCode", "FiscalYear", "AccountingDocument")}
    if not told["AccountingDocument"].strip("0"):
        notes = "; ".join(each.text or "" for each in root.iter("Note"))
        raise Trouble("rejected", "refused", notes or "SAP posted nothing and says no reason")
    return "/".join(told.values())


def _read(content: bytes) -> ET.Element:
    # Entities have no place in an answer of SOAP, and are how a small text becomes a huge one.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Trouble("unknown", "answer_cut", "the answer is not SOAP")
    try:
        return ET.fromstring(content)  # noqa: S314 no document type, see above
    except ET.ParseError as error:
        raise Trouble("unknown", "answer_cut", "the answer is not whole XML") from error


def fault(content: bytes) -> str:
    """The words of a fault; '' where the answer is none."""
    try:
        return _read(content).findtext(".//faultstring", "")
    except Trouble:
        return ""
