"""Random datasets for the attacks on aggregates: pure rows of a report by person, many datasets in one table.

Each dataset is a line of its own in one month, so that the guard cuts all of them in the same queries.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import DuckDBEngine
from entrepot.residency.aggregates.ledger import ReleaseLedger, SystemRecord
from entrepot.residency.aggregates.releasing import Keys, Release, released
from entrepot.residency.aggregates.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MONTH = "2026-01"
SHOPS = (("jd", "j1"), ("jd", "j2"), ("pinduoduo", "p1"), ("tmall", "t1"), ("tmall", "t2"), ("tmall", "t3"))
GROUPS = ("cream", "mask", "serum")
KEYS = Keys((MONTH,), SHOPS, GROUPS, "keys")
RULE = Rule()
_COLUMNS = ("month", "line", "detail", "channel", "shop", "sku_group", "has_cost", "currency", "person", "amount_minor")


@dataclass(frozen=True)
class Part:
    """What one person has of one cell of both tables."""

    person: str
    place: tuple[str, str]
    group: str
    minor: int


@dataclass(frozen=True)
class World:
    """One dataset as it grows.

    Attributes:
        name: Its line.
        states: Its parts at each release.
    """

    name: str
    states: tuple[tuple[Part, ...], ...]


def draw(seed: int, number: int, releases: int = 3) -> World:
    """Draw a dataset and what late news make of it: one order, some, many; orders cancelled; everything restated."""
    dice = Random(seed * 1_000_003 + number)
    shops = dice.sample(SHOPS, dice.randint(2, len(SHOPS)))
    groups = dice.sample(GROUPS, dice.randint(1, len(GROUPS)))
    weights = [dice.choice((1, 2, 5, 15)) for _ in shops]
    # Each shop may have a group of its own but for a few strays: then the difference of both tables is of few.
    favourite = {shop: groups[place % len(groups)] for place, shop in enumerate(shops)} if dice.random() < 0.6 else {}
    strays = dice.randint(1, 6)
    counter = iter(range(10**6))

    def bought(people: int) -> list[Part]:
        found: list[Part] = []
        for _ in range(people):
            person = f"{number}-{next(counter)}"
            for _ in range(dice.choice((1, 1, 1, 2))):
                place = dice.choices(shops, weights)[0]
                liked = favourite.get(place)
                group = liked if liked is not None and len(found) >= strays else dice.choice(groups)
                large = 60 if dice.random() < 0.01 else 1
                found.append(Part(person, place, group, large * int(dice.lognormvariate(8, 0.8)) + 1))
        return found

    states = [tuple(bought(dice.choice((8, 14, 30, 60, 120))))]
    for _ in range(releases - 1):
        news = dice.choice(("nothing", "one", "few", "many", "many", "cancelled", "restated and one"))
        now = list(states[-1])
        if news.startswith("restated"):
            now = [replace(each, minor=each.minor * 2) for each in now]
        if news == "cancelled" and now:
            now.remove(dice.choice(now))
        more = {"one": 1, "restated and one": 1, "few": dice.randint(2, 9), "many": dice.randint(60, 150)}.get(news, 0)
        states.append((*now, *bought(more)))
    return World(f"d{number:04d}", tuple(states))


def table_of(worlds: Sequence[World], release: int) -> pa.Table:
    """The report by person of all datasets as of a release."""
    rows = [
        (MONTH, "revenue_goods", world.name, *part.place, part.group, True, "CNY", part.person, part.minor)
        for world in worlds
        for part in world.states[release]
    ]
    columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    return pa.table({name: pa.array(values) for name, values in columns.items()})


@dataclass(frozen=True)
class Told:
    """What a recipient of one dataset was told at one release, with what only the test knows.

    Attributes:
        of: Number of the state that the amounts are of.
        rows: Shops of each block of the first table, with its amount.
        columns: Groups of each block of the second table, with its amount.
    """

    of: int
    rows: tuple[tuple[frozenset[tuple[str, str]], int], ...]
    columns: tuple[tuple[frozenset[str], int], ...]


def tell(
    worlds: Sequence[World], *, with_ledger: bool = True, between: Callable[[], None] | None = None
) -> tuple[dict[str, list[Told]], list[Release]]:
    """Release all datasets at each of their states; what the recipient was told of each.

    Args:
        worlds: Datasets.
        with_ledger: Whether each release knows those before; without, each is the first.
        between: Called before each release.
    """
    told: dict[str, list[Told]] = {world.name: [] for world in worlds}
    releases = []
    moves: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder, DuckDBEngine(threads=1) as engine:
        for number in range(len(worlds[0].states)):
            if between is not None:
                between()
            ledger = ReleaseLedger(Path(folder) / ("all" if with_ledger else str(number)))
            engine.add_arrow("agg_source", table_of(worlds, number))
            release = released(engine, KEYS, RULE, ledger)
            release.keep(ledger)
            releases.append(release)
            record = ledger.month(MONTH)
            for system in record.systems if record is not None else ():
                before = told[system.detail]
                moved = not with_ledger or not before or system.releases > moves[system.detail]
                moves[system.detail] = system.releases
                before.append(_told(system, number if moved else before[-1].of))
    return told, releases


def _told(system: SystemRecord, of: int) -> Told:
    rows = [
        (frozenset({(row["channel"], row["shop"])}), row["amount_minor"])
        for row in system.rows
        if row["state"] == "released"
    ]
    # The recipient is told no members of a pool; the attacker here is given them.
    for node, pool in system.pools.items():
        shown = [
            row["amount_minor"]
            for row in system.rows
            if row["state"] == "pooled" and row["channel"] == (node or "withheld")
        ]
        assert len(shown) == 1, "a pool has one amount"
        rows.append((frozenset(tuple(place) for place in pool), shown[0]))  # type: ignore[misc]
    columns = [
        (frozenset({str(row["sku_group"])}), row["amount_minor"]) for row in system.groups if row["state"] == "released"
    ]
    columns += [
        (frozenset(system.group_pool or ()), row["amount_minor"]) for row in system.groups if row["state"] == "pooled"
    ]
    return Told(of, tuple(rows), tuple(columns))
