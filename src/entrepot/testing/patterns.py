"""One workload on each of the four patterns, and what it shows: leaks, staleness, latency, orders after a partition.

Two cells of a small company: a China cell with a Tmall shop whose buyers are invented and searched for afterwards, and
a cell abroad with articles. The carrier between them is a folder's, played by hand, so that it can be cut, and say
things twice and backwards; the broker's own faults are tested elsewhere. Not shown: distance, load, a real platform.
"""

from __future__ import annotations

import csv
import shutil
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from entrepot.assembly import open_cell
from entrepot.flows.asking import report_rows
from entrepot.flows.border import (
    clear,
    door_for,
    gateway_status,
    receive,
    verifier_of,
)
from entrepot.flows.cells import init_cell, pair_cells
from entrepot.flows.domains import domain_rows
from entrepot.flows.group import group_pnl
from entrepot.flows.importing import import_paths
from entrepot.flows.patterns import PatternTerms, apply_pattern
from entrepot.flows.permits import accept_permit
from entrepot.residency.hunt import hunt, values_of_list
from entrepot.residency.patterns.settings import shipped_pattern, shipped_patterns, steps_between
from entrepot.residency.permits.terms import Aggregates, Recipient
from entrepot.testing.small_files import TMALL_HEADER, Sale, tmall_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.residency.patterns.settings import Flow, Pattern, Side

__all__ = ["Measured", "PairOfCells", "measure_pattern", "measure_patterns", "pair_of_cells"]

SHOP = "our shop"
PROCESSOR = "main"
ROUND_TRIP_MS = 250.0
"""Assumed for a question that has to cross: China to Europe and back on a good line."""

ASKED = 7
_SIDES: tuple[tuple[str, Side, str], ...] = (("cn", "china", "global"), ("global", "abroad", "cn"))
_OF_THE_BORDER = {"border", "keys", "cell.toml"}
"""What of a company folder is not imported data."""

_MONTHS = ("2026-09", "2026-10")
_DAYS = ("2026-09-30", "2026-10-31")
_WAREHOUSES = {"cn": "ningbo", "global": "hamburg"}
_UNITS = {"cn": (30, 12), "global": (7, 5)}
"""Units that each cell states, at the end of each month."""

_STOCK = {"D": "stock", "J": "shared_stock"}
"""Shape to its dataset with units."""
_ARTICLES = "sku_id,name,unit_cost,currency,valid_from\nYX-SER-30,Serum,{cost},{currency},{day}\n"
_COST_DAYS = ("2026-01-01", "2026-10-01")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one pattern showed.

    Attributes:
        pattern: Its name.
        leaked: Values of invented persons found outside the China cell.
        stale_minutes: Longest time from an order to what the recipient sees of it: rounds it took, times the minutes
            between rounds.
        latency_ms: The P&L asked in the China cell, median; where the core answers, its own time and an assumed
            round trip.
        works_while_cut: Whether the China cell got an answer while the border was down.
        waited: Envelopes that waited while the border was down.
        lost: Orders, or cents of sums, that the recipient lacks after the border came back.
        doubled: The same, that it has twice.
        finest: What they were counted in: orders, orders of a day, or cents of a sum.
        cells: Company folders to run.
        permits: Permits to keep.
        evidence: Pieces of evidence to keep on file.
        needs_broker: Whether a broker has to be run.
        rounds_a_day: Rounds of letting out and carrying, both sides.
        persons: Persons counted against the lines of the law.
        sent_bytes: What crossed for the whole workload.
        steps_to_next: Steps to the pattern that follows; None for the last.
        units_stated: Units of stock of those sides that let their stock out, all days together.
        units_seen: The same as their recipients have them.
        shared_keys: Keys of shared domains that both cells show alike.
        unlike_keys: Keys of which they show something else.
    """

    pattern: str
    leaked: int
    stale_minutes: int
    latency_ms: float
    works_while_cut: bool
    waited: int
    lost: int
    doubled: int
    finest: str
    cells: int
    permits: int
    evidence: int
    needs_broker: bool
    rounds_a_day: int
    persons: int
    sent_bytes: int
    steps_to_next: int | None
    units_stated: int
    units_seen: int
    shared_keys: int
    unlike_keys: int


@dataclass(frozen=True, slots=True)
class PairOfCells:
    """A China cell and one abroad whose mail somebody carries.

    Attributes:
        folder: Holds both, what they send and what they receive, and the list of invented persons.
        orders: In each of the two batches.
        later: The same cells with the second batch of orders and other costs. Imported once for all patterns, for no
            pattern has a part in what a cell imports.
    """

    folder: Path
    orders: int
    later: Path

    @property
    def cn(self) -> CellParts:
        """The China cell, its settings read anew."""
        return open_cell(self.folder / "cn")

    @property
    def abroad(self) -> CellParts:
        """The cell abroad, its settings read anew."""
        return open_cell(self.folder / "global")

    @property
    def persons(self) -> Path:
        """CSV of everybody invented."""
        return self.folder / "persons.csv"

    def out(self, name: str) -> Path:
        """What a cell sent and nobody carried yet, and what was carried."""
        return self.folder / "out" / name

    def copied(self, folder: Path) -> PairOfCells:
        """Both as they stand, in another place."""
        shutil.copytree(self.folder, folder)
        for name in ("cn", "global"):
            settings = folder / name / "cell.toml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text.replace(str(self.folder), str(folder)), encoding="utf-8")
        return replace(self, folder=folder)

    def go_on(self) -> None:
        """What both cells import while the border is down: a second batch of orders, other costs abroad."""
        for name in ("cn", "global"):
            for path in (self.later / name).iterdir():
                if path.name in _OF_THE_BORDER:
                    continue
                here = self.folder / name / path.name
                if path.is_dir():
                    shutil.rmtree(here, ignore_errors=True)
                    shutil.copytree(path, here)
                else:
                    shutil.copyfile(path, here)

    def sell(self, batch: int) -> None:
        """Import one batch of orders and the stock after it into the China cell, the first with its articles."""
        files = self.folder / "files" / f"orders-{batch}"
        files.mkdir(parents=True)
        (files / "orders.csv").write_text(_orders(self.orders, batch), encoding="gb18030")
        self._state_stock("cn", batch, files)
        if batch == 1:
            (files / "articles.csv").write_text(_articles("3.00", "CNY", 1), encoding="utf-8")
        report = import_paths(self.cn, [files])
        assert {each.status for each in report.files} == {"imported"}, "the workload's files are read"

    def change_costs(self, batch: int, cost: str) -> None:
        """Import a list of articles and the stock of a month's end into the cell abroad."""
        files = self.folder / "files" / f"articles-{cost}"
        files.mkdir(parents=True)
        (files / "articles.csv").write_text(_articles(cost, "EUR", batch), encoding="utf-8")
        self._state_stock("global", batch, files)
        report = import_paths(self.abroad, [files])
        assert {each.status for each in report.files} == {"imported"}, "the workload's files are read"

    def _state_stock(self, name: str, batch: int, files: Path) -> None:
        line = f"{_DAYS[batch - 1]},YX-SER-30,{_WAREHOUSES[name]},{_UNITS[name][batch - 1]}"
        (files / "stock.csv").write_text(f"stock_day,sku_id,location,quantity\n{line}\n", encoding="utf-8")

    def take_on(self, pattern: str) -> None:
        """Let both cells take on a pattern, accept each other's permits, and put the evidence on file."""
        for name, side, other in _SIDES:
            parts = open_cell(self.folder / name)
            there = open_cell(self.folder / other)
            _put_on_file(parts, shipped_pattern(pattern), side, other)
            for path in apply_pattern(parts, pattern, side, other, _terms(name)).written:
                accept_permit(there, path, name)

    def send(self) -> None:
        """Let out what may leave on both sides."""
        for name, _, _ in _SIDES:
            refused = clear(open_cell(self.folder / name)).refused
            assert not refused, [str(each) for each in refused]

    def carry(self, *, twice_and_backwards: bool = False) -> None:
        """Put what was sent where it arrives."""
        for name, _, other in _SIDES:
            sent = sorted(path for path in self.out(name).rglob("*") if path.is_file())
            if twice_and_backwards:
                for path in reversed(sent):
                    self._put(name, other, path)
                    if path.suffix == ".envelope":
                        self.take(other)
            for path in sent:
                self._put(name, other, path)
            if twice_and_backwards:
                self.take(other)

    def _put(self, name: str, other: str, path: Path) -> None:
        target = self.folder / "in" / other / path.relative_to(self.out(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def take(self, *names: str) -> int:
        """Apply what arrived on both sides, or on those named; returns how many envelopes were."""
        applied = 0
        for name in names or ("cn", "global"):
            arrivals = receive(open_cell(self.folder / name))
            assert not arrivals.refused, [str(each) for each in arrivals.refused]
            applied += len(arrivals.applied)
        return applied


def pair_of_cells(folder: Path, orders: int = 20) -> PairOfCells:
    """Make and pair two cells; the first batch of orders and the articles are imported, and nothing is permitted."""
    made = PairOfCells(folder, orders, folder.with_name(folder.name + "-later"))
    for name, profile, currency in (("cn", "CN", "CNY"), ("global", "EU", "EUR")):
        init_cell(folder / name, name, profile=profile, region=profile, entity=PROCESSOR, currency=currency)
    settings = folder / "cn" / "cell.toml"
    shop = f'\n[[shops]]\nshop = "{SHOP}"\nchannel = "tmall"\nentity = "{PROCESSOR}"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + shop, encoding="utf-8")
    for name, warehouse in _WAREHOUSES.items():
        settings = folder / name / "cell.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("[cell]", f'[cell]\nlocations = ["{warehouse}"]', 1), encoding="utf-8")
    keys = {name: verifier_of(open_cell(folder / name)) for name, _, _ in _SIDES}
    for name, other, region in (("cn", "global", "EU"), ("global", "cn", "CN")):
        send, came = folder / "out" / name, folder / "in" / name
        pair_cells(folder / name, other, region=region, verifier=keys[other], send=send, receive=came)
    with made.persons.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("nick", "name", "phone", "address"))
        writer.writerows(_person(number) for number in range(2 * orders))
    made.change_costs(1, "2.50")
    made.sell(1)
    assert hunt(values_of_list(made.persons), folder / "cn").hits, "the search for persons would tell"
    later = made.copied(made.later)
    later.sell(2)
    later.change_costs(2, "2.60")
    return made


def measure_patterns(base: PairOfCells, folder: Path, names: Sequence[str] = ()) -> list[Measured]:
    """Run the workload on each pattern, all four where none is named."""
    wanted = names or tuple(each.pattern for each in shipped_patterns())
    return [measure_pattern(base.copied(folder / name), shipped_pattern(name)) for name in wanted]


def measure_pattern(cells: PairOfCells, pattern: Pattern) -> Measured:
    """Run the workload: a round, a partition in which both sides go on, and its end."""
    cells.take_on(pattern.pattern)
    rounds = 0
    while not _arrived(cells, pattern, 1):
        rounds += 1
        assert rounds <= 5, "what may leave arrives within a few rounds"  # noqa: PLR2004
        cells.send()
        cells.carry()
        cells.take()
    before = len(_envelopes(cells))
    # The border goes down; both sides go on, and what they send waits.
    cells.go_on()
    cells.send()
    waited = len(_envelopes(cells)) - before
    latency_ms = _latency_ms(cells, pattern)
    cells.carry(twice_and_backwards=True)
    lost, doubled, finest = _difference(cells, pattern)
    alike, unlike = _shared(cells, pattern)
    return Measured(
        pattern=pattern.pattern,
        leaked=_leaked(cells),
        stale_minutes=rounds * pattern.every_minutes,
        latency_ms=latency_ms,
        works_while_cut=pattern.figures_in == "own",
        waited=waited,
        lost=lost,
        doubled=doubled,
        finest=finest,
        cells=len(_SIDES),
        permits=len(pattern.permits),
        evidence=sum(len(pattern.evidence(side)) for _, side, _ in _SIDES),
        needs_broker=pattern.transport == "nats",
        rounds_a_day=max(1, len(_SIDES) * 24 * 60 // pattern.every_minutes),
        persons=sum(int(each["persons"]) for each in gateway_status(cells.cn)["transfers"]),
        sent_bytes=sum(path.stat().st_size for path in _envelopes(cells)),
        steps_to_next=_steps_to_next(pattern),
        units_stated=sum(sum(_UNITS[name]) for name, _, _ in _stock_flows(pattern)),
        units_seen=_units_seen(cells, pattern),
        shared_keys=alike,
        unlike_keys=unlike,
    )


def _steps_to_next(pattern: Pattern) -> int | None:
    following = [each for each in shipped_patterns() if each.order == pattern.order + 1]
    return len(steps_between(pattern, following[0])) if following else None


def _arrived(cells: PairOfCells, pattern: Pattern, batches: int) -> bool:
    lost, _, _ = _difference(cells, pattern, batches)
    return lost == 0


def _difference(cells: PairOfCells, pattern: Pattern, batches: int = 2) -> tuple[int, int, str]:
    """What the recipient lacks and has twice, in the finest unit that crosses."""
    shapes = {each.shape for each in pattern.of_side("china")}
    if "B" in shapes:
        there = [str(row["order_token"]) for row in _received(cells, "orders", "orders")]
        return max(0, batches * cells.orders - len(set(there))), len(there) - len(set(there)), "orders"
    if "A" in shapes:
        seen = sum(int(str(row["orders"])) for row in _received(cells, "journals", "sales"))
        wanted = batches * cells.orders
        return max(0, wanted - seen), max(0, seen - wanted), "orders of a day"
    return _difference_of_sums(cells, set(_MONTHS[:batches]))


def _difference_of_sums(cells: PairOfCells, months: set[str]) -> tuple[int, int, str]:
    """Cents by month and line as shown abroad, against the China cell's own; a line that is hidden is not lost."""
    mine: Counter[tuple[str, str]] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    for row in report_rows(cells.cn, "pnl", "CNY").to_pylist():
        mine[str(row["month"]), str(row["line"])] += int(row["amount_minor"])
    came = _received(cells, "sums", "pnl_cells")
    for each in came:
        if each["amount_minor"] is not None:
            shown[str(each["month"]), str(each["line"])] += int(str(each["amount_minor"]))
    missing = months - {str(each["month"]) for each in came}
    lost = sum(abs(amount) for (month, _), amount in mine.items() if month in missing)
    lost += sum(max(0, abs(mine[key]) - abs(amount)) for key, amount in shown.items())
    return lost, sum(max(0, abs(amount) - abs(mine[key])) for key, amount in shown.items()), "cents of a sum"


def _stock_flows(pattern: Pattern) -> list[tuple[str, str, Flow]]:
    """Cell, recipient and flow of each side that lets its stock out."""
    return [
        (name, other, flow) for name, side, other in _SIDES for flow in pattern.of_side(side) if flow.shape in _STOCK
    ]


def _units_seen(cells: PairOfCells, pattern: Pattern) -> int:
    """Units of stock as the recipients have them, all days together."""
    return sum(
        int(str(row["quantity"]))
        for name, _, flow in _stock_flows(pattern)
        for row in _received(cells, flow.name, _STOCK[flow.shape], name)
    )


def _shared(cells: PairOfCells, pattern: Pattern) -> tuple[int, int]:
    """Keys of shared domains that both cells show alike, and others."""
    alike = unlike = 0
    for each in pattern.domains:
        here, there = (
            {str(row["item"]): row for row in domain_rows(door_for(parts), each.domain).to_pylist()}
            for parts in (cells.cn, cells.abroad)
        )
        same = sum(there.get(item) == row for item, row in here.items())
        alike, unlike = alike + same, unlike + len({*here, *there}) - same
    return alike, unlike


def _received(cells: PairOfCells, permit: str, dataset: str, sender: str = "cn") -> list[dict[str, object]]:
    """Rows of a dataset as the receiver shows them."""
    receiver = next(other for name, _, other in _SIDES if name == sender)
    for each in gateway_status(open_cell(cells.folder / receiver))["received"]:
        if (each["sender"], each["permit"]) == (sender, permit):
            folder = cells.folder / receiver / "border" / "received" / sender / permit / dataset
            return list(DeltaTable(str(folder)).to_pyarrow_table().to_pylist())
    return []


def _latency_ms(cells: PairOfCells, pattern: Pattern) -> float:
    """The P&L, asked several times; from the China cell, or from the core with an assumed round trip."""
    took = []
    for _ in range(ASKED):
        start = time.perf_counter()
        if pattern.figures_in == "own":
            report_rows(cells.cn, "pnl", "CNY")
        else:
            group_pnl(cells.abroad, "CNY")
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)[ASKED // 2] + (ROUND_TRIP_MS if pattern.figures_in == "core" else 0.0)


def _envelopes(cells: PairOfCells) -> list[Path]:
    return sorted((cells.folder / "out").rglob("*.envelope"))


def _leaked(cells: PairOfCells) -> int:
    """Values of invented persons in the cell abroad and in all mail."""
    values = values_of_list(cells.persons)
    folders = (cells.folder / "global", cells.folder / "out", cells.folder / "in")
    return sum(len(hunt(values, folder).hits) for folder in folders if folder.exists())


def _put_on_file(parts: CellParts, pattern: Pattern, side: Side, to: str) -> None:
    """Evidence of the workload: invented numbers."""
    purposes = ", ".join(sorted({each.purpose for each in pattern.of_side(side)}))
    lines = ["# Invented for a workload.", "evidence:" if purposes else "evidence: []"]
    for kind in pattern.evidence(side):
        basis = ", basis: consent" if kind == "legal_basis" else ""
        lines.append(
            f"  - {{kind: {kind}, number: invented-{kind}, processor: {PROCESSOR}, valid_from: 2020-01-01, "
            f"purposes: [{purposes}], recipients: [{to}]{basis}}}"
        )
    parts.layout.border.mkdir(parents=True, exist_ok=True)
    (parts.layout.border / "evidence.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _terms(name: str) -> PatternTerms:
    region = {"cn": "EU", "global": "CN"}[name]
    return PatternTerms(
        recipient=Recipient(f"Brand of {region}", region, "privacy@brand.invalid"),
        processor=PROCESSOR,
        important_data=False,
        platforms=dict.fromkeys(("tmall", "alipay"), "invented-agreement"),
        aggregates=Aggregates(currency="CNY", month_from=_MONTHS[0], month_to=_MONTHS[1]),
    )


def _person(number: int) -> tuple[str, str, str, str]:
    """Account, name, mobile and address of somebody invented."""
    return (
        f"nick-of-invented-{number:04}",
        f"虚构收件人{number:04}号",
        f"1380099{number:04}",
        f"虚构省虚构市测试路{number:04}号",
    )


def _articles(cost: str, currency: str, batch: int) -> str:
    return _ARTICLES.format(cost=cost, currency=currency, day=_COST_DAYS[batch - 1])


def _orders(count: int, batch: int) -> str:
    """A Tmall list of one batch, of buyers of its own, in a month of its own."""
    first = (batch - 1) * count
    sales = [Sale(f"2800000000000{number:06d}", 100_00 + 7 * number) for number in range(first, first + count)]
    month = _MONTHS[batch - 1]
    rows = list(csv.reader(tmall_text(sales, SHOP).replace("2026-09", month).splitlines()))
    columns = {name: TMALL_HEADER.index(name) for name in ("买家会员名", "收货人姓名")}
    lines = [",".join((*rows[0], "联系手机", "收货地址"))]
    for number, row in enumerate(rows[1:], start=first):
        nick, name, phone, address = _person(number)
        row[columns["买家会员名"]], row[columns["收货人姓名"]] = nick, name
        lines.append(",".join((*row, phone, address)))
    return "\n".join(lines) + "\n"
