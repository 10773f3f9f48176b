"""Rules that look at a whole SELECT or set operation: star, joins, unnest, aliases, clauses that are left out."""

from collections.abc import Iterator

from sqlglot import exp

from entrepot.engine.dialect.places import Finding, unwrapped

__all__ = ["findings"]

# Clauses that the dialect knows, of the many that the parser knows.
_SELECT_PARTS = frozenset({
    "expressions", "from_", "joins", "where", "group", "having", "qualify", "order", "limit", "offset", "distinct",
    "with_", "laterals",
})  # fmt: skip
_JOIN_KINDS = frozenset({"", "INNER", "CROSS", "SEMI", "ANTI", "OUTER"})
_JOIN_SIDES = frozenset({"", "LEFT", "FULL", "RIGHT"})


def findings(tree: exp.Expr) -> Iterator[Finding]:
    """Findings about every SELECT, set operation, join and CTE of a statement."""
    for node in tree.walk():
        if isinstance(node, exp.Select):
            yield from _clauses(node)
            yield from _ordinality(node)
            yield from _lateral_aliases(node)
            yield from _unnamed(node)
        elif isinstance(node, exp.SetOperation):
            yield from _set_operation(node)
        elif isinstance(node, exp.Join):
            yield from _join(node)
        elif isinstance(node, exp.Star):
            yield from _star(node)
        elif isinstance(node, exp.With | exp.CTE):
            yield from _with(node)


def _clauses(select: exp.Select) -> Iterator[Finding]:
    for part, value in select.args.items():
        if value and part not in _SELECT_PARTS:
            yield Finding(select, "clause", f"{part.rstrip('_')} is not in the dialect")
    distinct, group, order = (select.args.get(part) for part in ("distinct", "group", "order"))
    if distinct is not None and distinct.args.get("on"):
        hint = "write qualify row_number() over (partition by k order by t desc nulls last, id) = 1"
        yield Finding(distinct, "distinct_on", hint)
    if group is not None and group.args.get("all"):
        yield Finding(group, "group_by_all", "name the columns, or group by 1, 2")
    if order is not None and any(isinstance(each.this, exp.Var) for each in order.expressions):
        yield Finding(order, "order_by_all", "name the columns")


def _set_operation(node: exp.SetOperation) -> Iterator[Finding]:
    if node.args.get("by_name"):
        yield Finding(node, "union_by_name", "union all by position, the names spelled out in each branch")
    if isinstance(node, exp.Except | exp.Intersect) and not node.args.get("distinct"):
        yield Finding(node, "set_operation_all", "except and intersect without all")


def _join(join: exp.Join) -> Iterator[Finding]:
    method, kind, side = join.method.upper(), join.kind.upper(), join.side.upper()
    if method == "ASOF":
        hint = "right side with lead(ts) over (partition by c order by ts) as nx, then l.ts >= r.ts and "
        yield Finding(join, "asof_join", hint + "(r.nx is null or l.ts < r.nx)")
    elif method or kind not in _JOIN_KINDS or side not in _JOIN_SIDES:
        yield Finding(join, "join_kind", "inner, left, full, semi, anti or cross join, with on or using")
    unnest = isinstance(join.this, exp.Unnest)
    if unnest and (side or join.args.get("on")):
        hint = "one engine keeps empty lists, two drop them: cross join unnest(case when array_length(xs) > 0 then xs "
        yield Finding(join, "left_join_unnest", hint + "else [null] end) as t(x)")
    elif not (kind == "CROSS" or join.args.get("on") or join.args.get("using")) and not method:
        yield Finding(join, "comma_join", "write cross join, or join ... on")


def _star(star: exp.Star) -> Iterator[Finding]:
    for part in ("except_", "replace", "rename"):
        if star.args.get(part):
            yield Finding(star, "star_modifier", "name the columns")
    select = star.find_ancestor(exp.Select)
    if select is not None and star.find_ancestor(exp.Count) is None and any(_positions(select)):
        yield Finding(star, "ordinality", "name the columns: the position starts at 0 or 1")


def _with(node: exp.Expr) -> Iterator[Finding]:
    if isinstance(node, exp.With) and node.args.get("recursive"):
        yield Finding(node, "recursive", "recursion is not in the dialect")
    if isinstance(node, exp.CTE) and node.args.get("materialized") is not None:
        yield Finding(node, "materialized", "leave the hint out; define(..., materialise=True) keeps rows")


def _ordinality(select: exp.Select) -> Iterator[Finding]:
    for position in _positions(select):
        for column in select.find_all(exp.Column):
            if column.name == position and not _in_window_order(column):
                hint = "it starts at 0 or 1: row_number() over (partition by key order by position)"
                yield Finding(column, "ordinality", hint)


def _positions(select: exp.Select) -> Iterator[str]:
    sources = [join.this for join in select.args.get("joins") or ()]
    origin = select.args.get("from_")
    if origin is not None:
        sources.append(origin.this)
    for source in sources:
        if isinstance(source, exp.Unnest) and source.args.get("offset"):
            offset = source.args["offset"]
            yield offset.name if isinstance(offset, exp.Expr) else "ordinality"


def _in_window_order(column: exp.Expr) -> bool:
    child, parent = column, column.parent
    while parent is not None and not isinstance(parent, exp.Select):
        if isinstance(parent, exp.Window) and child.arg_key == "order":
            return True
        child, parent = parent, parent.parent
    return False


def _lateral_aliases(select: exp.Select) -> Iterator[Finding]:
    """An alias of this SELECT used further on in its list, or in WHERE: only one engine knows it there."""
    sources = _known_columns(select)
    aliases: set[str] = set()
    for item in select.expressions:
        yield from _uses(item.unalias() if isinstance(item, exp.Alias) else item, aliases)
        if isinstance(item, exp.Alias) and not _is_source_column(item, sources):
            aliases.add(item.alias.lower())
    where = select.args.get("where")
    if where is not None:
        yield from _uses(where, aliases)


def _is_source_column(item: exp.Alias, sources: frozenset[str] | None) -> bool:
    alias = item.alias.lower()
    if sources is not None:
        return alias in sources
    return any(column.name.lower() == alias for column in item.this.find_all(exp.Column))


def _uses(node: exp.Expr, aliases: set[str]) -> Iterator[Finding]:
    for column in node.find_all(exp.Column):
        if not column.table and column.name.lower() in aliases and column.find_ancestor(exp.Select) is _home(node):
            hint = f"{column.name}: write t.{column.name} for the source's column, or compute it in a CTE before"
            yield Finding(column, "lateral_alias", hint)


def _home(node: exp.Expr) -> exp.Expr | None:
    return node.find_ancestor(exp.Select)


def _known_columns(select: exp.Select) -> frozenset[str] | None:
    """Column names that all sources of a SELECT give, or None when one of them is a relation from outside."""
    sources = [join.this for join in select.args.get("joins") or ()]
    origin = select.args.get("from_")
    if origin is not None:
        sources.append(origin.this)
    known: set[str] = set()
    for source in sources:
        columns = _columns_of(source, select)
        if columns is None:
            return None
        known |= {each.lower() for each in columns}
    return frozenset(known)


def _columns_of(source: exp.Expr, select: exp.Select) -> list[str] | None:
    if isinstance(source, exp.Unnest | exp.Values | exp.Subquery) and source.alias_column_names:
        return list(source.alias_column_names)
    query: exp.Expr | None = source.this if isinstance(source, exp.Subquery) else None
    if isinstance(source, exp.Table):
        query, named = _cte(source.name, select)
        if named:
            return named
    if not isinstance(query, exp.Query) or any(item.is_star for item in query.selects):
        return None
    return list(query.named_selects)


def _cte(name: str, node: exp.Expr) -> tuple[exp.Expr | None, list[str]]:
    around: exp.Expr | None = node
    while around is not None:
        with_ = around.args.get("with_")
        for cte in with_.expressions if with_ is not None else ():
            if cte.alias.lower() == name.lower():
                return cte.this, list(cte.alias_column_names)
        around = around.parent
    return None, []


def _unnamed(select: exp.Select) -> Iterator[Finding]:
    parent = select.parent
    while isinstance(parent, exp.Subquery | exp.SetOperation) and not parent.alias:
        if isinstance(parent, exp.SetOperation) and parent.this is not select:
            return  # the first branch names the columns
        parent = parent.parent
    if not (parent is None or isinstance(parent, exp.CTE | exp.From | exp.Join | exp.Subquery)):
        return  # a value or a test: IN, EXISTS, scalar
    if isinstance(parent, exp.CTE) and parent.alias_column_names:
        return
    for item in select.expressions:
        bare = unwrapped(item)
        if not isinstance(bare, exp.Alias | exp.Column | exp.Star | exp.Dot):
            yield Finding(item, "unnamed_column", "engines name it differently: as name")
