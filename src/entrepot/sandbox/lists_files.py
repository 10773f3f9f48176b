"""The files that belong to no shop: the SKU list, advertising, and the description of the company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import BRAND_EN, COST_CHANGE, LISTS_FOLDER, TMALL, WALLET, WALLET_ACCOUNT
from entrepot.sandbox.paper import WrittenFile, put, put_xlsx, sparse_quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import AdSpend, Cost, Sku

SKU_CSV, SKU_XLSX = "sku_list_2026-08.csv", "sku_list_2026-09.xlsx"
AD_SPEND_CSV = "ad_spend_2026.csv"
_SKU_HEADER = [
    "sku_id",
    "name",
    "name_en",
    "brand",
    "category",
    "unit_cost",
    "currency",
    "valid_from",
    "vat_rate",
    "hs_code",
    "unit",
    "pack_count",
    "net_weight_g",
    "shelf_life_days",
    "sensitivity",
]
AD_YAML = """\
# Advertising as the media team keeps it: one row per day, shop and campaign. Amounts are net of VAT.
format: ad_spend_declared
title: 广告消耗日报
table: ad_spend
columns:
  日期: date
  渠道: channel
  店铺: shop
  计划: campaign
  消耗: amount
  币种: currency
currency: from_column
zone: Asia/Shanghai
"""


def write_lists(world: World, company: Path) -> list[WrittenFile]:
    """Write the SKU list twice (August as CSV, September as workbook with new costs), and the advertising."""
    folder = company / "files" / LISTS_FOLDER
    listed = [sku for sku in world.skus if sku.listed]
    first = [_sku_row(sku, cost) for sku in listed for cost in sku.costs[:1] or (None,)]
    later = [_sku_row(sku, cost) for sku in listed for cost in sku.costs or (None,)]
    put(folder / SKU_CSV, sparse_quoted([_SKU_HEADER, *first]).encode("utf-8-sig"))
    put_xlsx(folder / SKU_XLSX, "SKU", [_SKU_HEADER, *later])
    put(folder / AD_SPEND_CSV, ad_spend_csv(world.ad_spend))
    put(company / "declared" / "ad_spend.yaml", AD_YAML.encode())
    put(company / "cell.toml", _cell(world).encode())
    base = f"files/{LISTS_FOLDER}"
    return [
        WrittenFile(f"{base}/{SKU_CSV}", "sku_list", "", len(first)),
        WrittenFile(f"{base}/{SKU_XLSX}", "sku_list", "", len(later)),
        WrittenFile(f"{base}/{AD_SPEND_CSV}", "ad_spend", "", len(world.ad_spend)),
        WrittenFile("declared/ad_spend.yaml", "declared", "", 0, "company"),
        WrittenFile("cell.toml", "cell", "", 0, "company"),
    ]


def ad_spend_csv(spends: Iterable[AdSpend]) -> bytes:
    """The advertising as the media team keeps it; `AD_YAML` says how it is read."""
    head = ["日期", "渠道", "店铺", "计划", "消耗", "币种"]
    rows = ([each.day, each.channel, each.shop, each.campaign, decimal(each.minor), each.currency] for each in spends)
    return sparse_quoted([head, *rows]).encode("utf-8-sig")


def _sku_row(sku: Sku, cost: Cost | None) -> list[str]:
    return [
        sku.sku_id,
        sku.name,
        sku.name_en,
        BRAND_EN,
        sku.category,
        decimal(cost.minor) if cost else "",
        cost.currency if cost else "",
        cost.valid_from if cost else "",
        str(sku.vat_bp // 100) if sku.vat_bp is not None else "",
        sku.hs_code,
        "件",
        "1",
        str(sku.net_weight_g),
        str(sku.shelf_life_days) if sku.shelf_life_days is not None else "",
        "none",
    ]


def _cell(world: World) -> str:
    """The company description: which entity owns which shop, and which folder its files lie in."""
    parts = [
        f"# The sample company {BRAND_EN}. Costs change on {COST_CHANGE}.\n",
        '[cell]\nregion = "cn"\nreporting_currency = "CNY"\n',
    ]
    parts += [
        f'\n[[entities]]\nid = "{entity.entity_id}"\ncountry = "{entity.country}"\n'
        f'functional_currency = "{entity.currency}"\n'
        for entity in world.entities
    ]
    parts += [
        f'\n[[shops]]\nshop = "{shop.shop}"\nchannel = "{shop.channel}"\nentity = "{shop.entity}"\n'
        f'sale_model = "{shop.sale_model}"\nzone = "{shop.zone}"\nfolder = "{shop.folder}"\n'
        for shop in world.shops
    ]
    if TMALL in world.shops:
        parts.append(f'\n[[wallets]]\nwallet = "{WALLET}"\nshop = "{TMALL.shop}"\naccount = "{WALLET_ACCOUNT}"\n')
    return "".join(parts)
