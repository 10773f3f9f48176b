"""Reports of a controller: balances, what platforms owe, the way to the tax authority's figure, invoices."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.answers.known import days_between, quarter_of

if TYPE_CHECKING:
    from entrepot.sandbox.answers.known import Known, Row
    from entrepot.sandbox.answers.postings import Posting
    from entrepot.sandbox.rules import Judged

COMPANY = "cn-shanghai"
"""The company that invoices."""
_REVENUE = ("revenue_goods", "revenue_shipping", "revenue_reduction")


def trial_balance(known: Known) -> list[Row]:
    """Balance of every account by company and currency, and in the company's own currency."""
    sums: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for posting in known.postings:
        counted = sums[known.shops[posting.shop].entity, posting.account, posting.currency]
        counted["debit_minor"] += max(posting.minor, 0)
        counted["credit_minor"] += max(-posting.minor, 0)
        counted["balance_minor"] += posting.minor
        counted["functional_minor"] += posting.own_minor
    figures = ("debit_minor", "credit_minor", "balance_minor", "functional_minor")
    return [
        {
            "entity_id": entity,
            "book": "local",
            "account": account,
            "own_code": None,
            "own_name": None,
            "currency": currency,
            "functional_currency": known.entities[entity].currency,
            **{name: counted[name] for name in figures},
        }
        for (entity, account, currency), counted in sums.items()
    ]


_STAGES = {"wallet": "settled", "wallet_reserve": "reserve", "cash_in_transit": "in_transit"}
_AGES = ((7, "0-7"), (15, "8-15"), (30, "16-30"), (60, "31-60"))


def ageing(known: Known) -> list[Row]:
    """What is with the platforms, by how long: by order since recognition; in wallets, what came in last is there."""
    as_of = known.last_stated
    found: dict[tuple[str, str, str, str], Row] = {}
    for shop, currency, stage, day, minor in [*_open_orders(known), *_layers(known)]:
        days = days_between(day, as_of)
        age = next((word for most, word in _AGES if days <= most), "61+")
        row = found.setdefault(
            (shop, currency, stage, age),
            {
                "channel": known.shops[shop].channel,
                "shop": shop,
                "currency": currency,
                "stage": stage,
                "days": age,
                "items": 0,
                "amount_minor": 0,
                "oldest_on": day,
                "as_of": as_of,
            },
        )
        row["items"] += 1
        row["amount_minor"] += minor
        row["oldest_on"] = min(row["oldest_on"], day)
    return list(found.values())


def _open_orders(known: Known) -> list[tuple[str, str, str, str, int]]:
    owed: Counter[tuple[str, str]] = Counter()
    since: dict[tuple[str, str], str] = {}
    for posting in known.postings:
        if posting.account == "platform_receivable":
            key = (posting.shop, posting.order)
            owed[key] += posting.minor
            since[key] = min(since.get(key, posting.day), posting.day)
    recognised = {
        (case.order.shop, case.order.order_id): known.day(case.recognised_at, case.order.shop)
        for case in known.judged
        if case.recognised_at is not None
    }
    return [
        (
            key[0],
            known.shops[key[0]].currency,
            "receivable" if key in recognised else "not_recognised",
            recognised.get(key, since[key]),
            minor,
        )
        for key, minor in owed.items()
        if minor
    ]


def _layers(known: Known) -> list[tuple[str, str, str, str, int]]:
    daily: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for posting in known.postings:
        if posting.account in _STAGES:
            daily[posting.shop, posting.currency, _STAGES[posting.account]][posting.day] += posting.minor
    found = []
    for (shop, currency, stage), moved in daily.items():
        left = sum(moved.values())
        if left < 0:
            found.append((shop, currency, stage, max(moved), left))
        for day in sorted(moved, reverse=True):
            there = min(max(moved[day], 0), max(left, 0))
            left -= there
            if there:
                found.append((shop, currency, stage, day, there))
    return found


_STEPS = {
    10: ("counted_by_platform", "start"),
    15: ("order_unknown", "difference"),
    20: ("closed", "difference"),
    21: ("not_shipped", "difference"),
    22: ("shipped_not_confirmed", "difference"),
    23: ("recognised_in_other_quarter", "difference"),
    24: ("counted_in_other_quarter", "difference"),
    25: ("never_counted", "difference"),
    26: ("refunded_before_settlement", "difference"),
    27: ("tax_kept_by_platform", "difference"),
    28: ("settlement_difference", "difference"),
    30: ("order_does_not_add_up", "difference"),
    31: ("tax_on_top", "difference"),
    40: ("sales_with_vat", "subtotal"),
    51: ("refunds", "difference"),
    52: ("vat_inside", "difference"),
    60: ("revenue", "subtotal"),
    90: ("refunds_as_money_moved", "memo"),
    91: ("output_vat", "memo"),
    92: ("paid_by_third_parties", "memo"),
    93: ("shipping_revenue", "memo"),
}
_ALWAYS = (10, 40, 60)


def tax_bridge(known: Known) -> list[Row]:
    """From what a platform counts in a quarter to revenue: once from payments, once from settlements."""
    sums: Counter[tuple[str, str, str, int]] = Counter()
    for basis in ("paid", "settled"):
        _counted_lines(known, basis, sums)
        for posting in known.postings:
            for number, minor in _ledger_lines(posting):
                sums[basis, posting.shop, quarter_of(posting.day), number] += minor
        for case in known.judged:
            for back in case.after:
                assert back.at is not None, "a refund of a wallet has its time"
                sums[basis, case.order.shop, quarter_of(known.day(back.at, case.order.shop)), 90] -= back.minor
            if case.recognised_at is not None:
                day = known.day(case.recognised_at, case.order.shop)
                sums[basis, case.order.shop, quarter_of(day), 90] -= case.before_minor
    return [
        {
            "basis": basis,
            "entity_id": known.shops[shop].entity,
            "channel": known.shops[shop].channel,
            "shop": shop,
            "quarter": quarter,
            "line_no": number,
            "step": _STEPS[number][0],
            "role": _STEPS[number][1],
            "amount_minor": minor,
            "currency": known.shops[shop].currency,
        }
        for (basis, shop, quarter, number), minor in sums.items()
        if minor or number in _ALWAYS
    ] + _invoices_beside_sales(known, sums)


def _invoices_beside_sales(known: Known, sums: Counter[tuple[str, str, str, int]]) -> list[Row]:
    """By quarter, for the company that has a tax number: sales, what others pay of them, and what was invoiced."""
    if known.office is None:
        return []
    booked: Counter[tuple[str, int]] = Counter()
    for (basis, shop, quarter, number), minor in sums.items():
        if basis == "paid" and known.shops[shop].entity == COMPANY:
            booked[quarter, number] += minor
    for invoice in known.office.invoices:
        if invoice.order:
            booked[quarter_of(invoice.day), 80] += invoice.gross_minor
            booked[quarter_of(invoice.day), 94] += invoice.tax_minor
    rows = []
    for quarter in {quarter for quarter, _ in booked}:
        sales, others = booked[quarter, 40] + booked[quarter, 51], booked[quarter, 92]
        gross = booked[quarter, 80]
        for number, step, role, minor in (
            (70, "sales_less_refunds", "start", sales),
            (71, "paid_by_third_parties", "difference", -others),
            (72, "not_invoiced", "difference", gross - sales + others),
            (80, "invoiced", "subtotal", gross),
            (91, "output_vat", "memo", booked[quarter, 91]),
            (94, "invoiced_vat", "memo", booked[quarter, 94]),
        ):
            if minor or number in (70, 80):
                rows.append(
                    {
                        "basis": "invoices",
                        "entity_id": COMPANY,
                        "channel": None,
                        "shop": None,
                        "quarter": quarter,
                        "line_no": number,
                        "step": step,
                        "role": role,
                        "amount_minor": minor,
                        "currency": "CNY",
                    }
                )
    return rows


def _ledger_lines(posting: Posting) -> list[tuple[int, int]]:
    """What one posting adds to the lines of the ledger's side."""
    lines = []
    if posting.account in _REVENUE or posting.is_output_vat:
        lines.append((40 if posting.rule == "recognised" else 51, -posting.minor))
    if posting.is_output_vat:
        lines.append((52, posting.minor))
    if posting.account == "output_vat":
        lines.append((91, -posting.minor))
    if posting.account in _REVENUE:
        lines.append((60, -posting.minor))
    if posting.account == "revenue_shipping":
        lines.append((93, -posting.minor))
    return lines


def _counts(known: Known, basis: str) -> dict[tuple[str, str], Counter[str]]:
    """Shop and order to what the platform counts of it, by quarter; income of unknown orders stands with them."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    if basis == "paid":
        for case in known.judged:
            at = known.bought_at(case.order)
            if at is not None:
                quarter = quarter_of(known.day(at, case.order.shop))
                found[case.order.shop, case.order.order_id][quarter] += case.value_minor
        return found
    for move in known.world.movements:
        if move.kind == "order_income" and move.order_ref:
            found[move.shop, move.order_ref][quarter_of(known.day(move.at, move.shop))] += move.amount_minor
    return found


def _counted_lines(known: Known, basis: str, sums: Counter[tuple[str, str, str, int]]) -> None:
    """The platform's side of the bridge, and why an order is worth more or less in the books."""
    counts = _counts(known, basis)
    for (shop, number), by_quarter in counts.items():
        for quarter, minor in by_quarter.items():
            sums[basis, shop, quarter, 10] += minor
            if (shop, number) not in known.known_orders:
                sums[basis, shop, quarter, 15] -= minor
    for case in known.judged:
        order, shop = case.order, case.order.shop
        counted = counts.get((shop, order.order_id), Counter())
        own = None if case.recognised_at is None else quarter_of(known.day(case.recognised_at, shop))
        for quarter, minor in counted.items():
            if own != quarter:
                sums[basis, shop, quarter, _why_not(order.closed_at, own, order.shipped_at)] -= minor
                if own is not None:
                    sums[basis, shop, own, 24] += minor
        if own is not None:
            for line, minor in _sale_lines(case, basis, is_counted=bool(counted)).items():
                sums[basis, shop, own, line] += minor


def _sale_lines(case: Judged, basis: str, *, is_counted: bool) -> dict[int, int]:
    """What a sale is worth in the books beyond, or less than, what was counted of it."""
    order = case.order
    lines = {30: case.identity_gap_minor, 31: -order.tax_minor, 92: order.third_party_minor + order.balance_minor}
    if not is_counted:
        lines[25] = case.value_minor
    elif basis == "settled":
        lines[26] = case.before_minor
        lines[27] = order.tax_minor if order.platform_keeps_tax else 0
        lines[28] = case.settlement_due_minor - (case.income_minor or 0)
    return lines


def _why_not(closed_at: int | None, own: str | None, shipped_at: int | None) -> int:
    if closed_at is not None:
        return 20
    if own is not None:
        return 23
    return 22 if shipped_at is not None else 21


def invoicing(known: Known) -> list[Row]:
    """Sales and fees by month, beside the invoices for them."""
    sums: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    sold: Counter[tuple[str, str]] = Counter()
    for posting in known.postings:
        if posting.account in _REVENUE or posting.is_output_vat:
            sold[posting.shop, posting.order] -= posting.minor
        counted = sums[posting.shop, posting.day[:7], posting.currency]
        if posting.account == "input_vat_pending" and posting.rule == "settled":
            counted["fee_vat_pending_minor"] += posting.minor
        if posting.move_kind == "fee" and posting.account == "wallet" and known.shops[posting.shop].platform_fee_vat:
            counted["fees_minor"] -= posting.minor
    invoiced = _invoiced_orders(known, sums)
    for case in known.judged:
        if case.recognised_at is None:
            continue
        key = (case.order.shop, case.order.order_id)
        minor, gross = sold[key], invoiced.pop(key, (0, ""))[0]
        counted = sums[key[0], known.day(case.recognised_at, key[0])[:7], case.order.currency]
        counted["sales_minor"] += minor
        counted["invoiced_minor"] += gross
        over = max(gross - max(minor, 0), 0)
        counted["uninvoiced_minor"] += minor - gross + over
        counted["over_invoiced_minor"] += over
    for (shop, _), (gross, day) in invoiced.items():
        sums[shop, day[:7], known.shops[shop].currency]["invoices_without_sale_minor"] += gross
    figures = (
        *("sales_minor", "invoiced_minor", "uninvoiced_minor", "over_invoiced_minor", "invoices_without_sale_minor"),
        *("fees_minor", "fee_vat_invoiced_minor", "fee_vat_pending_minor"),
    )
    return [
        {
            "entity_id": known.shops[shop].entity,
            "channel": known.shops[shop].channel,
            "shop": shop,
            "month": month,
            "currency": currency,
            **{name: counted[name] for name in figures},
        }
        for (shop, month, currency), counted in sums.items()
        if any(counted.values())
    ]


def _invoiced_orders(
    known: Known, sums: dict[tuple[str, str, str], Counter[str]]
) -> dict[tuple[str, str], tuple[int, str]]:
    """Order to what is invoiced of it and when; fees whose invoice is there can be claimed from then on."""
    found = {}
    claimed = {}
    for invoice in known.office.invoices if known.office else ():
        if invoice.fees_of is None:
            found[invoice.shop, invoice.order] = (invoice.gross_minor, invoice.day)
        else:
            claimed[invoice.number] = invoice.fees_of
    for posting in known.postings:
        if posting.rule == "invoiced" and posting.account == "input_vat_pending":
            shop, month, _ = claimed[posting.entry[1]]
            counted = sums[shop, month, posting.currency]
            counted["fee_vat_invoiced_minor"] -= posting.minor
            counted["fee_vat_pending_minor"] += posting.minor
    return found
