"""Sales orders in a simulated Finance and Operations: they wait, and what people deliver or invoice is another document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.erp import INVOICE, JOURNAL, ORDER, Document, ItemLine, SalesOrder
from entrepot.delivery.errors import ErpRefused, ErpUnreachable
from entrepot.sandbox.erps.odata4 import RefusedError
from entrepot.testing.delivery_bench import Faults
from tests.delivery.dynamics_fo.test_suite import adapter_of, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.delivery.erp import Adapter, Found
    from entrepot.sandbox.erps.dynamics_fo import DynamicsFoSandbox

SALE = Document(
    "3fa9c1d2e4b5a607",
    ORDER,
    "usmf",
    date(2026, 11, 21),
    "EUR",
    "USD",
    "order tmall 123",
    (),
    SalesOrder(
        "tmall", (ItemLine("", "A-1", "A-1", 2, 12_350_000, 2_470), ItemLine("", "B-2", "B-2", 3, 1_100_000, 330))
    ),
)


@pytest.fixture
def site() -> Iterator[DynamicsFoSandbox]:
    made = sandbox()
    yield made
    made.close()


@pytest.fixture
def adapter(site: DynamicsFoSandbox) -> Iterator[Adapter]:
    made = adapter_of(site, None)
    yield made
    made.close()


def _found(adapter: Adapter) -> Found:
    (found,) = adapter.find(ORDER, "usmf", [SALE.document_id])[SALE.document_id]
    return found


def test_an_order_comes_back_as_it_went_waits_and_books_nothing(site: DynamicsFoSandbox, adapter: Adapter) -> None:
    """Whatever discount the customer has, in its own currency."""
    ref = adapter.send("create", [SALE], {})[SALE.document_id].ref
    assert (_found(adapter).ref, _found(adapter).steps_done, _found(adapter).content) == (ref, 1, SALE.content)
    (row,) = site.selling.headers.values()
    assert (row["IsSalesProcessingStopped"], row["SalesOrderName"]) == ("Yes", "order tmall 123")
    assert (row["CustomersOrderReference"], row["CurrencyCode"]) == (f"EP-{SALE.document_id}", "EUR")
    assert (site.headers, site.lines) == ({}, {})
    assert set(adapter.held(ORDER, "usmf", SALE.posted_on, SALE.posted_on)) == {SALE.document_id}
    assert adapter.held(ORDER, "usmf", date(2026, 11, 22), date(2026, 11, 30)) == {}
    assert adapter.held(ORDER, "cnmf", SALE.posted_on, SALE.posted_on) == {}
    assert {kind: adapter.find(kind, "usmf", [SALE.document_id]) for kind in (INVOICE, JOURNAL)} == {
        INVOICE: {},
        JOURNAL: {},
    }


def test_an_order_that_a_person_lets_go_on_is_still_the_same(site: DynamicsFoSandbox, adapter: Adapter) -> None:
    adapter.send("create", [SALE], {})
    for row in site.selling.headers.values():
        row["IsSalesProcessingStopped"] = "No"
    assert _found(adapter).content == SALE.content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SalesOrderLineStatus", "Delivered"),
        ("SalesOrderLineStatus", "Invoiced"),
        ("LineAmount", Decimal("24.69")),
        ("SalesPrice", Decimal("12.36")),
        ("OrderedSalesQuantity", 3),
        ("OrderedSalesQuantity", Decimal("2.5")),
        ("ItemNumber", "B-2"),
    ],
)
def test_an_order_that_was_delivered_invoiced_or_changed_is_another(
    site: DynamicsFoSandbox, adapter: Adapter, name: str, value: object
) -> None:
    """Journals and invoices of ours carry the sale and its cost: from the order they would be booked twice."""
    adapter.send("create", [SALE], {})
    line = next(iter(site.selling.lines.values()))
    before, line[name] = line[name], value
    assert _found(adapter).content != SALE.content
    line[name] = before
    assert _found(adapter).content == SALE.content


@pytest.mark.parametrize("state", ["Delivered", "Invoiced", "Canceled"])
def test_an_order_whose_head_says_that_it_is_over_is_another(
    site: DynamicsFoSandbox, adapter: Adapter, state: str
) -> None:
    adapter.send("create", [SALE], {})
    next(iter(site.selling.headers.values()))["SalesOrderStatus"] = state
    assert _found(adapter).content != SALE.content


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (replace(SALE.body, party="nobody"), "party", "usmf has no customer with the account nobody"),  # type: ignore[type-var]
        (SalesOrder("tmall", (ItemLine("", "C-3", "", 1, 5_000_000, 500),)), "product", "no released product C-3"),
    ],
)
def test_what_an_order_names_has_to_be_there(
    site: DynamicsFoSandbox, adapter: Adapter, body: SalesOrder, code: str, words: str
) -> None:
    """Before anything of it is made."""
    outcome = adapter.send("create", [replace(SALE, body=body)], {})[SALE.document_id]
    assert (outcome.word, outcome.code, words in outcome.text) == ("rejected", code, True)
    assert site.selling.headers == {}


def test_an_order_of_which_something_else_was_made_is_told_at_once(site: DynamicsFoSandbox, adapter: Adapter) -> None:
    """As an agreement of trade would that takes its discount all the same."""
    made = site.selling.line

    def dearer(body: dict[str, object]) -> dict[str, object]:
        line = made(body)
        line["LineAmount"] += Decimal("0.01")
        return line

    site.selling.line = dearer  # type: ignore[method-assign]  # the one way to make it differ
    outcome = adapter.send("create", [SALE], {})[SALE.document_id]
    assert (outcome.word, outcome.code, outcome.ref) == ("rejected", "differs", "SO-000001")


def test_a_header_whose_answer_was_lost_is_used_and_not_made_again(site: DynamicsFoSandbox, adapter: Adapter) -> None:
    """It is nothing to deliver, so nothing is in doubt."""
    lost = Faults("lost after", b'CustomersOrderReference":')
    failing = adapter_of(site, lost)
    assert failing.send("create", [SALE], {})[SALE.document_id].word == "retry_after"
    failing.close()
    assert (lost.left, adapter.find(ORDER, "usmf", [SALE.document_id])) == (0, {})
    assert adapter.send("create", [SALE], {})[SALE.document_id].word == "applied"
    assert (len(site.selling.headers), len(site.selling.lines)) == (1, 2)


def test_an_order_that_cannot_be_read_back_is_in_doubt(site: DynamicsFoSandbox) -> None:
    """It was made: refused it would be sent a second time."""

    class Unreadable(Faults):
        def handle_request(self, request: object) -> object:  # type: ignore[override]  # what the library hands over
            self.left = int(bool(site.selling.lines))
            return super().handle_request(request)  # type: ignore[arg-type]  # handed on

    failing = adapter_of(site, Unreadable("failed before", b"SalesOrderHeadersV2?"))
    assert failing.send("create", [SALE], {})[SALE.document_id].word == "unknown"
    with pytest.raises(ErpUnreachable):
        failing.find(ORDER, "usmf", [SALE.document_id])
    failing.close()


def test_a_legal_entity_that_is_not_there_is_told(adapter: Adapter) -> None:
    with pytest.raises(ErpRefused, match="there is no legal entity nobody"):
        adapter.find(ORDER, "nobody", [SALE.document_id])


@pytest.mark.parametrize("property_", ["SalesOrderStatus", "nothing"])
def test_the_simulator_takes_no_property_that_it_does_not_know(site: DynamicsFoSandbox, property_: str) -> None:
    with pytest.raises(RefusedError):
        site.selling.header({"dataAreaId": "usmf", property_: "x"}, ("usmf",), ())
