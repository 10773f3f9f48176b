"""Who is the processor in law: not the cell, the shop or the recipient, but whoever decides over the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from entrepot.residency.law_errors import RoleUnknown

RoleKind = Literal["independent_processor", "joint", "entrusted", "overseas_processor_direct"]
ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a company is in one flow of a shop.

    Attributes:
        shop: The shop, or `*` for every shop.
        flow: The flow, or `*` for every flow.
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
        """Hold the promise that joint and entrusted processors name the other side."""
        needs_others = self.kind in ("joint", "entrusted")
        assert needs_others == bool(self.others), f"{self.kind}: others are named by joint and entrusted ones, only"


@dataclass(frozen=True, slots=True)
class LegalProcessor:
    """For whom persons are counted.

    Attributes:
        processor: The one whose totals decide the route.
        also: Joint processors, for each of whom the same persons are recorded too.
        is_abroad: It collects from abroad, so that the collection is the transfer.
    """

    processor: str
    also: tuple[str, ...]
    is_abroad: bool


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of a cell."""

    roles: tuple[Role, ...]

    def processor_of(self, shop: str, flow: str) -> LegalProcessor:
        """The processor in law; what is said of the shop and the flow wins over what is said of either.

        Raises:
            RoleUnknown: Nobody said.
        """
        for wanted in ((shop, flow), (shop, ANY), (ANY, flow), (ANY, ANY)):
            for role in self.roles:
                if (role.shop, role.flow) == wanted:
                    return _legal(role)
        raise RoleUnknown(shop, flow)


def processor_of(roles: Roles, shop: str, flow: str) -> LegalProcessor:
    """The processor in law of a shop's flow; see `Roles.processor_of`."""
    return roles.processor_of(shop, flow)


def _legal(role: Role) -> LegalProcessor:
    if role.kind == "entrusted":
        return LegalProcessor(role.others[0], (), is_abroad=False)
    also = role.others if role.kind == "joint" else ()
    return LegalProcessor(role.entity, also, is_abroad=role.kind == "overseas_processor_direct")
