"""Proposals: for each listing without a known SKU the SKUs it probably sells, with a confidence and reasons.

Nothing here changes a table. A listing that names several articles (A + B) gets a row per recognised part, which share
its price by what they are sold for alone; what is given with it gets a row without a share.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from entrepot.planning.matching.blocking import candidate_pairs
from entrepot.planning.matching.features import Article, Corpus, pair_features
from entrepot.planning.matching.listings import listing_article
from entrepot.planning.matching.reasons import Reason, pair_reasons
from entrepot.planning.matching.scoring import CONTRADICTED_MAX, DefaultScorer, confidences, contradictions
from entrepot.planning.matching.titles import Title, normalised, read_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.engine import Engine
    from entrepot.planning.matching.listings import Decided, Listing, Sku
    from entrepot.planning.matching.scoring import Scorer

PROPOSED_MIN = 0.1
"""Below this confidence nothing is proposed; the listing still stands in the list. Our choice."""

PART_MIN = 0.5
"""A part of a bundle is recognised from this confidence on. Our choice."""

GIFT_UNKNOWN_MAX = 0.8
"""Confidence where a gift is not in the SKU list, so that its cost is missing. Our choice."""

SHARES = 10_000


@dataclass(frozen=True, slots=True)
class ProposedSku:
    """A SKU that a listing probably sells, so many of it, for a share of the price in basis points."""

    sku_id: str
    name: str
    qty: int
    share_bp: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one listing.

    Attributes:
        id: Digest of the listing's key, the same on every run.
        listing: The listing.
        skus: What it probably sells; empty where nothing is alike.
        confidence: 0 to 1, two decimals, rounded down.
        reasons: Why, and what speaks against it.
    """

    id: str
    listing: Listing
    skus: tuple[ProposedSku, ...]
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """The best SKU for one text."""

    sku: Sku
    confidence: float
    pair: tuple[float, ...]
    next_best: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A text to be matched: a whole listing, a part of a bundle, a gift."""

    article: Article
    role: str


def propose(
    engine: Engine, listings: Sequence[Listing], skus: Sequence[Sku], decided: Decided, scorer: Scorer | None = None
) -> list[Proposal]:
    """Propose SKUs for listings.

    Args:
        engine: Any engine; it finds the pairs worth comparing.
        listings: Those to match, in the order of the answer.
        skus: The SKU list.
        decided: Refused pairs are left out.
        scorer: Gives probabilities; the default scorer where none is given.
    """
    brands = sorted({normalised(sku.article.brand) for sku in skus if sku.article.brand})
    parts = [_parts_of(listing_article(listing, brands), read_title(listing.title)) for listing in listings]
    flat = [part.article for each in parts for part in each]
    corpus = Corpus([*flat, *(sku.article for sku in skus)])
    blocks = iter(candidate_pairs(engine, [each.words for each in flat], [sku.article.words for sku in skus]))
    matcher = _Matcher(skus, corpus, scorer or DefaultScorer())
    proposals = []
    for listing, its_parts in zip(listings, parts, strict=True):
        refused = decided.refused.get(listing.key, frozenset())
        matches = [matcher.best(part, next(blocks), refused) for part in its_parts]
        proposals.append(_proposal(listing, its_parts, matches))
    return proposals


def training_pairs(
    engine: Engine, listings: Sequence[Listing], skus: Sequence[Sku], decided: Decided
) -> tuple[list[tuple[float, ...]], list[bool]]:
    """Features of decided pairs, and what was decided.

    A listing that was accepted as one SKU teaches that pair, and that its other candidates are wrong; a refused pair is
    wrong. Bundles teach nothing, for their parts' texts were not decided one by one.
    """
    brands = sorted({normalised(sku.article.brand) for sku in skus if sku.article.brand})
    articles = [listing_article(listing, brands) for listing in listings]
    corpus = Corpus([*articles, *(sku.article for sku in skus)])
    blocks = candidate_pairs(engine, [each.words for each in articles], [sku.article.words for sku in skus])
    place = {sku.sku_id: at for at, sku in enumerate(skus)}
    pairs, is_same = [], []
    for listing, article, block in zip(listings, articles, blocks, strict=True):
        accepted = decided.accepted.get(listing.key, frozenset())
        refused = {place[sku] for sku in decided.refused.get(listing.key, ()) if sku in place}
        right = {place[sku] for sku in accepted if sku in place} if len(accepted) == 1 else set()
        wrong = (set(block) if right else set()) | refused
        for at in sorted(right | wrong):
            pairs.append(pair_features(article, _priced(skus[at], article.currency), corpus))
            is_same.append(at in right)
    return pairs, is_same


class _Matcher:
    """Finds the best SKU for a text."""

    def __init__(self, skus: Sequence[Sku], corpus: Corpus, scorer: Scorer) -> None:
        self._skus, self._corpus, self._scorer = skus, corpus, scorer
        self._places = {sku.sku_id: at for at, sku in enumerate(skus)}
        self._identified: dict[str, list[int]] = {}
        for at, sku in enumerate(skus):
            for identifier in sku.article.identifiers:
                self._identified.setdefault(identifier, []).append(at)

    def best(self, part: _Part, block: Iterable[int], refused: frozenset[str]) -> _Match | None:
        """The most confident candidate, refused ones left out; None where there is none."""
        siblings = (self._places[sku] for sku, _ in part.article.siblings if sku in self._places)
        identified = (at for code in part.article.identifiers for at in self._identified.get(code, ()))
        places = sorted({*block, *siblings, *identified})
        candidates = [self._skus[at] for at in places if self._skus[at].sku_id not in refused]
        if not candidates:
            return None
        pairs = [pair_features(part.article, _priced(sku, part.article.currency), self._corpus) for sku in candidates]
        found = confidences(pairs, self._scorer.probabilities(pairs))
        order = sorted(range(len(candidates)), key=lambda at: (-found[at], candidates[at].sku_id))
        first = order[0]
        following = (candidates[order[1]].sku_id, found[order[1]]) if len(order) > 1 else None
        return _Match(candidates[first], found[first], pairs[first], following)


def _priced(sku: Sku, currency: str) -> Article:
    """The SKU with its price in a currency, where it was sold in it."""
    price = sku.prices.get(currency)
    return replace(sku.article, price_minor=price, currency=currency) if price else sku.article


def _parts_of(whole: Article, title: Title) -> tuple[_Part, ...]:
    """The whole listing first, then the parts of a bundle, then the gifts."""
    plain = replace(whole, price_minor=None, codes=(), siblings=(), offered_as="")
    parts = [_Part(whole, "whole")]
    parts += [_Part(replace(plain, names=(text,)), "part") for text in title.parts]
    parts += [_Part(replace(plain, names=(text,), brand=""), "gift") for text in title.gifts]
    return tuple(parts)


def _proposal(listing: Listing, parts: Sequence[_Part], matches: Sequence[_Match | None]) -> Proposal:
    whole = matches[0]
    several = [(part, match) for part, match in zip(parts, matches, strict=True) if part.role == "part"]
    gifts = [(part, match) for part, match in zip(parts, matches, strict=True) if part.role == "gift"]
    doubts = (Reason("titles_differ"),) if listing.titles_differ else ()
    alone = _single(parts[0], whole, is_bundle=bool(several))
    bundle = _bundle(listing, several) if several else None
    best = max((each for each in (alone, bundle) if each), key=lambda each: each[1], default=None)
    key = hashlib.sha256("|".join(listing.key).encode()).hexdigest()[:10]
    if best is None or best[1] < PROPOSED_MIN:
        return Proposal(key, listing, (), 0.0, (Reason("nothing_alike"), *doubts))
    skus, confidence, reasons = _with_gifts(*best, gifts)
    if listing.titles_differ:
        confidence = min(confidence, CONTRADICTED_MAX)
    return Proposal(key, listing, skus, math.floor(confidence * 100) / 100, (*reasons, *doubts))


_Found = tuple[tuple[ProposedSku, ...], float, tuple[Reason, ...]]


def _single(part: _Part, match: _Match | None, *, is_bundle: bool) -> _Found | None:
    """The listing as one SKU, so many of it."""
    if match is None:
        return None
    reasons = pair_reasons(part.article, match.sku.article, match.pair, match.next_best)
    confidence = match.confidence
    sells_parts = any(title.parts or title.is_bundle for title in match.sku.article.titles)
    if is_bundle and not sells_parts:
        confidence = min(confidence, CONTRADICTED_MAX)
        reasons = (Reason("only_a_part"), *reasons)
    free = part.article.titles[0].pack_free
    if free:
        reasons = (*reasons, Reason("free_pieces", (str(free),)))
    qty = _qty(part.article, match.sku)
    return (ProposedSku(match.sku.sku_id, match.sku.name, qty, SHARES),), confidence, reasons


def _bundle(listing: Listing, several: Sequence[tuple[_Part, _Match | None]]) -> _Found | None:
    """The listing as several SKUs; None where fewer than two parts are recognised."""
    known = [(part, match) for part, match in several if match and _is_recognised(match)]
    if len({match.sku.sku_id for _, match in known}) <= 1:
        return None
    unknown = [part.article.names[0] for part, match in several if not (match and _is_recognised(match))]
    confidence = math.prod(match.confidence for _, match in known)
    reasons = [Reason("part", (part.article.names[0], match.sku.sku_id)) for part, match in known]
    if unknown:
        confidence = min(confidence, CONTRADICTED_MAX)
        reasons = [Reason("part_unknown", (text,)) for text in unknown] + reasons
    qtys: dict[str, int] = {}
    skus = {match.sku.sku_id: match.sku for _, match in known}
    for part, match in known:
        qtys[match.sku.sku_id] = qtys.get(match.sku.sku_id, 0) + _qty(part.article, match.sku)
    prices = {sku_id: sku.prices.get(listing.currency, 0) * qtys[sku_id] for sku_id, sku in skus.items()}
    is_priced = all(prices.values())
    reasons.append(Reason("share_by_price" if is_priced else "share_equal"))
    shares = _shares(prices if is_priced else dict.fromkeys(prices, 1))
    rows = tuple(ProposedSku(sku_id, skus[sku_id].name, qtys[sku_id], shares[sku_id]) for sku_id in sorted(skus))
    return rows, confidence, tuple(reasons)


def _with_gifts(
    rows: tuple[ProposedSku, ...],
    confidence: float,
    reasons: tuple[Reason, ...],
    gifts: Sequence[tuple[_Part, _Match | None]],
) -> _Found:
    """The same with a row without a share for each gift that is recognised."""
    found = {row.sku_id: row for row in rows}
    for part, match in gifts:
        text = part.article.names[0]
        if not (match and _is_recognised(match)):
            confidence = min(confidence, GIFT_UNKNOWN_MAX)
            reasons = (*reasons, Reason("gift_unknown", (text,)))
            continue
        sku, qty = match.sku, _qty(part.article, match.sku)
        before = found.get(sku.sku_id, ProposedSku(sku.sku_id, sku.name, 0, 0))
        found[sku.sku_id] = replace(before, qty=before.qty + qty)
        confidence *= match.confidence
        reasons = (*reasons, Reason("gift", (text, sku.sku_id)))
    return tuple(found.values()), confidence, reasons


def _is_recognised(match: _Match) -> bool:
    return match.confidence >= PART_MIN and not contradictions(match.pair)


def _qty(listing: Article, sku: Sku) -> int:
    """Units of the SKU in one piece of the listing; 1 where the pack counts do not divide."""
    return listing.pieces // sku.article.pieces if listing.pieces % sku.article.pieces == 0 else 1


def _shares(weights: dict[str, int]) -> dict[str, int]:
    """Basis points by weight, 10,000 in all; what rounding leaves goes to the largest remainders, then by SKU."""
    total = sum(weights.values())
    floors = {sku: SHARES * weight // total for sku, weight in weights.items()}
    order = sorted(weights, key=lambda sku: (-(SHARES * weights[sku] % total), sku))
    for sku in order[: SHARES - sum(floors.values())]:
        floors[sku] += 1
    return floors
