"""Kinds of domain: what is shared, under which shape of permit, and by which key two cells speak of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from entrepot.residency.permits.shape import shipped_shape

if TYPE_CHECKING:
    from entrepot.residency.permits.shape import DatasetShape

__all__ = ["KINDS", "VERSIONS", "VERSION_FIELDS", "DomainKind"]

VERSIONS = "domain_versions"
"""Relation with the version of each key of a cell's own claims; shapes of shared domains join it."""

VERSION_FIELDS = ("counter", "saw", "yields", "terms")
"""What its claims say beside keys and values: numbers that the cell itself counts, and nothing of any row."""


@dataclass(frozen=True, slots=True)
class DomainKind:
    """One kind of domain.

    Attributes:
        domain: Its name.
        shape: Letter of the shape whose permits carry it.
        dataset: Its table in that shape.
        keys: Fields by which both cells mean the same; none for orders, which belong to the cell that sold.
        table: Canonical table of the keys.
    """

    domain: str
    shape: str
    dataset: str
    keys: tuple[str, ...] = ()
    table: str = ""

    @property
    def is_merged(self) -> bool:
        """Whether both cells may speak of the same key, so that a rule is needed."""
        return bool(self.keys)

    @property
    def dataset_shape(self) -> DatasetShape:
        """The table in the shape."""
        return _dataset_shape(self.shape, self.dataset)

    @property
    def values(self) -> tuple[str, ...]:
        """Fields on which two cells may differ."""
        partition = self.dataset_shape.partition
        aside = {partition, *self.keys, *VERSION_FIELDS}
        return tuple(each.name for each in self.dataset_shape.fields if each.name not in aside)

    def item(self, alias: str = "") -> str:
        """SQL of the dialect that makes one text of the key of a row."""
        dot = f"{alias}." if alias else ""
        return " || '/' || ".join(f"cast({dot}{each} as varchar)" for each in self.keys)


@cache
def _dataset_shape(shape: str, dataset: str) -> DatasetShape:
    return next(each for each in shipped_shape(shape).datasets if each.name == dataset)


KINDS = {
    each.domain: each
    for each in (
        DomainKind("catalogue", "H", "shared_articles", ("sku_id",), "skus"),
        DomainKind("prices", "I", "shared_prices", ("sku_id", "valid_from"), "sku_costs"),
        DomainKind(
            "stock",
            "J",
            "shared_stock",
            ("stock_day", "sku_id", "location", "custodian", "customs_regime", "quality", "purpose"),
            "stock_snapshots",
        ),
        DomainKind("companies", "K", "shared_companies", ("entity_id",), "legal_entities"),
        DomainKind("orders", "F", "history"),
    )
}
"""Kinds by name."""
