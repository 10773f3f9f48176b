"""Tables and indexes that several processes make at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from entrepot.store.making import make_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_who_loses_the_race_for_every_table_and_every_index_goes_on(tmp_path: Path) -> None:
    """Another process makes each of them between the look and the making."""
    metadata = sa.MetaData()
    for name in ("one", "two"):
        columns = [sa.Column(each, sa.Integer) for each in ("a", "b", "c")]
        indexes = [sa.Index(f"{name}_{each}", each) for each in ("a", "b", "c")]
        sa.Table(name, metadata, *columns, *indexes)
    ours, theirs = (sa.create_engine(f"sqlite:///{tmp_path / 'state.db'}") for _ in range(2))
    lost: list[str] = []

    def overtaken(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = " ".join(statement.split())
        if words.startswith("CREATE") and words not in lost:
            lost.append(words)
            with theirs.begin() as connection:
                connection.execute(sa.text(statement))

    sa.event.listen(ours, "before_cursor_execute", overtaken)
    make_tables(ours, metadata)
    assert len(lost) == 8
    assert {len(sa.inspect(ours).get_indexes(name)) for name in ("one", "two")} == {3}
