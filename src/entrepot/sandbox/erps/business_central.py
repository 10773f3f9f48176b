"""A simulated Business Central: the calls of its API v2.0 that our documents need.

Written from the published documentation and the published source of the API's pages; nothing of it was recorded from a
running one. It is stricter than the real one: an unknown property is refused. What it does not prove: that nested lines
and their journal are one transaction there, Business Central's posting set-up, VAT, dimensions, number series, its
words, or how long a call may take.
"""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from entrepot.sandbox.erps.business_central_sales import ORDERS, SETS, Selling
from entrepot.sandbox.erps.odata4 import TOKEN_PATH, Clients, RefusedError, listed, refused
from entrepot.sandbox.erps.serving import Answer, Books, Problem, Server

if TYPE_CHECKING:
    from entrepot.sandbox.erps.serving import Call

__all__ = ["BusinessCentralSandbox"]

_ROOT = "/v2.0/tenant/Production/api/v2.0/"
_SET = re.compile(r"companies\(([0-9a-f-]{36})\)/(\w+)")
_ONE = re.compile(r"companies\(([0-9a-f-]{36})\)/(\w+)\(([0-9a-f-]{36})\)(/Microsoft\.NAV\.post)?")
_SOLD = (*SETS, ORDERS, "customers", "items")
_LENGTHS = {"code": 10, "displayName": 50, "documentNumber": 20, "description": 100, "comment": 250}
_JOURNAL = frozenset({"code", "displayName", "journalLines"})
_LINE = frozenset({"accountType", "accountNumber", "postingDate", "documentNumber", "amount", "description", "comment"})


@dataclass
class BusinessCentralSandbox:
    """One environment.

    Attributes:
        books: Companies by name, accounts and the first open day.
        clients: Who may call.
        journals: By id, with the id of their company.
        entries: Of the general ledger, each with the id of its company.
        just_blocked: Accounts that were blocked after the chart was read: it still shows them as open.
        receivable: Account of every customer's posting group, which takes no direct posting; '' for none.
        taxed: Percent that is added to lines of invoices on an account.
    """

    books: Books
    clients: Clients = field(default_factory=Clients)
    journals: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    just_blocked: tuple[str, ...] = ()
    receivable: str = ""
    taxed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._companies = {str(uuid.uuid4()): name for name in self.books.companies}
        self.selling = Selling(self.books, self.receivable, self.taxed)
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address of the API."""
        return self._server.url + _ROOT

    @property
    def token_url(self) -> str:
        """Where tokens are got."""
        return self._server.url + TOKEN_PATH

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def _answer(self, call: Call) -> Answer:
        with self._lock:
            try:
                if call.path == TOKEN_PATH:
                    return self.clients.token(call, self._server.url)
                self.clients.check(call)
                return self._act(call, unquote(call.path).removeprefix(_ROOT))
            except RefusedError as refusal:
                return refused(refusal)
            except Problem as problem:
                return refused(RefusedError(400, "Application_DialogException", f"{problem.kind} {problem.name}"))

    def _act(self, call: Call, path: str) -> Answer:
        if (call.method, path) == ("GET", "companies"):
            rows = [{"id": number, "name": name} for number, name in self._companies.items()]
            return listed(rows, call.asked, set())
        if (one := _ONE.fullmatch(path)) and one[1] in self._companies:
            if one[2] in _SOLD:
                return self._sold(call, one[1], one[2], one[3], is_posting=bool(one[4]))
            if one[2] == "journals":
                return self._one(call, one[3], is_posting=bool(one[4]))
        found = _SET.fullmatch(path)
        if found is None or found[1] not in self._companies:
            raise RefusedError(404, "BadRequest_NotFound", path)
        if (call.method, found[2]) == ("POST", "journals"):
            return self._create(found[1], call.body)
        if call.method == "POST" and found[2] in _SOLD:
            self.selling.blocked = self.just_blocked
            return Answer(201, self.selling.create(found[1], found[2], call.body))
        if call.method != "GET":
            raise RefusedError(405, "BadRequest_MethodNotAllowed", path)
        return listed(self._rows(found[1], found[2]), call.asked, {"$expand"})

    def _sold(self, call: Call, company: str, name: str, number: str, *, is_posting: bool) -> Answer:
        if is_posting and call.method == "POST" and name in SETS:
            self._enter(company, self.selling.post(company, name, number))
            return Answer(204)
        if call.method == "PATCH" and not is_posting:
            version = call.headers.get("if-match", "")
            return Answer(200, self.selling.change(company, name, number, call.body, version))
        if call.method == "GET" and not is_posting:
            return Answer(200, self.selling.row(company, name, number))
        raise RefusedError(405, "BadRequest_MethodNotAllowed", call.method)

    def _enter(self, company: str, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.entries.append({"company": company, "row": {"id": len(self.entries) + 1, **row}})

    def _rows(self, company: str, name: str) -> list[dict[str, Any]]:
        match name:
            case "companyInformation":
                return [{"id": company, "currencyCode": self.books.companies[self._companies[company]]}]
            case "accounts":
                direct = {each: each != self.receivable for each in self.books.accounts}
                return [{"number": each, "blocked": False, "directPosting": is_so} for each, is_so in direct.items()]
            case "journals":
                return [_shown(each["row"]) for each in self.journals.values() if each["company"] == company]
            case "generalLedgerEntries":
                return [each["row"] for each in self.entries if each["company"] == company]
        if name in _SOLD:
            return self.selling.rows(company, name)
        raise RefusedError(404, "BadRequest_NotFound", name)

    def _create(self, company: str, body: dict[str, Any]) -> Answer:
        lines = body.get("journalLines", [])
        for known, each in [(_JOURNAL, body), *((_LINE, line) for line in lines)]:
            if unknown := set(each) - known:
                raise RefusedError(400, "BadRequest", f"The property '{min(unknown)}' does not exist")
            for name, limit in _LENGTHS.items():
                if len(each.get(name, "")) > limit:
                    raise RefusedError(400, "Application_StringExceededLength", f"{name}: {limit}")
        if any(each["row"]["code"] == body["code"] for each in self.journals.values()):
            raise RefusedError(400, "Internal_EntityWithSameKeyExists", f"The record already exists: {body['code']}")
        customers = {row["number"] for row in self.selling.rows(company, "customers")}
        there = {"G/L Account": set(self.books.accounts) - {self.receivable}, "Customer": customers}
        if any(line["accountNumber"] not in there[line["accountType"]] for line in lines):
            raise RefusedError(400, "Internal_RecordNotFound", "The G/L Account does not exist.")
        if any(line["accountNumber"] in self.just_blocked for line in lines):
            raise RefusedError(400, "Application_DialogException", "Blocked must be equal to 'No' in G/L Account.")
        number = str(uuid.uuid4())
        row = {
            **body,
            "id": number,
            "journalLines": [{**line, "amount": Decimal(str(line["amount"]))} for line in lines],
        }
        self.journals[number] = {"company": company, "row": row}
        return Answer(201, row)

    def _one(self, call: Call, number: str, *, is_posting: bool) -> Answer:
        if number not in self.journals:
            raise RefusedError(404, "Internal_RecordNotFound", "The journal does not exist.")
        if is_posting and call.method == "POST":
            return self._post(number)
        if call.method == "DELETE" and not is_posting:
            if call.headers.get("if-match") != "*":
                raise RefusedError(409, "Request_EntityChanged", "If-Match is missing or of another version")
            del self.journals[number]
            return Answer(204)
        raise RefusedError(405, "BadRequest_MethodNotAllowed", call.method)

    def _post(self, number: str) -> Answer:
        """All lines of the journal, or none; it stays there, empty."""
        journal = self.journals[number]
        lines = journal["row"]["journalLines"]
        if not lines:
            raise RefusedError(400, "Application_DialogException", "There is nothing to post.")
        company = self._companies[journal["company"]]
        of_group = {line["accountNumber"]: self.receivable for line in lines if line["accountType"] == "Customer"}
        amounts = [(of_group.get(line["accountNumber"], line["accountNumber"]), line["amount"]) for line in lines]
        self.books.check(company, date.fromisoformat(lines[0]["postingDate"]), amounts)
        self._enter(
            journal["company"],
            [
                {
                    "postingDate": line["postingDate"],
                    "documentNumber": line["documentNumber"].upper(),
                    "accountNumber": account,
                    "description": line["description"],
                    "debitAmount": max(amount, Decimal(0)),
                    "creditAmount": max(-amount, Decimal(0)),
                }
                for line, (account, amount) in zip(lines, amounts, strict=True)
            ],
        )
        journal["row"]["journalLines"] = []
        return Answer(204)


def _shown(journal: dict[str, Any]) -> dict[str, Any]:
    """A journal as it is read: its page shows lines of accounts and banks, and takes those of customers as well."""
    lines = [line for line in journal["journalLines"] if line["accountType"] != "Customer"]
    return {**journal, "journalLines": lines}
