"""What a column is: its type, unit, residency class and meaning.

Plain data. Nothing here knows a file, an engine or a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The five types a canonical column may have."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"


class ResidencyClass(StrEnum):
    """How far a value may travel; see `docs/architecture.md`, cells and classes."""

    OPERATIONAL = "operational"
    BUSINESS = "business"
    PSEUDONYMOUS = "pseudonymous"
    PERSONAL = "personal"
    LOCAL = "local"
    SECRET = "secret"  # noqa: S105 the name of a class, not a secret


class PersonalKind(StrEnum):
    """What a personal value is, as the law lists it."""

    NAME = "name"
    MOBILE = "mobile"
    ADDRESS = "address"
    EMAIL = "email"
    ACCOUNT = "account"
    RESIDENT_ID = "resident_id"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a canonical table.

    Attributes:
        name: Widest word first, unit last (`paid_minor`).
        type: One of the five types; money is an integer of minor units.
        residency: The class of the value; a field without one cannot be written.
        meaning: One sentence for the reference page.
        nullable: Whether the value may be absent.
        kind: For personal values, which kind.
    """

    name: str
    type: FieldType
    residency: ResidencyClass
    meaning: str
    nullable: bool = True
    kind: PersonalKind | None = None

    def __post_init__(self) -> None:
        """Hold the promise that a personal field says which kind it is, and no other field does."""
        is_personal = self.residency is ResidencyClass.PERSONAL
        assert is_personal == (self.kind is not None), f"{self.name}: personal fields, and only they, have a kind"


class Origin(StrEnum):
    """Who writes a table."""

    OBSERVED = "observed"
    DERIVED = "derived"
    REFERENCE = "reference"
    BOOKED = "booked"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table as plain field data.

    Attributes:
        name: The table's name in files, SQL and documents.
        origin: `observed` tables come from connectors and carry provenance and precedence; `derived` ones are
            functions of others; `reference` ones come from settings and shipped data; `booked` ones are kept for good
            and follow from nothing; `raw` ones describe the raw log.
        key: Columns that identify a row.
        fields: Every column but the provenance columns, in order.
        meaning: One sentence for the reference page.
        partition: Columns whose values name the folder of a row; ASCII only.
        zero_means_absent: Column whose zero says "there is none (any more)"; such rows are kept, so that a newer zero
            takes back an older amount, and never shown.
        gives_way: Boolean column of rows that a source could not number: they cannot meet the same rows of another
            source, so readers see them only where no other row has the first column of the key.
        gives_way_by: Text column of rows that another source may tell in other pieces, and for each of its values the
            columns by which that is seen: where a row without a value agrees in them, readers do not see the row.
    """

    name: str
    origin: Origin
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    meaning: str
    partition: tuple[str, ...] = ()
    zero_means_absent: str | None = None
    gives_way: str | None = None
    gives_way_by: tuple[str, tuple[tuple[str, tuple[str, ...]], ...]] | None = None

    def __post_init__(self) -> None:
        """Hold the promise that names are unique and that key and partition are columns."""
        names = [field.name for field in self.fields]
        assert len(names) == len(set(names)), f"{self.name}: a column is named twice"
        told = {each for each in (self.zero_means_absent, self.gives_way) if each}
        if self.gives_way_by:
            told |= {self.gives_way_by[0], *(name for _, names in self.gives_way_by[1] for name in names)}
        missing = (set(self.key) | set(self.partition) | told) - set(names)
        assert not missing, f"{self.name}: {sorted(missing)} are not columns"

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """The columns with provenance, as stored."""
        return self.fields + PROVENANCE if self.origin is Origin.OBSERVED else self.fields


def text(
    name: str, meaning: str, residency: ResidencyClass = ResidencyClass.OPERATIONAL, *, required: bool = False
) -> Field:
    """A text column."""
    return Field(name, FieldType.TEXT, residency, meaning, nullable=not required)


def pseudonym(name: str, meaning: str, *, required: bool = False) -> Field:
    """A text that points at a person together with other data."""
    return text(name, meaning, ResidencyClass.PSEUDONYMOUS, required=required)


def local(name: str, meaning: str, *, required: bool = False) -> Field:
    """A text that never leaves its cell."""
    return text(name, meaning, ResidencyClass.LOCAL, required=required)


def personal(name: str, kind: PersonalKind, meaning: str) -> Field:
    """A personal value."""
    return Field(name, FieldType.TEXT, ResidencyClass.PERSONAL, meaning, kind=kind)


def minor(name: str, meaning: str, *, required: bool = False) -> Field:
    """An amount of money in minor units of the row's currency."""
    return Field(name, FieldType.INTEGER, ResidencyClass.BUSINESS, meaning, nullable=not required)


def integer(
    name: str, meaning: str, residency: ResidencyClass = ResidencyClass.OPERATIONAL, *, required: bool = False
) -> Field:
    """A count or a rate, with its unit last in the name."""
    return Field(name, FieldType.INTEGER, residency, meaning, nullable=not required)


def boolean(name: str, meaning: str) -> Field:
    """A yes or no."""
    return Field(name, FieldType.BOOLEAN, ResidencyClass.OPERATIONAL, meaning)


def instant(name: str, meaning: str) -> Field:
    """A moment, in UTC."""
    return Field(name, FieldType.INSTANT, ResidencyClass.OPERATIONAL, meaning)


def day(name: str, meaning: str, *, required: bool = False) -> Field:
    """A business day in the zone that the meaning names."""
    return Field(name, FieldType.DATE, ResidencyClass.OPERATIONAL, meaning, nullable=not required)


PROVENANCE: tuple[Field, ...] = (
    text(
        "source",
        "Format and column set the row was read from; rows of one source replace each other.",
        ResidencyClass.LOCAL,
        required=True,
    ),
    text(
        "version",
        "Sortable precedence: modification time, newest event, export time, rank of state, raw row.",
        ResidencyClass.LOCAL,
        required=True,
    ),
    local("raw_id", "The raw file of the row that decided last.", required=True),
    Field("row_no", FieldType.INTEGER, ResidencyClass.LOCAL, "The row in that file as a spreadsheet counts."),
    text("mapping_version", "Digest of the mapping that translated the row.", required=True),
    instant("seen_at", "When the raw file first entered the raw log."),
    boolean("is_current", "True for the row that readers see; false for one source among several of a merged row."),
)
"""Columns that every observed table ends with."""
