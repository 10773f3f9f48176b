"""The soak sees what it is there for: with the guard taken out, a worker that dies in its call doubles a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.erp import JOURNAL
from tests.delivery.delivery_soak import Case, Soak, cases
from tests.delivery.soaked import ADAPTERS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("has_intents", [True, False])
def test_a_killed_worker_doubles_a_document_only_where_nothing_was_written_down(
    tmp_path: Path, *, has_intents: bool
) -> None:
    case = Case("dynamics_fo", (JOURNAL,), "killed", "create: sent")
    with ADAPTERS["dynamics_fo"].opened(tmp_path) as erp:
        told = Soak(erp, 0.05, has_intents=has_intents).run(case, "1")
    assert (told.killed, told.documents) == (1, 4)
    assert bool(told.troubles) != has_intents


def test_the_matrix_holds_every_fault_at_every_step_every_point_doubt_races_and_the_control(tmp_path: Path) -> None:
    with ADAPTERS["odoo"].opened(tmp_path) as erp:
        named = [each.name for each in cases("odoo", erp, ADAPTERS["odoo"].kinds)]
    assert len(set(named)) == len(named)
    of_payments = [each for each in named if "odoo, payment, " in each]
    # Nine faults at each of three steps; eight points and any moment; doubt; two races; the control.
    assert len(of_payments) == 9 * 3 + 9 + 1 + 2 + 1
