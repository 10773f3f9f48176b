"""A Python file of more than 500 lines or a function of more than 60 stops the build.

Lines are counted as they stand in the file, with docstrings and comments: the limit is what a reader must hold.
"""

import ast
from pathlib import Path

from tools.tracked import tracked_files

__all__ = ["FILE_LINES_MAX", "FUNCTION_LINES_MAX", "findings", "oversized"]

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60


def oversized(name: str, text: str) -> list[str]:
    """Name what is too long in one Python file.

    Args:
        name: How the file is called in the answer.
        text: Its source.

    Returns:
        One sentence per file or function over its limit, in the order of the file.
    """
    found = []
    lines = len(text.splitlines())
    if lines > FILE_LINES_MAX:
        found.append(f"{name}: {lines} lines, at most {FILE_LINES_MAX}")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in sorted(functions, key=lambda node: node.lineno):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES_MAX:
            found.append(f"{name}:{node.lineno}: function {node.name} has {length} lines, at most {FUNCTION_LINES_MAX}")
    return found


def findings(root: Path) -> list[str]:
    """Apply `oversized` to every Python file of the project."""
    return [
        line
        for path in tracked_files(root, "*.py")
        for line in oversized(str(path), (root / path).read_text(encoding="utf-8"))
    ]
