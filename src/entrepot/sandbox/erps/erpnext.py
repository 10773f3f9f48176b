"""A simulated ERPNext: the calls that documents need, over HTTP on loopback.

Written from recorded calls of a running server (version 15's REST interface, 2026-11). It is stricter than the real
one: an unknown field is refused, where Frappe drops it. What it does not prove: anything of the real server's
validation beyond what is written here, its workflows, permissions by role, its speed, or how its database locks.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from entrepot.sandbox.erps.erpnext_sales import RefusedError, Selling
from entrepot.sandbox.erps.serving import Answer, Call, Server

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ErpNextSandbox"]

_ENTRY_FIELDS = frozenset({"voucher_type", "company", "posting_date", "user_remark", "accounts", "docstatus"})
_LINE_FIELDS = frozenset(
    {
        *("account", "debit_in_account_currency", "credit_in_account_currency", "user_remark", "party_type", "party"),
        *("reference_type", "reference_name"),
    }
)
_SOLD = ("Customer", "Item", "Sales Order", "Sales Invoice", "Stock Entry")
_KEYED = ("Journal Entry", *_SOLD)
_SUBMITTED = 1
_CENT = 0.005


@dataclass
class ErpNextSandbox:
    """One site with companies and their accounts.

    Attributes:
        companies: Name to currency.
        accounts: Numbers that every company has.
        receivable: Those of them that are of the type Receivable.
        key_field: The unique custom field of every doctype; '' where nobody has made it.
        key: API key of its user.
        secret: Its secret.
        first_day: Journals before it are refused: no fiscal year.
        perpetual: Names of companies that post what goods cost.
        warehouses: Names of the warehouses that every company has.
        unkeyed: Doctypes to which nobody has added the custom field; to that of goods only who wants them there.
        entries: Journal Entries by name.
    """

    companies: Mapping[str, str]
    accounts: tuple[str, ...]
    receivable: tuple[str, ...] = ()
    key_field: str = "entrepot_key"
    key: str = "sandbox-key"
    secret: str = "sandbox-secret"  # noqa: S105 of a server on loopback that lives for minutes
    first_day: date = date(2026, 1, 1)
    perpetual: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ("Stores", "Goods In Transit")
    unkeyed: tuple[str, ...] = ("Stock Entry",)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        names = frozenset(row["name"] for row in self._table("Account"))
        owed = frozenset(row["name"] for row in self._table("Account") if row["account_type"])
        self.selling = Selling(owed, names, self.first_day)
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address."""
        return self._server.url

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def _answer(self, call: Call) -> Answer:
        body = json.loads(call.content or b"{}")
        return Answer(*self.respond(call.method, call.target, call.headers.get("authorization", ""), body))

    def respond(self, method: str, path: str, authorisation: str, body: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 JSON
        """The answer to a call; one at a time, as one transaction."""
        if authorisation != f"token {self.key}:{self.secret}":
            return 401, {"exc_type": "AuthenticationError", "exception": "frappe.exceptions.AuthenticationError"}
        parts = urlsplit(path)
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        with self._lock:
            try:
                return 200, {"data": self._act(method, words[2:], asked, body)}
            except RefusedError as refusal:
                status, kind, text = refusal.args
                return status, {"exc_type": kind, "exception": f"frappe.exceptions.{kind}: {text}"}

    def _act(self, method: str, words: list[str], asked: dict[str, str], body: dict[str, Any]) -> Any:  # noqa: ANN401 JSON
        if words[0] in self.forbidden:
            raise RefusedError(403, "PermissionError", f"Insufficient Permission for {words[0]}")
        match (method, words):
            case ("GET", [doctype]):
                return self._listed(doctype, asked)
            case ("GET", ["Stock Settings", "Stock Settings"]):
                return {"name": "Stock Settings", "default_warehouse": self.selling.default_warehouse or None}
            case ("GET", ["Journal Entry", name]):
                return self._entry(name)
            case ("POST", ["Journal Entry"]):
                return self._insert(body)
            case ("PUT", ["Journal Entry", name]):
                return self._update(self._entry(name), body)
        return self._sell(method, words, body)

    def _sell(self, method: str, words: list[str], body: dict[str, Any]) -> dict[str, Any]:
        match (method, words):
            case ("GET", [doctype, name]) if doctype in _SOLD:
                return self.selling.row(doctype, name)
            case ("POST", [doctype]) if doctype in _SOLD:
                return self.selling.insert(doctype, body, self.key_field)
            case ("PUT", [doctype, name]) if doctype in _SOLD:
                return self.selling.update(doctype, name, body)
        raise RefusedError(404, "DoesNotExistError", "/".join(words))

    def _listed(self, doctype: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        rows = [row for row in self._table(doctype) if _matches(row, json.loads(asked.get("filters", "[]")))]
        rows.sort(key=lambda row: str(row["name"]))
        start, length = int(asked.get("limit_start", 0)), int(asked.get("limit_page_length", 20))
        names = json.loads(asked.get("fields", '["name"]'))
        return [{name: row[name] for name in names} for row in rows[start : start + length]]

    def _table(self, doctype: str) -> list[dict[str, Any]]:
        match doctype:
            case "Company" | "Warehouse" | "Account":
                return self._set_up(doctype)
            case "Custom Field":
                keyed = tuple(each for each in _KEYED if self.key_field and each not in self.unkeyed)
                return [
                    {"name": f"{doctype}-key", "dt": doctype, "fieldname": self.key_field, "unique": 1}
                    for doctype in keyed
                ]
            case "Customer" | "Item" | "Sales Order" | "Sales Invoice" | "Stock Entry":
                return list(self.selling.tables[doctype].values())
            case "GL Entry":
                return self.selling.ledger
            case "Journal Entry":
                return list(self.entries.values())
        raise RefusedError(404, "DoesNotExistError", doctype)

    def _set_up(self, doctype: str) -> list[dict[str, Any]]:
        """What people made before we came."""
        match doctype:
            case "Company":
                return [
                    {
                        "name": name,
                        "default_currency": currency,
                        "enable_perpetual_inventory": int(name in self.perpetual),
                    }
                    for name, currency in self.companies.items()
                ]
            case "Warehouse":
                return [
                    {"name": f"{name} - {company}", "company": company, "is_group": 0, "disabled": 0}
                    for company in self.companies
                    for name in self.warehouses
                ]
            case "Account":
                return [
                    {
                        "name": f"{number} - {company}",
                        "account_number": number,
                        "company": company,
                        "is_group": 0,
                        "account_type": "Receivable" if number in self.receivable else "",
                    }
                    for company in self.companies
                    for number in self.accounts
                ]
        raise RefusedError(404, "DoesNotExistError", doctype)

    def _entry(self, name: str) -> dict[str, Any]:
        if name not in self.entries:
            raise RefusedError(404, "DoesNotExistError", f"Journal Entry {name} not found")
        return self.entries[name]

    def _insert(self, body: dict[str, Any]) -> dict[str, Any]:
        unknown = set(body) - _ENTRY_FIELDS - ({self.key_field} if self.key_field else set())
        if unknown:
            raise RefusedError(417, "ValidationError", f"unknown field {min(unknown)}")
        key = body.get(self.key_field)
        if key and any(entry[self.key_field] == key for entry in self.entries.values()):
            raise RefusedError(417, "UniqueValidationError", f"Duplicate entry '{key}' for key '{self.key_field}'")
        if body["company"] not in self.companies:
            raise RefusedError(417, "LinkValidationError", f"Could not find Company: {body['company']}")
        if date.fromisoformat(body["posting_date"]) < self.first_day:
            raise RefusedError(417, "FiscalYearError", f"Date {body['posting_date']} is not in any active Fiscal Year")
        lines = [self._line(line, body["company"]) for line in body["accounts"]]
        difference = sum(line["debit"] - line["credit"] for line in lines)
        if abs(difference) > _CENT:
            raise RefusedError(
                417, "ValidationError", f"Total Debit must be equal to Total Credit. The difference is {difference}"
            )
        name = f"ACC-JV-{body['posting_date'][:4]}-{len(self.entries) + 1:05d}"
        self.entries[name] = {"docstatus": 0, **body, "name": name, "accounts": lines}
        return self.entries[name]

    def _line(self, line: dict[str, Any], company: str) -> dict[str, Any]:
        unknown = set(line) - _LINE_FIELDS
        if unknown:
            raise RefusedError(417, "ValidationError", f"unknown field {min(unknown)}")
        if line["account"] not in {f"{number} - {company}" for number in self.accounts}:
            raise RefusedError(417, "LinkValidationError", f"Could not find Row: Account: {line['account']}")
        if line["account"] in self.selling.receivable and not line.get("party"):
            raise RefusedError(417, "ValidationError", "Party Type and Party is required for Receivable account")
        if line.get("party") and line["party"] not in self.selling.tables["Customer"]:
            raise RefusedError(417, "LinkValidationError", f"Could not find Party: {line['party']}")
        sides = {side: float(line.get(f"{side}_in_account_currency", 0)) for side in ("debit", "credit")}
        if not any(sides.values()):
            raise RefusedError(417, "ValidationError", "Both Debit and Credit values cannot be zero")
        if line.get("reference_name"):
            self.selling.check_paid(line, sides["credit"])
        return {**line, **sides}

    def _update(self, entry: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if set(body) != {"docstatus"}:
            raise RefusedError(417, "UpdateAfterSubmitError", "only submitting is simulated")
        if body["docstatus"] != _SUBMITTED:
            raise RefusedError(417, "DocstatusTransitionError", f"docstatus {body['docstatus']}")
        if entry["docstatus"] != _SUBMITTED:
            for line in entry["accounts"]:
                if line.get("reference_name"):
                    self.selling.check_paid(line, line["credit"])
            for line in entry["accounts"]:
                if line.get("reference_name"):
                    self.selling.pay(line["reference_name"], line["credit"] - line["debit"])
        entry["docstatus"] = _SUBMITTED
        return entry


def _matches(row: Mapping[str, Any], filters: list[list[Any]]) -> bool:
    for name, operator, value in filters:
        own = row.get(name)
        match operator:
            case "=":
                is_so = own == value
            case "in":
                is_so = own in value
            case "is":
                is_so = bool(own) == (value == "set")
            case "like":
                is_so = str(own or "").startswith(value.removesuffix("%"))
            case "between":
                is_so = value[0] <= str(own) <= value[1]
            case _:
                raise RefusedError(417, "ValidationError", f"operator {operator}")
        if not is_so:
            return False
    return True
