"""Matching: propose which SKUs listings sell, and keep what people decide.

    propose     tables of the newest snapshot to proposals; nothing is written      planning
    decide      accepted and refused rows to a list in the raw log, imported        flows.importing

A decision is a list that is imported like any other: a replay keeps it, and `entrepot undo` takes it back.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from entrepot.connectors.errors import FormatUnknown
from entrepot.connectors.reading import open_tabular, stage
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.flows.asking import newest_tables
from entrepot.flows.errors import NothingDecided
from entrepot.flows.importing import import_paths
from entrepot.planning.matching import (
    LearnedScorer,
    propose,
    read_decided,
    read_listings,
    read_skus,
    review_rows,
    training_pairs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from entrepot.flows.importing import ImportReport
    from entrepot.flows.parts import CellParts
    from entrepot.planning.matching import Proposal

LIST_FORMAT = "own_listing_map"
"""The format in which decisions are kept."""

_COLUMNS = (
    "channel", "shop", "listing_kind", "listing_id", "sku_id", "qty", "share", "valid_from", "valid_to", "decision",
    "decided_at", "decided_by", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows of a review list are decided, besides those that are marked in it.

    Attributes:
        decision: accept or refuse.
        proposals: Ids of proposals.
        confidence_min: Every unmarked proposal from this confidence on; None for none.
    """

    decision: str
    proposals: frozenset[str] = frozenset()
    confidence_min: float | None = None

    def decides(self, row: dict[str, str]) -> bool:
        """Whether an unmarked row is decided."""
        if not row["sku_id"]:
            return False
        is_sure = self.confidence_min is not None and float(row["confidence"] or 0) >= self.confidence_min
        return is_sure or row["proposal"] in self.proposals


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided.

    Attributes:
        file_name: The list in the raw log; its name takes the decisions back.
        accepted: Rows accepted.
        refused: Rows refused.
        report: What the import said, quarantined rows included.
    """

    file_name: str
    accepted: int
    refused: int
    report: ImportReport


def propose_matches(parts: CellParts, *, learned: bool = False) -> list[Proposal]:
    """Proposals for every listing with lines that wait for a SKU, the most valuable first.

    Args:
        parts: The cell.
        learned: Learn from what people decided, instead of the shipped weights.

    Raises:
        NothingPublished: Nothing was imported yet.
        LearnerMissing: The library is not installed.
        DecisionsTooFew: There is too little to learn from.
    """
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        every = read_listings(engine, tables)
        skus, decided = read_skus(engine), read_decided(engine)
        scorer = LearnedScorer(*training_pairs(engine, every, skus, decided)) if learned else None
        return propose(engine, [each for each in every if each.is_open], skus, decided, scorer)


def decide_matches(
    parts: CellParts,
    chosen: Chosen,
    by: str,
    reason: str,
    *,
    review: Path | None = None,
    learned: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Decisions:
    """Keep decisions about proposals, and derive the books anew with them.

    Args:
        parts: The cell.
        chosen: Which rows are decided besides the marked ones.
        by: Who decides; kept.
        reason: Why; kept, where a row gives no reason of its own.
        review: The reviewed list; None decides about today's proposals.
        learned: As for `propose_matches`.
        progress: As for `import_paths`.

    Raises:
        NothingDecided: No row is marked or chosen.
        FormatUnknown: The file is no review list.
        EntrepotError: As `propose_matches` says.
    """
    rows = reviewed_rows(parts, review) if review else review_rows(propose_matches(parts, learned=learned), "en")
    decided = [{**row, "decision": row["decision"] or chosen.decision} for row in rows if _is_decided(row, chosen)]
    if not decided:
        raise NothingDecided(str(review) if review else "")
    now = datetime.now(UTC)
    text = _list_text(decided, now, by, reason)
    name = f"listing-decisions-{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.csv"
    with tempfile.TemporaryDirectory() as folder:
        # Beside the cell, for an import leaves the company folder itself out; the raw log keeps the content.
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        report = import_paths(parts, [path], progress=progress)
    refused = sum(row["decision"].strip().lower() in _REFUSING for row in decided)
    return Decisions(name, len(decided) - refused, refused, report)


_REFUSING = ("refuse", "refused", "no", "拒绝", "否")


def reviewed_rows(parts: CellParts, path: Path) -> list[dict[str, str]]:
    """Rows of a review list as people gave it back: CSV or workbook, cells as text.

    Raises:
        FormatUnknown: It is no review list.
        FileUnreadable: It cannot be opened.
    """
    wire = next(each for each in parts.formats if each.name == LIST_FORMAT)
    nearest: tuple[str, ...] = ()
    for opened in open_tabular(path, str(path)):
        found = recognise(opened.head, [wire])
        if not isinstance(found, Recognised):
            nearest = nearest or found.missing
            continue
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "review.parquet"
            stage(opened, found, "0" * 64, target, str(path))
            rows = pq.read_table(target).to_pylist()
        return [{name: cell or "" for name, cell in row.items() if name not in ("raw_id", "row_no")} for row in rows]
    raise FormatUnknown(str(path), wire.name, nearest, ())


def _is_decided(row: dict[str, str], chosen: Chosen) -> bool:
    return bool(row["decision"]) or chosen.decides(row)


def _list_text(rows: Sequence[dict[str, str]], now: datetime, by: str, reason: str) -> str:
    """The list that is kept: only what the map needs, with who, when and why."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        own = {"decided_at": f"{now:%Y-%m-%d %H:%M:%S}", "decided_by": by, "reason": row["reason"] or reason}
        writer.writerow({**row, **own})
    return out.getvalue()


def counts(proposals: Collection[Proposal]) -> dict[str, int]:
    """How many proposals there are by how sure they are, for people to see what awaits them."""
    found = [proposal.confidence for proposal in proposals]
    return {
        "listings": len(found),
        "from_0.95": sum(each >= _SURE for each in found),
        "from_0.50": sum(_LIKELY <= each < _SURE for each in found),
        "below": sum(0 < each < _LIKELY for each in found),
        "nothing_alike": sum(not proposal.skus for proposal in proposals),
    }


_SURE, _LIKELY = 0.95, 0.5
