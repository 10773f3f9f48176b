"""Random lives of orders: whatever happens in whatever sequence, the money invariants hold after each derivation."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from entrepot.store import CellSettings, EntitySettings, ShopSettings, WalletSettings
from entrepot.testing.memory_tables import derived_from

_START = datetime(2026, 3, 1, 4, tzinfo=UTC)
_SETTINGS = CellSettings(
    entities=(EntitySettings("cn", "CN", "CNY"), EntitySettings("hk", "HK", "HKD"), EntitySettings("us", "US", "USD")),
    shops=(
        ShopSettings("flagship", "tmall", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
        ShopSettings("global", "douyin", "hk", "cross_border_bonded_1210", "confirmed", "Asia/Shanghai"),
        ShopSettings("web", "shopify", "us", "own_shop", "shipped", "America/New_York"),
    ),
    wallets=(WalletSettings("tmall wallet", "flagship"),),
)
_SHOPS = {"flagship": ("tmall", "CNY"), "global": ("douyin", "CNY"), "web": ("shopify", "USD")}
_SKUS = (
    {"sku_id": "THIRTEEN", "channel": "own", "vat_rate_bp": 1300},
    {"sku_id": "NINE", "channel": "own", "vat_rate_bp": 900},
    {"sku_id": "NONE", "channel": "own"},
)
_COSTS = (
    {"sku_id": "THIRTEEN", "channel": "own", "valid_from": _START.date(), "currency": "CNY", "cost_minor": 1_111},
    {"sku_id": "NINE", "channel": "own", "valid_from": _START.date(), "currency": "EUR", "cost_minor": 333},
)

_minor = st.integers(1, 99_999)
_few = st.integers(0, 999)


@dataclass
class _Order:
    """The machine's own idea of an order, in plain integers."""

    key: str
    shop: str
    lines: list[tuple[str, int, int]]
    shipping_minor: int
    tax_minor: int
    discounts: dict[str, int]
    points_minor: int
    placed_at: datetime
    paid_at: datetime | None = None
    recognised: bool = False
    closed: bool = False
    before_minor: int = 0
    after: list[int] = field(default_factory=list)
    income: list[int] = field(default_factory=list)

    @property
    def goods_minor(self) -> int:
        return sum(quantity * price for _, quantity, price in self.lines)

    @property
    def paid_minor(self) -> int:
        return (
            self.goods_minor + self.shipping_minor + self.tax_minor - sum(self.discounts.values()) - self.points_minor
        )

    @property
    def funded_minor(self) -> int:
        return sum(minor for funder, minor in self.discounts.items() if funder != "merchant")

    @property
    def value_minor(self) -> int:
        return self.paid_minor + self.points_minor + self.funded_minor

    @property
    def refundable_minor(self) -> int:
        return self.value_minor - self.before_minor - sum(self.after)


class Money(RuleBasedStateMachine):
    """Orders, refunds and settlements in three shops, two currencies and three kinds of sale."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[_Order] = []
        self.lines: list[dict[str, Any]] = []
        self.gaps: dict[str, int] = {}
        self.now = _START
        self.balance_minor = 0
        self.changed = True

    @initialize(minor=_minor)
    def open_the_wallet(self, minor: int) -> None:
        self._move("flagship", "opening", minor, None)

    @rule(
        shop=st.sampled_from(sorted(_SHOPS)),
        prices=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), _minor), min_size=1, max_size=4),
        shipping=_few,
        tax=_few,
        merchant=_few,
        platform=_few,
        talent=_few,
        points=_few,
        pays=st.booleans(),
    )
    def place(
        self,
        shop: str,
        prices: list[tuple[int, int, int]],
        shipping: int,
        tax: int,
        merchant: int,
        platform: int,
        talent: int,
        points: int,
        *,
        pays: bool,
    ) -> None:
        goods = sum(quantity * price for _, quantity, price in prices)
        share = goods // 5
        names = ("THIRTEEN", "NINE", "NONE", "UNLISTED")
        order = _Order(
            f"{_SHOPS[shop][0]}:{len(self.orders) + 1}",
            shop,
            [(names[at], quantity, price) for at, quantity, price in prices],
            shipping,
            tax if shop != "flagship" else 0,
            {"merchant": min(merchant, share), "platform": min(platform, share), "talent": min(talent, share)},
            min(points, share) if shop == "flagship" else 0,
            self._tick(),
        )
        if pays:
            order.paid_at = self._tick()
        self.orders.append(order)

    def _one(self, index: int, *, paid: bool = True) -> _Order | None:
        open_orders = [order for order in self.orders if (order.paid_at is not None) == paid and not order.closed]
        return open_orders[index % len(open_orders)] if open_orders else None

    @precondition(lambda self: self.orders)
    @rule(index=st.integers(0, 20))
    def confirm_or_ship(self, index: int) -> None:
        if order := self._one(index):
            order.recognised = True
            self.changed = True

    @precondition(lambda self: self.orders)
    @rule(index=st.integers(0, 20))
    def close_and_refund_all(self, index: int) -> None:
        order = self._one(index)
        if order and not order.recognised and not order.after and not order.income:
            order.closed, order.before_minor = True, order.paid_minor
            self.changed = True

    @precondition(lambda self: self.orders)
    @rule(index=st.integers(0, 20), minor=_minor, all_of_it=st.booleans())
    def refund_before(self, index: int, minor: int, *, all_of_it: bool) -> None:
        order = self._one(index)
        if order and not order.income and not order.after:
            order.before_minor += order.refundable_minor if all_of_it else min(minor, order.refundable_minor)
            self.changed = True

    @precondition(lambda self: self.orders)
    @rule(index=st.integers(0, 20), minor=_minor, how=st.sampled_from(["part", "rest", "too much"]))
    def refund_through_the_wallet(self, index: int, minor: int, how: str) -> None:
        if order := self._one(index):
            left = max(order.refundable_minor, 0)
            amount = {"part": min(minor, left), "rest": left, "too much": left + minor}[how]
            if amount:
                order.after.append(amount)
                self._move(order.shop, "order_refund", -amount, order.key)

    @precondition(lambda self: self.orders)
    @rule(index=st.integers(0, 20), parts=st.integers(1, 3), short=st.sampled_from([0, 0, 0, 1, 250]))
    def settle(self, index: int, parts: int, short: int) -> None:
        order = self._one(index)
        if order and not order.income:
            kept = order.tax_minor if order.shop == "global" else 0
            due = order.value_minor - order.before_minor - kept - short
            for part in range(parts):
                amount = due // parts if part else due - due // parts * (parts - 1)
                order.income.append(amount)
                self._move(order.shop, "order_income", amount, order.key)

    @rule(shop=st.sampled_from(sorted(_SHOPS)), minor=_few, given_back=st.booleans(), of_order=st.booleans())
    def charge(self, shop: str, minor: int, *, given_back: bool, of_order: bool) -> None:
        key = next((order.key for order in self.orders if order.shop == shop), None) if of_order else None
        self._move(shop, "fee", minor if given_back else -minor, key, "commission")

    @rule(kind=st.sampled_from(["ad_topup", "withdrawal", "reserve", "compensation", "adjustment"]), minor=_minor)
    def move_otherwise(self, kind: str, minor: int) -> None:
        self._move("flagship", kind, -minor, None)

    @rule(minor=_minor)
    def settle_an_order_that_nobody_knows(self, minor: int) -> None:
        self._move("flagship", "order_income", minor, f"tmall:unknown{len(self.lines)}")

    @rule(minor=_minor)
    def lose_a_line_of_the_statement(self, minor: int) -> None:
        self.balance_minor += minor
        self._move("flagship", "fee", -1, None, "other_fee")
        self.gaps[self.lines[-1]["line_id"]] = minor

    def _tick(self) -> datetime:
        self.now += timedelta(hours=7, minutes=13)
        self.changed = True
        return self.now

    def _move(self, shop: str, kind: str, minor: int, key: str | None, code: str | None = None) -> None:
        channel, currency = _SHOPS[shop]
        if shop == "flagship":
            self.balance_minor += minor
        self.lines.append(
            {
                "line_id": f"{channel}:line{len(self.lines):04d}",
                "channel": channel,
                "month": "2026-03",
                "shop": shop,
                "wallet_id": f"{shop} wallet",
                "order_key": key,
                "order_id": key and key.split(":")[1],
                "kind": kind,
                "fee_code": code,
                "vat_rate_bp": 600 if kind == "fee" and shop == "flagship" else 0,
                "currency": currency,
                "amount_minor": minor,
                "booked_at": self._tick(),
                "balance_minor": self.balance_minor if shop == "flagship" else None,
            }
        )

    def teardown(self) -> None:
        self._check()

    @precondition(lambda self: self.changed and len(self.lines) + len(self.orders) > 4)
    @rule()
    def close_the_day(self) -> None:
        self._check()

    def _check(self) -> None:
        self.changed = False
        derived = derived_from(self._observed(), _SETTINGS)
        _check_entries(derived, self.lines)
        _check_allocations(derived, self.orders)
        _check_orders(derived, self.orders)
        _check_wallet(derived, self.gaps)
        unknown = {line["order_id"] for line in self.lines if line["order_key"] and "unknown" in line["order_key"]}
        found = [row["key"].split("/")[2] for row in derived["exceptions"] if row["kind"] == "settlement_without_order"]
        assert Counter(found) == Counter(unknown)

    def _observed(self) -> dict[str, list[dict[str, Any]]]:
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        rows["skus"], rows["sku_costs"] = list(_SKUS), list(_COSTS)
        for order in self.orders:
            _write(order, rows)
        wallet = (
            "wallet_id",
            "line_id",
            "channel",
            "month",
            "shop",
            "currency",
            "amount_minor",
            "balance_minor",
            "booked_at",
        )
        for number, line in enumerate(self.lines):
            rows["settlement_lines"].append({name: value for name, value in line.items() if name != "balance_minor"})
            if line["balance_minor"] is not None:
                rows["wallet_lines"].append({**{name: line[name] for name in wallet}, "statement_order": number})
        return rows


def _write(order: _Order, rows: defaultdict[str, list[dict[str, Any]]]) -> None:
    channel, currency = _SHOPS[order.shop]
    head = {"order_key": order.key, "channel": channel, "month": "2026-03", "currency": currency}
    paid = order.paid_at is not None
    rows["orders"].append(
        {
            **head,
            "shop": order.shop,
            "order_id": order.key.split(":")[1],
            "order_kind": "sale",
            "payment_state": "escrowed" if paid else "unpaid",
            "commercial_state": "closed_refunded" if order.closed else "open",
            "fulfilment_state": "shipped" if order.recognised else "unallocated",
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "confirmed_at": order.paid_at if order.recognised else None,
            "shipped_at": order.paid_at if order.recognised else None,
            "goods_minor": order.goods_minor,
            "shipping_minor": order.shipping_minor,
            "tax_minor": order.tax_minor,
            "paid_minor": order.paid_minor if paid else 0,
            "refund_stated_minor": order.before_minor + sum(order.after),
            "seen_at": _START,
        }
    )
    for number, (sku, quantity, price) in enumerate(order.lines, start=1):
        rows["order_lines"].append(
            {
                **head,
                "line_id": str(number),
                "order_id": order.key,
                "sku_id": sku,
                "quantity": quantity,
                "unit_price_minor": price,
                "goods_minor": quantity * price,
            }
        )
    for funder, minor in order.discounts.items():
        rows["discounts"].append({**head, "line_id": "", "funder": funder, "kind": "coupon", "amount_minor": minor})
    rows["tenders"].append({**head, "kind": "points", "amount_minor": order.points_minor})
    if order.tax_minor:
        kept = order.shop == "global"
        rows["taxes"].append(
            {
                **head,
                "line_id": "",
                "kind": "customs_composite" if kept else "tax_added",
                "amount_minor": order.tax_minor,
                "collected_by": "marketplace" if kept else "merchant",
                "remitted_by": "marketplace" if kept else "merchant",
            }
        )


def _check_entries(derived: dict[str, list[dict[str, Any]]], lines: list[dict[str, Any]]) -> None:
    """I1, I2, I7: integers, zero per entry, entity, book and currency; each line has one entry that moves its wallet."""
    sums: Counter[tuple[str, ...]] = Counter()
    causes: defaultdict[str, set[str]] = defaultdict(set)
    moved: Counter[str] = Counter()
    for row in derived["ledger_entries"]:
        assert type(row["amount_minor"]) is int
        assert type(row["functional_minor"]) is int
        head = (row["entry_id"], row["entity_id"], row["book"])
        sums[*head, row["currency"]] += row["amount_minor"]
        sums[*head, "in " + row["functional_currency"]] += row["functional_minor"]
        if row["cause_kind"] == "settlement_line":
            causes[row["cause_id"]].add(row["entry_id"])
            moved[row["cause_id"]] += row["amount_minor"] if row["account"] == "wallet" else 0
    assert {key: rest for key, rest in sums.items() if rest} == {}
    for line in lines:
        assert moved[line["line_id"]] == line["amount_minor"]
        assert len(causes[line["line_id"]]) == (1 if line["amount_minor"] else 0)
    assert sum(moved.values()) == sum(line["amount_minor"] for line in lines)


def _check_allocations(derived: dict[str, list[dict[str, Any]]], orders: list[_Order]) -> None:
    """I3, I6: what is shared over lines adds up to the order; a discount has one funder and all of them add up."""
    pieces: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in derived["order_pieces"]:
        pieces[row["order_key"]].append(row)
    positions = {row["order_key"]: row for row in derived["order_positions"]}
    assert set(positions) == {order.key for order in orders}
    for order in orders:
        mine, position = pieces[order.key], positions[order.key]
        assert sum(row["discount_merchant_minor"] for row in mine) == order.discounts["merchant"]
        assert sum(row["goods_minor"] for row in mine if row["kind"] == "line") == order.goods_minor
        assert (
            sum(row["gross_minor"] for row in mine)
            == order.goods_minor + order.shipping_minor + order.tax_minor - order.discounts["merchant"]
        )
        assert sum(row["refund_minor"] for row in mine) == position["refunded_minor"]
        assert position["discount_platform_minor"] == order.discounts["platform"]
        assert position["discount_other_minor"] == order.discounts["talent"]
        for row in mine:
            # VAT inside: within half a fen of the exact fraction.
            exact = row["gross_minor"] * row["vat_rate_bp"]
            assert abs(2 * (row["vat_minor"] * (10_000 + row["vat_rate_bp"]) - exact)) <= 10_000 + row["vat_rate_bp"]


def _check_orders(derived: dict[str, list[dict[str, Any]]], orders: list[_Order]) -> None:
    """I4, I5, I8: refunds within what was paid or an exception; clearing accounts equal what is open per order."""
    balances: Counter[tuple[str, str]] = Counter()
    for row in derived["ledger_entries"]:
        if row["order_id"]:
            balances[row["order_id"], row["account"]] += row["amount_minor"]
    kinds = {(row["kind"], row["key"].split("/")[-1]): row["amount_minor"] for row in derived["exceptions"]}
    for order in orders:
        number = order.key.split(":")[1]
        if order.paid_at is None:
            assert {key for key, minor in balances.items() if key[0] == order.key and minor} <= {
                (order.key, account) for account in ("fee:commission", "wallet", "input_vat_pending")
            }
            continue
        refunded = order.before_minor + sum(order.after)
        recognised = order.recognised or bool(order.income and order.shop != "web")
        recognised = recognised and not order.closed
        assert kinds.get(("refund_exceeds_paid", number), 0) == max(refunded - order.value_minor, 0)
        assert ("order_identity", number) not in kinds
        funded = order.funded_minor if recognised else 0
        # Tax that the platform keeps is settled by its paying it for us, once there was a sale.
        kept = order.tax_minor if order.shop == "global" and recognised else 0
        open_minor = order.paid_minor + order.points_minor + funded - order.before_minor - kept - sum(order.income)
        assert balances[order.key, "platform_receivable"] == open_minor
        assert balances[order.key, "refund_liability"] == 0
        revenue = ("revenue_goods", "revenue_shipping", "revenue_reduction", "output_vat", "customs_tax_held")
        earned = -sum(balances[order.key, account] for account in revenue)
        assert earned == (order.value_minor - refunded - kept if recognised else 0)
        left = 0 if recognised else order.paid_minor + order.points_minor - refunded
        assert -balances[order.key, "contract_liability_unshipped"] == left
        due = order.value_minor - order.before_minor - (order.tax_minor if order.shop == "global" else 0)
        assert kinds.get(("settlement_difference", number), 0) == (sum(order.income) - due if order.income else 0)


def _check_wallet(derived: dict[str, list[dict[str, Any]]], gaps: dict[str, int]) -> None:
    """I35: opening and lines give the closing; every planted gap is an exception with its amount, and nothing else is."""
    found = {
        row["key"].split("/")[1]: row["amount_minor"] for row in derived["exceptions"] if row["kind"] == "wallet_gap"
    }
    assert found == gaps


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=10,
    stateful_step_count=16,
    deadline=None,
    database=None,
    # A case is short enough to read as it is; making it shorter would take minutes.
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
