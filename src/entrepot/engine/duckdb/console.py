"""One free SELECT for a person: any DuckDB function, but only the tables it was given, and nothing outside.

The restricted dialect does not apply here: the answer goes to a person and into no table. What does apply is checked
on the tree before anything runs, and by the engine itself, which is closed to files and settings first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import sqlglot
from sqlglot import exp

from entrepot.engine.errors import QueryFailed, SelectRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa

    from entrepot.engine.duckdb.engine import DuckDBEngine


_SURROUNDINGS = frozenset({"current_setting", "getenv", "getvariable", "write_log"})
"""Functions that tell of the machine: `current_setting('allowed_directories')` names the company folder."""

_OF_THE_CATALOGUE = "pg_"
"""Beginning of functions that read the catalogue: `pg_get_viewdef` prints the paths behind a view."""


def tables_in_select(text: str) -> frozenset[str]:
    """Names of the tables that one SELECT reads, lower case.

    Raises:
        SelectRefused: It is not exactly one SELECT, reads from a function or a file, or asks for settings.
    """
    try:
        statements = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    except sqlglot.ParseError as error:
        raise SelectRefused("it could not be parsed") from error
    if len(statements) != 1 or not isinstance(statements[0], (exp.Select, exp.Union, exp.Except, exp.Intersect)):
        raise SelectRefused("exactly one SELECT is accepted")
    tree = statements[0]
    _refuse_surroundings(tree)
    with_names = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    names = set()
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.args.get("db"):
            raise SelectRefused("it may read this cell's tables only, no files, functions or other databases")
        names.add(table.name.lower())
    return frozenset(names - with_names)


def free_select(engine: DuckDBEngine, text: str, allowed: Collection[str], folders: Sequence[str]) -> pa.Table:
    """Run one SELECT over relations that the engine already has, closed to everything else.

    Args:
        engine: An engine that is closed after this; its settings are locked.
        text: The SELECT.
        allowed: Tables it may read.
        folders: Folders of the files behind those tables.

    Returns:
        The rows; a column name that stands twice is numbered from its second place on, so that none is lost in JSON.

    Raises:
        SelectRefused: See `tables_in_select`; or it names a table that is not allowed.
        QueryFailed: DuckDB could not run it.
    """
    unknown = sorted(tables_in_select(text) - {name.lower() for name in allowed})
    if unknown:
        raise SelectRefused(f"there is no table {', '.join(unknown)} here; `entrepot tables list` names them")
    connection = engine.connection
    try:
        connection.execute("SET allowed_directories = ?", [list(folders)])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        rows = connection.sql(text).to_arrow_table()
    except duckdb.Error as error:
        raise QueryFailed("duckdb", "your SELECT", type(error).__name__, _first_line(error)) from None
    return rows.rename_columns(names_apart(rows.column_names))


def names_apart(names: Sequence[str]) -> list[str]:
    """Column names with every repetition numbered: `n, n` becomes `n, n_2`, past names that are there already."""
    given, taken = set(names), set[str]()
    apart = []
    for name in names:
        chosen, number = name, 2
        while chosen in taken or (chosen != name and chosen in given):
            chosen, number = f"{name}_{number}", number + 1
        taken.add(chosen)
        apart.append(chosen)
    return apart


def _refuse_surroundings(tree: exp.Expr) -> None:
    for function in tree.find_all(exp.Func):
        name = (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
        if name in _SURROUNDINGS or (name.startswith(_OF_THE_CATALOGUE) and name != "pg_typeof"):
            raise SelectRefused(f"{name} tells of the machine and not of this cell's tables")


def _first_line(error: duckdb.Error) -> str:
    # Binder and catalog errors speak of names in the SQL; conversion errors quote values and are not shown.
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)):
        return str(error).splitlines()[0]
    return ""
