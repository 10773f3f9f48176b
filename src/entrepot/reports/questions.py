"""The reports there are: one SQL file each, over the cell's tables, run on an engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.ledger import accounts
from entrepot.ledger.calendar import zone_days
from entrepot.ledger.rates import SHIPPED, add_rates, currency_scales, rated_currencies, second_source
from entrepot.reports.errors import CurrencyUnknown
from entrepot.reports.figures import PLACE, Figures, Rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from entrepot.engine import Engine, Query
    from entrepot.store import TableStore


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """One report.

    Attributes:
        name: Its SQL file in `sql/`.
        tables: Tables it reads.
        title: What people call it, by language.
        figures: Its figures; None for the P&L, whose figures have ids of their own (`explain.ids`).
    """

    name: str
    tables: tuple[str, ...]
    title: Mapping[str, str]
    figures: Figures | None = None


_ORDER = "'order/' || order_key"
_POSTING = "'entry/' || entry_id || '/line-' || cast(line_no as varchar)"

REPORTS: tuple[ReportQuestion, ...] = (
    ReportQuestion("pnl", ("ledger_entries", "order_pieces"), {"en": "Profit and loss", "zh": "损益表"}),
    ReportQuestion(
        "gmv_bridge",
        ("order_positions",),
        {"en": "From GMV to net revenue", "zh": "GMV 到净收入"},
        Figures(
            (PLACE, "currency"),
            (
                "orders",
                "placed_minor",
                "unpaid_minor",
                "third_party_minor",
                "paid_minor",
                "closed_before_recognition_minor",
                "not_shipped_minor",
                "shipped_minor",
                "not_recognised_minor",
                "recognised_minor",
                "refunds_minor",
                "net_minor",
            ),
            _ORDER,
        ),
    ),
    ReportQuestion(
        "settlement_status",
        ("order_positions",),
        {"en": "Settlement status", "zh": "结算状态"},
        Figures(
            (PLACE, "currency", "settlement_state"),
            ("orders", "expected_minor", "income_minor", "difference_minor"),
            _ORDER,
        ),
    ),
    ReportQuestion(
        "exceptions_summary",
        ("exceptions",),
        {"en": "Exceptions", "zh": "待处理事项"},
        Figures(("kind", PLACE, "currency"), ("items", "at_stake_minor"), "'exception/' || exception_id"),
    ),
    ReportQuestion(
        "fx_sources",
        ("ledger_entries",),
        {"en": "Exchange rates cross-checked", "zh": "汇率来源核对"},
        Figures(
            ("currency", "month"),
            ("days", "per_euro_e6", "usd_per_euro_e6", "per_usd_e6", "second_per_usd_e6", "difference_bp"),
            rates={
                "per_euro_e6": Rate(denominator=("days",)),
                "usd_per_euro_e6": Rate(),
                "per_usd_e6": Rate(1_000_000, ("per_euro_e6",), ("usd_per_euro_e6",)),
                "difference_bp": Rate(10_000, ("per_usd_e6", "-second_per_usd_e6"), ("second_per_usd_e6",)),
            },
        ),
    ),
    ReportQuestion(
        "trial_balance",
        ("ledger_entries", "chart_accounts"),
        {"en": "Trial balance", "zh": "试算平衡表"},
        Figures(
            ("entity_id", "book", "account", "currency", "functional_currency"),
            ("debit_minor", "credit_minor", "balance_minor", "functional_minor"),
            _POSTING,
        ),
    ),
    ReportQuestion(
        "acquisition",
        ("orders", "order_positions", "shops", "persons", "ledger_entries"),
        {"en": "What new buyers cost", "zh": "获客成本"},
        Figures(
            ("channel", "month", "currency"),
            (
                "orders",
                "orders_without_person",
                "buyers",
                "new_buyers",
                "returning_buyers",
                "spend_minor",
                "spend_share_bp",
                "commission_minor",
                "cost_per_new_buyer_minor",
                "cost_with_commission_minor",
            ),
            rates={
                "spend_share_bp": Rate(10_000, ("spend_minor",)),
                "cost_per_new_buyer_minor": Rate(1, ("spend_minor",), ("new_buyers",)),
                "cost_with_commission_minor": Rate(1, ("spend_minor", "commission_minor"), ("new_buyers",)),
            },
            is_translated=True,
        ),
    ),
    ReportQuestion(
        "stock_turnover",
        ("stock_snapshots", "sku_costs", "ledger_entries", "shipments"),
        {"en": "Stock turnover", "zh": "库存周转"},
        Figures(
            ("scope", "channel", "location", "sku_id", "month", "currency"),
            (
                "snapshots",
                "stock_units_e2",
                "stock_minor",
                "cogs_minor",
                "turns_a_year_e2",
                "days_on_hand",
                "skus_left_out",
                "left_out_minor",
            ),
            rates={
                "turns_a_year_e2": Rate(36_500, ("cogs_minor",), ("stock_minor",), over="days"),
                "days_on_hand": Rate(1, ("stock_minor",), ("cogs_minor",), times="days"),
            },
            said=("days",),
        ),
    ),
    ReportQuestion(
        "on_offer",
        ("listings", "skus", "sku_costs", "listing_map", "stock_snapshots"),
        {"en": "Listings beside catalogue, cost and stock", "zh": "在售商品与商品档案、成本及库存核对"},
        Figures(
            ("problem", PLACE, "listing_id", "variant_id", "sku_id", "currency"),
            ("listed_units", "stock_units", "price_minor", "cost_minor"),
            "part",
        ),
    ),
    ReportQuestion(
        "platform_figures",
        ("stated_figures", "orders", "order_positions", "refunds", "shops"),
        {"en": "Our figures beside the platforms'", "zh": "与平台后台数据核对"},
        Figures((PLACE, "stated_for", "measure", "line_no", "currency"), ("amount_minor",)),
    ),
    ReportQuestion(
        "tax_bridge",
        (
            *("order_positions", "order_pieces", "refunds", "ledger_entries", "settlement_lines"),
            *("invoices", "legal_entities", "shops"),
        ),
        {"en": "From what platforms report to the tax authority to the ledger", "zh": "平台涉税报送与账簿核对"},
        Figures(("basis", "entity_id", PLACE, "quarter", "line_no", "currency"), ("amount_minor",)),
    ),
    ReportQuestion(
        "presale",
        ("orders", "order_positions"),
        {"en": "Presale deposits", "zh": "预售定金"},
        Figures(
            (PLACE, "currency"),
            (
                "orders",
                "deposits_minor",
                "balance_orders",
                "deposits_completed_minor",
                "balances_minor",
                "closed_orders",
                "forfeited_minor",
                "given_back_minor",
                "open_orders",
                "open_minor",
            ),
            _ORDER,
        ),
    ),
    ReportQuestion(
        "cut_off",
        ("orders", "order_positions", "shops"),
        {"en": "Cut-off by day", "zh": "截点日报"},
        Figures(
            (PLACE, "day", "side", "currency"),
            (
                "placed_orders",
                "placed_minor",
                "paid_orders",
                "paid_minor",
                "shipped_orders",
                "shipped_minor",
                "recognised_orders",
                "recognised_minor",
            ),
            _ORDER,
        ),
    ),
    ReportQuestion(
        "quality",
        (
            *("raw_files", "raw_rows", "findings", "orders", "order_lines", "order_positions", "settlement_lines"),
            *("settlements", "ad_spend", "stock_snapshots", "ledger_entries"),
        ),
        {"en": "Data quality by feed", "zh": "数据质量"},
        Figures(
            ("format", PLACE, "day", "dimension", "measure"),
            ("passed", "counted", "score"),
            "part",
            {"score": Rate(100, ("passed",), ("counted",), is_rounded_down=True)},
        ),
    ),
    ReportQuestion(
        "metrics",
        (
            *("orders", "order_positions", "order_pieces", "settlement_lines", "skus", "raw_files", "raw_rows"),
            *("exceptions", "closings", "ledger_entries"),
        ),
        {"en": "Metrics with targets", "zh": "运营指标"},
        Figures(
            ("metric", "channel", "month", "currency"),
            ("value",),
            rates={"value": Rate(10_000, is_rounded_down=True)},
            said=("target",),
        ),
    ),
    ReportQuestion(
        "ageing",
        ("ledger_entries", "order_positions", "bank_lines"),
        {"en": "What is still with the platforms", "zh": "平台资金账龄"},
        Figures((PLACE, "currency", "stage", "days"), ("items", "amount_minor")),
    ),
    ReportQuestion(
        "cash_forecast",
        ("ledger_entries", "orders", "order_positions", "settlement_lines", "payouts", "bank_matches", "shops"),
        {"en": "Cash forecast", "zh": "回款预测"},
        Figures(
            ("scenario", PLACE, "currency", "stage", "expected_on"),
            ("p50_minor", "p80_minor", "came_minor", "history"),
            said=("week_no",),
        ),
    ),
    ReportQuestion(
        "invoicing",
        ("ledger_entries", "order_positions", "fees", "invoice_matches"),
        {"en": "Invoices beside sales and fees", "zh": "发票与销售及费用核对"},
        Figures(
            ("entity_id", PLACE, "month", "currency"),
            (
                "sales_minor",
                "invoiced_minor",
                "uninvoiced_minor",
                "over_invoiced_minor",
                "invoices_without_sale_minor",
                "fees_minor",
                "fee_vat_invoiced_minor",
                "fee_vat_pending_minor",
            ),
            "part",
        ),
    ),
)
"""All reports. To add one: its SQL file, its page under docs/reference/reports, one line here, what it must say of the
sample world (`sandbox/answers`), the changelog.

The line says which columns are figures; a report that does more than group rows once also has `parts/<name>.sql`.
"""


def run_report(
    engine: Engine, tables: TableStore, name: str, reporting_currency: str = "CNY", at: datetime | None = None
) -> pa.Table:
    """The rows of a report.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        name: One of `REPORTS`.
        reporting_currency: For reports that translate.
        at: For reports that look at an instant; None is now.
    Returns:
        The columns that the report's SQL names; amounts in minor units.

    Raises:
        CurrencyUnknown: There is no rate for the reporting currency.
    """
    report = next(each for each in REPORTS if each.name == name)
    query = parse(report_text(name), source=f"reports/{name}.sql", strict_output=True)
    currency = known_currency(reporting_currency)
    prepare_report(engine, tables, report.tables, currency)
    add_asked(engine, query, at)
    return engine.read(query)


def known_currency(reporting_currency: str) -> str:
    """The currency's code, upper case.

    Raises:
        CurrencyUnknown: There is no rate for it.
    """
    currency = reporting_currency.upper()
    if currency not in rated_currencies():
        raise CurrencyUnknown(currency, tuple(sorted(rated_currencies())))
    return currency


def report_text(name: str) -> str:
    """The SQL of a report."""
    return resources.files("entrepot.reports").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def prepare_report(engine: Engine, tables: TableStore, names: Iterable[str], currency: str) -> None:
    """Name in an engine what reports read: tables, the chart, rates and the reporting currency."""
    tables.open_into(engine, sorted({*names, "fx_rates"}))
    engine.add_arrow("accounts", _accounts_table())
    add_rates(engine, _listed_rates(engine))
    engine.add_arrow("second_rates", second_source())
    add_currencies(engine, currency)


def add_asked(engine: Engine, query: Query, at: datetime | None) -> None:
    """Name what a query reads beside tables: `asked` holds the instant, `zone_days` the days of the shops' zones."""
    if "asked" in query.inputs():
        engine.add_arrow("asked", pa.table({"at_instant": pa.array([at], pa.timestamp("us", tz="UTC"))}))
    if "zone_days" in query.inputs():
        zones = engine.read(parse("select distinct business_zone from shops", source="zones"))["business_zone"]
        engine.add_arrow("zone_days", zone_days(tuple(zone for zone in zones.to_pylist() if zone)))


def _listed_rates(engine: Engine) -> pa.Table:
    """Rates that imported lists brought."""
    return engine.read(parse(f"select * from fx_rates where rate_source <> '{SHIPPED}'", source="listed rates"))


def add_currencies(engine: Engine, currency: str) -> None:
    """The relations `reporting` and `currency_scales`, which translating queries join."""
    engine.add_arrow("reporting", pa.table({"reporting_currency": pa.array([currency], pa.string())}))
    engine.add_arrow("currency_scales", currency_scales())


def _accounts_table() -> pa.Table:
    chart = accounts()
    return pa.table(
        {
            "account": pa.array([each.account for each in chart], pa.string()),
            "kind": pa.array([each.kind for each in chart], pa.string()),
            "pnl_line": pa.array([each.pnl_line or None for each in chart], pa.string()),
        }
    )
