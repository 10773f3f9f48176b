"""Which pairs are compared at all: ten thousand listings and ten thousand SKUs are a hundred million pairs."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from entrepot.engine import Engine

SKUS_OF_A_WORD_MAX = 300
"""A word that more SKUs have does not tell them apart. Our choice; catalogues of up to so many lose nothing."""

CANDIDATES_MAX = 12
"""SKUs that are compared with one listing. Our choice."""


def candidate_pairs(
    engine: Engine, listings: Sequence[Collection[str]], skus: Sequence[Collection[str]]
) -> list[tuple[int, ...]]:
    """Pairs worth comparing.

    Args:
        engine: Any engine.
        listings: Words of each listing.
        skus: Words of each SKU.

    Returns:
        For each listing the places of its candidates among the SKUs, in the order of the SKUs.
    """
    engine.add_arrow("listing_words", _words("listing_no", listings))
    engine.add_arrow("sku_words", _words("sku_no", skus))
    limits = {"sku_max": pa.array([SKUS_OF_A_WORD_MAX], pa.int64()), "keep": pa.array([CANDIDATES_MAX], pa.int64())}
    engine.add_arrow("blocking", pa.table(limits))
    text = resources.files("entrepot.planning.matching").joinpath("sql/candidates.sql").read_text(encoding="utf-8")
    found: list[list[int]] = [[] for _ in listings]
    rows = engine.read(parse(text, source="planning/matching/sql/candidates.sql", strict_output=True))
    for listing, sku in zip(rows["listing_no"].to_pylist(), rows["sku_no"].to_pylist(), strict=True):
        found[listing].append(sku)
    return [tuple(sorted(each)) for each in found]


def _words(number: str, articles: Sequence[Collection[str]]) -> pa.Table:
    numbers = [at for at, words in enumerate(articles) for _ in words]
    words = [word for each in articles for word in sorted(each)]
    return pa.table({number: pa.array(numbers, pa.int64()), "word": pa.array(words, pa.string())})
