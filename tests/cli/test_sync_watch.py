"""Looking again and again at every connection, and what status tells of each feed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live import hints
from entrepot.flows import hints as flow
from entrepot.flows.hints import Attending
from entrepot.sandbox.http import Sandbox, SandboxServer
from entrepot.store import CredentialStore
from entrepot.testing.connector_suite import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.connectors.live.extract import Extracted

PLATFORMS = ("tmall", "jd")
HINTED = "at tmall:tmall messages"


def _cell(home: Path, server: SandboxServer, platforms: tuple[str, ...] = PLATFORMS) -> None:
    """A shop on each platform; the secret of the one at JD is not its app's."""
    told = server.sandbox.connections(server.base_url)
    home.mkdir()
    text = '[cell]\nregion = "CN"\n[[entities]]\nid = "main"\n'
    for name in platforms:
        text += (
            f'[[shops]]\nshop = "at {name}"\nchannel = "{name}"\nentity = "main"\n'
            f'[[connections]]\nshop = "at {name}"\nchannel = "{name}"\nregion = "CN"\ncredentials = "file"\n'
            f'gateway = "{told[name]["gateway_url"]}"\ncalls_per_s = 1000\n'
        )
    (home / "cell.toml").write_text(text, encoding="utf-8")
    parts = open_cell(home)
    for name in platforms:
        kept = {key: value for key, value in told[name].items() if key != "gateway_url"}
        if name == "jd":
            kept["secret"] = "of another app"
        CredentialStore(parts.layout, f"at {name}", "file").write(kept)


def test_every_connection_is_looked_at_and_one_that_is_refused_keeps_no_other_out(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    home = ("--home", tmp_path / "cell")
    with SandboxServer(Sandbox(PLATFORMS, orders=4, days=1, begin_days=3.0)) as server:
        _cell(tmp_path / "cell", server)
        looked = ("sync", "watch", *home, "--since", "2026-11-01", "--only", "orders", "--every", 1, "--json")
        done = run(*looked, "--rounds", 2)
        assert done.code == 0
        told = json.loads(done.out)
        orders = told["feeds"]["at tmall:tmall tmall_live_trades"]
        assert (orders["documents"], told["snapshot"]) == (4, 1)
        refused = [line for line in done.err.splitlines() if "check the app's secret" in line]
        assert len(refused) == 2, "each look tells what it could not read"
        # One shop that is asked for by name ends the command.
        assert run(*looked, "at jd", "--rounds", 2).code == 1
        feeds = {each["feed"]: each for each in json.loads(run("sync", "status", *home, "--json").out)["feeds"]}
    trades, cases = feeds["tmall_live_trades"], feeds["tmall_live_refunds"]
    assert trades["read_at"] is not None
    assert cases["read_at"] is None
    # What is left is less than what nobody has used.
    assert 0 < trades["calls_left"]["taobao.trade.fullinfo.get"] <= 1000
    assert cases["calls_left"] == {"taobao.refunds.receive.get": 1000, "taobao.refund.get": 1000}


def test_between_two_looks_what_messages_name_is_read_and_published(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    home = tmp_path / "cell"
    looks: list[dict[str, Extracted]] = []
    with SandboxServer(Sandbox(PLATFORMS, orders=6, days=1, begin_days=1.0)) as server:
        _cell(home, server)
        text = (home / "cell.toml").read_text(encoding="utf-8")
        (home / "cell.toml").write_text(text.replace("1000\n", "1000\nmessages = true\n", 1), encoding="utf-8")
        once = Attending.once

        def later(attending: Attending) -> dict[str, Extracted]:
            """A day and a half pass there once messages were asked for: orders are paid, shipped, confirmed."""
            if len(looks) == 1:
                server.sandbox.clock.advance(36 * 3_600)
            looks.append(once(attending))
            return looks[-1]

        monkeypatch.setattr(Attending, "once", later)
        # Hints rest in the machine's time, and the test is not to wait for it.
        monkeypatch.setattr(hints, "REST_S", 0.1)
        monkeypatch.setattr(flow, "ASK_EVERY_S", 0.0)
        looked = ("sync", "watch", "at tmall", "--home", home, "--since", "2026-11-01", "--only", "orders", "--json")
        # The time between two looks is over when the first one is: what messages name is read all the same.
        done = run(*looked, "--every", 1, "--rounds", 2)
        assert done.code == 0, done.err
        told = _each_json(done.out)
        hinted = [each["feeds"][HINTED] for each in told if HINTED in each["feeds"]]
        assert sum(each["documents"] for each in hinted) > 0
        assert all(each["snapshot"] is not None for each in told), "what was read is published with it"
        (messages,) = json.loads(run("sync", "status", "--home", home, "--json").out)["messages"]
    assert (messages["shop"], messages["channel"], messages["way"]) == ("at tmall", "tmall", "asked")
    assert messages["received"] > 0
    assert messages["last_at"] is not None


@pytest.mark.parametrize(
    ("name", "way", "setting"),
    [
        ("douyin", "posted", 'message_door = "127.0.0.1:0"'),
        ("pinduoduo", "streamed", 'message_gateway = "ws://{host}"'),
    ],
)
def test_what_a_platform_sends_by_itself_is_read_and_published_between_two_looks(
    name: str, way: str, setting: str, run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    home = tmp_path / "cell"
    looks: list[int] = []
    with SandboxServer(Sandbox((name,), orders=6, days=1, begin_days=1.0)) as server:
        _cell(home, server, (name,))
        text = (home / "cell.toml").read_text(encoding="utf-8")
        more = setting.format(host=server.base_url.removeprefix("http://"))
        more = f"1000\nmessages = true\n{more}\n"
        (home / "cell.toml").write_text(text.replace("1000\n", more), encoding="utf-8")
        once, platform = Attending.once, server.sandbox.platforms[name]

        def later(attending: Attending) -> dict[str, Extracted]:
            """A day and a half pass there once messages have begun: orders are paid, shipped, confirmed."""
            if not looks and way == "posted":
                port = attending.receiving.port("127.0.0.1:0")
                server.push_to(name, f"http://127.0.0.1:{port}/messages")
            if len(looks) == 1:
                server.sandbox.clock.advance(36 * 3_600)
            looks.append(platform.push())
            return once(attending)

        monkeypatch.setattr(Attending, "once", later)
        monkeypatch.setattr(hints, "REST_S", 0.1)
        looked = ("sync", "watch", f"at {name}", "--home", home, "--since", "2026-11-01", "--only", "orders", "--json")
        done = run(*looked, "--every", 1, "--rounds", 2)
        assert done.code == 0, done.err
        hinted = [each["feeds"].get(f"at {name}:{name} messages") for each in _each_json(done.out)]
        assert sum(each["documents"] for each in hinted if each) > 0
        (messages,) = json.loads(run("sync", "status", "--home", home, "--json").out)["messages"]
        shown = run("sync", "status", "--home", home).out
    assert (messages["way"], messages["refused"]) == (way, 0)
    assert messages["received"] > 0
    assert f"messages {way}" in shown


def _each_json(text: str) -> list[dict[str, Any]]:
    """Objects that were printed one after the other."""
    found, rest = [], text.strip()
    while rest:
        each, end = json.JSONDecoder().raw_decode(rest)
        found.append(each)
        rest = rest[end:].strip()
    return found


def test_a_cell_without_connections_says_so(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("sync", "watch", "--home", tmp_path, "--rounds", 1)
    assert done.code == 1
    assert "there is no [[connections]] for any shop in cell.toml" in done.err
