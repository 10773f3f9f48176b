"""Beancount as an independent book-keeper: it reads our entries and agrees on every balance."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from beancount import loader
from beancount.core.data import Open, Transaction

from entrepot.assembly import open_cell
from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.closing import close_period
from entrepot.ledger import accounts
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany

_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
    "suspense": "Equity",
}
_KINDS = {account.account: account.kind for account in accounts()}


def _account(row: dict[str, Any]) -> str:
    """Our account and its entity as a name that beancount accepts."""
    parts = [_ROOTS[_KINDS[row["account"]]], row["entity_id"], *row["account"].split(":")]
    return ":".join([parts[0], *(re.sub(r"[^A-Za-z0-9-]", "-", part).capitalize() for part in parts[1:])])


def _amount(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-minor_digits(currency))} {currency}"


def _directives(rows: Iterable[dict[str, Any]], column: str, currency: str) -> str:
    """The entries as a beancount file; each posting in its own currency or in the entity's."""
    entries: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    opened: set[str] = set()
    for row in rows:
        entries[row["entry_id"]].append(row)
        opened.add(_account(row))
    lines = [f"2020-01-01 open {account}" for account in sorted(opened)]
    for entry_id, postings in sorted(entries.items()):
        lines.append(f'{postings[0]["accounting_date"]} * "{postings[0]["posting_rule"]}" "{entry_id}"')
        lines += [f"  {_account(row)}  {_amount(row[column], row[currency])}" for row in postings]
        lines.append("")
    return "\n".join(lines) + "\n"


def _balances(text: str) -> tuple[Counter[tuple[str, str]], int]:
    # No tolerance: a cent that is missing is an error.
    options = 'option "inferred_tolerance_default" "*:0"\noption "infer_tolerance_from_cost" "FALSE"\n'
    entries, errors, _ = loader.load_string(options + text)
    assert errors == [], errors[:3]
    balances: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        assert isinstance(entry, (Open, Transaction))
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            assert posting.units is not None
            number, currency = posting.units.number, posting.units.currency
            assert isinstance(number, Decimal)
            balances[posting.account, currency] += int(number.scaleb(minor_digits(currency)))
    return balances, sum(isinstance(entry, Transaction) for entry in entries)


@pytest.fixture(scope="module", params=["open", "closed"])
def books(
    request: pytest.FixtureRequest, one_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory
) -> CellParts:
    """The books as they were imported, and with two months closed: accruals, provisions and exchange differences."""
    if request.param == "open":
        return one_imported.parts
    home = tmp_path_factory.mktemp("closed") / "company"
    shutil.copytree(one_imported.parts.layout.home, home)
    parts = open_cell(home)
    for month in ("2026-08", "2026-09"):
        report = close_period(parts, month, "Li Na", date(2026, 11, 20), accepted=["all"], reason="a test")
        assert {row["posting_rule"] for row in report.posted} >= {"accrued_fees", "returns_provided", "fx_unrealised"}
    return parts


def test_beancount_accepts_every_entry_and_finds_the_same_trial_balance(books: CellParts) -> None:
    rows = table_rows(books, "ledger_entries").to_pylist()
    balances, transactions = _balances(_directives(rows, "amount_minor", "currency"))
    assert transactions == len({row["entry_id"] for row in rows}) > 5_000
    ours: Counter[tuple[str, str]] = Counter()
    for row in report_rows(books, "trial_balance").to_pylist():
        ours[_account(row), row["currency"]] += row["balance_minor"]
    assert len({currency for _, currency in ours}) >= 3
    assert {key: minor for key, minor in balances.items() if minor} == {
        key: minor for key, minor in ours.items() if minor
    }


def test_beancount_agrees_in_the_currencies_of_the_entities_too(books: CellParts) -> None:
    rows = table_rows(books, "ledger_entries").to_pylist()
    balances, _ = _balances(_directives(rows, "functional_minor", "functional_currency"))
    ours: Counter[tuple[str, str]] = Counter()
    for row in report_rows(books, "trial_balance").to_pylist():
        ours[_account(row), row["functional_currency"]] += row["functional_minor"]
    assert {key: minor for key, minor in balances.items() if minor} == {
        key: minor for key, minor in ours.items() if minor
    }


def test_beancount_would_see_a_cent_too_much(one_imported: ImportedCompany) -> None:
    rows = [
        row for row in table_rows(one_imported.parts, "ledger_entries").to_pylist() if row["posting_rule"] == "settled"
    ]
    rows = [row for row in rows if row["entry_id"] == rows[0]["entry_id"]]
    rows[0]["amount_minor"] += 1
    _, errors, _ = loader.load_string(_directives(rows, "amount_minor", "currency"))
    assert len(errors) == 1
