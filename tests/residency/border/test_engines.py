"""What a permit lets out, and whom it counts, is the same on both engines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from entrepot.engine import DuckDBEngine, SparkEngine, parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.border import door_for
from entrepot.flows.importing import import_paths
from entrepot.residency.domains.claims import add_unversioned
from entrepot.residency.domains.kinds import KINDS
from entrepot.residency.keys import cell_key, person_pads
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.shape import shape_names, shipped_shape
from entrepot.residency.permits.terms import Permit, Recipient
from entrepot.residency.projecting import Projection
from entrepot.testing.sail import sail_session
from tests.residency.border.planted import planted_files
from tests.residency.border.two_cells import two_cells

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from entrepot.engine import Engine
    from entrepot.residency.door import Door


def told(engine: Engine, door: Door, letter: str) -> dict[str, Any]:
    """Rows of the sources, rows that leave, persons and what is counted, each in a fixed order."""
    shape = shipped_shape(letter)
    today = date(2026, 11, 28)
    to = Recipient("Brand GmbH", "EU", "privacy@brand.example")
    permit = compiled(Permit("all", letter, "global", shape.purposes[0], to, "main", today, today), shape)
    keys = (cell_key(door.layout.keys, "token.key"), "k1")
    for kind in KINDS.values():
        if kind.is_merged and kind.shape == letter:
            add_unversioned(engine, kind, door.tables())
    projection = Projection.of(engine, door.tables(), permit, door.declared, keys, person_pads(door.layout.keys))
    found: dict[str, Any] = {
        "withheld": projection.withheld(),
        "alarms": projection.alarms(),
        "channels": projection.channels(),
    }
    parts = {}
    for dataset in permit.datasets:
        parts[dataset.name] = projection.parts(dataset)
        for relation, names in (("source", dataset.source.output_names()), ("leaving", dataset.schema.names)):
            columns = ", ".join(f'"{name}"' for name in names)
            text = f"select {columns} from {relation}_{dataset.name}"
            rows = engine.read(parse(text, source=relation)).to_pylist()
            found[f"{relation} {dataset.name}"] = sorted(str(sorted(row.items())) for row in rows)
    for goods in ((), ("health",)):
        persons = projection.persons(parts, goods, all_sensitive=False).to_pylist()
        found[f"persons {goods}"] = sorted(str(sorted(row.items())) for row in persons)
    return found | {"parts": parts}


def test_every_shape_of_rows_lets_out_and_counts_the_same_on_both_engines(tmp_path: Path) -> None:
    cells = two_cells(tmp_path / "cells")
    settings = cells.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    across = 'channel = "tmall"\nsale_model = "cross_border_bonded_1210"'
    settings.write_text(text.replace('channel = "tmall"', across), encoding="utf-8")
    planted_files(tmp_path / "files")
    import_paths(cells.cn, [tmp_path / "files"])
    door = door_for(cells.cn)
    assert newest_tables(cells.cn).versions
    with DuckDBEngine(threads=1) as reference:
        # What safe sums are made of is cut in Python from one table of cells; its attacks have tests of their own.
        letters = [letter for letter in shape_names() if not shipped_shape(letter).is_aggregate]
        expected = {letter: told(reference, door, letter) for letter in letters}
    for letter, found in expected.items():
        for dataset in shipped_shape(letter).datasets:
            assert found[f"leaving {dataset.name}"], f"{letter}: {dataset.name} has rows, else nothing is compared"
        assert bool(found["persons ()"]) == shipped_shape(letter).counts_persons
    with sail_session() as address, SparkEngine(address) as sail:
        for letter, found in expected.items():
            assert told(sail, door, letter) == found
