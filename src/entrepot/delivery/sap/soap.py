"""The SOAP message that posts one journal, and its answer.

Source: payloads of JournalEntryCreateRequestConfirmation_In in public repositories, read 2026-11.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx

from entrepot.delivery.calls import Trouble, refusal
from entrepot.delivery.keys import short_key
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from entrepot.delivery.erp import Document, JournalLine

CLOUD_PATH = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"
"""Where the public cloud has the service; elsewhere its binding has a path of its own."""

MARK = "EP"
"""Stands before the key in the assignment of each line, so that an audit finds what is ours."""

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_FINANCE = "http://sap.com/xi/SAPSCORE/SFIN"
_HEADER_TEXT, _ITEM_TEXT = 25, 50


def message(document: Document, user: str) -> bytes:
    """The request for one journal, its fields in the order that the service wants."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    envelope = ET.Element(f"{{{_ENVELOPE}}}Envelope")
    body = ET.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
    bulk = ET.SubElement(body, f"{{{_FINANCE}}}JournalEntryBulkCreateRequest")
    _message_header(bulk, document.document_id, now)
    one = ET.SubElement(bulk, "JournalEntryCreateRequest")
    _message_header(one, document.document_id, now)
    entry = ET.SubElement(one, "JournalEntry")
    day = document.posted_on.isoformat()
    for name, text in (
        ("OriginalReferenceDocumentType", "BKPFF"),
        ("BusinessTransactionType", "RFBU"),
        ("AccountingDocumentType", "SA"),
        ("DocumentReferenceID", short_key(document.document_id).upper()),
        ("DocumentHeaderText", document.text[:_HEADER_TEXT]),
        ("CreatedByUser", user[:12]),
        ("CompanyCode", document.company),
        ("DocumentDate", day),
        ("PostingDate", day),
    ):
        ET.SubElement(entry, name).text = text
    for at, line in enumerate(document.lines, start=1):
        _item(entry, at, document, line)
    return str(ET.tostring(envelope, encoding="unicode")).encode()


def _message_header(above: ET.Element, number: str, now: str) -> None:
    header = ET.SubElement(above, "MessageHeader")
    ET.SubElement(header, "ID").text = number
    ET.SubElement(header, "CreationDateTime").text = now


def _item(entry: ET.Element, at: int, document: Document, line: JournalLine) -> None:
    item = ET.SubElement(entry, "Item")
    ET.SubElement(item, "ReferenceDocumentItem").text = str(at)
    ET.SubElement(item, "GLAccount").text = line.account
    for name, minor, currency in (
        ("AmountInTransactionCurrency", line.amount_minor, document.currency),
        ("AmountInCompanyCodeCurrency", line.functional_minor, document.functional_currency),
    ):
        amount = ET.SubElement(item, name, {"currencyCode": currency})
        amount.text = str(Decimal(minor).scaleb(-minor_digits(currency)))
    ET.SubElement(item, "DebitCreditCode").text = "S" if line.functional_minor >= 0 else "H"
    ET.SubElement(item, "DocumentItemText").text = document.text[:_ITEM_TEXT]
    ET.SubElement(item, "AssignmentReference").text = MARK + short_key(document.document_id).upper()


def number_of(answer: httpx.Response) -> str:
    """Company code, year and number of the journal that was posted.

    Raises:
        Trouble: None was, or nobody knows.
    """
    if answer.status_code != httpx.codes.OK:
        raise refusal(answer, _fault(answer.content))
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


def _fault(content: bytes) -> str:
    try:
        return _read(content).findtext(".//faultstring", "")
    except Trouble:
        return ""
