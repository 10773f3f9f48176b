"""The whole sample world in one value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from entrepot.sandbox.people import written_values

if TYPE_CHECKING:
    from collections.abc import Collection

    from entrepot.sandbox.facts import (
        AdSpend,
        BrokenRow,
        Entity,
        Movement,
        Order,
        Shop,
        Sku,
        WalletGap,
        WrongTotal,
    )


@dataclass(slots=True)
class World:
    """Everything that happened, and everything that was planted in the files on purpose.

    Attributes:
        orders: As they stand at the end of the world.
        movements: Oldest first within a shop; equal instants in statement order.
        broken: Rows that cannot be read.
        wrong_totals: Printed totals that are not those of the rows.
        wallet_gaps: Jumps in running balances.
    """

    seed: int
    entities: tuple[Entity, ...]
    shops: tuple[Shop, ...]
    skus: tuple[Sku, ...]
    orders: list[Order]
    movements: list[Movement]
    ad_spend: list[AdSpend] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    wrong_totals: list[WrongTotal] = field(default_factory=list)
    wallet_gaps: list[WalletGap] = field(default_factory=list)

    def orders_of(self, shop: str) -> list[Order]:
        """Orders of one shop, in the order in which they were placed."""
        return [order for order in self.orders if order.shop == shop]

    def movements_of(self, shop: str) -> list[Movement]:
        """Movements of one shop, in statement order."""
        return [move for move in self.movements if move.shop == shop]

    def of_shops(self, shops: Collection[str]) -> World:
        """The same world as one cell sees it: some shops, and the companies that own them."""
        kept = tuple(shop for shop in self.shops if shop.shop in shops)
        owners = {shop.entity for shop in kept}
        return replace(
            self,
            entities=tuple(entity for entity in self.entities if entity.entity_id in owners),
            shops=kept,
            orders=[order for order in self.orders if order.shop in shops],
            movements=[move for move in self.movements if move.shop in shops],
            ad_spend=[spend for spend in self.ad_spend if spend.shop in shops],
        )

    def broken_in(self, file: str) -> list[BrokenRow]:
        """Rows planted in one file, by row number."""
        return sorted((row for row in self.broken if row.file == file), key=lambda row: row.row_no)

    def unseen_orders(self) -> set[tuple[str, str]]:
        """Shop and number of every order whose only row is broken: no reader can know of it."""
        return {(row.shop, row.order_id) for row in self.broken if not row.is_extra}

    def personal_values(self) -> set[str]:
        """Every personal value that `write_files` writes, to look for where none may be."""
        found: set[str] = set()
        for order in self.orders:
            found |= written_values(order.channel, order.buyer)
        return found
