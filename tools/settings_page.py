"""The reference page of `cell.toml`: every key with its meaning. Called by `tools.reference_pages`."""

from __future__ import annotations

import re
from typing import get_args, get_origin

import msgspec

from entrepot.store.settings import CellSettings
from entrepot.store.settings_words import what_may_stand

_HEAD = """\
# Settings

`cell.toml` in the company folder. Without it the folder is a cell of region CN with the entity `main`, books in CNY,
and shops found in files belong to it. A section in two brackets, such as `[[shops]]`, stands there once for each. A key
or value that is not known stops the command and is named.

This page is written by `python -m tools.reference_pages`; do not edit it.
"""


def settings_page() -> str:
    """Every section, and in it every key: what may stand there, what holds without it, what it means."""
    parts = [_HEAD]
    for section in msgspec.structs.fields(CellSettings):
        is_list = get_origin(section.type) is tuple
        structure = get_args(section.type)[0] if is_list else section.type
        title = f"[[{section.name}]]" if is_list else f"[{section.name}]"
        parts.append(f"\n## `{title}`\n\n{structure.__doc__.strip().split(chr(10) * 2)[0]}\n")
        parts.append("| key | what may stand there | without it | meaning |\n| --- | --- | --- | --- |")
        meanings = _meanings(structure)
        for field in msgspec.structs.fields(structure):
            cells = (
                f"`{section.name}.{field.name}`",
                what_may_stand(field.type),
                _default(field),
                meanings[field.name],
            )
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def _meanings(structure: type[msgspec.Struct]) -> dict[str, str]:
    """Meanings of the keys, as the docstring has them; each key has one."""
    told = (structure.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", told, re.MULTILINE)
    return {key: re.sub(r"\s+", " ", meaning).replace("|", "\\|") for key, meaning in found}


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT:
        return "**needed**"
    if field.default in ("", ()):
        return ""
    if isinstance(field.default, tuple):
        return ", ".join(f"`{each}`" for each in field.default)
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
