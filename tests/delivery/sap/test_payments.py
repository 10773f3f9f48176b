"""Payments into S/4HANA: entries of their own, cleared with what they pay once it comes to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    PAYMENT,
    Address,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
)
from entrepot.delivery.registry import erp_named
from entrepot.delivery.sap.clearing import CLOUD_PATH
from entrepot.testing.cap.server import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.delivery.erp import Adapter, Found, Outcome
    from entrepot.testing.cap import CapServer

OWED, SOLD, ADVANCE, CUSTOMER = "0000121090", "0000401000", "0000105000", "17100001"
_DAY = date(2026, 11, 21)
_CLEARING = CLOUD_PATH.encode()


class Seen(httpx.BaseTransport):
    """The network, with the bodies of requests to clear; or without a server behind them."""

    def __init__(self, *, swallows: bool = False) -> None:
        self.bodies: list[bytes] = []
        self.swallows = swallows
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.raw_path == _CLEARING:
            self.bodies.append(request.read())
            if self.swallows:
                return httpx.Response(202, request=request)
        return self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


@pytest.fixture
def connect(cap: CapServer) -> Iterator[Callable[..., Adapter]]:
    """Adapters for the server, closed afterwards."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None) -> Adapter:
        made.append(erp_named("sap").connect(Address(cap.url, "", USER, PASSWORD, transport)))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def _bill(key: str, minor: int, kind: str = INVOICE) -> Document:
    """An invoice of one piece; a credit note, also one that takes an invoice back, has its signs turned."""
    sign = -1 if kind == CREDIT_NOTE else 1
    item = ItemLine(SOLD, "TG11", "TG11", sign, minor * 10_000, sign * minor)
    lines = (JournalLine(OWED, sign * minor, sign * minor, CUSTOMER), JournalLine(SOLD, -sign * minor, -sign * minor))
    body = Invoice(CUSTOMER, OWED, (item,), ())
    return Document(key, kind, "1710", _DAY, "USD", "USD", "tmall s1", lines, body)


def _pay(key: str, *paid: tuple[str, int]) -> Document:
    """A payment of some invoices: by key what of each; a credit note is paid by less than nothing."""
    lines = [JournalLine(OWED, -minor, -minor, CUSTOMER, settles) for settles, minor in paid]
    total = sum(minor for _, minor in paid)
    return Document(key, PAYMENT, "1710", _DAY, "USD", "USD", "tmall s1", (JournalLine(ADVANCE, total, total), *lines))


def _send(adapter: Adapter, document: Document) -> Outcome:
    """What became of its last step."""
    outcome = adapter.send("post", [document], {})[document.document_id]
    if document.kind == PAYMENT:
        refs = {document.document_id: outcome.ref}
        outcome = adapter.send("clear", [document], refs)[document.document_id]
    return outcome


def _found(adapter: Adapter, document: Document) -> Found:
    (found,) = adapter.find(document.kind, "1710", [document.document_id])[document.document_id]
    return found


def _cleared(cap: CapServer, *keys: str) -> list[str]:
    """By what the customers' items of some entries are cleared; '' for each that is open."""
    root = f"{cap.url}/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
    references = " or ".join(f"DocumentReferenceID eq '{key.upper()}'" for key in keys)
    asked = {"$filter": f"Customer ne '' and ({references})", "$format": "json"}
    with httpx.Client(auth=(USER, PASSWORD), trust_env=False) as person:
        rows: list[dict[str, Any]] = person.get(root, params=asked).json()["d"]["results"]
    return sorted(row["ClearingAccountingDocument"] for row in rows)


def test_a_payment_of_two_invoices_clears_each_with_what_pays_it(
    connect: Callable[..., Adapter], cap: CapServer
) -> None:
    first, second, paid = "c1" * 8, "c2" * 8, "c3" * 8
    seen = Seen()
    adapter = connect(seen)
    for bill in (_bill(first, 11_300), _bill(second, 4_000)):
        assert _send(adapter, bill).word == "applied"
    payment = _pay(paid, (first, 11_300), (second, 4_000))
    posted = adapter.send("post", [payment], {})[paid]
    assert (posted.word, _found(adapter, payment).steps_done) == ("applied", 1), "what could be cleared is not done"
    assert _found(adapter, payment).content == payment.content
    assert adapter.find(JOURNAL, "1710", [paid]) == {}
    cleared = adapter.send("clear", [payment], {paid: posted.ref})[paid]
    assert (cleared.word, cleared.ref) == ("applied", posted.ref)
    assert (_found(adapter, payment).steps_done, _found(adapter, payment).content) == (2, payment.content)
    one, other = sorted(set(_cleared(cap, first, second, paid)))
    assert _cleared(cap, first, second, paid) == [one, one, other, other], "each invoice with its own"
    (body,) = seen.bodies
    entries = list(ET.fromstring(body).iter("JournalEntry"))
    assert [[field.tag for field in entry] for entry in entries] == [
        ["CompanyCode", "AccountingDocumentType", "DocumentDate", "PostingDate", "CurrencyCode", "CreatedByUser"]
        + ["APARItems"] * 2
    ] * 2
    assert {entry.findtext("PostingDate") for entry in entries} == {"2026-11-21"}
    again = adapter.send("clear", [payment], {paid: posted.ref})[paid]
    assert (again.word, len(seen.bodies)) == ("applied", 1), "nothing is left to ask for"


def test_a_part_waits_for_the_rest_and_is_done_all_the_same(connect: Callable[..., Adapter], cap: CapServer) -> None:
    bill, one, rest = "d1" * 8, "d2" * 8, "d3" * 8
    seen = Seen()
    adapter = connect(seen)
    _send(adapter, _bill(bill, 10_000))
    assert _send(adapter, _pay(one, (bill, 4_000))).word == "applied"
    assert (_found(adapter, _pay(one, (bill, 4_000))).steps_done, seen.bodies) == (2, [])
    assert _cleared(cap, bill, one) == ["", ""]
    later = replace(_pay(rest, (bill, 6_000)), posted_on=date(2026, 11, 25))
    assert _send(adapter, later).word == "applied", "cleared on the day of the last of them"
    assert len(set(_cleared(cap, bill, one, rest))) == 1
    assert "" not in _cleared(cap, bill, one, rest)


def test_an_invoice_and_what_took_it_back_are_cleared_with_their_payments(
    connect: Callable[..., Adapter], cap: CapServer
) -> None:
    """Of all versions: the first, what took it back, and the one in its place."""
    bill, paid = "e1" * 8, "e2" * 8
    adapter = connect()
    _send(adapter, _bill(bill, 10_000))
    # The payment was posted, and nobody came to clear it.
    adapter.send("post", [_pay(paid, (bill, 10_000))], {})
    _send(adapter, _bill(f"{bill}r", 10_000, CREDIT_NOTE))
    _send(adapter, _bill(f"{bill}.2", 9_000))
    back = _pay(f"{paid}r", (bill, -10_000))
    assert _send(adapter, back).word == "applied"
    assert _found(adapter, back).steps_done == 2, "what is open does not come to nothing yet"
    last = _pay(f"{paid}.2", (bill, 9_000))
    assert _send(adapter, last).word == "applied"
    assert _found(adapter, last).steps_done == 2
    assert "" not in _cleared(cap, bill, paid)


def test_a_credit_note_is_cleared_by_what_pays_it_out(connect: Callable[..., Adapter], cap: CapServer) -> None:
    note, paid = "f1" * 8, "f2" * 8
    adapter = connect()
    _send(adapter, _bill(note, 2_000, CREDIT_NOTE))
    assert _send(adapter, _pay(paid, (note, -2_000))).word == "applied"
    assert len(set(_cleared(cap, note, paid))) == 1
    assert "" not in _cleared(cap, note, paid)


def test_what_sap_took_and_has_not_done_is_asked_for_again(connect: Callable[..., Adapter], cap: CapServer) -> None:
    """Its service answers before it clears; what became of it is seen by looking."""
    bill, paid = "a1" * 8, "a2" * 8
    deaf, well = connect(Seen(swallows=True)), connect()
    payment = _pay(paid, (bill, 7_000))
    _send(well, _bill(bill, 7_000))
    outcome = _send(deaf, payment)
    assert (outcome.word, outcome.code, outcome.after_s) == ("retry_after", "clearing", 60.0)
    assert outcome.text == f"SAP has not cleared yet what is open under {bill}"
    found = _found(well, payment)
    assert found.steps_done == 1
    assert well.send("clear", [payment], {paid: found.ref})[paid].word == "applied"
    assert "" not in _cleared(cap, bill, paid)


def _row(number: str, text: str, side: str, **facts: object) -> dict[str, object]:
    """An open item of a customer as the cube tells it."""
    key = {"CompanyCode": "1710", "FiscalYear": "2026", "AccountingDocument": number, "AccountingDocumentItem": "001"}
    ours = {"DocumentReferenceID": "B1" * 8, "AssignmentReference": "EP" + "B1" * 8, "DocumentItemText": text}
    amount = {"DebitCreditCode": side, "TransactionCurrency": "USD", "AmountInTransactionCurrency": "1.000"}
    amount |= {"AmountInCompanyCodeCurrency": "1.000"}
    place = {"GLAccount": OWED, "Customer": CUSTOMER, "PostingDate": "/Date(1795219200000)/"}
    return {**key, **ours, **amount, **place, "IsReversal": False, "IsReversed": False, **facts}


@pytest.mark.parametrize(
    ("facts", "is_asked"),
    [({}, True), ({"IsReversed": True}, False), ({"AmountInCompanyCodeCurrency": "1.010"}, False)],
    ids=["open", "reversed", "of another rate"],
)
def test_outside_of_the_public_cloud_the_service_has_a_path_of_its_own(
    facts: dict[str, object], *, is_asked: bool
) -> None:
    """What SAP has reversed it has cleared itself; and a difference of rates it would book."""
    asked: list[str] = []

    def network(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request.url.path)
            return httpx.Response(202)
        rows = [_row("1", "tmall s1", "S", **facts), _row("2", "EP-PAYS " + "B1" * 8, "H")]
        return httpx.Response(200, json={"d": {"results": rows}})

    address = Address("http://sap.test", "/post /clear", USER, PASSWORD, httpx.MockTransport(network))
    erp = erp_named("sap").connect(address)
    outcome = erp.send("clear", [_pay("b2" * 8, ("b1" * 8, 100))], {"b2" * 8: "x"})["b2" * 8]
    erp.close()
    assert (outcome.word, asked) == (("retry_after", ["/clear"]) if is_asked else ("applied", []))
