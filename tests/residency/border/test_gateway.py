"""What leaves through the door, what does not, and what is written down of both."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from entrepot.flows.border import (
    clear,
    door_for,
    gateway_status,
    receive,
    throw_switch,
    verifier_of,
)
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import check_permit, preview, rotate_tokens
from entrepot.residency.border_state import Step
from entrepot.residency.envelope import opened
from entrepot.residency.gate_errors import ClearanceRefused, PermitUnknown, Reason
from entrepot.residency.gateway import Gateway
from entrepot.residency.meter_reading import Persons
from entrepot.residency.profile import Words
from entrepot.residency.transferlog import entry_from_bytes
from entrepot.testing.small_files import Move, Sale
from entrepot_verify.cli import main as entrepot_verify
from tests.residency.border.two_cells import EVERY_EXPORT, SALES, SHOP, TwoCells, two_cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.residency.envelope import OpenedEnvelope


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Both cells with three orders in the China one; each test works on a copy."""
    made = two_cells(tmp_path_factory.mktemp("sold"))
    made.sell()
    return made


@pytest.fixture
def cells(sold: TwoCells, tmp_path: Path) -> TwoCells:
    return sold.copied(tmp_path / "cells")


def log_of(cells: TwoCells) -> list[dict[str, Any]]:
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        return [entry_from_bytes(each) for each in gateway.log.entries(0, gateway.log.size)]


def counted(cells: TwoCells) -> int:
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        everyone = gateway.meter.reading("main", 2026).after.everyone
        return everyone.sensitive + everyone.non_sensitive


def mail(cells: TwoCells, at: int = -1) -> OpenedEnvelope:
    companion = door_for(cells.abroad).companions["cn"]
    return opened(cells.envelopes()[at], [companion.verifier])


def rows_in(cells: TwoCells, dataset: str, folder: Path, at: int = -1) -> list[dict[str, Any]]:
    envelope = mail(cells, at)
    folder.mkdir(exist_ok=True)
    found = []
    for fact in envelope.manifest.files:
        if fact.dataset == dataset:
            found += pq.read_table(envelope.take_out(fact, folder)).to_pylist()
    return found


def test_journals_leave_balanced_and_name_no_order(cells: TwoCells, tmp_path: Path) -> None:
    cells.permit()
    cells.put_on_file("important_data_determination")
    sent = clear(cells.cn)
    assert [(each.manifest.permit, each.manifest.route, each.transfer.step) for each in sent.cleared] == [
        ("journals", "free", Step.CLOSED)
    ]
    rows = rows_in(cells, "journals", tmp_path / "out")
    balance: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["batch_key"], row["currency"])
        balance[key] = balance.get(key, 0) + row["amount_minor"]
    assert balance
    assert set(balance.values()) == {0}
    assert sum(row["amount_minor"] for row in rows if row["account"] == "revenue_goods") == -154_87
    content = cells.envelopes()[0].read_bytes()
    assert all(sale.order_id.encode() not in content for sale in SALES)


@pytest.mark.parametrize("missing", EVERY_EXPORT)
def test_each_piece_of_evidence_that_lacks_keeps_orders_inside(cells: TwoCells, missing: str) -> None:
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*(kind for kind in EVERY_EXPORT if kind != missing))
    (refusal,) = clear(cells.cn).refused
    assert refusal.reasons
    assert {each.word for each in refusal.reasons} == {"evidence_none_on_file"}
    assert cells.envelopes() == []
    assert counted(cells) == 0
    assert [(each["kind"], each["code"]) for each in log_of(cells)] == [("refusal", "clearance.evidence_none_on_file")]


def test_with_all_evidence_orders_leave_and_every_person_is_counted_before(cells: TwoCells, tmp_path: Path) -> None:
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*EVERY_EXPORT)
    (cleared,) = clear(cells.cn).cleared
    # Three buyers by account; no list of the test names recipients apart.
    assert (cleared.transfer.persons, counted(cells)) == (3, 3)
    intent, outcome = log_of(cells)
    assert (intent["persons_before"], intent["persons_after"]) == (
        {"persons": 0, "sensitive": 0},
        {"persons": 3, "sensitive": 0},
    )
    assert (intent["kind"], outcome["kind"], outcome["verdict"]) == ("intent", "outcome", "sent")
    assert outcome["envelope_hash"] == cleared.transfer.envelope_hash
    rows = rows_in(cells, "orders", tmp_path / "out")
    assert sorted(row["paid_minor"] for row in rows) == [30_00, 50_00, 103_00]
    assert all(row["order_token"].startswith("hs256:k1:") for row in rows)
    assert len({row["order_token"] for row in rows}) == 3
    assert not any(sale.order_id in str(rows) for sale in SALES)


def test_the_same_order_has_the_same_token_in_both_tables_and_another_for_another_purpose(
    cells: TwoCells, tmp_path: Path
) -> None:
    cells.permit("orders", "B", "planning")
    cells.permit("history", "B", "group_accounts")
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    tokens = {}
    for at, name in enumerate(("history", "orders")):
        orders = {row["order_token"] for row in rows_in(cells, "orders", tmp_path / name, at)}
        lines = {row["order_token"] for row in rows_in(cells, "order_lines", tmp_path / name, at)}
        assert orders == lines
        tokens[name] = orders
    assert tokens["orders"].isdisjoint(tokens["history"])


def test_nothing_leaves_before_it_is_said_whether_important_data_is_among_it(cells: TwoCells) -> None:
    cells.permit(important_data=None)
    cells.put_on_file(*EVERY_EXPORT)
    (refusal,) = clear(cells.cn).refused
    assert refusal.reasons[0].word == "route_refused"
    assert "important data" in refusal.reasons[0].said.en
    assert cells.envelopes() == []


def test_platforms_have_to_permit_that_their_data_is_taken_out(cells: TwoCells) -> None:
    cells.permit("one", platforms={"tmall": "agreement-7"})
    cells.permit("none", platforms={})
    cells.put_on_file("important_data_determination")
    reasons = {each.permit: {one.word: one.said.en for one in each.reasons} for each in clear(cells.cn).refused}
    assert reasons == {
        "one": {"platform_permission": "no permission of alipay is named"},
        "none": {"platform_permission": "no permission of alipay, tmall is named"},
    }
    assert cells.envelopes() == []


def test_the_company_s_own_list_needs_no_permission_of_a_platform(cells: TwoCells, tmp_path: Path) -> None:
    (tmp_path / "sku_list.csv").write_text("SKU,成本,币种,生效日期\nYX-1,10.00,CNY,2026-01-01\n", encoding="utf-8")
    import_paths(cells.cn, [tmp_path / "sku_list.csv"])
    cells.permit("catalogue", "E", "planning", platforms={})
    cells.put_on_file("important_data_determination")
    assert [each.manifest.permit for each in clear(cells.cn).cleared] == ["catalogue"]


def test_the_cap_of_a_permit_is_not_passed_by_one_person(cells: TwoCells) -> None:
    cells.permit("orders", "B", "planning", persons_max=2)
    cells.put_on_file(*EVERY_EXPORT)
    (refusal,) = clear(cells.cn).refused
    assert refusal.reasons == (
        Reason("cap", Words("this transfer would bring you to 3 of 2 persons", "本次传输后将达 3 人，上限 2 人")),
    )
    assert counted(cells) == 0
    text = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    text.write_text(text.read_text(encoding="utf-8").replace("persons_max: 2", "persons_max: 3"), encoding="utf-8")
    assert len(clear(cells.cn).cleared) == 1


def test_a_switch_is_read_before_each_transfer_and_opens_again(cells: TwoCells) -> None:
    cells.permit()
    cells.put_on_file("important_data_determination")
    for kind, name in (("permit", "journals"), ("recipient", "global"), ("cell", "")):
        throw_switch(cells.cn, kind, name, "incident", "privacy-officer", is_open=False)
        (refusal,) = clear(cells.cn).refused
        assert [each.word for each in refusal.reasons] == ["switched_off"]
        assert refusal.reasons[0].said.en == f"{kind} {name}".rstrip() + " is switched off"
        throw_switch(cells.cn, kind, name, "solved", "privacy-officer", is_open=True)
    assert cells.envelopes() == []
    assert len(clear(cells.cn).cleared) == 1
    assert [each["kind"] for each in log_of(cells)].count("switch") == 6


def test_with_new_token_keys_everything_leaves_again_under_other_tokens(cells: TwoCells, tmp_path: Path) -> None:
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    before = {row["order_token"] for row in rows_in(cells, "orders", tmp_path / "out")}
    assert rotate_tokens(cells.cn, "orders") == "k2"
    (cleared,) = clear(cells.cn).cleared
    assert cleared.manifest.tokens == {"buyer_token": "hs256:k2", "order_token": "hs256:k2"}
    after = {row["order_token"] for row in rows_in(cells, "orders", tmp_path / "out")}
    assert (len(after), before & after) == (3, set())
    assert counted(cells) == 3
    assert [each.sequence for each in receive(cells.abroad).applied] == [1, 2]


def test_a_permit_stops_when_nobody_cosigns_for_longer_than_it_says(cells: TwoCells) -> None:
    path = cells.permit()
    cells.put_on_file("important_data_determination")
    text = path.read_text(encoding="utf-8").replace("uncosigned_days_max: null", "uncosigned_days_max: 3")
    path.write_text(text, encoding="utf-8")
    clear(cells.cn)
    cells.sell([Sale("2800000000000000009", 77_00)], [Move("F9", "2800000000000000009", "在线支付", 77_00)], "second")
    door = door_for(cells.cn)
    for days, may_leave in ((3, True), (4, False)):
        then = datetime.now(UTC) + timedelta(days=days, minutes=1)
        late = replace(door, now=partial([then].__getitem__, 0))
        with contextlib.closing(Gateway(late)) as gateway, gateway.prepared("journals") as (prepared, _):
            assert (prepared.reasons == ()) is may_leave
            if not may_leave:
                assert [each.word for each in prepared.reasons] == ["uncosigned"]


def test_nothing_is_sealed_that_has_nowhere_to_go(cells: TwoCells) -> None:
    cells.permit()
    cells.put_on_file("important_data_determination")
    settings = cells.folder / "cn" / "cell.toml"
    kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("send")]
    settings.write_text("\n".join(kept) + "\n", encoding="utf-8")
    (refusal,) = clear(cells.cn).refused
    assert [each.word for each in refusal.reasons] == ["no_mail_folder"]
    assert not (cells.folder / "cn" / "border" / "sent").exists()


def test_an_expired_permit_lets_nothing_out(cells: TwoCells) -> None:
    path = cells.permit()
    cells.put_on_file("important_data_determination")
    text = path.read_text(encoding="utf-8")
    for word, day in (("valid_from", "2024-01-01"), ("valid_to", "2024-12-31")):
        line = next(each for each in text.splitlines() if each.startswith(word))
        text = text.replace(line, f"{word}: {day}")
    path.write_text(text, encoding="utf-8")
    (refusal,) = clear(cells.cn).refused
    assert [(each.word, each.said.en) for each in refusal.reasons] == [
        ("expired", "the permit is valid from 2024-01-01 to 2024-12-31")
    ]


def test_an_unknown_permit_is_refused_by_name(cells: TwoCells) -> None:
    with pytest.raises(PermitUnknown, match="no permit nothing; there is none yet"):
        clear(cells.cn, ("nothing",))


def test_what_the_recipient_holds_does_not_leave_again_and_what_changed_leaves_as_a_whole_part(
    cells: TwoCells, tmp_path: Path
) -> None:
    cells.permit()
    cells.put_on_file("important_data_determination")
    assert len(clear(cells.cn).cleared) == 1
    again = clear(cells.cn)
    assert (again.cleared, again.up_to_date) == ([], ["journals"])
    cells.sell([Sale("2800000000000000009", 77_00)], [Move("F9", "2800000000000000009", "在线支付", 77_00)], "second")
    (cleared,) = clear(cells.cn).cleared
    assert (cleared.manifest.sequence, cleared.manifest.after) == (2, 1)
    assert {each.part for each in cleared.manifest.files} == {"2026-09"}
    revenue = [row for row in rows_in(cells, "journals", tmp_path / "out") if row["account"] == "revenue_goods"]
    assert sum(row["amount_minor"] for row in revenue) == -154_87 - 68_14


def test_a_permit_for_some_shops_says_nothing_of_others(cells: TwoCells) -> None:
    cells.permit("other", shops=("another shop",))
    cells.put_on_file("important_data_determination")
    assert sum(check_permit(cells.cn, "other").rows.values()) == 0
    cells.permit("ours", shops=(SHOP,))
    assert check_permit(cells.cn, "ours").rows["sales"] > 0


def test_checking_and_previewing_count_nobody_write_nothing_down_and_let_nothing_out(cells: TwoCells) -> None:
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*EVERY_EXPORT)
    found = check_permit(cells.cn, "orders")
    assert (found.rows["orders"], found.persons, found.reasons) == (3, 3, ())
    assert found.persons_before == {"non_sensitive": 0, "sensitive": 0}
    assert found.persons_after == {"non_sensitive": 3, "sensitive": 0}
    shown = preview(cells.cn, "orders", 2)
    assert shown["orders"].num_rows == 2
    assert (counted(cells), log_of(cells), cells.envelopes()) == (0, [], [])
    assert gateway_status(cells.cn)["transfers"] == []


class _DiedError(Exception):
    pass


POINTS = (
    *("begun", "counted", "intent written", "intended", "sealed", "seal written"),
    *("handed over", "sent", "outcome written"),
)
SEALED = POINTS.index("seal written")


def _dying(at: str) -> Callable[[str], None]:
    def point(name: str) -> None:
        if name == at:
            raise _DiedError

    return point


@pytest.mark.parametrize("at", POINTS)
def test_a_gateway_that_dies_anywhere_leaves_an_outcome_for_every_intent_and_nothing_twice(
    cells: TwoCells, at: str
) -> None:
    cells.permit("orders", "B", "planning")
    cells.put_on_file(*EVERY_EXPORT)
    with contextlib.closing(Gateway(door_for(cells.cn), _dying(at))) as gateway, pytest.raises(_DiedError):
        gateway.clear("orders")
    written = "intent written" in POINTS[: POINTS.index(at) + 1] and at != "outcome written"
    assert len(gateway_status(cells.cn)["without_outcome"]) == int(written)
    # What was sealed leaves on the next start; anything else is abandoned and leaves anew.
    sent = clear(cells.cn)
    entries = log_of(cells)
    intents = [each["transfer"] for each in entries if each["kind"] == "intent"]
    outcomes = [each["transfer"] for each in entries if each["kind"] == "outcome"]
    assert intents
    assert sorted(intents) == sorted(outcomes)
    assert len(set(intents)) == len(intents)
    assert len(cells.envelopes()) == 1
    assert counted(cells) == 3
    assert len(sent.cleared) == (0 if POINTS.index(at) >= SEALED else 1)
    arrivals = receive(cells.abroad)
    assert ([each.permit for each in arrivals.applied], arrivals.waiting, arrivals.refused) == (["orders"], 0, [])
    assert clear(cells.cn).up_to_date == ["orders"]
    assert verified(cells) == 0


def verified(cells: TwoCells) -> int:
    """What the independent verifier says of the China cell's log."""
    return entrepot_verify(
        [str(cells.folder / "cn" / "border" / "log"), "--key", verifier_of(cells.cn), "--witness", _witness(cells)]
    )


def _witness(cells: TwoCells) -> str:
    return str(door_for(cells.cn).companions["global"].witness)


def test_the_log_stays_whole_through_declarations_refusals_and_switches(cells: TwoCells) -> None:
    cells.permit("orders", "B", "planning")
    assert len(clear(cells.cn).refused) == 1
    cells.put_on_file(*EVERY_EXPORT)
    clear(cells.cn)
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        gateway.meter.declare(
            "main", 2026, "opening", Persons(sensitive=0, non_sensitive=98_000), evidence="letter-4", approver="officer"
        )
    assert sum(check_permit(cells.cn, "orders").persons_after.values()) == 98_003
    assert not check_permit(cells.cn, "orders").this_system_only
    throw_switch(cells.cn, "permit", "orders", "incident", "privacy-officer", is_open=False)
    throw_switch(cells.cn, "permit", "orders", "solved", "privacy-officer", is_open=True)
    cells.sell([Sale("2800000000000000009", 77_00)], [Move("F9", "2800000000000000009", "在线支付", 77_00)], "second")
    assert len(clear(cells.cn).cleared) == 1
    receive(cells.abroad)
    clear(cells.cn)
    assert verified(cells) == 0
    assert gateway_status(cells.cn)["uncosigned"] == 0


def test_what_looks_personal_in_a_closed_form_leaves_as_withheld_and_the_amounts_still_tie_out(
    cells: TwoCells, tmp_path: Path
) -> None:
    planted = ("sku-13800138000", "110101199003070038", "buyer@mail.example", "张三的面霜")
    lines = "".join(f"{sku},面霜,Cream,10.00,CNY,2026-01-01\n" for sku in planted)
    (tmp_path / "sku_list.csv").write_text(f"SKU,名称,英文名称,成本,币种,生效日期\n{lines}", encoding="utf-8")
    (report,) = import_paths(cells.cn, [tmp_path / "sku_list.csv"]).files
    assert (report.status, report.rows) == ("imported", 4)
    cells.permit("catalogue", "E", "catalogue")
    cells.put_on_file("important_data_determination")
    found = check_permit(cells.cn, "catalogue")
    text = (cells.folder / "cn" / "border" / "evidence.yaml").read_text(encoding="utf-8")
    (cells.folder / "cn" / "border" / "evidence.yaml").write_text(
        text.replace("planning]", "planning, catalogue]"), encoding="utf-8"
    )
    assert found.withheld == 8
    (cleared,) = clear(cells.cn).cleared
    assert cleared.manifest.withheld == 8
    rows = rows_in(cells, "articles_list", tmp_path / "out")
    assert {row["sku_id"] for row in rows} == {"withheld"}
    costs = rows_in(cells, "costs", tmp_path / "out")
    assert sum(row["cost_minor"] for row in costs) == 40_00
    content = cells.envelopes()[0].read_bytes()
    assert all(sku.encode() not in content for sku in planted)


def test_an_address_among_the_names_of_articles_keeps_the_whole_list_inside(cells: TwoCells, tmp_path: Path) -> None:
    listed = "SKU,名称,英文名称,成本,币种,生效日期\nYX-1,测试路88号面霜,Cream,10.00,CNY,2026-01-01\n"
    (tmp_path / "sku_list.csv").write_text(listed, encoding="utf-8")
    assert [each.status for each in import_paths(cells.cn, [tmp_path / "sku_list.csv"]).files] == ["imported"]
    cells.permit("catalogue", "E", "planning")
    cells.put_on_file("important_data_determination")
    assert check_permit(cells.cn, "catalogue").withheld == 0
    (refusal,) = clear(cells.cn).refused
    assert [each.said.en for each in refusal.reasons] == ["1 values show a sign of a person"]
    assert cells.envelopes() == []


def test_every_refusal_survives_the_way_between_processes() -> None:
    import pickle

    refusal = ClearanceRefused("orders", (Reason("cap", Words("3 of 2", "3 / 2")),))
    assert (
        str(pickle.loads(pickle.dumps(refusal)))
        == str(refusal)
        == ("permit orders: nothing left this cell. cap: 3 of 2")
    )
