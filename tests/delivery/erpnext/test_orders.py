"""Sales orders in a simulated ERPNext, by calls as they were recorded from a running one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.erp import ORDER, PARTY, PRODUCT, Address, Document, ItemLine, Party, Product, SalesOrder
from entrepot.delivery.registry import erp_named
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, leave_in_doubt
from entrepot.testing.delivery_documents import document
from tests.delivery.erpnext.test_suite import COMPANY, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Adapter
    from entrepot.sandbox.erps.erpnext import ErpNextSandbox

SALE = Document(
    "3fa9c1d2e4b5a607",
    ORDER,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "order tmall 123",
    (),
    SalesOrder("TM", (ItemLine("", "A", "A", 2, 12_350_000, 2_470), ItemLine("", "B", "B", 2, 12_350_000, 2_470))),
)


@pytest.fixture
def site() -> Iterator[ErpNextSandbox]:
    made = sandbox()
    # Items that are made there are counted, and lines of orders of either company have its only warehouse.
    made.warehouses = ("Stores",)
    yield made
    made.close()


def _connect(site: ErpNextSandbox, transport: httpx.BaseTransport | None = None) -> Adapter:
    return erp_named("erpnext").connect(Address(site.url, "", site.key, site.secret, transport))


@pytest.fixture
def adapter(site: ErpNextSandbox) -> Iterator[Adapter]:
    """One whose site has what the order names."""
    made = _connect(site)
    for key, kind, body in (
        ("p", PARTY, Party("TM", "天猫")),
        ("a", PRODUCT, Product("A", "杯子")),
        ("b", PRODUCT, Product("B", "B")),
    ):
        one = replace(SALE, document_id=key, kind=kind, company="", body=body)
        assert made.send("put", [one], {})[key].word == "applied"
    yield made
    made.close()


def _done(adapter: Adapter, sale: Document = SALE) -> str:
    ref = adapter.send("create", [sale], {})[sale.document_id].ref
    assert adapter.send("submit", [sale], {sale.document_id: ref})[sale.document_id].word == "applied"
    return ref


def _found(adapter: Adapter) -> Any:
    (found,) = adapter.find(ORDER, COMPANY, [SALE.document_id])[SALE.document_id]
    return found


def test_an_order_comes_back_as_it_went_and_books_nothing(site: ErpNextSandbox, adapter: Adapter) -> None:
    ref = adapter.send("create", [SALE], {})[SALE.document_id].ref
    assert (_found(adapter).steps_done, _found(adapter).content) == (1, SALE.content)
    for _ in range(2):
        adapter.send("submit", [SALE], {SALE.document_id: ref})
    assert (_found(adapter).ref, _found(adapter).steps_done, _found(adapter).content) == (ref, 2, SALE.content)
    assert (site.selling.ledger, site.entries) == ([], {})
    assert set(adapter.held(ORDER, COMPANY, SALE.posted_on, SALE.posted_on)) == {SALE.document_id}
    assert adapter.held(ORDER, COMPANY, date(2026, 11, 22), date(2026, 11, 30)) == {}


def test_the_call_has_the_fields_of_the_recorded_one_and_its_answer_is_read(
    site: ErpNextSandbox, adapter: Adapter
) -> None:
    """Body and answer as recorded from a running version 15."""
    seen: list[dict[str, Any]] = []
    items = [
        {"item_code": code, "qty": 2.0, "rate": 12.35, "amount": 24.7, "billed_amt": 0.0, "uom": "Nos"} for code in "AB"
    ]
    recorded = {
        "name": "SAL-ORD-2026-00001", "docstatus": 1, "customer": "天猫", "company": COMPANY, "currency": "USD",
        "transaction_date": "2026-11-21", "delivery_date": "2026-11-21", "conversion_rate": 1.0, "per_billed": 0.0,
        "billing_status": "Not Billed", "status": "To Deliver and Bill", "net_total": 49.4, "items": items,
    }  # fmt: skip

    def network(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            seen.append(json.loads(request.content))
        if request.url.path.endswith("SAL-ORD-2026-00001"):
            return httpx.Response(200, json={"data": recorded})
        headers = {name: request.headers[name] for name in ("authorization", "content-type")}
        url = f"{site.url}{request.url.raw_path.decode()}"
        answer = httpx.request(request.method, url, content=request.content, headers=headers, trust_env=False)
        return httpx.Response(200, content=answer.content.replace(b"SAL-ORD-00001", b"SAL-ORD-2026-00001"))

    own = _connect(site, httpx.MockTransport(network))
    own.send("create", [SALE], {})
    assert {"customer", "po_no", "company", "transaction_date", "delivery_date", "currency", "items"} <= set(seen[0])
    assert {"item_code", "qty", "rate", "delivery_date"} <= set(seen[0]["items"][0])
    assert (seen[0]["po_no"], seen[0]["items"][0]["rate"]) == ("order tmall 123", 12.35)
    (found,) = own.find(ORDER, COMPANY, [SALE.document_id])[SALE.document_id]
    assert (found.steps_done, found.content) == (2, SALE.content)
    own.close()


def test_an_order_that_is_billed_cancelled_or_changed_is_another(site: ErpNextSandbox, adapter: Adapter) -> None:
    """Journals and invoices of ours carry the sale: billed from the order, it would be booked twice."""
    row = site.selling.tables["Sales Order"][_done(adapter)]
    for name, value, back in (
        ("per_billed", 50.0, 0.0),
        ("docstatus", 2, 1),
        ("transaction_date", "2026-11-20", "2026-11-21"),
    ):
        assert _found(adapter).content == SALE.content
        row[name] = value
        assert _found(adapter).content != SALE.content, name
        row[name] = back
    row["items"][0]["rate"] = 12.36
    assert _found(adapter).content != SALE.content


def test_a_number_that_another_order_of_the_customer_has_is_refused(site: ErpNextSandbox, adapter: Adapter) -> None:
    """A check of ERPNext's own; our key is unique beside it."""
    _done(adapter)
    same = replace(SALE, document_id="b" * 16)
    outcome = adapter.send("create", [same], {})[same.document_id]
    assert (outcome.word, "already exists against" in outcome.text) == ("rejected", True)
    wordless = replace(SALE, text="")
    outcome = adapter.send("create", [wordless], {})[SALE.document_id]
    assert (outcome.word, "Duplicate entry" in outcome.text) == ("rejected", True)
    assert len(site.selling.tables["Sales Order"]) == 1


def test_an_order_in_another_currency_takes_the_rate_of_the_site(site: ErpNextSandbox, adapter: Adapter) -> None:
    abroad = replace(SALE, currency="EUR")
    assert adapter.send("create", [abroad], {})[SALE.document_id].word == "rejected"
    site.selling.rates["EUR"] = 1.1
    _done(adapter, abroad)
    assert _found(adapter).content == abroad.content


def test_a_refused_order_stops_alone_and_one_that_differs_is_a_conflict(site: ErpNextSandbox, tmp_path: Path) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 2)
    bench.run()
    good = bench.once()
    # The first has its number already.
    refused, lacking = document(bench.erp, ORDER, 0), document(bench.erp, ORDER, 92)
    assert isinstance(lacking.body, SalesOrder)
    items = (replace(lacking.body.items[0], product="none"),)
    bench.add([refused, replace(lacking, body=replace(lacking.body, items=items))])
    bench.run()
    assert bench.held() == good
    told = {each.document_id: each.code for each in bench.log.documents(statuses=("rejected",))}
    assert told == {refused.document_id: "refused", lacking.document_id: "product"}
    key = next(iter(good))
    bench.documents[key] = replace(document(bench.erp, ORDER, 93), document_id=key)
    leave_in_doubt(bench, only=[key])
    bench.run()
    assert bench.statuses() == {"done": 1, "conflict": 1, "rejected": 2}
    bench.close()
    state.close()
