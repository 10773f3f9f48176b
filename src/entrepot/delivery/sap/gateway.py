"""OData version 2 as SAP's Gateway speaks it: pages, literals, dates, errors.

Source: metadata and wire data of S/4HANA's published services; measured on SAP's CAP runtime 10.1 with its adapter for
version 2, 2026-11.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, parsed, posted, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ROOT = "/sap/opu/odata/sap"
_PAGE = 500
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")


class Gateway:
    """The OData services of one system.

    Args:
        at: Client of the system.
        headers: What says who calls.
    """

    def __init__(self, at: httpx.Client, headers: Mapping[str, str]) -> None:
        self._client, self._headers = at, {**headers, "Accept": "application/json"}
        self._token = ""

    def rows(
        self, path: str, filters: Sequence[str], names: Sequence[str], order: str, expand: str = ""
    ) -> Iterator[dict[str, Any]]:
        """All rows of an entity set that meet every filter, page by page.

        Args:
            path: Service and entity set.
            filters: Conditions of OData version 2.
            names: Columns.
            order: Columns that order the rows completely, so that no page repeats or leaves out one.
            expand: What hangs on a row and comes with it.

        Raises:
            Trouble: A page did not come.
        """
        start = 0
        while True:
            asked = {
                "$filter": " and ".join(filters),
                "$select": ",".join(names),
                "$orderby": order,
                "$top": str(_PAGE),
                "$skip": str(start),
            } | ({"$expand": expand} if expand else {})
            request = self._client.build_request("GET", f"{_ROOT}/{path}", params=asked, headers=self._headers)
            answer = posted(self._client, request)
            if answer.status_code != httpx.codes.OK:
                raise refusal(answer, said(answer))
            page = parsed(answer)["d"]["results"]
            yield from page
            if len(page) < _PAGE:
                return
            start += _PAGE

    def write(self, method: str, path: str, body: Mapping[str, object], etag: str = "") -> httpx.Response:
        """Make a record with all that hangs on it, or change one.

        Args:
            method: POST, or PATCH.
            path: Service and entity set, or one record of it.
            body: Its fields.
            etag: Version of the record that is changed: another one is refused.

        Raises:
            Trouble: It was not done, or nobody knows.
        """
        headers = {"Content-Type": "application/json", **({"If-Match": etag} if etag else {})}
        answer = self._guarded(method, path, json.dumps(body).encode(), headers)
        if answer.status_code == httpx.codes.PRECONDITION_FAILED:
            raise Trouble("retry_after", "changed", "somebody changed it meanwhile: it has to be read again")
        if not answer.is_success:
            raise refusal(answer, said(answer))
        return answer

    def make_all(self, service: str, entity_set: str, bodies: Sequence[Mapping[str, object]]) -> list[httpx.Response]:
        """Make several records in one call: all of them, or none.

        Raises:
            Trouble: None was made, or nobody knows.
        """
        made = change_set("POST", entity_set, bodies)
        headers = {"Content-Type": made.content_type, "Accept": "multipart/mixed"}
        answer = self._guarded("POST", f"{service}/$batch", made.content, headers)
        if not answer.is_success:
            raise refusal(answer, said(answer))
        parts = parts_of(answer)
        for part in parts:
            if not part.is_success:
                raise refusal(part, said(part))
        if len(parts) != len(bodies):
            raise Trouble("unknown", "answer_cut", "the batch answers for other records than were sent")
        return parts

    def _guarded(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """A call that writes, with the token that SAP asks for against forged requests.

        Without a token that holds nothing was done, so a new one is fetched and the call made once more.
        """
        service = path.split("/", 1)[0]
        for _ in range(2):
            if not self._token:
                self._fetch_token(service)
            sent = {**self._headers, **headers, "x-csrf-token": self._token}
            request = self._client.build_request(method, f"{_ROOT}/{path}", content=content, headers=sent)
            answer = posted(self._client, request)
            if answer.headers.get("x-csrf-token", "").lower() != "required":
                return answer
            self._token = ""
        raise Trouble("rejected", "rights", "SAP takes no token against forged requests from this user")

    def _fetch_token(self, service: str) -> None:
        headers = {**self._headers, "x-csrf-token": "Fetch"}
        try:
            answer = posted(self._client, self._client.build_request("GET", f"{_ROOT}/{service}/", headers=headers))
        except Trouble as trouble:
            # Only the token was asked for.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble
        self._token = answer.headers.get("x-csrf-token", "")
        if not self._token:
            raise refusal(answer, said(answer) or "no token against forged requests")


def said(answer: httpx.Response) -> str:
    """The words of an error, if it has any."""
    try:
        return str(json.loads(answer.content)["error"]["message"]["value"])
    except (ValueError, KeyError, TypeError):
        return ""


def text_literal(text: str) -> str:
    """A text in a filter."""
    return "'" + text.replace("'", "''") + "'"


def day_literal(day: date) -> str:
    """A day in a filter."""
    return f"datetime'{day.isoformat()}T00:00:00'"


def day_of(value: str) -> date:
    """The day that version 2 writes as milliseconds since 1970."""
    found = _DATE.fullmatch(value)
    assert found is not None, "a date of version 2"
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
