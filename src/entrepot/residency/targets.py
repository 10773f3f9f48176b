"""Targets inside the region: a system of the company's own that gets documents of this cell.

Not a border: nothing leaves the region, so nothing is counted or signed. But a target is a recipient too. Its permit
states the region where it is hosted, the purpose and the fields; only what passes here may be delivered, and nothing
that names a person ever does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import Refused
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_NEVER = frozenset({ResidencyClass.PERSONAL, ResidencyClass.LOCAL, ResidencyClass.SECRET})


@dataclass(frozen=True)
class TargetPermit:
    """What one target may get.

    Attributes:
        target: Its name.
        region: Where it is hosted.
        purpose: What for; kept with the documents.
        fields: Columns of documents that it gets.
    """

    target: str
    region: str
    purpose: str
    fields: frozenset[str]


@dataclass(frozen=True, eq=False)
class ClearedDocuments:
    """Documents that may go to a target; only `clear_for_target` makes them.

    Attributes:
        permit: Under which.
        lines: Their lines.
    """

    permit: TargetPermit
    lines: pa.Table


class TargetAbroad(Refused):
    """A target that is hosted in another region than the cell."""

    code = "residency.target_abroad"

    def __init__(self, target: str, region: str, own_region: str) -> None:
        super().__init__(target, region, own_region)
        self.target, self.region, self.own_region = target, region, own_region

    def __str__(self) -> str:
        return (
            f"{self.target} is hosted in {self.region}, and this cell is of {self.own_region}; a cell delivers within "
            "its own region only: let the cell of that region deliver what the border let through"
        )


class FieldNotPermitted(Refused):
    """A column that the target's permit does not name, or that no target may ever get."""

    code = "residency.field_not_permitted"

    def __init__(self, target: str, fields: tuple[str, ...]) -> None:
        super().__init__(target, fields)
        self.target, self.fields = target, fields

    def __str__(self) -> str:
        return f"{self.target} may not get {', '.join(self.fields)}; see `fields` of its [[targets]] in cell.toml"


def clear_for_target(
    lines: pa.Table, permit: TargetPermit, own_region: str, classes: Mapping[str, ResidencyClass]
) -> ClearedDocuments:
    """Let documents through to a target of this region.

    Args:
        lines: Lines of documents.
        permit: The target's.
        own_region: Of the cell.
        classes: By column, its class; a column without one is `local`.

    Raises:
        TargetAbroad: The target is hosted elsewhere.
        FieldNotPermitted: A column is not in the permit, or names persons.
    """
    if permit.region.lower() != own_region.lower():
        raise TargetAbroad(permit.target, permit.region, own_region)
    refused = tuple(
        name
        for name in lines.column_names
        if name not in permit.fields or classes.get(name, ResidencyClass.LOCAL) in _NEVER
    )
    if refused:
        raise FieldNotPermitted(permit.target, refused)
    return ClearedDocuments(permit, lines)
