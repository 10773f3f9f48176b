"""The search for persons finds a planted value in every spelling and packing that it claims, and nothing else."""

from __future__ import annotations

import base64
import contextlib
import csv
import gzip
import hashlib
import io
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from entrepot.residency.hunt import Hunted, hunt, values_of_list
from tests.residency.border.asked import asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "欧阳虚构"
RARE = "𠮷田虚构"
MOBILE = "13800990011"
MAIL = "canary+1@example.invalid"
VALUES = [(2, "name", NAME), (3, "name", RARE), (4, "mobile", MOBILE), (5, "mail", MAIL)]
NOISE = "an order of a shop 订单 0123456789 ~ " * 40


def searched(folder: Path) -> Hunted:
    return hunt(VALUES, folder)


def found(folder: Path) -> set[tuple[int, str]]:
    return {(hit.row, hit.spelling) for hit in searched(folder).hits}


def _hashes(content: bytes) -> list[tuple[str, bytes]]:
    spelled = []
    for algorithm in ("md5", "sha1", "sha256"):
        digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
        spelled += [(algorithm, digest), (algorithm, digest.hex().encode()), (algorithm, digest.hex().upper().encode())]
    return spelled


def _base64(text: str) -> list[tuple[str, bytes]]:
    return [("Base64", base64.b64encode(b"x" * shift + text.encode() + b"tail")) for shift in range(3)]


SPELLINGS = [
    *((row, "as it is", text.encode()) for row, _, text in VALUES),
    *((row, "reversed", text[::-1].encode()) for row, _, text in VALUES),
    *((row, "UTF-16 LE", text.encode("utf-16-le")) for row, _, text in VALUES),
    *((row, "UTF-16 BE", text.encode("utf-16-be")) for row, _, text in VALUES),
    *((row, "GB18030", text.encode("gb18030")) for row, _, text in VALUES[:2]),
    (4, "with blanks", b"138 0099 0011"),
    (4, "with hyphens", b"138-0099-0011"),
    *((row, "hexadecimal", text.encode().hex().encode()) for row, _, text in VALUES),
    *((row, "hexadecimal", text.encode().hex().upper().encode()) for row, _, text in VALUES),
    *((row, *spelled) for row, _, text in VALUES for spelled in _base64(text)),
    *((row, *spelled) for row, _, text in VALUES for spelled in _hashes(text.encode())),
    *(
        (row, f"{named} of GB18030", digest)
        for row in (2, 3)
        for named, digest in _hashes(VALUES[row - 2][2].encode("gb18030"))
    ),
    *((row, "JSON escapes", json.dumps(VALUES[row - 2][2]).encode()) for row in (2, 3)),
    *((row, "JSON escapes", json.dumps(VALUES[row - 2][2]).upper().replace("\\U", "\\u").encode()) for row in (2, 3)),
    *((row, "URL escapes", quote(VALUES[row - 2][2], safe="").encode()) for row in (2, 3, 5)),
    (2, "URL escapes", quote(NAME).lower().encode()),
    (5, "URL escapes", quote_plus(MAIL).encode()),
]


@pytest.mark.parametrize(
    ("row", "spelling", "content"), SPELLINGS, ids=[f"{row}-{name}-{at}" for at, (row, name, _) in enumerate(SPELLINGS)]
)
def test_a_value_is_found_in_each_spelling(row: int, spelling: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(NOISE.encode() + content + NOISE.encode())
    assert (row, spelling) in found(tmp_path)


def test_base64_for_urls_is_found_too(tmp_path: Path) -> None:
    value = "~~~???>>>~~~"
    assert b"+" in base64.b64encode(value.encode()) or b"/" in base64.b64encode(value.encode())
    (tmp_path / "file").write_bytes(base64.urlsafe_b64encode(value.encode()))
    assert [hit.spelling for hit in hunt([(2, "name", value)], tmp_path).hits] == ["Base64 for URLs"]


def test_a_folder_without_persons_gives_nothing_and_says_how_much_was_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_text(NOISE, encoding="utf-8")
    told = searched(tmp_path)
    assert (told.hits, told.not_read, told.files, told.values) == ([], [], 1, 4)
    assert told.read_bytes == len(NOISE.encode()) + len("deep") + len("deep/file")


def _parquet(path: Path) -> None:
    pq.write_table(pa.table({"who": [NOISE + NAME + NOISE]}), path, compression="gzip", write_statistics=False)


def _footer(path: Path) -> None:
    kept = pa.table({"amount": [1]}).replace_schema_metadata({"note": f"made for {NAME}"})
    pq.write_table(kept, path)


def _statistics(path: Path) -> None:
    pq.write_table(pa.table({"who": [NAME, NAME]}), path, compression="zstd", write_statistics=True)


def _dictionary(path: Path) -> None:
    names = pa.array([NOISE + NAME + NOISE, None]).dictionary_encode()
    pq.write_table(pa.table({"who": names}), path, compression="gzip", write_statistics=False)


def _nested(path: Path) -> None:
    orders = pa.array([[{"who": NOISE + NAME + NOISE}]])
    pq.write_table(pa.table({"orders": orders}), path, compression="gzip", write_statistics=False)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", NOISE + NAME + NOISE)


def _zip_in_gzip_in_zstd(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", NOISE + NAME + NOISE)
    path.write_bytes(zstandard.compress(gzip.compress(inner.getvalue())))


def _sqlite(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("create table t (who text)")
        database.execute("insert into t values (?)", (NAME,))
        database.commit()


PACKED: list[tuple[str, Callable[[Path], object]]] = [
    ("gzip", lambda path: path.write_bytes(gzip.compress((NOISE + NAME).encode()))),
    ("gzip twice", lambda path: path.write_bytes(gzip.compress(NOISE.encode()) + gzip.compress(NAME.encode()))),
    ("zstd", lambda path: path.write_bytes(zstandard.compress((NOISE + NAME + NOISE).encode()))),
    (
        "zstd, second frame",
        lambda path: path.write_bytes(zstandard.compress(b"x") + zstandard.compress((NAME * 2000).encode())),
    ),
    ("zip", _zip),
    ("a packing in a packing in a packing", _zip_in_gzip_in_zstd),
    ("Parquet page", _parquet),
    ("Parquet footer", _footer),
    ("Parquet statistics", _statistics),
    ("Parquet dictionary", _dictionary),
    ("Parquet, nested", _nested),
    ("SQLite", _sqlite),
]


@pytest.mark.parametrize(("name", "pack"), PACKED, ids=[name for name, _ in PACKED])
def test_a_value_is_found_inside_what_is_packed(name: str, pack: Callable[[Path], object], tmp_path: Path) -> None:
    pack(tmp_path / "file")
    assert (2, "as it is") in found(tmp_path)
    assert searched(tmp_path).not_read == []


def test_a_value_that_stands_in_a_databases_write_ahead_log_only_is_found(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma wal_autocheckpoint = 0")
        database.execute("create table t (who text)")
        database.execute("insert into t values (?)", (NAME,))
        database.commit()
        assert {(hit.file, hit.spelling) for hit in searched(tmp_path).hits} == {("state.db-wal", "as it is")}


def test_names_of_files_and_folders_are_searched_and_never_told(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / f"{MOBILE}.csv").write_text("nothing", encoding="utf-8")
    (tmp_path / f"who={quote(NAME)}").mkdir()
    told = searched(tmp_path)
    assert {(hit.file, hit.row, hit.spelling) for hit in told.hits} == {
        ("*** (its name)", 2, "as it is"),
        ("***/***.csv (its name)", 2, "as it is"),
        ("***/***.csv (its name)", 4, "as it is"),
        ("who=*** (its name)", 2, "URL escapes"),
    }


def test_patterns_that_are_too_short_are_counted_and_not_searched(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("李丽 is here", encoding="gb18030")
    told = hunt([(2, "name", "李丽"), (3, "name", "Li"), (4, "name", "李")], tmp_path)
    assert told.hits == []
    # 李丽: 6, in UTF-16, GB18030 and the Base64 of that. Li: 9. 李: 13.
    assert told.too_short == 28
    assert told.patterns > 0
    (tmp_path / "file").write_text("李丽 is here", encoding="utf-8")
    assert [(hit.row, hit.spelling) for hit in hunt([(2, "name", "李丽")], tmp_path).hits] == [(2, "as it is")]


def _cut_zstd(path: Path) -> None:
    path.write_bytes(zstandard.compress((NOISE * 9 + NAME).encode())[:-6])


def _cut_zip(path: Path) -> None:
    _zip(path)
    path.write_bytes(path.read_bytes()[:-30])


def _cut_parquet(path: Path) -> None:
    _parquet(path)
    path.write_bytes(path.read_bytes()[:-8])


def _locked_zip(path: Path) -> None:
    _zip(path)
    content = bytearray(path.read_bytes())
    # The bit of an entry that says that it is encrypted, in its own header and in the directory of the archive.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


DAMAGED: list[tuple[str, Callable[[Path], object]]] = [
    ("gzip", lambda path: path.write_bytes(gzip.compress(NOISE.encode())[:-9])),
    ("zstd", _cut_zstd),
    ("zip", _cut_zip),
    ("Parquet", _cut_parquet),
    ("locked zip", _locked_zip),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGED, ids=[name for name, _ in DAMAGED])
def test_a_packed_file_that_cannot_be_read_to_its_end_is_named(
    name: str, damage: Callable[[Path], object], tmp_path: Path
) -> None:
    damage(tmp_path / "damaged")
    assert searched(tmp_path).not_read == ["damaged"]


def test_what_stays_packed_too_tightly_is_named_as_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.residency.hunt.UNPACKED_MAX", 1000)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"x" * 1001))
    (tmp_path / "bomb.zst").write_bytes(zstandard.compress(b"x" * 1001))
    (tmp_path / "small.gz").write_bytes(gzip.compress(b"x" * 1000))
    assert searched(tmp_path).not_read == ["bomb.gz", "bomb.zst"]


@pytest.fixture
def persons(tmp_path: Path) -> Path:
    path = tmp_path / "persons.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("name", "mobile"), (NAME, MOBILE), (RARE, "")])
    return path


def test_a_list_of_persons_is_read_cell_by_cell(persons: Path) -> None:
    assert values_of_list(persons) == [(2, "name", NAME), (2, "mobile", MOBILE), (3, "name", RARE)]


@pytest.mark.parametrize("form", [(), ("--json",), ("--lang", "zh")], ids=["text", "json", "zh"])
def test_the_command_leaves_with_1_when_it_found_somebody_and_prints_no_value(
    form: tuple[str, ...], persons: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "searched"
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "orders").write_text(f"{RARE} {MOBILE}", encoding="utf-8")
    (folder / NAME / "broken.gz").write_bytes(gzip.compress(NOISE.encode())[:-9])
    assert asked("residency", "hunt", persons, folder, *form) == 1
    said = capsys.readouterr()
    assert "***/orders" in said.out
    assert "***/broken.gz" in said.out
    assert not any(value in said.out + said.err for _, _, value in values_of_list(persons))


def test_the_command_leaves_with_0_when_it_found_nobody_and_1_when_it_could_not_look(
    persons: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "searched"
    folder.mkdir()
    (folder / "orders").write_text(NOISE, encoding="utf-8")
    assert asked("residency", "hunt", persons, folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["hits"] == []
    (folder / "broken.gz").write_bytes(gzip.compress(NOISE.encode())[:-9])
    assert asked("residency", "hunt", persons, folder, "--json") == 1
    assert json.loads(capsys.readouterr().out)["not_read"] == ["broken.gz"]
