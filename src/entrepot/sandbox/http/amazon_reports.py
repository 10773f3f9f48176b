"""Amazon's settlement reports as the Reports API hands them out: made by Amazon, listed, fetched from another address.

Source: manual of the Reports API 2021-06-30 and the flat file version 2, read 2026-11. Not sourced, and set here: a
settlement every day instead of every fortnight, when its report is begun and how long it takes.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, half_up, yuan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.http.world import LiveLine, LiveOrder, LiveWorld

REPORT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
KEPT_S = 90 * DAY
_PERIOD_S, _BEGUN_S, _TAKES_S = DAY, 5 * 3_600, 9 * 3_600
_COMMISSION_BP = 1_500
_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency"),
    *("transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name"),
    *("amount-type", "amount-description", "amount", "fulfillment-id", "posted-date", "posted-date-time"),
    *("order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    "promotion-id",
)


@dataclass(frozen=True, slots=True)
class Report:
    """One settlement and its report."""

    number: int
    start_s: int

    @property
    def end_s(self) -> int:
        """Behind its last instant."""
        return self.start_s + _PERIOD_S

    @property
    def created_s(self) -> int:
        """When its report was begun."""
        return self.end_s + _BEGUN_S

    @property
    def report_id(self) -> str:
        """What the report is called."""
        return str(50_000_018_000 + self.number)

    @property
    def document_id(self) -> str:
        """What its document is called."""
        return f"amzn1.spdoc.1.4.na.{self.number:08d}.T{self.number}"

    @property
    def settlement_id(self) -> str:
        """What the settlement is called."""
        return str(18_900_000_000 + self.number)

    def row(self, now: int) -> dict[str, Any]:
        """As a list shows it at an instant."""
        is_done = now >= self.created_s + _TAKES_S
        shown = {
            "reportId": self.report_id,
            "reportType": REPORT_TYPE,
            "dataStartTime": iso(self.start_s),
            "dataEndTime": iso(self.end_s),
            "createdTime": iso(self.created_s),
            "processingStatus": "DONE" if is_done else "IN_PROGRESS",
        }
        return {**shown, "reportDocumentId": self.document_id} if is_done else shown


@dataclass
class Reports:
    """Settlement reports of one seller."""

    world: LiveWorld

    @cached_property
    def end_s(self) -> int:
        """Nothing happens after it."""
        return self.world.end_s

    def begun(self, now: int) -> list[Report]:
        """Every report that was begun and is still kept, newest first."""
        first = self.world.start_s
        last = max(self.end_s, first)
        found = [Report(number, at) for number, at in enumerate(range(first, last, _PERIOD_S))]
        return [each for each in reversed(found) if each.created_s <= now < each.created_s + KEPT_S]

    def listed(self, query: dict[str, str], now: int) -> list[dict[str, Any]]:
        """Rows of a list; a status or time that was not asked for is left out."""
        wanted = query.get("processingStatuses", "").split(",")
        since = _instant(query.get("createdSince")) or now - KEPT_S
        until = _instant(query.get("createdUntil")) or now
        rows = [each.row(now) for each in self.begun(now) if since <= each.created_s <= until]
        return [row for row in rows if wanted == [""] or row["processingStatus"] in wanted]

    def document(self, document_id: str, now: int) -> bytes | None:
        """A document that is done, packed."""
        found = [
            each for each in self.begun(now) if each.document_id == document_id and "reportDocumentId" in each.row(now)
        ]
        return gzip.compress(self.text(found[0]).encode(), mtime=0) if found else None

    def text(self, report: Report) -> str:
        """The flat file: a row with the total, then a row for each amount."""
        rows = list(self._rows(report))
        total = sum(minor for minor, _ in rows)
        head = dict.fromkeys(_COLUMNS, "") | {
            "settlement-id": report.settlement_id,
            "settlement-start-date": _utc(report.start_s),
            "settlement-end-date": _utc(report.end_s),
            "deposit-date": _utc(report.end_s + 2 * DAY),
            "total-amount": yuan(total),
            "currency": "USD",
        }
        shown = [_COLUMNS, head.values(), *(row.values() for _, row in rows)]
        return "".join("\t".join(row) + "\n" for row in shown)

    def total_minor(self, report: Report) -> int:
        """What is paid out."""
        return sum(minor for minor, _ in self._rows(report))

    def _rows(self, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
        for order in self.world.made:
            at = {event.what: event.at for event in order.events}
            if "shipped" not in at:
                continue
            view = order.seen(self.end_s)
            back = view.refunded_lines if view is not None and "refund_done" in at else ()
            for kind, when, lines in (
                ("Order", at["shipped"], order.lines),
                ("Refund", at.get("refund_done", 0), back),
            ):
                if report.start_s <= when < report.end_s:
                    for line in lines:
                        yield from _of_line(report, order, line, kind, when)


def _of_line(
    report: Report, order: LiveOrder, line: LiveLine, kind: str, at: int
) -> Iterator[tuple[int, dict[str, str]]]:
    sign = 1 if kind == "Order" else -1
    off = line.merchant_minor + line.platform_minor
    freight = order.shipping_minor if kind == "Order" and line is order.lines[0] else 0
    parts = (
        ("ItemPrice", "Principal", sign * line.goods_minor),
        ("ItemPrice", "Shipping", freight),
        ("Promotion", "Principal", -sign * off),
        ("ItemFees", "Commission", -sign * half_up(line.goods_minor - off, _COMMISSION_BP)),
    )
    for amount_type, description, minor in parts:
        if not minor:
            continue
        order_id = amazon_order_id(order.order_id)
        is_priced = kind == "Order" and description == "Principal" and amount_type == "ItemPrice"
        row = dict.fromkeys(_COLUMNS, "") | {
            "settlement-id": report.settlement_id,
            "transaction-type": kind,
            "order-id": order_id,
            "merchant-order-id": order_id,
            "adjustment-id": f"ADJ{line.line_id[-12:]}" if kind == "Refund" else "",
            "shipment-id": f"D{line.line_id[-9:]}" if kind == "Order" else "",
            "marketplace-name": "Amazon.com",
            "amount-type": amount_type,
            "amount-description": description,
            "amount": yuan(minor),
            "fulfillment-id": "AFN",
            "posted-date": _utc(at)[:10],
            "posted-date-time": _utc(at),
            "order-item-code": line.line_id,
            "sku": line.sku,
            "quantity-purchased": str(line.quantity) if is_priced else "",
            "promotion-id": "AUTUMN" if amount_type == "Promotion" else "",
        }
        yield minor, row


def amazon_order_id(number: str) -> str:
    """Three, seven and seven digits."""
    digits = number[2:]
    return f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"


def iso(at: int) -> str:
    """An instant as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _instant(text: str | None) -> int:
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return 0
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())
