"""Goods in a simulated Odoo, as up to 18 and from 19 on: done on their day, and what a person or a module does is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.erp import (
    GOODS_ISSUE,
    GOODS_RECEIPT,
    PARTY,
    PRODUCT,
    Address,
    Document,
    Goods,
    GoodsLine,
    Party,
    Product,
)
from entrepot.delivery.registry import erp_named
from tests.delivery.odoo.test_suite import COMPANY, JSON2, RPC, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.delivery.erp import Adapter, Found, Outcome
    from entrepot.sandbox.erps.odoo import OdooSandbox

LEFT = Document(
    "3fa9c1d2e4b5a607",
    GOODS_ISSUE,
    COMPANY,
    date(2026, 9, 3),
    "USD",
    "USD",
    "shipped tmall",
    (),
    Goods("TM", (GoodsLine("A", 3), GoodsLine("B", 1))),
)
CAME = replace(
    LEFT, document_id="b" * 16, kind=GOODS_RECEIPT, text="returned tmall", body=Goods("TM", (GoodsLine("A", -2),))
)
STEPS = ("create", "confirm", "fill", "validate", "date")
A = 1
"""The number of the product A there."""


@pytest.fixture(params=[(RPC, False), (JSON2, True)], ids=["18", "19"])
def version(request: pytest.FixtureRequest) -> tuple[str, bool]:
    found: tuple[str, bool] = request.param
    return found


@pytest.fixture
def site(version: tuple[str, bool]) -> Iterator[OdooSandbox]:
    made = sandbox()
    made.stocking.is_newer = version[1]
    yield made
    made.close()


def _connect(site: OdooSandbox, version: tuple[str, bool], transport: httpx.BaseTransport | None = None) -> Adapter:
    login = site.login if version[0] == RPC else ""
    return erp_named("odoo").connect(Address(site.url, site.database, login, site.key, transport))


@pytest.fixture
def adapter(site: OdooSandbox, version: tuple[str, bool]) -> Iterator[Adapter]:
    """One whose site has what the goods name."""
    made = _connect(site, version)
    for key, kind, body in (
        ("p", PARTY, Party("TM", "天猫")),
        ("a", PRODUCT, Product("A", "杯子")),
        ("b", PRODUCT, Product("B", "B")),
    ):
        one = replace(LEFT, document_id=key, kind=kind, company="", body=body)
        assert made.send("put", [one], {})[key].word == "applied"
    yield made
    made.close()


def _found(adapter: Adapter, document: Document) -> Found:
    (found,) = adapter.find(document.kind, COMPANY, [document.document_id])[document.document_id]
    return found


def _sent(adapter: Adapter, document: Document, steps: Sequence[str] = STEPS) -> Outcome:
    """What became of the last step that was tried."""
    outcome = adapter.send(steps[0], [document], {})[document.document_id]
    refs = {document.document_id: outcome.ref}
    for step in steps[1:]:
        if outcome.word == "applied":
            outcome = adapter.send(step, [document], refs)[document.document_id]
    return outcome


@pytest.mark.parametrize("document", [LEFT, CAME], ids=["issue", "receipt"])
def test_goods_keep_their_day_though_validating_dates_them_now(
    site: OdooSandbox, adapter: Adapter, document: Document
) -> None:
    """Also their moves; the audit of their month finds them once the last step is done."""
    refs = {document.document_id: adapter.send("create", [document], {})[document.document_id].ref}
    done = [_found(adapter, document).steps_done]
    for step in (*STEPS[1:], "date"):
        assert adapter.send(step, [document], refs)[document.document_id].word == "applied"
        found = _found(adapter, document)
        assert found.content == document.content, step
        done.append(found.steps_done)
        if step == "validate":
            today = datetime.now(UTC).date().isoformat()
            assert {row["date"][:10] for row in site.stocking.moves.values()} == {today}
    # Whether a transfer was filled cannot be told from one that was confirmed.
    assert done == [1, 2, 2, 4, 5, 5]
    moves = list(site.stocking.moves.values())
    assert {(row["date"][:10], row["detailed"][:10]) for row in moves} == {("2026-09-03", "2026-09-03")}
    (transfer,) = site.stocking.transfers.values()
    assert transfer["date_done"][:10] == "2026-09-03"
    assert transfer["origin"] == f"EP-{document.document_id} {document.text}"
    assert set(adapter.held(document.kind, COMPANY, date(2026, 9, 3), date(2026, 9, 3))) == {document.document_id}
    assert adapter.held(document.kind, COMPANY, date(2026, 9, 4), date(2026, 12, 31)) == {}
    other = GOODS_RECEIPT if document.kind == GOODS_ISSUE else GOODS_ISSUE
    assert adapter.held(other, COMPANY, date(2026, 9, 3), date(2026, 9, 3)) == {}


def test_what_left_has_left_whatever_is_in_stock(site: OdooSandbox, adapter: Adapter) -> None:
    """One of three is there: all three go, and no back order is made of two."""
    site.stocking.stock[A] = Decimal(1)
    assert _sent(adapter, LEFT).word == "applied"
    assert _found(adapter, LEFT).content == LEFT.content
    assert site.stocking.stock[A] == Decimal(-2)
    assert _sent(adapter, CAME).word == "applied"
    assert site.stocking.stock[A] == 0
    assert len(site.stocking.transfers) == 2


def test_sending_again_makes_no_second_transfer_and_no_further_move(site: OdooSandbox, adapter: Adapter) -> None:
    refs = {adapter.send("create", [LEFT], {})[LEFT.document_id].ref for _ in range(3)}
    assert (len(refs), len(site.stocking.transfers), len(site.stocking.moves)) == (1, 1, 2)


def test_a_product_that_is_valued_as_it_moves_stops_its_document_before_anything_is_made(
    site: OdooSandbox, version: tuple[str, bool], adapter: Adapter
) -> None:
    site.stocking.values = True
    site.stocking.products[A] = (True, "real_time")
    fresh = _connect(site, version)
    outcome = _sent(fresh, LEFT)
    assert (outcome.word, outcome.code) == ("rejected", "valued")
    assert "A is valued as it moves" in outcome.text
    assert (site.stocking.transfers, site.stocking.moves) == ({}, {})
    fresh.close()
    for free in ((False, "real_time"), (True, "manual_periodic")):
        site.stocking.products[A] = free
        again = _connect(site, version)
        assert _sent(again, LEFT, STEPS[:1]).word == "applied", "nothing is posted of what is not counted, or by hand"
        again.close()


def test_goods_that_odoo_booked_all_the_same_are_named_until_the_entry_is_cancelled(
    site: OdooSandbox, version: tuple[str, bool], adapter: Adapter
) -> None:
    site.stocking.values = True
    fresh = _connect(site, version)
    assert _sent(fresh, LEFT).word == "applied"
    assert _found(fresh, LEFT).content == LEFT.content
    site.entries[7] = {"id": 7, "state": "posted", "ref": False, "company_id": 1}
    entry = {"account_move_id": [7, "STJ/7"]} if version[1] else {"account_move_ids": [7]}
    site.stocking.moves[1] |= entry
    assert _found(fresh, LEFT).content != LEFT.content
    site.entries[7]["state"] = "cancel"
    assert _found(fresh, LEFT).content == LEFT.content
    fresh.close()


def test_a_question_of_odoo_is_a_persons_and_a_text_message_to_buyers_is_not_sent(
    site: OdooSandbox, adapter: Adapter
) -> None:
    """Who answered it there has the transfer done, and the last step goes on from it."""
    site.stocking.asks = "expiry.picking.confirmation"
    outcome = _sent(adapter, LEFT)
    assert (outcome.word, outcome.code) == ("rejected", "asks")
    assert outcome.text == "Odoo asks before it validates: expiry.picking.confirmation"
    assert _found(adapter, LEFT).steps_done == 2
    site.stocking.asks = ""
    assert _sent(adapter, LEFT, ("create",)).word == "rejected", "what was confirmed is not written over"
    refs = {LEFT.document_id: "1"}
    for step in STEPS[3:]:
        assert adapter.send(step, [LEFT], refs)[LEFT.document_id].word == "applied"
    assert (_found(adapter, LEFT).steps_done, _found(adapter, LEFT).content) == (5, LEFT.content)


def test_a_report_that_odoo_would_print_is_no_question(
    site: OdooSandbox, version: tuple[str, bool], adapter: Adapter
) -> None:
    def network(request: httpx.Request) -> httpx.Response:
        answer = httpx.request(
            request.method, str(request.url), content=request.content, headers=request.headers, trust_env=False
        )
        if b"button_validate" not in request.content and "button_validate" not in request.url.path:
            return answer
        told: Any = {"type": "ir.actions.client", "tag": "do_multi_print"}
        body = json.loads(answer.content)
        return httpx.Response(200, json={**body, "result": told} if isinstance(body, dict) else told)

    printing = _connect(site, version, httpx.MockTransport(network))
    assert _sent(printing, LEFT).word == "applied"
    assert _found(printing, LEFT).steps_done == 5
    printing.close()


def test_a_transfer_that_a_person_cancelled_changed_or_moved_to_another_day_is_named(
    site: OdooSandbox, adapter: Adapter
) -> None:
    assert _sent(adapter, LEFT).word == "applied"
    (first, _), transfer = site.stocking.moves.values(), site.stocking.transfers[1]
    for row, change in (
        (first, {"quantity": Decimal(2)}),
        (first, {"quantity": Decimal("3.9")}),
        (first, {"state": "cancel"}),
        (first, {"date": "2026-09-04 12:00:00"}),
        (first, {"detailed": "2026-09-04 12:00:00"}),
        (transfer, {"date_done": "2026-09-05 08:00:00"}),
        (transfer, {"partner_id": False}),
    ):
        before = dict(row)
        row.update(change)
        assert _found(adapter, LEFT).content != LEFT.content, change
        row.update(before)
        assert _found(adapter, LEFT).content == LEFT.content


def test_a_part_of_a_piece_is_a_change_where_it_is_asked_for_and_not_where_it_is_reserved(
    site: OdooSandbox, adapter: Adapter
) -> None:
    site.stocking.stock[A] = Decimal("0.5")
    assert _sent(adapter, LEFT, STEPS[:2]).word == "applied"
    first = site.stocking.moves[1]
    assert first["quantity"] == Decimal("0.5")
    assert _found(adapter, LEFT).content == LEFT.content
    first["product_uom_qty"] = Decimal("3.9")
    assert _found(adapter, LEFT).content != LEFT.content


@pytest.mark.parametrize("values", [True, False], ids=["stock is valued", "nothing values stock"])
@pytest.mark.parametrize(
    ("model", "code", "told"),
    [
        ("res.partner", "party", "the contact TM belongs to another company"),
        ("product.product", "product", "the product A belongs to another company"),
    ],
    ids=["contact", "product"],
)
def test_what_is_another_companys_stops_its_own_document_alone(
    site: OdooSandbox, version: tuple[str, bool], adapter: Adapter, *, values: bool, model: str, code: str, told: str
) -> None:
    site.stocking.values = values
    for key, kind, body in (("q", PARTY, Party("JD", "京东")), ("c", PRODUCT, Product("C", "C"))):
        one = replace(LEFT, document_id=key, kind=kind, company="", body=body)
        assert adapter.send("put", [one], {})[key].word == "applied"
    site.selling.owners[model, 1] = 2
    fresh = _connect(site, version)
    free = replace(LEFT, document_id="f" * 16, body=Goods("JD", (GoodsLine("C", 1),)))
    outcomes = fresh.send("create", [LEFT, free], {})
    refused = outcomes[LEFT.document_id]
    assert (refused.word, refused.code, refused.text) == ("rejected", code, told)
    assert outcomes[free.document_id].word == "applied"
    assert len(site.stocking.transfers) == 1
    fresh.close()


def test_what_is_not_there_is_named_and_nothing_is_made(
    site: OdooSandbox, version: tuple[str, bool], adapter: Adapter
) -> None:
    lacking = replace(LEFT, document_id="c" * 16, body=Goods("TM", (GoodsLine("C", 1),)))
    outcomes = adapter.send("create", [LEFT, lacking], {})
    assert {key: (each.word, each.code) for key, each in outcomes.items()} == {
        LEFT.document_id: ("applied", ""),
        lacking.document_id: ("rejected", "product"),
    }
    site.stocking.without = (1,)
    fresh = _connect(site, version)
    outcome = fresh.send("create", [CAME], {})[CAME.document_id]
    assert (outcome.word, outcome.code, outcome.text) == ("rejected", "warehouse", f"{COMPANY} has no warehouse")
    assert len(site.stocking.transfers) == 1
    fresh.close()
