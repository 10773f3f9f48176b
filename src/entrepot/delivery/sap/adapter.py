"""Documents into SAP S/4HANA: entries posted by SOAP, a call each, and read back by OData; sales orders by OData."""

from __future__ import annotations

import base64
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, client, each_alone, outcome_of, posted, unread
from entrepot.delivery.erp import (
    BOOKED_ONLY,
    JOURNAL,
    ORDER,
    PAYMENT,
    Found,
    ItemLine,
    JournalLine,
    Outcome,
    SalesOrder,
    content_of,
    content_of_body,
)
from entrepot.delivery.keys import document_id_of, short_key
from entrepot.delivery.sap.clearing import CLOUD_PATH as CLEARING_PATH
from entrepot.delivery.sap.clearing import ITEMS, OURS, Clearing, settled_key
from entrepot.delivery.sap.clearing import ORDER as IN_ORDER
from entrepot.delivery.sap.gateway import Gateway, day_literal, day_of, text_literal
from entrepot.delivery.sap.orders import Order, OrderItem, SalesOrders
from entrepot.delivery.sap.soap import CLOUD_PATH, DOCUMENT_TYPES, MARK, message, number_of
from entrepot.delivery.sap.spec import SPEC
from entrepot.delivery.worded import read_back
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec
    from entrepot.delivery.sap.orders import FoundOrder

_BASIC = "API_JOURNALENTRYITEMBASIC_SRV"
_NAMES = (
    "CompanyCode",
    "FiscalYear",
    "AccountingDocument",
    "AccountingDocumentItem",
    "AccountingDocumentType",
    "DocumentReferenceID",
    "AssignmentReference",
    "PostingDate",
    "GLAccount",
    "Customer",
    "DocumentItemText",
    "DebitCreditCode",
    "CompanyCodeCurrency",
    "AmountInCompanyCodeCurrency",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
    "IsReversal",
    "IsReversed",
)
_KINDS = {of_type: kind for kind, of_type in DOCUMENT_TYPES.items()}


class Sap:
    """One client of one system.

    Args:
        address: User and password of a communication user; `database` the path of the SOAP service, where it is not
            that of the public cloud, and behind a blank that of the one which clears.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        pair = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}
        paths = [*(address.database.split() or [CLOUD_PATH]), CLEARING_PATH]
        self._user, self._path = address.user, paths[0]
        self._gateway = Gateway(self._client, self._headers)
        self._clearing = Clearing(self._client, self._headers, self._gateway, self._user, paths[1])
        self._orders = SalesOrders(self._gateway)
        self._accounts: dict[str, frozenset[str]] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Post entries, of which there is no draft, and clear what payments settle; or make orders."""
        assert step in SPEC.steps[documents[0].kind], "each kind has its steps"
        if step == "clear":
            return each_alone(documents, lambda each: self._clear(each, refs[each.document_id]))
        return self._order(documents) if documents[0].kind == ORDER else each_alone(documents, self._post)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Entries that carry one of the keys as their reference, or orders as that of their customer."""
        if kind == ORDER:
            return self._found_orders(company, keys, None)
        wanted = " or ".join(f"DocumentReferenceID eq {text_literal(short_key(key).upper())}" for key in keys)
        return self._found(kind, company, [f"({wanted})"]) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Entries or orders of ours in a span."""
        if kind == ORDER:
            return self._found_orders(company, (), (first, last))
        span = [f"PostingDate ge {day_literal(first)}", f"PostingDate le {day_literal(last)}"]
        return self._found(kind, company, [*span, f"startswith(AssignmentReference,{text_literal(MARK)})"])

    def _order(self, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        """Make orders by one change set; where that is refused, one by one, so that a bad one stops alone."""
        try:
            numbers = self._orders.make([_ordered(each) for each in documents])
        except Trouble as trouble:
            # A user without rights is not asked for each: some systems lock it after a few refusals.
            if (trouble.word, trouble.code) == ("rejected", "refused") and len(documents) > 1:
                return each_alone(documents, lambda each: self._orders.make([_ordered(each)])[0])
            return {each.document_id: outcome_of(trouble) for each in documents}
        made = zip(documents, numbers, strict=True)
        return {each.document_id: Outcome("applied", number) for each, number in made}

    def _found_orders(
        self, company: str, keys: Sequence[str], span: tuple[date, date] | None
    ) -> Mapping[str, tuple[Found, ...]]:
        try:
            found = self._orders.held(company, *span) if span else self._orders.find(company, keys)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        return {key: tuple(_read_order(one) for one in several) for key, several in found.items()}

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

    def _clear(self, document: Document, ref: str) -> str:
        self._clearing.clear(document.company, [line.settles for line in document.lines if line.settles])
        return ref

    def _found(self, kind: str, company: str, filters: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        of_company = f"CompanyCode eq {text_literal(company)}"
        entries: dict[tuple[str, str], list[dict[str, Any]]] = {}
        try:
            for row in self._gateway.rows(ITEMS, [of_company, *filters], _NAMES, IN_ORDER):
                # A reversal carries the reference of what it takes back; it is not the document.
                if OURS.fullmatch(row["AssignmentReference"] or "") and not row["IsReversal"]:
                    entries.setdefault((row["FiscalYear"], row["AccountingDocument"]), []).append(row)
            keys = {settled_key(row) for rows in entries.values() for row in rows} - {""}
            loose = self._clearing.loose(company, sorted(keys)) if kind == PAYMENT and keys else set()
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for rows in entries.values():
            if _KINDS.get(rows[0]["AccountingDocumentType"], JOURNAL) == kind:
                key = document_id_of(rows[0]["DocumentReferenceID"])
                one = _read(kind, rows)
                # A payment that could be cleared and is not is not done.
                if loose & {settled_key(row) for row in rows}:
                    one = replace(one, steps_done=one.steps_done - 1)
                found[key] = (*found.get(key, ()), one)
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


def _ordered(document: Document) -> Order:
    """An order as its calls take it; the sales organisation has the number of the company code."""
    body = document.body
    assert isinstance(body, SalesOrder), "an order has a party and items"
    items = tuple(OrderItem(each.product, each.quantity, each.price_e6, each.amount_minor) for each in body.items)
    return Order(document.document_id, document.company, body.party, document.posted_on, document.currency, items)


def _read_order(found: FoundOrder) -> Found:
    """An order as it stands. One that may be billed is another thing: its sale would be booked a second time."""
    order = found.order
    items = tuple(
        ItemLine("", each.material, "", each.quantity, each.price_e6, each.amount_minor) for each in order.items
    )
    body = SalesOrder(order.party, items)
    content = content_of_body(order.organisation, order.day, order.currency, body)
    return Found(found.number, len(SPEC.steps[ORDER]), content if found.is_unbilled else replace(content, body=None))


def _read(kind: str, rows: Sequence[Mapping[str, Any]]) -> Found:
    """An entry as it stands. One that was reversed holds nothing any more."""
    one = rows[0]
    alive = [row for row in rows if not row["IsReversed"]]
    lines = [
        JournalLine(
            row["GLAccount"],
            _minor(row, "AmountInCompanyCodeCurrency", row["CompanyCodeCurrency"]),
            _minor(row, "AmountInTransactionCurrency", row["TransactionCurrency"]),
            row["Customer"] or "",
        )
        for row in alive
    ]
    company, day, currency = one["CompanyCode"], day_of(one["PostingDate"]), one["TransactionCurrency"]
    ref = "/".join(one[name] for name in ("CompanyCode", "FiscalYear", "AccountingDocument"))
    if kind in BOOKED_ONLY:
        return Found(ref, len(SPEC.steps[kind]), content_of(company, day, currency, lines))
    owed = [line for line in lines if line.party]
    party, receivable = (owed[0].party, owed[0].account) if len(owed) == 1 else ("", "")
    texts = [str(row["DocumentItemText"] or "") for row in alive]
    sold = [(line, text) for line, text in zip(lines, texts, strict=True) if not line.party]
    body = read_back(kind, party, receivable, sold, currency)
    return Found(ref, len(SPEC.steps[kind]), content_of_body(company, day, currency, body), tuple(lines))


def _minor(row: Mapping[str, Any], name: str, currency: str) -> int:
    """An amount with the sign of its side, whether or not the service has given it one."""
    amount = abs(int(Decimal(row[name]).scaleb(minor_digits(currency))))
    return amount if row["DebitCreditCode"] == "S" else -amount
