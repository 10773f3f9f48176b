"""Claims: one worker a document, in the order in which documents depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from entrepot.delivery.intents import Change, Intent, IntentLog
from entrepot.store import CellLayout, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def planned(number: int, **facts: Any) -> Intent:
    values = {"document_id": f"d{number}", "base_id": f"d{number}", "kind": "journal", "rank": 0, "role": "document"}
    values |= {"after": "", "entity_id": "cn", "company": "CN", "book": "local", "period": "2026-09"}
    values |= {"posted_on": f"2026-09-{number + 1:02d}", "currency": "CNY", "functional_currency": "CNY"}
    values |= {"debit_minor": 1, "lines": 2, "text": "", "payload_hash": "h", "plan_id": "p"}
    return Intent(target="erp", **{**values, **facts})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IntentLog]:
    state = State(CellLayout(tmp_path))
    yield IntentLog(state, "erp")
    state.close()


def _done(each: Intent) -> Change:
    return Change(each.document_id, "post", "applied", "", {"status": "done"}, is_over=True)


def test_a_claimed_document_is_nobody_elses_until_the_claim_runs_out(log: IntentLog) -> None:
    log.add([planned(1), planned(2)], {})
    (one,) = log.claim(1, 60, 100.0, 9)
    (two,) = log.claim(5, 60, 100.0, 9)
    assert (one.document_id, two.document_id) == ("d1", "d2")
    assert log.claim(5, 60, 159.0, 9) == []
    again = log.claim(5, 60, 161.0, 9)
    assert [each.document_id for each in again] == ["d1", "d2"]
    assert not log.write(one.claimed_by, [_done(one)], 161.0), "who was taken over writes nothing"
    assert log.history("d1") == []
    assert log.write(again[0].claimed_by, [_done(each) for each in again], 170.0)
    assert {each.status for each in log.documents()} == {"done"}


def test_a_claim_that_has_run_out_writes_nothing_even_if_nobody_took_over(log: IntentLog) -> None:
    log.add([planned(1)], {})
    (one,) = log.claim(1, 60, 100.0, 9)
    assert not log.write(one.claimed_by, [_done(one)], 161.0)


def test_a_document_waits_for_the_one_before_it(log: IntentLog) -> None:
    log.add([planned(1), planned(0, after="d1")], {})
    (first,) = log.claim(5, 60, 100.0, 9)
    assert first.document_id == "d1"
    assert log.claim(5, 60, 100.0, 9) == []
    assert log.write(first.claimed_by, [_done(first)], 101.0)
    assert [each.document_id for each in log.claim(5, 60, 102.0, 9)] == ["d0"]


def test_one_claim_holds_documents_of_one_company_and_progress(log: IntentLog) -> None:
    log.add([planned(1), planned(2, company="HK"), planned(3, steps_done=1), planned(4)], {})
    assert [each.document_id for each in log.claim(5, 60, 100.0, 9)] == ["d1", "d4"]


def test_a_claim_holds_fewer_of_a_kind_that_takes_longer(log: IntentLog) -> None:
    log.add([planned(number, kind="order" if number < 4 else "journal", rank=number // 4) for number in range(8)], {})
    assert [each.kind for each in log.claim(3, 60, 100.0, 9, {"order": 2})] == ["order"] * 2
    assert [each.kind for each in log.claim(3, 60, 100.0, 9, {"order": 2})] == ["order"] * 2
    assert [each.kind for each in log.claim(3, 60, 100.0, 9, {"order": 2})] == ["journal"] * 3


def test_no_more_claims_live_than_calls_are_allowed(log: IntentLog) -> None:
    log.add([planned(number) for number in range(1, 5)], {})
    assert log.claim(1, 60, 100.0, 2)
    assert log.claim(1, 60, 100.0, 2)
    assert log.claim(1, 60, 100.0, 2) == []
    assert log.claim(1, 60, 161.0, 2), "claims that ran out do not count"


def test_what_a_worker_has_taken_up_is_not_replaced_and_nothing_takes_its_place(log: IntentLog) -> None:
    log.add([planned(1), planned(2)], {})
    log.claim(1, 60, 100.0, 9)
    held = log.add([planned(8), planned(9)], {"d1": "d8", "d2": "d9"})
    assert held == ["d1"]
    statuses = {each.document_id: each.status for each in log.documents()}
    assert statuses == {"d1": "planned", "d2": "dropped", "d9": "planned"}


@pytest.mark.parametrize(("code", "is_dropped"), [("refused", True), ("tries_ran_out", False), ("unseen_x", False)])
def test_a_plan_drops_what_was_refused_and_nothing_that_came_into_doubt_meanwhile(
    log: IntentLog, code: str, *, is_dropped: bool
) -> None:
    log.add([planned(1, status="rejected", code=code), planned(2, code=code)], {})
    assert log.add([planned(8), planned(9)], {"d1": "d8", "d2": "d9"}) == ([] if is_dropped else ["d1"])
    kept = {each.document_id: each.status for each in log.documents()}
    assert kept["d1"] == ("dropped" if is_dropped else "rejected")
    assert kept["d2"] == "dropped", "what is planned was looked up since"


def test_what_waits_for_a_person_is_in_doubt_when_it_comes_back(log: IntentLog) -> None:
    log.add([planned(1, status="rejected"), planned(2, status="conflict"), planned(3, status="done")], {})
    assert log.retry(["d1"]) == ["d1"]
    assert log.retry([]) == ["d2"]
    assert {each.document_id: each.status for each in log.documents()} == {
        "d1": "sending",
        "d2": "sending",
        "d3": "done",
    }


def test_when_the_next_document_is_due_is_known(log: IntentLog) -> None:
    assert log.next_at_s() is None
    log.add([planned(1, next_at_s=500.0), planned(2, next_at_s=300.0)], {})
    assert log.next_at_s() == 300.0


def _invoice(number: int) -> Intent:
    return planned(number, kind="invoice", rank=2)


def _product(document_id: str, **facts: Any) -> Intent:
    made = {"document_id": document_id, "base_id": "p1", "kind": "product", "rank": 1, "period": "", "company": ""}
    return planned(0, **{**made, **facts})


def test_a_document_waits_for_every_version_of_what_it_needs(log: IntentLog) -> None:
    log.add([_product("p1"), _product("p1.2", after="p1"), _invoice(1), _invoice(2)], {}, [("d1", "p1")])
    (free,) = log.claim(1, 60, 100.0, 9)
    assert free.document_id == "p1"
    (other,) = log.claim(5, 60, 100.0, 9)
    assert other.document_id == "d2", "what needs nothing goes on"
    log.write(free.claimed_by, [_done(free)], 101.0)
    (later,) = log.claim(5, 60, 101.0, 9)
    assert later.document_id == "p1.2"
    assert log.claim(5, 60, 101.0, 9) == []
    log.write(later.claimed_by, [_done(later)], 102.0)
    (waited,) = log.claim(5, 60, 102.0, 9)
    assert waited.document_id == "d1"


def test_nobody_waits_for_what_needs_a_refused_document(log: IntentLog) -> None:
    log.add([_product("p1", status="rejected"), _invoice(1)], {}, [("d1", "p1")])
    assert log.next_at_s() is None
    log.retry([])
    assert log.next_at_s() is not None


def test_nobody_waits_for_a_chain_whose_first_document_waits_for_a_person(log: IntentLog) -> None:
    """The reversal of a document in conflict, and what is to be sent after it: a run has nothing to wait for."""
    log.add([planned(1, status="conflict"), planned(2, after="d1"), planned(3, after="d2")], {})
    assert log.next_at_s() is None
    log.retry([])
    assert log.next_at_s() is not None


def test_a_replacement_that_was_held_back_needs_nothing(log: IntentLog) -> None:
    log.add([_invoice(1)], {})
    log.claim(1, 60, 100.0, 9)
    assert log.add([_invoice(2)], {"d1": "d2"}, [("d2", "p1")]) == ["d1"]
    log.add([_invoice(2), _product("p1")], {}, [("d2", "p1")])


def test_what_was_dropped_is_not_known(log: IntentLog) -> None:
    """An ERP that holds it all the same holds a stranger: its successor stands beside it."""
    log.add([planned(1), planned(2)], {})
    log.add([], {"d1": ""})
    assert log.known_among(["d1", "d2", "d3"]) == {"d2"}


def test_who_retries_late_takes_no_claim_away(log: IntentLog, tmp_path: Path) -> None:
    """Two people say `deliver retry`; a worker takes the document up between them."""
    log.add([planned(1, status="rejected")], {})
    other = State(CellLayout(tmp_path))
    late, taken = IntentLog(other, log.target), list[Intent]()

    def meanwhile(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE") and not taken:
            assert log.retry([]) == ["d1"]
            taken.extend(log.claim(5, 60, 100.0, 9))

    sa.event.listen(other.engine, "before_cursor_execute", meanwhile)
    assert late.retry([]) == []
    assert [each.document_id for each in taken] == ["d1"]
    assert log.claim(5, 60, 101.0, 9) == []
    assert log.write(taken[0].claimed_by, [_done(taken[0])], 101.0)
    other.close()


def _steps_of_a_claim(folder: Path, count: int) -> int:
    """Hundreds of instructions that SQLite carries out for a claim of fifty, when half of the documents are done."""
    state = State(CellLayout(folder))
    log = IntentLog(state, "erp")
    needs = [(f"d{number}", f"d{number - 1}") for number in range(count // 2 + 1, count)]
    log.add(
        [planned(number % 28, document_id=f"d{number}", base_id=f"d{number}") for number in range(count)], {}, needs
    )
    with state.engine.begin() as connection:
        done = sa.text(f"update delivery_documents set status = 'done' where rowid % 2 = {count % 2}")
        connection.execute(done)
    ticks: list[None] = []

    def tick() -> int:
        ticks.append(None)
        return 0

    def watch(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(tick, 100)

    sa.event.listen(state.engine, "checkout", watch)
    assert log.claim(50, 60, 100.0, 9)
    state.close()
    return len(ticks)


def test_a_claim_costs_the_same_however_many_documents_there_are(tmp_path: Path) -> None:
    """It read all of them for each of them, so that twenty thousand took minutes."""
    few, many = (_steps_of_a_claim(tmp_path / str(count), count) for count in (400, 4_000))
    assert many < 2 * few


def test_a_log_of_an_earlier_version_gets_the_indexes_of_this_one(tmp_path: Path) -> None:
    state = State(CellLayout(tmp_path))
    IntentLog(state, "erp")
    with state.engine.begin() as connection:
        connection.execute(sa.text("drop index delivery_documents_open"))
    for _ in range(2):
        IntentLog(state, "erp")
    names = {each["name"] for each in sa.inspect(state.engine).get_indexes("delivery_documents")}
    state.close()
    assert "delivery_documents_open" in names
