"""Four patterns of the same parts: one workload on each, and a business that goes from one to another."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from entrepot.flows import patterns as flow
from entrepot.flows.asking import report_rows
from entrepot.flows.border import clear, door_for, gateway_status
from entrepot.flows.carrying import carry
from entrepot.flows.domains import domain_rows
from entrepot.flows.group import group_pnl
from entrepot.flows.patterns import apply_pattern, current_pattern
from entrepot.flows.permits import accept_permit, check_permit
from entrepot.residency.decided import decided_in
from entrepot.residency.domains.kinds import KINDS
from entrepot.residency.domains.settings import domains_in
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

    import pyarrow as pa

MEASURED = ["edge_vault", "hub_and_spoke", "federated_peers", "complete_separation"]


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
        "federated_peers": "orders",
        "complete_separation": "cents of a sum",
    }


def test_stock_that_may_cross_is_there_to_the_unit_and_peers_keep_their_lists_alike(
    run: tuple[dict[str, Measured], Path],
) -> None:
    found, folder = run
    told = {
        name: (each.units_seen, each.units_stated, each.shared_keys, each.unlike_keys) for name, each in found.items()
    }
    assert told == {
        "edge_vault": (42, 42, 0, 0),
        "hub_and_spoke": (42, 42, 0, 0),
        "federated_peers": (54, 54, 7, 0),
        "complete_separation": (0, 0, 0, 0),
    }
    # Each has its own cost of one article; what was changed abroad during the partition holds in China as well.
    cells = PairOfCells(folder / "federated_peers", 20, folder)
    costs = domain_rows(door_for(cells.cn), "prices").to_pylist()
    assert [(str(each["valid_from"]), each["cost_minor"], each["currency"], each["state"]) for each in costs] == [
        ("2026-01-01", 250, "EUR", "decided"),
        ("2026-10-01", 260, "EUR", "one_side"),
    ]


def in_order(report: pa.Table) -> list[dict[str, object]]:
    return sorted(report.to_pylist(), key=str)


def test_a_group_reads_the_same_report_from_live_flow_and_from_one_batch(
    base: PairOfCells, run: tuple[dict[str, Measured], Path], tmp_path: Path
) -> None:
    """I26: live, every round, with a partition, twice and backwards; or all of it at once when everything is there."""
    _, folder = run
    cells = PairOfCells(base.later, 20, base.later).copied(tmp_path / "batch")
    cells.take_on("hub_and_spoke")
    cells.send()
    cells.carry()
    cells.take()
    whole = in_order(group_pnl(cells.abroad, "CNY"))
    assert whole
    assert whole == in_order(report_rows(cells.cn, "pnl", "CNY")), "the China cell's own, for nobody sells abroad"
    for pattern in MEASURED[:3]:
        live = PairOfCells(folder / pattern, 20, folder)
        assert in_order(group_pnl(live.abroad, "CNY")) == whole, pattern


def test_the_trade_offs_are_those_that_the_guide_prints(run: tuple[dict[str, Measured], Path]) -> None:
    found, _ = run
    told = {
        name: (each.stale_minutes, each.works_while_cut, each.permits, each.evidence, each.persons, each.steps_to_next)
        for name, each in found.items()
    }
    assert told == {
        "edge_vault": (1, False, 4, 7, 40, 3),
        "hub_and_spoke": (15, True, 3, 2, 0, 22),
        "federated_peers": (5, True, 9, 7, 40, 19),
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
    assert cells.take() == 9, "sums, journals and orders of China, and catalogue, costs and stock of both sides"
    assert workload._difference(cells, after) == (0, 0, "orders"), "every order of both batches, once"
    assert workload._difference_of_sums(cells, {"2026-09"})[:2] == (0, 0), "and the sums that were on their way"
    assert workload._units_seen(cells, after) == 54, "the stock of both, of both months"
    assert workload._shared(cells, after) == (7, 0), "and both show the same articles, costs and stock"
    status = gateway_status(cells.cn)
    assert status["log_size"] > log, "the same log goes on"
    assert status["without_outcome"] == []
    shared = {"shared-catalogue", "shared-costs", "shared-stock"}
    assert {each["permit"] for each in status["transfers"]} == {"sums", "journals", "orders", *shared}
    assert {each["step"] for each in status["transfers"]} == {"closed"}
    assert workload._leaked(cells) == 0
    # What the product did is what it says has to be done.
    written = sorted(each.detail for each in steps_between(before, after) if each.what == "write")
    assert written == sorted(each.name for each in after.permits)
    declared = domains_in(door_for(cells.abroad).paths.domains, "global")
    assert [(each.domain, each.send) for each in declared] == [(each.domain, each.abroad) for each in after.domains]
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


def test_what_people_declared_of_domains_stays_theirs(base: PairOfCells, tmp_path: Path) -> None:
    cells = base.copied(tmp_path / "cells")
    path = cells.folder / "cn" / "border" / "domains.yaml"
    own = "  - {domain: companies, with: global, changed_in: [cn], send: companies-cn}\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text("domains:\n" + own, encoding="utf-8")
    cells.take_on("federated_peers")
    peers = domains_in(path, "cn")
    assert [each.domain for each in peers] == ["companies", "catalogue", "prices", "stock"]
    # A rule that people changed stays when the pattern is applied again, and what is theirs stays when it is left.
    text = path.read_text(encoding="utf-8").replace("kind: ask", "kind: owner\n    owner: cn")
    path.write_text(text, encoding="utf-8")
    cells.take_on("federated_peers")
    assert path.read_text(encoding="utf-8") == text
    cells.take_on("hub_and_spoke")
    assert domains_in(path, "cn") == peers[:1]
    # A domain stands once: one that people keep with permits of their own has to be taken out first.
    path.write_text("domains:\n" + own.replace("companies", "stock"), encoding="utf-8")
    kept = {each: each.read_bytes() for each in path.parent.rglob("*") if each.is_file()}
    with pytest.raises(PatternUnfit, match="declares stock with permits of your own"):
        apply_pattern(cells.cn, "federated_peers", "china", "global", workload._terms("cn"))
    assert {each: each.read_bytes() for each in path.parent.rglob("*") if each.is_file()} == kept


def test_every_shared_domain_of_a_pattern_is_carried_by_its_permits() -> None:
    for pattern in shipped_patterns():
        flows = {(each.name, each.sender): each.shape for each in pattern.permits}
        for each in pattern.domains:
            shapes = [flows[each.china, "china"], flows[each.abroad, "abroad"]]
            assert shapes == [KINDS[each.domain].shape] * 2, (pattern.pattern, each.domain)
            assert not each.rule.owner, "a pattern knows no cells"
        carried = {name for each in pattern.domains for name in (each.china, each.abroad)}
        assert {each.name for each in pattern.permits if each.shape in set("HIJK")} == carried, pattern.pattern


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
    assert [len(steps_between(*pair)) for pair in pairwise(four)] == [3, 22, 19]
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
    measured = Measured(
        "edge_vault", 0, 1, 2.0, False, 1, 0, 0, "orders", 2, 4, 7, True, 2880, 40, 1000, 9, 42, 42, 0, 0
    )
    monkeypatch.setattr(workload, "measure_patterns", lambda *_: [measured])
    monkeypatch.setattr(workload, "pair_of_cells", lambda *_: cells)
    assert asked("pattern", "compare", "--lang", "zh") == 0
    assert "edge_vault" in capsys.readouterr().out
