"""The outermost columns: each is cast to a declared type, because the types of equal values differ by engine."""

from collections.abc import Iterator

from sqlglot import exp

from entrepot.engine.dialect.allowed import OUTPUT_TYPES
from entrepot.engine.dialect.places import Finding

__all__ = ["branches", "output_findings"]

_TYPES = "varchar, bigint, boolean, timestamptz, date"


def branches(tree: exp.Expr) -> Iterator[exp.Select]:
    """The outermost SELECT, or each branch of the outermost set operation, first branch first."""
    if isinstance(tree, exp.SetOperation):
        yield from branches(tree.this)
        yield from branches(tree.expression)
    elif isinstance(tree, exp.Subquery):
        yield from branches(tree.this)
    elif isinstance(tree, exp.Select):
        yield tree


def output_findings(tree: exp.Expr, *, strict: bool) -> Iterator[Finding]:
    """Duplicate output names always; with ``strict``, columns that are not ``cast(... as type) as name``."""
    selects = list(branches(tree))
    if not selects:
        yield Finding(tree, "statement", "the outermost query is a SELECT, or SELECTs joined by union all")
        return
    names = [item.alias_or_name for item in selects[0].expressions if not item.is_star]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield Finding(selects[0], "output_name_twice", f"two columns are named {name}")
    if not strict:
        return
    for select in selects:
        yield from _strict(select, names)


def _strict(select: exp.Select, names: list[str]) -> Iterator[Finding]:
    for item in select.expressions:
        cast = item.this if isinstance(item, exp.Alias) else None
        if type(cast) is not exp.Cast:
            yield Finding(item, "output_cast", "every outermost column is cast(... as type) as name")
        elif cast.to.this not in OUTPUT_TYPES:
            yield Finding(item, "output_type", f"an outermost column is one of {_TYPES}")
    own = [item.alias_or_name for item in select.expressions]
    if own != names:
        yield Finding(select, "output_names", "every branch names the same columns in the same order")
