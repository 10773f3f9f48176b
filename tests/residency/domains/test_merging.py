"""Merging claims of two cells: any order, any repetition and any batches give the same, and that is the declared result."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.engine import DuckDBEngine
from entrepot.residency.domains import claims
from entrepot.residency.domains.merging import Snapshot, merged, resolved
from entrepot.residency.domains.settings import Rule
from tests.residency.domains.histories import CELLS, FIELDS, RULES, Answers, domain_with, troubles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrepot.engine import Engine
    from entrepot.residency.domains.settings import Domain

HISTORIES = 30


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDBEngine(threads=1) as made:
        yield made


def snapshot(number: int, *rows: tuple[str, str, str, int, int, bool], terms: int = 7) -> Snapshot:
    """Rows: item, two values, counter, saw, yields."""
    columns = list(zip(*rows, strict=True)) or [()] * 6
    named = {
        "item": pa.array(columns[0], pa.string()),
        "entity_id": pa.array(columns[0], pa.string()),
        "country": pa.array(columns[1], pa.string()),
        "functional_currency": pa.array(columns[2], pa.string()),
        "counter": pa.array(columns[3], pa.int64()),
        "saw": pa.array(columns[4], pa.int64()),
        "yields": pa.array(columns[5], pa.bool_()),
        "terms": pa.array([terms] * len(rows), pa.int64()),
    }
    return Snapshot(number, pa.table(named))


# A cell says one thing under one number.
said = {
    (cell, number): snapshot(number, ("c1", f"{cell}{number}", "X", number, 0, False))
    for cell in CELLS
    for number in range(1, 6)
}
states = st.dictionaries(st.sampled_from(CELLS), st.integers(1, 5)).map(
    lambda numbers: {cell: said[cell, number] for cell, number in numbers.items()}
)


@given(states, states, states)
def test_merging_is_commutative_associative_and_idempotent(
    one: Mapping[str, Snapshot], two: Mapping[str, Snapshot], three: Mapping[str, Snapshot]
) -> None:
    assert merged(one, two) == merged(two, one)
    assert merged(merged(one, two), three) == merged(one, merged(two, three))
    assert merged(one, one) == one
    assert merged(merged(one, two), two) == merged(one, two)


@given(st.lists(st.sampled_from(sorted(said)), min_size=1, max_size=4))
def test_any_order_of_what_arrived_gives_one_state(arrived: list[tuple[str, int]]) -> None:
    ends = []
    for order in permutations(arrived):
        state: dict[str, Snapshot] = {}
        for cell, number in order:
            state = merged(state, {cell: said[cell, number]})
        ends.append(state)
    assert all(each == ends[0] for each in ends)


def hold(engine: Engine, rule: Rule, mine: Snapshot, theirs: Snapshot) -> list[tuple[object, ...]]:
    rows = resolved(engine, {"cn": mine, "global": theirs}, CELLS, (("entity_id",), FIELDS), rule).to_pylist()
    return [tuple(each[name] for name in ("item", *FIELDS, "origin", "state")) for each in rows]


def test_each_rule_decides_as_declared(engine: Engine) -> None:
    mine = snapshot(
        1, ("c1", "CN", "CNY", 5, 0, False), ("c2", "CN", "CNY", 1, 0, False), ("c3", "S", "S", 1, 0, False)
    )
    theirs = snapshot(
        1, ("c1", "DE", "EUR", 4, 0, False), ("c3", "S", "S", 9, 0, False), ("c4", "FR", "EUR", 2, 0, False)
    )
    alone = {"c2": ("c2", "CN", "CNY", "cn", "one_side"), "c4": ("c4", "FR", "EUR", "global", "one_side")}
    same = ("c3", "S", "S", "both", "same")

    def expect(rule: Rule, first: tuple[object, ...]) -> None:
        assert hold(engine, rule, mine, theirs) == [first, alone["c2"], same, alone["c4"]]

    expect(Rule("owner", owner="global"), ("c1", "DE", "EUR", "global", "decided"))
    expect(Rule("owner", owner="cn"), ("c1", "CN", "CNY", "cn", "decided"))
    expect(Rule("last"), ("c1", "CN", "CNY", "cn", "decided"))
    expect(Rule("fields", owner="global", fields={"country": "cn"}), ("c1", "CN", "EUR", "both", "decided"))
    expect(Rule("ask"), ("c1", None, None, None, "asked"))


def test_the_same_counter_is_decided_by_name_and_not_by_chance(engine: Engine) -> None:
    mine, theirs = (snapshot(1, ("c1", name, "X", 3, 0, False)) for name in ("A", "B"))
    assert hold(engine, Rule("last"), mine, theirs) == [("c1", "B", "X", "global", "decided")]


def test_a_question_is_answered_by_whoever_saw_both_rows(engine: Engine) -> None:
    theirs = snapshot(1, ("c1", "B", "X", 3, 0, False))
    for yields, holds in ((False, ("c1", "A", "X", "cn", "decided")), (True, ("c1", "B", "X", "global", "decided"))):
        assert hold(engine, Rule("ask"), snapshot(2, ("c1", "A", "X", 4, 3, yields)), theirs) == [holds]
    answered_again = snapshot(2, ("c1", "C", "X", 5, 4, False))
    assert hold(engine, Rule("ask"), snapshot(2, ("c1", "A", "X", 4, 3, True)), answered_again) == [
        ("c1", "C", "X", "global", "decided")
    ]


def test_a_counter_that_counts_nothing_does_not_stop_the_other_cell(engine: Engine) -> None:
    domain = domain_with(Rule("owner", owner="cn"))
    before = claims.claims_schema(domain).arrow().empty_table()
    engine.add_arrow("own_rows", snapshot(1, ("c1", "A", "X", 0, 0, False)).rows)
    absurd = snapshot(1, ("c1", "B", "X", 2**63 - 1, 0, False)).rows
    first = claims.next_claims(engine, domain, before, absurd, 1)
    engine.add_arrow("own_rows", snapshot(1, ("c1", "C", "X", 0, 0, False)).rows)
    second = claims.next_claims(engine, domain, first, absurd, 2)
    assert first["counter"][0].as_py() < second["counter"][0].as_py() < 2**53


def test_cells_that_declared_different_rules_decide_nothing(engine: Engine) -> None:
    mine = snapshot(1, ("c1", "A", "X", 3, 0, False))
    theirs = snapshot(1, ("c1", "B", "X", 4, 0, False), terms=8)
    assert hold(engine, Rule("last"), mine, theirs) == [("c1", None, None, None, "other_terms")]


def test_random_histories_end_in_the_declared_result_in_both_cells(engine: Engine) -> None:
    answers = Answers(engine, asks_each_time=True)
    found = {seed: troubles(answers, seed) for seed in range(HISTORIES)}
    assert {seed: each for seed, each in found.items() if each} == {}
    assert 5 * len(RULES) <= HISTORIES, "every rule has its share of histories"


def test_histories_tell_when_a_counter_does_not_look_at_what_was_seen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the other cell's counters, a change that was made in answer is asked about once more."""
    right = claims.next_claims

    def blind(engine: Engine, domain: Domain, before: pa.Table, theirs: pa.Table, at_us: int) -> pa.Table:
        return right(engine, domain, before, theirs[:0], at_us)

    monkeypatch.setattr("tests.residency.domains.histories.next_claims", blind)
    asked = range(len(RULES) - 1, 4 * HISTORIES, len(RULES))
    assert RULES[asked[0] % len(RULES)].kind == "ask"
    answers = Answers(engine)
    assert any(troubles(answers, seed) for seed in asked)
