"""One recipient over all permits: sums beside rows claim nothing, and who gets sums only gets no rows. C9, I25."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.flows.border import clear, receive
from entrepot.flows.consolidated import consolidated_pnl
from entrepot.flows.permits import check_permit
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits.terms import permit_of
from entrepot.testing.small_files import Sale
from tests.residency.aggregates.group_cells import TERMS, put_on_file, sums_permit
from tests.residency.border.two_cells import PROCESSOR, SHOP, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path

MANY = tuple(Sale(f"28000000000000{number:05d}", 100_00 + number) for number in range(40))


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Forty buyers in one shop, and a permit for sums; each test works on a copy."""
    made = two_cells(tmp_path_factory.mktemp("sold"))
    made.sell(MANY, ())
    put_on_file(made, PROCESSOR)
    sums_permit(made, processor=PROCESSOR)
    return made


@pytest.fixture
def cells(sold: TwoCells, tmp_path: Path) -> TwoCells:
    return sold.copied(tmp_path / "cells")


def sums_only(cells: TwoCells) -> None:
    (cells.folder / "cn" / "border" / "decisions.yaml").write_text("aggregates_only: [global]\n", encoding="utf-8")


def words(cells: TwoCells, *names: str) -> dict[str, list[str]]:
    return {each.permit: [reason.word for reason in each.reasons] for each in clear(cells.cn, names).refused}


def test_a_recipient_of_sums_only_is_refused_rows_of_the_same_data_and_gets_the_others(cells: TwoCells) -> None:
    sums_only(cells)
    cells.permit("journals")
    cells.permit("stock", "D", "group_accounts")
    refused = words(cells)
    assert refused == {"journals": ["aggregates_only"]}
    assert [path.name.split(".")[0] for path in cells.envelopes()] == ["sums"]  # of stock there is none


def test_sums_beside_rows_are_derivable_and_their_recipient_is_none_of_sums_only(cells: TwoCells) -> None:
    path = cells.permit("journals")
    sums = check_permit(cells.cn, "sums").sums
    assert sums is not None
    assert sums.derivable_from == ("journals",)
    clear(cells.cn)
    receive(cells.abroad)
    assert consolidated_pnl(cells.abroad).derivable == ("cn",)
    # Taking the permit away does not take back what left under it.
    path.unlink()
    sums_only(cells)
    assert words(cells, "sums") == {"sums": ["rows_released"]}
    assert [each.name.split(".")[0] for each in cells.envelopes()] == ["journals", "sums"]


def test_a_shop_outside_the_key_set_keeps_everything_inside(cells: TwoCells) -> None:
    settings = cells.folder / "cn" / "cell.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(SHOP, "another shop"), encoding="utf-8")
    (refused,) = clear(cells.cn).refused
    assert [each.word for each in refused.reasons] == ["key_outside"]
    assert SHOP not in str(refused)
    assert cells.envelopes() == []


def test_a_permit_for_sums_says_how_they_are_made_and_no_other_does(cells: TwoCells) -> None:
    with pytest.raises(PermitInvalid, match="permits that let out sums say how they are made"):
        sums_permit(cells, None, name="bare", processor=PROCESSOR)
    with pytest.raises(PermitInvalid, match="and no others do"):
        sums_permit(cells, TERMS, name="rows", shape="A", processor=PROCESSOR)
    permit, shape = permit_of(cells.folder / "cn" / "border" / "permits", "sums")
    assert (permit.aggregates, shape.counts_persons) == (TERMS, False)
