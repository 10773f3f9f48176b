"""Journals of a period: ledger entries grouped, mapped to an ERP's accounts, checked against the ledger, printed.

Everything is a query; what comes out is a table with the columns of a layout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.delivery.contract import GROUPINGS
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE
from entrepot.delivery.errors import AccountsUnmapped, EntityNeeded, PeriodUnknown, RateMissing
from entrepot.engine import parse
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from entrepot.delivery.contract import Layout
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

TABLES_NEEDED = ("ledger_entries", "settlement_lines")

CUSTOMER_CLEARING = "customer_clearing"
"""What invoices charge the customers and the journals beside them pay: an account of mappings, never of the ledger."""

DOCUMENT_RULES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    INVOICE: ("recognised", {"revenue_goods": "item", "revenue_shipping": "item", "output_vat": "tax"}),
    CREDIT_NOTE: ("refunded", {"revenue_reduction": "item", "output_vat": "tax"}),
}
"""What documents stand for: by kind, the posting rule of the entries, and their accounts with what a line becomes.

The rest of the same entries stays in the journals, against `CUSTOMER_CLEARING`; or the whole entry leaves them, and
that rest is a payment.
"""

_RULES = ("kind", "per", "posting_rule", "account", "role", "charged_account", "payment_per", "turned")


@dataclass(frozen=True, slots=True)
class JournalAsked:
    """What is exported.

    Attributes:
        period: Accounting month, `YYYY-MM`, or a period of the fiscal calendar.
        per: One of `GROUPINGS`.
        entity: Only this company; empty for all.
        order_days: Days of the period whose documents hold one order each, whatever `per` says.
        documents: Kinds of `DOCUMENT_RULES` that are no journals here, and what one of them holds.
        payments: What one payment of such documents holds; empty where journals pay.
        turns_lines: Whether an invoice may have a line below zero, and a credit note one above; else an order that has
            one stays in the journals.
        takes_foreign: Whether such documents take sales in another currency than the company's too.
        is_fiscal: Whether `period` is one of the fiscal calendar.
    """

    period: str
    per: str
    entity: str = ""
    order_days: tuple[date, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    payments: str = ""
    turns_lines: bool = True
    takes_foreign: bool = False
    is_fiscal: bool = False

    def __post_init__(self) -> None:
        """Hold the promise that callers offer the groupings there are."""
        asked = {self.per, *self.documents.values()} | ({self.payments} if self.payments else set())
        assert asked <= set(GROUPINGS), "a document holds a day, an order or a settlement"


@dataclass(frozen=True, slots=True)
class JournalTotals:
    """What the journals add up to; with payments the same as the ledger's entries of the period.

    Attributes:
        journals: How many.
        lines: Lines of all journals.
        by_currency: entity_id, currency, debit_minor, credit_minor; in that order, of journals and payments.
    """

    journals: int
    lines: int
    by_currency: tuple[tuple[str, str, int, int], ...]


NO_OPPOSED = pa.table(
    {name: pa.array([], pa.string()) for name in ("entity_id", "book", "currency", "kind", "sold_as")}
)
"""No order stays in journals because of both sides."""


def build_journals(
    engine: Engine, asked: JournalAsked, layout: Layout, mapping: AccountMapping
) -> tuple[pa.Table, JournalTotals]:
    """The rows of a layout's file.

    Args:
        engine: Any engine that has `TABLES_NEEDED`.
        asked: Period, grouping, company.
        layout: Columns of the file.
        mapping: Our accounts to the ERP's.
    Returns:
        The file's columns in order, as text, lines in order; and their totals.

    Raises:
        PeriodUnknown: The period has no entries.
        EntityNeeded: The file holds one company and the period has several, or the company has no entries.
        RateMissing: Entries have no amount in the company's currency.
        AccountsUnmapped: The mapping leaves out an account or tax code of the period.
    """
    totals = define_journal_lines(engine, asked, mapping, holds_companies=layout.has_entity)
    engine.define("printed_lines", _query("printed_lines"), materialise=True)
    text = parse(layout.sql, source=f"delivery/{layout.name}/layout.sql", strict_output=True)
    engine.define("laid_out", text, materialise=True)
    columns = ", ".join(f'cast("{name}" as varchar) as "{name}"' for name in text.output_names() if name != _ORDER)
    file = engine.read(parse(f"select {columns} from laid_out order by {_ORDER}", source="rows of the file"))
    assert file.num_rows == totals.lines, "every journal line has its line in the file"
    return file, totals


def define_journal_lines(
    engine: Engine,
    asked: JournalAsked,
    mapping: AccountMapping,
    *,
    holds_companies: bool,
    opposed: pa.Table = NO_OPPOSED,
) -> JournalTotals:
    """Define `exported_lines`, the mapped lines of the journals of a period, checked against the ledger.

    Args:
        engine: Any engine that has `TABLES_NEEDED`.
        asked: Period, grouping, company.
        mapping: Our accounts to the ERP's.
        holds_companies: Whether what is made of it may hold several companies.
        opposed: Orders that stay in journals since their documents would be of both sides (`opposed_orders.sql`).

    Raises:
        EntrepotError: As `build_journals` says.
    """
    _check_asked(engine, asked, holds_companies=holds_companies)
    define_asked(engine, asked, mapping)
    _add_currencies(engine)
    turned = "line" if asked.turns_lines else "journal"
    rows = [
        (kind, per, DOCUMENT_RULES[kind][0], account, role, CUSTOMER_CLEARING, asked.payments or None, turned)
        for kind, per in asked.documents.items()
        for account, role in DOCUMENT_RULES[kind][1].items()
    ]
    rules = {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(_RULES)}
    takes_foreign = pa.array([asked.takes_foreign] * len(rows), pa.bool_())
    engine.add_arrow("document_rules", pa.table(rules).append_column("takes_foreign", takes_foreign))
    engine.add_arrow("opposed_orders", opposed)
    engine.define("journal_entries", _query("journal_entries"), materialise=True)
    unmapped = sorted(engine.read(_query("unmapped"))["name"].to_pylist())
    if unmapped:
        raise AccountsUnmapped(tuple(unmapped))
    engine.define("exported_lines", _query("exported_lines"), materialise=True)
    return _checked_totals(engine)


def define_asked(engine: Engine, asked: JournalAsked, mapping: AccountMapping) -> None:
    """Define `asked`, `order_days`, `account_map` and `value_map`."""
    entity = pa.array([asked.entity], pa.string())
    row = {"period": [asked.period], "per": [asked.per], "entity_id": entity, "is_fiscal": [asked.is_fiscal]}
    engine.add_arrow("asked", pa.table(row))
    engine.add_arrow("order_days", pa.table({"day": pa.array(sorted(set(asked.order_days)), pa.date32())}))
    engine.add_arrow("account_map", mapping.accounts)
    engine.add_arrow("value_map", mapping.values)


_ORDER = "file_line_no"
"""Column of every layout that only orders the lines and is not written."""


def _check_asked(engine: Engine, asked: JournalAsked, *, holds_companies: bool) -> None:
    period = "fiscal_period" if asked.is_fiscal else "period"
    found = engine.read(
        parse(
            f"select {period} as period, entity_id, max(case when fx_rate_id = 'missing' then currency end) as unrated "
            f"from ledger_entries where {period} is not null group by {period}, entity_id",
            source="periods of the ledger",
        )
    ).to_pylist()
    here = [row for row in found if row["period"] == asked.period]
    if not here:
        raise PeriodUnknown(asked.period, tuple(sorted({row["period"] for row in found})))
    entities = tuple(sorted(row["entity_id"] for row in here))
    if (asked.entity and asked.entity not in entities) or (
        not asked.entity and not holds_companies and len(entities) > 1
    ):
        raise EntityNeeded(asked.entity, entities)
    unrated = {row["unrated"] for row in here if row["unrated"] and asked.entity in ("", row["entity_id"])}
    if unrated:
        raise RateMissing(tuple(sorted(unrated)))


def _add_currencies(engine: Engine) -> None:
    found = engine.read(
        parse(
            "select distinct currency from ledger_entries union select distinct functional_currency as currency "
            "from ledger_entries",
            source="currencies of the ledger",
        )
    )
    currencies = sorted(found["currency"].to_pylist())
    digits = {currency: minor_digits(currency) for currency in currencies}
    engine.add_arrow(
        "currency_digits",
        pa.table(
            {
                "currency": pa.array(currencies, pa.string()),
                "digits": pa.array([digits[each] for each in currencies], pa.int64()),
                "scale": pa.array([10 ** digits[each] for each in currencies], pa.int64()),
            }
        ),
    )
    pairs = [(one, other) for one in currencies for other in currencies]
    engine.add_arrow(
        "currency_pairs",
        pa.table(
            {
                "from_currency": pa.array([one for one, _ in pairs], pa.string()),
                "to_currency": pa.array([other for _, other in pairs], pa.string()),
                # A rate is between whole units: what the minor units differ by is multiplied in.
                "to_scale": pa.array([10 ** max(digits[one] - digits[other], 0) for one, other in pairs], pa.int64()),
                "from_scale": pa.array([10 ** max(digits[other] - digits[one], 0) for one, other in pairs], pa.int64()),
            }
        ),
    )


def _checked_totals(engine: Engine) -> JournalTotals:
    totals = engine.read(_query("totals")).to_pylist()
    for row in totals:
        for side in ("debit_minor", "credit_minor", "functional_minor"):
            assert row[side] == row[f"booked_{side}"], "the journals add up to the ledger, account by account"
    assert engine.read(_query("unbalanced")).num_rows == 0, "every journal balances"
    counts = engine.read(
        parse(
            "select count(distinct journal_key) as journals, count(*) as lines from exported_lines",
            source="size of the export",
        )
    ).to_pylist()[0]
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in totals:
        debit, credit = sums.get((row["entity_id"], row["currency"]), (0, 0))
        sums[row["entity_id"], row["currency"]] = (debit + row["all_debit_minor"], credit + row["all_credit_minor"])
    by_currency = tuple((entity, currency, *sums[entity, currency]) for entity, currency in sorted(sums))
    return JournalTotals(counts["journals"], counts["lines"], by_currency)


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
