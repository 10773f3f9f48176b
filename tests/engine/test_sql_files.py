"""Every SQL file of the product is in the dialect and can be written for both engines."""

from pathlib import Path

import pytest

import entrepot
from entrepot.engine import parse

_ROOT = Path(entrepot.__file__).parent
_FILES = sorted(path for path in _ROOT.rglob("*.sql") if path.name != "macros.sql" and "templates" not in path.parts)
# Relations on the way carry what the next step needs; what leaves a room is cast.
_STRICT = ("mapping", "parts", "rules", "sql", "views")
_TABLES = {"order_positions", "refunds", "order_pieces", "fees", "ledger_entries", "quarantine", "exceptions"}


def _is_strict(path: Path) -> bool:
    if "rows" in path.parts:
        return False
    return path.parent.name in _STRICT or path.stem in _TABLES


@pytest.mark.parametrize("path", _FILES, ids=[str(path.relative_to(_ROOT)) for path in _FILES])
def test_a_sql_file_is_in_the_dialect_and_can_be_written_for_spark(path: Path) -> None:
    query = parse(path.read_text(encoding="utf-8"), source=path.name, strict_output=_is_strict(path))
    assert query.sql("duckdb")
    assert query.sql("spark")


def test_there_are_files_in_every_place_where_sql_lives() -> None:
    assert {path.parent.name for path in _FILES} >= {*_STRICT, "rows", "derived"}
