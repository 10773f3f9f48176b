"""Two cells that follow a pattern, and their mail by either transport: in the folder between them, or through a broker."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from entrepot.residency.patterns.settings import shipped_patterns
from entrepot.testing.patterns import PairOfCells
from tests.residency.links.brokers import LinkedCells, link

if TYPE_CHECKING:
    from tests.residency.border.two_cells import TwoCells
    from tests.residency.links.brokers import Broker

PATTERNS = tuple(each.pattern for each in shipped_patterns())


def take_on(cells: TwoCells, pattern: str) -> None:
    """Let both cells take on a pattern, with invented evidence on file, in the place of what they had."""
    shutil.rmtree(cells.folder / "cn" / "border" / "permits", ignore_errors=True)
    shutil.rmtree(cells.folder / "global" / "border" / "accepted", ignore_errors=True)
    PairOfCells(cells.folder, 0, cells.folder).take_on(pattern)


def put_behind_a_broker(cells: TwoCells, broker: Broker) -> LinkedCells:
    """Link two cells through a broker; what lies between them has not left, and leaves through it."""
    link(cells, broker)
    linked = LinkedCells(cells.folder)
    linked.outbox.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(cells.mail, linked.outbox)
    shutil.rmtree(cells.folder / "mail")
    return linked
