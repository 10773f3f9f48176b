"""Journals into Business Central: a journal batch of its own for each, posted as a whole, read back from the ledger."""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.business_central.spec import SPEC
from entrepot.delivery.calls import Trouble, each_alone, parsed
from entrepot.delivery.erp import JOURNAL, Found, JournalLine, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.odata4 import OData4, text_literal
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, Content, Document, ErpSpec, Outcome

_MARK = "EP-"
_TEXT_LENGTH = 100
_POSTED = len(SPEC.steps[JOURNAL])


@dataclass(frozen=True, slots=True)
class _Company:
    """What a company's journals need: its address, its currency, and the accounts that may be posted to."""

    path: str
    currency: str
    accounts: frozenset[str]


class BusinessCentral:
    """One environment of one tenant.

    Args:
        address: The API's address with tenant and environment, up to and with `api/v2.0`.
    """

    def __init__(self, address: Address) -> None:
        self._api = OData4(address)
        self._companies: dict[str, _Company] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._api.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Make journals with their lines, or post them."""
        return each_alone(
            documents,
            lambda each: self._create(each) if step == "create" else self._post(each, refs[each.document_id]),
        )

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals that wait, and posted entries, under the keys' document numbers."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        if not keys:
            return {}
        waiting = " or ".join(f"code eq {text_literal(_code(key))}" for key in keys)
        posted = " or ".join(f"documentNumber eq {text_literal(_number(key))}" for key in keys)
        return self._found(company, waiting, posted, date.min, date.max)

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Everything of ours in a span, posted or not."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        ours = f"(documentNumber,{text_literal(_MARK)})"
        span = f"postingDate ge {first.isoformat()} and postingDate le {last.isoformat()}"
        waiting = f"startswith(displayName,{text_literal(_MARK)})"
        return self._found(company, waiting, f"startswith{ours} and {span}", first, last)

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        body = {
            "code": _code(document.document_id),
            "displayName": _number(document.document_id),
            "journalLines": [_line(company, document, line) for line in document.lines],
        }
        return str(parsed(self._api.call("POST", f"{company.path}/journals", body))["id"])

    def _post(self, document: Document, ref: str) -> str:
        journal = f"{self._company(document.company).path}/journals({ref})"
        self._api.call("POST", f"{journal}/Microsoft.NAV.post")
        with contextlib.suppress(Trouble):
            # What is left is an empty journal, in everybody's way and no part of the books.
            self._api.call("DELETE", journal, headers={"If-Match": "*"})
        return _number(document.document_id)

    def _found(self, code: str, waiting: str, posted: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        found: dict[str, tuple[Found, ...]] = {}
        try:
            company = self._company(code)
            for key, one in [*self._posted(code, company, posted), *self._waiting(code, company, waiting)]:
                if first <= (one.content.posted_on or date.min) <= last:
                    found[key] = (*found.get(key, ()), one)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble
        return found

    def _posted(self, code: str, company: _Company, condition: str) -> Iterator[tuple[str, Found]]:
        """What the ledger holds; entries of one number on one day are one document."""
        documents: dict[tuple[str, str], list[dict[str, Any]]] = {}
        rows = self._api.rows(f"{company.path}/generalLedgerEntries", filter=condition, orderby="id")
        for row in rows:
            amount = Decimal(row["debitAmount"]) - Decimal(row["creditAmount"])
            documents.setdefault((row["documentNumber"], row["postingDate"]), []).append({**row, "amount": amount})
        for (number, day), lines in documents.items():
            yield _key(number), Found(number, _POSTED, _content(code, company, day, lines))

    def _waiting(self, code: str, company: _Company, condition: str) -> Iterator[tuple[str, Found]]:
        """Journals with lines that nobody has posted; one without is what posting leaves."""
        rows = self._api.rows(f"{company.path}/journals", filter=condition, orderby="code", expand="journalLines")
        for row in rows:
            if lines := row["journalLines"]:
                content = _content(code, company, lines[0]["postingDate"], lines)
                yield _key(lines[0]["documentNumber"]), Found(str(row["id"]), 1, content)

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            found = list(self._api.rows("companies", filter=f"name eq {text_literal(code)}", orderby="name"))
            if len(found) != 1:
                raise Trouble("rejected", "company", f"Business Central has no company {code}")
            path = f"companies({found[0]['id']})"
            (facts,) = self._api.rows(f"{path}/companyInformation", orderby="id")
            accounts = self._api.rows(f"{path}/accounts", orderby="number")
            is_open = frozenset(row["number"] for row in accounts if not row["blocked"] and row["directPosting"])
            self._companies[code] = _Company(path, facts["currencyCode"], is_open)
        return self._companies[code]


def connect(address: Address) -> BusinessCentral:
    """An adapter for an environment."""
    return BusinessCentral(address)


def _number(key: str) -> str:
    """The document number: 19 characters of at most 20, which Business Central keeps in capitals."""
    return (_MARK + key).upper()


def _key(number: str) -> str:
    return number.lower().removeprefix(_MARK.lower())


def _code(key: str) -> str:
    """The journal's code: ten characters at most, so the first 45 bits of the key in letters and digits."""
    return "E" + base64.b32encode(bytes.fromhex(key)).decode()[:9]


def _line(company: _Company, document: Document, line: JournalLine) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"{document.company} has no account {line.account} that takes entries")
    return {
        "accountType": "G/L Account",
        "accountNumber": line.account,
        "postingDate": document.posted_on.isoformat(),
        "documentNumber": _number(document.document_id),
        "amount": float(Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))),
        "description": remark(document, line) or document.text[:_TEXT_LENGTH],
    }


def _content(code: str, company: _Company, day: str, rows: Sequence[Mapping[str, Any]]) -> Content:
    currency, lines = company.currency, []
    for row in rows:
        functional = int(Decimal(row["amount"]).scaleb(minor_digits(company.currency)))
        currency, amount = own_amount(row["description"], company.currency, functional)
        lines.append(JournalLine(row["accountNumber"], functional, amount))
    return content_of(code, date.fromisoformat(day), currency, lines)
