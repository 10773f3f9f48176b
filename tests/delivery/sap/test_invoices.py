"""How an invoice or credit note looks on its way into S/4HANA and back: an entry with a customer's item."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    Address,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    TaxLine,
)
from entrepot.delivery.registry import erp_named
from entrepot.delivery.sap.soap import message
from entrepot.testing.cap.server import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.delivery.erp import Adapter, Found
    from entrepot.testing.cap import CapServer

OWED, SOLD, TAXED = "0000121090", "0000401000", "0000121000"
BILL = Document(
    "a" * 16,
    CREDIT_NOTE,
    "1710",
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine(OWED, -11_300, -11_300, "17100001"),
        JournalLine(SOLD, 10_000, 10_000),
        JournalLine(TAXED, 1_300, 1_300),
    ),
    Invoice(
        "17100001",
        OWED,
        (ItemLine(SOLD, "TG11", "TG11", -3, 33_330_000, -9_999), ItemLine(SOLD, "", "rounding", -1, 10_000, -1)),
        (TaxLine(TAXED, "S13", -10_000, -1_300),),
    ),
)


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


def _own(digit: str) -> Document:
    """One under a key of its own: the server keeps what tests bring."""
    return replace(BILL, document_id=digit * 16)


def _found(adapter: Adapter, bill: Document) -> Found:
    (found,) = adapter.find(bill.kind, "1710", [bill.document_id])[bill.document_id]
    return found


def test_a_credit_note_comes_back_as_it_went_and_passes_for_nothing_else(
    connect: Callable[..., Adapter], cap: CapServer
) -> None:
    adapter, bill = connect(), _own("1")
    ref = adapter.send("post", [bill], {})[bill.document_id].ref
    found = _found(adapter, bill)
    assert (found.ref, found.steps_done, found.content) == (ref, 1, bill.content)
    assert {line.account: line.functional_minor for line in found.booked}[OWED] == -11_300
    for kind in (INVOICE, JOURNAL):
        assert adapter.find(kind, "1710", [bill.document_id]) == {}
        assert bill.document_id not in adapter.held(kind, "1710", bill.posted_on, bill.posted_on)
    assert bill.document_id in adapter.held(CREDIT_NOTE, "1710", bill.posted_on, bill.posted_on)
    assert [line[2:5] for line in cap.lines(["1" * 16])] == [
        [TAXED, "S", "13.000"],
        [OWED, "H", "-113.000"],
        [SOLD, "S", "0.010"],
        [SOLD, "S", "99.990"],
    ], "as SAP's own client reads it"


def test_a_line_of_the_other_sign_comes_back_as_it_went(connect: Callable[..., Adapter]) -> None:
    """A credit note may charge freight, as an invoice may take an allowance off."""
    assert isinstance(BILL.body, Invoice)
    charged = replace(BILL.body, items=(*BILL.body.items, ItemLine(SOLD, "", "freight", 1, 5_000_000, 500)))
    owed, sold, taxed = BILL.lines
    lines = (
        replace(owed, amount_minor=-10_800, functional_minor=-10_800),
        replace(sold, amount_minor=9_500, functional_minor=9_500),
        taxed,
    )
    bill = replace(BILL, document_id="90" * 8, lines=lines, body=charged)
    adapter = connect()
    adapter.send("post", [bill], {})
    assert _found(adapter, bill).content == bill.content


def test_the_message_names_the_customer_and_its_account_and_says_what_was_sold() -> None:
    told = message(BILL, USER).decode()
    assert "<AccountingDocumentType>DG<" in told
    assert "<Debtor>17100001</Debtor>" in told
    assert f"<AltvRecnclnAccts>{OWED}</AltvRecnclnAccts>" in told
    assert "<DocumentItemText>3 x 33.33 SKU TG11</DocumentItemText>" in told
    assert "<AccountingDocumentType>DR<" in message(replace(BILL, kind=INVOICE), USER).decode()
    body = BILL.body
    assert isinstance(body, Invoice)
    long = replace(body, items=(replace(body.items[0], product="x" * 40),))
    with pytest.raises(Trouble, match="more than 50 characters"):
        message(replace(BILL, body=long), USER)


def test_the_journal_that_pays_is_one_though_it_names_the_customer(connect: Callable[..., Adapter]) -> None:
    adapter = connect()
    pays = (JournalLine("0000105000", -11_300, -11_300), JournalLine(OWED, 11_300, 11_300, "17100001"))
    journal = replace(_own("2"), kind=JOURNAL, lines=pays, body=None)
    outcome = adapter.send("post", [journal], {})[journal.document_id]
    assert (outcome.word, outcome.text) == ("applied", "")
    assert _found(adapter, journal).content == journal.content
    assert adapter.find(CREDIT_NOTE, "1710", [journal.document_id]) == {}


def test_a_customer_that_is_not_there_is_named_by_sap(connect: Callable[..., Adapter]) -> None:
    bill = _own("3")
    assert isinstance(bill.body, Invoice)
    outcome = connect().send("post", [replace(bill, body=replace(bill.body, party="NOBODY"))], {})[bill.document_id]
    assert (outcome.word, outcome.code, "Customer NOBODY is not defined" in outcome.text) == (
        "rejected",
        "refused",
        True,
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tmall s1", {"GLAccount": TAXED}),
        ("tmall s1", {"Customer": "17100002"}),
        ("3 x 33.33 SKU TG11", {"DocumentItemText": "see Li Na"}),
        ("3 x 33.33 SKU TG11", {"GLAccount": TAXED}),
        ("EP-TAX S13", {"DocumentItemText": "EP-TAX S9"}),
        ("EP-TAX S13", {"Customer": "17100001"}),
        ("1 x 0.01 rounding", {"IsReversed": True}),
        ("", {"IsReversed": True}),
    ],
)
def test_what_stands_there_otherwise_is_another_document(
    connect: Callable[..., Adapter], text: str, values: dict[str, Any]
) -> None:
    """Texts can be changed in S/4HANA after posting; the rest cannot, and is compared all the same."""
    bill = _own("4")
    if not connect().find(bill.kind, "1710", [bill.document_id]):
        connect().send("post", [bill], {})
    changes: dict[str, Any] = {}

    def network(request: httpx.Request) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            answer = client.send(request)
        if b"results" not in answer.content:
            return answer
        told = json.loads(answer.content)
        for row in told["d"]["results"]:
            if text in ("", row["DocumentItemText"]):
                row.update(changes)
        return httpx.Response(answer.status_code, json=told)

    adapter = connect(httpx.MockTransport(network))
    assert _found(adapter, bill).content == bill.content, "the control"
    changes |= values
    assert _found(adapter, bill).content != bill.content


def test_a_bill_in_another_currency_comes_back_with_both_amounts_of_each_line(connect: Callable[..., Adapter]) -> None:
    """What rounding leaves comes to nothing in the company's currency, and is on its side all the same."""
    lines = (
        JournalLine(OWED, 1_571, 11_300, "17100001"),
        JournalLine(SOLD, -1_390, -9_999),
        JournalLine(SOLD, 0, -1),
        JournalLine(TAXED, -181, -1_300),
    )
    items = (ItemLine(SOLD, "TG11", "TG11", 3, 33_330_000, 9_999), ItemLine(SOLD, "", "rounding", 1, 10_000, 1))
    body = Invoice("17100001", OWED, items, (TaxLine(TAXED, "S13", 10_000, 1_300),))
    bill = replace(BILL, document_id="6" * 16, kind=INVOICE, currency="EUR", lines=lines, body=body)
    adapter = connect()
    assert adapter.send("post", [bill], {})[bill.document_id].word == "applied"
    found = _found(adapter, bill)
    assert (found.content, sorted(found.booked, key=astuple)) == (bill.content, sorted(lines, key=astuple))
