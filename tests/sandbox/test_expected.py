"""Figures of tiny worlds, worked out by hand beside each number."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

from entrepot.sandbox import Expected, Policies, World, build_world, expected
from entrepot.sandbox.answers import Known
from entrepot.sandbox.brand import DOUYIN_GLOBAL, ENTITIES, SHOPIFY_EU, SHOPIFY_US, TMALL
from entrepot.sandbox.facts import BrokenRow, Cost, Line, Movement, Order, Refund, Sku
from entrepot.sandbox.office import draw_office
from entrepot.testing.sample_company import shipped_rates

CREAM = Sku("CREAM", "C", "霜", "Cream", "skincare", {}, 1300, (Cost("2026-01-01", 2_000, "CNY"),), "", 1, None)
TEA = Sku("TEA", "T", "茶", "Tea", "food", {}, 900, (), "", 1, None)
SHOPS = (TMALL, SHOPIFY_US, DOUYIN_GLOBAL)


def _at(day: str, hour_utc: int = 4) -> int:
    moment = datetime.fromisoformat(day).replace(hour=hour_utc, tzinfo=UTC)
    return int(moment.timestamp())


def _rates(currency: str, on: date) -> int:
    assert on.year == 2026
    return {"USD": 1_200_000, "CNY": 7_800_000}[currency]


def _world(orders: list[Order], movements: list[Movement]) -> World:
    return World(0, ENTITIES, SHOPS, (CREAM, TEA), orders, movements)


def _figures(world: World) -> Expected:
    return expected(world, "CNY", _rates)


def _tmall_order() -> Order:
    # goods 250.00, freight 10.00; merchant 25.00, platform 5.00, points 1.00: the buyer pays 229.00
    lines = [Line("1", "CREAM", 2, 10_000), Line("2", "TEA", 1, 5_000)]
    return Order(
        "tmall",
        TMALL.shop,
        "1001",
        "CNY",
        lines,
        _at("2026-08-01"),
        1,
        shipping_minor=1_000,
        discounts={"merchant": 2_500, "platform": 500},
        points_minor=100,
        paid_minor=22_900,
        paid_at=_at("2026-08-01", 5),
        shipped_at=_at("2026-08-03"),
        confirmed_at=_at("2026-08-10"),
        refunds=[Refund(_at("2026-09-02"), 4_700, 0, after=True)],
    )


def _tmall_moves() -> list[Movement]:
    # owed are 229.00 + 5.00 + 1.00; fifty fen are missing
    def move(day: str, kind: str, minor: int, code: str = "") -> Movement:
        return Movement(_at(day, 6), "tmall", TMALL.shop, kind, minor, "CNY", code, "1001")

    return [
        move("2026-08-10", "order_income", 23_450),
        move("2026-08-10", "fee", -1_175, "commission"),
        move("2026-09-02", "order_refund", -4_700),
    ]


def test_a_tmall_order_by_hand() -> None:
    figures = _figures(_world([_tmall_order()], _tmall_moves()))
    head = ("tmall", TMALL.shop)
    august = {key[3]: minor for key, minor in figures.pnl.items() if key[:3] == (*head, "2026-08")}
    september = {key[3]: minor for key, minor in figures.pnl.items() if key[:3] == (*head, "2026-09")}
    assert august == {
        "revenue_goods": 15_929 + 4_128,  # 180.00 less 20.71 VAT; 45.00 less 3.72 VAT
        "revenue_shipping": 885,  # 10.00 less 1.15 VAT
        "net_revenue": 20_942,
        "cogs": -4_000,
        "revenue_without_cost": -4_128,
        "gross_margin": 12_814,
        "fees.commission": -1_108,  # 11.75 less 0.67 VAT
        "fees": -1_108,
        "contribution_margin": 11_706,
    }
    assert september == {
        "refunds": -(3_186 + 826 + 177),  # 36.00, 9.00 and 2.00 less 4.14, 0.74 and 0.23 VAT
        "net_revenue": -4_189,
        "revenue_without_cost": 826,
        "gross_margin": -3_363,
        "contribution_margin": -3_363,
    }
    assert figures.exceptions == {
        ("settlement_difference", (*head, "1001"), -50, "CNY"),
        ("sku_without_cost", (TMALL.shop, "TEA"), 4_128 - 826, "CNY"),
    }
    assert figures.gmv_bridge[head] == {
        "placed": 23_000,
        "unpaid": 0,
        "third_party": 500,
        "paid": 23_500,
        "closed_before_recognition": 0,
        "not_shipped": 0,
        "shipped": 23_500,
        "not_recognised": 0,
        "recognised": 23_500,
        "refunds": 4_700,
        "net": 18_800,
    }
    assert figures.pnl_by_sku[*head, "2026-08", "TEA", "revenue_goods"] == 4_128


def test_a_refund_that_the_wallet_does_not_show_lies_before_recognition() -> None:
    order, moves = _tmall_order(), _tmall_moves()[:2]
    figures = _figures(_world([order], moves))
    assert figures.pnl["tmall", TMALL.shop, "2026-08", "refunds"] == -4_189
    assert ("settlement_difference", ("tmall", TMALL.shop, "1001"), 4_650, "CNY") in figures.exceptions


def test_an_order_whose_only_row_is_broken_leaves_its_settlement_behind() -> None:
    world = _world([_tmall_order()], _tmall_moves())
    world.broken.append(BrokenRow("list.csv", 2, "ruined_id", TMALL.shop, "1001", is_extra=False))
    figures = _figures(world)
    key = ("tmall", TMALL.shop, "1001")
    assert figures.exceptions == {
        ("quarantined_row", ("list.csv", "2", "ruined_id"), None, None),
        # 234.50 came, 47.00 went back and 11.75 of commission were taken, for an order that nobody knows.
        ("settlement_without_order", key, 17_575, "CNY"),
    }
    assert {key[3]: minor for key, minor in figures.pnl.items()} == {
        "fees.commission": -1_108,
        "fees": -1_108,
        "contribution_margin": -1_108,
    }
    assert figures.order_money == {}


def test_a_shopify_order_in_dollars_by_hand() -> None:
    # 2 x 30.00 less 6.00, freight 5.00, tax 4.00 on top: 63.00; shipped on 5 August in New York
    order = Order(
        "shopify",
        "shopify-us",
        "#1",
        "USD",
        [Line("1", "CREAM", 2, 3_000)],
        _at("2026-08-04"),
        2,
        shipping_minor=500,
        tax_minor=400,
        discounts={"merchant": 600},
        paid_minor=6_300,
        paid_at=_at("2026-08-04"),
        shipped_at=_at("2026-08-06", 3),
        refunds=[Refund(_at("2026-08-07"), 630, 0, after=True)],
    )

    def move(day: str, kind: str, minor: int, code: str = "") -> Movement:
        return Movement(_at(day), "shopify", "shopify-us", kind, minor, "USD", code, "#1")

    moves = [
        move("2026-08-04", "order_income", 6_300),
        move("2026-08-04", "fee", -213, "payment_fee"),
        move("2026-08-07", "order_refund", -630),
    ]
    figures = _figures(_world([order], moves))
    assert {key[3]: minor for key, minor in figures.pnl.items()} == {
        "revenue_goods": 35_100,  # 54.00 x 7.8 / 1.2; no VAT abroad
        "revenue_shipping": 3_250,
        "refunds": -3_510 - 325,  # 5.40 and 0.50; 0.40 of the refund was tax
        "net_revenue": 34_515,
        "cogs": -4_000,
        "gross_margin": 30_515,
        "fees.payment_fee": -1_385,  # 2.13 x 6.5 = 13.845
        "fees": -1_385,
        "contribution_margin": 29_130,
    }
    assert figures.exceptions == frozenset()
    assert figures.gmv_bridge["shopify", "shopify-us"]["net"] == 5_670
    unshipped = replace(order, shipped_at=None, refunds=[])
    waiting = _figures(_world([unshipped], moves[:1]))
    assert waiting.order_money["shopify", "shopify-us", "#1"].recognised_at is None
    assert waiting.pnl == {}
    bold = expected(_world([unshipped], moves[:1]), policies=Policies(income_recognises_unshipped=True))
    by_income = bold.order_money["shopify", "shopify-us", "#1"]
    assert (by_income.recognised_at, by_income.recognised_by_settlement) == (moves[0].at, True)


def test_vat_that_a_shop_states_for_the_order_is_shared_over_its_pieces() -> None:
    # 60.00 and 20.00 less 8.00 (6.00 and 2.00), freight 5.95: 77.95 with 12.45 VAT inside
    order = Order(
        "shopify",
        "shopify-eu",
        "#2",
        "EUR",
        [Line("1", "CREAM", 2, 3_000), Line("2", "TEA", 1, 2_000)],
        _at("2026-08-04"),
        2,
        shipping_minor=595,
        vat_included_minor=1_245,
        discounts={"merchant": 800},
        paid_minor=7_795,
        paid_at=_at("2026-08-04"),
        shipped_at=_at("2026-08-06"),
        refunds=[Refund(_at("2026-08-07"), 1_000, 0, after=True)],
    )
    refund = Movement(_at("2026-08-07"), "shopify", "shopify-eu", "order_refund", -1_000, "EUR", "", "#2")
    world = World(0, ENTITIES, (SHOPIFY_EU,), (CREAM, TEA), [order], [refund])
    figures = expected(world)
    head = ("shopify", "shopify-eu", "2026-08")
    # shares of 12.45: 862.48 / 287.49 / 95.03 cents, the unit left over goes to the largest rest
    assert figures.pnl_local == {
        (*head, "revenue_goods", "EUR"): 5_400 - 862 + 1_800 - 288,
        (*head, "revenue_shipping", "EUR"): 595 - 95,
        (*head, "cogs", "CNY"): -4_000,
        (*head, "revenue_without_cost", "EUR"): -(1_800 - 288) + 231 - 37,
        # of 10.00 6.93, 2.31 and 0.76 fall on the pieces; VAT inside: 110.62, 36.96 and 12.13 cents
        (*head, "refunds", "EUR"): -(693 - 111 + 231 - 37 + 76 - 12),
    }


def test_a_cross_border_order_keeps_its_tax_out_of_revenue_and_settlement() -> None:
    line = Line("1", "CREAM", 1, 10_000, merchant_minor=1_000, platform_minor=500, tax_minor=774)
    order = Order(
        "douyin",
        DOUYIN_GLOBAL.shop,
        "6800",
        "CNY",
        [line],
        _at("2026-08-01"),
        3,
        tax_minor=774,
        discounts={"merchant": 1_000, "platform": 500},
        paid_minor=9_274,
        stated_per_line=True,
        platform_keeps_tax=True,
        paid_at=_at("2026-08-01"),
        shipped_at=_at("2026-08-02"),
        confirmed_at=_at("2026-08-31", 17),  # 1 September in Beijing
    )
    income = Movement(_at("2026-09-03"), "douyin", DOUYIN_GLOBAL.shop, "order_income", 9_000, "CNY", "", "6800", 0)
    figures = _figures(_world([order], [income]))
    assert {key[2:]: minor for key, minor in figures.pnl.items()} == {
        ("2026-09", "revenue_goods"): 9_000,
        ("2026-09", "net_revenue"): 9_000,
        ("2026-09", "cogs"): -2_000,
        ("2026-09", "gross_margin"): 7_000,
        ("2026-09", "contribution_margin"): 7_000,
    }
    assert figures.exceptions == frozenset()
    late = replace(income, at=_at("2026-09-20"), order_ref=None, kind="withdrawal", amount_minor=-1)
    missing = _figures(_world([order], [late])).exceptions
    assert missing == {("settlement_missing", ("douyin", DOUYIN_GLOBAL.shop, "6800"), 9_000, "CNY")}


def test_a_deposit_that_was_given_up_counts_on_its_own_day() -> None:
    order = Order(
        "tmall",
        TMALL.shop,
        "1002",
        "CNY",
        [Line("1", "CREAM", 1, 20_000)],
        _at("2026-08-20"),
        4,
        kind="presale",
        paid_minor=20_000,
        deposit_minor=5_000,
        deposit_at=_at("2026-08-31", 15),
        closed_at=_at("2026-09-12"),
    )
    figures = _figures(_world([order], []))
    assert figures.pnl["tmall", TMALL.shop, "2026-08", "forfeited_deposits"] == 5_000
    assert figures.gmv_bridge["tmall", TMALL.shop]["unpaid"] == 20_000
    assert figures.order_money["tmall", TMALL.shop, "1002"].recognised_at is None


def test_every_entry_of_the_second_books_is_zero_in_both_currencies() -> None:
    world = build_world(5, 200)
    known = Known(world, "CNY", shipped_rates(), Policies(income_recognises_unshipped=False))
    sums: Counter[tuple[object, ...]] = Counter()
    for posting in replace(known, office=draw_office(known)).postings:
        sums[posting.entry, posting.currency] += posting.minor
        sums[posting.entry, posting.currency, "own"] += posting.own_minor
    assert len(sums) > 1_000
    assert set(sums.values()) == {0}
