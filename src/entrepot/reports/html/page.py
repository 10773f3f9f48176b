"""Fill the page's template with the rows of reports. Figures come from the engine; here they are arranged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from entrepot.model import minor_digits
from entrepot.reports.html.words import words
from entrepot.reports.statement import LINES, MARGINS, Statement, statement_of
from entrepot.reports.words import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SKUS_SHOWN = 25
_EXCEPTIONS_SHOWN = 200
_BRIDGE = (
    *("placed", "unpaid", "third_party", "paid", "closed_before_recognition", "not_shipped", "shipped"),
    *("not_recognised", "recognised", "refunds", "net"),
)
"""Steps of the bridge, from the top; the subtotals among them follow."""
_BRIDGE_TOTALS = frozenset({"placed", "paid", "shipped", "recognised", "net"})
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
    """

    pnl: Sequence[Row]
    bridge: Sequence[Row]
    settlement: Sequence[Row]
    exceptions: Sequence[Row]
    sku_names: Mapping[str, str]
    channels: Mapping[str, str]
    currency: str
    company: str


def render_page(data: PageData, lang: str) -> str:
    """The page as text.

    Args:
        data: Rows of reports.
        lang: `en` or `zh`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["money"] = lambda minor, currency=data.currency: _money(minor, currency)
    environment.filters["percent"] = _percent
    vocabulary = Vocabulary(lang, data.channels)
    statements = {by: statement_of(data.pnl, by, data.currency) for by in ("channel", "shop", "month")}
    by_channel = statements["channel"]
    return environment.from_string(_asset("page.html.j2")).render(
        lang=lang,
        word=words(lang),
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
        bridge_steps=[(step, step in _BRIDGE_TOTALS) for step in _BRIDGE],
        settlement=sorted(data.settlement, key=lambda row: (row["channel"], row["shop"], row["settlement_state"])),
        orders=sum(row["orders"] for row in data.bridge),
        months=_months(data.pnl),
        recognised=sum(row["orders"] for row in data.settlement),
        has_fees=any(row["line"] == "fees" for row in data.pnl),
        charts=Markup(_json(_charts(data, by_channel, vocabulary))),  # noqa: S704 no markup survives
        style=Markup(_asset("page.css")),  # noqa: S704 our own files
        script=Markup(_asset("page.js")),  # noqa: S704 our own files
        echarts=Markup(_asset("assets/echarts.common.min.js")),  # noqa: S704 shipped library
    )


def _charts(data: PageData, by_channel: Statement, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "waterfall": _waterfall(by_channel, vocabulary.lang),
        "monthly": _monthly(data.pnl, vocabulary),
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


def _monthly(pnl: Sequence[Row], vocabulary: Vocabulary) -> dict[str, Any]:
    months = _months(pnl)
    channels = statement_of(pnl, "channel", "").columns
    series = []
    for channel in channels:
        own = statement_of([row for row in pnl if row["channel"] == channel], "month", "")
        data = [own.figures["net_revenue"].get(month, 0) for month in months]
        series.append({"name": vocabulary.heading("channel", channel), "data": data})
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
