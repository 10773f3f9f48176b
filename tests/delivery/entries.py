"""Ledger entries by hand, with the columns that an export reads."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

TEXTS = (
    *(
        "entry_id",
        "entity_id",
        "book",
        "account",
        "currency",
        "functional_currency",
        "fx_rate_id",
        "period",
        "fiscal_period",
    ),
    *(
        "posting_rule",
        "order_line_id",
        "cause_kind",
        "cause_id",
        "order_id",
        "sku_id",
        "channel",
        "shop",
        "tax_code",
        "wallet_id",
    ),
)


def entry(entry_id: str, on: str, *lines: tuple[str, int], **facts: Any) -> list[dict[str, Any]]:
    """One ledger entry: accounts with signed minor units, and what the lines have in common."""
    row = {"entity_id": "cn", "book": "local", "currency": "CNY", "functional_currency": "CNY"}
    row |= {"channel": "tmall", "shop": "s1", "cause_kind": "order", "cause_id": entry_id, **facts}
    day = date.fromisoformat(on)
    return [
        {
            **row,
            "entry_id": entry_id,
            "account": account,
            "amount_minor": amount,
            "functional_minor": facts.get("functional", {}).get(account, amount),
            "accounting_date": day,
            "period": on[:7],
            "fiscal_period": facts.get("fiscal_period", f"FY{on[:4]}-P{on[5:7]}"),
        }
        for account, amount in lines
    ]


def entries_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Ledger entries as the ledger's table has them, as far as an export reads it."""
    return pa.table(
        {
            **{name: pa.array([row.get(name) for row in rows], pa.string()) for name in TEXTS},
            "amount_minor": pa.array([row["amount_minor"] for row in rows], pa.int64()),
            "functional_minor": pa.array([row["functional_minor"] for row in rows], pa.int64()),
            "accounting_date": pa.array([row["accounting_date"] for row in rows], pa.date32()),
        }
    )
