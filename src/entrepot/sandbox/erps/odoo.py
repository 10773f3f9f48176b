"""A simulated Odoo: the calls that documents need, by JSON-RPC as up to 18 and by JSON-2 as from 19 on.

Written from recorded calls of a running Odoo 18 and the documentation of 19. It is stricter than the real one: a field,
an argument or a column that it does not know is refused. What it does not prove: that `load` treats journal entries as
it treats sales orders, on which it was measured; Odoo's access rules, sequences, lock dates, taxes, its speed, or how
its database locks.
"""

from __future__ import annotations

import copy
import fnmatch
import operator
import threading
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.erps.odoo_orders import ORDER_MODELS, Ordering
from entrepot.sandbox.erps.odoo_sales import (
    INVOICE_COLUMNS,
    INVOICE_TYPES,
    MASTER_COLUMNS,
    USER_ERROR,
    VALUE_ERROR,
    RefusedError,
    Selling,
)
from entrepot.sandbox.erps.odoo_stock import STOCK_LOADED, STOCK_MODELS, Stocking
from entrepot.sandbox.erps.serving import Answer, Books, Problem, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from entrepot.sandbox.erps.serving import Call

__all__ = ["OdooSandbox"]

_UID = 2
_COLUMNS = frozenset(
    {
        "id",
        "move_type",
        "journal_id/.id",
        "date",
        "ref",
        "line_ids/id",
        "line_ids/account_id/.id",
        "line_ids/partner_id/.id",
        "line_ids/name",
        "line_ids/debit",
        "line_ids/credit",
        "line_ids/currency_id/.id",
        "line_ids/amount_currency",
    }
)
_ARGUMENTS = {
    "search_read": frozenset({"domain", "fields", "offset", "limit", "order", "context"}),
    "load": frozenset({"fields", "data", "context"}),
    "write": frozenset({"vals", "context"}),
    "action_post": frozenset({"context"}),
    "action_confirm": frozenset({"context"}),
    "button_validate": frozenset({"context"}),
    "fields_get": frozenset({"allfields", "attributes", "context"}),
    "reconcile": frozenset({"context"}),
}
_LOADED = ("account.move", "res.partner", "product.product", "sale.order")
_ACCESS_ERROR = "odoo.exceptions.AccessError"
_STATUS = {
    USER_ERROR: 422,
    _ACCESS_ERROR: 403,
    "odoo.exceptions.AccessDenied": 403,
    "werkzeug.exceptions.Unauthorized": 401,
}


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<=": operator.le,
    "in": lambda own, value: own in value,
    "=like": lambda own, value: fnmatch.fnmatchcase(own, value.replace("%", "*")),
}


@dataclass
class OdooSandbox:
    """One database.

    Attributes:
        books: Companies, accounts and the first open day.
        receivable: Those of the accounts that are for what customers owe.
        currencies: Active ones, by name in the order of their numbers.
        login: Of its user, for JSON-RPC.
        key: API key.
        entries: By number.
        lines: By number.
        external: External ids, by name, of entries and lines.
        matched: Numbers of lines that are reconciled.
        exchanged: What reconciling booked on the accounts of exchange gains and losses, in the company's currency.
        forbidden: Models that its user's groups may not touch.
    """

    books: Books
    receivable: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ("CNY", "EUR", "USD")
    login: str = "entrepot"
    key: str = "sandbox-key"
    database: str = "books"
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    external: dict[str, int] = field(default_factory=dict)
    matched: set[int] = field(default_factory=set)
    exchanged: list[Decimal] = field(default_factory=list)
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        accounts = {row["id"]: row["code"] for row in self._set_up("account.account")}
        owed = frozenset(number for number, code in accounts.items() if code in self.receivable)
        self.selling = Selling(owed, accounts, dict(enumerate(self.currencies, 1)))
        self.ordering = Ordering(self.selling)
        self.stocking = Stocking(self.selling)
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address."""
        return self._server.url

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def _answer(self, call: Call) -> Answer:
        words = call.path.strip("/").split("/")
        if words == ["jsonrpc"]:
            return self._rpc(call.body["params"])
        if words[:2] == ["json", "2"]:
            return self._json2(words[2], words[3], call)
        return Answer(404)

    def _rpc(self, params: Mapping[str, Any]) -> Answer:
        """Everything is 200 here, also what went wrong."""
        told: dict[str, Any] = {"jsonrpc": "2.0", "id": 1}
        try:
            result = self._service(params["service"], params["method"], params["args"])
            return Answer(200, told if result is None else {**told, "result": result})
        except RefusedError as refusal:
            name, text = refusal.args
            data = {"name": name, "message": text, "arguments": [text], "context": {}}
            return Answer(200, {**told, "error": {"code": 200, "message": "Odoo Server Error", "data": data}})

    def _service(self, service: str, method: str, args: list[Any]) -> Any:  # noqa: ANN401 JSON
        if (service, method) == ("common", "authenticate"):
            return _UID if args[:3] == [self.database, self.login, self.key] else False
        if (service, method) != ("object", "execute_kw"):
            raise RefusedError("builtins.KeyError", f"{service}.{method}")
        database, uid, key, model, name, records, named = args
        if (database, uid, key) != (self.database, _UID, self.key):
            raise RefusedError("odoo.exceptions.AccessDenied", "Access Denied")
        return self._method(model, name, records[0] if records else [], named)

    def _json2(self, model: str, method: str, call: Call) -> Answer:
        named = dict(call.body)
        try:
            self._check_key(call.headers.get("authorization", ""))
            return Answer(200, self._method(model, method, named.pop("ids", []), named))
        except RefusedError as refusal:
            name, text = refusal.args
            body = {"name": name, "message": text, "arguments": [text], "context": {}, "debug": ""}
            return Answer(_STATUS.get(name, 500), body)

    def _check_key(self, authorisation: str) -> None:
        if authorisation != f"bearer {self.key}":
            raise RefusedError("werkzeug.exceptions.Unauthorized", "Invalid apikey")

    def _method(self, model: str, method: str, ids: list[int], named: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
        unknown = set(named) - _ARGUMENTS.get(method, frozenset())
        if method not in _ARGUMENTS or unknown:
            raise RefusedError("builtins.TypeError", f"{model}.{method} got unexpected {sorted(unknown)}")
        if model in self.forbidden:
            raise RefusedError(_ACCESS_ERROR, f"You are not allowed to access '{model}' records.")
        company = named.get("context", {}).get("allowed_company_ids", [0])[0]
        with self._lock:
            if method == "search_read":
                return self._search_read(model, named, company)
            if method == "load" and model in (*STOCK_LOADED, *_LOADED):
                return self._load(model, named["fields"], named["data"], company)
            return self._act(model, method, ids, named, company)

    def _act(self, model: str, method: str, ids: list[int], named: Mapping[str, Any], company: int) -> Any:  # noqa: ANN401 JSON
        if model in STOCK_MODELS or (model, method) == ("product.product", "fields_get"):
            return self.stocking.method(model, method, ids, named)
        match (model, method):
            case ("res.partner" | "product.product", "write"):
                return self.selling.write(model, ids, named["vals"], company)
            case ("sale.order" | "sale.order.line", _):
                return self.ordering.method(model, method, ids, named)
            case ("account.move", "action_post"):
                return self._post(ids)
            case ("account.move.line", "reconcile"):
                return self._reconcile(ids)
        raise RefusedError("builtins.AttributeError", f"{model}.{method}")

    def _table(self, model: str, company: int) -> list[dict[str, Any]]:
        match model:
            case "account.move":
                return list(self.entries.values())
            case "account.move.line":
                states = {number: entry["state"] for number, entry in self.entries.items()}
                return [
                    {**line, "parent_state": states[line["move_id"][0]], "reconciled": number in self.matched}
                    for number, line in self.lines.items()
                ]
            case "res.partner":
                return [{**row, **self.stocking.customers()} for row in self.selling.rows(model, company)]
            case "product.product":
                rows = self.selling.rows(model, company)
                return [{**row, **self.stocking.product(int(row["id"]))} for row in rows]
        if model in ORDER_MODELS:
            return self.ordering.rows(model)
        return self.stocking.rows(model, company) if model in STOCK_MODELS else self._set_up(model)

    def _set_up(self, model: str) -> list[dict[str, Any]]:
        """What a bookkeeper made before we came."""
        companies = list(self.books.companies.items())
        currency = {name: [at, name] for at, name in enumerate(self.currencies, 1)}
        match model:
            case "res.company":
                return [
                    {"id": at, "name": each, "currency_id": currency[of]} for at, (each, of) in enumerate(companies, 1)
                ]
            case "res.currency":
                return [{"id": at, "name": name} for at, name in currency.values()]
            case "account.journal":
                kinds = (("general", 10), ("sale", 20))
                numbers = range(1, len(companies) + 1)
                return [{"id": first + at, "company_id": at, "type": kind} for kind, first in kinds for at in numbers]
            case "account.account":
                return [{"id": 100 + at, "code": code} for at, code in enumerate(self.books.accounts)]
        raise RefusedError("builtins.KeyError", model)

    def _search_read(self, model: str, named: Mapping[str, Any], company: int) -> list[dict[str, Any]]:
        rows = self._table(model, company)
        kept = sorted((row for row in rows if _meets(row, list(named["domain"]))), key=lambda row: int(row["id"]))
        names = ["id", *(name for name in named["fields"] if name != "id")]
        for name in names:
            if rows and name not in rows[0]:
                raise RefusedError(VALUE_ERROR, f"Invalid field '{name}' on model '{model}'")
        limit = named.get("limit") or len(kept)
        return [{name: row[name] for name in names} for row in kept[:limit]]

    def _load(self, model: str, fields: list[str], data: list[list[str]], company: int) -> dict[str, Any]:
        """All rows or none; a record that is there under its external id is written again."""
        of_model = {"sale.order": self.ordering.columns, "account.move": _COLUMNS | INVOICE_COLUMNS}
        of_model |= {each: self.stocking.columns(each) for each in STOCK_LOADED}
        known = (MASTER_COLUMNS | of_model)[model]
        if unknown := set(fields) - known:
            raise RefusedError(VALUE_ERROR, f"Invalid field '{min(unknown)}' on model '{model}'")
        before = (dict(self.entries), dict(self.lines), dict(self.external), copy.deepcopy(self.selling.tables))
        ordered = (dict(self.ordering.orders), dict(self.ordering.lines))
        moved = (copy.deepcopy(self.stocking.transfers), copy.deepcopy(self.stocking.moves))
        try:
            ids = [self._load_one(model, record, company) for record in _records(fields, data)]
        except RefusedError as refusal:
            self.entries, self.lines, self.external, self.selling.tables = before
            self.ordering.orders, self.ordering.lines = ordered
            self.stocking.transfers, self.stocking.moves = moved
            message = {"type": "error", "record": 0, "rows": {"from": 0, "to": 0}, "message": refusal.args[1]}
            return {"ids": False, "messages": [message], "nextrow": 0}
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _load_one(self, model: str, record: list[dict[str, str]], company: int) -> int:
        head = record[0]
        if model in MASTER_COLUMNS:
            self.external[head["id"]] = self.selling.load(model, head, self.external.get(head["id"]))
            return self.external[head["id"]]
        code, currency = list(self.books.companies.items())[company - 1]
        if model in STOCK_LOADED:
            return self.stocking.load(model, record, company, self.external)
        if model == "sale.order":
            return int(self.ordering.load(record, company, currency, self.external)["id"])
        is_invoice = head["move_type"] in INVOICE_TYPES
        own: dict[str, Any] = {"move_type": head["move_type"], "partner_id": False, "currency_id": False}
        if is_invoice:
            if head["invoice_date"] != head["date"]:
                raise RefusedError(USER_ERROR, "Odoo would choose the accounting date itself.")
            own, lines = self.selling.invoice(record, company)
        else:
            lines = [self._line(row, currency) for row in record]
        try:
            # An invoice may have a line for nothing, and an entry one that is nothing in the company's currency.
            booked = [
                (line["account_id"][1], line["debit"] - line["credit"])
                for line in lines
                if line["debit"] != line["credit"] or not (is_invoice or line["amount_currency"])
            ]
            self.books.check(code, date.fromisoformat(head["date"]), booked)
        except Problem as problem:
            raise RefusedError(USER_ERROR, f"The entry is not valid: {problem.kind} {problem.name}") from problem
        number = self.external.setdefault(head["id"], len(self.entries) + 1)
        if self.entries.get(number, {}).get("state") == "posted":
            raise RefusedError(USER_ERROR, "You cannot modify a posted entry of this journal.")
        kept = {"id": number, "ref": head["ref"], "date": head["date"], "state": "draft", "company_id": company}
        self.entries[number] = {"amount_total": Decimal(0), **own, **kept}
        name = "invoice_line_ids/id" if is_invoice else "line_ids/id"
        # What Odoo makes for the total has no external id and is made anew with the others.
        self.lines = {
            at: line
            for at, line in self.lines.items()
            if (line["move_id"][0], line["display_type"]) != (number, "payment_term")
        }
        for at, line in enumerate(lines):
            # A line without an external id is a new line, however often it comes.
            new = max(self.lines, default=0) + 1
            key = record[at].get(name) if at < len(record) else None
            place = self.external.setdefault(key, new) if key else new
            self.lines[place] = {"id": place, "move_id": [number, head["ref"]], **line}
        return number

    def _line(self, row: Mapping[str, str], company_currency: str) -> dict[str, Any]:
        accounts = {each["id"]: each["code"] for each in self._set_up("account.account")}
        currencies = {each["id"]: each["name"] for each in self._set_up("res.currency")}
        account, currency = int(row["line_ids/account_id/.id"]), int(row["line_ids/currency_id/.id"])
        if account not in accounts or currency not in currencies:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{account}'")
        debit, credit = Decimal(row["line_ids/debit"]), Decimal(row["line_ids/credit"])
        own = Decimal(row["line_ids/amount_currency"])
        if min(debit, credit) < 0 or (currencies[currency] == company_currency and own != debit - credit):
            raise RefusedError(USER_ERROR, "The amounts of the line do not fit together.")
        if own * (debit - credit) < 0:
            raise RefusedError(USER_ERROR, "The amount in the other currency is of the other side.")
        return {
            "account_id": [account, accounts[account]],
            "debit": debit,
            "credit": credit,
            "currency_id": [currency, currencies[currency]],
            "amount_currency": own,
            "display_type": "product",
            "name": row.get("line_ids/name", ""),
            "product_id": False,
            "partner_id": self._partner(row.get("line_ids/partner_id/.id", "")),
            **dict.fromkeys(("quantity", "price_unit", "price_subtotal"), Decimal(0)),
        }

    def _partner(self, number: str) -> list[Any] | bool:
        if number and int(number) not in self.selling.tables["res.partner"]:
            raise RefusedError(USER_ERROR, f"No matching record found for database id '{number}'")
        return [int(number), ""] if number else False

    def _post(self, ids: list[int]) -> None:
        for number in ids:
            if self.entries.get(number, {}).get("state") != "draft":
                raise RefusedError(USER_ERROR, f"The entry {number} (id {number}) must be in draft.")
            if self.entries[number]["amount_total"] < 0:
                raise RefusedError(USER_ERROR, "You cannot validate an invoice with a negative total amount.")
        for number in ids:
            self.entries[number] = {**self.entries[number], "state": "posted"}

    def _reconcile(self, ids: list[int]) -> None:
        """Match lines as a whole; Odoo would also match a part of what does not come to nothing."""
        lines = [self.lines[number] for number in ids]
        if self.matched & set(ids):
            raise RefusedError(USER_ERROR, "You are trying to reconcile some entries that are already reconciled.")
        if any(self.entries[line["move_id"][0]]["state"] != "posted" for line in lines):
            raise RefusedError(USER_ERROR, "You can only reconcile posted entries.")
        accounts = {line["account_id"][0] for line in lines}
        if len(accounts) != 1 or not accounts <= self.selling.receivable:
            raise RefusedError(USER_ERROR, "Entries are not from the same account, or it does not allow that.")
        if sum(line["debit"] - line["credit"] for line in lines) or sum(line["amount_currency"] for line in lines):
            raise RefusedError(USER_ERROR, "Odoo would match a part of these lines.")
        self.exchanged += _exchange_differences(lines)
        self.matched |= set(ids)


def _exchange_differences(lines: list[dict[str, Any]]) -> list[Decimal]:
    """What portions of lines differ by, each at its line's own rate, debits and credits pair by pair in their order.

    Written from Odoo's source of 2026-11; half a unit of rounding is left alone. Currencies have two digits here.
    """
    half, found = Decimal("0.005"), []
    rates = {line["id"]: (line["debit"] - line["credit"], line["amount_currency"]) for line in lines}
    left = {number: abs(own) for number, (_, own) in rates.items()}
    for debit in (number for number, (_, own) in rates.items() if own > 0):
        for credit in (number for number, (_, own) in rates.items() if own < 0):
            portion = min(left[debit], left[credit])
            left[debit], left[credit] = left[debit] - portion, left[credit] - portion
            by_each = [abs(rates[each][0] / rates[each][1]) for each in (debit, credit)]
            difference = portion * (by_each[0] - by_each[1])
            if portion and abs(difference) > half * (1 + max(by_each)):
                found.append(difference.quantize(Decimal("0.01")))
    return found


def _is_total_of(line: Mapping[str, Any], entry: int) -> bool:
    return (line["move_id"][0], line["display_type"]) == (entry, "payment_term")


def _records(fields: list[str], data: list[list[str]]) -> Iterator[list[dict[str, str]]]:
    """Rows by record: one without a value in its first columns goes on with the record before."""
    record: list[dict[str, str]] = []
    for values in data:
        row = dict(zip(fields, values, strict=True))
        if row["id"] and record:
            yield record
            record = []
        record.append(row)
    if record:
        yield record


def _meets(row: Mapping[str, Any], domain: list[Any]) -> bool:
    """Whether a row meets a domain in Polish notation; conditions without an operator are all to be met."""
    is_so = True
    while domain:
        is_so = _term(row, domain) and is_so
    return is_so


def _term(row: Mapping[str, Any], domain: list[Any]) -> bool:
    first = domain.pop(0)
    if first == "|":
        one, other = _term(row, domain), _term(row, domain)
        return one or other
    name, word, value = first
    if name not in row:
        raise RefusedError(VALUE_ERROR, f"Invalid field {name}")
    own = row[name][0] if isinstance(row[name], list) and row[name] else row[name]
    if word not in _OPERATORS:
        raise RefusedError(VALUE_ERROR, f"Invalid operator {word}")
    if own is False and word in (">", ">=", "<="):
        # What is empty is before and after nothing.
        return False
    return bool(_OPERATORS[word](own, value))
