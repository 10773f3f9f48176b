"""Two China cells with the same business and different persons cannot be told apart from abroad.

Clock, ids, salts and keys are fixed, so that nothing else differs. The global cell must be the same byte for byte;
where tokens of buyers leave, the same row for row after each token is called by its first appearance. What the Delta
library takes from the machine (times and random names of files) is called by its first appearance too.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.engine import parse
from entrepot.flows import border, carrying, permits
from entrepot.flows.asking import table_rows
from entrepot.flows.border import clear, receive
from entrepot.flows.importing import import_paths
from entrepot.residency import projecting
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.keys import cell_key, person_pads
from entrepot.residency.links.broker import Connection
from entrepot.residency.patterns.settings import shipped_pattern
from entrepot.residency.permits import compiled as compiling
from entrepot.residency.permits import terms as naming
from entrepot.residency.permits.shape import shape_from_text, source_text
from tests.residency.border.patterned import PATTERNS, put_behind_a_broker, take_on
from tests.residency.border.planted import orders_text
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells
from tests.residency.links.brokers import Broker, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from entrepot.residency.links.broker import Arrival

ARTICLES = "sku_id,name,unit_cost,currency,valid_from\nYX-SER-30,Serum,3.00,CNY,2026-01-01\n"
STOCK = "stock_day,sku_id,location,quantity\n2026-09-30,YX-SER-30,ningbo,12\n"
NOW = datetime.now(UTC).replace(microsecond=0)
WITHOUT_BUYERS = {"journals": ("A", "group_accounts"), "catalogue": ("E", "planning"), "history": ("F", "after_sale")}
WITH_BUYERS = {"orders": ("B", "planning")}


@dataclass(frozen=True)
class Who:
    """A buyer as a file shows them."""

    account: str
    payment_account: str
    name: str
    mobile: str
    address: str


# Orders 1 and 3 are of one buyer in both worlds; the alphabet and the lengths of everything differ.
ALICE = [
    Who("aaa", "a@example.invalid", "阿一", "13800990001", "虚构市一号"),
    Who("zz的账号", "zz.zz@example.invalid", "欧阳虚构甲乙", "13800990002", "虚构省虚构市测试路八八八号二单元"),
]
BOB = [
    Who(
        "一个很长的虚构账号", "long.account@example.invalid", "赵虚构", "19900990077", "另一省另一市某某路一二三四五号"
    ),
    Who("b", "b@example.invalid", "魏", "13000990055", "别处"),
]
BUYERS = (0, 1, 0)
PERSONS = {"alice": ALICE, "bob": BOB}


@dataclass(frozen=True)
class Worlds:
    """Both worlds after their import, and the fixed place where each lives while it runs.

    Attributes:
        place: The same for both, for settings and logs of tables name it.
        imported: By the persons in them.
    """

    place: Path
    imported: dict[str, Path]

    def run(self, who: str, permits: dict[str, tuple[str, str]], kept: Path) -> TwoCells:
        """Let out of one world what may leave and receive it; the cells are moved to `kept` afterwards."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.imported[who], self.place)
        cells = TwoCells(self.place)
        for name, (shape, purpose) in permits.items():
            cells.permit(name, shape, purpose)
        with fixed():
            sent = clear(cells.cn)
            assert [each.manifest.permit for each in sent.cleared] == sorted(permits), sent.refused
            assert receive(cells.abroad).refused == []
        self.place.rename(kept)
        return TwoCells(kept)


def vars_of(who: Who) -> tuple[str, str, str, str, str]:
    return (who.account, who.payment_account, who.name, who.mobile, who.address)


@contextlib.contextmanager
def fixed() -> Iterator[None]:
    """Clock, ids and salts as if drawn once."""
    numbers = count(1)
    door_for = border.door_for
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "token_hex", lambda size=16: f"{next(numbers):0{2 * size}x}")
        patched.setattr(secrets, "token_bytes", lambda size=32: next(numbers).to_bytes(size, "big"))
        for module in (border, carrying):
            patched.setattr(module, "door_for", lambda parts: replace(door_for(parts), now=lambda: NOW))
        yield


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    folder = tmp_path_factory.mktemp("worlds")
    base = two_cells(folder / "place")
    keys = base.folder / "cn" / "keys"
    person_pads(keys)
    cell_key(keys, "token.key")
    base.put_on_file(*EVERY_EXPORT)
    settings = base.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[cell]", '[cell]\nlocations = ["ningbo"]', 1), encoding="utf-8")
    evidence = base.folder / "cn" / "border" / "evidence.yaml"
    text = evidence.read_text(encoding="utf-8")
    evidence.write_text(text.replace("planning]", "planning, after_sale]"), encoding="utf-8")
    base.folder.rename(folder / "base")
    imported = {}
    for who, persons in PERSONS.items():
        shutil.copytree(folder / "base", base.folder)
        files = folder / f"files-{who}"
        files.mkdir()
        text = orders_text([vars_of(persons[at]) for at in BUYERS])
        (files / "ExportOrderList20261101001400.csv").write_text(text, encoding="gb18030")
        (files / "articles.csv").write_text(ARTICLES, encoding="utf-8")
        (files / "stock.csv").write_text(STOCK, encoding="utf-8")
        assert {each.status for each in import_paths(base.cn, [files]).files} == {"imported"}
        imported[who] = folder / who
        base.folder.rename(imported[who])
    return Worlds(base.folder, imported)


_NAME = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(rb'(timestamp|modificationTime|deletionTimestamp|createdTime|[a-z_]*time_ms)(\\*":) ?[0-9]+')
_TOKEN = re.compile(rb"hs256:k[0-9]+:[0-9a-f]*")


def plain(value: object) -> object:
    """JSON with the JSON that stands in its texts."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        return plain(json.loads(value))
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def whole(cells: TwoCells) -> dict[str, bytes]:
    """Every file of the global cell and of the mail, in order, with names and times of the machine renamed."""
    seen: dict[bytes, bytes] = {}

    def renamed(found: re.Match[bytes]) -> bytes:
        return seen.setdefault(found[0], b"machine %d" % len(seen))

    pictures = {}
    paths = [path for part in ("global", "mail") for path in (cells.folder / part).rglob("*") if path.is_file()]
    # A table's log comes before its files, and names them in the order of its parts.
    for path in sorted(paths, key=lambda each: (each.suffix != ".json", _NAME.sub(b"", bytes(each)))):
        content = path.read_bytes()
        if path.suffix == ".json":
            # The library writes the keys of an object in an order of chance.
            lines = [json.dumps(plain(line.decode()), sort_keys=True).encode() for line in content.splitlines()]
            content = _NAME.sub(renamed, _TIME.sub(rb"\1", b"\n".join(lines)))
        pictures[_NAME.sub(renamed, str(path.relative_to(cells.folder)).encode()).decode()] = content
    return pictures


def different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Names of files that one has and the other has not, or not so."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def rows(cells: TwoCells) -> dict[str, list[object]]:
    """Every table that arrived, in the order of its rows, its files and their layout, tokens by first appearance."""
    found: dict[str, list[object]] = {}
    for path in sorted((cells.folder / "global" / "border" / "received").rglob("*.parquet")):
        file = pq.ParquetFile(path)
        groups = [file.metadata.row_group(at) for at in range(file.num_row_groups)]
        layout = [(one.num_rows, [str(one.column(at).encodings) for at in range(one.num_columns)]) for one in groups]
        found[str(path.parent.relative_to(cells.folder))] = [str(file.schema_arrow), layout, *called(file.read())]
    return found


def called(table: pa.Table) -> list[object]:
    seen: dict[str, str] = {}
    return [
        {
            key: seen.setdefault(value, f"token {len(seen)}") if str(value).startswith("hs256:") else value
            for key, value in row.items()
        }
        for row in table.to_pylist()
    ]


def notes(cells: TwoCells) -> dict[str, bytes]:
    """Names of all files, and the content of those that hold no token nor anything that follows from one."""
    kept = {}
    for name, content in whole(cells).items():
        if name.endswith(".json"):
            kept[name] = re.sub(rb'"size": [0-9]+', b"", _TOKEN.sub(b"token", content))
        else:
            follows = name.endswith((".parquet", ".envelope", "accepted")) or "checkpoint" in name
            kept[name] = b"" if follows else content
    return kept


def test_without_tokens_of_buyers_the_global_cell_and_the_mail_are_the_same_byte_for_byte(
    worlds: Worlds, tmp_path: Path
) -> None:
    first = worlds.run("alice", WITHOUT_BUYERS, tmp_path / "alice")
    second = worlds.run("bob", WITHOUT_BUYERS, tmp_path / "bob")
    assert table_rows(first.cn, "persons").num_rows == table_rows(second.cn, "persons").num_rows == 2
    assert different(whole(first), whole(second)) == []
    assert sum(name.endswith(".parquet") for name in whole(first)) >= 4
    assert sum(name.endswith(".envelope") for name in whole(first)) == 3


@contextlib.contextmanager
def watching(seen: list[tuple[str, int]]) -> Iterator[None]:
    """Keep all that a broker can tell of what passes it."""
    take = Connection.take

    async def watched(self: Connection, stream: str, consumer: str) -> list[Arrival]:
        found = await take(self, stream, consumer)
        seen.extend((each.subject, len(each.payload)) for each in found)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Connection, "take", watched)
        yield


def followed(
    worlds: Worlds, who: str, pattern: str, broker: Broker, kept: Path
) -> tuple[TwoCells, TwoCells, list[tuple[str, int]]]:
    """One world under a pattern by both transports: what the folder leaves, what the broker leaves, and what it saw."""
    shutil.rmtree(worlds.place, ignore_errors=True)
    shutil.copytree(worlds.imported[who], worlds.place)
    cells, seen = TwoCells(worlds.place), list[tuple[str, int]]()
    take_on(cells, pattern)
    with fixed(), watching(seen):
        sent = clear(cells.cn)
        assert sent.refused == []
        shutil.copytree(worlds.place, kept / "sealed")
        assert len(receive(cells.abroad).applied) == len(sent.cleared) > 0
        worlds.place.rename(kept / "folder")
        (kept / "sealed").rename(worlds.place)
        linked = put_behind_a_broker(cells, broker)
        with running(broker):
            linked.carry("cn", "global")
            assert len(receive(linked.abroad).applied) == len(sent.cleared)
            linked.carry("global", "cn")
    # Mail of the other world may be the same, and a broker passes no mail on twice.
    shutil.rmtree(broker.messages)
    worlds.place.rename(kept / "broker")
    return TwoCells(kept / "folder"), TwoCells(kept / "broker"), seen


@pytest.fixture(scope="module")
def broker(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """A broker for all patterns, not started, whose keys both worlds have."""
    made = Broker(tmp_path_factory.mktemp("worlds") / "broker")
    made.configure(TwoCells(worlds.imported["alice"]))
    for name in ("cn", "global"):
        keys = {who: worlds.imported[who] / name / "keys" for who in PERSONS}
        shutil.copytree(keys["alice"], keys["bob"], dirs_exist_ok=True)
    return made


@pytest.mark.parametrize("pattern", PATTERNS)
def test_under_every_pattern_and_by_both_transports_the_worlds_are_the_same(
    worlds: Worlds, broker: Broker, tmp_path: Path, pattern: str
) -> None:
    for who in PERSONS:
        (tmp_path / who).mkdir()
    first, second = (followed(worlds, who, pattern, broker, tmp_path / who) for who in PERSONS)
    has_tokens = any(each.shape == "B" for each in shipped_pattern(pattern).of_side("china"))
    for one, other in zip(first[:2], second[:2], strict=True):
        assert rows(one)
        assert rows(one) == rows(other)
        if not has_tokens:
            assert different(whole(one), whole(other)) == []
    if has_tokens:
        assert different(notes(first[0]), notes(second[0])) == []
        assert len(first[2]) == len(second[2]) > 0, (
            "ids and lengths of pieces follow from tokens; their number does not"
        )
    else:
        assert sorted(first[2]) == sorted(second[2])
        assert first[2]


def test_with_tokens_of_buyers_the_rows_are_the_same_after_renaming_and_two_orders_stay_of_one_buyer(
    worlds: Worlds, tmp_path: Path
) -> None:
    first = worlds.run("alice", WITH_BUYERS, tmp_path / "alice")
    second = worlds.run("bob", WITH_BUYERS, tmp_path / "bob")
    assert rows(first) == rows(second)
    (orders,) = [each for name, each in rows(first).items() if "/orders/orders/" in name]
    buyers = [row["buyer_token"] for row in orders[2:] if isinstance(row, dict)]
    assert (len(buyers), len(set(buyers))) == (3, 2)
    assert different(notes(first), notes(second)) == []


LEAKY = """
shape: E
version: 1
title: {en: Leaky, zh: 泄漏}
meaning: A shape as nobody ships one.
purposes: [planning]
datasets:
  - name: parcels
    meaning: Months and amounts of orders.
    source: parcels
    partition: month
    fields:
      - {name: month, type: text, form: period, meaning: Month.}
      - {name: amount, type: integer, meaning: Some number.}
"""


@pytest.fixture
def leaky(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Use a shape of one's own with a source of one's own."""

    def use(source: str) -> None:
        monkeypatch.setattr(compiling, "source_text", lambda name: source if name == "parcels" else source_text(name))
        for module in (naming, permits):
            monkeypatch.setattr(module, "shipped_shape", lambda _letter: shape_from_text(LEAKY, "E"))

    return use


def differs(worlds: Worlds, folder: Path) -> list[str]:
    """Files that are not the same."""
    permits = {"leak": ("E", "planning")}
    first, second = (worlds.run(who, permits, folder / who) for who in PERSONS)
    return different(whole(first), whole(second))


ORDERED = """
select cast(a.month as varchar) as month, cast(p.paid_minor as bigint) as amount, cast(a.name as varchar) as name
from addresses as a join order_positions as p on a.order_key = p.order_key
"""


def test_the_comparison_tells_when_rows_are_ordered_by_something_that_stays_behind(
    worlds: Worlds, tmp_path: Path, leaky: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky(ORDERED)
    assert differs(worlds, tmp_path) == []
    hidden = "select month, amount from source_parcels order by name"

    def ordered(text: str, *, source: str, strict_output: bool = False) -> object:
        return parse(hidden if source == "part of parcels" else text, source=source, strict_output=strict_output)

    monkeypatch.setattr(projecting, "parse", ordered)
    (tmp_path / "ordered").mkdir()
    assert differs(worlds, tmp_path / "ordered")


def test_the_comparison_tells_when_a_value_follows_from_a_person_and_the_gateway_refuses_it_before(
    worlds: Worlds, tmp_path: Path, leaky: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky("select cast(month as varchar) as month, cast(length(name) as bigint) as amount from addresses")
    with pytest.raises(PermitInvalid, match="class personal"):
        differs(worlds, tmp_path)
    monkeypatch.setattr(compiling, "_forbidden", lambda *_: "")
    (tmp_path / "open").mkdir()
    assert differs(worlds, tmp_path / "open")


@pytest.mark.parametrize(
    "asked",
    [
        "count(*) over (partition by name)",
        "count(case when name = 'x' then 1 end)",
        "sum_exact(case when name = 'x' then 1 else 0 end)",
        "row_number() over (order by name)",
        "case when name = 'x' then 1 else 0 end",
    ],
)
def test_a_number_that_answers_a_question_about_a_person_is_personal(asked: str, leaky: Callable[[str], None]) -> None:
    grouped = "" if "over" in asked or asked.startswith("case") else " group by month"
    leaky(f"select cast(month as varchar) as month, cast({asked} as bigint) as amount from addresses{grouped}")
    shape = shape_from_text(LEAKY, "E")
    permit = naming.Permit(
        "leak", "E", "global", "planning", naming.Recipient("a", "EU", "b"), "main", NOW.date(), NOW.date()
    )
    with pytest.raises(PermitInvalid, match="class personal"):
        compiling.compiled(permit, shape)


def test_the_envelope_says_nothing_of_the_machine(worlds: Worlds, tmp_path: Path) -> None:
    cells = worlds.run("alice", {"journals": ("A", "group_accounts")}, tmp_path / "alice")
    (envelope,) = cells.envelopes()
    manifest = json.loads(envelope.read_bytes().split(b"\n", 2)[2].partition(b"\n\n")[0])
    assert manifest["made_at"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert str(tmp_path).encode() not in envelope.read_bytes()
