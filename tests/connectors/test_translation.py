"""What holds for the rows of every format: no two contradict in one file, and no sale is below nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.engine import SparkEngine
from entrepot.testing.sail import sail_session
from tests.connectors.alipay import test_alipay_ledger as alipay
from tests.connectors.casework import CaseFile, Translated, imported, lines_of, translated
from tests.connectors.jd import test_jd_orders as jd
from tests.connectors.pinduoduo import test_pinduoduo_orders as pinduoduo
from tests.connectors.shopify import test_shopify_orders as shopify
from tests.connectors.tmall import test_tmall_orders as tmall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEARER = {"总金额": "159.80", "买家应付货款": "159.80", "买家实际支付金额": "154.80"}
CONTRADICTIONS: dict[str, tuple[Callable[..., Translated], dict[str, str]]] = {
    "a Tmall order with two totals": (tmall.read, DEARER),
    "a Tmall order in two shops": (tmall.read, {"店铺名称": "另一家店"}),
    "a Tmall order with two totals in two states": (
        tmall.read,
        {**DEARER, "订单状态": "交易成功", "确认收货时间": "2026-09-09 08:30:00"},
    ),
    "a Pinduoduo order with two payments": (
        lambda *rows: translated(CaseFile(lines_of(pinduoduo.HEADER, pinduoduo.PLAIN, *rows), "orders.csv")),
        {"用户实付金额(元)": "44.80", "店铺优惠折扣(元)": "12.00"},
    ),
    "an Alipay movement with two amounts": (
        lambda *rows: translated(CaseFile(lines_of(alipay.HEADER, alipay.PLAIN, *rows), "ledger.csv")),
        {alipay.INCOME: "64.80"},
    ),
    "a Shopify order with two totals": (
        lambda *rows: shopify.read(*({**shopify.FIRST, **row} for row in rows)),
        {"Total": "73.00"},
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_two_rows_that_contradict_are_both_quarantined_and_name_each_other(case: str) -> None:
    read, other = CONTRADICTIONS[case]
    found = read({}, other)
    assert found.rejects == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}
    assert found.is_empty()


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_rows_that_say_the_same_are_a_repetition(case: str) -> None:
    read, _ = CONTRADICTIONS[case]
    found = read({}, {})
    assert found.rejects == {}
    assert not found.is_empty()


def test_a_repetition_is_counted_as_one(tmp_path: Path) -> None:
    cell = imported(tmp_path, [CaseFile(lines_of(tmall.HEADER, tmall.PLAIN, {}, {}), "orders.csv", "gb18030")])
    report = cell.reports[0].files[0]
    assert (report.rows, report.canonical, report.duplicates, report.quarantined) == (2, 1, 1, 0)


def test_a_repetition_in_another_spelling_is_one_too(tmp_path: Path) -> None:
    """Found by damaging files: nobody was told that a row counts once although it stands there twice."""
    other = {"订单创建时间": tmall.PLAIN["订单创建时间"].replace("-0", "-", 1)}
    assert other["订单创建时间"] != tmall.PLAIN["订单创建时间"]
    rows = lines_of(tmall.HEADER, tmall.PLAIN, {}, other, {})
    cell = imported(tmp_path, [CaseFile(rows, "orders.csv", "gb18030")])
    report = cell.reports[0].files[0]
    assert (report.rows, report.canonical, report.duplicates, report.quarantined) == (3, 1, 2, 0)


def test_of_three_rows_the_two_that_agree_do_not_outvote_the_third() -> None:
    found = tmall.read({}, DEARER, {})
    assert found.rejects == {
        "2": "contradicting_rows:row 3",
        "3": "contradicting_rows:row 2",
        "4": "contradicting_rows:row 3",
    }
    assert found.is_empty()


def test_a_row_that_is_refused_contradicts_nobody() -> None:
    found = tmall.read({}, {**DEARER, "订单状态": "神秘状态"})
    assert found.rejects == {"3": "unknown_code:订单状态:神秘状态"}
    found.shows("orders", "paid_minor\n5480")


def test_contradicting_rows_of_one_order_leave_the_others_alone_and_stand_in_quarantine(tmp_path: Path) -> None:
    file = CaseFile(lines_of(tmall.HEADER, tmall.PLAIN, {}, tmall.CLOSED, DEARER), "orders.csv", "gb18030")
    cell = imported(tmp_path, [file])
    report = cell.reports[0].files[0]
    assert (report.canonical, report.duplicates, report.quarantined) == (1, 0, 2)
    assert report.reasons == {"contradicting_rows": 2}
    cell.shows("orders", "order_id\n289749893212214687")
    quarantined = [(row["row_no"], row["reason"], row["field"]) for row in cell.rows("quarantine")]
    assert sorted(quarantined) == [(2, "contradicting_rows", "row 4"), (4, "contradicting_rows", "row 2")]
    assert {row["file_name"].rsplit("/", 1)[-1] for row in cell.rows("quarantine")} == {"orders.csv"}


def test_two_files_do_not_contradict_for_the_newer_one_knows_better() -> None:
    found = translated(
        CaseFile(lines_of(tmall.HEADER, tmall.PLAIN, {}), "ExportOrderList20260901001400.csv", "gb18030"),
        CaseFile(lines_of(tmall.HEADER, tmall.PLAIN, DEARER), "ExportOrderList20260902001400.csv", "gb18030"),
    )
    assert found.rejects == {}


def test_a_later_state_in_a_file_put_together_from_two_exports_follows_the_earlier_one(tmp_path: Path) -> None:
    done = {"订单状态": "交易成功", "确认收货时间": "2026-09-09 08:30:00"}
    cell = imported(tmp_path, [CaseFile(lines_of(tmall.HEADER, tmall.PLAIN, done, {}), "orders.csv", "gb18030")])
    assert cell.rejects() == {}
    cell.shows("orders", "commercial_state | paid_minor\ncompleted_by_buyer | 5480")


def test_an_order_that_repeats_per_article_contradicts_nothing() -> None:
    found = jd.read({}, {"商品ID": "100000000002", "货号": "SKU-B"})
    assert found.rejects == {}
    assert len(found.tables["order_lines"]) == 2


def test_an_order_below_nothing_is_quarantined_where_its_format_has_no_word_for_it() -> None:
    cells = {
        "商品总价(元)": "-59.80",
        "店铺优惠折扣(元)": "0.00",
        "平台优惠折扣(元)": "0.00",
        "用户实付金额(元)": "0.00",
    }
    found = translated(CaseFile(lines_of(pinduoduo.HEADER, pinduoduo.PLAIN, cells), "orders.csv"))
    assert found.rejects == {"2": "negative_amount:goods_minor"}
    assert found.is_empty()


def test_another_engine_finds_the_same_contradictions() -> None:
    rows = lines_of(tmall.HEADER, tmall.PLAIN, {}, tmall.CLOSED, DEARER, tmall.CLOSED)
    flows: tuple[dict[str, str], ...] = (
        {},
        {},
        {"账务流水号": "2", alipay.INCOME: "1.00"},
        {"账务流水号": "2", alipay.INCOME: "2.00"},
    )
    files = (
        CaseFile(rows, "orders.csv", "gb18030"),
        CaseFile(lines_of(alipay.HEADER, alipay.PLAIN, *flows), "ledger.csv", "gb18030"),
    )
    wanted = (
        {"2": "contradicting_rows:row 4", "4": "contradicting_rows:row 2"},
        {"4": "contradicting_rows:row 5", "5": "contradicting_rows:row 4"},
    )
    with sail_session() as address:
        for file, rejects in zip(files, wanted, strict=True):
            assert translated(file).rejects == rejects
            assert translated(file, engine=SparkEngine(address)).rejects == rejects
