"""Advertising consumed per day and shop."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from entrepot.sandbox.brand import DOUYIN, DOUYIN_GLOBAL, JD, PDD, SHOPIFY_EU, SHOPIFY_US, TMALL
from entrepot.sandbox.clock import DAYS
from entrepot.sandbox.facts import AdSpend

if TYPE_CHECKING:
    from random import Random

# Amazon's advertising is billed in its settlement, so it stands in no list; the mini-program shop has none.
_CAMPAIGNS = (
    (TMALL, "直通车-秋季", 90_000),
    (TMALL, "引力魔方-新客", 45_000),
    (JD, "京东快车", 25_000),
    (PDD, "多多搜索", 20_000),
    (DOUYIN, "千川-直播间", 80_000),
    (DOUYIN_GLOBAL, "千川-跨境", 15_000),
    (SHOPIFY_US, "search-brand", 4_500),
    (SHOPIFY_EU, "social-autumn", 3_200),
)


def spend(dice: Random) -> list[AdSpend]:
    """One amount per day, shop and campaign, net of VAT."""
    first = date(2026, 8, 1)
    return [
        AdSpend(
            (first + timedelta(days=day)).isoformat(),
            shop.channel,
            shop.shop,
            campaign,
            about * dice.randrange(60, 141) // 100,
            shop.currency,
        )
        for day in range(DAYS)
        for shop, campaign, about in _CAMPAIGNS
    ]
