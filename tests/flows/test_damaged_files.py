"""Files damaged at random: whatever happens to the bytes, the file is booked right or named."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entrepot.assembly import open_cell
from entrepot.testing.damage import CELL, check_batch, damaged, intact

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILES = 24

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
            content = intact(number)
            for what, place, value in damage:
                content = damaged(content, what, place, value)
            path = Path(folder) / f"file{number:02d}.csv"
            path.write_bytes(content)
            contents[str(path)] = content
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cell.toml").write_text(CELL, encoding="utf-8")
        result = check_batch(open_cell(home), contents)
        assert {path: contents[path].decode("gb18030", errors="replace") for path in result.silent} == {}


def test_a_file_that_says_less_than_was_booked_is_seen() -> None:
    """The check itself: a row that a second reading cannot see, under a header that it cannot find."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cell.toml").write_text(CELL, encoding="utf-8")
        path = Path(folder) / "orders.csv"
        path.write_bytes(intact(0))
        assert check_batch(open_cell(home), {str(path): b""}).silent == [str(path)]
