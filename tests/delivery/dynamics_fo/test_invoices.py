"""Invoices and credit notes in a simulated Finance and Operations: journals that charge a customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    TaxLine,
)
from tests.delivery.dynamics_fo.test_suite import adapter_of, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.delivery.erp import Adapter, Found
    from entrepot.sandbox.erps.dynamics_fo import DynamicsFoSandbox

BILL = Document(
    "a" * 16,
    CREDIT_NOTE,
    "usmf",
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine("130100", -11_300, -11_300, "tmall"),
        JournalLine("401100", 10_000, 10_000),
        JournalLine("600100", 1_300, 1_300),
    ),
    Invoice(
        "tmall",
        "130100",
        (
            ItemLine("401100", "a-1 x 2", "a-1", -3, 33_330_000, -9_999),
            ItemLine("401100", "", "rounding", -1, 10_000, -1),
        ),
        (TaxLine("600100", "S13", -10_000, -1_300),),
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


def _found(adapter: Adapter, bill: Document = BILL) -> Found:
    (found,) = adapter.find(bill.kind, "usmf", [bill.document_id])[bill.document_id]
    return found


def test_a_credit_note_comes_back_as_it_went_and_passes_for_nothing_else(
    site: DynamicsFoSandbox, adapter: Adapter
) -> None:
    ref = adapter.send("create", [BILL], {})[BILL.document_id].ref
    found = _found(adapter)
    assert (found.ref, found.steps_done, found.content) == (ref, 1, BILL.content)
    assert {line.account: line.functional_minor for line in found.booked[:1]} == {"130100": -11_300}
    owed, goods, *_ = site.lines.values()
    assert (owed["AccountType"], owed["AccountDisplayValue"], owed["Invoice"]) == ("Cust", "tmall", f"EP-{'a' * 16}")
    assert (owed["Text"], goods["Text"], goods["Invoice"]) == ("130100 CRN tmall s1", "3 x 33.33 SKU a-1 x 2", "")
    for kind in (INVOICE, JOURNAL):
        assert adapter.find(kind, "usmf", [BILL.document_id]) == {}
    span = (date(2026, 11, 1), date(2026, 11, 30))
    assert set(adapter.held(CREDIT_NOTE, "usmf", *span)) == {BILL.document_id}
    assert (adapter.held(INVOICE, "usmf", *span), adapter.held(JOURNAL, "usmf", *span)) == ({}, {})


@pytest.mark.parametrize("tax", [-113, -50], ids=["below zero", "above zero"])
@pytest.mark.parametrize("kind", [INVOICE, CREDIT_NOTE])
def test_whatever_it_comes_to_it_is_found_as_what_it_is(
    site: DynamicsFoSandbox, adapter: Adapter, kind: str, tax: int
) -> None:
    """Told by its total, an invoice that gives back would never be found, and be sent again and again."""
    sign = 1 if kind == INVOICE else -1
    goods, taxes = ItemLine("401100", "A", "A", sign, 1_000_000, sign * 100), TaxLine("600100", "S13", 0, sign * tax)
    bill = replace(BILL, kind=kind, body=Invoice("tmall", "130100", (goods,), (taxes,)))
    assert adapter.send("create", [bill], {})[bill.document_id].word == "applied"
    assert _found(adapter, bill).content == bill.content
    other = CREDIT_NOTE if kind == INVOICE else INVOICE
    assert adapter.find(other, "usmf", [bill.document_id]) == {}
    assert len(site.headers) == 1


def test_what_an_earlier_release_wrote_is_told_by_what_is_owed(site: DynamicsFoSandbox, adapter: Adapter) -> None:
    """Its text has no word for the kind."""
    adapter.send("create", [BILL], {})
    next(iter(site.lines.values()))["Text"] = "130100 tmall s1"
    assert _found(adapter).content == BILL.content
    assert adapter.find(INVOICE, "usmf", [BILL.document_id]) == {}


def test_a_line_of_the_other_sign_comes_back_as_it_went(adapter: Adapter) -> None:
    """A credit note may charge freight, as an invoice may take an allowance off."""
    assert isinstance(BILL.body, Invoice)
    charged = replace(BILL.body, items=(*BILL.body.items, ItemLine("401100", "", "freight", 1, 5_000_000, 500)))
    owed, sold, taxed = BILL.lines
    lines = (
        replace(owed, amount_minor=-10_800, functional_minor=-10_800),
        replace(sold, amount_minor=9_500, functional_minor=9_500),
        taxed,
    )
    bill = replace(BILL, lines=lines, body=charged)
    adapter.send("create", [bill], {})
    assert _found(adapter, bill).content == bill.content


def test_the_journal_that_pays_names_the_customer_and_has_no_number_of_an_invoice(
    site: DynamicsFoSandbox, adapter: Adapter
) -> None:
    pays = (JournalLine("110110", -11_300, -11_300), JournalLine("130100", 11_300, 11_300, "tmall"))
    journal = replace(BILL, document_id="b" * 16, kind=JOURNAL, lines=pays, body=None)
    assert adapter.send("create", [BILL, journal], {})[journal.document_id].word == "applied"
    assert _found(adapter, journal).content == journal.content
    assert [row["Invoice"] for row in site.lines.values() if row["Document"] == f"EP-{'b' * 16}"] == ["", ""]
    assert adapter.find(CREDIT_NOTE, "usmf", [journal.document_id]) == {}


@pytest.mark.parametrize(
    ("at", "values"),
    [
        (0, {"Text": "130200 tmall s1"}),
        (1, {"Text": "4 x 33.33 SKU a-1 x 2"}),
        (1, {"Text": "3 x 33.34 SKU a-1 x 2"}),
        (1, {"Text": "see Li Na"}),
        (1, {"AccountDisplayValue": "600100"}),
        (2, {"DebitAmount": 0.02}),
        (3, {"Text": "EP-TAX S9"}),
    ],
)
def test_what_a_person_changes_makes_it_another_document(
    site: DynamicsFoSandbox, adapter: Adapter, at: int, values: dict[str, Any]
) -> None:
    adapter.send("create", [BILL], {})
    row = list(site.lines.values())[at]
    before = dict(row)
    row |= values
    assert _found(adapter).content != BILL.content
    row |= before
    assert _found(adapter).content == BILL.content


def test_what_is_not_there_or_does_not_fit_is_named_before_a_journal_is_made(
    site: DynamicsFoSandbox, adapter: Adapter
) -> None:
    body = BILL.body
    assert isinstance(body, Invoice)
    long = replace(body, items=(replace(body.items[0], product="x" * 60),))
    for changed, code in (
        (replace(body, party="jd"), "party"),
        (long, "code"),
        (replace(body, receivable="9"), "account"),
    ):
        outcome = adapter.send("create", [replace(BILL, body=changed)], {})[BILL.document_id]
        assert (outcome.word, outcome.code, site.headers) == ("rejected", code, {})
