"""Figures of reports: which columns are figures, what names them, and the parts they are added up of.

Both are data beside the report's line in `questions.REPORTS`. Where a report is one SELECT that groups rows, its parts
are read off that very SELECT, so that no second text could disagree with it: `Figures.part` says which id a row has.
Else `parts/<name>.sql` gives them, over the CTEs of the report itself. Every figure is a sum of its parts, or a rate of
two sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from entrepot.engine import parse
from entrepot.reports.id_parts import ALL, read, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from entrepot.engine import Query

PLACE = "place"
"""Stands in `Figures.keys` for channel and shop together, written `tmall@Shop`."""

NOTHING = "-"
"""Stands in an id where a column has no value."""

_INSTANT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure that is a sum over a sum.

    Attributes:
        scale: What the numerator is multiplied by: 10,000 for basis points.
        numerator: Figures of the same row, `-` before one that is taken off; empty where the parts have roles.
        denominator: Likewise.
        is_rounded_down: Half up otherwise.
        times: Column of the row that multiplies the numerator.
        over: Column of the row that multiplies the denominator.
    """

    scale: int = 1
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    is_rounded_down: bool = False
    times: str = ""
    over: str = ""

    def of(self, numerator: int, denominator: int, row: Mapping[str, Any]) -> int:
        """The figure, from its two sums and its row."""
        above = numerator * self.scale * int(row[self.times] if self.times else 1)
        below = denominator * int(row[self.over] if self.over else 1)
        if self.is_rounded_down:
            return above // below
        whole = (2 * abs(above) + abs(below)) // (2 * abs(below))
        return whole if (above < 0) == (below < 0) else -whole


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one report.

    Attributes:
        keys: Columns that name a row, in the order in which an id says them.
        names: Columns that are figures.
        part: SQL of a part's id over the rows that the report's SELECT groups; empty where there is `parts/<name>.sql`.
        rates: Figures that are sums over sums.
        said: Whole numbers that are no figures but say what a row is.
        is_translated: Whether the key `currency` is the reporting currency.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    part: str = ""
    rates: Mapping[str, Rate] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    is_translated: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the report that the keys stand for."""
        return tuple(column for key in self.keys for column in (("channel", "shop") if key == PLACE else (key,)))

    def figure_id(self, report: str, row: Mapping[str, Any], name: str, at: datetime | None = None) -> str:
        """The id of one figure of a row."""
        cut = "" if at is None else f"@{at.strftime(_INSTANT)}"
        texts = (_key_text(row[key]) if key != PLACE else _place_text(row) for key in self.keys)
        return "/".join((f"{report}{cut}", *texts, name.removesuffix("_minor")))

    def asked(self, parts: list[str]) -> dict[str, str | None] | None:
        """Column to the text that an id asks for, None where it asks for all; None where the id is none."""
        if len(parts) != len(self.keys):
            return None
        wanted: dict[str, str | None] = {}
        for key, part in zip(self.keys, parts, strict=True):
            if key == PLACE:
                channel, _, shop = part.partition("@")
                wanted |= {"channel": None if channel == ALL else read(channel), "shop": read(shop) or None}
            else:
                wanted[key] = read(part)
        return wanted

    def named(self, word: str) -> str | None:
        """The column of the figure that an id's last part names."""
        return next((name for name in self.names if name.removesuffix("_minor") == word), None)

    def unit_of(self, name: str, row: Mapping[str, Any]) -> str | None:
        """The currency of a figure; None for counts and rates."""
        is_money = name.endswith("_minor") or (name == "value" and row.get("currency") is not None)
        column = "functional_currency" if name == "functional_minor" else "currency"
        return row[column] if is_money else None


def _key_text(value: object) -> str:
    return NOTHING if value is None else written(str(value))


def _place_text(row: Mapping[str, Any]) -> str:
    return f"{_key_text(row['channel'])}@{_key_text(row['shop'])}"


def referred(part: str, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Another figure of the same report that stands as a part: its column and its row's keys; None for other parts.

    Args:
        part: `=figure`, or `=figure=key,key=value,value` where keys differ; the last value may hold any mark.
        row: Keys of the figure that it is a part of.
    """
    if not part.startswith("="):
        return None
    name, _, rest = part[1:].partition("=")
    keys, _, values = rest.partition("=")
    names = keys.split(",") if keys else []
    texts = values.split(",", len(names) - 1) if names else []
    return name, dict(row) | {key: None if text == NOTHING else text for key, text in zip(names, texts, strict=True)}


def parts_query(report: str, figures: Figures, name: str) -> Query:
    """The parts of one figure in all rows of a report: its key columns, `figure`, `role`, `part`, `amount`.

    `role` is `part`, or `numerator` and `denominator` of a rate.
    """
    text = resources.files("entrepot.reports").joinpath("sql", f"{report}.sql").read_text(encoding="utf-8")
    if figures.part:
        return parse(
            _ungrouped(text, figures.part, figures.columns, name, is_rate=name in figures.rates),
            source=f"parts of {report}.{name}",
        )
    behind = resources.files("entrepot.reports").joinpath("parts", f"{report}.sql").read_text(encoding="utf-8")
    return parse(_with_ctes(text, behind), source=f"reports/parts/{report}.sql")


@lru_cache(maxsize=128)
def _ungrouped(text: str, part: str, keys: tuple[str, ...], name: str, *, is_rate: bool) -> str:
    """The report's SELECT before it adds up: one row for each that it groups; a rate has its parts in other figures."""
    select = _select(text)
    columns = {each.alias: each for each in select.expressions}
    kept = [columns[key].copy() for key in keys]
    given = (
        f"cast('{name}' as varchar) as figure",
        "cast('part' as varchar) as role",
        f"cast({part} as varchar) as part",
        f"cast({'0' if is_rate else _added(columns[name])} as bigint) as amount",
    )
    select.set("expressions", [*kept, *(sqlglot.parse_one(each, read="duckdb") for each in given)])
    select.set("group", None)
    select.set("having", None)
    return select.sql(dialect="duckdb", comments=False)


def _added(column: exp.Expr) -> str:
    """What a column of a report adds up, row by row."""
    inner = column.unalias()
    inner = inner.this if isinstance(inner, exp.Cast) else inner
    if isinstance(inner, exp.Count):
        return "1"
    assert isinstance(inner, exp.Anonymous) and inner.name == "sum_exact", f"{column.alias} is a sum or a count"  # noqa: PT018 one promise
    return str(inner.expressions[0].sql(dialect="duckdb", comments=False))


@lru_cache(maxsize=64)
def _with_ctes(report: str, behind: str) -> str:
    """A query over the CTEs of a report, with these before its own."""
    select = _select(behind)
    ctes = [*_ctes(_select(report)), *_ctes(select)]
    select.set("with_", exp.With(expressions=[each.copy() for each in ctes]))
    return select.sql(dialect="duckdb", comments=False)


def _ctes(select: exp.Expr) -> Iterator[exp.Expr]:
    found = select.args.get("with_")
    yield from found.expressions if found is not None else ()


def _select(text: str) -> exp.Expr:
    tree = sqlglot.parse_one(text, read="duckdb")
    assert isinstance(tree, exp.Query), "a report is one SELECT"
    return tree
