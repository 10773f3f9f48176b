"""A second set of books, posted from events by the rules of docs/reference/accounting.md and nothing else.

Debits are positive. An entry is everything with one `entry`; it is zero per currency, which a test of the world holds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from entrepot.sandbox.amazon import batch_paid_at
from entrepot.sandbox.arithmetic import vat_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from entrepot.sandbox.answers.known import Known
    from entrepot.sandbox.facts import Movement, Order
    from entrepot.sandbox.rules import Back, Judged


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry.

    Attributes:
        entry: What it belongs to.
        rule: Posting rule: `deposit`, `paid`, `recognised`, `cost`, `refunded`, `settled`, `advertised`, `banked`.
        cause_kind: `order`, `refund`, `settlement_line`, `ad_spend` or `payout`.
        account: Of the chart; fees as `fee:<code>`.
        minor: Debit positive.
        own_minor: The same in the company's own currency.
        order: Order number, blank for none.
        move_kind: Of a settled movement.
        is_output_vat: VAT inside a price or a refund, and not tax on top.
    """

    entry: tuple[str, ...]
    rule: str
    cause_kind: str
    day: str
    shop: str
    account: str
    minor: int
    currency: str
    own_minor: int = 0
    order: str = ""
    sku: str = ""
    move_kind: str = ""
    is_output_vat: bool = False


_OTHER_SIDE = {
    "ad_topup": "ad_prepaid",
    "ad_spend": "ad_spend",
    "tax_withheld": "marketplace_tax_clearing",
    "reserve": "wallet_reserve",
    "withdrawal": "cash_in_transit",
    "transfer": "cash_in_transit",
    "adjustment": "suspense",
}


def posted(known: Known) -> Iterator[Posting]:
    """All postings, amounts of nothing left out; `own_minor` is still to be filled."""
    for each in _all(known):
        if each.minor:
            yield each


def _all(known: Known) -> Iterator[Posting]:
    for case in known.judged:
        yield from _deposit(known, case.order)
        yield from _paid(known, case)
        yield from _recognised(known, case)
        yield from _cost(known, case)
        for number, back in enumerate((*case.before, *case.after)):
            yield from _refunded(known, case, back, number, is_returned=number >= len(case.before))
    for number, move in enumerate(known.world.movements):
        yield from _settled(known, move, number)
    for number, spend in enumerate(known.world.ad_spend):
        entry = ("ad_spend", str(number))
        for account, minor in (("ad_spend", spend.minor), ("ad_prepaid", -spend.minor)):
            yield Posting(entry, "advertised", "ad_spend", spend.day, spend.shop, account, minor, spend.currency)
    yield from _batches_paid(known)
    yield from _arrived(known)
    yield from _fees_invoiced(known)


def _deposit(known: Known, order: Order) -> Iterator[Posting]:
    """A deposit is a liability; kept when the order is closed. Its list has no closing time: its own day counts."""
    if order.deposit_at is None or not order.deposit_minor:
        return
    sides = [("platform_receivable", order.deposit_minor), ("contract_liability_deposit", -order.deposit_minor)]
    if order.closed_at is not None and order.paid_at is None:
        sides += [
            ("contract_liability_deposit", order.deposit_minor),
            ("forfeited_deposit_income", -order.deposit_minor),
        ]
    yield from _of_order(order, "deposit", known.day(order.deposit_at, order.shop), sides)


def _of_order(order: Order, rule: str, day: str, sides: Iterable[tuple[str, int]]) -> Iterator[Posting]:
    for account, minor in sides:
        yield Posting(
            (rule, order.shop, order.order_id), rule, "order", day, order.shop, account, minor, order.currency,
            order=order.order_id,
        )  # fmt: skip


def _buyer_minor(order: Order) -> int:
    """What the buyer gave: cash, points, balance."""
    return order.paid_minor + order.points_minor + order.balance_minor


def _paid(known: Known, case: Judged) -> Iterator[Posting]:
    order, at = case.order, known.bought_at(case.order)
    if at is None:
        return
    deposit = order.deposit_minor if order.deposit_at is not None else 0
    sides = (
        ("platform_receivable", _buyer_minor(order) - deposit),
        ("contract_liability_deposit", deposit),
        ("contract_liability_unshipped", -_buyer_minor(order)),
    )
    yield from _of_order(order, "paid", known.day(at, order.shop), sides)


def _tax_account(order: Order) -> str:
    """Where tax on top stands: Douyin's import tax, tax that Amazon collects, tax that is ours to pay."""
    if order.platform_keeps_tax:
        return "customs_tax_held"
    return "marketplace_tax_clearing" if order.channel == "amazon" else "output_vat"


def _recognised(known: Known, case: Judged) -> Iterator[Posting]:
    """Revenue by piece; what others pay is owed from now on; tax that the platform keeps is settled at once."""
    order = case.order
    if case.recognised_at is None:
        return
    day = known.day(case.recognised_at, order.shop)
    kept = order.tax_minor if order.platform_keeps_tax else 0
    funded = order.third_party_minor - order.points_minor
    yield from _of_order(
        order,
        "recognised",
        day,
        (
            ("contract_liability_unshipped", _buyer_minor(order)),
            ("platform_receivable", funded),
            ("suspense", case.identity_gap_minor),
            ("customs_tax_held", kept),
            ("platform_receivable", -kept),
        ),
    )
    entry = ("recognised", order.shop, order.order_id)
    for piece in case.pieces:
        account = "revenue_goods" if piece.sku else "revenue_shipping"
        yield _piece(entry, "order", order, day, account, -piece.net_minor, piece.sku)
        yield replace(_piece(entry, "order", order, day, "output_vat", -piece.vat_minor, piece.sku), is_output_vat=True)
    yield _piece(entry, "order", order, day, _tax_account(order), -order.tax_minor, "")


def _piece(
    entry: tuple[str, ...], cause_kind: str, order: Order, day: str, account: str, minor: int, sku: str
) -> Posting:
    return Posting(
        entry, entry[0], cause_kind, day, order.shop, account, minor, order.currency, order=order.order_id, sku=sku
    )


def _cost(known: Known, case: Judged) -> Iterator[Posting]:
    order = case.order
    if case.recognised_at is None:
        return
    day = known.day(case.recognised_at, order.shop)
    for piece in case.pieces:
        sku = known.skus.get(piece.sku)
        cost = sku.cost_on(day) if sku is not None and sku.listed else None
        if cost is None:
            continue
        entry = ("cost", order.shop, order.order_id, cost.currency)
        for account, sign in (("cogs", 1), ("inventory", -1)):
            side = _piece(entry, "order", order, day, account, sign * piece.quantity * cost.minor, piece.sku)
            yield replace(side, currency=cost.currency)


def refund_day(known: Known, case: Judged, back: Back) -> str:
    """The day of a refund in the books: not before recognition; of an order never recognised, when the money moved."""
    if case.recognised_at is not None:
        return known.day(max(case.recognised_at, back.at or case.recognised_at), case.order.shop)
    at = back.at or known.bought_at(case.order) or case.order.placed_at
    return known.day(at, case.order.shop)


def _refunded(known: Known, case: Judged, back: Back, number: int, *, is_returned: bool) -> Iterator[Posting]:
    """Revenue and VAT go back by piece; the money is owed to the buyer, or the platform owes that much less."""
    order = case.order
    if order.paid_at is None:
        return
    day, entry = refund_day(known, case, back), ("refunded", order.shop, order.order_id, str(number))
    from_where = "refund_liability" if is_returned else "platform_receivable"
    yield _piece(entry, "refund", order, day, from_where, -back.minor, "")
    if case.recognised_at is None:
        yield _piece(entry, "refund", order, day, "contract_liability_unshipped", back.minor, "")
        return
    shares = case.refund_shares(back)
    for piece, share in shares:
        yield _piece(entry, "refund", order, day, "revenue_reduction", piece.net_of(share), piece.sku)
        yield replace(
            _piece(entry, "refund", order, day, "output_vat", share - piece.net_of(share), piece.sku),
            is_output_vat=True,
        )
    tax = back.minor - sum(share for _, share in shares)
    yield _piece(entry, "refund", order, day, _tax_account(order), tax, "")


def _settled(known: Known, move: Movement, number: int) -> Iterator[Posting]:
    """Every movement moves the wallet; the other side is what it was for."""
    shop, entry = known.shops[move.shop], ("settled", str(number))
    order = move.order_ref or ""
    has_order = (move.shop, order) in known.known_orders
    sides = [("wallet", move.amount_minor)]
    if move.kind == "fee":
        vat = vat_inside(-move.amount_minor, known.policies.fee_vat_bp) if shop.platform_fee_vat else 0
        sides += [(f"fee:{move.code}", -move.amount_minor - vat), ("input_vat_pending", vat)]
    elif move.kind in ("order_income", "order_refund"):
        named = "platform_receivable" if move.kind == "order_income" else "refund_liability"
        sides.append((named if has_order else "suspense", -move.amount_minor))
    else:
        sides.append((_OTHER_SIDE[move.kind], -move.amount_minor))
    for account, minor in sides:
        yield Posting(
            entry, "settled", "settlement_line", known.day(move.at, move.shop), move.shop, account, minor,
            move.currency, order=order, move_kind=move.kind,
        )  # fmt: skip


def batch_totals(known: Known) -> dict[tuple[str, str], int]:
    """Shop and number of every Amazon settlement to the total that it states, which is what is paid out."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for move in known.world.movements:
        if move.channel == "amazon":
            totals[move.shop, move.doc] += move.amount_minor
    for wrong in known.world.wrong_totals:
        if wrong.settlement_id:
            for shop, number in totals:
                if number == wrong.settlement_id:
                    totals[shop, number] += wrong.excess_minor
    return dict(totals)


def _batches_paid(known: Known) -> Iterator[Posting]:
    """No line of Amazon's settlement says that it was paid out: its own total leaves the wallet on the day it names."""
    for (shop, number), minor in batch_totals(known).items():
        day = known.day(batch_paid_at(number), shop)
        for account, side in (("cash_in_transit", minor), ("wallet", -minor)):
            yield Posting(("banked", shop, number), "banked", "payout", day, shop, account, side, "USD")


def _arrived(known: Known) -> Iterator[Posting]:
    """A payout is at the bank: what the bank kept is a fee."""
    for move in known.office.bank if known.office else ():
        if move.payout is None:
            continue
        payout = known.payouts[move.payout]
        for account, minor in (
            ("bank", move.minor),
            ("fee:payment_fee", move.fee_minor),
            ("cash_in_transit", -payout.minor),
        ):
            entry = ("arrived", str(move.payout))
            yield Posting(entry, "banked", "bank_match", move.day, payout.shop, account, minor, move.currency)


def _fees_invoiced(known: Known) -> Iterator[Posting]:
    """The invoice of a month's fees is there: its tax can be claimed, and what it differs by corrects the fee."""
    for invoice in known.office.invoices if known.office else ():
        if invoice.fees_of is None:
            continue
        shop, month, code = invoice.fees_of
        vat = sum(
            vat_inside(-move.amount_minor, known.policies.fee_vat_bp)
            for move in known.world.movements
            if move.shop == shop and move.code == code and known.day(move.at, shop)[:7] == month
        )
        for account, minor in (
            ("input_vat", invoice.tax_minor),
            ("input_vat_pending", -vat),
            (f"fee:{code}", vat - invoice.tax_minor),
        ):
            entry = ("invoiced", invoice.number)
            yield Posting(entry, "invoiced", "invoice", invoice.day, shop, account, minor, "CNY")


def with_own_currency(postings: Iterable[Posting], known: Known) -> list[Posting]:
    """The same with amounts in the companies' own currencies; what rounding leaves goes to an entry's largest side."""
    entries: defaultdict[tuple[tuple[str, ...], str], list[Posting]] = defaultdict(list)
    for each in postings:
        own = known.entities[known.shops[each.shop].entity].currency
        valued = known.translated(each.minor, each.currency, own, each.day)
        entries[each.entry, each.currency].append(replace(each, own_minor=valued))
    found: list[Posting] = []
    for sides in entries.values():
        rest = sum(side.own_minor for side in sides)
        if rest:
            largest = max(range(len(sides)), key=lambda at: (abs(sides[at].own_minor), -at))
            sides[largest] = replace(sides[largest], own_minor=sides[largest].own_minor - rest)
        found += sides
    return found
