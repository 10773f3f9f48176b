"""The suite that every live connector passes: against the sandbox, whatever it does, the tables equal its truth.

    sync        ten simulated days, a run every few hours, orders changing while they are read
    compare     every order, line and case of the truth with the canonical tables, field by field

A seed decides everything but real time, which only moves the simulated clock by what the run takes.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.assembly import open_cell
from entrepot.connectors.live.wire import Document, WireField
from entrepot.connectors.registry import CONNECTORS
from entrepot.engine import parse
from entrepot.flows.importing import LEASE, tables_to_write
from entrepot.flows.syncing import connection_of, extract, publish_pending, secrets_of
from entrepot.flows.translating import translate
from entrepot.sandbox.http import FAULTS, LiveWorld, Sandbox, SandboxServer
from entrepot.sandbox.http.server import PLATFORMS, START_S
from entrepot.store import CellLayout, State, TableStore, superseded_pages
from entrepot.store.credentials import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from entrepot.connectors.live.contract import Feed, FullRefresh
    from entrepot.flows.parts import CellParts

DRIFT_FAULTS = frozenset({"field_renamed", "field_retyped"})
HEALING_FAULTS = frozenset(FAULTS) - DRIFT_FAULTS
"""Faults that a connector gets over by itself."""

_DAY = 86_400
_ORDER_FIELDS = (
    "payment_state",
    "commercial_state",
    "fulfilment_state",
    "goods_minor",
    "shipping_minor",
    "paid_minor",
    "discount_merchant_minor",
    "discount_platform_minor",
    "tender_minor",
    "refund_stated_minor",
)
_INSTANTS = ("placed_at", "paid_at", "shipped_at", "confirmed_at", "modified_at", "changed_at")
_CASE_FIELDS = ("process", "money", "refund_minor")
_OFFER_FIELDS = ("sku_id", "title", "gtin", "price_minor", "state", "listed_units")
_SETTLED_FIELDS = ("order_id", "kind", "amount_minor")


class QuickClock:
    """A clock whose waits pass at once."""

    def __init__(self) -> None:
        self._slept = 0.0

    def now_s(self) -> float:
        """Unix seconds, waits included."""
        return time.time() + self._slept

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        self._slept += seconds


@dataclass
class Trial:
    """One connector against one sandbox.

    Attributes:
        platform: Its name.
        home: An empty folder for the cell.
        faults: Faults that are on.
        seed: Of the sandbox.
        orders: Orders of the shop.
        days: Days on which orders are placed.
        tick_s: Simulated seconds that pass with each request.
        page_rows: Rows per page.
        span_s: Length of windows, where the platform takes them so long.
        start_s: First instant of the world.
        rush_s: When a great sale begins; see `LiveWorld`.
    """

    platform: str
    home: Path
    faults: frozenset[str] = frozenset()
    seed: int = 20_261_111
    orders: int = 120
    days: int = 4
    tick_s: float = 13.0
    page_rows: int = 4
    span_s: int = 6 * 3600
    start_s: int = START_S
    rush_s: int | None = None

    @property
    def layout(self) -> CellLayout:
        """Where the cell is."""
        return CellLayout(self.home)

    def healed(self, parts: CellParts, fault: str) -> CellParts:
        """The cell with a wire shape that knows what the platform calls its field now."""
        if fault != "field_renamed":
            return parts
        changed = []
        for connector in parts.connectors:
            if connector.live is None or connector.spec.name != self.platform:
                changed.append(connector)
                continue
            feeds = tuple(
                replace(feed, shape=_renamed(feed.shape, *PLATFORMS[self.platform].renamed))
                for feed in connector.live.feeds
            )
            api = replace(connector.live.api, feeds=feeds)
            changed.append(replace(connector, live=replace(connector.live, api=api)))
        return replace(parts, connectors=tuple(changed))

    def sandbox(self) -> Sandbox:
        """The sandbox of this trial, its clock at the first instant of the world."""
        late, most = "late_modification" in self.faults, PLATFORMS[self.platform].lines_max
        world = LiveWorld(self.seed, self.orders, self.start_s, self.days, late, lines_max=most, rush_s=self.rush_s)
        return Sandbox(
            (self.platform,),
            self.seed,
            faults=self.faults,
            tick_s=self.tick_s,
            begin_days=0.0,
            start_s=self.start_s,
            worlds={self.platform: world},
        )

    def prepare(self, server: SandboxServer, credentials: str = "file") -> CellParts:
        """Make the cell and its connection; `ENTREPOT_PASSPHRASE` has to be set."""
        return self.prepare_with(server.sandbox.connections(server.base_url)[self.platform], credentials)

    def prepare_with(self, connection: Mapping[str, str], credentials: str = "file") -> CellParts:
        """The same for a sandbox that is reached in another way; see `Simulated.connection`."""
        self.home.mkdir(parents=True, exist_ok=True)
        region = PLATFORMS[self.platform].region
        served = next(each.spec.serves for each in CONNECTORS if each.spec.name == self.platform) or self.platform
        (self.home / "cell.toml").write_text(
            f'[cell]\nregion = "{region}"\n[[entities]]\nid = "main"\n'
            f'[[shops]]\nshop = "trial"\nchannel = "{served}"\nentity = "main"\n'
            f'[[connections]]\nshop = "trial"\nchannel = "{self.platform}"\nregion = "{region}"\n'
            f'gateway = "{connection["gateway_url"]}"\ncredentials = "{credentials}"\ncalls_per_s = 1000\n',
            encoding="utf-8",
        )
        parts = self.opened()
        kept = {name: value for name, value in connection.items() if name != "gateway_url"}
        secrets_of(parts, connection_of(parts, "trial")).write(kept)
        return parts

    def opened(self) -> CellParts:
        """The cell that `prepare` made; its pages have few rows and its windows hours: a small shop has many pages."""
        parts, changed = open_cell(self.home), []
        for connector in parts.connectors:
            if connector.live is None:
                changed.append(connector)
                continue
            feeds = tuple(
                replace(
                    feed,
                    listing=replace(feed.listing, page_rows_max=self.page_rows),
                    span_s=min(_span_of_one_call_s(feed), self.span_s),
                    refresh=_with_small_lists(feed.refresh, self.page_rows),
                )
                for feed in connector.live.feeds
                if feed.days is None
            )
            # Files and reports of days are held to the same files imported, not to the truth of orders.
            api = replace(connector.live.api, feeds=feeds, bill_feeds=())
            changed.append(replace(connector, live=replace(connector.live, api=api)))
        return replace(parts, connectors=tuple(changed))

    def run(self, server: SandboxServer, hours: int = 8, *, books: bool = True) -> list[str]:
        """Sync until nothing happens any more; returns every difference to the truth.

        Args:
            server: What answers.
            hours: Simulated time between two runs.
            books: Whether entries follow, as they do for users; what is compared does not depend on them.
        """
        parts = self.prepare(server)
        world = server.sandbox.platforms[self.platform].world
        start, end = world.start_s, world.end_s
        clock = QuickClock()
        while True:
            server.sandbox.clock.advance(hours * 3600)
            extract(parts, "trial", start, clock=clock)
            if server.sandbox.clock.now_s() > end + 2 * 3600:
                break
        publish_pending(parts) if books else publish_tables(parts)
        return differences(parts, server.sandbox.platforms[self.platform].truth())


def never_fired(sandbox: Sandbox, platform: str) -> set[str]:
    """Faults that are on and can happen to those who read a platform, and did not."""
    lasting = {"late_modification", "clock_skew"}
    return set(sandbox.faults) - lasting - sandbox.platforms[platform].immune - sandbox.dial.fired.keys()


def publish_tables(parts: CellParts) -> None:
    """Publish canonical tables of what is pending, and nothing that is derived from them."""
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        tables = tables_to_write(parts, state)
        pending = [file for file in state.files() if file.snapshot_id is None]
        with parts.open_engine() as engine:
            for connector in parts.connectors:
                translate(parts, engine, tables, connector, pending, superseded_pages(state))
        state.publish(tables.versions, [file.raw_id for file in pending])


def _span_of_one_call_s(feed: Feed) -> int:
    """The longest window that the platform takes together with its overlap; without it, where that is longer still."""
    return feed.span_s_max - feed.overlap_s if feed.overlap_s < feed.span_s_max else feed.span_s_max


def _with_small_lists(refresh: FullRefresh | None, page_rows: int) -> FullRefresh | None:
    """The same lists in pages of a few rows, read once a day: what is on offer rests before the last run."""
    if refresh is None:
        return None
    parts = tuple(replace(part, method=replace(part.method, page_rows_max=page_rows)) for part in refresh.parts)
    return replace(refresh, parts=parts, every_s=_DAY)


def _renamed(shape: Document, old: str, new: str) -> Document:
    """A shape that finds one field at another place."""
    fields = tuple(
        replace(each, at=new) if isinstance(each, WireField) and each.at == old else each for each in shape.fields
    )
    return replace(shape, fields=fields)


def differences(parts: CellParts, truth: Mapping[str, Any]) -> list[str]:
    """Where canonical tables differ from the truth: what is lost, what is too much, what is wrong."""
    rows = _rows(parts, ("orders", "order_lines", "after_sales", "settlement_lines"))
    found = _compare(
        "order", {each["order_id"]: each for each in truth["orders"]}, _by(rows["orders"], "order_id"), _ORDER_FIELDS
    )
    lines = {f"{order['order_id']}/{line['line_id']}": line for order in truth["orders"] for line in order["lines"]}
    here = {f"{row['order_id']}/{row['line_id']}": row for row in rows["order_lines"]}
    if len(here) != len(rows["order_lines"]):
        found.append("order_lines: a line is there twice")
    found += _compare("line", lines, here, ("sku_id", "quantity", "goods_minor"))
    cases = {each["case_id"]: each for each in truth["after_sales"]}
    found += _compare("case", cases, _by(rows["after_sales"], "case_id"), _CASE_FIELDS)
    found += listing_differences(parts, truth)
    settled = {each["line_id"]: each for each in truth.get("settlement_lines", ())}
    return found + _compare("settlement", settled, _by(rows["settlement_lines"], "line_id"), _SETTLED_FIELDS)


def listing_differences(parts: CellParts, truth: Mapping[str, Any]) -> list[str]:
    """Where the table `listings` differs from the truth."""
    offers = {f"{each['listing_id']}/{each['variant_id'] or ''}": each for each in truth.get("listings", ())}
    rows = _rows(parts, ("listings",))["listings"]
    listed = [{**row, "offer": f"{row['listing_id']}/{row['variant_id'] or ''}"} for row in rows]
    return _compare("listing", offers, _by(listed, "offer"), _OFFER_FIELDS)


def _by(rows: Iterable[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row[key] if row[key] not in found else f"{row[key]} again"
        found[name] = row
    return found


def _compare(
    what: str, wanted: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]], fields: Iterable[str]
) -> list[str]:
    said = [f"{what} {key} is lost" for key in sorted(wanted.keys() - found.keys())]
    said += [f"{what} {key} is not in the truth" for key in sorted(found.keys() - wanted.keys())]
    for key in sorted(wanted.keys() & found.keys()):
        for name in fields:
            if wanted[key].get(name) != found[key][name]:
                said.append(f"{what} {key}: {name} is {found[key][name]}, the truth is {wanted[key].get(name)}")
        for name in _INSTANTS:
            if name in wanted[key]:
                here = found[key][name]
                seconds = None if here is None else int(here.timestamp())
                if seconds != wanted[key][name]:
                    said.append(f"{what} {key}: {name} is {seconds}, the truth is {wanted[key][name]}")
    return said


def _rows(parts: CellParts, names: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    state = State(parts.layout)
    try:
        tables = TableStore(parts.layout, state.newest_snapshot())
        with parts.open_engine() as engine:
            tables.open_into(engine, names)
            return {
                name: engine.read(parse(f"select * from {name}", source=f"compare({name})")).to_pylist()
                if name in tables.versions
                else []
                for name in names
            }
    finally:
        state.close()


def truth_of(base_url: str, platform: str) -> dict[str, Any]:
    """The truth of a sandbox in another process."""
    answer: dict[str, Any] = httpx.get(f"{base_url}/sandbox/truth/{platform}", trust_env=False).json()
    return answer


__all__ = [
    "DRIFT_FAULTS",
    "HEALING_FAULTS",
    "PASSPHRASE",
    "QuickClock",
    "Trial",
    "differences",
    "listing_differences",
    "never_fired",
    "publish_tables",
    "truth_of",
]
