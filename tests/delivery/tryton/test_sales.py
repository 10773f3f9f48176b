"""Sales orders in a real Tryton: they wait for people, book nothing, and one that is billed all the same is named."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.delivery.erp import ORDER, PRODUCT, Address, ItemLine, SalesOrder
from entrepot.delivery.errors import ErpRefused
from entrepot.delivery.registry import erp_named
from entrepot.delivery.tryton.wire import Wire
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, leave_in_doubt
from entrepot.testing.delivery_documents import document
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER
from tests.delivery.tryton.test_suite import under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.testing.tryton import TrytonServer

ENGLISH: dict[str, Any] = {"language": "en"}


@pytest.fixture
def bench(tryton: TrytonServer, tmp_path: Path) -> Iterator[Bench]:
    state = State(CellLayout(tmp_path))
    made = Bench(under_test(tryton), (ORDER,), state, {})
    made.provide()
    yield made
    made.close()
    state.close()


@pytest.fixture
def person(tryton: TrytonServer) -> Iterator[Wire]:
    """Somebody who works there."""
    with contextlib.closing(Wire(tryton.url, DATABASE, USER, PASSWORD)) as wire:
        yield wire


def _sale(person: Wire, bench: Bench, key: str) -> dict[str, Any]:
    ref = int(bench.adapter.find(ORDER, "cn-shanghai", [key])[key][0].ref)
    names = ["state", "invoices", "moves", "shipments", "reference", "untaxed_amount", "tax_amount", "sale_date"]
    (sale,) = person.call("model.sale.sale.read", [ref], names, ENGLISH)
    return dict(sale)


def test_a_confirmed_order_waits_for_people_and_has_neither_invoice_nor_shipment(bench: Bench, person: Wire) -> None:
    moves = person.call("model.account.move.search_count", [], ENGLISH)
    bench.more(3, 1)
    bench.run()
    ((key, planned),) = bench.documents.items()
    assert isinstance(planned.body, SalesOrder)
    sale = _sale(person, bench, key)
    assert (sale["state"], sale["invoices"], sale["shipments"], sale["moves"]) == ("processing", [], [], [])
    assert (sale["reference"], sale["sale_date"]) == (planned.text, planned.posted_on)
    total = sum(each.amount_minor for each in planned.body.items)
    assert (int(sale["untaxed_amount"].scaleb(2)), sale["tax_amount"]) == (total, 0)
    assert person.call("model.account.move.search_count", [], ENGLISH) == moves, "it books nothing"
    held = bench.adapter.held(ORDER, "cn-shanghai", planned.posted_on, planned.posted_on)
    assert held[key][0].content == planned.content


def test_an_order_that_is_refused_stops_alone_and_one_that_differs_is_a_conflict(bench: Bench) -> None:
    bench.more(0, 2)
    good = bench.once()
    # A rule of Tryton's: a line of text is one line.
    refused = replace(document(bench.erp, ORDER, 91), text="two\nlines")
    lacking = document(bench.erp, ORDER, 92)
    assert isinstance(lacking.body, SalesOrder)
    items = (replace(lacking.body.items[0], product="no such product"),)
    lacking = replace(lacking, body=replace(lacking.body, items=items))
    bench.add([refused, lacking])
    bench.run()
    assert bench.held() == good
    told = {each.document_id: (each.code, each.words) for each in bench.log.documents(statuses=("rejected",))}
    assert told[lacking.document_id] == ("product", "cn-shanghai has no product no such product")
    assert (told[refused.document_id][0], bool(told[refused.document_id][1])) == ("refused", True)
    key = next(iter(good))
    bench.documents[key] = replace(document(bench.erp, ORDER, 93), document_id=key)
    leave_in_doubt(bench, only=[key])
    bench.run()
    assert bench.statuses() == {"done": 1, "conflict": 1, "rejected": 2}


def test_an_order_that_somebody_bills_is_named(bench: Bench, person: Wire) -> None:
    """Journals and invoices of ours carry the sale: billed from the order, it would be booked twice."""
    bench.more(0, 1)
    bench.run()
    ((key, planned),) = bench.documents.items()
    assert isinstance(planned.body, SalesOrder)
    (found,) = bench.adapter.find(ORDER, planned.company, [key])[key]
    assert found.content == planned.content
    (company,) = person.call("model.company.company.search", [["party.code", "=", "cn-shanghai"]], 0, 1, None, ENGLISH)
    here = {**ENGLISH, "company": company}
    mine = [["code", "=", "1122.09"], ["company", "=", company]]
    (owed,) = person.call("model.account.account.search", mine, 0, 1, None, here)
    parties = person.call("model.party.party.search", [["code", "=", planned.body.party]], 0, 1, None, here)
    person.call("model.party.party.write", parties, {"account_receivable": owed}, here)
    person.call("model.sale.sale.manual_invoice", [int(found.ref)], here)
    (after,) = bench.adapter.find(ORDER, planned.company, [key])[key]
    assert after.content != planned.content
    (invoice,) = _sale(person, bench, key)["invoices"]
    person.call("model.account.invoice.cancel", [invoice], here)
    (mended,) = bench.adapter.find(ORDER, planned.company, [key])[key]
    assert mended.content == planned.content, "what is cancelled bills nothing"


def test_a_product_that_was_not_on_sale_is_put_on_sale_and_an_order_has_its_own_currency(
    bench: Bench, person: Wire
) -> None:
    new = document(bench.erp, PRODUCT, 0)
    assert bench.adapter.send("put", [new], {})[new.document_id].word == "applied"
    named = [["code", "=", new.key]]
    assert [row["salable"] for row in _products(person, named)] == [False], "the control"
    order = document(bench.erp, ORDER, 5)
    assert isinstance(order.body, SalesOrder)
    body = SalesOrder(order.body.party, (ItemLine("", new.key, "杯子", 3, 33_333_300, 10_000),))
    bench.add([replace(order, currency="EUR", body=body)])
    bench.run()
    assert (bench.held(), bench.statuses()) == (bench.once(), bench.all_done())
    assert [row["salable"] for row in _products(person, named)] == [True]


def test_a_user_without_the_group_of_sales_is_told_so_by_tryton_and_its_orders_go_on_once_it_has_it(
    bench: Bench, person: Wire, tryton: TrytonServer
) -> None:
    login = f"books-{secrets.token_hex(4)}"
    groups = {
        name: person.call("model.res.group.search", [["name", "=", name]], 0, 1, None, ENGLISH)[0]
        for name in ("Accounting", "Product Administration", "Sales")
    }
    companies = person.call("model.company.company.search", [], 0, None, None, ENGLISH)
    (here,) = person.call("model.company.company.search", [["party.code", "=", "cn-shanghai"]], 0, 1, None, ENGLISH)
    values = {"name": login, "login": login, "password": f"{PASSWORD}-{login}", "company": here}
    values |= {"companies": [["add", companies]], "company_filter": "all"}
    values["groups"] = [["add", [number for name, number in groups.items() if name != "Sales"]]]
    (user,) = person.call("model.res.user.create", [values], ENGLISH)
    address = Address(tryton.url, DATABASE, login, f"{PASSWORD}-{login}")
    bench.more(0, 1)
    with contextlib.closing(erp_named("tryton").connect(address)) as adapter:
        runner = bench.runner(adapter)
        while runner.run_once():
            pass
        ((key, planned),) = bench.documents.items()
        told = bench.log.document(key)
        assert told is not None
        assert (told.status, told.code) == ("rejected", "unseen_rights")
        assert told.words == 'UserError: You are not allowed to access "Sale".'
        with pytest.raises(ErpRefused):
            adapter.held(ORDER, planned.company, planned.posted_on, planned.posted_on)
        person.call("model.res.user.write", [user], {"groups": [["add", [groups["Sales"]]]]}, ENGLISH)
        assert bench.log.retry([]) == [key]
        while runner.run_once():
            pass
    assert (bench.held(), bench.statuses()) == (bench.once(), {"done": 1})


def _products(person: Wire, named: object) -> list[dict[str, Any]]:
    return list(person.call("model.product.product.search_read", named, 0, None, None, ["salable"], ENGLISH))


def test_tryton_rounds_half_a_cent_to_the_even_one(bench: Bench) -> None:
    """Why a plan never leaves half a cent: the order would not be the one that was sent."""
    order = document(bench.erp, ORDER, 6)
    assert isinstance(order.body, SalesOrder)
    item = order.body.items[0]
    kept, halved = (
        replace(
            document(bench.erp, ORDER, 6),
            body=SalesOrder(order.body.party, (replace(item, quantity=75, price_e6=price, amount_minor=minor),)),
        )
        for price, minor in ((12_340_500, 92_554), (12_340_600, 92_555))
    )
    bench.add([kept, halved])
    bench.run()
    keys = [kept.document_id, halved.document_id]
    found = bench.adapter.find(ORDER, "cn-shanghai", keys)
    assert [found[key][0].content == bench.documents[key].content for key in keys] == [True, False]
    body = found[halved.document_id][0].content.body
    assert isinstance(body, SalesOrder)
    assert body.items[0].amount_minor == 92_554
