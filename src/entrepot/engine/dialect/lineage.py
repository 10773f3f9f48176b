"""Lineage: which columns of the relations that a query reads each of its columns is made of.

Follows values, not influence: the condition of a CASE, a join, a WHERE or the window of an aggregate decides which
value is taken and is no part of it. A column whose every branch is a constant has no value to follow; there the
conditions count. What a query reads at all, for whatever reason, is told apart from what its values are made of.

The expressions on the way can be asked for as well, as their author wrote them: macros by their names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import sqlglot
from sqlglot import exp

from entrepot.engine.dialect.query import Query

__all__ = ["How", "Lineage", "Origins", "Step", "lineage", "steps"]


class How(IntEnum):
    """How a value came to its place; of two steps the greater one names the whole way."""

    COPIED = 0
    CONVERTED = 1
    COMPUTED = 2
    LOOKED_UP = 3


Place = tuple[str, str]
"""Relation and column."""

Origins = Mapping[Place, How]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the columns of a query come from.

    Attributes:
        columns: Output column to the places its values are made of.
        used: Every place that the query reads, also for conditions and joins only.
    """

    columns: Mapping[str, Origins]
    used: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Step:
    """An expression on the way of a column through one query; a column that is only passed on is no step.

    Attributes:
        within: The CTE whose SELECT computes it; empty for the outermost one.
        sql: The expression as it is written, a cast around it left out.
    """

    within: str
    sql: str


@dataclass(frozen=True, slots=True)
class _Made:
    """What a column is made of, and the steps to it, the last one first."""

    origins: Origins = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


_Columns = dict[str, _Made]


@dataclass(slots=True)
class _Reader:
    """What is known while a tree is walked: relations from outside, and the places that were read."""

    relations: Mapping[str, Mapping[str, _Made]]
    code_lists: frozenset[str]
    used: set[Place] = field(default_factory=set)
    within: str = ""


@dataclass(slots=True)
class _Scope:
    """Sources of one SELECT by alias, and the scope around it for correlated subqueries."""

    ctes: dict[str, _Columns]
    around: "_Scope | None" = None
    sources: dict[str, Mapping[str, _Made]] = field(default_factory=dict)

    def find(self, column: exp.Column) -> _Made:
        """What a column is made of; nothing for one that is not known."""
        name = column.name.lower()
        if column.table:
            alias = column.table.lower()
            source = self.sources.get(alias)
            if source is None:
                # `l.price`, where `l` is a row that unnest gave: the column is `l`.
                found = [each[alias] for each in self.sources.values() if alias in each]
            else:
                found = [source[name]] if name in source else []
        else:
            found = [source[name] for source in self.sources.values() if name in source]
        if not found and self.around is not None:
            return self.around.find(column)
        return _merged(found)


def lineage(query: Query, relations: Mapping[str, Iterable[str]], code_lists: Iterable[str] = ()) -> Lineage:
    """Trace the output columns of a query back to the relations it reads.

    Args:
        query: Any query of the dialect.
        relations: Columns of each relation; of one that is left out nothing is traced.
        code_lists: Relations that are looked up: their columns come from what they are joined on.
    """
    columns, reader = _walked(query.tree, relations, code_lists)
    return Lineage({name: made.origins for name, made in columns.items()}, frozenset(reader.used))


def steps(
    query: Query, relations: Mapping[str, Iterable[str]], code_lists: Iterable[str] = ()
) -> Mapping[str, tuple[Step, ...]]:
    """The expressions on the way to each output column, as written, the last one first.

    Args:
        query: Any query of the dialect.
        relations: As for `lineage`.
        code_lists: As for `lineage`.
    """
    columns, _ = _walked(sqlglot.parse_one(query.text, read="duckdb"), relations, code_lists)
    return {name: made.steps for name, made in columns.items()}


def _walked(
    tree: exp.Expr, relations: Mapping[str, Iterable[str]], code_lists: Iterable[str]
) -> tuple[_Columns, _Reader]:
    lists = frozenset(name.lower() for name in code_lists)
    known: dict[str, dict[str, _Made]] = {
        name.lower(): {
            column.lower(): _Made({} if name.lower() in lists else {(name, column): How.COPIED}) for column in columns
        }
        for name, columns in relations.items()
    }
    reader = _Reader(known, lists)
    return _query(tree, _Scope({}), reader), reader


def _query(tree: exp.Expr, scope: _Scope, reader: _Reader) -> _Columns:
    """Output columns of a SELECT or of SELECTs joined by a set operation, in order."""
    if isinstance(tree, exp.Subquery):
        return _query(tree.this, scope, reader)
    ctes = dict(scope.ctes)
    with_ = tree.args.get("with_")
    for cte in with_.expressions if with_ is not None else ():
        outside, reader.within = reader.within, cte.alias.lower()
        given = _query(cte.this, _Scope(ctes, scope.around), reader)
        reader.within = outside
        names = [each.lower() for each in cte.alias_column_names] or list(given)
        ctes[cte.alias.lower()] = dict(zip(names, given.values(), strict=False))
    inner = _Scope(ctes, scope.around)
    if isinstance(tree, exp.SetOperation):
        left, right = _query(tree.this, inner, reader), _query(tree.expression, inner, reader)
        return {name: _merged((one, other)) for (name, one), other in zip(left.items(), right.values(), strict=False)}
    assert isinstance(tree, exp.Select), "a query of the dialect is a SELECT"
    return _select(tree, inner, reader)


def _select(select: exp.Select, scope: _Scope, reader: _Reader) -> _Columns:
    origin = select.args.get("from_")
    if origin is not None:
        _add_source(origin.this, None, scope, reader)
    for join in select.args.get("joins") or ():
        _add_source(join.this, join, scope, reader)
    found: _Columns = {}
    for item in select.expressions:
        if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
            wanted = [item.table.lower()] if isinstance(item, exp.Column) else list(scope.sources)
            for alias in wanted:
                found |= scope.sources.get(alias, {})
        else:
            found[item.alias_or_name.lower()] = _value(item, scope, reader)
    for column in _own_columns(select):
        reader.used |= set(scope.find(column).origins)
    for part in ("where", "having", "qualify"):
        # A query within a condition gives no value, yet it reads.
        for nested in _own_queries(select.args.get(part)):
            _query(nested, _Scope(scope.ctes, scope), reader)
    return found


def _add_source(source: exp.Expr, join: exp.Expr | None, scope: _Scope, reader: _Reader) -> None:
    alias = source.alias_or_name.lower()
    if isinstance(source, exp.Subquery):
        scope.sources[alias] = _query(source.this, _Scope(scope.ctes, scope), reader)
        return
    name = source.name.lower()
    if name in scope.ctes:
        scope.sources[alias] = scope.ctes[name]
        return
    columns = reader.relations.get(name, {})
    if name in reader.code_lists and join is not None:
        matched = _merged(scope.find(column) for column in _own_columns(join.args.get("on")))
        on = join.args.get("on")
        looked_up = Step(
            reader.within,
            f"{name}: {on.sql(dialect='duckdb', comments=False, normalize_functions='lower')}" if on else name,
        )
        key = _Made(dict.fromkeys(matched.origins, How.LOOKED_UP), _in_order((looked_up, *matched.steps)))
        columns = dict.fromkeys(columns, key)
    scope.sources[alias] = columns


def _value(node: exp.Expr, scope: _Scope, reader: _Reader) -> _Made:
    """What the values of an expression are made of."""
    bare = node
    while isinstance(bare, exp.Alias | exp.Cast | exp.Paren):
        bare = bare.this
    if isinstance(bare, exp.Column):
        return scope.find(bare)
    found = _merged(_parts(bare, scope, reader, only_values=True))
    if not found.origins:
        found = _merged(_parts(bare, scope, reader, only_values=False))
    how = How.CONVERTED if len(found.origins) == 1 else How.COMPUTED
    own = Step(reader.within, bare.sql(dialect="duckdb", comments=False, normalize_functions="lower"))
    return _Made({place: max(step, how) for place, step in found.origins.items()}, _in_order((own, *found.steps)))


def _parts(node: exp.Expr, scope: _Scope, reader: _Reader, *, only_values: bool) -> Iterator[_Made]:
    if isinstance(node, exp.Column):
        yield scope.find(node)
    elif isinstance(node, exp.Query):
        yield from _query(node, _Scope(scope.ctes, scope), reader).values()
    elif only_values and isinstance(node, exp.Case):
        for branch in node.args["ifs"]:
            yield from _parts(branch.args["true"], scope, reader, only_values=True)
        if node.args.get("default") is not None:
            yield from _parts(node.args["default"], scope, reader, only_values=True)
    elif only_values and isinstance(node, exp.Window | exp.Filter):
        yield from _parts(node.this, scope, reader, only_values=True)
    else:
        for child in node.iter_expressions():
            yield from _parts(child, scope, reader, only_values=only_values)


def _own_columns(node: exp.Expr | None) -> Iterator[exp.Column]:
    """Columns below a node that no nested query owns."""
    for child in node.iter_expressions() if node is not None else ():
        if isinstance(child, exp.Column) and not isinstance(child.this, exp.Star):
            yield child
        elif not isinstance(child, exp.Query | exp.With):
            yield from _own_columns(child)


def _own_queries(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """Queries below a node, those within them left out."""
    for child in node.iter_expressions() if node is not None else ():
        if isinstance(child, exp.Query):
            yield child
        else:
            yield from _own_queries(child)


def _merged(several: Iterable[_Made]) -> _Made:
    found: dict[Place, How] = {}
    passed: list[Step] = []
    for made in several:
        passed += made.steps
        for place, how in made.origins.items():
            found[place] = max(how, found.get(place, how))
    return _Made(found, _in_order(passed))


def _in_order(several: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys(several))
