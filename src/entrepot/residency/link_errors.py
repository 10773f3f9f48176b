"""What goes wrong on a link through a broker. No message holds anything of what was carried."""

from __future__ import annotations

from entrepot.errors import Refused, Transient

__all__ = ["BrokerLibraryMissing", "BrokerUnreachable", "LinkUnknown", "MailNotSealed"]


class BrokerUnreachable(Transient):
    """The broker of a link does not answer, or the connection broke; what was not handed over stays in the outbox."""

    code = "residency.broker_unreachable"

    def __init__(self, cell: str, why: str) -> None:
        super().__init__(cell, why)
        self.cell, self.why = cell, why

    def __str__(self) -> str:
        return (
            f"the broker of the link to {self.cell} was not reached ({self.why}); nothing is lost: what waits leaves "
            "with the next `entrepot gateway carry`, `send` or `receive`"
        )


class BrokerLibraryMissing(Refused):
    """A link through a broker was asked for, and its library is not installed."""

    code = "residency.broker_library_missing"

    def __str__(self) -> str:
        return "a link through a broker needs nats-py and nkeys: pip install 'entrepot[nats]'"


class LinkUnknown(Refused):
    """A link through a broker was asked for, and `cell.toml` has none."""

    code = "residency.link_unknown"

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell

    def __str__(self) -> str:
        return (
            f'the companion {self.cell} has no `transport = "nats"` in cell.toml; `entrepot cell pair` writes it, with '
            "--broker, --broker-region and --box"
        )


class MailNotSealed(Refused):
    """Something that is not encrypted for its recipient was about to enter a broker, or came from one.

    Attributes:
        what: Where it was met.
        problem: What it lacks.
    """

    code = "residency.mail_not_sealed"

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"{self.what} does not pass a broker: {self.problem}"
