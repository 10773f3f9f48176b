"""Names of relations and columns, as engines and folders write them."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from entrepot.engine.contract import ColumnType, Schema
from entrepot.engine.errors import ShapeBroken

__all__ = ["Folders", "by_folder", "check_folder_columns", "checked_name", "quoted"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOLDER = re.compile(r"(?:^|/)([A-Za-z_][A-Za-z0-9_]*)=([^/]*)(?=/)")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"

Folders = tuple[tuple[str, str | None], ...]
"""Names and values of the folders ``name=value`` in a path, outermost first."""


def checked_name(name: str) -> str:
    """The name itself, if a query could read it; else ``ShapeBroken``."""
    if not _NAME.fullmatch(name):
        raise ShapeBroken(name, "*", "a relation's name is letters, digits and _")
    return name


def quoted(name: str, mark: str = '"') -> str:
    """A name in an engine's quotation marks."""
    return mark + name.replace(mark, mark * 2) + mark


def by_folder(paths: Sequence[str], schema: Schema) -> dict[Folders, list[str]]:
    """The paths grouped by the values of those declared columns that stand in their folders."""
    groups: dict[Folders, list[str]] = {}
    for path in paths:
        pairs = (match.groups() for match in _FOLDER.finditer(str(path)))
        key = tuple((name, _folder_value(value)) for name, value in pairs if name in schema.names)
        groups.setdefault(key, []).append(str(path))
    return groups


def check_folder_columns(relation: str, paths: Sequence[str], schema: Schema) -> None:
    """Refuse a schema in which a column that stands in the paths (``month=2026-09``) is not text."""
    named = {name for folders in by_folder(paths, schema) for name, _ in folders}
    for column in schema.columns:
        if column.name in named and column.type is not ColumnType.TEXT:
            raise ShapeBroken(relation, column.name, "comes from the path, so it is text")


def _folder_value(written: str) -> str | None:
    return None if written == _NO_VALUE else unquote(written)
