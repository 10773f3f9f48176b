"""The log on the disk: what was acknowledged stays, what was not leaves no trace."""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from entrepot.residency.border_errors import EntryRefused, LogDamaged, NoteInvalid, ProofRefused
from entrepot.residency.notes import SignatureType, SigningKey, cosign_note, open_note, sign_note, signing_key
from entrepot.residency.transferlog import Checkpoint, TransferLog, checkpoint_from_text
from entrepot.residency.transferlog.tiles import ENTRIES, tile_from_name, tile_name
from entrepot.residency.transferlog.tree import EMPTY_ROOT, is_consistent, is_included, leaf_hash, root_of
from tests.residency.transferlog import dying

ORIGIN = dying.ORIGIN


def entries(count: int, first: int = 0) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(first, first + count)]


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "keys", ORIGIN)


@pytest.fixture
def log(tmp_path: Path, key: SigningKey) -> TransferLog:
    return TransferLog.open(tmp_path / "log", ORIGIN, key)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def root(log: TransferLog) -> bytes:
    return base64.b64decode(log.checkpoint().split("\n")[2])


def test_a_new_log_is_empty_and_signed(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    assert (log.size, log.entries(0, 0), files(tmp_path / "log")) == (0, [], ["checkpoint", "lock"])
    text = open_note(log.checkpoint(), [key.verifier()]).text
    assert checkpoint_from_text(text) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)


def test_entries_get_the_places_after_those_before(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    assert log.append(entries(3)) == range(3)
    assert log.append(entries(2, 3)) == range(3, 5)
    assert log.append([]) == range(5, 5)
    again = TransferLog.open(tmp_path / "log", ORIGIN, key)
    assert again.entries(0, 5) == entries(5)
    assert again.entries(2, 4) == entries(2, 2)


def test_the_files_are_those_of_tlog_tiles(tmp_path: Path, log: TransferLog) -> None:
    log.append(entries(255))
    log.append(entries(1, 255))
    log.append(entries(600 - 256, 256))
    assert [name for name in files(tmp_path / "log") if name.startswith("tile/")] == [
        "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/1", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    ]  # fmt: skip
    hashes = [leaf_hash(entry) for entry in entries(600)]
    assert (tmp_path / "log/tile/0/001").read_bytes() == b"".join(hashes[256:512])
    assert (tmp_path / "log/tile/1/000.p/2").read_bytes() == root_of(hashes[:256]) + root_of(hashes[256:512])
    assert (tmp_path / "log/tile/entries/002.p/88").read_bytes().startswith(b"\x00\x09entry 512\x00\x09entry 513")
    assert root(log) == root_of(hashes)


def test_tile_names_go_by_groups_of_three_digits() -> None:
    assert tile_name(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_name(ENTRIES, 999, 5) == "tile/entries/999.p/5"
    for tile in [(0, 0, 256), (3, 1000, 256), (ENTRIES, 1_234_067, 17)]:
        assert tile_from_name(tile_name(*tile)) == tile
    for name in [
        "tile/0/x000/001",
        "tile/0/1",
        "tile/00/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/999",
    ]:
        assert tile_from_name(name) is None


def test_proofs_hold_for_every_size_that_the_log_went_through(log: TransferLog) -> None:
    hashes: list[bytes] = []
    for count in (1, 6, 250, 30, 300):
        hashes += [leaf_hash(entry) for entry in entries(count, len(hashes))]
        log.append(entries(count, log.size))
    for size in (1, 5, 7, 256, 257, 287, 500, 587):
        for index in {0, size // 2, size - 1}:
            proof = log.inclusion_proof(index, size)
            assert is_included(hashes[index], index, size, proof, root_of(hashes[:size]))
        for old in {0, 1, size // 3, size - 1, size}:
            proof = log.consistency_proof(old, size)
            assert is_consistent(old, size, root_of(hashes[:old]), root_of(hashes[:size]), proof)


def test_what_the_log_does_not_have_it_does_not_prove(log: TransferLog) -> None:
    log.append(entries(4))
    asked: list[Callable[[], object]] = [
        lambda: log.inclusion_proof(4, 4),
        lambda: log.inclusion_proof(0, 5),
        lambda: log.inclusion_proof(-1, 4),
        lambda: log.consistency_proof(3, 5),
        lambda: log.consistency_proof(3, 2),
        lambda: log.entries(3, 5),
        lambda: log.entries(2, 1),
    ]
    for ask in asked:
        with pytest.raises(ProofRefused):
            ask()


@pytest.mark.parametrize("entry", [b"", b"x" * 65_536])
def test_an_entry_that_no_bundle_can_hold_is_refused_with_its_whole_batch(log: TransferLog, entry: bytes) -> None:
    with pytest.raises(EntryRefused):
        log.append([b"good", entry])
    assert log.size == 0
    assert log.append([b"x" * 65_535]) == range(1)


def test_an_entry_is_acknowledged_only_when_it_is_on_the_disk(
    tmp_path: Path, log: TransferLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is brought to the disk, then its folder, then the checkpoint, which is moved over the old one."""
    log.append(entries(250))
    told: list[tuple[str, str]] = []
    sync, move = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        told.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink()).removeprefix(f"{tmp_path / 'log'}/")))
        sync(descriptor)

    def replace(source: Path, target: Path) -> None:
        told.append(("move", target.relative_to(tmp_path / "log").as_posix()))
        move(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    log.append(entries(10, 250))
    written = ["tile/entries/000", "tile/entries/001.p/4", "tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1"]
    commit = told.index(("move", "checkpoint"))
    assert [name for what, name in told if what == "move"] == ["checkpoint"]
    for name in written:
        folder = name.rpartition("/")[0]
        assert told.index(("sync", name)) < told.index(("sync", folder)) < commit
    assert told.index(("sync", "tile")) < commit  # tile/1 is new
    assert told[commit - 1 :] == [("sync", "checkpoint.new"), ("move", "checkpoint"), ("sync", str(tmp_path / "log"))]
    assert len(told) == 15


def test_threads_that_append_at_once_share_a_round(log: TransferLog, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, plain = [], log._commit
    first, others = threading.Event(), threading.Event()

    def slow(*given: Any) -> None:
        rounds.append(given)
        first.set()
        others.wait(10)
        plain(*given)

    monkeypatch.setattr(log, "_commit", slow)
    found: dict[int, range] = {}

    def add(at: int) -> None:
        found[at] = log.append(entries(2, 2 * at))

    threads = [threading.Thread(target=add, args=(at,)) for at in range(6)]
    threads[0].start()
    first.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(log._queue) < 5:
        pass
    others.set()
    for thread in threads:
        thread.join()
    assert len(rounds) == 2
    assert log.size == 12
    for at, places in found.items():
        assert log.entries(places.start, places.stop) == entries(2, 2 * at)


def test_a_round_that_cannot_be_written_fails_for_everybody_in_it_and_leaves_nothing(
    tmp_path: Path, log: TransferLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(entries(5))

    def full(_: int) -> None:
        raise OSError(28, "no space left")

    plain = os.replace

    def no_checkpoint(source: Path, target: Path) -> None:
        if target.name == "checkpoint":
            raise OSError(28, "no space left")
        plain(source, target)

    monkeypatch.setattr(os, "replace", no_checkpoint)
    with pytest.raises(OSError, match="no space"):
        log.append(entries(2, 100))
    monkeypatch.setattr(os, "replace", plain)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        log.append(entries(1, 200))
    monkeypatch.undo()
    assert log.size == 5
    log.append(entries(3, 5))
    assert log.entries(0, 8) == entries(8)
    partial = [name for name in files(tmp_path / "log") if name.startswith("tile/0")]
    assert partial == ["tile/0/000.p/5", "tile/0/000.p/8"]


def test_what_cannot_be_tidied_does_not_undo_what_was_acknowledged(
    tmp_path: Path, log: TransferLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(entries(250))

    def busy(*_: object) -> None:
        raise OSError(16, "busy")

    monkeypatch.setattr(os, "unlink", busy)
    assert log.append(entries(10, 250)) == range(250, 260)
    monkeypatch.undo()
    assert "tile/0/000.p/250" in files(tmp_path / "log")
    assert log.append(entries(1, 260)) == range(260, 261)
    assert "tile/0/000.p/250" not in files(tmp_path / "log")
    assert log.entries(0, 261) == entries(261)


def test_two_processes_take_turns(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    other = TransferLog.open(tmp_path / "log", ORIGIN, key)
    for number in range(0, 300, 3):
        assert log.append(entries(2, number)) == range(number, number + 2)
        assert other.append(entries(1, number + 2)) == range(number + 2, number + 3)
    assert log.entries(0, 300) == other.entries(0, 300) == entries(300)


def test_processes_at_the_same_moment_wait_for_each_other(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    """Two openings of one log have locks of their own, as two processes have."""
    other = TransferLog.open(tmp_path / "log", ORIGIN, key)

    def add(to: TransferLog, first: int) -> None:
        for number in range(first, first + 60):
            to.append(entries(1, number))

    threads = [threading.Thread(target=add, args=given) for given in ((log, 0), (other, 60))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(log.entries(0, log.size)) == sorted(entries(120))


def test_opening_removes_what_lies_beyond_the_checkpoint(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    """After a power cut the mark of an append may be gone, and some of its files not."""
    log.append(entries(5))
    for name in ("tile/0/000.p/7", "tile/entries/000.p/7", "tile/0/001", "tile/1/000.p/1", "tile/0/000.p/6.new"):
        (tmp_path / "log" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / name).write_bytes(b"cut off")
    again = TransferLog.open(tmp_path / "log", ORIGIN, key)
    left = ["checkpoint", "lock", "tile/0/000.p/5", "tile/entries/000.p/5"]
    assert (files(tmp_path / "log"), again.entries(0, 5)) == (left, entries(5))


def test_a_log_whose_process_dies_at_any_place_opens_again_and_lost_nothing(tmp_path: Path) -> None:
    command = [sys.executable, dying.__file__, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) > 20
    for place, _, made, second, kept, is_whole, leftovers, partial in told:
        assert (made, is_whole, leftovers) == (0, True, []), place
        assert second == 9 or place == len(told) - 1
        assert kept in {250, 520}, place
        width = 8 if kept == 250 else 9
        assert set(partial) >= {f"tile/0/00{kept // 256}.p/{251 if kept == 250 else width}"}, place
    deaths = [each[4] for each in told]
    assert deaths == sorted(deaths), "before the commit nothing, after it everything"
    assert {250, 520} == set(deaths)


def _changed(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("checkpoint", lambda content: content.replace(b"\n5\n", b"\n4\n")),
        ("checkpoint", lambda content: content[:-9] + (b"B" if content[-9:-8] == b"A" else b"A") + content[-8:]),
        ("tile/0/000.p/5", lambda content: content[:-1] + bytes([content[-1] ^ 1])),
        ("tile/0/000.p/5", lambda content: content[:-32]),
        ("tile/entries/000.p/5", lambda content: content[:-1]),
        ("tile/entries/000.p/5", lambda content: content[: -2 - len(b"entry 4")]),
    ],
)
def test_a_log_that_somebody_changed_does_not_open(
    tmp_path: Path, log: TransferLog, key: SigningKey, name: str, change: Callable[[bytes], bytes]
) -> None:
    log.append(entries(5))
    _changed(tmp_path / "log" / name, change)
    with pytest.raises(LogDamaged):
        TransferLog.open(tmp_path / "log", ORIGIN, key)
    before = files(tmp_path / "log")
    if name == "checkpoint":
        with pytest.raises(LogDamaged):
            log.append(entries(1))
        assert files(tmp_path / "log") == before


def test_a_log_that_lost_a_file_does_not_open_as_an_empty_one(
    tmp_path: Path, log: TransferLog, key: SigningKey
) -> None:
    log.append(entries(5))
    for name in ("tile/0/000.p/5", "tile/entries/000.p/5", "checkpoint"):
        path = tmp_path / "log" / name
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(LogDamaged, match="missing"):
            TransferLog.open(tmp_path / "log", ORIGIN, key)
        path.write_bytes(content)
    assert TransferLog.open(tmp_path / "log", ORIGIN, key).size == 5


def test_no_proof_is_made_from_a_tile_that_was_cut(tmp_path: Path, log: TransferLog) -> None:
    log.append(entries(300))
    _changed(tmp_path / "log/tile/0/000", lambda content: content[:-32])
    with pytest.raises(LogDamaged, match="tile/0/000"):
        log.inclusion_proof(3, 300)
    with pytest.raises(LogDamaged, match="tile/0/000"):
        log.consistency_proof(3, 300)


def test_a_changed_entry_is_not_given_out(tmp_path: Path, log: TransferLog) -> None:
    log.append(entries(5))
    _changed(tmp_path / "log/tile/entries/000.p/5", lambda content: content.replace(b"entry 3", b"entry 8"))
    with pytest.raises(LogDamaged, match="another hash"):
        log.entries(0, 1)


def test_an_older_checkpoint_put_back_is_noticed_by_whoever_has_the_log_open(tmp_path: Path, log: TransferLog) -> None:
    log.append(entries(5))
    old = log.checkpoint()
    log.append(entries(2, 5))
    (tmp_path / "log/checkpoint").write_text(old)
    with pytest.raises(LogDamaged, match="it has 5 entries and had 7"):
        log.append(entries(1))


def test_a_log_opens_with_its_own_key_and_name_only(tmp_path: Path, log: TransferLog, key: SigningKey) -> None:
    log.append(entries(1))
    with pytest.raises(LogDamaged, match="trusted"):
        TransferLog.open(tmp_path / "log", ORIGIN, signing_key(tmp_path / "other", ORIGIN))
    with pytest.raises(LogDamaged, match="another log"):
        TransferLog.open(tmp_path / "log", "entrepot.example/cn/other", key)


def test_a_witness_s_cosignature_is_kept_once(tmp_path: Path, key: SigningKey) -> None:
    eu, de = (signing_key(tmp_path / name, f"entrepot.example/{name}") for name in ("eu", "de"))
    eu_key, de_key = (each.verifier(SignatureType.COSIGNATURE) for each in (eu, de))
    log = TransferLog.open(tmp_path / "log", ORIGIN, key, [eu_key, de_key])
    log.append(entries(3))
    text = open_note(log.checkpoint(), [log.key]).text
    for second in (1, 2):
        log.add_cosignature(cosign_note(text, eu, _at(second)))
    log.add_cosignature(cosign_note(text, de, _at(3)))
    assert open_note(log.checkpoint(), [eu_key, de_key]).signed_by == (eu_key, de_key)
    assert log.checkpoint().count("\n— ") == 3
    log.append(entries(3, 3))
    newer = open_note(log.checkpoint(), [log.key]).text
    log.add_cosignature(cosign_note(newer, de, _at(4)))
    log.add_cosignature(cosign_note(text, de, _at(5)))
    assert (log.cosigned_by(eu_key), log.cosigned_by(de_key), log.cosigned_size) == (3, 6, 6)
    assert TransferLog.open(tmp_path / "log", ORIGIN, key, [eu_key]).cosigned_size == 3
    kept = (tmp_path / "log/cosigned" / eu_key.key_id).read_text()
    assert open_note(kept, [log.key, eu_key]).signed_by == (log.key, eu_key)


def test_a_cosignature_of_another_history_or_of_a_stranger_is_refused(tmp_path: Path, key: SigningKey) -> None:
    eu, stranger = (signing_key(tmp_path / name, f"entrepot.example/{name}") for name in ("eu", "stranger"))
    log = TransferLog.open(tmp_path / "log", ORIGIN, key, [eu.verifier(SignatureType.COSIGNATURE)])
    log.append(entries(3))
    text = open_note(log.checkpoint(), [log.key]).text
    before = log.checkpoint()
    own = checkpoint_from_text(text)
    for wrong in (
        cosign_note(text, stranger, _at(1)),
        sign_note(text, eu),
        cosign_note(Checkpoint(ORIGIN, 3, EMPTY_ROOT).text, eu, _at(1)),
        cosign_note(Checkpoint(ORIGIN, 2, own.root).text, eu, _at(1)),
        cosign_note(Checkpoint(ORIGIN, 4, own.root).text, eu, _at(1)),
        cosign_note(Checkpoint("another/log", 3, own.root).text, eu, _at(1)),
        cosign_note("no checkpoint\n", eu, _at(1)),
    ):
        with pytest.raises(NoteInvalid):
            log.add_cosignature(wrong)
    assert (log.checkpoint(), log.cosigned_size) == (before, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"\n0\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"a\n00\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"a\n-1\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"a\n0\n{base64.b64encode(EMPTY_ROOT).decode()}\nmore\n",
        f"a\n1\n{base64.b64encode(EMPTY_ROOT[:-1]).decode()}\n",
        f"a\n0\n{base64.b64encode(EMPTY_ROOT[::-1]).decode()}\n",
        "a\n1\n???\n",
        "a\none\nAAAA\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        checkpoint_from_text(text)


def test_errors_survive_a_pickle() -> None:
    for error in (LogDamaged("a", "b"), ProofRefused("a", 3), EntryRefused("a", "b", "c")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def _at(second: int) -> datetime:
    return datetime(2026, 11, 28, 9, 0, second, tzinfo=UTC)
