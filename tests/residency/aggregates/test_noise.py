"""C10: counts of buyers leave with noise, once for each question, within a budget that is spent for good."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from entrepot.engine import parse
from entrepot.flows.asking import newest_tables, table_rows
from entrepot.flows.border import clear, door_for, receive
from entrepot.flows.buyers import counted_buyers
from entrepot.flows.permits import check_permit
from entrepot.residency.aggregates import noise
from entrepot.residency.aggregates.noise import Noise, NoiseLedger, draw, drawn, interval
from entrepot.residency.gate_errors import NoiseLibraryMissing, PermitInvalid
from entrepot.residency.gateway import Gateway
from entrepot.residency.permits.terms import Aggregates
from tests.residency.aggregates.group_cells import TERMS, UNNAMED, group_cells, put_on_file, sums_permit
from tests.residency.border.asked import asked

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.testing.sample_company import ImportedCompany
    from tests.residency.border.two_cells import TwoCells

COUNTS = Aggregates(
    currency="XXX", month_from="2026-08", month_to="2026-10", orders_as_persons=UNNAMED, noise=Noise(500, 1_500)
)
_MONTHS = ("2026-08", "2026-09", "2026-10")
_FAR = 40
"""Noise of epsilon 0.5 is further off than this once in some hundred million counts."""
_DRAWS = 20_000


@pytest.fixture(scope="module")
def paired(small_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Nothing was let out yet; each test works on a copy."""
    cells = group_cells(small_imported, tmp_path_factory.mktemp("counts") / "cells")
    put_on_file(cells)
    sums_permit(cells, COUNTS, "buyers", "L")
    return cells


def _exact(cells: TwoCells) -> Counter[tuple[str, str]]:
    """Whoever bought, counted here: by account, and by order where no file names an account."""
    known = {row["person_key"] for row in table_rows(cells.cn, "persons").to_pylist() if row["role"] == "buyer"}
    with cells.cn.open_engine() as engine:
        newest_tables(cells.cn).open_into(engine, ["orders"])
        text = "select month, channel, order_key, buyer_key from orders where paid_at is not null"
        orders = engine.read(parse(text, source="orders that were paid")).to_pylist()
    seen = set()
    for row in orders:
        if row["buyer_key"] in known:
            seen.add((row["month"], row["channel"], row["buyer_key"]))
        elif row["channel"] in UNNAMED:
            seen.add((row["month"], row["channel"], row["order_key"]))
    return Counter((month, channel) for month, channel, _ in seen)


def test_buyers_leave_once_near_the_truth_and_a_repeat_tells_nothing_new(paired: TwoCells, tmp_path: Path) -> None:
    cells = paired.copied(tmp_path / "cells")
    assert check_permit(cells.cn, "buyers").reasons == ()
    assert not (cells.folder / "cn" / "border" / "releases").exists(), "asking spends nothing"
    [left] = clear(cells.cn).cleared
    assert left.manifest.persons == 0
    assert len(receive(cells.abroad).applied) == 1
    rows = counted_buyers(cells.abroad).to_pylist()
    exact = _exact(cells)
    channels = {shop.channel for shop in cells.cn.settings.shops}
    assert {(row["month"], row["channel"]) for row in rows} == {(m, channel) for m in _MONTHS for channel in channels}
    assert exact.total() > 100
    off = [row["buyers"] - exact[row["month"], row["channel"]] for row in rows]
    assert max(map(abs, off)) <= _FAR
    assert any(off), "there is noise"
    assert {(row["cell"], row["off_by"], row["protection"]) for row in rows} == {("cn", interval(500), "protected")}
    assert clear(cells.cn).cleared == []
    assert check_permit(cells.cn, "buyers").rows == {"buyer_counts": 0}


def test_another_question_costs_again_and_beyond_the_budget_nothing_leaves(paired: TwoCells, tmp_path: Path) -> None:
    """Three months of one question use the year up; the same question to others costs nothing and is told the same."""
    cells = paired.copied(tmp_path / "cells")
    assert len(clear(cells.cn, ("buyers",)).cleared) == 1
    other = msgspec.structs.replace(COUNTS, orders_as_persons=())
    sums_permit(cells, COUNTS, "same", "L")
    sums_permit(cells, other, "other", "L")
    assert check_permit(cells.cn, "same").reasons == ()
    ((word, said, _),) = check_permit(cells.cn, "other").reasons
    assert (word, ", ".join(_MONTHS) in said) == ("noise_budget", True)
    ledger = NoiseLedger(cells.folder / "cn" / "border" / "releases" / "L")
    spent = ledger.year("2026")
    sent = clear(cells.cn, ("same", "other"))
    assert (len(sent.cleared), len(sent.refused)) == (1, 1)
    assert ledger.year("2026") == spent
    assert len(receive(cells.abroad).applied) == 2
    assert counted_buyers(cells.abroad).num_rows == len(_MONTHS) * len(spent[0].counts)
    # A larger budget is a decision of people, and another question then costs its own epsilon.
    sums_permit(cells, msgspec.structs.replace(other, noise=Noise(500, 3_000)), "larger", "L")
    assert len(clear(cells.cn, ("larger",)).cleared) == 1
    assert sum(each.epsilon_milli for each in ledger.year("2026")) == 3_000


@pytest.mark.parametrize("at", ["counted", "sealed"])
def test_what_was_spent_before_a_crash_is_told_after_it_and_not_drawn_anew(
    paired: TwoCells, tmp_path: Path, at: str
) -> None:
    """The gateway dies before anything is written, or after it is sealed: the next one tells what was drawn."""
    cells = paired.copied(tmp_path / "cells")

    def dies(point: str) -> None:
        if point == at:
            raise InterruptedError

    with contextlib.closing(Gateway(door_for(cells.cn), dies)) as gateway, pytest.raises(InterruptedError):
        gateway.clear("buyers")
    spent = NoiseLedger(cells.folder / "cn" / "border" / "releases" / "L").year("2026")
    assert sum(each.epsilon_milli for each in spent) == 1_500
    assert len(clear(cells.cn).cleared) == 1
    assert NoiseLedger(cells.folder / "cn" / "border" / "releases" / "L").year("2026") == spent
    receive(cells.abroad)
    told = {(row["month"], row["channel"]): row["buyers"] for row in counted_buyers(cells.abroad).to_pylist()}
    assert told == {(each.month, channel): count for each in spent for channel, count in each.counts.items()}


def test_the_mean_of_many_requests_tells_of_nobody_and_would_without_the_ledger(tmp_path: Path) -> None:
    """The attack asks again and again whether there are 40 or 41; the control forgets what it told."""
    counts, kept = {"2026-08": {"tmall": 41}}, NoiseLedger(tmp_path / "kept")
    told = set()
    for _ in range(200):
        made = drawn(counts, "q", Noise(500, 500), kept)
        kept.keep(made.fresh)
        told.add(made.months[0].counts["tmall"])
    assert len(told) == 1
    forgetful = NoiseLedger(tmp_path / "forgetful")
    asks = 4_000
    mean = sum(drawn(counts, "q", Noise(500, 500), forgetful).months[0].counts["tmall"] for _ in range(asks)) / asks
    assert abs(mean - 41) < 0.3, "without the ledger 41 is told from 40"


def test_noise_is_the_discrete_laplace_distribution_of_its_epsilon() -> None:
    """Shares within five standard deviations of it."""
    far = 1_000
    found = Counter(each - far for each in draw([far] * _DRAWS, 500))
    shrink = math.exp(-0.5)
    for value in range(-6, 7):
        share = (1 - shrink) / (1 + shrink) * shrink ** abs(value)
        assert abs(found[value] / _DRAWS - share) < 5 * math.sqrt(share * (1 - share) / _DRAWS), value
    shares = [sum(n for value, n in found.items() if abs(value) <= interval(500) - less) / _DRAWS for less in (0, 1)]
    assert shares[0] > 0.945
    assert shares[1] < 0.955
    assert min(draw([0] * 200, 500)) == 0


def test_terms_that_hide_nobody_or_contradict_their_shape_are_refused(paired: TwoCells, tmp_path: Path) -> None:
    cells = paired.copied(tmp_path / "cells")
    for epsilon, budget in ((0, 10), (20, 10), (10_001, 20_000)):
        with pytest.raises(ValueError, match="epsilon_milli"):
            Noise(epsilon, budget)
    with pytest.raises(ValueError, match="month_from"):
        msgspec.structs.replace(COUNTS, month_from="2026-11", month_to="2026-10").__post_init__()
    with pytest.raises(PermitInvalid, match="noise"):
        sums_permit(cells, TERMS, "no-noise", "L")
    with pytest.raises(PermitInvalid, match="noise"):
        sums_permit(cells, msgspec.structs.replace(TERMS, noise=Noise()), "noisy-sums")


def test_without_the_library_nothing_leaves_and_the_error_says_what_to_install(
    paired: TwoCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = paired.copied(tmp_path / "cells")
    monkeypatch.setattr(noise, "find_spec", lambda _name: None)
    with pytest.raises(NoiseLibraryMissing, match=r"entrepot\[noise\]"):
        check_permit(cells.cn, "buyers")


def test_commands_write_the_permit_and_print_what_came(
    paired: TwoCells, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = paired.copied(tmp_path / "cells")
    there, here = cells.folder / "global", cells.folder / "cn"
    assert asked("report", "buyers", "--home", there) == 0
    assert "permit new-counts" in capsys.readouterr().out
    options = ["--to", "global", "--months", "2026-08:2026-09", "--epsilon", "0.25", "--budget", "1"]
    options += ["--recipient", "Brand GmbH", "--recipient-region", "EU", "--contact", "privacy@brand.example"]
    assert asked("permit", "new-counts", "few", *options, "--processor", "cn-shanghai", "--home", here) == 0
    terms = msgspec.yaml.decode((here / "border" / "permits" / "few.yaml").read_bytes())["aggregates"]
    assert terms["noise"] == {"epsilon_milli": 250, "budget_milli": 1_000}
    clear(cells.cn, ("buyers",))
    receive(cells.abroad)
    capsys.readouterr()
    assert asked("report", "buyers", "--json", "--home", there) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == counted_buyers(cells.abroad).to_pylist()
    assert asked("report", "buyers", "--lang", "zh", "--home", there) == 0
    shown = capsys.readouterr().out
    assert "买家人数" in shown
    assert "2026-09" in shown
