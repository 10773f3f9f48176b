"""What people book themselves: opening balances, adjustments, the names of accounts in their own chart."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, integer, local, minor, pseudonym, text

_BUSINESS = ResidencyClass.BUSINESS

JOURNAL_LINES = Table(
    "journal_lines",
    Origin.OBSERVED,
    ("journal_line_id",),
    (
        local("journal_line_id", "Journal and number of its line.", required=True),
        text("channel", "Always `own`: people wrote the list.", required=True),
        text("month", "Month of the accounting date, `YYYY-MM`.", required=True),
        local("journal_id", "Number of the journal, as its author wrote it.", required=True),
        integer("line_no", "From 1, in the order of the file.", required=True),
        text("kind", "opening: the balance an account begins with; adjustment: a balanced correction.", required=True),
        text("entity_id", "Whose books.", _BUSINESS, required=True),
        day("accounting_date", "Day it counts; of an opening balance the cut-over date.", required=True),
        text("account", "Account of the shipped chart.", _BUSINESS, required=True),
        text("currency", "ISO 4217 code.", _BUSINESS, required=True),
        minor("amount_minor", "Debit positive, credit negative.", required=True),
        text("shop_channel", "Platform it concerns.", _BUSINESS),
        text("shop", "Shop it concerns.", _BUSINESS),
        text("sku_id", "SKU it concerns.", _BUSINESS),
        text("wallet_id", "Wallet whose balance it is.", _BUSINESS),
        pseudonym("order_key", "Order it concerns."),
        local("reason", "Why."),
        local("prepared_by", "Who wrote it."),
        local("approved_by", "Who else approved it."),
    ),
    "Lines of journals that people wrote: opening balances and adjustments.",
    ("channel", "month"),
)

CHART_ACCOUNTS = Table(
    "chart_accounts",
    Origin.OBSERVED,
    ("account",),
    (
        text("account", "Account of the shipped chart.", _BUSINESS, required=True),
        text("channel", "Always `own`.", required=True),
        text("own_code", "Number of the account in the company's own chart.", _BUSINESS, required=True),
        text("own_name", "Its name there.", _BUSINESS),
    ),
    "What the company's own chart of accounts calls each account.",
    ("channel",),
)

FISCAL_PERIODS = Table(
    "fiscal_periods",
    Origin.REFERENCE,
    ("fiscal_period",),
    (
        text("fiscal_period", "Year and number of the period: `FY2026-P03`.", required=True),
        text("fiscal_year", "`FY2026`.", required=True),
        integer("quarter", "1 to 4.", required=True),
        integer("period_no", "1 to 12.", required=True),
        integer("weeks", "Weeks in it; null where periods are calendar months."),
        day("starts_on", "First day.", required=True),
        day("ends_on", "Last day.", required=True),
    ),
    "The company's fiscal calendar, from `cell.toml`.",
)

JOURNAL_TABLES = (JOURNAL_LINES, CHART_ACCOUNTS, FISCAL_PERIODS)
