"""WeChat Store's API: the token in the query, lists without versions, a token that is given again, bare refusals."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from entrepot.connectors.live.calling import Caller
from entrepot.connectors.live.contract import Credentials, Listed, Request, Retry, Span
from entrepot.connectors.live.errors import AnswerUnreadable, RightMissing
from entrepot.connectors.live.extract import version_digest
from entrepot.connectors.live.sending import Reply
from entrepot.connectors.wechatstore import LIVE
from entrepot.connectors.wechatstore.api import API, CASES, ORDERS
from entrepot.connectors.wechatstore.client import WechatStoreClient
from entrepot.store import CellLayout, State, SyncState, Window
from entrepot.testing.connector_suite import QuickClock
from tests.connectors.live.gateway import Gateway

if TYPE_CHECKING:
    from pathlib import Path


def test_a_call_carries_its_token_in_the_query_and_nothing_else_is_secret() -> None:
    credentials = Credentials({"app_key": "wx1", "secret": "hush", "access_token": "to/ken"})
    call = WechatStoreClient().list_call(ORDERS, Span(100, 200), "", with_total=True)
    request = WechatStoreClient().sign(call, credentials, "http://gw/", 7.9)
    parts = urlsplit(request.url)
    assert (request.verb, parts.path) == ("POST", "/channels/ec/order/list/get")
    assert parse_qs(parts.query) == {"access_token": ["to/ken"]}
    assert json.loads(request.body) == {"update_time_range": {"start_time": 100, "end_time": 200}, "page_size": 100}
    assert b"hush" not in request.body
    renewal = WechatStoreClient().refresh_call(credentials)
    assert renewal is not None
    asked = WechatStoreClient().sign(renewal, credentials, "http://gw", 7.9)
    assert asked.url == "http://gw/cgi-bin/stable_token"
    assert json.loads(asked.body) == {
        "grant_type": "client_credential",
        "force_refresh": False,
        "appid": "wx1",
        "secret": "hush",
    }


def test_cases_are_asked_for_by_two_flat_instants_and_a_key_changes_nothing_else() -> None:
    first = WechatStoreClient().list_call(CASES, Span(100, 200), "", with_total=True).params
    later = WechatStoreClient().list_call(CASES, Span(100, 200), "K", with_total=True).params
    assert first == {"begin_update_time": 100, "end_update_time": 200}
    assert later == {**first, "next_key": "K"}


def test_a_list_names_no_versions_and_ends_where_there_is_no_more() -> None:
    client = WechatStoreClient()
    page = client.page_in(
        ORDERS, {"errcode": 0, "order_id_list": ["3700000000000000001"], "next_key": "K", "has_more": True}
    )
    assert (page.rows, page.next_cursor) == ((Listed("3700000000000000001", ""),), "K")
    last = client.page_in(CASES, {"errcode": 0, "after_sale_order_id_list": [], "next_key": "K", "has_more": False})
    assert last.next_cursor == ""


def test_a_thing_without_a_version_is_new_once_in_each_window() -> None:
    one = Window("s", "f", "live", 0, 100, None, None, None, 0, 0)
    next_one = replace(one, start_s=100, end_s=200)
    assert version_digest(Listed("1", ""), one) != version_digest(Listed("1", ""), next_one)
    assert version_digest(Listed("1", "7"), one) == version_digest(Listed("1", "7"), next_one)


ERRORS: list[tuple[int, Retry | None]] = [
    (40001, Retry.TOKEN),
    (42001, Retry.TOKEN),
    (40014, Retry.TOKEN),
    (45011, Retry.WAIT),
    (45009, Retry.WAIT),
    (31042, Retry.SPLIT),
    (606006, Retry.NEVER),
    (48001, Retry.PERSON),
    (-1, Retry.AGAIN),
    (99999, None),
]


@pytest.mark.parametrize(("code", "retry"), ERRORS)
def test_any_code_but_zero_is_an_error(code: int, retry: Retry | None) -> None:
    failure = WechatStoreClient().failure_in({"errcode": code, "errmsg": "?"}, 200)
    assert failure is not None
    rule = API.rule_for(failure)
    assert (rule.retry if rule else None) is retry
    assert WechatStoreClient().failure_in({"access_token": "t", "expires_in": 1}, 200) is None


def test_a_token_that_lives_is_given_again_with_the_rest_of_its_life() -> None:
    gateway = Gateway("wechatstore", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 86_400), "", with_total=True)
    assert gateway.renew() is None
    first = gateway.credentials
    gateway.sandbox.clock.advance(3600)
    assert gateway.renew() is None
    again = gateway.credentials
    assert again["access_token"] == first["access_token"]
    assert API.token_margin_s == 0, "asked for before its end, the same token comes back with each call"
    assert again.expires_at_s == pytest.approx(first.expires_at_s, abs=5)
    assert first.expires_at_s is not None
    gateway.sandbox.clock.advance(first.expires_at_s - gateway.now_s + 1)
    failure = gateway.failure(call)
    assert failure is not None
    assert failure.code == "42001"
    assert gateway.renew() is None
    assert gateway.credentials["access_token"] != first["access_token"]
    assert gateway.failure(call) is None
    wrong = LIVE.client.refresh_call(gateway.credentials)
    assert wrong is not None
    refused = gateway.failure(wrong, secret="another")
    assert refused is not None
    assert refused.code == "40125"


class Forbidding:
    """A gateway that answers every call with a bare status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def send(self, request: Request) -> Reply:
        del request
        return Reply(self.status, b"<html>Forbidden</html>")


@pytest.mark.parametrize(
    ("status", "error"), [(403, RightMissing), (200, AnswerUnreadable)], ids=["refused", "unreadable"]
)
def test_a_bare_refusal_asks_for_the_address_to_be_listed(status: int, error: type[Exception], tmp_path: Path) -> None:
    credentials = Credentials({"app_key": "wx1", "secret": "s", "access_token": "t"})
    with contextlib.closing(State(CellLayout(tmp_path))) as state:

        def kept(_: Any) -> None:
            raise AssertionError("no token was asked for")

        caller = Caller(
            "s",
            LIVE,
            credentials,
            lambda: credentials,
            kept,
            SyncState(state),
            Forbidding(status),
            "http://gw",
            QuickClock(),
        )
        with pytest.raises(error) as told:
            caller.answer(LIVE.client.list_call(ORDERS, Span(100, 200), "", with_total=True))
    if status == 403:
        assert "address on the app's list" in str(told.value)
