"""What is refused about shared domains. Messages name domains, cells and fields, never a value of a row."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused

__all__ = ["DomainInvalid", "DomainUndecidable", "DomainUnknown"]


class DomainInvalid(Invalid):
    """`border/domains.yaml` cannot be used; without a domain it cannot even be read."""

    code = "residency.domain_invalid"

    def __init__(self, domain: str, where: str, problem: str) -> None:
        super().__init__(domain, where, problem)
        self.domain, self.where, self.problem = domain, where, problem

    def __str__(self) -> str:
        place = f", domain {self.domain}, {self.where}" if self.domain else ""
        return f"border/domains.yaml{place}: {self.problem}"


class DomainUnknown(Refused):
    """The cell shares no domain of that name."""

    code = "residency.domain_unknown"

    def __init__(self, domain: str, known: tuple[str, ...]) -> None:
        super().__init__(domain, known)
        self.domain, self.known = domain, known

    def __str__(self) -> str:
        there = f"declared are {', '.join(self.known)}" if self.known else "none is declared yet"
        return f"this cell shares no domain {self.domain}; {there}. border/domains.yaml declares them"


class DomainUndecidable(Refused):
    """There is nothing to decide about a key of a domain."""

    code = "residency.domain_undecidable"

    def __init__(self, domain: str, problem: str) -> None:
        super().__init__(domain, problem)
        self.domain, self.problem = domain, problem

    def __str__(self) -> str:
        return f"domain {self.domain}: {self.problem}"
