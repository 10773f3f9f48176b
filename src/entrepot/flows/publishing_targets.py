"""Hand a message to a target: an HTTPS address or a mail server, once, within a time.

Three outcomes are told apart: it was taken; it surely was not (`TargetUnreachable`, `TargetRefused`); or nobody knows
(`OutcomeUnknown`), because the line broke after it was sent. Redirects and proxies are not followed: the address in the
settings names its region, another one does not.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import smtplib
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NoReturn

from entrepot.flows.publishing_errors import OutcomeUnknown, SecretMissing, TargetRefused, TargetUnreachable

if TYPE_CHECKING:
    from entrepot.store import NotifySettings

SECONDS_MAX = 20
"""A target that has not answered by then is given up."""

TEXT_BYTES_MAX = {"wecom": 2048}
"""Longest text in UTF-8. WeCom: group robot, text message (developer.work.weixin.qq.com, path/91770, 2026-11)."""

_HTTP_REDIRECTS, _HTTP_REFUSALS, _HTTP_FAILURES = range(300, 400), range(400, 500), range(500, 600)
_NOT_TAKEN = frozenset({429, 503})
"""Answers that say: not now."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANSWER_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target.

    Attributes:
        key: The same for every attempt.
        day: ISO date, for sentences.
        text: For people; the first line is a mail's subject.
        fields: For programs, a JSON object.
    """

    key: str
    day: str
    text: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted."""

    url: str
    body: bytes
    headers: dict[str, str]


def deliver(target: NotifySettings, called: str, message: Message, now_s: int) -> None:
    """Send a message.

    Args:
        target: Settings of the target.
        called: What sentences call it.
        message: What to say.
        now_s: Seconds since 1970, for signatures and the mail's date.

    Raises:
        SecretMissing: An environment variable is not set.
        TargetUnreachable: It surely has not arrived; later it may.
        TargetRefused: It surely has not arrived and will not.
        OutcomeUnknown: It may have arrived.
    """
    url = _from_environment(called, target.url_env) if target.url_env else target.url
    secret = _from_environment(called, target.secret_env) if target.secret_env else ""
    if target.kind == "email":
        _mail(target, called, message, url, secret, now_s)
    else:
        _post(target.kind, called, message.day, request_of(target.kind, message, url, secret, now_s))


def request_of(kind: str, message: Message, url: str, secret: str, now_s: int) -> Request:
    """What is posted to a target.

    Sources:
        Feishu, custom bot: the signature's key is timestamp, line feed and secret, over nothing; both stand in the body
        (open.feishu.cn, custom bot guide). DingTalk, custom robot: the key is the secret, over timestamp in
        milliseconds, line feed and secret; both stand in the address (open.dingtalk.com, custom robot security).
        WeCom and Slack have no signature, their address is the secret. Read in accounts of these pages, 2026-11; the
        answers' fields for success (`code`, `errcode`) are our reading.
    """
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "entrepot"}
    body: dict[str, Any]
    if kind == "feishu":
        body = {"msg_type": "text", "content": {"text": message.text}}
        if secret:
            body |= {"timestamp": str(now_s), "sign": _signature(f"{now_s}\n{secret}", "")}
    elif kind == "dingtalk":
        body = {"msgtype": "text", "text": {"content": message.text}}
        if secret:
            now_ms = now_s * 1000
            signed = {"timestamp": now_ms, "sign": _signature(secret, f"{now_ms}\n{secret}")}
            url += ("&" if "?" in url else "?") + urllib.parse.urlencode(signed)
    elif kind == "wecom":
        body = {"msgtype": "text", "text": {"content": message.text}}
    elif kind == "slack":
        # Slack reads these three as its own marks (docs.slack.dev, formatting message text).
        plain = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = {"text": plain}
    else:
        body = message.fields
        headers["Idempotency-Key"] = message.key
    content = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    if kind == "webhook" and secret:
        digest = hmac.new(secret.encode(), f"{now_s}.".encode() + content, hashlib.sha256).hexdigest()
        headers |= {"Entrepot-Timestamp": str(now_s), "Entrepot-Signature": f"hmac-sha256={digest}"}
    return Request(url, content, headers)


def _signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _from_environment(called: str, variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise SecretMissing(called, variable)
    return value


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another address may be in another region."""

    def redirect_request(self, *_args: object, **_facts: object) -> None:
        """Follow nothing."""


def _post(kind: str, called: str, day: str, request: Request) -> None:
    parts = urllib.parse.urlsplit(request.url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname:
        raise TargetRefused(called, "its address is not https")
    opener = urllib.request.build_opener(
        _NoRedirect, urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    asked = urllib.request.Request(request.url, request.body, request.headers, method="POST")  # noqa: S310 checked above
    try:
        with opener.open(asked, timeout=SECONDS_MAX) as answer:
            content = answer.read(_ANSWER_BYTES_MAX)
    except urllib.error.HTTPError as error:
        # The error holds the connection until it is closed.
        with contextlib.closing(error):
            _raise_for(error.code, called, day, error)
    except urllib.error.URLError as error:
        # Raised while connecting: the answer's own troubles are not wrapped.
        reason = error.reason
        why = "its certificate is not valid" if isinstance(reason, ssl.SSLCertVerificationError) else "no connection"
        raise TargetUnreachable(called, why) from error
    except (OSError, http.client.HTTPException) as error:
        raise OutcomeUnknown(called, day) from error
    if (code := _refusal_in(kind, content)) is not None:
        raise TargetRefused(called, f"it answered with code {code}")


def _raise_for(status: int, called: str, day: str, error: urllib.error.HTTPError) -> NoReturn:
    if status in _HTTP_REDIRECTS:
        raise TargetRefused(called, f"it redirects (HTTP {status}), and no other address is called") from error
    if status in _NOT_TAKEN:
        raise TargetUnreachable(called, f"HTTP {status}") from error
    if status in _HTTP_FAILURES:
        raise OutcomeUnknown(called, day) from error
    assert status in _HTTP_REFUSALS, "an HTTP error is of one of these kinds"
    raise TargetRefused(called, f"HTTP {status}") from error


def _refusal_in(kind: str, content: bytes) -> str | None:
    """The code by which a chat says no although HTTP says yes; None when it took the message."""
    names = {"feishu": ("code", "StatusCode"), "dingtalk": ("errcode",), "wecom": ("errcode",)}.get(kind)
    if names is None:
        return None
    try:
        answer = json.loads(content)
    except ValueError:
        return "unreadable"
    codes = [answer[name] for name in names if name in answer] if isinstance(answer, dict) else []
    return None if codes and codes[0] == 0 else str(codes[0])[:20] if codes else "none"


def _mail(target: NotifySettings, called: str, message: Message, url: str, password: str, now_s: int) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise TargetRefused(called, "its address is neither smtp:// nor smtps://")
    mail = EmailMessage()
    mail["Subject"] = message.text.split("\n", maxsplit=1)[0]
    mail["From"], mail["To"] = target.sender, ", ".join(target.to)
    mail["Date"] = formatdate(now_s, localtime=False)
    # The same for every attempt, so that a mail server may drop a second copy.
    mail["Message-ID"] = f"<{message.key.replace('/', '.')}@entrepot>"
    mail.set_content(message.text)
    server = _mail_server(parts, target.user, password, called)
    try:
        # Whoever of several was refused is not told again: the others have it.
        server.send_message(mail)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 550
        if code in range(400, 500):
            raise TargetUnreachable(called, f"SMTP {code}") from error
        raise TargetRefused(called, f"SMTP {code}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown(called, message.day) from error
    finally:
        server.close()


def _mail_server(parts: urllib.parse.SplitResult, user: str, password: str, called: str) -> smtplib.SMTP:
    context, host = ssl.create_default_context(), parts.hostname or ""
    try:
        server = (
            smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS_MAX, context=context)
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, parts.port or 587, timeout=SECONDS_MAX)
        )
        if parts.scheme == "smtp" and host not in _LOOPBACK:
            server.starttls(context=context)
        if user:
            server.login(user, password)
    except smtplib.SMTPAuthenticationError as error:
        raise TargetRefused(called, "its mail server does not know user and password") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TargetUnreachable(called, "no connection to its mail server") from error
    return server
