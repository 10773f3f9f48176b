"""Rules that look at one node and what is around it; ``RULES`` is read by the linter.

Each takes a node of its kind and yields findings. The reasons are measurements on DuckDB 2.0, Sail 0.7 and Spark 4.3.
"""

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from entrepot.engine.dialect.allowed import INTERVAL_UNITS, TYPE_HINTS, TYPES
from entrepot.engine.dialect.places import Finding, unwrapped

__all__ = ["RULES", "Rule"]

Rule = Callable[[exp.Expr], Iterator[Finding]]

FACTOR_MAX = 10_000  # a literal up to this may multiply a BIGINT: money below 9 * 10^14 minor units cannot overflow
ASCII_MAX = 127
_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNICODE_CLASS = re.compile(r"\\[dDwWsSbBpP]")
_DECIMAL = exp.DType.DECIMAL
_TEXT = (exp.DType.VARCHAR, exp.DType.TEXT)


def _sum(node: exp.Expr) -> Iterator[Finding]:
    # BIGINT sums wrap to a negative number on Sail.
    outer: exp.Expr | None = node.parent
    while isinstance(outer, exp.Filter | exp.Window | exp.Paren):
        outer = outer.parent
    inner = unwrapped(node.this)
    good_inner = isinstance(inner, exp.Cast) and _is_decimal(inner, scale=0)
    good_outer = isinstance(outer, exp.Cast) and outer.to.this is exp.DType.BIGINT
    if not (good_inner and good_outer):
        yield Finding(node, "sum", "a plain sum wraps on one engine: write sum_exact(x)")


def _product(node: exp.Expr) -> Iterator[Finding]:
    if any(isinstance(unwrapped(side), exp.Interval) for side in (node.this, node.expression)):
        yield Finding(node, "interval_product", "overflows in 2038 on one engine: write to_timestamp(n)")
        return
    sides = [unwrapped(node.this), unwrapped(node.expression)]
    for side in sides:
        if isinstance(side, exp.Literal) and not side.is_string and side.is_int and int(side.name) <= FACTOR_MAX:
            return
        if isinstance(side, exp.Cast) and _is_decimal(side, scale=None):
            return
    yield Finding(node, "product", "a BIGINT product wraps on one engine: write product_exact(a, b)")


def _int_div(node: exp.Expr) -> Iterator[Finding]:
    for side in (unwrapped(node.this), unwrapped(node.expression)):
        if isinstance(side, exp.Cast) and _is_decimal(side, scale=None):
            yield Finding(node, "decimal_division", "// on a decimal is DOUBLE on one engine: cast to bigint first")


def _cast(node: exp.Expr) -> Iterator[Finding]:
    assert isinstance(node, exp.Cast), "the table of rules gives casts only"
    kind = node.to.this
    if kind not in TYPES:
        hint = TYPE_HINTS.get(kind, "types are varchar, bigint, boolean, timestamptz, date, and decimal on the way")
        yield Finding(node, "cast_type", hint)
    if kind is exp.DType.BIGINT and _scale(node.this) > 0:
        yield Finding(node, "cast_fraction", "one engine rounds, two cut: scale to a whole number before the cast")
    if kind in _TEXT and _is_instant(node.this):
        yield Finding(node, "text_of_instant", "write strftime(ts, '%Y-%m-%d %H:%M:%S')")
    if isinstance(node, exp.TryCast) and kind not in _TEXT and not _guarded(node):
        hint = "engines read 1e3, 1_000 and 2026/01/02 differently: fen_from_yuan(s), minor_from_decimal(s, n), "
        hint += "instant_from_beijing(s), or case when regexp_matches(s, '\\A...\\z') then try_cast(...) end"
        yield Finding(node, "try_cast", hint)


def _literal(node: exp.Expr) -> Iterator[Finding]:
    if isinstance(node, exp.Literal) and not node.is_string and not node.is_int:
        yield Finding(node, "number_literal", "literals are whole numbers; write cast('0.01' as decimal(3, 2))")


def _regexp(node: exp.Expr) -> Iterator[Finding]:
    pattern = node.args.get("expression")
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        yield Finding(node, "regexp_pattern", "the pattern is a literal")
        return
    bare = re.sub(r"\[(?:\\.|[^\]\\])*\]", "", pattern.name)
    if re.search(r"(?<!\\)[\^$]", bare):
        yield Finding(node, "regexp_anchor", r"$ matches before a last line end on Spark: write \A and \z")
    if _UNICODE_CLASS.search(pattern.name):
        hint = r"\d \w \s \b \p mean other characters on each engine: write [0-9], [A-Za-z0-9_], [ \t\r\n], [一-龥]"
        yield Finding(node, "regexp_class", hint)


def _regexp_replace(node: exp.Expr) -> Iterator[Finding]:
    modifiers = node.args.get("modifiers")
    if not (isinstance(modifiers, exp.Literal) and modifiers.name == "g"):
        yield Finding(node, "regexp_flags", "without 'g' one engine replaces the first match only: add 'g'")
    replacement = node.args.get("replacement")
    if not isinstance(replacement, exp.Literal) or "\\" in replacement.name or "$" in replacement.name:
        yield Finding(node, "regexp_back_reference", r"\1 and $1 differ: cut with regexp_extract and join with ||")


def _trim(node: exp.Expr) -> Iterator[Finding]:
    if node.args.get("expression") is None:
        yield Finding(node, "trim", "it also removes U+3000 on one engine: trim(s, ' '), edges_trimmed(s), cell(s)")


def _substring(node: exp.Expr) -> Iterator[Finding]:
    start = unwrapped(node.args.get("start"))
    if isinstance(start, exp.Neg):
        start = unwrapped(start.this)
    if isinstance(start, exp.Add) and any(_positive(unwrapped(side)) for side in (start.this, start.expression)):
        return
    if not _positive(start):
        yield Finding(node, "substr_start", "0 counts differently: start at a literal from 1, or at strpos(...) + 1")


def _left_right(node: exp.Expr) -> Iterator[Finding]:
    if not _positive(unwrapped(node.args.get("expression"))):
        yield Finding(node, "text_length", "negative lengths differ: the length is a literal from 1")


def _date_diff(node: exp.Expr) -> Iterator[Finding]:
    unit = node.args.get("unit")
    if unit is None or unit.name.upper() != "DAY":
        hint = "only 'day' on dates agrees; months: (year(b) * 12 + month(b)) - (year(a) * 12 + month(a))"
        yield Finding(node, "date_diff", hint)


def _date_trunc(node: exp.Expr) -> Iterator[Finding]:
    if not (isinstance(node.parent, exp.Cast) and node.parent.to.this is exp.DType.DATE):
        yield Finding(node, "date_trunc", "its type differs: cast(date_trunc('month', d) as date)")


def _epoch(node: exp.Expr) -> Iterator[Finding]:
    if node.args.get("scale") is None:
        return
    parent = node.parent
    if not (isinstance(parent, exp.Cast) and parent.to.this is exp.DType.TIMESTAMPTZ):
        yield Finding(node, "epoch_ms", "it is naive on one engine: cast(epoch_ms(n) as timestamptz)")


def _strftime(node: exp.Expr) -> Iterator[Finding]:
    form = node.args.get("format")
    if not (isinstance(form, exp.Literal) and set(re.findall(r"%-?(.)", form.name)) <= set("YmdHMS")):
        yield Finding(node, "strftime", "the format is a literal of %Y %m %d %H %M %S")


def _interval(node: exp.Expr) -> Iterator[Finding]:
    unit, value = node.args.get("unit"), node.args.get("this")
    whole = isinstance(value, exp.Literal) and value.name.isdigit()
    if not whole or unit is None or unit.name.upper() not in INTERVAL_UNITS:
        yield Finding(node, "interval", "write interval 8 hour: a whole literal and one unit")


def _like(node: exp.Expr) -> Iterator[Finding]:
    pattern = unwrapped(node.args.get("expression"))
    if not isinstance(pattern, exp.Literal):
        yield Finding(node, "like_pattern", "the pattern is a literal; else starts_with or contains")
    elif "\\" in pattern.name and not isinstance(node.parent, exp.Escape):
        yield Finding(node, "like_escape", "a backslash is an escape on two engines only: spell out escape '#'")


def _chr(node: exp.Expr) -> Iterator[Finding]:
    code = node.expressions[0] if node.expressions else node.args.get("this")
    if not (isinstance(code, exp.Literal) and code.is_int and 0 < int(code.name) <= ASCII_MAX):
        yield Finding(node, "chr", "above 127 the engines differ: chr of a literal from 1 to 127")


def _upper(node: exp.Expr) -> Iterator[Finding]:
    if any("ß" in each.name for each in node.find_all(exp.Literal)):
        yield Finding(node, "upper", "ß becomes SS on two engines only")


def _string_agg(node: exp.Expr) -> Iterator[Finding]:
    if node.find(exp.Order) is None:
        yield Finding(node, "string_agg_order", "the order is free: string_agg(v, ',' order by k, v)")


def _arg_max(node: exp.Expr) -> Iterator[Finding]:
    # DuckDB skips rows whose value is null, Sail and Spark return that null.
    outer = node.parent
    tests = outer.expression.find_all(exp.Not) if isinstance(outer, exp.Filter) else ()
    not_null = (test.this.this for test in tests if isinstance(test.this, exp.Is))
    if not any(tested == node.this for tested in not_null):
        hint = "a null value is skipped by one engine only: arg_max(v, k) filter (where v is not null), or qualify"
        yield Finding(node, "arg_max", hint)


def _window(node: exp.Expr) -> Iterator[Finding]:
    ordered = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
    function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.Filter) else node.this
    if isinstance(function, ordered) and node.args.get("order") is None:
        yield Finding(node, "window_order", "which row comes first is free: order by, down to a unique key")


def _limit(node: exp.Expr) -> Iterator[Finding]:
    parent = node.parent
    if parent is not None and parent.args.get("order") is None:
        yield Finding(node, "limit_order", "which rows stay is free: order by, down to a unique key")


def _table(node: exp.Expr) -> Iterator[Finding]:
    if not isinstance(node.this, exp.Identifier):
        yield Finding(node, "table_function", "relations are given to the engine by name, not read in a query")
        return
    if node.args.get("db") or not _TABLE_NAME.fullmatch(node.name):
        yield Finding(node, "table_name", "a relation has one plain name: letters, digits, _")


def _array(node: exp.Expr) -> Iterator[Finding]:
    null_only = len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Null)
    if not (null_only and node.find_ancestor(exp.Explode, exp.Unnest)):
        hint = "lists only as [null] in unnest(case when array_length(xs) > 0 then xs else [null] end)"
        yield Finding(node, "list", hint)


def _explode(node: exp.Expr) -> Iterator[Finding]:
    parent = node.parent
    if isinstance(parent, exp.Alias):
        parent = parent.parent
    if not isinstance(parent, exp.Select) or node.args.get("expressions"):
        yield Finding(node, "unnest", "unnest(xs) as x alone in its CTE, its fields in the next")


def _in(node: exp.Expr) -> Iterator[Finding]:
    # Sail has no plan for one in an expression that gives a value, such as a CASE.
    if node.args.get("query") is None:
        return
    outer: exp.Expr | None = node.parent
    while isinstance(outer, exp.Not | exp.And | exp.Or | exp.Paren):
        outer = outer.parent
    if not isinstance(outer, exp.Where):
        yield Finding(node, "in_query", "in (select ...) is a condition of WHERE, outside any CASE: else a left join")


def _is_decimal(cast: exp.Cast, *, scale: int | None) -> bool:
    if cast.to.this is not _DECIMAL:
        return False
    return scale is None or _scale(cast) == scale


def _scale(node: exp.Expr | None) -> int:
    """Decimals that an expression certainly has, 0 when unknown."""
    node = unwrapped(node)
    if isinstance(node, exp.Cast) and node.to.this is _DECIMAL:
        return int(node.to.expressions[1].name) if len(node.to.expressions) > 1 else 0
    if isinstance(node, exp.Mul):
        return max(_scale(node.this) + _scale(node.expression) - _tens(node.this) - _tens(node.expression), 0)
    if isinstance(node, exp.Add | exp.Sub):
        return max(_scale(node.this), _scale(node.expression))
    if isinstance(node, exp.Sum | exp.Min | exp.Max | exp.Neg | exp.Abs):
        return _scale(node.this)
    return 0


def _tens(node: exp.Expr | None) -> int:
    node = unwrapped(node)
    match = re.fullmatch(r"10*", node.name) if isinstance(node, exp.Literal) else None
    return len(match.group()) - 1 if match else 0


def _is_instant(node: exp.Expr | None) -> bool:
    node = unwrapped(node)
    if isinstance(node, exp.Cast):
        return bool(node.to.this is exp.DType.TIMESTAMPTZ)
    if isinstance(node, exp.Anonymous):
        return node.name.lower().startswith("instant_from")
    if isinstance(node, exp.Add | exp.Sub):
        return isinstance(unwrapped(node.expression), exp.Interval)
    return isinstance(node, exp.UnixToTime)


def _guarded(node: exp.Expr) -> bool:
    """Is the node in the THEN of a CASE branch whose condition tests the text with a regular expression?"""
    child, parent = node, node.parent
    while parent is not None and not isinstance(parent, exp.Query):
        if isinstance(parent, exp.If) and child.arg_key == "true" and parent.this.find(exp.RegexpLike):
            return True
        child, parent = parent, parent.parent
    return False


def _positive(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and node.is_int and int(node.name) > 0


RULES: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Rule], ...] = (
    (exp.Sum, _sum),
    (exp.Mul, _product),
    (exp.IntDiv, _int_div),
    (exp.Mod, _int_div),
    (exp.Cast, _cast),
    (exp.Literal, _literal),
    ((exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract, exp.RegexpSplit), _regexp),
    (exp.RegexpReplace, _regexp_replace),
    (exp.Trim, _trim),
    (exp.Substring, _substring),
    ((exp.Left, exp.Right), _left_right),
    (exp.DateDiff, _date_diff),
    (exp.TimestampTrunc, _date_trunc),
    (exp.UnixToTime, _epoch),
    (exp.TimeToStr, _strftime),
    (exp.Interval, _interval),
    (exp.Like, _like),
    (exp.Chr, _chr),
    (exp.Upper, _upper),
    (exp.GroupConcat, _string_agg),
    ((exp.ArgMax, exp.ArgMin), _arg_max),
    (exp.Window, _window),
    (exp.Limit, _limit),
    (exp.Table, _table),
    (exp.Array, _array),
    (exp.Explode, _explode),
    (exp.In, _in),
)
