"""What a list shows late is found, about as late again, and little is listed many times."""

from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from entrepot.connectors.live.overlap import AGAIN_S, overlap_start_s

_GAPS = st.lists(st.one_of(st.integers(1, 30), st.integers(1, 2_000)), min_size=1, max_size=60)


def _steps_s(overlap_s: int) -> list[int]:
    """The whole overlap, a quarter of it, a quarter of that: down to ten seconds, which every window goes back."""
    steps = [overlap_s]
    while steps[-1] > 10:
        steps.append(steps[-1] // 4)
    return [*(step for step in steps if step > 10), min(overlap_s, 10)]


@given(
    gaps=_GAPS,
    start_s=st.integers(1_600_000_000, 1_600_010_000),
    overlap_s=st.integers(0, 3_600),
    at=st.floats(0, 1, exclude_max=True),
    late=st.floats(0, 1),
)
def test_what_is_shown_late_is_found_by_the_look_after_as_long_again(
    gaps: list[int], start_s: int, overlap_s: int, at: float, late: float
) -> None:
    ends = list(accumulate(gaps, initial=start_s))
    # Looks go on until nothing can be late any more.
    ends += range(ends[-1] + 60, ends[-1] + overlap_s + AGAIN_S + 120, 60)
    changed_s = start_s + int(at * sum(gaps))
    shown_s = changed_s + int(late * overlap_s)
    found_s = next(
        (
            end
            for begin, end in pairwise(ends)
            if shown_s <= end and overlap_start_s(begin, end, overlap_s) <= changed_s < end
        ),
        None,
    )
    assert found_s is not None, "what a list shows within its overlap is lost"
    step_s = min(step for step in _steps_s(overlap_s) if step >= shown_s - changed_s)
    due_s = shown_s + (min(step_s, AGAIN_S) if step_s > 10 else 0)
    assert found_s == next(end for end in ends if end > changed_s and end >= min(found_s, due_s))


def test_a_look_each_second_lists_a_row_some_times_and_not_as_often_as_the_overlap_has_seconds() -> None:
    day_s = 1_600_000_000
    listed_s = sum(end - overlap_start_s(end - 1, end, 600) for end in range(day_s, day_s + 3_600))
    assert 3_600 * 3 < listed_s < 3_600 * 20


def test_a_window_goes_back_no_further_than_is_planned_for() -> None:
    for start_s in range(1_600_000_000, 1_600_000_900, 7):
        for long_s in (1, 60, 299, 300, 1_800):
            begin_s = overlap_start_s(start_s, start_s + long_s, 600)
            assert start_s - 600 - AGAIN_S <= begin_s <= start_s - 10
        assert overlap_start_s(start_s, start_s + AGAIN_S, 600) <= start_s - 600
    assert overlap_start_s(1_600_000_123, 1_600_000_124, 0) == 1_600_000_123
