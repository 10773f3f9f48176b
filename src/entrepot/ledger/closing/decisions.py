"""What a closing and a reopening do to the relations of a derivation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.ledger.charts import accounts, read_data
from entrepot.model import TABLES
from entrepot.store import schema_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine
    from entrepot.store import TableStore

CLOSING_RULES = (
    "accrued_fees",
    "returns_provided",
    "unbilled_ads",
    "carried_forward",
    "fx_realised",
    "fx_unrealised",
)
"""Rules that post on the last day of a period that is being closed."""

_BACKTESTS = 6


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period whose last decision closed it.

    Attributes:
        entity_id: The company that it was closed for; None: all that were open.
    """

    closing_id: str
    entity_id: str | None
    fiscal_period: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody closes a period or opens it again.

    Attributes:
        action: close or reopen.
        closing_id: Period and how often it was closed.
        number: Decisions in order, from 1.
        fiscal_period: The period.
        starts_on: Its first day.
        ends_on: Its last day.
        decided_on: Day of the decision.
        decided_by: Who decided.
        reason: Why, where one is needed.
        accepted: Checks that stood against it and were accepted.
        earlier_ends: Last days of the periods before it, for the back-test of the return provision.
        entity_id: The company that it is about; None for all.
        entities: The companies whose books close now; None for all.
    """

    action: str
    closing_id: str
    number: int
    fiscal_period: str
    starts_on: date
    ends_on: date
    decided_on: date
    decided_by: str
    reason: str = ""
    accepted: tuple[str, ...] = ()
    earlier_ends: tuple[date, ...] = ()
    entity_id: str | None = None
    entities: tuple[str, ...] | None = None


def closed_periods(rows: Sequence[dict[str, object]]) -> list[ClosedPeriod]:
    """The periods that are closed, in order, from the rows of `closings`; by company where it closed alone."""
    closed: dict[tuple[str, str | None], ClosedPeriod] = {}
    for row in sorted(rows, key=lambda each: int(str(each["number"]))):
        period, entity = str(row["fiscal_period"]), _entity_of(row)
        if row["action"] == "reopen":
            del closed[period, entity]
            continue
        starts_on, ends_on = row["starts_on"], row["ends_on"]
        assert isinstance(starts_on, date), "periods have a first day"
        assert isinstance(ends_on, date), "periods have a last day"
        closed[period, entity] = ClosedPeriod(str(row["closing_id"]), entity, period, starts_on, ends_on)
    return sorted(closed.values(), key=lambda each: each.ends_on)


def _entity_of(row: dict[str, object]) -> str | None:
    return None if row.get("entity_id") is None else str(row["entity_id"])


def books_open_from(rows: Sequence[dict[str, object]], entity_id: str) -> date | None:
    """The first day that is open for a company, from the rows of `closings`; None where it never closed.

    Days before a period that was reopened stay closed, also when no later closing stands.
    """
    mine = [row for row in rows if _entity_of(row) in (None, entity_id)]
    if not mine:
        return None
    closed = closed_periods(mine)
    if closed:
        return closed[-1].ends_on + timedelta(days=1)
    newest = max(mine, key=lambda each: int(str(each["number"])))
    starts_on = newest["starts_on"]
    assert isinstance(starts_on, date), "periods have a first day"
    return starts_on


def define_open_entries(engine: Engine, tables: TableStore, replayed_rules: Sequence[str]) -> None:
    """The relation `open_entries`: entries that follow from the tables, as far as their days are open.

    Args:
        engine: With the relations `entries`, `kept_entries` and `fiscal_days`.
        tables: The cell's tables.
        replayed_rules: Rules whose entries follow from the tables.
    """
    tables.open_into(engine, ["closings"])
    rows = engine.read("closings").to_pylist()
    if not rows:
        # Nothing is closed yet: the common case of a young cell, and no row is touched twice for it.
        engine.define("open_entries", parse(f"select {_columns()} from entries", source="open entries"))
        return
    companies = engine.read(parse("select entity_id from legal_entities", source="companies"))["entity_id"].to_pylist()
    opened = {each: books_open_from(rows, each) for each in companies}
    days = {each: day for each, day in opened.items() if day is not None}
    books = {
        "entity_id": pa.array(list(days), pa.string()),
        "open_from": pa.array(list(days.values()), pa.date32()),
    }
    engine.add_arrow("books_open", pa.table(books))
    rules = [*replayed_rules, "restatement"]
    engine.add_arrow("replayed_rules", pa.table({"posting_rule": pa.array(rules, pa.string())}))
    text = resources.files("entrepot.ledger").joinpath("derived", "open_entries.sql").read_text(encoding="utf-8")
    engine.define("open_entries", parse(text, source="ledger/derived/open_entries.sql"), materialise=True)


def apply_decision(engine: Engine, tables: TableStore, decision: Decision) -> None:
    """Post what a closing or a reopening posts; writes `kept_entries` and `closings` and names them anew.

    Args:
        engine: With every relation of a derivation up to `open_entries` and `kept_entries`.
        tables: The cell's tables, open for writing.
        decision: What was decided.
    """
    _closing_relations(engine, decision)
    if decision.action == "close":
        _month_end(engine)
        _define(engine, "closing_entries")
        _define(engine, "closed_book")
        _define(engine, "return_backtest")
        new = "closed_book"
    else:
        _define(engine, "reopened")
        new = "reopened"
    tables.replace(engine, "kept_entries", new)
    tables.replace(engine, "closings", _with_decision(engine, decision))
    tables.open_into(engine, ["kept_entries", "closings"])


def standing_checks(engine: Engine) -> list[dict[str, object]]:
    """What stands against the closing that is being applied: rows of `checks.sql`.

    Args:
        engine: After the exceptions were derived.
    """
    _define(engine, "checks")
    rows: list[dict[str, object]] = engine.read("checks").to_pylist()
    return sorted(rows, key=lambda row: (str(row["name"]), str(row["channel"]), str(row["shop"])))


def _closing_relations(engine: Engine, decision: Decision) -> None:
    one = {
        "closing_id": pa.array([decision.closing_id], pa.string()),
        "starts_on": pa.array([decision.starts_on], pa.date32()),
        "ends_on": pa.array([decision.ends_on], pa.date32()),
        "next_on": pa.array([decision.ends_on + timedelta(days=1)], pa.date32()),
        "decided_on": pa.array([decision.decided_on], pa.date32()),
    }
    engine.add_arrow("closing", pa.table(one))
    of_all = "select entity_id from legal_entities"
    if decision.entities is None:
        engine.define("closing_entities", parse(of_all, source="companies"), materialise=True)
    else:
        engine.add_arrow("closing_entities", pa.table({"entity_id": pa.array(decision.entities, pa.string())}))
    ends = [*decision.earlier_ends[-_BACKTESTS:], decision.ends_on]
    engine.add_arrow("as_of", pa.table({"ends_on": pa.array(ends, pa.date32())}))
    values = {row["policy"]: row["value"] for row in read_data("policies.csv")}
    share = int(values["returned_goods_resaleable_bp"])
    engine.add_arrow("closing_policies", pa.table({"goods_back_bp": pa.array([share], pa.int64())}))
    for name, chosen in (("monetary_accounts", "is_monetary"), ("settling_accounts", "settles_by_order")):
        members = [each.account for each in accounts() if getattr(each, chosen) == "yes"]
        engine.add_arrow(name, pa.table({"account": pa.array(members, pa.string())}))
    columns = _columns()
    so_far = (
        f"select {columns} from open_entries cross join closing where accounting_date <= closing.ends_on "
        f"union all select {columns} from kept_entries cross join closing where accounting_date <= closing.ends_on"
    )
    engine.define("so_far", parse(so_far, source="entries so far"), materialise=True)


def _month_end(engine: Engine) -> None:
    """The relation `month_end`: rows of every closing rule, with the rule's name and the digest of its text."""
    _define(engine, "return_estimate")
    selects = []
    for rule in CLOSING_RULES:
        text = _define(engine, rule)
        version = hashlib.sha256(text.encode()).hexdigest()[:12]
        columns = ", ".join(f'"{name}"' for name in engine.columns(rule))
        selects.append(f"select '{rule}' as posting_rule, '{version}' as rule_version, {columns} from {rule}")
    engine.define("month_end", parse("\nunion all\n".join(selects), source="month end"), materialise=True)


def _with_decision(engine: Engine, decision: Decision) -> str:
    names = schema_of(TABLES["closings"]).names
    row = {
        "closing_id": decision.closing_id,
        "action": decision.action,
        "number": decision.number,
        "entity_id": decision.entity_id,
        "fiscal_period": decision.fiscal_period,
        "starts_on": decision.starts_on,
        "ends_on": decision.ends_on,
        "decided_on": decision.decided_on,
        "decided_by": decision.decided_by,
        "reason": decision.reason or None,
        "accepted": " ".join(decision.accepted) or None,
    }
    shape = pa.schema([pa.field(field.name, field.type) for field in schema_of(TABLES["closings"]).arrow()])
    engine.add_arrow("new_decision", pa.Table.from_pylist([row], schema=shape))
    columns = ", ".join(names)
    both = f"select {columns} from closings union all select {columns} from new_decision"
    engine.define("closings_with_new", parse(both, source="closings"), materialise=True)
    return "closings_with_new"


def _define(engine: Engine, name: str) -> str:
    text = resources.files("entrepot.ledger").joinpath("closing", f"{name}.sql").read_text(encoding="utf-8")
    engine.define(name, parse(text, source=f"ledger/closing/{name}.sql"), materialise=True)
    return text


def _columns() -> str:
    return ", ".join(f'"{name}"' for name in schema_of(TABLES["ledger_entries"]).names)
