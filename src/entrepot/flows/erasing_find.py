"""Who is meant by a phone, an account, an order number or a person key, and what there is of them.

All of it is SQL over the tables and the staged rows; what was asked for is bound as a table and stands in no SQL text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.connectors.contract import Whose
from entrepot.connectors.live.contract import Feed
from entrepot.connectors.live.wire import WireField, WireList
from entrepot.connectors.translation import staged_schema
from entrepot.engine import parse
from entrepot.model import ResidencyClass
from entrepot.residency.errors import PersonUnclear
from entrepot.residency.redaction import BUYER, OwnOrder, Secret
from entrepot.store import RawLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.store import RawFile, TableStore

_PHONE = re.compile(r"[+0-9 ()-]{7,24}")
_CHINA, _CHINA_LENGTH, _CHINA_LONG = "86", 11, 13

_MATCHED = """
with phones as (
    select person_key, role, channel, regexp_replace(mobile, '[^0-9]', '', 'g') as digits
    from persons__all where mobile is not null and not contains(mobile, '*')
    union all
    select person_key, 'buyer' as role, channel, regexp_replace(mobile, '[^0-9]', '', 'g') as digits
    from addresses__all where mobile is not null and not contains(mobile, '*')
),
numbers as (
    select person_key, role, channel,
           case when length(digits) = 13 and starts_with(digits, '86') then right(digits, 11) else digits end as digits
    from phones
),
keys as (
    select person_key, role, channel from persons__all
    union
    select person_key, 'buyer' as role, channel from addresses__all
    union
    select buyer_key as person_key, 'buyer' as role, channel from orders__all
)
select a.no, 'key' as how, k.person_key as subject, k.role, k.person_key as one
from asked as a join keys as k on a.said = k.person_key
union
select a.no, 'account' as how, p.person_key as subject, p.role, p.person_key as one
from asked as a join persons__all as p on a.said = p.platform_account where a.channel is null or a.channel = p.channel
union
select a.no, 'email' as how, p.person_key as subject, p.role, '' as one
from asked as a join persons__all as p on lower(a.said) = lower(p.email)
where a.channel is null or a.channel = p.channel
union
select a.no, 'phone' as how, n.person_key as subject, n.role, '' as one
from asked as a join numbers as n on a.digits = n.digits where a.channel is null or a.channel = n.channel
union
select a.no, 'order' as how, o.order_key as subject, 'order' as role, o.order_key as one
from asked as a join orders__all as o on a.said = o.order_id or a.said = o.order_key
where (a.channel is null or a.channel = o.channel) and (a.shop is null or a.shop = o.shop)
"""

_OWN_ORDERS = """
with buyers as (select subject from subjects where role <> 'talent' and role <> 'order'),
named as (select subject from subjects where role = 'order'),
theirs as (
    select order_key from orders__all where buyer_key in (select subject from buyers)
    union
    select order_key from addresses__all where person_key in (select subject from buyers)
    union
    select order_key from orders__all where order_key in (select subject from named)
)
select distinct o.order_key, o.order_id, coalesce(o.shop, '') as shop, k.in_shop_only
from orders__all as o
join theirs as t on o.order_key = t.order_key
join known as k on o.order_key = k.order_key
"""

# A short number may be anybody's, and one that two orders have is its shop's only.
_KNOWN = """
with each_order as (
    select distinct order_key, order_id, coalesce(shop, '') as shop from orders__all where order_id is not null
),
ids as (select order_id, count(distinct order_key) as orders from each_order group by order_id)
select e.order_key, e.order_id, e.shop, i.orders > 1 or length(e.order_id) < 8 as in_shop_only
from each_order as e join ids as i on e.order_id = i.order_id
"""

# Whoever ordered is known by the order; keys that only its address has belong to the same person.
_KEYS_OF_ORDERS = """
select distinct buyer_key as subject from orders__all
where buyer_key is not null and order_key in (select subject from subjects where role = 'order')
union
select distinct person_key as subject from addresses__all
where person_key is not null and order_key in (select subject from subjects where role = 'order')
"""

# Rows that were refused are in no table, and their persons in none either: the staged rows tell. A file that has no
# shop is of several, which its rows name.
_REFUSED = """
with meant as (
    select a.no, i.id, f.shop from unmatched as a
    join ids as i on a.said = i.id join files as f on i.raw_id = f.raw_id
    where a.shop is null or f.shop = '' or a.shop = f.shop
    union
    select a.no, i.id, f.shop from unmatched as a
    join cells as c on a.said = c.text
    join ids as i on c.raw_id = i.raw_id and c.row_no = i.row_no join files as f on i.raw_id = f.raw_id
    where c.whose = 'buyer' and c.kind in ('account', 'email', 'mobile') and not contains(a.said, '*')
        and (a.shop is null or f.shop = '' or a.shop = f.shop)
)
select no, 'row:' || shop || ':' || id as order_key, id as order_id, shop, length(id) < 8 as in_shop_only
from meant where id not in (select order_id from known)
"""

_EVERY_ORDER = """
select order_key, order_id, shop, in_shop_only from known
union
select order_key, order_id, shop, in_shop_only from refused
"""

_EVERY_OWN_ORDER = """
select order_key, order_id, shop, in_shop_only from orders_in_tables
union
select order_key, order_id, shop, in_shop_only from refused
"""

_ROW_ORDERS = """
with ends as (
    select raw_id, row_no, id from ids
    union
    select raw_id, row_no, regexp_extract(id, '([0-9]{8,})\\z', 1) as id from ids
)
select distinct e.raw_id, e.row_no, k.order_key
from ends as e join files as f on e.raw_id = f.raw_id join every_order as k on e.id = k.order_id
where not k.in_shop_only or f.shop = '' or k.shop = f.shop
"""

_TALENTS = """
select distinct coalesce(platform_account, name) as text from persons__all
where role = 'talent' and person_key in (select subject from subjects where role = 'talent')
"""

_SECRETS = """
with others as (
    select distinct c.kind, c.whose, c.text from cells as c
    left join own_rows as o on c.raw_id = o.raw_id and c.row_no = o.row_no and c.whose = o.whose
    left join other_rows as r on c.raw_id = r.raw_id and c.row_no = r.row_no
    where o.row_no is null and (c.whose = 'talent' or r.row_no is not null)
),
theirs as (
    select distinct c.kind, c.whose, c.text from cells as c
    join own_rows as o on c.raw_id = o.raw_id and c.row_no = o.row_no and c.whose = o.whose
)
select t.kind, t.whose, t.text, x.text is null as is_exclusive
from theirs as t left join others as x on t.kind = x.kind and t.whose = x.whose and t.text = x.text
order by t.kind, t.whose, t.text
"""

_FIRST_ROWS = """
select distinct raw_id, row_no, 'buyer' as whose from row_orders where order_key in (select order_key from own_orders)
union
select distinct c.raw_id, c.row_no, 'talent' as whose from cells as c
where c.whose = 'talent' and c.text in (select text from talents)
"""

_OTHER_ROWS = """
select distinct raw_id, row_no from row_orders where order_key not in (select order_key from own_orders)
"""

# Rows that no order names, such as refused ones, are theirs where they have what only they have.
_ALL_ROWS = """
select raw_id, row_no, whose from first_rows
union
select distinct c.raw_id, c.row_no, c.whose from cells as c
join first_secrets as s on c.kind = s.kind and c.whose = s.whose and c.text = s.text
left join other_rows as r on c.raw_id = r.raw_id and c.row_no = r.row_no
where s.is_exclusive and s.kind in ('account', 'email', 'mobile', 'resident_id') and c.whose = 'buyer'
    and r.row_no is null
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What names a person.

    Attributes:
        said: Phone, e-mail address, order number, account or person key.
        channel: Platform, where accounts or orders of several have that text.
        shop: Shop, where order numbers repeat.
        place: How to call it in messages, which never say what it is.
    """

    said: str
    channel: str | None = None
    shop: str | None = None
    place: str = "--person"


@dataclass(slots=True)
class Found:
    """What there is of the persons asked for. Holds personal values: never printed, never kept.

    Attributes:
        keys: Person keys.
        order_keys: Their orders, by our key.
        orders: The same, as files name them.
        secrets: (kind, whose, text, is_exclusive) of each of their values.
        raw_ids: Files with rows of theirs.
        rows: Number of those rows.
        missing: Places of what names nobody.
        persons: How many persons these are: each key counts, or where there is none each order.
        asked_orders: Orders that were asked for by their number.
    """

    keys: tuple[str, ...] = ()
    order_keys: tuple[str, ...] = ()
    orders: tuple[OwnOrder, ...] = ()
    secrets: tuple[tuple[str, str, str, bool], ...] = ()
    raw_ids: tuple[str, ...] = ()
    rows: int = 0
    missing: tuple[str, ...] = ()
    persons: int = 0
    asked_orders: tuple[str, ...] = ()

    def numbered(self, first: int) -> tuple[Secret, ...]:
        """The values with numbers from `first` on."""
        return tuple(
            Secret(text, kind, whose, first + at, is_exclusive)
            for at, (kind, whose, text, is_exclusive) in enumerate(self.secrets)
        )


def find_persons(
    parts: CellParts, engine: Engine, tables: TableStore, files: Sequence[RawFile], asked: Sequence[Asked]
) -> Found:
    """Find who is meant and what there is of them.

    Args:
        parts: The cell.
        engine: A fresh one.
        tables: The newest snapshot.
        files: Every file of the raw log.
        asked: One or more persons.

    Raises:
        PersonUnclear: An order number or account belongs to several people.
    """
    _open_tables(engine, tables)
    engine.add_arrow("asked", _asked_table(asked))
    _define(engine, "known", _KNOWN)
    matched = engine.read(parse(_MATCHED, source="persons asked for")).to_pylist()
    _check_clear(asked, matched)
    subjects = {(row["subject"], row["role"]) for row in matched if row["subject"]}
    engine.add_arrow("subjects", _subjects_table(subjects))
    of_orders = engine.read(parse(_KEYS_OF_ORDERS, source="persons of orders")).column("subject").to_pylist()
    subjects |= {(str(key), BUYER) for key in of_orders}
    engine.add_arrow("subjects", _subjects_table(subjects))
    _define(engine, "orders_in_tables", _OWN_ORDERS)
    _define_cells(parts, engine, files)
    here = {int(row["no"]) for row in matched}
    engine.add_arrow("unmatched", _asked_table(asked).filter(pa.array([no not in here for no in range(len(asked))])))
    _define(engine, "refused", _REFUSED)
    refused = {int(number) for number in engine.read("refused").column("no").to_pylist()}
    _define(engine, "every_order", _EVERY_ORDER)
    _define(engine, "own_orders", _EVERY_OWN_ORDER)
    found = _orders_found(engine, subjects, len(refused))
    found.missing = tuple(one.place for no, one in enumerate(asked) if no not in here | refused)
    if found.persons:
        _find_rows(engine, found)
    return found


def _orders_found(engine: Engine, subjects: set[tuple[str, str]], refused: int) -> Found:
    """Keys and orders of the persons, of whom so many are known by refused rows only."""
    orders = engine.read("own_orders").to_pylist()
    keys = tuple(sorted({subject for subject, role in subjects if role != "order"}))
    named = tuple(sorted({subject for subject, role in subjects if role == "order"}))
    return Found(
        keys=keys,
        order_keys=tuple(sorted({row["order_key"] for row in orders})),
        orders=tuple(
            OwnOrder(*each) for each in sorted({(row["order_id"], row["shop"], row["in_shop_only"]) for row in orders})
        ),
        persons=(len(keys) or len(named)) + refused,
        asked_orders=(*named, *sorted(row["order_key"] for row in orders if row["order_key"].startswith("row:"))),
    )


def _open_tables(engine: Engine, tables: TableStore) -> None:
    tables.open_into(engine, ["orders", "persons", "addresses"])


def _asked_table(asked: Sequence[Asked]) -> pa.Table:
    texts = pa.string()
    return pa.table(
        {
            "no": pa.array(range(len(asked)), pa.int64()),
            "said": pa.array([each.said.strip() for each in asked], texts),
            "digits": pa.array([phone_digits(each.said) for each in asked], texts),
            "channel": pa.array([each.channel for each in asked], texts),
            "shop": pa.array([each.shop for each in asked], texts),
        }
    )


def phone_digits(said: str) -> str | None:
    """The digits of a phone number, China's country code dropped; None where it is no phone number."""
    if not _PHONE.fullmatch(said.strip()):
        return None
    digits = re.sub(r"[^0-9]", "", said)
    return digits[-_CHINA_LENGTH:] if len(digits) == _CHINA_LONG and digits.startswith(_CHINA) else digits


def _subjects_table(subjects: set[tuple[str, str]]) -> pa.Table:
    ordered = sorted(subjects)
    return pa.table(
        {
            "subject": pa.array([subject for subject, _ in ordered], pa.string()),
            "role": pa.array([role for _, role in ordered], pa.string()),
        }
    )


def _check_clear(asked: Sequence[Asked], matched: Sequence[Mapping[str, object]]) -> None:
    """A phone or an e-mail address is one person's on every platform; a number or an account is not."""
    for number, one in enumerate(asked):
        fits = {(row["how"], row["one"]) for row in matched if row["no"] == number and row["one"]}
        if len({which for _, which in fits}) > 1:
            raise PersonUnclear(one.place, len(fits), "add --channel, and --shop where order numbers repeat")


def _find_rows(engine: Engine, found: Found) -> None:
    _define(engine, "row_orders", _ROW_ORDERS)
    _define(engine, "talents", _TALENTS)
    _define(engine, "other_rows", _OTHER_ROWS)
    _define(engine, "first_rows", _FIRST_ROWS)
    engine.define("own_rows", parse("select * from first_rows", source="own rows"))
    _define(engine, "first_secrets", _SECRETS)
    _define(engine, "every_row", _ALL_ROWS)
    engine.define("own_rows", parse("select * from every_row", source="own rows"))
    _define(engine, "secrets", _SECRETS)
    found.secrets = tuple(
        (row["kind"], row["whose"], row["text"], row["is_exclusive"]) for row in engine.read("secrets").to_pylist()
    )
    found.raw_ids = tuple(
        engine.read(parse("select distinct raw_id from own_rows order by raw_id", source="own files"))
        .column("raw_id")
        .to_pylist()
    )
    counted = engine.read(
        parse("select count(*) as n from (select distinct raw_id, row_no from own_rows) as r", source="own rows")
    )
    found.rows = int(counted.column("n")[0].as_py())


def _define(engine: Engine, name: str, text: str) -> None:
    engine.define(name, parse(text, source=name), materialise=True)


def _define_cells(parts: CellParts, engine: Engine, files: Sequence[RawFile]) -> None:
    """Relations `files`, `cells` (personal values of every staged row) and `ids` (what points at orders)."""
    raw = RawLog(parts.layout)
    engine.add_arrow(
        "files",
        pa.table(
            {
                "raw_id": pa.array([file.raw_id for file in files], pa.string()),
                "shop": pa.array([file.shop for file in files], pa.string()),
            }
        ),
    )
    empty = "select cast(null as varchar) as raw_id, cast(null as bigint) as row_no, "
    cells = [empty + "cast(null as varchar) as kind, cast(null as varchar) as whose, cast(null as varchar) as text"]
    ids = [empty + "cast(null as varchar) as id"]
    for number, wire in enumerate(source for each in parts.connectors for source in each.sources):
        paths = [str(raw.staged_path(file.raw_id, wire.name)) for file in files if file.format == wire.name]
        if not paths:
            continue
        engine.add_parquet(f"staged_{number}", paths, staged_schema(wire))
        for column in wire.columns:
            cell, source = f'"{column.name}"', f'from staged_{number} where "{column.name}" is not null'
            if column.residency is ResidencyClass.PERSONAL and column.whose is not Whose.STAFF:
                assert column.kind is not None, "a personal column has a kind"
                text = f"lower({cell})" if column.kind == "email" else cell
                kinds = f"'{column.kind.value}' as kind, '{column.whose.value}' as whose"
                cells.append(f"select raw_id, row_no, {kinds}, {text} as text {source}")
            elif column.residency is ResidencyClass.PSEUDONYMOUS:
                ids.append(f"select raw_id, row_no, {cell} as id {source}")
        if isinstance(wire, Feed):
            for inner in (each for each in wire.shape.fields if isinstance(each, WireList)):
                _define(
                    engine,
                    f"rows_{number}_{inner.name}",
                    f'select raw_id, row_no, unnest("{inner.name}") as x from staged_{number}',
                )
                ids += [
                    f'select raw_id, row_no, x."{each.name}" as id from rows_{number}_{inner.name} '
                    f'where x."{each.name}" is not null'
                    for each in inner.fields
                    if isinstance(each, WireField) and each.residency is ResidencyClass.PSEUDONYMOUS
                ]
    # What an earlier erasure left in a cell is nobody's.
    is_left = "raw_id is not null and not starts_with(text, '[erased:')"
    _define(engine, "cells", f"select * from ({' union all '.join(cells)}) as c where {is_left}")
    _define(engine, "ids", f"select * from ({' union all '.join(ids)}) as i where raw_id is not null")
