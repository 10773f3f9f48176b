"""A document that stands in the ERP as another one: a person settles it there, and the plans that waited for it go on."""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from entrepot.delivery.erp import Address
from entrepot.delivery.intents import IntentLog
from entrepot.delivery.lines import load_documents
from entrepot.delivery.registry import ERPS, erp_named
from entrepot.delivery.running import ADVICE, Runner
from entrepot.sandbox.erps.erpnext import ErpNextSandbox
from entrepot.store import CellLayout, State
from tests.delivery.test_planning import MORE, SALE, Books

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Document, Erp
    from entrepot.delivery.intents import Intent
    from entrepot.engine import DuckDBEngine


class Delivered:
    """A month in an ERP, whose only document a person has changed there while its worker died."""

    def __init__(self, engine: DuckDBEngine, folder: Path, site: ErpNextSandbox, state: State) -> None:
        self.site, self.state, self.now_s, self.key = site, state, 1_000_000.0, ""
        self.books, self.log = Books(engine, folder), IntentLog(state, "erp")
        self.adapter = erp_named("erpnext").connect(Address(site.url, "", site.key, site.secret))
        self.plan(SALE)
        self.run()
        (self.key,) = (each.document_id for each in self.log.documents())
        ((self.name, entry),) = self.site.entries.items()
        self.before = copy.deepcopy(entry)

    def plan(self, *entries: list[dict[str, Any]]) -> None:
        self.books.known = self.log.documents()
        made = self.books.plan(*entries)
        self.log.add(made.intents, made.replaced, made.needs)

    def run(self) -> dict[str, str]:
        runner = Runner(self.adapter, self.log, self._load, clock=lambda: self.now_s)
        while (is_busy := runner.run_once()) or self.log.next_at_s() is not None:
            # What nobody can take up for want of the document in conflict is not waited for.
            self.now_s += 0 if is_busy else 3_600
        return self.statuses()

    def die_in_doubt(self, steps_done: int) -> None:
        """What a worker that died in its call leaves."""
        with self.state.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "update delivery_documents set status = 'sending', steps_done = :steps where document_id = :key"
                ),
                {"steps": steps_done, "key": self.key},
            )

    def change(self, amount: float) -> None:
        """What a person does to the entry."""
        for line in self.site.entries[self.name]["accounts"]:
            for side in ("debit", "credit"):
                line[side] = amount if line[side] else 0.0

    def statuses(self) -> dict[str, str]:
        return {each.document_id.removeprefix(self.key): each.status for each in self.log.documents()}

    def balance(self) -> float:
        """Of the account that took the money."""
        lines = (line for entry in self.site.entries.values() for line in entry["accounts"])
        return round(
            sum(float(line["debit"] - line["credit"]) for line in lines if line["account"] == "1012 - CN01"), 2
        )

    def _load(self, intents: Sequence[Intent]) -> Mapping[str, Document]:
        return load_documents(intents, self.books.files())


@pytest.fixture
def month(duckdb_engine: DuckDBEngine, tmp_path: Path) -> Iterator[Delivered]:
    site = ErpNextSandbox({"CN01": "CNY"}, ("1012", "1122"), ())
    with contextlib.closing(site), contextlib.closing(State(CellLayout(tmp_path))) as state:
        made = Delivered(duckdb_engine, tmp_path, site, state)
        yield made
        made.adapter.close()


def _in_conflict(month: Delivered, steps_done: int = 1) -> None:
    """The entry was changed there; the books changed here, so a later plan wants to take it back."""
    month.change(49.99)
    month.die_in_doubt(steps_done)
    assert month.run() == {"": "conflict"}
    month.plan(SALE, MORE)
    assert month.run() == {"": "conflict", "r": "planned", ".2": "planned"}, "both wait, and nothing is sent past it"
    assert len(month.site.entries) == 1
    assert month.log.retry([]) == [month.key]
    assert month.run()[""] == "conflict", "nothing was mended yet"


def test_once_it_was_mended_it_is_settled_and_taken_back_by_the_plan_that_waited(month: Delivered) -> None:
    _in_conflict(month)
    month.site.entries[month.name] = month.before
    assert month.log.retry([]) == [month.key]
    assert month.run() == {"": "done", "r": "done", ".2": "done"}
    assert (len(month.site.entries), month.balance()) == (3, 50.30)


@pytest.mark.parametrize("steps_done", [0, 1])
def test_once_it_was_taken_away_it_is_sent_anew_where_a_person_names_it_and_only_there(
    month: Delivered, steps_done: int
) -> None:
    """Whether or not anybody heard, before it was in conflict, that it had come in."""
    _in_conflict(month, steps_done)
    del month.site.entries[month.name]
    assert month.log.retry([]) == [month.key]
    assert month.run()[""] == "conflict"
    told = month.log.document(month.key)
    assert told is not None
    assert (told.code, told.words) == ("deleted", f"{month.name} is not in the ERP any more, or not under its key")
    assert month.log.retry([]) == [], "whoever took it away may have meant it"
    assert month.site.entries == {}
    assert month.log.retry([month.key]) == [month.key]
    assert month.run() == {"": "done", "r": "done", ".2": "done"}
    assert (len(month.site.entries), month.balance()) == (3, 50.30)


def test_what_was_there_twice_and_was_taken_away_altogether_comes_again_only_where_it_is_named(
    month: Delivered,
) -> None:
    month.site.entries["another"] = {**copy.deepcopy(month.before), "name": "another"}
    month.die_in_doubt(0)
    assert month.run() == {"": "conflict"}
    month.site.entries.clear()
    assert month.log.retry([]) == [month.key]
    assert (month.run(), month.site.entries) == ({"": "conflict"}, {})
    assert month.log.retry([month.key]) == [month.key]
    assert month.run() == {"": "done"}
    assert (len(month.site.entries), month.balance()) == (1, 50.0)


def test_a_document_that_is_done_and_was_taken_away_later_comes_again_once_it_is_named(month: Delivered) -> None:
    """What an audit calls missing."""
    del month.site.entries[month.name]
    assert month.log.retry([]) == []
    assert month.run() == {"": "done"}
    assert month.log.retry([month.key]) == [month.key]
    assert month.run() == {"": "done"}
    assert (len(month.site.entries), month.balance()) == (1, 50.0)


def test_a_document_that_is_done_and_there_is_looked_at_and_not_sent_again(month: Delivered) -> None:
    assert month.log.retry([month.key]) == [month.key]
    assert month.run() == {"": "done"}
    assert list(month.site.entries) == [month.name]
    month.change(49.99)
    assert month.log.retry([month.key]) == [month.key]
    assert month.run() == {"": "conflict"}


@pytest.mark.parametrize("code", ["deleted", "differs", "twice", "tries_ran_out"])
def test_what_the_runner_tells_a_person_has_an_advice_in_both_languages(code: str) -> None:
    assert set(ADVICE[code]) == {"en", "zh"}


@pytest.mark.parametrize("erp", ERPS, ids=lambda erp: erp.spec.name)
def test_what_to_do_about_a_conflict_is_right_for_every_kind_and_brings_it_back(erp: Erp) -> None:
    """Posted or a draft, what was deleted comes again only where it is named."""
    advice = erp.spec.advice.get("differs", ADVICE["differs"])
    assert "retry TARGET DOCUMENT" in advice["en"]
    assert "retry 目标 单据" in advice["zh"]
    assert "draft" not in advice["en"]
