"""The linter: reads the DuckDB tree of a text and names every place where rows could differ between engines.

It looks at the tree as parsed, before macros are replaced: the losses are in the generator for the other engine, so a
query that runs proves nothing. It denies by default: what ``allowed.py`` does not list is refused.
"""

from collections.abc import Iterator

from sqlglot import exp

from entrepot.engine.dialect import rules, selects
from entrepot.engine.dialect.allowed import FUNCTION_HINTS, FUNCTIONS, NODES
from entrepot.engine.dialect.macros import Macro, macros
from entrepot.engine.dialect.output import output_findings
from entrepot.engine.dialect.places import Finding, line_of
from entrepot.engine.errors import Violation

__all__ = ["lint", "lint_macro"]

_UNKNOWN = "not in the dialect; see the allowed functions in engine/dialect/allowed.py and the macros in macros.sql"


def lint(tree: exp.Expr, *, strict_output: bool = False) -> tuple[Violation, ...]:
    """Every violation in a statement, by line.

    Args:
        tree: One statement as sqlglot parses it with ``read="duckdb"``, macros not yet replaced.
        strict_output: Every outermost column must be ``cast(... as type) as name`` (mappings, rules, reports).
    """
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        return (Violation(line_of(tree), "statement", "only one SELECT is accepted"),)
    found = [*_everywhere(tree), *selects.findings(tree), *output_findings(tree, strict=strict_output)]
    return _sorted(found)


def lint_macro(macro: Macro) -> tuple[Violation, ...]:
    """Every violation in a macro's body; lines count in the macro file."""
    above = macro.line - 1
    return tuple(Violation(each.line + above, each.rule, each.hint) for each in _sorted(_everywhere(macro.body)))


def _everywhere(tree: exp.Expr) -> Iterator[Finding]:
    for node in tree.walk():
        finding = _not_listed(node)
        if finding:
            yield finding
        for kind, rule in rules.RULES:
            if isinstance(node, kind):
                yield from rule(node)


def _not_listed(node: exp.Expr) -> Finding | None:
    kind = type(node)
    if kind in NODES or kind in FUNCTIONS:
        return None
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name in macros():
            return None
        return Finding(node, "function", f"{name}: {FUNCTION_HINTS.get(name, _UNKNOWN)}")
    if isinstance(node.parent, exp.JSONExtract | exp.JSONExtractScalar | exp.JSONPath):
        return None  # the parent says it once
    hint = FUNCTION_HINTS.get(kind, _UNKNOWN)
    rule = _NAMED_RULES.get(kind, "function" if isinstance(node, exp.Func) else "construct")
    return Finding(node, rule, f"{kind.__name__}: {hint}")


_NAMED_RULES: dict[type[exp.Expr], str] = {
    exp.Div: "division",
    exp.AtTimeZone: "at_time_zone",
    exp.ArrayAgg: "array_agg",
    exp.JSONExtract: "json",
    exp.JSONExtractScalar: "json",
    exp.Bracket: "subscript",
    exp.ByteString: "escape_string",
    exp.Lateral: "lateral",
    exp.Placeholder: "placeholder",
    exp.Extract: "date_parts",
    exp.DayOfWeekIso: "date_parts",
    exp.DayOfWeek: "date_parts",
}


def _sorted(found: list[Finding] | Iterator[Finding]) -> tuple[Violation, ...]:
    return tuple(sorted({Violation(line_of(each.node), each.rule, each.hint) for each in found}))
