"""Goods in a simulated ERPNext: Stock Entries of their day, and nothing where it would post what goods cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.delivery.erp import (
    GOODS_ISSUE,
    GOODS_RECEIPT,
    ORDER,
    PARTY,
    PRODUCT,
    Document,
    Goods,
    GoodsLine,
    ItemLine,
    Party,
    Product,
    SalesOrder,
)
from tests.delivery.erpnext.test_suite import COMPANY, Connect, connect, site

if TYPE_CHECKING:
    from entrepot.delivery.erp import Adapter, Found
    from entrepot.sandbox.erps.erpnext import ErpNextSandbox

__all__ = ["connect", "site"]

LEFT = Document(
    "3fa9c1d2e4b5a607",
    GOODS_ISSUE,
    "上海",
    date(2026, 9, 3),
    "CNY",
    "CNY",
    "shipped tmall",
    (),
    Goods("TM", (GoodsLine("A", 3), GoodsLine("B", 1))),
)
CAME = replace(
    LEFT, document_id="b" * 16, kind=GOODS_RECEIPT, text="returned tmall", body=Goods("TM", (GoodsLine("A", -2),))
)
SALE = replace(
    LEFT, kind=ORDER, text="order tmall 1", body=SalesOrder("TM", (ItemLine("", "A", "A", 1, 5_000_000, 500),))
)


@pytest.fixture
def adapter(connect: Connect) -> Adapter:
    """One whose site has what the goods name."""
    made = connect()
    _provide(made)
    return made


def _provide(adapter: Adapter) -> None:
    for key, kind, body in (
        ("p", PARTY, Party("TM", "天猫")),
        ("a", PRODUCT, Product("A", "杯子")),
        ("b", PRODUCT, Product("B", "B")),
    ):
        one = replace(LEFT, document_id=key, kind=kind, company="", body=body)
        assert adapter.send("put", [one], {})[key].word == "applied"


def _done(adapter: Adapter, document: Document) -> str:
    ref = adapter.send("create", [document], {})[document.document_id].ref
    assert adapter.send("submit", [document], {document.document_id: ref})[document.document_id].word == "applied"
    return ref


def _found(adapter: Adapter, document: Document) -> Found:
    (found,) = adapter.find(document.kind, document.company, [document.document_id])[document.document_id]
    return found


@pytest.mark.parametrize("document", [LEFT, CAME], ids=["issue", "receipt"])
def test_goods_are_a_stock_entry_of_their_day_and_of_no_other_kind(
    site: ErpNextSandbox, adapter: Adapter, document: Document
) -> None:
    ref = _done(adapter, document)
    found = _found(adapter, document)
    assert (found.ref, found.steps_done, found.content) == (ref, 2, document.content)
    row = site.selling.tables["Stock Entry"][ref]
    assert (row["posting_date"], row["set_posting_time"], row["remarks"]) == ("2026-09-03", 1, f"{document.text}\nTM")
    place = "s_warehouse" if document.kind == GOODS_ISSUE else "t_warehouse"
    assert {(item[place], item["allow_zero_valuation_rate"], "rate" in item) for item in row["items"]} == {
        ("Stores - 上海", 1, False)
    }
    other = GOODS_RECEIPT if document.kind == GOODS_ISSUE else GOODS_ISSUE
    assert adapter.find(other, document.company, [document.document_id]) == {}
    day, later = document.posted_on, date(2026, 9, 4)
    assert set(adapter.held(document.kind, document.company, day, day)) == {document.document_id}
    assert adapter.held(document.kind, document.company, later, date(2026, 12, 31)) == {}


def test_a_company_with_perpetual_inventory_gets_none(site: ErpNextSandbox, connect: Connect) -> None:
    site.perpetual = ("上海",)
    adapter = connect()
    _provide(adapter)
    outcome = adapter.send("create", [LEFT], {})[LEFT.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "valued")
    assert outcome.text == "上海 has perpetual inventory: ERPNext would post what goods cost"
    assert site.selling.tables["Stock Entry"] == {}
    site.selling.default_warehouse = f"Stores - {COMPANY}"
    elsewhere = replace(LEFT, company=COMPANY)
    assert adapter.send("create", [elsewhere], {})[LEFT.document_id].word == "applied", "it is each company's own"


def test_what_erpnext_posted_all_the_same_is_named_until_it_is_taken_back(
    site: ErpNextSandbox, adapter: Adapter
) -> None:
    ref = _done(adapter, LEFT)
    assert _found(adapter, LEFT).content == LEFT.content
    entry = {
        "name": "GLE-1",
        "voucher_no": ref,
        "account": "5110 - 上海",
        "debit": 9.0,
        "credit": 0.0,
        "is_cancelled": 0,
    }
    site.selling.ledger.append(entry)
    assert _found(adapter, LEFT).content != LEFT.content
    entry["is_cancelled"] = 1
    assert _found(adapter, LEFT).content == LEFT.content


def test_an_entry_that_a_person_cancelled_or_changed_does_not_pass_for_the_document(
    site: ErpNextSandbox, adapter: Adapter
) -> None:
    row = site.selling.tables["Stock Entry"][_done(adapter, LEFT)]
    changes: list[dict[str, Any]] = [
        {"docstatus": 2}, {"posting_date": "2026-09-04"}, {"remarks": "for somebody else"}, {"items": []},
        {"items": [{**row["items"][0], "transfer_qty": 3.9}, row["items"][1]]},
    ]  # fmt: skip
    for change in changes:
        before = dict(row)
        row.update(change)
        assert _found(adapter, LEFT).content != LEFT.content, change
        row.update(before)
    assert _found(adapter, LEFT).content == LEFT.content


def test_an_item_is_counted_from_its_first_day_where_goods_are_to_come(site: ErpNextSandbox, connect: Connect) -> None:
    """Later ERPNext refuses it; elsewhere items stay as they were, and goods of them are a person's."""
    site.unkeyed = ("Stock Entry",)
    adapter = connect()
    _provide(adapter)
    assert {row["is_stock_item"] for row in site.selling.tables["Item"].values()} == {0}
    assert adapter.send("create", [LEFT], {})[LEFT.document_id].code == "key"
    site.unkeyed = ()
    outcome = adapter.send("create", [LEFT], {})[LEFT.document_id]
    assert (outcome.code, outcome.text) == ("uncounted", "the Item A does not maintain stock")
    new = replace(LEFT, document_id="c", kind=PRODUCT, company="", body=Product("C", "C"))
    assert connect().send("put", [new], {})["c"].word == "applied"
    row = site.selling.tables["Item"]["C"]
    assert (row["is_stock_item"], row["allow_negative_stock"]) == (1, 1)
    assert site.selling.tables["Stock Entry"] == {}


def test_goods_need_a_warehouse_that_is_the_companys(site: ErpNextSandbox, connect: Connect) -> None:
    site.selling.default_warehouse = f"Stores - {COMPANY}"
    adapter = connect()
    _provide(adapter)
    outcome = adapter.send("create", [LEFT], {})[LEFT.document_id]
    assert (outcome.code, outcome.text) == (
        "warehouse",
        "上海 has 2 warehouses, and none of them is the default one",
    )
    site.warehouses = ("Stores",)
    assert adapter.send("create", [LEFT], {})[LEFT.document_id].word == "applied", "the only one it has"


def test_what_is_not_there_is_named_and_the_rest_goes(site: ErpNextSandbox, adapter: Adapter) -> None:
    lacking = replace(LEFT, document_id="d" * 16, body=Goods("TM", (GoodsLine("X", 1),)))
    nobody = replace(LEFT, document_id="e" * 16, body=Goods("JD", (GoodsLine("A", 1),)))
    outcomes = adapter.send("create", [lacking, nobody, LEFT], {})
    assert [outcomes[each.document_id].code for each in (lacking, nobody, LEFT)] == ["product", "party", ""]
    assert len(site.selling.tables["Stock Entry"]) == 1


def test_an_order_of_a_company_that_has_not_the_sites_default_warehouse_names_its_own(
    site: ErpNextSandbox, connect: Connect
) -> None:
    """ERPNext gives its default only to orders of that warehouse's company; what is not counted needs none."""
    adapter = connect()
    _provide(adapter)
    site.selling.tables["Item"]["B"]["is_stock_item"] = 0
    items = tuple(ItemLine("", code, code, 1, 5_000_000, 500) for code in "AB")
    sale = replace(SALE, company=COMPANY, currency="USD", functional_currency="USD", body=SalesOrder("TM", items))
    outcome = adapter.send("create", [sale], {})[sale.document_id]
    assert outcome.text == "WarehouseRequired: Delivery warehouse required for stock item A", "it has two"
    site.warehouses = ("Stores",)
    assert adapter.send("create", [sale], {})[sale.document_id].word == "applied"
    (row,) = site.selling.tables["Sales Order"].values()
    assert [line.get("warehouse", "") for line in row["items"]] == [f"Stores - {COMPANY}", ""]


def test_an_order_names_no_warehouse_where_no_goods_are_to_come_or_none_may_be_read(
    site: ErpNextSandbox, connect: Connect
) -> None:
    """Whose user writes orders alone has no rights to stock, and the site's default is enough."""
    _provide(connect())
    cases: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(("Stock Entry",), ()), ((), ("Warehouse",))]
    for at, (site.unkeyed, site.forbidden) in enumerate(cases):
        sale = replace(SALE, document_id=f"{at:016d}", text=f"order tmall {at}")
        assert connect().send("create", [sale], {})[sale.document_id].word == "applied"
    lines = [line for row in site.selling.tables["Sales Order"].values() for line in row["items"]]
    assert ["warehouse" in line for line in lines] == [False, False]


def test_an_order_waits_where_its_warehouse_cannot_be_read_now(site: ErpNextSandbox, connect: Connect) -> None:
    def network(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Warehouse"):
            return httpx.Response(503)
        headers = {name: request.headers[name] for name in ("authorization", "content-type")}
        url = f"{site.url}{request.url.raw_path.decode()}"
        return httpx.request(request.method, url, content=request.content, headers=headers, trust_env=False)

    _provide(connect())
    outcome = connect(httpx.MockTransport(network)).send("create", [SALE], {})[SALE.document_id]
    assert (outcome.word, outcome.code) == ("unknown", "server_failed")
    assert site.selling.tables["Sales Order"] == {}


def test_an_order_of_counted_items_needs_the_sites_default_warehouse(site: ErpNextSandbox, connect: Connect) -> None:
    adapter = connect()
    _provide(adapter)
    assert adapter.send("create", [SALE], {})[SALE.document_id].word == "applied"
    site.selling.default_warehouse = ""
    again = replace(SALE, document_id="f" * 16, text="order tmall 2")
    outcome = connect().send("create", [again], {})[again.document_id]
    assert (outcome.word, outcome.text) == (
        "rejected",
        "WarehouseRequired: Delivery warehouse required for stock item A",
    )
