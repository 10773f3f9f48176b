"""Proposals for listings in Chinese and English: what is proposed, how surely, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from entrepot.engine import DuckDBEngine
from entrepot.planning.matching import Decided, Listing, Proposal, propose
from entrepot.planning.matching.errors import DecisionsTooFew
from entrepot.planning.matching.features import FEATURES, Article, Corpus, pack_agreement, pair_features, size_agreement
from entrepot.planning.matching.learning import LearnedScorer
from entrepot.planning.matching.listings import Sku
from entrepot.planning.matching.proposals import _shares, training_pairs
from entrepot.planning.matching.scoring import CONTRADICTED_MAX, confidences

_NOTHING = Decided({}, {})
_SURE = 0.8


def _sku(sku_id: str, *names: str, pack: int | None = None, gtin: str = "", price: int | None = None) -> Sku:
    codes = (sku_id, gtin) if gtin else (sku_id,)
    article = Article(sku_id, names, brand="屿浔", codes=codes, pack=pack)
    return Sku(sku_id, names[0], article, {"CNY": price} if price else {})


SERUM = _sku("SERUM-30", "屿浔玻尿酸补水精华液30ml", "Yuxun hyaluronic serum 30 ml", price=10_000)
CREAM = _sku("CREAM-50", "屿浔神经酰胺修护面霜50g", "Yuxun ceramide cream 50 g", price=30_000)
MASK = _sku("MASK-5", "屿浔积雪草舒缓面膜5片", "Yuxun cica mask 5 sheets")
SKUS = (SERUM, CREAM, MASK)


def _listing(title: str, **facts: object) -> Listing:
    plain = Listing(
        ("douyin", "flagship", "listing", "L1"), title, False, "", 1, 10_000, None, "CNY", date(2026, 9, 1), True
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def _proposal(listing: Listing, skus: tuple[Sku, ...] = SKUS, decided: Decided = _NOTHING) -> Proposal:
    with DuckDBEngine(threads=1) as engine:
        return propose(engine, [listing], skus, decided)[0]


def _rows(proposal: Proposal) -> list[tuple[str, int, int]]:
    return [(sku.sku_id, sku.qty, sku.share_bp) for sku in proposal.skus]


def _kinds(proposal: Proposal) -> list[str]:
    return [reason.kind for reason in proposal.reasons]


@pytest.mark.parametrize(
    ("title", "row"),
    [
        ("屿浔玻尿酸补水精华液 30ml", ("SERUM-30", 1, 10_000)),
        ("屿浔玻尿酸补水精华液30ml*3 保湿", ("SERUM-30", 3, 10_000)),
        ("屿浔神经酰胺修护面霜50g 三支装", ("CREAM-50", 3, 10_000)),
        ("屿浔神经酰胺修护面霜50g 买2送1", ("CREAM-50", 3, 10_000)),
        ("Yuxun Hyaluronic Serum 30ml (Pack of 2)", ("SERUM-30", 2, 10_000)),
        ("YUXUN ceramide cream 1.76 oz / 50 g", ("CREAM-50", 1, 10_000)),
    ],
)
def test_a_listing_that_names_the_article_is_proposed_with_its_quantity(title: str, row: tuple[str, int, int]) -> None:
    found = _proposal(_listing(title))
    assert _rows(found) == [row]
    assert found.confidence >= _SURE


def test_free_pieces_are_counted_and_said() -> None:
    found = _proposal(_listing("屿浔神经酰胺修护面霜50g 买2送1"))
    assert [reason.text("en") for reason in found.reasons if reason.kind == "free_pieces"] == ["of these 1 given free"]
    assert "其中 1 件为赠送" in [reason.text("zh") for reason in found.reasons]


def test_contradicting_sizes_forbid_a_high_confidence_and_are_said_first() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液50ml"))
    assert _rows(found) == [("SERUM-30", 1, 10_000)]
    assert found.confidence <= CONTRADICTED_MAX
    assert found.reasons[0].text("en") == "SIZES CONTRADICT: 50 ml in the title, 30 ml in the SKU list"
    assert found.reasons[0].text("zh") == "规格矛盾：标题 50 ml，资料 30 ml"


def test_of_two_sizes_of_one_article_the_right_one_is_proposed() -> None:
    large = _sku("SERUM-50", "屿浔玻尿酸补水精华液50ml")
    for title, sku in (("屿浔玻尿酸补水精华液50ml", "SERUM-50"), ("屿浔玻尿酸补水精华液30ml", "SERUM-30")):
        found = _proposal(_listing(title), (*SKUS, large))
        assert (_rows(found), found.confidence >= _SURE) == ([(sku, 1, 10_000)], True)


def test_a_pack_that_the_listing_is_not_a_multiple_of_forbids_a_high_confidence() -> None:
    three = _sku("SERUM-3", "屿浔玻尿酸补水精华液30ml", pack=3)
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml"), (three,))
    assert (found.confidence <= CONTRADICTED_MAX, _kinds(found)[0]) == (True, "pack_differs")
    six = _proposal(_listing("屿浔玻尿酸补水精华液30ml*6"), (three,))
    assert (_rows(six), _kinds(six)[0]) == ([("SERUM-3", 2, 10_000)], "words")


def test_a_barcode_that_agrees_is_nearly_sure_and_one_that_contradicts_is_not() -> None:
    listed = _sku("CREAM-50", "屿浔神经酰胺修护面霜50g", gtin="6901234567892")
    agrees = _proposal(_listing("修护霜", seller_code="6901234567892"), (listed, SERUM))
    assert (_rows(agrees), agrees.confidence >= _SURE, "gtin" in _kinds(agrees)) == (
        [("CREAM-50", 1, 10_000)],
        True,
        True,
    )
    other = _proposal(_listing("屿浔神经酰胺修护面霜50g", seller_code="96385074"), (listed, SERUM))
    assert (other.confidence <= CONTRADICTED_MAX, _kinds(other)[0]) == (True, "gtin_differs")


def test_what_the_platform_offers_under_a_code_of_the_list_is_nearly_sure_whatever_it_is_called() -> None:
    plain = _proposal(_listing("修护好物 限时特惠"))
    named = _proposal(_listing("修护好物 限时特惠", offered_as="CREAM-50"))
    assert (_rows(plain), _rows(named)) == ([], [("CREAM-50", 1, 10_000)])
    assert named.confidence >= _SURE
    assert "the platform has this SKU's code for it now" in [reason.text("en") for reason in named.reasons]
    assert "平台现为该商品填写此商家编码" in [reason.text("zh") for reason in named.reasons]
    assert _rows(_proposal(_listing("修护好物 限时特惠", offered_as="UNKNOWN-1"))) == []


def test_the_barcode_of_what_is_offered_finds_its_sku_without_a_word_in_common() -> None:
    listed = _sku("CREAM-50", "屿浔神经酰胺修护面霜50g", gtin="6901234567892")
    found = _proposal(_listing("Gift for her", barcode="06901234567892"), (listed, SERUM))
    assert (_rows(found), "gtin" in _kinds(found)) == ([("CREAM-50", 1, 10_000)], True)
    other = _proposal(_listing("屿浔神经酰胺修护面霜50g", barcode="96385074"), (listed, SERUM))
    assert (other.confidence <= CONTRADICTED_MAX, _kinds(other)[0]) == (True, "gtin_differs")


def test_a_code_that_is_offered_does_not_hide_that_the_title_contradicts() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液50ml", offered_as="SERUM-30"))
    assert (_rows(found), found.confidence <= CONTRADICTED_MAX) == ([("SERUM-30", 1, 10_000)], True)


def test_a_bundle_is_proposed_part_by_part_with_shares_by_price() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml*2 + 屿浔神经酰胺修护面霜50g 套装"))
    assert _rows(found) == [("CREAM-50", 1, 6_000), ("SERUM-30", 2, 4_000)]
    assert found.confidence >= _SURE
    assert _kinds(found) == ["part", "part", "share_by_price"]


def test_a_bundle_with_an_unknown_part_is_never_sure() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml + 屿浔神经酰胺修护面霜50g + 车载吸尘器"))
    assert _rows(found) == [("CREAM-50", 1, 7_500), ("SERUM-30", 1, 2_500)]
    assert found.confidence <= CONTRADICTED_MAX
    assert found.reasons[0].text("en") == "PART '车载吸尘器' IS NOT RECOGNISED"


def test_one_known_part_is_not_the_whole_bundle() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml + 车载吸尘器"))
    assert (found.confidence <= CONTRADICTED_MAX, _kinds(found)[0]) == (True, "only_a_part")


def test_a_gift_is_a_row_without_a_share_and_an_unknown_gift_a_doubt() -> None:
    known = _proposal(_listing("屿浔玻尿酸补水精华液30ml 赠 屿浔积雪草舒缓面膜5片"))
    assert _rows(known) == [("SERUM-30", 1, 10_000), ("MASK-5", 1, 0)]
    unknown = _proposal(_listing("屿浔玻尿酸补水精华液30ml 赠 化妆棉"))
    assert (_rows(unknown), unknown.confidence <= _SURE) == ([("SERUM-30", 1, 10_000)], True)
    assert unknown.reasons[-1].text("en") == "gift '化妆棉' is not in the SKU list"


def test_two_articles_that_fit_alike_leave_a_half_each() -> None:
    twin = _sku("SERUM-B", "屿浔玻尿酸补水精华液30ml")
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml"), (*SKUS, twin))
    assert found.confidence <= CONTRADICTED_MAX
    assert "next_best" in _kinds(found)


def test_what_other_lines_of_the_listing_sell_speaks_for_a_sku() -> None:
    found = _proposal(_listing("补水神器 日常价", siblings=(("SERUM-30", 1.0),)))
    assert _rows(found) == [("SERUM-30", 1, 10_000)]
    assert "siblings" in _kinds(found)


def test_a_listing_whose_lines_have_several_titles_is_never_sure() -> None:
    found = _proposal(_listing("屿浔玻尿酸补水精华液30ml", titles_differ=True))
    assert (found.confidence, _kinds(found)[-1]) == (CONTRADICTED_MAX, "titles_differ")


def test_a_refused_pair_is_not_proposed_again() -> None:
    listing = _listing("屿浔玻尿酸补水精华液30ml")
    decided = Decided({}, {listing.key: frozenset({"SERUM-30"})})
    assert "SERUM-30" not in [sku.sku_id for sku in _proposal(listing, decided=decided).skus]


def test_nothing_alike_is_said_and_proposes_nothing() -> None:
    found = _proposal(_listing("车载吸尘器 大吸力"))
    assert (found.skus, found.confidence, _kinds(found)) == ((), 0.0, ["nothing_alike"])


def test_shares_add_up_to_the_whole() -> None:
    assert _shares({"A": 1, "B": 1, "C": 1}) == {"A": 3_334, "B": 3_333, "C": 3_333}


@pytest.mark.parametrize(
    ("listing", "sku", "agreement"),
    [
        ({("volume", 50_275_001)}, {("volume", 50_000_000)}, 1.0),
        ({("volume", 30_000_000)}, {("volume", 50_000_000)}, -1.0),
        ({("ounce", 1_000_000)}, {("mass", 28_000_000)}, 1.0),
        ({("ounce", 1_000_000)}, {("volume", 30_000_000)}, 1.0),
        ({("volume", 30_000_000)}, {("mass", 30_000_000)}, 0.0),
        (set(), {("mass", 30_000_000)}, 0.0),
    ],
)
def test_sizes_agree_contradict_or_say_nothing(
    listing: set[tuple[str, int]], sku: set[tuple[str, int]], agreement: float
) -> None:
    assert size_agreement(listing, sku) == agreement


def test_packs_agree_divide_or_contradict() -> None:
    assert [pack_agreement(*each) for each in ((1, 1), (3, 3), (6, 3), (4, 3), (1, 3))] == [0.0, 1.0, 0.0, -1.0, -1.0]


def test_at_most_one_candidate_is_right() -> None:
    plain = (0.0,) * len(FEATURES)
    assert sum(confidences([plain] * 4, [0.9, 0.9, 0.5, 0.1])) < 1
    contradicted = tuple(-1.0 if name == "size" else 0.0 for name in FEATURES)
    assert confidences([contradicted], [0.99]) == [CONTRADICTED_MAX]


def test_features_do_not_depend_on_the_order_of_words() -> None:
    corpus = Corpus([SERUM.article, CREAM.article])
    pair = pair_features(Article("1", ("精华液 屿浔 30ml",)), SERUM.article, corpus)
    assert len(pair) == len(FEATURES)
    assert pair[:3] == pair_features(Article("1", ("30ml 屿浔 精华液",)), SERUM.article, corpus)[:3]


def test_too_few_decisions_teach_nothing() -> None:
    with pytest.raises(DecisionsTooFew, match="there are 1 accepted and 1 other pairs"):
        LearnedScorer([(0.0,) * len(FEATURES)] * 2, [True, False])


def test_decisions_teach_the_learned_scorer_which_pairs_are_one_article() -> None:
    skus = [_sku(f"S-{number}", f"屿浔{number}号精华液{10 + number}ml") for number in range(40)]
    listings = [
        replace(
            _listing(f"屿浔{number}号精华液{10 + number}ml 正品"), key=("douyin", "flagship", "listing", str(number))
        )
        for number in range(40)
    ]
    decided = Decided({each.key: frozenset({f"S-{each.key[3]}"}) for each in listings}, {})
    with DuckDBEngine(threads=1) as engine:
        pairs, is_same = training_pairs(engine, listings, skus, decided)
        assert (sum(is_same), len(is_same)) == (40, 40 * 12)
        scorer = LearnedScorer(pairs, is_same)
        again = LearnedScorer(pairs, is_same)
        assert scorer.probabilities(pairs) == again.probabilities(pairs)
        found = propose(engine, listings, skus, Decided({}, {}), scorer)
    assert [each.skus[0].sku_id for each in found] == [f"S-{number}" for number in range(40)]
