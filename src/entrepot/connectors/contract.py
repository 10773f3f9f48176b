"""What a connector declares: facts about its files and its mapping, before any code.

A connector is a folder: `spec.py` (facts), `files.py` (formats of seller-centre files), `mapping/` (SQL and code
lists). Shared code reads these declarations and never asks for a connector by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING

from entrepot.model import PersonalKind, ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from entrepot.connectors.live.contract import Feed, LiveConnector


class Whose(StrEnum):
    """Whom a personal column names: erasing a buyer leaves the talent and the shop's own people alone."""

    BUYER = "buyer"
    TALENT = "talent"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class WireColumn:
    """A column of a file, as the platform writes it.

    Attributes:
        name: Header after cleaning (no blanks around it, no byte order mark).
        residency: Class of its values.
        aliases: Other spellings of the same header in other generations of the export.
        required: A file without it is not of this format.
        is_id: Values are numbers a spreadsheet can ruin; `2.89E+18` is refused.
        free_text: Values may hold line breaks.
        kind: For personal columns, which kind.
        whose: For personal columns, whom they name; who receives counts as buyer.
    """

    name: str
    residency: ResidencyClass = ResidencyClass.OPERATIONAL
    aliases: tuple[str, ...] = ()
    required: bool = False
    is_id: bool = False
    free_text: bool = False
    kind: PersonalKind | None = None
    whose: Whose = Whose.BUYER


def money(name: str, *, required: bool = False) -> WireColumn:
    """A column of amounts."""
    return WireColumn(name, ResidencyClass.BUSINESS, required=required)


def unread(*names: str) -> tuple[WireColumn, ...]:
    """Columns known to exist and read by nothing: free text, ids that no table needs yet. They never leave the cell."""
    return tuple(WireColumn(name, ResidencyClass.LOCAL, free_text=True) for name in names)


class TotalOf(StrEnum):
    """What a control total adds up."""

    COUNT = "count"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A total that the file itself states, against which its rows are checked.

    Attributes:
        name: Word for messages and the exception's key.
        pattern: Regular expression over a line outside the data, with a group `stated`.
        of: Count of rows or sum of amounts.
        column: Column that is added up; only rows where it is not zero are counted.
        absolute: Whether signs are dropped before adding.
    """

    name: str
    pattern: str
    of: TotalOf
    column: str
    absolute: bool = True


@dataclass(frozen=True)
class FileFormat:
    """One kind of seller-centre file.

    Attributes:
        name: `<connector>_<what>`; also the relation that mapping SQL reads.
        channel: Platform that the rows belong to.
        title: What people call it, by language (`zh`, `en`).
        source: Where the facts were read.
        columns: Every column known, in the usual order.
        facts: Named regular expressions over lines outside the data; each has a group `value`. Known names: `account`,
            `exported_at_beijing`.
        file_name_facts: The same over the file's name: `exported_unix`.
        totals: Control totals that the file may state.
        empty_words: Cells that mean nothing there (`-`).
        shop_column: Column that names the shop on each row.
        shop: Shop of its rows, where a user declared the format for one.
        formula_row: Whether the row under the header may explain the columns and is to be skipped.
        comment_mark: Beginning of a row that is a remark and no data; empty where ids may begin with it.
        total_words: First cells that mark a total row, which is skipped and never data.
        cell_mark: What every cell of a row begins with: in a row with too many commas, one without it behind separates
            nothing, and a quotation mark is one of the text.
        ends_in_separator: Whether each row ends in a separator that the header has not. Without a source that says so,
            a row with a cell too many is refused: it may be a comma in an amount, which moves all cells behind it.
        numbered_by_shop: Where each shop numbers its orders from 1001 on: the column of the number, and that of the
            instant of ordering, which never changes. Two files of one shop agree on it.
    """

    name: str
    channel: str
    title: Mapping[str, str]
    source: str
    columns: tuple[WireColumn, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    file_name_facts: Mapping[str, str] = field(default_factory=dict)
    totals: tuple[ControlTotal, ...] = ()
    empty_words: tuple[str, ...] = ()
    shop_column: str | None = None
    shop: str = ""
    formula_row: bool = False
    comment_mark: str = "#"
    total_words: tuple[str, ...] = ("合计", "总计")
    cell_mark: str = ""
    ends_in_separator: bool = False
    numbered_by_shop: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Hold the promise that headers are unique and that something is required."""
        names = [spelling for column in self.columns for spelling in (column.name, *column.aliases)]
        assert len(names) == len(set(names)), f"{self.name}: a header is named twice"
        assert any(column.required for column in self.columns), f"{self.name}: no column is required"

    @cached_property
    def header_names(self) -> Mapping[str, str]:
        """Every spelling of a header to its column's name."""
        return {spelling: column.name for column in self.columns for spelling in (column.name, *column.aliases)}

    @cached_property
    def required_names(self) -> frozenset[str]:
        """Columns without which a file is not of this format."""
        return frozenset(column.name for column in self.columns if column.required)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a connector does not do, and who must act: `not_yet` we, `not_offered` they, `never` nobody."""

    who: str
    why: str


def not_yet(why: str) -> Gap:
    """A gap that we close."""
    return Gap("not_yet", why)


def not_offered(why: str) -> Gap:
    """A gap that only the platform can close."""
    return Gap("not_offered", why)


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """Facts about a marketplace or payment provider.

    Attributes:
        name: Equals the folder's name.
        title: What people call it, by language.
        source: Where the facts were read, and when.
        zone_offset_hours: Offset from UTC of times in its files, for platforms with one fixed zone.
        sale_model: Sale model of a shop that settings do not name.
        recognition: When revenue of such a shop is recognised: confirmed, shipped, settled.
        business_zone: Zone of such a shop's business days.
        serves: For who has no shops, a payment provider or an advertising account: the platform whose shops it serves.
        gaps: What it does not do yet.
    """

    name: str
    title: Mapping[str, str]
    source: str
    sale_model: str = "domestic_pop"
    recognition: str = "confirmed"
    business_zone: str = "Asia/Shanghai"
    serves: str = ""
    gaps: Mapping[str, Gap] = field(default_factory=dict)


@dataclass(frozen=True)
class Connector:
    """A folder under `connectors/`: its facts, its formats, its mapping.

    Attributes:
        spec: Facts.
        formats: File formats it reads.
        package: Python package whose `mapping/` folder holds the SQL and code lists.
        texts: The same files given directly, for formats that a user declares.
        live: Its API, where it has one.
    """

    spec: ConnectorSpec
    formats: tuple[FileFormat, ...]
    package: str = ""
    texts: Mapping[str, str] | None = None
    live: LiveConnector | None = None

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """What is pulled by API, and what is read by id only."""
        return (*self.live.feeds, *self.live.read_feeds) if self.live else ()

    @property
    def sources(self) -> tuple[FileFormat | Feed, ...]:
        """Everything that gives rows: formats of files, then feeds."""
        return (*self.formats, *self.feeds)

    @cached_property
    def mapping_files(self) -> Mapping[str, str]:
        """Path within `mapping/` to text, for every SQL and CSV file."""
        if self.texts is not None:
            return dict(sorted(self.texts.items()))
        found: dict[str, str] = {}
        _collect(resources.files(self.package) / "mapping", "", found)
        return dict(sorted(found.items()))

    @property
    def row_queries(self) -> Mapping[str, str]:
        """Format name to the SQL that types its rows (`mapping/rows/<format>.sql`)."""
        own = {
            match[1]: text
            for path, text in self.mapping_files.items()
            if (match := re.fullmatch(r"rows/(\w+)\.sql", path))
        }
        return own | {feed.name: own[feed.rows_like] for feed in self.feeds if feed.rows_like in own}

    def row_source(self, name: str) -> str:
        """Where the SQL that types the rows of a format stands, for messages."""
        likes = {feed.name: feed.rows_like for feed in self.feeds if feed.rows_like}
        return f"{self.spec.name}/rows/{likes.get(name, name)}.sql"

    @property
    def table_queries(self) -> tuple[tuple[str, str, str], ...]:
        """(canonical table, path, SQL) for `mapping/<table>.sql` and `mapping/<table>.<what>.sql`."""
        return tuple(
            (match[1], path, text)
            for path, text in self.mapping_files.items()
            if (match := re.fullmatch(r"(\w+)(?:\.\w+)?\.sql", path))
        )

    @property
    def code_lists(self) -> Mapping[str, str]:
        """Relation name (`<connector>_<list>`) to CSV text."""
        return {
            f"{self.spec.name}_{match[1]}": text
            for path, text in self.mapping_files.items()
            if (match := re.fullmatch(r"(\w+)\.csv", path))
        }


def _collect(folder: Traversable, prefix: str, into: dict[str, str]) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            _collect(entry, f"{prefix}{entry.name}/", into)
        elif entry.name.endswith((".sql", ".csv")):
            into[prefix + entry.name] = entry.read_text(encoding="utf-8")
