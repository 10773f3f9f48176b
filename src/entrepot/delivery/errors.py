"""What can go wrong on the way to an ERP."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused, Transient


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


class TargetUnmapped(Refused):
    """A target's ERP has accounts of its own, and nobody has said which is which."""

    code = "delivery.target_unmapped"

    def __init__(self, target: str, erp: str, looked_at: str) -> None:
        super().__init__(target, erp, looked_at)
        self.target, self.erp, self.looked_at = target, erp, looked_at

    def __str__(self) -> str:
        return (
            f"there is no account mapping for {self.target}: write the example with `entrepot deliver mapping --erp "
            f"{self.erp}`, put the ERP's accounts in and keep it as {self.looked_at}"
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


class ErpUnreachable(Transient):
    """The ERP gave no answer to a question."""

    code = "delivery.erp_unreachable"

    def __init__(self, erp: str, words: str) -> None:
        super().__init__(erp, words)
        self.erp, self.words = erp, words

    def __str__(self) -> str:
        return f"{self.erp} gave no answer: {self.words}; nothing is lost, run it again later"


class ErpRefused(Refused):
    """The ERP does not answer a question: its user may not ask it, or what it asks about is not there."""

    code = "delivery.erp_refused"

    def __init__(self, erp: str, reason: str, words: str) -> None:
        super().__init__(erp, reason, words)
        self.erp, self.reason, self.words = erp, reason, words

    def __str__(self) -> str:
        return f"{self.erp} does not let us look: {self.words}; mend it there, then run it again"


class TargetUnknown(Refused):
    """A target that `cell.toml` does not name."""

    code = "delivery.target_unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        known = ", ".join(self.known)
        if not known:
            return "cell.toml names no [[targets]]; docs/guides/erp.md shows one"
        return f"there is no target {self.name or 'without a name'}; cell.toml names {known}"


class SecretMissing(Refused):
    """The environment does not hold the password of a target."""

    code = "delivery.secret_missing"

    def __init__(self, target: str, variable: str) -> None:
        super().__init__(target, variable)
        self.target, self.variable = target, variable

    def __str__(self) -> str:
        return f"the environment variable {self.variable}, which holds the password of {self.target}, is not set"


class BooksMixed(Refused):
    """A period holds the local and the group book, and the target does not say which it takes."""

    code = "delivery.books_mixed"

    def __init__(self, target: str, books: tuple[str, ...]) -> None:
        super().__init__(target, books)
        self.target, self.books = target, books

    def __str__(self) -> str:
        return f"the ledger has the books {', '.join(self.books)}; name the one that {self.target} takes with `book`"


class ErpUnknown(Refused):
    """A kind of ERP for which there is no adapter."""

    code = "delivery.erp_unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        return (
            f"there is no adapter for {self.name}; there is one for {', '.join(self.known)}, and `entrepot export "
            "journal` writes files for others"
        )


class FolderInvalid(Refused):
    """A target that is a folder, and does not say which or in what format."""

    code = "delivery.folder_invalid"

    def __init__(self, url: str, form: str, known: tuple[str, ...]) -> None:
        super().__init__(url, form, known)
        self.url, self.form, self.known = url, form, known

    def __str__(self) -> str:
        return (
            "a folder's `url` is its whole path, such as /srv/erp/inbox, and its `format` one of "
            f"{', '.join(self.known)}; [[targets]] says {self.url or 'nothing'} and {self.form or 'nothing'}"
        )


class KindUnknown(Refused):
    """A kind of document that an ERP's adapter does not write."""

    code = "delivery.kind_unknown"

    def __init__(self, target: str, erp: str, kinds: tuple[str, ...]) -> None:
        super().__init__(target, erp, kinds)
        self.target, self.erp, self.kinds = target, erp, kinds

    def __str__(self) -> str:
        return (
            f"{self.target} asks for {', '.join(self.kinds)}, and the adapter of {self.erp} does not write them yet: "
            "take their settings (`invoices`, `sales_orders`, `movements` …) out of its [[targets]], and what "
            "is booked goes as journals"
        )


class KindDeclined(Refused):
    """A kind of document that would be wrong in an ERP, whoever wrote it there."""

    code = "delivery.kind_declined"

    def __init__(self, target: str, erp: str, kind: str, why: str) -> None:
        super().__init__(target, erp, kind, why)
        self.target, self.erp, self.kind, self.why = target, erp, kind, why

    def __str__(self) -> str:
        return (
            f"{self.target} asks for {self.kind}, and {self.erp} does not get them: {self.why}; take `movements` out "
            "of its [[targets]]"
        )


class SettingUnread(Refused):
    """Settings of a target that its ERP does not read, so that what they ask for would not happen."""

    code = "delivery.setting_unread"

    def __init__(self, target: str, erp: str, names: tuple[str, ...]) -> None:
        super().__init__(target, erp, names)
        self.target, self.erp, self.names = target, erp, names

    def __str__(self) -> str:
        names = ", ".join(f"`{each}`" for each in self.names)
        return (
            f"{self.target} sets {names}, which {self.erp} does not read; take it out of its [[targets]], "
            "or name the ERP that it is for"
        )


class DocumentUnknown(Refused):
    """A document that was not planned for a target."""

    code = "delivery.document_unknown"

    def __init__(self, target: str, document_id: str) -> None:
        super().__init__(target, document_id)
        self.target, self.document_id = target, document_id

    def __str__(self) -> str:
        return f"{self.target} has no document {self.document_id}; `entrepot deliver status --all` lists them"
