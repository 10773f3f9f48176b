"""What people decided where the law leaves it to them: roles of companies, rules that do not hold here.

It stands in `border/decisions.yaml` of the cell, next to the evidence, and is read anew for each transfer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from entrepot.residency.duties import Override
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.roles import ANY, Role, Roles

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.residency.door import Door

__all__ = ["Decided", "decided_in", "roles_of"]


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`decisions.yaml`.

    Attributes:
        roles: What companies are in the flows of shops.
        overrides: Rules of the profile that allow it and do not hold here.
        aggregates_only: Cells that may have sums and no rows of what they are made of.
    """

    roles: tuple[Role, ...] = ()
    overrides: tuple[Override, ...] = ()
    aggregates_only: tuple[str, ...] = ()


def decided_in(path: Path) -> Decided:
    """The decisions of a cell; none without a file.

    Raises:
        PermitInvalid: The file cannot be read.
    """
    if not path.exists():
        return Decided()
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Decided)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PermitInvalid("-", path.name, str(error)) from error


def roles_of(door: Door, decided: Decided) -> Roles:
    """Roles as decided; else a shop's company of `cell.toml` decides alone, and the cell's only company does so."""
    only = {ANY: door.declared.entities[0]} if len(set(door.declared.entities)) == 1 else {}
    return Roles(decided.roles, {**only, **door.owners})
