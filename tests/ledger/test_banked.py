"""Payouts arrive at the bank: to the cent, in one sum, in parts, in another currency, or only when a person says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

Rows = dict[str, list[dict[str, Any]]]

_SHOPS = {
    "dy": "douyin",
    "jd": "jd",
    "pdd": "pinduoduo",
    "red": "xiaohongshu",
    "wx": "wechatpay",
    "us": "amazon",
    "sh": "shopify",
}
SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=tuple(
        ShopSettings(shop, channel, "cn", "own_shop", "shipped", "Asia/Shanghai") for shop, channel in _SHOPS.items()
    ),
)
_DOUYIN, _JD, _PDD, _RED = "武汉合众易宝科技有限公司", "网银在线（北京）科技有限公司", "上海付费通", "行吟信息科技"
_WECHAT, _AMAZON, _SHOPIFY = "财付通支付科技有限公司", "AMAZON PAYMENTS", "Shopify Inc."


def _sent(shop: str, number: str, day: int, minor: int, **facts: Any) -> dict[str, Any]:
    """A withdrawal that leaves the shop's wallet at noon in Shanghai."""
    channel = _SHOPS[shop]
    plain = {
        "line_id": f"{channel}:{number}",
        "channel": channel,
        "month": "2026-09",
        "shop": shop,
        "wallet_id": f"{channel}:{shop}",
        "kind": "withdrawal",
        "currency": "CNY",
        "amount_minor": -minor,
        "booked_at": datetime(2026, 9, day, 4, tzinfo=UTC),
    }
    return {**plain, **facts}


def _line(number: str, day: int, minor: int, counterparty: str | None, **facts: Any) -> dict[str, Any]:
    plain = {
        "bank_line_id": f"6222/{number}",
        "bank_account": "6222",
        "channel": "own",
        "month": "2026-09",
        "booked_on": date(2026, 9, day),
        "currency": "CNY",
        "amount_minor": minor,
        "counterparty": counterparty,
    }
    return {**plain, **facts}


def _decision(number: str, payout: str, decision: str = "accepted") -> dict[str, Any]:
    return {"bank_line_id": f"6222/{number}", "payout_id": payout, "channel": "own", "decision": decision}


def _batch(total: int) -> Rows:
    settlement = {
        "settlement_key": "amazon:S1",
        "channel": "amazon",
        "month": "2026-09",
        "shop": "us",
        "settlement_id": "S1",
        "currency": "USD",
        "stated_total_minor": total,
        "paid_out_at": datetime(2026, 9, 8, 4, tzinfo=UTC),
    }
    income = _sent("us", "I1", 7, -total, kind="adjustment", settlement_id="S1", currency="USD")
    return {"settlements": [settlement], "settlement_lines": [income]}


def _matches(derived: Rows, *states: str) -> list[tuple[str | None, str | None, str, str, int | None, int | None]]:
    """Movement, payout, rule and reason, and what of either is matched, in order."""
    return sorted(
        (
            (row["bank_line_id"] or "").removeprefix("6222/"),
            row["payout_id"] or "",
            row["rule"],
            row["reason"] or "",
            row["bank_minor"],
            row["payout_minor"],
        )
        for row in derived["bank_matches"]
        if row["state"] in (states or ("matched", "confirmed"))
    )


def _exceptions(derived: Rows, *kinds: str) -> list[tuple[str, str, int | None, str | None]]:
    wanted = kinds or ("bank_gap", "payout_not_in_bank", "bank_line_unexplained", "bank_decision_refused")
    return sorted(
        (row["kind"], row["key"].removeprefix("6222/"), row["amount_minor"], row["cause"])
        for row in derived["exceptions"]
        if row["kind"] in wanted
    )


def _balances(derived: Rows, *accounts: str) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in derived["ledger_entries"]:
        if row["account"] in accounts:
            sums[row["account"], row["currency"]] += row["amount_minor"]
    return {key: minor for key, minor in sums.items() if minor}


_SENT = [
    # Ten yuan every day, a day on the way: three payouts, three movements.
    *(_sent("dy", f"D{day}", day, 10_00) for day in (1, 2, 3)),
    # Two of one day arrive in one sum, less the two yuan that the bank states as its fee.
    _sent("jd", "J1", 4, 300_00),
    _sent("jd", "J2", 4, 41_00),
    # One arrives in two parts.
    _sent("pdd", "P1", 5, 900_00),
    # One comes back at the bank, and the wallet does not say so.
    _sent("red", "R1", 6, 77_00),
    # One comes back in the wallet, and the bank never saw it.
    _sent("wx", "W1", 6, 55_00),
    _sent("wx", "W2", 8, -55_00),
    # Never arrives.
    _sent("wx", "W3", 9, 66_00),
    # Money into a wallet.
    _sent("wx", "T1", 10, -20_00, kind="transfer"),
    # Dollars that arrive as yuan.
    _sent("sh", "S-payout", 15, 100_00, kind="transfer", settlement_id="9001", currency="USD"),
]
_LINES = [
    *(_line(f"d{day}", day + 1, 10_00, _DOUYIN) for day in (1, 2, 3)),
    _line("j", 5, 339_00, _JD, fee_minor=2_00),
    _line("p1", 6, 500_00, _PDD),
    _line("p2", 6, 400_00, _PDD),
    _line("r1", 7, 77_00, _RED),
    _line("r2", 9, -77_00, _RED),
    _line("t", 10, -20_00, _WECHAT),
    _line("s", 17, 670_00, _SHOPIFY),
    _line("rent", 20, -66_00, "房东"),
    _line("odd", 21, 1_23, _WECHAT),
    _line("end", 30, -5_00, "房东"),
]
MONTH: Rows = {
    "settlement_lines": [*_SENT, *_batch(250_00)["settlement_lines"]],
    "settlements": _batch(250_00)["settlements"],
    "bank_lines": [*_LINES, _line("a", 9, 250_00, _AMAZON, currency="USD")],
}
"""A month with one case per platform; the statement reaches its last day."""


@pytest.fixture(scope="module")
def month() -> Rows:
    return derived_from(MONTH, SETTINGS)


def test_every_payout_finds_its_movement_by_the_first_rule_that_fits(month: Rows) -> None:
    assert _matches(month) == [
        ("a", "amazon:S1", "exact", "", 250_00, 250_00),
        ("d1", "douyin:D2", "exact", "", 10_00, 10_00),
        ("d2", "douyin:D3", "exact", "", 10_00, 10_00),
        ("d3", "douyin:D1", "exact", "", 10_00, 10_00),
        ("j", "jd:J1", "merged", "", 298_00, 300_00),
        ("j", "jd:J2", "merged", "", 41_00, 41_00),
        ("p1", "pinduoduo:P1", "parts", "", 500_00, 500_00),
        ("p2", "pinduoduo:P1", "parts", "", 400_00, 400_00),
        ("s", "shopify:S-payout", "exchanged", "", 670_00, 100_00),
        ("t", "wechatpay:T1", "exact", "", -20_00, -20_00),
    ]
    assert _matches(month, "returned") == [
        ("", "wechatpay:W1", "returned", "", None, 55_00),
        ("", "wechatpay:W2", "returned", "", None, -55_00),
        ("r1", "", "returned", "", 77_00, None),
        ("r2", "", "returned", "", -77_00, None),
    ]
    assert _matches(month, "proposed") == []


def test_what_never_arrived_and_what_nobody_explains_is_to_be_looked_at_and_the_rent_is_not(month: Rows) -> None:
    assert _exceptions(month) == [
        ("bank_line_unexplained", "odd", 1_23, None),
        ("payout_not_in_bank", "wechatpay:W3", 66_00, None),
        ("payout_not_in_bank", "xiaohongshu:R1", 77_00, None),
    ]


def test_the_bank_has_what_arrived_and_the_transit_account_what_is_still_on_its_way(month: Rows) -> None:
    assert _balances(month, "bank", "cash_in_transit", "fee:payment_fee", "fx_realised") == {
        ("bank", "CNY"): 30_00 + 339_00 + 900_00 - 20_00 + 670_00,
        ("bank", "USD"): 250_00,
        ("fee:payment_fee", "CNY"): 2_00,
        # W3 never arrived, and R1 went back.
        ("cash_in_transit", "CNY"): 66_00 + 77_00,
        ("fx_realised", "USD"): 100_00,
        ("fx_realised", "CNY"): -670_00,
    }
    assert _balances(month, "wallet")["wallet", "USD"] == 250_00 - 250_00 - 100_00
    sums: Counter[tuple[str, str]] = Counter()
    for row in month["ledger_entries"]:
        sums[row["entry_id"], row["currency"]] += row["amount_minor"]
    assert set(sums.values()) == {0}


def test_no_movement_and_no_payout_counts_twice(month: Rows) -> None:
    lines: defaultdict[str, int] = defaultdict(int)
    payouts: defaultdict[str, int] = defaultdict(int)
    for row in month["bank_matches"]:
        if row["state"] == "matched":
            lines[row["bank_line_id"]] += row["bank_minor"]
            payouts[row["payout_id"]] += row["payout_minor"]
    assert lines == {
        **{f"6222/d{day}": 10_00 for day in (1, 2, 3)},
        "6222/j": 339_00,
        "6222/p1": 500_00,
        "6222/p2": 400_00,
        "6222/t": -20_00,
        "6222/s": 670_00,
        "6222/a": 250_00,
    }
    wanted = {row["payout_id"]: row["amount_minor"] for row in month["payouts"]}
    assert {payout: minor for payout, minor in payouts.items() if minor != wanted[payout]} == {}


DOUBTS: Rows = {
    "settlement_lines": [
        _sent("dy", "A", 1, 10_00),
        _sent("dy", "B", 1, 10_00, wallet_id="douyin:other"),
        _sent("jd", "NEAR", 1, 100_00),
        _sent("jd", "LATE", 1, 350_00),
        _sent("pdd", "OTHER", 1, 41_00),
        _sent("red", "NAMED-1", 1, 60_00, settlement_id="20260901771"),
        _sent("red", "NAMED-2", 1, 60_00, settlement_id="20260901772"),
        _sent("wx", "NO-NAME", 1, 12_00),
        _sent("us", "SAID-1", 1, 400_00),
        _sent("us", "SAID-2", 2, 500_00),
        _sent("sh", "NOT-THIS", 1, 33_00),
        _sent("sh", "LESS", 1, 80_00),
    ],
    "bank_lines": [
        _line("first", 1, -1_00, "房东"),
        _line("alike", 2, 10_00, _DOUYIN),
        _line("near", 2, 99_50, _JD),
        _line("late", 9, 350_00, _JD),
        _line("other", 2, 41_00, "李四"),
        _line("named", 2, 60_00, _RED, reference="结算 20260901772"),
        _line("nobody", 2, 12_00, None),
        _line("said", 20, 900_00, "甲公司"),
        _line("not", 2, 33_00, _SHOPIFY),
        _line("less", 2, 79_00, "乙公司"),
        _line("more", 30, 81_00, "乙公司", balance_minor=500_00, statement_order=8),
        _line("gap", 30, 1_00, "乙公司", balance_minor=500_99, statement_order=9),
    ],
    "bank_decisions": [
        _decision("said", "amazon:SAID-1"),
        _decision("said", "amazon:SAID-2"),
        _decision("not", "shopify:NOT-THIS", "refused"),
        _decision("less", "shopify:LESS"),
        _decision("more", "wechatpay:W9"),
        _decision("more", "douyin:A"),
        _decision("nothing", "douyin:A", "refused"),
    ],
}
"""Movements that a person must decide about, and some that one has."""


@pytest.fixture(scope="module")
def doubts() -> Rows:
    return derived_from(DOUBTS, SETTINGS)


def test_what_is_only_likely_is_proposed_with_its_reason(doubts: Rows) -> None:
    assert _matches(doubts, "proposed") == [
        ("alike", "douyin:A", "near", "several_alike", 10_00, 10_00),
        ("alike", "douyin:B", "near", "several_alike", 10_00, 10_00),
        ("late", "jd:LATE", "near", "near_day", 350_00, 350_00),
        ("near", "jd:NEAR", "near", "near_amount", 99_50, 100_00),
        ("other", "pinduoduo:OTHER", "near", "other_counterparty", 41_00, 41_00),
    ]


def test_a_person_a_reference_and_a_movement_without_a_name_decide(doubts: Rows) -> None:
    assert _matches(doubts) == [
        ("less", "shopify:LESS", "person", "", 79_00, 79_00),
        ("named", "xiaohongshu:NAMED-2", "reference", "", 60_00, 60_00),
        ("nobody", "wechatpay:NO-NAME", "exact", "", 12_00, 12_00),
        ("said", "amazon:SAID-1", "person", "", 400_00, 400_00),
        ("said", "amazon:SAID-2", "person", "", 500_00, 500_00),
    ]


def test_only_what_is_decided_is_booked_and_a_refused_pair_stays_apart(doubts: Rows) -> None:
    assert _balances(doubts, "bank") == {("bank", "CNY"): 79_00 + 60_00 + 12_00 + 900_00}
    assert _exceptions(doubts, "bank_decision_refused") == [
        ("bank_decision_refused", "more/douyin:A", None, "amounts_differ"),
        ("bank_decision_refused", "more/wechatpay:W9", None, "unknown_payout"),
        ("bank_decision_refused", "nothing/douyin:A", None, "unknown_bank_line"),
    ]
    assert _exceptions(doubts, "bank_gap") == [("bank_gap", "gap", -1, None)]
    missing = {key: (minor, cause) for _, key, minor, cause in _exceptions(doubts, "payout_not_in_bank")}
    assert missing["shopify:NOT-THIS"] == (33_00, None)
    assert missing["shopify:LESS"] == (1_00, None)
    assert missing["jd:NEAR"] == (100_00, "near_amount")
    assert ("bank_line_unexplained", "not", 33_00, None) in _exceptions(doubts)


def test_without_statements_nothing_is_missing_and_a_reserve_that_stays_is() -> None:
    lines = [
        _sent("wx", "W1", 1, 66_00),
        _sent("us", "R1", 1, 90_00, kind="reserve"),
        _sent("us", "R2", 20, -30_00, kind="reserve"),
        _sent("us", "R3", 20, 50_00, kind="reserve"),
        _sent("us", "LAST", 28, 1_00, booked_at=datetime(2026, 10, 28, 4, tzinfo=UTC)),
    ]
    derived = derived_from({"settlement_lines": lines}, SETTINGS)
    assert derived["bank_matches"] == []
    assert _exceptions(derived) == []
    # Ninety were kept on the first, thirty came back; what was kept on the twentieth is not old enough.
    assert _exceptions(derived, "reserve_not_returned") == [
        ("reserve_not_returned", "amazon/us/amazon:R1", 60_00, None)
    ]


def test_a_batch_that_states_its_own_payout_leaves_its_wallet_once() -> None:
    batch = _batch(250_00)
    own = _sent("us", "X", 8, 250_00, settlement_id="S1", currency="USD")
    derived = derived_from(
        {"settlements": batch["settlements"], "settlement_lines": [*batch["settlement_lines"], own]}, SETTINGS
    )
    assert [(row["payout_id"], row["kind"]) for row in derived["payouts"]] == [("amazon:X", "withdrawal")]
    assert _balances(derived, "wallet", "cash_in_transit") == {("cash_in_transit", "USD"): 250_00}
