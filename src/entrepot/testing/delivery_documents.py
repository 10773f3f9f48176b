"""Documents of the delivery suite: of each kind a small one, and the intent to deliver it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    INVOICE,
    JOURNAL,
    KINDS,
    MASTER,
    MOVEMENTS,
    ORDER,
    PARTY,
    PAYMENT,
    PRICE_DIGITS,
    Document,
    Goods,
    GoodsLine,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    SalesOrder,
    TaxLine,
)
from entrepot.delivery.intents import Intent
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.testing.delivery_bench import ErpUnderTest

VERSIONS = ("", "r", ".2", ".2r", ".13", ".13r")
"""What the ids of a document's versions end with: of the first, of what takes it back, of later ones."""

SUITE_CODE = "entrepot-suite"
"""Code of the party and of the product that the suite's invoices name."""

_DAY = date(2026, 9, 1)
_RATE_E4 = 78_137


def document(erp: ErpUnderTest, kind: str, number: int, code: str = "", account: str = "") -> Document:
    """A document of a kind, unlike any other.

    Args:
        erp: Whose accounts it names.
        kind: Its kind.
        number: Its amounts and day follow from it.
        code: Of a party or product; '' for one of its own.
        account: In place of the first of its accounts.
    """
    key = secrets.token_hex(8)
    if kind not in MASTER | {ORDER}:
        # What takes a document back, or takes its place later, is a document too.
        key += VERSIONS[number % len(VERSIONS)]
    if kind in MASTER:
        made = Party if kind == PARTY else Product
        body = made(code or f"SUITE-{key[:12]}", f"套件 suite {number}")
        company = "" if erp.spec.has_shared_masters else erp.company
        return Document(key, kind, company, _DAY, erp.currency, erp.currency, "", (), body)
    if kind in MOVEMENTS | {ORDER}:
        return _by_product(erp, key, kind, number)
    invoice: Invoice | None = None
    lines: tuple[JournalLine, ...]
    if kind == JOURNAL:
        one, other = erp.accounts[:2]
        minor = 1_000 + 7 * number
        lines = (
            JournalLine(account or one, minor, minor),
            JournalLine(other, -minor + 100, -minor + 100),
            JournalLine(other, -100, -100),
        )
    elif kind == PAYMENT:
        minor = 2_000 + 7 * number
        lines = (
            JournalLine(account or erp.accounts[0], minor, minor),
            JournalLine(erp.receivable, -minor, -minor, erp.customer or SUITE_CODE, secrets.token_hex(8)),
        )
    else:
        invoice = _invoice(erp, 10_000 + 700 * number, 1 if kind == INVOICE else -1, account)
        total = invoice.total_minor
        lines = (
            JournalLine(invoice.receivable, total, total, invoice.party),
            *(JournalLine(each.account, -each.amount_minor, -each.amount_minor) for each in invoice.items),
            *(JournalLine(each.account, -each.amount_minor, -each.amount_minor) for each in invoice.taxes),
        )
    day = _DAY + timedelta(days=number % 28)
    planned = Document(key, kind, erp.company, day, erp.currency, erp.currency, f"suite {number}", lines, invoice)
    # Of two kinds in turn, each is in either currency in turn.
    is_foreign = erp.foreign and kind != JOURNAL and (erp.all_foreign or number % 4 in (0, 3))
    return _in_another_currency(planned, erp.foreign) if is_foreign else planned


def _in_another_currency(planned: Document, currency: str) -> Document:
    """The same amounts in another currency, each line at a rate of the books; the rest is on the first line.

    One line more is nothing in that currency and a hundredth in the company's, which is what rates leave of a sum.
    """
    rated = [(line.amount_minor * _RATE_E4 + 5_000) // 10_000 for line in planned.lines]
    lines = [replace(line, functional_minor=minor) for line, minor in zip(planned.lines, rated, strict=True)]
    body, at = planned.body, len(lines)
    if isinstance(body, Invoice):
        at = 1 + len(body.items)
        nothing = ItemLine(body.items[0].account, "", "hundredth", -1 if planned.kind == CREDIT_NOTE else 1, 0, 0)
        body = replace(body, items=(*body.items, nothing))
    account = lines[1].account if isinstance(body, Invoice) else lines[0].account
    lines.insert(at, JournalLine(account, -1, 0))
    lines[0] = replace(lines[0], functional_minor=-sum(line.functional_minor for line in lines[1:]))
    return replace(planned, currency=currency, lines=tuple(lines), body=body)


def _invoice(erp: ErpUnderTest, net_minor: int, sign: int, account: str) -> Invoice:
    """Three pieces whose price does not come out even, what rounding leaves of them, freight, and tax on it all."""
    revenue, tax = account or erp.revenue, erp.accounts[1]
    minor_digits_here = minor_digits(erp.currency)
    step = 10 ** (PRICE_DIGITS - erp.spec.price_digits)
    price = net_minor * 10 ** (PRICE_DIGITS - minor_digits_here) // 3 // step * step
    of_minor = 10 ** (PRICE_DIGITS - minor_digits_here)
    multiplied = (3 * price * 2 + of_minor) // (2 * of_minor)
    items = [ItemLine(revenue, SUITE_CODE, "pieces", 3 * sign, price, multiplied * sign)]
    if rest := net_minor - multiplied:
        items.append(ItemLine(revenue, "", "rounding", sign, rest * of_minor, rest * sign))
    items.append(ItemLine(revenue, "", "freight", sign, 800 * of_minor, 800 * sign))
    base = sign * (net_minor + 800)
    return Invoice(
        erp.customer or SUITE_CODE,
        erp.receivable,
        tuple(items),
        (TaxLine(tax, "", base, sign * (abs(base) * 13 // 100)),),
    )


def _by_product(erp: ErpUnderTest, key: str, kind: str, number: int) -> Document:
    """An item of each product, whose prices have as many digits as the currency; or pieces of it that moved."""
    step = 10 ** (PRICE_DIGITS - minor_digits(erp.currency))
    items, moved = [], []
    for at, material in enumerate(erp.materials, start=1):
        price = 1_000 * at + 7 * number
        items.append(ItemLine("", material, material, 1 + at, price * step, (1 + at) * price))
        moved.append(GoodsLine(material, number + at if kind == GOODS_ISSUE else -number - at))
    body = SalesOrder(erp.customer, tuple(items)) if kind == ORDER else Goods(erp.customer, tuple(moved))
    day = _DAY + timedelta(days=number % 28)
    return Document(key, kind, erp.company, day, erp.currency, erp.currency, f"suite {number}", (), body)


def settled_by(erp: ErpUnderTest, payment: Document) -> Document:
    """The invoice that a payment of the suite settles: one piece at the price that is paid."""
    paid = next(line for line in payment.lines if line.settles)
    total, functional = -paid.amount_minor, -paid.functional_minor
    price = total * 10 ** (PRICE_DIGITS - minor_digits(erp.currency))
    item = ItemLine(erp.revenue, "", "paid", 1, price, total)
    lines = (JournalLine(erp.receivable, functional, total, paid.party), JournalLine(erp.revenue, -functional, -total))
    return replace(
        payment,
        document_id=paid.settles,
        kind=INVOICE,
        posted_on=_DAY,
        lines=lines,
        body=Invoice(paid.party, erp.receivable, (item,), ()),
    )


def sums(lines: Sequence[JournalLine]) -> dict[str, tuple[int, int]]:
    """What lines come to by account, in the company's currency and in the document's."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        functional, amount = sums.get(line.account, (0, 0))
        sums[line.account] = (functional + line.functional_minor, amount + line.amount_minor)
    return sums


def intent_of(each: Document) -> Intent:
    """What a plan would write down for a document."""
    return Intent(
        target="erp",
        document_id=each.document_id,
        base_id=each.document_id,
        kind=each.kind,
        rank=KINDS.index(each.kind),
        role="document",
        after="",
        entity_id=each.company,
        company=each.company,
        book="local",
        period=each.posted_on.strftime("%Y-%m"),
        posted_on=each.posted_on.isoformat(),
        currency=each.currency,
        functional_currency=each.functional_currency,
        debit_minor=sum(max(line.functional_minor, 0) for line in each.lines),
        lines=len(each.lines),
        text=each.text,
        payload_hash=each.document_id,
        plan_id="suite",
    )
