"""Pinduoduo's promotion reports: of goods, in three generations, and of the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

GOODS = "日期,商品ID,商品名称,推广场景,推广名称,出价方式,分组,是否已删除,总花费(元),成交花费(元),交易额(元),实际投产比,净交易额(元),曝光量,点击量"
STAR = "日期,花费(元),交易额(元),投入产出比,成交笔数,店铺关注量,千次曝光花费(元),曝光量,点击量,每笔成交花费(元),每笔成交金额(元),商品收藏量"
PLAIN = {
    "日期": "2026-09-09",
    "商品ID": "600000000001",
    "推广场景": "全站推广",
    "推广名称": "全站-上衣",
    "总花费(元)": "145.46",
    "成交花费(元)": "140.00",
    "交易额(元)": "1549.40",
    "实际投产比": "10.65",
}
STAR_PLAIN = {"日期": "2026-09-09", "花费(元)": "20.00", "交易额(元)": "100.00", "店铺关注量": "8"}


def goods(*rows: dict[str, str], header: str = GOODS, encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(
        lines_of(header, {k: v for k, v in PLAIN.items() if k in header.split(",")}, *rows), "goods.csv", encoding
    )


def star(*rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(STAR, STAR_PLAIN, *rows), "star.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_goods_spend_per_day_and_the_whole_of_it_counts(encoding: str) -> None:
    found = translated(
        goods({}, {"商品ID": "600000000002", "推广名称": "全站-下装", "总花费(元)": "1,000.00"}, encoding=encoding)
    )
    assert (found.formats, found.rejects, found.rows) == ({"goods.csv": "pinduoduo_goods_ads"}, {}, 2)
    found.shows(
        "ad_spend",
        """
        channel   | month   | shop     | spent_on   | campaign  | currency | amount_minor
        pinduoduo | 2026-09 | our shop | 2026-09-09 | 全站-上衣 | CNY      | 14546
        pinduoduo | 2026-09 | our shop | 2026-09-09 | 全站-下装 | CNY      | 100000
    """,
    )


@pytest.mark.parametrize("name", ["推广总花费(元)", "花费(元)"])
def test_other_generations_name_the_spend_otherwise(name: str) -> None:
    header = GOODS.replace(",总花费(元)", f",{name}")
    plain = {(name if key == "总花费(元)" else key): cell for key, cell in PLAIN.items()}
    found = translated(CaseFile(lines_of(header, plain, {}), "goods.csv"))
    assert found.formats == {"goods.csv": "pinduoduo_goods_ads"}
    found.shows("ad_spend", "amount_minor\n14546")


def test_settlement_coupons_are_no_advertising() -> None:
    header = GOODS.replace("总花费(元),成交花费(元)", "总营销花费(元),推广总花费(元),结算券花费(元)")
    plain = {k: v for k, v in PLAIN.items() if k in header.split(",")}
    spent = {"总营销花费(元)": "150.00", "推广总花费(元)": "145.46", "结算券花费(元)": "4.54"}
    translated(CaseFile(lines_of(header, {**plain, **spent}, {}), "goods.csv")).shows("ad_spend", "amount_minor\n14546")


def test_two_promotions_of_an_article_are_added_up() -> None:
    translated(goods({}, {"推广名称": "搜索-上衣", "总花费(元)": "1.00"})).shows("ad_spend", "amount_minor\n14646")


def test_the_shops_own_promotion_stands_beside_that_of_goods(tmp_path: Path) -> None:
    cell = imported(tmp_path, [goods({}), star({})])
    cell.shows("ad_spend", "campaign | amount_minor\n全站-上衣 | 14546\n明星店铺 | 2000")


@pytest.mark.parametrize("word", ["合计", "总计"])
def test_a_total_row_is_no_spend(word: str) -> None:
    found = translated(goods({}, {"日期": word, "商品ID": "-", "总花费(元)": "145.46"}))
    assert found.rejects == {}
    found.shows("ad_spend", "amount_minor\n14546")


def test_a_total_in_the_column_of_goods_is_no_spend() -> None:
    found = translated(goods({}, {"商品ID": "合计"}))
    assert found.rejects == {}
    found.shows("ad_spend", "amount_minor\n14546")


REFUSED = {
    "no day": ({"日期": "-"}, "bad_time:日期"),
    "no article": ({"商品ID": "-"}, "bad_id:商品ID"),
    "a ruined article": ({"商品ID": "6.0E+11"}, "ruined_id:商品ID"),
    "a broken spend": ({"总花费(元)": "约"}, "bad_money:总花费(元)"),
    "a negative spend": ({"总花费(元)": "-1"}, "bad_money:总花费(元)"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return translated(goods(*(cells for cells, _ in REFUSED.values())))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_spends_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_a_day_as_a_spreadsheet_saves_it_is_read() -> None:
    found = translated(goods({"日期": "2026/9/9"}))
    assert (found.rejects, str(found.tables["ad_spend"][0]["spent_on"])) == ({}, "2026-09-09")
    found = translated(star({"日期": "2026/9/9 0:00"}))
    assert (found.rejects, str(found.tables["ad_spend"][0]["spent_on"])) == ({}, "2026-09-09")


def test_a_broken_day_of_the_shops_promotion_is_quarantined() -> None:
    found = translated(star({"日期": "昨天"}, {"花费(元)": ""}))
    assert (found.rejects, found.is_empty()) == ({"2": "bad_time:日期", "3": "bad_money:花费(元)"}, True)
