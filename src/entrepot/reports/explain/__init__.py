"""What figures are made of: ids, parts that add up, and what a posting was computed of."""

from entrepot.reports.explain.ids import Place, PnlId, entry_id, entry_of, place_of, pnl_id
from entrepot.reports.explain.levels import LIMIT
from entrepot.reports.explain.pnl import PnlParts, is_line, largest_parts, open_postings
from entrepot.reports.explain.rows import ids_of_row
from entrepot.reports.explain.tree import More, Node

__all__ = [
    "LIMIT",
    "More",
    "Node",
    "Place",
    "PnlId",
    "PnlParts",
    "entry_id",
    "entry_of",
    "ids_of_row",
    "is_line",
    "largest_parts",
    "open_postings",
    "place_of",
    "pnl_id",
]
