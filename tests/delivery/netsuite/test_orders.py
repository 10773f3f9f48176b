"""Sales orders in a simulated NetSuite: they wait for approval, and a bill or a fulfilment makes them another document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.delivery.erp import ORDER, PARTY, Address, Document, ItemLine, Party, SalesOrder
from entrepot.delivery.registry import erp_named
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, leave_in_doubt
from entrepot.testing.delivery_documents import document
from tests.delivery.netsuite.test_suite import COMPANY, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Adapter, Found
    from entrepot.sandbox.erps.netsuite import NetSuiteSandbox

SALE = Document(
    "3fa9c1d2e4b5a607",
    ORDER,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "order tmall 123",
    (),
    SalesOrder("tmall", (ItemLine("", "A", "A", 2, 12_350_000, 2_470), ItemLine("", "A", "A", 3, 1_100_000, 330))),
)
_LINE = "mainline = 'F' and \"transaction\" = 1 and id = 1"


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def account(private_key: rsa.RSAPrivateKey) -> Iterator[NetSuiteSandbox]:
    made = sandbox(private_key)
    yield made
    made.close()


def _connect(account: NetSuiteSandbox, transport: httpx.BaseTransport | None = None) -> Adapter:
    keys, secrets = ":".join(account.token_keys), ":".join(account.token_secrets)
    return erp_named("netsuite").connect(Address(account.url, account.realm, keys, secrets, transport))


@pytest.fixture
def adapter(account: NetSuiteSandbox) -> Iterator[Adapter]:
    """One whose account has the customer."""
    made = _connect(account)
    one = replace(SALE, document_id="p", kind=PARTY, body=Party("tmall", "天猫"))
    assert made.send("put", [one], {})["p"].word == "applied"
    yield made
    made.close()


def _found(adapter: Adapter) -> Found:
    (found,) = adapter.find(ORDER, COMPANY, [SALE.document_id])[SALE.document_id]
    return found


def test_an_order_comes_back_as_it_went_once_and_books_nothing(account: NetSuiteSandbox, adapter: Adapter) -> None:
    """Whatever the price list says, and however often it is sent."""
    refs = {adapter.send("create", [SALE], {})[SALE.document_id].ref for _ in range(3)}
    assert (len(refs), account.counted("transaction"), account.counted("transactionline")) == (1, 1, 3)
    assert (_found(adapter).ref, _found(adapter).steps_done, _found(adapter).content) == (refs.pop(), 1, SALE.content)
    assert account.counted("transactionaccountingline") == 0
    assert set(adapter.held(ORDER, COMPANY, SALE.posted_on, SALE.posted_on)) == {SALE.document_id}
    assert adapter.held(ORDER, COMPANY, date(2026, 11, 22), date(2026, 11, 30)) == {}


def test_an_order_waits_for_approval_and_carries_its_number_where_people_look(
    account: NetSuiteSandbox, adapter: Adapter
) -> None:
    sent: list[bytes] = []

    def network(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        with httpx.Client(trust_env=False) as client:
            return client.send(request)

    own = _connect(account, httpx.MockTransport(network))
    own.send("create", [SALE], {})
    own.close()
    (order,) = (each for each in sent if b"otherRefNum" in each)
    assert b'"otherRefNum":"order tmall 123"' in order
    assert b'"orderStatus":{"id":"A"}' in order
    account.edit("update \"transaction\" set status = 'B' where status = 'A'")
    assert _found(adapter).content == SALE.content, "whoever approves it lets people work on it"


@pytest.mark.parametrize(
    ("statement", "back"),
    [
        (f"update transactionline set quantitybilled = '1' where {_LINE}", "quantitybilled = '0'"),
        (f"update transactionline set quantityshiprecv = '2' where {_LINE}", "quantityshiprecv = null"),
        (f"update transactionline set foreignamount = '-24.71' where {_LINE}", "foreignamount = '-24.7'"),
        (f"update transactionline set quantity = '-3' where {_LINE}", "quantity = '-2'"),
        (f"update transactionline set rate = '-10%', quantity = null where {_LINE}", "rate = '12.35', quantity = '-2'"),
        (f"update transactionline set item = null where {_LINE}", "item = 2"),
    ],
    ids=["billed", "fulfilled", "another amount", "more pieces", "a discount", "another item"],
)
def test_an_order_that_was_billed_fulfilled_or_changed_is_another(
    account: NetSuiteSandbox, adapter: Adapter, statement: str, back: str
) -> None:
    """Journals and invoices of ours carry the sale: billed from the order it would be booked twice, and so would its cost."""
    adapter.send("create", [SALE], {})
    account.edit(statement)
    assert _found(adapter).content != SALE.content
    account.edit(f"update transactionline set {back} where {_LINE}")
    assert _found(adapter).content == SALE.content


@pytest.mark.parametrize(
    ("status", "is_ours"), [("C", False), ("SalesOrd:C", False), ("SalesOrd:H", True), ("H", True)]
)
def test_a_cancelled_order_holds_nothing_any_more_and_a_closed_one_does(
    account: NetSuiteSandbox, adapter: Adapter, status: str, *, is_ours: bool
) -> None:
    adapter.send("create", [SALE], {})
    account.edit('update "transaction" set status = ?', status)
    assert (_found(adapter).content == SALE.content) is is_ours


def test_what_is_not_there_is_named_before_anything_is_written(account: NetSuiteSandbox, adapter: Adapter) -> None:
    def told(by: Adapter = adapter, **facts: Any) -> tuple[str, str]:
        outcome = by.send("create", [replace(SALE, **facts)], {})[SALE.document_id]
        assert (outcome.word, account.counted("transaction")) == ("rejected", 0)
        return outcome.code, outcome.text

    body = SALE.body
    assert isinstance(body, SalesOrder)
    unknown = replace(body, items=(replace(body.items[0], product="B"),))
    assert told(body=unknown) == ("product", "NetSuite has no single active item with the name B")
    assert told(body=replace(body, party="none"))[0] == "party"
    assert told(currency="JPY") == ("refused", "NetSuite has no currency JPY")
    assert told(currency="CNY") == ("refused", "HTTP 400: The customer has no such currency.")
    account.edit("insert into item (itemid) values ('A')")
    another = _connect(account)
    assert told(another)[0] == "product", "two of one name"
    another.close()


def test_what_a_workflow_makes_of_an_order_is_seen_at_once(account: NetSuiteSandbox, adapter: Adapter) -> None:
    account.edit(
        "create trigger workflow after insert on transactionline when new.mainline = 'F' begin "
        "update transactionline set rate = '1' where rowid = new.rowid; end"
    )
    outcome = adapter.send("create", [SALE], {})[SALE.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "differs")
    assert _found(adapter).content != SALE.content, "the look-up after a refusal makes it a conflict"


def test_an_order_in_another_currency_comes_back_in_it(account: NetSuiteSandbox, adapter: Adapter) -> None:
    account.currencies = ("CNY",)
    abroad = replace(SALE, currency="CNY")
    assert adapter.send("create", [abroad], {})[SALE.document_id].word == "applied"
    assert _found(adapter).content == abroad.content


def test_a_refused_order_stops_alone_and_one_that_differs_is_a_conflict(
    account: NetSuiteSandbox, tmp_path: Path
) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(account), (ORDER,), state, {})
    bench.provide()
    bench.more(0, 2)
    bench.run()
    good = bench.once()
    refused, lacking = document(bench.erp, ORDER, 91), document(bench.erp, ORDER, 92)
    assert isinstance(lacking.body, SalesOrder)
    nobody, nothing = replace(lacking.body.items[0], quantity=-1), replace(lacking.body.items[0], product="none")
    bench.add(
        [
            replace(refused, body=replace(lacking.body, items=(nobody,))),
            replace(lacking, body=replace(lacking.body, items=(nothing,))),
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
