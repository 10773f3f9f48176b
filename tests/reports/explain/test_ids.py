"""Ids of figures: what is written is read again, whatever a shop, a SKU or an order is called."""

from __future__ import annotations

import pytest

from entrepot.reports.explain import Place, PnlId, entry_id, entry_of, place_of, pnl_id


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("pnl/2026-09/tmall/net_revenue", PnlId("2026-09", Place("tmall"), "net_revenue")),
        ("pnl/all/all/fees", PnlId("all", Place(), "fees")),
        ("pnl/FY2026-P09/all@A%2FB/cogs", PnlId("FY2026-P09", Place(None, "A/B"), "cogs")),
        ("pnl/all/all~X%7E1/cogs", PnlId("all", Place(None, None, "X~1"), "cogs")),
        (
            "pnl/2026-09/jd/fees/fee:commission/settled",
            PnlId("2026-09", Place("jd"), "fees", "fee:commission", "settled"),
        ),
        (
            "pnl/2026-09/shopify/fees/fee:payment_fee/settled/order/shopify:us:#1/2",
            PnlId("2026-09", Place("shopify"), "fees", "fee:payment_fee", "settled", "order", "shopify:us:#1/2"),
        ),
    ],
)
def test_an_id_is_read_as_it_is_written(text: str, means: PnlId) -> None:
    assert pnl_id(text) == means
    assert str(means) == text


@pytest.mark.parametrize("name", ["屿浔旗舰店", "a/b", "100%", "a@b~c", "%2F"])
def test_a_name_with_the_marks_of_ids_comes_back_as_it_was(name: str) -> None:
    place = Place(name, name, name)
    assert place_of(str(place)) == place
    assert "/" not in str(place)


@pytest.mark.parametrize(
    "text", ["pnl", "pnl/2026-9/tmall/fees", "pnl/all/all", "pnl/all/all/fees/a/b/c", "p/all/all/x"]
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert pnl_id(text) is None


def test_an_entry_whose_order_ends_with_a_number_is_not_taken_for_a_posting() -> None:
    assert entry_of("paid:douyin:690/12") == ("paid:douyin:690/12", None)
    assert entry_id("paid:douyin:690", 2) == "entry/paid:douyin:690/line-2"
    assert entry_of("paid:douyin:690/line-2") == ("paid:douyin:690", 2)
