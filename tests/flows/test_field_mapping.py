"""The field mapping of every shipped format follows from its SQL, and stays complete when a format is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.flows.field_mapping import fields_of, tables_fed
from entrepot.model import TABLES

if TYPE_CHECKING:
    from entrepot.connectors.contract import FileFormat

FORMATS = [wire for connector in CONNECTORS for wire in connector.formats]


@pytest.mark.parametrize("wire", FORMATS, ids=lambda wire: wire.name)
def test_every_format_feeds_columns_of_the_tables_that_its_connector_fills(wire: FileFormat) -> None:
    connector = connector_of(wire.name, CONNECTORS)
    found = fields_of(connector, wire, {wire.columns[0].name})
    assert [use.column for use in found.fields if use.in_files] == [wire.columns[0].name]
    fed = {to["table"] for use in found.fields for to in use.feeds}
    assert fed <= tables_fed(connector)[wire.name]
    assert fed
    for use in found.fields:
        for to in use.feeds:
            assert to["column"] in {field.name for field in TABLES[to["table"]].fields}


def test_a_column_that_is_declared_as_known_and_unread_is_read_by_nothing() -> None:
    wire = next(each for each in FORMATS if each.name == "tmall_orders")
    uses = {use.column: use.use for use in fields_of(connector_of(wire.name, CONNECTORS), wire, ()).fields}
    assert (uses["买家留言"], uses["订单备注"], uses["总金额"]) == ("unread", "unread", "feeds")
