import pytest
import sqlglot

from entrepot.engine import DialectError, parse
from entrepot.engine.dialect.macros import DEPTH_MAX, MacroMisused, expand, macros_from_text

MACROS = macros_from_text(
    """
-- Twice a.
create macro twice(a) as a + a;

-- Four times.
create macro four(x) as twice(twice(x));

-- Arguments the other way round.
create macro swapped(a, b) as b - a;

-- A sum.
create macro total(x) as cast(sum(x) as bigint);

-- Itself.
create macro endless(x) as endless(x);
"""
)


def text_of(text: str) -> str:
    return expand(sqlglot.parse_one(text, read="duckdb"), MACROS).sql(dialect="duckdb")


def test_arguments_take_the_place_of_their_names_in_parentheses_where_needed() -> None:
    assert text_of("select twice(b) * 2 as x") == "SELECT (b + b) * 2 AS x"
    assert text_of("select twice(b - 1) as x") == "SELECT ((b - 1) + (b - 1)) AS x"
    assert text_of("select twice(t.b) as x from t") == "SELECT (t.b + t.b) AS x FROM t"


def test_names_are_not_replaced_twice() -> None:
    assert text_of("select swapped(b, a) as x") == "SELECT (a - b) AS x"


def test_macros_call_macros() -> None:
    assert text_of("select four(b) as x") == "SELECT ((b + b) + (b + b)) AS x"
    assert text_of("select twice(twice(b)) as x") == "SELECT ((b + b) + (b + b)) AS x"


def test_over_and_filter_move_onto_the_aggregate() -> None:
    assert text_of("select total(b) over (partition by g) as x from t") == (
        "SELECT CAST(SUM(b) OVER (PARTITION BY g) AS BIGINT) AS x FROM t"
    )
    assert text_of("select total(b) filter (where c) as x from t") == (
        "SELECT CAST(SUM(b) FILTER(WHERE c) AS BIGINT) AS x FROM t"
    )
    assert text_of("select total(twice(b)) over (order by twice(c)) as x from t") == (
        "SELECT CAST(SUM((b + b)) OVER (ORDER BY (c + c)) AS BIGINT) AS x FROM t"
    )


def test_macros_without_end_are_refused() -> None:
    with pytest.raises(MacroMisused, match=f"deeper than {DEPTH_MAX}"):
        text_of("select endless(b) as x")


@pytest.mark.parametrize("call", ["cell()", "cell(a, b)", "row_version(a)"])
def test_a_wrong_number_of_arguments_is_told_with_its_line(call: str) -> None:
    with pytest.raises(DialectError, match="arguments") as refusal:
        parse(f"select b,\n{call} as x\nfrom t")
    assert (refusal.value.line, refusal.value.rule) == (2, "macro")


def test_macro_names_are_read_in_any_case() -> None:
    assert parse("select CELL(a) as x from t").sql("duckdb") == parse("select cell(a) as x from t").sql("duckdb")
