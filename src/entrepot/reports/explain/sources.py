"""Which columns of which observed tables a component of a posting was read from.

Data: the component's word, and where its rows stand. What follows from no file (a rate of a policy, a gap) has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDER = "t.order_key = k.order_id"
_LINE = f"{_ORDER} and (k.order_line_id is null or t.line_id = k.order_line_id)"
_LINE_OR_ORDER = f"{_ORDER} and (k.order_line_id is null or t.line_id in ('', k.order_line_id))"
_BANK_LINE = "t.bank_line_id in (select m.bank_line_id from bank_matches as m where m.match_id = k.cause_id)"
_PAID_OUT = "(select m.payout_id from bank_matches as m where m.match_id = k.cause_id)"


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table.

    Attributes:
        table: An observed table.
        column: Its column that holds the value.
        rows: Condition for the rows: `t` is the table, `k` what caused the posting.
        newest_of: Columns of which only the newest row counts, where that is less than the table's key.
        newest_by: Column that says which row is the newest, before its version.
    """

    table: str
    column: str
    rows: str
    newest_of: tuple[str, ...] = ()
    newest_by: str = ""


def _discounts(funders: str) -> tuple[Source, ...]:
    return (Source("discounts", "amount_minor", f"{_LINE_OR_ORDER} and {funders}"),)


SOURCES: Mapping[str, tuple[tuple[Source, ...], ...]] = {
    "goods": (
        (Source("order_lines", "goods_minor", _LINE),),
        (Source("orders", "goods_minor", _ORDER),),
    ),
    "shipping": (
        (Source("orders", "shipping_minor", _ORDER),),
        (Source("order_lines", "shipping_minor", _ORDER),),
    ),
    "tax": (
        (Source("orders", "tax_minor", _ORDER),),
        (Source("order_lines", "tax_minor", _ORDER),),
    ),
    "tax_kept": ((Source("taxes", "amount_minor", f"{_ORDER} and t.kind = 'customs_composite'"),),),
    "discount_merchant": (_discounts("t.funder = 'merchant'"),),
    "discount_platform": (_discounts("t.funder = 'platform'"),),
    "discount_other": (_discounts("t.funder not in ('merchant', 'platform')"),),
    "vat": (
        (Source("taxes", "amount_minor", f"{_ORDER} and t.kind = 'vat_included'"),),
        (Source("skus", "vat_rate_bp", "t.sku_id = k.sku_id"),),
    ),
    "cost": (
        (
            Source(
                "sku_costs",
                "cost_minor",
                "t.sku_id = k.sku_id and t.valid_from <= cast(k.day as date)",
                ("sku_id",),
                "valid_from",
            ),
            Source("order_lines", "quantity", _LINE),
        ),
    ),
    "paid": (
        (Source("orders", "paid_minor", _ORDER),),
        (Source("order_lines", "paid_minor", _ORDER),),
    ),
    "tender": ((Source("tenders", "amount_minor", f"{_ORDER} and t.kind <> 'cash'"),),),
    "deposit": ((Source("orders", "deposit_minor", _ORDER),),),
    "deposit_returned": ((Source("orders", "refund_stated_minor", _ORDER),),),
    "settlement": ((Source("settlement_lines", "amount_minor", "t.line_id = k.cause_id"),),),
    "settlement_of_order": ((Source("settlement_lines", "amount_minor", f"{_ORDER} and t.kind = 'order_income'"),),),
    "refund": (
        (Source("settlement_lines", "amount_minor", "t.line_id = k.cause_id"),),
        (Source("refund_statements", "amount_minor", "'stated:' || t.statement_id = k.cause_id"),),
        (Source("orders", "refund_stated_minor", _ORDER),),
        (Source("refund_statements", "amount_minor", _ORDER),),
    ),
    "spend": ((Source("ad_spend", "amount_minor", "t.spend_id = k.cause_id"),),),
    "bill": ((Source("service_bill_lines", "amount_minor", "t.bill_line_id = k.cause_id"),),),
    "bill_vat": ((Source("service_bill_lines", "vat_minor", "t.bill_line_id = k.cause_id"),),),
    "bank_line": ((Source("bank_lines", "amount_minor", _BANK_LINE),),),
    "bank_fee": ((Source("bank_lines", "fee_minor", _BANK_LINE),),),
    "paid_out": (
        (Source("settlement_lines", "amount_minor", f"t.line_id in {_PAID_OUT}"),),
        (Source("settlements", "stated_total_minor", f"t.settlement_key in {_PAID_OUT}"),),
    ),
    "batch": ((Source("settlements", "stated_total_minor", "t.settlement_key = k.cause_id"),),),
    "journal": ((Source("journal_lines", "amount_minor", "t.journal_id = k.cause_id and t.account = k.account"),),),
    "balance": ((Source("wallet_lines", "balance_minor", "t.line_id = k.cause_id"),),),
    "movement": ((Source("wallet_lines", "amount_minor", "t.line_id = k.cause_id"),),),
}
"""Component to alternatives, in order: the first that has rows counts, and all its sources together."""

ALIASES: Mapping[str, str] = {
    "refund_share": "refund",
    "refunded_before": "refund",
    "income": "settlement_of_order",
}
"""Components that are read where another one is."""
