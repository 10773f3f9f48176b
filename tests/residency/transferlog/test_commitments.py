"""A commitment binds to what was sent for as long as its salt is kept."""

from __future__ import annotations

import hashlib
import hmac
import pickle
import sqlite3
from pathlib import Path

import pytest

from entrepot.residency.border_errors import SaltErased
from entrepot.residency.transferlog import Commitment, Commitments, entry_bytes
from tests.residency.transferlog.test_entries import AT, FACTS_OF

PAYLOAD = hashlib.sha256(b"a parcel").digest()


@pytest.fixture
def salts(tmp_path: Path) -> Commitments:
    return Commitments(tmp_path / "border" / "commitments.sqlite")


def test_a_commitment_holds_for_its_payload_and_no_other(salts: Commitments) -> None:
    made = salts.commit(PAYLOAD)
    assert salts.is_of(made, PAYLOAD)
    assert not salts.is_of(made, hashlib.sha256(b"another").digest())
    assert not salts.is_of(Commitment(made.key_id, made.value, "md5"), PAYLOAD)


def test_the_value_is_hmac_sha_256_of_the_payload_s_hash(tmp_path: Path, salts: Commitments) -> None:
    made = salts.commit(PAYLOAD)
    with sqlite3.connect(tmp_path / "border/commitments.sqlite") as database:
        ((key_id, salt),) = database.execute("select key_id, salt from salts").fetchall()
    database.close()
    assert (made.key_id, made.alg, len(salt)) == (key_id, "hmac-sha256", 32)
    assert made.value == hmac.new(salt, PAYLOAD, "sha256").hexdigest()


def test_the_same_payload_twice_cannot_be_recognised(salts: Commitments) -> None:
    first, second = salts.commit(PAYLOAD), salts.commit(PAYLOAD)
    assert first.key_id != second.key_id
    assert first.value != second.value


def test_an_erased_salt_leaves_no_trace_and_nothing_to_compare(tmp_path: Path, salts: Commitments) -> None:
    made, other = salts.commit(PAYLOAD), salts.commit(PAYLOAD)
    path = tmp_path / "border/commitments.sqlite"
    with sqlite3.connect(path) as database:
        salt = dict(database.execute("select key_id, salt from salts"))[made.key_id]
    database.close()
    assert salt in path.read_bytes()
    assert salts.erase(made.key_id)
    assert not salts.erase(made.key_id)
    for file in (tmp_path / "border").iterdir():
        assert salt not in file.read_bytes()
    with pytest.raises(SaltErased) as refusal:
        salts.is_of(made, PAYLOAD)
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)
    assert salts.is_of(other, PAYLOAD)


def test_only_the_owner_reads_the_salts(tmp_path: Path, salts: Commitments) -> None:
    assert (tmp_path / "border/commitments.sqlite").stat().st_mode & 0o777 == 0o600
    made = salts.commit(PAYLOAD)
    assert Commitments(tmp_path / "border/commitments.sqlite").is_of(made, PAYLOAD)


def test_a_commitment_is_what_an_intent_asks_for(salts: Commitments) -> None:
    facts = {**FACTS_OF["intent"], "commitment": salts.commit(PAYLOAD).facts}
    assert b'"alg":"hmac-sha256"' in entry_bytes("intent", AT, **facts)
