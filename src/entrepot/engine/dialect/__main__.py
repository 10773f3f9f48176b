"""The linter as a command: ``python -m entrepot.engine.dialect [--strict] FILE...``.

Prints ``file:line rule hint`` for each violation; exit code 1 when there is one, 2 on wrong usage. A file named
``macros.sql`` holds definitions, whose bodies are linted.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from entrepot.engine.dialect import DialectError, Violation, lint_macro, parse
from entrepot.engine.dialect.macros import MACROS_FILE, macros_from_text


def main(arguments: Sequence[str]) -> int:
    """Lint the files and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m entrepot.engine.dialect", description="Lint SQL of the dialect.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--strict", action="store_true", help="outermost columns must be cast(... as type) as name")
    options = parser.parse_args(arguments)
    found = [(str(file), each) for file in options.files for each in _violations(file, strict=options.strict)]
    for name, each in found:
        sys.stdout.write(f"{name}:{each.line} {each.rule} {each.hint}\n")
    return 1 if found else 0


def _violations(file: Path, *, strict: bool) -> tuple[Violation, ...]:
    text = file.read_text(encoding="utf-8")
    if file.name == MACROS_FILE:
        return tuple(each for macro in macros_from_text(text).values() for each in lint_macro(macro))
    try:
        parse(text, source=str(file), strict_output=strict)
    except DialectError as error:
        return error.violations
    return ()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
