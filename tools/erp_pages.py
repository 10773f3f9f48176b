"""The reference page of the ERPs: what each takes, and what it does not. Called by `tools.reference_pages`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.cli.deliver import PLURALS
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
)
from entrepot.delivery.registry import ERPS

if TYPE_CHECKING:
    from entrepot.delivery.erp import ErpSpec

_HEAD = """\
# ERPs

What `entrepot deliver` writes into each ERP and reads back ([how to](../guides/erp.md)). *Both amounts*: a sale in
another currency than the company's is an invoice with the ledger's amount of each line in both; elsewhere it stays a
journal. *Own key*: a field that the ERP itself keeps unique carries our key; where there is none, a lost answer is
looked up only after the time that the ERP's own section names.

This page is written by `python -m tools.reference_pages`; do not edit it.
"""
_COLUMNS = (
    "ERP", "journals", "invoices, credit notes", "both amounts", "payments", "sales orders", "goods",
    "makes parties", "makes products", "own key",
)  # fmt: skip


def erps_page() -> str:
    """What each ERP takes, at one look, then ERP by ERP."""
    parts = [_HEAD, f"| {' | '.join(_COLUMNS)} |", "| --- |" + " :-: |" * (len(_COLUMNS) - 1)]
    specs = sorted((erp.spec for erp in ERPS), key=lambda spec: spec.title["en"])
    parts += [_row(spec) for spec in specs]
    parts += [_section(spec) for spec in specs]
    return "\n".join(parts) + "\n"


def _row(spec: ErpSpec) -> str:
    takes = set(spec.steps)
    marks = (
        JOURNAL in takes,
        {INVOICE, CREDIT_NOTE} <= takes,
        spec.keeps_both_amounts,
        PAYMENT in takes,
        ORDER in takes,
        {GOODS_ISSUE, GOODS_RECEIPT} <= takes,
        PARTY in takes,
        PRODUCT in takes,
        all(spec.native_key[kind] for kind in takes - {PARTY, PRODUCT}),
    )
    return f"| {spec.title['en']} | {' | '.join('●' if each else '' for each in marks)} |"


def _section(spec: ErpSpec) -> str:
    kinds = [kind for kind in PLURALS if kind in spec.steps]
    lines = [
        f"\n## {spec.title['en']}\n",
        f'`erp = "{spec.name}"` ([set it up](../guides/erps/{spec.name}.md)). Proven on {spec.proven}.',
        f"Facts: {spec.source}.\n",
    ]
    lines.append("| document | calls, in this order | documents in a call | own key |\n| --- | --- | --: | --- |")
    lines += [
        f"| {PLURALS[kind]} | {', '.join(spec.steps[kind])} | {spec.batches.get(kind, spec.batch_max)} "
        f"| {spec.native_key[kind]} |"
        for kind in kinds
    ]
    whole = "a refused document refuses its whole call" if spec.is_atomic else "a refused document refuses only itself"
    lines.append(
        f"\nCalls at once, over all workers: {spec.calls_at_once_max}; {whole}. A lost answer is looked up after "
        f"{spec.quiet_s:g} s."
    )
    if spec.declined or spec.gaps:
        lines.append("\n| not written | why, and who must act |\n| --- | --- |")
    lines += [f"| {PLURALS[kind]} | {why} |" for kind, why in spec.declined.items()]
    lines += [f"| {what} | {why} |" for what, why in spec.gaps.items()]
    return "\n".join(lines)
