"""What an erasure may refuse."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused


class PersonUnknown(Refused):
    """Nobody in this cell answers to what was asked for."""

    code = "residency.person_unknown"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what} names nobody here; give a phone, an e-mail address, an order number, a buyer's account with "
            "--channel and --shop, or a person key"
        )


class PersonUnclear(Refused):
    """What was asked for fits several people."""

    code = "residency.person_unclear"

    def __init__(self, what: str, count: int, why: str) -> None:
        super().__init__(what, count, why)
        self.what, self.count, self.why = what, count, why

    def __str__(self) -> str:
        return f"{self.what} fits {self.count} people: {self.why}"


class ErasureHeld(Refused):
    """A legal hold stands against an erasure; nothing was erased."""

    code = "residency.erasure_held"

    def __init__(self, holds: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__(holds)
        self.holds = holds

    def __str__(self) -> str:
        named = "; ".join(f"{hold} ({scope}) until {until}" for hold, scope, until in self.holds)
        return (
            f"a legal hold stands against this: {named}. Nothing was erased; ask again after it ends, or release it "
            "with `entrepot residency hold release`"
        )


class HoldUnknown(Refused):
    """There is no hold in force of that id."""

    code = "residency.hold_unknown"

    def __init__(self, hold: str) -> None:
        super().__init__(hold)
        self.hold = hold

    def __str__(self) -> str:
        return f"there is no hold {self.hold} in force; `entrepot residency hold list` names them"


class ReasonPersonal(Refused):
    """The reason for an erasure, which is kept, holds a value of the person."""

    code = "residency.reason_personal"

    def __str__(self) -> str:
        return "--reason or --by holds a value of the person who is to be erased, and both are kept; write them without"


class PersonListInvalid(Invalid):
    """The list of persons to erase cannot be read."""

    code = "residency.person_list_invalid"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; it is a CSV in UTF-8 with the columns person, channel, shop"


class RowsChanged(Invalid):
    """Replacing a person's values in a file would change what its rows say; the file was left as it was."""

    code = "residency.rows_changed"

    def __init__(self, raw_id: str, count: int) -> None:
        super().__init__(raw_id, count)
        self.raw_id, self.count = raw_id, count

    def __str__(self) -> str:
        return (
            f"the raw file {self.raw_id[:12]} would read differently in {self.count} rows without the person; it was "
            "left as it was and the erasure is not finished: please report this with the file's format"
        )
