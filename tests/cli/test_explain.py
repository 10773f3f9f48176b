"""`entrepot explain` as a person types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.testing.small_files import Sale, tmall_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def home(run: Callable[..., Any], tmp_path: Path) -> Path:
    """A company with one Tmall order of 100.00 and freight of 8.00."""
    file = tmp_path / "orders.csv"
    file.write_text(tmall_text([Sale("2800000000000000001", 100_00, shipping_minor=8_00)]), encoding="gb18030")
    assert run("import", file, "--home", tmp_path / "home", "--json").code == 0
    return tmp_path / "home"


def test_a_value_is_shown_as_a_tree_down_to_the_cell_in_both_languages(run: Callable[..., Any], home: Path) -> None:
    english = run("explain", "value", "pnl/2026-09/tmall/net_revenue", "--home", home)
    assert english.code == 0
    assert english.out.startswith("Net revenue · Tmall · 2026-09  95.58 CNY  pnl/2026-09/tmall/net_revenue")
    assert "goods before discounts  -100.00 CNY" in english.out
    assert "orders.csv · row 2  100.00 CNY" in english.out
    assert "买家应付货款: 100.00" in english.out
    assert "entrepot explain value pnl/2026-09/tmall/revenue_goods" in english.out
    chinese = run("explain", "value", "pnl/2026-09/tmall/net_revenue", "--home", home, "--lang", "zh").out
    assert "净收入 · 天猫 · 2026-09  95.58 CNY" in chinese
    assert "优惠前商品金额  -100.00 CNY" in chinese


def test_a_value_as_json_has_stable_keys_and_says_that_parts_add_up(run: Callable[..., Any], home: Path) -> None:
    node = json.loads(run("explain", "value", "pnl/all/tmall/net_revenue", "--home", home, "--json").out)
    assert (node["id"], node["amount_minor"], node["currency"], node["adds_up"]) == (
        *("pnl/all/tmall/net_revenue", 95_58, "CNY", True),
    )
    assert {part["id"]: part["amount_minor"] for part in node["parts"]} == {
        "pnl/all/tmall/revenue_goods": 88_50,
        "pnl/all/tmall/revenue_shipping": 7_08,
    }
    same = run("explain", "pnl/all/tmall/net_revenue", "--home", home, "--json")
    assert json.loads(same.out) == node


def test_a_field_is_shown_with_expressions_and_the_headers_of_files(run: Callable[..., Any], home: Path) -> None:
    answer = run("explain", "orders.paid_minor", "--channel", "jd", "--home", home)
    assert answer.code == 0
    assert "ledger/derived/order_positions.sql" in answer.out
    plain = json.loads(run("explain", "order_lines.goods_minor", "--channel", "tmall", "--home", home, "--json").out)
    files = [file for node in plain["nodes"] for file in node["files"]]
    headers = {file["format"]: {column["header"] for column in file["columns"]} for file in files}
    assert headers == {"tmall_order_lines": {"价格", "购买数量"}, "tmall_live_trades": {"lines"}}


def test_wrong_questions_say_what_to_ask_instead(run: Callable[..., Any], home: Path) -> None:
    unknown = run("explain", "order_lines.net_mnor", "--home", home, "--json")
    assert (unknown.code, unknown.out) == (1, "")
    assert "order_lines.net_minor" in json.loads(unknown.err)["error"]["message"]
    nothing = run("explain", "value", "order/tmall:0", "--home", home, "--json")
    assert (nothing.code, json.loads(nothing.err)["error"]["code"]) == (1, "flows.value_unknown")
    assert run("explain", "value", "--home", home).code == 2
    assert run("explain", "orders.paid_minor", "more", "--home", home).code == 2
    channel = run("explain", "orders.paid_minor", "--channel", "nobody", "--home", home)
    assert channel.code == 2
    assert "tmall" in channel.err
