"""What a query reads more than once is computed once, and the rows are the same."""

from __future__ import annotations

import pyarrow as pa
import pytest
import sqlglot

from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.engine.dialect import in_turn, parse
from entrepot.testing.sail import sail_session

_ORDERS = pa.table(
    {
        "order_id": pa.array(["a", "a", "b", "c", "c", "c"], pa.string()),
        "amount": pa.array([10, 20, 30, 40, 50, 60], pa.int64()),
    }
)
_TWICE_AND_TWICE_AGAIN = """
with base as (select order_id, amount * 2 as doubled from orders),
sums as (select base.order_id, max(base.doubled) as total from base group by base.order_id),
largest as (select max(total) as most from sums),
near as (select s.order_id, s.total from sums as s join largest as l on s.total * 2 >= l.most),
counted as (select order_id, count(*) as n from base group by order_id)
select cast(base.order_id as text) as order_id, cast(base.doubled as bigint) as doubled,
       cast(n.total as bigint) as total, cast(c.n as bigint) as n
from base
join near as n on base.order_id = n.order_id
join counted as c on c.order_id = base.order_id
order by base.order_id, base.doubled
"""


def _named(name: str) -> str:
    return f"{name}__1"


def test_what_is_read_once_stays_in_its_place() -> None:
    query = parse("with a as (select order_id from orders) select order_id from a", source="once")
    assert in_turn(query, "spark", _named) == ([], query.sql("spark"))
    plain = parse("select order_id from orders", source="plain")
    assert in_turn(plain, "spark", _named) == ([], plain.sql("spark"))


def test_what_is_read_twice_is_defined_first_and_once() -> None:
    first, rest = in_turn(parse(_TWICE_AND_TWICE_AGAIN, source="twice"), "duckdb", _named)
    assert [name for name, _ in first] == ["base__1", "sums__1"]
    texts = [text for _, text in first] + [rest]
    for body in ("* 2 AS doubled", "MAX(base.doubled)", "MAX(total)", "COUNT(*)"):
        assert sum(text.count(body) for text in texts) == 1, body
    # Every text reads what stands before it, and the relation that was there already.
    known = {"orders"}
    for name, text in [*first, ("", rest)]:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        inside = {cte.alias for cte in tree.find_all(sqlglot.exp.CTE)}
        assert {found.name for found in tree.find_all(sqlglot.exp.Table)} <= known | inside
        known.add(name)


def test_texts_in_turn_give_the_rows_of_the_whole() -> None:
    query = parse(_TWICE_AND_TWICE_AGAIN, source="twice")
    first, rest = in_turn(query, "duckdb", _named)
    with DuckDBEngine(threads=1) as engine:
        engine.add_arrow("orders", _ORDERS)
        whole = engine.read(query)
        for name, text in first:
            engine.define(name, parse(text, source=name), materialise=True)
        assert engine.read(parse(rest, source="rest")).equals(whole)
    assert whole.num_rows == 4


@pytest.mark.parametrize("materialise", [True, False])
def test_the_second_engine_computes_what_it_reads_twice_once(*, materialise: bool) -> None:
    query = parse(_TWICE_AND_TWICE_AGAIN, source="twice")
    with DuckDBEngine(threads=1) as engine:
        engine.add_arrow("orders", _ORDERS)
        wanted = engine.read(query)
    with sail_session() as address, SparkEngine(address) as engine:
        engine.add_arrow("orders", _ORDERS)
        # A relation of the user's by the name of a CTE is another one, and stays as it is.
        engine.add_arrow("base", _ORDERS)
        assert engine.read(query).to_pylist() == wanted.to_pylist()
        engine.define("result", query, materialise=materialise)
        assert sorted(engine.read("result").to_pylist(), key=str) == sorted(wanted.to_pylist(), key=str)
        assert engine.read("base").num_rows == _ORDERS.num_rows
