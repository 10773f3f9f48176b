"""Broken files end as an error or a quarantined row, never as a traceback or a silent wrong number.

All variants are imported together, so that one cannot keep the others out.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.cli.importing import open_findings
from entrepot.connectors.registry import all_formats
from entrepot.flows.asking import select_rows, table_rows
from entrepot.flows.importing import import_paths
from entrepot.testing.small_files import Move, Sale, alipay_text, stated_minor, tmall_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.flows.reading import FileReport

_SHOULD_READ = "reads all"
_SHOULD_NAME = "names it"
_SHOULD_REFUSE = "refuses"


_CELL = """
[[entities]]
id = "ours"

[[shops]]
shop = "our shop"
channel = "tmall"
entity = "ours"

[[wallets]]
wallet = "our wallet"
shop = "our shop"
account = "20880000000000000156"
"""


@dataclass(frozen=True)
class Broken:
    """What a variant must lead to, its bytes, and the same as text for the independent reading."""

    wanted: str
    content: bytes
    text: str = ""
    suffix: str = ".csv"


def _ledger(number: int) -> str:
    base = 7_000_000_000_000_000 + number * 1_000
    return alipay_text(
        [
            Move(str(base + 1), str(base + 501), "在线支付", 23_450),
            Move(str(base + 2), str(base + 501), "其它", -1_175, "天猫佣金（类目）"),
            Move(str(base + 3), str(base + 502), "在线支付", 8_900),
            Move(str(base + 4), str(base + 501), "交易退款", -4_700),
            Move(str(base + 5), "", "提现", -10_000),
        ]
    )


def _orders(number: int) -> str:
    base = 8_000_000_000_000_000 + number * 1_000
    return tmall_text(
        [
            Sale(str(base + 1), 25_000, 1_000, 2_500, 500),
            Sale(str(base + 2), 9_900),
            Sale(str(base + 3), 1_990, 600, is_confirmed=False),
        ]
    )


def _put(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def _gbk(text: str) -> bytes:
    return text.encode("gb18030")


def _both(change: Callable[[str], str], make: Callable[[int], str], number: int, wanted: str) -> Broken:
    text = change(make(number))
    return Broken(wanted, _gbk(text), text)


_AMOUNTS = {
    "thousands separator": ('"1,234.50"', _SHOULD_NAME),
    "decimal comma": ('"234,50"', _SHOULD_NAME),
    "full-width digits": ("２３４.５０", _SHOULD_NAME),
    "scientific": ("1e3", _SHOULD_NAME),
    "three decimals": ("234.505", _SHOULD_NAME),
    "a currency sign": ("¥234.50", _SHOULD_NAME),
    "words": ("免费", _SHOULD_NAME),
    "infinite": ("Infinity", _SHOULD_NAME),
    "more than fits": ("99999999999999999.99", _SHOULD_NAME),
    "one decimal": ("234.5", _SHOULD_READ),
    "blanks around": (" 234.50\t", _SHOULD_READ),
    "an apostrophe": ("'234.50", _SHOULD_READ),
    "no decimals": ("234", _SHOULD_READ),
}


def _amount_variants(start: int) -> dict[str, Broken]:
    found = {}
    for number, (name, (cell, wanted)) in enumerate(_AMOUNTS.items(), start=start):
        found[f"alipay income, {name}"] = _both(
            lambda text, cell=cell: _put(text, ",234.50,", f",{cell},"),  # type: ignore[misc]
            _ledger,
            number,
            wanted,
        )
        plain = cell.strip('"')
        found[f"tmall goods, {name}"] = _both(
            lambda text, cell=plain: _put(text, '"250.00"', f'"{cell}"'),  # type: ignore[misc]
            _orders,
            number,
            wanted,
        )
    return found


def _encoding_variants(start: int) -> dict[str, Broken]:
    found = {}
    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"), start=start):
        for kind, make in (("alipay", _ledger), ("tmall", _orders)):
            text = make(number)
            found[f"{kind} in {encoding}"] = Broken(_SHOULD_READ, text.encode(encoding), text)
    text = _ledger(start + 8)
    found["alipay in utf-16 without its mark"] = Broken(_SHOULD_REFUSE, text.encode("utf-16-le"), text)
    text = _orders(start + 9)
    found["tmall, half in one encoding and half in another"] = Broken(
        _SHOULD_NAME, _gbk(text[:400]) + text[400:].encode(), text
    )
    return found


def _cut_variants(start: int) -> dict[str, Broken]:
    ledger, orders = _ledger(start), _orders(start)
    header = ledger[: ledger.index("\n", ledger.index("账务流水号")) + 1]
    in_row = ledger.index("T200P", ledger.index("交易退款") - 120)
    in_character = _gbk(orders)[: len(_gbk(orders[: orders.rindex("卖家已发货")])) + 1]
    cut = _ledger(start + 1)
    return {
        "an empty file": Broken(_SHOULD_REFUSE, b""),
        "only blanks": Broken(_SHOULD_REFUSE, b"\r\n \r\n"),
        "a header only": Broken(_SHOULD_READ, _gbk(header), header),
        "a ledger cut within a row": Broken(_SHOULD_NAME, _gbk(ledger)[: len(_gbk(ledger[:in_row])) + 3], ledger),
        "a list cut within a character": Broken(_SHOULD_NAME, in_character, orders),
        # A clean cut is seen by nothing in the file: the footer with the totals is gone, the rows that are there count.
        "a ledger cut between two rows": Broken(
            _SHOULD_READ,
            _gbk(cut[: cut.index(str(7_000_000_000_000_000 + (start + 1) * 1_000 + 4))]),
            cut[: cut.index(str(7_000_000_000_000_000 + (start + 1) * 1_000 + 4))],
        ),
    }


def _shape_variants(start: int) -> dict[str, Broken]:
    texts = [_ledger(start + number) for number in range(12)]
    orders = [_orders(start + number) for number in range(8)]
    return {
        "NULs in an amount": _as(_SHOULD_NAME, texts[0].replace("234.50", "23\x004.50", 1)),
        "NULs in a text": _as(_SHOULD_NAME, orders[0].replace("name of", "name\x00of", 1)),
        "a PNG": Broken(_SHOULD_REFUSE, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, suffix=".csv"),
        "a PDF": Broken(_SHOULD_REFUSE, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\n", suffix=".csv"),
        "an old workbook that is none": Broken(
            _SHOULD_REFUSE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, suffix=".xls"
        ),
        "a zip that is no workbook": Broken(_SHOULD_REFUSE, _zip({"a.txt": b"hello"}), suffix=".xlsx"),
        "shuffled columns": _as(_SHOULD_READ, _shuffled(orders[1])),
        "a column twice": _as(_SHOULD_NAME, _doubled(orders[2])),
        "an optional column missing": _as(_SHOULD_READ, _without(orders[3], 1)),
        "a required column missing": _as(_SHOULD_REFUSE, _without(orders[4], 4)),
        "an unclosed quote": _as(
            _SHOULD_NAME, orders[5].replace('"buyer of', '"buyer" of "', 1).replace('" of "', '" of ', 1)
        ),
        "an unclosed quote in a ledger": _as(_SHOULD_NAME, texts[1].replace("goods", '"goods', 1)),
        "blank lines": _as(_SHOULD_READ, orders[6].replace("\r\n", "\r\n\r\n")),
        "a total row": _as(
            _SHOULD_READ, orders[7] + '"合计","","369.90","16.00","999.00","1.00","","","","","","","",""\r\n'
        ),
        "a comment in the middle": _as(_SHOULD_READ, texts[2].replace("\n7", "\n#remark\n7", 2)),
        "a row with one cell too many": _as(_SHOULD_NAME, texts[3].replace("goods", "goods,more", 1)),
        "a row with one cell too few": _as(_SHOULD_NAME, texts[4].replace(",goods", "", 1)),
        "line ends of an old Mac": _as(_SHOULD_READ, texts[5].replace("\n", "\r")),
        "a ruined order number": _as(
            _SHOULD_NAME, _orders(start + 20).replace(str(8_000_000_000_000_001 + (start + 20) * 1_000), "8E+15", 1)
        ),
        "a ruined flow number": _as(
            _SHOULD_NAME, texts[6].replace(str(7_000_000_000_000_001 + (start + 6) * 1_000), "7.00E+15", 1)
        ),
        "dates of a spreadsheet": _as(
            _SHOULD_READ, _orders(start + 21).replace("2026-09-01 08:05:00", "2026/9/1 8:05")
        ),
        "dates the American way": _as(
            _SHOULD_NAME, _orders(start + 22).replace("2026-09-01 08:00:00", "9/1/2026 8:00", 1)
        ),
        "an unknown state": _as(_SHOULD_NAME, _orders(start + 23).replace("交易成功", "交易飞升", 1)),
        "an unknown kind of movement": _as(_SHOULD_NAME, texts[7].replace("提现", "神秘扣款", 1)),
        "a huge cell": _as(_SHOULD_READ, _orders(start + 24).replace("name of a buyer", "长" * 300_000, 1)),
        "a wrong control total": _as(_SHOULD_NAME, texts[8].replace("共323.50元", "共999.50元", 1)),
        "the header again in the middle": _as(_SHOULD_NAME, _orders(start + 25) + _orders(start + 26)),
        "semicolons": _as(_SHOULD_READ, _orders(start + 27).replace('","', '";"')),
    }


def _as(wanted: str, text: str) -> Broken:
    return Broken(wanted, _gbk(text), text)


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _lines(rows: list[list[str]]) -> str:
    return "".join('"' + '","'.join(row) + '"\r\n' for row in rows)


def _shuffled(text: str) -> str:
    return _lines([row[::-1] for row in _cells(text)])


def _doubled(text: str) -> str:
    rows = _cells(text)
    return _lines([[*row, row[2] if not number else "77.00"] for number, row in enumerate(rows)])


def _without(text: str, column: int) -> str:
    return _lines([row[:column] + row[column + 1 :] for row in _cells(text)])


def _zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _locked(content: bytes) -> bytes:
    """A zip whose flags say that its members are encrypted."""
    packed = bytearray(content)
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def _archive_variants(start: int) -> dict[str, Broken]:
    inner = _zip({"inner/list.csv": _gbk(_orders(start))})
    texts = [_orders(start + number) for number in range(5)]
    packed = gzip.compress(_gbk(texts[2]), mtime=0)
    whole = bytearray(_zip({"list.csv": _gbk(texts[3]) * 50}))
    whole[200:260] = b"\x55" * 60
    return {
        "a zip in a zip": Broken(_SHOULD_READ, _zip({"inner.zip": inner}), texts[0], ".zip"),
        "a gzip in a zip": Broken(_SHOULD_READ, _zip({"a.csv.gz": gzip.compress(_gbk(texts[1]))}), texts[1], ".zip"),
        "a zip with a password": Broken(_SHOULD_REFUSE, _locked(_zip({"list.csv": _gbk(texts[1])})), suffix=".zip"),
        "a zip cut short": Broken(_SHOULD_REFUSE, inner[:60], suffix=".zip"),
        "a zip with damaged content": Broken(_SHOULD_REFUSE, bytes(whole), suffix=".zip"),
        "a gzip cut short": Broken(_SHOULD_REFUSE, packed[: len(packed) // 2], suffix=".csv.gz"),
        "a gzip that is none": Broken(_SHOULD_REFUSE, _gbk(texts[4]), suffix=".csv.gz"),
    }


def _workbook(text: str, *, numbers: bool) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("sheet")
    for at, row in enumerate(_cells(text)):
        for column, cell in enumerate(row):
            if at and ((numbers and column == 0) or column in (2, 3, 4, 5)):
                sheet.write_number(at, column, float(cell))
            else:
                sheet.write_string(at, column, cell)
    book.close()
    return out.getvalue()


def _variants() -> dict[str, Broken]:
    long_ids = _orders(900).replace("80000000009", "18000000000000009")
    return {
        **_encoding_variants(1),
        **_cut_variants(20),
        **_shape_variants(100),
        **_archive_variants(200),
        **_amount_variants(300),
        "a workbook with amounts as numbers": Broken(
            _SHOULD_READ, _workbook(_orders(901), numbers=False), _orders(901), ".xlsx"
        ),
        "a workbook with short ids as numbers": Broken(
            _SHOULD_READ, _workbook(_orders(902), numbers=True), _orders(902), ".xlsx"
        ),
        "a workbook whose numbers lost digits": Broken(
            _SHOULD_NAME, _workbook(long_ids, numbers=True), long_ids, ".xlsx"
        ),
    }


@dataclass(frozen=True)
class Outcome:
    """What became of a variant: its files, what was booked from them, what is in quarantine."""

    files: list[FileReport]
    booked_minor: int
    quarantined: list[dict[str, Any]]

    @property
    def is_named(self) -> bool:
        return any(file.error or file.quarantined or open_findings(file) for file in self.files)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("broken")
    paths = {}
    for number, (name, broken) in enumerate(_variants().items()):
        paths[name] = folder / f"file{number:03d}{broken.suffix}"
        paths[name].write_bytes(broken.content)
    home = tmp_path_factory.mktemp("home")
    (home / "cell.toml").write_text(_CELL, encoding="utf-8")
    parts = open_cell(home)
    report = import_paths(parts, list(paths.values()))
    orders = select_rows(
        parts,
        "select raw_id, sum(goods_minor + shipping_minor) as n from orders group by 1 union all "
        "select raw_id, sum(amount_minor) as n from settlement_lines group by 1",
    ).to_pylist()
    booked = {row["raw_id"]: int(row["n"]) for row in orders}
    quarantine = table_rows(parts, "quarantine").to_pylist()
    found = {}
    for name, path in paths.items():
        files = [file for file in report.files if file.path.split("!")[0] == str(path)]
        ids = {file.raw_id for file in files}
        found[name] = Outcome(
            files,
            sum(booked.get(str(raw_id), 0) for raw_id in ids),
            [row for row in quarantine if row["raw_id"] in ids],
        )
    return found


@pytest.mark.parametrize("name", _variants())
def test_a_broken_file_is_booked_right_or_named(outcomes: dict[str, Outcome], name: str) -> None:
    broken, outcome = _variants()[name], outcomes[name]
    assert outcome.files
    stated = stated_minor(broken.text.replace('";"', '","'))
    if broken.wanted == _SHOULD_READ:
        assert [file.error for file in outcome.files] == [None] * len(outcome.files)
        assert outcome.booked_minor == stated
        assert not outcome.quarantined
    elif broken.wanted == _SHOULD_REFUSE:
        assert all(file.error and Path(file.path.split("!")[0]).name in file.error for file in outcome.files)
        assert all(file.status in ("unreadable", "not_recognised") for file in outcome.files)
        assert outcome.booked_minor == 0
    else:
        assert outcome.is_named
        for row in outcome.quarantined:
            assert row["file_name"]
            assert row["row_no"] > 0
            assert row["reason"]


def test_rows_beside_a_broken_one_are_booked(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["a ruined order number"].booked_minor == 9_900 + 1_990 + 600
    assert outcomes["alipay income, scientific"].booked_minor == 8_900 - 1_175 - 4_700 - 10_000
    assert [row["row_no"] for row in outcomes["a ruined order number"].quarantined] == [2]
    assert [row["reason"] for row in outcomes["a ruined order number"].quarantined] == ["ruined_id"]
    assert [row["row_no"] for row in outcomes["alipay income, scientific"].quarantined] == [6]
    assert [row["field"] for row in outcomes["alipay income, scientific"].quarantined] == ["收入金额（+元）"]


def test_a_file_that_goes_away_while_others_are_read_is_named(tmp_path: Path) -> None:
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for number, path in enumerate(paths):
        path.write_bytes(_gbk(_orders(500 + number)))
    report = import_paths(
        open_cell(tmp_path / "home"),
        paths,
        progress=lambda step, done, _of: paths[1].unlink(missing_ok=True) if (step, done) == ("read", 0) else None,
    )
    assert [file.status for file in report.files] == ["imported", "unreadable"]
    assert "two.csv" in str(report.files[1].error)


def test_a_member_of_an_archive_without_a_name_keeps_no_other_file_out(tmp_path: Path) -> None:
    archive = tmp_path / "orders.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("nameless", b"nothing")
        packed.writestr("good.csv", _gbk(_orders(520)))
    # A name ends at its first zero byte.
    archive.write_bytes(archive.read_bytes().replace(b"nameless", b"\0ameless"))
    report = import_paths(open_cell(tmp_path / "home"), [archive])
    assert [(file.path, file.status) for file in report.files] == [(f"{archive}!good.csv", "imported")]


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    for number, name in enumerate(("forbidden.csv", "good.csv")):
        (tmp_path / "a" / name).write_bytes(_gbk(_orders(510 + number)))
    plain_open = Path.open

    def guarded(self: Path, *args: Any, **named: Any) -> Any:
        # Root may read everything, so the refusal is made here.
        if self.name == "forbidden.csv":
            raise PermissionError(13, "Permission denied")
        return plain_open(self, *args, **named)

    monkeypatch.setattr(Path, "open", guarded)
    report = import_paths(open_cell(tmp_path / "home"), [tmp_path / "a"])
    assert [file.status for file in report.files] == ["unreadable", "imported"]
    assert "Permission denied" in str(report.files[0].error)


def test_garbage_under_the_header_of_any_known_format_is_accounted_for(tmp_path: Path) -> None:
    paths = []
    for wire in all_formats():
        names = [column.name for column in wire.columns]
        for what, rows in (
            ("header", []),
            ("garbage", [["?!"] * len(names), ["1"] * len(names), ["", *["x"] * (len(names) - 1)]]),
            ("short", [["1"], ["2", "3"]]),
        ):
            path = tmp_path / f"{wire.name}-{what}.csv"
            path.write_text(_lines([names, *rows]), encoding="utf-8-sig")
            paths.append(path)
    report = import_paths(open_cell(tmp_path / "home"), paths)
    for file in report.files:
        assert (file.status, file.error) in (("imported", None), ("refused", file.error)), file.path
        if not file.error:
            assert file.format is not None
            assert Path(file.path).name.startswith(file.format)
            assert file.rows == file.canonical + file.duplicates + file.quarantined
            if "short" in file.path:
                assert file.quarantined == file.rows > 0
