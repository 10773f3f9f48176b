"""Several calls in one request, as document 104350 of the open platform and its official SDKs describe them.

The system's parameters and the signature stand in the address, the calls in the body, parted by a line; the signature
is about both. Not sourced: how many there may be at most (an integrator says 20), and what is answered beyond that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/router/batch"
MOST = 20
_SEPARATOR_HEADER, _SEPARATOR, _SHARED, _NOTHING = "top-api-separator", "\r\n-S-\r\n", "#PUBLIC#", "N"


def separator_in(headers: Mapping[str, str]) -> str:
    """What parts the calls, and the answers."""
    return headers.get(_SEPARATOR_HEADER, _SEPARATOR)


def calls_in(body: str, separator: str) -> list[dict[str, str]]:
    """Parameters of each call, those included that all of them share."""
    first, *rest = body.split(separator)
    shared = _read(first.removeprefix(_SHARED)) if first.startswith(_SHARED) else {}
    own = rest if first.startswith(_SHARED) else [first, *rest]
    return [{**shared, **({} if each == _NOTHING else _read(each))} for each in own]


def _read(form: str) -> dict[str, str]:
    return dict(parse_qsl(form, keep_blank_values=True))
