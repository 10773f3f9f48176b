"""I25: neither one release nor all of them together tell of fewer than k persons; a seeded sample of the soak.

Each attack is real: it solves, bounds, subtracts and combines, and finds its prey where the guard is off.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from entrepot.engine import DuckDBEngine
from entrepot.residency.aggregates.ledger import ReleaseLedger
from entrepot.residency.aggregates.releasing import released
from entrepot.residency.aggregates.rules import Rule
from tests.residency.aggregates.aggregates_soak import attacked, controls
from tests.residency.aggregates.attacks import across, differencing, interval
from tests.residency.aggregates.without import cells_not_hidden_in_pools, persons_only
from tests.residency.aggregates.worlds import KEYS, RULE, SHOPS, Part, Told, World, draw, table_of, tell

SEED, DATASETS = 7, 24


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [draw(SEED, number) for number in range(DATASETS)]


@pytest.fixture(scope="module")
def told(worlds: list[World]) -> dict[str, list[Told]]:
    return tell(worlds)[0]


def test_no_attack_on_the_releases_of_any_dataset_succeeds(worlds: list[World], told: dict[str, list[Told]]) -> None:
    assert dict(attacked(worlds, told)) == {"complementary": 0, "interval": 0, "differencing": 0, "across": 0}


def test_there_was_something_to_attack(told: dict[str, list[Told]]) -> None:
    assert sum(bool(heard) for heard in told.values()) >= DATASETS * 3 // 4
    assert sum(any(len(each.columns) > 1 for each in heard) for heard in told.values()) >= DATASETS // 4
    assert sum(len({each.of for each in heard}) > 1 for heard in told.values()) >= 2


def test_every_attack_succeeds_where_the_guard_is_off(worlds: list[World]) -> None:
    found = controls(worlds)
    assert len(found) == 4
    assert {name: count >= 1 for name, count in found.items()} == dict.fromkeys(found, True), found


def test_without_the_rule_of_dominance_one_large_buyer_is_told(worlds: list[World]) -> None:
    with persons_only():
        told, _ = tell(worlds[:20])
    assert sum(differencing(world, told[world.name]) for world in worlds[:20]) >= 1


def test_a_cell_is_not_hidden_behind_crumbs() -> None:
    """Three buyers have nearly all of a pool, whose other 20 have next to nothing: the sum is nearly theirs."""
    large = [("a", "j1", 100_000), ("b", "j1", 99_000), ("c", "j1", 98_000)]
    world = small_world([*large, *((f"p{number}", "j2", 900) for number in range(20))])
    told, _ = tell([world])
    assert told[world.name] == []
    with cells_not_hidden_in_pools():
        told, _ = tell([world])
    assert interval(world, told[world.name])


def test_a_hidden_cell_that_grew_to_be_most_of_its_pool_is_not_released_anew() -> None:
    base = [*((f"a{number}", "j1", 1_000) for number in range(3)), *((f"p{number}", "j2", 900) for number in range(20))]
    large = [(f"n{number}", "j1", 100_000) for number in range(5)]
    world = small_world(base, [*base, *large, *((f"m{number}", "j2", 900) for number in range(5))])
    told, _ = tell([world])
    assert [each.of for each in told[world.name]] == [0, 0]
    with cells_not_hidden_in_pools():
        told, _ = tell([world])
    assert [each.of for each in told[world.name]] == [0, 1]
    assert interval(world, told[world.name])


def test_a_total_is_not_shown_where_one_group_of_few_is_nearly_all_of_it() -> None:
    """Drawn by dice once: seven buyers of masks had 92 % of a line that was shown by shop only."""
    found = draw(1, 321)
    told, _ = tell([found])
    assert 0 not in {each.of for each in told[found.name]}
    assert not interval(found, told[found.name])


def test_the_same_question_again_gives_the_same_answer(worlds: list[World]) -> None:
    asked = [World(world.name, (world.states[0],) * 2) for world in worlds[:20]]
    _, (first, again) = tell(asked)
    assert first.rows.num_rows > 100
    assert (again.rows.equals(first.rows), again.groups.equals(first.groups)) == (True, True)
    assert (again.pending, again.held) == ({}, 0)


def test_a_month_that_left_is_never_cut_by_other_keys(worlds: list[World], tmp_path: Path) -> None:
    """Another permit, of other groups, shops or rules, repeats what left; two cuts would be differenced."""
    ledger = ReleaseLedger(tmp_path / "ledger")
    with DuckDBEngine(threads=1) as engine:
        engine.add_arrow("agg_source", table_of(worlds, 0))
        first = released(engine, KEYS, RULE, ledger)
        first.keep(ledger)
        engine.add_arrow("agg_source", table_of(worlds, 2))
        other = released(
            engine, replace(KEYS, groups=("serum", "mask", "cream"), digest="others"), Rule(persons_min=3), ledger
        )
    shown = [row for row in first.rows.to_pylist() if row["amount_minor"] is not None]
    assert [row for row in other.rows.to_pylist() if row["amount_minor"] is not None] == shown
    assert (other.pending, other.held > 0) == ({}, True)


def test_a_month_follows_only_where_enough_are_new() -> None:
    """Nine new buyers are not enough for k = 10, ten are; both stand beside 30 whom everybody knows by now."""
    old = [(f"p{number}", ("t1", "t2")[number % 2], 1_000 + number) for number in range(30)]
    news = [(f"n{number}", "t1", 1_500 + number) for number in range(10)]
    worlds = [small_world(old, [*old, *news[:new]], name=f"small{new}") for new in (9, 10)]
    told, releases = tell(worlds)
    assert {name: [each.of for each in heard] for name, heard in told.items()} == {"small9": [0, 0], "small10": [0, 1]}
    assert releases[1].held == 1
    assert [across(world, told[world.name], Random(1)) for world in worlds] == [False, False]


def test_another_key_makes_nobody_new() -> None:
    """All are known under other keys, and one has another order: nothing follows."""
    base = [(f"p{number}", "t1", 1_000) for number in range(30)]
    rekeyed = [(f"again {who}", shop, minor) for who, shop, minor in base]
    told, releases = tell([small_world(base, [*rekeyed, ("n1", "t1", 7_777)])])
    assert [each.of for each in told["small"]] == [0, 0]
    assert releases[1].held == 1


def test_a_difference_of_differences_is_no_way_around() -> None:
    """Twelve who are known change twice alike, and one more in the second: R1 - 2 R2 + R3 would be that one's."""
    base = [(f"p{number}", "t1", 1_000) for number in range(30)]
    second = [(who, shop, minor + 100 * (place < 12)) for place, (who, shop, minor) in enumerate(base)]
    third = [(who, shop, minor + 100 * (place < 13)) for place, (who, shop, minor) in enumerate(second)]
    world = small_world(base, second, third)
    told, _ = tell([world])
    assert [each.of for each in told[world.name]] == [0, 0, 0]
    told, _ = tell([world], with_ledger=False)
    assert across(world, told[world.name], Random(1))


def small_world(*states: list[tuple[str, str, int]], name: str = "small") -> World:
    """A dataset of one group, written out: person, shop, amount."""
    channel = {shop: of for of, shop in SHOPS}
    parts = [tuple(Part(who, (channel[shop], shop), "serum", minor) for who, shop, minor in state) for state in states]
    return World(name, tuple(parts))
