"""Features of a pair of a listing and a SKU: how alike their words are, and what their sizes, packs and codes say.

Every feature is a number, most from 0 (unlike) to 1 (alike); those that can speak against a pair go from -1
(contradict) over 0 (one side says nothing) to 1 (agree). Which weigh how much is a scorer's business.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from entrepot.planning.matching.titles import Title, gtin14, normalised, read_title, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FEATURES", "Article", "Corpus", "pair_features"]

FEATURES = (
    "words_of_sku",
    "words_of_listing",
    "words_cosine",
    "name_set",
    "name_sort",
    "name_part",
    "name_start",
    "codes",
    "codes_near",
    "numbers",
    "brand",
    "size",
    "pack",
    "gtin",
    "price",
    "price_known",
    "siblings",
    "offered",
    "length",
)
"""Names of the features, in the order of `pair_features`."""

SIZE_TOLERANCE = 0.03
"""Sizes are equal within so much: 1.7 fl oz is 50.3 ml and sold as 50."""

_GTIN_CONTRADICTS = -0.25

_NAME_LENGTH_MAX = 200
"""Characters of a name that are compared letter by letter; descriptions count by their words."""

_OUNCE = (("mass", 28.349523), ("volume", 29.57353))
"""A plain ounce on a tube may be of mass or of volume; either may agree."""


@dataclass(frozen=True, eq=False)
class Article:
    """One side of a pair: a listing or a SKU.

    Attributes:
        key: Its id.
        names: Titles; a SKU may have one per language. At least one.
        more: Further text whose words count, such as a description.
        brand: Brand, where it is known.
        codes: Seller codes, article numbers, barcodes.
        price_minor: Price of one piece.
        currency: Of the price.
        pack: Pieces in one SKU, where its list says so.
        siblings: SKUs that the same listing sells elsewhere, with their shares of its lines in 0..1.
        offered_as: SKU that the platform's own list names for the listing now.
    """

    key: str
    names: tuple[str, ...]
    more: str = ""
    brand: str = ""
    codes: tuple[str, ...] = ()
    price_minor: int | None = None
    currency: str = ""
    pack: int | None = None
    siblings: tuple[tuple[str, float], ...] = field(default=())
    offered_as: str = ""

    @cached_property
    def titles(self) -> tuple[Title, ...]:
        """The names, read."""
        return tuple(read_title(name) for name in self.names if name) or (read_title(""),)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of names, further text and brand."""
        return frozenset().union(*self.words_by_name)

    @cached_property
    def words_by_name(self) -> tuple[frozenset[str], ...]:
        """The words of each name with those of further text and brand: a title is in one of the languages."""
        more, brand = words_of(normalised(self.more)), normalised(self.brand)
        # A Chinese brand is no missing word of an English name, nor the other way round.
        return tuple(
            frozenset(title.words + more + (words_of(brand) if brand.isascii() == title.text.isascii() else ()))
            for title in self.titles
        )

    @cached_property
    def title_codes(self) -> frozenset[str]:
        """What looks like an article number in the names."""
        return frozenset(word for title in self.titles for word in title.codes)

    @cached_property
    def code_words(self) -> frozenset[str]:
        """What looks like an article number in names and codes."""
        given = {normalised(code).replace("-", "").replace(" ", "") for code in self.codes if code}
        return self.title_codes.union(given)

    @cached_property
    def gtins(self) -> frozenset[str]:
        """Barcodes among codes and in names."""
        given = {found for code in self.codes if (found := gtin14(code.strip()))}
        return frozenset(gtin for title in self.titles for gtin in title.gtins).union(given)

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Barcodes and codes beside the names: two articles that share one are compared, whatever they are called."""
        given = {normalised(code) for code in (*self.codes, self.offered_as) if code}
        return self.gtins.union(given)

    @cached_property
    def sizes(self) -> frozenset[tuple[str, int]]:
        """Sizes that any of the names says."""
        return frozenset(size for title in self.titles for size in title.sizes)

    @cached_property
    def pieces(self) -> int:
        """Pieces in one sale: of a SKU what its list says, else what a name says, else 1."""
        return self.pack if self.pack and self.pack > 1 else max(title.pack for title in self.titles)


class Corpus:
    """How rare words are among the articles at hand: a rare word in common says more than a frequent one.

    Args:
        articles: Every listing and SKU.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        seen: Counter[str] = Counter()
        count = 0
        self.brands: frozenset[str] = frozenset()
        brands = set()
        for article in articles:
            seen.update(article.words)
            count += 1
            if article.brand:
                brands.add(normalised(article.brand))
        self.brands = frozenset(brands)
        self._rarity = {word: math.log((count + 1) / number) for word, number in seen.items()}
        self._unseen = math.log(count + 1)

    def rarity(self, words: Iterable[str]) -> float:
        """Sum of the words' rarities."""
        # fsum: the same sum in whatever order a set gives its words.
        return math.fsum(self._rarity.get(word, self._unseen) for word in words)

    def rarity_squared(self, words: Iterable[str]) -> float:
        """Sum of the words' squared rarities."""
        return math.fsum(self._rarity.get(word, self._unseen) ** 2 for word in words)


def pair_features(listing: Article, sku: Article, corpus: Corpus) -> tuple[float, ...]:
    """The features of a pair, in the order of `FEATURES`."""
    words = max((_words_alike(listing.words, words, corpus) for words in sku.words_by_name), key=_by_cosine)
    names = max((_names_alike(one, other) for one in listing.titles for other in sku.titles), key=sum)
    price, price_known = _price(listing, sku)
    return (
        *words[:3],
        *names,
        _codes(listing, sku),
        _codes_near(listing, sku),
        _numbers(listing, sku),
        _brand(listing, sku, corpus),
        size_agreement(listing.sizes, sku.sizes),
        pack_agreement(listing.pieces, sku.pieces),
        _gtin(listing, sku),
        price,
        price_known,
        next((share for key, share in listing.siblings if key == sku.key), 0.0),
        1.0 if listing.offered_as == sku.key else 0.0,
        words[3],
    )


def _words_alike(listing: frozenset[str], sku: frozenset[str], corpus: Corpus) -> tuple[float, float, float, float]:
    """Common words as parts of the SKU's and of the listing's, their cosine, and the ratio of the two lengths."""
    common = listing & sku
    weight, of_sku, of_listing = corpus.rarity(common), corpus.rarity(sku), corpus.rarity(listing)
    squares = math.sqrt(corpus.rarity_squared(listing) * corpus.rarity_squared(sku))
    return (
        weight / of_sku if of_sku else 0.0,
        weight / of_listing if of_listing else 0.0,
        corpus.rarity_squared(common) / squares if squares else 0.0,
        min(of_listing, of_sku) / max(of_listing, of_sku) if of_listing and of_sku else 0.0,
    )


def _by_cosine(alike: tuple[float, float, float, float]) -> tuple[float, float]:
    return alike[2], alike[0]


def size_agreement(listing: Iterable[tuple[str, int]], sku: Iterable[tuple[str, int]]) -> float:
    """1 where a size of one is a size of the other, -1 where both speak of one dimension and differ, else 0."""
    ours, theirs = _plain_sizes(listing), _plain_sizes(sku)
    pairs = [
        abs(one - other) <= SIZE_TOLERANCE * max(one, other)
        for dimension, one in ours
        for kind, other in theirs
        if dimension == kind
    ]
    if not pairs:
        return 0.0
    return 1.0 if any(pairs) else -1.0


def pack_agreement(listing: int, sku: int) -> float:
    """1 where both say the same number above one, 0 where the listing is a whole number of SKUs, else -1."""
    if listing == sku:
        return 1.0 if listing > 1 else 0.0
    return 0.0 if listing % sku == 0 else -1.0


def _plain_sizes(sizes: Iterable[tuple[str, int]]) -> set[tuple[str, float]]:
    plain: set[tuple[str, float]] = set()
    for dimension, value in sizes:
        if dimension == "ounce":
            plain.update((kind, value * factor) for kind, factor in _OUNCE)
        else:
            plain.add((dimension, float(value)))
    return plain


def _names_alike(one: Title, other: Title) -> tuple[float, float, float, float]:
    left, right = " ".join(one.words)[:_NAME_LENGTH_MAX], " ".join(other.words)[:_NAME_LENGTH_MAX]
    return (
        fuzz.token_set_ratio(left, right) / 100,
        fuzz.token_sort_ratio(left, right) / 100,
        fuzz.partial_ratio(one.text[:_NAME_LENGTH_MAX], other.text[:_NAME_LENGTH_MAX]) / 100,
        JaroWinkler.similarity(one.text[:_NAME_LENGTH_MAX], other.text[:_NAME_LENGTH_MAX]),
    )


def _codes(listing: Article, sku: Article) -> float:
    """1 where an article number is common, -1 where both titles name some and none is.

    A code beside the title that differs says nothing, for sellers number as they like.
    """
    if listing.code_words & sku.code_words:
        return 1.0
    return -1.0 if listing.title_codes and sku.title_codes else 0.0


def _codes_near(listing: Article, sku: Article) -> float:
    """How near the nearest two article numbers are: makers add a colour or a country at the end."""
    return max(
        (JaroWinkler.similarity(one, other) for one in listing.code_words for other in sku.code_words),
        default=0.0,
    )


def _numbers(listing: Article, sku: Article) -> float:
    ours = {number for title in listing.titles for number in title.numbers}
    theirs = {number for title in sku.titles for number in title.numbers}
    if not ours or not theirs:
        return 0.0
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) * 2 - 1


def _brand(listing: Article, sku: Article, corpus: Corpus) -> float:
    """1 where the SKU's brand is the listing's or stands in its title, -1 where only another known brand does."""
    brand = normalised(sku.brand)
    if not brand:
        return 0.0
    own = normalised(listing.brand)
    texts = [title.text for title in listing.titles]
    if own and (own in brand or brand in own):
        return 1.0
    if any(_stands_in(brand, text) for text in texts):
        return 1.0
    others = own or any(_stands_in(other, text) for other in corpus.brands if other != brand for text in texts)
    return -1.0 if others else 0.0


def _stands_in(brand: str, text: str) -> bool:
    return f" {brand} " in f" {text} " if brand.isascii() else brand in text


def _gtin(listing: Article, sku: Article) -> float:
    """1 where a barcode is common; less against than for, since a listing may carry the barcode of another pack."""
    if not listing.gtins or not sku.gtins:
        return 0.0
    return 1.0 if listing.gtins & sku.gtins else _GTIN_CONTRADICTS


def _price(listing: Article, sku: Article) -> tuple[float, float]:
    """Ratio of the prices of one piece, the lower over the higher, and whether both are known in one currency."""
    if not listing.price_minor or not sku.price_minor or listing.currency != sku.currency:
        return 0.0, 0.0
    one, other = listing.price_minor / listing.pieces, sku.price_minor / sku.pieces
    return min(one, other) / max(one, other), 1.0
