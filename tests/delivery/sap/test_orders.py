"""Sales orders into SAP's own runtime: deep inserts, change sets, versions, tokens against forged requests."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from entrepot.delivery.calls import Trouble, client
from entrepot.delivery.sap.gateway import Gateway
from entrepot.delivery.sap.orders import Order, OrderItem, SalesOrders
from entrepot.testing.cap import CapServer, cap_folder
from entrepot.testing.cap.server import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORDER = Order(
    "3fa9c1d2e4b5a607",
    "1710",
    "17100001",
    date(2026, 11, 21),
    "USD",
    (OrderItem("TG11", 2, 12_345_000, 2_469), OrderItem("TG12", 1, 9_990_000, 999)),
)
REPOSITORY = Path(__file__).parents[3]
ROOT = "/sap/opu/odata/sap/API_SALES_ORDER_SRV"


@pytest.fixture
def connect(cap: CapServer) -> Iterator[Callable[..., SalesOrders]]:
    """Orders of the server, each over a client of its own."""
    made: list[httpx.Client] = []
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def orders(transport: httpx.BaseTransport | None = None) -> SalesOrders:
        made.append(client(cap.url, transport))
        return SalesOrders(Gateway(made[-1], {"Authorization": f"Basic {pair}"}))

    yield orders
    for each in made:
        each.close()


def _new(count: int = 1) -> list[Order]:
    return [replace(ORDER, key=secrets.token_hex(8)) for _ in range(count)]


def test_an_order_is_made_with_its_items_in_one_insert_and_comes_back_as_it_went(
    connect: Callable[..., SalesOrders],
) -> None:
    orders, (one,) = connect(), _new()
    (number,) = orders.make([one])
    (found,) = orders.find("1710", [one.key])[one.key]
    assert (found.number, found.is_blocked, found.order) == (number, False, one)


def test_several_orders_are_made_in_one_change_set(connect: Callable[..., SalesOrders]) -> None:
    orders, several = connect(), _new(3)
    numbers = orders.make(several)
    assert len(set(numbers)) == len(several)
    found = orders.find("1710", [each.key for each in several])
    assert [found[each.key][0].order for each in several] == several


def test_one_order_that_is_refused_leaves_none_of_its_change_set(connect: Callable[..., SalesOrders]) -> None:
    orders, (one, other) = connect(), _new(2)
    bad = replace(other, items=(replace(other.items[0], material="NOTHING"),))
    with pytest.raises(Trouble, match="Material NOTHING is not defined") as caught:
        orders.make([one, bad])
    assert (caught.value.word, caught.value.code) == ("rejected", "refused")
    assert orders.find("1710", [one.key, bad.key]) == {}


def test_a_token_that_ran_out_is_fetched_anew_and_the_order_is_there_once(
    connect: Callable[..., SalesOrders], cap: CapServer
) -> None:
    """SAP looks at the token before it does anything."""
    seen: list[tuple[str, int]] = []

    class Forgetting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and not any(method == "POST" for method, _ in seen):
                request.headers["x-csrf-token"] = "of another session"
            answer = super().handle_request(request)
            seen.append((request.method, answer.status_code))
            return answer

    orders, (one,) = connect(Forgetting()), _new()
    orders.make([one])
    assert seen == [("GET", 200), ("POST", 403), ("GET", 200), ("POST", 201)]
    assert len(orders.find("1710", [one.key])[one.key]) == 1


def test_a_server_that_is_stopped_is_gone(tmp_path: Path) -> None:
    """Not only what started it."""
    own = CapServer(cap_folder(REPOSITORY), tmp_path, [], [])
    own.start()
    assert httpx.get(own.url, trust_env=False).is_success
    own.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(own.url, trust_env=False)


def test_without_a_token_nothing_is_written(cap: CapServer) -> None:
    """The guard that the calls above pass."""
    answer = httpx.post(f"{cap.url}{ROOT}/A_SalesOrder", json={}, auth=(USER, PASSWORD), trust_env=False)
    assert (answer.status_code, answer.headers["x-csrf-token"]) == (403, "Required")


def test_an_order_that_somebody_changed_is_not_blocked_unread(connect: Callable[..., SalesOrders]) -> None:
    """Its version is another one by then; read again, it is."""
    orders, (one,) = connect(), _new()
    orders.make([one])
    (before,) = orders.find("1710", [one.key])[one.key]
    orders.block(before, "01")
    (after,) = orders.find("1710", [one.key])[one.key]
    assert (after.is_blocked, after.order, after.etag != before.etag) == (True, one, True)
    with pytest.raises(Trouble) as caught:
        orders.block(before, "02")
    assert (caught.value.word, caught.value.code) == ("retry_after", "changed")
    orders.block(after, "02")


@pytest.mark.parametrize(
    ("fault", "word"),
    [("lost", "unknown"), ("cut", "unknown"), ("failed", "unknown"), ("no token", "retry_after")],
)
def test_after_an_answer_that_did_not_come_the_order_is_found_by_its_key(
    connect: Callable[..., SalesOrders], fault: str, word: str
) -> None:
    class Failing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if fault == "no token":
                raise httpx.ReadTimeout("nobody answers")
            answer = super().handle_request(request)
            if request.method != "POST":
                return answer
            content = answer.read()
            if fault == "lost":
                raise httpx.ReadTimeout("nobody answers")
            status = 502 if fault == "failed" else answer.status_code
            return httpx.Response(
                status, headers={"Content-Type": answer.headers["Content-Type"]}, content=content[:-40]
            )

    several = _new(2)
    with pytest.raises(Trouble) as caught:
        connect(Failing()).make(several)
    assert caught.value.word == word
    found = connect().find("1710", [each.key for each in several])
    assert len(found) == (0 if fault == "no token" else 2)


def test_an_audit_reads_every_order_of_ours_in_a_span(connect: Callable[..., SalesOrders]) -> None:
    orders = connect()
    mine, later = (
        replace(each, day=day) for each, day in zip(_new(2), (date(2026, 2, 3), date(2026, 3, 3)), strict=True)
    )
    orders.make([mine, later])
    assert {key: found[0].order for key, found in orders.held("1710", date(2026, 2, 1), date(2026, 2, 28)).items()} == {
        mine.key: mine
    }
