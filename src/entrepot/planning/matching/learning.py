"""A scorer that learns from pairs which people decided: gradient-boosted trees over the pair's features.

Needs the extra `matching` (lightgbm). Training is repeatable: one thread, fixed seeds, rows in a fixed order.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from entrepot.planning.matching.errors import DecisionsTooFew, LearnerMissing
from entrepot.planning.matching.features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

DECISIONS_MIN = 200
"""Fewer decided pairs than this teach trees more about chance than about articles. Our choice."""

EACH_KIND_MIN = 20
"""So many of the pairs must be right ones, and so many wrong ones. Our choice."""

_ROUNDS = 300
_SEEDS = 5
"""Forests whose answers are averaged: one alone depends on which rows it happened to draw."""

_PARAMETERS: dict[str, object] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class LearnedScorer:
    """Probabilities from trees.

    Args:
        pairs: Features of decided pairs, in a fixed order.
        is_same: What was decided of each.

    Raises:
        LearnerMissing: lightgbm is not installed.
        DecisionsTooFew: There are too few pairs of one kind or of both.
    """

    def __init__(self, pairs: Sequence[Sequence[float]], is_same: Sequence[bool]) -> None:
        if importlib.util.find_spec("lightgbm") is None:
            raise LearnerMissing
        right = sum(is_same)
        if len(is_same) < DECISIONS_MIN or min(right, len(is_same) - right) < EACH_KIND_MIN:
            raise DecisionsTooFew(right, len(is_same) - right, DECISIONS_MIN, EACH_KIND_MIN)
        import lightgbm
        import numpy as np

        data = lightgbm.Dataset(
            np.asarray(pairs, dtype=float), np.asarray(is_same, dtype=float), feature_name=list(FEATURES)
        )
        self._forests = [
            lightgbm.train({**_PARAMETERS, "seed": seed}, data, num_boost_round=_ROUNDS)
            for seed in range(1, _SEEDS + 1)
        ]

    def probabilities(self, pairs: Sequence[Sequence[float]]) -> list[float]:
        """Probability of each pair that both are one article."""
        import numpy as np

        if len(pairs) == 0:
            return []
        rows = np.asarray(pairs, dtype=float)
        answers = [np.asarray(forest.predict(rows)) for forest in self._forests]
        return [float(value) for value in np.mean(answers, axis=0)]
