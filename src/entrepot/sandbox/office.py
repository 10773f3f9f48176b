"""What the finance office of the sample company has beside the platforms' files, as events.

Its bank accounts, counted stock, the figures that it copied from seller centres, and its tax invoices. They are drawn
from what happened in the world, with a few things that go wrong: a payout that never arrives, a payment that nobody
can place, a figure that no reason explains.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from entrepot.sandbox.answers.known import later
from entrepot.sandbox.answers.office import our_figure
from entrepot.sandbox.arithmetic import half_up, vat_inside
from entrepot.sandbox.clock import MONTHS

if TYPE_CHECKING:
    from entrepot.sandbox.answers.known import Known

TAX_NUMBER = "91310000MA1YUXUN8X"
"""Number under which the Chinese company invoices."""
COMPANY = "cn-shanghai"
ACCOUNTS = {"CNY": "6225880000001111", "USD": "US-4400118822", "EUR": "DE89370400440532013000"}
PAYERS = {
    "tmall": "支付宝（中国）网络技术有限公司",
    "pinduoduo": "拼多多支付",
    "shopify": "SHOPIFY PAYMENTS",
    "amazon": "AMAZON",
}
COMMISSION_ISSUER = "北京京东叁佰陆拾度电子商务有限公司"
STATEMENT_ENDS = "2026-11-03"
PLACES = (("SH-1", "own"), ("CN-HZ", "cainiao"), ("US-ONT8", "fba"))
_NEVER_COUNTED = ("YX-OAT-300", "YX-GFT-26")
_MISSING = 3
"""Which of the Tmall shop's payouts never arrives."""
_AMAZON_FEE_BP = 100


@dataclass(frozen=True, slots=True)
class BankMove:
    """A movement on a bank account.

    Attributes:
        fee_minor: What the bank kept and its statement names.
        payout: Number of the payout in `Known.payouts` that it is, if it is one.
    """

    day: str
    minor: int
    currency: str
    counterparty: str
    fee_minor: int = 0
    payout: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Units of an article in a place at the end of a day."""

    day: str
    place: str
    custodian: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as a seller centre shows it."""

    shop: str
    month: str
    measure: str
    minor: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """A tax invoice.

    Attributes:
        order: Number of the order in its remark; blank for one that we received.
        shop: Of that order.
        fees_of: Shop, month and fee code that a received one is for.
    """

    number: str
    day: str
    gross_minor: int
    tax_minor: int
    order: str = ""
    shop: str = ""
    fees_of: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that the finance office knows."""

    bank: tuple[BankMove, ...]
    counts: tuple[Count, ...]
    stated: tuple[Stated, ...]
    invoices: tuple[Invoice, ...]


def draw_office(known: Known) -> Office:
    """Draw what the office has; the same world gives the same office."""
    dice = Random(f"{known.world.seed}/office")  # noqa: S311 - a sample, not a secret
    return Office(_bank(known, dice), _counts(known, dice), _stated(known, dice), _invoices(known, dice))


def _bank(known: Known, dice: Random) -> tuple[BankMove, ...]:
    """Payouts arrive within three days; one never does, one amount is nobody's, and the rent is paid."""
    moves = [
        BankMove("2026-09-01", 8_888, "CNY", PAYERS["tmall"]),
        BankMove("2026-10-08", -1_500_000, "CNY", "房屋租赁"),
        BankMove(STATEMENT_ENDS, -1_500_000, "CNY", "房屋租赁"),
    ]
    nth: Counter[str] = Counter()
    for number, payout in enumerate(known.payouts):
        channel, day = known.shops[payout.shop].channel, later(payout.day, dice.randrange(4))
        nth[channel] += 1
        if payout.minor <= 0 or day > STATEMENT_ENDS or (channel == "tmall" and nth[channel] == _MISSING):
            continue
        fee = half_up(payout.minor * _AMAZON_FEE_BP, 10_000) if channel == "amazon" else 0
        moves.append(BankMove(day, payout.minor - fee, payout.currency, PAYERS[channel], fee, number))
    return tuple(sorted(moves, key=lambda move: move.day))


def _counts(known: Known, dice: Random) -> tuple[Count, ...]:
    """Stock is counted in the middle and at the end of a month; two articles are on no list."""
    days = [f"{month}-{day:02}" for month in MONTHS for day in (15, monthrange(int(month[:4]), int(month[5:]))[1])]
    return tuple(
        Count(day, place, custodian, sku.sku_id, dice.randrange(20, 400))
        for day in days
        for place, custodian in PLACES
        for sku in known.world.skus
        if sku.sku_id not in _NEVER_COUNTED and dice.randrange(10)
    )


_DEFINITIONS = ((), (2,), (4,), (6,), (2, 6), (1,))
"""Which of the things that one side may count a seller centre counts; see `our_figure`."""


def _stated(known: Known, dice: Random) -> tuple[Stated, ...]:
    found = []
    for shop in ("屿浔旗舰店", "10215487", "douyin-yuxun"):
        for month in MONTHS:
            for measure in ("placed", "paid", "refunded"):
                ours, reasons = our_figure(known, shop, month, measure)
                minor = ours + sum(reasons[number - 1] for number in dice.choice(_DEFINITIONS))
                found.append(Stated(shop, month, measure, minor + (1_337 if dice.randrange(6) == 0 else 0)))
    return tuple(found)


def _invoices(known: Known, dice: Random) -> tuple[Invoice, ...]:
    """Every fourth paid JD order is invoiced over what the buyer paid; JD invoices its commission of two months."""
    found: list[Invoice] = []
    for number, case in enumerate(case for case in known.paid_cases if case.order.channel == "jd"):
        order = case.order
        if number % 4 or not order.paid_minor:
            continue
        at = case.recognised_at or order.paid_at
        assert at is not None, "a paid order has its time"
        day = later(known.day(at, order.shop), dice.randrange(1, 5))
        tax = vat_inside(order.paid_minor, 1300)
        found.append(
            Invoice(f"{26310000000000000000 + number}", day, order.paid_minor, tax, order.order_id, order.shop)
        )
    for at, month in enumerate(MONTHS[:2]):
        gross = sum(
            -move.amount_minor
            for move in known.world.movements
            if move.channel == "jd" and move.code == "commission" and known.day(move.at, move.shop)[:7] == month
        )
        day = later(f"{MONTHS[at + 1]}-01", dice.randrange(4, 12))
        fees = (next(shop.shop for shop in known.world.shops if shop.channel == "jd"), month, "commission")
        found.append(Invoice(f"{26110000000000000000 + at}", day, gross, vat_inside(gross, 600), fees_of=fees))
    return tuple(found)
