"""As much of GraphQL as a simulated gateway needs: what a query asks for, what that costs, and only that as the answer.

Read are names, arguments, variables and selections; aliases, fragments and directives are not. A field that is not
there is an error, as it is for whoever asks for a field that a version of an API does not have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$?\w+|[{}():!,]|#[^\n]*')


class FieldUnknown(Exception):
    """A query asks for a field that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Asked:
    """A field of a query.

    Attributes:
        arguments: Name to value: a number, a word, or what a variable holds.
        fields: What is asked for within it; empty for a value.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Asked] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        """Points: an object is one, a list as many as are asked for, each with what is within it."""
        if not self.fields:
            return 0
        many = int(self.arguments.get("first") or 1)
        rows = [name for name in self.fields if name == "nodes"] or list(self.fields)
        inside = sum(self.fields[name].cost for name in rows)
        beside = sum(each.cost for name, each in self.fields.items() if name not in rows)
        return 1 + beside + many * inside

    def of(self, value: Any) -> Any:  # noqa: ANN401 an answer is whatever JSON can hold
        """As much of a value as is asked for.

        Raises:
            FieldUnknown: It asks for more than there is.
        """
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if not isinstance(value, dict):
            return value
        for name in self.fields:
            if name not in value:
                raise FieldUnknown(name)
        return {name: each.of(value[name]) for name, each in self.fields.items()}


def read_query(query: str, variables: Mapping[str, Any]) -> Asked:
    """What a query asks for.

    Raises:
        FieldUnknown: It cannot be read.
    """
    tokens = [each for each in _TOKEN.findall(query) if not each.startswith("#") and each != ","]
    try:
        place = tokens.index("{")
        asked, place = _selection(tokens, place, variables)
    except (IndexError, ValueError) as error:
        raise FieldUnknown("") from error
    if place != len(tokens):
        raise FieldUnknown(tokens[place])
    return asked


def _selection(tokens: list[str], place: int, variables: Mapping[str, Any]) -> tuple[Asked, int]:
    """Fields from the opening brace at a place on; where it ends."""
    found = Asked()
    place += 1
    while tokens[place] != "}":
        name, arguments, place = tokens[place], dict[str, Any](), place + 1
        if tokens[place] == "(":
            while tokens[place + 1] != ")":
                argument, colon, value = tokens[place + 1 : place + 4]
                if colon != ":":
                    raise FieldUnknown(argument)
                arguments[argument] = variables.get(value[1:]) if value.startswith("$") else value
                place += 3
            place += 2
        inner = Asked()
        if tokens[place] == "{":
            inner, place = _selection(tokens, place, variables)
        found.fields[name] = Asked(arguments, inner.fields)
    return found, place + 1
