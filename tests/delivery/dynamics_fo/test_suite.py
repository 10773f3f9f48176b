"""Journals into a simulated Finance and Operations, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, ORDER, Adapter, Address, Document, JournalLine
from entrepot.delivery.registry import erp_named
from entrepot.sandbox.erps.dynamics_fo import DynamicsFoSandbox
from entrepot.sandbox.erps.dynamics_fo_orders import Selling
from entrepot.sandbox.erps.serving import Books
from entrepot.testing.delivery_suite import BookedSuite, DeliverySuite, ErpUnderTest

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Document(
    "3fa9c1d2e4b5a607",
    JOURNAL,
    "usmf",
    date(2026, 11, 21),
    "EUR",
    "USD",
    "tmall s1",
    (JournalLine("110110", 10_010, 9_050), JournalLine("401100", -10_010, -9_050)),
)
Connect = Callable[..., Adapter]


def sandbox() -> DynamicsFoSandbox:
    """The simulator, with two companies."""
    return DynamicsFoSandbox(
        Books({"usmf": "USD", "cnmf": "CNY"}, ("110110", "401100", "600100", "130100")),
        customers=("tmall",),
        receivable="130100",
        selling=Selling(("A-1", "B-2")),
    )


@pytest.fixture
def site() -> Iterator[DynamicsFoSandbox]:
    made = sandbox()
    yield made
    made.close()


@pytest.fixture
def connect(site: DynamicsFoSandbox) -> Iterator[Connect]:
    """Adapters for the site, closed afterwards."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None) -> Adapter:
        made.append(adapter_of(site, transport))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def adapter_of(site: DynamicsFoSandbox, transport: httpx.BaseTransport | None, storage_url: str = "") -> Adapter:
    """An adapter for the site; with a storage account it sends packages."""
    clients = site.clients
    address = Address(
        site.url,
        site.journal_name,
        clients.client_id,
        clients.secret,
        transport,
        site.token_url,
        storage_url=storage_url,
    )
    return erp_named("dynamics_fo").connect(address)


def under_test(site: DynamicsFoSandbox, *, in_packages: bool = False) -> ErpUnderTest:
    """The Chinese legal entity."""
    books = b"ImportFromPackage" if in_packages else b"$batch"
    return ErpUnderTest(
        lambda transport: adapter_of(site, transport, site.url if in_packages else ""),
        company="cnmf",
        currency="CNY",
        accounts=("110110", "401100"),
        step_of={"create": books},
        spoilt=_in_a_closed_year,
        receivable="130100",
        revenue="401100",
        customer="tmall",
        materials=("A-1", "B-2"),
        more_steps={
            ORDER: {"create": b"POST SalesOrderLines"},
            **{kind: {"create": books} for kind in (INVOICE, CREDIT_NOTE)},
        },
        more_spoilt=dict.fromkeys((INVOICE, CREDIT_NOTE), _in_a_closed_year),
    )


def _in_a_closed_year(document: Document) -> Document:
    return replace(document, posted_on=date(2025, 12, 31))


class TestDynamicsFo(BookedSuite, DeliverySuite):
    """The suite, on the simulator; the call that books is the one with the lines."""

    steps: ClassVar[int] = 1
    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {(ORDER,): 1, (INVOICE,): 1, (CREDIT_NOTE,): 1}

    @pytest.fixture
    def erp(self, site: DynamicsFoSandbox) -> ErpUnderTest:
        """The Chinese legal entity."""
        return under_test(site)


def test_a_journal_in_another_currency_comes_back_as_it_went(connect: Connect) -> None:
    adapter = connect()
    ref = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].ref
    (found,) = adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.ref, found.steps_done, found.content) == (ref, 1, DOCUMENT.content)


def test_dimensions_behind_a_main_account_do_not_change_it(site: DynamicsFoSandbox, connect: Connect) -> None:
    adapter = connect()
    adapter.send("create", [DOCUMENT], {})
    for line in site.lines.values():
        line["AccountDisplayValue"] += "-001-022-"
    (found,) = adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert found.content == DOCUMENT.content


def test_a_header_whose_answer_was_lost_is_used_and_not_made_again(site: DynamicsFoSandbox, connect: Connect) -> None:
    """It books nothing, so nothing is in doubt."""

    class Losing(httpx.HTTPTransport):
        left = 1

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST" and request.url.path.endswith("Headers") and self.left:
                self.left = 0
                raise httpx.ReadTimeout("nobody answers")
            return answer

    adapter = connect(Losing())
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "retry_after"
    assert adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id]) == {}
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "applied"
    assert (len(site.headers), len(site.lines)) == (1, 2)


def test_lines_that_are_refused_leave_none_of_them(site: DynamicsFoSandbox, connect: Connect) -> None:
    """The change set is one transaction, and its one answer says why."""
    uneven = replace(DOCUMENT, lines=(*DOCUMENT.lines, JournalLine("600100", 5, 5)))
    outcome = connect().send("create", [uneven], {})[uneven.document_id]
    assert (outcome.word, outcome.code, "balance" in outcome.text) == ("rejected", "refused", True)
    assert (len(site.headers), site.lines) == (1, {})


def test_an_audit_reads_everything_of_ours_in_a_span_and_nothing_else(
    site: DynamicsFoSandbox, connect: Connect
) -> None:
    adapter = connect()
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 12, 1))
    elsewhere = replace(DOCUMENT, document_id="c" * 16, company="cnmf", functional_currency="CNY", currency="CNY")
    adapter.send("create", [DOCUMENT, later, elsewhere], {})
    by_hand = next(iter(site.lines.values()))
    site.lines["usmf", "00001", 9] = {**by_hand, "Document": "G-1", "LineNumber": 9}
    held = adapter.held(JOURNAL, "usmf", date(2026, 11, 1), date(2026, 11, 30))
    assert {key: found[0].content for key, found in held.items()} == {DOCUMENT.document_id: DOCUMENT.content}


def test_a_batch_is_read_as_the_standard_writes_it() -> None:
    """The answer of OData's own text: parts with heads, a change set inside, an end."""
    content = (
        b"--b\r\nContent-Length: 9\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        b"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n"
        b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nLocation: there\r\n\r\n{"a": 1}\r\n'
        b"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 2\r\n\r\n"
        b"HTTP/1.1 204 No Content\r\n\r\n\r\n--c--\r\n--b--\r\n"
    )
    answer = httpx.Response(202, headers={"Content-Type": "multipart/mixed; boundary=b"}, content=content)
    one, other = parts_of(answer)
    assert (one.status_code, one.json(), one.headers["Location"], other.status_code) == (201, {"a": 1}, "there", 204)
    cut = httpx.Response(202, headers=answer.headers, content=content[:-30])
    with pytest.raises(Trouble) as caught:
        parts_of(cut)
    assert caught.value.word == "unknown"


def test_no_two_batches_have_a_boundary_in_common() -> None:
    assert change_set("POST", "x", [{}]).content_type != change_set("POST", "x", [{}]).content_type


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "LedgerJournalHeaders", {"dataAreaId": "usmf", "JournalName": "GenJrn", "nothing": 1}, 400),
        ("POST", "LedgerJournalHeaders", {"dataAreaId": "usmf", "JournalName": "Other"}, 400),
        ("GET", "LedgerJournalLines?$filter=nothing eq 'x'", None, 400),
        ("PATCH", "LedgerJournalHeaders", {}, 405),
        ("GET", "Nothing", None, 404),
    ],
)
def test_the_simulator_takes_nothing_that_it_does_not_know(
    site: DynamicsFoSandbox, connect: Connect, method: str, path: str, body: Any, status: int
) -> None:
    connect().send("create", [DOCUMENT], {})
    headers = {"Authorization": f"Bearer {next(iter(site.clients.issued))}"}
    url = f"{site.url}/data/{path}"
    assert httpx.request(method, url, json=body, headers=headers, trust_env=False).status_code == status


def test_a_missing_legal_entity_is_named(connect: Connect) -> None:
    missing = replace(DOCUMENT, company="nobody's")
    outcome = connect().send("create", [missing], {})[missing.document_id]
    assert (outcome.code, outcome.text) == ("company", "there is no legal entity nobody's")


def test_what_an_earlier_release_wrote_under_the_longer_key_is_found(site: DynamicsFoSandbox, connect: Connect) -> None:
    """A reversal fitted with its `r`: looked for by the new key alone, it would be made a second time."""
    adapter, reversal = connect(), replace(DOCUMENT, document_id=f"{DOCUMENT.document_id}r")
    ref = adapter.send("create", [reversal], {})[reversal.document_id].ref
    for line in site.lines.values():
        line["Document"] = f"EP-{reversal.document_id}"
    (found,) = adapter.find(JOURNAL, "usmf", [reversal.document_id])[reversal.document_id]
    assert (found.ref, found.content) == (ref, reversal.content)
