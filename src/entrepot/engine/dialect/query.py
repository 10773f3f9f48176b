"""A query of the dialect: one SELECT, linted, its macros replaced, ready to be written for an engine."""

from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from entrepot.engine.dialect.linter import lint
from entrepot.engine.dialect.macros import MacroMisused, expand
from entrepot.engine.dialect.places import line_of
from entrepot.engine.errors import DialectError, Violation

__all__ = ["Query", "Target", "parse"]

Target = Literal["duckdb", "spark"]

PARSED_KEPT_MAX = 1024


class Query:
    """One SELECT of the dialect; made by ``parse`` only, equal when text and source are equal.

    Attributes:
        text: As written.
        source: Where the text came from, for messages.
    """

    __slots__ = ("_inputs", "_sql", "_tree", "source", "text")

    def __init__(self, text: str, source: str, tree: exp.Expr) -> None:
        self.text, self.source = text, source
        self._tree = tree
        self._sql: dict[Target, str] = {}
        self._inputs: frozenset[str] | None = None

    @property
    def tree(self) -> exp.Expr:
        """A copy of the tree, macros replaced; the caller may change it."""
        return self._tree.copy()

    def sql(self, engine: Target) -> str:
        """The text for an engine. Comments are left out."""
        if engine not in self._sql:
            self._sql[engine] = self._tree.sql(dialect=engine, comments=False)
        return self._sql[engine]

    def inputs(self) -> frozenset[str]:
        """Names of the relations read, as written; names of CTEs are not among them."""
        if self._inputs is None:
            found: set[str] = set()
            for scope in traverse_scope(self._tree):
                found |= {source.name for source in scope.sources.values() if isinstance(source, exp.Table)}
            self._inputs = frozenset(found)
        return self._inputs

    def output_names(self) -> tuple[str, ...]:
        """Names of the columns that come out, in order; ``*`` where the text says so."""
        assert isinstance(self._tree, exp.Query), "a query of the dialect is a SELECT"
        return tuple(self._tree.named_selects)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and (self.text, self.source) == (other.text, other.source)

    def __hash__(self) -> int:
        return hash((self.text, self.source))

    def __repr__(self) -> str:
        return f"Query({self.source!r})"

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return _again, (self.text, self.source)


def parse(text: str, *, source: str = "<text>", strict_output: bool = False) -> Query:
    """Parse, lint and expand one SELECT. The same text again costs nothing.

    Args:
        text: One statement in the dialect.
        source: A file's name or the like, for messages.
        strict_output: Demand ``cast(... as type) as name`` for every outermost column: mappings, rules, reports.
    Raises:
        DialectError: The text is not one statement, or leaves the dialect; it carries every violation.
    """
    return _parsed(text, source, strict_output)


@lru_cache(maxsize=PARSED_KEPT_MAX)
def _parsed(text: str, source: str, strict_output: bool) -> Query:  # noqa: FBT001  (a cache key, private)
    tree = _statement(text, source)
    violations = lint(tree, strict_output=strict_output)
    try:
        whole = expand(tree)
    except MacroMisused as misuse:
        found = Violation(line_of(misuse.node), "macro", misuse.problem)
        raise DialectError(source, tuple(sorted({*violations, found}))) from None
    if violations:
        raise DialectError(source, violations)
    return Query(text, source, whole)


def _statement(text: str, source: str) -> exp.Expr:
    try:
        statements = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        line = int(details[0].get("line") or 1)
        why = str(details[0].get("description") or "cannot be read")
        raise DialectError(source, (Violation(line, "syntax", why),)) from None
    if len(statements) != 1:
        hint = f"one SELECT per text, found {len(statements)} statements"
        raise DialectError(source, (Violation(1, "statement", hint),))
    statement = statements[0]
    assert isinstance(statement, exp.Expr), "sqlglot gives trees"
    return statement


def _again(text: str, source: str) -> Query:
    return parse(text, source=source)
