"""Documents into a simulated Business Central, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PRODUCT,
    Adapter,
    Address,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    TaxLine,
)
from entrepot.delivery.registry import erp_named
from entrepot.sandbox.erps.business_central import BusinessCentralSandbox
from entrepot.sandbox.erps.serving import Books
from entrepot.testing.delivery_documents import SUITE_CODE
from entrepot.testing.delivery_suite import DeliverySuite, ErpUnderTest, EveryKindSuite

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPANY = "Wind Power LLC"
DOCUMENT = Document(
    "3fa9c1d2e4b5a607",
    JOURNAL,
    COMPANY,
    date(2026, 11, 21),
    "EUR",
    "USD",
    "tmall s1",
    (JournalLine("1110", 10_010, 9_050), JournalLine("4110", -10_010, -9_050)),
)
Connect = Callable[..., Adapter]


def sandbox() -> BusinessCentralSandbox:
    """The simulator, with two companies."""
    return BusinessCentralSandbox(
        Books({COMPANY: "USD", "上海": "CNY"}, ("1110", "4110", "5110", "1130")), receivable="1130"
    )


@pytest.fixture
def site() -> Iterator[BusinessCentralSandbox]:
    made = sandbox()
    yield made
    made.close()


@pytest.fixture
def connect(site: BusinessCentralSandbox) -> Iterator[Connect]:
    """Adapters for the site, closed afterwards."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None, **changes: str) -> Adapter:
        made.append(_adapter(site, transport, **changes))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def _adapter(site: BusinessCentralSandbox, transport: httpx.BaseTransport | None, **changes: str) -> Adapter:
    secret = changes.get("secret", site.clients.secret)
    token_url = changes.get("token_url", site.token_url)
    address = Address(site.url, "", site.clients.client_id, secret, transport, token_url)
    return erp_named("business_central").connect(address)


def under_test(site: BusinessCentralSandbox) -> ErpUnderTest:
    """The Chinese company."""
    site.just_blocked = ("5110",)
    return ErpUnderTest(
        lambda transport: _adapter(site, transport),
        company="上海",
        currency="CNY",
        accounts=("1110", "4110"),
        step_of={"create": b'"journalLines"', "post": b"Microsoft.NAV.post"},
        spoilt=_with_a_blocked_account,
        receivable="1130",
        revenue="4110",
        customer=SUITE_CODE,
        materials=(SUITE_CODE,),
        more_steps={
            PARTY: {"put": b'"number"'},
            PRODUCT: {"put": b'"number"'},
            ORDER: {"create": b'"salesOrderLines"'},
            INVOICE: {"create": b'"salesInvoiceLines"', "post": b"Microsoft.NAV.post"},
            CREDIT_NOTE: {"create": b'"salesCreditMemoLines"', "post": b"Microsoft.NAV.post"},
        },
        more_spoilt=dict.fromkeys((INVOICE, CREDIT_NOTE), _on_a_blocked_account),
    )


class TestBusinessCentral(EveryKindSuite, DeliverySuite):
    """The suite, on the simulator."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY,): 1,
        (PRODUCT,): 1,
        (ORDER,): 1,
        (INVOICE,): 2,
        (CREDIT_NOTE,): 2,
    }

    @pytest.fixture
    def erp(self, site: BusinessCentralSandbox) -> ErpUnderTest:
        """The Chinese company."""
        return under_test(site)


def _with_a_blocked_account(document: Document) -> Document:
    return replace(document, lines=(*document.lines, JournalLine("5110", 5, 5), JournalLine("1110", -5, -5)))


def _on_a_blocked_account(document: Document) -> Document:
    assert isinstance(document.body, Invoice)
    items = tuple(replace(each, account="5110") for each in document.body.items)
    return replace(document, body=replace(document.body, items=items))


def test_what_posting_refuses_waits_there_and_is_named(site: BusinessCentralSandbox, connect: Connect) -> None:
    """A draft that cannot be posted stays a draft: the look-up finds it in its first step."""
    adapter = connect()
    early = replace(DOCUMENT, posted_on=date(2025, 12, 31))
    ref = adapter.send("create", [early], {})[early.document_id].ref
    outcome = adapter.send("post", [early], {early.document_id: ref})[early.document_id]
    assert (outcome.word, outcome.code, "period" in outcome.text) == ("rejected", "refused", True)
    assert (len(site.journals), site.entries) == (1, [])
    assert adapter.find(JOURNAL, COMPANY, [early.document_id])[early.document_id][0].steps_done == 1


def _done(adapter: Adapter, *documents: Document) -> dict[str, str]:
    refs = {key: each.ref for key, each in adapter.send("create", documents, {}).items()}
    assert {each.word for each in adapter.send("post", documents, refs).values()} == {"applied"}
    return refs


def test_a_journal_in_another_currency_comes_back_as_it_went_before_and_after_posting(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    adapter = connect()
    key = DOCUMENT.document_id
    ref = adapter.send("create", [DOCUMENT], {})[key].ref
    (found,) = adapter.find(JOURNAL, COMPANY, [key])[key]
    assert (found.ref, found.steps_done, found.content) == (ref, 1, DOCUMENT.content)
    adapter.send("post", [DOCUMENT], {key: ref})
    (found,) = adapter.find(JOURNAL, COMPANY, [key])[key]
    assert (found.steps_done, found.content) == (2, DOCUMENT.content)
    assert site.journals == {}, "no empty journal is left"


def test_a_journal_that_was_posted_twice_is_seen_twice(connect: Connect) -> None:
    """Once it was posted and deleted its code is free again: what the record of intents is for."""
    adapter = connect()
    _done(adapter, DOCUMENT)
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "applied"
    found = adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert [each.steps_done for each in found] == [2, 1]


def test_a_deletion_that_fails_leaves_the_document_done(connect: Connect) -> None:
    class Broken(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "DELETE":
                raise httpx.ReadTimeout("nobody answers")
            return super().handle_request(request)

    adapter = connect(Broken())
    _done(adapter, DOCUMENT)
    (found,) = adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert found.steps_done == 2


def test_an_audit_reads_everything_of_ours_in_a_span_and_nothing_else(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    adapter = connect()
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 12, 1))
    waiting = replace(DOCUMENT, document_id="c" * 16, posted_on=date(2026, 11, 2))
    too_late = replace(DOCUMENT, document_id="d" * 16, posted_on=date(2026, 12, 2))
    _done(adapter, DOCUMENT, later)
    adapter.send("create", [waiting, too_late], {})
    by_hand = site.entries[0]
    site.entries.append({**by_hand, "row": {**by_hand["row"], "documentNumber": "G00001"}})
    held = adapter.held(JOURNAL, COMPANY, date(2026, 11, 1), date(2026, 11, 30))
    assert {key: found[0].steps_done for key, found in held.items()} == {"3fa9c1d2e4b5a607": 2, "c" * 16: 1}


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (409, "Request_EntityChanged", "retry_after"),
        (408, "x", "unknown"),
        (503, "x", "unknown"),
        (404, "x", "rejected"),
    ],
)
def test_what_an_error_means(connect: Connect, status: int, code: str, word: str) -> None:
    class Saying(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if b"journalLines" in request.read():
                return httpx.Response(status, json={"error": {"code": code, "message": "no"}})
            return super().handle_request(request)

    assert connect(Saying()).send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == word


def test_a_quota_that_is_used_up_is_waited_for(site: BusinessCentralSandbox, connect: Connect) -> None:
    adapter = connect()
    adapter.find(JOURNAL, COMPANY, ["a" * 16])
    site.clients.quota = 0
    outcome = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("retry_after", "too_many")


def test_a_token_that_ran_out_is_got_anew(site: BusinessCentralSandbox, connect: Connect) -> None:
    adapter = connect()
    adapter.find(JOURNAL, COMPANY, ["a" * 16])
    site.clients.issued = {"somebody else's"}
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "applied"


@pytest.mark.parametrize("changes", [{"secret": "not-this"}, {"token_url": ""}])
def test_a_client_that_is_not_known_is_told_without_its_secret(connect: Connect, changes: dict[str, str]) -> None:
    outcome = connect(**changes).send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code, "not-this" in repr(outcome)) == ("rejected", "rights", False)


def test_a_server_of_tokens_that_fails_is_tried_again(connect: Connect) -> None:
    """Nothing was sent, so nothing is in doubt."""

    class Failing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "token" in request.url.path:
                return httpx.Response(503)
            return super().handle_request(request)

    outcome = connect(Failing()).send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("retry_after", "server_failed")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "journals", {"code": "A", "nothing": 1}, 400),
        ("POST", "journals", {"code": "ELEVENCHARS"}, 400),
        ("GET", "journals?$filter=nothing eq 'x'", None, 400),
        ("GET", "journals?$nothing=1", None, 400),
        ("PATCH", "journals", {}, 405),
        ("GET", "nothing", None, 404),
    ],
)
def test_the_simulator_takes_nothing_that_it_does_not_know(
    site: BusinessCentralSandbox, connect: Connect, method: str, path: str, body: Any, status: int
) -> None:
    connect().send("create", [DOCUMENT], {})
    headers = {"Authorization": f"Bearer {next(iter(site.clients.issued))}"}
    (company,) = {each["company"] for each in site.journals.values()}
    url = f"{site.url}companies({company})/{path}"
    assert httpx.request(method, url, json=body, headers=headers, trust_env=False).status_code == status


BILL = Document(
    "a" * 16,
    CREDIT_NOTE,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine("1130", -11_300, -11_300, "tmall"),
        JournalLine("4110", 10_000, 10_000),
        JournalLine("4110", 1_300, 1_300),
    ),
    Invoice(
        "tmall",
        "1130",
        (ItemLine("4110", "a-1", "a-1", -3, 33_330_000, -9_999), ItemLine("4110", "", "rounding", -1, 10_000, -1)),
        (TaxLine("4110", "S13", -10_000, -1_300),),
    ),
)
CUSTOMER = replace(BILL, document_id="p", kind=PARTY, body=Party("tmall", "天猫"))


def _billed(adapter: Adapter, bill: Document = BILL) -> str:
    assert adapter.send("put", [CUSTOMER], {})["p"].word == "applied"
    return adapter.send("create", [bill], {})[bill.document_id].ref


def test_a_credit_note_is_a_credit_memo_and_the_journal_that_pays_names_the_customer(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    adapter = connect()
    outcome = adapter.send("create", [BILL], {})[BILL.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "party"), "what it names has to be there"
    ref = _billed(adapter)
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [BILL.document_id])[BILL.document_id]
    assert (found.ref, found.steps_done, found.content, found.booked) == (ref, 1, BILL.content, ())
    adapter.send("post", [BILL], {BILL.document_id: ref})
    ((_, held),) = adapter.held(CREDIT_NOTE, COMPANY, date(2026, 11, 1), date(2026, 11, 30)).items()
    assert (held[0].ref, held[0].steps_done, held[0].content) == (ref, 2, BILL.content)
    assert {line.account: line.amount_minor for line in held[0].booked} == {"4110": 11_300, "1130": -11_300}
    assert adapter.held(CREDIT_NOTE, COMPANY, date(2026, 10, 1), date(2026, 10, 31)) == {}
    pays = (JournalLine("1110", -11_300, -11_300), JournalLine("1130", 11_300, 11_300, "tmall"))
    journal = replace(DOCUMENT, currency="USD", lines=pays)
    made = adapter.send("create", [journal], {})[journal.document_id].ref
    assert adapter.find(JOURNAL, COMPANY, [journal.document_id])[journal.document_id][0].content == journal.content
    adapter.send("post", [journal], {journal.document_id: made})
    (posted,) = adapter.find(JOURNAL, COMPANY, [journal.document_id])[journal.document_id]
    assert (posted.steps_done, posted.content) == (2, journal.content)


def test_what_business_central_would_tax_is_not_posted(site: BusinessCentralSandbox, connect: Connect) -> None:
    site.taxed["4110"] = 13
    adapter = connect()
    ref = _billed(adapter)
    outcome = adapter.send("post", [BILL], {BILL.document_id: ref})[BILL.document_id]
    assert (outcome.word, outcome.code, "14.69 of VAT" in outcome.text, site.entries) == ("rejected", "tax", True, [])


def test_a_cancelled_credit_memo_does_not_pass_for_the_document(site: BusinessCentralSandbox, connect: Connect) -> None:
    adapter = connect()
    _billed(adapter)
    ((row,),) = (rows.values() for (_, name), rows in site.selling.tables.items() if name == "salesCreditMemos")
    row["status"] = "Canceled"
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [BILL.document_id])[BILL.document_id]
    assert found.content != BILL.content


def test_a_customer_that_somebody_changes_meanwhile_is_renamed_another_time(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    """Business Central takes no change under an old version."""

    class Meanwhile(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                for rows in site.selling.tables.values():
                    for row in rows.values():
                        row["@odata.etag"] = "another"
            return super().handle_request(request)

    connect().send("put", [CUSTOMER], {})
    later = replace(CUSTOMER, body=Party("tmall", "天猫国际"))
    assert connect(Meanwhile()).send("put", [later], {})["p"].word == "retry_after"
    adapter = connect()
    assert adapter.find(PARTY, COMPANY, ["tmall"])["tmall"][0].content == CUSTOMER.content
    assert adapter.send("put", [later], {})["p"].word == "applied"
    assert adapter.find(PARTY, COMPANY, ["tmall"])["tmall"][0].content == later.content


def test_codes_that_do_not_fit_are_named(connect: Connect) -> None:
    adapter = connect()
    long = replace(CUSTOMER, kind=PRODUCT, body=Product("x" * 21, "杯子"))
    assert adapter.send("put", [long], {})["p"].code == "code"
    assert adapter.find(PRODUCT, COMPANY, [long.key]) == {}
    assert isinstance(BILL.body, Invoice)
    capitals = replace(BILL, body=replace(BILL.body, party="Tmall"))
    assert adapter.send("create", [capitals], {})[BILL.document_id].code == "code"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("customers", {"number": "A", "displayName": "a", "type": "Company", "email": "x"}, 400),
        ("customers", {"number": "A" * 21, "displayName": "a", "type": "Company"}, 400),
        (
            "salesInvoices",
            {"customerNumber": "TMALL", "postingDate": "2026-11-21", "salesInvoiceLines": [], "x": 1},
            400,
        ),
        ("salesInvoices", {"customerNumber": "NOBODY", "postingDate": "2026-11-21", "salesInvoiceLines": []}, 400),
        ("salesInvoices", {"customerNumber": "TMALL", "postingDate": "2026-11-21", "salesInvoiceLines": [{}]}, 400),
        ("salesQuotes", {}, 405),
        ("salesOrders", {"x": 1}, 400),
    ],
)
def test_the_simulator_takes_no_document_that_it_does_not_know(
    site: BusinessCentralSandbox, connect: Connect, path: str, body: Any, status: int
) -> None:
    _billed(connect())
    headers = {"Authorization": f"Bearer {next(iter(site.clients.issued))}"}
    ((company, _), *_) = site.selling.tables
    url = f"{site.url}companies({company})/{path}"
    assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == status


def test_deleting_a_journal_asks_for_its_version(site: BusinessCentralSandbox, connect: Connect) -> None:
    connect().send("create", [DOCUMENT], {})
    ((number, journal),) = site.journals.items()
    headers = {"Authorization": f"Bearer {next(iter(site.clients.issued))}"}
    url = f"{site.url}companies({journal['company']})/journals({number})"
    assert httpx.delete(url, headers=headers, trust_env=False).status_code == 409


def test_a_missing_company_is_named(connect: Connect) -> None:
    missing = replace(DOCUMENT, company="nobody's")
    outcome = connect().send("create", [missing], {})[missing.document_id]
    assert (outcome.code, outcome.text) == ("company", "Business Central has no company nobody's")


def test_a_draft_that_pays_customers_is_read_whole_though_the_api_shows_lines_of_accounts_only(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    """The page of journal lines shows accounts and banks; what it hides is noted beside them until it is posted."""
    adapter = connect()
    party = replace(BILL, document_id="p", kind=PARTY, body=Party("tmall", "天猫"))
    adapter.send("put", [party], {})
    lines = (
        JournalLine("1110", 11_300, 11_300),
        JournalLine("1130", -11_200, -11_200, "tmall"),
        JournalLine("1130", -100, -100, "tmall"),
    )
    pays = replace(DOCUMENT, currency="USD", lines=lines)
    ref = adapter.send("create", [pays], {})[pays.document_id].ref
    (shown,) = site._rows(next(iter(site._companies)), "journals")
    assert [line["accountNumber"] for line in shown["journalLines"]] == ["1110"], "the control: two are hidden"
    (found,) = adapter.find(JOURNAL, COMPANY, [pays.document_id])[pays.document_id]
    assert (found.ref, found.steps_done, found.content) == (ref, 1, pays.content)
    adapter.send("post", [pays], {pays.document_id: ref})
    (found,) = adapter.find(JOURNAL, COMPANY, [pays.document_id])[pays.document_id]
    assert (found.steps_done, found.content) == (2, pays.content)
    assert not any("EP-CUSTOMERS" in entry["row"]["description"] for entry in site.entries)
    many = replace(pays, document_id="d" * 16, lines=lines[:1] + lines[1:] * 20)
    outcome = adapter.send("create", [many], {})[many.document_id]
    assert (outcome.word, outcome.code, "40 lines of customers" in outcome.text) == ("rejected", "refused", True)


def test_a_credit_note_that_an_earlier_release_wrote_under_the_longer_key_is_found(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    adapter, later = connect(), replace(BILL, document_id=f"{BILL.document_id}.2")
    ref = _billed(adapter, later)
    (row,) = (rows[ref] for rows in site.selling.tables.values() if ref in rows)
    row["externalDocumentNumber"] = f"EP-{later.document_id} 1130".upper()
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [later.document_id])[later.document_id]
    assert (found.ref, found.content) == (ref, later.content)


def test_what_a_person_writes_into_a_draft_makes_it_another_one_and_ends_nothing(
    site: BusinessCentralSandbox, connect: Connect
) -> None:
    adapter = connect()
    adapter.send("put", [CUSTOMER], {})
    lines = (JournalLine("1110", 500, 500), JournalLine("1130", -500, -500, "tmall"))
    pays = replace(DOCUMENT, currency="USD", lines=lines)
    adapter.send("create", [pays], {})
    (noted,) = (line for each in site.journals.values() for line in each["row"]["journalLines"] if line.get("comment"))
    noted["comment"] += " ok, Li Na"
    (found,) = adapter.find(JOURNAL, COMPANY, [pays.document_id])[pays.document_id]
    assert found.content != pays.content


def test_a_journal_of_customers_alone_is_taken_though_its_draft_shows_none_of_its_lines(connect: Connect) -> None:
    """A correction moves what one customer owes to another."""
    adapter = connect()
    for code in ("tmall", "jd"):
        adapter.send("put", [replace(CUSTOMER, document_id=code, body=Party(code, code))], {})
    lines = (JournalLine("1130", 500, 500, "jd"), JournalLine("1130", -500, -500, "tmall"))
    moved = replace(DOCUMENT, currency="USD", lines=lines)
    outcome = adapter.send("create", [moved], {})[moved.document_id]
    assert outcome.word == "applied"
    adapter.send("post", [moved], {moved.document_id: outcome.ref})
    (found,) = adapter.find(JOURNAL, COMPANY, [moved.document_id])[moved.document_id]
    assert (found.steps_done, found.content) == (2, moved.content)
