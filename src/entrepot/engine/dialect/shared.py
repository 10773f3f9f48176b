"""What a query reads more than once, taken out of it: for engines that would compute it as often as it is read."""

from collections import Counter
from collections.abc import Callable

from sqlglot import exp

from entrepot.engine.dialect.query import Query, Target

__all__ = ["in_turn"]


def in_turn(query: Query, target: Target, renamed: Callable[[str], str]) -> tuple[list[tuple[str, str]], str]:
    """A query as several: first each CTE that is read more than once, in the order of need, then what reads them.

    Args:
        query: Any query; the dialect has CTEs at its outermost level only.
        target: The engine that texts are for.
        renamed: Gives a CTE a name that no relation has.
    Returns:
        (name, text) of each relation to define first, and the text of the rest.
    """
    tree = query.tree
    with_ = tree.args.get("with_")
    if with_ is None:
        return [], query.sql(target)
    ctes: dict[str, exp.Expr] = {cte.alias: cte for cte in with_.expressions}
    read = Counter(found.name for found in tree.find_all(exp.Table) if found.name in ctes)
    if not any(times > 1 for times in read.values()):
        return [], query.sql(target)
    tree.set("with_", None)
    waiting: dict[str, exp.Expr] = {}
    names: dict[str, str] = {}
    first: list[tuple[str, str]] = []
    for name, cte in ctes.items():
        _rename(cte, names)
        if read[name] > 1:
            first.append((renamed(name), _text(cte.this, waiting, target)))
            names[name] = first[-1][0]
        else:
            waiting[name] = cte
    _rename(tree, names)
    return first, _text(tree, waiting, target)


def _rename(tree: exp.Expr, names: dict[str, str]) -> None:
    """Read what was taken out under its new name; columns are still called by the old one."""
    for found in list(tree.find_all(exp.Table)):
        if found.name in names:
            if not found.alias:
                found.set("alias", exp.TableAlias(this=exp.to_identifier(found.name)))
            found.set("this", exp.to_identifier(names[found.name]))


def _text(tree: exp.Expr, waiting: dict[str, exp.Expr], target: Target) -> str:
    """The text of a query with those of the waiting CTEs that it needs; each is needed once, so it waits no more."""
    needed: list[exp.Expr] = []
    looked_at = [tree]
    while looked_at:
        for found in looked_at.pop().find_all(exp.Table):
            cte = waiting.pop(found.name, None)
            if cte is not None:
                needed.append(cte)
                looked_at.append(cte)
    if needed:
        # What was found later is read by what was found before it.
        tree.set("with_", exp.With(expressions=needed[::-1]))
    return tree.sql(dialect=target, comments=False)
