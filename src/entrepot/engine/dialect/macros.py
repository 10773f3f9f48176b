"""Macros: shared expressions, replaced on the tree before a text is generated for an engine.

The definitions are in ``macros.sql`` beside this file: ``create macro name(a, b) as expression;`` with a comment above
that says what it gives. Replacement is by name; an argument that is not simple is put in parentheses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import sqlglot
from sqlglot import exp

__all__ = ["MACROS_FILE", "Macro", "MacroMisused", "expand", "macros", "macros_from_text"]

DEPTH_MAX = 8
MACROS_FILE = "macros.sql"
_DEFINITION = re.compile(r"^create macro (\w+)\(([^)]*)\) as\s(.*?);$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^-- ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Macro:
    """One shared expression.

    Attributes:
        name: Lower case.
        parameters: In call order.
        body: The expression; columns named like a parameter stand for the argument.
        meaning: The comment above the definition.
        line: Line of the body's first character in the file, from 1.
    """

    name: str
    parameters: tuple[str, ...]
    body: exp.Expr
    meaning: str
    line: int


class MacroMisused(Exception):
    """A macro was called with the wrong number of arguments, or macros call each other without end.

    ``parse`` turns it into a ``DialectError``.
    """

    def __init__(self, node: exp.Expr, problem: str) -> None:
        super().__init__(node, problem)
        self.node, self.problem = node, problem


@cache
def macros() -> Mapping[str, Macro]:
    """All macros by name."""
    text = resources.files(__package__).joinpath(MACROS_FILE).read_text(encoding="utf-8")
    return macros_from_text(text)


def macros_from_text(text: str) -> Mapping[str, Macro]:
    """Read definitions from a text; a name defined twice is our own mistake."""
    found: dict[str, Macro] = {}
    for match in _DEFINITION.finditer(text):
        name, listed, expression = match.groups()
        assert name not in found, f"macro {name} is defined once"
        body = sqlglot.parse_one(f"select {expression}", read="duckdb").expressions[0]
        above = text[: match.start()].rstrip("\n").split("\n\n")[-1]
        parameters = tuple(each.strip() for each in listed.split(",") if each.strip())
        line = text.count("\n", 0, match.start(3)) + 1
        found[name] = Macro(name, parameters, body, _COMMENT.sub("", above).strip(), line)
    return found


def expand(tree: exp.Expr, known: Mapping[str, Macro] | None = None) -> exp.Expr:
    """The tree with no macro call left in it; the one given is used up, and a root that is a call is another one after.

    Raises:
        MacroMisused: Wrong number of arguments, or nesting deeper than ``DEPTH_MAX``.
    """
    available = macros() if known is None else known
    for _ in range(DEPTH_MAX):
        calls = [node for node in tree.find_all(exp.Anonymous) if node.name.lower() in available]
        if not calls:
            return tree
        # Innermost first: an outer call then copies arguments that are already written out.
        for call in reversed(calls):
            replacement = _body_of(call, available[call.name.lower()])
            tree = _put(call, replacement, tree)
    calls = [node for node in tree.find_all(exp.Anonymous) if node.name.lower() in available]
    if calls:
        raise MacroMisused(calls[0], f"macros nest deeper than {DEPTH_MAX} levels")
    return tree


def _body_of(call: exp.Anonymous, macro: Macro) -> exp.Expr:
    arguments = call.expressions
    if len(arguments) != len(macro.parameters):
        call_form = f"{macro.name}({', '.join(macro.parameters)})"
        raise MacroMisused(call, f"{call_form} takes {len(macro.parameters)} arguments, got {len(arguments)}")
    given = dict(zip(macro.parameters, arguments, strict=True))
    body = macro.body.copy()
    for column in list(body.find_all(exp.Column)):
        if column.table or column.name not in given:
            continue
        argument = _in_parentheses(given[column.name].copy())
        if column is body:
            body = argument
        else:
            column.replace(argument)
    return _in_parentheses(body)


def _in_parentheses(node: exp.Expr) -> exp.Expr:
    simple = (exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Cast, exp.Case, exp.Anonymous, exp.Dot)
    operators = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Is)
    if isinstance(node, simple) or (isinstance(node, exp.Func) and not isinstance(node, operators)):
        return node
    return exp.Paren(this=node)


def _put(call: exp.Anonymous, body: exp.Expr, root: exp.Expr) -> exp.Expr:
    """Put the body where the call was; FILTER and OVER around an aggregate macro move onto its aggregate."""
    target: exp.Expr = call
    wrappers: list[exp.Expr] = []
    while isinstance(target.parent, exp.Filter | exp.Window) and target.arg_key == "this":
        target = target.parent
        wrappers.append(target)
    aggregate: exp.Expr | None = body.find(exp.AggFunc) if wrappers else None
    if aggregate is None:
        return _replaced(call, body, root)
    # The wrapper stays around a copy of the aggregate, and the body's rest (a cast) goes around the wrapper.
    outermost = wrappers[-1].copy()
    innermost = outermost
    while isinstance(innermost.this, exp.Filter | exp.Window):
        innermost = innermost.this
    innermost.set("this", aggregate.copy())
    if aggregate is body:
        return _replaced(wrappers[-1], outermost, root)
    aggregate.replace(outermost)
    return _replaced(wrappers[-1], body, root)


def _replaced(old: exp.Expr, new: exp.Expr, root: exp.Expr) -> exp.Expr:
    if old is root:
        return new
    old.replace(new)
    return root
