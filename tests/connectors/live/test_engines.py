"""Documents with lists of rows give the same canonical rows on the second engine, refusals included.

Every test module of a feed names its answers in `ENGINE_CASES`; they are found, so that a new platform needs no line here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.engine import SparkEngine
from entrepot.residency import person_pads
from entrepot.testing.sail import sail_session
from tests.connectors.live.casework import feed_named, page_of, pulled_together

_FOLDER = Path(__file__).parents[1]


def _cases() -> dict[str, list[Any]]:
    """Feed to answers, a few that are refused among them."""
    found: dict[str, list[Any]] = {}
    for path in sorted(_FOLDER.glob("*/test_*_live*.py")):
        module = importlib.import_module(f"tests.connectors.{path.parent.name}.{path.stem}")
        found |= getattr(module, "ENGINE_CASES", {})
    return found


def test_every_feed_is_translated_alike(tmp_path: Path) -> None:
    pads, cases = person_pads(tmp_path / "keys"), _cases()
    assert cases.keys() == {feed.name for connector in CONNECTORS for feed in connector.feeds if not feed.rows_like}
    like = {feed.name: feed.rows_like for connector in CONNECTORS for feed in connector.feeds if feed.rows_like}
    cases |= {name: cases[other] for name, other in like.items()}
    together: dict[str, dict[str, list[bytes]]] = {}
    for name, answers in cases.items():
        # Feeds of one connector are translated together, as in a run.
        connector = connector_of(name, CONNECTORS).spec.name
        together.setdefault(connector, {})[name] = [page_of(feed_named(name), *answers)]
    with sail_session() as address:
        for connector, pages in together.items():
            wanted = pulled_together(pages, pads=pads)
            # A session of its own for each connector, since its pages are gone when its rows are read.
            with SparkEngine(address) as sail:
                found = pulled_together(pages, pads=pads, engine=sail)
            assert found.rejects == wanted.rejects, connector
            assert found.rejects, f"{connector} refuses something here"
            assert found.tables.keys() == wanted.tables.keys()
            for table, rows in wanted.tables.items():
                assert sorted(map(_said, found.tables[table])) == sorted(map(_said, rows)), f"{connector}: {table}"


def _said(row: dict[str, Any]) -> str:
    return repr(sorted((key, str(value)) for key, value in row.items()))
