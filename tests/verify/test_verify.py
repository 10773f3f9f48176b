"""The offline verifier: a whole log passes, and nothing that is done to it afterwards does."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from entrepot.residency.notes import SignatureType, sign_note, signing_key
from entrepot.residency.transferlog import Checkpoint, TransferLog, canonical_json, entry_bytes
from entrepot_verify import Check, verify
from entrepot_verify.cli import main
from entrepot_verify.signatures import PublicKey, VerifyError, public_key
from entrepot_verify.words import CHECKS, LANGUAGES, PROBLEMS, SAYINGS
from tests.verify.sample_log import ORIGIN, START, Sample, intent, outcome, sample, transfers


def found(made: Sample, **given: Any) -> set[tuple[str, str]]:
    """Problem and place of every finding, checked with both keys."""
    report = verify(made.folder, public_key(str(made.log.key)), [public_key(str(made.witness.key))], **given)
    return {(finding.problem, finding.place) for finding in report.findings}


def problems(made: Sample) -> set[str]:
    return {problem for problem, _ in found(made)}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """5,000 entries, of which the last 600 came after the cosignature."""
    return sample(tmp_path_factory.mktemp("large"), transfers(2_500), cosigned=4_400)


@pytest.fixture
def copied(tmp_path: Path, large: Sample) -> Sample:
    shutil.copytree(large.folder, tmp_path / "log")
    return Sample(tmp_path / "log", large.log, large.witness, large.key)


def test_a_whole_log_passes(large: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(large.asked) == 0
    said = capsys.readouterr().out
    assert "entries" in said
    assert "5,000" in said
    assert "cosigned by entrepot.example/eu" in said
    assert "4,400 entries" in said
    assert said.endswith("The log is whole.\n")


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    made = sample(tmp_path, [])
    assert found(made) == {("cosignature_none", "entrepot.example/eu")}
    assert main([str(made.folder), "--key", str(made.log.key)]) == 0


def test_an_empty_log_with_a_root_is_found(tmp_path: Path) -> None:
    made = sample(tmp_path, [])
    (made.folder / "checkpoint").write_text(sign_note(Checkpoint(ORIGIN, 0, b"\1" * 32).text, made.key))
    assert ("root_differs", "checkpoint") in found(made)


@pytest.mark.parametrize("count", [1, 128, 129, 300])
def test_logs_of_every_shape_are_whole(tmp_path: Path, count: int) -> None:
    made = sample(tmp_path, transfers(count), cosigned=2)
    for at in range(2 * count, 2 * count + 10, 2):
        made.log.append([intent(at // 2), outcome(at // 2)])
    assert found(made) == set()
    made.log.add_cosignature(made.witness.cosign(made.log.checkpoint(), made.log.consistency_proof(2, made.log.size)))
    assert found(made) == set()


def test_no_byte_of_a_log_changes_unseen(tmp_path: Path) -> None:
    made = sample(tmp_path, [*transfers(1), entry_bytes("refusal", START + timedelta(9), permit=None, recipient="eu",
                                                        code="gateway.refused")])  # fmt: skip
    assert found(made) == set()
    dice, count = random.Random(5), 0
    for path in sorted(made.folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        for at in range(len(content)):
            path.write_bytes(content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :])
            assert found(made), f"{path.name}, byte {at}"
            count += 1
        if path.is_file():
            path.write_bytes(content)
    assert count > 1_500
    assert found(made) == set()


def test_a_changed_byte_is_found_in_every_file_of_a_large_log(copied: Sample) -> None:
    dice = random.Random(7)
    paths = [path for path in sorted(copied.folder.rglob("*")) if path.is_file() and path.stat().st_size]
    for path in dice.sample(paths, 12):
        content = path.read_bytes()
        at = dice.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert found(copied), path.name
        path.write_bytes(content)


def _rewritten(made: Sample, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the entries of the first bundle and leave all else, as somebody without the key would."""
    path = next(path for path in (made.folder / "tile/entries").rglob("*") if path.is_file())
    content, entries, at = path.read_bytes(), [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        entries.append(content[at + 2 : end])
        at = end
    path.write_bytes(b"".join(len(entry).to_bytes(2, "big") + entry for entry in change(entries)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda entries: entries[:-1], "bundle_malformed"),
        (lambda entries: entries[1:], "bundle_malformed"),
        (lambda entries: [*entries, entries[0]], "bundle_malformed"),
        (lambda entries: [entries[0], *entries[3:], *entries[1:3]], "root_differs"),
        (lambda entries: [*entries[:2], intent(1, rows=21), *entries[3:]], "root_differs"),
    ],
)
def test_dropped_moved_and_rewritten_entries_are_found(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], problem: str
) -> None:
    made = sample(tmp_path, transfers(4))
    _rewritten(made, change)
    assert problem in problems(made)


def test_a_log_that_was_written_anew_with_its_key_is_found_by_the_cosignature(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(4))
    kept = (made.folder / "cosigned" / made.witness.key.key_id).read_text()
    shutil.rmtree(made.folder)
    again = TransferLog.open(made.folder, ORIGIN, made.key, [made.witness.key])
    again.append([intent(0, rows=1), *transfers(4)[1:]])
    assert found(made) == {("cosignature_none", "entrepot.example/eu")}
    (made.folder / "cosigned").mkdir()
    (made.folder / "cosigned" / made.witness.key.key_id).write_text(kept)
    assert found(made) == {("root_differs", f"cosigned/{made.witness.key.key_id}")}
    # Without the witness's file: what it accepted says the same.
    shutil.rmtree(made.folder / "cosigned")
    held = tmp_path / "eu/watched/accepted"
    assert ("root_differs", "accepted") in found(made, held=[held])


def test_a_log_cut_back_to_an_older_checkpoint_is_found(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(3))
    old = made.log.checkpoint()
    made.log.append([intent(3), outcome(3)])
    made.log.add_cosignature(made.witness.cosign(made.log.checkpoint(), made.log.consistency_proof(6, 8)))
    (made.folder / "checkpoint").write_text(old)
    place = f"cosigned/{made.witness.key.key_id}"
    beyond = {("beyond", "tile/0/000.p/8"), ("beyond", "tile/entries/000.p/8")}
    assert found(made) == {("shorter", place), *beyond}
    (made.folder / place).unlink()
    assert found(made) == beyond
    for _, name in beyond:
        (made.folder / name).unlink()
    assert found(made) == set(), "nothing in the folder tells of it any more"
    assert found(made, held=[tmp_path / "eu/watched/accepted"]) == {("shorter", "accepted")}


def test_what_an_append_left_behind_that_died_is_no_finding(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(3))
    (made.folder / "tile/0/000.p/8").write_bytes(b"\0" * 256)
    assert found(made) == {("beyond", "tile/0/000.p/8")}
    (made.folder / "writing").touch()
    assert found(made) == set()


def test_a_narrower_tile_that_says_something_else_is_found(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(3), cosigned=2)
    for name in ("tile/0/000.p/2", "tile/entries/000.p/2"):
        path = made.folder / name
        content = path.read_bytes()
        path.write_bytes(content.replace(b"eu", b"us") if "entries" in name else content[::-1])
        assert found(made) == {("tile_differs", name)}
        path.write_bytes(content)


@pytest.mark.parametrize(
    "name", ["checkpoint", "tile/0/000", "tile/1/000.p/19", "tile/entries/018", "tile/0/019.p/136"]
)
def test_a_missing_file_is_found(copied: Sample, name: str) -> None:
    (copied.folder / name).unlink()
    assert ("missing", name) in found(copied)


@pytest.mark.parametrize("name", ["tile/0/x000/000", "tile/0/00", "tile/notes.txt", "tile/0/000.p/300", "tile/00/000"])
def test_a_file_that_no_log_has_is_found(copied: Sample, name: str) -> None:
    path = copied.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("13800138000")
    assert found(copied) == {("stranger", name)}


def test_another_key_is_found(tmp_path: Path, large: Sample) -> None:
    other = signing_key(tmp_path, ORIGIN)
    stranger = signing_key(tmp_path / "w", "entrepot.example/eu").verifier(SignatureType.COSIGNATURE)
    key, witness = str(large.log.key), str(large.witness.key)
    assert main([str(large.folder), "--key", str(other.verifier()), "--witness", witness]) == 1
    assert main([str(large.folder), "--key", key, "--witness", str(stranger)]) == 1
    assert main([str(large.folder)]) == 0


def test_a_key_may_be_given_in_either_of_its_texts(large: Sample) -> None:
    """Its owner signs notes and cosigns with one key, which has an id for each."""
    key = large.key.verifier(SignatureType.COSIGNATURE)
    witness = large.witness._key.verifier(SignatureType.NOTE)
    assert main([str(large.folder), "--key", str(key), "--witness", str(witness)]) == 0


def test_a_held_checkpoint_that_the_log_did_not_sign_is_found(tmp_path: Path, large: Sample) -> None:
    text = large.log.checkpoint().split("\n\n")[0] + "\n"
    held = tmp_path / "held"
    held.write_text(sign_note(text, signing_key(tmp_path, ORIGIN)))
    assert found(large, held=[held]) == {("signature_missing", "held")}
    held.write_text("nothing")
    assert found(large, held=[held, tmp_path / "gone"]) == {("note_malformed", "held"), ("missing", "gone")}


def test_a_second_signature_that_is_wrong_is_found(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(1))
    wrong = sign_note("another text\n", made.key).split("\n")[-2]
    with (made.folder / "checkpoint").open("a") as out:
        out.write(wrong + "\n")
    assert found(made) == {("signature_wrong", "checkpoint")}


def test_letters_that_mean_nothing_are_found(tmp_path: Path) -> None:
    """The last letter of base64 has bits that are not part of the signature."""
    made = sample(tmp_path, transfers(1))
    path = made.folder / "checkpoint"
    text = path.read_text()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = text.index("=\n", text.index("— ")) - 1
    path.write_text(text[:at] + letters[letters.index(text[at]) + 1] + text[at + 1 :])
    assert found(made) == {("note_malformed", "checkpoint")}


def test_a_checkpoint_of_another_log_is_found(tmp_path: Path) -> None:
    made = sample(tmp_path, transfers(2), cosigned=2)
    root = base64.b64decode(made.log.checkpoint().split("\n")[2])
    (made.folder / "checkpoint").write_text(sign_note(Checkpoint("another/log", 4, root).text, made.key))
    assert problems(made) == {"another_log"}


def history(tmp_path: Path, entries: list[bytes]) -> set[tuple[str, str]]:
    return found(sample(tmp_path, entries))


def test_an_intent_without_an_outcome_is_an_alarm(tmp_path: Path) -> None:
    made = sample(tmp_path, [*transfers(2), intent(2)])
    assert found(made) == {("no_outcome", "entry 4")}
    assert main(made.asked) == 1


def test_an_outcome_needs_an_intent_and_comes_once(tmp_path: Path) -> None:
    assert history(tmp_path, [outcome(0), *transfers(1)[:1], outcome(0), outcome(0)]) == {
        ("no_intent", "entry 0"), ("outcome_twice", "entry 3"), ("time_backwards", "entry 1"),
    }  # fmt: skip


def test_a_transfer_has_one_intent(tmp_path: Path) -> None:
    again = intent(3, transfer=f"{0:032x}")
    assert history(tmp_path, [*transfers(3), again, outcome(3)]) == {
        ("intent_twice", "entry 6"), ("no_intent", "entry 7"), ("no_outcome", "entry 6"),
    }  # fmt: skip


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_permit_s_sequence_has_no_gap_and_nothing_twice(tmp_path: Path, sequence: int) -> None:
    entries = [*transfers(3), intent(3, sequence=sequence), outcome(3)]
    assert history(tmp_path, entries) == {("sequence_gap", "entry 6")}


def test_a_permit_begins_with_one(tmp_path: Path) -> None:
    assert history(tmp_path, [intent(0, sequence=2), outcome(0)]) == {("sequence_gap", "entry 0")}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"sensitive": 0, "other": 9}, {"sensitive": 0, "other": 20}, {"persons_break"}),
        ({"sensitive": 0, "other": 11}, {"sensitive": 0, "other": 20}, {"persons_break"}),
        ({"other": 10}, {"other": 20}, {"persons_break"}),
        ({"sensitive": 0, "other": 10, "minor": 3}, {"sensitive": 0, "other": 20, "minor": 3}, set()),
    ],
)
def test_persons_are_counted_on_from_the_transfer_before(
    tmp_path: Path, before: dict[str, int], after: dict[str, int], expected: set[str]
) -> None:
    entries = [*transfers(1), intent(1, persons_before=before, persons_after=after), outcome(1)]
    assert {problem for problem, _ in history(tmp_path, entries)} == expected


def test_each_processor_and_year_is_counted_alone(tmp_path: Path) -> None:
    none = {"sensitive": 0, "other": 0}
    entries = [*transfers(1), intent(1, year=2027, persons_before=none), outcome(1)]
    entries += [intent(2, processor="other", persons_before=none), outcome(2)]
    assert history(tmp_path, entries) == set()


def test_fewer_persons_after_than_before_are_found(tmp_path: Path) -> None:
    wrong = intent(0).replace(b'"persons_after":{"other":10', b'"persons_after":{"other":-1')
    short = intent(0).replace(b'"persons_before":{"other":0', b'"persons_before":{"other":50')
    assert history(tmp_path / "a", [wrong]) == {("not_of_its_kind", "entry 0")}
    assert history(tmp_path / "b", [short, outcome(0)]) == {("persons_fewer", "entry 0")}


def test_time_never_runs_backwards(tmp_path: Path) -> None:
    late = outcome(0, at=START - timedelta(microseconds=1))
    assert history(tmp_path, [intent(0), late]) == {("time_backwards", "entry 1")}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace(",", ", "), "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":1.0'), "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":1,"v":1'), "not_canonical"),
        (lambda text: text.replace("eu", "\\u0065u"), "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":-0'), "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":9007199254740992'), "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":9007199254740991'), "not_of_its_kind"),
        (lambda text: text.replace('"v":1', '"v":NaN'), "not_canonical"),
        (lambda _: "[" * 60_000, "not_canonical"),
        (lambda _: "[]", "not_canonical"),
        (lambda _: '"text"', "not_canonical"),
        (lambda text: text.replace('"v":1', '"v":true'), "not_of_its_kind"),
        (lambda text: text.replace('"v":1', '"v":2'), "not_of_its_kind"),
        (lambda text: text.replace('"refusal"', '"note"'), "not_of_its_kind"),
        (lambda text: text.replace('"refusal"', "[]"), "not_of_its_kind"),
        (lambda text: text.replace('"eu"', '"张伟"'), "not_of_its_kind"),
        (lambda text: text.replace('"eu"', '"li na"'), "not_of_its_kind"),
        (lambda text: text.replace("Z", "+00:00"), "not_of_its_kind"),
        (lambda text: text.replace('"v":1', '"v":1,"who":"me"'), "not_of_its_kind"),
        (lambda text: text.replace('"recipient":"eu",', ""), "not_of_its_kind"),
        (lambda _: "{}", "not_of_its_kind"),
    ],
)
def test_an_entry_that_is_none_is_found_and_not_shown(
    tmp_path: Path, change: Callable[[str], str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"permit": None, "recipient": "eu", "code": "gateway.refused"}
    made = sample(tmp_path, [change(entry_bytes("refusal", START, **facts).decode()).encode()])
    assert found(made) == {(problem, "entry 0")}
    assert main([*made.asked, "--json"]) == main(made.asked) == 1
    assert "张伟" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("transfer", None), ("permit", None), ("processor", 1), ("year", None), ("rows", None), ("rows", True),
        ("rows", -1), ("sequence", "1"), ("classes", None), ("classes", {"operational": -1}), ("persons_after", {"a": None}),
        ("commitment", None), ("commitment", {"alg": "hmac-sha256", "value": "cd"}),
    ],
)  # fmt: skip
def test_an_intent_of_another_shape_is_found(tmp_path: Path, fact: str, value: object) -> None:
    entry = {**json.loads(intent(0)), fact: value}
    assert history(tmp_path, [canonical_json(entry)]) == {("not_of_its_kind", "entry 0")}


@pytest.mark.parametrize(
    "changed", [{"verdict": "maybe"}, {"envelope_hash": None}, {"envelope_hash": 1}, {"transfer": 3}]
)
def test_an_outcome_of_another_shape_is_found(tmp_path: Path, changed: dict[str, object]) -> None:
    entry = canonical_json({**json.loads(outcome(0)), **changed})
    assert history(tmp_path, [intent(0), entry]) == {("not_of_its_kind", "entry 1"), ("no_outcome", "entry 0")}


def test_many_findings_are_counted_and_the_first_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = sample(tmp_path, [intent(number) for number in range(150)])
    assert main([*made.asked, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["checks"]["transfers"] == {"state": "findings", "findings": 150}
    assert len(said["findings"]) == 100
    assert main(made.asked) == 1
    assert "and 130 more" in capsys.readouterr().out


def test_the_answer_is_also_json(large: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*large.asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["origin"], said["size"]) == (True, ORIGIN, 5_000)
    assert said["cosigned"] == {"entrepot.example/eu": 4_400}
    assert said["last_at"] == "2026-11-28T10:23:19.000000Z"
    assert said["checks"]["held"] == {"state": "unasked", "findings": 0}
    assert said["checks"]["tiles"] == {"state": "whole", "findings": 0}


def test_the_table_is_also_chinese(large: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(large.folder), "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "日志完整。" in lines
    assert any(line.startswith("日志签名") and line.endswith("未检查") for line in lines)
    assert lines[-1].startswith("未提供 --key")


def test_everything_is_said_in_both_languages() -> None:
    assert set(CHECKS) == set(Check)
    for words in (*CHECKS.values(), *PROBLEMS.values(), *SAYINGS.values()):
        assert set(words) == set(LANGUAGES)


@pytest.mark.parametrize(
    "arguments", [[], ["nowhere"], ["{log}", "--key", "no key"], ["{log}", "--witness", "a+b+c"], ["{log}", "--more"]]
)
def test_wrong_usage_is_told_apart_from_findings(large: Sample, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([each.replace("{log}", str(large.folder)) for each in arguments])
    assert stopped.value.code == 2


def test_the_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "entrepot-verify border/transfers --key" in capsys.readouterr().out


def test_it_runs_without_the_product(tmp_path: Path, large: Sample) -> None:
    """A copy of its folder alone, in a fresh process that cannot see the product."""
    import entrepot_verify

    shutil.copytree(Path(entrepot_verify.__file__).parent, tmp_path / "alone/entrepot_verify")
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import entrepot_verify.cli as cli\n"
        "code = cli.main(sys.argv[1:])\n"
        "others = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not others & {'entrepot', 'duckdb', 'pyarrow', 'msgspec', 'typer'}, others\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "alone"), *large.asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "+00000000+AAAA", "a b+0+0"])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(VerifyError):
        public_key(text)


def test_a_key_whose_id_is_not_its_own_is_refused(large: Sample) -> None:
    name, key_id, material = str(large.log.key).split("+", 2)
    assert public_key(f"{name}+{key_id}+{material}") == PublicKey(ORIGIN, 1, large.log.key.public)
    with pytest.raises(VerifyError):
        public_key(f"{name}+{'0' * 8}+{material}")
