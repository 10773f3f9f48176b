"""A simulated NetSuite: what our documents need of SuiteTalk REST and SuiteQL, and both ways to sign calls.

Written from the record browser of 2026.1 and NetSuite's help; nothing of it was recorded from a running account.
SuiteQL is SQLite here, over tables of the published names. It is stricter than the real one: an unknown property is
refused whatever the header says, and a query without `Prefer: transient` too. What it does not prove: NetSuite's words
for its errors, its rights by role, its periods and approvals, what its SQL understands, or how many calls it takes at
once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from entrepot.sandbox.erps.netsuite_orders import order_line, order_status
from entrepot.sandbox.erps.netsuite_sales import RECORDS, TYPES, accounting_lines, checked
from entrepot.sandbox.erps.serving import Answer, Books, Problem, Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from entrepot.sandbox.erps.serving import Call

__all__ = ["NetSuiteSandbox"]

_TOKEN_PATH, _QUERY = "/services/rest/auth/oauth2/v1/token", "/services/rest/query/v1/suiteql"
_RECORD = re.compile(r"/services/rest/record/v1/(\w+)/eid:([A-Za-z0-9_-]+)")
_PAYMENT = "/services/rest/record/v1/customerPayment"
_HOUR_S, _SKEW_S = 3_600, 300
_TABLES = """
create table subsidiary (id integer primary key, name text, currency integer, isinactive text);
create table currency (id integer primary key, symbol text);
create table account (id integer primary key, acctnumber text, isinactive text);
create table customer (id integer primary key, externalid text unique, companyname text, subsidiary integer);
create table item (
    id integer primary key, externalid text unique, itemid text, incomeaccount integer, isinactive text default 'F'
);
create table "transaction" (
    id integer primary key, type text, externalid text, trandate text, memo text, entity integer,
    status text, currency integer, unique (type, externalid)
);
create table transactionline (
    id integer, "transaction" integer, subsidiary integer, memo text, entity integer,
    mainline text, quantity text, rate text, foreignamountunpaid text, foreignpaymentamountunused text,
    item integer, foreignamount text, quantitybilled text, quantityshiprecv text, taxline text default 'F'
);
create table transactionaccountingline (
    "transaction" integer, transactionline integer, accountingbook integer, account integer, debit text, credit text
);
"""


class _RefusedError(Exception):
    """A refusal: HTTP status, code, words."""


@dataclass
class NetSuiteSandbox:
    """One account.

    Attributes:
        books: Subsidiaries by name, accounts, and the first open day.
        public_key: Of the certificate that was uploaded.
        client_id: Of the integration.
        certificate_id: Of the certificate.
        realm: The account.
        token_keys: Consumer key and token id of token-based authentication.
        token_secrets: Their secrets.
        receivable: Numbers of accounts for what customers owe.
        taxed: Percent that is added to lines of invoices on an account.
        listed: Items that people keep, by name, with their price in the price list.
        currencies: That customers may order in beside the subsidiary's.
        forgets_applications: Whether a payment of nothing does nothing, and says so to nobody.
        is_busy: Whether the account has as many calls as it takes at once.
        issued: Access tokens that are valid.
    """

    books: Books
    public_key: RSAPublicKey
    client_id: str = "sandbox-client"
    certificate_id: str = "sandbox-certificate"
    realm: str = "1234567_SB1"
    token_keys: tuple[str, str] = ("consumer", "token")
    token_secrets: tuple[str, str] = ("consumer-secret", "token-secret")
    receivable: tuple[str, ...] = ()
    taxed: dict[str, int] = field(default_factory=dict)
    listed: dict[str, Decimal] = field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    forgets_applications: bool = False
    is_busy: bool = False
    issued: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: set[str] = set()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.row_factory = sqlite3.Row
        self._rows.create_function("to_date", 2, lambda text, _form: text, deterministic=True)
        self._rows.create_function("to_char", 2, lambda day, _form: day, deterministic=True)
        self._rows.executescript(_TABLES)
        symbols = sorted({*self.books.companies.values(), *self.currencies})
        self._rows.executemany("insert into currency values (?, ?)", enumerate(symbols, 1))
        subsidiaries = [(name, symbols.index(of) + 1, "F") for name, of in self.books.companies.items()]
        self._rows.executemany("insert into subsidiary (name, currency, isinactive) values (?, ?, ?)", subsidiaries)
        accounts = [(each, "F") for each in self.books.accounts]
        self._rows.executemany("insert into account (acctnumber, isinactive) values (?, ?)", accounts)
        self._rows.executemany("insert into item (itemid) values (?)", [(each,) for each in self.listed])
        self._rows.commit()
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address."""
        return self._server.url

    def close(self) -> None:
        """End the server."""
        self._server.close()
        self._rows.close()

    def counted(self, table: str) -> int:
        """How many rows a table has."""
        with self._lock:
            return int(self._rows.execute(f'select count(*) from "{table}"').fetchone()[0])

    def _answer(self, call: Call) -> Answer:
        with self._lock:
            try:
                return self._act(call)
            except _RefusedError as refusal:
                status, code, text = refusal.args
                details = [{"detail": text, "o:errorCode": code}]
                return Answer(status, {"type": "", "title": text, "status": status, "o:errorDetails": details})
            except Problem as problem:
                detail = {"detail": f"{problem.kind} {problem.name}", "o:errorCode": "USER_ERROR"}
                return Answer(400, {"title": "Bad Request", "status": 400, "o:errorDetails": [detail]})

    def _act(self, call: Call) -> Answer:
        if call.path == _TOKEN_PATH:
            return self._token(call)
        self._check_caller(call)
        if self.is_busy:
            raise _RefusedError(400, "SSS_REQUEST_LIMIT_EXCEEDED", "Request limit exceeded")
        if call.path == _QUERY and call.method == "POST":
            return self._query(call)
        if (call.method, call.path) == ("POST", _PAYMENT):
            with self._rows:
                return self._apply(call.body)
        found = _RECORD.fullmatch(unquote(call.path))
        if found is None or call.method != "PUT":
            raise _RefusedError(404, "NONEXISTENT_ID", f"{call.method} {call.path}")
        return self._put(found[1], found[2], call)

    def _token(self, call: Call) -> Answer:
        form = dict(parse_qsl(call.content.decode()))
        try:
            signed, _, signature = form["client_assertion"].rpartition(".")
            head, claims = (json.loads(_decoded(part)) for part in signed.split("."))
            padded = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            self.public_key.verify(_decoded(signature), signed.encode(), padded, hashes.SHA256())
        except (KeyError, ValueError, InvalidSignature):
            return Answer(400, {"error": "invalid_request"})
        now = time.time()
        is_right = (
            form["grant_type"] == "client_credentials"
            and form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            and (head["alg"], head["kid"]) == ("PS256", self.certificate_id)
            and claims["iss"] == self.client_id
            and claims["aud"] == self.url + _TOKEN_PATH
            and "rest_webservices" in claims["scope"]
            and claims["iat"] <= now + 1 < claims["exp"] <= claims["iat"] + _HOUR_S
        )
        if not is_right:
            return Answer(400, {"error": "invalid_client"})
        token = f"token-{len(self.issued)}"
        self.issued.add(token)
        return Answer(200, {"access_token": token, "expires_in": str(_HOUR_S), "token_type": "bearer"})

    def _check_caller(self, call: Call) -> None:
        shown = call.headers.get("authorization", "")
        if shown.startswith("OAuth ") and self._is_signed(call, shown):
            return
        if shown.removeprefix("Bearer ") not in self.issued:
            raise _RefusedError(401, "INVALID_LOGIN", "Invalid login attempt.")

    def _is_signed(self, call: Call, shown: str) -> bool:
        fields = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', shown)}
        signature, realm = fields.pop("oauth_signature", ""), fields.pop("realm", "")
        pairs = [*parse_qsl(urlsplit(call.target).query, keep_blank_values=True), *fields.items()]
        text = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in sorted(pairs))
        text = "&".join((call.method, quote(self.url + unquote(call.path), safe=""), quote(text, safe="")))
        key = "&".join(quote(each, safe="") for each in self.token_secrets).encode()
        wanted = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        is_new = fields.get("oauth_nonce", "") not in self._nonces
        self._nonces.add(fields.get("oauth_nonce", ""))
        return (
            hmac.compare_digest(signature, wanted)
            and is_new
            and realm == self.realm
            and (fields.get("oauth_consumer_key"), fields.get("oauth_token")) == self.token_keys
            and fields.get("oauth_signature_method") == "HMAC-SHA256"
            and abs(time.time() - int(fields.get("oauth_timestamp", 0))) < _SKEW_S
        )

    def _query(self, call: Call) -> Answer:
        if call.headers.get("prefer") != "transient":
            raise _RefusedError(400, "INVALID_HEADER", "Prefer: transient is required")
        start, limit = int(call.asked.get("offset", 0)), int(call.asked.get("limit", 1000))
        # SQLite keeps the word `transaction` for itself.
        text = re.sub(r"\btransaction\b", '"transaction"', call.body["q"])
        try:
            rows = self._rows.execute(text).fetchall()
        except sqlite3.Error as error:
            raise _RefusedError(400, "INVALID_PARAMETER", f"Invalid search query: {error}") from error
        page = rows[start : start + limit]
        items = [{"links": [], **{n: str(row[n]) for n in row.keys() if row[n] is not None}} for row in page]  # noqa: SIM118 a row is no mapping
        has_more = start + limit < len(rows)
        body = {"links": [], "count": len(page), "hasMore": has_more, "items": items, "offset": start}
        return Answer(200, {**body, "totalResults": len(rows)})

    def _put(self, record: str, external_id: str, call: Call) -> Answer:
        if record not in RECORDS or record == "customerPayment":
            raise _RefusedError(404, "NONEXISTENT_ID", record)
        if unknown := checked(record, call.body):
            raise _RefusedError(400, "USER_ERROR", f"Unknown property {unknown}")
        with self._rows:
            if record in TYPES:
                number = self._transaction(record, external_id, call)
            else:
                number = self._master(record, external_id, call.body)
        return Answer(204, headers={"Location": f"{self.url}/services/rest/record/v1/{record}/{number}"})

    def _master(self, record: str, external_id: str, body: Mapping[str, Any]) -> int:
        table, names = ("customer", ["companyname", "subsidiary"])
        values = [body.get("companyName"), body.get("subsidiary", {}).get("id")]
        if record == "otherChargeSaleItem":
            table, names = "item", ["itemid", "incomeaccount"]
            values = [body.get("itemId"), body.get("incomeAccount", {}).get("id")]
            self._one("select * from account where id = ?", values[1])
        there = self._rows.execute(f"select id from {table} where externalid = ?", (external_id,)).fetchone()
        if there:
            self._rows.execute(f"update {table} set {names[0]} = ? where id = ?", (values[0], there["id"]))
            return int(there["id"])
        if None in values:
            raise _RefusedError(400, "USER_ERROR", f"Please enter value(s) for: {names[values.index(None)]}")
        query = f"insert into {table} (externalid, {', '.join(names)}) values (?, ?, ?)"
        return int(self._rows.execute(query, (external_id, *values)).lastrowid or 0)

    def _transaction(self, record: str, external_id: str, call: Call) -> int:
        body = call.body
        subsidiary = self._one("select * from subsidiary where id = ?", body["subsidiary"]["id"])
        if record == "salesOrder":
            return self._order(external_id, subsidiary, call)
        if str(subsidiary["currency"]) != str(body["currency"]["id"]):
            raise _RefusedError(400, "USER_ERROR", "only documents in the subsidiary's currency are simulated")
        entity, sublist = None, "line"
        if record == "journalEntry":
            lines = self._journal_lines(body)
        else:
            entity, sublist = self._entity(body["entity"]["id"], subsidiary["id"]), "item"
            lines = self._invoice_lines(record, body)
        signed = [(line["account"], line["net"]) for line in lines if line["net"] or record == "journalEntry"]
        self.books.check(subsidiary["name"], date.fromisoformat(body["tranDate"]), signed)
        head = (TYPES[record], external_id, body["tranDate"], body.get("memo"), entity)
        is_replaced = call.asked.get("replace") == sublist
        return self._write(head, subsidiary["id"], lines, replaces=is_replaced)

    def _order(self, external_id: str, subsidiary: sqlite3.Row, call: Call) -> int:
        """An order, which books nothing."""
        body = call.body
        currency = self._one("select * from currency where id = ?", body["currency"]["id"])
        if currency["id"] != subsidiary["currency"] and currency["symbol"] not in self.currencies:
            raise _RefusedError(400, "USER_ERROR", "The customer has no such currency.")
        entity = self._entity(body["entity"]["id"], subsidiary["id"])
        lines: list[dict[str, Any]] = [{"mainline": "T", "memo": body["memo"]}]
        try:
            status = order_status(body)
            for line in body["item"]["items"]:
                item = self._one("select * from item where id = ? and isinactive = 'F'", line["item"]["id"])
                lines.append({**order_line(line, self.listed.get(item["itemid"])), "item": item["id"]})
        except ValueError as error:
            raise _RefusedError(400, "USER_ERROR", str(error)) from error
        head = (TYPES["salesOrder"], external_id, body["tranDate"], body["memo"], entity)
        number = self._write(head, subsidiary["id"], lines, replaces=call.asked.get("replace") == "item")
        self._rows.execute(
            'update "transaction" set status = ?, currency = ? where id = ?', (status, currency["id"], number)
        )
        return number

    def _journal_lines(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        lines = []
        for line in body.get("line", {}).get("items", []):
            number = self._one("select * from account where id = ?", line["account"]["id"])["acctnumber"]
            entity = self._entity(line["entity"]["id"], 0) if "entity" in line else None
            if number in self.receivable and entity is None:
                raise _RefusedError(400, "USER_ERROR", "Please choose a customer for the account of receivables.")
            net = Decimal(str(line.get("debit", 0))) - Decimal(str(line.get("credit", 0)))
            lines.append({"memo": line.get("memo"), "mainline": "F", "account": number, "net": net, "entity": entity})
        return lines

    def _invoice_lines(self, record: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        charged = self._one("select * from account where id = ?", body["account"]["id"])["acctnumber"]
        if charged not in self.receivable:
            raise _RefusedError(400, "USER_ERROR", f"Invalid account reference key {charged}: not receivable")
        income = []
        for line in body["item"]["items"]:
            item = self._one("select * from item where id = ?", line["item"]["id"])
            income.append(self._one("select * from account where id = ?", item["incomeaccount"])["acctnumber"])
        try:
            lines = accounting_lines(record, body, income, self.taxed, self.books.accounts[-1])
        except ValueError as error:
            raise _RefusedError(400, "USER_ERROR", str(error)) from error
        return [{**lines[0], "account": charged}, *lines[1:]]

    def _entity(self, number: object, subsidiary: int) -> int:
        row = self._one("select * from customer where id = ?", number)
        if subsidiary and str(row["subsidiary"]) != str(subsidiary):
            raise _RefusedError(400, "USER_ERROR", "The customer is of another subsidiary.")
        return int(row["id"])

    def _write(self, head: tuple[Any, ...], subsidiary: int, lines: list[dict[str, Any]], *, replaces: bool) -> int:
        self._rows.execute(
            'insert into "transaction" (type, externalid, trandate, memo, entity) values (?, ?, ?, ?, ?) '
            "on conflict (type, externalid) do update set trandate = excluded.trandate, memo = excluded.memo",
            head,
        )
        query = 'select id from "transaction" where type = ? and externalid = ?'
        number = int(self._rows.execute(query, head[:2]).fetchone()["id"])
        if replaces:
            for table in ("transactionline", "transactionaccountingline"):
                self._rows.execute(f'delete from {table} where "transaction" = ?', (number,))
        before = self._one('select count(*) as n from transactionline where "transaction" = ?', number)["n"]
        for at, line in enumerate(lines, before):
            told = [line.get(name) for name in ("memo", "entity", "mainline", "quantity", "rate", "item", "amount")]
            values = [str(each) if isinstance(each, Decimal) else each for each in told]
            self._rows.execute(
                'insert into transactionline (id, "transaction", subsidiary, memo, entity, mainline, quantity, rate, '
                "item, foreignamount, foreignamountunpaid, foreignpaymentamountunused) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (at, number, subsidiary, *values, *self._open_of(line)),
            )
            if "account" not in line:
                continue
            account = self._one("select id from account where acctnumber = ?", line["account"])["id"]
            amounts = [str(each) if each > 0 else None for each in (line["net"], -line["net"])]
            self._rows.execute(
                "insert into transactionaccountingline values (?, ?, 1, ?, ?, ?)", (number, at, account, *amounts)
            )
        return number

    def edit(self, statement: str, *values: object) -> None:
        """What a person does to a row, as SQL; `transaction` in quotes."""
        with self._lock, self._rows:
            assert self._rows.execute(statement, values).rowcount, "a person changes what is there"

    def open_items(self) -> list[tuple[str, Decimal]]:
        """What is open on accounts of customers: external id of the transaction, and amount, debit positive."""
        with self._lock:
            rows = self._rows.execute(
                "select t.externalid as id, l.foreignamountunpaid as unpaid, l.foreignpaymentamountunused as unused "
                'from transactionline l join "transaction" t on t.id = l."transaction" order by t.id, l.id'
            ).fetchall()
        amounts = [(row["id"], Decimal(row["unpaid"] or 0) - Decimal(row["unused"] or 0)) for row in rows]
        return [(name, amount) for name, amount in amounts if amount]

    def _open_of(self, line: dict[str, Any]) -> tuple[str | None, str | None]:
        """What is open of a line: what is to be paid, what may pay."""
        if line.get("account") not in self.receivable or not line["net"]:
            return None, None
        return (str(line["net"]), None) if line["net"] > 0 else (None, str(-line["net"]))

    def _apply(self, body: Mapping[str, Any]) -> Answer:
        """A payment of nothing: what it names is applied to each other, and no payment is kept."""
        if unknown := checked("customerPayment", body):
            raise _RefusedError(400, "USER_ERROR", f"Unknown property {unknown}")
        if body["payment"] or body["autoApply"]:
            raise _RefusedError(400, "USER_ERROR", "only payments of nothing are simulated")
        sums = []
        for name, column in (("apply", "foreignamountunpaid"), ("credit", "foreignpaymentamountunused")):
            total = Decimal(0)
            for each in body[name]["items"]:
                amount = Decimal(str(each["amount"]))
                self._settle(column, each, amount, (body["customer"]["id"], body["arAcct"]["id"]))
                total += amount
            sums.append(total)
        if sums[0] != sums[1] or not sums[0]:
            raise _RefusedError(400, "USER_ERROR", "The amounts to apply and the credits are not the same.")
        if self.forgets_applications:
            self._rows.rollback()
        return Answer(204)

    def _settle(self, column: str, each: Mapping[str, Any], amount: Decimal, place: tuple[str, str]) -> None:
        query = (
            f"select l.{column} as open, coalesce(l.entity, t.entity) as customer, a.account as account "
            'from transactionline l join "transaction" t on t.id = l."transaction" join transactionaccountingline a '
            'on a."transaction" = l."transaction" and a.transactionline = l.id where l."transaction" = ? and l.id = ?'
        )
        row = self._rows.execute(query, (each["doc"]["id"], each["line"])).fetchone()
        if row is None or (str(row["customer"]), str(row["account"])) != place or not each["apply"]:
            raise _RefusedError(400, "INVALID_KEY_OR_REF", f"line {each['line']} of {each['doc']['id']} is not listed")
        left = Decimal(row["open"] or 0) - amount
        if left < 0 or amount <= 0:
            raise _RefusedError(400, "USER_ERROR", f"{amount} is more than what is open of {each['doc']['id']}")
        self._rows.execute(
            f'update transactionline set {column} = ? where "transaction" = ? and id = ?',
            (str(left), each["doc"]["id"], each["line"]),
        )

    def _one(self, query: str, value: object) -> sqlite3.Row:
        row = self._rows.execute(query, (value,)).fetchone()
        if row is None:
            raise _RefusedError(400, "INVALID_KEY_OR_REF", f"Invalid reference key {value}")
        assert isinstance(row, sqlite3.Row), "the connection's row"
        return row


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
