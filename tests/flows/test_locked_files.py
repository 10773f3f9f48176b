"""Archives and workbooks that their sender locked: opened with their password, named without it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import msoffcrypto
import pytest
import pyzipper
import xlsxwriter
from typer.testing import CliRunner

from entrepot.assembly import open_cell
from entrepot.cli import app_of
from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SKUS = "sku_id,name,unit_cost,currency,valid_from\nTEA-01,绿茶,12.50,CNY,2026-09-01\n"
_PASSWORD = "账单-2026"


def _aes_zip(path: Path) -> Path:
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(_PASSWORD.encode())
        archive.writestr("skus.csv", _SKUS)
    return path


def _locked_workbook(path: Path) -> Path:
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(_SKUS.splitlines()):
            sheet.write_row(number, 0, line.split(","))
    with path.open("wb") as out:
        plain.seek(0)
        msoffcrypto.OfficeFile(plain).encrypt(_PASSWORD, out)
    return path


@pytest.mark.parametrize("make", [_aes_zip, _locked_workbook], ids=["archive", "workbook"])
def test_a_locked_file_is_read_with_the_right_one_of_several_passwords(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    locked = make(tmp_path / ("locked.zip" if make is _aes_zip else "locked.xlsx"))
    parts = open_cell(tmp_path / "company")
    refused = import_paths(parts, [locked]).files[0]
    assert (refused.status, refused.error_code) == ("unreadable", "connector.archive_unreadable")
    assert "locked with a password; give it with --password-file" in str(refused.error)
    wrong = import_paths(parts, [locked], passwords=("12345",)).files[0]
    assert "none of the passwords given opens it" in str(wrong.error)
    assert "12345" not in str(wrong.error)
    read = import_paths(parts, [locked], passwords=("12345", _PASSWORD)).files[0]
    assert (read.status, read.canonical) == ("imported", 1)
    assert table_rows(parts, "skus").to_pylist()[0]["name"] == "绿茶"


def test_what_is_locked_does_not_keep_the_rest_of_an_archive_out(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.zip"
    _aes_zip(tmp_path / "inner.zip")
    with zipfile.ZipFile(mixed, "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
        archive.writestr("open.csv", _SKUS.replace("TEA-01", "TEA-02"))
    files = import_paths(open_cell(tmp_path / "company"), [mixed]).files
    assert sorted((file.status, file.canonical) for file in files) == [("imported", 1), ("unreadable", 0)]


def test_an_archive_in_a_locked_one_does_not_keep_other_files_out(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    inner = _aes_zip(tmp_path / "inner.zip").read_bytes()
    with pyzipper.AESZipFile(folder / "outer.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"outside")
        archive.writestr("inner.zip", inner)
    (folder / "open.csv").write_text(_SKUS.replace("TEA-01", "TEA-02"), encoding="utf-8")
    parts = open_cell(tmp_path / "company")
    files = import_paths(parts, [folder]).files
    assert sorted((file.status, file.error_code) for file in files) == [
        ("imported", None),
        ("unreadable", "connector.archive_unreadable"),
    ]
    opened = import_paths(parts, [folder], passwords=(_PASSWORD, "outside")).files
    assert sorted((file.status, file.canonical) for file in opened) == [("already_imported", 0), ("imported", 1)]


@pytest.mark.parametrize("of_archive", ["utf-8", "gb18030"])
@pytest.mark.parametrize("of_file", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_password_opens_whatever_its_spelling(of_archive: str, of_file: str, tmp_path: Path) -> None:
    with pyzipper.AESZipFile(tmp_path / "locked.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(_PASSWORD.encode(of_archive))
        archive.writestr("skus.csv", _SKUS)
    (tmp_path / "passwords.txt").write_bytes(f"first\r\n{_PASSWORD}\r\n".encode(of_file))
    words = ["import", str(tmp_path / "locked.zip"), "--password-file", str(tmp_path / "passwords.txt")]
    done = CliRunner().invoke(app_of(), [*words, "--home", str(tmp_path / "company")])
    assert done.exit_code == 0, done.output
    assert table_rows(open_cell(tmp_path / "company"), "skus").num_rows == 1


@pytest.mark.parametrize(
    ("encoding", "name"),
    # The GBK bytes of the last one are UTF-8 as well, of other letters.
    [("utf-8", "商品资料"), ("gb18030", "商品资料"), ("gb18030", "联通")],
)
def test_names_in_an_archive_without_their_flag_are_readable(encoding: str, name: str, tmp_path: Path) -> None:
    archived = tmp_path / "files.zip"
    folder = name.encode(encoding)
    # A name of the same length, without the flag that says UTF-8.
    with zipfile.ZipFile(archived, "w") as archive:
        archive.writestr("x" * len(folder) + "/skus.csv", _SKUS)
    archived.write_bytes(archived.read_bytes().replace(b"x" * len(folder), folder))
    files = import_paths(open_cell(tmp_path / "company"), [archived]).files
    assert [(file.status, file.path.split("!")[1]) for file in files] == [("imported", f"{name}/skus.csv")]


@pytest.mark.parametrize("start", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c\x00\x04"])
def test_an_archive_of_another_kind_is_named_as_one(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "bills.rar").write_bytes(start + bytes(range(256)))
    report = import_paths(open_cell(tmp_path / "company"), [tmp_path / "bills.rar"]).files[0]
    assert (report.status, "unpack it" in str(report.error)) == ("unreadable", True)


def test_the_password_is_nowhere_in_the_company_folder(tmp_path: Path) -> None:
    secrets = tmp_path / "passwords.txt"
    secrets.write_text(f"first\n{_PASSWORD}\n", encoding="utf-8")
    home = tmp_path / "company"
    locked = str(_aes_zip(tmp_path / "locked.zip"))
    done = CliRunner().invoke(app_of(), ["import", locked, "--password-file", str(secrets), "--home", str(home)])
    assert done.exit_code == 0, done.output
    assert table_rows(open_cell(home), "skus").num_rows == 1
    holders = [path for path in home.rglob("*") if path.is_file() and _PASSWORD.encode() in path.read_bytes()]
    assert holders == []


def test_a_file_that_only_looks_like_a_locked_workbook_is_refused_as_before(tmp_path: Path) -> None:
    old = tmp_path / "orders.xls"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    report = import_paths(open_cell(tmp_path / "company"), [old], passwords=("x",)).files[0]
    assert report.status == "unreadable"
    assert "password" not in str(report.error)
