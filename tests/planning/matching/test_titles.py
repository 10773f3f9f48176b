"""What titles say, in Chinese and English."""

from __future__ import annotations

import pytest

from entrepot.planning.matching.titles import gtin14, read_title


@pytest.mark.parametrize(
    ("title", "sizes"),
    [
        ("玻尿酸精华液 30ＭＬ", {("volume", 30_000_000)}),
        ("洗发水 500毫升", {("volume", 500_000_000)}),
        ("沐浴露 1.5升", {("volume", 1_500_000_000)}),
        ("Serum 1.7 fl oz", {("volume", 50_275_001)}),
        ("Serum 50ml/1.7 fl.oz.", {("volume", 50_000_000), ("volume", 50_275_001)}),
        ("面霜 50g", {("mass", 50_000_000)}),
        ("大米 5公斤", {("mass", 5_000_000_000)}),
        ("Body butter 7 oz", {("ounce", 7_000_000)}),
        ("面膜 10片*3盒", {("pieces", 10_000_000)}),
        ("防晒霜 SPF50+ PA+++", set()),
        ("口红 3号色", set()),
    ],
)
def test_a_size_is_read_with_its_unit(title: str, sizes: set[tuple[str, int]]) -> None:
    assert read_title(title).sizes == sizes


@pytest.mark.parametrize(
    ("title", "pack", "free"),
    [
        ("精华液30ml*3", 3, 0),
        ("精华液30ml x3", 3, 0),
        ("精华液30ml ×2", 2, 0),
        ("面霜50g 三支装", 3, 0),
        ("洁面乳 2瓶装 100毫升", 2, 0),
        ("Serum 30 ml (pack of 2)", 2, 0),
        ("Soap 3-pack", 3, 0),
        ("3 x 50g cream", 3, 0),
        ("Twin pack lotion", 2, 0),
        ("洗面奶 买2送1 120g", 3, 1),
        ("面霜 买一送一", 2, 1),
        ("牙膏 拍1发3", 3, 2),
        ("【11-11套装】唇膏", 1, 0),
        ("Binocular 10x20", 1, 0),
        ("防晒霜 50g", 1, 0),
    ],
)
def test_pieces_in_one_sale_are_counted_and_the_free_ones_named(title: str, pack: int, free: int) -> None:
    found = read_title(title)
    assert (found.pack, found.pack_free) == (pack, free)


@pytest.mark.parametrize(
    ("title", "parts", "gifts"),
    [
        ("精华液30ml + 面霜50g 套装", ("精华液30ml", "面霜50g 套装"), ()),
        ("洁面+水+面霜", ("洁面", "水", "面霜"), ()),
        ("防晒霜SPF50+ PA+++ 40ml", (), ()),
        ("防晒霜SPF50+PA+++ 40ml+卸妆油 100ml", ("防晒霜spf50+pa+++ 40ml", "卸妆油 100ml"), ()),
        ("精华液30ml 赠 面膜5片", (), ("面膜5片",)),
        ("精华水 100ml 送化妆棉 + 小样10ml", (), ("化妆棉", "小样10ml")),
        ("Serum 30 ml, free gift: cotton pads", (), ("cotton pads",)),
        ("送妈妈礼物 面霜 50g", (), ()),
    ],
)
def test_parts_of_a_bundle_and_gifts_are_told_apart(title: str, parts: tuple[str, ...], gifts: tuple[str, ...]) -> None:
    found = read_title(title)
    assert (found.parts, found.gifts) == (parts, gifts)


def test_the_size_of_a_gift_is_not_the_size_of_the_article() -> None:
    assert read_title("精华水 100ml 赠 小样10ml").sizes == {("volume", 100_000_000)}


@pytest.mark.parametrize(
    ("digits", "full"),
    [
        ("6901234567892", "06901234567892"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("6901234567893", None),
        ("0000000000000", None),
        ("12345", None),
    ],
)
def test_a_barcode_counts_only_with_its_check_digit(digits: str, full: str | None) -> None:
    assert gtin14(digits) == full
    assert read_title(f"面霜 {digits}").gtins == ({full} if full else set())


def test_words_are_latin_words_and_pairs_of_chinese_characters() -> None:
    found = read_title("ＹＵＸＵＮ 玻尿酸 mb13-pnk 2007")
    assert found.words == ("yuxun", "玻尿", "尿酸", "mb13pnk", "mb13", "pnk", "2007")
    assert (sorted(found.codes), sorted(found.numbers)) == (["mb13", "mb13pnk"], ["2007"])
