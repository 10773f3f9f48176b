"""The suite that every connector passes that fetches files: against the sandbox, whatever it does to them.

    sync        some simulated days, a run every few hours, files asked for while they are still being made
    compare     tables with those of a cell that imported the same files by hand, and with what the sandbox knows

What it does not prove: that a platform's files look as the sandbox writes them; recorded ones stand in the tests of the
formats.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from entrepot.assembly import open_cell
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.live.sending import HttpTransport
from entrepot.connectors.registry import CONNECTORS
from entrepot.engine import parse
from entrepot.flows import syncing
from entrepot.flows.asking import newest_tables
from entrepot.flows.importing import import_paths
from entrepot.sandbox.http import BILL_FAULTS, Sandbox, SandboxServer
from entrepot.sandbox.http.server import PLATFORMS
from entrepot.testing.connector_suite import QuickClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from entrepot.connectors.contract import Connector
    from entrepot.flows.parts import CellParts
    from entrepot.sandbox.http import LiveWorld

FAULTS = frozenset({*BILL_FAULTS, "server_error", "no_answer", "truncated", "throttle", "clock_skew"})
"""What happens to those who fetch files."""
HOUR, DAY = 3_600, 86_400


@runtime_checkable
class GivesFiles(Protocol):
    """A simulated platform that hands out files."""

    world: LiveWorld

    def files(self) -> Mapping[str, bytes]:
        """Those that are made by now, by name."""

    def truth(self) -> dict[str, Any]:
        """What follows from them."""


@dataclass
class BillTrial:
    """Connectors that fetch files, each against a sandbox of its own, in one cell.

    Attributes:
        home: An empty folder for the cell.
        platforms: Names of platforms.
        faults: Faults that are on.
        seed: Of the sandboxes.
        orders: Orders of each shop.
        days: Days on which orders are placed.
        servers: Platform to its sandbox, while the trial is open.
        clock: Waits pass at once.
        transport: One for all runs: to make one takes longer than a run.
    """

    home: Path
    platforms: tuple[str, ...]
    faults: frozenset[str] = frozenset()
    seed: int = 20_261_111
    orders: int = 16
    days: int = 3
    servers: dict[str, SandboxServer] = field(default_factory=dict)
    clock: QuickClock = field(default_factory=QuickClock)
    transport: HttpTransport = field(default_factory=HttpTransport)

    def __enter__(self) -> BillTrial:  # noqa: PYI034
        for name in self.platforms:
            has_token = hasattr(PLATFORMS[name], "token_life_s")
            faults = self.faults | ({"token_expiry"} if self.faults and has_token else frozenset())
            # Every request takes some seconds there: what is ordered is made while it is looked for.
            sandbox = Sandbox((name,), self.seed, self.orders, self.days, faults, tick_s=7.0)
            self.servers[name] = SandboxServer(sandbox)
            self.servers[name].start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers.values():
            server.stop()
        self.transport.close()

    def sandbox(self, platform: str) -> Sandbox:
        """What answers for a platform."""
        return self.servers[platform].sandbox

    def simulated(self, platform: str) -> GivesFiles:
        """The simulated platform."""
        found = self.sandbox(platform).platforms[platform]
        assert isinstance(found, GivesFiles), f"{platform} hands out no files"
        return found

    def prepare(self) -> CellParts:
        """Make the cell and its connections; `ENTREPOT_PASSPHRASE` has to be set."""
        self.home.mkdir(parents=True, exist_ok=True)
        text = settings(self.platforms)
        for name in self.platforms:
            connection = self.sandbox(name).connections(self.servers[name].base_url)[name]
            text += (
                f'[[connections]]\nshop = "{name} shop"\nchannel = "{name}"\nregion = "CN"\n'
                f'gateway = "{connection["gateway_url"]}"\ncredentials = "file"\ncalls_per_s = 1000\n'
            )
        (self.home / "cell.toml").write_text(text, encoding="utf-8")
        parts = open_cell(self.home)
        for name in self.platforms:
            connection = self.sandbox(name).connections(self.servers[name].base_url)[name]
            kept = {key: value for key, value in connection.items() if key != "gateway_url"}
            syncing.secrets_of(parts, syncing.connection_of(parts, name)).write(kept)
        return replace(parts, connectors=tuple(_without_documents(each) for each in parts.connectors))

    def fetch(self, parts: CellParts, platform: str) -> dict[str, Extracted]:
        """One run."""
        start_s = self.simulated(platform).world.start_s
        return syncing.extract(parts, platform, start_s, clock=self.clock, transport=self.transport)

    def run(self, hours: int = 12) -> tuple[CellParts, list[Extracted]]:
        """Fetch until every file is there; what each run did."""
        parts, did = self.prepare(), list[Extracted]()
        for platform in self.platforms:
            sandbox, end = self.sandbox(platform), self.simulated(platform).world.end_s + 2 * DAY
            while sandbox.clock.now_s() < end:
                sandbox.clock.advance(hours * HOUR)
                did += self.fetch(parts, platform).values()
        return parts, did

    def imported(self, home: Path) -> CellParts:
        """Another cell, into which a person brought every file that there is."""
        files = home.with_name(f"{home.name}-files")
        home.mkdir()
        (home / "cell.toml").write_text(settings(self.platforms), encoding="utf-8")
        parts = open_cell(home)
        for platform in self.platforms:
            (files / platform).mkdir(parents=True)
            write_files(self.simulated(platform), files / platform)
        import_paths(parts, [files])
        return parts


def _without_documents(connector: Connector) -> Connector:
    """A connector that fetches files and pulls nothing else."""
    if connector.live is None:
        return connector
    return replace(connector, live=replace(connector.live, api=replace(connector.live.api, feeds=())))


def write_files(simulated: GivesFiles, folder: Path) -> list[Path]:
    """What a person downloads."""
    files = simulated.files()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def settings(platforms: Sequence[str]) -> str:
    """A cell of one company with a shop for each platform."""
    text = '[cell]\nregion = "CN"\n[[entities]]\nid = "main"\n'
    served = {each.spec.name: each.spec.serves or each.spec.name for each in CONNECTORS}
    for name in platforms:
        text += f'[[shops]]\nshop = "{name} shop"\nchannel = "{served[name]}"\nentity = "main"\n'
    return text


def lines_of(parts: CellParts, table: str) -> list[dict[str, Any]]:
    """Rows of a table in the newest snapshot."""
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        tables.open_into(engine, [table])
        return list(engine.read(parse(f"select * from {table}", source=f"compare({table})")).to_pylist())


__all__ = ["FAULTS", "BillTrial", "lines_of", "settings", "write_files"]
