"""What every answer is worked out from: the world, the orders as the rules judge them, and the second books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.amazon import batch_paid_at
from entrepot.sandbox.answers.finding import office_findings
from entrepot.sandbox.answers.postings import Posting, batch_totals, posted, with_own_currency
from entrepot.sandbox.arithmetic import translate
from entrepot.sandbox.clock import day_of
from entrepot.sandbox.expected import expected
from entrepot.sandbox.rules import Policies, judged_orders

if TYPE_CHECKING:
    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Entity, Movement, Order, Shop, Sku
    from entrepot.sandbox.office import Office
    from entrepot.sandbox.paper import WrittenFile
    from entrepot.sandbox.rules import Judged, Rates


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that left a wallet for the bank.

    Attributes:
        day: On which it left.
        minor: Below nothing where the platform took money instead.
        arrived_on: Day of the bank's statement; None while no statement shows it.
    """

    shop: str
    day: str
    minor: int
    currency: str
    arrived_on: str | None = None


Found = tuple[str, str, "str | None", "int | None", "str | None"]
"""Kind, channel, shop, amount and currency of something that a person must look at."""

Row = dict[str, Any]
"""One row of a report: its columns as the report names them, days and months as text."""


@dataclass(frozen=True, eq=False)
class Known:
    """A world with everything that follows from it.

    Attributes:
        world: What happened.
        currency: Reporting currency.
        rates: Units per euro in millionths.
        policies: The entities' decisions.
        written: The files as they were written: how many, of which kind and shop, with how many rows.
        office: What the finance office has beside the platforms' files, where it was imported too.
    """

    world: World
    currency: str
    rates: Rates
    policies: Policies
    written: tuple[WrittenFile, ...] = ()
    office: Office | None = None

    @cached_property
    def shops(self) -> dict[str, Shop]:
        """Shops by id."""
        return {shop.shop: shop for shop in self.world.shops}

    @cached_property
    def skus(self) -> dict[str, Sku]:
        """Articles by number."""
        return {sku.sku_id: sku for sku in self.world.skus}

    @cached_property
    def entities(self) -> dict[str, Entity]:
        """Companies by id."""
        return {entity.entity_id: entity for entity in self.world.entities}

    @cached_property
    def judged(self) -> list[Judged]:
        """Every order that a reader can know of."""
        return judged_orders(self.world, self.shops, self.skus, self.policies)

    @cached_property
    def moves_by_order(self) -> dict[tuple[str, str], list[Movement]]:
        """Movements by shop and the order that they name, known or not."""
        found: dict[tuple[str, str], list[Movement]] = {}
        for move in self.world.movements:
            if move.order_ref:
                found.setdefault((move.shop, move.order_ref), []).append(move)
        return found

    @cached_property
    def known_orders(self) -> set[tuple[str, str]]:
        """Shop and number of every order that a reader can know of."""
        return {(case.order.shop, case.order.order_id) for case in self.judged}

    @cached_property
    def postings(self) -> list[Posting]:
        """The second books."""
        return with_own_currency(posted(self), self)

    def day(self, instant: int, shop: str) -> str:
        """The day of an instant in a shop's zone."""
        return day_of(instant, self.shops[shop].zone)

    def bought_at(self, order: Order) -> int | None:
        """When an order was paid as far as its file tells: without that, the next instant that the file has."""
        if order.paid_at is None:
            return None
        if "no_deal_time" in order.quirks:
            return order.shipped_at
        return order.paid_at

    def rate(self, currency: str, on: date) -> int:
        """Units of a currency per euro, in millionths."""
        return 1_000_000 if currency == "EUR" else self.rates(currency, on)

    def translated(self, minor: int, currency: str, to: str, day: str) -> int:
        """An amount in another currency at a day's rate."""
        if currency == to:
            return minor
        on = date.fromisoformat(day)
        return translate(minor, self.rate(currency, on), self.rate(to, on))

    @cached_property
    def paid_cases(self) -> list[Judged]:
        """Orders that were paid."""
        return [case for case in self.judged if case.order.paid_at is not None]

    @cached_property
    def payouts(self) -> list[Payout]:
        """What left the wallets for the bank: withdrawals, transfers, and what Amazon's settlements pay."""
        found = [
            Payout(move.shop, self.day(move.at, move.shop), -move.amount_minor, move.currency)
            for move in self.world.movements
            if move.kind in ("withdrawal", "transfer")
        ]
        for (shop, number), minor in batch_totals(self).items():
            found.append(Payout(shop, self.day(batch_paid_at(number), shop), minor, self.shops[shop].currency))
        arrivals = {move.payout: move for move in self.office.bank} if self.office else {}
        return [
            replace(payout, arrived_on=arrivals[number].day) if number in arrivals else payout
            for number, payout in enumerate(found)
        ]

    @cached_property
    def exceptions(self) -> list[Found]:
        """Everything that a person must look at, with the channel and shop that it stands under."""
        figures = expected(self.world, self.currency, self.rates, self.policies)
        shops_of_files = {
            file.path.rsplit("/", 1)[-1].replace(".zip", ".csv").removesuffix(".gz"): file.shop for file in self.written
        }
        return [
            (*_place(self, kind, key, shops_of_files), minor, currency)
            for kind, key, minor, currency in figures.exceptions
            if minor != 0
        ] + office_findings(self)

    @cached_property
    def last_stated(self) -> str:
        """The same, or the last day of a bank's statement where that is later."""
        return max([self.last_told, *(move.day for move in (self.office.bank if self.office else ()))])

    @cached_property
    def last_told(self) -> str:
        """The last day of which the platforms' files tell anything."""
        told = ("order", "refund", "settlement_line", "ad_spend")
        return max(posting.day for posting in self.postings if posting.cause_kind in told)


def _place(
    known: Known, kind: str, key: tuple[str, ...], shops_of_files: dict[str, str]
) -> tuple[str, str, str | None]:
    """Kind, channel and shop of a finding. What a wallet's statement tells of itself is the payment provider's."""
    if kind in ("quarantined_row", "control_total"):
        channel = known.shops[shops_of_files[key[0]]].channel
        return kind, "alipay" if key[0].startswith("alipay") else channel, None
    if kind == "wallet_gap":
        return kind, "alipay", next(shop.shop for shop in known.world.shops if shop.channel == "tmall")
    if kind == "sku_without_cost":
        return kind, known.shops[key[0]].channel, key[0]
    is_wallet = kind in ("settlement_without_order", "settlement_adjustment") and key[0] == "tmall"
    return kind, "alipay" if is_wallet else key[0], key[1]


def days_between(first: str, last: str) -> int:
    """Days from one day to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def later(day: str, days: int) -> str:
    """A day so many days on."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def quarter_of(day: str) -> str:
    """The calendar quarter of a day: `2026-Q3`."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
