"""What can go wrong with what is kept."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused, Transient


class SettingsInvalid(Invalid):
    """`cell.toml` cannot be used."""

    code = "store.settings_invalid"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class CellBusy(Transient):
    """Another process is writing to this cell."""

    code = "store.cell_busy"

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder

    def __str__(self) -> str:
        return f"another import is writing to this company folder ({self.holder}); try again when it has finished"


class TablesOutdated(Refused):
    """The tables of a cell were written by another version, with other columns."""

    code = "store.tables_outdated"

    def __init__(self, home: str, name: str) -> None:
        super().__init__(home, name)
        self.home, self.name = home, name

    def __str__(self) -> str:
        return (
            f"{self.home}: the table {self.name} was written by another version of Entrepot; run `entrepot replay`, "
            "which makes all tables anew from the files as they came"
        )


class BlobChanged(Invalid):
    """A file of the raw log holds other content than was kept, and no erasure says why."""

    code = "store.blob_changed"

    def __init__(self, raw_id: str) -> None:
        super().__init__(raw_id)
        self.raw_id = raw_id

    def __str__(self) -> str:
        return (
            f"the raw file {self.raw_id[:12]} does not hold what was kept under its id; bring raw/blobs back from a "
            "backup before you go on"
        )


class NothingPublished(Refused):
    """A question to a cell that has no data yet."""

    code = "store.nothing_published"

    def __init__(self, home: str) -> None:
        super().__init__(home)
        self.home = home

    def __str__(self) -> str:
        return f"{self.home} holds no tables yet; run `entrepot import` first"


class SecretsUnreadable(Refused):
    """Secrets of a connection that cannot be opened."""

    code = "store.secrets_unreadable"

    def __init__(self, shop: str, reason: str) -> None:
        super().__init__(shop, reason)
        self.shop, self.reason = shop, reason

    def __str__(self) -> str:
        return f"the secrets of {self.shop} cannot be opened: {self.reason}"
