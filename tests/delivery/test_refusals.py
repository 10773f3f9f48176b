"""An ERP whose user may not look: a person is told in its words, and what is in doubt stays so until it was looked up."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.erp import ORDER
from entrepot.delivery.errors import ErpRefused
from entrepot.delivery.registry import erp_named
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, Faults
from tests.delivery.erpnext import test_suite as erpnext
from tests.delivery.odoo import test_suite as odoo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.sandbox.erps.erpnext import ErpNextSandbox
    from entrepot.sandbox.erps.odoo import OdooSandbox
    from entrepot.testing.delivery_bench import ErpUnderTest

    Site = ErpNextSandbox | OdooSandbox

WORDS = {
    "erpnext": ("Sales Order", "PermissionError: Insufficient Permission for Sales Order"),
    "odoo": ("sale.order", "odoo.exceptions.AccessError: You are not allowed to access 'sale.order' records."),
}
"""By ERP, what its user may not touch, and what the ERP says then."""


@pytest.fixture(params=["erpnext", "odoo"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(name: str) -> Iterator[tuple[Site, ErpUnderTest]]:
    if name == "erpnext":
        site = erpnext.sandbox()
        with contextlib.closing(site):
            yield site, erpnext.under_test(site)
        return
    other = odoo.sandbox()
    with contextlib.closing(other):
        yield other, odoo.under_test(other)


@pytest.fixture
def bench(opened: tuple[Site, ErpUnderTest], tmp_path: Path) -> Iterator[Bench]:
    """Two orders, one of which was made by a call whose answer was lost."""
    state = State(CellLayout(tmp_path))
    made = Bench(opened[1], (ORDER,), state, {})
    made.provide()
    made.more(0, 1)
    word = made.erp.words(ORDER)[0]
    adapter = made.erp.connect(Faults("lost after", word))
    made.runner(adapter).run_once()
    adapter.close()
    made.more(1, 1)
    yield made
    made.close()
    state.close()


def test_a_refused_look_is_told_in_the_erps_words_and_looked_up_again_once_it_is_mended(
    bench: Bench, opened: tuple[Site, ErpUnderTest], name: str
) -> None:
    site, _ = opened
    what, words = WORDS[name]
    site.forbidden = (what,)
    bench.run()
    assert bench.statuses() == {"rejected": 2}
    told = {(each.code, each.words) for each in bench.log.documents()}
    assert told == {("unseen_rights", words)}
    assert set(erp_named(name).spec.advice["rights"]) == {"en", "zh"}, "and what to do is known"
    site.forbidden = ()
    assert len(bench.log.retry([])) == 2
    bench.run()
    assert (bench.held(), bench.statuses()) == (bench.once(), {"done": 2})


def test_nothing_takes_the_place_of_what_nobody_could_look_up(
    bench: Bench, opened: tuple[Site, ErpUnderTest], name: str
) -> None:
    """The order that was made is there: a plan that dropped it would bring its successor in beside it."""
    opened[0].forbidden = (WORDS[name][0],)
    bench.run()
    keys = sorted(bench.documents)
    assert bench.log.add([], dict.fromkeys(keys, "")) == keys
    assert not any(each.is_refused_for_sure for each in bench.log.documents())
    assert bench.statuses() == {"rejected": 2}


def test_an_audit_is_refused_in_the_erps_words(bench: Bench, opened: tuple[Site, ErpUnderTest], name: str) -> None:
    opened[0].forbidden = (WORDS[name][0],)
    planned = next(iter(bench.documents.values()))
    with pytest.raises(ErpRefused, match=r"mend it there, then run it again") as refusal:
        bench.adapter.held(ORDER, planned.company, planned.posted_on, planned.posted_on)
    assert (refusal.value.erp, refusal.value.reason, refusal.value.words) == (name, "rights", WORDS[name][1])


def test_an_erp_that_gives_no_answer_is_asked_again_later(
    bench: Bench, opened: tuple[Site, ErpUnderTest], name: str
) -> None:
    """The control: nobody has to act."""
    del opened, name
    adapter = bench.erp.connect(Faults("no connection", times=1_000))
    bench.now_s += 10_000
    bench.runner(adapter).run_once()
    bench.runner(adapter).run_once()
    adapter.close()
    assert set(bench.statuses()) <= {"sending", "planned"}
    bench.run()
    assert (bench.held(), bench.statuses()) == (bench.once(), {"done": 2})
