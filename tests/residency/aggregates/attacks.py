"""Attacks on what was released, by somebody who adds, subtracts and solves; none of them knows how the guard works.

The attacker holds every published amount of every release, totals included, and is told which cells are in which pool.
Scored against the truth: an attack succeeds on a dataset when something follows that no recipient may know.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from tests.residency.aggregates.worlds import GROUPS, RULE, SHOPS, Part, Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.residency.aggregates.worlds import World

    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]

ATOMS = tuple(product(SHOPS, GROUPS))
_ZERO = 1e-9


def _sums(told: Told) -> Matrix:
    """Published amounts by the cells of both tables together that they add up."""
    rows = [[float(place in members) for place, _ in ATOMS] for members, _ in told.rows]
    columns = [[float(group in members) for _, group in ATOMS] for members, _ in told.columns]
    return np.array(rows + columns).reshape(-1, len(ATOMS))


def _amounts(told: Told) -> Matrix:
    return np.array([float(amount) for _, amount in (*told.rows, *told.columns)])


def _parts(parts: Sequence[Part], persons: Sequence[str]) -> Matrix:
    """Parts by person and atom."""
    found = np.zeros((len(persons), len(ATOMS)))
    place = {person: number for number, person in enumerate(persons)}
    atom = {each: number for number, each in enumerate(ATOMS)}
    for part in parts:
        found[place[part.person], atom[part.place, part.group]] += part.minor
    return found


def _is_unsafe(parts: Matrix) -> bool:
    """Whether a sum of these persons' parts may not be known, by the words of the rule: k persons, p%, share."""
    each = np.sort(np.abs(parts[np.abs(parts) > 0.5]))[::-1]
    if len(each) == 0:
        return False
    rest = each[2:].sum()
    return bool(
        len(each) < RULE.persons_min
        or rest * 100 < RULE.rest_pct * each[0]
        or each[0] * 100 > RULE.share_max_pct * each.sum()
    )


def truth(world: World, told: Sequence[Told]) -> tuple[Matrix, list[Matrix]]:
    """Published amounts by release, each with what persons have of it: persons down, amounts across."""
    persons = sorted({part.person for state in world.states for part in state})
    exact = [_parts(world.states[each.of], persons) @ _sums(each).T for each in told]
    return np.concatenate(exact, axis=1) if exact else np.zeros((len(persons), 0)), exact


def _heard(told: Sequence[Told]) -> list[Told]:
    """Every release that told something new; the same again tells nothing."""
    return [each for number, each in enumerate(told) if each not in told[:number]]


def complementary(world: World, told: Sequence[Told]) -> bool:
    """Solve for a cell of either table that may not be known: does it follow from all amounts of a release?"""
    for each in _heard(told):
        persons = sorted({part.person for part in world.states[each.of]})
        parts = _parts(world.states[each.of], persons)
        known = _sums(each)
        if not len(known):
            continue
        rank = np.linalg.matrix_rank(known)
        for members in _cells():
            if _is_unsafe(parts @ members) and np.linalg.matrix_rank(np.vstack([known, members])) == rank:
                return True
    return False


def interval(world: World, told: Sequence[Told]) -> bool:
    """Bound a cell that may not be known, with no amount below zero: is a bound nearer than the rule's per cent?"""
    for each in _heard(told):
        persons = sorted({part.person for part in world.states[each.of]})
        parts = _parts(world.states[each.of], persons)
        known, amounts = _sums(each), _amounts(each)
        if not len(known):
            continue
        for members in _cells():
            value = float((parts @ members).sum())
            if not _is_unsafe(parts @ members):
                continue
            ends = [linprog(sign * members, A_eq=known, b_eq=amounts, bounds=(0, None)) for sign in (1, -1)]
            # A cell of which nothing is published has no upper bound at all.
            nearest = min(abs(abs(end.fun) - value) for end in ends if end.status == 0)
            if nearest * 100 < RULE.rest_pct * value - 1:
                return True
    return False


def _cells() -> list[Matrix]:
    """Declared cells of both tables, as sums over atoms."""
    shops = [np.array([float(place == shop) for place, _ in ATOMS]) for shop in SHOPS]
    groups = [np.array([float(group == each) for _, group in ATOMS]) for each in GROUPS]
    return shops + groups


def differencing(world: World, told: Sequence[Told]) -> bool:
    """Take some amounts of a release from others of it, in every way: is what is left of too few?"""
    heard = _heard(told)
    _, exact = truth(world, heard)
    for each, parts in zip(heard, exact, strict=True):
        rows, columns = len(each.rows), len(each.columns)
        places = np.flatnonzero(np.any(np.abs(parts) > 0, axis=0))
        signs = np.array([1.0 if place < rows else -1.0 for place in range(rows + columns)])
        for size in range(1, len(places) + 1):
            for picked in combinations(places, size):
                if _is_unsafe(parts[:, picked] @ signs[list(picked)]):
                    return True
    return False


def across(world: World, told: Sequence[Told], dice: Random, tries: int = 60) -> bool:
    """Combine amounts of all releases so that whoever behaves like others drops out: are too few left?

    Persons who stand in one place and changed alike have parts in the same direction. A combination that is at right
    angles to the directions of many leaves the others: differences of releases, differences of differences, and a release
    less a multiple of another one that takes out what was restated for everybody.
    """
    parts, _ = truth(world, _heard(told))
    parts = parts[np.any(np.abs(parts) > 0.5, axis=1)]
    if parts.size == 0:
        return False
    scaled = parts / np.linalg.norm(parts, axis=1, keepdims=True)
    directions, counts = np.unique(np.round(scaled, 9), axis=0, return_counts=True)
    common = directions[counts >= 3]
    if len(common) == 0:
        return False
    for _ in range(tries):
        picked = common[dice.sample(range(len(common)), dice.randint(1, min(len(common), parts.shape[1] - 1) or 1))]
        _, sizes, rest = np.linalg.svd(picked)
        free = rest[int(np.sum(sizes > _ZERO)) :]
        if not len(free):
            continue
        mixed = np.array([dice.randint(-3, 3) or 1 for _ in free]) @ free
        left = np.abs(scaled @ mixed) > 1e-7 * np.linalg.norm(mixed)
        if 0 < int(left.sum()) < RULE.persons_min:
            return True
    return False


def without_guard(world: World, state: int) -> Told:
    """What a report with a threshold and nothing else tells: every cell that may be shown, and the totals."""
    persons = sorted({part.person for part in world.states[state]})
    parts = _parts(world.states[state], persons)
    rows = []
    for shop, members in zip(SHOPS, _cells(), strict=False):
        if not _is_unsafe(parts @ members):
            rows.append((frozenset({shop}), int((parts @ members).sum())))
    for channel in sorted({channel for channel, _ in SHOPS}):
        members = np.array([float(place[0] == channel) for place, _ in ATOMS])
        if not _is_unsafe(parts @ members):
            rows.append((frozenset(shop for shop in SHOPS if shop[0] == channel), int((parts @ members).sum())))
    columns = [
        (frozenset({group}), int((parts @ members).sum()))
        for group, members in zip(GROUPS, _cells()[len(SHOPS) :], strict=True)
        if not _is_unsafe(parts @ members)
    ]
    whole = parts.sum(axis=1)
    if not _is_unsafe(whole):
        rows.append((frozenset(SHOPS), int(whole.sum())))
    return Told(state, tuple(rows), tuple(columns))
