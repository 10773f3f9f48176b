"""What may stand in the transfer log: a closed list of facts per kind, each in a closed form, and no personal data.

An entry is an object in canonical JSON (RFC 8785) with `v`, `kind`, `at` and the facts of its kind. A name begins with
a letter and has eight digits at most, so that no Chinese mobile number, resident id, card number or mail address fits
into one; whatever is longer is a hash. There is no free text.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from entrepot.model import ResidencyClass
from entrepot.residency.border_errors import EntryRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FACTS", "VERDICTS", "canonical_json", "entry_bytes", "entry_from_bytes"]

VERSION = 1
VERDICTS = ("sent", "failed", "abandoned")
INTEGER_MAX = 2**53 - 1
"""RFC 8785 writes numbers as ECMAScript does, which counts exactly only this far."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._/-]{0,95}")
_DIGITS_MAX = 8
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_TRANSFER = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_COUNTER = re.compile(r"[a-z][a-z_]{0,63}")
_CODE = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*){1,3}")
_KEY_ID = re.compile(r"[0-9a-f]{8,64}")
_HEX_32 = re.compile(r"[0-9a-f]{64}")
_YEARS = range(2000, 10_000)


def canonical_json(value: object) -> bytes:
    """Write a value in the one way RFC 8785 allows.

    Args:
        value: Text, whole number, boolean, None, or a list or object of these; keys are text.

    Raises:
        EntryRefused: It holds anything else: a float, a number beyond 2**53 - 1, half a character.
    """
    _check_value(value)
    return _written(value).encode()


def entry_bytes(kind: str, at: datetime, **facts: object) -> bytes:
    """An entry as it stands in the log.

    Args:
        kind: One of `FACTS`.
        at: When it happened; aware.
        facts: Exactly those of the kind; optional ones may be left out.

    Raises:
        EntryRefused: A fact is missing, unknown, or not in its form; the message names the fact, never the value.
    """
    if kind not in FACTS:
        raise EntryRefused("?", "kind", "is not known")
    if at.tzinfo is None:
        raise EntryRefused(kind, "at", "has no time zone")
    forms, optional = FACTS[kind]
    for name in forms:
        if name not in facts and name not in optional:
            raise EntryRefused(kind, name, "is missing")
    for name, value in facts.items():
        if name not in forms:
            # The name may itself be somebody's; it is not repeated.
            raise EntryRefused(kind, "a fact", "is not among those of its kind")
        if not forms[name](value):
            raise EntryRefused(kind, name, "is not in its form")
    _check_together(kind, facts)
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return canonical_json({"v": VERSION, "kind": kind, "at": stamp, **facts})


def entry_from_bytes(entry: bytes) -> dict[str, object]:
    """Read an entry back.

    Raises:
        EntryRefused: It is not canonical, or not what `entry_bytes` would write.
    """
    try:
        found = json.loads(entry)
        at = datetime.strptime(found["at"], "%Y-%m-%dT%H:%M:%S.%f%z")
        facts = {name: value for name, value in found.items() if name not in {"v", "kind", "at"}}
        again = entry_bytes(found["kind"], at, **facts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise EntryRefused("?", "it", "is no entry") from None
    if again != entry:
        raise EntryRefused("?", "it", "is not written canonically")
    return dict(found)


def _check_together(kind: str, facts: Mapping[str, object]) -> None:
    """What several facts of one entry promise of each other."""
    if kind == "outcome" and facts["verdict"] == "sent" and facts["envelope_hash"] is None:
        raise EntryRefused(kind, "envelope_hash", "is missing, though something was sent")
    if kind == "intent":
        before, after = facts["persons_before"], facts["persons_after"]
        assert isinstance(before, dict), "its form was checked"
        assert isinstance(after, dict), "its form was checked"
        if before.keys() != after.keys() or any(after[name] < count for name, count in before.items()):
            raise EntryRefused(kind, "persons_after", "counts other classes than persons_before, or fewer persons")


def _written(value: object) -> str:
    if isinstance(value, dict):
        # RFC 8785 sorts by UTF-16 code units, which differs from Python's order beyond U+FFFF.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(name)}:{_written(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    # Python escapes exactly what RFC 8785 escapes: quote, backslash and control characters, the short way where there
    # is one.
    return json.dumps(value, ensure_ascii=False)


def _check_value(value: object) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise EntryRefused("?", "a key", "is no text")
            _check_value(name)
            _check_value(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_value(inner)
    else:
        _check_scalar(value)


def _check_scalar(value: object) -> None:
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise EntryRefused("?", "a text", "holds half a character")
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise EntryRefused("?", "a number", "is greater than 2**53 - 1")
    elif value is not None:
        raise EntryRefused("?", "a value", f"is a {type(value).__name__}; whole numbers and texts only")


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and _NAME.fullmatch(value) is not None
        and sum(letter.isdigit() for letter in value) <= _DIGITS_MAX
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER_MAX


def _is_sequence(value: object) -> bool:
    return _is_count(value) and value != 0  # the first of a permit is 1


def _is_year(value: object) -> bool:
    return _is_count(value) and value in _YEARS


def _is_day(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_one_of(*values: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in values


def _or_null(form: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or form(value)


def _counts_by(form: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(form(name) and _is_count(n) for name, n in value.items())


def _is_commitment(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"alg", "key_id", "value"}
        and value["alg"] == "hmac-sha256"
        and _matches(_KEY_ID)(value["key_id"])
        and _matches(_HEX_32)(value["value"])
    )


def _is_transfer(value: object) -> bool:
    return _matches(_TRANSFER)(value) or _is_name(value)


_is_hash = _matches(_HASH)
_is_class = _is_one_of(*(each.value for each in ResidencyClass))
_counts_by_class, _counts_by_counter = _counts_by(_is_class), _counts_by(_matches(_COUNTER))

FACTS: dict[str, tuple[dict[str, Callable[[object], bool]], frozenset[str]]] = {
    "intent": (
        {
            "transfer": _is_transfer,
            "permit": _is_name,
            "permit_hash": _is_hash,
            "profile": _is_name,
            "profile_hash": _is_hash,
            "recipient": _is_name,
            "purpose": _is_name,
            "route": _is_name,
            "processor": _is_name,
            "year": _is_year,
            "rows": _is_count,
            "classes": _counts_by_class,
            "persons_before": _counts_by_counter,
            "persons_after": _counts_by_counter,
            "sequence": _is_sequence,
            "commitment": _is_commitment,
        },
        frozenset(),
    ),
    "outcome": (
        {"transfer": _is_transfer, "verdict": _is_one_of(*VERDICTS), "envelope_hash": _or_null(_is_hash)},
        frozenset(),
    ),
    "refusal": (
        # A refusal may name no permit: what asked for one that does not exist is refused too.
        {"permit": _or_null(_is_name), "recipient": _or_null(_is_name), "code": _matches(_CODE)},
        frozenset(),
    ),
    "declaration": (
        {
            "subject": _is_name,
            "statement": _is_name,
            "hash": _or_null(_is_hash),
            "role": _is_name,
            "valid_until": _is_day,
        },
        frozenset({"valid_until"}),
    ),
    "switch": (
        {
            "scope": _is_one_of("permit", "recipient", "cell"),
            "target": _is_name,
            "state": _is_one_of("open", "stopped"),
            "reason": _is_name,
            "role": _is_name,
        },
        frozenset(),
    ),
    "approval": (
        {
            "subject": _is_name,
            "hash": _is_hash,
            "decision": _is_one_of("approved", "refused", "withdrawn"),
            "role": _is_name,
            "valid_until": _is_day,
        },
        frozenset({"valid_until"}),
    ),
}
"""Kind to the facts that it has, each with its form, and which of them may be left out. A role is no person's name."""
