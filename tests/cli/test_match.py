"""`entrepot match` as a person uses it: propose, look, decide."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Answer

_FORMAT = """\
format: mini_orders
channel: mini
shop: flagship
table: orders
columns: {order: order_id, placed: placed_at, received: confirmed_at, code: sku_id, article: title, pieces: quantity, price: unit_price}
recognition: confirmed
"""
_SKUS = """\
sku_id,name,brand,unit_cost,currency,valid_from,vat_rate
CREAM-50,屿浔神经酰胺修护面霜50g,屿浔,40.00,CNY,2026-01-01,13
SERUM-30,屿浔玻尿酸补水精华液30ml,屿浔,20.00,CNY,2026-01-01,13
"""
_ORDERS = """\
order,placed,received,code,article,pieces,price
M1,2026-09-01 09:00:00,2026-09-05 10:00:00,OLD,屿浔神经酰胺修护面霜50g*3,1,300.00
M2,2026-09-01 09:00:00,2026-09-05 10:00:00,,屿浔玻尿酸补水精华液50ml,1,100.00
"""


@pytest.fixture
def home(tmp_path: Path, run: Callable[..., Answer]) -> Path:
    home = tmp_path / "company"
    (home / "declared").mkdir(parents=True)
    (home / "declared" / "mini_orders.yaml").write_text(_FORMAT, encoding="utf-8")
    files = tmp_path / "files"
    files.mkdir()
    (files / "skus.csv").write_text(_SKUS, encoding="utf-8")
    (files / "orders.csv").write_text(_ORDERS, encoding="utf-8")
    assert run("import", files, "--home", home, "--json").code == 0
    return home


def test_proposals_are_written_decided_in_the_file_and_kept(
    home: Path, tmp_path: Path, run: Callable[..., Answer]
) -> None:
    review = tmp_path / "review.csv"
    said = run("match", "propose", "--home", home, "--out", review, "--lang", "zh")
    assert (said.code, "listings 2, from_0.95 1, from_0.50 0, below 1" in said.out) == (0, True)
    with review.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["listing_id"], row["sku_id"], row["qty"], row["decision"]) for row in rows] == [
        ("OLD", "CREAM-50", "3", ""),
        ("屿浔玻尿酸补水精华液50ml", "SERUM-30", "1", ""),
    ]
    assert rows[1]["reasons"].startswith("规格矛盾：标题 50 ml，资料 30 ml；")
    undecided = run("match", "accept", review, "--home", home, "--by", "Li Na", "--reason", "checked", "--json")
    assert (undecided.code, json.loads(undecided.err)["error"]["code"]) == (1, "flows.nothing_decided")
    made = run(
        "match", "accept", "--home", home, "--min-confidence", "0.95", "--by", "Li Na", "--reason", "bulk", "--json"
    )
    answer = json.loads(made.out)
    assert (made.code, answer["accepted"], answer["refused"], answer["quarantined"]) == (0, 1, 0, {})
    shown = json.loads(run("match", "show", "--home", home, "--json").out)["proposals"]
    assert [row["listing_id"] for row in shown] == ["屿浔玻尿酸补水精华液50ml"]
    unknown = run("match", "show", "--proposal", "0000000000", "--home", home)
    assert (unknown.code, "no listing that waits has this id" in unknown.err) == (2, True)
    refused = run(
        "match", "refuse", "--proposal", shown[0]["proposal"], "--home", home, "--by", "Li Na", "--reason", "size"
    )
    assert (refused.code, "0 rows accepted, 1 refused" in refused.out) == (0, True)
    again = json.loads(run("match", "show", "--home", home, "--json").out)["proposals"]
    assert [(row["sku_id"], row["confidence"]) for row in again] == [("", "0.00")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("propose", "--out", "review.pdf"), ".csv or .xlsx"),
        (("accept", "--by", " ", "--reason", "bulk", "--min-confidence", "0.9"), "it must not be empty"),
        (("accept", "--by", "Li Na", "--reason", "bulk", "--min-confidence", "0.2"), "0.5"),
        (("accept", "--reason", "bulk"), "--by"),
    ],
)
def test_wrong_usage_names_the_problem_and_makes_no_cell(
    tmp_path: Path, run: Callable[..., Answer], arguments: tuple[str, ...], problem: str
) -> None:
    answer = run("match", *arguments, "--home", tmp_path / "company", "--json")
    assert answer.code == 2
    assert problem in json.loads(answer.err)["error"]["message"]
    assert not (tmp_path / "company").exists()


def test_before_an_import_there_is_nothing_to_match(tmp_path: Path, run: Callable[..., Answer]) -> None:
    answer = run("match", "propose", "--home", tmp_path / "company", "--json")
    assert (answer.code, json.loads(answer.err)["error"]["code"]) == (1, "store.nothing_published")


def test_a_file_that_is_no_review_list_is_named(tmp_path: Path, run: Callable[..., Answer]) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    answer = run(
        "match", "accept", other, "--home", tmp_path / "company", "--by", "Li Na", "--reason", "checked", "--json"
    )
    assert answer.code == 1
    assert "other.csv" in json.loads(answer.err)["error"]["message"]
