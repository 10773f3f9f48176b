"""Who is the processor in law: not the cell, the shop or the recipient, but whoever decides over the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.residency.law_errors import RoleUnknown

if TYPE_CHECKING:
    from collections.abc import Mapping

RoleKind = Literal["independent_processor", "joint", "entrusted", "overseas_processor_direct"]
ANY = "*"


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a company is in one flow of a shop.

    Attributes:
        shop: The shop, or `*` for every shop.
        flow: The permit, or `*` for every permit.
        kind: independent_processor: `entity` decides alone. joint: it decides with `others`. entrusted: it acts for the
            first of `others`. overseas_processor_direct: `entity` is abroad and collects from the persons itself.
        entity: The company that handles the data.
        others: Joint processors, or the company that entrusted it.
    """

    shop: str
    flow: str
    kind: RoleKind
    entity: str
    others: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a joint or entrusted company that does not name the other side, and others beside anybody else."""
        if (self.kind in ("joint", "entrusted")) != bool(self.others):
            raise ValueError(f"{self.kind}: `others` are named by joint and entrusted companies, and by those only")


@dataclass(frozen=True, slots=True)
class LegalProcessor:
    """For whom persons are counted.

    Attributes:
        processor: The one whose totals decide the route.
        also: Joint processors, for each of whom the same persons are counted and the law is asked too.
        is_abroad: It is abroad and collects from persons in the region, so that its data was not collected abroad.
    """

    processor: str
    also: tuple[str, ...] = ()
    is_abroad: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of a cell.

    Attributes:
        roles: As somebody decided them.
        owners: Shop, or `*`, to the company that owns it: it decides alone where nothing else was said.
    """

    roles: tuple[Role, ...]
    owners: Mapping[str, str] = field(default_factory=dict)

    def processor_of(self, shop: str, flow: str) -> LegalProcessor:
        """The processor in law; what is said of the shop and the flow wins over what is said of either.

        Raises:
            RoleUnknown: Nobody said.
        """
        for wanted in ((shop, flow), (shop, ANY), (ANY, flow), (ANY, ANY)):
            for role in self.roles:
                if (role.shop, role.flow) == wanted:
                    return _legal(role)
        owner = self.owners.get(shop, self.owners.get(ANY))
        if owner is None:
            raise RoleUnknown(shop, flow)
        return LegalProcessor(owner)


def _legal(role: Role) -> LegalProcessor:
    if role.kind == "entrusted":
        return LegalProcessor(role.others[0])
    also = role.others if role.kind == "joint" else ()
    return LegalProcessor(role.entity, also, role.kind == "overseas_processor_direct")
