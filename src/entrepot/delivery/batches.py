"""OData's $batch as multipart: one change set, which the server carries out as a whole or not at all.

Source: OData version 2 and 4, "Batch Processing"; the answer is 202 (version 2) or 200 (version 4) also where a part
of it failed, and a change set that failed has one answer for all of its requests.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING

import httpx

from entrepot.delivery.calls import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ChangeSet", "change_set", "parts_of"]


@dataclass(frozen=True)
class ChangeSet:
    """A request's body and what its Content-Type has to say.

    Attributes:
        content: The body.
        content_type: With the boundary.
    """

    content: bytes
    content_type: str


def change_set(
    method: str, path: str, bodies: Sequence[Mapping[str, object]], headers: Mapping[str, str] | None = None
) -> ChangeSet:
    """Requests of one kind as one change set.

    Args:
        method: Of each.
        path: Of each.
        bodies: One a request.
        headers: Of each, beside those of JSON.
    """
    outer, inner = f"batch_{secrets.token_hex(8)}", f"changeset_{secrets.token_hex(8)}"
    lines = [f"--{outer}", f"Content-Type: multipart/mixed; boundary={inner}", ""]
    for at, body in enumerate(bodies, start=1):
        content = json.dumps(body)
        lines += [
            f"--{inner}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            f"Content-ID: {at}",
            "",
            f"{method} {path} HTTP/1.1",
            "Content-Type: application/json",
            "Accept: application/json",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
            f"Content-Length: {len(content.encode())}",
            "",
            content,
        ]
    lines += [f"--{inner}--", f"--{outer}--", ""]
    return ChangeSet("\r\n".join(lines).encode(), f"multipart/mixed; boundary={outer}")


def parts_of(answer: httpx.Response) -> list[httpx.Response]:
    """The answers inside an answer, in order.

    Raises:
        Trouble: It is not a whole one: what was asked for may have been done.
    """
    head = f"Content-Type: {answer.headers.get('Content-Type', '')}\r\n\r\n".encode()
    whole = message_from_bytes(head + answer.content)
    inner = [part for part in whole.walk() if part.get_content_type() == "application/http"]
    is_ended = answer.content.rstrip().endswith(f"--{whole.get_boundary()}--".encode())
    if not inner or not is_ended:
        raise Trouble("unknown", "answer_cut", "the answer is no whole batch")
    return [_answer(part) for part in inner]


def _answer(part: Message) -> httpx.Response:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes), "a part that holds no parts"
    first, _, rest = content.partition(b"\n")
    try:
        status = int(first.split()[1])
    except (IndexError, ValueError) as error:
        raise Trouble("unknown", "answer_cut", "a part of the batch has no status") from error
    inner = message_from_bytes(rest)
    body = inner.get_payload(decode=True)
    return httpx.Response(status, headers=dict(inner.items()), content=body if isinstance(body, bytes) else b"")
