"""What is replaced in a row of a file when a person is erased, and by what.

A placeholder is typed and numbered, `[erased:mobile:17]`: equal values get equal ones and different values different
ones, so that rows which were the same stay the same and nobody counts twice. Numbers are never given twice in a cell.
Placeholders hold no delimiter, no quotation mark and no capital letter, which a mapping might lower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from entrepot.residency.matching import bytes_pattern, words_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUYER, TALENT = "buyer", "talent"

_BLANKS = " \t\r\n\u00a0\ufeff\u3000"
_TELLS_APART = frozenset({"account", "email", "mobile", "resident_id"})
_LENGTH_MIN = {"mobile": 7, "email": 6, "address": 8, "account": 4, "name": 3, "resident_id": 8}
"""Shorter values stand for too much else to be replaced where no order says whose they are."""

_ANYWHERE = frozenset({"mobile", "email", "address", "resident_id"})
"""Kinds that are nothing but personal wherever they stand; a name or an account may also be that of a product."""

_TELLS_ONE = frozenset({"mobile", "email", "resident_id"})
"""Kinds of which one value means one person, wherever it is written in the clear."""

_END_OF_ID = re.compile(r"[0-9]{8,}$")
_HARMLESS = re.compile(r"[-+]?[0-9.,%]{0,9}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T][0-9:]{4,8})?")


class Secret(msgspec.Struct, frozen=True):
    """One value of a person who is erased.

    Attributes:
        text: As cells have it, without what surrounds it.
        kind: Kind of personal value.
        whose: buyer or talent.
        number: Of its placeholder.
        is_exclusive: No row of anybody else has it, so it may be replaced wherever it stands.
    """

    text: str
    kind: str
    whose: str
    number: int
    is_exclusive: bool

    @property
    def placeholder(self) -> str:
        """What stands in its place."""
        return placeholder(self.kind, self.number)

    @property
    def claims_rows(self) -> bool:
        """Whether a row with this value is the person's, also where no order says so."""
        return self.is_exclusive and (self.kind in _TELLS_APART or self.whose == TALENT)

    @property
    def is_found_anywhere(self) -> bool:
        """Whether it is replaced in free text too."""
        return self.is_exclusive and len(self.text) >= _LENGTH_MIN[self.kind]


class OwnOrder(msgspec.Struct, frozen=True):
    """An order of a buyer who is erased.

    Attributes:
        order_id: The platform's number.
        shop: Whose number it is.
        in_shop_only: Other shops may have an order of that number.
    """

    order_id: str
    shop: str
    in_shop_only: bool


class Plan(msgspec.Struct, frozen=True):
    """All that an erasure has to know until it has finished; it lies in one file, readable by its owner only.

    Attributes:
        erasure_id: Random.
        subjects: Person keys and order keys of those who are erased.
        secrets: Their values.
        orders: Their orders.
        number: Of placeholders for text that no value names: messages, remarks, cells of rows that cannot be read.
    """

    erasure_id: str
    subjects: tuple[str, ...]
    secrets: tuple[Secret, ...]
    orders: tuple[OwnOrder, ...]
    number: int

    def cleaned(self, text: str) -> str:
        """Any text without those values that are nobody else's."""
        return self.rewriter.cleaned(text)

    def names_someone(self, text: str) -> bool:
        """Whether a text holds any of the values, also one that somebody else has too."""
        every = {each.text: "" for each in self.secrets if len(each.text) >= _LENGTH_MIN[each.kind]}
        return Rewriter(every).cleaned(text) != text

    @property
    def rewriter(self) -> Rewriter:
        """Replaces values in text that has no columns."""
        return Rewriter({each.text: each.placeholder for each in self.secrets if each.is_found_anywhere})


@dataclass(frozen=True)
class Rewriter:
    """Replaces values wherever they stand alone in a text.

    Attributes:
        by_text: Value to placeholder.
    """

    by_text: Mapping[str, str]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return words_pattern(self.by_text)

    def cleaned(self, text: str) -> str:
        """The text without the values."""
        return self._pattern.sub(lambda found: self.by_text[found[0]], text) if self._pattern else text


@dataclass(frozen=True, slots=True)
class CellRule:
    """What a column of a file is, as far as erasure must know.

    Attributes:
        kind: Kind of personal value; empty for other columns.
        whose: Whom a personal column names.
        is_reference: Its values point at an order.
        is_loose: Nothing reads it: in a person's own rows it is replaced whole.
        is_text: It may hold text about anybody.
        is_amount: It is never touched.
        may_break: Its cells may hold line breaks.
    """

    kind: str = ""
    whose: str = BUYER
    is_reference: bool = False
    is_loose: bool = False
    is_text: bool = False
    is_amount: bool = False
    may_break: bool = False


UNKNOWN = CellRule(is_loose=True, is_text=True, may_break=True)
"""A column that the format does not know: its values are of unknown class, so they count as text about a person."""


def placeholder(kind: str, number: int) -> str:
    """What stands in the place of a value."""
    return f"[erased:{kind}:{number}]"


def core_span(text: str) -> tuple[int, int]:
    """Where the value of a cell stands, without blanks and the wrapping that spreadsheets add (`="…"`, `'…`)."""
    start, end = len(text) - len(text.lstrip(_BLANKS)), len(text.rstrip(_BLANKS))
    if start >= end:
        return start, start
    if text.startswith('="', start) and text[start:end].endswith('"') and end - start > len('=""'):
        return start + 2, end - 1
    if text[start] in "'`":
        start += 1
        start += len(text[start:end]) - len(text[start:end].lstrip(_BLANKS))
    return start, end


class Redactor:
    """Replaces what is personal in the rows of one table of one file.

    Args:
        plan: What is erased.
        rules: What each column is; empty where nobody knows.
        shop: Shop that the file belongs to; empty where its rows are of several.
        empty_words: Cells that mean nothing in this format.
    """

    def __init__(self, plan: Plan, rules: Sequence[CellRule], shop: str, empty_words: Sequence[str] = ()) -> None:
        self._rules, self._empty = tuple(rules), {"", *empty_words}
        self._rest = plan.number
        self._values = {(each.whose, each.kind, each.text): each for each in plan.secrets}
        self._claims = {(each.whose, each.text) for each in plan.secrets if each.claims_rows}
        self._orders = {each.order_id for each in plan.orders if not each.in_shop_only or shop in ("", each.shop)}
        anywhere = [each for each in plan.secrets if each.is_found_anywhere]
        self._in_text = Rewriter({each.text: each.placeholder for each in anywhere})
        self._in_any = Rewriter({each.text: each.placeholder for each in anywhere if each.kind in _ANYWHERE})
        # Somebody else's cell loses only what cannot be theirs: a name, an account, a street or a masked phone may be a
        # part of what is.
        clear = [each for each in anywhere if each.kind in _TELLS_ONE and "*" not in each.text]
        self._in_others = Rewriter({each.text: each.placeholder for each in clear})
        self.cells = 0

    def row(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row with what is personal replaced; counts them in `cells`."""
        cores = [cell[slice(*core_span(cell))] for cell in cells]
        if len(cells) == len(self._rules):
            whose = self._owners(cores)
            made = [
                self._cell(cell, core, rule, whose) for cell, core, rule in zip(cells, cores, self._rules, strict=True)
            ]
        elif any(self._is_own(core) or (BUYER, core) in self._claims for core in cores):
            # Nobody can say which cell is which, and no table has anything of such a row: all that is text goes.
            made = [self._of_broken_row(cell, core) for cell, core in zip(cells, cores, strict=True)]
        else:
            made = [self._in_text.cleaned(cell) for cell in cells]
        self.cells += sum(old != new for old, new in zip(cells, made, strict=True))
        return made

    def _owners(self, cores: Sequence[str]) -> set[str]:
        found = set()
        for core, rule in zip(cores, self._rules, strict=True):
            if rule.is_reference and self._is_own(core):
                found.add(BUYER)
            if rule.kind and (rule.whose, _normalised(rule.kind, core)) in self._claims:
                found.add(rule.whose)
        return found

    def _is_own(self, core: str) -> bool:
        if core in self._orders:
            return True
        end = _END_OF_ID.search(core)
        return end is not None and end[0] in self._orders

    def _cell(self, cell: str, core: str, rule: CellRule, whose: set[str]) -> str:
        if core in self._empty or rule.is_amount:
            return cell
        if rule.kind and rule.whose in whose:
            secret = self._values.get((rule.whose, rule.kind, _normalised(rule.kind, core)))
            number = secret.number if secret else self._rest
            return self._replaced(cell, placeholder(rule.kind, number), rule)
        if rule.is_loose and BUYER in whose:
            return self._replaced(cell, placeholder("text", self._rest), rule)
        if rule.is_text:
            return self._in_text.cleaned(cell)
        if rule.is_reference:
            return cell
        return (self._in_others if rule.kind else self._in_any).cleaned(cell)

    def _replaced(self, cell: str, new: str, rule: CellRule) -> str:
        """The cell with another value in it, which the next reading trusts or refuses as it did the old one."""
        start, end = core_span(cell)
        core = cell[start:end]
        if core.startswith("[erased:"):
            return cell
        spoilt = next((mark for mark in core if mark in "\x00\ufffd" or "\udc80" <= mark <= "\udcff"), "")
        commas = core.count(",")
        if "\n" in core and (not rule.may_break or commas >= max(len(self._rules) - 1, 1)):
            spoilt += "\n" + "," * commas + "."
        return cell[:start] + new + spoilt + cell[end:]

    def _of_broken_row(self, cell: str, core: str) -> str:
        if core in self._empty or self._is_own(core) or _HARMLESS.fullmatch(core) or core.startswith("[erased:"):
            return cell
        return self._replaced(cell, placeholder("text", self._rest), UNKNOWN)


def _normalised(kind: str, core: str) -> str:
    return core.casefold() if kind == "email" else core


def search_pattern(plan: Plan, encoding: str) -> re.Pattern[bytes] | None:
    """Finds the bytes of every row that erasure might have to change, and of some others.

    Args:
        plan: What is erased.
        encoding: Of the file.
    """
    texts = {each.order_id for each in plan.orders}
    for each in plan.secrets:
        if each.is_exclusive:
            # E-mail addresses are compared in small letters; platforms write them in any.
            texts |= {each.text, each.text.upper(), each.text.capitalize()} if each.kind == "email" else {each.text}
    encoded = (text.encode(encoding, errors="ignore") for text in texts)
    return bytes_pattern(encoded)
