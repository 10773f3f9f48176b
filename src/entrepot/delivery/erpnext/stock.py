"""Stock Entries of ERPNext: what their calls hold and how they are read.

A goods issue is a Material Issue, a goods receipt a Material Receipt, on their day and without a rate. They have no
customer, so whom they are for is the last line of the remarks. A company with perpetual inventory posts what goods
cost, which our journals carry too: it gets none. What it posted all the same makes the entry another document.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import GOODS_ISSUE, Found, Goods, GoodsLine, content_of_body
from entrepot.delivery.erpnext.spec import KEY_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.delivery.erp import Document

_ISSUE, _RECEIPT = "Material Issue", "Material Receipt"
_DRAFT, _SUBMITTED = 0, 1
_NOON = "12:00:00"


def purpose_of(kind: str) -> str:
    """What ERPNext calls a kind."""
    return _ISSUE if kind == GOODS_ISSUE else _RECEIPT


def stock_body(
    document: Document, company: str, warehouse: str, items: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A Stock Entry.

    Args:
        document: What to write.
        company: Its name.
        warehouse: Name of the one that goods leave or come back to.
        items: By code, rows of Items with their names and units.
    """
    goods, is_issue = document.body, document.kind == GOODS_ISSUE
    assert isinstance(goods, Goods), "goods have a party and lines"
    return {
        "stock_entry_type": purpose_of(document.kind),
        "company": company,
        "posting_date": document.posted_on.isoformat(),
        "posting_time": _NOON,
        # Else ERPNext takes the moment of the call.
        "set_posting_time": 1,
        "remarks": f"{document.text}\n{goods.party}",
        KEY_FIELD: document.document_id,
        "items": [
            {
                "item_code": items[each.product]["name"],
                "s_warehouse" if is_issue else "t_warehouse": warehouse,
                "qty": abs(each.quantity),
                "uom": items[each.product]["stock_uom"],
                "conversion_factor": 1,
                # No amount is ours to say, and without one ERPNext refuses what it has no rate for.
                "allow_zero_valuation_rate": 1,
            }
            for each in goods.lines
        ],
    }


def read_stock(row: Mapping[str, Any], codes: Mapping[str, str], *, is_booked: bool) -> Found:
    """A Stock Entry as it stands. A cancelled one holds nothing any more.

    Args:
        row: The entry.
        codes: By name, codes of Items.
        is_booked: Whether the general ledger has anything for it.
    """
    sign = 1 if row["stock_entry_type"] == _ISSUE else -1
    pieces: dict[str, Decimal] = {}
    for each in row["items"] if row["docstatus"] in (_DRAFT, _SUBMITTED) else ():
        code = codes.get(each["item_code"], "")
        # In the unit in which the item is counted.
        pieces[code] = pieces.get(code, Decimal(0)) + sign * Decimal(str(each["transfer_qty"]))
    lines = tuple(GoodsLine(product, int(quantity)) for product, quantity in pieces.items())
    party = str(row.get("remarks") or "").rpartition("\n")[2]
    content = content_of_body(str(row["company"]), date.fromisoformat(row["posting_date"]), "", Goods(party, lines))
    # No document of ours has a part of a piece.
    if is_booked or any(quantity != int(quantity) for quantity in pieces.values()):
        content = replace(content, body=None)
    return Found(str(row["name"]), 1 + int(row["docstatus"] == _SUBMITTED), content)
