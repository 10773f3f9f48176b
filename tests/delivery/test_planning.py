"""What a plan makes of the books, on both engines, and what it does when they change."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.delivery import JournalAsked, read_mapping
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.errors import BooksMixed
from entrepot.delivery.lines import load_documents
from entrepot.delivery.planning import plan_documents
from tests.delivery.entries import entries_table, entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.delivery.planning import Plan
    from entrepot.engine import Engine

MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,wallet,1012,,,
account,platform_receivable,1122,,,
account,suspense,1122,,,
entity,cn,CN01,,,
"""
SALE = entry(
    "e1", "2026-09-03", ("wallet", 5_000), ("platform_receivable", -4_000), ("suspense", -1_000), order_id="o1"
)
OTHER = entry("e2", "2026-09-04", ("wallet", 700), ("platform_receivable", -700), order_id="o2")
MORE = entry("e3", "2026-09-03", ("wallet", 30), ("platform_receivable", -30), order_id="o3")


class Books:
    """A target and the files of its plans."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.known: list[Intent] = []
        self.plans = 0

    def plan(self, *entries: list[dict[str, Any]], **facts: Any) -> Plan:
        self.plans += 1
        self.engine.add_arrow("ledger_entries", entries_table([row for each in entries for row in each]))
        nothing = pa.array([], pa.string())
        names = ("line_id", "settlement_id", "channel")
        self.engine.add_arrow("settlement_lines", pa.table(dict.fromkeys(names, nothing)))
        asked = PlanAsked(
            "erp",
            JournalAsked("2026-09", "day"),
            facts.get("book", ""),
            names_orders=facts.get("names_orders", True),
            reposts=facts.get("reposts", True),
            corrects=facts.get("corrects", False),
            plan_id=f"p{self.plans}",
        )
        mapping = read_mapping(MAPPING, "erp.csv", 0)
        made = plan_documents(self.engine, asked, mapping, self.known, self.files())
        assert made.lines is not None
        pq.write_table(made.lines, self.folder / f"p{self.plans}.parquet")
        dropped = set(made.replaced)
        self.known = [replace(each, status="dropped") if each.document_id in dropped else each for each in self.known]
        self.known += made.intents
        return made

    def files(self) -> dict[str, Path]:
        return {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans + 1)}

    def sent(self, **values: Any) -> None:
        """Everything that is known has come as far as these columns say."""
        self.known = [replace(each, **{"status": "done", "steps_done": 2, **values}) for each in self.known]

    def balances(self, intents: Sequence[Intent]) -> dict[str, int]:
        sums: dict[str, int] = {}
        for each in load_documents(intents, self.files()).values():
            for line in each.lines:
                sums[line.account] = sums.get(line.account, 0) + line.functional_minor
        return sums


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


def test_a_document_holds_a_day_in_the_accounts_of_the_erp_and_is_named_alike_by_both_engines(books: Books) -> None:
    made = books.plan(SALE, OTHER)
    one, other = sorted(made.intents, key=lambda each: each.posted_on)
    assert (one.company, one.posted_on, one.debit_minor, one.lines, one.text) == (
        "CN01",
        "2026-09-03",
        5_000,
        2,
        "tmall s1",
    )
    assert (other.debit_minor, made.documents, made.totals.journals) == (700, 2, 2)
    key = "cn|local|CNY|day|tmall:s1|tmall:s1|2026-09-03"
    assert one.document_id == hashlib.sha256(key.encode()).hexdigest()[:16]
    head = "CN01|2026-09-03|tmall s1|CNY|CNY"
    content = f"{head}|1012|5000|5000;{head}|1122|-5000|-5000"
    assert one.payload_hash == hashlib.sha256(content.encode()).hexdigest()
    document = load_documents([one], books.files())[one.document_id]
    assert [(line.account, line.functional_minor) for line in document.lines] == [("1012", 5_000), ("1122", -5_000)]


def test_the_same_books_plan_nothing_again(books: Books) -> None:
    books.plan(SALE, OTHER)
    again = books.plan(SALE, OTHER)
    assert (again.intents, again.replaced, again.documents) == ([], {}, 2)
    books.sent()
    assert books.plan(SALE, OTHER).intents == []


def test_what_was_not_sent_is_replaced(books: Books) -> None:
    (old,) = books.plan(SALE).intents
    again = books.plan(SALE, MORE)
    (new,) = again.intents
    assert again.replaced == {old.document_id: new.document_id}
    assert (new.document_id, new.base_id, new.after) == (f"{old.document_id}.2", old.document_id, "")


def test_what_was_sent_is_taken_back_before_the_new_one(books: Books) -> None:
    (old,) = books.plan(SALE).intents
    books.sent()
    back, new = books.plan(SALE, MORE).intents
    assert (back.document_id, back.role, back.after) == (f"{old.document_id}r", "reversal", old.document_id)
    assert (new.document_id, new.role, new.after) == (f"{old.document_id}.2", "document", back.document_id)
    assert books.balances([old, back]) == {"1012": 0, "1122": 0}
    assert books.balances([old, back, new]) == {"1012": 5_030, "1122": -5_030}


def test_what_is_gone_is_taken_back_and_comes_under_the_next_number_if_it_comes_again(books: Books) -> None:
    kept, gone = sorted(books.plan(SALE, OTHER).intents, key=lambda each: each.posted_on)
    books.sent()
    (back,) = books.plan(SALE).intents
    assert (back.document_id, back.base_id) == (f"{gone.document_id}r", gone.document_id)
    books.sent()
    assert books.plan(SALE).intents == []
    (again,) = books.plan(SALE, OTHER).intents
    assert (again.document_id, again.role) == (f"{gone.document_id}.2", "document")
    books.sent()
    back_again, third = books.plan(SALE, entry("e2", "2026-09-04", ("wallet", 1), ("suspense", -1))).intents
    assert (back_again.document_id, third.document_id) == (f"{gone.document_id}.2r", f"{gone.document_id}.3")
    assert kept.document_id not in {back.document_id, again.document_id}


def test_with_ask_a_changed_document_is_named_and_nothing_is_planned(books: Books) -> None:
    (old,) = books.plan(SALE).intents
    books.sent()
    asked = books.plan(SALE, MORE, reposts=False)
    assert (asked.intents, asked.asks) == ([], [old.document_id])


CORRECTS = {"reposts": False, "corrects": True}


def _in_the_erp(books: Books) -> dict[str, int]:
    """What all documents that were sent come to, by account."""
    sums: dict[str, int] = {}
    for each in load_documents([one for one in books.known if one.status != "dropped"], books.files()).values():
        assert sum(line.functional_minor for line in each.lines) == 0
        for line in each.lines:
            sums[line.account] = sums.get(line.account, 0) + line.functional_minor
    return {account: minor for account, minor in sums.items() if minor}


def test_with_correct_a_changed_journal_gets_a_journal_of_the_difference(books: Books) -> None:
    """And another one for the next change; what was sent stays as it is."""
    (old,) = books.plan(SALE).intents
    books.sent()
    (first,) = books.plan(SALE, MORE, **CORRECTS).intents
    assert (first.document_id, first.role, first.after) == (f"{old.document_id}.2", "correction", old.document_id)
    assert (first.debit_minor, first.lines, first.text) == (30, 2, f"correction of {old.document_id} tmall s1")
    assert _in_the_erp(books) == {"1012": 5_030, "1122": -5_030}
    books.sent()
    assert books.plan(SALE, MORE, **CORRECTS).intents == [], "the same books plan nothing twice"
    (second,) = books.plan(SALE, **CORRECTS).intents
    assert (second.document_id, second.after) == (f"{old.document_id}.3", first.document_id)
    assert _in_the_erp(books) == {"1012": 5_000, "1122": -5_000}
    books.sent()
    # Also where the target has changed its mind: a reversal of the last document would leave the others.
    (third,) = books.plan(SALE, MORE).intents
    assert (third.role, _in_the_erp(books)) == ("correction", {"1012": 5_030, "1122": -5_030})


def test_with_correct_a_journal_that_is_gone_is_taken_back_once_and_begins_anew(books: Books) -> None:
    (old,) = (each for each in books.plan(SALE, OTHER).intents if each.debit_minor == 5_000)
    books.sent()
    books.plan(SALE, MORE, OTHER, **CORRECTS)
    books.sent()
    (back,) = books.plan(OTHER, **CORRECTS).intents
    assert (back.role, _in_the_erp(books)) == ("reversal", {"1012": 700, "1122": -700})
    books.sent()
    assert books.plan(OTHER, **CORRECTS).intents == []
    (anew,) = books.plan(SALE, OTHER, **CORRECTS).intents
    assert (anew.role, anew.base_id, anew.document_id) == ("document", old.base_id, f"{old.document_id}.4")
    assert _in_the_erp(books) == {"1012": 5_700, "1122": -5_700}


def test_with_correct_a_journal_in_another_currency_is_taken_back_and_sent_anew(books: Books) -> None:
    """The difference of two amounts can have two signs in one line."""
    dollars = [{**row, "currency": "USD", "functional_minor": 7 * row["amount_minor"]} for row in SALE]
    books.plan(dollars)
    books.sent()
    later = [{**row, "functional_minor": 8 * row["amount_minor"]} for row in dollars]
    assert [each.role for each in books.plan(later, **CORRECTS).intents] == ["reversal", "document"]


def test_a_correction_that_was_not_sent_gives_way_to_the_next_or_to_none(books: Books) -> None:
    (old,) = books.plan(SALE).intents
    books.sent()
    (first,) = books.plan(SALE, MORE, **CORRECTS).intents
    twice = entry("e4", "2026-09-03", ("wallet", 5), ("platform_receivable", -5), order_id="o4")
    again = books.plan(SALE, MORE, twice, **CORRECTS)
    assert again.replaced == {first.document_id: f"{old.document_id}.3"}
    assert _in_the_erp(books) == {"1012": 5_035, "1122": -5_035}
    none = books.plan(SALE, **CORRECTS)
    assert (none.intents, none.replaced) == ([], {f"{old.document_id}.3": ""})
    assert _in_the_erp(books) == {"1012": 5_000, "1122": -5_000}
    books.plan(SALE, MORE, **CORRECTS)
    gone = books.plan(OTHER, **CORRECTS)
    assert sorted(each.role for each in gone.intents) == ["document", "reversal"]
    assert _in_the_erp(books) == {"1012": 700, "1122": -700}


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"status": "rejected", "steps_done": 0, "code": "account"}, "replaced"),
        ({"status": "rejected", "steps_done": 0, "code": "tries_ran_out"}, "taken back"),
        ({"status": "rejected", "steps_done": 1, "code": "period"}, "taken back"),
        ({"status": "sending", "steps_done": 0}, "taken back"),
        ({"status": "planned", "steps_done": 0, "claimed_by": "a worker"}, "taken back"),
        ({"status": "planned", "steps_done": 1}, "taken back"),
        ({"status": "conflict", "steps_done": 0}, "taken back"),
    ],
)
def test_only_what_cannot_be_in_the_erp_is_replaced(books: Books, values: dict[str, Any], what: str) -> None:
    (old,) = books.plan(SALE).intents
    books.sent(**values)
    again = books.plan(SALE, MORE)
    assert set(again.replaced) == ({old.document_id} if what == "replaced" else set())
    assert [each.role for each in again.intents] == (["document"] if what == "replaced" else ["reversal", "document"])


def test_without_names_no_text_says_what_it_is_about(books: Books) -> None:
    (named,) = books.plan(SALE).intents
    other = Books(books.engine, books.folder)
    (bare,) = other.plan(SALE, names_orders=False).intents
    assert (named.text, bare.text) == ("tmall s1", "")


def test_two_books_need_a_word(books: Books) -> None:
    group = entry("e9", "2026-09-03", ("wallet", 9), ("suspense", -9), book="group")
    with pytest.raises(BooksMixed, match="group, local"):
        books.plan(SALE, group)
    (only,) = books.plan(SALE, group, book="local").intents
    assert (only.book, only.debit_minor) == ("local", 5_000)


@pytest.mark.parametrize("mode", ["reposts", "corrects"])
def test_the_file_of_a_plan_is_read_once_however_many_of_its_journals_changed(
    books: Books, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Read once for each journal, thousands of them took minutes."""
    many = [
        entry(f"e{day}", f"2026-09-{day:02}", ("wallet", day), ("platform_receivable", -day)) for day in range(1, 10)
    ]
    first = books.plan(*many)
    books.sent()
    changed = [[{**row, "functional_minor": 2 * row["functional_minor"]} for row in each] for each in many]
    changed = [[{**row, "amount_minor": row["functional_minor"]} for row in each] for each in changed]
    read: list[Path] = []
    opened = pq.read_table

    def noted(path: Path, **told: Any) -> pa.Table:
        read.append(path)
        return opened(path, **told)

    monkeypatch.setattr(pq, "read_table", noted)
    later = books.plan(*changed, reposts=mode == "reposts", corrects=mode == "corrects")
    monkeypatch.undo()
    assert read == [books.files()["p1"]]
    assert len(later.intents) == (9 if mode == "corrects" else 18)
    assert books.balances([*first.intents, *later.intents]) == {"1012": 90, "1122": -90}
