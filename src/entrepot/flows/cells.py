"""A cell is made and introduced to others: what `cell.toml` says, and nothing of another cell's folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from entrepot.flows.errors import CellExists, CompanionExists
from entrepot.residency.links.sealing import BoxKey
from entrepot.residency.notes import verifier_key
from entrepot.store import CellLayout, load_settings

__all__ = ["BrokerLink", "init_cell", "pair_cells"]


@dataclass(frozen=True, slots=True)
class BrokerLink:
    """How another cell is reached through a broker.

    Attributes:
        url: Address of the broker.
        region: Where it is hosted.
        box: The other cell's public key for sealed mail.
        ca: Authority that signed the broker's certificate.
    """

    url: str
    region: str
    box: str
    ca: Path | None = None


def init_cell(home: Path, name: str, *, profile: str, region: str, entity: str, currency: str) -> Path:
    """Write `cell.toml` of a new cell.

    Raises:
        CellExists: There is one already.
        SettingsInvalid: A name is not in its form.
    """
    layout = CellLayout(home.resolve())
    if layout.settings.exists():
        raise CellExists(str(layout.settings))
    layout.home.mkdir(parents=True, exist_ok=True)
    text = (
        "# This folder is a cell: it holds the data of one region. See docs/reference/settings.md.\n"
        f"[cell]\nid = {_quoted(name)}\nregion = {_quoted(region.upper())}\nprofile = {_quoted(profile.upper())}\n"
        f"reporting_currency = {_quoted(currency.upper())}\n\n"
        f"[[entities]]\nid = {_quoted(entity)}\ncountry = {_quoted(region.upper()[:2])}\n"
        f"functional_currency = {_quoted(currency.upper())}\n"
    )
    _written(layout, "", text)
    return layout.settings


def pair_cells(
    home: Path,
    cell: str,
    *,
    region: str,
    verifier: str,
    send: Path | None,
    receive: Path | None,
    broker: BrokerLink | None = None,
) -> None:
    """Add another cell to `cell.toml`; with a broker, mail goes through it.

    Raises:
        CompanionExists: It names that cell already.
        KeyInvalid: The key cannot be read.
        SettingsInvalid: There is no usable `cell.toml`.
    """
    layout = CellLayout(home.resolve())
    settings = load_settings(layout)
    if any(each.cell == cell for each in settings.companions):
        raise CompanionExists(cell)
    verifier_key(verifier)
    lines = [f"cell = {_quoted(cell)}", f"region = {_quoted(region.upper())}", f"verifier = {_quoted(verifier)}"]
    lines += [
        f"{word} = {_quoted(str(path.resolve()))}" for word, path in (("send", send), ("receive", receive)) if path
    ]
    if broker is not None:
        BoxKey.from_text(broker.box)
        facts = {"transport": "nats", "broker": broker.url, "broker_region": broker.region, "box": broker.box}
        facts |= {"broker_ca": str(broker.ca.resolve())} if broker.ca else {}
        lines += [f"{word} = {_quoted(value)}" for word, value in facts.items()]
    before = layout.settings.read_text(encoding="utf-8") if layout.settings.exists() else ""
    _written(layout, before, before.rstrip("\n") + "\n\n[[companions]]\n" + "\n".join(lines) + "\n")


def _written(layout: CellLayout, before: str, text: str) -> None:
    """Write settings, and put the old ones back where the new ones cannot be read."""
    layout.settings.write_text(text, encoding="utf-8")
    try:
        load_settings(layout)
    except Exception:
        if before:
            layout.settings.write_text(before, encoding="utf-8")
        else:
            layout.settings.unlink()
        raise


def _quoted(text: str) -> str:
    # A TOML basic string has JSON's escapes.
    return json.dumps(text, ensure_ascii=False)
