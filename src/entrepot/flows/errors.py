"""What a journey may refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import Invalid, Refused

if TYPE_CHECKING:
    from datetime import date


class ReasonNeeded(Refused):
    """Personal tables are read only with a reason."""

    code = "flows.reason_needed"

    def __init__(self, tables: tuple[str, ...]) -> None:
        super().__init__(tables)
        self.tables = tables

    def __str__(self) -> str:
        return (
            f"{', '.join(self.tables)} holds personal data; say why you read it: --personal 'REASON' "
            "(the reason is logged)"
        )


class FieldUnknown(Invalid):
    """A field that no table and no report has."""

    code = "flows.field_unknown"

    def __init__(self, asked: str, near: tuple[str, ...]) -> None:
        super().__init__(asked, near)
        self.asked, self.near = asked, near

    def __str__(self) -> str:
        meant = f"; did you mean {', '.join(self.near)}?" if self.near else ""
        return f"there is no field {self.asked}{meant} A field is table.column: `entrepot tables list` names the tables"


class ValueUnknown(Invalid):
    """An id that names no figure, order, entry or exception of this company."""

    code = "flows.value_unknown"

    def __init__(self, asked: str, near: tuple[str, ...]) -> None:
        super().__init__(asked, near)
        self.asked, self.near = asked, near

    def __str__(self) -> str:
        meant = f"; there are {', '.join(self.near)}" if self.near else ""
        return (
            f"there is nothing with the id {self.asked}{meant}. Ids look like pnl/2026-09/tmall/net_revenue, "
            "order/<order_key>, entry/<entry_id> or exception/<exception_id>"
        )


class PeriodUnknown(Invalid):
    """A period that the fiscal calendar does not have."""

    code = "flows.period_unknown"

    def __init__(self, asked: str, example: str, *, by_month: bool) -> None:
        super().__init__(asked, example)
        self.asked, self.example, self.by_month = asked, example, by_month

    def __str__(self) -> str:
        month = " or 2026-09" if self.by_month else "; its periods are weeks, so a calendar month names none"
        return f"the fiscal calendar has no period {self.asked}; periods are written {self.example}{month}"


class PeriodNotClosable(Refused):
    """A period that cannot be closed, or not be reopened, as things stand."""

    code = "flows.period_not_closable"

    def __init__(self, period: str, why: str) -> None:
        super().__init__(period, why)
        self.period, self.why = period, why

    def __str__(self) -> str:
        return f"{self.period}: {self.why}"


class CalendarChanged(Refused):
    """`cell.toml` has another fiscal calendar than the one that the books were made or closed with."""

    code = "flows.calendar_changed"

    def __init__(self, period: str, starts_on: date, ends_on: date, *, is_closed: bool) -> None:
        super().__init__(period, starts_on, ends_on)
        self.period, self.starts_on, self.ends_on, self.is_closed = period, starts_on, ends_on, is_closed

    def __str__(self) -> str:
        days = f"{self.period} is {self.starts_on} to {self.ends_on}"
        if self.is_closed:
            return (
                f"{days} where it was closed, and [calendar] of cell.toml says otherwise; put the calendar back, since "
                "what was closed keeps its periods"
            )
        return f"{days} in the tables, and [calendar] of cell.toml says otherwise; run `entrepot replay` first"


class NothingDecided(Refused):
    """A command that keeps decisions was given none."""

    code = "flows.nothing_decided"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        where = f"in {self.path} no row is" if self.path else "no proposal is"
        return (
            f"{where} marked or chosen: fill the column `decision` with accept or refuse, or choose with "
            "--min-confidence or --proposal"
        )


class CellExists(Refused):
    """A folder is a cell already."""

    code = "flows.cell_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is there already; change it by hand, or choose another folder with --home"


class CompanionExists(Refused):
    """`cell.toml` names a cell already."""

    code = "flows.companion_exists"

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell

    def __str__(self) -> str:
        return f"cell.toml names the cell {self.cell} already; change its [[companions]] entry by hand"


class OtherCurrency(Invalid):
    """Safe sums of other cells are in another currency than asked for; sums of many days cannot be translated."""

    code = "flows.other_currency"

    def __init__(self, asked: str, there: tuple[str, ...]) -> None:
        super().__init__(asked, there)
        self.asked, self.there = asked, there

    def __str__(self) -> str:
        return (
            f"the sums of other cells are in {', '.join(self.there)}, not in {self.asked}: ask with --currency "
            f"{self.there[0]}, or let their permits say `currency: {self.asked}`"
        )
