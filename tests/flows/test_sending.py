"""The day's figures on their way out: to real local servers, once, within the region, without anybody's data."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import socketserver
import threading
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.asking import select_rows
from entrepot.flows.publishing_daily import Sent, figures_of_day, send_day, worst_of
from entrepot.flows.publishing_errors import (
    NoTargets,
    OutcomeUnknown,
    SecretMissing,
    TargetAbroad,
    TargetRefused,
    TargetUnreachable,
)
from entrepot.store import NoticeLog, NotifySettings, State, load_settings
from entrepot.store.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.reports.daily import DayFigures
    from entrepot.testing.sample_company import ImportedCompany

DAY = date(2026, 9, 15)


@dataclass
class Heard:
    """What a server was told, and how it answers."""

    port: int
    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t0ken"


@pytest.fixture
def web() -> Iterator[Heard]:
    """A web server that keeps what it gets; it answers as told, else as every chat does when all is well."""

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
            code, content = heard.answers.pop(0) if heard.answers else (200, b'{"code": 0, "errcode": 0}')
            if code == 0:
                self.connection.close()
                return
            self.send_response(code)
            if code == 302:
                self.send_header("Location", heard.url)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Keep) as server:
        # Leaving the block waits for answers on their way, so that no connection is left open.
        server.daemon_threads = False
        heard = Heard(server.server_address[1])
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield heard
        server.shutdown()
        running.join()


@pytest.fixture
def post_office() -> Iterator[Heard]:
    """A mail server that keeps what it gets, by the few words of SMTP that a message needs."""

    class Keep(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            receivers: list[str] = []
            for line in self.rfile:
                word = line[:4].upper()
                if word in (b"EHLO", b"HELO"):
                    self.wfile.write(b"250 here\r\n")
                elif word == b"RCPT":
                    receivers.append(line.decode().strip())
                    self.wfile.write(b"250 ok\r\n")
                elif word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (each := self.rfile.readline()) != b".\r\n":
                        lines.append(each)
                    heard.requests.append({"to": receivers, "body": b"".join(lines)})
                    code, text = heard.answers.pop(0) if heard.answers else (250, b"ok")
                    self.wfile.write(f"{code} ".encode() + text + b"\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Keep) as server:
        heard = Heard(server.server_address[1])
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield heard
        server.shutdown()
        running.join()


@pytest.fixture(scope="module")
def company(small_imported: ImportedCompany, small_home: Path) -> ImportedCompany:
    return replace(small_imported, parts=open_cell(small_home))


@pytest.fixture(scope="module")
def figures(company: ImportedCompany) -> DayFigures:
    return figures_of_day(company.parts, DAY)


@pytest.fixture
def cell(company: ImportedCompany) -> Iterator[CellParts]:
    """The cell, with nothing told yet."""
    yield company.parts
    with contextlib.closing(State(company.parts.layout)) as state:
        NoticeLog(state)
        with state.engine.begin() as connection:
            connection.exec_driver_sql("delete from notices")


def _with(cell: CellParts, *targets: NotifySettings) -> CellParts:
    return replace(cell, settings=_changed(cell, targets))


def _changed(cell: CellParts, targets: tuple[NotifySettings, ...]) -> Any:
    import msgspec

    return msgspec.structs.replace(cell.settings, notify=targets)


def _send(cell: CellParts, figures: DayFigures, *, again: bool = False) -> list[Sent]:
    return send_day(cell, figures, again=again, wait=lambda _: None)


def _states(cell: CellParts) -> list[tuple[str, int]]:
    with contextlib.closing(State(cell.layout)) as state:
        return [(each.state, each.attempts) for each in NoticeLog(state).notices()]


def test_a_day_is_sent_once_however_often_it_is_asked_for(cell: CellParts, figures: DayFigures, web: Heard) -> None:
    there = _with(cell, NotifySettings("webhook", "CN", url=web.url))
    assert _send(there, figures) == [Sent("webhook 1", "sent")]
    assert _send(there, figures) == [Sent("webhook 1", "already_sent")]
    assert len(web.requests) == 1
    told = json.loads(web.requests[0]["body"])
    assert told["day"] == "2026-09-15"
    assert told["total"]["orders_placed"] == figures.total.orders_placed
    assert web.requests[0]["headers"]["Idempotency-Key"] == told["key"]
    assert _states(cell) == [("sent", 1)]


def test_a_message_holds_no_order_person_phone_shop_or_file_of_the_company(
    cell: CellParts, figures: DayFigures, web: Heard, post_office: Heard
) -> None:
    mail = f"smtp://127.0.0.1:{post_office.port}"
    there = _with(
        cell,
        *(NotifySettings(kind, "cn", url=web.url) for kind in ("webhook", "feishu", "dingtalk", "wecom", "slack")),
        NotifySettings("email", "cn", url=mail, to=("a@example.com",), sender="b@example.com"),
    )
    assert {each.outcome for each in _send(there, figures)} == {"sent"}
    mailed = message_from_bytes(post_office.requests[0]["body"], policy=policy.default)
    texts = [json.dumps(json.loads(each["body"]), ensure_ascii=False) for each in web.requests]
    text = "\n".join([*texts, str(mailed["Subject"]), mailed.get_content()])
    secret = _values(cell)
    assert len(secret) > 1_000
    assert [each for each in secret if each in text] == []


def _values(cell: CellParts) -> set[str]:
    """Every value of the cell's tables that points at somebody, something or a file."""
    queries = (
        "select order_id from orders union select order_key from orders",
        "select person_key from persons union select platform_account from persons union select name from persons",
        "select mobile from persons union select email from persons",
        "select name from addresses union select mobile from addresses union select address from addresses",
        "select shop from shops where length(shop) > 3",
        "select file_name from raw_files union select raw_id from raw_files",
        "select sku_id from skus union select name from skus",
        "select exception_id from exceptions",
    )
    found: set[str] = set()
    for query in queries:
        rows = select_rows(cell, query, personal_reason="a test looks for them in a message")
        found |= {str(value) for value in rows.column(0).to_pylist() if value and len(str(value)) > 1}
    return found


def test_a_target_of_another_region_is_refused_and_nothing_is_sent_to_any(
    cell: CellParts, figures: DayFigures, web: Heard
) -> None:
    there = _with(
        cell, NotifySettings("webhook", "cn", url=web.url), NotifySettings("slack", "us", name="sales", url=web.url)
    )
    with pytest.raises(TargetAbroad) as refused:
        _send(there, figures)
    assert str(refused.value).startswith("sales is hosted in us and this cell is of cn")
    assert web.requests == []
    assert _states(cell) == []


def test_settings_with_a_target_of_another_region_are_refused_before_any_command(
    cell: CellParts, tmp_path: Path
) -> None:
    layout = replace(cell.layout, home=tmp_path)
    base = '[cell]\nregion = "CN"\n'
    target = '[[notify]]\nkind = "slack"\nregion = "eu"\nurl = "https://hooks.example/s3cret"\n'
    layout.settings.write_text(base + target, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(layout)
    assert "[[notify]] number 1 (slack): it is hosted in eu, and this cell is of CN" in str(refused.value)
    assert "s3cret" not in str(refused.value)
    layout.settings.write_text(base + target.replace('"eu"', '"cn"'), encoding="utf-8")
    assert load_settings(layout).notify[0].region == "cn"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ('kind = "slack"\nregion = "cn"', "it needs one of url and url_env"),
        ('kind = "slack"\nregion = "cn"\nurl = "https://a"\nurl_env = "B"', "it needs one of url and url_env"),
        ('kind = "email"\nregion = "cn"\nurl = "smtp://a"', "an email needs `to` and `sender`"),
        ('kind = "slack"\nurl = "https://a"', "the key `region` is missing"),
        ('kind = "pager"\nregion = "cn"\nurl = "https://a"', "`kind` is of the wrong kind; write one of"),
    ],
)
def test_an_incomplete_target_is_refused_with_what_it_lacks(
    cell: CellParts, tmp_path: Path, target: str, problem: str
) -> None:
    layout = replace(cell.layout, home=tmp_path)
    layout.settings.write_text(f'[cell]\nregion = "cn"\n[[notify]]\n{target}\n', encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(layout)
    assert problem in str(refused.value)


def test_feishu_gets_a_text_with_timestamp_and_signature(
    cell: CellParts, figures: DayFigures, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEISHU_SECRET", "s3cret")
    there = _with(cell, NotifySettings("feishu", "cn", url=web.url, secret_env="FEISHU_SECRET", lang="zh"))
    assert _send(there, figures)[0].outcome == "sent"
    body = json.loads(web.requests[0]["body"])
    key = f"{body['timestamp']}\ns3cret".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert body["msg_type"] == "text"
    assert body["content"]["text"].startswith("2026-09-15 经营日报\n")


def test_dingtalk_gets_timestamp_and_signature_in_its_address(
    cell: CellParts, figures: DayFigures, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DING_SECRET", "SEC0")
    there = _with(cell, NotifySettings("dingtalk", "cn", url=web.url, secret_env="DING_SECRET"))
    assert _send(there, figures)[0].outcome == "sent"
    query = parse_qs(urlsplit(web.requests[0]["path"]).query)
    signed = hmac.new(b"SEC0", f"{query['timestamp'][0]}\nSEC0".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(signed).decode()]
    assert query["token"] == ["t0ken"]
    assert len(query["timestamp"][0]) == 13
    assert json.loads(web.requests[0]["body"])["msgtype"] == "text"


def test_a_webhook_with_a_secret_can_tell_that_the_message_is_ours(
    cell: CellParts, figures: DayFigures, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "k")
    monkeypatch.setenv("HOOK_URL", web.url)
    there = _with(cell, NotifySettings("webhook", "cn", url_env="HOOK_URL", secret_env="HOOK_SECRET"))
    assert _send(there, figures)[0].outcome == "sent"
    headers, body = web.requests[0]["headers"], web.requests[0]["body"]
    expected = hmac.new(b"k", headers["Entrepot-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Entrepot-Signature"] == f"hmac-sha256={expected}"


def test_wecom_gets_no_more_than_it_takes(cell: CellParts, figures: DayFigures, web: Heard) -> None:
    long = replace(figures, feeds=tuple((f"a_format_with_a_long_name_{number:03d}", DAY) for number in range(200)))
    assert _send(_with(cell, NotifySettings("wecom", "cn", url=web.url)), long)[0].outcome == "sent"
    assert len(json.loads(web.requests[0]["body"])["text"]["content"].encode()) <= 2048


def test_a_mail_goes_to_all_receivers_at_once_and_once(
    cell: CellParts, figures: DayFigures, post_office: Heard
) -> None:
    mail = f"smtp://127.0.0.1:{post_office.port}"
    to = ("cfo@example.com", "ops@example.com")
    there = _with(cell, NotifySettings("email", "cn", url=mail, to=to, sender="books@example.com", lang="zh"))
    assert _send(there, figures) == [Sent("email 1", "sent")]
    assert _send(there, figures) == [Sent("email 1", "already_sent")]
    assert [len(each["to"]) for each in post_office.requests] == [2]
    mailed = message_from_bytes(post_office.requests[0]["body"], policy=policy.default)
    assert mailed["Subject"] == "2026-09-15 经营日报"
    assert mailed.get_content().startswith("2026-09-15 经营日报\n金额单位 CNY\n合计")


def test_a_target_that_is_busy_is_asked_again_and_gets_one_message(
    cell: CellParts, figures: DayFigures, web: Heard
) -> None:
    web.answers = [(429, b""), (503, b"")]
    assert _send(_with(cell, NotifySettings("slack", "cn", url=web.url)), figures) == [Sent("slack 1", "sent")]
    assert len(web.requests) == 3
    assert _states(cell) == [("sent", 3)]


def test_a_target_that_is_not_there_fails_alone_and_is_sent_to_later(
    cell: CellParts, figures: DayFigures, web: Heard
) -> None:
    closed = NotifySettings("slack", "cn", name="closed", url="http://127.0.0.1:9/x")
    outcomes = _send(_with(cell, closed, NotifySettings("slack", "cn", url=web.url)), figures)
    assert [(each.target, each.outcome) for each in outcomes] == [("closed", "failed"), ("slack 2", "sent")]
    assert isinstance(worst_of(outcomes), TargetUnreachable)
    assert sorted(_states(cell)) == [("failed", 3), ("sent", 1)]


def test_where_the_line_breaks_a_chat_is_not_told_twice_unless_a_person_says_so(
    cell: CellParts, figures: DayFigures, web: Heard
) -> None:
    web.answers = [(0, b"")]
    there = _with(cell, NotifySettings("slack", "cn", url=web.url))
    assert isinstance(_send(there, figures)[0].error, OutcomeUnknown)
    assert isinstance(_send(there, figures)[0].error, OutcomeUnknown)
    assert len(web.requests) == 1
    assert _states(cell) == [("sending", 1)]
    assert _send(there, figures, again=True) == [Sent("slack 1", "sent")]
    assert len(web.requests) == 2


def test_where_the_line_breaks_a_webhook_is_told_again_with_the_same_key(
    cell: CellParts, figures: DayFigures, web: Heard
) -> None:
    web.answers = [(0, b""), (502, b"")]
    assert _send(_with(cell, NotifySettings("webhook", "cn", url=web.url)), figures)[0].outcome == "sent"
    assert len({each["headers"]["Idempotency-Key"] for each in web.requests}) == 1
    assert len(web.requests) == 3


@pytest.mark.parametrize(
    ("kind", "answer", "why"),
    [
        ("slack", (404, b"no_service"), "HTTP 404"),
        ("feishu", (200, b'{"code": 19021, "msg": "sign match fail"}'), "it answered with code 19021"),
        ("dingtalk", (200, b'{"errcode": 310000}'), "it answered with code 310000"),
        ("wecom", (200, b"hello"), "it answered with code unreadable"),
        ("webhook", (302, b""), "it redirects (HTTP 302), and no other address is called"),
    ],
)
def test_a_target_that_says_no_is_asked_once_and_named(
    cell: CellParts, figures: DayFigures, web: Heard, kind: Any, answer: tuple[int, bytes], why: str
) -> None:
    web.answers = [answer]
    outcome = _send(_with(cell, NotifySettings(kind, "cn", url=web.url)), figures)[0]
    assert isinstance(outcome.error, TargetRefused)
    assert why in str(outcome.error)
    assert "t0ken" not in str(outcome.error)
    assert len(web.requests) == 1
    assert _states(cell) == [("failed", 1)]


@pytest.mark.parametrize("url", ["http://example.com/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "smtp://127.0.0.1"])
def test_an_address_that_is_not_https_is_never_called(cell: CellParts, figures: DayFigures, url: str) -> None:
    error = _send(_with(cell, NotifySettings("webhook", "cn", url=url)), figures)[0].error
    assert isinstance(error, TargetRefused)
    assert "its address is not https" in str(error)


def test_no_proxy_of_the_environment_gets_the_message(
    cell: CellParts, figures: DayFigures, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert _send(_with(cell, NotifySettings("slack", "cn", url=web.url)), figures)[0].outcome == "sent"


def test_a_secret_that_is_not_set_is_named_by_its_variable_and_nothing_is_sent(
    cell: CellParts, figures: DayFigures, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    outcome = _send(_with(cell, NotifySettings("feishu", "cn", url=web.url, secret_env="NOT_SET")), figures)[0]
    assert isinstance(outcome.error, SecretMissing)
    assert "NOT_SET" in str(outcome.error)
    assert web.requests == []


def test_a_cell_without_targets_says_how_to_name_one(cell: CellParts, figures: DayFigures) -> None:
    with pytest.raises(NoTargets) as refused:
        _send(_with(cell), figures)
    assert "[[notify]]" in str(refused.value)


def test_what_is_kept_of_a_message_names_neither_address_nor_receiver(
    cell: CellParts, figures: DayFigures, post_office: Heard
) -> None:
    mail = f"smtp://127.0.0.1:{post_office.port}"
    _send(
        _with(cell, NotifySettings("email", "cn", url=mail, to=("cfo@example.com",), sender="b@example.com")), figures
    )
    with contextlib.closing(State(cell.layout)) as state:
        kept = NoticeLog(state).notices()[0]
    assert kept.key.startswith("daily/2026-09-15/")
    assert not any(each in str(kept) for each in ("127.0.0.1", "example.com"))


def test_two_processes_that_send_at_once_send_once(cell: CellParts, figures: DayFigures, web: Heard) -> None:
    with contextlib.closing(State(cell.layout)) as state:
        log = NoticeLog(state)
        assert log.begin("daily/x/y", "0", None)
        assert not log.begin("daily/x/y", "0", None)
        log.end("daily/x/y", "failed")
        assert log.begin("daily/x/y", "0", "failed")
        assert not log.begin("daily/x/y", "0", "failed")
    del figures, web
