"""What must always hold (docs/reference/invariants.md), asked of imported companies with one SELECT each."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.asking import report_rows, select_rows, table_rows
from entrepot.model import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.testing.sample_company import ImportedCompany

_PERSONAL = ("persons", "addresses")


# The other order of seeds than elsewhere: two workers then import two different companies at the same time.
@pytest.fixture(scope="module", params=(23, 11, 7), ids=lambda seed: f"seed{seed}")
def cell(request: pytest.FixtureRequest, company_of: Callable[[int], ImportedCompany]) -> ImportedCompany:
    return company_of(request.param)


def _rows(cell: ImportedCompany, text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = select_rows(cell.parts, text).to_pylist()
    return rows


def _count(cell: ImportedCompany, table: str) -> int:
    return int(_rows(cell, f"select count(*) as n from {table}")[0]["n"])


def test_every_entry_sums_to_zero_in_its_currency_and_in_the_entitys_own(cell: ImportedCompany) -> None:
    assert _count(cell, "ledger_entries") > 10_000
    assert (
        _rows(
            cell,
            "select entry_id, sum(amount_minor) as rest, sum(functional_minor) as functional_rest "
            "from ledger_entries group by entry_id, entity_id, book, currency "
            "having sum(amount_minor) <> 0 or sum(functional_minor) <> 0",
        )
        == []
    )


def test_an_entry_stays_within_one_entity_and_book_and_on_one_day(cell: ImportedCompany) -> None:
    assert (
        _rows(
            cell,
            "select entry_id from ledger_entries group by entry_id having count(distinct entity_id) > 1 "
            "or count(distinct book) > 1 or count(distinct accounting_date) > 1",
        )
        == []
    )


def test_the_books_balance_per_entity_book_and_currency(cell: ImportedCompany) -> None:
    sums: Counter[tuple[str, ...]] = Counter()
    rows = report_rows(cell.parts, "trial_balance").to_pylist()
    assert len({row["entity_id"] for row in rows}) == 4
    for row in rows:
        assert row["balance_minor"] == row["debit_minor"] - row["credit_minor"]
        sums[row["entity_id"], row["book"], row["currency"]] += row["balance_minor"]
        sums[row["entity_id"], row["book"], "functional"] += row["functional_minor"]
    assert {key: rest for key, rest in sums.items() if rest} == {}


def test_pieces_of_an_order_add_up_to_the_order(cell: ImportedCompany) -> None:
    assert (
        _rows(
            cell,
            """
        with pieces as (
            select order_key, sum(case when kind = 'line' then goods_minor else 0 end) as goods,
                   sum(case when kind = 'shipping' then goods_minor else 0 end) as shipping,
                   sum(case when kind = 'tax' then goods_minor else 0 end) as tax,
                   sum(discount_merchant_minor) as merchant, sum(gross_minor) as gross
            from order_pieces group by order_key
        )
        select p.order_key from order_positions as p left join pieces as c on p.order_key = c.order_key
        where p.goods_minor <> coalesce(c.goods, 0) or p.shipping_minor <> coalesce(c.shipping, 0)
           or p.tax_minor <> coalesce(c.tax, 0) or p.discount_merchant_minor <> coalesce(c.merchant, 0)
           or coalesce(c.gross, 0)
              <> p.goods_minor + p.shipping_minor + p.tax_minor - p.discount_merchant_minor""",
        )
        == []
    )


def test_a_refund_is_shared_over_the_pieces_without_a_rest(cell: ImportedCompany) -> None:
    assert _count(cell, "refunds") > 50
    assert (
        _rows(
            cell,
            """
        with stated as (select order_key, sum(amount_minor) as n from refunds group by order_key),
             shared as (select order_key, sum(refund_minor) as n from order_pieces group by order_key)
        select s.order_key, s.n, x.n from stated as s left join shared as x on s.order_key = x.order_key
        where s.n <> coalesce(x.n, 0)""",
        )
        == []
    )


def test_discounts_by_funder_and_tenders_add_up_to_what_the_order_carries(cell: ImportedCompany) -> None:
    assert (
        _rows(
            cell,
            """
        with given as (
            select order_key, sum(case when funder = 'merchant' then amount_minor else 0 end) as merchant,
                   sum(case when funder = 'platform' then amount_minor else 0 end) as platform,
                   sum(case when funder not in ('merchant', 'platform') then amount_minor else 0 end) as other
            from discounts group by order_key
        ), tendered as (select order_key, sum(amount_minor) as n from tenders where kind <> 'cash' group by order_key)
        select p.order_key from order_positions as p left join given as g on p.order_key = g.order_key
        left join tendered as t on p.order_key = t.order_key
        where p.discount_merchant_minor <> coalesce(g.merchant, 0) or p.tender_minor <> coalesce(t.n, 0)
           or p.discount_platform_minor <> coalesce(g.platform, 0) or p.discount_other_minor <> coalesce(g.other, 0)
           or p.third_party_minor <> p.discount_platform_minor + p.discount_other_minor + p.tender_minor""",
        )
        == []
    )


def test_goods_less_discounts_are_what_was_paid_or_the_order_is_an_exception(cell: ImportedCompany) -> None:
    broken = _rows(
        cell,
        """
        select channel || '/' || shop || '/' || order_id as key,
               goods_minor + shipping_minor + tax_minor - discount_merchant_minor - discount_platform_minor
               - discount_other_minor - paid_minor - tender_minor as gap
        from order_positions where paid_minor + tender_minor > 0""",
    )
    wanted = {(row["key"], row["gap"]) for row in broken if row["gap"]}
    found = _rows(cell, "select key, amount_minor from exceptions where kind = 'order_identity'")
    assert {(row["key"], row["amount_minor"]) for row in found} == wanted


def test_refunds_stay_within_what_was_paid_or_the_order_is_an_exception(cell: ImportedCompany) -> None:
    found = {row["key"] for row in _rows(cell, "select key from exceptions where kind = 'refund_exceeds_paid'")}
    wanted = _rows(
        cell,
        "select channel || '/' || shop || '/' || order_id as key from order_positions "
        "where refunded_minor > paid_minor + third_party_minor and paid_minor > 0",
    )
    assert found == {row["key"] for row in wanted}


def test_every_settlement_line_has_exactly_one_entry_that_moves_its_wallet_by_its_amount(cell: ImportedCompany) -> None:
    assert _count(cell, "settlement_lines") > 5_000
    assert (
        _rows(
            cell,
            """
        with entered as (
            select cause_id, count(distinct entry_id) as entries,
                   sum(case when account = 'wallet' then amount_minor else 0 end) as moved
            from ledger_entries where cause_kind = 'settlement_line' group by cause_id
        )
        select s.line_id from settlement_lines as s full join entered as e on s.line_id = e.cause_id
        where s.line_id is null or (s.amount_minor <> 0 and (coalesce(e.entries, 0) <> 1 or e.moved <> s.amount_minor))
    """,
        )
        == []
    )


def test_a_batch_is_the_sum_of_its_lines_or_an_exception(cell: ImportedCompany) -> None:
    rows = _rows(
        cell,
        """
        select b.channel, b.shop, b.settlement_id, b.stated_total_minor as stated,
               (select sum(s.amount_minor) from settlement_lines as s where s.settlement_id = b.settlement_id
                and s.channel = b.channel and s.kind <> 'transfer') as lines
        from settlements as b where b.stated_total_minor is not null""",
    )
    assert rows
    wanted = {
        (f"{row['channel']}/{row['shop']}/{row['settlement_id']}", row["stated"] - row["lines"])
        for row in rows
        if row["stated"] != row["lines"]
    }
    found = _rows(cell, "select key, amount_minor from exceptions where kind = 'settlement_total'")
    assert {(row["key"], row["amount_minor"]) for row in found} == wanted


def test_for_each_wallet_and_day_opening_and_lines_give_the_closing_or_the_gap_is_an_exception(
    cell: ImportedCompany,
) -> None:
    wallets: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(cell, "select * from wallet_lines where balance_minor is not null"):
        wallets[row["wallet_id"]].append(row)
    assert wallets
    gaps: dict[tuple[str, str], int] = {}
    for wallet, lines in wallets.items():
        lines.sort(key=lambda row: (row["booked_at"], row["statement_order"], row["line_id"]))
        for before, after in pairwise(lines):
            if gap := after["balance_minor"] - before["balance_minor"] - after["amount_minor"]:
                gaps[wallet, after["line_id"]] = gap
        moved = sum(row["amount_minor"] for row in lines[1:]) + sum(
            gap for (name, _), gap in gaps.items() if name == wallet
        )
        assert lines[-1]["balance_minor"] == lines[0]["balance_minor"] + moved
    found = _rows(cell, "select key, amount_minor from exceptions where kind = 'wallet_gap'")
    assert {tuple(row["key"].split("/", 1)): row["amount_minor"] for row in found} == gaps


def test_every_raw_row_is_in_a_table_or_in_quarantine_or_a_repetition(cell: ImportedCompany) -> None:
    stored = {
        row["raw_id"]: row
        for row in _rows(
            cell,
            """
        select f.raw_id, f.row_count, count(r.row_no) as n, count(distinct r.row_no) as rows,
               count(r.reject) as rejected,
               (select count(*) from quarantine as q where q.raw_id = f.raw_id) as quarantined
        from raw_files as f left join raw_rows as r on f.raw_id = r.raw_id group by f.raw_id, f.row_count""",
        )
    }
    for file in cell.report.files:
        if file.status != "imported":
            continue
        row = stored.pop(str(file.raw_id))
        assert row["n"] == row["rows"] == row["row_count"] == file.rows
        assert row["rejected"] == row["quarantined"] == file.quarantined
        assert file.rows == file.canonical + file.duplicates + file.quarantined
    assert stored == {}


def test_a_table_has_one_row_per_key_and_views_do_not_multiply_it(cell: ImportedCompany) -> None:
    for name, table in TABLES.items():
        if name in _PERSONAL:
            continue
        rows = table_rows(cell.parts, name)
        # The view `taxes` shows the VAT inside prices beside the taxes that a source states.
        if name != "taxes" and set(table.key) <= set(rows.column_names):
            keys = list(zip(*(rows[column].to_pylist() for column in table.key), strict=True))
            assert len(keys) == len(set(keys)), name
    assert _count(cell, "orders") == _count(cell, "order_positions")
    # A line whose order could not be read has no piece yet.
    lines = _rows(cell, "select count(*) as n from order_pieces where kind = 'line' and line_id <> '~unlisted'")
    known = _rows(cell, "select count(*) as n from order_lines where order_key in (select order_key from orders)")
    assert 0 < known[0]["n"] == lines[0]["n"] < _count(cell, "order_lines")


def test_the_profit_and_loss_is_the_trial_balance_of_its_accounts(cell: ImportedCompany) -> None:
    """No join on the way to the report may add or lose an entry: in yuan there is no rounding to hide behind."""
    local: Counter[str] = Counter()
    for row in _rows(
        cell,
        "select account, sum(-amount_minor) as n from ledger_entries where currency = 'CNY' "
        "and entity_id = 'cn-shanghai' and (account like 'revenue_%' or account like 'fee:%' "
        "or account in ('cogs', 'ad_spend', 'forfeited_deposit_income')) group by 1",
    ):
        local[row["account"]] = row["n"]
    report: Counter[str] = Counter()
    names = {"refunds": "revenue_reduction", "forfeited_deposits": "forfeited_deposit_income"}
    shops = [row["shop"] for row in _rows(cell, "select shop from shops where entity_id = 'cn-shanghai'")]
    foreign = _rows(cell, "select distinct sku_id from sku_costs where currency <> 'CNY'")
    for row in report_rows(cell.parts, "pnl", "CNY").to_pylist():
        abroad = row["line"] == "cogs" and row["sku_id"] in {each["sku_id"] for each in foreign}
        if row["shop"] in shops and row["line"] != "revenue_without_cost" and not abroad:
            report[names.get(row["detail"], row["detail"])] += row["amount_minor"]
    assert report == local


def test_every_entry_leads_to_a_raw_row_that_was_accepted(cell: ImportedCompany) -> None:
    sources = {
        "order": ("orders", "order_key"),
        "settlement_line": ("settlement_lines", "line_id"),
        "ad_spend": ("ad_spend", "spend_id"),
        "refund": ("refunds", "refund_id"),
        "payout": ("settlements", "settlement_key"),
    }
    kinds = {row["cause_kind"] for row in _rows(cell, "select distinct cause_kind from ledger_entries")}
    assert kinds == set(sources)
    for kind, (table, key) in sources.items():
        assert (
            _rows(
                cell,
                f"select cause_id from ledger_entries where cause_kind = '{kind}' "
                f"and cause_id not in (select {key} from {table})",
            )
            == []
        ), kind
        if kind != "refund":
            assert (
                _rows(
                    cell,
                    f"""select t.{key} from {table} as t
                left join raw_rows as r on t.raw_id = r.raw_id and t.row_no = r.row_no
                where r.raw_id is null or r.reject is not null""",
                )
                == []
            ), kind


def test_lines_of_an_order_always_explain_its_goods(cell: ImportedCompany) -> None:
    assert _rows(cell, "select * from exceptions where kind = 'lines_differ'") == []


def test_every_exception_has_an_id_of_its_own(cell: ImportedCompany) -> None:
    ids = [row["exception_id"] for row in _rows(cell, "select exception_id from exceptions")]
    assert len(ids) == len(set(ids)) > 10
