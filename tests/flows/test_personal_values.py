"""Personal values stand in two tables and in the raw log, and nowhere else (I23): every byte of the cell is looked at."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.cli import main
from entrepot.engine.errors import QueryFailed
from entrepot.flows.asking import select_rows, table_rows
from entrepot.flows.errors import ReasonNeeded
from entrepot.flows.importing import import_paths
from entrepot.model import TABLES, ResidencyClass
from entrepot.store.packing import configuration

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.testing.sample_company import ImportedCompany

_PERSONAL_TABLES = ("addresses", "persons")
# Every invented person bears one of these marks; a test below holds the sandbox to it.
_MARKS = re.compile("虚构(?!速运)|138[*]{5}[0-9]|canary|Canary|Nowhere Lane|[+]1-555-")


def _found(text: str) -> list[str]:
    return _MARKS.findall(text)


def _readings(content: bytes) -> list[str]:
    """The bytes as text; with JSON's escapes also as what they stand for."""
    text = content.decode("utf-8", errors="replace")
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return [text, unescaped, content.decode("gb18030", errors="replace")]


def test_every_personal_value_of_the_company_bears_a_mark_that_is_looked_for(one_imported: ImportedCompany) -> None:
    values = one_imported.company.world.personal_values()
    assert len(values) > 1_000
    assert [value for value in values if not _found(value)] == []


def test_no_other_table_holds_a_personal_value(one_imported: ImportedCompany) -> None:
    files = list(one_imported.parts.layout.tables.rglob("*.parquet"))
    assert len(files) > 20
    marked = set()
    for path in files:
        table = pq.read_table(path, partitioning=None)
        for name in table.column_names:
            if pa.types.is_string(table[name].type):
                values = {value for value in table[name].unique().to_pylist() if value}
                if any(_found(value) for value in values):
                    marked.add((path.relative_to(one_imported.parts.layout.tables).parts[0], name))
    assert {table for table, _ in marked} == set(_PERSONAL_TABLES)
    for name, column in marked:
        classes = {field.name: field.residency for field in TABLES[name].fields}
        assert classes[column] is ResidencyClass.PERSONAL, (name, column)


def test_neither_state_nor_logs_nor_statistics_hold_a_personal_value(one_imported: ImportedCompany) -> None:
    home = one_imported.parts.layout.home
    seen = 0
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        inside = path.relative_to(home).parts
        if inside[0] == "raw":
            continue
        seen += 1
        content = path.read_bytes()
        if path.suffix == ".parquet":
            # Pages of these tables are data; what stands in footers is read by whoever lists the files.
            footer = int.from_bytes(content[-8:-4], "little") + 8
            content = content[-footer:]
        for text in _readings(content):
            assert _found(text) == [], path
    assert seen > 50


def test_personal_columns_have_no_statistics_in_parquet(one_imported: ImportedCompany) -> None:
    looked_at = 0
    for name in _PERSONAL_TABLES:
        personal = {field.name for field in TABLES[name].fields if field.residency is ResidencyClass.PERSONAL}
        assert personal
        assert not personal & set(str(configuration(TABLES[name])["delta.dataSkippingStatsColumns"]).split(","))
        for path in (one_imported.parts.layout.tables / name).rglob("*.parquet"):
            metadata = pq.read_metadata(path)
            for group in range(metadata.num_row_groups):
                for at in range(metadata.num_columns):
                    column = metadata.row_group(group).column(at)
                    if column.path_in_schema in personal:
                        looked_at += 1
                        assert column.statistics is None or not column.statistics.has_min_max
    assert looked_at > 4


def _output(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "argv", ["entrepot", *arguments])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
        main()
    assert "Traceback" not in err.getvalue()
    return out.getvalue() + err.getvalue()


def test_no_command_prints_a_personal_value(one_imported: ImportedCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    home = ("--home", str(one_imported.parts.layout.home))
    files = str(one_imported.company.folder / "files" / "tmall")
    commands = [
        ("import", "--json", files),
        ("import", files),
        ("exceptions", "list", "--json"),
        ("exceptions", "list"),
        ("report", "pnl", "--json"),
        ("report", "gmv-bridge"),
        ("report", "trial-balance", "--csv"),
        ("files", "list", "--json"),
    ]
    commands += [
        ("sql", f"select * from {name} limit 400", "--json") for name in TABLES if name not in _PERSONAL_TABLES
    ]
    printed = 0
    for command in commands:
        text = _output(monkeypatch, *command, *home)
        printed += len(text)
        assert [found for reading in _readings(text.encode()) for found in _found(reading)] == [], command
    assert printed > 500_000


def test_the_html_report_holds_no_personal_value(
    one_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    _output(monkeypatch, "report", "html", "--home", str(one_imported.parts.layout.home), "--out", str(target))
    assert _found(target.read_text(encoding="utf-8")) == []


def test_errors_and_quarantine_speak_of_broken_rows_without_their_values(
    one_imported: ImportedCompany,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = one_imported.company.data_files("tmall_orders")[0]
    text = source.read_bytes().decode("gb18030")
    broken = text.replace("交易成功", "虚构状态").replace(".00", ".0x").replace("订单创建时间", "虚构时间", 1)
    unquoted = text.replace('","', '",', 40)
    paths = [tmp_path / "unknown.csv", tmp_path / "unquoted.csv", tmp_path / "half.csv"]
    paths[0].write_bytes(broken.encode("gb18030"))
    paths[1].write_bytes(unquoted.encode("gb18030"))
    paths[2].write_bytes(text.encode("gb18030")[:-700].replace(b".00", b".0x"))
    parts = one_imported.company.new_cell(tmp_path / "home")
    report = import_paths(parts, paths)
    assert {file.status for file in report.files} == {"imported", "not_recognised"}
    assert sum(file.quarantined for file in report.files) > 10
    personal = [value for value in one_imported.company.world.personal_values() if len(value) > 4]
    told = "\n".join(str(part) for file in report.files for part in (file.error, file.reasons, file.findings))
    told += str(table_rows(parts, "quarantine").to_pylist()) + str(table_rows(parts, "exceptions").to_pylist())
    told += _output(monkeypatch, "import", *map(str, paths), "--home", str(parts.layout.home))
    assert [value for value in personal if value in told] == []


def test_personal_tables_are_read_with_a_reason_only_and_the_reason_is_kept(one_imported: ImportedCompany) -> None:
    log = one_imported.parts.layout.home / "access.log"
    before = log.read_text(encoding="utf-8") if log.exists() else ""
    for reason in (None, ""):
        with pytest.raises(ReasonNeeded):
            select_rows(one_imported.parts, "select * from persons", reason)
    assert not log.exists() or log.read_text(encoding="utf-8") == before
    rows = select_rows(one_imported.parts, "select name from addresses limit 1", "answering a buyer")
    assert rows.num_rows == 1
    added = log.read_text(encoding="utf-8")[len(before) :]
    assert "answering a buyer" in added
    assert "addresses" in added


@pytest.mark.parametrize(
    "text",
    [
        "select * from PERSONS",
        'select * from "Persons"',
        "select (select max(name) from addresses)",
        "with x as (select * from persons) select * from x",
        "select * from orders where buyer_key in (select person_key from persons)",
        "select * from orders union all select * from persons",
    ],
)
def test_there_is_no_way_around_the_reason(one_imported: ImportedCompany, text: str) -> None:
    with pytest.raises(ReasonNeeded):
        select_rows(one_imported.parts, text)


@pytest.mark.parametrize(
    "text",
    [
        "with persons as (select * from persons) select * from persons",
        "with t as (with persons as (select 1 as a) select * from persons) select * from persons",
    ],
)
def test_a_personal_table_behind_a_name_of_the_question_is_not_there(one_imported: ImportedCompany, text: str) -> None:
    with pytest.raises((ReasonNeeded, QueryFailed)):
        select_rows(one_imported.parts, text)


def test_the_key_of_person_keys_is_readable_by_its_owner_only(one_imported: ImportedCompany) -> None:
    key = one_imported.parts.layout.keys / "person.key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_bytes().strip()
    home = one_imported.parts.layout.home
    assert len(secret) > 30
    holders = [path for path in home.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert holders == [key]


def test_rows_that_name_a_person_do_so_by_a_key_that_says_nothing(one_imported: ImportedCompany) -> None:
    keys = select_rows(one_imported.parts, "select distinct buyer_key from orders where buyer_key is not null")
    assert keys.num_rows > 100
    assert all(re.fullmatch(r"[A-Za-z0-9_.:-]{32,}", row["buyer_key"]) for row in keys.to_pylist())
