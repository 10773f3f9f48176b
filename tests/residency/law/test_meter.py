"""The persons meter: exact, distinct, by processor and year, on disk before anything is sent, never taken back."""

from __future__ import annotations

import itertools
import os
import pickle
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.residency.law_errors import MeterBusy, MeterConflict, MeterInvalid
from entrepot.residency.meter import Persons, PersonsMeter
from entrepot.residency.meter_batch import batch_of
from entrepot.residency.meter_reading import SUBJECTS
from entrepot.residency.profile import load_profile
from entrepot.residency.routes import decide
from tests.residency.law.law_cases import facts
from tests.residency.law.questions import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.residency.meter import MeterReading

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


def people(*rows: tuple[str, str, str] | str) -> pa.Table:
    """Rows of person key, class and subject; a bare key is a buyer without sensitive data."""
    full = [(row, "non_sensitive", "buyer") if isinstance(row, str) else row for row in rows]
    columns = list(zip(*full, strict=True)) or [(), (), ()]
    return pa.table(
        dict(zip(("person_key", "class", "subject"), (pa.array(c, pa.string()) for c in columns), strict=True))
    )


@pytest.fixture
def meter(tmp_path: Path) -> Iterator[PersonsMeter]:
    with PersonsMeter.open(tmp_path / "persons.meter") as opened:
        yield opened


def counted(reading: MeterReading) -> tuple[int, int]:
    return reading.after.counted.sensitive, reading.after.counted.non_sensitive


def test_a_person_counts_once_in_however_many_transfers_and_for_whatever_recipients(meter: PersonsMeter) -> None:
    first = meter.record("t1", "shanghai", AT, people("a", "b", "a"), False)
    second = meter.record("t2", "shanghai", AT, people("b", "c"), False)
    assert (counted(first), counted(second)) == ((0, 2), (0, 3))
    assert (second.before.counted, second.after.counted) == (Persons(0, 2), Persons(0, 3))


def test_who_is_sensitive_once_is_sensitive_and_no_longer_counted_as_the_other(meter: PersonsMeter) -> None:
    meter.record("t1", "shanghai", AT, people("a", "b"), False)
    second = meter.record("t2", "shanghai", AT, people(("a", "sensitive", "buyer")), False)
    third = meter.record("t3", "shanghai", AT, people("a"), False)
    assert counted(second) == counted(third) == (1, 1)


def test_kinds_of_subjects_are_told_apart_and_a_person_of_two_kinds_is_one(meter: PersonsMeter) -> None:
    rows = [(f"p-{name}", "non_sensitive", name) for name in SUBJECTS]
    found = meter.record("t", "shanghai", AT, people(*rows, ("p-buyer", "sensitive", "recipient")), False)
    assert counted(found) == (1, 6)
    assert found.after.by_subject == {
        name: Persons(int(name == "buyer") + int(name == "recipient"), 0 if name == "buyer" else 1) for name in SUBJECTS
    }


def test_processors_and_years_are_counted_apart(meter: PersonsMeter) -> None:
    meter.record("t1", "shanghai", AT, people("a"), False)
    meter.record("t2", "beijing", AT, people("a", "b"), False)
    # 31 December, 16:00 in London is 2027 in Shanghai.
    meter.record("t3", "shanghai", datetime(2026, 12, 31, 16, 0, tzinfo=UTC), people("a", "c", "d"), False)
    asked = (("shanghai", 2026), ("beijing", 2026), ("shanghai", 2027), ("shanghai", 2025))
    assert [counted(meter.reading(*each)) for each in asked] == [(0, 1), (0, 2), (0, 3), (0, 0)]


def test_the_years_are_those_of_the_meters_zone(tmp_path: Path) -> None:
    with PersonsMeter.open(tmp_path / "eu", "Europe/Brussels") as meter:
        assert meter.year_of(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == 2026
    with pytest.raises(MeterInvalid, match="its years are of Europe/Brussels, not of Asia/Shanghai"):
        PersonsMeter.open(tmp_path / "eu")


def test_exempt_persons_are_kept_apart_and_both_totals_are_there(meter: PersonsMeter) -> None:
    meter.record("t1", "shanghai", AT, people("a", "b"), False)
    found = meter.record("t2", "shanghai", AT, people("b", ("c", "sensitive", "buyer")), True)
    assert (found.after.counted, found.after.exempt, found.after.everyone) == (
        Persons(0, 2),
        Persons(1, 1),
        Persons(1, 2),
    )
    assert found.after.toward_lines(count_exempt=False) == Persons(0, 2)
    assert found.after.toward_lines(count_exempt=True) == Persons(1, 2)


def test_a_preview_says_what_a_transfer_would_make_and_changes_nothing(meter: PersonsMeter, tmp_path: Path) -> None:
    meter.record("t1", "shanghai", AT, people("a", "b"), False)
    before = (tmp_path / "persons.meter").read_bytes()
    asked = people("b", ("a", "sensitive", "buyer"), "c")
    shown = meter.preview("shanghai", 2026, asked)
    assert (shown.before.counted, shown.after.counted) == (Persons(0, 2), Persons(1, 2))
    assert meter.preview("shanghai", 2026, asked, exempt=True).after.exempt == Persons(1, 2)
    assert (tmp_path / "persons.meter").read_bytes() == before
    assert counted(meter.reading("shanghai", 2026)) == (0, 2)
    assert meter.record("t2", "shanghai", AT, asked, False).after == shown.after


def test_what_others_count_between_preview_and_record_is_seen(meter: PersonsMeter, tmp_path: Path) -> None:
    batch = batch_of(people("a", "b", ("c", "sensitive", "buyer")))
    assert batch.persons == 3
    assert counted(meter.preview("shanghai", 2026, batch)) == (1, 2)
    with PersonsMeter.open(tmp_path / "persons.meter") as other:
        other.record("t0", "shanghai", AT, people("b", ("c", "sensitive", "buyer")), False)
    found = meter.record("t1", "shanghai", AT, batch, False)
    assert (found.before.counted, found.after.counted) == (Persons(1, 1), Persons(1, 2))
    assert meter.recount("shanghai", 2026) == meter.reading("shanghai", 2026).after


def test_a_batch_of_which_counting_failed_is_taken_in_anew(meter: PersonsMeter) -> None:
    batch = batch_of(people("a", "b"))
    meter.record("t1", "shanghai", AT, people("c"), False)
    with pytest.raises(MeterConflict):
        meter.record("t1", "shanghai", AT, batch, False)
    assert counted(meter.preview("shanghai", 2026, batch)) == (0, 3)
    meter.record("t2", "shanghai", AT, batch, False)
    assert meter.recount("shanghai", 2026) == meter.reading("shanghai", 2026).after
    assert counted(meter.reading("shanghai", 2026)) == (0, 3)


def test_the_same_transfer_again_counts_nothing_and_says_what_it_said(meter: PersonsMeter) -> None:
    first = meter.record("t1", "shanghai", AT, people("a", "b"), False)
    meter.record("t2", "shanghai", AT, people("c"), False)
    again = meter.record("t1", "shanghai", AT, people("b", "a", "a"), False)
    assert again == first
    assert counted(meter.reading("shanghai", 2026)) == (0, 3)


CONFLICTS = {
    "with another person": {"persons": people("a", "x")},
    "with a sensitive value": {"persons": people("a", ("b", "sensitive", "buyer"))},
    "as another subject": {"persons": people("a", ("b", "non_sensitive", "recipient"))},
    "exempt": {"exempt": True},
    "in another year": {"at": datetime(2027, 9, 1, tzinfo=UTC)},
    "unlinked": {"linked": False},
}


@pytest.mark.parametrize("title", CONFLICTS)
def test_a_transfer_of_that_id_cannot_come_back(meter: PersonsMeter, title: str) -> None:
    told: dict[str, object] = {"at": AT, "persons": people("a", "b"), "exempt": False}
    meter.record("t1", "shanghai", **told)  # type: ignore[arg-type]
    with pytest.raises(MeterConflict, match="transfer t1: it was counted with other"):
        meter.record("t1", "shanghai", **(told | CONFLICTS[title]))  # type: ignore[arg-type]
    assert counted(meter.reading("shanghai", 2026)) == (0, 2)
    assert counted(meter.reading("shanghai", 2027)) == (0, 0)


def test_joint_processors_count_the_same_transfer_each(meter: PersonsMeter) -> None:
    for processor in ("shanghai", "paris"):
        meter.record("t1", processor, AT, people("a"), False)
    assert [counted(meter.reading(name, 2026)) for name in ("shanghai", "paris")] == [(0, 1), (0, 1)]


def test_without_declared_flows_every_reading_says_this_system_only(meter: PersonsMeter) -> None:
    assert meter.record("t1", "shanghai", AT, people("a"), False).this_system_only
    meter.declare("shanghai", 2026, "none", Persons(), evidence="memo 3", approver="Li Na")
    found = meter.reading("shanghai", 2026)
    assert (found.this_system_only, found.upper_bound) == (False, False)
    assert meter.reading("shanghai", 2027).this_system_only


def test_declared_flows_and_the_opening_balance_are_in_every_total(meter: PersonsMeter) -> None:
    meter.record("t1", "shanghai", AT, people("a"), False)
    meter.declare("shanghai", 2026, "opening", Persons(10, 1_000), evidence="filing 7", approver="Li Na")
    found = meter.declare("shanghai", 2026, "carrier", Persons(0, 50), evidence="list", approver="Li Na", exempt=True)
    assert found.after.counted == Persons(10, 1_001)
    assert found.after.exempt == Persons(0, 50)
    assert found.after.everyone == Persons(10, 1_051)
    assert found.upper_bound
    shown = meter.preview("shanghai", 2026, people("b"))
    assert counted(shown) == (10, 1_002)


def test_a_flow_is_stated_again_only_higher(meter: PersonsMeter) -> None:
    meter.declare("shanghai", 2026, "opening", Persons(10, 100), evidence="filing 7", approver="Li Na")
    for less in (Persons(9, 200), Persons(10, 99)):
        with pytest.raises(MeterConflict, match="flow opening"):
            meter.declare("shanghai", 2026, "opening", less, evidence="x", approver="Li Na")
    with pytest.raises(MeterConflict, match="flow opening"):
        meter.declare("shanghai", 2026, "opening", Persons(10, 100), evidence="x", approver="Li Na", exempt=True)
    assert counted(meter.reading("shanghai", 2026)) == (10, 100)
    meter.declare("shanghai", 2026, "opening", Persons(20, 100), evidence="filing 8", approver="Li Na")
    assert counted(meter.reading("shanghai", 2026)) == (20, 100)
    for again in (Persons(20, 100), Persons(30, 90)):
        meter.declare("shanghai", 2026, "opening", again, evidence="filing 9", approver="Li Na")
        assert meter.reading("shanghai", 2026).after.counted == again


@pytest.mark.parametrize(("evidence", "approver", "flow"), [(" ", "Li Na", "f"), ("e", "", "f"), ("e", "Li Na", " ")])
def test_a_declaration_names_evidence_approver_and_flow(
    meter: PersonsMeter, evidence: str, approver: str, flow: str
) -> None:
    with pytest.raises(MeterInvalid, match="a declaration names"):
        meter.declare("shanghai", 2026, flow, Persons(1, 1), evidence=evidence, approver=approver)
    with pytest.raises(MeterInvalid, match="0 or more"):
        meter.declare("shanghai", 2026, "f", Persons(-1, 1), evidence="e", approver="a")
    assert meter.reading("shanghai", 2026).this_system_only


def test_persons_who_cannot_be_told_apart_make_an_upper_bound(meter: PersonsMeter) -> None:
    assert not meter.record("t1", "shanghai", AT, people("a"), False).upper_bound
    assert meter.record("t2", "shanghai", AT, people("order-1", "order-2"), False, linked=False).upper_bound
    assert meter.record("t3", "shanghai", AT, people("a"), False).upper_bound
    assert not meter.reading("beijing", 2026).upper_bound


SECRET = "13800001111"
WRONG = {
    "no key": (people((SECRET, "non_sensitive", "buyer"), ("", "non_sensitive", "buyer")), "1 rows have no person key"),
    "an unknown class": (people((SECRET, SECRET, "buyer")), "1 rows have no class of sensitive, non_sensitive"),
    "an unknown subject": (people((SECRET, "sensitive", SECRET)), "1 rows have no subject of buyer"),
    "a column more": (people(SECRET).append_column("phone", pa.array([SECRET])), "and no others"),
    "numbers": (people(SECRET).set_column(0, "person_key", pa.array([1])), "its columns are text"),
    "null": (people(SECRET).set_column(0, "person_key", pa.array([None], pa.string())), "1 rows have no person key"),
}


@pytest.mark.parametrize("title", WRONG)
def test_what_cannot_be_counted_is_refused_without_a_value(meter: PersonsMeter, title: str) -> None:
    table, problem = WRONG[title]
    with pytest.raises(MeterInvalid, match=problem) as caught:
        meter.record("t1", "shanghai", AT, table, False)
    with pytest.raises(MeterInvalid, match=problem):
        meter.preview("shanghai", 2026, table)
    assert SECRET not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert counted(meter.reading("shanghai", 2026)) == (0, 0)


def test_the_file_holds_no_person_key_and_is_its_owners(meter: PersonsMeter, tmp_path: Path) -> None:
    meter.record("t1", "shanghai", AT, people(SECRET), False)
    path = tmp_path / "persons.meter"
    assert SECRET.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["persons.meter"]


def test_a_file_that_is_no_meter_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "persons.meter"
    path.write_bytes(b"something else entirely, long enough to be looked at" * 40)
    with pytest.raises(MeterInvalid, match="its file is no meter"):
        PersonsMeter.open(path)
    assert path.read_bytes().startswith(b"something else")


def test_a_meter_held_by_another_is_tried_again_later(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "m", isolation_level=None, timeout=10)
    with PersonsMeter.open(tmp_path / "m") as meter:
        meter._connection.execute("pragma busy_timeout = 10")
        other.execute("begin exclusive")
        with pytest.raises(MeterBusy, match="nothing was counted"):
            meter.record("t1", "shanghai", AT, people("a"), False)
        other.execute("rollback")
        other.close()
        assert counted(meter.reading("shanghai", 2026)) == (0, 0)


def run(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


COUNT_MANY = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    import pyarrow as pa
    from entrepot.residency.meter import PersonsMeter
    path, name, first = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with PersonsMeter.open(path) as meter:
        for turn in range(20):
            keys = [f"p{first + turn * 10 + at}" for at in range(20)]
            kinds = ["sensitive" if at == 0 else "non_sensitive" for at in range(20)]
            table = pa.table({"person_key": keys, "class": kinds, "subject": ["buyer"] * 20})
            meter.record(f"{name}-{turn}", "shanghai", datetime(2026, 9, 1, tzinfo=UTC), table, False)
"""


def test_two_processes_that_record_at_once_lose_nobody_and_count_nobody_twice(tmp_path: Path) -> None:
    path = tmp_path / "m"
    PersonsMeter.open(path).close()
    writers = [run(COUNT_MANY, path, "one", 0), run(COUNT_MANY, path, "two", 105)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    # Persons 0 to 209 and 105 to 314; the sensitive ones are 0, 10, … 190 and 105, 115, … 295.
    with PersonsMeter.open(path) as meter:
        assert counted(meter.reading("shanghai", 2026)) == (40, 315 - 40)
        assert meter.recount("shanghai", 2026) == meter.reading("shanghai", 2026).after


DIE = """
    import os, sys
    from datetime import UTC, datetime
    from pathlib import Path
    import pyarrow as pa
    from entrepot.residency import meter as module
    if sys.argv[2] == "before":
        module.msgspec.json.encode = lambda reading: os._exit(9)
    meter = module.PersonsMeter.open(Path(sys.argv[1]))
    table = pa.table({"person_key": ["a", "b"], "class": ["sensitive"] * 2, "subject": ["buyer"] * 2})
    meter.record("t1", "shanghai", datetime(2026, 9, 1, 4, tzinfo=UTC), table, False)
    os._exit(9)
"""


@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 2)])
def test_a_crash_between_counting_and_sending_leaves_the_count_and_one_within_it_leaves_nothing_half(
    tmp_path: Path, when: str, kept: int
) -> None:
    assert run(DIE, tmp_path / "m", when).wait(60) == 9
    with PersonsMeter.open(tmp_path / "m") as meter:
        assert counted(meter.reading("shanghai", 2026)) == (kept, 0)
        asked = people(("a", "sensitive", "buyer"), ("b", "sensitive", "buyer"))
        assert counted(meter.record("t1", "shanghai", AT, asked, False)) == (2, 0)
        assert counted(meter.reading("shanghai", 2026)) == (2, 0)


ROW = st.tuples(
    st.sampled_from("abcdef"), st.sampled_from(["sensitive", "non_sensitive"]), st.sampled_from(sorted(SUBJECTS))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transfers=st.lists(st.tuples(st.lists(ROW, min_size=1, max_size=8), st.booleans()), min_size=1, max_size=6))
def test_whatever_is_recorded_the_totals_are_those_of_plain_sets(
    tmp_path_factory: pytest.TempPathFactory, transfers: list[tuple[list[tuple[str, str, str]], bool]]
) -> None:
    with PersonsMeter.open(tmp_path_factory.mktemp("meter") / "m") as meter:
        for number, (rows, exempt) in enumerate(transfers):
            batch = batch_of(people(*rows))
            shown = meter.preview("shanghai", 2026, batch, exempt=exempt)
            found = meter.record(f"t{number}", "shanghai", AT, batch, exempt)
            meter.record(f"t{number}", "joint", AT, batch, exempt)
            assert shown.after == found.after
        last = meter.reading("shanghai", 2026)
        assert meter.recount("shanghai", 2026) == last.after
        assert meter.recount("joint", 2026) == meter.reading("joint", 2026).after == last.after

    def of(wanted: set[bool]) -> Persons:
        rows = list(itertools.chain.from_iterable(rows for rows, exempt in transfers if exempt in wanted))
        sensitive = {key for key, kind, _ in rows if kind == "sensitive"}
        return Persons(len(sensitive), len({key for key, _, _ in rows} - sensitive))

    assert (last.after.counted, last.after.exempt, last.after.everyone) == (of({False}), of({True}), of({False, True}))


def test_splitting_a_volume_over_recipients_and_flows_does_not_stay_under_a_line(meter: PersonsMeter) -> None:
    profile = load_profile("CN", DAY)
    meter.declare("shanghai", 2026, "opening", Persons(0, 99_990), evidence="filing 7", approver="Li Na")
    routes = []
    for number in range(4):
        shown = meter.record(f"t{number}", "shanghai", AT, people(*(f"{number}-{at}" for at in range(4))), False)
        lines = shown.after.toward_lines(count_exempt=profile.count_exempt)
        asked = facts(
            recipient=f"recipient-{number}", non_sensitive_total=lines.non_sensitive, sensitive_total=lines.sensitive
        )
        routes.append((lines.non_sensitive, decide(profile, asked).route))
    assert routes == [
        (99_994, "free"),
        (99_998, "free"),
        (100_002, "standard_contract_or_certification"),
        (100_006, "standard_contract_or_certification"),
    ]


def test_who_records_takes_its_turn_before_it_looks(tmp_path: Path) -> None:
    with PersonsMeter.open(tmp_path / "m") as first, PersonsMeter.open(tmp_path / "m") as second:
        second._connection.execute("pragma busy_timeout = 10")
        with first._transaction(), pytest.raises(MeterBusy):
            second.record("t1", "shanghai", AT, people("a"), False)
        assert counted(second.record("t1", "shanghai", AT, people("a"), False)) == (0, 1)


def test_long_texts_of_arrow_are_texts_too(meter: PersonsMeter) -> None:
    columns = people("a", "b")
    long = columns.cast(pa.schema([(name, pa.large_string()) for name in columns.column_names]))
    assert counted(meter.record("t1", "shanghai", AT, long, False)) == (0, 2)
