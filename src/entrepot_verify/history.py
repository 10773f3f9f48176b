"""What the entries say, taken one after the other: each promise of the log is a rule here.

An entry's values are compared and never shown.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from entrepot_verify.report import Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot_verify.report import Report

__all__ = ["History"]

_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
# Names, hashes, days and ids; whatever else people write does not belong here.
_TEXT = re.compile(rb'"[A-Za-z0-9._/:-]{1,96}"')
_NUMBER_MAX = 2**53 - 1
_GREAT = re.compile(rb"[:,\[]-?[0-9]{16}")
_VERDICTS = frozenset({"sent", "failed", "abandoned"})
_ALWAYS = frozenset({"v", "kind", "at"})
_FACTS = {
    "intent": (
        "transfer permit permit_hash profile profile_hash recipient purpose route processor year rows classes "
        "persons_before persons_after sequence commitment"
    ),
    "outcome": "transfer verdict envelope_hash",
    "refusal": "permit recipient code",
    "declaration": "subject statement hash role",
    "switch": "scope target state reason role",
    "approval": "subject hash decision role",
}
_OPTIONAL = {"declaration": {"valid_until"}, "approval": {"valid_until"}}
_NAMES = {kind: frozenset(names.split()) for kind, names in _FACTS.items()}


class History:
    """Judges entries in their order; `finish` says what is still open at the end."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._open: dict[str, int] = {}
        self._done: set[str] = set()
        self._sequences: dict[str, int] = {}
        self._persons: dict[tuple[str, int], dict[str, int]] = {}

    def take(self, index: int, content: bytes) -> None:
        """Judge the next entry."""
        place = f"entry {index}"
        entry = _read(content)
        if entry is None:
            self._report.found(Check.ENTRIES, "not_canonical", place)
            return
        if not _is_plain(content) or not _is_of_its_kind(entry):
            self._report.found(Check.ENTRIES, "not_of_its_kind", place)
            return
        if entry["at"] < self._report.last_at:
            self._report.found(Check.TIME, "time_backwards", place)
        self._report.last_at = entry["at"]
        if entry["kind"] == "intent":
            self._intent(index, entry)
        elif entry["kind"] == "outcome":
            self._outcome(index, entry["transfer"])

    def finish(self) -> None:
        """Name every intent that nothing came of."""
        for index in sorted(self._open.values()):
            self._report.found(Check.TRANSFERS, "no_outcome", f"entry {index}")

    def _intent(self, index: int, entry: dict[str, Any]) -> None:
        place = f"entry {index}"
        if entry["transfer"] in self._open or entry["transfer"] in self._done:
            self._report.found(Check.TRANSFERS, "intent_twice", place)
        self._open.setdefault(entry["transfer"], index)
        if entry["sequence"] != self._sequences.get(entry["permit"], 0) + 1:
            self._report.found(Check.SEQUENCES, "sequence_gap", place)
        self._sequences[entry["permit"]] = entry["sequence"]
        before, after = entry["persons_before"], entry["persons_after"]
        if before.keys() != after.keys() or any(after[name] < count for name, count in before.items()):
            self._report.found(Check.PERSONS, "persons_fewer", place)
        meter = (entry["processor"], entry["year"])
        last = self._persons.get(meter, {})
        # A profile may begin to count a further class; it may not forget one.
        if any(before.get(name) != count for name, count in last.items()):
            self._report.found(Check.PERSONS, "persons_break", place)
        self._persons[meter] = after

    def _outcome(self, index: int, transfer: str) -> None:
        if self._open.pop(transfer, None) is not None:
            self._done.add(transfer)
        else:
            problem = "outcome_twice" if transfer in self._done else "no_intent"
            self._report.found(Check.TRANSFERS, problem, f"entry {index}")


def _read(content: bytes) -> dict[str, Any] | None:
    """The object, or None when RFC 8785 would write it otherwise; a name that stands twice is written once."""
    try:
        text = content.decode()
        # Asking about every number takes longer than everything else here, and few could be too great.
        found = (_BY_NUMBER if _GREAT.search(content) else _PLAIN).decode(text)
        return found if isinstance(found, dict) and _CANONICAL.encode(found) == text else None
    except (ValueError, RecursionError):
        return None


def _refuse(_: str) -> None:
    raise ValueError


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _NUMBER_MAX:
        raise ValueError
    return number


# As RFC 8785 writes it, except for names beyond U+FFFF, which it sorts otherwise and which are no facts anyway.
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_PLAIN = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_BY_NUMBER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_whole)


def _is_plain(content: bytes) -> bool:
    """Whether every text and name is one that may stand here: then its quotes are all the quotes there are."""
    return 2 * len(_TEXT.findall(content)) == content.count(b'"')


def _is_of_its_kind(entry: dict[str, Any]) -> bool:
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in _NAMES or entry.get("v") != 1 or isinstance(entry["v"], bool):
        return False
    names = entry.keys() - _ALWAYS
    if not _NAMES[kind] <= names or names - _NAMES[kind] - _OPTIONAL.get(kind, set()):
        return False
    if not isinstance(entry.get("at"), str) or not _AT.fullmatch(entry["at"]):
        return False
    return _SHAPES[kind](entry) if kind in _SHAPES else True


def _is_intent(entry: dict[str, Any]) -> bool:
    return (
        all(isinstance(entry[name], str) for name in ("transfer", "permit", "processor"))
        and all(_is_count(entry[name]) for name in ("year", "rows", "sequence"))
        and all(_is_counts(entry[name]) for name in ("classes", "persons_before", "persons_after"))
        and isinstance(entry["commitment"], dict)
        and entry["commitment"].keys() == {"alg", "key_id", "value"}
    )


def _is_outcome(entry: dict[str, Any]) -> bool:
    is_sent = entry["verdict"] == "sent"
    return (
        isinstance(entry["transfer"], str)
        and entry["verdict"] in _VERDICTS
        and (isinstance(entry["envelope_hash"], str) or (entry["envelope_hash"] is None and not is_sent))
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


_SHAPES: dict[str, Callable[[dict[str, Any]], bool]] = {"intent": _is_intent, "outcome": _is_outcome}
