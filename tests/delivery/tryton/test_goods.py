"""Goods in a real Tryton: done on their day, nothing is booked, and what a person or a module of it does is named."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.erp import GOODS_ISSUE, GOODS_RECEIPT, MOVEMENTS, Goods, GoodsLine
from entrepot.delivery.tryton.wire import Wire
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, leave_in_doubt
from entrepot.testing.delivery_documents import document
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER
from tests.delivery.tryton.test_suite import under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Document, Found
    from entrepot.testing.tryton import TrytonServer

ENGLISH: dict[str, Any] = {"language": "en"}
MODELS = {GOODS_ISSUE: "stock.shipment.out", GOODS_RECEIPT: "stock.shipment.out.return"}


@pytest.fixture
def bench(tryton: TrytonServer, tmp_path: Path) -> Iterator[Bench]:
    state = State(CellLayout(tmp_path))
    made = Bench(under_test(tryton), (GOODS_ISSUE, GOODS_RECEIPT), state, {})
    made.provide()
    yield made
    made.close()
    state.close()


@pytest.fixture
def person(tryton: TrytonServer) -> Iterator[Wire]:
    """Somebody who works there."""
    with contextlib.closing(Wire(tryton.url, DATABASE, USER, PASSWORD)) as wire:
        yield wire


def _found(bench: Bench, planned: Document) -> Found:
    (found,) = bench.adapter.find(planned.kind, planned.company, [planned.key])[planned.key]
    return found


def _moves(person: Wire, kind: str, ref: str) -> list[dict[str, Any]]:
    names = ["state", "effective_date", "quantity", "product.code", "from_location.type", "to_location.type"]
    of_shipment = [["shipment", "=", f"{MODELS[kind]},{ref}"]]
    return list(person.call("model.stock.move.search_read", of_shipment, 0, None, None, names, ENGLISH))


def test_goods_leave_and_come_back_on_their_day_and_nothing_is_booked(bench: Bench, person: Wire) -> None:
    booked = person.call("model.account.move.search_count", [], ENGLISH)
    bench.more(3, 2)
    bench.run()
    assert bench.statuses() == {"done": 2}
    for planned in bench.documents.values():
        found = _found(bench, planned)
        assert found.content == planned.content
        assert isinstance(planned.body, Goods)
        (line,) = planned.body.lines
        (move,) = _moves(person, planned.kind, found.ref)
        assert (move["state"], move["effective_date"]) == ("done", planned.posted_on), "not on the day of the call"
        assert (move["product."]["code"], move["quantity"]) == (line.product, abs(line.quantity))
        way = (move["from_location."]["type"], move["to_location."]["type"])
        assert way == (("storage", "customer") if planned.kind == GOODS_ISSUE else ("customer", "storage"))
        held = bench.adapter.held(planned.kind, planned.company, planned.posted_on, planned.posted_on)
        assert held[planned.key][0].content == planned.content
        later = planned.posted_on + timedelta(days=1)
        assert planned.key not in bench.adapter.held(planned.kind, planned.company, later, later)
    assert person.call("model.account.move.search_count", [], ENGLISH) == booked


@pytest.mark.parametrize("kind", sorted(MOVEMENTS))
def test_goods_that_are_refused_stop_alone_and_those_that_differ_are_a_conflict(bench: Bench, kind: str) -> None:
    good = document(bench.erp, kind, 1)
    # A rule of Tryton's: a line of text is one line.
    refused = replace(document(bench.erp, kind, 91), text="two\nlines")
    lacking = document(bench.erp, kind, 92)
    assert isinstance(lacking.body, Goods)
    lacking = replace(lacking, body=replace(lacking.body, lines=(GoodsLine("no such product", 1),)))
    bench.add([good, refused, lacking])
    bench.run()
    assert bench.statuses() == {"done": 1, "rejected": 2}
    told = {each.document_id: (each.code, each.words) for each in bench.log.documents(statuses=("rejected",))}
    assert told[lacking.document_id] == ("product", "cn-shanghai has no product no such product")
    assert (told[refused.document_id][0], bool(told[refused.document_id][1])) == ("refused", True)
    bench.documents[good.document_id] = replace(document(bench.erp, kind, 93), document_id=good.document_id)
    leave_in_doubt(bench, only=[good.document_id])
    bench.run()
    assert bench.statuses() == {"conflict": 1, "rejected": 2}


def test_a_shipment_that_a_person_cancels_or_sends_in_part_is_named(bench: Bench, person: Wire) -> None:
    bench.add([document(bench.erp, GOODS_ISSUE, 5), document(bench.erp, GOODS_RECEIPT, 5)])
    bench.run()
    for planned in bench.documents.values():
        person.call(f"model.{MODELS[planned.kind]}.cancel", [int(_found(bench, planned).ref)], ENGLISH)
        assert _found(bench, planned).content != planned.content
    part = document(bench.erp, GOODS_ISSUE, 6)
    (outcome,) = bench.adapter.send("create", [part], {}).values()
    (move,) = _moves(person, GOODS_ISSUE, outcome.ref)
    person.call("model.stock.move.write", [move["id"]], {"quantity": 1.0}, ENGLISH)
    found = _found(bench, part).content.body
    assert isinstance(found, Goods)
    assert [line.quantity for line in found.lines] == [1]


def test_goods_of_a_day_to_come_are_refused_and_the_question_is_not_answered_for_a_person(bench: Bench) -> None:
    """Only the question whether a sale is behind them is ours to answer."""
    planned = replace(document(bench.erp, GOODS_ISSUE, 7), posted_on=datetime.now(UTC).date() + timedelta(days=30))
    bench.add([planned])
    bench.run()
    (told,) = bench.log.documents(statuses=("rejected",))
    assert (told.steps_done, told.code, "future" in told.words) == (4, "refused", True)


class Asking(httpx.BaseTransport):
    """The network to a Tryton that asks something else before it assigns a shipment, as recorded of another step."""

    def __init__(self) -> None:
        self._network = httpx.HTTPTransport()
        self.answered: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call, or ask."""
        told = json.loads(request.read())
        if told["method"] == "model.res.user.warning.skip":
            self.answered.append(told["params"][0])
        if not told["method"].endswith(".assign_force"):
            return self._network.handle_request(request)
        asked = ["UserWarning", [f"{'0' * 32}.effective_date_future", "The moves are in the future.", ""]]
        return httpx.Response(200, json={"id": told["id"], "error": asked}, request=request)

    def close(self) -> None:
        """Give connections back."""
        self._network.close()


def test_another_question_of_tryton_is_left_to_a_person(bench: Bench) -> None:
    bench.add([document(bench.erp, GOODS_ISSUE, 10)])
    network = Asking()
    with contextlib.closing(bench.erp.connect(network)) as adapter:
        bench.runner(adapter).run_once()
    (told,) = bench.log.documents(statuses=("rejected",))
    assert (told.steps_done, told.words) == (2, "UserWarning: The moves are in the future.")
    assert network.answered == []


class Valued(httpx.BaseTransport):
    """The network to a Tryton whose module `account_stock_continental` is active, as far as its answers are others.

    What it says was recorded of trytond_account_stock_continental 8.2.0: a field of fiscal years, their method, and the
    lines that it posted for a move of goods, and those of the move that cancels them. What it does not prove is that
    another version answers the same.

    Args:
        method: Of the fiscal year; None where it names none.
        posted: What was posted for each of our moves: debits of one account and credits of another.
    """

    def __init__(self, method: str | None, posted: tuple[str, ...] = ()) -> None:
        self._network = httpx.HTTPTransport()
        self._method, self._posted = method, posted

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call, or answer it as the module would."""
        told = json.loads(request.read())
        answer: object
        match told["method"]:
            case "model.account.fiscalyear.fields_get":
                answer = {"account_stock_method": {"type": "selection"}, "name": {"type": "char"}}
            case "model.account.fiscalyear.search_read":
                days = {name: {"__class__": "date", "year": 2026, "month": month, "day": day}
                        for name, month, day in (("start_date", 1, 1), ("end_date", 12, 31))}  # fmt: skip
                answer = [{"id": 1, **days, "account_stock_method": self._method}]
            case "model.account.move.line.search_read":
                ((_, _, (origin, *_)), *_) = told["params"][0]
                answer = [
                    {"id": 2 * at + side, "account": account, "debit": _decimal(debit), "credit": _decimal(credit),
                     "move.": {"id": at, "origin": origin}}
                    for at, amount in enumerate(self._posted, start=1)
                    for side, account, debit, credit in ((0, 23, amount, "0"), (1, 3, "0", amount))
                ]  # fmt: skip
            case _:
                return self._network.handle_request(request)
        return httpx.Response(200, json={"id": told["id"], "result": answer}, request=request)

    def close(self) -> None:
        """Give connections back."""
        self._network.close()


def _decimal(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def test_goods_of_a_year_that_values_stock_are_refused_before_anything_is_made(bench: Bench) -> None:
    planned = document(bench.erp, GOODS_ISSUE, 8)
    with contextlib.closing(bench.erp.connect(Valued("continental"))) as adapter:
        (outcome,) = adapter.send("create", [planned], {}).values()
        assert (outcome.word, outcome.code) == ("rejected", "valued")
        assert outcome.text == f"the fiscal year of {planned.posted_on} in cn-shanghai values stock: continental"
        assert adapter.spec.advice["valued"]["en"].startswith("Tryton would post what goods cost")
        assert adapter.find(GOODS_ISSUE, planned.company, [planned.key]) == {}
    with contextlib.closing(bench.erp.connect(Valued(None))) as adapter:
        (outcome,) = adapter.send("create", [planned], {}).values()
        assert outcome.word == "applied", "the control: a year that names no method"


@pytest.mark.parametrize(("posted", "is_named"), [((), False), (("12.50",), True), (("12.50", "-12.50"), False)])
def test_goods_that_tryton_booked_are_named_until_that_is_cancelled(
    bench: Bench, posted: tuple[str, ...], *, is_named: bool
) -> None:
    """The journals hold that cost already. A cancelling move has the same amounts with their signs turned."""
    planned = document(bench.erp, GOODS_ISSUE, 9)
    bench.add([planned])
    bench.run()
    with contextlib.closing(bench.erp.connect(Valued(None, posted))) as adapter:
        (found,) = adapter.find(GOODS_ISSUE, planned.company, [planned.key])[planned.key]
    assert (found.content != planned.content) == is_named
