"""What a cell says, in the words of the sample world, so that the two can be compared item by item.

`world_*` gives the world's figures of one platform, `cell_*` the cell's; `differing` lists where they disagree. Where
the two name the same thing differently, the translation stands here and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from entrepot.flows.asking import report_rows, table_rows

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from entrepot.sandbox import Expected
    from entrepot.testing.sample_company import ImportedCompany

PLATFORMS = ("tmall", "jd", "pinduoduo", "douyin", "shopify", "amazon", "own_shop")
"""Platforms of the sample world."""

_ALSO_CALLED = {"pdd": "pinduoduo", "alipay": "tmall"}
"""Other words for a platform, and the payment provider whose lines belong to its shops."""

_REASONS = {"columns": "wrong_columns", "amount": "bad_money", "unknown_status": "unknown_code"}
_SUBTOTALS = ("fees", "net_revenue", "gross_margin", "contribution_margin")

Figures = dict["Hashable", Any]
_Key = TypeVar("_Key", bound="Hashable")


def differing(wanted: Mapping[_Key, Any], found: Mapping[_Key, Any]) -> dict[_Key, tuple[Any, Any]]:
    """Keys on which two sets of figures disagree, each with what is wanted and what was found."""
    return {
        key: (wanted.get(key), found.get(key))
        for key in sorted({*wanted, *found}, key=str)
        if wanted.get(key) != found.get(key)
    }


def platform(channel: str) -> str:
    """The one word for a platform."""
    return _ALSO_CALLED.get(channel, channel)


def world_pnl(figures: Expected, of: str) -> Figures:
    """Shop, month, line to the amount; fees by code, no subtotals."""
    return {key[1:]: minor for key, minor in figures.pnl.items() if platform(key[0]) == of and key[3] not in _SUBTOTALS}


def world_pnl_by_sku(figures: Expected, of: str) -> Figures:
    """Shop, month, SKU, line to the amount, for the lines that belong to SKUs."""
    return {key[1:]: minor for key, minor in figures.pnl_by_sku.items() if platform(key[0]) == of and key[3]}


def cell_pnl(cell: ImportedCompany, of: str, *, by_sku: bool = False) -> Figures:
    """The same from the report `pnl`; by SKU without fees, which the world keeps apart from SKUs."""
    sums: defaultdict[Hashable, int] = defaultdict(int)
    for row in _pnl_rows(cell):
        line = row["detail"].replace("fee:", "fees.") if row["line"] == "fees" else row["line"]
        if platform(row["channel"]) != of or (by_sku and (row["line"] == "fees" or not row["sku_id"])):
            continue
        key = (row["shop"], row["month"], row["sku_id"], line) if by_sku else (row["shop"], row["month"], line)
        sums[key] += row["amount_minor"]
    return {key: minor for key, minor in sums.items() if minor}


@lru_cache(maxsize=4)
def _pnl_rows(cell: ImportedCompany) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = report_rows(cell.parts, "pnl", "CNY").to_pylist()
    return rows


def world_bridge(figures: Expected, of: str) -> Figures:
    """Shop and step to the amount; what is taken away is positive."""
    return {
        (shop, step): minor
        for (channel, shop), steps in figures.gmv_bridge.items()
        if platform(channel) == of
        for step, minor in steps.items()
        if any(steps.values())
    }


def cell_bridge(cell: ImportedCompany, of: str) -> Figures:
    """The same from the report `gmv_bridge`, which signs what is taken away."""
    taken = ("unpaid", "closed_before_recognition", "not_shipped", "not_recognised", "refunds")
    steps = ("placed", *taken, "third_party", "paid", "shipped", "recognised", "net")
    return {
        (row["shop"], step): (-1 if step in taken else 1) * row[f"{step}_minor"]
        for row in report_rows(cell.parts, "gmv_bridge").to_pylist()
        if platform(row["channel"]) == of
        for step in steps
    }


def world_orders(figures: Expected, of: str) -> Figures:
    """Shop and order number to the money of the order."""
    found: Figures = {}
    for (channel, shop, order_id), money in figures.order_money.items():
        if platform(channel) != of:
            continue
        is_paid = bool(money.paid_minor or money.points_minor or money.balance_minor)
        found[shop, order_id] = {
            "currency": money.currency,
            "goods": money.goods_minor,
            "shipping": money.shipping_minor,
            "tax": money.tax_minor,
            "paid": money.paid_minor,
            # What an unpaid order would have been granted is nobody's money yet, and most files do not say it.
            "discounts": money.discounts if is_paid else {},
            "tenders": {
                kind: minor
                for kind, minor in (("points", money.points_minor), ("balance", money.balance_minor))
                if minor and is_paid
            },
            "refunded_before": money.refunded_before_minor,
            "refunded_after": money.refunded_after_minor,
            "recognised_s": money.recognised_at,
            "settled": money.settled_minor,
            "by_settlement": money.recognised_by_settlement,
        }
    return found


def cell_orders(cell: ImportedCompany, of: str) -> Figures:
    """The same from the tables `order_positions`, `discounts` and `tenders`."""
    discounts, tenders = _parts(cell, "discounts", "funder"), _parts(cell, "tenders", "kind")
    found: Figures = {}
    for row in table_rows(cell.parts, "order_positions").to_pylist():
        if platform(row["channel"]) != of:
            continue
        key, at = row["order_key"], row["recognised_at"]
        is_paid = bool(row["paid_minor"] or row["tender_minor"])
        found[row["shop"], row["order_id"]] = {
            "currency": row["currency"],
            "goods": row["goods_minor"],
            "shipping": row["shipping_minor"],
            "tax": row["tax_minor"],
            "paid": row["paid_minor"],
            "discounts": discounts.get(key, {}) if is_paid else {},
            "tenders": tenders.get(key, {}) if is_paid else {},
            "refunded_before": row["refunded_before_minor"],
            "refunded_after": row["refunded_after_minor"],
            "recognised_s": None if at is None else int(at.timestamp()),
            "settled": row["income_minor"],
            "by_settlement": row["recognised_basis"] == "settlement",
        }
    return found


def _parts(cell: ImportedCompany, table: str, word: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in table_rows(cell.parts, table).to_pylist():
        if row["amount_minor"]:
            parts = found.setdefault(row["order_key"], {})
            parts[row[word]] = parts.get(row[word], 0) + row["amount_minor"]
    return found


def world_exceptions(cell: ImportedCompany, of: str) -> dict[str, set[tuple[Any, ...]]]:
    """Kind to its findings; files stand with their name, settlement lines with the order they name and what for."""
    platforms = _platforms_of_files(cell)
    shops = {shop.shop: shop.channel for shop in cell.company.world.shops}
    found: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for kind, key, minor, currency in cell.expected.exceptions:
        item: tuple[Any, ...] = (*key[1:], minor, currency)
        channel = key[0]
        if kind == "quarantined_row":
            file, row_no, reason = key
            item, channel = (file, row_no, _REASONS.get(reason, reason)), platforms[file]
        elif kind == "control_total":
            item, channel = (key[0], minor), platforms[key[0]]
        elif kind == "wallet_gap":
            item, channel = (key[1], minor, currency), "tmall"
        elif kind == "sku_without_cost":
            item, channel = (*key, minor, currency), shops[key[0]]
        if platform(channel) == of and minor != 0:
            found[kind].add(item)
    return dict(found)


def cell_exceptions(cell: ImportedCompany, of: str) -> dict[str, set[tuple[Any, ...]]]:
    """The same from the table `exceptions`."""
    platforms = _platforms_of_files(cell)
    lines = {row["line_id"]: row for row in table_rows(cell.parts, "settlement_lines").to_pylist()}
    found: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for row in table_rows(cell.parts, "exceptions").to_pylist():
        kind, key, minor = row["kind"], row["key"], row["amount_minor"]
        channel = row["channel"]
        item: tuple[Any, ...] = (*key.split("/")[1:], minor, row["currency"])
        if kind == "quarantined_row":
            # `…/list.csv, row 7`, and behind a colon the code that nobody knows.
            shown, place = row["where_found"].rsplit(", row ", 1)
            file = _name(shown)
            item, channel = (file, place.split(":")[0], row["cause"].split(":")[0]), platforms[file]
        elif kind == "control_total":
            item, channel = (_name(row["where_found"]), minor), platforms[_name(row["where_found"])]
        elif kind == "settlement_adjustment":
            line = lines[key.split("/", 2)[2]]
            item = (line["shop"], line["order_id"] or "", minor, row["currency"])
        elif kind == "wallet_gap":
            item = (key.rsplit(":", 1)[1], minor, row["currency"])
        elif kind == "sku_without_cost":
            item = (*key.split("/"), minor, row["currency"])
        if platform(channel) == of:
            found[kind].add(item)
    return dict(found)


def _name(shown: str) -> str:
    """Name of a file as the world knows it: without folders and archives."""
    return PurePath(shown.rsplit("!", 1)[-1]).name


def _platforms_of_files(cell: ImportedCompany) -> dict[str, str]:
    channels = {shop.shop: shop.channel for shop in cell.company.world.shops}
    found: dict[str, str] = {}
    for file in cell.company.written:
        name = PurePath(file.path).name
        found[name] = found[name.removesuffix(".gz")] = channels.get(file.shop, "")
        if name.endswith(".zip"):
            found[name.replace(".zip", ".csv")] = found[name]
    return found
