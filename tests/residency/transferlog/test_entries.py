"""What may stand in the log, and that nobody's data can."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.residency.border_errors import EntryRefused
from entrepot.residency.transferlog import canonical_json, entry_bytes, entry_from_bytes
from entrepot.residency.transferlog.entries import FACTS

AT = datetime(2026, 11, 28, 9, 30, 0, 1, tzinfo=UTC)
HASH = "sha256:" + "ab" * 32

FACTS_OF: dict[str, dict[str, Any]] = {
    "intent": {
        "transfer": "0f" * 16,
        "permit": "cn-eu/order-totals",
        "permit_hash": HASH,
        "profile": "cn-2026.1",
        "profile_hash": HASH,
        "recipient": "eu",
        "purpose": "consolidation",
        "route": "cn.free",
        "processor": "main",
        "year": 2026,
        "rows": 120,
        "classes": {"operational": 120, "pseudonymous": 40},
        "persons_before": {"sensitive": 0, "other": 10},
        "persons_after": {"sensitive": 0, "other": 50},
        "sequence": 1,
        "commitment": {"alg": "hmac-sha256", "key_id": "0a" * 16, "value": "cd" * 32},
    },
    "outcome": {"transfer": "0f" * 16, "verdict": "sent", "envelope_hash": HASH},
    "refusal": {"permit": None, "recipient": "eu", "code": "gateway.permit_unknown"},
    "declaration": {"subject": "cn-eu/order-totals", "statement": "assessment.filed", "hash": HASH, "role": "officer"},
    "switch": {"scope": "permit", "target": "cn-eu", "state": "stopped", "reason": "incident", "role": "officer"},
    "approval": {"subject": "cn-2026.1", "hash": HASH, "decision": "approved", "role": "officer"},
}
FORBIDDEN = [
    "13800138000", "p13800138000", "a138-0013-8000", "110101199003078515", "id/110101199003078515", "zhang@example.com",
    "张伟", "Zhang Wei", "", "a\nb", "-a", "1a", "a" * 97, "上海市南京路1号", "a(b)", "a=b", "\u202ea",
]  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_every_kind_is_written_and_read_back(kind: str) -> None:
    entry = entry_bytes(kind, AT, **FACTS_OF[kind])
    assert entry_from_bytes(entry) == {"v": 1, "kind": kind, "at": "2026-11-28T09:30:00.000001Z", **FACTS_OF[kind]}


def test_an_entry_is_these_very_bytes() -> None:
    assert entry_bytes("outcome", AT, transfer="0f" * 16, verdict="failed", envelope_hash=None) == (
        b'{"at":"2026-11-28T09:30:00.000001Z","envelope_hash":null,"kind":"outcome",'
        b'"transfer":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","v":1,"verdict":"failed"}'
    )


def test_times_are_written_in_utc_with_microseconds() -> None:
    local = datetime(2026, 11, 28, 17, 30, tzinfo=timezone(timedelta(hours=8)))
    assert b'"at":"2026-11-28T09:30:00.000000Z"' in entry_bytes("outcome", local, **FACTS_OF["outcome"])
    with pytest.raises(EntryRefused, match="no time zone"):
        entry_bytes("outcome", local.replace(tzinfo=None), **FACTS_OF["outcome"])


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_fact_that_is_missing_or_not_of_the_kind_is_refused(kind: str) -> None:
    forms, optional = FACTS[kind]
    assert set(FACTS_OF[kind]) == set(forms) - optional
    for name in FACTS_OF[kind]:
        with pytest.raises(EntryRefused, match=f"{name} is missing"):
            entry_bytes(kind, AT, **{each: value for each, value in FACTS_OF[kind].items() if each != name})
    with pytest.raises(EntryRefused, match="not among those") as refusal:
        entry_bytes(kind, AT, **FACTS_OF[kind], phone_13800138000="x")
    assert "138" not in str(refusal.value)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(EntryRefused, match="kind is not known"):
        entry_bytes("note", AT, text="hello")


@pytest.mark.parametrize("kind", sorted(FACTS))
@pytest.mark.parametrize("value", FORBIDDEN)
def test_no_fact_takes_a_person_s_value_and_the_refusal_does_not_repeat_it(kind: str, value: str) -> None:
    forms, _ = FACTS[kind]
    for name in forms:
        for wrong in (value, [value], {value: 1}, {"operational": value}):
            with pytest.raises(EntryRefused) as refusal:
                entry_bytes(kind, AT, **{**FACTS_OF[kind], name: wrong})
            if value:
                assert value not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("intent", "rows", -1), ("intent", "rows", True), ("intent", "rows", 1.0), ("intent", "rows", 2**53), ("intent", "sequence", 0),
        ("intent", "year", 1999), ("intent", "year", "2026"), ("intent", "permit_hash", "ab" * 32),
        ("intent", "permit_hash", "md5:" + "ab" * 16), ("intent", "classes", {"vip": 1}), ("intent", "transfer", "0f" * 9),
        ("intent", "commitment", {"alg": "md5", "key_id": "0a" * 16, "value": "cd" * 32}),
        ("intent", "commitment", {"alg": "hmac-sha256", "key_id": "0a" * 16, "value": "cd"}),
        ("intent", "commitment", {"alg": "hmac-sha256", "key_id": "0a" * 16, "value": "cd" * 32, "salt": "00"}),
        ("intent", "commitment", None), ("outcome", "verdict", "maybe"), ("outcome", "verdict", None),
        ("refusal", "code", "plain"), ("approval", "valid_until", "2026-1-1"), ("approval", "valid_until", "20260101"),
        ("approval", "valid_until", date(2026, 1, 1)), ("switch", "scope", "world"), ("switch", "state", "on"),
    ],
)  # fmt: skip
def test_a_fact_in_another_form_is_refused(kind: str, name: str, value: object) -> None:
    with pytest.raises(EntryRefused, match=f"{name} is not in its form"):
        entry_bytes(kind, AT, **{**FACTS_OF[kind], name: value})


def test_optional_facts_may_be_given() -> None:
    entry = entry_bytes("approval", AT, **FACTS_OF["approval"], valid_until="2029-11-27")
    assert entry_from_bytes(entry)["valid_until"] == "2029-11-27"


def test_what_was_sent_has_an_envelope() -> None:
    with pytest.raises(EntryRefused, match="envelope_hash is missing"):
        entry_bytes("outcome", AT, transfer="0f" * 16, verdict="sent", envelope_hash=None)


@pytest.mark.parametrize(
    "after", [{"sensitive": 0, "other": 9}, {"other": 50}, {"sensitive": 0, "other": 50, "more": 1}]
)
def test_persons_are_never_taken_back(after: dict[str, int]) -> None:
    with pytest.raises(EntryRefused, match="persons_after counts"):
        entry_bytes("intent", AT, **{**FACTS_OF["intent"], "persons_after": after})


# The examples of RFC 8785, as far as they hold no fractions; sorting is by UTF-16 code units.
def test_canonical_json_is_that_of_rfc_8785() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    order = ["\\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    written = canonical_json(value).decode()
    assert [pair.split(":")[0].strip('"') for pair in written[1:-1].split(",")] == order
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/\x7f"
    assert canonical_json(text) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'.encode()
    assert canonical_json([None, True, False, -0, 10**15, [], {}]) == b"[null,true,false,0,1000000000000000,[],{}]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_says_the_same_and_says_it_once(value: object) -> None:
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), "\ud800", {1: 2}, {"\udfff": 1}, b"x", {1, 2}, [[0.1]]]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(EntryRefused):
        canonical_json(value)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ", "),
        lambda text: text.replace('"v":1', '"v":2'),
        lambda text: text.replace('"v":1', '"v":1.0'),
        lambda text: text.replace("{", '{"at":"2026-11-28T09:30:00.000001Z",', 1),
        lambda text: text.replace("outcome", "out\\u0063ome"),
        lambda text: text.replace("000001Z", "000001+00:00"),
        lambda text: text.replace('"verdict":"sent"', '"verdict":"sent","who":"me"'),
        lambda text: text + "\n",
        lambda text: text[:-1],
        lambda _: "[]",
        lambda _: "[" * 100_000,
        lambda _: "\xff",
    ],
)
def test_bytes_that_no_entry_is_written_as_are_not_read(change: Any) -> None:
    entry = entry_bytes("outcome", AT, **FACTS_OF["outcome"]).decode()
    with pytest.raises(EntryRefused):
        entry_from_bytes(change(entry).encode("latin-1"))
