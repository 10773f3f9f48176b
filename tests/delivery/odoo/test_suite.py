"""Documents into a simulated Odoo, by both of its interfaces, with everything that can go wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
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
from entrepot.delivery.odoo.books import external
from entrepot.delivery.registry import erp_named
from entrepot.sandbox.erps.odoo import OdooSandbox
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
    (JournalLine("111000", 10_010, 9_050), JournalLine("411000", -10_010, -9_050)),
)
BACK = Document(
    "a" * 16,
    CREDIT_NOTE,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine("121100", -11_300, -11_300, "TM"),
        JournalLine("411000", 10_000, 10_000),
        JournalLine("511000", 1_300, 1_300),
    ),
    Invoice(
        "TM",
        "121100",
        (ItemLine("411000", "A", "A", -3, 33_330_000, -9_999), ItemLine("411000", "", "rounding", -1, 10_000, -1)),
        (TaxLine("511000", "S13", -10_000, -1_300),),
    ),
)
RPC, JSON2 = "JSON-RPC", "JSON-2"


def sandbox() -> OdooSandbox:
    """The simulator, with two companies."""
    return OdooSandbox(Books({COMPANY: "USD", "上海": "CNY"}, ("111000", "411000", "511000", "121100")), ("121100",))


@pytest.fixture
def site() -> Iterator[OdooSandbox]:
    made = sandbox()
    yield made
    made.close()


Connect = Callable[..., Adapter]


@pytest.fixture
def connect(site: OdooSandbox) -> Iterator[Connect]:
    """Adapters for the site, closed afterwards."""
    made: list[Adapter] = []

    def adapter(interface: str, transport: httpx.BaseTransport | None = None) -> Adapter:
        made.append(adapter_of(site, interface, transport))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def adapter_of(site: OdooSandbox, interface: str, transport: httpx.BaseTransport | None) -> Adapter:
    login = site.login if interface == RPC else ""
    return erp_named("odoo").connect(Address(site.url, site.database, login, site.key, transport))


def under_test(site: OdooSandbox) -> ErpUnderTest:
    """The Chinese company."""
    return ErpUnderTest(
        lambda transport: adapter_of(site, RPC, transport),
        company="上海",
        currency="CNY",
        accounts=("111000", "411000"),
        step_of=_STEPS,
        spoilt=lambda document: replace(document, posted_on=date(2025, 12, 31)),
        has_sessions=False,
        receivable="121100",
        revenue="411000",
        customer=SUITE_CODE,
        materials=(SUITE_CODE,),
        more_steps={
            PARTY: {"put": b'"load"'},
            PRODUCT: {"put": b'"load"'},
            ORDER: {"create": b'"load"', "confirm": b'"action_confirm"', "date": b'"date_order":"'},
            INVOICE: _STEPS,
            CREDIT_NOTE: _STEPS,
            PAYMENT: {**_STEPS, "match": b'"reconcile"'},
            GOODS_ISSUE: _MOVED,
            GOODS_RECEIPT: _MOVED,
        },
        more_spoilt={
            **dict.fromkeys((INVOICE, CREDIT_NOTE), _on_the_account_of_what_was_sold),
            PAYMENT: lambda document: replace(document, posted_on=date(2025, 12, 31)),
        },
    )


class TestOdoo(EveryKindSuite, DeliverySuite):
    """The suite, by JSON-RPC."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY,): 1,
        (PRODUCT,): 1,
        (ORDER,): 3,
        (INVOICE, CREDIT_NOTE): 2,
        (PAYMENT,): 3,
        (GOODS_ISSUE, GOODS_RECEIPT): 5,
    }

    @pytest.fixture
    def erp(self, site: OdooSandbox) -> ErpUnderTest:
        """The Chinese company."""
        return under_test(site)


_STEPS = {"create": b'"load"', "post": b'"action_post"'}
_MOVED = {
    "create": b'"move_ids/id"',
    "confirm": b'"action_confirm"',
    "fill": b'["id","quantity"]',
    "validate": b'"button_validate"',
    "date": b'["id","date_done","origin"]',
}


def _on_the_account_of_what_was_sold(document: Document) -> Document:
    assert isinstance(document.body, Invoice)
    return replace(document, body=replace(document.body, receivable="411000"))


@pytest.mark.parametrize("interface", [RPC, JSON2])
def test_a_journal_goes_in_by_either_interface_and_comes_back_as_it_went(connect: Connect, interface: str) -> None:
    adapter = connect(interface)
    ref = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].ref
    assert adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id][0].steps_done == 1
    assert adapter.send("post", [DOCUMENT], {DOCUMENT.document_id: ref})[DOCUMENT.document_id].word == "applied"
    (found,) = adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.ref, found.steps_done, found.content) == (ref, 2, DOCUMENT.content)


@pytest.mark.parametrize("interface", [RPC, JSON2])
def test_sending_again_makes_no_second_entry_and_no_further_line(
    site: OdooSandbox, connect: Connect, interface: str
) -> None:
    """The external ids do it, also for lines, which Odoo would append again."""
    adapter = connect(interface)
    refs = {adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].ref for _ in range(3)}
    assert (len(refs), len(site.entries), len(site.lines)) == (1, 1, 2)


@pytest.mark.parametrize("interface", [RPC, JSON2])
def test_one_bad_entry_takes_its_whole_call_back(site: OdooSandbox, connect: Connect, interface: str) -> None:
    bad = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2025, 12, 31))
    outcomes = connect(interface).send("create", [DOCUMENT, bad], {})
    assert {(each.word, each.code) for each in outcomes.values()} == {("rejected", "refused")}
    assert "period 2025-12-31" in outcomes[bad.document_id].text
    assert (site.entries, site.external) == ({}, {})


def test_the_call_is_that_of_a_recorded_one(site: OdooSandbox, connect: Connect) -> None:
    """Envelope and rows of texts as recorded from a running Odoo 18, its columns those of a journal entry."""
    seen: list[dict[str, Any]] = []

    def network(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.post(f"{site.url}{request.url.path}", content=request.content, trust_env=False)

    connect(RPC, httpx.MockTransport(network)).send("create", [DOCUMENT], {})
    sent = seen[-1]["params"]
    assert {name: value for name, value in seen[-1].items() if name != "params"} == {
        "jsonrpc": "2.0",
        "method": "call",
        "id": 1,
    }
    assert (sent["service"], sent["method"], sent["args"][:6]) == (
        "object",
        "execute_kw",
        ["books", 2, site.key, "account.move", "load", []],
    )
    rows = [dict(zip(sent["args"][6]["fields"], row, strict=True)) for row in sent["args"][6]["data"]]
    assert rows[0]["id"] == "entrepot.3fa9c1d2e4b5a607"
    assert [row["line_ids/id"] for row in rows] == ["entrepot.3fa9c1d2e4b5a607_0", "entrepot.3fa9c1d2e4b5a607_1"]
    assert [row["line_ids/amount_currency"] for row in rows] == ["90.50", "-90.50"]


def _masters(adapter: Adapter) -> None:
    for kind, body in ((PARTY, Party("TM", "天猫")), (PRODUCT, Product("A", "杯子"))):
        one = replace(BACK, document_id=kind, kind=kind, company="", body=body)
        assert adapter.send("put", [one], {})[kind].word == "applied"


@pytest.mark.parametrize("interface", [RPC, JSON2])
def test_a_credit_note_has_positive_quantities_there_and_the_journal_that_pays_names_the_contact(
    site: OdooSandbox, connect: Connect, interface: str
) -> None:
    adapter = connect(interface)
    outcome = adapter.send("create", [BACK], {})[BACK.document_id]
    assert (outcome.word, outcome.code, site.entries) == ("rejected", "party", {}), "what it names has to be there"
    _masters(adapter)
    refs = {adapter.send("create", [BACK], {})[BACK.document_id].ref for _ in range(2)}
    assert len(refs) == 1, "the external ids do it, also for lines and for what Odoo makes of them"
    assert (len(site.entries), len(site.lines)) == (1, 4)
    adapter.send("post", [BACK], {BACK.document_id: refs.pop()})
    rows = [(row["account_id"][1], str(row["quantity"]), row["debit"] - row["credit"]) for row in site.lines.values()]
    assert sorted(rows) == sorted(
        [
            ("411000", "3", Decimal("99.99")),
            ("411000", "1", Decimal("0.01")),
            ("511000", "1", 13),
            ("121100", "0", -113),
        ]
    )
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [BACK.document_id])[BACK.document_id]
    assert (found.content, found.steps_done) == (BACK.content, 2)
    assert {line.account: line.amount_minor for line in found.booked}["121100"] == -11_300
    pays = (JournalLine("111000", -11_300, -11_300), JournalLine("121100", 11_300, 11_300, "TM"))
    journal = replace(DOCUMENT, currency="USD", lines=pays)
    assert adapter.send("create", [journal], {})[journal.document_id].word == "applied"
    assert adapter.find(JOURNAL, COMPANY, [BACK.document_id]) == {}, "an invoice is no journal"
    assert [row["partner_id"] for row in site.lines.values()][-2:] == [False, [1, ""]]


@pytest.mark.parametrize("interface", [RPC, JSON2])
def test_payments_are_matched_with_what_they_pay_once_it_comes_to_nothing(
    site: OdooSandbox, connect: Connect, interface: str
) -> None:
    adapter = connect(interface)
    _masters(adapter)
    ref = adapter.send("create", [BACK], {})[BACK.document_id].ref
    adapter.send("post", [BACK], {BACK.document_id: ref})
    one, other = (
        replace(
            BACK,
            document_id=name * 16,
            kind=PAYMENT,
            body=None,
            lines=(
                JournalLine("111000", -minor, -minor),
                JournalLine("121100", minor, minor, "TM", BACK.document_id),
            ),
        )
        for name, minor in (("d", 11_000), ("e", 300))
    )
    refs = {key: made.ref for key, made in adapter.send("create", [one, other], {}).items()}
    states = []
    for each in (one, other):
        adapter.send("post", [each], refs)
        states.append(adapter.find(PAYMENT, COMPANY, [each.document_id])[each.document_id][0].steps_done)
        assert adapter.send("match", [each], refs)[each.document_id].word == "applied"
        states.append(adapter.find(PAYMENT, COMPANY, [each.document_id])[each.document_id][0].steps_done)
        states.append(len(site.matched))
    # The first pays a part, so there is nothing to match yet; with the second all three lines come to nothing.
    assert states == [3, 3, 0, 2, 3, 3]
    assert adapter.send("match", [one], refs)[one.document_id].word == "applied", "what is matched stays so"
    assert adapter.held(PAYMENT, COMPANY, BACK.posted_on, BACK.posted_on)[one.document_id][0].content == one.content


def test_an_invoice_that_a_person_cancelled_does_not_pass_for_the_document(site: OdooSandbox, connect: Connect) -> None:
    adapter = connect(JSON2)
    _masters(adapter)
    ref = adapter.send("create", [BACK], {})[BACK.document_id].ref
    site.entries[int(ref)]["state"] = "cancel"
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [BACK.document_id])[BACK.document_id]
    assert found.content != BACK.content


def test_a_contact_that_a_person_made_is_taken_and_renamed(site: OdooSandbox, connect: Connect) -> None:
    """Under its reference, whatever external id it has."""
    site.selling.tables["res.partner"][7] = {"id": 7, "ref": "TM", "name": "Tmall", "is_company": "True"}
    adapter = connect(JSON2)
    _masters(adapter)
    assert [(row["id"], row["name"]) for row in site.selling.tables["res.partner"].values()] == [(7, "天猫")]
    assert set(site.external) == {external(PRODUCT, "A")}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"invoice_line_ids/price_unit": "33.335"}, "round this price"),
        ({"invoice_line_ids/product_id/.id": "99"}, "No matching record"),
        ({"partner_id/.id": "99"}, "No matching record"),
        ({"invoice_date": "2026-11-20"}, "choose the accounting date"),
        ({"invoice_line_ids/tax_ids/.id": None}, "take the taxes"),
        ({"invoice_line_ids/name": ""}, "Label"),
    ],
)
def test_the_simulator_refuses_an_invoice_where_odoo_would_help_itself(
    site: OdooSandbox, connect: Connect, changed: dict[str, str | None], said: str
) -> None:
    seen: list[dict[str, Any]] = []

    def network(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if body.get("fields", [])[:2] == ["id", "move_type"]:
            rows = [dict(zip(body["fields"], row, strict=True)) | changed for row in body["data"]]
            names = [name for name in rows[0] if rows[0][name] is not None]
            body |= {"fields": names, "data": [[row[name] for name in names] for row in rows]}
            seen.append(body)
        url = f"{site.url}{request.url.path}"
        return httpx.post(url, json=body, headers={"Authorization": f"bearer {site.key}"}, trust_env=False)

    adapter = connect(JSON2, httpx.MockTransport(network))
    _masters(adapter)
    outcome = adapter.send("create", [BACK], {})[BACK.document_id]
    assert (outcome.word, said in outcome.text, len(seen), site.entries) == ("rejected", True, 1, {})


@pytest.mark.parametrize(
    ("interface", "status", "body", "word", "code"),
    [
        (RPC, 200, {"result": {"ids": False, "messages": [{"message": "no"}]}}, "rejected", "refused"),
        (RPC, 200, {"error": {"data": {"name": "odoo.exceptions.UserError", "message": "x"}}}, "rejected", "refused"),
        (RPC, 200, {"error": {"data": {"name": "odoo.exceptions.AccessError", "message": "x"}}}, "rejected", "rights"),
        (RPC, 200, {"error": {"data": {"name": "psycopg2.errors.SerializationFailure", "message": "x"}}}, "retry_after", "psycopg2.errors.SerializationFailure"),
        (RPC, 502, {}, "unknown", "server_failed"),
        (JSON2, 422, {"name": "odoo.exceptions.UserError", "message": "x"}, "rejected", "refused"),
        (JSON2, 401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}, "rejected", "rights"),
        (JSON2, 500, {"name": "psycopg2.errors.SerializationFailure", "message": "x"}, "retry_after", "psycopg2.errors.SerializationFailure"),
        (JSON2, 500, {"name": "builtins.KeyError", "message": "x"}, "retry_after", "builtins.KeyError"),
        (JSON2, 500, {}, "unknown", "server_failed"),
    ],
)  # fmt: skip
def test_what_an_error_means(
    site: OdooSandbox, connect: Connect, interface: str, status: int, body: dict[str, Any], word: str, code: str
) -> None:
    """JSON-RPC says 200 to everything; both roll the call back when the error is Odoo's own."""

    def network(request: httpx.Request) -> httpx.Response:
        if b'"data"' in request.content:
            return httpx.Response(status, json=body)
        return httpx.request(
            request.method, request.url, content=request.content, headers=request.headers, trust_env=False
        )

    outcome = connect(interface, httpx.MockTransport(network)).send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == (word, code)
    assert site.key not in repr(outcome)


def test_an_audit_reads_everything_of_ours_in_a_span_and_a_cancelled_entry_holds_nothing(
    site: OdooSandbox, connect: Connect
) -> None:
    adapter = connect(JSON2)
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 12, 1))
    cancelled = replace(DOCUMENT, document_id="c" * 16)
    made = adapter.send("create", [DOCUMENT, later, cancelled], {})
    site.entries[99] = {**site.entries[1], "id": 99, "ref": "by hand"}
    site.entries[int(made[cancelled.document_id].ref)]["state"] = "cancel"
    held = adapter.held(JOURNAL, COMPANY, date(2026, 11, 1), date(2026, 11, 30))
    assert {key: dict(found[0].content.lines) for key, found in held.items()} == {
        DOCUMENT.document_id: dict(DOCUMENT.content.lines),
        cancelled.document_id: {},
    }


@pytest.mark.parametrize(
    ("missing", "code", "said"),
    [
        (replace(DOCUMENT, company="nobody"), "company", "nobody"),
        (replace(DOCUMENT, currency="GBP"), "currency", "GBP"),
    ],
)
def test_what_is_missing_is_named(connect: Connect, missing: Document, code: str, said: str) -> None:
    outcome = connect(JSON2).send("create", [missing], {})[missing.document_id]
    assert (outcome.word, outcome.code, said in outcome.text) == ("rejected", code, True)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("search_read", {"domain": [["nothing", "=", 1]], "fields": ["id"]}),
        ("search_read", {"domain": [], "fields": ["nothing"]}),
        ("load", {"fields": ["id", "nothing"], "data": [], "context": {"allowed_company_ids": [1]}}),
        ("unlink", {}),
    ],
)
def test_the_simulator_takes_nothing_that_it_does_not_know(
    site: OdooSandbox, connect: Connect, method: str, body: dict[str, Any]
) -> None:
    connect(JSON2).send("create", [DOCUMENT], {})
    headers = {"Authorization": f"bearer {site.key}"}
    answer = httpx.post(f"{site.url}/json/2/account.move/{method}", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 500
