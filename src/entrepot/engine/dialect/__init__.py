"""The SQL dialect: one text for several engines, held there by a linter, with macros replaced on the tree."""

from entrepot.engine.dialect.keys import hmac_pads, new_hmac_key
from entrepot.engine.dialect.lineage import How, Lineage, Origins, Step, lineage, steps
from entrepot.engine.dialect.linter import lint, lint_macro
from entrepot.engine.dialect.macros import Macro, macros
from entrepot.engine.dialect.query import Query, parse
from entrepot.engine.dialect.shared import in_turn
from entrepot.engine.errors import DialectError, Violation

__all__ = [
    "DialectError",
    "How",
    "Lineage",
    "Macro",
    "Origins",
    "Query",
    "Step",
    "Violation",
    "hmac_pads",
    "in_turn",
    "lineage",
    "lint",
    "lint_macro",
    "macros",
    "new_hmac_key",
    "parse",
    "steps",
]
