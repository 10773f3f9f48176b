"""What people book themselves: opening balances with their cut-over, adjustments, and what refuses one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

_SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("flagship", "tmall", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),),
)
_CUT_OVER = date(2026, 9, 1)


def _line(journal: str, line_no: int, account: str, minor: int, **facts: Any) -> dict[str, Any]:
    plain = {
        "journal_line_id": f"own:{journal}:{line_no}:{account}:{minor}",
        "channel": "own",
        "month": "2026-09",
        "journal_id": journal,
        "line_no": line_no,
        "kind": "adjustment",
        "accounting_date": _CUT_OVER,
        "account": account,
        "currency": "CNY",
        "amount_minor": minor,
        "reason": "counted",
        "prepared_by": "Wang",
        "approved_by": "Li",
    }
    return {**plain, **facts}


def _fee(number: int, day: int, minor: int, wallet: str = "wallet-1") -> dict[str, Any]:
    return {
        "line_id": f"alipay:{number}",
        "channel": "alipay",
        "month": "2026-09",
        "shop": "flagship",
        "wallet_id": wallet,
        "kind": "fee",
        "fee_code": "commission",
        "vat_rate_bp": 0,
        "currency": "CNY",
        "amount_minor": -minor,
        "booked_at": datetime(2026, 9, day, 4, tzinfo=UTC) if day > 0 else datetime(2026, 8, 31 + day, 4, tzinfo=UTC),
    }


def _balances(derived: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in derived["ledger_entries"]:
        sums[row["account"]] += row["amount_minor"]
    return {account: minor for account, minor in sums.items() if minor}


def _refusals(derived: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str, int]]:
    return [
        (row["key"], row["cause"], row["amount_minor"])
        for row in derived["exceptions"]
        if row["kind"] == "journal_refused"
    ]


def test_an_adjustment_is_booked_as_it_stands_and_names_its_journal() -> None:
    lines = [_line("J1", 1, "inventory", -5_000, sku_id="TEA"), _line("J1", 2, "cogs", 5_000, sku_id="TEA")]
    derived = derived_from({"journal_lines": lines}, _SETTINGS)
    assert _balances(derived) == {"inventory": -5_000, "cogs": 5_000}
    assert {(row["entry_id"], row["cause_kind"], row["sku_id"]) for row in derived["ledger_entries"]} == {
        ("journal:J1", "journal", "TEA")
    }


def test_a_wallet_begins_with_its_opening_balance_and_what_moved_before_is_in_it() -> None:
    opening = _line("OPEN", 1, "wallet", 100_000, kind="opening", wallet_id="wallet-1")
    fees = [_fee(1, -5, 700), _fee(2, 1, 300), _fee(3, -5, 40, wallet="wallet-2")]
    derived = derived_from({"journal_lines": [opening], "settlement_lines": fees}, _SETTINGS)
    by_wallet: Counter[str] = Counter()
    for row in derived["ledger_entries"]:
        if row["account"] == "wallet":
            by_wallet[row["wallet_id"]] += row["amount_minor"]
    # The fee of August is in the balance of 1 September already; another wallet has no cut-over.
    assert by_wallet == {"wallet-1": 100_000 - 300, "wallet-2": -40}
    assert _balances(derived)["opening_balance"] == -100_000 - 700
    assert _balances(derived)["fee:commission"] == 1_040


def test_an_opening_balance_of_a_wallet_that_no_file_knows_is_told() -> None:
    """A misspelt wallet has its balance beside all that the files tell of the right one, whose cut-over it is not."""
    opening = [
        _line("OPEN", 1, "wallet", 100_000, kind="opening", wallet_id="wallet-l"),
        _line("OPEN", 2, "wallet", 50_000, kind="opening", wallet_id="wallet-2"),
        _line("OPEN", 3, "wallet", 3_000, kind="opening", shop_channel="tmall", shop="flagshop"),
        _line("OPEN", 4, "inventory", 9_000, kind="opening"),
    ]
    # All that is told of wallet-2 was before its cut-over, and is in its balance.
    fees = [_fee(1, -5, 700), _fee(3, -5, 40, wallet="wallet-2")]
    derived = derived_from({"journal_lines": opening, "settlement_lines": fees}, _SETTINGS)
    told = [row for row in derived["exceptions"] if row["kind"] == "opening_unmatched"]
    assert sorted((row["key"], row["cause"], row["amount_minor"]) for row in told) == [
        ("OPEN/1", "unknown_wallet", 100_000),
        ("OPEN/3", "unknown_shop", 3_000),
    ]


def test_an_opening_balance_of_what_is_known_otherwise_than_on_its_account_is_none_to_tell() -> None:
    """A wallet of a provider that no connector reads is booked on by hand; a shop is one on whatever account."""
    opening = [
        _line("OPEN", 1, "wallet", 5_000, kind="opening", wallet_id="paypal"),
        _line("OPEN", 2, "inventory", 9_000, kind="opening", shop_channel="tmall", shop="flagship"),
        _line("OPEN", 3, "security_deposit", 9_000, kind="opening", shop_channel="tmall"),
    ]
    by_hand = [_line("M", 1, "wallet", -100, wallet_id="paypal"), _line("M", 2, "cogs", 100)]
    derived = derived_from({"journal_lines": opening + by_hand, "settlement_lines": [_fee(1, 5, 700)]}, _SETTINGS)
    assert [row["key"] for row in derived["exceptions"] if row["kind"] == "opening_unmatched"] == []


def test_a_row_of_the_companys_own_chart_that_is_no_account_is_told() -> None:
    """A misspelt account has its code on no line of any report. A fee that only a file names is an account as well."""
    codes = ("wallet", "walet", "fee:commission", "fee:stall_rent", "fee:comission")
    chart = [{"account": each, "channel": "own", "own_code": f"60{n}"} for n, each in enumerate(codes)]
    fees = [_fee(1, 1, 700), {**_fee(2, 1, 300), "fee_code": "stall_rent"}]
    derived = derived_from({"chart_accounts": chart, "settlement_lines": fees}, _SETTINGS)
    told = [row for row in derived["exceptions"] if row["kind"] == "chart_unmatched"]
    assert sorted((row["key"], row["cause"], row["where_found"]) for row in told) == [
        ("fee:comission", "unknown_account", "own code 604"),
        ("walet", "unknown_account", "own code 601"),
    ]


def test_a_line_of_the_cut_over_day_itself_moves_the_account() -> None:
    opening = _line("OPEN", 1, "wallet", 100, kind="opening", wallet_id="wallet-1")
    on_the_day, the_day_before = _fee(1, 1, 7), _fee(2, 0, 5)
    derived = derived_from({"journal_lines": [opening], "settlement_lines": [on_the_day, the_day_before]}, _SETTINGS)
    assert _balances(derived)["wallet"] == 93


def test_an_account_that_is_not_in_the_chart_refuses_the_whole_journal() -> None:
    lines = [_line("J2", 1, "inventorry", -5_000), _line("J2", 2, "cogs", 5_000)]
    derived = derived_from({"journal_lines": lines}, _SETTINGS)
    assert derived["ledger_entries"] == []
    assert _refusals(derived) == [("J2", "unknown_account", 5_000)]


def test_a_company_that_is_not_there_refuses_the_whole_journal() -> None:
    lines = [_line("J3", 1, "inventory", -5_000), _line("J3", 2, "cogs", 5_000, entity_id="us")]
    derived = derived_from({"journal_lines": lines}, _SETTINGS)
    assert derived["ledger_entries"] == []
    assert _refusals(derived) == [("J3", "unknown_entity", 5_000)]


def test_two_companies_want_to_be_named() -> None:
    settings = CellSettings(entities=(EntitySettings("cn"), EntitySettings("hk", "HK", "HKD")))
    lines = [_line("J4", 1, "inventory", -5_000), _line("J4", 2, "cogs", 5_000)]
    assert _refusals(derived_from({"journal_lines": lines}, settings)) == [("J4", "unknown_entity", 5_000)]
    named = [{**line, "entity_id": "hk"} for line in lines]
    assert _balances(derived_from({"journal_lines": named}, settings)) == {"inventory": -5_000, "cogs": 5_000}


def test_a_journal_that_two_files_tell_differently_is_not_booked() -> None:
    lines = [_line("J5", 1, "inventory", -5_000), _line("J5", 2, "cogs", 5_000)]
    other = [_line("J5", 1, "inventory", -6_000), _line("J5", 2, "cogs", 6_000)]
    derived = derived_from({"journal_lines": [*lines, *other]}, _SETTINGS)
    assert derived["ledger_entries"] == []
    assert _refusals(derived) == [("J5", "told_twice", 11_000)]
