"""Sales orders in a simulated Odoo, by both interfaces and both names of a line's taxes."""

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
from tests.delivery.odoo.test_suite import COMPANY, JSON2, RPC, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Adapter
    from entrepot.sandbox.erps.odoo import OdooSandbox

SALE = Document(
    "3fa9c1d2e4b5a607",
    ORDER,
    COMPANY,
    date(2026, 9, 3),
    "USD",
    "USD",
    "order tmall 123",
    (),
    SalesOrder("TM", (ItemLine("", "A", "A", 3, 33_330_000, 9_999), ItemLine("", "B", "B", 1, 5_000_000, 500))),
)


@pytest.fixture(params=[(RPC, "tax_id"), (JSON2, "tax_ids")], ids=["18", "19"])
def version(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def site(version: tuple[str, str]) -> Iterator[OdooSandbox]:
    made = sandbox()
    made.ordering.tax_field = version[1]
    yield made
    made.close()


@pytest.fixture
def connect(site: OdooSandbox, version: tuple[str, str]) -> Iterator[Callable[..., Adapter]]:
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None) -> Adapter:
        login = site.login if version[0] == RPC else ""
        made.append(erp_named("odoo").connect(Address(site.url, site.database, login, site.key, transport)))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


@pytest.fixture
def adapter(connect: Callable[..., Adapter]) -> Adapter:
    """One whose site has what the order names."""
    made = connect()
    for key, kind, body in (
        ("p", PARTY, Party("TM", "天猫")),
        ("a", PRODUCT, Product("A", "杯子")),
        ("b", PRODUCT, Product("B", "B")),
    ):
        one = replace(SALE, document_id=key, kind=kind, company="", body=body)
        assert made.send("put", [one], {})[key].word == "applied"
    return made


def _found(adapter: Adapter) -> Any:
    (found,) = adapter.find(ORDER, COMPANY, [SALE.document_id])[SALE.document_id]
    return found


def test_an_order_keeps_its_day_though_confirming_dates_it_now(site: OdooSandbox, adapter: Adapter) -> None:
    """The audit of its month finds it once its last step is done."""
    refs = {SALE.document_id: adapter.send("create", [SALE], {})[SALE.document_id].ref}
    steps, days = [], []
    for step in ("confirm", "date", "date"):
        steps.append((_found(adapter).steps_done, _found(adapter).content == SALE.content))
        assert adapter.send(step, [SALE], refs)[SALE.document_id].word == "applied"
        days.append(site.ordering.orders[1]["date_order"][:10])
    assert steps == [(1, True), (2, True), (3, True)]
    assert days == [date.today().isoformat(), "2026-09-03", "2026-09-03"]  # noqa: DTZ011 the server's own day
    assert (_found(adapter).steps_done, _found(adapter).ref) == (3, "1")
    assert set(adapter.held(ORDER, COMPANY, date(2026, 9, 3), date(2026, 9, 3))) == {SALE.document_id}
    assert adapter.held(ORDER, COMPANY, date(2026, 9, 4), date(2026, 12, 31)) == {}
    order = site.ordering.orders[1]
    assert (order["client_order_ref"], order["origin"]) == ("EP-3fa9c1d2e4b5a607 order tmall 123", False)
    order["origin"] = "EP-7 of the shop"
    assert (_found(adapter).steps_done, _found(adapter).content) == (3, SALE.content), "a person's words are a person's"


def test_sending_again_makes_no_second_order_and_no_further_line(site: OdooSandbox, adapter: Adapter) -> None:
    refs = {adapter.send("create", [SALE], {})[SALE.document_id].ref for _ in range(3)}
    assert (len(refs), len(site.ordering.orders), len(site.ordering.lines)) == (1, 1, 2)
    adapter.send("confirm", [SALE], {SALE.document_id: "1"})
    again = adapter.send("create", [SALE], {})[SALE.document_id]
    assert (again.word, "confirmed order" in again.text) == ("rejected", True), "what is confirmed is not written over"


def test_one_bad_order_takes_its_whole_call_back(site: OdooSandbox, adapter: Adapter) -> None:
    assert isinstance(SALE.body, SalesOrder)
    crooked = replace(SALE.body.items[0], price_e6=33_333_000)
    bad = replace(SALE, document_id="b" * 16, body=replace(SALE.body, items=(crooked,)))
    outcomes = adapter.send("create", [SALE, bad], {})
    assert {(each.word, each.code) for each in outcomes.values()} == {("rejected", "refused")}
    assert (site.ordering.orders, site.ordering.lines) == ({}, {})
    lacking = replace(SALE, body=replace(SALE.body, items=(replace(crooked, product="C"),)))
    assert adapter.send("create", [lacking], {})[SALE.document_id].code == "product"


def test_an_order_that_somebody_bills_is_named_until_the_bill_is_cancelled(site: OdooSandbox, adapter: Adapter) -> None:
    """Journals and invoices of ours carry the sale: billed from the order, it would be booked twice."""
    refs = {SALE.document_id: adapter.send("create", [SALE], {})[SALE.document_id].ref}
    for step in ("confirm", "date"):
        adapter.send(step, [SALE], refs)
    assert _found(adapter).content == SALE.content
    site.entries[7] = {"id": 7, "state": "draft", "ref": False, "company_id": 1}
    site.ordering.orders[1]["invoice_ids"] = [7]
    assert _found(adapter).content != SALE.content
    site.entries[7]["state"] = "cancel"
    assert _found(adapter).content == SALE.content


def test_an_order_that_a_person_cancelled_or_changed_does_not_pass_for_the_document(
    site: OdooSandbox, adapter: Adapter
) -> None:
    adapter.send("create", [SALE], {})
    site.ordering.lines[1]["price_unit"] += 1
    assert _found(adapter).content != SALE.content
    site.ordering.lines[1]["price_unit"] -= 1
    assert _found(adapter).content == SALE.content
    site.ordering.orders[1]["state"] = "cancel"
    assert _found(adapter).content != SALE.content


def test_an_order_in_another_currency_needs_a_price_list_in_it(site: OdooSandbox, adapter: Adapter) -> None:
    abroad = replace(SALE, currency="EUR")
    outcome = adapter.send("create", [abroad], {})[SALE.document_id]
    assert (outcome.word, outcome.code, site.ordering.orders) == ("rejected", "pricelist", {})
    site.ordering.pricelists[4] = 2
    assert adapter.send("create", [abroad], {})[SALE.document_id].word == "applied"
    assert site.ordering.orders[1]["currency_id"] == [2, "EUR"]
    assert _found(adapter).content == abroad.content


def test_the_call_is_that_of_the_recorded_one(
    connect: Callable[..., Adapter], site: OdooSandbox, adapter: Adapter
) -> None:
    """Columns and texts as recorded from a running Odoo 18, and those without which Odoo would choose itself."""
    seen: list[bytes] = []

    def network(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        url = f"{site.url}{request.url.path}"
        headers = {name: request.headers[name] for name in ("authorization",) if name in request.headers}
        return httpx.post(url, content=request.content, headers=headers, trust_env=False)

    connect(httpx.MockTransport(network)).send("create", [SALE], {})
    told = json.loads(next(each for each in seen if b'"order_line/id"' in each))
    named = told["params"]["args"][6] if "params" in told else told
    rows = [dict(zip(named["fields"], row, strict=True)) for row in named["data"]]
    recorded = {
        "id", "partner_id/.id", "client_order_ref", "order_line/id", "order_line/product_id/.id",
        "order_line/product_uom_qty", "order_line/price_unit",
    }  # fmt: skip
    assert recorded <= set(rows[0])
    assert all(isinstance(value, str) for row in rows for value in row.values())
    assert [(row["order_line/product_uom_qty"], row["order_line/price_unit"]) for row in rows] == [
        ("3", "33.330000"), ("1", "5.000000"),
    ]  # fmt: skip
    assert [row["id"] for row in rows] == ["entrepot.3fa9c1d2e4b5a607", ""]


def test_a_refused_order_stops_alone_and_one_that_differs_is_a_conflict(site: OdooSandbox, tmp_path: Path) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 2)
    good = bench.once()
    bad = document(bench.erp, ORDER, 91)
    assert isinstance(bad.body, SalesOrder)
    item = replace(bad.body.items[0], price_e6=bad.body.items[0].price_e6 + 1_000)
    bench.add([replace(bad, body=replace(bad.body, items=(item,)))])
    bench.run()
    assert bench.held() == good
    assert bench.statuses() == {"done": 2, "rejected": 1}
    key = next(iter(good))
    bench.documents[key] = replace(document(bench.erp, ORDER, 92), document_id=key)
    leave_in_doubt(bench, only=[key])
    bench.run()
    assert bench.statuses() == {"done": 1, "conflict": 1, "rejected": 1}
    bench.close()
    state.close()


def test_an_order_of_a_contact_that_was_archived_is_another_one_and_ends_nothing(
    site: OdooSandbox, adapter: Adapter
) -> None:
    adapter.send("create", [SALE], {})
    # What is archived is in no search.
    site.selling.tables["res.partner"].clear()
    assert _found(adapter).content != SALE.content


def test_an_order_that_was_locked_is_a_confirmed_one(site: OdooSandbox, adapter: Adapter) -> None:
    """Up to version 16 a lock is a state of its own."""
    refs = {SALE.document_id: adapter.send("create", [SALE], {})[SALE.document_id].ref}
    for step in ("confirm", "date"):
        adapter.send(step, [SALE], refs)
    site.ordering.orders[1]["state"] = "done"
    assert (_found(adapter).steps_done, _found(adapter).content) == (3, SALE.content)
