"""Small companies made by hand, whose reports can be computed with a pencil."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from entrepot.engine import DuckDBEngine
from entrepot.reports import run_report
from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import MemoryTables, derived_from, typed

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = dict[str, list[dict[str, Any]]]

SETTINGS = CellSettings(
    entities=(EntitySettings("cn", tax_registrations="91310000MA1K00001X"),),
    shops=(
        ShopSettings("flagship", "tmall", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
        ShopSettings("mall", "jd", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
        ShopSettings("live", "douyin", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
    ),
)
SHOPS = {"tmall": "flagship", "jd": "mall", "douyin": "live"}


def at(month: int, day: int, hour: int = 4, minute: int = 0, second: int = 0) -> datetime:
    """An instant of 2026 in UTC; 4 o'clock is noon in Shanghai."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def order(number: str, paid_at: datetime | None, minor: int, channel: str = "tmall", **facts: Any) -> dict[str, Any]:
    """A sale whose goods are worth `minor`; confirmed only where the facts say so."""
    placed = paid_at or at(9, 1)
    plain = {
        "order_key": f"{channel}:{number}",
        "channel": channel,
        "shop": SHOPS[channel],
        "month": placed.strftime("%Y-%m"),
        "order_id": number,
        "order_kind": "sale",
        "payment_state": "escrowed" if paid_at else "unpaid",
        "commercial_state": "open",
        "fulfilment_state": "unallocated",
        "placed_at": placed,
        "paid_at": paid_at,
        "currency": "CNY",
        "goods_minor": minor,
        "shipping_minor": 0,
        "tax_minor": 0,
        "paid_minor": minor if paid_at else 0,
        "seen_at": placed,
    }
    return {**plain, **facts}


def line(of: dict[str, Any], sku: str, quantity: int, **facts: Any) -> dict[str, Any]:
    """The only line of an order."""
    head = {name: of[name] for name in ("order_key", "channel", "month", "currency", "order_id", "goods_minor")}
    return {
        **head,
        "line_id": f"{of['order_id']}-1",
        "sku_id": sku,
        "quantity": quantity,
        "unit_price_minor": 1,
        **facts,
    }


def money(number: str, of: str, kind: str, minor: int, booked_at: datetime, channel: str = "alipay") -> dict[str, Any]:
    """A settlement line for an order."""
    return {
        "line_id": f"{channel}:{number}",
        "channel": channel,
        "month": booked_at.strftime("%Y-%m"),
        "shop": SHOPS[of.split(":", maxsplit=1)[0]],
        "wallet_id": "wallet",
        "order_key": of,
        "order_id": of.split(":")[1],
        "kind": kind,
        "currency": "CNY",
        "amount_minor": minor,
        "booked_at": booked_at,
        "seen_at": booked_at,
    }


def spend(channel: str, on: date, minor: int) -> dict[str, Any]:
    """Advertising of a day."""
    return {
        "spend_id": f"{channel}{on}",
        "channel": channel,
        "month": str(on)[:7],
        "shop": SHOPS[channel],
        "spent_on": on,
        "currency": "CNY",
        "amount_minor": minor,
        "seen_at": at(12, 1),
    }


def books(observed: Rows, given: Rows | None = None, settings: CellSettings = SETTINGS) -> MemoryTables:
    """The tables that follow from observed rows, and tables that are given as they are."""
    rows = {**derived_from(observed, settings), **(given or {})}
    return MemoryTables({name: typed(name, of_it) for name, of_it in rows.items()})


def report(tables: MemoryTables, name: str, when: datetime | None = None) -> list[dict[str, Any]]:
    """Rows of a report."""
    with DuckDBEngine(threads=1) as engine:
        rows: list[dict[str, Any]] = run_report(engine, tables, name, at=when).to_pylist()
        return rows


@lru_cache(maxsize=1)
def buyers() -> MemoryTables:
    """Three channels, one of which tells no buyers apart."""
    orders = [
        order("1", at(9, 1), 100_00, buyer_key="p1"),
        order("2", at(9, 20), 100_00, buyer_key="p1"),
        order("3", at(10, 2), 100_00, buyer_key="p1"),
        order("4", at(10, 3), 100_00, buyer_key="p2"),
        order("5", None, 100_00, buyer_key="p4"),
        order("6", at(9, 30, 16, 30), 100_00, "jd", buyer_key="p3"),  # half past midnight of 1 October in Shanghai
        order("7", at(9, 5), 100_00, "douyin"),
    ]
    persons = [
        {"person_key": key, "role": "buyer", "channel": channel}
        for key, channel in (("p1", "tmall"), ("p2", "tmall"), ("p3", "jd"), ("p4", "tmall"))
    ]
    spent = [
        spend("tmall", date(2026, 9, 10), 300_00),
        spend("jd", date(2026, 9, 11), 100_00),
        spend("douyin", date(2026, 9, 12), 100_00),
        spend("tmall", date(2026, 10, 10), 150_00),
    ]
    commission = {
        **money("f1", "tmall:1", "fee", -10_60, at(9, 21)),
        "fee_code": "affiliate_commission",
        "vat_rate_bp": 600,
    }
    return books({"orders": orders, "persons": persons, "ad_spend": spent, "settlement_lines": [commission]})


@lru_cache(maxsize=1)
def stock() -> MemoryTables:
    """One SKU in two places, one without cost, one without snapshot."""
    one = order("1", at(9, 2), 200_00, confirmed_at=at(9, 10), fulfilment_state="delivered")
    two = order("2", at(9, 3), 100_00, "jd", confirmed_at=at(9, 11), fulfilment_state="delivered")
    three = order("3", at(9, 4), 50_00, confirmed_at=at(9, 12), fulfilment_state="delivered")
    snapshots = [
        ("S1", "east", "own", 10, 100),
        ("S1", "east", "own", 20, 50),
        ("S1", "jd-north", "jd", 20, 20),
        ("S2", "east", "own", 10, 10),
    ]
    return books(
        {
            "orders": [one, two, three],
            "order_lines": [line(one, "S1", 6), line(two, "S1", 3), line(three, "S3", 1)],
            "skus": [{"sku_id": sku, "channel": "own", "vat_rate_bp": 1300} for sku in ("S1", "S2", "S3")],
            "sku_costs": [
                {"sku_id": sku, "channel": "own", "valid_from": date(2026, 1, 1), "currency": "CNY", "cost_minor": cost}
                for sku, cost in (("S1", 10_00), ("S3", 5_00))
            ],
            "shipments": [
                {
                    "order_key": "tmall:1",
                    "channel": "tmall",
                    "month": "2026-09",
                    "shipment_id": "x",
                    "location_id": "east",
                }
            ],
            "stock_snapshots": [
                {
                    "snapshot_key": f"{sku}{place}{day}",
                    "channel": "own",
                    "month": "2026-09",
                    "stock_day": date(2026, 9, day),
                    "sku_id": sku,
                    "location": place,
                    "custodian": keeper,
                    "customs_regime": "duty_paid",
                    "quality": "good",
                    "purpose": "free",
                    "quantity": units,
                }
                for sku, place, keeper, day, units in snapshots
            ],
        }
    )


@lru_cache(maxsize=1)
def shelves() -> MemoryTables:
    """Two shops beside a catalogue and two warehouses: one offer that is right, and each problem."""
    costs = [("S1", 10_00, "CNY"), ("S2", 20_00, "CNY"), ("S4", 9_00, "USD")]
    return books(
        {
            "skus": [{"sku_id": f"S{number}", "channel": "own"} for number in range(1, 6)],
            "sku_costs": [
                {
                    "sku_id": sku,
                    "channel": "own",
                    "valid_from": date(2026, 1, 1),
                    "currency": currency,
                    "cost_minor": minor,
                    "raw_id": "costs",
                    "row_no": number,
                }
                for number, (sku, minor, currency) in enumerate(costs, start=1)
            ],
            "stock_snapshots": [
                *(
                    _pieces("S1", "east", 10, 500),
                    _pieces("S1", "east", 20, 100),
                    _pieces("S1", "east", 20, 7, "damaged"),
                ),
                *(_pieces("S2", "east", 20, 5), _pieces("S1", "west", 15, 10), _pieces("S3", "west", 15, 4)),
            ],
            "listing_map": [
                *(_matched("variant", "V6", "S1"), _matched("variant", "V6", "S2")),
                _matched("code", "LAST", "S1", date(2026, 9, 20)),
            ],
            "listings": [
                _offer(1, "S1", 15_00, 80),
                _offer(2, "S1", 15_00, 60, listing_key="jd:mall:2", channel="jd", shop="mall"),
                _offer(3, "S2", 18_00, 9),
                _offer(4, "OLD", 5_00, 3),
                _offer(5, None, 5_00, 3, state="off_shelf"),
                _offer(6, "SET", 25_00, 2),
                _offer(7, "S4", 1_00, None),
                _offer(8, "S2", 5_00, 0, state="sold_out"),
                _offer(9, "LAST", 30_00, 0, state="sold_out"),
            ],
        }
    )


def _offer(number: int, code: str | None, minor: int, units: int | None, **facts: Any) -> dict[str, Any]:
    plain = {
        "listing_key": f"tmall:flagship:{number}",
        "channel": "tmall",
        "shop": "flagship",
        "listing_id": f"L{number}",
        "variant_id": f"V{number}",
        "sku_id": code,
        "currency": "CNY",
        "price_minor": minor,
        "state": "on_sale",
        "listed_units": units,
        "seen_at": at(9, 21),
    }
    return {**plain, **facts}


def _pieces(sku: str, place: str, day: int, units: int, quality: str = "good") -> dict[str, Any]:
    plain = {"channel": "own", "month": "2026-09", "custodian": "own", "customs_regime": "duty_paid"}
    told = {"sku_id": sku, "location": place, "stock_day": date(2026, 9, day), "quantity": units}
    key = {"snapshot_key": f"{sku}{place}{day}{quality}", "quality": quality, "purpose": "free"}
    return {**plain, **told, **key}


def _matched(kind: str, listing_id: str, sku: str, until: date | None = None) -> dict[str, Any]:
    what = {"channel": "tmall", "shop": "flagship", "listing_kind": kind, "listing_id": listing_id, "sku_id": sku}
    how = {"qty": 1, "share_bp": 5_000, "valid_from": date(2026, 1, 1), "valid_to": until}
    return {**what, **how, "decided_at": at(1, 1)}


@lru_cache(maxsize=1)
def quarter() -> MemoryTables:
    """Sales around the third quarter: paid in one, confirmed in another, closed, refunded, not settled."""
    done: dict[str, Any] = {"fulfilment_state": "delivered"}
    orders = [
        order("1", at(8, 20), 100_00, confirmed_at=at(9, 1), paid_minor=90_00, **done),
        order("2", at(9, 28), 50_00, fulfilment_state="shipped", shipped_at=at(9, 29)),
        order("3", at(9, 29), 30_00, confirmed_at=at(10, 5), **done),
        order("4", at(9, 5), 20_00, commercial_state="closed_refunded", refund_stated_minor=20_00),
        order("5", at(6, 30), 40_00, confirmed_at=at(7, 3), **done),
        order("6", None, 7_00, commercial_state="cancelled_unpaid"),
    ]
    coupon = {
        "order_key": "tmall:1",
        "channel": "tmall",
        "month": "2026-08",
        "line_id": "",
        "funder": "platform",
        "kind": "coupon",
        "currency": "CNY",
        "amount_minor": 10_00,
    }
    lines = [
        money("1", "tmall:1", "order_income", 100_00, at(9, 2)),
        money("2", "tmall:3", "order_income", 29_90, at(10, 6)),
        money("3", "tmall:5", "order_refund", -5_00, at(9, 15)),
    ]
    return books(
        {
            "orders": orders,
            "discounts": [coupon],
            "settlement_lines": lines,
            "invoices": _invoices(),
            "stated_figures": _figures(),
        }
    )


def _invoices() -> list[dict[str, Any]]:
    """One that counts, a voided one, and another company's."""
    return [
        {
            "invoice_key": key,
            "channel": "own",
            "month": "2026-09",
            "seller_tax_no": seller,
            "state": state,
            "is_red": "no",
            "currency": "CNY",
            "net_minor": gross - tax,
            "tax_minor": tax,
            "gross_minor": gross,
            "issued_at": at(9, 30, 15, 59),
        }
        for key, seller, state, gross, tax in (
            ("i1", "91310000MA1K00001X", "valid", 90_00, 10_35),
            ("i2", "91310000MA1K00001X", "voided", 9_99, 1_15),
            ("i3", "91310000MA1K99999X", "valid", 8_88, 1_02),
        )
    ]


def _figures() -> list[dict[str, Any]]:
    """What the seller centre shows for the third quarter."""
    return [
        {
            "channel": "own",
            "month": period[:7],
            "platform": "tmall",
            "shop": "flagship",
            "stated_for": period,
            "measure": measure,
            "currency": "CNY",
            "amount_minor": minor,
            "figure_source": "business adviser",
        }
        for period, measure, minor in (
            ("2026-09", "paid", 80_00),
            ("2026-09", "placed", 107_00),
            ("2026-09", "refunded", 4_99),
            ("2026-08-20", "paid", 100_00),
        )
    ]


@lru_cache(maxsize=1)
def presales() -> MemoryTables:
    """Deposits around the eleventh of November."""
    closed: dict[str, Any] = {
        "commercial_state": "cancelled_unpaid",
        "closed_at": at(11, 9),
        "payment_state": "deposit_paid",
    }

    def deposit(
        number: str, minor: int, day: int, paid_at: datetime | None, total: int, **facts: Any
    ) -> dict[str, Any]:
        placed: dict[str, Any] = {"placed_at": at(11, day), "deposit_paid_at": at(11, day), "deposit_minor": minor}
        return order(number, paid_at, total, order_kind="presale", **placed, **facts)

    return books(
        {
            "orders": [
                deposit("1", 50_00, 1, at(11, 10, 15, 59, 59), 300_00),
                deposit("2", 20_00, 2, at(11, 10, 16), 200_00),
                deposit("3", 10_00, 3, None, 100_00, **closed),
                deposit("4", 10_00, 3, None, 100_00, **closed, refund_stated_minor=10_00),
                deposit("5", 30_00, 12, None, 100_00, payment_state="deposit_paid"),
            ]
        }
    )


@lru_cache(maxsize=1)
def feeds() -> MemoryTables:
    """Two files of orders, of which the second tells one row again, and a statement with a line of an unknown order."""
    orders = [
        order("1", at(9, 1), 100_00, confirmed_at=at(9, 3), raw_id="a", row_no=2, seen_at=at(9, 4)),
        order("2", at(9, 4, 3), 50_00, raw_id="a", row_no=3, seen_at=at(9, 4), fulfilment_state=None),
        order("3", at(9, 6), 60_00, paid_minor=59_00, raw_id="b", row_no=2, seen_at=at(9, 6, 5)),
    ]
    lines = [
        {**money("1", "tmall:1", "order_income", 100_00, at(9, 4)), "raw_id": "c", "row_no": 2, "seen_at": at(9, 9)},
        {
            **money("2", "tmall:9", "order_income", 12_00, at(9, 8), "tmall"),
            "raw_id": "c",
            "row_no": 3,
            "seen_at": at(9, 9),
        },
    ]
    files: Rows = {
        "raw_files": [
            _file("a", "tmall_orders", "tmall", 3, at(9, 4)),
            _file("b", "tmall_orders", "tmall", 2, at(9, 6, 5)),
            _file("c", "alipay_ledger", "alipay", 3, at(9, 9)),
        ],
        "raw_rows": [
            _row("a", 2, "tmall_orders", "1"),
            _row("a", 3, "tmall_orders", "2"),
            _row("a", 4, "tmall_orders", "x", "bad_money"),
            _row("b", 2, "tmall_orders", "3"),
            _row("b", 3, "tmall_orders", "1"),
            _row("c", 2, "alipay_ledger", "1"),
            _row("c", 3, "alipay_ledger", "2"),
        ],
        "findings": [
            {"finding_id": "c:0", "raw_id": "c", "kind": "control_total", "name": "income_sum", "stated": 1, "found": 2}
        ],
        "closings": [
            _closing("FY2026-P08.1", 1, date(2026, 8, 31), date(2026, 9, 1)),
            _closing("FY2026-P09.1", 2, date(2026, 9, 30), date(2026, 10, 2)),
            _closing("FY2026-P09.2", 3, date(2026, 9, 30), date(2026, 10, 6)),
        ],
    }
    skus = [{"sku_id": "S1", "channel": "own", "vat_rate_bp": 1300}]
    sold = [line(orders[0], "S1", 1), line(orders[1], "S9", 1)]
    return books({"orders": orders, "order_lines": sold, "settlement_lines": lines, "skus": skus}, files)


def _file(raw_id: str, format_name: str, channel: str, rows: int, seen_at: datetime) -> dict[str, Any]:
    return {
        "raw_id": raw_id,
        "file_name": f"{raw_id}.csv",
        "connector": channel,
        "format": format_name,
        "channel": channel,
        "shop": "flagship",
        "row_count": rows,
        "seen_at": seen_at,
    }


def _row(raw_id: str, row_no: int, format_name: str, key: str, reject: str | None = None) -> dict[str, Any]:
    return {
        "raw_id": raw_id,
        "row_no": row_no,
        "format": format_name,
        "row_key": key,
        "row_hash": key,
        "reject": reject,
    }


def _closing(closing_id: str, number: int, ends_on: date, decided_on: date) -> dict[str, Any]:
    return {
        "closing_id": closing_id,
        "action": "close",
        "number": number,
        "fiscal_period": closing_id.split(".", maxsplit=1)[0],
        "starts_on": ends_on.replace(day=1),
        "ends_on": ends_on,
        "decided_on": decided_on,
        "decided_by": "Li Na",
    }


COMPANIES: dict[str, Callable[[], MemoryTables]] = {
    "acquisition": buyers,
    "stock_turnover": stock,
    "on_offer": shelves,
    "tax_bridge": quarter,
    "platform_figures": quarter,
    "presale": presales,
    "cut_off": presales,
    "quality": feeds,
    "metrics": feeds,
}
"""By report, the company that shows it."""

CUT_OFF = at(11, 10, 16)
"""Midnight of 11 November in Shanghai."""
