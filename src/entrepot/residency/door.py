"""What the gateway and the receiver of a cell work with: its name, folders, lists and the cells it knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import KeyInvalid
from entrepot.residency.gate_errors import CompanionIsSelf, CompanionUnknown, MailMisplaced
from entrepot.residency.links.broker import BrokerAddress
from entrepot.residency.links.sealing import BoxKey
from entrepot.residency.notes import SignatureType, VerifierKey, verifier_key
from entrepot.residency.projecting import Declared
from entrepot.store.layout import CellLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from entrepot.engine import Engine
    from entrepot.store import CellSettings, TableStore
    from entrepot.store.settings import CompanionSettings

__all__ = ["BorderPaths", "Companion", "Door", "Link", "door_of"]


@dataclass(frozen=True, slots=True)
class BorderPaths:
    """Paths of the door inside a company folder."""

    root: Path

    @property
    def permits(self) -> Path:
        """Permits of this cell, one YAML file each."""
        return self.root / "permits"

    @property
    def accepted(self) -> Path:
        """Copies of other cells' permits under which this one accepts envelopes."""
        return self.root / "accepted"

    @property
    def evidence(self) -> Path:
        """Evidence on file."""
        return self.root / "evidence.yaml"

    @property
    def decisions(self) -> Path:
        """What people decided: roles of companies, rules that do not hold here."""
        return self.root / "decisions.yaml"

    @property
    def domains(self) -> Path:
        """Domains that it shares with other cells, and the rule of each."""
        return self.root / "domains.yaml"

    @property
    def claims(self) -> Path:
        """What this cell claims of shared domains, one file for each."""
        return self.root / "domains"

    @property
    def approvers(self) -> Path:
        """Public keys of those who open sealed copies."""
        return self.root / "approvers.yaml"

    @property
    def log(self) -> Path:
        """The transfer log."""
        return self.root / "log"

    @property
    def outbox(self) -> Path:
        """Envelopes as they were made: what left, for as long as the law wants it kept."""
        return self.root / "sent"

    @property
    def arrived(self) -> Path:
        """Tables of what came, by sender."""
        return self.root / "received"

    @property
    def state(self) -> Path:
        """The door's database."""
        return self.root / "border.db"

    @property
    def meter(self) -> Path:
        """The persons meter."""
        return self.root / "meter.db"

    @property
    def salts(self) -> Path:
        """Salts of what the log commits to; readable by the owner only."""
        return self.root / "salts.db"

    @property
    def witness(self) -> Path:
        """What this cell cosigned of others' logs."""
        return self.root / "witness"

    @property
    def releases(self) -> Path:
        """The ledger of what was released as sums."""
        return self.root / "releases"

    @property
    def links(self) -> Path:
        """What is on its way through brokers."""
        return self.root / "links"

    @property
    def scratch(self) -> Path:
        """Work in progress; empty at any other time."""
        return self.root / "tmp"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another cell through a broker: where it is, and for whom mail is encrypted."""

    address: BrokerAddress
    box: BoxKey


@dataclass(frozen=True, slots=True)
class Companion:
    """Another cell."""

    cell: str
    region: str
    verifier: VerifierKey
    send: Path | None
    receive: Path | None
    link: Link | None = None

    @property
    def witness(self) -> VerifierKey:
        """The key with which it cosigns checkpoints: the same, for another kind of signature."""
        return replace(self.verifier, signs=SignatureType.COSIGNATURE)


@dataclass(frozen=True, slots=True)
class Door:
    """The door of one cell.

    Attributes:
        cell: Name of the cell.
        region: Its region.
        profile: Name of the profile under which it is judged.
        layout: The company folder.
        paths: Paths of the door.
        declared: Closed lists of the cell.
        companions: Other cells by name.
        open_engine: Gives a fresh engine.
        tables: Gives the cell's tables at the newest snapshot.
        now: The clock.
        owners: Shop to the company of `cell.toml` that owns it.
        places: Channel and shop of `cell.toml`.
        prepare: Names in an engine what reports read beside tables (the chart, rates, a reporting currency).
    """

    cell: str
    region: str
    profile: str
    layout: CellLayout
    paths: BorderPaths
    declared: Declared
    companions: dict[str, Companion]
    open_engine: Callable[[], Engine]
    tables: Callable[[], TableStore]
    now: Callable[[], datetime]
    owners: Mapping[str, str] = field(default_factory=dict)
    places: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[Engine, TableStore, str], None] | None = None

    def companion(self, name: str) -> Companion:
        """Another cell by name.

        Raises:
            CompanionUnknown: `cell.toml` does not name it.
        """
        if name not in self.companions:
            raise CompanionUnknown(name)
        return self.companions[name]


def door_of(
    layout: CellLayout,
    settings: CellSettings,
    open_engine: Callable[[], Engine],
    tables: Callable[[], TableStore],
    now: Callable[[], datetime],
    prepare: Callable[[Engine, TableStore, str], None] | None = None,
) -> Door:
    """The door of a cell from its settings.

    Raises:
        KeyInvalid: A companion's key cannot be read.
        CompanionIsSelf: A companion has the name of the cell itself.
        MailMisplaced: A folder for envelopes lies inside another company folder.
    """
    region = settings.cell.region.upper()
    name = settings.cell.id or region.lower()
    companions = {each.cell: _companion(layout, each) for each in settings.companions}
    if name in companions:
        raise CompanionIsSelf(name)
    declared = Declared(
        tuple(each.shop for each in settings.shops),
        tuple(each.id for each in settings.entities),
        settings.cell.locations,
    )
    return Door(
        cell=name,
        region=region,
        profile=settings.cell.profile or region,
        layout=layout,
        paths=BorderPaths(layout.border),
        declared=declared,
        companions=companions,
        open_engine=open_engine,
        tables=tables,
        now=now,
        owners={each.shop: each.entity for each in settings.shops},
        places=tuple((each.channel, each.shop) for each in settings.shops),
        prepare=prepare,
    )


def _companion(layout: CellLayout, each: CompanionSettings) -> Companion:
    link = _link(layout, each)
    # A link has its two folders inside the cell, for nobody else looks into them.
    inside = {"send": f"border/links/mail/to-{each.cell}", "receive": f"border/links/mail/from-{each.cell}"}
    folders = {
        setting: _folder(layout, each.cell, setting, getattr(each, setting) or (inside[setting] if link else ""))
        for setting in inside
    }
    return Companion(each.cell, each.region, verifier_key(each.verifier), folders["send"], folders["receive"], link)


def _link(layout: CellLayout, each: CompanionSettings) -> Link | None:
    """The link of a companion, where it has one.

    Raises:
        KeyInvalid: The key for sealed mail cannot be read, or is of another cell.
    """
    if each.transport != "nats":
        return None
    box = BoxKey.from_text(each.box)
    if box.cell != each.cell:
        raise KeyInvalid(f"the key for sealed mail to {each.cell} is of the cell {box.cell}")
    ca = (layout.home / each.broker_ca).resolve() if each.broker_ca else None
    return Link(BrokerAddress(each.cell, each.broker, ca), box)


def _folder(layout: CellLayout, cell: str, setting: str, text: str) -> Path | None:
    """A path of the settings; a relative one begins at the company folder, and links are followed.

    A folder that holds this cell as well, such as that of a demo, is none of another cell.
    """
    if not text:
        return None
    path, home = (layout.home / text).resolve(), layout.home.resolve()
    holds_both = {home, *home.parents}
    if any(CellLayout(each).settings.exists() for each in (path, *path.parents) if each not in holds_both):
        raise MailMisplaced(cell, setting)
    return path
