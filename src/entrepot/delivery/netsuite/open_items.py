"""What customers owe in NetSuite and what pays it, applied to each other once it comes to nothing.

The memo of a journal's line that pays is the key of its invoice, without the version. A customer payment of nothing,
which names invoices and lines of journals on one side, credit memos and lines of journals on the other, applies them to
each other and is kept as no payment. What it did is read back, since its answer says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from entrepot.delivery.calls import Trouble
from entrepot.delivery.keys import later_keys
from entrepot.delivery.netsuite.door import MARK, key_of, text_literal, to_minor, to_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.netsuite.door import Company, Door

_KEYS_AT_ONCE = 50
_OPEN = """
select t.id as id, tl.id as line, t.type as type, t.externalid as externalid, tl.memo as memo, a.id as account,
    coalesce(tl.entity, t.entity) as customer, tal.debit as debit,
    tl.foreignamountunpaid as unpaid, tl.foreignpaymentamountunused as unused
from transaction t
join transactionline tl on tl.transaction = t.id
join transactionaccountingline tal on tal.transaction = tl.transaction and tal.transactionline = tl.id
join account a on a.id = tal.account
where tal.accountingbook = 1 and tl.subsidiary = {subsidiary} and (
    (t.type in ('CustInvc', 'CustCred') and tl.mainline = 'T' and ({versions}))
    or (t.type = 'Journal' and tl.memo in ({memos})))
order by t.id, tl.id
"""


@dataclass(frozen=True, slots=True)
class _Item:
    """What is open of a line.

    Attributes:
        transaction: Number of its transaction.
        line: Its number there.
        place: Numbers of account and customer.
        open_minor: What is open, debit positive.
    """

    transaction: str
    line: int
    place: tuple[str, str]
    open_minor: int


class OpenItems:
    """Open lines on accounts of customers.

    Args:
        door: Of the account.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def match(self, company: Company, document: Document) -> None:
        """Apply what is open under the keys of a payment and comes to nothing; the rest waits for what is to come.

        Raises:
            Trouble: NetSuite refused it, gave no answer, or did not do it.
        """
        keys = {line.settles for line in document.lines if line.settles}
        for items in self._ready(company, keys).values():
            account, customer = items[0].place
            self._door.make(
                "customerPayment",
                {
                    "customer": {"id": customer},
                    "subsidiary": {"id": company.number},
                    "currency": {"id": company.currency_id},
                    "arAcct": {"id": account},
                    "tranDate": document.posted_on.isoformat(),
                    "autoApply": False,
                    "payment": 0,
                    "apply": {"items": _applied(company, (each for each in items if each.open_minor > 0))},
                    "credit": {"items": _applied(company, (each for each in items if each.open_minor < 0))},
                },
            )
        if left := self.loose(company, keys):
            raise Trouble("rejected", "unmatched", f"NetSuite left open what pays {', '.join(sorted(left))}")

    def loose(self, company: Company, keys: Collection[str]) -> set[str]:
        """Those of some keys under which something is open that could be applied."""
        return set(self._ready(company, keys))

    def _ready(self, company: Company, keys: Collection[str]) -> dict[str, list[_Item]]:
        """By key, open lines of one account and customer that come to nothing."""
        return {
            key: items
            for key, items in self._items(company, sorted(keys)).items()
            if len({each.place for each in items}) == 1 and not sum(each.open_minor for each in items)
        }

    def _items(self, company: Company, keys: Sequence[str]) -> dict[str, list[_Item]]:
        found: dict[str, list[_Item]] = defaultdict(list)
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[at : at + _KEYS_AT_ONCE]
            memos = ", ".join(text_literal(MARK + key) for key in some)
            versions = " or ".join(
                f"t.externalid in ({text_literal(MARK + key)}, {text_literal(f'{MARK}{key}r')}) "
                f"or t.externalid like {text_literal(f'{MARK}{later_keys(key)}%')}"
                for key in some
            )
            query = _OPEN.format(subsidiary=company.number, versions=versions, memos=memos)
            for row in self._door.rows(query):
                name = row["memo"] if row["type"] == "Journal" else row["externalid"]
                is_debit = "debit" in row
                amount = abs(to_minor(Decimal(row.get("unpaid" if is_debit else "unused", 0)), company.currency))
                if amount:
                    item = _Item(
                        row["id"],
                        int(row["line"]),
                        (row["account"], row["customer"]),
                        amount if is_debit else -amount,
                    )
                    found[_base(key_of(name))].append(item)
        return found


def _applied(company: Company, items: Iterable[_Item]) -> list[dict[str, object]]:
    return [
        {
            "doc": {"id": each.transaction},
            "line": each.line,
            "apply": True,
            "amount": to_number(abs(each.open_minor), company.currency),
        }
        for each in items
    ]


def _base(document_id: str) -> str:
    """What all versions of a document share."""
    return document_id.removesuffix("r").partition(".")[0]
