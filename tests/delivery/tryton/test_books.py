"""A month of the sample company in a real Tryton: planned, posted, read back, changed, taken back."""

from __future__ import annotations

import contextlib
import shutil
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.assembly import open_cell
from entrepot.delivery.erp import CREDIT_NOTE, GOODS_RECEIPT, INVOICE, KINDS, Address, Goods, Product, SalesOrder
from entrepot.delivery.errors import DocumentUnknown, SecretMissing, TargetUnknown
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.flows.undoing import undo
from entrepot.store import State
from entrepot.store.errors import SettingsInvalid
from entrepot.testing.delivery_suite import Faults
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.erp import Document
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany
    from entrepot.testing.tryton import TrytonServer

PERIOD = "2026-09"
CLEARING = "1122.09"
_VARIABLE = "ENTREPOT_TEST_TRYTON_PASSWORD"
_TARGET = """
[[targets]]
name = "{name}"
erp = "tryton"
region = "{region}"
url = "{url}"
database = "{database}"
user = "{user}"
secret_env = "{variable}"
{more}
"""


def _cell(home: Path, server: TrytonServer, name: str = "erp", region: str = "cn", more: str = "") -> CellParts:
    """A copy of the company's cell with a target; companies that this Tryton does not have are mapped to one it has."""
    values = {"name": name, "region": region, "url": server.url, "database": DATABASE, "user": USER}
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(_TARGET.format(**values, variable=_VARIABLE, more=more))
    mapping = erp_named("tryton").accounts
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / f"{name}.csv").write_text(mapping, encoding="utf-8")
    return open_cell(home)


@pytest.fixture
def home(small_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(_VARIABLE, PASSWORD)
    shutil.copytree(small_imported.parts.layout.home, tmp_path / "company")
    return tmp_path / "company"


@pytest.fixture
def own_tryton(tryton: TrytonServer, tmp_path: Path) -> Iterator[TrytonServer]:
    """A server of its own, with the books as they were set up."""
    server = tryton.beside(tmp_path / "tryton", tryton.database.with_suffix(".empty"))
    server.start()
    yield server
    server.stop()


def _ledger(parts: CellParts) -> dict[tuple[str, str], int]:
    """Balance of the ledger by company and the ERP's account, functional minor units, without what is nothing."""
    theirs = {}
    for line in erp_named("tryton").accounts.splitlines()[1:]:
        _, ours, account = line.split(",")[:3]
        theirs[ours] = account
    sums: dict[tuple[str, str], int] = defaultdict(int)
    rows = select_rows(
        parts,
        "select entity_id, account, sum(functional_minor) as minor from ledger_entries "
        f"where period = '{PERIOD}' group by 1, 2",
    ).to_pylist()
    for row in rows:
        sums[row["entity_id"], theirs[row["account"]]] += int(row["minor"])
    return {key: minor for key, minor in sums.items() if minor}


def _ordered(documents: list[Document]) -> dict[tuple[str, str, str], tuple[int, Decimal, int]]:
    """By company, currency and state how many orders there are to be, what they are worth, and what was made of them."""
    sums: dict[tuple[str, str, str], tuple[int, Decimal, int]] = defaultdict(lambda: (0, Decimal(0), 0))
    for each in documents:
        if isinstance(each.body, SalesOrder):
            count, net, _ = sums[each.company, each.currency, "processing"]
            worth = Decimal(sum(item.amount_minor for item in each.body.items)).scaleb(-2)
            sums[each.company, each.currency, "processing"] = (count + 1, net + worth, 0)
    assert sums, "there are orders"
    return dict(sums)


def _moved(documents: list[Document]) -> dict[tuple[str, str], int]:
    """By company and product, how many pieces are to have left."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for each in documents:
        for line in each.body.lines if isinstance(each.body, Goods) else ():
            sums[each.company, line.product] += line.quantity
    return {key: pieces for key, pieces in sums.items() if pieces}


def _sums(told: list[list[Any]]) -> dict[tuple[str, str], int]:
    """The same, of what Tryton's own client told."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for company, month, account, debit, credit, _ in told:
        if month == PERIOD:
            sums[company, account] += int((Decimal(debit) - Decimal(credit)).scaleb(2))
    return {key: minor for key, minor in sums.items() if minor}


def test_a_month_of_all_kinds_is_in_tryton_to_the_cent_once_and_follows_when_the_books_change(
    home: Path, own_tryton: TrytonServer
) -> None:
    kinds = 'invoices = "day"\ncredit_notes = "day"\npayments = "settlement"\nsales_orders = true\nmovements = "day"\nfields = ["text", "product", "product_name"]'
    parts = _cell(home, own_tryton, more=kinds)
    documents = delivering.planned_documents(parts, "erp", PERIOD)
    ordered, moved = _ordered(documents), _moved(documents)
    planned = delivering.plan(parts, "erp", PERIOD)
    # No file of the sample company says that goods came back.
    assert set(planned.kinds) == set(KINDS) - {GOODS_RECEIPT}
    assert delivering.plan(parts, "erp", PERIOD).planned == 0, "the same books plan nothing twice"
    delivering.run(parts, "erp", transport=Faults("failed before", b"account.invoice.post"))
    with contextlib.closing(State(parts.layout)) as state, state.engine.begin() as connection:
        connection.exec_driver_sql("update delivery_documents set next_at_s = 0")
    assert delivering.run(parts, "erp").open == 0
    audited = delivering.audit(parts, "erp", PERIOD)
    assert (audited.is_equal, audited.kinds) == (True, planned.kinds), audited
    # Account by account the ledger's, as Tryton's own client tells them; what customers owe is nothing in the end, and
    # every invoice and credit note is matched with what paid it.
    told = own_tryton.told()
    assert _sums(told["balances"]) == _ledger(parts)
    assert any(account == CLEARING for _, _, account, *_ in told["balances"])
    assert told["owed"] == []
    billed = [each for each in documents if each.kind in (INVOICE, CREDIT_NOTE)]
    foreign = [each for each in billed if each.currency != each.functional_currency]
    assert told["invoices"] == {"paid": len(billed) - len(foreign)}
    # What is in another currency has the ledger's amounts and not those of Tryton's rates; see `conftest.py`.
    assert {(each.currency, each.functional_currency) for each in foreign} >= {("CNY", "HKD")}
    # Sales wait for people: nothing was billed or shipped from them, and they are worth what was ordered.
    assert {tuple(row[:3]): (row[3], Decimal(row[4]), row[5]) for row in told["sales"]} == ordered
    # Tryton's own client counts the pieces that left, and the audit those with a cost in the ledger.
    assert {(company, product): pieces for company, product, pieces in told["goods"]} == moved
    assert all(costed == booked > 0 for *_, costed, booked in audited.goods.sums)
    for condition in ("channel = 'tmall'", "channel = 'douyin' and shipped_at between '2026-09-02' and '2026-09-29'"):
        first = f"select raw_id from orders where {condition} order by order_key limit 1"
        undo(parts, [select_rows(parts, first).to_pylist()[0]["raw_id"]], "test", "Li Na")
    adapter = erp_named("tryton").connect(Address(own_tryton.url, DATABASE, USER, PASSWORD))
    with contextlib.closing(adapter), contextlib.closing(State(parts.layout)) as state, state.engine.begin() as rows:
        one = rows.exec_driver_sql(
            "select min(document_id) from delivery_documents where kind = 'product'"
        ).scalar_one()
        product = delivering.explain(parts, "erp", one)[1]
        # A person gives a product another name, and we take it back later.
        adapter.send("put", [replace(product, body=Product(product.key, "something else"))], {})
        stale = delivering.audit(parts, "erp", PERIOD)
        adapter.send("put", [product], {})
    assert stale.changed == (product.key,)
    assert (stale.differences, stale.is_equal) == ((), False), "the books went on, and the audit says by how much"
    assert {row["account"] for row in stale.ledger} >= {"6001.01"}
    assert delivering.plan(parts, "erp", PERIOD).reversed_ > 0
    assert delivering.run(parts, "erp").open == 0
    assert delivering.audit(parts, "erp", PERIOD).is_equal
    told = own_tryton.told()
    assert (_sums(told["balances"]), told["owed"], set(told["invoices"])) == (_ledger(parts), [], {"paid"})
    left = sum(pieces for *_, pieces in told["goods"])
    assert (
        sum(held for _, _, held, *_ in delivering.audit(parts, "erp", PERIOD).goods.sums) == left < sum(moved.values())
    )
    _what_a_person_changed_is_named_by_the_audit(parts, own_tryton)


def _what_a_person_changed_is_named_by_the_audit(parts: CellParts, server: TrytonServer) -> None:
    address = Address(server.url, DATABASE, USER, PASSWORD)
    adapter = erp_named("tryton").connect(address)
    with contextlib.closing(State(parts.layout)) as state, state.engine.begin() as connection:
        # A person posts one of our documents again, and we forget another one.
        one, other = connection.exec_driver_sql(
            "select document_id, ref from delivery_documents where company = 'cn-shanghai' and kind = 'journal' "
            "and status = 'done' order by 1 limit 2"
        ).all()
        connection.exec_driver_sql("delete from delivery_documents where document_id = ?", (other.document_id,))
    documents = delivering.explain(parts, "erp", one.document_id)[1]
    adapter.send("create", [documents], {})
    adapter.close()
    audited = delivering.audit(parts, "erp", PERIOD)
    assert not audited.is_equal
    assert audited.twice == (one.document_id,)
    assert audited.strangers == (other.document_id,)
    assert {row["document_id"] for row in audited.differences} == {one.document_id}


def test_a_target_without_texts_gets_no_order_number(home: Path, tryton: TrytonServer) -> None:
    row = (
        "select accounting_date, order_id from ledger_entries where period = '2026-09' and order_id is not null "
        "order by order_id, accounting_date limit 1"
    )
    sale = select_rows(open_cell(home), row).to_pylist()[0]
    day = f"order_days = [{sale['accounting_date']}]"
    parts = _cell(home, tryton, more=f"{day}\nfields = []")
    documents = delivering.planned_documents(parts, "erp", PERIOD)
    assert documents
    assert {each.text for each in documents} == {""}
    named = delivering.planned_documents(_cell(home, tryton, name="other", more=day), "other", PERIOD)
    order = sale["order_id"].replace(":", " ")
    assert any(order in each.text for each in named), "the control: with texts, orders are named"


def test_a_target_abroad_is_refused_before_anything_is_read(home: Path, tryton: TrytonServer) -> None:
    with pytest.raises(SettingsInvalid, match="hosted in DE"):
        _cell(home, tryton, region="DE")


def test_a_target_that_is_not_there_and_a_password_that_is_not_set_are_named(
    home: Path, tryton: TrytonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _cell(home, tryton)
    with pytest.raises(TargetUnknown, match="names erp"):
        delivering.plan(parts, "sap", PERIOD)
    with pytest.raises(DocumentUnknown):
        delivering.explain(parts, "erp", "none")
    monkeypatch.delenv(_VARIABLE)
    with pytest.raises(SecretMissing, match=_VARIABLE):
        delivering.run(parts, "erp")
