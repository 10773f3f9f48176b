"""What can go wrong in the engine, by what the caller does next.

No message carries a value from a row: an engine's own text often quotes one, and rows may hold personal data.
"""

from dataclasses import dataclass

from entrepot.errors import Invalid, Refused, Transient

__all__ = ["DialectError", "EngineUnreachable", "QueryFailed", "SelectRefused", "ShapeBroken", "Violation"]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One place where a text leaves the dialect.

    Attributes:
        line: Line in the file, from 1.
        rule: Stable id of the rule, such as ``division``.
        hint: The safe form to write instead.
    """

    line: int
    rule: str
    hint: str


class DialectError(Invalid):
    """A text is not in the dialect; carries every violation, not only the first."""

    code = "engine.dialect"

    def __init__(self, source: str, violations: tuple[Violation, ...]) -> None:
        super().__init__(source, violations)
        assert violations, "a dialect error names at least one violation"
        self.source, self.violations = source, violations

    @property
    def line(self) -> int:
        """Line of the first violation, from 1."""
        return self.violations[0].line

    @property
    def rule(self) -> str:
        """Rule id of the first violation."""
        return self.violations[0].rule

    @property
    def hint(self) -> str:
        """Safe form for the first violation."""
        return self.violations[0].hint

    def __str__(self) -> str:
        return "\n".join(f"{self.source}:{each.line} {each.rule}: {each.hint}" for each in self.violations)


class QueryFailed(Invalid):
    """An engine refused a query or stopped in the middle of it: an overflow, a bad cast, an unknown column.

    Attributes:
        engine: ``duckdb`` or ``spark``.
        source: Where the query's text came from.
        condition: The engine's class of error, such as ``ConversionException`` or ``ARITHMETIC_OVERFLOW``.
        detail: The engine's sentence when it can only speak of the SQL text, else empty.
    """

    code = "engine.query_failed"

    def __init__(self, engine: str, source: str, condition: str, detail: str = "") -> None:
        super().__init__(engine, source, condition, detail)
        self.engine, self.source, self.condition, self.detail = engine, source, condition, detail

    def __str__(self) -> str:
        tail = f": {self.detail}" if self.detail else ""
        return f"{self.engine} could not run {self.source} ({self.condition}){tail}"


class EngineUnreachable(Transient):
    """The engine's server did not answer."""

    code = "engine.unreachable"

    def __init__(self, engine: str, condition: str) -> None:
        super().__init__(engine, condition)
        self.engine, self.condition = engine, condition

    def __str__(self) -> str:
        return f"the {self.engine} server did not answer ({self.condition})"


class ShapeBroken(Invalid):
    """A relation does not have the columns, the types or the nullability that were declared."""

    code = "engine.shape_broken"

    def __init__(self, relation: str, column: str, problem: str) -> None:
        super().__init__(relation, column, problem)
        self.relation, self.column, self.problem = relation, column, problem

    def __str__(self) -> str:
        return f"{self.relation}, column {self.column}: {self.problem}"


class SelectRefused(Refused):
    """A free SELECT asks for more than it may."""

    code = "engine.select_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"this SELECT was not run: {self.reason}"
