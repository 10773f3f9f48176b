"""The sums of the sample world, in whole units of money.

Written a second time on purpose: the product has its own rounding, and a rule that two people wrote and that
gives the same cent twice is worth more than one that was copied. There is no floating point number in this
file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero.

    Args:
        numerator: Any integer.
        denominator: A positive integer.
    """
    assert denominator > 0, "a rounding divides by something positive"
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def vat_inside(gross_minor: int, rate_bp: int) -> int:
    """VAT contained in a gross amount, at a rate in basis points."""
    return half_up(gross_minor * rate_bp, 10_000 + rate_bp)


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out over weights by largest remainder, ties to the earlier element.

    Args:
        amount_minor: Any sign; the shares carry the same one.
        weights: None negative; all zero counts as all one.
    """
    if not weights:
        return []
    used = list(weights) if any(weights) else [1] * len(weights)
    total, size = sum(used), abs(amount_minor)
    shares = [size * weight // total for weight in used]
    by_remainder = sorted(range(len(used)), key=lambda at: (-(size * used[at] % total), at))
    for at in by_remainder[: size - sum(shares)]:
        shares[at] += 1
    return [-share for share in shares] if amount_minor < 0 else shares


def is_tie_free(amount_minor: int, lines: Sequence[int], tail: Sequence[int] = ()) -> bool:
    """Does the order in which the lines stand leave the shares as they are?

    Line numbers are not in every file, so the product may see the lines in another order. The world only uses
    amounts whose shares do not depend on it. The tail (shipping, tax) always comes last.
    """
    used = [*lines, *tail]
    if not any(used):
        return len(lines) <= 1
    total, size = sum(used), abs(amount_minor)
    remainders = [size * weight % total for weight in used]
    left_over = size - sum(size * weight // total for weight in used)
    if left_over == 0:
        return True
    # The last unit goes to a group of equal remainders: harmless if all lines of that group get one, or it has one.
    edge = sorted(remainders, reverse=True)[left_over - 1]
    for_group = left_over - sum(1 for rest in remainders if rest > edge)
    lines_in_group = remainders[: len(lines)].count(edge)
    return lines_in_group <= max(1, for_group)


def tie_free_below(amount_minor: int, lines: Sequence[int], tail: Sequence[int] = ()) -> int:
    """The largest amount up to the given one whose shares do not depend on the order of the lines."""
    while amount_minor > 0 and not is_tie_free(amount_minor, lines, tail):
        amount_minor -= 1
    return amount_minor


def translate(amount_minor: int, rate_from: int, rate_to: int) -> int:
    """Turn an amount from one currency into another; both rates in millionths of a unit per euro."""
    return half_up(amount_minor * rate_to, rate_from)


def decimal(amount_minor: int) -> str:
    """Write an amount of a two-decimal currency with a decimal point: -5 is `-0.05`."""
    size = abs(amount_minor)
    return f"{'-' if amount_minor < 0 else ''}{size // 100}.{size % 100:02d}"
