"""Corrections: of a journal that changed after it was sent, what it is now less what the ERP holds of it.

A correction is a journal of its own under the next number of the same base. What stands in the ERP stays as it is, and
the sum of all documents of a base is the ledger's journal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.delivery.erp import JOURNAL
from entrepot.delivery.lines import LINE_CLASSES, lines_of_documents
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.engine import Engine, Query


@dataclass(frozen=True)
class Correction:
    """A journal that is to be corrected.

    Attributes:
        document_id: Of the correction.
        held: What was sent of the journal, in order, or is about to be; never empty.
        row: The journal as it is now, a row of `planned_documents`; None where it is gone.
        replaces: Document that was not sent and whose place it takes; '' for none.
    """

    document_id: str
    held: Sequence[Intent]
    row: Mapping[str, Any] | None
    replaces: str = ""

    @property
    def base_id(self) -> str:
        """Of the journal."""
        return self.held[-1].base_id

    @property
    def text(self) -> str:
        """One line that says what it is."""
        last = self.held[-1]
        return f"correction of {last.document_id} {self.row['text'] if self.row else last.text}".strip()


@dataclass(frozen=True)
class Corrected:
    """What corrections come to.

    Attributes:
        intents: Corrections, without those that come to nothing.
        lines: Theirs, columns of `LINE_CLASSES`.
    """

    intents: Sequence[Intent]
    lines: pa.Table


def can_be_corrected(held: Sequence[Intent], *, wanted: bool) -> bool:
    """Whether a correction takes the place of a reversal and a new document.

    A journal whose last document took everything back begins anew. In another currency than the company's, a difference
    of both amounts can have two signs in one line, which ERPs refuse. Invoices are taken back by credit notes, as the
    law of most countries wants it.

    Args:
        held: What was sent of a document.
        wanted: Whether the target asks for it; what was corrected before is corrected again in any case, since only the
            sum of its documents is known to be right.
    """
    if not held or held[-1].role == "reversal":
        return False
    last = held[-1]
    is_wanted = wanted or any(each.role == "correction" for each in held)
    return is_wanted and last.kind == JOURNAL and last.currency == last.functional_currency


def correct(engine: Engine, corrections: Sequence[Correction], plan_id: str, lines_of: Mapping[str, Path]) -> Corrected:
    """Make corrections, all by one query.

    Args:
        engine: One that has `planned_lines`.
        corrections: What to correct.
        plan_id: Of the plan that does it.
        lines_of: By plan id, the file with the lines of its documents.
    """
    engine.add_arrow("corrected", _heads(corrections))
    sent = [(each.base_id, one) for each in corrections for one in each.held]
    held = {"base_id": [base for base, _ in sent], "held_id": [one.document_id for _, one in sent]}
    strings = {name: pa.array(values, pa.string()) for name, values in held.items()}
    engine.add_arrow("held_documents", pa.table(strings))
    engine.add_arrow("held_lines", lines_of_documents([one for _, one in sent], lines_of))
    engine.define("correction_lines", _query(), materialise=True)
    lines = engine.read("correction_lines").select(list(LINE_CLASSES))
    sums = parse(
        "select document_id, count(*) as lines, "
        "sum_exact(case when functional_minor > 0 then functional_minor else 0 end) as debit_minor "
        "from correction_lines group by document_id",
        source="sums of corrections",
    )
    by_id = {row["document_id"]: row for row in engine.read(sums).to_pylist()}
    made = [_intent(each, plan_id, by_id[each.document_id]) for each in corrections if each.document_id in by_id]
    return Corrected(made, lines)


def _heads(corrections: Sequence[Correction]) -> pa.Table:
    """What all lines of a correction have in common: company, day and currency are those of its journal."""
    names = ("entity_id", "company", "book", "period", "currency", "functional_currency")
    columns = {name: pa.array([getattr(each.held[-1], name) for each in corrections], pa.string()) for name in names}
    own = {
        "base_id": [each.base_id for each in corrections],
        "document_id": [each.document_id for each in corrections],
        "text": [each.text for each in corrections],
    }
    days = [date.fromisoformat(each.held[-1].posted_on) for each in corrections]
    strings = {name: pa.array(values, pa.string()) for name, values in own.items()}
    return pa.table({**strings, **columns, "posted_on": pa.array(days, pa.date32())})


def _intent(each: Correction, plan_id: str, sums: Mapping[str, Any]) -> Intent:
    last = each.held[-1]
    return replace(
        last,
        document_id=each.document_id,
        role="correction" if each.row else "reversal",
        after=last.document_id,
        debit_minor=int(sums["debit_minor"]),
        lines=int(sums["lines"]),
        text=each.text,
        payload_hash=each.row["payload_hash"] if each.row else last.payload_hash,
        plan_id=plan_id,
        status="planned", steps_done=0, ref="", tries=0, next_at_s=0.0,
        claimed_by="", claimed_until_s=0.0, code="", words="",
    )  # fmt: skip


def _query() -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", "corrections.sql").read_text(encoding="utf-8")
    return parse(text, source="delivery/sql/corrections.sql", strict_output=True)
