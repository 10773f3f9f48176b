"""Journals and orders into SAP: journals posted through a SOAP door of ours, read back by SAP's own OData, with all that can go wrong between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

import httpx
import pytest

from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, ORDER, PAYMENT, Address, Document, SalesOrder
from entrepot.delivery.registry import erp_named
from entrepot.testing.cap.server import PASSWORD, USER
from entrepot.testing.delivery_bench import leave_in_doubt
from entrepot.testing.delivery_documents import document
from entrepot.testing.delivery_suite import BookedSuite, DeliverySuite, ErpUnderTest

if TYPE_CHECKING:
    from entrepot.testing.cap import CapServer
    from entrepot.testing.delivery_bench import Bench


def under_test(cap: CapServer) -> ErpUnderTest:
    """The Chinese company code."""
    return ErpUnderTest(
        lambda transport: erp_named("sap").connect(Address(cap.url, "", USER, PASSWORD, transport)),
        company="1410",
        currency="CNY",
        accounts=("0000105000", "0000121000"),
        step_of={"post": b"JournalEntryBulkCreateRequest"},
        spoilt=_in_a_closed_year,
        has_sessions=False,
        receivable="0000121090",
        revenue="0000401000",
        customer="17100001",
        materials=("TG11", "TG12"),
        foreign="USD",
        more_steps={
            ORDER: {"create": b'"SalesOrderType"'},
            INVOICE: {"post": b"<AccountingDocumentType>DR<"},
            CREDIT_NOTE: {"post": b"<AccountingDocumentType>DG<"},
            PAYMENT: {"post": b"<AccountingDocumentType>DZ<", "clear": b"JournalEntryBulkClearingRequest>"},
        },
        more_spoilt=dict.fromkeys((INVOICE, CREDIT_NOTE, PAYMENT), _in_a_closed_year),
    )


def _in_a_closed_year(document: Document) -> Document:
    return replace(document, posted_on=date(2025, 12, 31))


class TestSap(BookedSuite, DeliverySuite):
    """The suite, on SAP's runtime."""

    steps: ClassVar[int] = 1
    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (ORDER,): 1, (INVOICE,): 1, (CREDIT_NOTE,): 1, (PAYMENT,): 2,
    }  # fmt: skip

    @pytest.fixture
    def erp(self, cap: CapServer) -> ErpUnderTest:
        """The Chinese company code."""
        return under_test(cap)

    def test_an_order_that_is_refused_stops_alone_and_one_that_differs_is_a_conflict(
        self, ready: Callable[[tuple[str, ...], int], Bench]
    ) -> None:
        """All were in one change set, which S/4HANA refuses as a whole; what people changed there is theirs."""
        bench = ready((ORDER,), 2)
        good = bench.once()
        bad = document(bench.erp, ORDER, 91)
        assert isinstance(bad.body, SalesOrder)
        bad = replace(bad, body=replace(bad.body, items=(replace(bad.body.items[0], product="NOTHING"),)))
        bench.add([bad])
        bench.run()
        assert bench.held() == good
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert (found.status, "Material NOTHING is not defined" in found.words) == ("rejected", True)
        key = next(iter(good))
        bench.documents[key] = replace(document(bench.erp, ORDER, 92), document_id=key)
        leave_in_doubt(bench, only=[key])
        bench.run()
        assert bench.statuses() == {"done": 1, "conflict": 1, "rejected": 1}

    def test_an_order_that_somebody_lets_be_billed_is_named(
        self, ready: Callable[[tuple[str, ...], int], Bench], cap: CapServer
    ) -> None:
        """Journals carry the sale: billed in S/4HANA, it would be booked twice."""
        bench = ready((ORDER,), 1)
        bench.run()
        ((key, planned),) = bench.documents.items()
        (found,) = bench.adapter.find(ORDER, planned.company, [key])[key]
        assert found.content == planned.content
        root = f"{cap.url}/sap/opu/odata/sap/API_SALES_ORDER_SRV"
        with httpx.Client(auth=(USER, PASSWORD), trust_env=False) as person:
            token = person.get(f"{root}/", headers={"x-csrf-token": "Fetch"}).headers["x-csrf-token"]
            order = f"{root}/A_SalesOrder('{found.ref}')"
            etag = person.get(order, headers={"Accept": "application/json"}).json()["d"]["__metadata"]["etag"]
            headers = {"x-csrf-token": token, "If-Match": etag}
            assert person.patch(order, json={"HeaderBillingBlockReason": ""}, headers=headers).is_success
        (after,) = bench.adapter.find(ORDER, planned.company, [key])[key]
        assert after.content != planned.content
