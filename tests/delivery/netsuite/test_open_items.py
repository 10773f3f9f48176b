"""Payments in a simulated NetSuite: applied to what they pay once it comes to nothing, whatever was written last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    PARTY,
    PAYMENT,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    TaxLine,
)
from tests.delivery.netsuite.test_suite import COMPANY, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.delivery.erp import Adapter
    from entrepot.sandbox.erps.netsuite import NetSuiteSandbox

KEY, BACK = "3fa9c1d2e4b5a607", "4fa9c1d2e4b5a607"


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


@pytest.fixture
def account(private_key: rsa.RSAPrivateKey) -> Iterator[NetSuiteSandbox]:
    made = sandbox(private_key)
    yield made
    made.close()


@pytest.fixture
def adapter(account: NetSuiteSandbox) -> Iterator[Adapter]:
    made = under_test(account).connect(None)
    for code in ("TM", "JD"):
        party = Document(code, PARTY, COMPANY, date.min, "USD", "USD", "", (), Party(code, code))
        assert made.send("put", [party], {})[code].word == "applied"
    yield made
    made.close()


def _bill(document_id: str, minor: int, *, party: str = "TM") -> Document:
    """An invoice; a credit note where the amount is below nothing."""
    sign = 1 if minor > 0 else -1
    net = minor * 100 // 113
    body = Invoice(
        party,
        "1130",
        (ItemLine("4110", "", "goods", sign, abs(net) * 10_000, net),),
        (TaxLine("5110", "", net, minor - net),),
    )
    lines = (
        JournalLine("1130", minor, minor, party),
        JournalLine("4110", -net, -net),
        JournalLine("5110", net - minor, net - minor),
    )
    kind = INVOICE if minor > 0 else CREDIT_NOTE
    return Document(document_id, kind, COMPANY, date(2026, 9, 3), "USD", "USD", "a day", lines, body)


def _payment(document_id: str, settles: str, minor: int, party: str = "TM") -> Document:
    lines = (JournalLine("1110", minor, minor), JournalLine("1130", -minor, -minor, party, settles))
    return Document(document_id, PAYMENT, COMPANY, date(2026, 9, 4), "USD", "USD", "paid", lines)


def _write(adapter: Adapter, *documents: Document) -> None:
    for each in documents:
        assert adapter.send("create", [each], {})[each.document_id].word == "applied", each


def _steps(adapter: Adapter, document: Document) -> int:
    (found,) = adapter.find(PAYMENT, COMPANY, [document.document_id])[document.document_id]
    assert found.content == document.content
    return found.steps_done


def test_an_invoice_is_paid_once_all_its_payments_are_there(account: NetSuiteSandbox, adapter: Adapter) -> None:
    one, other = _payment("a" * 16, KEY, 11_000), _payment("b" * 16, KEY, 300)
    _write(adapter, _bill(KEY, 11_300), one)
    assert _steps(adapter, one) == 2, "a part is no match, and nothing waits for it"
    assert adapter.send("match", [one], {})["a" * 16].word == "applied"
    assert len(account.open_items()) == 2
    _write(adapter, other)
    assert (_steps(adapter, one), _steps(adapter, other)) == (1, 1)
    for _ in range(2):
        assert adapter.send("match", [other], {})["b" * 16].word == "applied"
    assert (account.open_items(), _steps(adapter, one), _steps(adapter, other)) == ([], 2, 2)
    assert account.counted("transaction") == 3, "no payment of NetSuite's own is kept"
    assert set(adapter.held(PAYMENT, COMPANY, date(2026, 9, 4), date(2026, 9, 4))) == {"a" * 16, "b" * 16}


def test_a_credit_note_is_paid_back(account: NetSuiteSandbox, adapter: Adapter) -> None:
    back = _payment("a" * 16, BACK, -11_300)
    _write(adapter, _bill(BACK, -11_300), back)
    assert account.open_items() == [(f"EP-{BACK}", Decimal(-113)), ("EP-" + "a" * 16, Decimal(113))]
    adapter.send("match", [back], {})
    assert (account.open_items(), _steps(adapter, back)) == ([], 2)


def test_all_versions_of_an_invoice_and_of_its_payment_are_applied_together(
    account: NetSuiteSandbox, adapter: Adapter
) -> None:
    """The second version of each has a key of another look, since an external id takes no dot."""
    first, back, again = (
        _payment("a" * 16, KEY, 11_300),
        _payment("a" * 16 + "r", KEY, -11_300),
        _payment("a" * 16 + ".2", KEY, 5_650),
    )
    _write(adapter, _bill(KEY, 11_300), _bill(f"{KEY}r", -11_300), _bill(f"{KEY}.2", 5_650), first, back)
    assert adapter.send("match", [back], {})[back.document_id].word == "applied"
    assert len(account.open_items()) == 5, "the new version is not paid yet"
    _write(adapter, again)
    adapter.send("match", [again], {})
    assert account.open_items() == []
    assert [_steps(adapter, each) for each in (first, back, again)] == [2, 2, 2]


def test_what_another_customer_owes_or_a_person_has_applied_is_left_alone(
    account: NetSuiteSandbox, adapter: Adapter
) -> None:
    strange = _payment("a" * 16, KEY, 11_300, party="JD")
    _write(adapter, _bill(KEY, 11_300), strange)
    assert adapter.send("match", [strange], {})["a" * 16].word == "applied"
    assert len(account.open_items()) == 2, "they are of two customers"
    paid = _payment("b" * 16, BACK, 5_650)
    _write(adapter, _bill(BACK, 5_650), paid)
    by_hand = "update transactionline set foreignamountunpaid = '10' where foreignamountunpaid = '56.5'"
    assert account._rows.execute(by_hand).rowcount == 1
    assert (_steps(adapter, paid), adapter.send("match", [paid], {})["b" * 16].word) == (2, "applied")


def test_an_application_that_did_nothing_is_told(account: NetSuiteSandbox, adapter: Adapter) -> None:
    """That REST takes a payment of nothing is our reading: if it does not, a person hears of it."""
    paid = _payment("a" * 16, KEY, 11_300)
    _write(adapter, _bill(KEY, 11_300), paid)
    account.forgets_applications = True
    outcome = adapter.send("match", [paid], {})["a" * 16]
    assert (outcome.word, outcome.code, KEY in outcome.text) == ("rejected", "unmatched", True)
    assert _steps(adapter, paid) == 1
