"""The reports there are: one SQL file each, over the cell's tables, run on an engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.ledger import accounts
from entrepot.ledger.rates import rated_currencies, rates_by_day
from entrepot.model import minor_digits
from entrepot.reports.errors import CurrencyUnknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.engine import Engine
    from entrepot.store import TableStore


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """One report.

    Attributes:
        name: Its SQL file in `sql/`.
        tables: Tables it reads.
        title: What people call it, by language.
    """

    name: str
    tables: tuple[str, ...]
    title: Mapping[str, str]


REPORTS: tuple[ReportQuestion, ...] = (
    ReportQuestion("pnl", ("ledger_entries", "order_pieces"), {"en": "Profit and loss", "zh": "损益表"}),
    ReportQuestion("gmv_bridge", ("order_positions",), {"en": "From GMV to net revenue", "zh": "GMV 到净收入"}),
    ReportQuestion("settlement_status", ("order_positions",), {"en": "Settlement status", "zh": "结算状态"}),
    ReportQuestion("exceptions_summary", ("exceptions",), {"en": "Exceptions", "zh": "待处理事项"}),
    ReportQuestion("trial_balance", ("ledger_entries", "chart_accounts"), {"en": "Trial balance", "zh": "试算平衡表"}),
)
"""All reports. To add one: its SQL file, its page under docs/reference/reports, one line here, the changelog."""


def run_report(engine: Engine, tables: TableStore, name: str, reporting_currency: str = "CNY") -> pa.Table:
    """The rows of a report.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        name: One of `REPORTS`.
        reporting_currency: For reports that translate.
    Returns:
        The columns that the report's SQL names; amounts in minor units.

    Raises:
        CurrencyUnknown: There is no rate for the reporting currency.
    """
    report = next(each for each in REPORTS if each.name == name)
    currency = reporting_currency.upper()
    if currency not in rated_currencies():
        raise CurrencyUnknown(currency, tuple(sorted(rated_currencies())))
    tables.open_into(engine, report.tables)
    engine.add_arrow("accounts", _accounts_table())
    engine.add_arrow("fx_days", rates_by_day())
    add_currencies(engine, currency)
    text = resources.files("entrepot.reports").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return engine.read(parse(text, source=f"reports/{name}.sql", strict_output=True))


def add_currencies(engine: Engine, currency: str) -> None:
    """The relations `reporting` and `currency_scales`, which translating queries join."""
    engine.add_arrow("reporting", pa.table({"reporting_currency": pa.array([currency], pa.string())}))
    engine.add_arrow("currency_scales", _scales(currency))


def _accounts_table() -> pa.Table:
    chart = accounts()
    return pa.table(
        {
            "account": pa.array([each.account for each in chart], pa.string()),
            "kind": pa.array([each.kind for each in chart], pa.string()),
            "pnl_line": pa.array([each.pnl_line or None for each in chart], pa.string()),
        }
    )


def _scales(to_currency: str) -> pa.Table:
    """For each currency with a rate: the two powers of ten between its minor unit and the reporting currency's."""
    currencies = sorted(rated_currencies() | {to_currency})
    ahead = [max(minor_digits(to_currency) - minor_digits(currency), 0) for currency in currencies]
    behind = [max(minor_digits(currency) - minor_digits(to_currency), 0) for currency in currencies]
    return pa.table(
        {
            "from_currency": pa.array(currencies, pa.string()),
            "to_currency": pa.array([to_currency] * len(currencies), pa.string()),
            "to_scale": pa.array([10**each for each in ahead], pa.int64()),
            "from_scale": pa.array([10**each for each in behind], pa.int64()),
        }
    )
