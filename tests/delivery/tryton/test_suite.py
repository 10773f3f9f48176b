"""Journals into a real Tryton, with everything that can go wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.erp import Address
from entrepot.delivery.registry import erp_named
from entrepot.testing.delivery_suite import DeliverySuite, ErpUnderTest
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER

if TYPE_CHECKING:
    from entrepot.delivery.erp import Document
    from entrepot.testing.tryton import TrytonServer


class TestTryton(DeliverySuite):
    """The suite, on the server of the package registry."""

    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> ErpUnderTest:
        """The server's first company."""
        return ErpUnderTest(
            lambda transport: erp_named("tryton").connect(Address(tryton.url, DATABASE, USER, PASSWORD, transport)),
            company="cn-shanghai",
            currency="CNY",
            accounts=("1012.01", "1122.01"),
            step_of={"create": b"model.account.move.create", "post": b"model.account.move.post"},
            spoilt=_with_signs_against_each_other,
        )


def _with_signs_against_each_other(document: Document) -> Document:
    """A constraint of Tryton's database: both currencies of a line are debit, or both credit."""
    lines = tuple(replace(line, amount_minor=-line.amount_minor) for line in document.lines)
    return replace(document, currency="EUR", lines=lines)
