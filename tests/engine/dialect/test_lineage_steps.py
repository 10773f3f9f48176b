"""Steps: the expressions on the way of a column, as their author wrote them, the last one first."""

from __future__ import annotations

from entrepot.engine import parse
from entrepot.engine.dialect import Step, steps

RELATIONS = {"wire": ("raw_id", "Paid", "Refund", "Status"), "states": ("status", "state")}


def _of(text: str) -> tuple[Step, ...]:
    return steps(parse(text, source="test"), RELATIONS, ["states"])["a"]


def test_a_macro_stands_by_its_name_and_not_as_what_it_is_replaced_by() -> None:
    assert _of('select cast(fen_from_yuan(w."Paid") as bigint) as a from wire as w') == (
        Step("", 'fen_from_yuan(w."Paid")'),
    )


def test_expressions_of_ctes_follow_the_outermost_one_and_a_column_passed_on_is_no_step() -> None:
    text = """
        with c as (select fen_from_yuan("Paid") as p, fen_from_yuan("Refund") as r from wire),
             d as (select c.p, c.p - c.r as q from c)
        select q as a from d
    """
    assert _of(text) == (
        Step("d", "c.p - c.r"),
        Step("c", 'fen_from_yuan("Paid")'),
        Step("c", 'fen_from_yuan("Refund")'),
    )


def test_a_code_list_is_a_step_that_says_what_it_is_looked_up_by() -> None:
    assert _of('select s.state as a from wire as w left join states as s on w."Status" = s.status') == (
        Step("", 'states: w."Status" = s.status'),
    )


def test_a_copied_column_has_no_step_and_a_constant_is_its_own() -> None:
    assert _of('select "Paid" as a from wire') == ()
    assert _of("select 'CNY' as a from wire") == (Step("", "'CNY'"),)
