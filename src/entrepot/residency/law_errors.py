"""What a profile, a decision on a route and the persons meter may refuse."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused, Transient


class ProfileUnknown(Refused):
    """No profile of that region was in force on that day."""

    code = "residency.profile_unknown"

    def __init__(self, name: str, on: str, known: tuple[str, ...]) -> None:
        super().__init__(name, on, known)
        self.name, self.on, self.known = name, on, known

    def __str__(self) -> str:
        known = ", ".join(self.known) or "none"
        return (
            f"no profile {self.name} is in force on {self.on}; known: {known}. Add a profile with an earlier "
            "effective_from, or ask about a later day"
        )


class ProfileInvalid(Invalid):
    """A profile does not hold together; no rule of it is used."""

    code = "residency.profile_invalid"

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        super().__init__(name, problems)
        self.name, self.problems = name, problems

    def __str__(self) -> str:
        return f"profile {self.name}: {'; '.join(self.problems)}. Nothing of it is used until this is mended"


class VersionUnreadable(Refused):
    """A version of a law was asked for that is none."""

    code = "residency.version_unreadable"

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return (
            f"{self.version} is no version of a law: write CN@2026-06 for the one in force on that day, or the path of "
            "a profile; both have to be of one region"
        )


class AdoptionRefused(Refused):
    """A version of a law cannot be approved as it is."""

    code = "residency.adoption_refused"

    def __init__(self, version: str, problem: str) -> None:
        super().__init__(version, problem)
        self.version, self.problem = version, problem

    def __str__(self) -> str:
        return f"{self.version} was not approved: {self.problem}"


class ProfileNotInForce(Refused):
    """A rule was asked about a day before the profile took effect."""

    code = "residency.profile_not_in_force"

    def __init__(self, name: str, effective_from: str, on: str) -> None:
        super().__init__(name, effective_from, on)
        self.name, self.effective_from, self.on = name, effective_from, on

    def __str__(self) -> str:
        return (
            f"profile {self.name} holds from {self.effective_from} and says nothing of {self.on}; load the profile of "
            "that day"
        )


class RoleUnknown(Refused):
    """Nobody said who decides over the data of a shop in a flow."""

    code = "residency.role_unknown"

    def __init__(self, shop: str, flow: str) -> None:
        super().__init__(shop, flow)
        self.shop, self.flow = shop, flow

    def __str__(self) -> str:
        return (
            f"shop {self.shop}, permit {self.flow}: no role says which company is the processor in law; write one into "
            "border/decisions.yaml, for persons are counted by processor"
        )


class MeterConflict(Refused):
    """A transfer or a declaration is there already and said something else; the meter was left as it was."""

    code = "residency.meter_conflict"

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"{self.what}: {self.problem}. The meter was left as it was; what was counted is never taken back"


class MeterInvalid(Invalid):
    """What was given to the persons meter is not what it counts."""

    code = "residency.meter_invalid"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the persons meter cannot count this: {self.problem}. Nothing was counted"


class MeterBusy(Transient):
    """Another process held the persons meter; nothing was counted."""

    code = "residency.meter_busy"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"the persons meter was held by another process for {self.seconds} s; nothing was counted, try again"


class RegisterFieldUnknown(Refused):
    """A permit lets go what the register does not have, or what never leaves."""

    code = "residency.register_field_unknown"

    def __init__(self, permit: str, field: str, problem: str) -> None:
        super().__init__(permit, field, problem)
        self.permit, self.field, self.problem = permit, field, problem

    def __str__(self) -> str:
        return f"permit {self.permit} names {self.field}: {self.problem}; write fields as table.field, docs: tables.md"
