"""What matching may refuse."""

from __future__ import annotations

from entrepot.errors import Refused


class LearnerMissing(Refused):
    """The learned scorer needs a library that is not installed."""

    code = "matching.learner_missing"

    def __str__(self) -> str:
        return "the learned scorer needs lightgbm: pip install 'entrepot[matching]', or leave --scorer out"


class DecisionsTooFew(Refused):
    """People have decided too few pairs to learn from."""

    code = "matching.decisions_too_few"

    def __init__(self, right: int, wrong: int, pairs_min: int, each_min: int) -> None:
        super().__init__(right, wrong, pairs_min, each_min)
        self.right, self.wrong, self.pairs_min, self.each_min = right, wrong, pairs_min, each_min

    def __str__(self) -> str:
        return (
            f"there are {self.right} accepted and {self.wrong} other pairs to learn from; {self.pairs_min} are needed, "
            f"{self.each_min} of each: decide more proposals first, or leave --scorer out"
        )
