"""What an answer of Tryton, or none, says about the call that got it; recorded bodies of trytond 8.2.1."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import ORDER
from entrepot.delivery.errors import ErpRefused
from entrepot.delivery.tryton.adapter import Tryton
from entrepot.delivery.tryton.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.delivery.erp import Found

SESSION = {"id": 1, "result": [3, "secret session", None]}


def _wire(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[Wire, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def network(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if b"common.db.login" in request.content:
            return httpx.Response(200, json=SESSION)
        return answer(request)

    return Wire("http://erp.example", "books", "admin", "pass", httpx.MockTransport(network)), seen


def _trouble(answer: Callable[[httpx.Request], httpx.Response]) -> Trouble:
    wire, _ = _wire(answer)
    with pytest.raises(Trouble) as raised:
        wire.call("model.account.move.create", [], {})
    return raised.value


def _error(*error: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(200, json={"id": 1, "error": list(error)})


def test_amounts_and_days_cross_as_tryton_writes_them() -> None:
    amount = {"__class__": "Decimal", "decimal": "12.30"}
    day = {"__class__": "date", "year": 2026, "month": 9, "day": 3}
    wire, seen = _wire(lambda _request: httpx.Response(200, json={"id": 1, "result": [{"debit": amount, "date": day}]}))
    assert wire.call("model.x", Decimal("12.30"), date(2026, 9, 3)) == [
        {"debit": Decimal("12.30"), "date": date(2026, 9, 3)}
    ]
    assert json.loads(seen[-1].content)["params"] == [amount, day]
    assert seen[-1].url == "http://erp.example/books/rpc/"


@pytest.mark.parametrize(
    ("answer", "word", "code"),
    [
        (_error("UserError", ["The period is closed.", "", None]), "rejected", "refused"),
        (_error("AccessError", ["You are not allowed", "", None]), "rejected", "rights"),
        (
            _error("ConcurrencyException", "Records were modified in the meanwhile"),
            "retry_after",
            "ConcurrencyException",
        ),
        (_error("'sale.sale'", ""), "rejected", "module"),
        (_error("'number'", ""), "rejected", "refused"),
        (lambda _request: httpx.Response(403), "rejected", "rights"),
        (lambda _request: httpx.Response(404), "rejected", "refused"),
        (lambda _request: httpx.Response(500), "unknown", "server_failed"),
        (lambda _request: httpx.Response(504), "unknown", "server_failed"),
        (lambda _request: httpx.Response(302, headers={"Location": "http://elsewhere"}), "unknown", "server_failed"),
        (lambda _request: httpx.Response(200, content=b'{"id": 1, "res'), "unknown", "answer_cut"),
    ],
)
def test_an_answer_tells_whether_the_call_had_an_effect(
    answer: Callable[[httpx.Request], httpx.Response], word: str, code: str
) -> None:
    trouble = _trouble(answer)
    assert (trouble.word, trouble.code) == (word, code)


def test_no_connection_is_no_effect_and_a_broken_line_is_doubt() -> None:
    def fails(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
        def network(_request: httpx.Request) -> httpx.Response:
            raise error

        return network

    assert _trouble(fails(httpx.ConnectError("refused"))).word == "retry_after"
    assert _trouble(fails(httpx.ConnectTimeout("late"))).word == "retry_after"
    for doubt in (httpx.ReadTimeout("late"), httpx.WriteError("cut"), httpx.RemoteProtocolError("cut")):
        assert _trouble(fails(doubt)).word == "unknown"


def test_a_server_that_asks_to_wait_says_how_long_or_not() -> None:
    assert _trouble(lambda _request: httpx.Response(429, headers={"Retry-After": "7"})).after_s == 7
    assert _trouble(lambda _request: httpx.Response(429, headers={"Retry-After": "Fri, 31 Dec"})).after_s == 0


def test_a_session_that_ran_out_is_taken_anew_once() -> None:
    left = [1]

    def answer(_request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return httpx.Response(401) if left[0] >= 0 else httpx.Response(200, json={"id": 1, "result": 5})

    wire, seen = _wire(answer)
    assert wire.call("model.x") == 5
    assert [json.loads(each.content)["method"] for each in seen] == ["common.db.login", "model.x"] * 2
    refused = _trouble(lambda _request: httpx.Response(401))
    assert (refused.word, refused.code) == ("rejected", "rights")


def test_a_trouble_never_holds_the_password_or_the_session() -> None:
    for answer in (_error("UserError", ["no", "", None]), lambda _request: httpx.Response(500)):
        told = repr(_trouble(answer))
        assert "pass" not in told
        assert "secret session" not in told


@pytest.mark.parametrize(("code", "is_told"), [("module", True), ("rights", False)])
def test_what_a_module_keeps_that_is_not_activated_is_not_there(code: str, *, is_told: bool) -> None:
    """Otherwise every look for an order would fail, and nobody would be told to activate `sale`."""

    class Lacking:
        def found(self, *_asked: object) -> dict[str, tuple[Found, ...]]:
            raise Trouble("rejected", code, "Tryton has no 'sale.sale'")

    adapter = Tryton.__new__(Tryton)
    adapter._kinds = {ORDER: Lacking()}  # type: ignore[dict-item]
    day = date(2026, 9, 1)
    if is_told:
        assert (adapter.find(ORDER, "cn", ["a"]), adapter.held(ORDER, "cn", day, day)) == ({}, {})
        return
    with pytest.raises(ErpRefused):
        adapter.find(ORDER, "cn", ["a"])
    with pytest.raises(ErpRefused):
        adapter.held(ORDER, "cn", day, day)
