"""What a report may refuse."""

from __future__ import annotations

from entrepot.errors import Invalid


class CurrencyUnknown(Invalid):
    """A reporting currency without a rate."""

    code = "reports.currency_unknown"

    def __init__(self, currency: str, known: tuple[str, ...]) -> None:
        super().__init__(currency, known)
        self.currency, self.known = currency, known

    def __str__(self) -> str:
        return f"there is no rate for {self.currency}; currencies with a rate: {', '.join(self.known)}"


class AssumptionsInvalid(Invalid):
    """A file of assumptions that cannot be used."""

    code = "reports.assumptions_invalid"

    def __init__(self, path: str, row_no: int, column: str, problem: str) -> None:
        super().__init__(path, row_no, column, problem)
        self.path, self.row_no, self.column, self.problem = path, row_no, column, problem

    def __str__(self) -> str:
        return f"{self.path}, row {self.row_no}, {self.column}: {self.problem}"


class DayUnknown(Invalid):
    """A day of which the files tell nothing."""

    code = "reports.day_unknown"

    def __init__(self, asked: str, first_on: str, last_on: str) -> None:
        super().__init__(asked, first_on, last_on)
        self.asked, self.first_on, self.last_on = asked, first_on, last_on

    def __str__(self) -> str:
        if not self.last_on:
            return "no order with a time was imported yet, so no day has figures; import order files first"
        return (
            f"the files imported so far tell of orders from {self.first_on} to {self.last_on}; {self.asked} is outside"
        )


class CustomReportUnknown(Invalid):
    """There is no report of the company's own with that name."""

    code = "reports.custom_unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        there = f"there are {', '.join(self.known)}" if self.known else "the folder has none"
        return f"there is no reports/{self.name}.sql in the company folder; {there}"


class CustomReportInvalid(Invalid):
    """A report of the company's own that cannot be run."""

    code = "reports.custom_invalid"

    def __init__(self, file_name: str, problem: str) -> None:
        super().__init__(file_name, problem)
        self.file_name, self.problem = file_name, problem

    def __str__(self) -> str:
        return f"reports/{self.file_name}: {self.problem}"
