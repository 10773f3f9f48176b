"""A cell's own permit: which shape, to whom, for what, until when, on what grounds. One YAML file each in the cell."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import msgspec

from entrepot.residency.aggregates.noise import Noise
from entrepot.residency.aggregates.rules import Rule
from entrepot.residency.gate_errors import PermitInvalid, PermitUnknown
from entrepot.residency.permits.shape import PermitShape, shipped_shape
from entrepot.residency.route_facts import ZoneFacts

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Aggregates", "Circumstances", "Permit", "Recipient", "permit_names", "permit_of", "permit_text"]


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who receives, as the notice to persons names it.

    Attributes:
        name: Legal name.
        region: Region of the receiving cell.
        contact: Where persons and authorities reach it; a function, never a person.
    """

    name: str
    region: str
    contact: str


class Circumstances(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the route of a transfer depends on and only people can know.

    Attributes:
        important_data: Whether important data is among it; left out, nobody has determined it, and nothing leaves.
        is_ciio: The processor operates critical information infrastructure.
        necessity: Which contract with the person needs it, and why; counts for the closed purposes only.
        collected_abroad: All of it was collected abroad.
        zone: What an exporter in a free-trade zone states.
        hr: It manages employees under lawful labour rules; counts where nobody else is among the persons.
        emergency: Life, health or property is at stake.
        occasional: It is not part of a regular course.
        with_children: Children are among the persons, so everything about persons is sensitive.
        for_foreign_authority: A court or authority abroad asks for it.
    """

    important_data: bool | None = None
    is_ciio: bool = False
    necessity: str = ""
    collected_abroad: bool = False
    zone: ZoneFacts | None = None
    hr: bool = False
    emergency: bool = False
    occasional: bool = False
    with_children: bool = False
    for_foreign_authority: bool = False


_Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
_Group = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
_RESERVED = {"none", "withheld"}


class Aggregates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How safe sums, or counts with noise, are made; for shapes that let them out.

    Attributes:
        currency: Currency in which the report is added up; XXX, which is none, for counts.
        month_from: First month that leaves; only months that are over do.
        month_to: Last month.
        sku_groups: Group to its SKUs; what is in none stands by itself.
        orders_as_persons: Channels whose files do not say who bought, and of which each order stands for a person of
            its own. Of any other channel all such orders count as one person together, so that a doubt hides.
        rule: When a sum may be shown.
        noise: How counts are drawn; there if and only if the shape lets out such.
    """

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    month_from: _Month
    month_to: _Month
    sku_groups: dict[_Group, tuple[str, ...]] = {}
    orders_as_persons: tuple[str, ...] = ()
    rule: Rule = Rule()
    noise: Noise | None = None

    def __post_init__(self) -> None:
        """Refuse months that end before they begin, groups that overlap or bear a name with a meaning of its own."""
        if self.month_to < self.month_from:
            raise ValueError("month_to is not before month_from")
        skus = [sku for group in self.sku_groups.values() for sku in group]
        if len(set(skus)) != len(skus):
            raise ValueError("an SKU is in one group at most")
        if _RESERVED & set(self.sku_groups):
            raise ValueError(f"a group is not called {' or '.join(sorted(_RESERVED))}")


class Permit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms of one flow.

    Attributes:
        permit: Its name, which is its file's.
        shape: Letter of the shape.
        to: Name of the receiving cell.
        purpose: One of the shape's.
        recipient: Who receives.
        processor: The legal processor whose persons are counted: whoever decides over the data, not the cell.
        circumstances: What the route depends on.
        platform_permission: Where the platform allows its data to be taken out of its cloud or country: the document.
            Without one for each channel concerned, nothing leaves.
        valid_from: First day.
        valid_to: Last day.
        persons_max: Cap on distinct persons a year, where an approved route has one.
        shops: Only these; empty for all.
        leave_out: Fields, `dataset.field`, that do not leave although the shape has them.
        uncosigned_days_max: With entries of the log that no other cell has cosigned for longer, nothing leaves.
        aggregates: How safe sums are made; there if and only if the shape lets out such.
    """

    permit: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    shape: str
    to: str
    purpose: str
    recipient: Recipient
    processor: str
    valid_from: date
    valid_to: date
    circumstances: Circumstances = Circumstances()
    platform_permission: dict[str, str] = {}
    persons_max: int | None = None
    shops: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    uncosigned_days_max: int | None = None
    aggregates: Aggregates | None = None


def permit_names(folder: Path) -> tuple[str, ...]:
    """Names of the permits of a cell."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def permit_of(folder: Path, name: str) -> tuple[Permit, PermitShape]:
    """A permit of a cell with its shape.

    Raises:
        PermitUnknown: There is none of that name.
        PermitInvalid: It cannot be used.
    """
    path = folder / f"{name}.yaml"
    if name not in permit_names(folder):
        raise PermitUnknown(name, permit_names(folder))
    try:
        permit = msgspec.yaml.decode(path.read_bytes(), type=Permit)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PermitInvalid(name, path.name, str(error)) from error
    if permit.permit != name:
        raise PermitInvalid(name, path.name, f"it calls itself {permit.permit}; a permit has the name of its file")
    shape = shipped_shape(permit.shape)
    if permit.purpose not in shape.purposes:
        known = ", ".join(shape.purposes)
        raise PermitInvalid(name, "purpose", f"shape {shape.shape} serves {known}, not {permit.purpose}")
    fields = {f"{dataset.name}.{field.name}": dataset for dataset in shape.datasets for field in dataset.fields}
    for left_out in permit.leave_out:
        if left_out not in fields:
            raise PermitInvalid(name, "leave_out", f"shape {shape.shape} has no field {left_out}")
        if fields[left_out].partition == left_out.partition(".")[2]:
            raise PermitInvalid(name, "leave_out", f"{left_out} cuts the table into parts and cannot be left out")
    if problem := _problem_of_aggregates(permit, shape):
        raise PermitInvalid(name, "aggregates", problem)
    if permit.valid_to < permit.valid_from:
        raise PermitInvalid(name, "valid_to", "it ends before it begins")
    return permit, shape


def _problem_of_aggregates(permit: Permit, shape: PermitShape) -> str:
    if (permit.aggregates is not None) != shape.is_aggregate:
        return "permits that let out sums say how they are made, and no others do"
    if permit.aggregates is not None and (permit.aggregates.noise is not None) != shape.is_noisy:
        return "permits that let out counts say how they are drawn (noise), and no others do"
    return ""


def permit_text(permit: Permit) -> str:
    """A permit as its file."""
    return msgspec.yaml.encode(permit).decode()
