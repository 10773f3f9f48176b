"""Listings beside catalogue, costs and warehouses, worked out with a pencil."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.testing.memory_tables import MemoryTables, typed
from tests.reports.small_books import books, report, shelves

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "reports" / "on_offer.md"


@dataclass(frozen=True)
class Without:
    """The same shops, one table of the company left out."""

    table: str

    def rows(self) -> list[dict[str, Any]]:
        tables = dict(shelves().rows)
        return report(MemoryTables({**tables, self.table: typed(self.table, [])}), "on_offer")


def _short(row: dict[str, Any]) -> tuple[Any, ...]:
    figures = tuple(row[name] for name in ("listed_units", "stock_units", "price_minor", "cost_minor"))
    return (row["problem"], row["shop"], row["listing_id"], row["sku_id"], *figures, row["currency"])


def test_each_problem_is_found_once_and_what_is_right_is_not() -> None:
    assert sorted(map(_short, report(shelves(), "on_offer")), key=str) == [
        ("above_stock", "flagship", "L3", "S2", 9, 5, None, None, "CNY"),
        ("below_cost", "flagship", "L3", "S2", 9, None, 18_00, 20_00, "CNY"),
        # A bundle is compared with the cost of all that is in it.
        ("below_cost", "flagship", "L6", "SET", 2, None, 25_00, 30_00, "CNY"),
        ("not_listed", None, None, "S3", None, 4, None, None, None),
        ("not_listed", None, None, "S5", None, 0, None, None, None),
        # 80 at one shop, 60 at another, 2 in a bundle; 100 and 10 that are good and free, as listed last.
        ("together_above_stock", None, None, "S1", 142, 110, None, None, None),
        ("unknown_sku", "flagship", "L4", "OLD", 3, None, 5_00, None, "CNY"),
        # What people decided about it has ended.
        ("unknown_sku", "flagship", "L9", "LAST", 0, None, 30_00, None, "CNY"),
    ]


def test_without_listings_nothing_is_said_to_be_missing_there() -> None:
    assert Without("listings").rows() == []


def test_without_a_list_of_skus_no_code_is_unknown() -> None:
    assert {row["problem"] for row in Without("skus").rows()} & {"unknown_sku", "not_listed"} == set()


def test_without_stock_nothing_is_above_it_and_without_costs_nothing_below() -> None:
    assert {row["problem"] for row in Without("stock_snapshots").rows()} == {"below_cost", "not_listed", "unknown_sku"}
    assert "below_cost" not in {row["problem"] for row in Without("sku_costs").rows()}


def test_a_company_without_anything_has_no_problem() -> None:
    assert report(books({}), "on_offer") == []


def test_its_page_names_every_column_and_every_problem() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    rows = report(shelves(), "on_offer")
    for word in {*rows[0], *(row["problem"] for row in rows)}:
        assert f"`{word}`" in page, word
