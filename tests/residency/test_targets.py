"""A target gets what its permit names, inside the region, and never a person."""

from __future__ import annotations

import pyarrow as pa
import pytest

from entrepot.model import ResidencyClass
from entrepot.residency.targets import FieldNotPermitted, TargetAbroad, TargetPermit, clear_for_target

LINES = pa.table({"account": ["1012"], "text": ["order 1"]})
CLASSES = {"account": ResidencyClass.BUSINESS, "text": ResidencyClass.PSEUDONYMOUS}
PERMIT = TargetPermit("erp", "cn", "bookkeeping", frozenset({"account", "text"}))


def test_permitted_lines_pass_as_they_are() -> None:
    cleared = clear_for_target(LINES, PERMIT, "CN", CLASSES)
    assert (cleared.lines, cleared.permit) == (LINES, PERMIT)


def test_a_target_in_another_region_gets_nothing() -> None:
    with pytest.raises(TargetAbroad, match="hosted in cn, and this cell is of EU"):
        clear_for_target(LINES, PERMIT, "EU", CLASSES)


def test_a_column_that_the_permit_does_not_name_is_refused() -> None:
    with pytest.raises(FieldNotPermitted, match="may not get memo"):
        clear_for_target(LINES.append_column("memo", [["x"]]), PERMIT, "CN", CLASSES)


@pytest.mark.parametrize("never", [ResidencyClass.PERSONAL, ResidencyClass.LOCAL, ResidencyClass.SECRET, None])
def test_a_person_a_local_value_a_secret_and_the_unclassed_never_pass(never: ResidencyClass | None) -> None:
    classes = {**CLASSES, **({"text": never} if never else {})}
    if never is None:
        classes.pop("text")
    with pytest.raises(FieldNotPermitted, match="may not get text"):
        clear_for_target(LINES, PERMIT, "CN", classes)
