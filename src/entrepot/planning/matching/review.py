"""The review list: a row per proposed SKU, to be decided by a person and imported as the map of listings.

It has the columns of the format `own_listing_map`; the cell `decision` is empty and decides nothing until filled.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import xlsxwriter

from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from entrepot.planning.matching.proposals import Proposal

REVIEW_COLUMNS = (
    "proposal", "channel", "shop", "listing_kind", "listing_id", "title", "lines", "amount", "currency", "sku_id",
    "sku_name", "qty", "share", "valid_from", "valid_to", "confidence", "reasons", "decision", "decided_at",
    "decided_by", "reason",
)  # fmt: skip
"""Columns of the list, in order."""

_WIDTHS = {"title": 50, "sku_name": 40, "reasons": 70, "shop": 18, "listing_id": 20, "sku_id": 18}
_FORMULA = ("=", "+", "-", "@")


def review_rows(proposals: Iterable[Proposal], lang: str) -> list[dict[str, str]]:
    """Rows as text; a listing for which nothing is alike has one row without a SKU, for a person to fill."""
    rows = []
    for proposal in proposals:
        listing = proposal.listing
        channel, shop, kind, listing_id = listing.key
        head = {
            "proposal": proposal.id,
            "channel": channel,
            "shop": shop,
            "listing_kind": kind,
            "listing_id": listing_id,
            "title": listing.title,
            "lines": str(listing.line_count),
            "amount": _amount(listing.goods_minor, listing.currency),
            "currency": listing.currency,
            "valid_from": listing.first_on.isoformat(),
            "confidence": f"{proposal.confidence:.2f}",
            "reasons": ("；" if lang == "zh" else "; ").join(reason.text(lang) for reason in proposal.reasons),
        }
        empty = dict.fromkeys(REVIEW_COLUMNS, "")
        rows += [
            {
                **empty,
                **head,
                "sku_id": sku.sku_id,
                "sku_name": sku.name,
                "qty": str(sku.qty),
                "share": f"{sku.share_bp // 100}.{sku.share_bp % 100:02d}",
            }
            for sku in proposal.skus
        ] or [{**empty, **head, "qty": "1", "share": "100.00"}]
    return rows


def write_review(rows: Sequence[dict[str, str]], path: Path) -> None:
    """Write a review list, as a workbook where the name ends in .xlsx, else as CSV; a file of that name is replaced."""
    if path.suffix.lower() == ".xlsx":
        with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
            sheet = book.add_worksheet("matches")
            sheet.freeze_panes(1, 0)
            for at, name in enumerate(REVIEW_COLUMNS):
                sheet.set_column(at, at, _WIDTHS.get(name, 12))
                sheet.write_string(0, at, name)
            for number, row in enumerate(rows, start=1):
                for at, name in enumerate(REVIEW_COLUMNS):
                    sheet.write_string(number, at, row[name])
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REVIEW_COLUMNS)
        writer.writerows([_not_a_formula(row[name]) for name in REVIEW_COLUMNS] for row in rows)


def _not_a_formula(cell: str) -> str:
    """A text that a spreadsheet would calculate gets the apostrophe that our reading takes off again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _amount(minor: int, currency: str) -> str:
    if not currency:
        return ""
    digits = minor_digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)
