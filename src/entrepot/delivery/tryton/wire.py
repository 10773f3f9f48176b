"""Tryton's JSON-RPC: a session, its types, and what its errors mean for the call that got them.

Source: trytond 8.2.1, protocols/jsonrpc.py and dispatcher.py, and recorded calls, 2026-11.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.delivery.calls import Trouble, client, posted

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSALS = range(400, 500)
_NOT_NOW = frozenset({"ConcurrencyException", "TimeoutException", "RPCReturnException", "DatabaseTimeoutError"})
"""Errors of a transaction that Tryton rolled back and that another try may not meet."""
_NO_MODEL = re.compile(r"'[a-z_]+(?:\.[a-z_]+)+'")
"""The name of an error that is a model in quotes: the module that brings it is not activated (measured)."""

_FORBIDDEN = "You are not allowed to "
"""How a refusal for want of a group begins; by its name it is a UserError like any other (ir/message.xml, measured)."""


class Wire:
    """One session with one database.

    Args:
        url: Address of the server.
        database: Its name there.
        user: Login.
        password: Of the user; kept in memory only.
        transport: For tests: what carries the calls instead of the network.
    """

    def __init__(
        self, url: str, database: str, user: str, password: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._client = client(url, transport)
        self._path, self._user, self._password = f"/{database}/rpc/", user, password
        self._session = ""

    def call(self, method: str, *params: object) -> Any:  # noqa: ANN401 JSON
        """The result of a method.

        Raises:
            Trouble: There is none.
        """
        if not self._session:
            self._log_in()
        try:
            return self._post(method, params)
        except _SessionOver:
            # Tryton looks at the session before it does anything, so the call had no effect.
            self._log_in()
            try:
                return self._post(method, params)
            except _SessionOver as error:
                raise Trouble("rejected", "rights", "the user may not log in") from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _log_in(self) -> None:
        self._session = ""
        try:
            result = self._post("common.db.login", (self._user, {"password": self._password}, "en"))
        except _SessionOver as error:
            raise Trouble("rejected", "rights", "Tryton does not know this user or password") from error
        if not result:
            raise Trouble("rejected", "rights", "Tryton does not know this user or password")
        user, session = result[:2]
        self._session = base64.b64encode(f"{self._user}:{user}:{session}".encode()).decode()

    def _post(self, method: str, params: tuple[object, ...]) -> Any:  # noqa: ANN401 JSON
        body = json.dumps({"id": 1, "method": method, "params": params}, default=_encoded)
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers["Authorization"] = f"Session {self._session}"
        answer = posted(self._client, self._client.build_request("POST", self._path, content=body, headers=headers))
        return _result(answer)


class Warned(Trouble):
    """What Tryton would ask a person before it goes on; nothing was done.

    Attributes:
        name: Under which it is answered.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__("rejected", "refused", text)
        self.name = name


class _SessionOver(Exception):
    """The session ran out."""


def _result(answer: httpx.Response) -> Any:  # noqa: ANN401 JSON
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise _SessionOver
    if answer.status_code in _REFUSALS:
        code = "rights" if answer.status_code == httpx.codes.FORBIDDEN else "refused"
        raise Trouble("rejected", code, f"HTTP {answer.status_code}")
    if answer.status_code != httpx.codes.OK:
        # The server, or a proxy before it, failed at some point of the call.
        raise Trouble("unknown", "server_failed", f"HTTP {answer.status_code}")
    try:
        body = json.loads(answer.content, object_hook=_decoded, parse_float=Decimal)
    except ValueError as error:
        raise Trouble("unknown", "answer_cut", "the answer is not whole JSON") from error
    if "error" not in body:
        return body.get("result")
    name, said = (*body["error"], "")[:2]
    if name == "UserWarning" and isinstance(said, list):
        raise Warned(str(said[0]), f"{name}: {' '.join(str(each) for each in said[1:] if each)}")
    text = str(said[0] if isinstance(said, list) and said else said).strip()
    if _NO_MODEL.fullmatch(str(name)):
        raise Trouble("rejected", "module", f"Tryton has no {name}")
    if name in _NOT_NOW:
        raise Trouble("retry_after", str(name), text)
    is_forbidden = name == "AccessError" or text.startswith(_FORBIDDEN)
    raise Trouble("rejected", "rights" if is_forbidden else "refused", f"{name}: {text}")


def _encoded(value: object) -> dict[str, object]:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    assert isinstance(value, date), "documents hold texts, numbers, decimals and dates"
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def _decoded(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case _:
            return value
