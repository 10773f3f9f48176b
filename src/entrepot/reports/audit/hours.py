"""Hours of four ways to do the same work, from counted work and stated assumptions.

Minutes of a month = (files * (download + retype) + order lines / 100 * reconcile + exceptions * resolve) / months
+ links * upkeep; minutes of the set-up = links * build. Counts are of the whole folder, so the division by its months
comes once and rounds half up to a minute. Every assumption is ours, dated, and can be replaced.
"""

from __future__ import annotations

import csv
import io
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from entrepot.reports.audit.shape import Approach, Basis
from entrepot.reports.errors import AssumptionsInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

APPROACHES = ("manual", "point_to_point", "ipaas", "purpose_built")
ITEMS = ("download_file", "retype_file", "reconcile_100_lines", "resolve_exception", "upkeep_link", "build_link")
MONTHS_OF_A_YEAR = 12
_MINUTES_MAX = 1_000_000

Assumptions = list[dict[str, Any]]


def shipped_assumptions() -> Assumptions:
    """One row per approach and item: minutes, the day they were written down, and that they are ours."""
    name = "assumptions.csv"
    text = resources.files("entrepot.reports.audit").joinpath(name).read_text(encoding="utf-8")
    return _rows(name, text, {})


def assumptions_with(source: str, text: str) -> Assumptions:
    """The shipped assumptions with those of a CSV in their place.

    Args:
        source: The file's name, for messages.
        text: Columns approach, item, minutes and, if wanted, as_of and basis; rows that are not in it stay as shipped.

    Raises:
        AssumptionsInvalid: A column is missing, a word is not known, or minutes are no whole number.
    """
    shipped = {(row["approach"], row["item"]): row for row in shipped_assumptions()}
    return _rows(source, text, shipped)


def hours_of(basis: Basis, assumptions: Assumptions) -> tuple[Approach, ...]:
    """Work per month and before the first month, per approach; in minutes."""
    found: list[Approach] = []
    for approach in APPROACHES:
        minutes = {row["item"]: int(row["minutes"]) for row in assumptions if row["approach"] == approach}
        month = _month_minutes(basis, minutes)
        setup = basis.links * minutes["build_link"]
        by_hand = found[0].month_minutes if found else month
        year = setup + MONTHS_OF_A_YEAR * month
        found.append(Approach(approach, minutes, month, setup, year, by_hand - month))
    return tuple(found)


def _month_minutes(basis: Basis, minutes: dict[str, int]) -> int:
    """Hundredths of minutes over the whole folder, divided once."""
    whole = 100 * basis.files * (minutes["download_file"] + minutes["retype_file"])
    whole += basis.order_lines * minutes["reconcile_100_lines"]
    whole += 100 * basis.exceptions * minutes["resolve_exception"]
    divisor = 100 * basis.months
    return (2 * whole + divisor) // (2 * divisor) + basis.links * minutes["upkeep_link"]


def _rows(source: str, text: str, shipped: dict[tuple[str, str], dict[str, Any]]) -> Assumptions:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if lacking := [name for name in ("approach", "item", "minutes") if name not in (reader.fieldnames or ())]:
        raise AssumptionsInvalid(source, 1, lacking[0], "the column is missing")
    found = dict(shipped)
    for row_no, row in enumerate(reader, start=2):
        approach, item, minutes = ((row[name] or "").strip() for name in ("approach", "item", "minutes"))
        _check(source, row_no, "approach", approach, APPROACHES)
        _check(source, row_no, "item", item, ITEMS)
        if not re.fullmatch(r"[0-9]{1,7}", minutes) or int(minutes) > _MINUTES_MAX:
            raise AssumptionsInvalid(source, row_no, "minutes", f"write a whole number up to {_MINUTES_MAX}")
        as_of, basis = ((row.get(name) or "").strip() for name in ("as_of", "basis"))
        found[approach, item] = {
            "approach": approach,
            "item": item,
            "minutes": int(minutes),
            "as_of": as_of,
            "basis": basis or "given by the reader",
        }
    return [found[approach, item] for approach in APPROACHES for item in ITEMS if (approach, item) in found]


def _check(source: str, row_no: int, column: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise AssumptionsInvalid(source, row_no, column, f"known are {', '.join(known)}")
