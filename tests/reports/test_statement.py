"""A margin is shown only where a cost is known."""

from __future__ import annotations

from entrepot.reports import Statement, statement_of

SOLD = {"month": "2026-09", "currency": "CNY"}


def _rows(channel: str, **lines: int) -> list[dict[str, object]]:
    return [{**SOLD, "channel": channel, "line": line, "amount_minor": amount} for line, amount in lines.items()]


def _statement() -> Statement:
    rows = _rows("tmall", revenue_goods=100_00, revenue_without_cost=-100_00, fees=-5_00)
    rows += _rows("jd", revenue_goods=80_00, revenue_without_cost=-30_00, cogs=-20_00, fees=-4_00)
    rows += _rows("douyin", ad_spend=-7_00)
    return statement_of(rows, "channel", "CNY")


def test_a_channel_without_any_cost_shows_no_margin_instead_of_a_loss_of_its_fees() -> None:
    statement = _statement()
    assert statement.shown("net_revenue", "tmall") == 100_00
    assert statement.shown("gross_margin", "tmall") is None
    assert statement.shown("contribution_margin", "tmall") is None
    assert statement.shown("fees", "tmall") == -5_00


def test_a_channel_with_some_cost_shows_the_margin_of_what_is_known() -> None:
    statement = _statement()
    assert statement.shown("gross_margin", "jd") == 30_00
    assert statement.shown("contribution_margin", "jd") == 26_00


def test_a_channel_that_only_advertises_shows_its_loss() -> None:
    assert _statement().shown("contribution_margin", "douyin") == -7_00


def test_the_total_is_known_once_one_cost_is() -> None:
    statement = _statement()
    assert statement.shown("gross_margin") == 30_00
    alone = statement_of(_rows("tmall", revenue_goods=100_00, revenue_without_cost=-100_00), "channel", "CNY")
    assert alone.shown("gross_margin") is None
    assert alone.shown("net_revenue") == 100_00
