"""From features to a confidence: the default scorer, and how the candidates of one listing share their doubt.

The default scorer is a table of weights (`data/weights.csv`), fitted by logistic regression on the training splits of
three public product sets (Amazon-Google, Abt-Buy, Walmart-Amazon), rounded; the rows that say so were set by hand,
for those sets have hardly any sizes, packs and barcodes. It needs no training and no library.
"""

from __future__ import annotations

import csv
import math
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

from entrepot.planning.matching.features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTRADICTED_MAX = 0.5
"""Confidence of a pair whose sizes, packs or barcodes contradict is never higher. Our choice."""

_PROBABILITY_MAX = 0.999
_CONTRADICTING = ("size", "pack", "gtin")


class Scorer(Protocol):
    """Says how probable it is that two articles are one."""

    def probabilities(self, pairs: Sequence[Sequence[float]]) -> list[float]:
        """A probability in 0..1 for the features of each pair."""


class DefaultScorer:
    """The shipped weights."""

    def probabilities(self, pairs: Sequence[Sequence[float]]) -> list[float]:
        """A probability in 0..1 for the features of each pair."""
        table = weights()
        by_place = [table.get(name, 0.0) for name in FEATURES]
        bias = table["bias"]
        return [
            1 / (1 + math.exp(-(bias + sum(weight * value for weight, value in zip(by_place, pair, strict=True)))))
            for pair in pairs
        ]


@lru_cache(maxsize=1)
def weights() -> Mapping[str, float]:
    """Feature to weight; `bias` is the sum's beginning."""
    text = resources.files("entrepot.planning.matching").joinpath("data/weights.csv").read_text(encoding="utf-8")
    table = {row["feature"]: float(row["weight"]) for row in csv.DictReader(text.splitlines())}
    assert set(table) <= {*FEATURES, "bias"}, "every weight is a feature's"
    return table


def contradictions(pair: Sequence[float]) -> tuple[str, ...]:
    """Which of size, pack and gtin speak against a pair."""
    return tuple(name for name in _CONTRADICTING if pair[FEATURES.index(name)] < 0)


def confidences(pairs: Sequence[Sequence[float]], probabilities: Sequence[float]) -> list[float]:
    """Confidences of the candidates of one listing, of which at most one is right.

    Args:
        pairs: Their features.
        probabilities: Each candidate's own probability.

    Returns:
        Its odds over the odds of all and of none: two candidates that are equally good leave a half each. A pair with a
        contradiction stays at `CONTRADICTED_MAX` or below.
    """
    odds = [min(each, _PROBABILITY_MAX) / (1 - min(each, _PROBABILITY_MAX)) for each in probabilities]
    total = 1 + sum(odds)
    return [_capped(pair, each / total) for pair, each in zip(pairs, odds, strict=True)]


def _capped(pair: Sequence[float], confidence: float) -> float:
    against = contradictions(pair)
    return min(confidence, CONTRADICTED_MAX) if against else confidence
