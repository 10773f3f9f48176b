"""What simulated ERPs share: a server on loopback, and books that say what is wrong with a journal.

Neither proves anything of an ERP. Faults are not here: the suite puts them between the two sides, the same for all.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Answer", "Books", "Call", "Problem", "Server"]


@dataclass(frozen=True)
class Call:
    """A call as it came.

    Attributes:
        method: GET, POST and so on.
        target: Path and query, as sent.
        headers: By name in small letters.
        content: Body.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def path(self) -> str:
        """Without the query, still quoted."""
        return urlsplit(self.target).path

    @property
    def asked(self) -> Mapping[str, str]:
        """The query; of several values of a name the last."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def body(self) -> Any:  # noqa: ANN401 JSON
        """The body as JSON, amounts exact."""
        return json.loads(self.content or b"{}", parse_float=Decimal)


@dataclass(frozen=True)
class Answer:
    """An answer to give.

    Attributes:
        status: Of HTTP.
        body: What becomes JSON, unless it is bytes; `...` for nothing, since None is JSON's null.
        headers: Beside the usual ones.
    """

    status: int
    body: Any = ...
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if self.body is ... or isinstance(self.body, bytes):
            return b"" if self.body is ... else self.body
        return json.dumps(self.body, default=_number).encode()


class Server:
    """A server on a free port of this machine.

    Args:
        respond: Gives the answer to a call; called from several threads.
    """

    def __init__(self, respond: Callable[[Call], Answer]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body are two packets; without this the second waits until the first is acknowledged, 40 ms.
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = respond(Call(self.command, self.path, headers, content))
                told = answer.content
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 the library's names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """One that says nothing of callers who die in the middle of a call."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell what went wrong here, not what went wrong there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # handed on as it came


def _number(value: object) -> float:
    assert isinstance(value, Decimal), "answers hold texts, numbers and decimals"
    return float(value)


class Problem(Exception):
    """What is wrong with a journal: one of company, account, period, balance, nothing; and a name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name)
        self.kind, self.name = kind, name


@dataclass
class Books:
    """Companies with one chart of accounts.

    Attributes:
        companies: Code to currency.
        accounts: Numbers that every company has.
        first_day: Journals before it are refused: their period is closed.
    """

    companies: Mapping[str, str]
    accounts: tuple[str, ...]
    first_day: date = date(2026, 1, 1)

    def check(self, company: str, day: date, lines: Iterable[tuple[str, Decimal]]) -> None:
        """Account and amount of each line, debit positive.

        Raises:
            Problem: The journal cannot be taken.
        """
        self.check_day(company, day)
        total = Decimal(0)
        for account, amount in lines:
            if account not in self.accounts:
                raise Problem("account", account)
            if not amount:
                raise Problem("nothing", account)
            total += amount
        if total:
            raise Problem("balance", str(total))

    def check_day(self, company: str, day: date) -> None:
        """Hold that a company has a day open.

        Raises:
            Problem: It has not.
        """
        if company not in self.companies:
            raise Problem("company", company)
        if day < self.first_day:
            raise Problem("period", day.isoformat())
