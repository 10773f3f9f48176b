"""What can go wrong on the way to an ERP."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused


class MappingInvalid(Invalid):
    """A row of an account mapping that cannot be used."""

    code = "delivery.mapping_invalid"

    def __init__(self, file: str, row: int, problem: str) -> None:
        super().__init__(file, row, problem)
        self.file, self.row, self.problem = file, row, problem

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}: {self.problem}"


class MappingMissing(Refused):
    """An ERP's accounts are not ours, and nobody has said which is which."""

    code = "delivery.mapping_missing"

    def __init__(self, layout: str, looked_at: str) -> None:
        super().__init__(layout, looked_at)
        self.layout, self.looked_at = layout, looked_at

    def __str__(self) -> str:
        return (
            f"there is no account mapping for {self.layout}: name one with --mapping, or write the example with "
            f"`entrepot export mapping --layout {self.layout} > accounts.csv`, put your accounts in and keep it as "
            f"{self.looked_at}"
        )


class AccountsUnmapped(Refused):
    """Accounts or tax codes of the period that the mapping does not name."""

    code = "delivery.accounts_unmapped"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names

    def __str__(self) -> str:
        return f"the mapping does not name {', '.join(self.names)}; nothing was written: add a row for each"


class PeriodUnknown(Refused):
    """A period without entries."""

    code = "delivery.period_unknown"

    def __init__(self, period: str, known: tuple[str, ...]) -> None:
        super().__init__(period, known)
        self.period, self.known = period, known

    def __str__(self) -> str:
        return f"there are no entries in {self.period}; periods with entries: {', '.join(self.known) or 'none'}"


class EntityNeeded(Refused):
    """A file that holds one company, and a period with several, or a company that has no entries."""

    code = "delivery.entity_needed"

    def __init__(self, entity: str, known: tuple[str, ...]) -> None:
        super().__init__(entity, known)
        self.entity, self.known = entity, known

    def __str__(self) -> str:
        names = ", ".join(self.known)
        if self.entity:
            return f"{self.entity} has no entries in this period; those that have: {names}"
        return f"this file holds one company, and the period has several: name one with --entity, of {names}"


class RateMissing(Refused):
    """Entries in a currency without a rate: their amounts in the company's currency are not known."""

    code = "delivery.rate_missing"

    def __init__(self, currencies: tuple[str, ...]) -> None:
        super().__init__(currencies)
        self.currencies = currencies

    def __str__(self) -> str:
        return (
            f"there is no rate for {', '.join(self.currencies)}, so the books hold no amount in the company's "
            "currency; see `entrepot exceptions list --kind fx_missing`"
        )


class SheetTooLong(Refused):
    """More lines than a sheet can hold."""

    code = "delivery.sheet_too_long"

    def __init__(self, lines: int, lines_max: int) -> None:
        super().__init__(lines, lines_max)
        self.lines, self.lines_max = lines, lines_max

    def __str__(self) -> str:
        return f"{self.lines:,} lines do not fit into a sheet of {self.lines_max:,}; use --format csv or --per day"


class FileInTheWay(Refused):
    """A file of that name is there and holds something else."""

    code = "delivery.file_in_the_way"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is there and holds something else; choose another with --out, or replace it with --force"
