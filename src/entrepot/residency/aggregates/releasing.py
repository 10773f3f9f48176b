"""A report's tables as they may leave: cut by the guard, and held against the release ledger.

`agg_source` has the parts of persons in a report: `month`, `line`, `detail`, `channel`, `shop`, `sku_group`,
`has_cost`, `currency`, `person`, `amount_minor`. A month that was released before is cut as it was then. What may not
follow is shown as it was released last, so that asking again gives the same bytes and tells nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.residency.aggregates.guard import Guard, Tables
from entrepot.residency.aggregates.ledger import MonthRecord, SystemRecord
from entrepot.residency.aggregates.pooling import ROOT, Partition
from entrepot.residency.aggregates.rules import Measured
from entrepot.residency.permits.forms import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from entrepot.engine import Engine
    from entrepot.residency.aggregates.ledger import ReleaseLedger
    from entrepot.residency.aggregates.rules import Rule

__all__ = ["NO_KEY", "Keys", "Release", "released"]

NO_KEY = "none"
"""Stands for a channel, shop or group that a row does not name."""
WITHOUT_COST = ("revenue_without_cost", "revenue_without_cost")
REVENUE = ("revenue_goods", "revenue_goods")
_PERSONS = Schema(
    tuple(
        Column(name, ColumnType.INTEGER if name == "amount_minor" else ColumnType.TEXT)
        for name in ("month", "line", "detail", "channel", "shop", "sku_group", "person", "amount_minor")
    )
)
_ROWS = pa.schema(
    [(name, pa.string()) for name in ("month", "line", "detail", "channel", "shop", "currency", "state")]
    + [("amount_minor", pa.int64())]
)
_GROUPS = pa.schema(
    [(name, pa.string()) for name in ("month", "line", "detail", "sku_group", "currency", "state")]
    + [("amount_minor", pa.int64())]
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The closed key sets under which a report is released.

    Attributes:
        months: Months that may leave; others stay.
        shops: Channel and shop; a row of another one refuses the whole release.
        groups: Groups of SKUs.
        digest: Of these, the rule and the currency.
    """

    months: tuple[str, ...]
    shops: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    digest: str


@dataclass(slots=True)
class Release:
    """What may leave now.

    Attributes:
        rows: Table by channel and shop.
        groups: Table by group of SKUs.
        outside: Channels of rows whose shop or group is in no key set; nothing leaves then.
        held: Lines of months that changed and stay as they were released.
        derivable_from: Permits by which the recipient gets rows of the same data.
        pending: Months that are released anew; each writes who is behind it, on the engine that made the tables.
    """

    rows: pa.Table
    groups: pa.Table
    outside: tuple[str, ...] = ()
    held: int = 0
    derivable_from: tuple[str, ...] = ()
    pending: dict[str, Callable[[], MonthRecord]] = field(default_factory=dict)

    def keep(self, ledger: ReleaseLedger) -> None:
        """Write down what is about to leave."""
        for month, written in self.pending.items():
            ledger.keep(month, written())


@dataclass
class _Numbers:
    """Numbers of systems, shops and groups in the queries."""

    systems: list[tuple[str, str, str]]
    shops: list[tuple[str, str]]
    groups: list[str]
    currency: str

    @cached_property
    def by_name(self) -> dict[tuple[str, str, str], int]:
        """Month, line and detail to the number of a system."""
        return {name: number for number, name in enumerate(self.systems)}

    @cached_property
    def by_month(self) -> dict[str, list[int]]:
        """Month to its systems."""
        found: dict[str, list[int]] = {}
        for number, (month, _, _) in enumerate(self.systems):
            found.setdefault(month, []).append(number)
        return found


def released(engine: Engine, keys: Keys, rule: Rule, ledger: ReleaseLedger) -> Release:
    """Cut a report as it may leave now.

    Args:
        engine: With `agg_source`.
        keys: The closed key sets.
        rule: When a sum may be shown.
        ledger: What was released before.
    """
    records = {month: ledger.month(month) for month in keys.months}
    known = {month: record for month, record in records.items() if record is not None}
    before_now = {(month, each.line, each.detail) for month, record in known.items() for each in record.systems}
    numbers, outside = _numbered(engine, keys, before_now)
    if outside:
        return Release(_ROWS.empty_table(), _GROUPS.empty_table(), outside)
    _add_released(engine, known, ledger)
    parents = {number: channel for number, (channel, _) in enumerate(numbers.shops)}
    two_sided = {
        number: numbers.by_name.get((month, *REVENUE), -1)
        for number, (month, *line) in enumerate(numbers.systems)
        if tuple(line) == WITHOUT_COST
    }
    guard = Guard(engine, rule, parents, two_sided)
    before = _cut_before(numbers, known)
    # A month that was released under other keys stays as it was: two cuts of the same amounts tell of both.
    frozen = {
        number
        for month, record in known.items()
        if record.keys != keys.digest
        for number in numbers.by_month.get(month, [])
    }
    moved = guard.moved({number: each for number, each in before.items() if number not in frozen})
    new = guard.first(set(range(len(numbers.systems))) - set(before) - frozen)
    tables = new | {number: before[number] for number in moved}
    return _assembled(engine, numbers, keys, ledger, known, tables)


def _assembled(
    engine: Engine,
    numbers: _Numbers,
    keys: Keys,
    ledger: ReleaseLedger,
    known: Mapping[str, MonthRecord],
    tables: Mapping[int, Tables],
) -> Release:
    """The tables, with what stays as it was released, and the records of months that are released anew."""
    release = Release(_ROWS.empty_table(), _GROUPS.empty_table())
    rows: list[dict[str, object]] = []
    groups: list[dict[str, object]] = []
    changed = _changed_systems(engine)
    for month in keys.months:
        record = known.get(month)
        found = {(each.line, each.detail): each for each in record.systems} if record else {}
        for number in numbers.by_month.get(month, []):
            _, line, detail = numbers.systems[number]
            if number in tables:
                made = _record(numbers, number, tables[number], found.get((line, detail)))
                if not tables[number].rows.is_shut:
                    found[line, detail] = made
                else:
                    rows += made.rows
            elif (line, detail) in found and number in changed:
                release.held += 1
        for each in found.values():
            rows += each.rows
            groups += each.groups
        fresh = {number for number in numbers.by_month.get(month, []) if number in tables}
        fresh = {number for number in fresh if not tables[number].rows.is_shut}
        if fresh:
            release.pending[month] = partial(_month, engine, keys, ledger, month, record, tuple(found.values()), fresh)
    release.rows = pa.Table.from_pylist(rows, schema=_ROWS)
    release.groups = pa.Table.from_pylist(groups, schema=_GROUPS)
    return release


def _record(numbers: _Numbers, number: int, tables: Tables, before: SystemRecord | None) -> SystemRecord:
    """How a system is shown."""
    month, line, detail = numbers.systems[number]
    base = {"month": month, "line": line, "detail": detail, "currency": numbers.currency}
    rows: list[dict[str, object]] = []
    hidden = tables.rows.hidden
    for cell, (channel, shop) in enumerate(numbers.shops):
        is_hidden = tables.rows.is_shut or cell in hidden
        if shop == NO_KEY and str(cell) not in tables.row_sums and cell not in hidden:
            continue
        amount = None if is_hidden else tables.row_sums.get(str(cell), 0)
        state = "suppressed" if is_hidden else "released"
        rows.append(base | _place(channel, shop) | {"state": state, "amount_minor": amount})
    for node in sorted(tables.rows.pools) if not tables.rows.is_shut else ():
        place = _place(node or WITHHELD, WITHHELD)
        rows.append(base | place | {"state": "pooled", "amount_minor": tables.row_sums[f"pool:{node}"]})
    groups: list[dict[str, object]] = []
    if tables.columns is not None:
        out = tables.columns.hidden
        for cell, group in enumerate(numbers.groups):
            if group == NO_KEY and str(cell) not in tables.column_sums and cell not in out:
                continue
            amount = None if cell in out else tables.column_sums.get(str(cell), 0)
            state = "suppressed" if cell in out else "released"
            groups.append(base | {"sku_group": _named(group), "state": state, "amount_minor": amount})
        if out:
            amount = tables.column_sums[f"pool:{ROOT}"]
            groups.append(base | {"sku_group": WITHHELD, "state": "pooled", "amount_minor": amount})
    return SystemRecord(
        line,
        detail,
        {node: [numbers.shops[cell] for cell in sorted(pool)] for node, pool in tables.rows.pools.items()},
        None if tables.columns is None else [numbers.groups[cell] for cell in sorted(tables.columns.hidden)],
        rows,
        groups,
        (before.releases if before else 0) + 1,
    )


def _place(channel: str, shop: str) -> dict[str, object]:
    return {"channel": _named(channel), "shop": _named(shop)}


def _named(key: str) -> str | None:
    return None if key == NO_KEY else key


def _month(
    engine: Engine,
    keys: Keys,
    ledger: ReleaseLedger,
    month: str,
    before: MonthRecord | None,
    found: tuple[SystemRecord, ...],
    fresh: set[int],
) -> MonthRecord:
    """Write those behind a month and say what is released of it."""
    engine.add_arrow("agg_fresh_systems", pa.table({"system": pa.array(sorted(fresh), pa.int64())}))
    columns = "system, row_cell, col_cell, person, amount_minor"
    # Who was in a release once stays known for ever, with a part of nothing.
    text = f"""
        with kept as (
            select {columns} from agg_parts where system in (select system from agg_fresh_systems)
            union all
            select r.system, r.row_cell, r.col_cell, r.person,
                case when f.system is null then r.amount_minor else 0 end as amount_minor
            from agg_released as r left join agg_fresh_systems as f on r.system = f.system
        )
        select s.month, s.line, s.detail, c.channel, c.shop, g.sku_group, k.person,
            cast(sum_exact(k.amount_minor) as bigint) as amount_minor
        from kept as k join agg_systems as s on k.system = s.system
        join agg_shops as c on k.row_cell = c.cell left join agg_groups as g on k.col_cell = g.cell
        where s.month = '{month}'
        group by s.month, s.line, s.detail, c.channel, c.shop, g.sku_group, k.person
    """
    number = 1 + (int(before.persons.split(".")[1]) if before else 0)
    path = ledger.new_persons_file(month, number)
    engine.write_parquet(parse(text, source="those behind a release"), str(path), _PERSONS)
    return MonthRecord(keys.digest, path.name, found)


def _numbered(engine: Engine, keys: Keys, before: set[tuple[str, str, str]]) -> tuple[_Numbers, tuple[str, ...]]:
    """Give systems and keys numbers, and make `agg_parts`; the channels of rows that are in no key set."""
    shops, groups = [*keys.shops, (NO_KEY, NO_KEY)], [*keys.groups, NO_KEY]
    shops += [(channel, NO_KEY) for channel in sorted({channel for channel, _ in keys.shops})]
    engine.add_arrow("agg_months", pa.table({"month": pa.array(keys.months, pa.string())}))
    engine.add_arrow("agg_shops", _numbers_table(("channel", "shop"), shops))
    engine.add_arrow("agg_groups", _numbers_table(("sku_group",), [(group,) for group in groups]))
    seen = "select distinct month, line, detail, currency from agg_source where month in (select month from agg_months)"
    rows = engine.read(parse(seen, source="systems")).to_pylist()
    systems = sorted({(row["month"], row["line"], row["detail"]) for row in rows} | before)
    engine.add_arrow("agg_systems", _numbers_table(("month", "line", "detail"), systems, "system"))
    currencies = {row["currency"] for row in rows}
    assert len(currencies) <= 1, "a report is in one currency"
    text = f"""
        select s.system, c.cell as row_cell, g.cell as col_cell, p.has_cost, p.person, p.amount_minor, p.channel,
            c.cell is null or (g.cell is null and p.sku_group is not null) as is_outside
        from agg_source as p
        join agg_systems as s on p.month = s.month and p.line = s.line and p.detail = s.detail
        left join agg_shops as c
            on coalesce(p.channel, '{NO_KEY}') = c.channel and coalesce(p.shop, '{NO_KEY}') = c.shop
        left join agg_groups as g on p.sku_group = g.sku_group
    """
    engine.define("agg_numbered", parse(text, source="parts by number"), materialise=True)
    where = "select distinct coalesce(channel, 'none') as channel from agg_numbered where is_outside order by channel"
    outside = tuple(engine.read(parse(where, source="keys outside"))["channel"].to_pylist())
    parts = (
        "select system, row_cell, col_cell, has_cost, person, amount_minor from agg_numbered where row_cell is not null"
    )
    engine.define("agg_parts", parse(parts, source="parts"), materialise=True)
    return _Numbers(systems, shops, groups, currencies.pop() if currencies else ""), outside


def _add_released(engine: Engine, known: Mapping[str, MonthRecord], ledger: ReleaseLedger) -> None:
    """Name what was released before, by number; a line that is gone has none."""
    files = [str(ledger.persons_file(record)) for record in known.values()]
    engine.add_parquet("agg_ledger", files, _PERSONS)
    text = """
        select s.system, c.cell as row_cell, g.cell as col_cell, l.person, l.amount_minor
        from agg_ledger as l
        join agg_systems as s on l.month = s.month and l.line = s.line and l.detail = s.detail
        join agg_shops as c on l.channel = c.channel and l.shop = c.shop
        left join agg_groups as g on l.sku_group = g.sku_group
    """
    engine.define("agg_released", parse(text, source="parts released before"), materialise=True)


def _cut_before(numbers: _Numbers, known: Mapping[str, MonthRecord]) -> dict[int, Tables]:
    """How systems were cut when they were released first."""
    found = {}
    cells = {shop: cell for cell, shop in enumerate(numbers.shops)}
    columns = {group: cell for cell, group in enumerate(numbers.groups)}
    parents = {cell: channel for (channel, _), cell in cells.items()}
    empty = Measured()
    for month, record in known.items():
        for each in record.systems:
            number = numbers.by_name.get((month, each.line, each.detail))
            if number is None:
                continue
            pools = {node: {cells[shop] for shop in pool if shop in cells} for node, pool in each.pools.items()}
            rows = Partition(dict.fromkeys(cells.values(), empty), parents, pools)
            table = None
            if each.group_pool is not None:
                pool = {columns[group] for group in each.group_pool if group in columns}
                flat = dict.fromkeys(columns.values(), ROOT)
                table = Partition(dict.fromkeys(columns.values(), empty), flat, {ROOT: pool} if pool else {})
            found[number] = Tables(rows, table)
    return found


def _changed_systems(engine: Engine) -> set[int]:
    """Systems whose parts are not those of the last release."""
    return set(engine.read("agg_changed")["system"].to_pylist())


def _numbers_table(names: Sequence[str], rows: Sequence[Sequence[str]], number: str = "cell") -> pa.Table:
    columns: dict[str, pa.Array] = {
        name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)
    }
    return pa.table({number: pa.array(range(len(rows)), pa.int64()), **columns})
