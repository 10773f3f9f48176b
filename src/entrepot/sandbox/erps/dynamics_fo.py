"""A simulated Finance and Operations: the OData calls that our documents need, multipart batches and packages included.

Written from the published contract; nothing of it was recorded from a running one. It is stricter than the real one:
an unknown property is refused. What it does not prove: posting and posting profiles, number sequences, sales tax,
dimensions, workflows, how it throttles, or what its words are.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from entrepot.sandbox.erps.dynamics_fo_orders import Selling
from entrepot.sandbox.erps.dynamics_fo_packages import PUT_PATH, Imports, read_package
from entrepot.sandbox.erps.odata4 import TOKEN_PATH, Clients, RefusedError, listed, refused
from entrepot.sandbox.erps.serving import Answer, Books, Problem, Server

if TYPE_CHECKING:
    from entrepot.sandbox.erps.serving import Call

__all__ = ["DynamicsFoSandbox"]

_HEADER = frozenset({"dataAreaId", "JournalName", "Description"})
_LINE = frozenset(
    {
        "dataAreaId",
        "JournalBatchNumber",
        "LineNumber",
        "AccountType",
        "AccountDisplayValue",
        "CurrencyCode",
        "DebitAmount",
        "CreditAmount",
        "TransDate",
        "Document",
        "Text",
        "Invoice",
    }
)
_LENGTHS = {"Description": 60, "Document": 20, "Text": 60, "Invoice": 20}
_KEYS = re.compile(r"LedgerJournalHeaders\(dataAreaId='(?P<entity>\w+)',JournalBatchNumber='(?P<number>\w+)'\)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT12:00:00Z")


@dataclass
class DynamicsFoSandbox:
    """One environment.

    Attributes:
        books: Legal entities with their currency, accounts and the first open day.
        journal_name: Under which journals may be made.
        clients: Who may call.
        customers: Accounts of customers, in every legal entity.
        receivable: Main account of their posting profile, which takes no ledger lines.
        headers: Journals, by entity and number.
        lines: By entity, journal and line.
        imports: What was put into storage, and what is to be brought in from there.
        selling: Sales orders.
    """

    books: Books
    journal_name: str = "GenJrn"
    clients: Clients = field(default_factory=Clients)
    customers: tuple[str, ...] = ()
    receivable: str = ""
    headers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lines: dict[tuple[str, str, int], dict[str, Any]] = field(default_factory=dict)
    imports: Imports = field(default_factory=Imports)
    selling: Selling = field(default_factory=Selling)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address."""
        return self._server.url

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
                if call.path.startswith(PUT_PATH):
                    return self.imports.put(call)
                self.clients.check(call)
                # The batch server works on, whoever calls.
                for each in self.imports.due():
                    each.errors = self._bring_in(each.entity, each.content)
                return self._act(call, unquote(call.path).removeprefix("/data/"))
            except RefusedError as refusal:
                return refused(refusal)

    def _act(self, call: Call, name: str) -> Answer:
        if (call.method, name) == ("POST", "$batch"):
            return self._batch(call)
        if (call.method, name) == ("POST", "LedgerJournalHeaders"):
            return Answer(201, self._header(call.body))
        if (call.method, name) == ("POST", "SalesOrderHeadersV2"):
            return Answer(201, self.selling.header(call.body, tuple(self.books.companies), self.customers))
        if found := _KEYS.fullmatch(name):
            return self._change(call, (found["entity"], found["number"]))
        if name.startswith(self.imports.prefix) and call.method == "POST":
            return self.imports.answer(name.removeprefix(self.imports.prefix), call, self._server.url)
        if call.method != "GET":
            raise RefusedError(405, "", f"{call.method} {name}")
        return listed(self._rows(name), call.asked, {"cross-company"})

    def _rows(self, name: str) -> list[dict[str, Any]]:
        entities = self.books.companies
        of_all = {
            "CustomersV3": ("CustomerAccount", self.customers),
            "ReleasedProductsV2": ("ItemNumber", self.selling.items),
        }
        made: dict[str, dict[Any, dict[str, Any]]]
        made = {
            "LedgerJournalHeaders": self.headers,
            "LedgerJournalLines": self.lines,
            "SalesOrderHeadersV2": self.selling.headers,
            "SalesOrderLines": self.selling.lines,
        }
        if name in made:
            return list(made[name].values())
        if name in of_all:
            key, values = of_all[name]
            return [{"dataAreaId": entity, key: each} for entity in entities for each in values]
        if name == "Ledgers":
            return [
                {"LegalEntityId": entity, "AccountingCurrency": currency, "ChartOfAccounts": "Shared"}
                for entity, currency in entities.items()
            ]
        if name == "MainAccounts":
            return [
                {"ChartOfAccounts": "Shared", "MainAccountId": each, "IsSuspended": "No"}
                for each in self.books.accounts
            ]
        raise RefusedError(404, "", f"No HTTP resource was found that matches {name}")

    def _header(self, body: dict[str, Any]) -> dict[str, Any]:
        _check(body, _HEADER)
        if body["dataAreaId"] not in self.books.companies or body.get("JournalName") != self.journal_name:
            raise RefusedError(400, "", "The journal name is not valid in the legal entity.")
        number = f"{len(self.headers) + 1:05d}"
        self.headers[body["dataAreaId"], number] = {**body, "JournalBatchNumber": number, "IsPosted": "No"}
        return self.headers[body["dataAreaId"], number]

    def _change(self, call: Call, key: tuple[str, str]) -> Answer:
        if call.method != "PATCH" or key not in self.headers:
            raise RefusedError(404, "", f"{call.method} of {key[1]}")
        _check(call.body, frozenset({"Description"}))
        self.headers[key] |= call.body
        return Answer(204)

    def _bring_in(self, entity: str, content: bytes) -> list[str]:
        """Bring lines in, each by itself: into the journal that they name if that is open, else into a new one."""
        errors, numbers = list[str](), dict[str, str]()
        for row in read_package(content):
            named = row.pop("JournalBatchNumber")
            head = {"dataAreaId": entity, "JournalName": row.pop("JournalName"), "Description": row.pop("Description")}
            try:
                if named not in numbers:
                    there = self.headers.get((entity, named))
                    is_open = there is not None and there["IsPosted"] == "No"
                    numbers[named] = named if is_open else self._header(head)["JournalBatchNumber"]
                self.headers[entity, numbers[named]]["Description"] = head["Description"]
                self._keep({"dataAreaId": entity, "JournalBatchNumber": numbers[named], **row}, is_new=False)
                self.books.check_day(entity, date.fromisoformat(row["TransDate"][:10]))
            except RefusedError as refusal:
                errors.append(f"{named} {row['LineNumber']}: {refusal.args[2]}")
            except Problem as problem:
                errors.append(f"{named} {row['LineNumber']}: {problem.kind} {problem.name}")
                del self.lines[entity, numbers[named], row["LineNumber"]]
        return errors

    def _batch(self, call: Call) -> Answer:
        """A change set of lines: all or none, and one answer for it where it fails."""
        whole = message_from_bytes(
            b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n" + call.content
        )
        parts = [
            part.get_payload(decode=True) for part in whole.walk() if part.get_content_type() == "application/http"
        ]
        before, ordered, headed = dict(self.lines), dict(self.selling.lines), dict(self.headers)
        answers = []
        try:
            for part in parts:
                assert isinstance(part, bytes), "a part that holds no parts"
                answers.append(_inner(201, self._line_of(part)))
            if made := [key for key in self.lines if key not in before]:
                self._check_books(made)
        except RefusedError as refusal:
            self.lines, self.selling.lines, self.headers = before, ordered, headed
            status, code, text = refusal.args
            answers = [_inner(status, {"error": {"code": code, "message": text}})]
        lines = ["--batch", "Content-Type: multipart/mixed; boundary=changes", ""]
        for answer in answers:
            lines += ["--changes", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "", answer]
        lines += ["--changes--", "--batch--", ""]
        return Answer(200, "\r\n".join(lines).encode(), {"Content-Type": "multipart/mixed; boundary=batch"})

    def _line_of(self, part: bytes) -> dict[str, Any]:
        first, _, rest = part.decode().replace("\r\n", "\n").partition("\n")
        method, target, _ = first.split(" ")
        asked, body = (
            dict(parse_qsl(urlsplit(target).query)),
            json.loads(rest.partition("\n\n")[2], parse_float=Decimal),
        )
        match method, urlsplit(target).path, asked.get("cross-company"):
            case "POST", "LedgerJournalLines", "true":
                return self._keep(body, is_new=True)
            case "POST", "SalesOrderLines", "true":
                return self.selling.line(body)
            case "POST", "LedgerJournalHeaders", "true":
                return self._header(body)
        raise RefusedError(404, "", f"{method} {target}")

    def _keep(self, body: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
        _check(body, _LINE)
        key = (body["dataAreaId"], body["JournalBatchNumber"], body["LineNumber"])
        if key[:2] not in self.headers or (is_new and key in self.lines):
            raise RefusedError(400, "", "The record already exists, or its journal does not.")
        if body["AccountType"] not in ("Ledger", "Cust") or not _MOMENT.fullmatch(body["TransDate"]):
            raise RefusedError(400, "", "The line is not valid.")
        is_owed = body["AccountType"] == "Cust"
        if is_owed != (body["AccountDisplayValue"] in self.customers) or (body["Invoice"] and not is_owed):
            raise RefusedError(400, "", f"Account {body['AccountDisplayValue']} is not valid for its type.")
        if body["AccountDisplayValue"] == self.receivable:
            raise RefusedError(400, "", f"Manual entry is not allowed on {self.receivable}.")
        self.lines[key] = body
        return body

    def _check_books(self, keys: list[tuple[str, str, int]]) -> None:
        rows = [self.lines[key] for key in keys]
        accounts = [self.receivable if row["AccountType"] == "Cust" else row["AccountDisplayValue"] for row in rows]
        amounts = [
            (account, Decimal(row["DebitAmount"]) - Decimal(row["CreditAmount"]))
            for account, row in zip(accounts, rows, strict=True)
        ]
        try:
            self.books.check(keys[0][0], date.fromisoformat(rows[0]["TransDate"][:10]), amounts)
        except Problem as problem:
            raise RefusedError(400, "", f"{problem.kind} {problem.name}") from problem


def _check(body: dict[str, Any], known: frozenset[str]) -> None:
    if unknown := set(body) - known:
        raise RefusedError(400, "", f"The property '{min(unknown)}' does not exist on type")
    for name, limit in _LENGTHS.items():
        if len(body.get(name, "")) > limit:
            raise RefusedError(400, "", f"{name} is longer than {limit}")


def _inner(status: int, body: dict[str, Any]) -> str:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json; odata.metadata=minimal\r\n\r\n"
    return head + json.dumps(body, default=float)
