"""The declared shape of a document on the wire: which fields, of which residency class, where in the JSON.

Everything below a document is text or a list of rows of text; numbers keep the digits that were sent. The engine reads
pages into these columns once. A field that is not declared here enters no table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.connectors.contract import Whose
from entrepot.engine import ListOf
from entrepot.model import PersonalKind, ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class WireField:
    """One value of a document.

    Attributes:
        name: Column that mapping SQL reads.
        at: Where it is in the document, `outer.inner`.
        residency: Class of its values.
        kind: For personal values, which kind.
        whose: For personal values, whom they name.
        required: A document without it is of another shape than declared.
        is_asked: Whether it stands in the question, for the answer leaves it out; every document has it then.
    """

    name: str
    at: str
    residency: ResidencyClass = ResidencyClass.OPERATIONAL
    kind: PersonalKind | None = None
    whose: Whose = Whose.BUYER
    required: bool = False
    # Left out of its text, which decides whether staged pages are still good: what answers say is read as ever.
    is_asked: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class WireList:
    """A list of rows inside a document."""

    name: str
    at: str
    fields: tuple[WireField | WireList, ...]
    required: bool = False


@dataclass(frozen=True)
class Document:
    """What one answer says of one thing.

    Attributes:
        fields: Its values and lists.
        ignored: Names of the platform that are known, and read by nothing; no finding is raised for them.
    """

    fields: tuple[WireField | WireList, ...]
    ignored: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        names = [each.name for each in self.fields]
        assert len(names) == len(set(names)), "a column of a document is named twice"

    @cached_property
    def asked(self) -> tuple[WireField, ...]:
        """Values that stand in the question."""
        return tuple(each for each in self.fields if isinstance(each, WireField) and each.is_asked)

    @cached_property
    def answered(self) -> tuple[WireField | WireList, ...]:
        """Values and lists that stand in the answer."""
        return tuple(each for each in self.fields if not (isinstance(each, WireField) and each.is_asked))

    @cached_property
    def known_paths(self) -> frozenset[str]:
        """Paths of its values in the answer."""
        return frozenset(path for path, _ in self.leaves())

    @cached_property
    def inner_paths(self) -> frozenset[str]:
        """Paths of objects and lists of the answer, within which values stand."""
        paths = [*self.known_paths, *(f"{path}." for path in _list_paths(self.answered, ""))]
        return frozenset(".".join(path.split(".")[:place]) for path in paths for place in range(1, path.count(".") + 1))

    def leaves(self) -> Iterator[tuple[str, WireField]]:
        """Path in the document (`orders.order.oid`) and field, lists walked into; what was asked is no part of it."""
        yield from _leaves(self.answered, "")

    def columns(self) -> tuple[tuple[str, ListOf | None], ...]:
        """Columns of the relation: text (None) or a list of rows."""
        return tuple((each.name, _type_of(each)) for each in self.fields)


def text(name: str, at: str = "", *, required: bool = False) -> WireField:
    """A value about goods or states."""
    return WireField(name, at or name, required=required)


def money(name: str, at: str = "") -> WireField:
    """An amount, in whatever unit the method has."""
    return WireField(name, at or name, ResidencyClass.BUSINESS)


def pointer(name: str, at: str = "", *, required: bool = False) -> WireField:
    """An id that points at a person together with other data."""
    return WireField(name, at or name, ResidencyClass.PSEUDONYMOUS, required=required)


def personal(name: str, kind: PersonalKind, at: str = "") -> WireField:
    """A personal value, masked or clear."""
    return WireField(name, at or name, ResidencyClass.PERSONAL, kind)


def asked(name: str) -> WireField:
    """A value of the question: what was asked for is always known."""
    return WireField(name, name, required=True, is_asked=True)


def many(name: str, at: str, *fields: WireField | WireList, required: bool = False) -> WireList:
    """A list of rows."""
    return WireList(name, at, fields, required)


def _type_of(each: WireField | WireList) -> ListOf | None:
    if isinstance(each, WireField):
        return None
    return ListOf(tuple((inner.name, _type_of(inner)) for inner in each.fields))


def _list_paths(fields: tuple[WireField | WireList, ...], prefix: str) -> Iterator[str]:
    for each in fields:
        if isinstance(each, WireList):
            yield prefix + each.at
            yield from _list_paths(each.fields, f"{prefix}{each.at}.")


def _leaves(fields: tuple[WireField | WireList, ...], prefix: str) -> Iterator[tuple[str, WireField]]:
    for each in fields:
        if isinstance(each, WireField):
            yield prefix + each.at, each
        else:
            yield from _leaves(each.fields, f"{prefix}{each.at}.")
