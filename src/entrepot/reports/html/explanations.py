"""What the page embeds of explanations: for each figure of the P&L its parts, down to accounts, rules and top orders.

The parts are the same that `entrepot explain value` gives, with the same ids; the page adds nothing up itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from entrepot.reports.explain.ids import Place, PnlId
from entrepot.reports.explain.words import line_title, rule_word, word
from entrepot.reports.id_parts import ALL
from entrepot.reports.statement import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.reports.words import Vocabulary

MONTHS_WITH_ORDERS = 12
"""Of older months the accounts and rules are embedded, not their largest orders."""

_ORDERS_SHOWN = 3

Row = dict[str, Any]
Part = list[Any]
"""A label, minor units, and the id of the part where it can be asked further."""


@dataclass
class _Group:
    """Postings of one account by one rule."""

    amount: int = 0
    causes: int = 0
    largest: list[tuple[int, str, str]] = field(default_factory=list)


def explanations(rows: Sequence[Row], say: Vocabulary) -> dict[str, list[Part]]:
    """Id of a figure to its parts.

    Args:
        rows: Of `explain/sql/largest.sql`.
        say: Words of the page's language.
    Returns:
        Figures by channel, shop and month and their totals, subtotals included. Parts add up to their figure; where
        orders are left out, the last part says how many and their sum.
    """
    leaves: dict[PnlId, _Group] = {}
    for row in rows:
        by_channel = PnlId(row["month"], Place(row["channel"]), row["line"], row["account"], row["posting_rule"])
        by_shop = replace(by_channel, place=Place(None, row["shop"]))
        for leaf in (by_channel, by_shop):
            _add(leaves.setdefault(leaf, _Group()), row)
    newest = sorted({row["month"] for row in rows})[-MONTHS_WITH_ORDERS:]
    found: dict[str, list[Part]] = {}
    orders: dict[str, list[Part]] = {}
    sums: dict[PnlId, int] = {}
    for leaf, group in leaves.items():
        label = f"{say.value('account', leaf.account or '')} · {rule_word(leaf.rule or '', say.lang)}"
        _part(found, replace(leaf, account=None, rule=None), label, group.amount, leaf)
        of_leaf = replace(leaf, account=None, rule=None)
        sums[of_leaf] = sums.get(of_leaf, 0) + group.amount
        if leaf.place.channel is not None and leaf.period in newest:
            orders[str(leaf)] = _orders(group, say.lang)
    sums = _upwards(found, sums, say)
    _subtotals(found, sums, say.lang)
    return {key: sorted(parts, key=lambda part: -abs(part[1])) for key, parts in found.items()} | orders


def _add(group: _Group, row: Row) -> None:
    if row["place"] == 1:
        group.amount += row["group_minor"]
        group.causes += row["causes"]
    group.largest.append((row["amount_minor"], row["cause_kind"], row["cause"]))


def _orders(group: _Group, lang: str) -> list[Part]:
    largest = sorted(group.largest, key=lambda each: (-abs(each[0]), each[1:]))[:_ORDERS_SHOWN]
    parts: list[Part] = []
    for amount, kind, cause in largest:
        # Without an id of its own: the page is smaller by a third, and the group's command shows the order.
        parts.append([f"{word('order', lang)} {cause}" if kind == "order" else cause, amount])
    left = group.causes - len(largest)
    if left:
        rest = group.amount - sum(amount for amount, _, _ in largest)
        parts.append([f"… {left:,} {word('more', lang)}", rest])
    return parts


def _upwards(found: dict[str, list[Part]], sums: dict[PnlId, int], say: Vocabulary) -> dict[PnlId, int]:
    """Sums over months, then over channels: each larger figure is made of the smaller ones."""
    whole = dict(sums)
    for asked, amount in sums.items():
        _raise(found, whole, replace(asked, period=ALL), asked.period, amount, asked)
    for asked, amount in list(whole.items()):
        if asked.place.channel is not None:
            label = say.heading("channel", asked.place.channel)
            _raise(found, whole, replace(asked, place=Place()), label, amount, asked)
    return whole


def _raise(
    found: dict[str, list[Part]], sums: dict[PnlId, int], above: PnlId, label: str, amount: int, part: PnlId
) -> None:
    sums[above] = sums.get(above, 0) + amount
    _part(found, above, label, amount, part)


def _subtotals(found: dict[str, list[Part]], sums: dict[PnlId, int], lang: str) -> None:
    places = {(asked.period, asked.place) for asked in sums}
    for line in LINES:
        for period, place in places if line.is_subtotal else ():
            for key in line.parts:
                part = PnlId(period, place, key)
                if sums.get(part):
                    _part(found, PnlId(period, place, line.key), line_title(key, lang), sums[part], part)


def _part(found: dict[str, list[Part]], of: PnlId, label: str, amount: int, part: PnlId) -> None:
    found.setdefault(str(of), []).append([label, amount, str(part)])


def place_ids(columns: Iterable[str], by: str) -> dict[str, tuple[str, Place]]:
    """Column of a statement to period and place of its figures."""
    if by == "month":
        return {column: (column, Place()) for column in columns}
    if by == "channel":
        return {column: (ALL, Place(column)) for column in columns}
    return {column: (ALL, Place(None, column)) for column in columns}


def figure_id(period: str, place: Place, line: str) -> str:
    """The id of a figure of the P&L."""
    return str(PnlId(period, place, line))
