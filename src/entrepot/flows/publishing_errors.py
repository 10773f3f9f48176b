"""What publishing may refuse, and what may fail outside."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused, Rejected, Transient


class NothingInPeriod(Invalid):
    """A month or period without any entry of the P&L."""

    code = "flows.nothing_in_period"

    def __init__(self, asked: str, known: tuple[str, ...]) -> None:
        super().__init__(asked, known)
        self.asked, self.known = asked, known

    def __str__(self) -> str:
        known = f"; there are {', '.join(self.known)}" if self.known else ""
        return f"the books have no revenue or cost in {self.asked}{known}"


class ChromiumMissing(Refused):
    """No browser to print a PDF with."""

    code = "flows.chromium_missing"

    def __init__(self, looked_for: tuple[str, ...]) -> None:
        super().__init__(looked_for)
        self.looked_for = looked_for

    def __str__(self) -> str:
        return (
            f"a PDF is printed by Chromium, and none of {', '.join(self.looked_for)} can be started: install "
            "Chromium or Chrome (Debian: sudo apt-get install chromium fonts-noto-cjk) or name it by "
            "ENTREPOT_CHROMIUM; or open the page of `entrepot report html` in any browser and print it"
        )


class PrintFailed(Transient):
    """Chromium did not print the page."""

    code = "flows.print_failed"

    def __init__(self, chromium: str, why: str) -> None:
        super().__init__(chromium, why)
        self.chromium, self.why = chromium, why

    def __str__(self) -> str:
        return f"{self.chromium} printed no PDF: {self.why}; try again, or print the page of `entrepot report html`"


class NoTargets(Invalid):
    """Nothing to send to."""

    code = "flows.no_targets"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} has no [[notify]]; docs/guides/hand-reports-on.md shows how to name a target"


class TargetAbroad(Refused):
    """A target that is hosted in another region than the cell."""

    code = "flows.target_abroad"

    def __init__(self, target: str, region: str, own_region: str) -> None:
        super().__init__(target, region, own_region)
        self.target, self.region, self.own_region = target, region, own_region

    def __str__(self) -> str:
        return (
            f"{self.target} is hosted in {self.region} and this cell is of {self.own_region}: a cell sends within its "
            "own region only, so nothing was sent"
        )


class SecretMissing(Refused):
    """An environment variable that settings name is not set."""

    code = "flows.secret_missing"

    def __init__(self, target: str, variable: str) -> None:
        super().__init__(target, variable)
        self.target, self.variable = target, variable

    def __str__(self) -> str:
        return f"{self.target} needs the environment variable {self.variable}, which is not set; nothing was sent to it"


class TargetUnreachable(Transient):
    """A target did not take the message, and has not got it."""

    code = "flows.target_unreachable"

    def __init__(self, target: str, why: str) -> None:
        super().__init__(target, why)
        self.target, self.why = target, why

    def __str__(self) -> str:
        return f"{self.target} could not be reached: {self.why}; send again later; who has got it gets no second one"


class TargetRefused(Rejected):
    """A target understood and said no."""

    code = "flows.target_refused"

    def __init__(self, target: str, why: str) -> None:
        super().__init__(target, why)
        self.target, self.why = target, why

    def __str__(self) -> str:
        return f"{self.target} refused the message: {self.why}; check its address and secret in cell.toml"


class OutcomeUnknown(Invalid):
    """Nobody knows whether a message has arrived: the connection broke, or the process died, while it was sent."""

    code = "flows.outcome_unknown"

    def __init__(self, target: str, day: str) -> None:
        super().__init__(target, day)
        self.target, self.day = target, day

    def __str__(self) -> str:
        return (
            f"nobody knows whether {self.target} has got the figures of {self.day}, since the line broke while they "
            "were sent; look there, then send them again with --again or leave it"
        )
