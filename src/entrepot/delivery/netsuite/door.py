"""NetSuite's doors: SuiteTalk REST writes records, SuiteQL reads; signed by certificate or by token.

Source: see `spec.py`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.delivery.calls import Trouble, client, parsed, posted, refusal
from entrepot.delivery.keys import document_id_of, short_key
from entrepot.delivery.netsuite.signing import TokenSigner, assertion
from entrepot.delivery.tokens import Tokens, authorised
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address

MARK = "EP-"
"""What an external id of ours starts with."""

_TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 an address
_RECORDS = "/services/rest/record/v1"
_QUERY = "/services/rest/query/v1/suiteql"
_PAGE = 1_000
_TOO_MANY = frozenset({"SSS_REQUEST_LIMIT_EXCEEDED"})
"""What some of NetSuite's doors say, with status 400, where others say 429."""
_STRICT = {"X-NetSuite-PropertyNameValidation": "Error", "X-NetSuite-PropertyValueValidation": "Error"}


@dataclass(frozen=True, slots=True)
class Company:
    """What a subsidiary's documents need: its numbers, and the number of each account by the one people use."""

    code: str
    number: str
    currency_id: str
    currency: str
    accounts: Mapping[str, str]

    def account(self, number: str) -> str:
        """The id of an account.

        Raises:
            Trouble: There is none.
        """
        if number not in self.accounts:
            raise Trouble("rejected", "account", f"NetSuite has no active account {number}")
        return self.accounts[number]


class Door:
    """One account.

    Args:
        address: As `adapter.NetSuite` says.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._companies: dict[str, Company] = {}
        self._signer: TokenSigner | None = None
        if ":" in address.user:
            self._signer = TokenSigner(address.database, address.user, address.password)
        token_url = address.url.rstrip("/") + _TOKEN_PATH

        def form() -> dict[str, str]:
            signed = assertion(address.user, address.database, address.password, token_url, time.time())
            return {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": signed,
            }

        self._tokens = Tokens(self._client, _TOKEN_PATH, form)

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def put(self, record: str, external_id: str, body: Mapping[str, object], sublist: str = "") -> str:
        """Write a record under an external id, lines of a sublist in place of those that are there; its number.

        Raises:
            Trouble: It was not written, or nobody knows.
        """
        asked = {"replace": sublist} if sublist else {}
        answer = self._call("PUT", f"{_RECORDS}/{record}/eid:{external_id}", body, asked, _STRICT)
        number = str(answer.headers.get("Location", "")).rstrip("/").rsplit("/", 1)[-1]
        if not number:
            raise Trouble("unknown", "answer_cut", "the answer names no record")
        return number

    def make(self, record: str, body: Mapping[str, object]) -> None:
        """Make a record that has no key; NetSuite may do what it says without keeping one.

        Raises:
            Trouble: It was not made, or nobody knows.
        """
        self._call("POST", f"{_RECORDS}/{record}", body, {}, _STRICT)

    def company(self, code: str) -> Company:
        """A subsidiary by its name.

        Raises:
            Trouble: There is none, or no answer.
        """
        if code not in self._companies:
            named = f"name = {text_literal(code)} and isinactive = 'F'"
            rows = list(self.rows(f"select id, currency from subsidiary where {named} order by id"))
            if len(rows) != 1:
                raise Trouble("rejected", "company", f"NetSuite has no single active subsidiary {code}")
            currencies = {row["id"]: row["symbol"] for row in self.rows("select id, symbol from currency order by id")}
            active = "select id, acctnumber from account where isinactive = 'F' and acctnumber is not null order by id"
            accounts = {row["acctnumber"]: row["id"] for row in self.rows(active)}
            currency = rows[0]["currency"]
            self._companies[code] = Company(code, rows[0]["id"], currency, currencies[currency], accounts)
        return self._companies[code]

    def rows(self, query: str) -> Iterator[dict[str, Any]]:
        """All rows of a query whose order is complete, page by page."""
        start = 0
        while True:
            asked = {"limit": str(_PAGE), "offset": str(start)}
            answer = self._call("POST", _QUERY, {"q": " ".join(query.split())}, asked, {"Prefer": "transient"})
            page = parsed(answer)
            yield from page["items"]
            if not page["hasMore"]:
                return
            start += _PAGE

    def _call(
        self, method: str, path: str, body: Mapping[str, object], asked: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        request = self._client.build_request(method, path, params=asked, json=body, headers=headers)
        if self._signer is None:
            answer = authorised(self._client, request, self._tokens)
        else:
            answer = self._signed(request, self._signer)
        if answer.is_success:
            return answer
        code, words = _said(answer)
        if code in _TOO_MANY:
            raise Trouble("retry_after", "too_many", words)
        raise refusal(answer, words)

    def _signed(self, request: httpx.Request, signer: TokenSigner) -> httpx.Response:
        """A signature is looked at before anything is done, so one that was not taken may be made anew once."""
        request.headers["Authorization"] = signer.header(request)
        answer = posted(self._client, request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            request.headers["Authorization"] = signer.header(request)
            answer = posted(self._client, request)
        return answer


def _said(answer: httpx.Response) -> tuple[str, str]:
    """Code and words of the first detail of an error."""
    try:
        told = answer.json()
        first = (told.get("o:errorDetails") or [{}])[0]
        return str(first.get("o:errorCode", "")), str(first.get("detail") or told.get("title", ""))
    except (ValueError, AttributeError):
        return "", ""


def text_literal(value: str) -> str:
    """A text in a query."""
    return "'" + value.replace("'", "''") + "'"


def span(first: date, last: date) -> str:
    """A condition: ours, with a date in a span."""
    days = [f"to_date({text_literal(day.isoformat())}, 'YYYY-MM-DD')" for day in (first, last)]
    return f"t.externalid like '{MARK}%' and t.trandate between {days[0]} and {days[1]}"


def external_of(document_id: str) -> str:
    """The external id of a document, which takes no dot."""
    return MARK + (short_key(document_id) if "." in document_id else document_id)


def key_of(external: str) -> str:
    """The document of an external id."""
    return document_id_of(external.removeprefix(MARK))


def keyed(keys: Sequence[str]) -> str:
    """A condition: under one of some keys."""
    return f"t.externalid in ({', '.join(text_literal(external_of(key)) for key in keys)})"


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units."""
    return int(amount.scaleb(minor_digits(currency)))


def to_number(minor: int, currency: str) -> float:
    """Minor units as an amount."""
    return float(Decimal(minor).scaleb(-minor_digits(currency)))


def net_of(row: Mapping[str, Any], currency: str) -> int:
    """What a row of accounting holds, debit positive, in minor units; SuiteQL leaves out what is nothing."""
    return to_minor(Decimal(row.get("debit", 0)) - Decimal(row.get("credit", 0)), currency)
