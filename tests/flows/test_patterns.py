"""Four patterns of the same parts: one workload on each, and a business that goes from one to another."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from entrepot.flows import patterns as flow
from entrepot.flows.border import accept_permit, check_permit, clear, gateway_status
from entrepot.flows.carrying import carry
from entrepot.flows.patterns import apply_pattern, current_pattern
from entrepot.residency.decided import decided_in
from entrepot.residency.gate_errors import PatternUnfit, PatternUnknown
from entrepot.residency.hunt import hunt, values_of_list
from entrepot.residency.patterns.settings import shipped_pattern, shipped_patterns, steps_between
from entrepot.residency.permits.shape import shipped_shape
from entrepot.testing import patterns as workload
from entrepot.testing.patterns import Measured, PairOfCells, measure_pattern, pair_of_cells
from tests.residency.border.asked import asked
from tests.residency.border.two_cells import TwoCells
from tests.residency.links.brokers import Broker, link, running

if TYPE_CHECKING:
    from pathlib import Path

MEASURED = ["edge_vault", "hub_and_spoke", "complete_separation"]
"""Peers let out what these do and run below through a broker; `entrepot pattern compare` measures all four."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> PairOfCells:
    return pair_of_cells(tmp_path_factory.mktemp("pair") / "base")


@pytest.fixture(scope="module")
def run(base: PairOfCells, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Measured], Path]:
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(workload, "ASKED", 1)
        for name in MEASURED:
            found[name] = measure_pattern(base.copied(folder / name), shipped_pattern(name))
    return found, folder


def test_on_each_pattern_nobody_leaks_and_no_order_is_lost_or_doubled(run: tuple[dict[str, Measured], Path]) -> None:
    found, _ = run
    told = {name: (each.leaked, each.lost, each.doubled) for name, each in found.items()}
    assert told == dict.fromkeys(MEASURED, (0, 0, 0))
    assert all(each.waited for each in found.values()), "something waited while the border was down"
    assert {name: each.finest for name, each in found.items()} == {
        "edge_vault": "orders",
        "hub_and_spoke": "orders of a day",
        "complete_separation": "cents of a sum",
    }


def test_the_trade_offs_are_those_that_the_guide_prints(run: tuple[dict[str, Measured], Path]) -> None:
    found, _ = run
    told = {
        name: (each.stale_minutes, each.works_while_cut, each.permits, each.evidence, each.persons, each.steps_to_next)
        for name, each in found.items()
    }
    assert told == {
        "edge_vault": (1, False, 4, 7, 40, 3),
        "hub_and_spoke": (15, True, 3, 2, 0, 10),
        "complete_separation": (43_200, True, 1, 1, 0, None),
    }


def test_the_workload_tells_a_doubled_order_a_lost_one_and_a_leak(
    run: tuple[dict[str, Measured], Path], tmp_path: Path
) -> None:
    _, folder = run
    cells = PairOfCells(folder / "hub_and_spoke", 20, folder)
    pattern = shipped_pattern("hub_and_spoke")
    assert workload._difference(cells, pattern) == (0, 0, "orders of a day")
    assert workload._difference(PairOfCells(cells.folder, 21, cells.later), pattern)[:2] == (2, 0)
    assert workload._difference(PairOfCells(cells.folder, 19, cells.later), pattern)[:2] == (0, 2)
    assert workload._leaked(cells) == 0
    (cells.folder / "in" / "note.txt").write_text("mail for nick-of-invented-0007", encoding="utf-8")
    assert workload._leaked(cells) == 1


def test_a_business_goes_from_separation_to_peers_while_it_runs_and_nothing_is_lost(
    base: PairOfCells, tmp_path: Path
) -> None:
    cells, broker = base.copied(tmp_path / "cells"), Broker(tmp_path / "broker")
    before, after = shipped_pattern("complete_separation"), shipped_pattern("federated_peers")
    cells.take_on("complete_separation")
    cells.send()
    log = gateway_status(cells.cn)["log_size"]
    # Sums lie in the folder that is carried once a month, and a second batch of orders comes in, when the pattern
    # changes and the link goes live; the broker is not there yet.
    cells.go_on()
    cells.take_on("federated_peers")
    assert {current_pattern(cells.cn), current_pattern(cells.abroad)} == {"federated_peers"}
    broker.configure(TwoCells(cells.folder))
    link(TwoCells(cells.folder), broker, keep_folders=True)
    cells.send()
    assert [each.unreachable is not None for each in carry(cells.cn)] == [True]
    with running(broker):
        for parts in (cells.cn, cells.abroad, cells.cn):
            assert [(each.unreachable, each.refused) for each in carry(parts)] == [(None, [])]
        assert hunt(values_of_list(cells.persons), broker.folder).hits == []
    assert cells.take() == 5, "sums, journals, orders and catalogue of China, and the catalogue of the other side"
    assert workload._difference(cells, after) == (0, 0, "orders"), "every order of both batches, once"
    assert workload._difference_of_sums(cells, {"2026-09"})[:2] == (0, 0), "and the sums that were on their way"
    status = gateway_status(cells.cn)
    assert status["log_size"] > log, "the same log goes on"
    assert status["without_outcome"] == []
    assert {each["permit"] for each in status["transfers"]} == {"sums", "journals", "orders", "catalogue-cn"}
    assert {each["step"] for each in status["transfers"]} == {"closed"}
    assert workload._leaked(cells) == 0
    # What the product did is what it says has to be done.
    written = sorted(each.detail for each in steps_between(before, after) if each.what == "write")
    assert written == sorted(each.name for each in after.permits)
    assert [path.name for path in (cells.folder / "cn" / "border" / "permits").glob("*.retired")] == [
        "sums.yaml.retired"
    ]


def test_a_recipient_of_sums_only_gets_no_rows_until_the_pattern_says_so(
    run: tuple[dict[str, Measured], Path], tmp_path: Path
) -> None:
    _, folder = run
    cells = PairOfCells(folder / "complete_separation", 20, folder).copied(tmp_path / "cells")
    decisions = cells.folder / "cn" / "border" / "decisions.yaml"
    assert decided_in(decisions).aggregates_only == ("global",)
    # Somebody writes a permit for rows by hand: the declaration stands against it.
    workload._put_on_file(cells.cn, shipped_pattern("federated_peers"), "china", "global")
    kept = decisions.read_bytes()
    path = flow._write(cells.cn, shipped_pattern("federated_peers").permits[1], "global", workload._terms("cn"))
    accept_permit(cells.abroad, path, "cn")
    (refused,) = clear(cells.cn, ("orders",)).refused
    assert "aggregates_only" in [each.word for each in refused.reasons]
    assert decisions.read_bytes() == kept
    path.unlink()
    cells.take_on("federated_peers")
    assert decided_in(decisions).aggregates_only == ()
    assert check_permit(cells.cn, "orders").reasons == ()


def test_taking_a_pattern_on_again_changes_nothing_and_one_that_does_not_fit_changes_nothing_either(
    base: PairOfCells, tmp_path: Path
) -> None:
    cells = base.copied(tmp_path / "cells")
    cells.take_on("hub_and_spoke")
    folder = cells.folder / "cn" / "border"
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = apply_pattern(cells.cn, "hub-and-spoke", "china", "global", workload._terms("cn"))
    assert (again.before, again.written, again.retired, again.left) == ("hub_and_spoke", (), (), ())
    flow._write(cells.cn, shipped_pattern("complete_separation").permits[0], "global", workload._terms("cn"))
    text = (folder / "permits" / "sums.yaml").read_text(encoding="utf-8")
    (folder / "permits" / "orders.yaml").write_text(text.replace("permit: sums", "permit: orders"), encoding="utf-8")
    with pytest.raises(PatternUnfit, match="permit orders of another shape"):
        apply_pattern(cells.cn, "federated_peers", "china", "global", workload._terms("cn"))
    (folder / "permits" / "orders.yaml").unlink()
    (folder / "permits" / "sums.yaml").unlink()
    with pytest.raises(PatternUnknown, match="edge_vault"):
        apply_pattern(cells.cn, "star", "china", "global", workload._terms("cn"))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == kept


def test_a_retired_permit_comes_back_in_its_very_words(base: PairOfCells, tmp_path: Path) -> None:
    cells = base.copied(tmp_path / "cells")
    cells.take_on("edge_vault")
    path = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    words = path.read_bytes()
    cells.take_on("hub_and_spoke")
    assert not path.exists()
    cells.take_on("federated_peers")
    assert path.read_bytes() == words


def test_the_steps_from_one_to_the_next_are_the_difference_of_two_files() -> None:
    four = shipped_patterns()
    assert [each.pattern for each in four] == [
        *("edge_vault", "hub_and_spoke", "federated_peers", "complete_separation"),
    ]
    assert [len(steps_between(*pair)) for pair in pairwise(four)] == [3, 10, 11]
    assert [steps_between(each, each) for each in four] == [()] * 4
    there = steps_between(four[3], four[2])
    assert there[0].what == "aggregates", "the declaration is lifted before rows are permitted"
    assert steps_between(four[2], four[3])[-3].what == "aggregates", "and made after they are retired"


def test_orders_go_from_no_pattern_into_china() -> None:
    """From abroad to China only what counts no persons leaves: order history of Europeans stays by default."""
    for pattern in shipped_patterns():
        for each in pattern.of_side("abroad"):
            assert not shipped_shape(each.shape).counts_persons, (pattern.pattern, each.name)


def test_the_commands_show_apply_and_compare(
    base: PairOfCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = base.copied(tmp_path / "cells")
    terms = ("--to", "global", "--recipient", "B", "--recipient-region", "EU", "--contact", "privacy@b.invalid")
    home = (*terms, "--processor", "main", "--no-important-data", "--home", cells.folder / "cn")
    assert asked("pattern", "apply", "complete-separation", "--side", "china", *home) == 1
    sums = ("--months", "2026-09:2026-10", "--currency", "CNY", "--json")
    capsys.readouterr()
    assert asked("pattern", "apply", "complete-separation", "--side", "china", *home, *sums) == 0
    told = json.loads(capsys.readouterr().out)
    assert [path.rpartition("/")[2] for path in told["written"]] == ["sums.yaml"]
    assert {each["what"] for each in told["left"]} == {"evidence", "transport", "rhythm"}
    assert asked("pattern", "apply", "hub-and-spoke", "--side", "china", *home, "--lang", "zh") == 0
    for command in (("list",), ("list", "--json"), ("steps", "edge-vault", "hub-and-spoke", "--lang", "zh")):
        assert asked("pattern", *command) == 0
    measured = Measured("edge_vault", 0, 1, 2.0, False, 1, 0, 0, "orders", 2, 4, 7, True, 2880, 40, 1000, 9)
    monkeypatch.setattr(workload, "measure_patterns", lambda *_: [measured])
    monkeypatch.setattr(workload, "pair_of_cells", lambda *_: cells)
    assert asked("pattern", "compare", "--lang", "zh") == 0
    assert "edge_vault" in capsys.readouterr().out
