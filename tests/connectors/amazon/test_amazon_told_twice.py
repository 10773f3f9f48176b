"""One settlement in two of the reports that tell it: nothing is counted twice in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.connectors.amazon import test_amazon_settlement as newer
from tests.connectors.amazon import test_amazon_settlement_v1 as older
from tests.connectors.casework import CaseFile, imported

if TYPE_CHECKING:
    from pathlib import Path


def test_an_order_that_two_formats_tell_is_an_exception_with_the_goods_at_stake(tmp_path: Path) -> None:
    order = {"order-id": "112-0000000-0000001"}
    files = [
        CaseFile(newer.text_of(order), "newer.txt"),
        CaseFile(older.text_of({**older.UNITS, **order}, {**older.PRINCIPAL, **order}), "older.txt"),
    ]
    found = imported(tmp_path, files)
    told = [row for row in found.rows("exceptions") if row["kind"] == "lines_of_two_formats"]
    assert [(row["key"].split("/")[-1], row["amount_minor"], row["cause"]) for row in told] == [
        ("112-0000000-0000001", 2_000, "amazon_settlement, amazon_settlement_v1")
    ]


def test_an_order_that_two_settlements_of_one_format_tell_is_none(tmp_path: Path) -> None:
    files = [
        CaseFile(newer.text_of({}), "one.txt"),
        CaseFile(newer.text_of({}, totals={"settlement-id": "18800000002"}), "two.txt"),
    ]
    kinds = {row["kind"] for row in imported(tmp_path, files).rows("exceptions")}
    assert "lines_of_two_formats" not in kinds
