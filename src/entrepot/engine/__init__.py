"""Engines: queries of one dialect over named relations, Arrow tables in and out. Knows nothing of the trade."""

from entrepot.engine.contract import Column, ColumnType, Engine, ListOf, Schema
from entrepot.engine.dialect import Query, hmac_pads, new_hmac_key, parse
from entrepot.engine.duckdb import DuckDBEngine
from entrepot.engine.errors import DialectError, EngineUnreachable, QueryFailed, ShapeBroken, Violation
from entrepot.engine.spark import SparkEngine

__all__ = [
    "Column",
    "ColumnType",
    "DialectError",
    "DuckDBEngine",
    "Engine",
    "EngineUnreachable",
    "ListOf",
    "Query",
    "QueryFailed",
    "Schema",
    "ShapeBroken",
    "SparkEngine",
    "Violation",
    "hmac_pads",
    "new_hmac_key",
    "parse",
]
