import pickle

import pytest

from entrepot.engine import DialectError, Query, parse

JOINED = """
with lines as (select order_id, unnest(items) as item from raw_orders),
     codes(k, s) as (values ('1', '待付款'))
select l.order_id as order_id, l.item.sku as sku, s.name as state
from lines l
left join states s on s.code = l.item.state
left join codes c on c.k = s.code
where l.order_id not in (select order_id from cancelled)
"""


def test_inputs_are_the_relations_read_and_no_ctes() -> None:
    assert parse(JOINED).inputs() == {"raw_orders", "states", "cancelled"}
    assert parse("select a from t union all select a from u").inputs() == {"t", "u"}
    assert parse("with t as (select a from t) select a from t").inputs() == {"t"}
    assert parse("select 1 as a").inputs() == frozenset()


def test_output_names_are_in_order() -> None:
    assert parse(JOINED).output_names() == ("order_id", "sku", "state")
    assert parse("select a from t union all select b from u").output_names() == ("a",)


def test_each_engine_gets_its_own_text() -> None:
    query = parse("-- why\nselect a // 2 as x, \"金额\" from t where regexp_matches(b, '\\A1\\z') -- note")
    assert query.sql("duckdb") == "SELECT a // 2 AS x, \"金额\" FROM t WHERE REGEXP_MATCHES(b, '\\A1\\z')"
    assert query.sql("spark") == "SELECT a DIV 2 AS x, `金额` FROM t WHERE b RLIKE '\\\\A1\\\\z'"


def test_the_same_text_is_parsed_once() -> None:
    assert parse("select a from t", source="x") is parse("select a from t", source="x")
    assert parse("select a from t", source="x") is not parse("select a from t", source="y")


def test_changing_the_tree_does_not_change_the_query() -> None:
    query = parse("select a from t")
    query.tree.set("expressions", [])
    assert query.sql("duckdb") == "SELECT a FROM t"


def test_a_query_survives_pickling() -> None:
    query = parse("select cell(a) as a from t", source="orders.sql")
    again = pickle.loads(pickle.dumps(query))
    assert isinstance(again, Query)
    assert again == query
    assert again.sql("spark") == query.sql("spark")


def test_a_text_that_cannot_be_read_names_its_line() -> None:
    with pytest.raises(DialectError) as refusal:
        parse("select a\nfrom t\nwhere (", source="broken.sql")
    assert (refusal.value.source, refusal.value.line, refusal.value.rule) == ("broken.sql", 3, "syntax")
