"""Why a SKU is proposed, as facts and in words, English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.planning.matching.features import FEATURES, Article

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS: dict[str, tuple[str, str]] = {
    "words": ("{0} % of the SKU's words stand in the title", "标题包含该商品 {0}% 的词语"),
    "brand": ("brand {0} is named", "品牌一致：{0}"),
    "brand_other": ("another brand is named", "标题为其他品牌"),
    "size": ("size agrees: {0}", "规格一致：{0}"),
    "size_differs": ("SIZES CONTRADICT: {0} in the title, {1} in the SKU list", "规格矛盾：标题 {0}，资料 {1}"),
    "pack": ("{0} pieces: {1} of the SKU", "共 {0} 件：该商品 {1} 份"),
    "pack_differs": ("PACKS CONTRADICT: {0} in the title, {1} in the SKU list", "件数矛盾：标题 {0} 件，资料 {1} 件"),
    "free_pieces": ("of these {0} given free", "其中 {0} 件为赠送"),
    "gtin": ("barcode agrees", "条码一致"),
    "gtin_differs": ("BARCODES CONTRADICT", "条码矛盾"),
    "codes": ("article number agrees", "货号一致"),
    "siblings": ("{0} % of the listing's other lines sell it", "同链接其他订单行有 {0}% 为该商品"),
    "offered": ("the platform has this SKU's code for it now", "平台现为该商品填写此商家编码"),
    "price": ("price of one piece is {0} % of the other", "单件价格相当于 {0}%"),
    "next_best": ("next: {0} ({1})", "次选：{0}（{1}）"),
    "only_a_part": ("the title names several articles", "标题含多个商品"),
    "part": ("part '{0}' is {1}", "组成“{0}”对应 {1}"),
    "part_unknown": ("PART '{0}' IS NOT RECOGNISED", "组成“{0}”无法识别"),
    "share_by_price": ("shares by the prices of the parts", "按各商品售价分摊"),
    "share_equal": ("shares equal, for a part has no price of its own", "部分商品无售价，平均分摊"),
    "gift": ("gift '{0}' is {1}, without a share of the price", "赠品“{0}”对应 {1}，不分摊金额"),
    "gift_unknown": ("gift '{0}' is not in the SKU list", "赠品“{0}”不在商品资料中"),
    "titles_differ": ("lines of this listing have several titles", "同一链接有多个标题"),
    "nothing_alike": ("no SKU is alike", "没有相近的商品"),
}
"""Kind of reason to its sentence; placeholders are the reason's facts."""

_UNITS = {"volume": (("l", 1_000_000_000), ("ml", 1_000_000)), "mass": (("kg", 1_000_000_000), ("g", 1_000_000))}
_OTHER_UNITS = {"ounce": "oz", "pieces": "pcs", "storage": "GB", "length": "mm"}
_ALIKE_MIN = 0.7
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its kind in `WORDS`, and its facts."""

    kind: str
    facts: tuple[str, ...] = ()

    def text(self, lang: str) -> str:
        """The reason as a sentence in `en` or `zh`."""
        return WORDS[self.kind][lang == "zh"].format(*self.facts)


def pair_reasons(
    listing: Article, sku: Article, pair: Sequence[float], next_best: tuple[str, float] | None
) -> tuple[Reason, ...]:
    """Reasons for and against a pair: contradictions first."""
    value = dict(zip(FEATURES, pair, strict=True))
    against = []
    if value["gtin"] < 0:
        against.append(Reason("gtin_differs"))
    if value["size"] < 0:
        against.append(Reason("size_differs", (sizes_text(listing), sizes_text(sku))))
    if value["pack"] < 0:
        against.append(Reason("pack_differs", (str(listing.pieces), str(sku.pieces))))
    speaking = _speaking(listing, sku, value)
    if next_best and next_best[1] >= 1 - _ALIKE_MIN:
        speaking.append(Reason("next_best", (next_best[0], f"{next_best[1]:.2f}")))
    return (*against, *speaking)


def _speaking(listing: Article, sku: Article, value: Mapping[str, float]) -> list[Reason]:
    """What speaks for a pair, and doubts that forbid nothing."""
    speaking = [Reason("words", (f"{value['words_of_sku'] * _PERCENT:.0f}",))]
    if value["gtin"] > 0:
        speaking.append(Reason("gtin"))
    if value["size"] > 0:
        speaking.append(Reason("size", (sizes_text(listing),)))
    if listing.pieces > 1 and value["pack"] >= 0:
        speaking.append(Reason("pack", (str(listing.pieces), str(listing.pieces // sku.pieces))))
    if value["brand"]:
        speaking.append(Reason("brand", (sku.brand,)) if value["brand"] > 0 else Reason("brand_other"))
    if value["codes"] > 0:
        speaking.append(Reason("codes"))
    if value["offered"]:
        speaking.append(Reason("offered"))
    if value["siblings"]:
        speaking.append(Reason("siblings", (f"{value['siblings'] * _PERCENT:.0f}",)))
    if value["price_known"] and value["price"] < _ALIKE_MIN:
        speaking.append(Reason("price", (f"{value['price'] * _PERCENT:.0f}",)))
    return speaking


def sizes_text(article: Article) -> str:
    """Sizes as people write them: `30 ml, 50 g`."""
    return ", ".join(_size_text(dimension, value) for dimension, value in sorted(article.sizes))


def _size_text(dimension: str, value: int) -> str:
    for unit, factor in _UNITS.get(dimension, ()):
        if value >= factor:
            return f"{value / factor:g} {unit}"
    if dimension in _UNITS:
        unit, factor = _UNITS[dimension][-1]
        return f"{value / factor:g} {unit}"
    return f"{value / 1_000_000:g} {_OTHER_UNITS[dimension]}"
