"""Explanations of values: parts add up to their figure, in every month and channel, down to the cell of the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from entrepot.assembly import open_cell
from entrepot.engine import parse
from entrepot.flows.asking import newest_tables, report_rows, table_rows
from entrepot.flows.errors import ValueUnknown
from entrepot.flows.explaining import explain_value
from entrepot.flows.importing import import_paths, replay
from entrepot.ledger.closing.decisions import CLOSING_RULES
from entrepot.ledger.derivation import RULES
from entrepot.model import TABLES, Origin
from entrepot.reports.explain import Node, PnlParts, open_postings, pnl_id
from entrepot.reports.explain.pnl import sql_text
from entrepot.reports.explain.words import rule_word
from entrepot.testing.small_files import Move, Sale, alipay_text, tmall_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany, SampleCompany

_BEHIND = (
    "order_positions",
    "order_pieces",
    "refunds",
    "fees",
    "orders",
    "settlement_lines",
    "ad_spend",
    "service_bill_lines",
    "bank_matches",
    "payouts",
    "journal_lines",
)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _adds_up(node: Node) -> bool:
    whole = node.own_minor if node.own_minor is not None else node.amount_minor
    if node.kind not in ("posting", "component"):
        whole = node.amount_minor
    parts = sum(child.amount_minor or 0 for child in node.children) + (node.more.amount_minor if node.more else 0)
    return abs(parts) == abs(whole or 0) if node.kind == "component" else parts == whole


def _one(engine: Engine, text: str) -> dict[str, Any]:
    row: dict[str, Any] = engine.read(parse(text, source="test")).to_pylist()[0]
    return row


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CellParts:
    """Two Tmall orders and what Alipay paid for the first."""
    folder = tmp_path_factory.mktemp("shop")
    sales = [
        Sale("2800000000000000001", 100_00, shipping_minor=8_00, merchant_minor=5_00),
        Sale("2800000000000000002", 50_00),
    ]
    moves = [Move("F1", "2800000000000000001", "在线支付", 103_00)]
    (folder / "orders.csv").write_text(tmall_text(sales), encoding="gb18030")
    (folder / "alipay.csv").write_text(alipay_text(moves), encoding="gb18030")
    parts = open_cell(folder / "home")
    report = import_paths(parts, [folder / "orders.csv", folder / "alipay.csv"])
    assert [file.status for file in report.files] == ["imported", "imported"]
    return parts


def test_a_figure_is_followed_to_file_row_header_and_cell(shop: CellParts) -> None:
    figure = explain_value(shop, "pnl/2026-09/tmall/revenue_goods", depth=5)
    assert (figure.amount_minor, figure.currency) == (128_32, "CNY")  # 95.00 and 50.00 without 13 % VAT
    (group,) = figure.children
    assert [(order.name, order.amount_minor) for order in group.children] == [
        ("tmall:2800000000000000001", 84_07),
        ("tmall:2800000000000000002", 44_25),
    ]
    (posting,) = group.children[0].children
    assert [(part.name, part.amount_minor) for part in posting.children] == [
        ("goods", -100_00),
        ("discount_merchant", 5_00),
        ("vat", 10_93),
    ]
    assert posting.own_minor == -84_07
    (row,) = posting.children[0].children
    assert (row.name, row.amount_minor) == ("orders.goods_minor", 100_00)
    assert row.facts["file"].endswith("orders.csv")
    assert (row.facts["row_no"], row.facts["sheet"]) == (2, None)
    assert {"row_no": 2, "column": "买家应付货款", "text": "100.00"} in row.facts["cells"]
    assert all(_adds_up(node) for node in _nodes(figure) if node.children and node.is_whole)


def test_what_is_not_shown_is_counted_and_summed(shop: CellParts) -> None:
    figure = explain_value(shop, "pnl/2026-09/tmall/revenue_goods", limit=1)
    (group,) = figure.children
    assert [child.amount_minor for child in group.children] == [84_07]
    assert group.more is not None
    assert (group.more.count, group.more.amount_minor) == (1, 44_25)


def test_an_order_adds_up_to_what_was_paid_and_shows_its_entries(shop: CellParts) -> None:
    order = explain_value(shop, "order/tmall:2800000000000000001")
    money, *entries = order.children
    assert (money.name, money.amount_minor) == ("paid", 103_00)
    assert {part.name: part.amount_minor for part in money.children} == {
        "goods": 100_00,
        "shipping": 8_00,
        "discount_merchant": -5_00,
    }
    assert {entry.name for entry in entries} == {"paid", "recognised", "settled"}
    assert all(_adds_up(entry) for entry in entries)


def test_a_posting_is_asked_by_its_entry_and_line(shop: CellParts) -> None:
    entry = explain_value(shop, "entry/paid:tmall:2800000000000000001")
    assert [(line.name, line.amount_minor) for line in entry.children] == [
        ("platform_receivable", 103_00),
        ("contract_liability_unshipped", -103_00),
    ]
    line = explain_value(shop, entry.children[0].id)
    assert (line.name, line.own_minor) == ("platform_receivable", 103_00)
    assert [(part.name, part.amount_minor) for part in line.children] == [("paid", 103_00)]


@pytest.mark.parametrize(
    "asked",
    [
        *("pnl/2026-09/tmall/nonsense", "pnl/2031-01/tmall/fees", "pnl/2026-09/jd/fees", "nonsense", "order/tmall:0"),
        *("entry/paid:tmall:0", "entry/paid:tmall:2800000000000000001/line-9", "exception/none", "gmv_bridge/a/CNY"),
        *("gmv_bridge/tmall@nobody/CNY/placed", "trial_balance/a/local/wallet/CNY/CNY/balance", "order/"),
    ],
)
def test_an_id_of_nothing_is_refused_and_says_what_ids_look_like(shop: CellParts, asked: str) -> None:
    with pytest.raises(ValueUnknown, match="Ids look like"):
        explain_value(shop, asked)


def test_a_line_on_which_nothing_was_posted_is_zero_and_has_no_parts(shop: CellParts) -> None:
    figure = explain_value(shop, "pnl/2026-09/tmall/ad_spend")
    assert (figure.amount_minor, figure.children) == (0, [])


def test_parts_that_do_not_add_up_are_our_own_mistake(shop: CellParts) -> None:
    tables = newest_tables(shop)
    asked = pnl_id("pnl/2026-09/tmall/revenue_goods")
    assert asked is not None
    with shop.open_engine() as engine:
        open_postings(engine, tables, "CNY", asked)
        figures = PnlParts(engine, "CNY")
        node = figures.figure(asked)
        assert node is not None
        twice = parse("select * from postings union all select * from postings", source="a join that multiplies")
        engine.define("doubled", twice, materialise=True)
        engine.add_arrow("postings", engine.read("doubled"))
        with pytest.raises(AssertionError, match="add up"):
            figures.expand(node, asked)


def test_every_figure_of_the_company_is_the_sum_of_its_postings(one_imported: ImportedCompany) -> None:
    parts = one_imported.parts
    with parts.open_engine() as engine:
        open_postings(engine, newest_tables(parts), "CNY")
        keys = "month, fiscal_period, coalesce(channel, '-') as channel, coalesce(shop, '-') as shop, sku_id, line"
        summed = (
            "select {keys}, sum_exact(amount_minor) as amount_minor from {of} group by month, fiscal_period, "
            "coalesce(channel, '-'), coalesce(shop, '-'), sku_id, line"
        )
        both = " except ".join(f"({summed.format(keys=keys, of=of)})" for of in ("report", "postings"))
        assert _one(engine, f"select count(*) as n from ({both}) as d")["n"] == 0
        assert _one(engine, "select count(*) as n from postings")["n"] > 10_000
        foreign = _one(engine, "select count(*) as n from postings where posted_currency <> currency")
        assert foreign["n"] > 500


def test_every_posting_of_the_company_finds_what_its_rule_added_up(one_imported: ImportedCompany) -> None:
    parts = one_imported.parts
    with parts.open_engine() as engine:
        newest_tables(parts).open_into(engine, ["ledger_entries", *_BEHIND])
        engine.define("asked_entries", parse("select * from ledger_entries", source="all entries"), materialise=True)
        engine.define("components", parse(sql_text("components"), source="components"), materialise=True)
        sums = "select entry_id, line_no, sum_exact(amount_minor) as amount_minor from components group by entry_id, line_no"
        wanted = "select entry_id, line_no, amount_minor from ledger_entries"
        assert _one(engine, f"select count(*) as n from ({wanted} except {sums}) as d")["n"] == 0
        assert _one(engine, f"select count(*) as n from ({sums}) as d") == _one(
            engine, "select count(*) as n from ledger_entries"
        )


def test_every_derived_table_of_the_company_has_one_row_per_key(one_imported: ImportedCompany) -> None:
    parts = one_imported.parts
    tables = newest_tables(parts)
    filled = 0
    with parts.open_engine() as engine:
        for name, table in TABLES.items():
            if table.origin is Origin.RAW or name not in tables.versions:
                continue
            tables.open_into(engine, [name])
            keys = ", ".join(f'"{key}"' for key in table.key)
            counts = _one(
                engine,
                f"select (select count(*) from {name}) as rows_found, "
                f"(select count(*) from (select distinct {keys} from {name}) as k) as keys_found",
            )
            assert counts["rows_found"] == counts["keys_found"], name
            filled += counts["rows_found"] > 0
    assert filled > 15


def test_each_step_of_a_whole_months_explanation_adds_up_to_its_parent(one_imported: ImportedCompany) -> None:
    for line in ("contribution_margin", "fees"):
        figure = explain_value(one_imported.parts, f"pnl/2026-09/all/{line}", depth=4, limit=3)
        report = report_rows(one_imported.parts, "pnl").to_pylist()
        if line == "fees":
            assert figure.amount_minor == sum(
                row["amount_minor"] for row in report if row["line"] == line and row["month"] == "2026-09"
            )
        checked = [node for node in _nodes(figure) if node.children and node.is_whole]
        assert len(checked) > 20
        assert [node.id for node in checked if not _adds_up(node)] == []


def test_figures_of_the_other_reports_add_up_from_orders_postings_and_exceptions(one_imported: ImportedCompany) -> None:
    parts = one_imported.parts
    bridge = next(row for row in report_rows(parts, "gmv_bridge").to_pylist() if row["channel"] == "tmall")
    for step in ("placed", "recognised", "refunds", "net"):
        node = explain_value(parts, f"gmv_bridge/tmall@{bridge['shop']}/CNY/{step}", limit=5)
        assert node.amount_minor == bridge[f"{step}_minor"]
        assert _adds_up(node)
    status = next(row for row in report_rows(parts, "settlement_status").to_pylist() if row["channel"] == "jd")
    place = f"jd@{status['shop']}/{status['currency']}/{status['settlement_state']}"
    node = explain_value(parts, f"settlement_status/{place}/expected", limit=5)
    assert node.amount_minor == status["expected_minor"]
    balance = next(
        row
        for row in report_rows(parts, "trial_balance").to_pylist()
        if (row["account"], row["currency"]) == ("wallet", "USD")
    )
    place = f"{balance['entity_id']}/local/wallet/USD/{balance['functional_currency']}"
    assert explain_value(parts, f"trial_balance/{place}/balance").amount_minor == balance["balance_minor"]
    assert explain_value(parts, f"trial_balance/{place}/functional").amount_minor == balance["functional_minor"]
    stake = sum(
        row["at_stake_minor"]
        for row in report_rows(parts, "exceptions_summary").to_pylist()
        if row["kind"] == "settlement_difference" and row["currency"] == "CNY"
    )
    node = explain_value(parts, "exceptions_summary/settlement_difference/all/CNY/at_stake", limit=0)
    assert node.amount_minor == stake
    assert _adds_up(node)


def test_every_exception_of_the_company_can_be_asked(one_imported: ImportedCompany) -> None:
    kinds: dict[str, str] = {}
    for row in table_rows(one_imported.parts, "exceptions").to_pylist():
        kinds.setdefault(row["kind"], row["exception_id"])
    assert {"settlement_difference", "settlement_missing", "order_identity", "quarantined_row"} <= set(kinds)
    for kind, exception_id in kinds.items():
        node = explain_value(one_imported.parts, f"exception/{exception_id}")
        assert node.name == kind
        assert not (node.children and node.is_whole) or _adds_up(node)


def test_a_personal_cell_is_named_and_never_shown(shop: CellParts, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        tmall_text([Sale("2800000000000000009", 10_00, status="状态不明")]), encoding="gb18030"
    )
    parts = open_cell(tmp_path / "home")
    import_paths(parts, [tmp_path / "bad.csv"])
    (exception,) = (row for row in table_rows(parts, "exceptions").to_pylist() if row["kind"] == "quarantined_row")
    node = explain_value(parts, f"exception/{exception['exception_id']}")
    cells = node.children[0].facts["cells"]
    assert {"row_no": 2, "column": "收货人姓名", "hidden": True} in cells
    assert {"row_no": 2, "column": "订单状态", "text": "状态不明"} in cells
    assert "name of a buyer" not in json.dumps(node.as_dict(), ensure_ascii=False)
    everything = explain_value(shop, "order/tmall:2800000000000000001")
    assert "buyer" not in json.dumps(everything.as_dict(), ensure_ascii=False)


def test_explanations_are_the_same_after_a_replay(small_company: SampleCompany, tmp_path: Path) -> None:
    parts = small_company.new_cell(tmp_path / "home")
    import_paths(parts, small_company.data_files("tmall_orders", "tmall_order_lines", "sku_list"))
    month = sorted(set(report_rows(parts, "pnl")["month"].to_pylist()))[1]
    asked = f"pnl/{month}/all/net_revenue"
    before = explain_value(parts, asked, depth=4, limit=4).as_dict()
    replay(parts)
    assert explain_value(parts, asked, depth=4, limit=4).as_dict() == before


def test_a_sheet_is_named_for_a_workbook(one_imported: ImportedCompany) -> None:
    orders = table_rows(one_imported.parts, "raw_files")
    books = {
        row["raw_id"] for row in orders.to_pylist() if row["encoding"] == "xlsx" and row["format"] == "tmall_orders"
    }
    # Shipping is an amount of the order list alone: goods are told by the list of its lines, which is CSV.
    told = [
        row["order_key"]
        for row in table_rows(one_imported.parts, "orders").to_pylist()
        if row["raw_id"] in books and row["shipping_minor"]
    ]
    node = explain_value(one_imported.parts, f"order/{min(told)}")
    sheets = {each.facts["sheet"] for each in _nodes(node) if each.kind == "row" and ".xlsx" in each.facts["file"]}
    assert sheets == {"ExportOrderList"}
    assert isinstance(orders, pa.Table)


_BILL = "bill,vendor,kind,date,amount,vat,currency,channel,shop\nSF-09,SF,express,2026-09-12,10.60,0.60,CNY,tmall,flagship\n"
_FLAGSHIP = '[[entities]]\nid = "ours"\n[[shops]]\nshop = "flagship"\nchannel = "tmall"\nentity = "ours"\n'


def test_a_bill_is_followed_to_its_amount_and_its_tax(tmp_path: Path) -> None:
    (tmp_path / "bills.csv").write_text(_BILL, encoding="utf-8")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cell.toml").write_text(_FLAGSHIP, encoding="utf-8")
    parts = open_cell(tmp_path / "home")
    import_paths(parts, [tmp_path / "bills.csv"])
    (entry_id,) = {row["entry_id"] for row in table_rows(parts, "ledger_entries").to_pylist()}
    entry = explain_value(parts, f"entry/{entry_id}", depth=5)
    parts_of = {
        posting.name: [(part.name, part.amount_minor) for part in posting.children] for posting in entry.children
    }
    assert parts_of == {
        "fee:logistics_fee": [("bill", 10_60), ("bill_vat", -60)],
        "input_vat_pending": [("bill_vat", 60)],
        "accounts_payable": [("bill", -10_60)],
    }
    (row,) = entry.children[0].children[0].children
    assert (row.name, row.facts["row_no"]) == ("service_bill_lines.amount_minor", 2)


_BANK = (
    "bank_account,booked_on,amount,currency,counterparty,bank_fee\n"
    "6222-01,2026-09-12,99.00,CNY,支付宝（中国）网络技术有限公司,1.00\n"
)


def test_money_at_the_bank_is_followed_to_the_statement_and_to_the_payout(tmp_path: Path) -> None:
    sale, number = Sale("2800000000000000001", 100_00), "2800000000000000001"
    moves = [Move("F1", number, "在线支付", 100_00), Move("F2", "", "提现", -100_00, day=11)]
    (tmp_path / "orders.csv").write_text(tmall_text([sale]), encoding="gb18030")
    (tmp_path / "alipay.csv").write_text(alipay_text(moves), encoding="gb18030")
    (tmp_path / "bank.csv").write_text(_BANK, encoding="utf-8")
    parts = open_cell(tmp_path / "home")
    import_paths(parts, [tmp_path])
    (banked,) = {
        row["entry_id"] for row in table_rows(parts, "ledger_entries").to_pylist() if row["posting_rule"] == "banked"
    }
    entry = explain_value(parts, f"entry/{banked}", depth=5)
    assert all(_adds_up(node) for node in _nodes(entry) if node.children and node.is_whole)
    parts_of = {
        line.name: [(part.name, part.amount_minor, [row.name for row in part.children]) for part in line.children]
        for line in entry.children
    }
    assert parts_of == {
        "bank": [("bank_line", 99_00, ["bank_lines.amount_minor"])],
        "fee:payment_fee": [("bank_fee", 1_00, ["bank_lines.fee_minor"])],
        "cash_in_transit": [("paid_out", -100_00, ["settlement_lines.amount_minor"])],
    }


def test_every_rule_that_posts_has_a_name_for_people_in_both_languages() -> None:
    for rule in (*RULES, *CLOSING_RULES, "restatement", "taken_back", "reversal"):
        assert rule_word(rule, "zh") not in (rule, ""), rule
