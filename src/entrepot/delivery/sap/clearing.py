"""What customers owe in SAP and what pays it, cleared with each other once it comes to nothing.

An invoice charges its customer, and each customer's item of a payment says in its text which one it pays. SAP takes a
request to clear and answers before it has done so: what became of it is seen by looking again. An item that is cleared
cannot be cleared twice, so a request that was lost may be sent anew.

Source: payloads and a description of JournalEntryBulkClearingRequest_In in public repositories, and the names of its
guide on SAP's community, read 2026-11.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from entrepot.delivery.calls import Trouble, posted, refusal
from entrepot.delivery.keys import document_id_of, later_keys, short_key
from entrepot.delivery.sap.gateway import day_of, text_literal
from entrepot.delivery.sap.soap import ENVELOPE, FINANCE, MARK, PAYS, fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from entrepot.delivery.sap.gateway import Gateway

CLOUD_PATH = "/sap/bc/srt/scs_ext/sap/journalentrybulkclearingreques"
"""Where the public cloud has the service; elsewhere its binding has a path of its own."""

ITEMS = "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
OURS = re.compile(rf"{MARK}(?:[0-9A-F]{{16}}|V[A-Z2-7]{{15}})")
"""The assignment of a line of ours."""

ORDER = "CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem"
_NAMES = (
    *ORDER.split(","),
    "DocumentReferenceID",
    "AssignmentReference",
    "PostingDate",
    "GLAccount",
    "Customer",
    "DocumentItemText",
    "DebitCreditCode",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
    "AmountInCompanyCodeCurrency",
    "IsReversal",
    "IsReversed",
)
_ACTION = f"{FINANCE}/JournalEntryBulkClearingRequest_In/JournalEntryBulkClearingRequest_InRequest"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_KEYS_AT_ONCE = 10
_ASK_AGAIN_S = 60.0


class Clearing:
    """Open items of customers.

    Args:
        at: Client of the system.
        headers: What says who calls.
        gateway: Its services for reading.
        user: Who clears.
        path: Of the SOAP service.
    """

    def __init__(self, at: httpx.Client, headers: Mapping[str, str], gateway: Gateway, user: str, path: str) -> None:
        self._client, self._headers, self._gateway = at, headers, gateway
        self._user, self._path = user, path

    def clear(self, company: str, keys: Sequence[str]) -> None:
        """Have what is open under some keys and comes to nothing cleared; the rest waits for what is to come.

        Raises:
            Trouble: SAP has not done it yet, or refused the request; or there was no answer.
        """
        groups = self._groups(company, keys)
        if not groups:
            return
        # The protocol asks for the action, in the header of the call and in that of the message.
        headers = {**self._headers, "Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{_ACTION}"'}
        content = _message(company, list(groups.values()), self._user)
        answer = posted(self._client, self._client.build_request("POST", self._path, content=content, headers=headers))
        if not answer.is_success:
            raise refusal(answer, fault(answer.content))
        if left := self._groups(company, keys):
            words = f"SAP has not cleared yet what is open under {', '.join(sorted(left))}"
            raise Trouble("retry_after", "clearing", words, _ASK_AGAIN_S)

    def loose(self, company: str, keys: Sequence[str]) -> set[str]:
        """Those of some keys under which something is open that could be cleared."""
        return set(self._groups(company, keys))

    def _groups(self, company: str, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """By key, open items that can be cleared with each other."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        wanted = sorted(set(keys))
        for at in range(0, len(wanted), _KEYS_AT_ONCE):
            conditions = " or ".join(_condition(key) for key in wanted[at : at + _KEYS_AT_ONCE])
            filters = [
                f"CompanyCode eq {text_literal(company)}",
                "Customer ne ''",
                "ClearingAccountingDocument eq ''",
                f"({conditions})",
            ]
            for row in self._gateway.rows(ITEMS, filters, _NAMES, ORDER):
                # SAP itself clears a reversal with what it takes back.
                is_alive = not (row["IsReversal"] or row["IsReversed"])
                if is_alive and OURS.fullmatch(row["AssignmentReference"] or ""):
                    found[settled_key(row) or _base(document_id_of(row["DocumentReferenceID"]))].append(row)
        return {key: rows for key, rows in found.items() if key in wanted and _comes_to_nothing(rows)}


def settled_key(row: Mapping[str, Any]) -> str:
    """What a line pays; '' where it pays nothing."""
    text = str(row["DocumentItemText"] or "")
    return document_id_of(text.removeprefix(PAYS)) if text.startswith(PAYS) else ""


def _condition(key: str) -> str:
    """Invoices and credit notes of a key in all their versions, and what pays them."""
    own, later = short_key(key).upper(), later_keys(key).upper()
    return (
        f"DocumentReferenceID eq {text_literal(own)} or startswith(DocumentReferenceID,{text_literal(later)})"
        f" or DocumentItemText eq {text_literal(PAYS + own)}"
    )


def _base(document_id: str) -> str:
    """What all versions of a document share."""
    return document_id.removesuffix("r").partition(".")[0]


def _comes_to_nothing(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether SAP has nothing to add when it clears them: no rest, and no difference of rates."""
    places = {(row["GLAccount"], row["Customer"], row["TransactionCurrency"]) for row in rows}
    rest = [sum((_signed(row, name) for row in rows), Decimal(0)) for name in _AMOUNTS]
    return len(rows) > 1 and len(places) == 1 and not any(rest)


_AMOUNTS = ("AmountInTransactionCurrency", "AmountInCompanyCodeCurrency")


def _signed(row: Mapping[str, Any], name: str) -> Decimal:
    """An amount with the sign of its side, whether or not the service has given it one."""
    amount = abs(Decimal(row[name]))
    return amount if row["DebitCreditCode"] == "S" else -amount


def _message(company: str, groups: Sequence[Sequence[Mapping[str, Any]]], user: str) -> bytes:
    """The request, its fields in the order that the service wants; one clearing for each group."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # A number that SAP has seen before is a request that it has had.
    number = uuid.uuid4().hex
    envelope = ET.Element(f"{{{ENVELOPE}}}Envelope")
    about = ET.SubElement(envelope, f"{{{ENVELOPE}}}Header")
    ET.SubElement(about, f"{{{_ADDRESSING}}}Action").text = _ACTION
    ET.SubElement(about, f"{{{_ADDRESSING}}}MessageID").text = f"uuid:{uuid.UUID(number)}"
    body = ET.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    bulk = ET.SubElement(body, f"{{{FINANCE}}}JournalEntryBulkClearingRequest")
    _fields(ET.SubElement(bulk, "MessageHeader"), ID=number, CreationDateTime=now)
    for at, rows in enumerate(groups):
        one = ET.SubElement(bulk, "JournalEntryClearingRequest")
        _fields(ET.SubElement(one, "MessageHeader"), ID=f"{number[:28]}_{at}", CreationDateTime=now)
        entry = ET.SubElement(one, "JournalEntry")
        # Not before what is cleared was there.
        day = max(day_of(row["PostingDate"]) for row in rows).isoformat()
        _fields(
            entry,
            CompanyCode=company,
            AccountingDocumentType=_TYPE,
            DocumentDate=day,
            PostingDate=day,
            CurrencyCode=rows[0]["TransactionCurrency"],
            CreatedByUser=user[:12],
        )
        for place, row in enumerate(rows, start=1):
            _fields(
                ET.SubElement(entry, "APARItems"),
                ReferenceDocumentItem=str(place),
                AccountType=_CUSTOMER,
                APARAccount=row["Customer"],
                FiscalYear=row["FiscalYear"],
                AccountingDocument=row["AccountingDocument"],
                AccountingDocumentItem=row["AccountingDocumentItem"],
            )
    return str(ET.tostring(envelope, encoding="unicode")).encode()


_TYPE, _CUSTOMER = "AB", "D"
"""SAP's own type of clearing documents, and what says that an account is a customer's."""


def _fields(above: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(above, name).text = text
