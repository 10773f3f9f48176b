"""`entrepot sql`: one SELECT over the cell's tables."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsCsv, AsJson, Home, check_one_form
from entrepot.cli.output import print_csv, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import select_rows


def sql(
    select: Annotated[str, typer.Argument(help="One SELECT; DuckDB's SQL.")],
    home: Home = DEFAULT_HOME,
    personal: Annotated[
        str | None, typer.Option("--personal", metavar="REASON", help="Why personal tables are read; logged.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask the tables with one SELECT; amounts are minor units. A column name given twice is numbered: `n`, `n_2`.

    Example:  entrepot sql "select channel, count(*) as n from orders group by 1"
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    rows = select_rows(open_cell(home), select, personal)
    if as_json:
        print_json({"rows": rows.to_pylist()})
    elif as_csv:
        print_csv(rows.to_pylist(), rows.column_names)
    else:
        print_rows(rows.to_pylist(), rows.column_names)
