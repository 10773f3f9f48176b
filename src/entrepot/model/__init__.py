"""Shared nouns: canonical tables as plain field data, money, states.

One meaning per noun, for everybody. Knows no clock, file or engine.
"""

from entrepot.model.catalogue import TABLES, table
from entrepot.model.fields import Field, FieldType, Origin, PersonalKind, ResidencyClass, Table
from entrepot.model.money import Money, minor_digits

__all__ = [
    "TABLES",
    "Field",
    "FieldType",
    "Money",
    "Origin",
    "PersonalKind",
    "ResidencyClass",
    "Table",
    "minor_digits",
    "table",
]
