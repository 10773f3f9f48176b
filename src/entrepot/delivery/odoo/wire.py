"""Odoo's two interfaces: JSON-RPC up to 18, JSON-2 from 19 on, and what their errors mean for the call that got them.

Source: see `spec.py`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from entrepot.delivery.calls import Trouble, client, parsed, posted, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Address

_NOT_NOW = ("SerializationFailure", "DeadlockDetected", "LockNotAvailable", "LockError", "ConcurrencyError")
"""Errors of a transaction that Odoo rolled back and that another try may not meet."""
_RIGHTS = ("AccessError", "AccessDenied", "Unauthorized")


class Wire(Protocol):
    """One database as one user."""

    def call(self, model: str, method: str, ids: Sequence[int] = (), **named: object) -> Any:  # noqa: ANN401 JSON
        """What a method gives.

        Raises:
            Trouble: Nothing.
        """
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


def wire(address: Address) -> Wire:
    """JSON-RPC where a login is named, else JSON-2, which knows its user by the key alone."""
    return JsonRpc(address) if address.user else Json2(address)


class JsonRpc:
    """Up to Odoo 18; it goes away with 22."""

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._database, self._user, self._key = address.database, address.user, address.password
        self._uid = 0

    def call(self, model: str, method: str, ids: Sequence[int] = (), **named: object) -> Any:  # noqa: ANN401 JSON
        """See `Wire`."""
        if not self._uid:
            found = self._post("common", "authenticate", [self._database, self._user, self._key, {}])
            if not found:
                raise Trouble("rejected", "rights", "Odoo does not know this login or key")
            self._uid = int(found)
        records = [list(ids)] if ids else []
        return self._post("object", "execute_kw", [self._database, self._uid, self._key, model, method, records, named])

    def close(self) -> None:
        """See `Wire`."""
        self._client.close()

    def _post(self, service: str, method: str, args: Sequence[object]) -> Any:  # noqa: ANN401 JSON
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = posted(self._client, self._client.build_request("POST", "/jsonrpc", json=body))
        if answer.status_code != httpx.codes.OK:
            raise refusal(answer)
        told = parsed(answer)
        if "error" in told:
            raise _trouble(told["error"].get("data") or told["error"])
        return told.get("result")


class Json2:
    """From Odoo 19 on."""

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._headers = {"Authorization": f"bearer {address.password}"}
        if address.database:
            self._headers["X-Odoo-Database"] = address.database

    def call(self, model: str, method: str, ids: Sequence[int] = (), **named: object) -> Any:  # noqa: ANN401 JSON
        """See `Wire`."""
        body = {"ids": list(ids), **named} if ids else named
        path = f"/json/2/{model}/{method}"
        answer = posted(self._client, self._client.build_request("POST", path, json=body, headers=self._headers))
        if answer.status_code == httpx.codes.OK:
            return parsed(answer)
        try:
            told = json.loads(answer.content)
        except ValueError:
            told = None
        if isinstance(told, dict) and "name" in told:
            raise _trouble(told, answer.status_code)
        raise refusal(answer)

    def close(self) -> None:
        """See `Wire`."""
        self._client.close()


def _trouble(told: Mapping[str, Any], status: int = httpx.codes.OK) -> Trouble:
    """What an error of Odoo's own says: it has rolled the call back."""
    kind, text = str(told.get("name", "")), str(told.get("message", "")).strip()
    if kind.endswith(_NOT_NOW) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Trouble("retry_after", kind, text)
    return Trouble("rejected", "rights" if kind.endswith(_RIGHTS) else "refused", f"{kind}: {text}")
