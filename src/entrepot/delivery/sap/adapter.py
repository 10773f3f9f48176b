"""Journals into SAP S/4HANA: posted by SOAP, a call each, and read back by OData."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, client, each_alone, posted
from entrepot.delivery.erp import JOURNAL, Found, JournalLine, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.sap.gateway import Gateway, day_literal, day_of, text_literal
from entrepot.delivery.sap.soap import CLOUD_PATH, MARK, message, number_of
from entrepot.delivery.sap.spec import SPEC
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec, Outcome

_BASIC = "API_JOURNALENTRYITEMBASIC_SRV"
_ITEMS = "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
_NAMES = (
    "CompanyCode",
    "FiscalYear",
    "AccountingDocument",
    "AccountingDocumentItem",
    "DocumentReferenceID",
    "AssignmentReference",
    "PostingDate",
    "GLAccount",
    "DebitCreditCode",
    "CompanyCodeCurrency",
    "AmountInCompanyCodeCurrency",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
    "IsReversal",
    "IsReversed",
)
_ORDER = "CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem"
_OURS = re.compile(rf"{MARK}[0-9A-F]{{16}}")


class Sap:
    """One client of one system.

    Args:
        address: User and password of a communication user; `database` the path of the SOAP service, where it is not
            that of the public cloud.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        pair = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}
        self._user, self._path = address.user, address.database or CLOUD_PATH
        self._gateway = Gateway(self._client, self._headers)
        self._accounts: dict[str, frozenset[str]] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Post journals; there is no draft."""
        del refs
        assert step in SPEC.steps[JOURNAL], "journals are what this adapter knows"
        return each_alone(documents, self._post)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals that carry one of the keys as their reference."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        wanted = " or ".join(f"DocumentReferenceID eq {text_literal(key.upper())}" for key in keys)
        return self._found(company, [f"({wanted})"]) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Journals of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        span = [f"PostingDate ge {day_literal(first)}", f"PostingDate le {day_literal(last)}"]
        return self._found(company, [*span, f"startswith(AssignmentReference,{text_literal(MARK)})"])

    def _post(self, document: Document) -> str:
        accounts = self._open_accounts(document.company)
        for line in document.lines:
            if line.account not in accounts:
                words = f"{document.company} has no account {line.account} that is open for posting"
                raise Trouble("rejected", "account", words)
        headers = {**self._headers, "Content-Type": "text/xml; charset=utf-8"}
        content = message(document, self._user)
        return number_of(
            posted(self._client, self._client.build_request("POST", self._path, content=content, headers=headers))
        )

    def _found(self, company: str, filters: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        of_company = f"CompanyCode eq {text_literal(company)}"
        journals: dict[tuple[str, str], list[dict[str, Any]]] = {}
        try:
            for row in self._gateway.rows(_ITEMS, [of_company, *filters], _NAMES, _ORDER):
                # A reversal carries the reference of what it takes back; it is not the document.
                if _OURS.fullmatch(row["AssignmentReference"] or "") and not row["IsReversal"]:
                    journals.setdefault((row["FiscalYear"], row["AccountingDocument"]), []).append(row)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for rows in journals.values():
            key = rows[0]["DocumentReferenceID"].lower()
            found[key] = (*found.get(key, ()), _read(rows))
        return found

    def _open_accounts(self, code: str) -> frozenset[str]:
        if code not in self._accounts:
            mine = [f"CompanyCode eq {text_literal(code)}"]
            names: tuple[str, ...] = ("CompanyCode", "ChartOfAccounts")
            found = list(self._gateway.rows(f"{_BASIC}/A_CompanyCode", mine, names, "CompanyCode"))
            if not found:
                raise Trouble("rejected", "company", f"S/4HANA has no company code {code}")
            in_chart = [f"ChartOfAccounts eq {text_literal(found[0]['ChartOfAccounts'])}"]
            names = ("GLAccount", "AccountIsBlockedForPosting")
            rows = self._gateway.rows(f"{_BASIC}/A_GLAccountInChartOfAccounts", in_chart, names, "GLAccount")
            is_open = frozenset(row["GLAccount"] for row in rows if not row["AccountIsBlockedForPosting"])
            self._accounts[code] = is_open
        return self._accounts[code]


def connect(address: Address) -> Sap:
    """An adapter for a system."""
    return Sap(address)


def _read(rows: Sequence[Mapping[str, Any]]) -> Found:
    """A journal as it stands. One that was reversed holds nothing any more."""
    one = rows[0]
    lines = [
        JournalLine(
            row["GLAccount"],
            _minor(row, "AmountInCompanyCodeCurrency", row["CompanyCodeCurrency"]),
            _minor(row, "AmountInTransactionCurrency", row["TransactionCurrency"]),
        )
        for row in rows
        if not row["IsReversed"]
    ]
    content = content_of(one["CompanyCode"], day_of(one["PostingDate"]), one["TransactionCurrency"], lines)
    ref = "/".join(one[name] for name in ("CompanyCode", "FiscalYear", "AccountingDocument"))
    return Found(ref, len(SPEC.steps[JOURNAL]), content)


def _minor(row: Mapping[str, Any], name: str, currency: str) -> int:
    """An amount with the sign of its side, whether or not the service has given it one."""
    amount = abs(int(Decimal(row[name]).scaleb(minor_digits(currency))))
    return amount if row["DebitCreditCode"] == "S" else -amount
