"""Sales orders in a simulated Business Central: drafts, and what people ship or invoice makes them another document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.delivery.erp import INVOICE, ORDER, PARTY, PRODUCT, Document, ItemLine, Party, Product, SalesOrder
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import FAULTS, Bench, Faults, leave_in_doubt
from entrepot.testing.delivery_documents import document
from tests.delivery.business_central.test_suite import COMPANY, _adapter, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Adapter, Found
    from entrepot.sandbox.erps.business_central import BusinessCentralSandbox

SALE = Document(
    "3fa9c1d2e4b5a607",
    ORDER,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "order tmall 123",
    (),
    SalesOrder("tmall", (ItemLine("", "a-1", "a-1", 2, 12_350_000, 2_470), ItemLine("", "B", "B", 3, 1_100_000, 330))),
)


@pytest.fixture
def site() -> Iterator[BusinessCentralSandbox]:
    made = sandbox()
    made.selling.less = 10
    yield made
    made.close()


@pytest.fixture
def adapter(site: BusinessCentralSandbox) -> Iterator[Adapter]:
    """One whose company has what the order names."""
    made = _adapter(site, None)
    for key, kind, body in (
        ("p", PARTY, Party("tmall", "天猫")),
        ("a", PRODUCT, Product("a-1", "杯子")),
        ("b", PRODUCT, Product("B", "B")),
    ):
        assert made.send("put", [replace(SALE, document_id=key, kind=kind, body=body)], {})[key].word == "applied"
    yield made
    made.close()


def _found(adapter: Adapter) -> Found:
    (found,) = adapter.find(ORDER, COMPANY, [SALE.document_id])[SALE.document_id]
    return found


def _order(site: BusinessCentralSandbox) -> tuple[str, dict[str, Any]]:
    """The company's id and the only order."""
    ((company, row),) = (
        (company, row)
        for (company, name), rows in site.selling.tables.items()
        for row in rows.values()
        if name == "salesOrders"
    )
    return company, row


def test_an_order_comes_back_as_it_went_and_books_nothing(site: BusinessCentralSandbox, adapter: Adapter) -> None:
    """Whatever discount the customer has, and in the letters that its SKUs have."""
    ref = adapter.send("create", [SALE], {})[SALE.document_id].ref
    assert (_found(adapter).ref, _found(adapter).steps_done, _found(adapter).content) == (ref, 1, SALE.content)
    _, row = _order(site)
    assert (row["status"], row["salesOrderLines"][0]["description"]) == ("Draft", "order tmall 123")
    assert (site.entries, site.journals) == ([], {})
    assert set(adapter.held(ORDER, COMPANY, SALE.posted_on, SALE.posted_on)) == {SALE.document_id}
    assert adapter.held(ORDER, COMPANY, date(2026, 11, 22), date(2026, 11, 30)) == {}
    assert adapter.find(INVOICE, COMPANY, [SALE.document_id]) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shippedQuantity", 1),
        ("invoicedQuantity", 2),
        ("netAmount", Decimal("24.69")),
        ("unitPrice", Decimal("12.36")),
        ("quantity", 3),
        ("lineObjectNumber", "B"),
    ],
)
def test_an_order_that_was_shipped_invoiced_or_changed_is_another(
    site: BusinessCentralSandbox, adapter: Adapter, name: str, value: object
) -> None:
    """Journals and invoices of ours carry the sale and its cost: from the order they would be booked twice."""
    adapter.send("create", [SALE], {})
    line = _order(site)[1]["salesOrderLines"][1]
    before = line[name]
    line[name] = value
    assert _found(adapter).content != SALE.content
    line[name] = before
    assert _found(adapter).content == SALE.content


@pytest.mark.parametrize("posted_on", ["2026-09-30", "2026-10-02"])
def test_an_order_that_was_invoiced_as_a_whole_is_known_by_its_invoice_and_not_made_again(
    site: BusinessCentralSandbox, tmp_path: Path, posted_on: str
) -> None:
    """Business Central deletes it then. Looked for among orders alone, one in doubt would be sent a second time.

    Invoiced in the month after, it is to be found in its own month all the same.
    """
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 1)
    bench.run()
    company, row = _order(site)
    site.selling.invoice(company, row["id"], posted_on)
    leave_in_doubt(bench)
    bench.run()
    assert bench.statuses() == {"conflict": 1}
    assert site.selling.rows(company, "salesOrders") == []
    key = next(iter(bench.documents))
    held = bench.adapter.held(ORDER, bench.erp.company, date(2026, 9, 1), date(2026, 9, 30))
    assert [each.content == bench.documents[key].content for each in held[key]] == [False]
    bench.close()
    state.close()


def test_an_invoice_of_ours_passes_for_no_order(site: BusinessCentralSandbox, tmp_path: Path) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (INVOICE,), state, {})
    bench.provide()
    bench.more(0, 1)
    bench.run()
    company, span = bench.erp.company, (date(2026, 9, 1), date(2026, 9, 30))
    assert set(bench.adapter.held(INVOICE, company, *span)) == set(bench.documents)
    assert bench.adapter.held(ORDER, company, *span) == {}
    bench.close()
    state.close()


def test_an_order_that_was_invoiced_in_part_is_there_once(site: BusinessCentralSandbox, adapter: Adapter) -> None:
    adapter.send("create", [SALE], {})
    company, row = _order(site)
    site.selling.invoice(company, row["id"], "2026-11-22")
    site.selling.tables[company, "salesOrders"][row["id"]] = row
    row["salesOrderLines"][1]["invoicedQuantity"] = 1
    assert _found(adapter).ref == row["id"]


def test_an_order_that_was_invoiced_in_two_parts_is_there_once(site: BusinessCentralSandbox, adapter: Adapter) -> None:
    adapter.send("create", [SALE], {})
    company, row = _order(site)
    for day in ("2026-11-22", "2026-12-02"):
        site.selling.tables[company, "salesOrders"][row["id"]] = row
        site.selling.invoice(company, row["id"], day)
    assert _found(adapter).content != SALE.content
    assert len(adapter.held(ORDER, COMPANY, SALE.posted_on, SALE.posted_on)[SALE.document_id]) == 1


def test_what_business_central_makes_of_an_order_is_seen_at_once(
    site: BusinessCentralSandbox, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = site.selling.create

    def taken_off(company: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        row = create(company, name, body)
        row["salesOrderLines"][1]["netAmount"] -= Decimal("0.01")
        return row

    monkeypatch.setattr(site.selling, "create", taken_off)
    outcome = adapter.send("create", [SALE], {})[SALE.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "differs")


def test_an_order_that_was_made_under_another_number_is_in_doubt(
    site: BusinessCentralSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for by its number it is not there. Once the number is put back, it is settled and made once."""
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 1)
    create, numbers = site.selling.create, list[str]()

    def numbered(company: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        numbers.append(body["externalDocumentNumber"])
        return create(company, name, {**body, "externalDocumentNumber": ""})

    monkeypatch.setattr(site.selling, "create", numbered)
    bench.run()
    (one,) = bench.log.documents()
    _, row = _order(site)
    assert (one.status, one.code, one.is_refused_for_sure) == ("rejected", "differs", False)
    assert row["id"] in one.words, "a person can find it"
    assert bench.log.add([], {one.document_id: ""}) == [one.document_id], "nothing takes its place"
    assert bench.log.retry([]) == [one.document_id]
    bench.run()
    assert (bench.statuses(), len(numbers)) == ({"conflict": 1}, 1), "and who retries makes no other one"
    row["externalDocumentNumber"] = numbers[0]
    assert bench.log.retry([one.document_id]) == [one.document_id]
    bench.run()
    assert (bench.held(), bench.statuses(), len(numbers)) == (bench.once(), {"done": 1}, 1)
    bench.close()
    state.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_an_order_that_was_made_and_could_not_be_read_back_is_not_made_again(
    site: BusinessCentralSandbox, tmp_path: Path, fault: str
) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 1)
    faults = Faults(fault, b"expand=salesOrderLines")
    bench.run(faults)
    assert (faults.left, bench.held(), bench.statuses()) == (0, bench.once(), {"done": 1})
    bench.close()
    state.close()


def test_what_is_not_there_is_named_before_anything_is_written(site: BusinessCentralSandbox, adapter: Adapter) -> None:
    def told(**facts: Any) -> str:
        outcome = adapter.send("create", [replace(SALE, **facts)], {})[SALE.document_id]
        assert outcome.word == "rejected"
        assert not any(rows for (_, name), rows in site.selling.tables.items() if name == "salesOrders")
        return outcome.code

    body = SALE.body
    assert isinstance(body, SalesOrder)
    assert told(body=replace(body, items=(replace(body.items[0], product="none"),))) == "product"
    assert told(body=replace(body, items=(replace(body.items[0], product="x" * 21),))) == "code"
    assert told(body=replace(body, party="none")) == "party"
    assert told(body=replace(body, party="Tmall")) == "code"
    assert told(currency="JPY") == "refused"


def test_an_order_in_another_currency_comes_back_in_it(site: BusinessCentralSandbox, adapter: Adapter) -> None:
    site.selling.currencies = ("EUR",)
    abroad = replace(SALE, currency="EUR")
    assert adapter.send("create", [abroad], {})[SALE.document_id].word == "applied"
    assert _found(adapter).content == abroad.content


def test_a_refused_order_stops_alone_and_one_that_differs_is_a_conflict(
    site: BusinessCentralSandbox, tmp_path: Path
) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(site), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 2)
    bench.run()
    good = bench.once()
    refused, lacking = document(bench.erp, ORDER, 91), document(bench.erp, ORDER, 92)
    assert isinstance(lacking.body, SalesOrder)
    item = lacking.body.items[0]
    bench.add(
        [
            replace(refused, body=replace(lacking.body, items=(replace(item, quantity=-1),))),
            replace(lacking, body=replace(lacking.body, items=(replace(item, product="none"),))),
        ]
    )
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
