"""Every command, error code, file format, setting and problem of the verifier has its place under ``docs/reference``.

The names come from the running registries, never from a list kept beside them. A source whose module is still to be
written is left out; once the module is there, it must offer what its row in `SOURCES` asks for.
"""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

__all__ = ["SOURCES", "Source", "command_names", "error_codes", "findings", "setting_names", "undocumented"]


@dataclass(frozen=True, slots=True)
class Source:
    """One registry whose every name must be documented.

    Attributes:
        kind: What a name is, for the sentence.
        module: Dotted name of the module that holds the registry.
        names: Takes that module and returns the names.
    """

    kind: str
    module: str
    names: Callable[[ModuleType], Iterable[str]]


def undocumented(kind: str, names: Iterable[str], pages: str) -> list[str]:
    """Name what the pages leave out.

    Args:
        kind: What a name is: command, error code, format, setting and so on.
        names: The names to look for; each must stand in the pages as inline code, alone or as the beginning of a
            longer piece (`entrepot import PATH…`).
        pages: Text of all reference pages.

    Returns:
        One sentence per missing name, sorted.
    """
    code = {piece.strip() for piece in re.findall(r"`([^`\n]+)`", pages)}
    return [
        f"docs/reference: {kind} `{name}` is not documented"
        for name in sorted(set(names))
        if not any(piece == name or piece.startswith(f"{name} ") for piece in code)
    ]


def command_names(group: Any, prefix: str = "entrepot") -> Iterator[str]:  # noqa: ANN401 - a Click group, whose home Typer moves between releases
    """Walk a command group.

    Args:
        group: What ``typer.main.get_command`` returns: `commands` by name, each a command or a group again.
        prefix: The words before the name.

    Yields:
        Full command lines such as ``entrepot tables list``; hidden commands are left out.
    """
    for name, command in sorted(group.commands.items()):
        if getattr(command, "hidden", False):
            continue
        line = f"{prefix} {name}"
        if hasattr(command, "commands"):
            yield from command_names(command, line)
        else:
            yield line


def error_codes(base: type[Exception]) -> Iterator[str]:
    """Walk an error family: the base's and every subclass's own `code`."""
    if "code" in vars(base):
        yield str(vars(base)["code"])
    for child in base.__subclasses__():
        yield from error_codes(child)


def setting_names(struct: type, prefix: str = "") -> Iterator[str]:
    """Walk a settings struct.

    Args:
        struct: A class with annotated fields; a field that holds such a class, or a tuple of it, is a section.
        prefix: The section's name with a dot.

    Yields:
        Section and key as they stand in the settings file, such as ``cell.region`` or ``shops.channel``.
    """
    for name, kind in get_type_hints(struct).items():
        sections = [part for part in (kind, *get_args(kind)) if hasattr(part, "__struct_fields__")]
        if not sections:
            yield f"{prefix}{name}"
        for section in sections:
            yield from setting_names(section, f"{prefix}{name}.")


def _commands(module: ModuleType) -> Iterable[str]:
    typer_main = importlib.import_module("typer.main")
    return command_names(typer_main.get_command(module.app_of()))


def _codes(module: ModuleType) -> Iterable[str]:
    """Import the whole package first: a class that nobody imported is not among the subclasses."""
    package = importlib.import_module("entrepot")
    for found in pkgutil.walk_packages(package.__path__, "entrepot."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)
    return error_codes(module.EntrepotError)


def _formats(module: ModuleType) -> Iterable[str]:
    return (each.name for connector in module.CONNECTORS for each in connector.sources)


SOURCES = (
    Source("command", "entrepot.cli", _commands),
    Source("error code", "entrepot.errors", _codes),
    Source("format", "entrepot.connectors.registry", _formats),
    Source("program", "entrepot_verify.cli", lambda module: (module.PROGRAM,)),
    Source("problem", "entrepot_verify.words", lambda module: module.PROBLEMS),
    Source("setting", "entrepot.store.settings", lambda module: setting_names(module.CellSettings)),
)


def findings(root: Path) -> list[str]:
    """Compare every registry that exists with the reference pages."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "docs/reference").glob("**/*.md")))
    found = []
    for source in SOURCES:
        if _exists(source.module):
            names = source.names(importlib.import_module(source.module))
            found += undocumented(source.kind, names, pages)
    return found


def _exists(module: str) -> bool:
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return found is not None and found.origin is not None  # a bare folder is not yet a module
