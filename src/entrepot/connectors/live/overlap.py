"""How far a window goes back before its start, so that what a list shows late is found and little is listed twice.

A list may show a change later than its time of modification says: by seconds as a rule, by the whole overlap of its
feed at worst. To list the whole overlap with every look finds everything and costs without bound: with a look a second,
each row is listed as often as the overlap has seconds. So the overlap has steps, each a quarter of the one before it.
A step is read again whenever a window passes a multiple of its period, and then back to where the reading before may
not have waited long enough. Each row is listed a few times more, and one that comes late is found about as late again.
"""

from __future__ import annotations

AGAIN_S = 300
"""So often the whole overlap is listed again at the most; shorter steps are listed as often as they are long."""

_LEAST_S = 10
"""Every window goes back so far."""

_QUARTER = 4


def overlap_start_s(start_s: int, end_s: int, overlap_s: int) -> int:
    """Where the listing of a window begins.

    What was modified less than a step before the end of any earlier window is listed again once it is a step old: the
    reading before that passed a multiple of the period ended no earlier than the newest multiple before `start_s`.

    Args:
        start_s: Where the window begins, unix seconds by the platform's clock.
        end_s: Where it ends.
        overlap_s: By how much the list may be late; 0 for never.
    Returns:
        Unix seconds, `start_s` or earlier, and no earlier than `overlap_s` and `AGAIN_S` before it.
    """
    begin_s, step_s = start_s - min(overlap_s, _LEAST_S), overlap_s
    while step_s > _LEAST_S:
        period_s = min(step_s, AGAIN_S)
        passed_s = start_s // period_s * period_s
        if end_s - passed_s >= period_s:
            begin_s = min(begin_s, passed_s - step_s)
        step_s //= _QUARTER
    return begin_s
