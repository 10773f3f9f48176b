"""Journals as Journal Entries of ERPNext: a call a document, a unique field as key, submitting as a step of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from entrepot.delivery.calls import Trouble, client, outcome_of, posted
from entrepot.delivery.erp import JOURNAL, Document, Found, JournalLine, Outcome, content_of
from entrepot.delivery.erpnext.spec import KEY_FIELD, SPEC
from entrepot.delivery.errors import ErpUnreachable
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, ErpSpec

_ENTRY = "Journal Entry"
_RESOURCE = "/api/resource"
_DRAFT, _SUBMITTED = 0, 1
_NOT_NOW = frozenset({"QueryTimeoutError", "QueryDeadlockError", "TimestampMismatchError", "TooManyRequestsError"})
"""Errors of a transaction that was rolled back and that another try may not meet."""
_RIGHTS = frozenset({401, 403})
_PAGE = 200


@dataclass(frozen=True, slots=True)
class _Company:
    """What a company's documents need to know of it: its currency, and the name of each account by its number."""

    name: str
    currency: str
    accounts: Mapping[str, str]


class ErpNext:
    """One site.

    Args:
        address: The user is the API key, the password its secret.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._token = {"Authorization": f"token {address.user}:{address.password}"}
        self._companies: dict[str, _Company] = {}
        self._has_key = False

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Create drafts, or submit them; a call each, so that one that fails stops no other."""
        outcomes = {}
        for each in documents:
            try:
                ref = self._create(each) if step == "create" else self._submit(refs[each.document_id])
                outcomes[each.document_id] = Outcome("applied", ref)
            except Trouble as trouble:
                outcomes[each.document_id] = outcome_of(trouble)
        return outcomes

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Entries that carry one of the keys."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        return self._found(company, [[KEY_FIELD, "in", list(keys)]])

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Entries with a key of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        span = ["posting_date", "between", [first.isoformat(), last.isoformat()]]
        return self._found(company, [[KEY_FIELD, "is", "set"], span])

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        body = {
            "voucher_type": _ENTRY,
            "company": company.name,
            "posting_date": document.posted_on.isoformat(),
            "user_remark": document.text,
            KEY_FIELD: document.document_id,
            "accounts": [_line(company, document, line) for line in document.lines],
        }
        return str(self._call("POST", f"{_RESOURCE}/{_ENTRY}", body)["name"])

    def _submit(self, ref: str) -> str:
        return str(self._call("PUT", f"{_RESOURCE}/{_ENTRY}/{quote(ref, safe='')}", {"docstatus": _SUBMITTED})["name"])

    def _found(self, company_code: str, filters: list[object]) -> Mapping[str, tuple[Found, ...]]:
        found: dict[str, tuple[Found, ...]] = {}
        try:
            company = self._company(company_code)
            names = ["name", KEY_FIELD]
            for row in self._rows(_ENTRY, [["company", "=", company.name], *filters], names):
                entry = self._call("GET", f"{_RESOURCE}/{_ENTRY}/{quote(row['name'], safe='')}")
                key = str(row[KEY_FIELD])
                found[key] = (*found.get(key, ()), _read(company, entry))
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        return found

    def _company(self, code: str) -> _Company:
        if not self._has_key:
            fields = self._rows(
                "Custom Field", [["dt", "=", _ENTRY], ["fieldname", "=", KEY_FIELD]], ["name", "unique"]
            )
            if not any(row["unique"] for row in fields):
                raise Trouble("rejected", "key", f"Journal Entry has no unique field {KEY_FIELD}")
            self._has_key = True
        if code not in self._companies:
            found = list(self._rows("Company", [["name", "=", code]], ["name", "default_currency"]))
            if not found:
                raise Trouble("rejected", "company", f"ERPNext has no company {code}")
            mine = [["company", "=", code], ["is_group", "=", 0]]
            accounts = self._rows("Account", mine, ["name", "account_number"])
            by_code = {str(row["account_number"] or row["name"]): str(row["name"]) for row in accounts}
            self._companies[code] = _Company(code, found[0]["default_currency"], by_code)
        return self._companies[code]

    def _rows(self, doctype: str, filters: list[Any], names: list[str]) -> Iterator[dict[str, Any]]:
        """All rows, page by page, in the order of their names."""
        start = 0
        while True:
            asked = {
                "filters": json.dumps(filters),
                "fields": json.dumps(names),
                "order_by": "name asc",
                "limit_start": start,
                "limit_page_length": _PAGE,
            }
            page = self._call("GET", f"{_RESOURCE}/{doctype}", asked=asked)
            yield from page
            if len(page) < _PAGE:
                return
            start += _PAGE

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, asked: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 JSON
        content = None if body is None else json.dumps(body)
        headers = {**self._token, "Accept": "application/json", "Content-Type": "application/json"}
        request = self._client.build_request(method, path, params=asked, content=content, headers=headers)
        answer = posted(self._client, request)
        if answer.status_code == httpx.codes.OK:
            try:
                return json.loads(answer.content, parse_float=Decimal)["data"]
            except (ValueError, KeyError) as error:
                raise Trouble("unknown", "answer_cut", "the answer is not whole JSON") from error
        raise _trouble(answer)


def connect(address: Address) -> ErpNext:
    """An adapter for a site."""
    return ErpNext(address)


def _trouble(answer: httpx.Response) -> Trouble:
    """What a refusal says. A 5xx is doubt: a proxy gives it too, before and after the work is done."""
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code < httpx.codes.BAD_REQUEST:
        return Trouble("unknown", "server_failed", f"HTTP {answer.status_code}")
    try:
        told = json.loads(answer.content)
    except ValueError:
        told = {}
    kind, text = str(told.get("exc_type", "")), str(told.get("exception", "")).rsplit("exceptions.", 1)[-1]
    words = text or f"HTTP {answer.status_code}"
    if kind in _NOT_NOW:
        return Trouble("retry_after", kind, words)
    if answer.status_code in _RIGHTS:
        return Trouble("rejected", "rights", words)
    return Trouble("rejected", "refused", words)


def _line(company: _Company, document: Document, line: JournalLine) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"{company.name} has no account {line.account}")
    amount = abs(float(Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))))
    side = "debit_in_account_currency" if line.functional_minor >= 0 else "credit_in_account_currency"
    made: dict[str, object] = {"account": company.accounts[line.account], side: amount}
    if document.currency != document.functional_currency:
        own = Decimal(line.amount_minor).scaleb(-minor_digits(document.currency))
        made["user_remark"] = f"{document.currency} {own}"
    return made


def _read(company: _Company, entry: Mapping[str, Any]) -> Found:
    """An entry as it stands. A cancelled one holds nothing any more."""
    numbers = {name: number for number, name in company.accounts.items()}
    currency, lines = company.currency, []
    for row in entry["accounts"] if entry["docstatus"] in (_DRAFT, _SUBMITTED) else ():
        functional = _minor(Decimal(row["debit"]) - Decimal(row["credit"]), company.currency)
        amount, remark = functional, str(row.get("user_remark") or "").split(" ")
        if len(remark) == len(("currency", "amount")):
            currency = remark[0]
            amount = _minor(Decimal(remark[1]), currency)
        lines.append(JournalLine(numbers.get(row["account"], row["account"]), functional, amount))
    content = content_of(company.name, date.fromisoformat(entry["posting_date"]), currency, lines)
    return Found(str(entry["name"]), 1 + int(entry["docstatus"] == _SUBMITTED), content)


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
