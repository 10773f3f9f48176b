"""Simulated marketplaces over HTTP: their own signing, tokens, envelopes, paging quirks, errors; orders that live.

An independent second opinion: nothing here imports the connectors, so a signature or a page is checked by other code
than made it. What it does not prove: that a platform still behaves as its manual and public clients say.
"""

from entrepot.sandbox.http.faults import BILL_FAULTS, FAULTS, PUSH_FAULTS, Faults
from entrepot.sandbox.http.server import Sandbox, SandboxServer
from entrepot.sandbox.http.world import LiveWorld

__all__ = ["BILL_FAULTS", "FAULTS", "PUSH_FAULTS", "Faults", "LiveWorld", "Sandbox", "SandboxServer"]
