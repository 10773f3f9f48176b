"""Journals into NetSuite: written under an external id by SuiteTalk REST, a call each, and read back by SuiteQL."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.delivery.calls import Trouble, client, each_alone, parsed, posted, refusal
from entrepot.delivery.erp import JOURNAL, Found, JournalLine, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.netsuite.signing import TokenSigner, assertion
from entrepot.delivery.netsuite.spec import SPEC
from entrepot.delivery.remarks import own_amount, remark
from entrepot.delivery.tokens import Tokens, authorised
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec, Outcome

_TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 an address
_RECORDS = "/services/rest/record/v1/journalEntry"
_QUERY = "/services/rest/query/v1/suiteql"
_MARK = "EP-"
_PAGE = 1_000
_TOO_MANY = frozenset({"SSS_REQUEST_LIMIT_EXCEEDED"})
"""What some of NetSuite's doors say, with status 400, where others say 429."""
_STRICT = {"X-NetSuite-PropertyNameValidation": "Error", "X-NetSuite-PropertyValueValidation": "Error"}
_LINES = """
select t.id as id, t.externalid as externalid, to_char(t.trandate, 'YYYY-MM-DD') as day,
    a.acctnumber as account, tal.debit as debit, tal.credit as credit, tl.memo as memo
from transaction t
join transactionline tl on tl.transaction = t.id
join transactionaccountingline tal on tal.transaction = tl.transaction and tal.transactionline = tl.id
join account a on a.id = tal.account
where t.type = 'Journal' and tal.accountingbook = 1 and tl.subsidiary = {subsidiary} and {condition}
order by t.id, tl.id
"""


@dataclass(frozen=True, slots=True)
class _Company:
    """What a subsidiary's journals need: its numbers, and the number of each account by the one people use."""

    number: str
    currency_id: str
    currency: str
    accounts: Mapping[str, str]


class NetSuite:
    """One account.

    Args:
        address: By certificate: the client id as user, the certificate's id as database, the private key (PEM, or the
            path of its file) as password. By token: consumer key and token id as user, the account as database, both
            secrets as password; pairs with a colon between them.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._companies: dict[str, _Company] = {}
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

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Write journals; they are posted at once."""
        del refs
        assert step in SPEC.steps[JOURNAL], "journals are what this adapter knows"
        return each_alone(documents, self._write)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals under the keys' external ids."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        named = ", ".join(_text(_MARK + key) for key in keys)
        return self._found(company, f"t.externalid in ({named})") if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Journals of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        days = [f"to_date({_text(day.isoformat())}, 'YYYY-MM-DD')" for day in (first, last)]
        return self._found(company, f"t.externalid like '{_MARK}%' and t.trandate between {days[0]} and {days[1]}")

    def _write(self, document: Document) -> str:
        company = self._company(document.company)
        body = {
            "tranDate": document.posted_on.isoformat(),
            "memo": document.text,
            "subsidiary": {"id": company.number},
            "currency": {"id": company.currency_id},
            "approved": True,
            "line": {"items": [_line(company, document, line) for line in document.lines]},
        }
        path = f"{_RECORDS}/eid:{_MARK}{document.document_id}"
        answer = self._call("PUT", path, body, {"replace": "line"}, _STRICT)
        number = str(answer.headers.get("Location", "")).rstrip("/").rsplit("/", 1)[-1]
        if not number:
            raise Trouble("unknown", "answer_cut", "the answer names no journal")
        return number

    def _found(self, code: str, condition: str) -> Mapping[str, tuple[Found, ...]]:
        journals: dict[str, list[dict[str, Any]]] = {}
        try:
            company = self._company(code)
            for row in self._rows(_LINES.format(subsidiary=company.number, condition=condition)):
                journals.setdefault(row["id"], []).append(row)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for rows in journals.values():
            key = rows[0]["externalid"].removeprefix(_MARK)
            found[key] = (*found.get(key, ()), _read(code, company, rows))
        return found

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            named = f"select id, currency from subsidiary where name = {_text(code)} and isinactive = 'F' order by id"
            rows = list(self._rows(named))
            if len(rows) != 1:
                raise Trouble("rejected", "company", f"NetSuite has no single active subsidiary {code}")
            currencies = {row["id"]: row["symbol"] for row in self._rows("select id, symbol from currency order by id")}
            active = "select id, acctnumber from account where isinactive = 'F' and acctnumber is not null order by id"
            accounts = {row["acctnumber"]: row["id"] for row in self._rows(active)}
            currency = rows[0]["currency"]
            self._companies[code] = _Company(rows[0]["id"], currency, currencies[currency], accounts)
        return self._companies[code]

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
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


def connect(address: Address) -> NetSuite:
    """An adapter for an account."""
    return NetSuite(address)


def _line(company: _Company, document: Document, line: JournalLine) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"NetSuite has no active account {line.account}")
    amount = Decimal(abs(line.functional_minor)).scaleb(-minor_digits(document.functional_currency))
    side = "debit" if line.functional_minor >= 0 else "credit"
    made: dict[str, object] = {"account": {"id": company.accounts[line.account]}, side: float(amount)}
    if text := remark(document, line):
        made["memo"] = text
    return made


def _read(code: str, company: _Company, rows: Sequence[Mapping[str, Any]]) -> Found:
    currency, lines = company.currency, []
    for row in rows:
        functional = _minor(Decimal(row.get("debit", 0)) - Decimal(row.get("credit", 0)), company.currency)
        currency, amount = own_amount(row.get("memo", ""), company.currency, functional)
        lines.append(JournalLine(row["account"], functional, amount))
    content = content_of(code, date.fromisoformat(rows[0]["day"]), currency, lines)
    return Found(str(rows[0]["id"]), len(SPEC.steps[JOURNAL]), content)


def _said(answer: httpx.Response) -> tuple[str, str]:
    """Code and words of the first detail of an error."""
    try:
        told = answer.json()
        first = (told.get("o:errorDetails") or [{}])[0]
        return str(first.get("o:errorCode", "")), str(first.get("detail") or told.get("title", ""))
    except (ValueError, AttributeError):
        return "", ""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
