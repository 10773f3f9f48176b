"""What each report needs of a platform, and which months of it are not there.

Expected months of a platform are all from its first to its last month with orders; of a table without orders beside it,
from its own first to its own last. A settlement that ends more than a week before the orders do ends early: platforms
pay out after the buyer confirmed, so the last days are never complete.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from entrepot.reports.audit.shape import Coverage, Missing, Platform

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from entrepot.reports.audit.shape import Title

THERE, PARTLY, MISSING = "there", "partly", "missing"

NEEDS: Mapping[str, tuple[str, ...]] = {
    "pnl": ("orders", "order_lines", "settlement_lines", "sku_costs", "ad_spend", "fx_rates"),
    "gmv_bridge": ("orders",),
    "settlement_status": ("orders", "settlement_lines"),
    "wallet_check": ("wallet_lines",),
    "acquisition": ("ad_spend",),
}
"""Canonical tables per report and platform. The other reports ask of the same books and need no more of a platform."""

NEEDS_OF_COMPANY: Mapping[str, tuple[str, ...]] = {
    "ageing": ("bank_lines",),
    "cash_forecast": ("bank_lines",),
    "invoicing": ("invoices",),
    "tax_bridge": ("invoices",),
    "stock_turnover": ("stock_snapshots",),
    "platform_figures": ("stated_figures",),
    "on_offer": ("listings",),
}
"""Canonical tables per report that the company has once, whatever its platforms."""

OF_EACH_MONTH = frozenset({"bank_lines", "invoices", "stock_snapshots"})
"""Tables of the company of which each month with orders has rows."""

SETTLEMENT_LAG_DAYS = 7
"""Our assumption: a statement that ends within a week of the last order is complete."""

_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds, counted.

    Attributes:
        platforms: Those that files name.
        coverage: Months per table, platform and shop.
        sources: Per platform and table the titles of the files that bring it; none where we read no such file.
        rated: Currencies that have a shipped rate.
    """

    platforms: Sequence[Platform]
    coverage: Sequence[Coverage]
    sources: Mapping[tuple[str, str], tuple[Title, ...]]
    rated: Collection[str]


def needs_of(found: Found) -> tuple[Missing, ...]:
    """Every need of every report per platform, then those of the company; in the order of the reports, met ones too."""
    of_platforms = tuple(
        _need(found, report, platform, need)
        for report, needs in NEEDS.items()
        for platform in found.platforms
        for need in needs
        if report != "wallet_check" or found.sources.get((platform.channel, need))
    )
    if not of_platforms:
        return ()
    of_company = (_of_company(found, report, need) for report, needs in NEEDS_OF_COMPANY.items() for need in needs)
    return (*of_platforms, *of_company)


def months_between(first: str, last: str) -> list[str]:
    """All months from one to another, both counted: `2026-07` to `2026-09` are three."""
    start, end = (int(each[:4]) * _MONTHS_OF_A_YEAR + int(each[5:]) - 1 for each in (first, last))
    return [f"{at // _MONTHS_OF_A_YEAR:04d}-{at % _MONTHS_OF_A_YEAR + 1:02d}" for at in range(start, end + 1)]


def _need(found: Found, report: str, platform: Platform, need: str) -> Missing:
    channel = platform.channel
    sources = found.sources.get((channel, need), ())
    if need == "sku_costs":
        return _costed(found, report, platform, sources)
    if need == "fx_rates":
        unrated = sorted(set(platform.currencies) - set(found.rated))
        if unrated:
            return Missing(report, channel, need, MISSING, detail="no_rate", facts={"currencies": unrated})
        return Missing(report, channel, need, THERE)
    return _covered(found, report, channel, need, sources)


def _of_company(found: Found, report: str, need: str) -> Missing:
    sources = next((titles for (_, table), titles in found.sources.items() if table == need), ())
    months = {month for each in found.coverage if each.table == need for month in each.months}
    if not any(each.table == need for each in found.coverage):
        return Missing(report, "", need, MISSING, detail="" if sources else "by_api", sources=sources)
    ordered = {month for each in found.coverage if each.table == "orders" for month in each.months} or months
    expected = months_between(min(ordered), max(ordered)) if ordered and need in OF_EACH_MONTH else []
    gaps = tuple(month for month in expected if month not in months)
    return Missing(report, "", need, PARTLY if gaps else THERE, gaps, sources=sources)


def _costed(found: Found, report: str, platform: Platform, sources: tuple[Title, ...]) -> Missing:
    """Costs of what the platform sold; where it sold no known SKU, whether there is a list of costs at all."""
    facts = {"skus_sold": platform.skus_sold, "skus_with_cost": platform.skus_with_cost}
    if not platform.skus_sold:
        has_costs = any(each.skus_with_cost for each in found.platforms)
        return Missing(report, platform.channel, "sku_costs", THERE if has_costs else MISSING, sources=sources)
    if platform.skus_with_cost == platform.skus_sold:
        return Missing(report, platform.channel, "sku_costs", THERE, facts=facts, sources=sources)
    state = PARTLY if platform.skus_with_cost else MISSING
    return Missing(report, platform.channel, "sku_costs", state, detail="costs", facts=facts, sources=sources)


def _covered(found: Found, report: str, channel: str, need: str, sources: tuple[Title, ...]) -> Missing:
    own = [each for each in found.coverage if (each.table, each.channel) == (need, channel)]
    if not own:
        detail = "" if sources else "no_format"
        return Missing(report, channel, need, MISSING, detail=detail, sources=sources)
    # Amazon's settlement has no time of ordering: such orders are there and in no month.
    months = _gaps(found.coverage, channel, need) if any(each.months for each in own) else ()
    early = _ends_early(found.coverage, channel) if need == "settlement_lines" and not months else {}
    state = PARTLY if months or early else THERE
    return Missing(report, channel, need, state, months, "ends_early" if early else "", early, sources)


def _gaps(coverage: Sequence[Coverage], channel: str, need: str) -> tuple[str, ...]:
    """Months that are missing: of the orders per shop, of other tables for the platform as a whole.

    A statement often names no shop, or an account of its own, so that only orders can be told apart by shop.
    """
    orders = _months(coverage, channel, "orders")
    whole = orders or _months(coverage, channel, need)
    expected = months_between(min(whole), max(whole))
    if need != "orders":
        return tuple(month for month in expected if month not in _months(coverage, channel, need))
    found: set[str] = set()
    for each in coverage:
        if (each.table, each.channel) == ("orders", channel) and each.months:
            found |= set(months_between(each.months[0], each.months[-1])) - set(each.months)
    return tuple(sorted(found))


def _months(coverage: Sequence[Coverage], channel: str, table: str) -> set[str]:
    return {month for each in coverage if (each.table, each.channel) == (table, channel) for month in each.months}


def _ends_early(coverage: Sequence[Coverage], channel: str) -> dict[str, str]:
    """Last days of orders and settlement where the settlement ends more than the lag before."""
    last: dict[str, str] = defaultdict(str)
    for each in coverage:
        if each.channel == channel and each.last_on:
            last[each.table] = max(last[each.table], each.last_on)
    if not last["orders"] or not last["settlement_lines"]:
        return {}
    limit = date.fromisoformat(last["orders"]) - timedelta(days=SETTLEMENT_LAG_DAYS)
    if date.fromisoformat(last["settlement_lines"]) >= limit:
        return {}
    return {"orders_last": last["orders"], "settlement_last": last["settlement_lines"]}
