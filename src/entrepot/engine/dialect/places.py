"""Where a finding is: a node of the tree, and the line it came from."""

from dataclasses import dataclass

from sqlglot import exp

__all__ = ["Finding", "line_of", "unwrapped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A node that breaks a rule, and the safe form."""

    node: exp.Expr
    rule: str
    hint: str


def line_of(node: exp.Expr) -> int:
    """Line of a node, from 1: its own mark, else the first mark inside it, else the nearest one around it."""
    lines = [each.meta["line"] for each in node.walk() if "line" in each.meta]
    if lines:
        return int(min(lines))
    parent = node.parent
    return line_of(parent) if parent is not None else 1


def unwrapped(node: exp.Expr | None) -> exp.Expr | None:
    """The node without parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node
