"""Fill the page's template with the rows of reports. Figures come from the engine; here they are arranged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from entrepot.model import minor_digits
from entrepot.reports.explain.ids import Place
from entrepot.reports.html.explanations import explanations, figure_id, place_ids
from entrepot.reports.html.figures import PageFigures
from entrepot.reports.html.journey import BRIDGE, BRIDGE_TOTALS, Step, journey, waterfall
from entrepot.reports.html.words import words
from entrepot.reports.id_parts import ALL
from entrepot.reports.statement import LINES, MARGINS, Statement, statement_of
from entrepot.reports.words import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SKUS_SHOWN = 25
_EXCEPTIONS_SHOWN = 200
_DAYS_OF_A_BAR = 30
"""A feed that is so far behind has a full bar, unless another is further."""
_DAYS_OWED = ("0-7", "8-15", "16-30", "31+")
_SHORT_UNITS = {
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "k")),
    "zh": ((10**8, "亿"), (10**4, "万")),
}
"""What charts write after a shortened amount, largest first."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageData:
    """What the page is made of: rows of reports.

    Attributes:
        pnl: Report `pnl`.
        bridge: Report `gmv_bridge`.
        settlement: Report `settlement_status`.
        exceptions: Table `exceptions`, whole.
        sku_names: SKU to name.
        channels: Channel to its title in the page's language.
        currency: Reporting currency.
        company: Name shown above the title.
        largest: Rows of `explain/sql/largest.sql`; without them figures carry their ids and no parts.
        figures: What only the page asks; without it the page begins at revenue and has no ages and no feeds.
        formats: File format to its title in the page's language.
    """

    pnl: Sequence[Row]
    bridge: Sequence[Row]
    settlement: Sequence[Row]
    exceptions: Sequence[Row]
    sku_names: Mapping[str, str]
    channels: Mapping[str, str]
    currency: str
    company: str
    largest: Sequence[Row] = field(default_factory=tuple)
    figures: PageFigures = field(default_factory=PageFigures)
    formats: Mapping[str, str] = field(default_factory=dict)


def render_page(data: PageData, lang: str) -> str:
    """The page as text.

    Args:
        data: Rows of reports.
        lang: `en` or `zh`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["money"] = lambda minor, currency=data.currency: _money(minor, currency)
    environment.filters["percent"] = _percent
    vocabulary = Vocabulary(lang, data.channels, data.formats)
    statements = {by: statement_of(data.pnl, by, data.currency) for by in ("channel", "shop", "month")}
    by_channel = statements["channel"]
    channels, way = journey(data.figures.gmv, by_channel, lang) if data.figures.gmv else ((), [])
    return environment.from_string(_asset("page.html.j2")).render(
        lang=lang,
        word=words(lang),
        digits=minor_digits(data.currency),
        say=vocabulary,
        data=data,
        lines=LINES,
        statements=statements,
        total={line.key: by_channel.total(line.key) for line in LINES},
        margin={line: by_channel.shown(line) for line in MARGINS},
        skus=_skus(data)[:_SKUS_SHOWN],
        kinds=_exception_kinds(data.exceptions),
        exceptions=_shown_exceptions(data.exceptions),
        exceptions_total=len(data.exceptions),
        bridge=sorted(data.bridge, key=lambda row: -row["net_minor"]),
        bridge_steps=[(step, step in BRIDGE_TOTALS) for step in BRIDGE],
        way=way,
        way_channels=channels,
        ageing=_ageing(data),
        days_owed=_DAYS_OWED,
        feeds=data.figures.feeds,
        days_behind_max=max([_DAYS_OF_A_BAR, *(row["days_behind"] or 0 for row in data.figures.feeds)]),
        settlement=sorted(data.settlement, key=lambda row: (row["channel"], row["shop"], row["settlement_state"])),
        orders=sum(row["orders"] for row in data.bridge),
        months=_months(data.pnl),
        recognised=sum(row["orders"] for row in data.settlement),
        ids={by: place_ids(statement.columns, by) for by, statement in statements.items()},
        everywhere=(ALL, Place()),
        figure_id=figure_id,
        place=lambda channel=None, shop=None, sku=None: str(Place(channel, shop, sku)),
        explained=Markup(_json(explanations(data.largest, vocabulary))),  # noqa: S704 no markup survives
        has_fees=any(row["line"] == "fees" for row in data.pnl),
        charts=Markup(_json(_charts(data, by_channel, way, vocabulary))),  # noqa: S704 no markup survives
        style=Markup(_asset("page.css")),  # noqa: S704 our own files
        script=Markup(_asset("page.js")),  # noqa: S704 our own files
        explaining=Markup(_asset("explaining.js")),  # noqa: S704 our own files
        echarts=Markup(_asset("assets/echarts.common.min.js")),  # noqa: S704 shipped library
    )


def _charts(data: PageData, by_channel: Statement, way: Sequence[Step], vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "waterfall": waterfall(way) if way else _waterfall(by_channel, vocabulary.lang),
        "monthly": _monthly(data.pnl, "net_revenue", vocabulary),
        "contribution": _monthly(data.pnl, "contribution_margin", vocabulary),
        "ageing": _ageing_chart(data, by_channel, vocabulary),
        "channels": _channels(by_channel, vocabulary),
        "fees": _fees(data, vocabulary),
        "currency": data.currency,
        "scale": 10 ** minor_digits(data.currency),
        "units": _SHORT_UNITS[vocabulary.lang],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return resources.files("entrepot.reports.html").joinpath(*name.split("/")).read_text(encoding="utf-8")


def _money(minor: int | None, currency: str) -> str:
    if minor is None:
        return "–"
    digits = minor_digits(currency)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'−' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "–"
    tenths, sign = (abs(part) * 2000 + abs(whole)) // (2 * abs(whole)), "−" if (part < 0) != (whole < 0) else ""
    return f"{sign}{tenths // 10}.{tenths % 10} %"


def _waterfall(statement: Statement, lang: str) -> list[dict[str, Any]]:
    """Steps from revenue down; they end at net revenue where no margin is known."""
    steps, level = [], 0
    for line in LINES:
        amount = statement.total(line.key)
        if statement.shown(line.key) is None or (line.key == "revenue_without_cost" and not _margin_known(statement)):
            break
        if line.is_subtotal:
            steps.append({"name": line.title[lang], "from": 0, "to": level, "total": True})
            assert level == amount, "the waterfall ends where the statement does"
        elif amount:
            steps.append({"name": line.title[lang], "from": level, "to": level + amount, "total": False})
            level += amount
    return steps


def _margin_known(statement: Statement) -> bool:
    return all(statement.shown(line) is not None for line in MARGINS)


def _monthly(pnl: Sequence[Row], line: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """A line of the P&L by month, a series per channel; null where it is unknown."""
    months = _months(pnl)
    channels = statement_of(pnl, "channel", "").columns
    series = []
    for at, channel in enumerate(channels):
        own = statement_of([row for row in pnl if row["channel"] == channel], "month", "")
        data = [own.shown(line, month) if month in own.columns else 0 for month in months]
        series.append({"name": vocabulary.heading("channel", channel), "colour": at, "data": data})
    return {"months": months, "series": series}


def _channels(statement: Statement, vocabulary: Vocabulary) -> dict[str, Any]:
    margins = [statement.shown("contribution_margin", name) for name in statement.columns]
    names = [vocabulary.heading("channel", name) for name in statement.columns]
    unknown = words(vocabulary.lang)["unknown"]
    return {
        "names": [
            name if margin is not None else f"{name} ({unknown})" for name, margin in zip(names, margins, strict=True)
        ],
        "margin": margins,
    }


def _fees(data: PageData, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    for row in data.pnl:
        if row["line"] == "fees":
            sums[row["detail"]] = sums.get(row["detail"], 0) - row["amount_minor"]
    ordered = sorted(sums.items(), key=lambda pair: -pair[1])
    return [{"name": vocabulary.value("account", fee), "value": amount} for fee, amount in ordered if amount > 0]


def _ageing(data: PageData) -> list[dict[str, Any]]:
    """A line per channel, shop and currency, the amounts by days owed across."""
    lines: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in data.figures.ageing:
        key = (row["channel"], row["shop"], row["currency"])
        line = lines.setdefault(
            key, {**row, "by_days": dict.fromkeys(_DAYS_OWED, 0), "total": 0, "orders": 0, "own": 0}
        )
        line["by_days"][row["days_owed"]] += row["owed_minor"]
        line["total"] += row["owed_minor"]
        line["orders"] += row["orders"]
        line["own"] += row["translated_minor"]
    return list(lines.values())


def _ageing_chart(data: PageData, by_channel: Statement, vocabulary: Vocabulary) -> dict[str, Any]:
    """What each channel owes by days, in the reporting currency; a channel has one colour on the whole page."""
    sums: dict[str, dict[str, int]] = {}
    colours = {name: at for at, name in enumerate(by_channel.columns)}
    for row in data.figures.ageing:
        of = sums.setdefault(row["channel"], dict.fromkeys(_DAYS_OWED, 0))
        of[row["days_owed"]] += row["translated_minor"]
    day = words(vocabulary.lang)["days"]
    return {
        "days": [f"{each} {day}" for each in _DAYS_OWED],
        "series": [
            {
                "name": vocabulary.heading("channel", name),
                "colour": colours.get(name, len(colours)),
                "data": [*of.values()],
            }
            for name, of in sorted(sums.items(), key=lambda each: colours.get(each[0], len(colours)))
        ],
    }


def _months(pnl: Sequence[Row]) -> list[str]:
    return sorted({row["month"] for row in pnl})


def _skus(data: PageData) -> list[dict[str, Any]]:
    """SKUs by net revenue; the margin of a SKU whose cost is unknown is unknown."""
    statement = statement_of([row for row in data.pnl if row["sku_id"]], "sku_id", data.currency)
    found = []
    for sku in statement.columns:
        figures = {line: statement.figures[line][sku] for line in ("net_revenue", "cogs", "gross_margin")}
        has_cost = statement.figures["revenue_without_cost"][sku] == 0
        found.append({"sku": sku, "name": data.sku_names.get(sku, ""), **figures, "has_cost": has_cost})
    return sorted(found, key=lambda each: -each["net_revenue"])


def _exception_kinds(exceptions: Sequence[Row]) -> list[dict[str, Any]]:
    kinds: dict[tuple[str, str], dict[str, Any]] = {}
    for row in exceptions:
        of = kinds.setdefault(
            (row["kind"], row["currency"] or ""),
            {"kind": row["kind"], "currency": row["currency"] or "", "items": 0, "at_stake": 0},
        )
        of["items"] += 1
        of["at_stake"] += abs(row["amount_minor"] or 0)
    return sorted(kinds.values(), key=lambda each: (each["kind"], each["currency"]))


def _shown_exceptions(exceptions: Sequence[Row]) -> list[dict[str, Any]]:
    ordered = sorted(exceptions, key=lambda row: (-abs(row["amount_minor"] or 0), row["exception_id"]))
    return [
        {**row, "item": (row["where_found"] or row["key"]).rsplit("/", maxsplit=1)[-1]}
        for row in ordered[:_EXCEPTIONS_SHOWN]
    ]
