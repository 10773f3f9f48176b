"""Journals into Finance and Operations: a header, then all of its lines in one change set; found by the key in both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, each_alone, parsed, refusal, unread
from entrepot.delivery.dynamics_fo.spec import SPEC
from entrepot.delivery.erp import JOURNAL, Found, JournalLine, content_of
from entrepot.delivery.keys import document_id_of, keys_written, short_key
from entrepot.delivery.odata4 import OData4, said, text_literal
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec, Outcome

_HEADERS, _LINES = "data/LedgerJournalHeaders", "data/LedgerJournalLines"
_MARK = "EP-"
_TEXT_LENGTH = 60
_DIMENSIONS = "-"
"""What stands between the main account and the dimensions of a display value, unless somebody set another character."""


@dataclass(frozen=True, slots=True)
class _Company:
    """What a legal entity's journals need: its currency, and the main accounts that may be posted to."""

    currency: str
    accounts: frozenset[str]


class DynamicsFo:
    """One environment.

    Args:
        address: `database` is the journal name under which journals are made.
    """

    def __init__(self, address: Address) -> None:
        self._api, self._journal_name = OData4(address), address.database
        self._companies: dict[str, _Company] = {}

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._api.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Make journals with their lines."""
        del refs
        assert step in SPEC.steps[JOURNAL], "journals are what this adapter knows"
        return each_alone(documents, self._create)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals whose lines carry one of the keys."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        wanted = " or ".join(f"Document eq {text_literal(_MARK + each)}" for key in keys for each in keys_written(key))
        return self._found(company, f"({wanted})") if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Journals of ours in a span."""
        assert kind == JOURNAL, "journals are what this adapter knows"
        span = f"TransDate ge {_moment(first)} and TransDate le {_moment(last)}"
        return self._found(company, f"startswith(Document,{text_literal(_MARK)}) and {span}")

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        number = self._header(document)
        lines = [
            {
                "dataAreaId": document.company,
                "JournalBatchNumber": number,
                "LineNumber": at,
                **_line(company, document, line),
            }
            for at, line in enumerate(document.lines, start=1)
        ]
        made = change_set("POST", "LedgerJournalLines?cross-company=true", lines)
        headers = {"Content-Type": made.content_type, "Accept": "multipart/mixed"}
        for part in parts_of(self._api.call("POST", "data/$batch", headers=headers, content=made.content)):
            if not part.is_success:
                raise refusal(part, said(part)[1])
        return number

    def _header(self, document: Document) -> str:
        """The journal to put lines into: a new one, or one that an earlier try has left empty."""
        begins = f"startswith(Description,{text_literal(_MARK + short_key(document.document_id))})"
        mine = f"dataAreaId eq {text_literal(document.company)} and {begins}"
        for row in self._api.rows(_HEADERS, filter=mine, orderby="JournalBatchNumber", cross="true"):
            number = str(row["JournalBatchNumber"])
            inside = f"dataAreaId eq {text_literal(document.company)} and JournalBatchNumber eq {text_literal(number)}"
            if not list(self._api.rows(_LINES, filter=inside, orderby="LineNumber", cross="true")):
                return number
        body = {
            "dataAreaId": document.company,
            "JournalName": self._journal_name,
            "Description": f"{_MARK}{short_key(document.document_id)} {document.text}"[:_TEXT_LENGTH],
        }
        try:
            return str(
                parsed(self._api.call("POST", _HEADERS, body, asked={"cross-company": "true"}))["JournalBatchNumber"]
            )
        except Trouble as trouble:
            if trouble.word != "unknown":
                raise
            # A header alone books nothing, so its loss leaves no doubt; the next try finds it if it is there.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble

    def _found(self, code: str, condition: str) -> Mapping[str, tuple[Found, ...]]:
        journals: dict[tuple[str, str], list[dict[str, Any]]] = {}
        try:
            company = self._company(code)
            mine = f"{condition} and dataAreaId eq {text_literal(code)}"
            order = "JournalBatchNumber,LineNumber"
            for row in self._api.rows(_LINES, filter=mine, orderby=order, cross="true"):
                journals.setdefault((row["JournalBatchNumber"], row["Document"]), []).append(row)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for (number, document), rows in journals.items():
            key = document_id_of(document.removeprefix(_MARK))
            found[key] = (*found.get(key, ()), _read(code, company, number, rows))
        return found

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            entity = f"LegalEntityId eq {text_literal(code)}"
            found = list(self._api.rows("data/Ledgers", filter=entity, orderby="LegalEntityId", cross="true"))
            if len(found) != 1:
                raise Trouble("rejected", "company", f"there is no legal entity {code}")
            chart = f"ChartOfAccounts eq {text_literal(found[0]['ChartOfAccounts'])}"
            rows = self._api.rows("data/MainAccounts", filter=chart, orderby="MainAccountId")
            accounts = frozenset(row["MainAccountId"] for row in rows if row["IsSuspended"] != "Yes")
            self._companies[code] = _Company(found[0]["AccountingCurrency"], accounts)
        return self._companies[code]


def connect(address: Address) -> DynamicsFo:
    """An adapter for an environment."""
    return DynamicsFo(address)


def _line(company: _Company, document: Document, line: JournalLine) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"{document.company} has no main account {line.account} in use")
    amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
    return {
        "AccountType": "Ledger",
        "AccountDisplayValue": line.account,
        "CurrencyCode": document.functional_currency,
        "DebitAmount": float(max(amount, Decimal(0))),
        "CreditAmount": float(max(-amount, Decimal(0))),
        "TransDate": _moment(document.posted_on),
        "Document": f"{_MARK}{short_key(document.document_id)}",
        "Text": remark(document, line) or document.text[:_TEXT_LENGTH],
    }


def _moment(day: date) -> str:
    """Noon, as Finance and Operations itself writes days, so that no time zone moves it."""
    return f"{day.isoformat()}T12:00:00Z"


def _read(code: str, company: _Company, number: str, rows: Sequence[Mapping[str, Any]]) -> Found:
    currency, lines = company.currency, []
    for row in rows:
        amount = Decimal(row["DebitAmount"]) - Decimal(row["CreditAmount"])
        functional = int(amount.scaleb(minor_digits(company.currency)))
        currency, own = own_amount(row["Text"], company.currency, functional)
        lines.append(JournalLine(row["AccountDisplayValue"].split(_DIMENSIONS)[0], functional, own))
    content = content_of(code, date.fromisoformat(rows[0]["TransDate"][:10]), currency, lines)
    return Found(number, len(SPEC.steps[JOURNAL]), content)
