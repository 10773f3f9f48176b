"""The smallest difference of two tables, beside one that tries every way to cut; and when a sum may be shown."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

import pytest

from entrepot.residency.aggregates.cuts import connected, smallest_cut
from entrepot.residency.aggregates.rules import Measured, Rule


def test_the_smallest_cut_is_that_of_all_ways_to_cut() -> None:
    dice = Random(3)
    for _ in range(150):
        rows, columns = [f"row:{n}" for n in range(dice.randint(1, 4))], [f"col:{n}" for n in range(dice.randint(1, 4))]
        edges = {edge: dice.randint(0, 9) for edge in product(rows, columns) if dice.random() < 0.7}
        for part in connected(edges):
            cut, side = smallest_cut(part, edges)
            every = [
                sum(weight for edge, weight in edges.items() if edge[0] in part and (edge[0] in s) != (edge[1] in s))
                for size in range(1, len(part))
                for s in map(set, combinations(sorted(part), size))
            ]
            assert cut == min(every)
            assert cut == sum(
                w for edge, w in edges.items() if edge[0] in part and (edge[0] in side) != (edge[1] in side)
            )
            assert 0 < len(side) < len(part)


RULE = Rule()


@pytest.mark.parametrize(
    ("sum_", "shown"),
    [
        (Measured(500, 0), True),  # the company's own
        (Measured(0, 9, 900, 100, 100), False),
        (Measured(0, 10, 1000, 100, 100), True),
        (Measured(0, 10, 1000, 500, 60), True),  # one has half of it
        (Measured(0, 10, 1000, 501, 60), False),  # a little more
        (Measured(0, 12, 1000, 480, 473), False),  # the second knows the first to 47 of 480
        (Measured(0, 12, 1000, 480, 472), True),
    ],
)
def test_a_sum_is_shown_up_to_the_bound_and_not_beyond(sum_: Measured, *, shown: bool) -> None:
    assert RULE.allows(sum_) is shown


@pytest.mark.parametrize("facts", [{"persons_min": 2}, {"rest_pct": 0}, {"share_max_pct": 101}])
def test_a_rule_that_hides_nobody_is_refused(facts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="persons_min is 3 or more"):
        Rule(**facts)
