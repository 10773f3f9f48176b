"""Qianchuan's reports: promotion of goods and of live rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTS = "商品ID,商品名称,日期,整体消耗,整体支付ROI,整体成交金额,整体成交订单数,净成交ROI,净成交金额"
LIVE = "抖音号名称,日期,净成交ROI,净成交金额,整体消耗,整体支付ROI,整体成交金额,整体成交订单数,GPM,直播间整体曝光次数"
PRODUCT = {"商品ID": "3660207428038974464", "日期": "2026-09-09", "整体消耗": "123.45", "整体支付ROI": "3.2"}
ROOM = {"抖音号名称": "测试主播", "日期": "2026-09-09", "整体消耗": "1,000.00", "整体支付ROI": "3.2"}


def products(*rows: dict[str, str], encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(lines_of(PRODUCTS, PRODUCT, *rows), "products.csv", encoding)


def live(*rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(LIVE, ROOM, *rows), "live.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_article_spends_per_day(encoding: str) -> None:
    found = translated(products({}, {"日期": "2026-09-10", "整体消耗": "0.00"}, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"products.csv": "douyin_product_ads"}, {}, 2)
    found.shows(
        "ad_spend",
        """
        channel | month   | shop     | spent_on   | campaign            | currency | amount_minor
        douyin  | 2026-09 | our shop | 2026-09-09 | 3660207428038974464 | CNY      | 12345
        douyin  | 2026-09 | our shop | 2026-09-10 | 3660207428038974464 | CNY      | 0
    """,
    )


def test_a_live_room_spends_per_day_and_nobody_is_named() -> None:
    found = translated(live({}, {"抖音号名称": "另一主播", "整体消耗": "1.00"}))
    assert found.formats == {"live.csv": "douyin_live_ads"}
    found.shows(
        "ad_spend", "spent_on | campaign | amount_minor\n2026-09-09 | 直播间 | 100000\n2026-09-09 | 直播间 | 100"
    )
    assert "主播" not in str(found.tables["ad_spend"])


def test_a_day_as_a_spreadsheet_saves_it_is_read() -> None:
    for file in (products({"日期": "2026/9/9"}), live({"日期": "2026/9/9"})):
        found = translated(file)
        assert (found.rejects, str(found.tables["ad_spend"][0]["spent_on"])) == ({}, "2026-09-09")


def test_the_summary_of_a_period_is_no_spend() -> None:
    found = translated(live({}, {"日期": "全部", "整体消耗": "1,000.00"}))
    assert found.rejects == {}
    found.shows("ad_spend", "amount_minor\n100000")


def test_goods_and_live_rooms_are_added_and_the_same_report_counts_once(tmp_path: Path) -> None:
    again = CaseFile(products({}).text.replace("\r\n", "\n"), "again.csv")
    cell = imported(tmp_path, [products({}), live({})], [again])
    assert sum(row["amount_minor"] for row in cell.rows("ad_spend")) == 112345


def test_a_report_by_material_is_not_read_for_it_would_count_twice() -> None:
    with pytest.raises(AssertionError, match="is not recognised"):
        translated(CaseFile("素材ID,素材名称,整体消耗,整体支付ROI\r\n1,a,1.00,2\r\n", "materials.csv"))


REFUSED = {
    "no day": ({"日期": "-"}, "bad_time:日期"),
    "no article": ({"商品ID": "-"}, "bad_id:商品ID"),
    "a broken spend": ({"整体消耗": "约"}, "bad_money:整体消耗"),
    "a negative spend": ({"整体消耗": "-1.00"}, "bad_money:整体消耗"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return translated(products(*(cells for cells, _ in REFUSED.values())))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_spends_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_a_live_row_without_account_or_day_is_quarantined() -> None:
    found = translated(live({"抖音号名称": "-"}, {"日期": "-"}))
    assert (found.rejects, found.is_empty()) == ({"2": "bad_id:抖音号名称", "3": "bad_time:日期"}, True)
