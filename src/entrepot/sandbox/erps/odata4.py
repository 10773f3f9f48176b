"""What the simulated ERPs of Microsoft share: tokens, conditions of OData version 4, pages, errors, a quota.

It proves nothing of OData: conditions are the few forms that journals need, and any other is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.erps.serving import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from entrepot.sandbox.erps.serving import Call

__all__ = ["Clients", "RefusedError", "listed", "refused"]

TOKEN_PATH = "/tenant/oauth2/v2.0/token"  # noqa: S105 an address
_VALID_S = 3_599
_ATOM = re.compile(
    r"(?:(?P<name>\w+) (?P<word>eq|ge|le) (?P<value>'(?:[^']|'')*'|\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?)"
    r"|startswith\((?P<begun>\w+),(?P<with>'(?:[^']|'')*')\))"
)


class RefusedError(Exception):
    """A refusal: HTTP status, code, words."""


def refused(refusal: RefusedError) -> Answer:
    """A refusal as the ERP puts it."""
    status, code, text = refusal.args
    return Answer(status, {"error": {"code": code, "message": text}})


@dataclass
class Clients:
    """Who may call: one client with a secret, and the tokens it was given.

    Attributes:
        client_id: Its id.
        secret: Its secret.
        issued: Valid tokens.
        quota: Calls until the server asks to slow down.
    """

    client_id: str = "sandbox-client"
    secret: str = "sandbox-secret"  # noqa: S105 of a server on loopback that lives for minutes
    issued: set[str] = field(default_factory=set)
    quota: int = 1_000_000

    def token(self, call: Call, origin: str) -> Answer:
        """A token for the client's own sake."""
        form = dict(parse_qsl(call.content.decode()))
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "scope": f"{origin}/.default",
        }
        if form != wanted:
            return Answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215"})
        token = f"token-{len(self.issued)}"
        self.issued.add(token)
        return Answer(200, {"access_token": token, "expires_in": _VALID_S, "token_type": "Bearer"})

    def check(self, call: Call) -> None:
        """Refuse who has no token, or calls too often."""
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.issued:
            raise RefusedError(
                401, "Authentication_InvalidCredentials", "The server has rejected the client credentials."
            )
        self.quota -= 1
        if self.quota < 0:
            raise RefusedError(429, "Application_TooManyRequests", "Too many requests")


def listed(rows: Iterable[Mapping[str, Any]], asked: Mapping[str, str], known: set[str]) -> Answer:
    """A page of the rows that meet `$filter`."""
    unknown = set(asked) - {"$filter", "$orderby", "$top", "$skip", *known}
    if unknown:
        raise RefusedError(400, "BadRequest_NotSupported", f"option {min(unknown)}")
    kept = [row for row in rows if _meets(row, asked.get("$filter", ""))]
    if order := asked.get("$orderby"):
        kept.sort(key=lambda row: tuple(row[name] for name in order.split(",")))
    start = int(asked.get("$skip", 0))
    return Answer(200, {"value": kept[start : start + int(asked.get("$top", 20_000))]})


def _meets(row: Mapping[str, Any], condition: str) -> bool:
    """Atoms joined by `or`, or by `and`, or a group of `or` in brackets and atoms joined by `and`."""
    if not condition:
        return True
    found = re.match(r"\((?P<group>[^()]*(?:\([^()]*\)[^()]*)*)\)(?: and (?P<rest>.*))?$", condition)
    if found:
        return _meets(row, found["group"]) and _meets(row, found["rest"] or "")
    if " or " in condition:
        return any(_atom(row, each) for each in condition.split(" or "))
    return all(_atom(row, each) for each in condition.split(" and "))


def _atom(row: Mapping[str, Any], text: str) -> bool:
    found = _ATOM.fullmatch(text)
    if found is None:
        raise RefusedError(400, "BadRequest", f"Could not interpret {text}")
    name = found["name"] or found["begun"]
    if name not in row:
        raise RefusedError(400, "BadRequest", f"Could not find a property named '{name}'")
    own = str(row[name])
    if found["begun"]:
        return own.startswith(_text(found["with"]))
    value = found["value"]
    if not value.startswith("'"):
        date.fromisoformat(value[:10])
    value = _text(value)
    return {"eq": own == value, "ge": own >= value, "le": own <= value}[found["word"]]


def _text(literal: str) -> str:
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
