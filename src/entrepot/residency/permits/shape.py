"""The shape of a permit: which tables may leave and what becomes of each column. Shipped as YAML, closed and hashed.

A shape says nothing about who sends to whom; those are the terms of a cell's own permit (`terms.py`).
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec

from entrepot.residency.gate_errors import PermitInvalid

__all__ = [
    "DatasetShape",
    "FieldShape",
    "PermitShape",
    "shape_from_text",
    "shape_names",
    "shipped_shape",
    "source_text",
]

_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class FieldShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column that leaves.

    Attributes:
        name: Its name outside.
        type: One of the five types of the model.
        transform: pass as it is; token, a keyed digest of its own; generalise, less than it said.
        source: Column of the dataset's source; empty where it has the same name.
        form: For text that passes: what it may look like (`forms.py`). Anything else becomes `withheld`.
        to: For generalise: month, day or year of a time, or a band of an amount.
        band: For a band: its width in the column's own unit.
        meaning: One sentence for the reader abroad.
    """

    name: _Name
    type: Literal["text", "integer", "boolean", "date", "instant"]
    meaning: str
    transform: Literal["pass", "token", "generalise"] = "pass"
    source: str = ""
    form: str = ""
    to: Literal["", "day", "month", "year", "band"] = ""
    band: int = 0

    @property
    def column(self) -> str:
        """The column it is made of."""
        return self.source or self.name


class DatasetShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table that leaves, a partition at a time: a partition that changed goes again as a whole.

    Attributes:
        name: Its name outside.
        meaning: One sentence.
        source: SQL file of the shape; its columns are all that the fields may use.
        partition: Field whose value cuts the table into parts.
        fields: What leaves.
        persons: SQL file that names the person behind each row (`part`, `person_key`, `subject`, `sensitivity`,
            `is_linked`), empty where no row points at one.
        cells: Whether the source is a report by person that leaves as safe sums, `rows` by channel and shop or
            `groups` of SKUs, or as `counts` with noise (`aggregates`); empty where rows leave as they are.
    """

    name: _Name
    meaning: str
    source: str
    partition: str
    fields: tuple[FieldShape, ...]
    persons: str = ""
    cells: Literal["", "rows", "groups", "counts"] = ""


class PermitShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named kind of flow between two cells.

    Attributes:
        shape: Its letter.
        version: Raised with every change of meaning.
        title: By language.
        meaning: What it is for, one paragraph.
        purposes: Purposes it can be used for, and no other.
        datasets: What leaves.
        personal: Whether personal values may pass; only for what an order abroad needs.
        sale_models: Where not empty, only orders of shops that sell so.
    """

    shape: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]$")]
    version: int
    title: dict[str, str]
    meaning: str
    purposes: tuple[str, ...]
    datasets: tuple[DatasetShape, ...]
    personal: bool = False
    sale_models: tuple[str, ...] = ()

    @property
    def counts_persons(self) -> bool:
        """Whether any row points at a person."""
        return any(each.persons for each in self.datasets)

    @property
    def is_aggregate(self) -> bool:
        """Whether safe sums or counts leave, and no rows."""
        return any(each.cells for each in self.datasets)

    @property
    def is_noisy(self) -> bool:
        """Whether counts with noise leave."""
        return any(each.cells == "counts" for each in self.datasets)


def shape_names() -> tuple[str, ...]:
    """Letters of the shipped shapes, strictest first."""
    folder = resources.files("entrepot.residency.permits").joinpath("shipped")
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")))


@cache
def shipped_shape(letter: str) -> PermitShape:
    """A shipped shape.

    Raises:
        PermitInvalid: There is none of that letter.
    """
    if letter not in shape_names():
        raise PermitInvalid(letter, "shape", f"there is no shape {letter}; known are {', '.join(shape_names())}")
    folder = resources.files("entrepot.residency.permits").joinpath("shipped")
    return shape_from_text(folder.joinpath(f"{letter}.yaml").read_text(encoding="utf-8"), letter)


def source_text(name: str) -> str:
    """Text of a SQL file of the shipped shapes."""
    folder = resources.files("entrepot.residency.permits").joinpath("shipped", "sql")
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")


def shape_from_text(text: str, name: str) -> PermitShape:
    """Read a shape.

    Raises:
        PermitInvalid: It has an unknown key, lacks one, or contradicts itself.
    """
    try:
        shape = msgspec.yaml.decode(text.encode(), type=PermitShape)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PermitInvalid(name, "shape", str(error)) from error
    for dataset in shape.datasets:
        names = [field.name for field in dataset.fields]
        if len(set(names)) != len(names):
            raise PermitInvalid(name, dataset.name, "a field is named twice")
        if dataset.partition not in names:
            raise PermitInvalid(name, dataset.name, f"the partition {dataset.partition} is none of its fields")
        if next(field.form for field in dataset.fields if field.name == dataset.partition) != "period":
            raise PermitInvalid(name, dataset.name, f"the partition {dataset.partition} is not of the form `period`")
        if bool(dataset.cells) != shape.is_aggregate:
            raise PermitInvalid(name, dataset.name, "a shape lets out sums or rows, not both")
        for field in dataset.fields:
            if problem := _problem_of(field):
                raise PermitInvalid(name, f"{dataset.name}.{field.name}", problem)
    return shape


def _problem_of(field: FieldShape) -> str:
    if field.transform == "pass" and (field.type == "text") != bool(field.form):
        return "text that passes has a form, and nothing else has one"
    if (field.transform == "generalise") != bool(field.to):
        return "generalise says to what, and nothing else does"
    if (field.to == "band") != (field.band > 0):
        return "a band has a width, and nothing else has one"
    if field.transform == "token" and field.type != "text":
        return "a token is text"
    return ""
