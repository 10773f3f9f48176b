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

from entrepot.delivery.calls import parsed, posted, refusal

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

    def rows(self, path: str, filters: Sequence[str], names: Sequence[str], order: str) -> Iterator[dict[str, Any]]:
        """All rows of an entity set that meet every filter, page by page.

        Args:
            path: Service and entity set.
            filters: Conditions of OData version 2.
            names: Columns.
            order: Columns that order the rows completely, so that no page repeats or leaves out one.

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
            }
            request = self._client.build_request("GET", f"{_ROOT}/{path}", params=asked, headers=self._headers)
            answer = posted(self._client, request)
            if answer.status_code != httpx.codes.OK:
                raise refusal(answer, said(answer))
            page = parsed(answer)["d"]["results"]
            yield from page
            if len(page) < _PAGE:
                return
            start += _PAGE


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
