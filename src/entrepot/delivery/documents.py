"""What documents a target has to get, as queries: journals, invoices, credit notes and payments tie to the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from entrepot.delivery.erp import PRICE_DIGITS
from entrepot.delivery.errors import BooksMixed
from entrepot.delivery.goods import define_goods
from entrepot.delivery.journals import NO_OPPOSED, define_journal_lines
from entrepot.engine import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.delivery.journals import JournalAsked, JournalTotals
    from entrepot.delivery.mapping import AccountMapping
    from entrepot.engine import Engine, Query

_NO_INVOICES = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("document_id", "kind", "entity_id", "company", "book", "period", "reference")
        ),
        *((name, pa.string()) for name in ("currency", "functional_currency", "account", "role", "party", "product")),
        *((name, pa.string()) for name in ("line_text", "tax_code")),
        *((name, pa.int64()) for name in ("line_no", "functional_minor", "amount_minor", "quantity")),
        *((name, pa.int64()) for name in ("price_e6", "base_minor")),
        ("posted_on", pa.date32()),
    ]
)

_NO_PAYMENTS = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "entity_id", "company", "book", "period", "reference")),
        *((name, pa.string()) for name in ("currency", "functional_currency", "account", "party", "settles")),
        *((name, pa.int64()) for name in ("line_no", "functional_minor", "amount_minor")),
        ("posted_on", pa.date32()),
    ]
)

_NO_ORDERS = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "entity_id", "company", "book", "period", "reference")),
        *((name, pa.string()) for name in ("currency", "functional_currency", "party", "product")),
        *((name, pa.int64()) for name in ("line_no", "quantity", "price_e6", "base_minor")),
        ("posted_on", pa.date32()),
    ]
)


@dataclass(frozen=True)
class PlanAsked:
    """What a target takes.

    Attributes:
        target: Its name.
        journals: Period and grouping, and which kinds are no journals.
        book: The book it takes; '' where the ledger has one only.
        names_orders: Whether texts may say which order or shop a document is about.
        reposts: Whether what changed after sending is reversed and sent anew; else a person is asked.
        corrects: Whether a journal that changed after sending is corrected by a further one instead.
        plan_id: Name of this plan.
        price_digits: Digits behind the point that the ERP's prices have.
        names_products: Whether lines of invoices say what was sold, by SKU.
        names_skus: Whether products are called by their names.
        masters: Which companies a party or product is for: `shared` by all, `own` for each, '' where none is sent.
        channel_names: What a channel is called, by code.
        name_length_max: Characters that the name of a party or product may have.
        sends_products: Whether products are sent where parties are.
        sales_orders: Whether what buyers ordered goes as sales orders, one for each.
        movements: What one goods issue or goods receipt holds, `day` or `order`; '' where no goods are sent.
    """

    target: str
    journals: JournalAsked
    book: str
    names_orders: bool
    reposts: bool
    plan_id: str
    corrects: bool = False
    price_digits: int = PRICE_DIGITS
    names_products: bool = False
    names_skus: bool = False
    masters: Literal["", "shared", "own"] = ""
    channel_names: Mapping[str, str] = field(default_factory=dict)
    name_length_max: int = 200
    sends_products: bool = True
    sales_orders: bool = False
    movements: str = ""


def define_documents(
    engine: Engine, asked: PlanAsked, mapping: AccountMapping
) -> tuple[JournalTotals, tuple[tuple[str, str, int], ...]]:
    """Define `planned_lines` and `planned_documents`, checked against the ledger.

    Orders whose document would have a line of both sides stay in journals, and all is made once more without them.

    Returns:
        The journals' totals; and kind and currency of what stays in journals because of its sides, of how many orders.

    Raises:
        BooksMixed: The period has two books and the target names none.
        EntrepotError: As `define_journal_lines` says.
    """
    opposed = NO_OPPOSED
    while True:
        totals = define_journal_lines(engine, asked.journals, mapping, holds_companies=True, opposed=opposed)
        books = engine.read(parse("select distinct book from exported_lines", source="books"))["book"].to_pylist()
        if not asked.book and len(books) > 1:
            raise BooksMixed(asked.target, tuple(sorted(books)))
        _define(engine, asked)
        more = engine.read(_query("opposed_orders")) if asked.journals.documents else NO_OPPOSED
        if not more.num_rows:
            break
        opposed = pa.concat_tables([opposed, more.cast(opposed.schema)])
        once = opposed.group_by(opposed.column_names).aggregate([])
        assert once.num_rows == opposed.num_rows, "an order that stays in journals is in no document"
    counted = opposed.group_by(["kind", "currency"]).aggregate([([], "count_all")]).to_pylist()
    return totals, tuple(sorted((row["kind"], row["currency"], row["count_all"]) for row in counted))


def _define(engine: Engine, asked: PlanAsked) -> None:
    """Define what documents there are, once."""
    target = {
        "book": [asked.book],
        "names_orders": [asked.names_orders],
        "names_products": [asked.names_products],
        "names_skus": [asked.names_skus],
        "sends_masters": [bool(asked.masters)],
        "sends_products": [bool(asked.masters) and asked.sends_products],
        "shares_masters": [asked.masters == "shared"],
        "name_length": pa.array([asked.name_length_max], pa.int64()),
        "today": pa.array([datetime.now(UTC).date()], pa.date32()),
    }
    engine.add_arrow("target_book", pa.table(target))
    names = asked.channel_names
    columns = {"code": pa.array(list(names), pa.string()), "name": pa.array(list(names.values()), pa.string())}
    engine.add_arrow("channel_names", pa.table(columns))
    currencies = engine.read("currency_digits").to_pylist()
    # A price has as many digits as the ERP takes, and never fewer than the currency.
    units = [10 ** max(asked.price_digits - row["digits"], 0) for row in currencies]
    steps = {
        "currency": pa.array([row["currency"] for row in currencies], pa.string()),
        "of_minor": pa.array([10 ** (PRICE_DIGITS - row["digits"]) for row in currencies], pa.int64()),
        "units": pa.array(units, pa.int64()),
    }
    engine.add_arrow("price_steps", pa.table(steps))
    if asked.journals.documents:
        engine.define("document_parts", _query("document_parts"), materialise=True)
        engine.define("invoice_lines", _query("invoice_lines"), materialise=True)
    else:
        engine.add_arrow("invoice_lines", _NO_INVOICES.empty_table())
    if asked.journals.documents or ((asked.sales_orders or asked.movements) and asked.masters):
        names_sql = "select sku_id as code, max(coalesce(name, name_en)) as name from skus group by sku_id"
        engine.define("sku_names", parse(names_sql, source="names of SKUs"))
    else:
        engine.add_arrow("sku_names", pa.table({name: pa.array([], pa.string()) for name in ("code", "name")}))
    if asked.journals.documents and asked.journals.payments:
        engine.define("payment_lines", _query("payment_lines"), materialise=True)
    else:
        engine.add_arrow("payment_lines", _NO_PAYMENTS.empty_table())
    if asked.sales_orders:
        engine.define("order_lines", _query("order_lines"), materialise=True)
    else:
        engine.add_arrow("order_lines", _NO_ORDERS.empty_table())
    define_goods(engine, asked.movements)
    engine.define("planned_lines", _query("planned_lines"), materialise=True)
    engine.define("planned_documents", _query("planned_documents"), materialise=True)
    booked = "select company, account, currency, amount_minor, functional_minor from planned_lines"
    engine.define("ledger_postings", _query("ledger_postings"))
    engine.define("planned_postings", parse(booked, source="what documents book"))
    assert not engine.read(_query("planned_tied")).num_rows, (
        "invoices, credit notes, payments and journals are the ledger"
    )
    unbalanced = (
        "select document_id from planned_lines group by document_id "
        "having sum_exact(amount_minor) <> 0 or sum_exact(functional_minor) <> 0"
    )
    assert not engine.read(parse(unbalanced, source="documents")).num_rows, "every document balances in both currencies"


def _query(name: str) -> Query:
    text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"delivery/sql/{name}.sql", strict_output=True)
