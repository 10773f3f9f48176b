"""Everything that follows from the observed tables, in order: pieces, refunds, entries, exceptions.

The whole is derived anew on every import: entries are a function of the tables while their period is open. Each step
is one SQL file; the order below is the order of dependence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.engine import parse
from entrepot.ledger.calendar import zone_days
from entrepot.ledger.charts import accounts, read_data
from entrepot.ledger.closing import Decision, apply_decision, define_open_entries
from entrepot.ledger.fiscal import fiscal_days, fiscal_periods
from entrepot.ledger.rates import add_rates, currency_scales, rate_rows, shipped_by_day
from entrepot.model import TABLES, Origin
from entrepot.store import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from entrepot.engine import Engine
    from entrepot.store import CellSettings, TableStore

RULES: tuple[str, ...] = (
    "paid",  # first the liability to the buyer
    "deposit",  # which for presale began with a deposit
    "recognised",  # then revenue discharges it
    "cost",  # with its cost
    "refunded",  # refunds take revenue back
    "settled",  # money moves
    "banked",  # and arrives at the bank
    "invoiced",  # the VAT of fees can be claimed
    "advertised",  # and is spent on advertising
    "billed",  # and on what others do for the order
    "journal",  # people book what no file says
)
"""Posting rules. Order does not change any figure; it is the order in which an order lives."""

_MONEY = ("order_money", "settled")
_OBSERVED = tuple(name for name, table in TABLES.items() if table.origin is Origin.OBSERVED)
_FIGURES = (
    "order_positions",
    "refunds",
    "matched_lines",
    "pieces",
    "refund_pieces",
    "order_pieces",
    "invoice_book",
    "invoice_groups",
    "invoice_fees",
    "fees",
    "invoice_matches",
    "journals",
    "payouts",
    "bank_sides",
    "bank_pairs",
    "bank_exact",
    "bank_grouped",
    "bank_spread",
    "bank_matches",
    "bills",
)
_WRITTEN = (
    "order_positions",
    "refunds",
    "order_pieces",
    "fees",
    "payouts",
    "bank_matches",
    "invoice_matches",
    "ledger_entries",
    "quarantine",
    "exceptions",
)
_STEPS = len(_MONEY) + len(_FIGURES) + 5
_POLICY_VALUES = (
    "settlement_days_max",
    "fx_stale_days",
    "fx_difference_bp",
    "bank_days_max",
    "bank_near_bp",
    "bank_fx_bp",
    "reserve_days_max",
    "invoice_days_max",
    "invoice_near_days",
)
"""Policies that SQL reads as numbers, each with one value for everything."""


@dataclass(frozen=True, slots=True)
class ShopDefaults:
    """What holds for a shop that `cell.toml` does not name.

    Attributes:
        channel: Platform it is a shop of; for files of a payment provider, the platform that provider serves.
        sale_model: How it sells.
        recognition: confirmed, shipped, settled.
        business_zone: Zone of its business days.
    """

    channel: str
    sale_model: str
    recognition: str
    business_zone: str


@dataclass(frozen=True, slots=True)
class Undoing:
    """What takes back published entries.

    Attributes:
        undo_id: Its number; part of the ids of what is kept.
        undone_on: Its day.
    """

    undo_id: str
    undone_on: date


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A total that a file states about itself, in minor units or rows."""

    raw_id: str
    file_name: str
    channel: str
    name: str
    stated: int
    found: int
    currency: str | None


def derive(
    engine: Engine,
    tables: TableStore,
    settings: CellSettings,
    defaults: Mapping[str, ShopDefaults],
    files: pa.Table,
    totals: Sequence[StatedTotal],
    tell: Callable[[int, int], None],
    *,
    undoing: Undoing | None = None,
    decision: Decision | None = None,
) -> int:
    """Derive and write every derived and reference table.

    Args:
        engine: An engine without relations.
        tables: The cell's tables, observed ones written.
        settings: Entities, shops, wallets.
        defaults: By platform, for shops that settings do not name.
        files: The relation `raw_files`.
        totals: What files state about themselves.
        tell: Called with steps done and steps in all.
        undoing: What is being undone: entries that it takes away are kept and reversed.
        decision: A period that is being closed or reopened.
    Returns:
        Number of exceptions.
    """
    tables.open_into(engine, [*_OBSERVED, "raw_rows"])
    engine.add_arrow("raw_files", files)
    tables.replace(engine, "raw_files", "raw_files")
    _references(engine, tables, settings, defaults)
    for number, name in enumerate(_MONEY):
        tell(number, _STEPS)
        _define(engine, "derived", name)
    for number, name in enumerate(_FIGURES):
        tell(2 + number, _STEPS)
        _define(engine, "derived", name)
    tell(_STEPS - 5, _STEPS)
    _post(engine)
    tell(_STEPS - 4, _STEPS)
    _keep(engine, tables, undoing)
    if decision is not None:
        apply_decision(engine, tables, decision)
        define_open_entries(engine, tables, RULES)
    _define(engine, "derived", "ledger_entries")
    _define(engine, "derived", "quarantine")
    engine.add_arrow("stated_totals", _totals_table(totals))
    _define(engine, "derived", "exceptions")
    tell(_STEPS - 2, _STEPS)
    for name in _WRITTEN:
        tables.replace(engine, name, name)
    tell(_STEPS, _STEPS)
    return int(engine.read("exceptions").num_rows)


def sql_file(folder: str, name: str) -> str:
    """Text of a SQL file of the ledger."""
    return resources.files("entrepot.ledger").joinpath(folder, f"{name}.sql").read_text(encoding="utf-8")


def _define(engine: Engine, folder: str, name: str) -> None:
    query = parse(sql_file(folder, name), source=f"ledger/{folder}/{name}.sql", strict_output=name in TABLES)
    engine.define(name, query, materialise=True)


def _post(engine: Engine) -> None:
    """Run every rule; relation `postings` with the rule's name and the digest of its text."""
    selects = []
    for rule in RULES:
        text = sql_file("rules", rule)
        engine.define(f"rule_{rule}", parse(text, source=f"ledger/rules/{rule}.sql", strict_output=True))
        version = hashlib.sha256(text.encode()).hexdigest()[:12]
        columns = ", ".join(f'"{name}"' for name in engine.columns(f"rule_{rule}"))
        selects.append(f"select '{rule}' as posting_rule, '{version}' as rule_version, {columns} from rule_{rule}")
    engine.define("postings", parse("\nunion all\n".join(selects), source="postings"), materialise=True)
    _define(engine, "derived", "booked")
    _define(engine, "derived", "entries")


def _keep(engine: Engine, tables: TableStore, undoing: Undoing | None) -> None:
    """The relation `kept_entries`: what was kept before, and what is being taken back now."""
    tables.open_into(engine, ["kept_entries"])
    define_open_entries(engine, tables, RULES)
    if undoing is None:
        return
    tables.open_into(engine, ["ledger_entries"], prefix="published_")
    columns = ", ".join(f'"{name}"' for name in schema_of(TABLES["ledger_entries"]).names)
    engine.define("entries_before", parse(f"select {columns} from published_ledger_entries", source="entries before"))
    engine.add_arrow(
        "undoing",
        pa.table(
            {
                "undo_id": pa.array([undoing.undo_id], pa.string()),
                "undone_on": pa.array([undoing.undone_on], pa.date32()),
            }
        ),
    )
    _define(engine, "derived", "taken_back")
    both = f"select {columns} from kept_entries union all select {columns} from taken_back"
    engine.define("kept_with_new", parse(both, source="kept entries"), materialise=True)
    tables.replace(engine, "kept_entries", "kept_with_new")
    tables.open_into(engine, ["kept_entries"])


def _references(
    engine: Engine, tables: TableStore, settings: CellSettings, defaults: Mapping[str, ShopDefaults]
) -> None:
    """Write and name the tables that come from settings and shipped data."""
    entities = [
        {
            "entity_id": entity.id,
            "country": entity.country,
            "functional_currency": entity.functional_currency,
            "tax_registrations": entity.tax_registrations or None,
        }
        for entity in settings.entities
    ]
    shops = _shops(engine, settings, defaults)
    engine.add_arrow("shop_aliases", _aliases(shops))
    served = {channel: how.channel for channel, how in defaults.items()}
    engine.add_arrow(
        "channels_served",
        pa.table(
            {"channel": pa.array(list(served), pa.string()), "serves": pa.array(list(served.values()), pa.string())}
        ),
    )
    wallets = [
        {
            "wallet_id": wallet.wallet,
            "entity_id": None,
            "shop": wallet.shop,
            "kind": "settled",
            "currency": wallet.currency,
        }
        for wallet in settings.wallets
    ]
    policies = read_data("policies.csv")
    for name, rows in (("legal_entities", entities), ("shops", shops), ("wallets", wallets)):
        engine.add_arrow(name, pa.Table.from_pylist(rows, schema=_plain(name)))
        tables.replace(engine, name, name)
    dated = pa.Table.from_pylist(policies, schema=pa.schema([(key, pa.string()) for key in policies[0]]))
    engine.add_arrow("policies", dated.cast(_plain("policies")))
    tables.replace(engine, "policies", "policies")
    engine.add_arrow("shipped_days", _shipped_of_listed(engine))
    _define(engine, "derived", "listed_per_euro")
    listed = engine.read("listed_per_euro")
    engine.add_arrow("fx_rates", pa.concat_tables([rate_rows(), listed.select(rate_rows().column_names)]))
    add_rates(engine, listed)
    engine.add_arrow("currency_scales", currency_scales())
    tables.replace_if_other(engine, "fx_rates", "fx_rates")
    engine.add_arrow("accounts", _accounts_table())
    engine.add_arrow("payment_providers", _shipped_list("payment_providers.csv"))
    engine.add_arrow("shipped_issuers", _shipped_list("invoice_issuers.csv"))
    engine.add_arrow("fiscal_periods", fiscal_periods(settings.calendar))
    engine.add_arrow("fiscal_days", fiscal_days(settings.calendar))
    tables.replace_if_other(engine, "fiscal_periods", "fiscal_periods")
    engine.add_arrow("zone_days", zone_days(tuple(shop["business_zone"] or "UTC" for shop in shops)))
    _policy_relations(engine, policies)


def _shipped_of_listed(engine: Engine) -> pa.Table:
    """Shipped rates of the currencies that imported lists name: few or none, of a third of a million rows."""
    sides = (f"select {side} as currency from listed_rates" for side in ("quote_currency", "base_currency"))
    named = " union ".join(sides)
    currencies = engine.read(parse(named, source="currencies of lists"))["currency"].combine_chunks()
    shipped = shipped_by_day()
    return shipped.filter(pc.is_in(shipped["currency"], value_set=currencies))


def _shipped_list(name: str) -> pa.Table:
    """A shipped list as text columns; an empty cell is null."""
    rows = read_data(name)
    return pa.table({column: pa.array([row[column] or None for row in rows], pa.string()) for column in rows[0]})


def _accounts_table() -> pa.Table:
    return pa.table({"account": pa.array([each.account for each in accounts()], pa.string())})


def _plain(name: str) -> pa.Schema:
    return pa.schema([pa.field(field.name, field.type) for field in schema_of(TABLES[name]).arrow()])


def _policy_relations(engine: Engine, policies: list[dict[str, str]]) -> None:
    rates = [(row["scope"], int(row["value"])) for row in policies if row["policy"] == "vat_rate_bp"]
    engine.add_arrow(
        "vat_policy",
        pa.table(
            {
                "sale_model": pa.array([scope for scope, _ in rates], pa.string()),
                "rate_bp": pa.array([rate for _, rate in rates], pa.int64()),
            }
        ),
    )
    values = {row["policy"]: int(row["value"]) for row in policies if row["policy"] in _POLICY_VALUES}
    engine.add_arrow("policy_values", pa.table({name: pa.array([values[name]], pa.int64()) for name in _POLICY_VALUES}))


def _shops(engine: Engine, settings: CellSettings, defaults: Mapping[str, ShopDefaults]) -> list[dict[str, str | None]]:
    """Shops of the settings, and shops that only files name: those belong to the first entity."""
    rows = []
    for shop in settings.shops:
        default = defaults.get(shop.channel, _OWN)
        rows.append(
            _shop(
                shop.shop,
                shop.channel,
                shop.entity,
                "yes",
                ShopDefaults(
                    shop.channel,
                    shop.sale_model or default.sale_model,
                    shop.recognition or default.recognition,
                    shop.zone or default.business_zone,
                ),
            )
        )
    known = {(shop.channel, shop.shop) for shop in settings.shops}
    found = engine.read(
        parse(
            "select distinct coalesce(shop, channel) as shop, channel, 1 as rank from orders "
            "union select distinct coalesce(shop, channel) as shop, channel, 2 as rank from ad_spend "
            "union select distinct coalesce(shop, channel) as shop, channel, 3 as rank from settlement_lines",
            source="shops in files",
        )
    )
    for row in sorted(found.to_pylist(), key=lambda each: (each["rank"], each["shop"], each["channel"])):
        default = defaults.get(row["channel"], replace(_OWN, channel=row["channel"]))
        if (default.channel, row["shop"]) not in known:
            known.add((default.channel, row["shop"]))
            rows.append(_shop(row["shop"], default.channel, settings.entities[0].id, "no", default))
    return rows


def _aliases(shops: list[dict[str, str | None]]) -> pa.Table:
    """Statements that name no shop were assigned to their platform's name; with one shop there, it is that shop's."""
    by_channel: dict[str, list[str]] = {}
    for row in shops:
        if row["shop"] != row["channel"]:
            by_channel.setdefault(str(row["channel"]), []).append(str(row["shop"]))
    single = {channel: names[0] for channel, names in by_channel.items() if len(names) == 1}
    return pa.table(
        {
            "channel": pa.array(list(single), pa.string()),
            "assigned": pa.array(list(single), pa.string()),
            "shop": pa.array(list(single.values()), pa.string()),
        }
    )


_OWN = ShopDefaults("own_shop", "own_shop", "shipped", "UTC")


def _shop(shop: str, channel: str, entity: str, declared: str, how: ShopDefaults) -> dict[str, str | None]:
    return {
        "shop": shop,
        "channel": channel,
        "entity_id": entity,
        "sale_model": how.sale_model,
        "business_zone": how.business_zone,
        "recognition": how.recognition,
        "is_declared": declared,
        "valid_from": None,
        "valid_to": None,
    }


def _totals_table(totals: Sequence[StatedTotal]) -> pa.Table:
    return pa.table(
        {
            "raw_id": pa.array([total.raw_id for total in totals], pa.string()),
            "file_name": pa.array([total.file_name for total in totals], pa.string()),
            "channel": pa.array([total.channel for total in totals], pa.string()),
            "name": pa.array([total.name for total in totals], pa.string()),
            "stated": pa.array([total.stated for total in totals], pa.int64()),
            "found": pa.array([total.found for total in totals], pa.int64()),
            "currency": pa.array([total.currency for total in totals], pa.string()),
        }
    )
