"""Journals into SAP: posted through a SOAP door of ours, read back by SAP's own OData, with all that can go wrong between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

import pytest

from entrepot.delivery.erp import Address
from entrepot.delivery.registry import erp_named
from entrepot.testing.cap.server import PASSWORD, USER
from entrepot.testing.delivery_suite import DeliverySuite, ErpUnderTest

if TYPE_CHECKING:
    from entrepot.testing.cap import CapServer


class TestSap(DeliverySuite):
    """The suite, on SAP's runtime."""

    steps: ClassVar[int] = 1

    @pytest.fixture
    def erp(self, cap: CapServer) -> ErpUnderTest:
        """The Chinese company code."""
        return ErpUnderTest(
            lambda transport: erp_named("sap").connect(Address(cap.url, "", USER, PASSWORD, transport)),
            company="1410",
            currency="CNY",
            accounts=("0000105000", "0000121000"),
            step_of={"post": b"JournalEntryBulkCreateRequest"},
            spoilt=lambda document: replace(document, posted_on=date(2025, 12, 31)),
            has_sessions=False,
        )
