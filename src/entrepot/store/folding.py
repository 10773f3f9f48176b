"""The queries that fold observed rows: which rows of a key stay, which readers see, and which partitions that changes.

They know tables of the model and relations by name, and touch no file; `store.tables` runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.model import Table

_MERGED = "merged"


def current_sql(of: Table, every: str) -> str:
    """The query for the rows that readers see, of all that a table holds."""
    columns = ", ".join(f'a."{field.name}"' for field in of.all_fields if field.name != "is_current")
    shown = f" and a.{of.zero_means_absent} <> 0" if of.zero_means_absent else ""
    if of.gives_way_by:
        return _current_by_sql(of, every, columns)
    if not of.gives_way:
        return f"select {columns} from {every} as a where a.is_current{shown}"
    whole, gives_way = of.key[0], f"coalesce({of.gives_way}, false)"
    return (
        f"with giving as (select distinct {whole} from {every} where is_current and {gives_way}),\n"
        f"led as (select distinct e.{whole} from {every} as e join giving as g on e.{whole} = g.{whole}"
        f" where e.is_current and not coalesce(e.{of.gives_way}, false))\n"
        f"select {columns} from {every} as a left join led as l on a.{whole} = l.{whole}"
        f" where a.is_current and (l.{whole} is null or not coalesce(a.{of.gives_way}, false)){shown}"
    )


def _current_by_sql(of: Table, every: str, columns: str) -> str:
    """The same where rows say by which columns they give way to those that say nothing."""
    assert of.gives_way_by is not None, f"{of.name}: no row gives way"
    word, ways = of.gives_way_by
    led = f"select * from {every} where is_current and {word} is null"
    joins, conditions = "", ""
    for number, (said, names) in enumerate(ways):
        same = " and ".join(f"a.{name} = l{number}.{name}" for name in names)
        keys = ", ".join(names)
        joins += f" left join (select distinct {keys} from led) as l{number} on {same} and a.{word} = '{said}'"
        conditions += f" and l{number}.{names[0]} is null"
    return f"with led as ({led})\nselect {columns} from {every} as a{joins}\nwhere a.is_current{conditions}"


def reached_sql(of: Table, batch: str, before: str, renewed: str) -> str:
    """The query for the partitions that a batch touches, also by taking rows out.

    Args:
        of: An observed table.
        batch: Its new rows.
        before: All its rows, '' where it holds none.
        renewed: Relation with the `raw_id` of every file whose earlier rows go.
    """
    keys = _listed(of.partition)
    reached = f"select {keys} from {batch}"
    if before:
        reached += f" union select {keys} from {before} where raw_id in (select raw_id from {renewed})"
    return f"select distinct {keys} from ({reached})"


def met_sql(of: Table, old: str, batch: str, renewed: str) -> str:
    """The query for the partitions whose rows of before do not stay as they are: a batch has their key, or they go.

    Partitions of a row of before as `old_…`, those of the batch's row with its key as `new_…`.
    """
    of_old = ", ".join(f'u."{name}" as old_{name}' for name in of.partition)
    of_new = ", ".join(f'r."{name}" as new_{name}' for name in of.partition)
    same = " and ".join(_same(of, name) for name in of.key)
    gone = ", ".join(f'"{name}" as old_{name}' for name in of.partition)
    gone += ", " + ", ".join(f'"{name}" as new_{name}' for name in of.partition)
    return (
        f"select distinct {of_old}, {of_new} from {old} as u join {batch} as r on {same}\n"
        f"union select distinct {gone} from {old} where raw_id in (select raw_id from {renewed})"
    )


def within_sql(of: Table, batch: str, partitions: str) -> str:
    """The query for the rows of a batch that lie in some partitions, a relation with one row each."""
    columns = ", ".join(f'b."{field.name}"' for field in of.all_fields if field.name != "is_current")
    same = " and ".join(f'b."{name}" = p."{name}"' for name in of.partition)
    return f"select {columns} from {batch} as b join {partitions} as p on {same}"


def current_alone_sql(of: Table, batch: str) -> str:
    """The query for a batch without repeated keys: every row is the only one of its key."""
    columns = ", ".join(
        "true as is_current" if field.name == "is_current" else f'"{field.name}"' for field in of.all_fields
    )
    return f"select {columns} from {batch}"


def kept_sql(of: Table, old: str, renewed: str) -> str:
    """The query for the rows of partitions that a batch touches, merged ones left out.

    Rows of files that are translated again (`renewed`) give way to what they say now.
    """
    stored = ", ".join(f'"{field.name}"' for field in of.all_fields)
    return f"select {stored} from {old} where source <> '{_MERGED}' and raw_id not in (select raw_id from {renewed})"


def repeated_sql(of: Table, kept: str, batch: str) -> str:
    """The query for keys that several rows have, without looking at keys that no batch can repeat.

    What a table holds was folded before: a current row is alone with its key unless the batch has it too.
    """
    key = ", ".join(f'"{name}"' for name in of.key)
    of_old = ", ".join(f'u."{name}"' for name in of.key)
    same = " and ".join(_same(of, name) for name in of.key)
    return (
        f"with news as (select distinct {key} from {batch}),\n"
        f"met as (select {of_old} from {kept} as u join news as r on {same} where u.is_current),\n"
        f"keys as (select {key} from {batch} union all select {key} from {kept} where not is_current"
        f" union all select {key} from met)\n"
        f"select {key}, true as is_repeated from keys group by {key} having count(*) > 1"
    )


def repeated_alone_sql(of: Table, batch: str) -> str:
    """The query for keys that several rows of a batch have; `wanders` where those lie in several partitions."""
    key = _listed(of.key)
    apart = " or ".join(f'min("{name}") <> max("{name}")' for name in of.partition)
    return f"select {key}, true as is_repeated, {apart} as wanders from {batch} group by {key} having count(*) > 1"


def together_sql(of: Table, kept: str, batch: str) -> str:
    """The query for the rows that are folded: those of before and those of a batch."""
    stored = ", ".join(f'"{field.name}"' for field in of.all_fields if field.name != "is_current")
    return f"select {stored} from {kept} union all select {stored} from {batch}"


def fold_sql(of: Table, together: str, repeated: str) -> str:
    """The query that folds rows of before and of a batch into the rows of the partitions that the batch touches.

    Per key and source the row with the greatest version stays. A key with several sources gets one merged row more,
    which takes each field from the newest source that has a value there. Most keys have one row: those pass as they
    are, for sorting whole rows costs more than looking their keys up.
    """
    names = [field.name for field in of.all_fields]
    inner = [name for name in names if name != "is_current"]
    stored = ", ".join(f'"{name}"' for name in inner)
    each = ", ".join(f'u."{name}"' for name in inner)
    key, of_key = (", ".join(f'{prefix}"{name}"' for name in of.key) for prefix in ("", "u."))
    same = " and ".join(_same(of, name) for name in of.key)
    single = ", ".join("true as is_current" if name == "is_current" else f'u."{name}"' for name in names)
    several = ", ".join("sources = 1 as is_current" if name == "is_current" else f'"{name}"' for name in names)
    merged = ", ".join(_merged_column(name, of) for name in names)
    return (
        f"with newest as (select {each} from {together} as u join {repeated} as r on {same}"
        f" qualify row_number() over (partition by {of_key}, u.source order by u.version desc) = 1),\n"
        f"counted as (select {stored}, count(*) over (partition by {key}) as sources from newest)\n"
        f"select {single} from {together} as u left join {repeated} as r on {same} where r.is_repeated is null\n"
        f"union all\n"
        f"select {several} from counted\n"
        f"union all\n"
        f"select {merged} from counted where sources > 1 group by {key}"
    )


def _same(of: Table, name: str) -> str:
    field = next(each for each in of.all_fields if each.name == name)
    return f'u."{name}" is not distinct from r."{name}"' if field.nullable else f'u."{name}" = r."{name}"'


def _merged_column(name: str, of: Table) -> str:
    if name in of.key:
        return f'"{name}"'
    if name == "source":
        return f"'{_MERGED}' as source"
    if name == "is_current":
        return "true as is_current"
    if name == "version":
        return "max(version) as version"
    return f'arg_max("{name}", version) filter (where "{name}" is not null) as "{name}"'


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
