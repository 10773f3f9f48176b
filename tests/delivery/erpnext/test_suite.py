"""Journals into a simulated ERPNext, with everything that can go wrong on the way; and answers recorded from a real one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
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
from entrepot.delivery.registry import erp_named
from entrepot.sandbox.erps.erpnext import ErpNextSandbox
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, FaultsInARow
from entrepot.testing.delivery_documents import SUITE_CODE
from entrepot.testing.delivery_suite import DeliverySuite, ErpUnderTest, EveryKindSuite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPANY = "Wind Power LLC"
DOCUMENT = Document(
    "3fa9c1d2e4b5a607",
    JOURNAL,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (JournalLine("1110", 10_010, 10_010), JournalLine("4110", -10_010, -10_010)),
)


def sandbox() -> ErpNextSandbox:
    """The simulator, with two companies."""
    made = ErpNextSandbox({COMPANY: "USD", "上海": "CNY"}, ("1110", "4110", "5110", "1130"), ("1130",))
    made.unkeyed = ()
    made.selling.default_warehouse = "Stores - 上海"
    return made


@pytest.fixture
def site() -> Iterator[ErpNextSandbox]:
    made = sandbox()
    yield made
    made.close()


Connect = Callable[..., Adapter]


@pytest.fixture
def connect(site: ErpNextSandbox) -> Iterator[Connect]:
    """Adapters for the site, closed afterwards."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None) -> Adapter:
        made.append(_adapter(site, transport))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def _adapter(site: ErpNextSandbox, transport: httpx.BaseTransport | None = None) -> Adapter:
    return erp_named("erpnext").connect(Address(site.url, "", site.key, site.secret, transport))


def under_test(site: ErpNextSandbox) -> ErpUnderTest:
    """The site's Chinese company."""
    return ErpUnderTest(
        lambda transport: _adapter(site, transport),
        company="上海",
        currency="CNY",
        accounts=("1110", "4110"),
        step_of={"create": b'"voucher_type"', "submit": b'"docstatus"'},
        spoilt=lambda document: replace(document, posted_on=date(2025, 12, 31)),
        has_sessions=False,
        receivable="1130",
        revenue="4110",
        customer=SUITE_CODE,
        materials=(SUITE_CODE,),
        more_steps={
            PARTY: {"put": b'"customer_name"'},
            PRODUCT: {"put": b'"item_code"'},
            ORDER: {"create": b'"transaction_date"', "submit": b'"docstatus"'},
            INVOICE: {"create": b'"debit_to"', "submit": b'"docstatus"'},
            CREDIT_NOTE: {"create": b'"debit_to"', "submit": b'"docstatus"'},
            PAYMENT: {"create": b'"voucher_type"', "submit": b'"docstatus"'},
            GOODS_ISSUE: {"create": b'"stock_entry_type"', "submit": b'"docstatus"'},
            GOODS_RECEIPT: {"create": b'"stock_entry_type"', "submit": b'"docstatus"'},
        },
        more_spoilt={
            **dict.fromkeys((INVOICE, CREDIT_NOTE), _on_the_account_of_what_was_sold),
            PAYMENT: lambda document: replace(document, posted_on=date(2025, 12, 31)),
        },
    )


class TestErpNext(EveryKindSuite, DeliverySuite):
    """The suite, on the simulator."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY,): 1,
        (PRODUCT,): 1,
        (ORDER,): 2,
        (INVOICE, CREDIT_NOTE): 2,
        (PAYMENT,): 2,
        (GOODS_ISSUE, GOODS_RECEIPT): 2,
    }

    @pytest.fixture
    def erp(self, site: ErpNextSandbox) -> ErpUnderTest:
        """The site's Chinese company."""
        return under_test(site)


def _on_the_account_of_what_was_sold(document: Document) -> Document:
    assert isinstance(document.body, Invoice)
    return replace(document, body=replace(document.body, receivable="4110"))


def test_the_calls_are_those_of_a_real_server_and_its_answers_are_read(site: ErpNextSandbox, connect: Connect) -> None:
    """Bodies as recorded from a running server: our request has its fields, and its answer is understood."""
    recorded = {
        "name": "ACC-JV-2026-00001",
        "docstatus": 1,
        "entrepot_key": DOCUMENT.document_id,
        "voucher_type": "Journal Entry",
        "company": COMPANY,
        "posting_date": "2026-11-21",
        "accounts": [
            {"account": f"1110 - {COMPANY}", "account_currency": "USD", "debit": 100.1, "credit": 0.0},
            {"account": f"4110 - {COMPANY}", "account_currency": "USD", "debit": 0.0, "credit": 100.1},
        ],
    }
    seen: list[httpx.Request] = []

    def network(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path.startswith("/api/resource/Journal Entry/"):
            return httpx.Response(200, json={"data": recorded})
        status, told = site.respond(
            request.method, str(request.url), request.headers["Authorization"], json.loads(request.content or b"{}")
        )
        return httpx.Response(status, json=told)

    adapter = connect(httpx.MockTransport(network))
    made = adapter.send("create", [DOCUMENT], {})
    body = json.loads(seen[-1].content)
    assert body == {
        "voucher_type": "Journal Entry",
        "company": COMPANY,
        "posting_date": "2026-11-21",
        "user_remark": "tmall s1",
        "entrepot_key": DOCUMENT.document_id,
        "accounts": [
            {"account": f"1110 - {COMPANY}", "debit_in_account_currency": 100.1},
            {"account": f"4110 - {COMPANY}", "credit_in_account_currency": 100.1},
        ],
    }
    assert made[DOCUMENT.document_id].word == "applied"
    (found,) = adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.ref, found.steps_done, found.content) == ("ACC-JV-2026-00001", 2, DOCUMENT.content)


@pytest.mark.parametrize(
    ("status", "body", "word", "code"),
    [
        (417, {"exc_type": "UniqueValidationError", "exception": "frappe.exceptions.UniqueValidationError: Duplicate"}, "rejected", "refused"),
        (417, {"exc_type": "ValidationError", "exception": "frappe.exceptions.ValidationError: Total Debit"}, "rejected", "refused"),
        (417, {"exc_type": "TimestampMismatchError", "exception": "x"}, "retry_after", "TimestampMismatchError"),
        (403, {"exc_type": "PermissionError", "exception": "x"}, "rejected", "rights"),
        (401, {}, "rejected", "rights"),
        (502, {}, "unknown", "server_failed"),
        (429, {}, "retry_after", "too_many"),
    ],
)  # fmt: skip
def test_exc_type_says_what_417_means(
    site: ErpNextSandbox, connect: Connect, status: int, body: dict[str, Any], word: str, code: str
) -> None:
    def network(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(status, json=body)
        told = site.respond(request.method, str(request.url), request.headers["Authorization"], {})
        return httpx.Response(told[0], json=told[1])

    outcome = connect(httpx.MockTransport(network)).send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == (word, code)
    assert site.secret not in repr(outcome)


def test_a_document_in_another_currency_keeps_its_own_amounts_in_the_remark(
    site: ErpNextSandbox, connect: Connect
) -> None:
    lines = (JournalLine("1110", 10_010, 9_050), JournalLine("4110", -10_010, -9_050))
    foreign = replace(DOCUMENT, currency="EUR", lines=lines)
    adapter = connect()
    assert adapter.send("create", [foreign], {})[foreign.document_id].word == "applied"
    (found,) = adapter.find(JOURNAL, COMPANY, [foreign.document_id])[foreign.document_id]
    assert (found.content, found.steps_done) == (foreign.content, 1)
    (entry,) = site.entries.values()
    assert [line["user_remark"] for line in entry["accounts"]] == ["EUR 90.50", "EUR -90.50"]


def test_a_cancelled_entry_does_not_pass_for_the_document(site: ErpNextSandbox, connect: Connect) -> None:
    adapter = connect()
    ref = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].ref
    adapter.send("submit", [DOCUMENT], {DOCUMENT.document_id: ref})
    site.entries[ref]["docstatus"] = 2
    (found,) = adapter.find(JOURNAL, COMPANY, [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert found.content != DOCUMENT.content


def test_without_the_unique_field_nothing_is_sent_and_a_missing_company_is_named(
    site: ErpNextSandbox, connect: Connect
) -> None:
    site.key_field = ""
    outcome = connect().send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code, site.entries) == ("rejected", "key", {})
    site.key_field = "entrepot_key"
    missing = replace(DOCUMENT, company="nobody")
    outcome = connect().send("create", [missing], {})[missing.document_id]
    assert (outcome.code, outcome.text) == ("company", "ERPNext has no company nobody")


def test_an_audit_reads_everything_of_ours_in_a_span_and_nothing_else(site: ErpNextSandbox, connect: Connect) -> None:
    adapter = connect()
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 12, 1))
    adapter.send("create", [DOCUMENT, later], {})
    site.entries["ACC-JV-by-hand"] = {
        **next(iter(site.entries.values())),
        "name": "ACC-JV-by-hand",
        "entrepot_key": None,
    }
    held = adapter.held(JOURNAL, COMPANY, date(2026, 11, 1), date(2026, 11, 30))
    assert set(held) == {DOCUMENT.document_id}


INVOICE_OF_A_DAY = Document(
    "a" * 16,
    INVOICE,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine("1130", 11_300, 11_300, "TM"),
        JournalLine("4110", -10_000, -10_000),
        JournalLine("5110", -1_300, -1_300),
    ),
    Invoice(
        "TM",
        "1130",
        (ItemLine("4110", "A", "A", 3, 33_330_000, 9_999), ItemLine("4110", "", "rounding", 1, 10_000, 1)),
        (TaxLine("5110", "S13", 10_000, 1_300),),
    ),
)


def _masters(adapter: Adapter) -> None:
    for kind, body in ((PARTY, Party("TM", "天猫")), (PRODUCT, Product("A", "杯子"))):
        one = Document(f"{kind}", kind, "", date(2026, 11, 21), "", "", "", (), body)
        assert adapter.send("put", [one], {})[kind].word == "applied"


def test_an_invoice_is_a_sales_invoice_and_the_journal_that_pays_it_names_the_customer(
    site: ErpNextSandbox, connect: Connect
) -> None:
    adapter = connect()
    outcome = adapter.send("create", [INVOICE_OF_A_DAY], {})[INVOICE_OF_A_DAY.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "party"), "what it names has to be there"
    _masters(adapter)
    ref = adapter.send("create", [INVOICE_OF_A_DAY], {})[INVOICE_OF_A_DAY.document_id].ref
    row = site.selling.row("Sales Invoice", ref)
    assert (row["customer"], row["posting_date"], row["is_return"]) == ("天猫", "2026-11-21", 0)
    assert [(each.get("item_code"), each["qty"], each["rate"], each["amount"]) for each in row["items"]] == [
        ("A", 3, 33.33, 99.99),
        (None, 1, 0.01, 0.01),
    ]
    adapter.send("submit", [INVOICE_OF_A_DAY], {INVOICE_OF_A_DAY.document_id: ref})
    (found,) = adapter.find(INVOICE, COMPANY, [INVOICE_OF_A_DAY.document_id])[INVOICE_OF_A_DAY.document_id]
    assert (found.content, sum(line.amount_minor for line in found.booked)) == (INVOICE_OF_A_DAY.content, 0)
    assert {line.account: line.amount_minor for line in found.booked}["1130"] == 11_300
    pays = (JournalLine("1110", 11_300, 11_300), JournalLine("1130", -11_300, -11_300, "TM"))
    assert adapter.send("create", [replace(DOCUMENT, lines=pays)], {})[DOCUMENT.document_id].word == "applied"
    (entry,) = site.entries.values()
    assert [line.get("party") for line in entry["accounts"]] == [None, "天猫"]


def test_a_payment_takes_what_it_pays_off_the_invoice_and_its_reversal_off_the_one_that_takes_that_back(
    site: ErpNextSandbox, connect: Connect
) -> None:
    adapter = connect()
    _masters(adapter)
    invoice = INVOICE_OF_A_DAY
    body = invoice.body
    assert isinstance(body, Invoice)
    back = replace(
        invoice,
        document_id=f"{invoice.document_id}r",
        kind=CREDIT_NOTE,
        body=replace(
            body,
            items=tuple(replace(each, quantity=-each.quantity, amount_minor=-each.amount_minor) for each in body.items),
            taxes=tuple(replace(each, amount_minor=-each.amount_minor) for each in body.taxes),
        ),
    )
    paid = JournalLine("1130", -11_300, -11_300, "TM", invoice.document_id)
    payment = replace(DOCUMENT, kind=PAYMENT, lines=(JournalLine("1110", 11_300, 11_300), paid))
    turned = (JournalLine("1110", -11_300, -11_300), replace(paid, functional_minor=11_300, amount_minor=11_300))
    reversal = replace(payment, document_id=f"{payment.document_id}r", lines=turned)
    early = adapter.send("create", [payment], {})[payment.document_id]
    assert (early.word, early.code) == ("rejected", "settles"), "what it pays has to be there"
    open_ = []
    for document in (invoice, payment, back, reversal):
        ref = adapter.send("create", [document], {})[document.document_id].ref
        for _ in range(2):
            assert (
                adapter.send("submit", [document], {document.document_id: ref})[document.document_id].word == "applied"
            )
        open_.append([row["outstanding_amount"] for row in site.selling.tables["Sales Invoice"].values()])
    assert open_ == [[113.0], [0.0], [0.0, -113.0], [0.0, 0.0]]
    (found,) = adapter.find(PAYMENT, COMPANY, [payment.document_id])[payment.document_id]
    assert (found.content, found.steps_done) == (payment.content, 2)
    again = replace(payment, document_id="c" * 16)
    assert adapter.send("create", [again], {})[again.document_id].code == "settles", "it is paid once"


def test_a_cancelled_invoice_does_not_pass_for_the_document(site: ErpNextSandbox, connect: Connect) -> None:
    adapter = connect()
    _masters(adapter)
    ref = adapter.send("create", [INVOICE_OF_A_DAY], {})[INVOICE_OF_A_DAY.document_id].ref
    site.selling.row("Sales Invoice", ref)["docstatus"] = 2
    (found,) = adapter.find(INVOICE, COMPANY, [INVOICE_OF_A_DAY.document_id])[INVOICE_OF_A_DAY.document_id]
    assert found.content != INVOICE_OF_A_DAY.content


def test_what_went_on_though_its_answer_was_lost_has_all_its_tries_again(site: ErpNextSandbox, tmp_path: Path) -> None:
    """Five tries at the first step and five at the second are not ten at one."""
    erp = ErpUnderTest(
        lambda transport: _adapter(site, transport),
        company=COMPANY,
        currency="USD",
        accounts=("1110", "4110"),
        step_of={"create": b'"voucher_type"', "submit": b'"docstatus"'},
        spoilt=lambda document: document,
    )
    with (
        contextlib.closing(State(CellLayout(tmp_path))) as state,
        contextlib.closing(Bench(erp, (JOURNAL,), state, {})) as bench,
    ):
        bench.more(0, 1)
        create, submit = erp.words(JOURNAL)
        bench.run(FaultsInARow({create: [*["failed before"] * 5, "lost after"], submit: ["failed before"] * 5}))
        assert bench.held() == bench.once()
