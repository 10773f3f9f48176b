"""Tables on a terminal: nothing is cut, nothing is taken for markup, an unknown margin is no number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.cli.output import texts
from entrepot.cli.tabulate import print_bridge, print_statement
from entrepot.reports import Vocabulary, statement_of

if TYPE_CHECKING:
    import pytest

_STEPS = ("orders", "placed_minor", "closed_before_recognition_minor", "net_minor")
_COLUMNS = ("channel", "shop", "currency", *_STEPS)


def test_a_bridge_of_many_shops_is_printed_in_blocks_that_fit(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"channel": "tmall", "shop": f"shop-{number:02}", "currency": "CNY", **dict.fromkeys(_STEPS, 123_456_789_01)}
        for number in range(30)
    ]
    print_bridge(rows, _COLUMNS, "Bridge", Vocabulary("zh", {"tmall": "天猫"}))
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 180
    assert printed.count("天猫") == 30
    assert printed.count("123,456,789.01") == 3 * 30
    assert printed.count("确认前关闭") == printed.count("订单数") > 1


def test_a_shop_whose_name_looks_like_markup_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"channel": "jd", "shop": "[red]", "currency": "CNY", **dict.fromkeys(_STEPS, 1)}
    print_bridge([row], _COLUMNS, "Bridge", Vocabulary())
    pnl = [{"shop": "[bold]", "line": "revenue_goods", "amount_minor": 1}]
    print_statement(statement_of(pnl, "shop", "CNY"), "shop", Vocabulary(), "P&L")
    printed = capsys.readouterr().out
    assert "[red]" in printed
    assert "[bold]" in printed


def test_a_statement_without_any_cost_shows_its_margins_as_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {"revenue_goods": 100_00, "revenue_without_cost": -100_00, "fees": -5_00}
    rows = [{"channel": "jd", "line": line, "amount_minor": amount} for line, amount in lines.items()]
    statement = statement_of(rows, "channel", "CNY")
    print_statement(statement, "channel", Vocabulary("zh", {"jd": "京东"}), "损益表")
    printed = capsys.readouterr().out
    found = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if len(line.split()) > 2}
    assert found["毛利"] == found["贡献毛利"] == ["未知", "未知"]
    assert found["平台费用"] == ["-5.00", "-5.00"]
    assert "京东" in printed


def test_an_amount_in_the_company_s_currency_has_its_decimals_and_not_the_row_s() -> None:
    """A hundred yen are 4.96 Hong Kong dollars; by the decimals of yen they were 496."""
    row = {"currency": "JPY", "functional_currency": "HKD", "balance_minor": 100, "functional_minor": 496}
    assert texts([row], ("balance_minor", "functional_minor"), Vocabulary()) == [["100", "4.96"]]
    turned = {"currency": "HKD", "functional_currency": "JPY", "balance_minor": 496, "functional_minor": 100}
    assert texts([turned], ("balance_minor", "functional_minor"), Vocabulary()) == [["4.96", "100"]]
