"""The sample company as a world of events, and the figures that follow from it.

An independent second opinion: nothing here imports the product. The world is drawn from a seed, its files are
views of it, and `expected` computes what must come out from the events and the two pages of rules alone.
"""

from __future__ import annotations

from entrepot.sandbox.company import World
from entrepot.sandbox.expected import Expected, OrderMoney, expected
from entrepot.sandbox.paper import WrittenFile
from entrepot.sandbox.rules import Policies, Rates
from entrepot.sandbox.world import build_world, write_files

__all__ = [
    "Expected",
    "OrderMoney",
    "Policies",
    "Rates",
    "World",
    "WrittenFile",
    "build_world",
    "expected",
    "write_files",
]
