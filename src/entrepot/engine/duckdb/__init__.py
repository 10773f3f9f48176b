"""DuckDB in the process: the default engine."""

from entrepot.engine.duckdb.engine import DuckDBEngine

__all__ = ["DuckDBEngine"]
