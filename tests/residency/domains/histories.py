"""Random histories of a domain in two cells: changes, crashes, a border that goes down, mail lost, late, twice, reordered.

The claims, the merge and the rule are the product's; the cells' files and the mail are played here. What has to hold in
the end is worked out a second time in Python, from who had seen which change, without counters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.residency.domains.claims import claims_schema, next_claims
from entrepot.residency.domains.merging import Snapshot, merged, resolved
from entrepot.residency.domains.settings import Domain, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.engine import Engine

CELLS = ("cn", "global")
ITEMS = ("c1", "c2", "c3")
FIELDS = ("country", "functional_currency")
_VALUES = ("AA", "BB", "CC")
RULES = (
    Rule("owner", owner="global"),
    Rule("owner", owner="cn"),
    Rule("last"),
    Rule("fields", owner="global", fields={"country": "cn"}),
    Rule("ask"),
)
Row = tuple[str, str]
Change = tuple[str, int]
Content = tuple[tuple[object, ...], ...]


class Answers:
    """The two functions of the product that histories ask, and what they answered.

    Both follow from the tables that they are given, so that ten thousand histories of few keys ask the same again and
    again. A run that asks each time holds every answer against the one that is remembered: that is what says so.
    """

    def __init__(self, engine: Engine, *, asks_each_time: bool = False) -> None:
        self.engine, self.asks_each_time = engine, asks_each_time
        self._known: dict[object, pa.Table] = {}

    def next_claims(self, domain: Domain, own: Mapping[str, Row], before: pa.Table, theirs: pa.Table) -> pa.Table:
        """Claims as they follow from a cell's rows, its claims before and the other cell's."""

        def ask() -> pa.Table:
            rows = {"item": list(own), "entity_id": list(own)}
            rows |= {name: [row[at] for row in own.values()] for at, name in enumerate(FIELDS)}
            self.engine.add_arrow("own_rows", pa.table(rows, pa.schema([(name, pa.string()) for name in rows])))
            return next_claims(self.engine, domain, before, theirs, 1)

        return self._answer((tuple(sorted(own.items())), _content(before), _content(theirs)), ask)

    def resolved(self, state: Mapping[str, Snapshot], rule: Rule) -> pa.Table:
        """What holds in a cell that knows these snapshots."""
        key = (rule.kind, rule.owner, *((cell, _content(state[cell].rows)) for cell in sorted(state)))
        return self._answer(key, lambda: resolved(self.engine, state, CELLS, (("entity_id",), FIELDS), rule))

    def _answer(self, key: object, ask: Callable[[], pa.Table]) -> pa.Table:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = ask()
        elif self.asks_each_time:
            assert ask().equals(known), "the same tables give the same answer"
        return known


def _content(table: pa.Table) -> Content:
    """Rows of a small table, to look an answer up by."""
    return tuple(zip(*(each.to_pylist() for each in table.columns), strict=True))


@dataclass
class Cell:
    """One cell.

    Attributes:
        rows: What it imported.
        claims: The file of its claims.
        number: Of its newest snapshot.
        state: The newest snapshots that it knows.
        changes: Second opinion: item to its standing change, with the other's change that it had seen.
        made: Changes so far.
        noted_rows: Rows as they were noted last.
        known: Second opinion: what of the other's changes stood in its newest snapshot here.
    """

    name: str
    other: str
    claims: pa.Table
    rows: dict[str, Row] = field(default_factory=dict)
    number: int = 0
    state: dict[str, Snapshot] = field(default_factory=dict)
    changes: dict[str, tuple[Change, Change | None]] = field(default_factory=dict)
    made: int = 0
    noted_rows: dict[str, Row] = field(default_factory=dict)
    known: dict[str, Change] = field(default_factory=dict)
    known_number: int = 0


@dataclass(frozen=True)
class Mail:
    """A snapshot on its way."""

    to: str
    snapshot: Snapshot
    changes: dict[str, Change]


def domain_with(rule: Rule) -> Domain:
    return Domain("companies", "global", CELLS, "companies", "companies-eu", rule)


class World:
    """Two cells and the mail between them."""

    def __init__(self, answers: Answers, rule: Rule) -> None:
        self.answers, self.rule, self.domain = answers, rule, domain_with(rule)
        empty = claims_schema(self.domain).arrow().empty_table()
        self.cells = {one: Cell(one, other, empty) for one, other in (CELLS, CELLS[::-1])}
        self.mail: list[Mail] = []
        self.is_up = True

    def change(self, cell: Cell, random: Random) -> None:
        """What an import does: a row comes, changes or goes."""
        item = random.choice(ITEMS)
        if random.random() < 0.2:
            cell.rows.pop(item, None)
        else:
            cell.rows[item] = (random.choice(_VALUES), random.choice(_VALUES))

    def note(self, cell: Cell, *, dies: bool = False) -> None:
        """Note what changed; a process that dies before the file is replaced noted nothing."""
        there = cell.state[cell.other].rows if cell.other in cell.state else self._rows(cell)[:0]
        after = self.answers.next_claims(self.domain, cell.rows, cell.claims, there)
        if dies:
            return
        cell.claims = after
        for item in [*cell.changes]:
            if item not in cell.rows:
                del cell.changes[item]
                del cell.noted_rows[item]
        for item, row in cell.rows.items():
            if cell.noted_rows.get(item) != row:
                cell.made += 1
                cell.changes[item] = ((cell.name, cell.made), cell.known.get(item))
                cell.noted_rows[item] = row

    def send(self, cell: Cell, *, is_lost: bool = False) -> None:
        """Say the whole of its claims; mail that is lost comes again with the next."""
        self.note(cell)
        cell.number += 1
        snapshot = Snapshot(cell.number, self._rows(cell))
        cell.state = merged(cell.state, {cell.name: snapshot})
        if not is_lost:
            self.mail.append(Mail(cell.other, snapshot, {item: each[0] for item, each in cell.changes.items()}))

    def take(self, mail: Mail) -> None:
        """What arrives is merged; what was changed before is noted before."""
        cell = self.cells[mail.to]
        self.note(cell)
        cell.state = merged(cell.state, {cell.other: mail.snapshot})
        if mail.snapshot.number > cell.known_number:
            cell.known, cell.known_number = mail.changes, mail.snapshot.number

    def step(self, random: Random) -> None:
        """Anything that may happen."""
        cell = self.cells[random.choice(CELLS)]
        what = random.choices(
            ("change", "note", "dies", "send", "lost", "deliver", "again", "border"), (6, 2, 1, 4, 1, 5, 2, 1)
        )[0]
        if what == "change":
            self.change(cell, random)
        elif what in ("note", "dies"):
            self.note(cell, dies=what == "dies")
        elif what in ("send", "lost"):
            self.send(cell, is_lost=what == "lost")
        elif what == "border":
            self.is_up = not self.is_up
        elif self.is_up and self.mail:
            at = random.randrange(len(self.mail))
            self.take(self.mail[at] if what == "again" else self.mail.pop(at))

    def end(self, random: Random) -> None:
        """The border comes back: both say what they claim, and all mail arrives, in any order, some of it twice."""
        for name in random.sample(CELLS, 2):
            self.send(self.cells[name])
        mail = [*self.mail, *random.sample(self.mail, len(self.mail) // 2)]
        random.shuffle(mail)
        for each in mail:
            self.take(each)

    def held(self, cell: Cell) -> list[dict[str, Any]]:
        """What holds in a cell."""
        found: list[dict[str, Any]] = self.answers.resolved(cell.state, self.rule).to_pylist()
        return found

    def _rows(self, cell: Cell) -> pa.Table:
        live = cell.claims.filter(cell.claims["is_live"]).drop_columns(["is_live", "noted_at_us"])
        return live.append_column("terms", pa.array([self.domain.terms("cn")] * live.num_rows, pa.int64()))

    def expected(self) -> dict[str, tuple[Row | None, ...]]:
        """Item to the rows that may hold, worked out from who had seen what; None where a person is asked."""
        one, two = (self.cells[each] for each in CELLS)
        found: dict[str, tuple[Row | None, ...]] = {}
        for item in {*one.rows, *two.rows}:
            rows = {each.name: each.rows[item] for each in (one, two) if item in each.rows}
            if len(set(rows.values())) == 1:
                found[item] = (next(iter(rows.values())),)
            elif self.rule.kind == "owner":
                found[item] = (rows[self.rule.owner],)
            elif self.rule.kind == "fields":
                owners = [self.rule.fields.get(name, self.rule.owner) for name in FIELDS]
                found[item] = ((rows[owners[0]][0], rows[owners[1]][1]),)
            else:
                knew = [
                    each.name for each in (one, two) if each.changes[item][1] == self.cells[each.other].changes[item][0]
                ]
                assert len(knew) < 2, "two changes cannot both have seen each other"
                undecided: tuple[Row | None, ...] = (None,) if self.rule.kind == "ask" else tuple(rows.values())
                found[item] = (rows[knew[0]],) if knew else undecided
        return found


def troubles(answers: Answers, seed: int) -> list[str]:
    """What did not come out as declared in one history; empty when all is well."""
    random = Random(seed)
    world = World(answers, RULES[seed % len(RULES)])
    for _ in range(random.randint(5, 40)):
        world.step(random)
    world.end(random)
    mine, theirs = (world.held(each) for each in world.cells.values())
    found = [] if mine == theirs else ["the cells differ"]
    expected = world.expected()
    if {each["item"] for each in mine} != set(expected):
        found.append("a key is lost or came from nowhere")
    for each in mine:
        row = None if each["state"] == "asked" else (each["country"], each["functional_currency"])
        if row not in expected.get(each["item"], ()):
            found.append(f"{world.rule.kind}: not the declared result")
    return found
