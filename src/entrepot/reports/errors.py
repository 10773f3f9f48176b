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
