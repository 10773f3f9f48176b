"""Documents of ERPNext: a call a document, a unique field as key, submitting as a step of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from entrepot.delivery.calls import Trouble, client, outcome_of, posted, unread
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    MASTER,
    MOVEMENTS,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
    Document,
    Found,
    Goods,
    Invoice,
    JournalLine,
    Outcome,
    Party,
    Product,
    SalesOrder,
    content_of,
)
from entrepot.delivery.erpnext.invoices import invoice_body, master_body, name_field, read_invoice, read_master
from entrepot.delivery.erpnext.orders import order_body, read_order
from entrepot.delivery.erpnext.spec import KEY_FIELD, SPEC
from entrepot.delivery.erpnext.stock import purpose_of, read_stock, stock_body
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, ErpSpec

_ENTRY, _ORDER, _STOCK = "Journal Entry", "Sales Order", "Stock Entry"
_DOCTYPES = {
    JOURNAL: _ENTRY,
    PAYMENT: _ENTRY,
    ORDER: _ORDER,
    INVOICE: "Sales Invoice",
    CREDIT_NOTE: "Sales Invoice",
    PARTY: "Customer",
    PRODUCT: "Item",
    GOODS_ISSUE: _STOCK,
    GOODS_RECEIPT: _STOCK,
}
_RESOURCE = "/api/resource"
_PERPETUAL = "enable_perpetual_inventory"
_DRAFT, _SUBMITTED = 0, 1
_NOT_NOW = frozenset({"QueryTimeoutError", "QueryDeadlockError", "TimestampMismatchError", "TooManyRequestsError"})
"""Errors of a transaction that was rolled back and that another try may not meet."""
_RIGHTS = frozenset({401, 403})
_PAGE = 200


@dataclass(frozen=True, slots=True)
class _Company:
    """What a company's documents need to know of it.

    Attributes:
        name: Of the company.
        currency: Of its books.
        accounts: By number, names of accounts.
        receivable: Numbers of those that say which customer owes.
        is_perpetual: Whether it posts what goods cost when they move.
    """

    name: str
    currency: str
    accounts: Mapping[str, str]
    receivable: frozenset[str]
    is_perpetual: bool = False


class ErpNext:
    """One site.

    Args:
        address: The user is the API key, the password its secret.
    """

    def __init__(self, address: Address) -> None:
        self._client = client(address.url, address.transport)
        self._token = {"Authorization": f"token {address.user}:{address.password}"}
        self._companies: dict[str, _Company] = {}
        self._keyed: dict[str, bool] = {}
        self._warehouses: dict[str, str] = {}
        self._counts: bool | None = None
        self._masters: dict[tuple[str, str], str] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Create drafts, submit them, or put masters; a call each, so that one that fails stops no other."""
        outcomes = {}
        for each in documents:
            doctype = _DOCTYPES[each.kind]
            try:
                self._check_key(doctype)
                if step == "put":
                    ref = self._put(each)
                else:
                    ref = self._create(each) if step == "create" else self._submit(doctype, refs[each.document_id])
                outcomes[each.document_id] = Outcome("applied", ref)
            except Trouble as trouble:
                outcomes[each.document_id] = outcome_of(trouble)
        return outcomes

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What carries one of the keys."""
        return self._found(kind, company, [[KEY_FIELD, "in", list(keys)]])

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """What carries a key of ours in a span."""
        day = "transaction_date" if kind == ORDER else "posting_date"
        span = [day, "between", [first.isoformat(), last.isoformat()]]
        return self._found(kind, company, [[KEY_FIELD, "is", "set"], span])

    def _put(self, document: Document) -> str:
        """Make a Customer or an Item, or give the one that is there its name."""
        doctype = _DOCTYPES[document.kind]
        for row in self._rows(doctype, [[KEY_FIELD, "=", document.key]], ["name"]):
            named = (
                {name_field(document.kind): document.body.name} if isinstance(document.body, Party | Product) else {}
            )
            return str(self._call("PUT", _path(doctype, row["name"]), named)["name"])
        # What an item has transactions of cannot be counted any more: where goods are to come, it is at once.
        made = master_body(document, is_counted=document.kind == PRODUCT and self._takes_goods())
        return str(self._call("POST", f"{_RESOURCE}/{doctype}", made)["name"])

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        if isinstance(document.body, Goods):
            return self._move(company, document, document.body)
        if isinstance(document.body, Invoice | SalesOrder):
            customer = self._master(PARTY, document.body.party)
            codes = {each.product for each in document.body.items if each.product}
            items = {code: self._master(PRODUCT, code) for code in codes}
            if document.kind == ORDER:
                places = self._places(company, codes)
                body = order_body(document, company.name, company.currency, customer, items, places)
                return str(self._call("POST", f"{_RESOURCE}/{_ORDER}", body)["name"])
            body = invoice_body(document, company.name, company.accounts, customer, items)
            return str(self._call("POST", f"{_RESOURCE}/Sales Invoice", body)["name"])
        entry = {
            "voucher_type": _ENTRY,
            "company": company.name,
            "posting_date": document.posted_on.isoformat(),
            "user_remark": document.text,
            KEY_FIELD: document.document_id,
            "accounts": [self._entry_line(company, document, line) for line in document.lines],
        }
        return str(self._call("POST", f"{_RESOURCE}/{_ENTRY}", entry)["name"])

    def _move(self, company: _Company, document: Document, goods: Goods) -> str:
        """Make a Stock Entry.

        Raises:
            Trouble: The company would post what goods cost; or something is not there.
        """
        if company.is_perpetual:
            words = f"{company.name} has perpetual inventory: ERPNext would post what goods cost"
            raise Trouble("rejected", "valued", words)
        self._master(PARTY, goods.party)
        items = {each.product: self._counted(each.product) for each in goods.lines}
        body = stock_body(document, company.name, self._warehouse(company), items)
        return str(self._call("POST", f"{_RESOURCE}/{_STOCK}", body)["name"])

    def _counted(self, code: str) -> dict[str, Any]:
        """The row of an Item that is counted.

        Raises:
            Trouble: There is none, or it is not.
        """
        rows = list(self._rows("Item", [[KEY_FIELD, "=", code]], ["name", "stock_uom", "is_stock_item"]))
        if not rows:
            raise Trouble("rejected", PRODUCT, f"ERPNext has no Item with the {KEY_FIELD} {code}")
        if not rows[0]["is_stock_item"]:
            raise Trouble("rejected", "uncounted", f"the Item {rows[0]['name']} does not maintain stock")
        return rows[0]

    def _places(self, company: _Company, codes: Collection[str]) -> dict[str, str]:
        """By code, the warehouse for order lines of counted Items: ERPNext takes its default for one company only.

        Raises:
            Trouble: ERPNext gave no answer.
        """
        if not codes or not self._takes_goods():
            return {}
        try:
            rows = self._rows("Item", [[KEY_FIELD, "in", sorted(codes)], ["is_stock_item", "=", 1]], [KEY_FIELD])
            counted = [str(row[KEY_FIELD]) for row in rows]
            return dict.fromkeys(counted, self._warehouse(company)) if counted else {}
        except Trouble as trouble:
            # ERPNext may know one of an item's own; where it does not, it says so.
            if trouble.word == "rejected":
                return {}
            raise

    def _warehouse(self, company: _Company) -> str:
        """The site's default warehouse if it is the company's, else its only one.

        Raises:
            Trouble: It has several, or none.
        """
        if company.name not in self._warehouses:
            usable = [["company", "=", company.name], ["is_group", "=", 0], ["disabled", "=", 0]]
            names = [str(row["name"]) for row in self._rows("Warehouse", usable, ["name"])]
            default = str(self._call("GET", _path("Stock Settings", "Stock Settings")).get("default_warehouse") or "")
            chosen = [default] if default in names else names
            if len(chosen) != 1:
                words = f"{company.name} has {len(names)} warehouses, and none of them is the default one"
                raise Trouble("rejected", "warehouse", words)
            self._warehouses[company.name] = chosen[0]
        return self._warehouses[company.name]

    def _entry_line(self, company: _Company, document: Document, line: JournalLine) -> dict[str, object]:
        made = _line(company, document, line)
        # An account for what customers owe wants to know who.
        if line.party and line.account in company.receivable:
            made |= {"party_type": "Customer", "party": self._master(PARTY, line.party)}
        if line.settles:
            made |= {"reference_type": "Sales Invoice", "reference_name": self._settled(company, line)}
        return made

    def _settled(self, company: _Company, line: JournalLine) -> str:
        """The invoice or return that a line pays: of its versions one that is open for it, best by just the amount.

        Raises:
            Trouble: None is.
        """
        open_ = Decimal(-line.functional_minor).scaleb(-minor_digits(company.currency))
        mine = [[KEY_FIELD, "like", f"{line.settles}%"], ["docstatus", "=", _SUBMITTED]]
        rows = list(self._rows("Sales Invoice", mine, ["name", "outstanding_amount"]))
        left = {str(row["name"]): Decimal(row["outstanding_amount"]) for row in rows}
        fitting = {name: amount for name, amount in left.items() if amount / open_ >= 1}
        if not fitting:
            words = f"{company.name} has no open Sales Invoice with the {KEY_FIELD} {line.settles} for this amount"
            raise Trouble("rejected", "settles", words)
        return min(fitting, key=lambda name: (abs(fitting[name] - open_), name))

    def _submit(self, doctype: str, ref: str) -> str:
        return str(self._call("PUT", _path(doctype, ref), {"docstatus": _SUBMITTED})["name"])

    def _master(self, kind: str, code: str) -> str:
        """The name of a Customer or an Item.

        Raises:
            Trouble: There is none.
        """
        if (kind, code) not in self._masters:
            rows = list(self._rows(_DOCTYPES[kind], [[KEY_FIELD, "=", code]], ["name"]))
            if not rows:
                raise Trouble("rejected", kind, f"ERPNext has no {_DOCTYPES[kind]} with the {KEY_FIELD} {code}")
            self._masters[kind, code] = str(rows[0]["name"])
        return self._masters[kind, code]

    def _found(self, kind: str, company_code: str, filters: list[object]) -> Mapping[str, tuple[Found, ...]]:
        doctype = _DOCTYPES[kind]
        found: dict[str, tuple[Found, ...]] = {}
        try:
            self._check_key(doctype)
            if kind in MASTER:
                for row in self._rows(doctype, filters, ["name", KEY_FIELD, name_field(kind)]):
                    key = str(row[KEY_FIELD])
                    found[key] = (*found.get(key, ()), read_master(kind, row))
                return found
            company = self._company(company_code)
            mine = [["company", "=", company.name], *filters]
            if kind in MOVEMENTS:
                mine.append(["stock_entry_type", "=", purpose_of(kind)])
            read = {_ENTRY: _read, _STOCK: self._read_stock}.get(doctype)
            for row in self._rows(doctype, mine, ["name", KEY_FIELD]):
                entry = self._call("GET", _path(doctype, row["name"]))
                one = read(company, entry) if read else self._read_sale(company, kind, entry)
                key = str(row[KEY_FIELD])
                found[key] = (*found.get(key, ()), one)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        return found

    def _read_stock(self, company: _Company, row: Mapping[str, Any]) -> Found:
        assert row["company"] == company.name, "what is asked for is the company's"
        mine = [["voucher_no", "=", row["name"]], ["is_cancelled", "=", 0]]
        is_booked = any(True for _ in self._rows("GL Entry", mine, ["name"]))
        return read_stock(row, self._item_codes(row), is_booked=is_booked)

    def _item_codes(self, row: Mapping[str, Any]) -> dict[str, str]:
        """By name, the codes of the Items in the lines of a document."""
        named = [each["item_code"] for each in row["items"] if each.get("item_code")]
        items = self._rows("Item", [["name", "in", named]], ["name", KEY_FIELD]) if named else ()
        return {str(each["name"]): str(each[KEY_FIELD]) for each in items}

    def _read_sale(self, company: _Company, kind: str, row: Mapping[str, Any]) -> Found:
        codes = self._item_codes(row)
        (customer,) = self._rows("Customer", [["name", "=", row["customer"]]], ["name", KEY_FIELD])
        if kind == ORDER:
            return read_order(row, str(customer[KEY_FIELD]), codes)
        mine = [["voucher_no", "=", row["name"]], ["is_cancelled", "=", 0]]
        ledger = list(self._rows("GL Entry", mine, ["name", "account", "debit", "credit"]))
        numbers = {name: number for number, name in company.accounts.items()}
        return read_invoice(row, ledger, numbers, str(customer[KEY_FIELD]), codes)

    def _check_key(self, doctype: str) -> None:
        """Hold that the database keeps our key unique.

        Raises:
            Trouble: It does not.
        """
        if not self._has_key(doctype):
            raise Trouble("rejected", "key", f"{doctype} has no unique field {KEY_FIELD}")

    def _takes_goods(self) -> bool:
        """Whether the site was made ready for goods, asked once for all items."""
        if self._counts is None:
            self._counts = self._has_key(_STOCK)
        return self._counts

    def _has_key(self, doctype: str) -> bool:
        """Whether the database keeps our key of a doctype unique; asked again where it does not."""
        if not self._keyed.get(doctype):
            made = [["dt", "=", doctype], ["fieldname", "=", KEY_FIELD]]
            rows = self._rows("Custom Field", made, ["name", "unique"])
            self._keyed[doctype] = any(row["unique"] for row in rows)
        return self._keyed[doctype]

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            found = list(self._rows("Company", [["name", "=", code]], ["name", "default_currency", _PERPETUAL]))
            if not found:
                raise Trouble("rejected", "company", f"ERPNext has no company {code}")
            mine = [["company", "=", code], ["is_group", "=", 0]]
            accounts = list(self._rows("Account", mine, ["name", "account_number", "account_type"]))
            by_code = {str(row["account_number"] or row["name"]): str(row["name"]) for row in accounts}
            owed = [row for row in accounts if row["account_type"] == "Receivable"]
            receivable = frozenset(str(row["account_number"] or row["name"]) for row in owed)
            is_perpetual = bool(found[0][_PERPETUAL])
            self._companies[code] = _Company(code, found[0]["default_currency"], by_code, receivable, is_perpetual)
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


def _path(doctype: str, name: object) -> str:
    return f"{_RESOURCE}/{doctype}/{quote(str(name), safe='')}"


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
    if text := remark(document, line):
        made["user_remark"] = text
    return made


def _read(company: _Company, entry: Mapping[str, Any]) -> Found:
    """An entry as it stands. A cancelled one holds nothing any more."""
    numbers = {name: number for number, name in company.accounts.items()}
    currency, lines = company.currency, []
    for row in entry["accounts"] if entry["docstatus"] in (_DRAFT, _SUBMITTED) else ():
        functional = _minor(Decimal(row["debit"]) - Decimal(row["credit"]), company.currency)
        currency, amount = own_amount(str(row.get("user_remark") or ""), company.currency, functional)
        lines.append(JournalLine(numbers.get(row["account"], row["account"]), functional, amount))
    content = content_of(company.name, date.fromisoformat(entry["posting_date"]), currency, lines)
    return Found(str(entry["name"]), 1 + int(entry["docstatus"] == _SUBMITTED), content)


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
