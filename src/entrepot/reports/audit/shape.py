"""What an audit says of a folder: plain data, the same for the terminal, the page and JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Title = dict[str, str]
"""What people call a thing, by language (`en`, `zh`)."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The known format that an unknown file is nearest to.

    Attributes:
        format: Its name.
        title: What people call it.
        missing: Needed columns that the file lacks.
        extra: Columns of the file that the format does not know; none where most of the row is unknown, since it may
            be a row of data.
    """

    format: str
    title: Title
    missing: tuple[str, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditedFile:
    """One file, archive member or sheet.

    Attributes:
        path: Below the folder that was audited.
        status: recognised, duplicate, not_recognised, unreadable, refused.
        format: Name of the format.
        title: What people call the format.
        channel: Platform that the rows belong to; `own` for the merchant's lists.
        shops: Shops that the file's rows or the settings name; empty where nothing names one.
        encoding: As found out.
        rows: Rows of data.
        quarantined: Rows that were not understood.
        reasons: Quarantined rows by reason.
        period: First and last day of its times.
        control_totals: What the file states about itself, with what its rows give.
        findings: Other doubts: kind and name of a column or total.
        unknown_columns: Columns that the format does not know.
        same_as: Path of an earlier file with the same content.
        same_columns_as: For a file of no known format: path of an earlier one with the same columns.
        is_table: Whether it is a table at all; a note or a settings file of no known format is none.
        nearest: For a file of no known format.
        error: Why it was not read.
        error_code: The error's stable code.
    """

    path: str
    status: str
    format: str = ""
    title: Title = field(default_factory=dict)
    channel: str = ""
    shops: tuple[str, ...] = ()
    encoding: str = ""
    rows: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    control_totals: tuple[dict[str, Any], ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    unknown_columns: tuple[str, ...] = ()
    same_as: str = ""
    same_columns_as: str = ""
    is_table: bool = True
    nearest: Nearest | None = None
    error: str = ""
    error_code: str = ""

    @property
    def reason(self) -> str:
        """The error where the path stands beside it already."""
        return self.error.removeprefix(f"{self.path}: ")

    @property
    def is_unknown_table(self) -> bool:
        """Whether it is a table that a declared format could describe, and not the same one again."""
        return self.status == "not_recognised" and self.is_table and not self.same_as

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look at the file."""
        unequal = any(total["stated"] != total["found"] for total in self.control_totals)
        read = self.status in ("recognised", "duplicate")
        return bool(not read or self.quarantined or self.findings or self.unknown_columns or unequal)


@dataclass(frozen=True, slots=True)
class FieldUse:
    """One column of a format and what is made of it.

    Attributes:
        column: As the file writes it.
        residency: Class of its values.
        use: feeds (values reach a table), decides (read for a key, a check or a condition only), unread.
        in_files: Whether a file of the folder has it.
        feeds: `table.column` and how the value gets there: copied, converted, computed (of several), looked_up.
    """

    column: str
    residency: str
    use: str
    in_files: bool
    feeds: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FormatFields:
    """The field mapping of one format that was found."""

    format: str
    title: Title
    channel: str
    fields: tuple[FieldUse, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which months a table has of a platform and shop.

    Attributes:
        table: Canonical table.
        channel: Platform, also for what its payment provider wrote.
        shop: Shop; empty where none is named.
        months: Months with rows, `YYYY-MM`, in order.
        items: Rows.
        first_on: First day.
        last_on: Last day.
    """

    table: str
    channel: str
    shop: str
    months: tuple[str, ...]
    items: int
    first_on: str
    last_on: str


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform is worth in the files.

    Attributes:
        channel: Platform.
        title: What people call it.
        orders: Orders.
        order_lines: Their lines.
        currencies: Currencies of its orders.
        value_minor: Paid by buyers and third parties, in minor units of the reporting currency at the newest shipped
            rates; it orders the platforms and is no figure of the books.
        skus_sold: SKUs on its order lines.
        skus_with_cost: Those of them whose cost is known on every day on which a sale was recognised.
    """

    channel: str
    title: Title
    orders: int = 0
    order_lines: int = 0
    currencies: tuple[str, ...] = ()
    value_minor: int = 0
    skus_sold: int = 0
    skus_with_cost: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """What a report needs of a platform, and whether it is there.

    Attributes:
        report: Name of the report.
        channel: Platform; empty for what the company has once.
        need: Canonical table.
        state: there, partly, missing.
        months: Months that are missing between others or beside the orders.
        detail: More in a word and numbers: ends_early, no_format, by_api, costs, no_rate.
        facts: Values of the detail.
        sources: Titles of the files that bring it, as the seller centre or we call them.
    """

    report: str
    channel: str
    need: str
    state: str
    months: tuple[str, ...] = ()
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    sources: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Approach:
    """Hours of one way to get this work done; see `hours.py` for the formula.

    Attributes:
        approach: manual, point_to_point, ipaas, purpose_built.
        minutes: Assumption by item.
        month_minutes: Work per month.
        setup_minutes: Work before the first month.
        year_minutes: Set-up and twelve months.
        saved_month_minutes: Less work per month than by hand; negative where it is more.
    """

    approach: str
    minutes: dict[str, int]
    month_minutes: int
    setup_minutes: int
    year_minutes: int
    saved_month_minutes: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What the hours are counted over.

    Attributes:
        months: Months with orders; 1 where there are none.
        files: Files that somebody downloads: read ones without duplicates and own lists, and unknown ones.
        order_lines: Lines of orders.
        exceptions: What a person must look at in these files.
        links: Kinds of files per platform, each of which somebody would have to connect; unknown files with the same
            columns are one.
    """

    months: int
    files: int
    order_lines: int
    exceptions: int
    links: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the roll-out.

    Attributes:
        number: From 1.
        what: costs, platform, declare, advertising, missing_files, close.
        channel: For a platform.
        reason: Why it stands there: a code of `words.py`.
        facts: Values of the reason.
    """

    number: int
    what: str
    channel: str = ""
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole answer.

    Attributes:
        path: What was audited.
        currency: Reporting currency of `value_minor`.
        files: One per file found, in order of name.
        platforms: By value, greatest first.
        coverage: Months per table, platform and shop.
        missing: Needs of each report per platform, also those that are there.
        fields: Field mapping per format found.
        exceptions: Items by kind.
        basis: What the hours are counted over.
        hours: One per approach, by hand first.
        assumptions: Rows of the assumptions with their date.
        rollout: Steps in order.
    """

    path: str
    currency: str
    files: tuple[AuditedFile, ...]
    platforms: tuple[Platform, ...]
    coverage: tuple[Coverage, ...]
    missing: tuple[Missing, ...]
    fields: tuple[FormatFields, ...]
    exceptions: dict[str, int]
    basis: Basis
    hours: tuple[Approach, ...]
    assumptions: tuple[dict[str, Any], ...]
    rollout: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON: `docs/guides/audit.md`."""
        return asdict(self)
