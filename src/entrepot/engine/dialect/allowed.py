"""What the dialect allows, as data: node types of the tree, functions, types, units. Everything else is refused.

Each function here gave the same rows on DuckDB, Sail and Spark; ``tests/engine`` repeats the proof row by row. To add
one, add its row test first.
"""

from sqlglot import exp

__all__ = [
    "FUNCTIONS",
    "FUNCTION_HINTS",
    "INTERVAL_UNITS",
    "NODES",
    "OUTPUT_TYPES",
    "TYPES",
    "TYPE_HINTS",
]

# Everything that is not a function: the grammar.
NODES: frozenset[type[exp.Expr]] = frozenset({
    exp.Select, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Table, exp.TableAlias, exp.Alias, exp.Identifier,
    exp.Column, exp.Dot, exp.Star, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Values, exp.Where,
    exp.Group, exp.Rollup, exp.Cube, exp.GroupingSets, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit,
    exp.Offset, exp.Distinct, exp.Join, exp.Unnest, exp.Union, exp.Except, exp.Intersect, exp.Window, exp.WindowSpec,
    exp.Filter, exp.IgnoreNulls, exp.Var, exp.Interval, exp.DataType, exp.DataTypeParam, exp.Array,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In,
    exp.Like, exp.Escape, exp.Not, exp.And, exp.Or, exp.Exists, exp.If, exp.Case,
    exp.Add, exp.Sub, exp.Mul, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe,
})  # fmt: skip

# Functions by the class that the parser gives them, with the name to write. `list_sort(list(v))` is left out: results
# of the dialect are flat.
FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Cast: "cast", exp.TryCast: "try_cast", exp.Coalesce: "coalesce", exp.Nullif: "nullif",
    exp.Greatest: "greatest", exp.Least: "least", exp.Abs: "abs",
    exp.Replace: "replace", exp.Substring: "substr", exp.Length: "length", exp.Left: "left", exp.Right: "right",
    exp.Reverse: "reverse", exp.Lower: "lower", exp.Upper: "upper", exp.Pad: "lpad, rpad", exp.Concat: "concat",
    exp.ConcatWs: "concat_ws", exp.StartsWith: "starts_with", exp.EndsWith: "ends_with", exp.Contains: "contains",
    exp.StrPosition: "strpos", exp.Translate: "translate", exp.Trim: "trim", exp.SplitPart: "split_part",
    exp.RegexpLike: "regexp_matches", exp.RegexpExtract: "regexp_extract", exp.RegexpReplace: "regexp_replace",
    exp.RegexpSplit: "string_split_regex", exp.Chr: "chr", exp.MD5: "md5", exp.SHA2: "sha256",
    exp.Encode: "encode", exp.Unhex: "unhex",
    exp.TimeToStr: "strftime", exp.TimestampTrunc: "date_trunc", exp.LastDay: "last_day", exp.DateDiff: "date_diff",
    exp.Year: "year", exp.Month: "month", exp.Day: "day", exp.UnixToTime: "to_timestamp, epoch_ms",
    exp.ArraySize: "array_length", exp.Explode: "unnest",
    exp.Sum: "sum", exp.Count: "count", exp.Min: "min", exp.Max: "max", exp.ArgMax: "arg_max", exp.ArgMin: "arg_min",
    exp.LogicalAnd: "bool_and", exp.LogicalOr: "bool_or", exp.GroupConcat: "string_agg", exp.Grouping: "grouping",
    exp.RowNumber: "row_number", exp.Rank: "rank", exp.DenseRank: "dense_rank", exp.Lag: "lag", exp.Lead: "lead",
    exp.FirstValue: "first_value", exp.LastValue: "last_value",
}  # fmt: skip

# What to write instead, where the name alone does not say it.
FUNCTION_HINTS: dict[type[exp.Expr] | str, str] = {
    exp.Div: "money and counts are integers: write a // b and a % b, or half_up_div(a, b)",
    exp.Avg: "write half_up_div(sum_exact(x), count(x))",
    exp.Median: "it is DOUBLE on one engine and not exact: rank the rows with row_number() and pick",
    exp.Round: "write half_up_div(a, b) on integers",
    exp.Floor: "write floor_div(a, n) on integers",
    exp.Ceil: "write -floor_div(-a, n) on integers",
    exp.Sign: "write case when x < 0 then -1 when x > 0 then 1 else 0 end",
    exp.AtTimeZone: "it turns the other way on Sail and Spark: instant_from_beijing(s), or ts + interval 8 hour",
    exp.Extract: "write year(d), month(d), day(d); the weekday is "
    "(date_diff('day', date '1970-01-05', d) % 7 + 7) % 7 + 1",
    exp.DayOfWeekIso: "write (date_diff('day', date '1970-01-05', d) % 7 + 7) % 7 + 1",
    exp.DayOfWeek: "write (date_diff('day', date '1970-01-05', d) % 7 + 7) % 7 + 1",
    exp.ArrayAgg: "order and nulls differ: write string_agg(v, ',' order by k, v)",
    exp.JSONExtract: "no JSON in mappings: raw pages are read once into typed wire columns",
    exp.JSONExtractScalar: "no JSON in mappings: raw pages are read once into typed wire columns",
    exp.Split: "write split_part(s, ',', 2), or string_split_regex(s, '[,]')",
    exp.Bracket: "an index shifts and fails out of range: unnest with a row_number() position",
    exp.ByteString: "escapes are read differently: write a plain literal",
    exp.ILike: "write lower(s) like '...'",
    exp.Format: "write || and lpad",
    exp.Placeholder: "bind values as a one-row table that the query joins",
    exp.Struct: "results are flat columns",
    exp.Lambda: "unnest in a CTE of its own, then compute on rows",
    exp.CurrentTimestamp: "a query never asks for the time: join it from a one-row table",
    exp.CurrentDate: "a query never asks for the time: join it from a one-row table",
    exp.Lateral: "write a CTE and a plain join",
    exp.Pivot: "write sum_exact(case when ... then x end) per column",
    exp.Columns: "name the columns",
    exp.Any: "write in (select ...) or exists (select ...)",
    exp.TableSample: "a sample differs on every run: filter on a digest",
    exp.Pow: "write the product",
    exp.Ascii: "compare the character itself",
    exp.AnyValue: "which value is free: write arg_max(v, k) or min(v)",
    exp.First: "which value is free: write first_value(v) over (... order by ...)",
    exp.Last: "which value is free: write last_value(v) over (... order by ...)",
    "hash": "write md5(s) or sha256(s)",
    "now": "a query never asks for the time: join it from a one-row table",
    "printf": "write || and lpad",
    "try_strptime": "write instant_from_beijing(s) or instant_from_offset(s)",
    "epoch_us": "no engine but one has it: keep instants",
    "timezone": "write instant_from_beijing(s), or ts + interval 8 hour",
    "dateadd": "write d + 1, or cast(d + interval 1 month as date)",
    "date_part": "write year(d), month(d), day(d)",
}

TYPES: frozenset[exp.DType] = frozenset({
    exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.BIGINT, exp.DType.BOOLEAN,
    exp.DType.TIMESTAMPTZ, exp.DType.DATE, exp.DType.DECIMAL,
})  # fmt: skip

TYPE_HINTS: dict[exp.DType, str] = {
    exp.DType.TIMESTAMP: "naive times lose their zone: cast to timestamptz, or instant_from_beijing(s)",
    exp.DType.DOUBLE: "doubles are not exact: bigint minor units, or decimal(38, n) on the way",
    exp.DType.FLOAT: "doubles are not exact: bigint minor units, or decimal(38, n) on the way",
    exp.DType.INT: "integers are bigint at every edge",
    exp.DType.SMALLINT: "integers are bigint at every edge",
    exp.DType.TINYINT: "integers are bigint at every edge",
    exp.DType.INT128: "only one engine has hugeint: sum_exact(x), product_exact(a, b)",
    exp.DType.JSON: "no JSON in mappings: raw pages are read once into typed wire columns",
}

OUTPUT_TYPES: frozenset[exp.DType] = TYPES - {exp.DType.DECIMAL}

INTERVAL_UNITS: frozenset[str] = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR"})
