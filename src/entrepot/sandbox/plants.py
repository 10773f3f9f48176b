"""What is wrong in the files on purpose. Every plant has one effect, and the expected figures know it.

Anomalies of orders and money (short payments, orders never settled, refunds twice) are drawn with the orders;
here are those of files: rows that cannot be read, printed totals that are wrong, a running balance that
jumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.alipay_files import INCOME_TOTAL, PARTS
from entrepot.sandbox.amazon import PERIOD, settlement_id
from entrepot.sandbox.amazon_files import TOTAL, settlement_name
from entrepot.sandbox.brand import DOUYIN, PDD, TMALL, WALLET
from entrepot.sandbox.clock import START, month_of
from entrepot.sandbox.douyin_files import orders_name as douyin_orders
from entrepot.sandbox.facts import BrokenRow, Order, WalletGap, WrongTotal
from entrepot.sandbox.pdd_files import orders_name as pdd_orders
from entrepot.sandbox.tmall_files import DETAIL_NAME, LIST_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.company import World


def plant(world: World) -> None:
    """Plant every anomaly of files."""
    _tmall(world)
    _pdd(world)
    _douyin(world)
    _amazon(world)


def _pick(world: World, shop: str, month: str, suits: Callable[[Order], bool]) -> Order:
    """The first order of a month that suits; broken rows never fall on the same order twice."""
    taken = {row.order_id for row in world.broken}
    for order in world.orders_of(shop):
        if month_of(order.placed_at) == month and order.order_id not in taken and suits(order):
            return order
    raise AssertionError(f"the world has no order of {shop} in {month} to plant an anomaly on")


def _break(world: World, file: str, row_no: int, reason: str, order: Order, *, is_extra: bool = False) -> None:
    world.broken.append(BrokenRow(file, row_no, reason, order.shop, order.order_id, is_extra))


def _settled(world: World, shop: str) -> set[str]:
    return {move.order_ref for move in world.movements_of(shop) if move.kind == "order_income" and move.order_ref}


def _tmall(world: World) -> None:
    """Two rows of a list and one of a detail list cannot be read; one total is wrong, one balance jumps."""
    settled = _settled(world, TMALL.shop)
    whole = _pick(world, TMALL.shop, "2026-10", lambda order: order.paid_at is not None)
    _break(world, LIST_NAME["2026-10"], 2, "columns", whole, is_extra=True)
    # The spreadsheet took the number of a settled order: its ledger lines and its details lead nowhere now.
    ruined = _pick(world, TMALL.shop, "2026-10", lambda order: order.order_id in settled)
    _break(world, LIST_NAME["2026-10"], 3, "ruined_id", ruined)
    detail = _pick(world, TMALL.shop, "2026-08", lambda order: order.paid_at is not None)
    _break(world, DETAIL_NAME["2026-08"], 2, "columns", detail, is_extra=True)
    world.wrong_totals.append(WrongTotal(PARTS[0][0], INCOME_TOTAL, 8_800, "CNY"))
    september = [move for move in world.movements_of(TMALL.shop) if PARTS[1][1] <= move.at < PARTS[1][2]]
    world.wallet_gaps.append(WalletGap(WALLET, september[len(september) // 2].doc, 12_345, "CNY"))


def _pdd(world: World) -> None:
    """A row of August has an amount that is no number: the order is gone, its rows in the bill remain."""
    settled = _settled(world, PDD.shop)
    order = _pick(world, PDD.shop, "2026-08", lambda order: order.order_id in settled)
    _break(world, pdd_orders("2026-08"), 2, "amount", order)


def _douyin(world: World) -> None:
    """A row of October has a state that nobody knows: an order on its way, so nothing else is lost."""
    order = _pick(
        world,
        DOUYIN.shop,
        "2026-10",
        lambda order: len(order.lines) == 1 and order.paid_at is not None and not order.has_ended,
    )
    _break(world, douyin_orders(DOUYIN, "2026-10"), 2, "unknown_status", order)


def _amazon(world: World) -> None:
    """One settlement states more than its lines add up to: as a batch, and as a file."""
    number = settlement_id(START + 3 * PERIOD)
    world.wrong_totals.append(WrongTotal(settlement_name(number), TOTAL, 725, "USD", number))
