"""The receiving cell holds the log to what it said before; by hand and through folders."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from entrepot.residency.border_errors import (
    CheckpointRefused,
    LogDamaged,
    LogForked,
    LogKeyUnknown,
    LogShrunk,
    NoteInvalid,
    OriginUnknown,
    ProofMissing,
    ProofWrong,
)
from entrepot.residency.notes import SignatureType, SigningKey, open_note, sign_note, signing_key
from entrepot.residency.transferlog import (
    Checkpoint,
    TransferLog,
    Uncosigned,
    Witness,
    answer_requests,
    entry_bytes,
    take_cosignatures,
    uncosigned_since,
    write_request,
)
from entrepot.residency.transferlog.tree import EMPTY_ROOT

ORIGIN = "entrepot.example/cn/transfers"
AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def entries(count: int, word: str = "old") -> list[bytes]:
    return [f"{word} {number}".encode() for number in range(count)]


def witness_in(tmp_path: Path, name: str = "eu") -> Witness:
    log_key = signing_key(tmp_path / "cn", ORIGIN).verifier()
    key = signing_key(tmp_path / name, f"entrepot.example/{name}")
    return Witness.open(tmp_path / name / "watched", key, log_key, ORIGIN, clock=lambda: AT)


def log_in(tmp_path: Path, folder: str = "log") -> TransferLog:
    key = signing_key(tmp_path / "cn", ORIGIN)
    return TransferLog.open(tmp_path / folder, ORIGIN, key, [witness_in(tmp_path).key, witness_in(tmp_path, "de").key])


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "cn", ORIGIN)


def test_a_log_that_only_grows_is_cosigned_each_time(tmp_path: Path) -> None:
    log, witness, before = log_in(tmp_path), witness_in(tmp_path), 0
    for count in (0, 1, 5, 300, 0):
        log.append(entries(count))
        note = witness.cosign(log.checkpoint(), log.consistency_proof(before, log.size))
        (signature,) = open_note(note, [witness.key]).signatures
        assert (signature.by.signs, signature.at) == (SignatureType.COSIGNATURE, AT)
        log.add_cosignature(note)
        before = log.size
        assert witness_in(tmp_path).accepted.size == log.cosigned_size == before


def test_what_was_accepted_is_on_the_disk_before_the_cosignature_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, witness = log_in(tmp_path), witness_in(tmp_path)
    log.append(entries(3))

    def full(_: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        witness.cosign(log.checkpoint(), [])
    monkeypatch.undo()
    assert witness.accepted.size == 0
    witness.cosign(log.checkpoint(), [])
    assert (tmp_path / "eu/watched/accepted").read_text() == log.checkpoint()


def _refused(witness: Witness, kind: type[CheckpointRefused], checkpoint: str, proof: list[bytes]) -> None:
    before = witness.accepted
    with pytest.raises(kind) as refusal:
        witness.cosign(checkpoint, proof)
    assert type(refusal.value) is kind
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)
    assert witness.accepted == before


def test_another_log_s_checkpoint_is_refused(tmp_path: Path, key: SigningKey) -> None:
    note = sign_note(Checkpoint("entrepot.example/jp", 0, EMPTY_ROOT).text, key)
    _refused(witness_in(tmp_path), OriginUnknown, note, [])


def test_a_checkpoint_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    stranger = signing_key(tmp_path / "stranger", ORIGIN)
    note = sign_note(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text, stranger)
    _refused(witness_in(tmp_path), LogKeyUnknown, note, [])


def test_a_changed_checkpoint_is_refused(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.append(entries(3))
    _refused(witness_in(tmp_path), LogKeyUnknown, log.checkpoint().replace("\n3\n", "\n4\n"), [])


def test_a_signed_text_that_is_no_checkpoint_is_refused(tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(NoteInvalid):
        witness_in(tmp_path).cosign(sign_note(f"{ORIGIN}\nmuch\n", key), [])


def test_an_older_checkpoint_played_again_is_refused(tmp_path: Path) -> None:
    log, witness = log_in(tmp_path), witness_in(tmp_path)
    log.append(entries(3))
    old = log.checkpoint()
    witness.cosign(old, [])
    log.append(entries(3))
    witness.cosign(log.checkpoint(), log.consistency_proof(3, 6))
    _refused(witness, LogShrunk, old, [])
    _refused(witness, LogShrunk, old, log.consistency_proof(3, 6))


def test_a_second_story_of_the_same_length_is_refused(tmp_path: Path) -> None:
    log, other, witness = log_in(tmp_path), log_in(tmp_path, "fork"), witness_in(tmp_path)
    log.append(entries(5))
    other.append(entries(5, "new"))
    witness.cosign(log.checkpoint(), [])
    _refused(witness, LogForked, other.checkpoint(), [])
    witness.cosign(log.checkpoint(), [])


def test_a_longer_second_story_is_refused_whatever_proof_comes_with_it(tmp_path: Path) -> None:
    log, other, witness = log_in(tmp_path), log_in(tmp_path, "fork"), witness_in(tmp_path)
    log.append(entries(5))
    other.append([*entries(4), *entries(5, "new")])
    witness.cosign(log.checkpoint(), [])
    log.append(entries(4, "more"))
    _refused(witness, ProofWrong, other.checkpoint(), other.consistency_proof(5, 9))
    _refused(witness, ProofWrong, other.checkpoint(), log.consistency_proof(5, 9))
    _refused(witness, ProofMissing, other.checkpoint(), [])
    witness.cosign(log.checkpoint(), log.consistency_proof(5, 9))


def test_a_longer_log_without_a_proof_is_refused(tmp_path: Path) -> None:
    log, witness = log_in(tmp_path), witness_in(tmp_path)
    log.append(entries(4))
    witness.cosign(log.checkpoint(), [])
    log.append(entries(4))
    _refused(witness, ProofMissing, log.checkpoint(), [])
    _refused(witness, ProofWrong, log.checkpoint(), log.consistency_proof(3, 8))


def test_a_witness_whose_own_file_was_changed_cosigns_nothing(tmp_path: Path, key: SigningKey) -> None:
    log, witness = log_in(tmp_path), witness_in(tmp_path)
    log.append(entries(4))
    witness.cosign(log.checkpoint(), [])
    path = tmp_path / "eu/watched/accepted"
    for wrong in (
        path.read_text().replace("\n4\n", "\n1\n"),
        sign_note(Checkpoint("another/log", 0, EMPTY_ROOT).text, key),
    ):
        path.write_text(wrong)
        with pytest.raises(LogDamaged, match="accepted"):
            witness.cosign(log.checkpoint(), [])


def test_cells_without_a_network_exchange_checkpoints_through_folders(tmp_path: Path) -> None:
    log, witness, out, back = log_in(tmp_path), witness_in(tmp_path), tmp_path / "out", tmp_path / "back"
    assert write_request(log, witness.key, out) is None
    log.append(entries(3))
    first = write_request(log, witness.key, out)
    assert first == out / "checkpoints/0000000000000003.request"
    assert first.read_text().startswith(f"old 0\n\n{ORIGIN}\n3\n")
    assert write_request(log, witness.key, out) is None
    log.append(entries(300))
    second = write_request(log, witness.key, out)
    assert second is not None
    assert second.read_text().startswith("old 3\n")
    assert answer_requests(witness, out, back) == []
    assert answer_requests(witness, out, back) == [], "what was answered before is not asked again"
    assert take_cosignatures(log, witness.key, back, out) == []
    assert (log.cosigned_size, list((out / "checkpoints").iterdir())) == (303, [])
    assert (answer_requests(witness, out, back), take_cosignatures(log, witness.key, back, out)) == ([], [])
    assert len(open_note(log.checkpoint(), [log.key, witness.key]).signatures) == 2


def test_a_lost_answer_is_given_again(tmp_path: Path) -> None:
    log, witness, out, back = log_in(tmp_path), witness_in(tmp_path), tmp_path / "out", tmp_path / "back"
    log.append(entries(3))
    witness.cosign(log.checkpoint(), [])
    log.append(entries(4))
    (out / "checkpoints").mkdir(parents=True)
    (out / "checkpoints/0000000000000003.request").write_text("old 0\n\nunreadable")
    request = write_request(log, witness.key, out)
    assert request is not None
    assert [type(each) for each in answer_requests(witness, out, back)] == [OriginUnknown]
    answer = back / "checkpoints" / f"{request.stem}.cosigned"
    answer.unlink()
    answer_requests(witness, out, back)
    assert answer.exists()


def test_each_witness_is_asked_from_where_it_stands(tmp_path: Path) -> None:
    log, eu, de = log_in(tmp_path), witness_in(tmp_path), witness_in(tmp_path, "de")
    log.append(entries(3))
    log.add_cosignature(eu.cosign(log.checkpoint(), []))
    log.append(entries(3))
    for witness, old in ((eu, 3), (de, 0)):
        folder = tmp_path / f"to {witness.key.name.rpartition('/')[2]}"
        request = write_request(log, witness.key, folder)
        assert request is not None
        assert request.read_text().startswith(f"old {old}\n")
        assert answer_requests(witness, folder, folder) == []
        assert take_cosignatures(log, witness.key, folder, folder) == []
    assert (log.cosigned_by(eu.key), log.cosigned_by(de.key)) == (6, 6)


def test_a_fork_sent_through_a_folder_gets_no_answer(tmp_path: Path) -> None:
    log, other, witness = log_in(tmp_path), log_in(tmp_path, "fork"), witness_in(tmp_path)
    out, back = tmp_path / "out", tmp_path / "back"
    log.append(entries(3))
    witness.cosign(log.checkpoint(), [])
    other.append(entries(3, "new"))
    write_request(other, witness.key, out)
    (out / "checkpoints/0000000000000009.request").write_bytes(b"\xff")
    (out / "checkpoints/0000000000000010.request").write_text("old 3\n?\n\nx")
    (out / "checkpoints/0000000000000011.request").write_text("new 3\n\nx")
    (out / "checkpoints/note.request").write_text("a stray file")
    refused = answer_requests(witness, out, back)
    assert [type(each) for each in refused] == [LogForked, NoteInvalid, NoteInvalid, NoteInvalid]
    assert not back.exists()


def test_an_answer_that_is_none_is_reported_and_keeps_the_others_from_nothing(tmp_path: Path) -> None:
    log, witness, out, back = log_in(tmp_path), witness_in(tmp_path), tmp_path / "out", tmp_path / "back"
    log.append(entries(3))
    write_request(log, witness.key, out)
    (back / "checkpoints").mkdir(parents=True)
    (back / "checkpoints/0000000000000001.cosigned").write_text("nonsense\n")
    answer_requests(witness, out, back)
    assert [type(each) for each in take_cosignatures(log, witness.key, back, out)] == [NoteInvalid]
    assert log.cosigned_size == 3
    assert take_cosignatures(log, witness.key, back, out) == [], "an answer that is no longer needed is not read"


def test_entries_without_a_cosignature_are_counted_from_the_first_of_them(tmp_path: Path) -> None:
    log, witness = log_in(tmp_path), witness_in(tmp_path)
    facts = {"permit": "a", "recipient": "eu", "code": "gateway.refused"}
    assert uncosigned_since(log, AT) is None
    log.append([entry_bytes("refusal", AT + timedelta(minutes=number), **facts) for number in range(2)])
    log.add_cosignature(witness.cosign(log.checkpoint(), []))
    assert uncosigned_since(log, AT + timedelta(hours=1)) is None
    log.append([entry_bytes("refusal", AT + timedelta(minutes=number), **facts) for number in range(2, 5)])
    found = uncosigned_since(log, AT + timedelta(hours=1))
    assert found == Uncosigned(3, AT + timedelta(minutes=2), timedelta(minutes=58))
