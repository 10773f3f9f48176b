"""One passing and one failing sample per rule; the last test says which rule has none."""

import re
from importlib import resources

import pytest
import sqlglot

from entrepot.engine import DialectError, parse
from entrepot.engine.dialect import lint, lint_macro, macros
from entrepot.engine.dialect.macros import macros_from_text

# Rule, a text that breaks it, the safe form of the same.
SAMPLES: list[tuple[str, str, str]] = [
    ("statement", "delete from t", "select a from t"),
    ("statement", "select a from t; select b from t", "select a from t"),
    ("statement", "create table u as select a from t", "select a from t"),
    ("statement", "values (1)", "with c(k) as (values (1)) select k from c"),
    ("syntax", "select a from where", "select a from t where a"),
    ("macro", "select cell(a, b) as x from t", "select cell(a) as x from t"),
    ("function", "select hash(a) as x from t", "select md5(a) as x from t"),
    ("function", "select no_such_thing(a) as x from t", "select cell(a) as x from t"),
    ("function", "select avg(a) as x from t", "select half_up_div(sum_exact(a), count(a)) as x from t"),
    ("function", "select now() as x from t", "select run.at as x from run"),
    ("construct", "select a from t where a = any (select b from u)", "select a from t where a in (select b from u)"),
    ("construct", "select {'a': 1} as x from t", "select 1 as a from t"),
    ("placeholder", "select a from t where b = ?", "select a from t where b = 1"),
    ("division", "select a / 2 as x from t", "select a // 2 as x from t"),
    (
        "decimal_division",
        "select cast(a as decimal(38, 0)) // 2 as x from t",
        "select cast(a as bigint) // 2 as x from t",
    ),
    ("sum", "select sum(a) as x from t", "select sum_exact(a) as x from t"),
    ("sum", "select sum(cast(a as decimal(38, 0))) as x from t", "select sum_exact(a) filter (where b) as x from t"),
    ("sum", "select cast(sum(a) as bigint) as x from t", "select sum_exact(a) over (partition by b) as x from t"),
    ("product", "select a * b as x from t", "select product_exact(a, b) as x from t"),
    ("product", "select a * 10000000 as x from t", "select a * 10000 as x from t"),
    ("interval_product", "select a + b * interval 1 second as x from t", "select to_timestamp(b) as x from t"),
    ("interval", "select a + interval (b) hour as x from t", "select a + interval 8 hour as x from t"),
    ("number_literal", "select 1e3 as x from t", "select 1000 as x from t"),
    ("number_literal", "select 0.01 as x from t", "select cast('0.01' as decimal(3, 2)) as x from t"),
    ("escape_string", r"select e'a\n' as x from t", "select 'a' || chr(10) as x from t"),
    ("cast_type", "select cast(a as integer) as x from t", "select cast(a as bigint) as x from t"),
    ("cast_type", "select a::double as x from t", "select a::bigint as x from t"),
    ("cast_type", "select cast(a as timestamp) as x from t", "select cast(a as timestamptz) as x from t"),
    ("cast_type", "select cast(a as hugeint) as x from t", "select cast(a as decimal(38, 0)) as x from t"),
    (
        "cast_fraction",
        "select cast(cast(a as decimal(38, 2)) as bigint) as x from t",
        "select cast(cast(a as decimal(38, 2)) * 100 as bigint) as x from t",
    ),
    (
        "cast_fraction",
        "select cast(cast(a as decimal(38, 3)) * 100 as bigint) as x from t",
        "select cast(cast(a as decimal(38, 3)) * 1000 as bigint) as x from t",
    ),
    (
        "try_cast",
        "select try_cast(a as bigint) as x from t",
        r"select case when regexp_matches(a, '\A[0-9]+\z') then try_cast(a as bigint) end as x from t",
    ),
    (
        "try_cast",
        r"select case when regexp_matches(a, '\A[0-9]+\z') then 1 else try_cast(a as bigint) end as x from t",
        "select try_cast(a as varchar) as x from t",
    ),
    (
        "text_of_instant",
        "select cast(instant_from_beijing(a) as varchar) as x from t",
        "select strftime(instant_from_beijing(a), '%Y-%m-%d %H:%M:%S') as x from t",
    ),
    ("strftime", "select strftime(a, '%j') as x from t", "select strftime(a, '%Y%m%d') as x from t"),
    ("at_time_zone", "select a at time zone 'Asia/Shanghai' as x from t", "select a + interval 8 hour as x from t"),
    ("date_parts", "select extract(dow from a) as x from t", "select day(a) as x from t"),
    ("date_parts", "select isodow(a) as x from t", "select date_diff('day', date '1970-01-05', a) % 7 as x from t"),
    ("date_diff", "select date_diff('month', a, b) as x from t", "select date_diff('day', a, b) as x from t"),
    (
        "date_trunc",
        "select date_trunc('month', a) as x from t",
        "select cast(date_trunc('month', a) as date) as x from t",
    ),
    ("epoch_ms", "select epoch_ms(a) as x from t", "select cast(epoch_ms(a) as timestamptz) as x from t"),
    ("json", "select a -> 'b' as x from t", "select a.b as x from t"),
    ("json", "select a ->> '$.b' as x from t", "select a.b as x from t"),
    ("array_agg", "select list(a order by b) as x from t", "select string_agg(a, ',' order by b) as x from t"),
    ("string_agg_order", "select string_agg(a, ',') as x from t", "select string_agg(a, ',' order by a) as x from t"),
    (
        "arg_max",
        "select arg_max(a, b) as x from t",
        "select arg_max(a, b) filter (where a is not null) as x from t",
    ),
    (
        "window_order",
        "select row_number() over (partition by a) as x from t",
        "select rank() over (order by a) as x from t",
    ),
    ("limit_order", "select a from t limit 3", "select a from t order by a limit 3"),
    (
        "regexp_flags",
        "select regexp_replace(a, 'x', '') as x from t",
        "select regexp_replace(a, 'x', '', 'g') as x from t",
    ),
    (
        "regexp_back_reference",
        r"select regexp_replace(a, '(x)', '\1', 'g') as x from t",
        "select regexp_extract(a, '(x)', 1) as x from t",
    ),
    (
        "regexp_anchor",
        "select a from t where regexp_matches(a, '^1$')",
        r"select a from t where regexp_matches(a, '\A1\z')",
    ),
    (
        "regexp_class",
        r"select a from t where regexp_matches(a, '\d')",
        "select a from t where regexp_matches(a, '[0-9]')",
    ),
    (
        "regexp_class",
        r"select a from t where regexp_matches(a, '[\p{Han}]')",
        "select a from t where regexp_matches(a, '[一-龥]')",
    ),
    ("regexp_pattern", "select a from t where regexp_matches(a, b)", "select a from t where contains(a, b)"),
    ("like_escape", r"select a from t where a like '\_%'", "select a from t where a like '#_%' escape '#'"),
    ("like_pattern", "select a from t where a like b", "select a from t where starts_with(a, b)"),
    ("trim", "select trim(a) as x from t", "select trim(a, ' ') as x from t"),
    ("substr_start", "select substr(a, 0, 2) as x from t", "select substr(a, -2, 2) as x from t"),
    ("substr_start", "select substr(a, b) as x from t", "select substr(a, strpos(a, ',') + 1) as x from t"),
    ("text_length", "select left(a, -1) as x from t", "select left(a, 1) as x from t"),
    ("chr", "select chr(20013) as x from t", "select chr(10) as x from t"),
    ("upper", "select upper('straße') as x from t", "select upper('strasse') as x from t"),
    ("subscript", "select a[1] as x from t", "select split_part(a, ',', 1) as x from t"),
    ("list", "select [1, 2] as x from t", "select 1 as x from t"),
    (
        "in_query",
        "select case when a in (select b from u) then 1 end as x from t",
        "select a as x from t where b = 1 or not (a in (select b from u))",
    ),
    ("unnest", "select unnest(a).b as x from t", "with u as (select unnest(a) as y from t) select y.b from u"),
    ("unnest", "select unnest(a, recursive := true) as x from t", "select unnest(a) as x from t"),
    (
        "left_join_unnest",
        "select t.a, u.x from t left join unnest(t.xs) as u(x) on true",
        "select t.a, u.x from t cross join unnest(case when array_length(t.xs) > 0 then t.xs else [null] end) as u(x)",
    ),
    (
        "ordinality",
        "select t.a, u.p from t cross join unnest(t.xs) with ordinality as u(x, p)",
        (
            "select t.a, row_number() over (partition by t.a order by u.p) as p "
            "from t cross join unnest(t.xs) with ordinality as u(x, p)"
        ),
    ),
    (
        "ordinality",
        "select * from t cross join unnest(t.xs) with ordinality as u(x, p)",
        "select * from t cross join unnest(t.xs) as u(x)",
    ),
    ("distinct_on", "select distinct on (a) a, b from t", "select distinct a, b from t"),
    ("group_by_all", "select a, count(*) as n from t group by all", "select a, count(*) as n from t group by 1"),
    ("order_by_all", "select a from t order by all", "select a from t order by a"),
    ("star_modifier", "select * exclude (a) from t", "select * from t"),
    ("star_modifier", "select * replace (1 as a) from t", "select t.* from t"),
    ("union_by_name", "select a from t union all by name select a from u", "select a from t union all select a from u"),
    ("set_operation_all", "select a from t except all select a from u", "select a from t except select a from u"),
    ("asof_join", "select t.a from t asof join u on t.a >= u.a", "select t.a from t join u on t.a >= u.a"),
    ("join_kind", "select t.a from t positional join u", "select t.a from t cross join u"),
    ("join_kind", "select t.a from t natural join u", "select t.a from t join u using (a)"),
    ("comma_join", "select t.a from t, u", "select t.a from t cross join u"),
    (
        "lateral",
        "select t.a from t left join lateral (select 1 as b) u on true",
        "select t.a from t left join u on t.a = u.a",
    ),
    ("lateral_alias", "select a + 1 as b, b * 2 as c from t", "select a + 1 as b, t.b * 2 as c from t"),
    (
        "lateral_alias",
        "with s as (select a from t) select a + 1 as b, b * 2 as c from s",
        "with s as (select a, b from t) select a + 1 as b, b * 2 as c from s",
    ),
    ("lateral_alias", "select a + 1 as b from t where b > 1", "select cell(a) as a, md5(a) as h from t where a <> ''"),
    (
        "recursive",
        "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r",
        "with r as (select 1 as n) select n from r",
    ),
    (
        "materialized",
        "with r as materialized (select a from t) select a from r",
        "with r as (select a from t) select a from r",
    ),
    ("clause", "select a from t for update", "select a from t"),
    (
        "clause",
        "select count(*) over w as n from t window w as (order by a)",
        "select count(*) over (order by a) as n from t",
    ),
    ("table_function", "select * from read_parquet('x.parquet')", "select * from x"),
    ("table_name", "select * from 'x.parquet'", "select * from x"),
    ("table_name", "select * from other.x", "select * from x"),
    ("unnamed_column", "select cell(a) from t", "select cell(a) as a from t"),
    (
        "unnamed_column",
        "with u as (select a + 1 from t) select * from u",
        "with u(b) as (select a + 1 from t) select * from u",
    ),
    ("output_name_twice", "select a, b as a from t", "select a, b from t"),
]

STRICT: list[tuple[str, str, str]] = [
    ("output_cast", "select a from t", "select cast(a as varchar) as a from t"),
    ("output_cast", "select * from t", "select cast(a as bigint) as a from t"),
    ("output_cast", "select try_cast(a as varchar) as a from t", "select cast(a as date) as a from t"),
    (
        "output_cast",
        "select cast(a as varchar) as a from t union all select a from u",
        "select cast(a as varchar) as a from t union all select cast(b as varchar) as a from u",
    ),
    (
        "output_names",
        "select cast(a as varchar) as a from t union all select cast(b as varchar) as b from u",
        "select cast(a as varchar) as a from t union all select cast(b as varchar) as a from u",
    ),
    (
        "output_type",
        "select cast(a as decimal(38, 2)) as a from t",
        "with s as (select cast(a as decimal(38, 2)) as a from t) select cast(a * 100 as bigint) as a from s",
    ),
]


def rules_of(text: str, *, strict: bool = False) -> set[str]:
    try:
        parse(text, strict_output=strict)
    except DialectError as error:
        return {each.rule for each in error.violations}
    return set()


@pytest.mark.parametrize(("rule", "refused", "accepted"), SAMPLES)
def test_a_rule_refuses_one_form_and_accepts_the_safe_one(rule: str, refused: str, accepted: str) -> None:
    assert rule in rules_of(refused)
    assert rules_of(accepted) == set()


@pytest.mark.parametrize(("rule", "refused", "accepted"), STRICT)
def test_strict_output_wants_every_outermost_column_cast(rule: str, refused: str, accepted: str) -> None:
    assert rule in rules_of(refused, strict=True)
    assert rules_of(accepted, strict=True) == set()


def test_all_violations_are_told_at_once_with_their_lines() -> None:
    text = "select a / 2 as x,\n       sum(b) as y,\n       trim(c) as z\nfrom t\ngroup by all"
    with pytest.raises(DialectError) as refusal:
        parse(text, source="orders.sql")
    found = [(each.line, each.rule) for each in refusal.value.violations]
    assert {(1, "division"), (2, "sum"), (3, "trim")} <= set(found)
    assert "group_by_all" in {rule for _, rule in found}
    assert str(refusal.value).startswith("orders.sql:1 ")
    assert (refusal.value.source, refusal.value.line) == ("orders.sql", found[0][0])


def test_what_nobody_thought_of_is_refused() -> None:
    for text in ("select levenshtein(a, b) as x from t", "select a & b as x from t", "select a ** b as x from t"):
        assert rules_of(text) <= {"function", "construct"}
        assert rules_of(text) != set()


def test_the_macros_themselves_pass() -> None:
    assert {name: lint_macro(macro) for name, macro in macros().items() if lint_macro(macro)} == {}


def test_a_macro_body_outside_the_dialect_is_refused_on_its_line() -> None:
    text = "-- Half.\ncreate macro half(a) as\n    a\n    / 2;\n"
    violation = lint_macro(macros_from_text(text)["half"])[0]
    assert (violation.line, violation.rule) == (3, "division")


def test_every_macro_says_what_it_gives_and_clashes_with_no_function() -> None:
    for name, macro in macros().items():
        assert len(macro.meaning) > 20, name
        assert isinstance(sqlglot.parse_one(f"{name}(a)", read="duckdb"), sqlglot.exp.Anonymous), name


def test_every_rule_has_a_sample() -> None:
    folder = resources.files("entrepot.engine.dialect")
    modules = ("rules.py", "selects.py", "output.py", "linter.py", "query.py")
    text = "".join(folder.joinpath(module).read_text(encoding="utf-8") for module in modules)
    named = set(re.findall(r'Finding\(\s*[\w\[\]0]+,\s*"(\w+)"', text)) | set(
        re.findall(r'Violation\([^"]*"(\w+)"', text)
    )
    named |= set(re.findall(r'^    exp\.\w+: "(\w+)",$', text, re.MULTILINE)) | {"function", "construct"}
    assert named - {rule for rule, _, _ in SAMPLES + STRICT} == set()


def test_the_linter_reads_a_tree_without_changing_it() -> None:
    tree = sqlglot.parse_one("select cell(a) as a from t", read="duckdb")
    before = tree.sql(dialect="duckdb")
    assert lint(tree) == ()
    assert tree.sql(dialect="duckdb") == before
