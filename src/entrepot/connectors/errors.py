"""What can go wrong between a file and a table, said so that the reader knows what to do next."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused

_NAMES_SHOWN = 6
_NAME_LENGTH_MAX = 80


class NothingToImport(Invalid):
    """A path that is not there."""

    code = "connector.nothing_to_import"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"there is no file or folder {self.path}; check the path"


class FolderIsTheCompanys(Invalid):
    """A folder to import that lies in the company folder, which is never looked into."""

    code = "connector.folder_is_the_companys"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} lies in the company folder, where no files are looked for; move it out and import it again"


class ArchiveUnreadable(Invalid):
    """An archive that cannot be opened."""

    code = "connector.archive_unreadable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be read: {self.reason}"


class FileUnreadable(Invalid):
    """A file that is neither text nor a spreadsheet we read."""

    code = "connector.file_unreadable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} was not read: {self.reason}"


class FormatUnknown(Invalid):
    """A readable table of no known format."""

    code = "connector.format_unknown"

    def __init__(
        self,
        path: str,
        nearest: str,
        missing: tuple[str, ...],
        extra: tuple[str, ...],
        likely: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(path, nearest, missing, extra, likely)
        self.path, self.nearest, self.missing, self.extra, self.likely = path, nearest, missing, extra, likely

    def __str__(self) -> str:
        if not self.nearest:
            return f"{self.path}: no known header was found; describe it with a declared format"
        return (
            f"{self.path}: not a known format; describe it with a declared format. Nearest is {self.nearest}: the file "
            f"lacks {_shortened(self.missing)} and has {_shortened(self.extra)}{self._renamed()}"
        )

    def _renamed(self) -> str:
        pairs = [f"{name} is perhaps called {shortened(other)} now" for name, other in self.likely]
        return "; " + ", ".join(pairs) if pairs else ""


def shortened(name: str) -> str:
    """A header as messages show it: a broken file can hold one as long as itself."""
    return name if len(name) <= _NAME_LENGTH_MAX else f"{name[:_NAME_LENGTH_MAX]}…"


def _shortened(names: tuple[str, ...]) -> str:
    rest = len(names) - _NAMES_SHOWN
    shown = ", ".join(shortened(name) for name in names[:_NAMES_SHOWN]) or "nothing"
    return f"{shown} and {rest} more" if rest > 0 else shown


class ColumnTwice(Invalid):
    """A column stands twice and its two places say different things."""

    code = "connector.column_twice"

    def __init__(self, path: str, column: str, row_no: int) -> None:
        super().__init__(path, column, row_no)
        self.path, self.column, self.row_no = path, column, row_no

    def __str__(self) -> str:
        return (
            f"{self.path}: the column {self.column} stands twice, and in row {self.row_no} its two cells differ; "
            "delete the wrong one and import the file again"
        )


class ShopUndecided(Refused):
    """Several shops could own a file and nothing in it says which."""

    code = "connector.shop_undecided"

    def __init__(self, path: str, channel: str, shops: tuple[str, ...]) -> None:
        super().__init__(path, channel, shops)
        self.path, self.channel, self.shops = path, channel, shops

    def __str__(self) -> str:
        return (
            f"{self.path}: which {self.channel} shop is it? Put it in a folder named in cell.toml, or pass --shop; "
            f"shops: {', '.join(self.shops)}"
        )


class ShopsMixed(Refused):
    """Two files that came without their shop number their orders alike, and the orders are not the same: two shops."""

    code = "connector.shops_mixed"

    def __init__(self, path: str, other: str, shop: str, orders: int) -> None:
        super().__init__(path, other, shop, orders)
        self.path, self.other, self.shop, self.orders = path, other, shop, orders

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.orders} of its orders have the number of another one in {self.other}, which is of "
            f"shop {self.shop} already: these are two shops. Name both in cell.toml, each with a folder of its files, "
            "and import all into a new company folder"
        )


class RowsLost(AssertionError):
    """We broke our own promise that every raw row is accounted for."""


class MappingBroken(Invalid):
    """A mapping that does not keep the connector contract."""

    code = "connector.mapping_broken"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"mapping {self.path}: {self.problem}"


class DeclarationInvalid(Invalid):
    """A declared format that cannot be used."""

    code = "connector.declaration_invalid"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"
