"""Keys and signed notes: what counts as signed, and what does not."""

from __future__ import annotations

import base64
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from entrepot.residency.border_errors import KeyInvalid, NoteInvalid
from entrepot.residency.notes import (
    SIGNATURES_MAX,
    SignatureType,
    SigningKey,
    VerifierKey,
    cosign_note,
    merge_notes,
    open_note,
    sign_note,
    signing_key,
    verifier_key,
)

TEXT = "entrepot.example/cn\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
AT = datetime(2026, 11, 28, 9, 30, 15, 250_000, tzinfo=UTC)

# A key and a note of Go's golang.org/x/mod/sumdb/note, from its tests.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "cn", "entrepot.example/cn")


@pytest.fixture
def witness(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "eu", "entrepot.example/eu")


def test_a_note_of_another_programme_opens_with_its_key() -> None:
    opened = open_note(GO_NOTE, [verifier_key(GO_KEY)])
    assert opened.text.endswith("your problem is.\n")
    assert [each.key_id for each in opened.signed_by] == ["c74f20a3"]


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        first = signing_key(tmp_path / "new" / "keys", "cell/cn")
    finally:
        os.umask(old)
    again = signing_key(tmp_path / "new" / "keys", "cell/cn")
    assert str(first.verifier()) == str(again.verifier())
    assert [path.name for path in (tmp_path / "new" / "keys").iterdir()] == ["signing.key"]
    assert (tmp_path / "new" / "keys" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert (first.algorithm, len(first.key_id)) == ("ed25519", 8)


def test_a_process_that_comes_second_uses_the_first_ones_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = signing_key(tmp_path, "cell/cn")
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert signing_key(tmp_path, "cell/cn").key_id == first.key_id


def test_a_folder_signs_under_one_name(tmp_path: Path) -> None:
    signing_key(tmp_path, "cell/cn")
    with pytest.raises(KeyInvalid, match="signs as cell/cn, not as cell/eu"):
        signing_key(tmp_path, "cell/eu")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u3000b", "a\nb"])
def test_a_name_that_no_note_can_carry_makes_no_key(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyInvalid):
        signing_key(tmp_path, name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyInvalid):
        VerifierKey(name, b"\0" * 32)


@pytest.mark.parametrize(("old", "new"), [("PRIVATE", "PUBLIC"), ("+cell", "+sell"), ("\n", "A\n"), ("KEY", "KEI")])
def test_a_damaged_key_file_signs_nothing(tmp_path: Path, old: str, new: str) -> None:
    signing_key(tmp_path, "cell/cn")
    path = tmp_path / "signing.key"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(KeyInvalid):
        signing_key(tmp_path, "cell/cn")


def test_a_key_file_whose_id_is_not_its_key_s_signs_nothing(tmp_path: Path) -> None:
    key = signing_key(tmp_path, "cell/cn")
    path = tmp_path / "signing.key"
    path.write_text(path.read_text().replace(key.key_id, "0" * 8))
    with pytest.raises(KeyInvalid, match="does not belong"):
        signing_key(tmp_path, "cell/cn")


def test_a_key_is_on_the_disk_before_it_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        signing_key(tmp_path, "cell/cn")
    assert not (tmp_path / "signing.key").exists()


def test_the_secret_half_is_neither_shown_nor_pickled(tmp_path: Path, key: SigningKey) -> None:
    secret = base64.b64encode(key.private.private_bytes_raw()).decode()
    assert secret not in f"{key!r} {key}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_public_key_is_read_back_from_its_text(key: SigningKey) -> None:
    for signs in SignatureType:
        assert verifier_key(str(key.verifier(signs))) == key.verifier(signs)
    assert key.verifier().key_id != key.verifier(SignatureType.COSIGNATURE).key_id


def test_a_public_key_whose_letters_changed_is_refused(key: SigningKey) -> None:
    text = str(key.verifier())
    for at in range(len(text)):
        with pytest.raises(KeyInvalid):
            verifier_key(text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :])


def test_a_signed_text_opens_with_the_key_and_with_no_other(key: SigningKey, witness: SigningKey) -> None:
    note = sign_note(TEXT, key)
    assert open_note(note, [key.verifier()]).text == TEXT
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(note, [witness.verifier()])
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(note, [])


def test_a_key_of_the_same_name_and_another_id_is_another_key(tmp_path: Path, key: SigningKey) -> None:
    stranger = signing_key(tmp_path / "stranger", key.name)
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(sign_note(TEXT, stranger), [key.verifier()])


def test_no_letter_of_a_note_changes_unseen(key: SigningKey) -> None:
    note = sign_note(TEXT, key).encode()
    for at in range(len(note)):
        for bit in (1, 0x20, 0x80):
            changed = note[:at] + bytes([note[at] ^ bit]) + note[at + 1 :]
            with pytest.raises(NoteInvalid):
                open_note(changed.decode("utf-8", errors="surrogateescape"), [key.verifier()])


def test_a_signature_is_written_in_one_way_only(key: SigningKey) -> None:
    """The last letter of base64 has bits that mean nothing; a note with others in them would be another note."""
    note = sign_note(TEXT, key)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert note.endswith("=\n")
    other = note[:-3] + letters[letters.index(note[-3]) + 1] + "=\n"
    assert base64.b64decode(other.rpartition(" ")[2]) == base64.b64decode(note.rpartition(" ")[2])
    with pytest.raises(NoteInvalid):
        open_note(other, [key.verifier()])


def test_a_wrong_signature_of_a_trusted_key_spoils_the_note(key: SigningKey, witness: SigningKey) -> None:
    wrong = sign_note("another text\n", key).split("\n")[-2]
    note = sign_note(TEXT, witness) + wrong + "\n"
    with pytest.raises(NoteInvalid, match=r"entrepot\.example/cn is wrong"):
        open_note(note, [witness.verifier(), key.verifier()])
    assert open_note(note, [witness.verifier()]).signed_by == (witness.verifier(),)


def test_a_signature_of_an_unknown_key_is_passed_over(key: SigningKey, witness: SigningKey) -> None:
    note = merge_notes(sign_note(TEXT, witness), sign_note(TEXT, key))
    assert open_note(note, [key.verifier()]).signed_by == (key.verifier(),)
    assert open_note(note, [key.verifier(), witness.verifier()]).signed_by == (witness.verifier(), key.verifier())


@pytest.mark.parametrize("text", ["", "no end", "tab\tinside\n", "return\r\n", "half \ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(key: SigningKey, text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign_note(text, key)
    with pytest.raises(NoteInvalid):
        cosign_note(text, key, AT)


def test_a_text_with_empty_lines_and_other_separators_comes_back_whole(key: SigningKey) -> None:
    text = "one\n\n\u2028two\x85\n\n\n"
    assert open_note(sign_note(text, key), [key.verifier()]).text == text


def test_a_note_with_too_many_signatures_is_refused(key: SigningKey) -> None:
    note = sign_note(TEXT, key)
    line = note.split("\n")[-2] + "\n"
    assert len(open_note(note + line * (SIGNATURES_MAX - 1), [key.verifier()]).signatures) == SIGNATURES_MAX
    with pytest.raises(NoteInvalid, match="more than 100"):
        open_note(note + line * SIGNATURES_MAX, [key.verifier()])


def test_a_cosignature_says_when_it_was_made(key: SigningKey, witness: SigningKey) -> None:
    verifier = witness.verifier(SignatureType.COSIGNATURE)
    note = merge_notes(sign_note(TEXT, key), cosign_note(TEXT, witness, AT))
    opened = open_note(note, [key.verifier(), verifier])
    assert [(each.by, each.at) for each in opened.signatures] == [
        (key.verifier(), None),
        (verifier, datetime(2026, 11, 28, 9, 30, 15, tzinfo=UTC)),
    ]


def test_a_cosignature_is_no_signature_of_the_text(witness: SigningKey) -> None:
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(cosign_note(TEXT, witness, AT), [witness.verifier()])
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(sign_note(TEXT, witness), [witness.verifier(SignatureType.COSIGNATURE)])


def test_the_time_of_a_cosignature_cannot_be_moved(witness: SigningKey) -> None:
    note = cosign_note(TEXT, witness, AT)
    head, _, encoded = note[:-1].rpartition(" ")
    content = bytearray(base64.b64decode(encoded))
    for at in range(4, 12):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(NoteInvalid):
            open_note(f"{head} {base64.b64encode(changed).decode()}\n", [witness.verifier(SignatureType.COSIGNATURE)])


def test_a_cosignature_before_1970_is_not_made(witness: SigningKey) -> None:
    with pytest.raises(NoteInvalid, match="1970"):
        cosign_note(TEXT, witness, datetime(1969, 12, 31, tzinfo=UTC))


def test_notes_of_different_texts_do_not_merge(key: SigningKey, witness: SigningKey) -> None:
    with pytest.raises(NoteInvalid, match="differ"):
        merge_notes(sign_note(TEXT, key), sign_note("other\n", witness))
    once = sign_note(TEXT, key)
    assert merge_notes(once, once) == once


def test_errors_survive_a_pickle() -> None:
    for error in (NoteInvalid("a"), KeyInvalid("b")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
