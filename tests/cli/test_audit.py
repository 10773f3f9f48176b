"""`entrepot audit` as a person and a program use it: exit codes, keys, streams, the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pyzipper

from entrepot.testing.small_files import Sale, tmall_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = {
    *("path", "currency", "files", "platforms", "coverage", "missing", "fields"),
    *("exceptions", "basis", "hours", "assumptions", "rollout"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "orders.csv").write_text(tmall_text([Sale("1000000001", 100_00)]), encoding="gb18030")
    (folder / "odd.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


def test_json_has_the_documented_keys_and_nothing_else_on_stdout(
    run: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    answer = run("audit", folder, "--home", tmp_path / "none", "--json", "--html", tmp_path / "page" / "audit.html")
    told = json.loads(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert set(told) == KEYS
    assert [(file["path"], file["status"]) for file in told["files"]] == [
        ("odd.csv", "not_recognised"),
        ("orders.csv", "recognised"),
    ]
    assert told["platforms"][0]["value_minor"] == 100_00
    assert (tmp_path / "page" / "audit.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not (tmp_path / "none").exists()


def test_a_person_reads_files_gaps_fields_hours_and_steps_in_chinese(
    run: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    answer = run("audit", folder, "--home", tmp_path / "none", "--lang", "zh", "--fields", "--strict")
    # One file is of no known format.
    assert answer.code == 1
    for word in ("天猫订单报表", "各报表还缺什么", "支付宝账务明细", "orders.paid_minor", "四种做法的工时", "上线顺序"):
        assert word in answer.out
    assert "buyer of" not in answer.out


def test_an_empty_folder_is_no_error(run: Callable[..., Any], tmp_path: Path) -> None:
    answer = run("audit", tmp_path, "--home", tmp_path / "none", "--strict")
    assert (answer.code, answer.out.strip()) == (0, "Nothing was found in this folder.")


def test_a_folder_that_is_not_there_is_refused_with_its_name(run: Callable[..., Any], tmp_path: Path) -> None:
    answer = run("audit", tmp_path / "nowhere", "--json")
    assert answer.code == 1
    assert json.loads(answer.err)["error"]["code"] == "connector.nothing_to_import"


def test_assumptions_that_cannot_be_used_are_refused_before_any_file_is_read(
    run: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("approach,item,minutes\nmagic,retype_file,1\n", encoding="utf-8")
    answer = run("audit", folder, "--assumptions", mine, "--html", tmp_path / "audit.html", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert json.loads(answer.err)["error"]["code"] == "reports.assumptions_invalid"
    assert not (tmp_path / "audit.html").exists()


def test_the_help_has_an_example(run: Callable[..., Any]) -> None:
    answer = run("audit", "--help")
    assert "Example:  entrepot audit" in " ".join(answer.out.split("\n"))


def test_what_is_locked_is_looked_into_with_the_passwords_of_a_file(run: Callable[..., Any], tmp_path: Path) -> None:
    files, secrets = tmp_path / "files", tmp_path / "passwords.txt"
    files.mkdir()
    with pyzipper.AESZipFile(files / "bill.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword("账单".encode())
        archive.writestr("orders.csv", tmall_text([Sale("1000000001", 100_00)]).encode("gb18030"))
    secrets.write_text("账单\n", encoding="utf-8")
    assert "--password-file" in run("audit", files, "--home", tmp_path / "none").out
    answer = run("audit", files, "--home", tmp_path / "none", "--password-file", secrets, "--strict")
    assert "Tmall order list" in answer.out
    assert "password" not in answer.out
