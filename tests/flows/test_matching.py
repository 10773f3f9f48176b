"""From order lines without a known SKU to their cost: proposed, decided by a person, kept, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.asking import table_rows
from entrepot.flows.errors import NothingDecided
from entrepot.flows.importing import import_paths, replay
from entrepot.flows.matching import Chosen, decide_matches, propose_matches, reviewed_rows
from entrepot.flows.undoing import counting_and_undone, undo
from entrepot.planning.matching import review_rows, write_review
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts

_CELL = """\
[cell]
region = "cn"
reporting_currency = "CNY"

[[entities]]
id = "cn"
country = "CN"
functional_currency = "CNY"

[[shops]]
shop = "flagship"
channel = "mini"
entity = "cn"
sale_model = "domestic_pop"
recognition = "confirmed"
zone = "Asia/Shanghai"
"""
_FORMAT = """\
format: mini_orders
title: mini program orders
channel: mini
shop: flagship
table: orders
columns:
  order: order_id
  placed: placed_at
  settled: paid_at
  received: confirmed_at
  code: sku_id
  article: title
  pieces: quantity
  price: unit_price
currency: CNY
zone: Asia/Shanghai
recognition: confirmed
"""
_SERUM = "屿浔 玻尿酸补水精华液 30ml 正品包邮"
_SET = "屿浔玻尿酸补水精华液30ml + 屿浔神经酰胺修护面霜50g 套装"
_SKUS = """\
sku_id,name,name_en,brand,unit_cost,currency,valid_from,vat_rate,gtin
SERUM-30,屿浔玻尿酸补水精华液30ml,Yuxun hyaluronic serum 30 ml,屿浔,20.00,CNY,2026-01-01,13,
SERUM-50,屿浔玻尿酸补水精华液50ml,Yuxun hyaluronic serum 50 ml,屿浔,30.00,CNY,2026-01-01,13,
CREAM-50,屿浔神经酰胺修护面霜50g,Yuxun ceramide cream 50 g,屿浔,40.00,CNY,2026-01-01,13,6901234567892
MASK-5,屿浔积雪草舒缓面膜5片,Yuxun cica mask 5 sheets,屿浔,5.00,CNY,2026-01-01,13,
"""
_HEAD = "order,placed,settled,received,code,article,pieces,price"
_ORDERS = (
    ("M1", "", _SERUM, 2, "100.00"),
    ("M2", "OLD-CREAM", "屿浔神经酰胺修护面霜50g*3", 1, "300.00"),
    ("M3", "", _SET, 1, "180.01"),
    ("M4", "MASK-5", "屿浔积雪草舒缓面膜5片", 1, "30.00"),
    ("M5", "", "车载吸尘器 大吸力", 1, "99.00"),
)
"""Order, seller code, title, pieces, price in yuan; all placed on 2026-09-01 in Shanghai, which is August in UTC."""


def _new_cell(home: Path) -> CellParts:
    (home / "cell" / "declared").mkdir(parents=True)
    (home / "cell" / "cell.toml").write_text(_CELL, encoding="utf-8")
    (home / "cell" / "declared" / "mini_orders.yaml").write_text(_FORMAT, encoding="utf-8")
    files = home / "files"
    files.mkdir()
    (files / "skus.csv").write_text(_SKUS, encoding="utf-8")
    lines = [
        f"{order},2026-09-01 00:30:00,2026-09-01 00:31:00,2026-09-05 10:00:00,{code},{title},{pieces},{price}"
        for order, code, title, pieces, price in _ORDERS
    ]
    (files / "orders.csv").write_text("\n".join((_HEAD, *lines, "")), encoding="utf-8")
    parts = open_cell(home / "cell")
    report = import_paths(parts, [files])
    assert [(file.status, file.quarantined) for file in report.files] == [("imported", 0), ("imported", 0)]
    return parts


@dataclass(frozen=True)
class _Story:
    """What a cell looked like along the way.

    Attributes:
        parts: The cell as it is at the end: decisions made and replayed.
        before: Hashes of its tables before anything was proposed.
        proposed: The same after proposals were made and written.
        decided: The same after the decisions.
        replayed: The same after a replay.
        rows: The review list.
        kept_as: Name of the list of decisions.
    """

    parts: CellParts
    before: dict[str, str]
    proposed: dict[str, str]
    decided: dict[str, str]
    replayed: dict[str, str]
    rows: dict[str, dict[str, str]]
    kept_as: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> _Story:
    """Proposals, of which the serum and the cream are accepted and the set is refused."""
    home = tmp_path_factory.mktemp("matching")
    parts = _new_cell(home)
    before = hashes(parts)
    rows = review_rows(propose_matches(parts), "en")
    review = home / "review.csv"
    write_review(rows, review)
    proposed = hashes(parts)
    marks = {_SERUM: "accept", "OLD-CREAM": "接受", _SET: "refuse"}
    write_review([{**row, "decision": marks.get(row["listing_id"], "")} for row in rows], review)
    made = decide_matches(parts, Chosen("accept"), "Li Na", "checked", review=review)
    assert (made.accepted, made.refused, made.report.files[0].reasons) == (2, 2, {})
    decided = hashes(parts)
    replay(parts)
    return _Story(
        parts, before, proposed, decided, hashes(parts), {row["listing_id"]: row for row in rows}, made.file_name
    )


def _lines(parts: CellParts) -> dict[str, tuple[Any, ...]]:
    rows = table_rows(parts, "order_lines").to_pylist()
    return {row["order_id"]: (row["sku_id"], row["cost_minor"], row["has_cost"]) for row in rows}


def test_the_review_list_names_sku_quantity_share_day_and_confidence(story: _Story) -> None:
    shown = ("listing_kind", "sku_id", "qty", "share", "valid_from", "lines", "amount", "confidence", "decision")
    assert [tuple(story.rows[key][name] for name in shown) for key in (_SERUM, "OLD-CREAM")] == [
        ("title", "SERUM-30", "1", "100.00", "2026-09-01", "1", "200.00", "0.85", ""),
        ("code", "CREAM-50", "3", "100.00", "2026-09-01", "1", "300.00", "0.98", ""),
    ]
    nothing = story.rows["车载吸尘器 大吸力"]
    assert (nothing["sku_id"], nothing["confidence"], nothing["reasons"]) == ("", "0.00", "no SKU is alike")


def test_a_proposal_alone_changes_no_table(story: _Story) -> None:
    assert story.proposed == story.before


def test_accepted_lines_have_their_sku_and_its_cost_and_others_have_none(story: _Story) -> None:
    assert _lines(story.parts) == {
        "M1": ("SERUM-30", 2 * 2_000, True),
        "M2": ("CREAM-50", 3 * 4_000, True),
        "M3": (None, None, False),
        "M4": ("MASK-5", 500, True),
        "M5": (None, None, False),
    }
    cogs = [
        row["amount_minor"] for row in table_rows(story.parts, "ledger_entries").to_pylist() if row["account"] == "cogs"
    ]
    assert sum(cogs) == 4_000 + 12_000 + 500


def test_what_was_decided_says_who_and_why(story: _Story) -> None:
    shown = ("listing_id", "sku_id", "qty", "share_bp", "decided_by", "reason")
    rows = table_rows(story.parts, "listing_map").to_pylist()
    assert sorted(tuple(row[name] for name in shown) for row in rows) == [
        ("OLD-CREAM", "CREAM-50", 3, 10_000, "Li Na", "checked"),
        (_SERUM, "SERUM-30", 1, 10_000, "Li Na", "checked"),
    ]


def test_decided_listings_wait_no_more_and_refused_pairs_never_come_back(story: _Story) -> None:
    again = {proposal.listing.key[3]: proposal for proposal in propose_matches(story.parts)}
    assert set(again) == {_SET, "车载吸尘器 大吸力"}
    assert not {sku.sku_id for sku in again[_SET].skus} & {"SERUM-30", "CREAM-50"}


def test_a_replay_keeps_the_decisions(story: _Story) -> None:
    assert story.replayed == story.decided != story.before


def test_undoing_the_list_takes_its_decisions_back(tmp_path: Path) -> None:
    parts = _new_cell(tmp_path)
    before = _lines(parts)
    made = decide_matches(parts, Chosen("accept", confidence_min=0.95), "Li Na", "bulk")
    # In bulk only the cream is sure enough: it is at 0.98, the serum at 0.85.
    assert (made.accepted, made.refused) == (1, 0)
    assert [row["listing_id"] for row in table_rows(parts, "listing_map").to_pylist()] == ["OLD-CREAM"]
    assert _lines(parts) == {**before, "M2": ("CREAM-50", 12_000, True)}
    file = next(each for each in counting_and_undone(parts)[0] if each.file_name.endswith(made.file_name))
    undo(parts, [file.raw_id], "not checked", "Li Na")
    assert _lines(parts) == before
    assert before["M2"] == ("OLD-CREAM", None, False)


def test_a_list_without_a_mark_decides_nothing(story: _Story, tmp_path: Path) -> None:
    for name in ("review.csv", "review.xlsx"):
        write_review(review_rows(propose_matches(story.parts), "zh"), tmp_path / name)
        with pytest.raises(NothingDecided):
            decide_matches(story.parts, Chosen("accept"), "Li Na", "checked", review=tmp_path / name)
    assert hashes(story.parts) == story.decided


def test_a_reviewed_workbook_and_a_reviewed_csv_say_the_same(story: _Story, tmp_path: Path) -> None:
    rows = [{**row, "decision": "accept", "title": "=1+1"} for row in story.rows.values()]
    for name in ("review.csv", "review.xlsx"):
        write_review(rows, tmp_path / name)
    read = [reviewed_rows(story.parts, tmp_path / name) for name in ("review.csv", "review.xlsx")]
    assert read[0] == read[1]
    assert {row["title"] for row in read[0]} == {"=1+1"}
