"""Clients that others wrote talk to the simulated marketplaces: a second opinion on signing, tokens and envelopes.

What they do not prove: that the marketplaces themselves answer so; and these clients check less than the marketplaces.
"""

from __future__ import annotations

import gc
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import taobao_open
from doudian import AppType, DouDian
from sp_api.api import Orders, Reports
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces, SellingApiForbiddenException
from taobao_open.api.base import RestApi, TopException

from entrepot.sandbox.http import Sandbox, SandboxServer
from entrepot.testing.bill_suite import GivesFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = 86_400
# One of the clients never closes its connections.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """What clients left open is closed before the next test looks."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """Marketplaces whose clock is this computer's: the clients sign with that."""
    start_s = int(time.time()) - 10 * _DAY
    names = ("amazon", "douyin", "tmall")
    with SandboxServer(Sandbox(names, orders=120, days=8, begin_days=10.0, start_s=start_s)) as started:
        yield started


class _Trades(RestApi):  # type: ignore[misc]  # the package has no types
    """What the package does not name: the list of trades."""

    def getapiname(self) -> str:
        return "taobao.trades.sold.get"


class _OnSale(RestApi):  # type: ignore[misc]
    def getapiname(self) -> str:
        return "taobao.items.onsale.get"


class _InWarehouse(RestApi):  # type: ignore[misc]
    def getapiname(self) -> str:
        return "taobao.items.inventory.get"


class _Product(RestApi):  # type: ignore[misc]
    def getapiname(self) -> str:
        return "taobao.item.seller.get"


def _trades(server: SandboxServer, **fields: Any) -> Any:
    return _call(_Trades, server, **{"fields": "tid,payment", "page_size": 100, **fields})


def _call(kind: type[RestApi], server: SandboxServer, **fields: Any) -> Any:
    host, port = server.base_url.removeprefix("http://").split(":")
    call = kind(host, int(port))
    kept = server.sandbox.connections(server.base_url)["tmall"]
    call.set_app_info(taobao_open.appinfo(kept["app_key"], kept["secret"]))
    for name, value in fields.items():
        setattr(call, name, value)
    return call


def test_taobao_tells_its_client_of_every_trade_once_its_types_are_named(server: SandboxServer) -> None:
    session = server.sandbox.connections("")["tmall"]["access_token"]
    told: list[str] = []
    for page in (1, 2):
        call = _trades(server, page_no=page, type="guarantee_trade,tmall_i18n")
        answer = call.getResponse(session)["trades_sold_get_response"]
        told += [str(trade["tid"]) for trade in answer["trades"]["trade"]]
    assert sorted(told) == sorted(order["order_id"] for order in server.sandbox.platforms["tmall"].truth()["orders"])
    plain = _trades(server).getResponse(session)["trades_sold_get_response"]
    assert 0 < plain["total_results"] < len(told)


def test_taobao_tells_its_client_of_every_product_on_sale_and_in_the_warehouse(server: SandboxServer) -> None:
    session = server.sandbox.connections("")["tmall"]["access_token"]
    warehouse = ("for_shelved", "sold_out", "violation_off_shelf")
    lists = [
        _call(_OnSale, server, fields="num_iid", page_size=200),
        *(_call(_InWarehouse, server, fields="num_iid", page_size=200, banner=each) for each in warehouse),
    ]
    told: dict[str, set[str | None]] = {}
    for each in lists:
        (answer,) = each.getResponse(session).values()
        for row in (answer.get("items") or {}).get("item", []):
            call = _call(_Product, server, fields="num_iid,sku", num_iid=row["num_iid"])
            item = call.getResponse(session)["item_seller_get_response"]["item"]
            assert str(row["num_iid"]) not in told, "a product is in one list"
            told[str(row["num_iid"])] = {str(sku["sku_id"]) for sku in item["skus"].get("sku", [])} or {None}
    truth: dict[str, set[str | None]] = {}
    for listing in server.sandbox.platforms["tmall"].truth()["listings"]:
        truth.setdefault(listing["listing_id"], set()).add(listing["variant_id"])
    assert told == truth


def test_taobao_refuses_a_client_with_another_secret(server: SandboxServer) -> None:
    call = _trades(server)
    call.set_app_info(taobao_open.appinfo(server.sandbox.connections("")["tmall"]["app_key"], "another"))
    with pytest.raises(TopException, match="Invalid signature"):
        call.getResponse("session-1")


def _doudian(server: SandboxServer, secret: str = "") -> DouDian:
    kept = server.sandbox.connections(server.base_url)["douyin"]
    # Whoever gives a shop asks for a token at once, before the address can be changed.
    client = DouDian(kept["app_key"], secret or kept["secret"], AppType.TOOL)
    client._gate_way, client._app_type, client._shop_id = server.base_url, AppType.SELF, "100000001"
    return client


@pytest.fixture
def in_beijing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer's clock is Beijing's: the client writes local time without a zone."""
    with monkeypatch.context() as inside:
        inside.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_beijing")
def test_douyin_gives_its_client_a_token_and_every_order(server: SandboxServer) -> None:
    client = _doudian(server)
    assert client.init_token()
    now = int(time.time())
    window = {"update_time_start": now - 20 * _DAY, "update_time_end": now, "size": 100, "order_by": "update_time"}
    told: list[str] = []
    for page in (0, 1):
        data = client.request("/order/searchList", {**window, "page": page})["data"]
        told += [order["order_id"] for order in data["shop_order_list"]]
    truth = {order["order_id"]: order for order in server.sandbox.platforms["douyin"].truth()["orders"]}
    assert sorted(told) == sorted(truth)
    detail = client.request("/order/orderDetail", {"shop_order_id": told[0]})["data"]["shop_order_detail"]
    assert len(detail["sku_order_list"]) == len(truth[told[0]]["lines"])


def test_douyin_refuses_a_client_with_another_secret(server: SandboxServer) -> None:
    assert not _doudian(server, "another").init_token()


@pytest.mark.parametrize(("secret", "is_taken"), [("", True), ("another", False)])
def test_doudian_takes_the_messages_that_the_sandbox_posts_where_it_has_the_apps_secret(
    secret: str, *, is_taken: bool
) -> None:
    taken: list[dict[str, Any]] = []
    with SandboxServer(Sandbox(("douyin",), orders=3, days=1)) as server:
        client, platform = _doudian(server, secret), server.sandbox.platforms["douyin"]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                found = client.callback(self.headers, body)
                taken.extend(found or ())
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"code": 0 if found else 1}).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
                """Say nothing."""

        with HTTPServer(("127.0.0.1", 0), Handler) as receiver:
            threading.Thread(target=receiver.serve_forever, daemon=True).start()
            platform.send_to(f"http://127.0.0.1:{receiver.server_address[1]}/")
            server.sandbox.clock.advance(10 * _DAY)
            posted = platform.push()
            receiver.shutdown()
    assert (posted > 0) is is_taken
    assert len(taken) == posted
    assert {"100", "101"} <= {each["tag"] for each in taken} or not is_taken


def _orders(server: SandboxServer, **changed: str) -> Orders:
    return _amazon(server, Orders, **changed)


def _amazon(server: SandboxServer, kind: Any, **changed: str) -> Any:
    kept = server.sandbox.connections(server.base_url)["amazon"]

    class Here(AccessTokenClient):  # type: ignore[misc]  # the package has no types
        scheme = "http://"
        host = server.base_url.removeprefix("http://")

    names = {"lwa_app_id": "app_key", "lwa_client_secret": "secret", "refresh_token": "refresh_token"}
    credentials = {name: kept[ours] for name, ours in names.items()} | changed
    client = kind(marketplace=Marketplaces.US, credentials=credentials, auth_token_client_class=Here)
    client.endpoint = server.base_url
    return client


def test_amazon_tells_its_client_of_every_order_and_its_items(server: SandboxServer) -> None:
    client = _orders(server)
    answer = client.get_orders(CreatedAfter="2026-01-01", MaxResultsPerPage=80)
    told = list(answer.payload["Orders"])
    while answer.next_token:
        answer = client.get_orders(NextToken=answer.next_token)
        told += answer.payload["Orders"]
    truth = {order["order_id"]: order for order in server.sandbox.platforms["amazon"].truth()["orders"]}
    placed = {each: told for each, told in truth.items() if told["placed_at"] < time.time() - 120}
    assert {order["AmazonOrderId"] for order in told} == set(placed)
    sold = next(order["AmazonOrderId"] for order in told if order["OrderStatus"] == "Shipped")
    items = client.get_order_items(sold).payload["OrderItems"]
    assert sorted(item["OrderItemId"] for item in items) == sorted(line["line_id"] for line in truth[sold]["lines"])
    assert client.get_order(sold).payload["AmazonOrderId"] == sold


def test_amazon_refuses_a_token_that_it_did_not_give(server: SandboxServer) -> None:
    client = _orders(server)
    client.restricted_data_token = "another"
    with pytest.raises(SellingApiForbiddenException, match="denied"):
        client.get_orders(CreatedAfter="2026-01-01")


def test_amazon_hands_its_client_every_settlement_report(server: SandboxServer) -> None:
    client = _amazon(server, Reports)
    answer = client.get_reports(reportTypes=["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"], processingStatuses=["DONE"])
    told = list(answer.payload["reports"])
    while answer.next_token:
        answer = client.get_reports(nextToken=answer.next_token)
        told += answer.payload["reports"]
    platform = server.sandbox.platforms["amazon"]
    assert isinstance(platform, GivesFiles)
    files = platform.files()
    assert len(told) == len(files)
    found = client.get_report_document(told[0]["reportDocumentId"], download=True).payload["document"]
    assert found in {content.decode() for content in files.values()}
