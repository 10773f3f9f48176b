"""Corrections: of a journal that changed after it was sent, what it is now less what the ERP holds of it.

A correction is a journal of its own under the next number of the same base. What stands in the ERP stays as it is, and
the sum of all documents of a base is the ledger's journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.delivery.erp import JOURNAL
from entrepot.delivery.lines import LINE_CLASSES, read_lines
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.engine import Engine

_AMOUNTS = ("functional_minor", "amount_minor")


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


@dataclass
class Corrected:
    """What corrections come to.

    Attributes:
        intents: Corrections, without those that come to nothing.
        tables: Their lines, columns of `LINE_CLASSES`.
    """

    intents: list[Intent] = field(default_factory=list)
    tables: list[pa.Table] = field(default_factory=list)


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
    """Make corrections.

    Args:
        engine: One that has `planned_lines`.
        corrections: What to correct.
        plan_id: Of the plan that does it.
        lines_of: By plan id, the file with the lines of its documents.
    """
    made = Corrected()
    if not corrections:
        return made
    bases = pa.array([each.base_id for each in corrections], pa.string())
    engine.add_arrow("corrected", pa.table({"base_id": bases}))
    names = ", ".join(f"p.{name}" for name in LINE_CLASSES)
    query = f"select {names} from planned_lines as p join corrected as c on p.document_id = c.base_id"
    now = engine.read(parse(query, source="lines of corrected journals")).select(list(LINE_CLASSES))
    for each in corrections:
        of_base = now.filter(pc.equal(now["document_id"], each.base_id))
        before = [read_lines(lines_of[one.plan_id], [one.document_id]).cast(now.schema) for one in each.held]
        intent, lines = _made(each, plan_id, of_base, pa.concat_tables(before))
        if lines.num_rows:
            made.intents.append(intent)
            made.tables.append(lines)
    return made


def _made(each: Correction, plan_id: str, now: pa.Table, before: pa.Table) -> tuple[Intent, pa.Table]:
    for name in _AMOUNTS:
        before = before.set_column(before.column_names.index(name), name, pc.negate(before[name]))
    both = pa.concat_tables([now, before])
    sums = both.group_by(["account", "party"]).aggregate([(name, "sum") for name in _AMOUNTS])
    sums = sums.filter(pc.not_equal(sums["functional_minor_sum"], 0))
    sums = sums.sort_by([("functional_minor_sum", "descending"), ("account", "ascending"), ("party", "ascending")])
    last = each.held[-1]
    text = f"correction of {last.document_id} {each.row['text'] if each.row else last.text}".strip()
    own: dict[str, Any] = {
        "document_id": each.document_id,
        "text": text,
        "line_no": pa.array(range(1, sums.num_rows + 1), pa.int64()),
        "account": sums["account"],
        "party": sums["party"],
        "functional_minor": sums["functional_minor_sum"],
        "amount_minor": sums["amount_minor_sum"],
    }
    first = before.slice(0, 1).to_pylist()[0]
    columns = [
        value if isinstance(value := own.get(field.name, first[field.name]), pa.Array | pa.ChunkedArray)
        else pa.array([value] * sums.num_rows, field.type)
        for field in now.schema
    ]  # fmt: skip
    lines = pa.table(columns, schema=now.schema)
    debit = pc.sum(pc.max_element_wise(lines["functional_minor"], 0)).as_py() or 0
    intent = replace(
        last,
        document_id=each.document_id,
        role="correction" if each.row else "reversal",
        after=last.document_id,
        debit_minor=debit,
        lines=lines.num_rows,
        text=text,
        payload_hash=each.row["payload_hash"] if each.row else last.payload_hash,
        plan_id=plan_id,
        status="planned", steps_done=0, ref="", tries=0, next_at_s=0.0,
        claimed_by="", claimed_until_s=0.0, code="", words="",
    )  # fmt: skip
    return intent, lines
