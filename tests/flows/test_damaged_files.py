"""Files damaged at random: whatever happens to the bytes, the file is booked right or named."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entrepot.assembly import open_cell
from entrepot.cli.importing import open_findings
from entrepot.flows.asking import select_rows
from entrepot.flows.importing import import_paths
from entrepot.testing.small_files import Move, Sale, alipay_text, stated_minor, tmall_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.flows.parts import CellParts

_FILES = 24
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

_place = st.floats(0, 1, exclude_max=True)
_damage = st.one_of(
    st.tuples(st.just("flip"), _place, st.integers(0, 255)),
    st.tuples(st.just("drop byte"), _place, st.just(0)),
    st.tuples(st.just("drop row"), _place, st.just(0)),
    st.tuples(st.just("repeat row"), _place, st.just(0)),
    st.tuples(st.just("swap cells"), _place, st.integers(0, 8)),
    st.tuples(st.just("cut"), _place, st.just(0)),
    st.tuples(st.just("insert"), _place, st.sampled_from(list(b'",;\n\r\t\x00\xff-.0'))),
)


def _intact(number: int) -> str:
    base = (3_000 + number) * 1_000_000_000_000
    if number % 2:
        return alipay_text(
            [
                Move(str(base + at), str(base + 900 + at), kind, minor, remark)
                for at, (kind, minor, remark) in enumerate(
                    (
                        ("在线支付", 23_450, ""),
                        ("其它", -1_175, "天猫佣金"),
                        ("在线支付", 8_900, ""),
                        ("交易退款", -4_700, ""),
                        ("提现", -10_000, ""),
                    ),
                    start=1,
                )
            ]
        )
    return tmall_text([Sale(str(base + at), 10_000 + 77 * at, 100 * at, 50 * at) for at in range(1, 6)])


def _damaged(content: bytes, what: str, place: float, value: int) -> bytes:
    at = int(place * len(content))
    within = {
        "flip": content[:at] + bytes([value]) + content[at + 1 :],
        "drop byte": content[:at] + content[at + 1 :],
        "insert": content[:at] + bytes([value]) + content[at:],
        "cut": content[: max(at, 1)],
    }
    if what in within:
        return within[what]
    lines = content.splitlines(keepends=True)
    row = int(place * len(lines))
    if what == "drop row":
        return b"".join(lines[:row] + lines[row + 1 :])
    if what == "repeat row":
        return b"".join(lines[: row + 1] + lines[row:])
    cells = lines[row].split(b",")
    cells[value % len(cells)], cells[-1] = cells[-1], cells[value % len(cells)]
    return b"".join([*lines[:row], b",".join(cells), *lines[row + 1 :]])


@settings(
    max_examples=5,
    deadline=None,
    database=None,
    # A case is short enough to read as it is; making it shorter would take minutes.
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(st.lists(_damage, min_size=1, max_size=2), min_size=_FILES, max_size=_FILES))
def test_a_damaged_file_is_booked_right_or_named(damages: Sequence[Sequence[tuple[str, float, int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        contents: dict[str, bytes] = {}
        for number, damage in enumerate(damages):
            content = _intact(number).encode("gb18030")
            for what, place, value in damage:
                content = _damaged(content, what, place, value)
            contents[str(Path(folder) / f"file{number:02d}.csv")] = content
            Path(folder, f"file{number:02d}.csv").write_bytes(content)
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cell.toml").write_text(_CELL, encoding="utf-8")
        _check(open_cell(home), contents)


def _check(parts: CellParts, contents: dict[str, bytes]) -> None:
    report = import_paths(parts, [Path(path) for path in contents])
    booked = {
        row["raw_id"]: int(row["n"])
        for row in select_rows(
            parts,
            """
        select raw_id, sum(goods_minor + shipping_minor) as n from orders group by 1
        union all select raw_id, sum(amount_minor) as n from settlement_lines group by 1""",
        ).to_pylist()
    }
    assert len(report.files) == len(contents)
    for file in report.files:
        if file.error or file.quarantined or file.duplicates or open_findings(file):
            continue
        # Nobody is told of anything, so the file must say what was booked, to whoever reads it.
        stated = stated_minor(contents[file.path].decode(file.encoding or "utf-8"))
        assert booked.get(str(file.raw_id), 0) == stated, contents[file.path].decode("gb18030", errors="replace")
