"""Domains of two real cells, over gateway, envelopes and receiver, with a border that goes down in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from entrepot.cli import app_of
from entrepot.flows.border import clear, door_for, throw_switch
from entrepot.flows.domains import decide_item, domain_rows, waits_of
from entrepot.residency.domains.errors import DomainUndecidable
from entrepot.residency.gate_errors import PermitInvalid
from tests.residency.domains.two_ways import Shared, shared

if TYPE_CHECKING:
    from pathlib import Path

_LAST = "kind: last"
_ASK = "kind: ask"
_EU_TO_CN = ("standard_clauses", "china_transfer_assessment", "supplementary_measures", "record_of_processing")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Two cells with a few articles and some stock, of which nothing is shared yet; China has orders."""
    world = shared(tmp_path_factory.mktemp("domains") / "base")
    world.list_articles("cn", "0", "YX-3,Mask,Brand,9.00,CNY,2026-01-01", stock=40, sells=True)
    eu = ("YX-1,Serum,Brand,2.50,EUR,2026-01-01", "YX-3,Mask,Brand,1.10,EUR,2026-01-01")
    world.list_articles("global", "0", *eu, stock=7)
    return world


@pytest.fixture(scope="module")
def later(base: Shared, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """The same two cells after both changed the same article, each for itself."""
    world = base.copied(tmp_path_factory.mktemp("domains") / "later")
    world.list_articles("cn", "1", "YX-1,Serum 30,Brand,20.00,CNY,2026-01-01")
    world.list_articles("global", "1", "YX-1,Serum thirty,Brand,2.60,EUR,2026-01-01")
    return world


def test_both_cells_come_to_the_declared_result(base: Shared, later: Shared, tmp_path: Path) -> None:
    world = base.copied(tmp_path / "cells")
    for name in ("cn", "global"):
        for kind in ("catalogue", "prices"):
            world.permit(kind, name)
        world.declare(name, "catalogue kind: ask", "prices kind: owner, owner: global")
    world.meet()
    # The border goes down, and both change the same article.
    for name in ("cn", "global"):
        world.go_on_as(name, later)
    world.meet()
    catalogue, prices = (
        [world.held(name, kind, *fields) for name in ("cn", "global")]
        for kind, fields in (("catalogue", ("name",)), ("prices", ("cost_minor", "currency")))
    )
    assert catalogue[0] == catalogue[1]
    assert prices[0] == prices[1]
    # What China changed, it changed after it had seen the first list, and the second list was made without seeing that.
    assert catalogue[0] == [
        ("YX-1", None, None, "asked"),
        ("YX-3", "Mask", "both", "same"),
    ]
    assert prices[0] == [
        ("YX-1/2026-01-01", 260, "EUR", "global", "decided"),
        ("YX-3/2026-01-01", 110, "EUR", "global", "decided"),
    ]
    after = {each.domain: each for each in waits_of(door_for(world.cell("cn")))}
    assert (after["catalogue"].to_leave, after["catalogue"].asked, after["prices"].decided) == (0, 1, 2)
    assert after["catalogue"].arrivals == 2
    decide_item(door_for(world.cell("cn")), "catalogue", "YX-1", "global")
    world.send("cn", "catalogue-cn")
    world.take("global")
    for name in ("cn", "global"):
        assert ("YX-1", "Serum thirty", "global", "decided") in world.held(name, "catalogue", "name")
    with pytest.raises(DomainUndecidable, match="nothing is asked"):
        decide_item(door_for(world.cell("global")), "catalogue", "YX-1", "global")


def test_a_change_that_was_made_before_mail_arrived_had_not_seen_it(
    base: Shared, later: Shared, tmp_path: Path
) -> None:
    world = base.copied(tmp_path / "cells")
    for name in ("cn", "global"):
        world.permit("catalogue", name)
        world.declare(name, f"catalogue {_ASK}")
    for name in ("cn", "global"):
        world.go_on_as(name, later)
    world.send("global", "catalogue-global")
    world.take("cn")  # what stands in China's list by now was written without this
    world.send("cn", "catalogue-cn")
    world.take("global")
    asked = [("YX-1", None, None, "asked"), ("YX-3", "Mask", "both", "same")]
    assert (world.held("cn", "catalogue", "name"), world.held("global", "catalogue", "name")) == (asked, asked)
    home = ["--home", str(world.cells.folder / "cn")]
    told = {
        lang: CliRunner().invoke(app_of(), ["domain", "waits", *home, "--lang", lang]).output for lang in ("en", "zh")
    }
    assert "wait for a decision" in told["en"]
    assert "待人工裁定" in told["zh"]
    assert CliRunner().invoke(app_of(), ["domain", "decide", "catalogue", "YX-1", "--take", "cn", *home]).exit_code == 0
    row, _ = json.loads(CliRunner().invoke(app_of(), ["domain", "show", "catalogue", *home, "--json"]).stdout)
    assert (row["name"], row["origin"], row["state"]) == ("Serum 30", "cn", "decided")
    (waits,) = json.loads(CliRunner().invoke(app_of(), ["domain", "waits", *home, "--json"]).stdout)
    assert (waits["to_leave"], waits["asked"], waits["arrivals"]) == (1, 0, 1)
    (listed,) = json.loads(CliRunner().invoke(app_of(), ["domain", "list", *home, "--json"]).stdout)
    assert (listed["with"], listed["rule"]["kind"]) == ("global", "ask")


def test_companies_of_both_cells_stand_in_one_list(base: Shared, tmp_path: Path) -> None:
    world = base.copied(tmp_path / "cells")
    for name in ("cn", "global"):
        world.permit("companies", name)
        world.declare(name, "companies kind: fields, owner: cn, fields: {functional_currency: global}")
    world.meet()
    assert world.held("cn", "companies", "functional_currency") == [("main", "EUR", "both", "decided")]
    assert world.held("global", "companies", "functional_currency") == [("main", "EUR", "both", "decided")]


def test_stock_goes_one_way_and_what_the_other_cell_states_stays_there(base: Shared, tmp_path: Path) -> None:
    world = base.copied(tmp_path / "cells")
    world.permit("stock", "cn")
    way = "with: {other}, changed_in: [cn], {permit}: stock-cn"
    for name, other, permit in (("cn", "global", "send"), ("global", "cn", "receive")):
        world.write_domains(name, f"  - {{domain: stock, {way.format(other=other, permit=permit)}}}")
    world.meet()
    assert [(each[1], each[2]) for each in world.held("global", "stock", "quantity")] == [(40, "cn")]
    assert world.held("global", "stock", "quantity") == world.held("cn", "stock", "quantity")


def test_orders_are_seen_abroad_under_tokens_and_the_other_way_is_refused_by_default(
    base: Shared, tmp_path: Path
) -> None:
    world = base.copied(tmp_path / "cells")
    for name in ("cn", "global"):
        world.permit("orders", name, "after_sale")
        world.declare(name, "orders")
    assert clear(world.cell("cn"), ("orders-cn",)).refused == []
    (refusal,) = clear(world.cell("global"), ("orders-global",)).refused
    assert "law of China" in str(refusal)
    assert world.take("global") == 1
    seen = domain_rows(door_for(world.cell("global")), "orders").to_pylist()
    own = domain_rows(door_for(world.cell("cn")), "orders").to_pylist()
    assert [each["cell"] for each in seen] == ["cn"] * 3
    assert {str(each["order_token"])[:6] for each in seen} == {"hs256:"}
    told = ("month", "shop", "commercial_state", "paid_band_minor")
    assert sorted([each[name] for name in told] for each in seen) == sorted(
        [each[name] for name in told] for each in own
    )
    (waits,) = waits_of(door_for(world.cell("global")))
    assert waits.refused
    # The control: with all that the law of the region asks for, the same permit lets them out.
    world.put_on_file("global", *_EU_TO_CN)
    (waits,) = waits_of(door_for(world.cell("global")))
    assert waits.refused == ()


def test_a_permit_of_a_shared_shape_lets_out_nothing_without_a_domain(base: Shared, tmp_path: Path) -> None:
    world = base.copied(tmp_path / "cells")
    world.permit("catalogue", "cn")
    with pytest.raises(PermitInvalid, match="no domain is sent by it"):
        clear(world.cell("cn"), ("catalogue-cn",))


def test_what_cannot_leave_waits_and_the_report_says_why(base: Shared, tmp_path: Path) -> None:
    world = base.copied(tmp_path / "cells")
    for name in ("cn", "global"):
        world.permit("catalogue", name)
        world.declare(name, f"catalogue {_LAST}" if name == "cn" else f"catalogue {_ASK}")
    throw_switch(world.cell("cn"), "permit", "catalogue-cn", "stocktaking", "operations", is_open=False)
    (waits,) = waits_of(door_for(world.cell("cn")))
    assert (waits.to_leave, waits.left_at) == (1, "")
    assert waits.refused
    throw_switch(world.cell("cn"), "permit", "catalogue-cn", "stocktaking", "operations", is_open=True)
    world.meet()
    (waits,) = waits_of(door_for(world.cell("cn")))
    assert (waits.to_leave, waits.other_terms, waits.refused) == (0, 1, ())
    assert world.held("cn", "catalogue", "name")[1] == ("YX-3", None, None, "other_terms")
