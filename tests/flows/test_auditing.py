"""First look at a folder: what is there, what is missing between, what feeds what, and nothing written or given away."""

from __future__ import annotations

import csv
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest
import pyzipper

from entrepot.assembly import open_cell
from entrepot.connectors.errors import NothingToImport
from entrepot.flows.auditing import audit
from entrepot.flows.importing import import_paths
from entrepot.reports.audit import shipped_assumptions
from entrepot.testing.small_files import TMALL_HEADER, Move, Sale, alipay_text, tmall_text

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.reports.audit import Audit

SALES = [Sale("1000000001", 100_00, shipping_minor=5_00), Sale("1000000002", 80_00, is_confirmed=False)]
MOVES = [Move("A1", "1000000001", "在线支付", 105_00, day=10), Move("A2", "1000000001", "收费", -1_00, day=11)]


def _in_month(text: str, month: str) -> str:
    return text.replace("2026-09-", f"2026-{month}-").replace("10000000", f"1000{month}00")


def _audit(path: Path, home: Path | None = None) -> Audit:
    return audit(open_cell, home or path / "no company", path, shipped_assumptions())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders of July and September, a settlement that ends in July, a copy, an unknown table and a note."""
    folder = tmp_path_factory.mktemp("files")
    july = _in_month(tmall_text(SALES), "07")
    (folder / "orders-07.csv").write_text(july, encoding="gb18030")
    (folder / "copy of orders.csv").write_text(july, encoding="gb18030")
    (folder / "orders-09.csv").write_text(tmall_text(SALES), encoding="gb18030")
    (folder / "alipay.csv").write_text(_in_month(alipay_text(MOVES), "07"), encoding="gb18030")
    unknown = "订单编号,买家会员名,总金额,城市\n1,张小三,5.00,上海\n2,李小四,6.00,北京\n"
    (folder / "other shop.csv").write_text(unknown, encoding="utf-8")
    (folder / "note.txt").write_text("call the bank\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> Audit:
    return _audit(folder)


def test_every_file_is_told_with_what_it_is(found: Audit) -> None:
    told = [(file.path, file.status, file.format, file.encoding, file.rows, file.period) for file in found.files]
    assert told == [
        ("alipay.csv", "recognised", "alipay_ledger", "gb18030", 2, ("2026-07-10", "2026-07-11")),
        ("copy of orders.csv", "recognised", "tmall_orders", "gb18030", 2, ("2026-07-01", "2026-07-01")),
        ("note.txt", "not_recognised", "", "", 0, None),
        ("orders-07.csv", "duplicate", "tmall_orders", "gb18030", 2, None),
        ("orders-09.csv", "recognised", "tmall_orders", "gb18030", 2, ("2026-09-01", "2026-09-01")),
        ("other shop.csv", "not_recognised", "", "", 0, None),
    ]
    by_path = {file.path: file for file in found.files}
    assert by_path["orders-07.csv"].same_as == "copy of orders.csv"
    assert by_path["orders-09.csv"].shops == ("our shop",)
    assert by_path["alipay.csv"].shops == ()
    assert {total["name"]: (total["stated"], total["found"]) for total in by_path["alipay.csv"].control_totals} == {
        "income_count": (1, 1),
        "income_sum": (105_00, 105_00),
        "expense_count": (1, 1),
        "expense_sum": (1_00, 1_00),
    }


def test_an_unknown_table_is_told_with_the_nearest_format_and_what_differs(found: Audit) -> None:
    unknown = next(file for file in found.files if file.path == "other shop.csv")
    assert unknown.is_table
    assert unknown.nearest is not None
    assert unknown.nearest.format == "tmall_orders"
    assert unknown.nearest.missing == ("买家实际支付金额", "订单创建时间")
    assert unknown.nearest.extra == ("城市",)
    note = next(file for file in found.files if file.path == "note.txt")
    assert (note.is_table, note.nearest) == (False, None)
    assert note.reason == "no known header was found; describe it with a declared format"


def test_a_month_between_two_others_and_an_early_end_of_the_settlement_are_named(found: Audit) -> None:
    of = {(each.report, each.need): each for each in found.missing if each.channel == "tmall"}
    assert (of["gmv_bridge", "orders"].state, of["gmv_bridge", "orders"].months) == ("partly", ("2026-08",))
    settlement = of["settlement_status", "settlement_lines"]
    assert (settlement.state, settlement.months) == ("partly", ("2026-08", "2026-09"))
    assert [title["zh"] for title in settlement.sources] == ["支付宝账务明细", "支付宝国际结算明细"]
    assert (of["pnl", "order_lines"].state, [title["zh"] for title in of["pnl", "order_lines"].sources]) == (
        "missing",
        ["天猫宝贝报表"],
    )
    assert [title["zh"] for title in of["pnl", "sku_costs"].sources] == ["商品资料及成本表"]
    assert (of["pnl", "ad_spend"].state, of["pnl", "fx_rates"].state) == ("missing", "there")


def test_what_the_company_has_once_is_looked_for_in_every_month_with_orders(tmp_path: Path) -> None:
    for month in ("08", "09"):
        (tmp_path / f"orders-{month}.csv").write_text(_in_month(tmall_text(SALES), month), encoding="gb18030")
    bank = "bank_account,booked_on,amount,currency\n6222,2026-09-12,100.00,CNY\n"
    (tmp_path / "bank.csv").write_text(bank, encoding="utf-8")
    of = {each.report: each for each in _audit(tmp_path).missing if not each.channel}
    assert (of["cash_forecast"].state, of["cash_forecast"].months) == ("partly", ("2026-08",))
    assert "工商银行账户明细" in [title["zh"] for title in of["cash_forecast"].sources]
    assert [title["zh"] for title in of["stock_turnover"].sources] == ["库存快照"]
    assert {each.state for name, each in of.items() if name not in ("ageing", "cash_forecast")} == {"missing"}


def test_each_column_is_followed_to_what_it_feeds(found: Audit) -> None:
    uses = {use.column: use for each in found.fields if each.format == "tmall_orders" for use in each.fields}
    fed = {name: {(to["table"], to["column"], to["how"]) for to in uses[name].feeds} for name in uses}
    assert ("orders", "paid_at", "converted") in fed["订单付款时间"]
    assert ("orders", "commercial_state", "looked_up") in fed["订单状态"]
    assert ("orders", "paid_minor", "computed") in fed["退款金额"]
    assert ("orders", "platform_status", "copied") in fed["订单状态"]
    assert ("persons", "platform_account", "copied") in fed["买家会员名"]
    assert not [to for to in fed["总金额"] if to[0] == "persons"]
    assert (uses["买家会员名"].use, uses["买家会员名"].residency) == ("feeds", "personal")
    assert (uses["宝贝种类"].use, uses["宝贝种类"].feeds, uses["宝贝种类"].in_files) == ("unread", (), False)
    assert uses["总金额"].in_files


def test_the_hours_are_counted_from_what_is_there(found: Audit) -> None:
    basis = found.basis
    # Two months with orders; two order lists, a ledger and an unknown table; three kinds of files to connect.
    assert (basis.months, basis.files, basis.order_lines, basis.links) == (2, 4, 0, 3)
    by_hand = found.hours[0]
    minutes = (4 * 50 + basis.exceptions * 8) / 2
    assert by_hand.month_minutes == int(minutes + 0.5)


def test_the_order_of_roll_out_has_a_reason_for_each_step(found: Audit) -> None:
    assert [(step.what, step.channel, step.reason) for step in found.rollout] == [
        ("platform", "tmall", "nearest_to_whole"),
        ("declare", "", "files_unknown"),
        ("advertising", "", "advertising_missing"),
        ("close", "", "close_by_exception"),
    ]
    assert found.rollout[0].facts["lacking"] == ["orders", "order_lines", "settlement_lines"]
    assert found.rollout[1].facts == {"files": 1, "kinds": 1}


def test_twelve_months_of_one_unknown_table_are_one_kind_to_connect(tmp_path: Path) -> None:
    for month in range(1, 13):
        text = f"单号,客户,金额\nA{month},张小三,{month}.00\nB{month},李小四,1.00\n"
        (tmp_path / f"sales-{month:02d}.csv").write_text(text, encoding="gb18030")
    (tmp_path / "till.csv").write_text("票号,款台,实收\n1,2,3.00\n2,2,4.00\n", encoding="utf-8")
    found = _audit(tmp_path)
    assert (found.basis.files, found.basis.links) == (13, 2)
    assert found.rollout[0].facts == {"files": 13, "kinds": 2}
    like = {file.path: file.same_columns_as for file in found.files}
    assert like.pop("sales-01.csv") == like.pop("till.csv") == ""
    assert set(like.values()) == {"sales-01.csv"}


@pytest.mark.parametrize(("begins", "state"), [("2026-09-01", "there"), ("2026-12-01", "missing")])
def test_a_cost_that_begins_after_the_sale_is_none(tmp_path: Path, begins: str, state: str) -> None:
    header = "单号,下单时间,支付时间,发货时间,商品编码,数量,单价"
    rows = "M1,2026-09-01 12:00:00,2026-09-01 12:01:00,2026-09-02 09:00:00,SKU-A,1,29.90"
    files, home = tmp_path / "files", tmp_path / "company"
    (home / "declared").mkdir(parents=True)
    (home / "declared" / "shop.yaml").write_text(
        "format: mini\ntable: orders\ncolumns: {单号: order_id, 下单时间: placed_at, 支付时间: paid_at, 发货时间: shipped_at,\n"
        "  商品编码: sku_id, 数量: quantity, 单价: unit_price}\nrecognition: shipped\n",
        encoding="utf-8",
    )
    files.mkdir()
    (files / "orders.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    costs = f"sku_id,name,unit_cost,currency,valid_from\nSKU-A,茶,9.00,CNY,{begins}\n"
    (files / "costs.csv").write_text(costs, encoding="utf-8")
    found = {(each.report, each.need): each for each in _audit(files, home).missing}["pnl", "sku_costs"]
    assert found.state == state
    assert found.facts == {"skus_sold": 1, "skus_with_cost": int(state == "there")}


def test_what_is_locked_is_looked_into_with_its_password(tmp_path: Path) -> None:
    with pyzipper.AESZipFile(tmp_path / "bill.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"2026")
        archive.writestr("orders.csv", tmall_text(SALES).encode("gb18030"))
        archive.writestr("till.csv", "票号,款台,实收\n1,2,3.00\n2,2,4.00\n")
    assert [file.status for file in _audit(tmp_path).files] == ["unreadable", "unreadable"]
    home = tmp_path / "no company"
    found = audit(open_cell, home, tmp_path, shipped_assumptions(), passwords=("1", "2026"))
    assert [(file.path, file.status) for file in found.files] == [
        ("bill.zip!orders.csv", "recognised"),
        ("bill.zip!till.csv", "not_recognised"),
    ]


def test_no_cell_of_any_file_is_given_away(found: Audit, folder: Path) -> None:
    told = json.dumps(found.as_dict(), ensure_ascii=False)
    cells = {
        cell.strip()
        for path in folder.glob("*.csv")
        for row in csv.reader(io.StringIO(path.read_bytes().decode("gb18030" if "other" not in path.name else "utf-8")))
        for cell in row
        if cell.startswith(("buyer of", "name of", "1000", "张", "李", "上海"))
    }
    assert len(cells) > 8
    assert [cell for cell in cells if cell in told] == []


def test_a_company_folder_is_read_for_its_settings_and_left_as_it_is(tmp_path: Path, folder: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    shutil.copy(folder / "orders-09.csv", files)
    (files / "declared.csv").write_text("ticket,day,pieces,price\nA-1,2026-09-02,2,1.50\n", encoding="utf-8")
    home = tmp_path / "company"
    (home / "declared").mkdir(parents=True)
    (home / "declared" / "till.yaml").write_text(
        "format: till\ntable: orders\ncolumns: {ticket: order_id, day: placed_at, pieces: quantity, price: unit_price}\n",
        encoding="utf-8",
    )
    import_paths(open_cell(home), [files / "orders-09.csv"])
    before = _tree(tmp_path)

    found = _audit(tmp_path, home)

    assert _tree(tmp_path) == before
    assert [(file.path, file.format) for file in found.files] == [
        ("files/declared.csv", "till"),
        ("files/orders-09.csv", "tmall_orders"),
    ]


def test_an_empty_folder_has_no_files_no_steps_and_no_error(tmp_path: Path) -> None:
    found = _audit(tmp_path)
    assert (found.files, found.platforms, found.missing, found.fields, found.rollout) == ((), (), (), (), ())
    assert [each.month_minutes for each in found.hours] == [0, 0, 0, 0]


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport, match="no file or folder"):
        _audit(tmp_path / "nowhere")


def test_a_single_file_can_be_audited(folder: Path) -> None:
    found = _audit(folder / "orders-09.csv")
    assert [(file.path, file.format) for file in found.files] == [("orders-09.csv", "tmall_orders")]


def _tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_header_of_the_small_files_is_one_that_the_product_knows(found: Audit) -> None:
    known = {use.column for each in found.fields if each.format == "tmall_orders" for use in each.fields}
    assert set(TMALL_HEADER) <= known
