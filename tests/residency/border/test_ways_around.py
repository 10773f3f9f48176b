"""Ways around the door between two cells, each shut."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from entrepot.assembly import open_cell
from entrepot.engine import DuckDBEngine, parse
from entrepot.engine.errors import QueryFailed, SelectRefused
from entrepot.flows.asking import select_rows
from entrepot.flows.border import clear, door_for, receive
from entrepot.model import TABLES, ResidencyClass
from entrepot.residency.enforcement import enforcement_found
from entrepot.residency.gate_errors import CompanionIsSelf, MailMisplaced
from entrepot.residency.hunt import hunt
from entrepot.store.errors import SettingsInvalid
from tests.residency.border.asked import asked
from tests.residency.border.planted import Plants, planted_files
from tests.residency.border.two_cells import TwoCells, two_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

MOBILE = "13800990011"
OWN = "sku_id,name,unit_cost,currency,valid_from\nYX-SER-30,Serum,3.00,EUR,2026-01-01\n"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[TwoCells, Plants]:
    """Both cells with an envelope in the mail that the global cell has not taken yet."""
    folder = tmp_path_factory.mktemp("around")
    cells = two_cells(folder / "both")
    plants = planted_files(folder / "files")
    assert asked("import", folder / "files", "--home", cells.folder / "cn") == 0
    (folder / "own").mkdir()
    (folder / "own" / "articles.csv").write_text(OWN, encoding="utf-8")
    assert asked("import", folder / "own", "--home", cells.folder / "global") == 0
    cells.permit()
    cells.put_on_file("important_data_determination")
    assert [each.manifest.permit for each in clear(cells.cn).cleared] == ["journals"]
    return cells, plants


@pytest.fixture
def cells(planted: tuple[TwoCells, Plants], tmp_path: Path) -> TwoCells:
    return planted[0].copied(tmp_path / "cells")


# 1 and 2: a socket of one's own, and a name that is looked up.

_WATCHED = """
import json, sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith("socket.") else None)
from pathlib import Path
from entrepot.assembly import open_cell
from entrepot.flows.asking import html_report
from entrepot.flows.border import door_for, gateway_status, receive
from entrepot.flows.group import group_pnl
from entrepot.residency.enforcement import enforcement_found
parts = open_cell(Path(sys.argv[1]))
applied = [each.permit for each in receive(parts).applied]
rows = group_pnl(parts, "CNY").num_rows
page = len(html_report(parts, "en", "CNY"))
gateway_status(parts)
calls = sorted({each for each in seen if each not in ("socket.gethostname", "socket.__new__")})
print(json.dumps([applied, rows > 0, page > 1000, calls, enforcement_found(door_for(parts)).level]))
"""

_REACHED = """
import json, socket, sys
found = []
for act in (
    lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2),
    lambda: socket.getaddrinfo("entrepot.example.com", 443),
    lambda: socket.create_connection(("192.0.2.1", 443), timeout=2),
):
    try:
        act()
        found.append("reached")
    except OSError:
        found.append("refused")
print(json.dumps(found))
"""


def _own_network() -> Sequence[str]:
    """Words that run a command without any network, for whoever runs the tests: as a user, as root, with sudo."""
    for words in (("unshare", "-rn"), ("unshare", "-n"), ("sudo", "-n", "unshare", "-n")):
        if (
            shutil.which(words[0])
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    pytest.fail(
        "this machine gives nobody a network namespace of its own (unshare -rn, unshare -n, sudo unshare -n), so that "
        "the separation of cells cannot be proven here; allow user namespaces or run as root"
    )


def _python(words: Sequence[str], code: str, *arguments: str | Path) -> list[object]:
    environment = [f"PYTHONPATH={os.pathsep.join(sys.path)}", f"PATH={os.environ['PATH']}"]
    command = [*words, "env", *environment, sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_whole_journey_of_the_global_cell_needs_no_network_opens_no_socket_and_looks_up_no_name(
    cells: TwoCells,
) -> None:
    found = _python(_own_network(), _WATCHED, cells.folder / "global")
    assert found == [["journals"], True, True, [], "separate-network"]


def test_in_a_network_of_its_own_a_cell_reaches_neither_its_neighbour_nor_a_name_nor_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        port = neighbour.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        assert _python(_own_network(), _REACHED, str(port)) == ["refused"] * 3


def test_with_a_network_the_superuser_proves_nothing(cells: TwoCells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.residency.enforcement._ways_out", lambda: ("eth0",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    door = door_for(cells.cn)
    assert (enforcement_found(door).level, enforcement_found(door).location) == ("demo", "CN declared, not proven")


def test_another_user_whose_folders_are_not_ones_own_is_a_separate_process(
    cells: TwoCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepot.residency.enforcement._ways_out", lambda: ("eth0",))
    owner = cells.mail.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert enforcement_found(door_for(cells.cn)).level == "separate-process"
    monkeypatch.setattr(os, "geteuid", lambda: owner or 1)
    assert enforcement_found(door_for(cells.cn)).level == ("demo" if owner else "separate-process")


def test_a_system_that_tells_no_interfaces_proves_nothing(cells: TwoCells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.residency.enforcement._INTERFACES", Path("/nowhere"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert enforcement_found(door_for(cells.cn)).level == "demo"


# 3: the state of another cell.


@pytest.mark.parametrize("line", ['state = "sqlite:///../cn/state.db"', 'state_url = "postgresql://cn/state"'])
def test_the_settings_of_a_cell_name_no_state_of_another_one(cells: TwoCells, line: str) -> None:
    path = cells.folder / "global" / "cell.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[cell]\n", f"[cell]\n{line}\n"), encoding="utf-8")
    with pytest.raises(SettingsInvalid):
        open_cell(cells.folder / "global")


# 4 and 5: what a log handler and a traceback are given.


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.getMessage()} {record.__dict__}")


def test_a_log_handler_hears_no_value_and_the_product_brings_none(
    planted: tuple[TwoCells, Plants], tmp_path: Path
) -> None:
    cells, listener = planted[0].copied(tmp_path / "cells"), _Listener()
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        cells.permit("orders", "B", "planning")
        clear(cells.cn)
        receive(cells.abroad)
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
    heard = tmp_path / "heard"
    heard.mkdir()
    (heard / "log").write_text("\n".join(listener.heard), encoding="utf-8")
    assert hunt(planted[1].listed(), heard).hits == []
    assert root.handlers == handlers
    found = {name: logging.getLogger(name).handlers for name in logging.root.manager.loggerDict if "entrepot" in name}
    assert not any(found.values()), found


def test_a_failed_query_repeats_no_value_in_its_text_nor_its_traceback() -> None:
    with DuckDBEngine(threads=1) as engine, pytest.raises(QueryFailed) as failure:
        engine.read(parse(f"select cast('{MOBILE} x' as bigint) as n", source="a mapping"))
    told = "".join(traceback.format_exception(failure.value)) + repr(failure.value) + str(failure.value.args)
    assert MOBILE not in told.replace(f"select cast('{MOBILE} x' as bigint) as n", "")


# 6: statistics.


def test_no_table_keeps_the_least_or_greatest_value_of_a_personal_column(cells: TwoCells) -> None:
    seen = 0
    for folder in sorted((cells.folder / "cn" / "tables").iterdir()):
        of = TABLES[folder.name]
        hidden = {
            each.name for each in of.all_fields if each.residency in (ResidencyClass.PERSONAL, ResidencyClass.SECRET)
        }
        for action in pa.table(DeltaTable(str(folder)).get_add_actions(flatten=True)).to_pylist() if hidden else ():
            named = {
                key.partition(".")[2]
                for key, value in action.items()
                if key.startswith(("min.", "max.")) and value is not None
            }
            assert named & hidden == set(), folder.name
        for path in folder.rglob("*.parquet") if hidden else ():
            meta = pq.read_metadata(path)
            for group in range(meta.num_row_groups):
                columns = [meta.row_group(group).column(at) for at in range(meta.num_columns)]
                told = {each.path_in_schema for each in columns if each.is_stats_set and each.statistics.has_min_max}
                assert told & hidden == set(), folder.name
                seen += 1
    assert seen >= 2


def test_logs_of_tables_in_the_china_cell_carry_no_personal_value(planted: tuple[TwoCells, Plants]) -> None:
    cells, plants = planted
    personal = [
        each for each in plants.listed() if each[1].startswith(("account of", "name of rec", "address of", "mobile of"))
    ]
    assert len(personal) == 20
    for folder in (cells.folder / "cn" / "tables").glob("*/_delta_log"):
        assert hunt(personal, folder).hits == []


# 7 and 8: temporary folders and the environment.


def test_nothing_is_left_in_temporary_folders_of_the_cells_or_of_the_machine(
    cells: TwoCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(machine))
    monkeypatch.setenv("TMPDIR", str(machine))
    cells.permit("again")
    assert [each.manifest.permit for each in clear(cells.cn, ("again",)).cleared] == ["again"]
    assert len(receive(cells.abroad).applied) == 2
    assert list(machine.iterdir()) == []
    for home in ("cn", "global"):
        for folder in (cells.folder / home / "tmp", cells.folder / home / "border" / "tmp"):
            assert not folder.exists() or list(folder.iterdir()) == []


def test_nothing_of_the_environment_travels(cells: TwoCells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_PERSON", MOBILE)
    monkeypatch.setenv("USER", "ouyang-canary")
    cells.permit("again")
    clear(cells.cn, ("again",))
    receive(cells.abroad)
    listed = [(2, "mobile", MOBILE), (3, "user", "ouyang-canary"), (4, "machine", socket.gethostname())]
    for folder in (cells.mail, cells.folder / "global" / "border"):
        assert hunt(listed, folder).hits == []


# 9: a backup.


def test_a_plain_copy_of_the_global_cell_holds_nobody_and_no_key_of_the_china_cell(
    planted: tuple[TwoCells, Plants], tmp_path: Path
) -> None:
    cells = planted[0].copied(tmp_path / "cells")
    receive(cells.abroad)
    backup = tmp_path / "backup"
    shutil.copytree(cells.folder / "global", backup, symlinks=True)
    assert [path for path in backup.rglob("*") if path.is_symlink()] == []
    secret = [
        (number, path.name, path.read_text(encoding="ascii").strip().split("+", 4)[-1])
        for number, path in enumerate(sorted((cells.folder / "cn" / "keys").iterdir()), start=1000)
    ]
    assert {"person.key", "token.key"} <= {name for _, name, _ in secret}
    found = hunt([*planted[1].listed(), *secret], backup)
    assert (found.hits, found.not_read) == ([], [])
    assert {hit.column for hit in hunt(secret, cells.folder / "cn").hits} == {name for _, name, _ in secret}


# 10: `entrepot sql`.


@pytest.mark.parametrize(
    "select",
    [
        "select * from read_parquet('{cn}/tables/addresses/**/*.parquet')",
        "select * from parquet_scan('{cn}/tables/addresses/**/*.parquet')",
        "select * from '{cn}/tables/addresses/month=2026-09/x.parquet'",
        "select * from delta_scan('{cn}/tables/addresses')",
        "select * from read_text('{cn}/cell.toml')",
        "select * from glob('{cn}/**')",
        "select * from sqlite_scan('{cn}/state.db', 'raw_files')",
        "attach '{cn}/state.db' as cn",
        "copy (select 1) to '{cn}/out.csv'",
        "select * from orders; select * from read_csv('{cn}/cell.toml')",
        "with t as (select * from read_csv('{cn}/cell.toml')) select * from t",
        "select (select count(*) from read_text('{cn}/cell.toml')) as n from orders",
        "select * from cn.main.orders",
    ],
)
def test_sql_of_the_global_cell_reads_nothing_of_the_china_cell(planted: tuple[TwoCells, Plants], select: str) -> None:
    cells = planted[0]
    with pytest.raises(SelectRefused):
        select_rows(cells.abroad, select.format(cn=cells.folder / "cn"), "a reason")
    assert not (cells.folder / "cn" / "out.csv").exists()


def test_a_file_function_that_the_check_would_miss_is_refused_by_the_engine_itself(
    planted: tuple[TwoCells, Plants], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = planted[0]
    monkeypatch.setattr("entrepot.engine.duckdb.console.tables_in_select", lambda _text: frozenset())
    monkeypatch.setattr("entrepot.flows.asking.tables_in_select", lambda _text: frozenset())
    text = f"select content from read_text('{cells.folder / 'cn' / 'cell.toml'}')"
    with pytest.raises(QueryFailed):
        select_rows(cells.abroad, text, "a reason")


# And the door itself: no mail in another cell's folder, no companion of one's own name.


@pytest.mark.parametrize("setting", ["send", "receive"])
@pytest.mark.parametrize("place", ["", "mail", "border/received", "link"])
def test_a_mail_folder_inside_another_company_folder_is_refused_when_the_door_opens(
    cells: TwoCells, setting: str, place: str
) -> None:
    other = cells.folder / "cn"
    target = other / place
    if place == "link":
        target = cells.folder / "link"
        target.symlink_to(other / "mail")
    path = cells.folder / "global" / "cell.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [f'{setting} = "{target}"' if line.startswith(f"{setting} = ") else line for line in lines]
    assert kept != lines
    path.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(MailMisplaced) as refusal:
        receive(cells.abroad)
    assert (refusal.value.cell, refusal.value.setting) == ("cn", setting)
    assert not (cells.folder / "global" / "border" / "received").exists()
    assert asked("gateway", "status", "--home", cells.folder / "global") == 1


def test_a_mail_folder_inside_ones_own_company_folder_or_beside_both_is_none_of_another_cell(cells: TwoCells) -> None:
    path = cells.folder / "global" / "cell.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(f'send = "{cells.folder / "mail" / "to-cn"}"', 'send = "mail/to-cn"'), encoding="utf-8"
    )
    (cells.folder / "cell.toml").write_text("", encoding="utf-8")
    assert door_for(cells.abroad).companions["cn"].send == cells.folder / "global" / "mail" / "to-cn"
    assert [each.permit for each in receive(cells.abroad).applied] == ["journals"]


def test_a_companion_of_the_cells_own_name_is_refused(cells: TwoCells) -> None:
    path = cells.folder / "global" / "cell.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('cell = "cn"', 'cell = "global"'), encoding="utf-8")
    with pytest.raises(CompanionIsSelf) as refusal:
        receive(cells.abroad)
    assert refusal.value.cell == "global"
