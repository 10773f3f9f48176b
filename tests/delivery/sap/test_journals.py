"""How a journal looks on its way into S/4HANA and back, and what the answers of its two services mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import JOURNAL, Adapter, Address, Document, JournalLine
from entrepot.delivery.registry import erp_named
from entrepot.delivery.sap.soap import CLOUD_PATH, message, number_of
from entrepot.testing.cap.server import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.testing.cap import CapServer

DOCUMENT = Document(
    "3fa9c1d2e4b5a607",
    JOURNAL,
    "1710",
    date(2026, 11, 21),
    "EUR",
    "USD",
    "tmall s1 <&> 天猫旗舰店 2026-11-21 summary of the day",
    (JournalLine("0000105000", 10_010, 9_050), JournalLine("0000401000", -10_010, -9_050)),
)
# As a running system answered, with names of the machine taken out.
POSTED = b"""<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header/><soap-env:Body>
<n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN"><MessageHeader><UUID>2d656d48</UUID>
<ReferenceID>MSG_2024-03-28</ReferenceID></MessageHeader><ConfirmationInterfaceOrignName/><JournalEntryCreateConfirmation>
<MessageHeader><ReferenceID>SUB_MSG_2024-03-28</ReferenceID></MessageHeader><JournalEntryCreateConfirmation>
<AccountingDocument>0100000008</AccountingDocument><CompanyCode>1410</CompanyCode><FiscalYear>2024</FiscalYear>
</JournalEntryCreateConfirmation><Log><MaximumLogItemSeverityCode>1</MaximumLogItemSeverityCode><Item><TypeID>605(RW)</TypeID>
<SeverityCode>1</SeverityCode><Note>Document posted successfully: BKPFF 010000000814102024 0M4SMVI</Note></Item></Log>
</JournalEntryCreateConfirmation><Log/></n0:JournalEntryBulkCreateConfirmation></soap-env:Body></soap-env:Envelope>"""
REFUSED = POSTED.replace(b"0100000008", b"0000000000").replace(b"Document posted successfully: ", b"Period is closed: ")
FAULT = b"""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Server</faultcode>
<faultstring>Web service processing error</faultstring></e:Fault></e:Body></e:Envelope>"""


@pytest.fixture
def connect(cap: CapServer) -> Iterator[Callable[..., Adapter]]:
    """Adapters for the server, closed afterwards."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None, password: str = PASSWORD) -> Adapter:
        made.append(erp_named("sap").connect(Address(cap.url, "", USER, password, transport)))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def test_the_number_is_read_from_a_recorded_answer() -> None:
    assert number_of(httpx.Response(200, content=POSTED)) == "1410/2024/0100000008"


@pytest.mark.parametrize(
    ("status", "content", "word", "code", "said"),
    [
        (200, REFUSED, "rejected", "refused", "Period is closed"),
        (500, FAULT, "unknown", "server_failed", "Web service processing error"),
        (502, b"<html>", "unknown", "server_failed", "502"),
        (200, POSTED[: len(POSTED) // 2], "unknown", "answer_cut", "not whole"),
        (200, b'<!DOCTYPE a [<!ENTITY b "c">]>' + POSTED, "unknown", "answer_cut", "not SOAP"),
        (200, FAULT, "unknown", "answer_cut", "confirms nothing"),
        (401, b"Anmeldung fehlgeschlagen", "rejected", "rights", "401"),
        (302, b"", "unknown", "server_failed", "302"),
    ],
)
def test_what_an_answer_without_a_number_means(status: int, content: bytes, word: str, code: str, said: str) -> None:
    with pytest.raises(Trouble) as caught:
        number_of(httpx.Response(status, content=content))
    assert (caught.value.word, caught.value.code, said in caught.value.text) == (word, code, True)


def test_a_journal_in_another_currency_comes_back_as_it_went(connect: Callable[..., Adapter]) -> None:
    adapter = connect()
    ref = adapter.send("post", [DOCUMENT], {})[DOCUMENT.document_id].ref
    (found,) = adapter.find(JOURNAL, "1710", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.ref, found.steps_done, found.content) == (ref, 1, DOCUMENT.content)


def test_a_client_of_saps_own_reads_what_was_posted(connect: Callable[..., Adapter], cap: CapServer) -> None:
    """Not our adapter, and no code of ours: the same lines, by account, side and both amounts."""
    mine = replace(DOCUMENT, document_id="9" * 16)
    connect().send("post", [mine], {})
    assert cap.lines(["9" * 16]) == [
        ["9" * 16, "2026-11-21", "0000105000", "S", "100.100", "USD", "90.500", "EUR"],
        ["9" * 16, "2026-11-21", "0000401000", "H", "-100.100", "USD", "-90.500", "EUR"],
    ]


def test_an_audit_reads_what_is_ours_in_a_span_and_nothing_else(
    connect: Callable[..., Adapter], cap: CapServer
) -> None:
    adapter = connect()
    mine = replace(DOCUMENT, document_id="a" * 16, posted_on=date(2026, 3, 1))
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 4, 1))
    assert {each.word for each in adapter.send("post", [mine, later], {}).values()} == {"applied"}
    by_hand = message(replace(mine, document_id="c" * 16), USER).replace(b"EP" + b"C" * 16, b"EPSON")
    httpx.post(cap.url + CLOUD_PATH, content=by_hand, auth=(USER, PASSWORD), trust_env=False).raise_for_status()
    held = adapter.held(JOURNAL, "1710", date(2026, 3, 1), date(2026, 3, 31))
    assert {key: found[0].content for key, found in held.items()} == {mine.document_id: mine.content}


def test_what_was_reversed_in_sap_does_not_pass_for_the_document(
    connect: Callable[..., Adapter], cap: CapServer
) -> None:
    """SAP marks the journal, and posts the one that takes it back under the same reference."""

    def row(number: str, **flags: bool) -> dict[str, object]:
        return {
            "CompanyCode": "1710",
            "FiscalYear": "2026",
            "AccountingDocument": number,
            "AccountingDocumentItem": "001",
            "AccountingDocumentType": "SA",
            "DocumentReferenceID": DOCUMENT.document_id.upper(),
            "AssignmentReference": "EP" + DOCUMENT.document_id.upper(),
            "PostingDate": "/Date(1795219200000)/",
            "GLAccount": "0000105000",
            "Customer": "",
            "DocumentItemText": "",
            "DebitCreditCode": "S",
            "CompanyCodeCurrency": "USD",
            "AmountInCompanyCodeCurrency": "100.100",
            "TransactionCurrency": "EUR",
            "AmountInTransactionCurrency": "90.500",
            "IsReversal": False,
            "IsReversed": False,
            **flags,
        }

    rows = [row("0100000001", IsReversed=True), row("0100000002", IsReversal=True)]
    answer = httpx.Response(200, json={"d": {"results": rows}})
    (found,) = connect(httpx.MockTransport(lambda _: answer)).find(JOURNAL, "1710", [DOCUMENT.document_id])[
        DOCUMENT.document_id
    ]
    assert (found.ref, dict(found.content.lines)) == ("1710/2026/0100000001", {})


def test_a_missing_company_is_named_and_a_wrong_password_is_told_without_it(connect: Callable[..., Adapter]) -> None:
    missing = replace(DOCUMENT, company="9999")
    outcome = connect().send("post", [missing], {})[DOCUMENT.document_id]
    assert (outcome.code, outcome.text) == ("company", "S/4HANA has no company code 9999")
    outcome = connect(password="not this one").send("post", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "rights")
    assert "not this one" not in repr(outcome)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"DocumentHeaderText", b"HeaderText"),
        (b"<GLAccount>0000105000</GLAccount>", b""),
        (b"<DocumentReferenceID>", b"<DocumentReferenceID>0"),
    ],
    ids=["unknown", "missing", "too long"],
)
def test_the_door_of_ours_takes_no_other_message(cap: CapServer, old: bytes, new: bytes) -> None:
    """A simulator that takes everything proves nothing."""
    content = message(replace(DOCUMENT, document_id="d" * 16), USER)
    assert old in content
    answer = httpx.post(cap.url + CLOUD_PATH, content=content.replace(old, new), auth=(USER, PASSWORD), trust_env=False)
    assert (answer.status_code, b"Fault" in answer.content) == (500, True)
