"""The first tokens of a shop: the page on which its owner says yes, the code, and what is kept."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from entrepot.connectors.live.contract import Authorising
from entrepot.connectors.live.errors import CodeRefused, ConsentNotOffered, RightMissing
from entrepot.connectors.registry import CONNECTORS
from entrepot.flows import syncing
from entrepot.flows.authorising import authorise, consent
from entrepot.sandbox.http import SandboxServer
from entrepot.store import State
from entrepot.testing.connector_suite import PASSPHRASE, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from entrepot.flows.parts import CellParts

BACK = "https://brand.example/back"
OFFERED = sorted(
    each.spec.name for each in CONNECTORS if each.live is not None and isinstance(each.live.client, Authorising)
)


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], tuple[SandboxServer, CellParts]]]:
    """A cell that knows the app's key and secret of a platform and has no token."""
    with contextlib.ExitStack() as stack:

        def open_with(platform: str) -> tuple[SandboxServer, CellParts]:
            trial = Trial(platform, tmp_path / "cell", frozenset(), orders=2, days=1)
            server = stack.enter_context(SandboxServer(trial.sandbox()))
            parts = trial.prepare(server)
            store = syncing.secrets_of(parts, syncing.connection_of(parts, "trial"))
            kept = server.sandbox.connections(server.base_url)[platform]
            given = kept.keys() - {"gateway_url", "access_token", "refresh_token"}
            store.write({name: kept[name] for name in given} | {"service_id": "7000000001"})
            return server, parts

        yield open_with


def _said_yes(server: SandboxServer, platform: str, state: str) -> str:
    """The address at which the browser of the owner ends."""
    page = f"{server.base_url}/sandbox/consent/{platform}"
    answer = httpx.get(page, params={"redirect_uri": BACK, "state": state}, follow_redirects=False, trust_env=False)
    return answer.headers["location"]


@pytest.mark.parametrize("platform", OFFERED)
def test_a_code_becomes_tokens_that_calls_are_made_with(
    platform: str, opened: Callable[[str], tuple[SandboxServer, CellParts]]
) -> None:
    server, parts = opened(platform)
    page = consent(parts, "trial", BACK)
    asked = parse_qs(urlsplit(page.url).query)
    assert page.url.startswith("https://")
    assert asked["state"] == [page.state]
    address = _said_yes(server, platform, page.state)
    ends = authorise(parts, "trial", address, page.state)
    # It is known from the start when the token ends: whoever misses the time to renew it has to ask the owner again.
    assert ends is not None
    assert ends > server.sandbox.clock.now_s()
    assert syncing.connect(parts, "trial")["shop"] == "trial"
    with contextlib.closing(State(parts.layout)) as state, contextlib.closing(_shop(parts, state)) as shop:
        assert shop.caller.credentials.expires_at_s == pytest.approx(ends, abs=1)
        assert shop.caller.credentials["refresh_token"]
    with pytest.raises(RightMissing, match="authorise the app again"):
        authorise(parts, "trial", address, page.state)


def _shop(parts: CellParts, state: State) -> syncing.Shop:
    return syncing.Shop(parts, state, "trial")


def test_the_code_of_another_request_is_not_taken(opened: Callable[[str], tuple[SandboxServer, CellParts]]) -> None:
    server, parts = opened("jd")
    page = consent(parts, "trial", BACK)
    with pytest.raises(CodeRefused, match="state is that of another request"):
        authorise(parts, "trial", _said_yes(server, "jd", "of somebody else"), page.state)
    with pytest.raises(CodeRefused, match="no code"):
        authorise(parts, "trial", f"{BACK}?state={page.state}", page.state)


def test_an_app_of_ones_own_at_douyin_needs_nobody_to_say_yes(
    opened: Callable[[str], tuple[SandboxServer, CellParts]], run: Callable[..., Any]
) -> None:
    _, parts = opened("douyin")
    store = syncing.secrets_of(parts, syncing.connection_of(parts, "trial"))
    store.write({**store.read(("app_key", "secret")), "shop_id": "100000001"})
    done = run("sync", "authorise", "douyin", "--home", parts.layout.home)
    assert done.code == 0
    assert "tokens are kept; the access token ends 2026-" in done.out
    again = json.loads(run("sync", "authorise", "douyin", "--home", parts.layout.home, "--json").out)
    assert again["token_ends"].startswith("2026-")


def test_a_platform_without_such_a_page_says_what_to_do(
    opened: Callable[[str], tuple[SandboxServer, CellParts]],
) -> None:
    _, parts = opened("wechatstore")
    with pytest.raises(ConsentNotOffered, match="sync connect --ask"):
        consent(parts, "trial", BACK)


def test_the_command_prints_a_page_and_takes_the_address(
    opened: Callable[[str], tuple[SandboxServer, CellParts]], run: Callable[..., Any]
) -> None:
    server, parts = opened("tmall")
    home = ("--home", parts.layout.home)
    assert "--redirect-uri" in run("sync", "authorise", "trial", *home).err
    page = json.loads(run("sync", "authorise", "trial", *home, "--redirect-uri", BACK, "--json").out)
    assert page["consent_url"].startswith("https://oauth.taobao.com/authorize?response_type=code&client_id=")
    address = _said_yes(server, "tmall", page["state"])
    done = run("sync", "authorise", "trial", *home, "--code", address, "--state", page["state"], "--json")
    assert (done.code, json.loads(done.out)["shop"]) == (0, "trial")
    assert run("sync", "run", "trial", *home, "--since", "2026-11-01", "--no-publish", "--json").code == 0
