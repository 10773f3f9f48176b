"""What is wrong with `cell.toml`, in words that say where it stands and what may stand there instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

_PLACE = re.compile(r"^(?P<said>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([a-z_]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `(.*)`")
_MISSING = re.compile(r"missing required field `(.*)`")
_NAMES = ("name", "shop", "wallet", "cell", "id")
_WRITTEN = {str: "a text in quotes", bool: "true or false", int: "a whole number", float: "a number"}
_LISTS = {str: 'a list of texts such as ["a", "b"]', date: "a list of days such as [2026-09-11]"}


def explained(error: msgspec.ValidationError, text: bytes, settings: type[msgspec.Struct]) -> str:
    """What a value of the wrong kind is, where it stands and what may stand there.

    Args:
        error: What reading `text` as `settings` said.
        text: The file, which is TOML.
        settings: What it should hold.
    """
    place = _PLACE.match(str(error))
    assert place is not None, "the pattern matches any text"
    said, path = place["said"], _STEP.findall(place["path"] or "")
    section, structure, key, value = _found(msgspec.toml.decode(text), settings, path)
    where = f"{section}: " if section else ""
    if unknown := _UNKNOWN.search(said):
        return where + _unknown(unknown[1], [each.name for each in msgspec.structs.fields(structure)])
    if missing := _MISSING.search(said):
        return f"{where}the key `{missing[1]}` is missing"
    # Whoever is to be notified is a person or a secret address.
    is_shown = isinstance(value, str | int | float) and not section.startswith("[[notify]]")
    stated = f'is "{value}"' if is_shown else "is of the wrong kind"
    hint = _types(structure)[key]
    return f"{where}`{key}` {stated}; write {what_may_stand(hint) if section else _section(key, hint)}"


def _found(
    document: Mapping[str, Any], settings: type[msgspec.Struct], path: list[tuple[str, str]]
) -> tuple[str, type[msgspec.Struct], str, object]:
    """Section with the name of its entry, its structure, the key inside and what stands there."""
    if not path:
        return "", settings, "", None
    name, *rest = path
    kind, _ = _bare(_types(settings)[name[0]])
    here: Any = document[name[0]]
    if isinstance(here, Mapping) == (get_origin(kind) is tuple):
        return "", settings, name[0], None
    inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
    title = f"[{name[0]}]"
    if rest and rest[0][1]:
        number = int(rest.pop(0)[1])
        here = here[number]
        if not isinstance(here, Mapping):
            return "", settings, name[0], None
        called = next((str(here[each]) for each in _NAMES if each in here), "") if name[0] != "notify" else ""
        title = f"[{title}] number {number + 1}{f' ({called})' if called else ''}"
    if not rest:
        return title, inner, "", None
    return title, inner, rest[0][0], here.get(rest[0][0])


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    meant = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{each}`' for each in known)}"
    return f"nothing reads the key `{key}`; {meant}"


def _section(name: str, hint: object) -> str:
    if get_origin(hint) is tuple:
        return f"[[{name}]], with two brackets, once for each"
    return f"[{name}], with one bracket, once"


def what_may_stand(hint: object) -> str:
    """What may stand behind a key of `cell.toml`, of a type as `msgspec.structs.fields` gives it."""
    kind, told = _bare(hint)
    if told is not None and told.description:
        return told.description
    inner = get_args(kind)[0] if get_origin(kind) is tuple else None
    if get_origin(kind) is Literal:
        return f"one of {_listed(kind)}"
    if get_origin(inner) is Literal:
        return f"a list of {_listed(inner)}"
    if inner is not None:
        return _LISTS[inner]
    least, most = getattr(told, "ge", None), getattr(told, "le", None)
    limits = [f"{word} {limit}" for word, limit in (("from", least), ("up to", most)) if limit is not None]
    return " ".join([_WRITTEN[kind], *limits])


def _listed(kind: object) -> str:
    return ", ".join(f'"{each}"' for each in get_args(kind) if each != "")


def _bare(hint: object) -> tuple[Any, msgspec.Meta | None]:
    """A type without what is said of it, and that."""
    if get_origin(hint) is not Annotated:
        return hint, None
    bare, *told = get_args(hint)
    return bare, next(each for each in told if isinstance(each, msgspec.Meta))


def _types(structure: type[msgspec.Struct]) -> dict[str, Any]:
    return {each.name: each.type for each in msgspec.structs.fields(structure)}
