"""What the door between two cells refuses. Messages name permits, fields and rules, never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.errors import Invalid, Refused, Transient
from entrepot.residency.profile import Words

__all__ = [
    "ClearanceRefused",
    "CompanionIsSelf",
    "CompanionUnknown",
    "CopyRefused",
    "EnvelopeRefused",
    "MailMisplaced",
    "MailUnreachable",
    "NoiseLibraryMissing",
    "PatternUnfit",
    "PatternUnknown",
    "PermitInvalid",
    "PermitUnknown",
    "Reason",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that stands against a transfer: a stable word, and what is meant in both languages."""

    word: str
    said: Words


class PermitInvalid(Invalid):
    """A permit, or the shape it uses, cannot be used."""

    code = "residency.permit_invalid"

    def __init__(self, permit: str, where: str, problem: str) -> None:
        super().__init__(permit, where, problem)
        self.permit, self.where, self.problem = permit, where, problem

    def __str__(self) -> str:
        return f"permit {self.permit}, {self.where}: {self.problem}"


class NoiseLibraryMissing(Refused):
    """Counts with noise were asked for, and the library that draws it is not installed."""

    code = "residency.noise_library_missing"

    def __str__(self) -> str:
        return "counts with noise need OpenDP: pip install 'entrepot[noise]'"


class PermitUnknown(Refused):
    """The cell has no permit of that name."""

    code = "residency.permit_unknown"

    def __init__(self, permit: str, known: tuple[str, ...]) -> None:
        super().__init__(permit, known)
        self.permit, self.known = permit, known

    def __str__(self) -> str:
        there = f"there are {', '.join(self.known)}" if self.known else "there is none yet"
        return f"this cell has no permit {self.permit}; {there}. `entrepot permit new` makes one"


class CompanionUnknown(Refused):
    """A permit or an envelope names a cell that `cell.toml` does not know."""

    code = "residency.companion_unknown"

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell

    def __str__(self) -> str:
        return f"cell.toml has no [[companions]] entry for the cell {self.cell}; `entrepot cell pair` writes one"


class CompanionIsSelf(Refused):
    """`cell.toml` names the cell itself as another one."""

    code = "residency.companion_is_self"

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell

    def __str__(self) -> str:
        return f"[[companions]] of cell.toml names this cell itself, {self.cell}; take the entry out"


class MailMisplaced(Refused):
    """A folder for envelopes lies inside another company folder.

    Attributes:
        cell: The companion.
        setting: send or receive.
    """

    code = "residency.mail_misplaced"

    def __init__(self, cell: str, setting: str) -> None:
        super().__init__(cell, setting)
        self.cell, self.setting = cell, setting

    def __str__(self) -> str:
        return (
            f"`{self.setting}` of the companion {self.cell} lies inside another company folder; cells share no folder, "
            "so choose one outside of every company folder, or inside this one"
        )


class ClearanceRefused(Refused):
    """Nothing left: a piece of evidence, a limit, a switch or a rule stands against it.

    Attributes:
        permit: Which.
        reasons: All of them.
    """

    code = "residency.clearance_refused"

    def __init__(self, permit: str, reasons: tuple[Reason, ...]) -> None:
        super().__init__(permit, reasons)
        self.permit, self.reasons = permit, reasons

    def __str__(self) -> str:
        said = "; ".join(f"{each.word}: {each.said.en}" for each in self.reasons)
        return f"permit {self.permit}: nothing left this cell. {said}"


class EnvelopeRefused(Refused):
    """What arrived is not applied, and stays where it is.

    Attributes:
        envelope: File name.
        reason: Stable word.
        detail: What to look at.
    """

    code = "residency.envelope_refused"

    def __init__(self, envelope: str, reason: str, detail: str) -> None:
        super().__init__(envelope, reason, detail)
        self.envelope, self.reason, self.detail = envelope, reason, detail

    def __str__(self) -> str:
        return f"{self.envelope} was not applied ({self.reason}): {self.detail}"


class CopyRefused(Refused):
    """A sealed copy is not opened, or an approver is not made."""

    code = "residency.copy_refused"

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"{self.what}: {self.problem}"


class MailUnreachable(Transient):
    """Nobody serves mail at a socket, or the connection broke; the same again later is safe."""

    code = "residency.mail_unreachable"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    def __str__(self) -> str:
        return f"no mail through {self.path} ({self.why}); `entrepot gateway serve` has to run on the other side"


class PatternUnknown(Refused):
    """There is no pattern of that name."""

    code = "residency.pattern_unknown"

    def __init__(self, pattern: str, known: tuple[str, ...]) -> None:
        super().__init__(pattern, known)
        self.pattern, self.known = pattern, known

    def __str__(self) -> str:
        return f"there is no pattern {self.pattern}; known are {', '.join(self.known)}"


class PatternUnfit(Refused):
    """A cell cannot take on a pattern as it stands; nothing was changed."""

    code = "residency.pattern_unfit"

    def __init__(self, pattern: str, problem: str) -> None:
        super().__init__(pattern, problem)
        self.pattern, self.problem = pattern, problem

    def __str__(self) -> str:
        return f"the pattern {self.pattern}: {self.problem}; nothing was changed"
