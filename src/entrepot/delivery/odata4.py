"""OData version 4 as Microsoft's ERPs speak it: pages, literals, errors, a token for each call.

Source: MicrosoftDocs/dynamics365smb-devitpro-pb (error codes, operational limits, batches) and the published contract
of Finance & Operations, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from entrepot.delivery.calls import Trouble, client, parsed, refusal
from entrepot.delivery.tokens import Tokens, authorised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrepot.delivery.erp import Address

__all__ = ["OData4", "text_literal"]

_PAGE = 1_000


class OData4:
    """The services under one address.

    Args:
        address: Client id as user, client secret as password, and where tokens are got. What is asked for is everything
            that the ERP itself lets the client do.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url.rstrip("/") + "/", address.transport)
        parts = urlsplit(address.url)
        form = {
            "grant_type": "client_credentials",
            "client_id": address.user,
            "client_secret": address.password,
            "scope": f"{parts.scheme}://{parts.netloc}/.default",
        }
        self._tokens = Tokens(self._client, address.token_url, lambda: form)
        self._has_token_url = bool(address.token_url)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def rows(self, path: str, **asked: str) -> Iterator[dict[str, Any]]:
        """All rows of an entity set, page by page.

        Args:
            path: Relative to the address.
            asked: Options without their dollar; `orderby` has to be complete, so that no page repeats a row.

        Raises:
            Trouble: A page did not come.
        """
        start = 0
        options = {f"${name}" if name != "cross" else "cross-company": value for name, value in asked.items()}
        while True:
            answer = self.call("GET", path, asked={**options, "$top": str(_PAGE), "$skip": str(start)})
            page = parsed(answer)["value"]
            yield from page
            if len(page) < _PAGE:
                return
            start += _PAGE

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        asked: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """The answer to a call.

        Raises:
            Trouble: There was none, or it says no.
        """
        if not self._has_token_url:
            raise Trouble("rejected", "rights", "the target has no token_url")
        request = self._client.build_request(
            method,
            path,
            params=asked,
            json=body,
            content=content,
            headers={"Accept": "application/json", **(headers or {})},
        )
        answer = authorised(self._client, request, self._tokens)
        if answer.is_success:
            return answer
        code, words = said(answer)
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED):
            # Somebody else was at the same record: it was refused, and another try may not meet them.
            raise Trouble("retry_after", code or "conflict", words)
        raise refusal(answer, words)


def said(answer: httpx.Response) -> tuple[str, str]:
    """Code and words of an error, if it has any."""
    try:
        error = answer.json()["error"]
        # What the one says in general words, the other says of this call.
        words = (error.get("message", ""), (error.get("innererror") or {}).get("message", ""))
        return str(error.get("code", "")), " ".join(dict.fromkeys(str(each) for each in words if each))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""


def text_literal(text: str) -> str:
    """A text in a filter."""
    return "'" + text.replace("'", "''") + "'"
