"""Invoices, credit notes, parties and products that a plan makes of the books, on both engines; nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.delivery import JournalAsked, read_mapping
from entrepot.delivery.both_amounts import Functional, functional_of
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    PARTY,
    PAYMENT,
    PRODUCT,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    TaxLine,
)
from entrepot.delivery.errors import AccountsUnmapped
from entrepot.delivery.lines import load_documents
from entrepot.delivery.planning import plan_documents
from tests.delivery.entries import entries_table, entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.delivery.planning import Plan
    from entrepot.engine import Engine

MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,contract_liability_unshipped,2205,,,
account,platform_receivable,1122,,,
account,revenue_goods,6001,,,
account,revenue_shipping,6002,,,
account,revenue_reduction,6009,,,
account,output_vat,2221,by_rate,,
account,refund_liability,2241,,,
account,cogs,6401,,,
account,inventory,1405,,,
account,customer_clearing,1122.09,,,
tax,1300,S13,,,
entity,cn,CN01,,,
channel,tmall,TM,,,
sku,A,ART-A,,,
"""
PIECES = (("o1", "l1", "A", 3), ("o1", "l2", "B", 1), ("o2", "l3", "A", 1), ("o3", "l4", "A", 2), ("o4", "l5", "A", 75))


def sale(order: str, on: str, *lines: tuple[str, str, int, int], **facts: Any) -> list[dict[str, Any]]:
    """A recognised order: by line its id, SKU, net and VAT; freight has no line."""
    rows = entry(order, on, ("contract_liability_unshipped", sum(net + vat for _, _, net, vat in lines)), **facts)
    for line, sku, net, vat in lines:
        of_line = {"order_line_id": line or None, "sku_id": sku or None, "tax_code": "1300", **facts}
        account = "revenue_goods" if line else "revenue_shipping"
        rows += entry(order, on, (account, -net), ("output_vat", -vat), **of_line)
    return [{**row, "posting_rule": "recognised", "entry_id": f"recognised:{order}", "order_id": order} for row in rows]


def refund(order: str, on: str, line: str, sku: str, net: int, vat: int) -> list[dict[str, Any]]:
    """A refund of a line."""
    of_line = {"order_line_id": line, "sku_id": sku, "tax_code": "1300"}
    rows = entry(order, on, ("refund_liability", -net - vat))
    rows += entry(order, on, ("revenue_reduction", net), ("output_vat", vat), **of_line)
    return [{**row, "posting_rule": "refunded", "entry_id": f"refunded:{order}", "order_id": order} for row in rows]


ONE = sale("o1", "2026-09-03", ("l1", "A", 10_000, 1_300), ("l2", "B", 500, 65), ("", "", 800, 104))
TWO = sale("o2", "2026-09-03", ("l3", "A", 4_000, 520))
THREE = sale("o3", "2026-09-05", ("l4", "A", 7_000, 910))
BACK = refund("o1", "2026-09-04", "l1", "A", 3_333, 433)
MANY = sale("o4", "2026-09-06", ("l5", "A", 92_555, 12_032))
COST = [{**row, "posting_rule": "cost"} for row in entry("o1", "2026-09-03", ("cogs", 300), ("inventory", -300))]


class Books:
    """A target that takes invoices, and the files of its plans."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.known: list[Intent] = []
        self.plans = 0
        self.names = {"A": "杯子", "B": "壶"}

    def plan(self, *entries: list[dict[str, Any]], mapping: str = MAPPING, **facts: Any) -> Plan:
        self.plans += 1
        rows = [row for each in entries for row in each]
        self.engine.add_arrow("ledger_entries", entries_table(rows))
        settled = facts.pop("settled", ())
        names = ("line_id", "settlement_id", "channel", "order_key")
        columns = {name: pa.array([row[at] for row in settled], pa.string()) for at, name in enumerate(names)}
        self.engine.add_arrow("settlement_lines", pa.table(columns))
        pieces = {
            name: pa.array([row[at] for row in PIECES])
            for at, name in enumerate(("order_key", "line_id", "sku_id", "quantity"))
        }
        self.engine.add_arrow("order_pieces", pa.table(pieces).append_column("kind", pa.array(["line"] * len(PIECES))))
        skus = {"sku_id": pa.array(list(self.names)), "name": pa.array(list(self.names.values()))}
        self.engine.add_arrow("skus", pa.table(skus | {"name_en": pa.array([None] * len(self.names), pa.string())}))
        per = facts.pop("per", "day")
        documents = facts.pop("documents", {INVOICE: per, CREDIT_NOTE: per})
        asked = PlanAsked(
            "erp",
            JournalAsked(
                "2026-09",
                "day",
                documents=documents,
                order_days=facts.pop("order_days", ()),
                payments=facts.pop("payments", ""),
                turns_lines=facts.pop("turns_lines", True),
                takes_foreign=facts.pop("takes_foreign", False),
            ),
            facts.pop("book", ""),
            plan_id=f"p{self.plans}",
            **{
                "names_orders": True, "reposts": True, "price_digits": 4, "names_products": True, "names_skus": True,
                "masters": "shared", "channel_names": {"TM": "天猫 Tmall"}, **facts,
            },
        )  # fmt: skip
        made = plan_documents(self.engine, asked, read_mapping(mapping, "erp.csv", 0), self.known, self.files())
        assert made.lines is not None
        pq.write_table(made.lines, self.folder / f"p{self.plans}.parquet")
        dropped = set(made.replaced)
        self.known = [replace(each, status="dropped") if each.document_id in dropped else each for each in self.known]
        self.known += made.intents
        return made

    def files(self) -> dict[str, Path]:
        return {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans + 1)}

    def documents(self, intents: Sequence[Intent], kind: str = "") -> list[Document]:
        found = load_documents(intents, self.files()).values()
        return sorted((each for each in found if kind in ("", each.kind)), key=lambda each: (each.posted_on, each.text))

    def sent(self) -> None:
        self.known = [replace(each, status="done", steps_done=3) for each in self.known]

    def balances(self, intents: Sequence[Intent]) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for each in self.documents(intents):
            sums.update({line.account: 0 for line in each.lines})
            for line in each.lines:
                sums[line.account] += line.functional_minor
        return {account: minor for account, minor in sums.items() if minor}


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


def _invoice(document: Document) -> Invoice:
    assert isinstance(document.body, Invoice)
    return document.body


def test_an_invoice_of_a_day_stands_for_its_sales_and_the_journal_for_the_rest(books: Books) -> None:
    made = books.plan(ONE, TWO, COST)
    assert made.kinds == {INVOICE: 1, JOURNAL: 1, PARTY: 1, PRODUCT: 2}
    (document,) = books.documents(made.intents, INVOICE)
    assert (document.company, document.posted_on, document.text) == ("CN01", date(2026, 9, 3), "tmall s1")
    # Four of A for 140.00 come out even; three quarters of a cent would not.
    assert _invoice(document) == Invoice(
        "TM",
        "1122.09",
        (
            ItemLine("6001", "ART-A", "ART-A", 4, 35_000_000, 14_000),
            ItemLine("6001", "B", "B", 1, 5_000_000, 500),
            ItemLine("6002", "", "freight", 1, 8_000_000, 800),
        ),
        (TaxLine("2221", "S13", 15_300, 1_989),),
    )
    assert document.lines[0] == JournalLine("1122.09", 17_289, 17_289, "TM")
    (journal,) = books.documents(made.intents, JOURNAL)
    assert JournalLine("1122.09", -17_289, -17_289, "TM") in journal.lines
    assert {line.account for line in journal.lines} == {"1122.09", "2205", "6401", "1405"}
    assert books.balances(made.intents) == {
        "2205": 17_289, "6001": -14_500, "6002": -800, "2221": -1_989, "6401": 300, "1405": -300,
    }  # fmt: skip
    kinds = {each.document_id: each.kind for each in made.intents}
    assert Counter((kinds[document], kinds[base]) for document, base in made.needs) == {
        (INVOICE, PARTY): 1, (INVOICE, PRODUCT): 2, (JOURNAL, PARTY): 1,
    }  # fmt: skip


def test_quantity_times_price_is_the_amount_and_what_rounding_leaves_is_a_line(books: Books) -> None:
    made = books.plan(ONE, per="order", price_digits=2)
    (document,) = books.documents(made.intents, INVOICE)
    items = _invoice(document).items
    assert items[:2] == (
        ItemLine("6001", "ART-A", "ART-A", 3, 33_330_000, 9_999),
        ItemLine("6001", "B", "B", 1, 5_000_000, 500),
    )
    assert ItemLine("6001", "", "rounding", 1, 10_000, 1) in items
    for item in items:
        assert Decimal(item.quantity) * item.price_e6 / 10_000 == item.amount_minor
    assert document.text == "order o1"


def test_a_price_of_more_digits_than_the_currency_is_rounded_half_up_as_an_erp_does(books: Books) -> None:
    (document,) = books.documents(books.plan(ONE, per="order").intents, INVOICE)
    assert _invoice(document).items[0] == ItemLine("6001", "ART-A", "ART-A", 3, 33_333_300, 10_000)


def test_a_refund_is_a_credit_note_of_its_own_day(books: Books) -> None:
    made = books.plan(ONE, BACK)
    (note,) = books.documents(made.intents, CREDIT_NOTE)
    assert note.posted_on == date(2026, 9, 4)
    assert _invoice(note) == Invoice(
        "TM",
        "1122.09",
        (ItemLine("6009", "ART-A", "ART-A", -1, 33_330_000, -3_333),),
        (TaxLine("2221", "S13", -3_333, -433),),
    )
    assert books.balances(made.intents)["6009"] == 3_333


def test_refunds_stay_journals_where_only_invoices_are_asked_for(books: Books) -> None:
    made = books.plan(ONE, BACK, documents={INVOICE: "order"})
    assert (made.kinds[INVOICE], made.kinds.get(CREDIT_NOTE)) == (1, None)
    assert books.balances(made.intents)["6009"] == 3_333


@pytest.mark.parametrize(
    ("facts", "texts"),
    [
        ({"per": "order"}, ["order o1", "order o2", "order o3"]),
        ({"per": "day"}, ["tmall s1", "tmall s1"]),
        ({"per": "day", "order_days": (date(2026, 9, 3),)}, ["order o1", "order o2", "tmall s1"]),
        (
            {"per": "settlement", "settled": (("x", "B7", "tmall", "o1"), ("y", "B7", "tmall", "o3"))},
            ["tmall s1", "settlement tmall B7"],
        ),
    ],
)
def test_an_invoice_holds_an_order_a_day_or_a_settlement(books: Books, facts: Any, texts: list[str]) -> None:
    made = books.plan(ONE, TWO, THREE, **facts)
    assert [each.text for each in books.documents(made.intents, INVOICE)] == texts


def test_an_erp_with_rates_of_its_own_gets_journals_of_foreign_sales_and_the_plan_says_so(books: Books) -> None:
    made = books.plan(in_dollars(ONE), in_dollars(BACK), TWO)
    assert (made.kinds[INVOICE], made.kinds.get(CREDIT_NOTE)) == (1, None)
    assert made.foreign_journals == ((CREDIT_NOTE, "USD", 1, 3_766), (INVOICE, "USD", 1, 12_769))
    assert books.plan(ONE, TWO).foreign_journals == (), "nothing is said of what there is not"
    assert books.plan(in_dollars(ONE), documents={}).foreign_journals == (), "nobody asked for documents"


def test_what_names_no_order_counts_as_one_among_the_sales_that_stay_journals(books: Books) -> None:
    nobodys = [{**row, "order_id": None} for row in in_dollars(TWO)]
    assert books.plan(in_dollars(ONE), nobodys).foreign_journals == ((INVOICE, "USD", 2, 17_289),)


def in_dollars(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An entry in dollars, line by line at a rate that comes out even for none, and its rest on the largest line."""
    rated = [
        {**row, "currency": "USD", "functional_minor": (row["amount_minor"] * 71_234 + 5_000) // 10_000} for row in rows
    ]
    largest = max(rated, key=lambda row: abs(row["functional_minor"]))
    largest["functional_minor"] -= sum(row["functional_minor"] for row in rated)
    return rated


def test_an_invoice_in_another_currency_has_the_ledgers_amount_of_each_line(books: Books) -> None:
    made = books.plan(in_dollars(ONE), in_dollars(BACK), per="order", price_digits=2, takes_foreign=True)
    assert made.foreign_journals == ()
    (document,) = books.documents(made.intents, INVOICE)
    assert (document.currency, document.functional_currency) == ("USD", "CNY")
    assert _invoice(document).items == (
        ItemLine("6001", "ART-A", "ART-A", 3, 33_330_000, 9_999),
        ItemLine("6001", "B", "B", 1, 5_000_000, 500),
        ItemLine("6002", "", "freight", 1, 8_000_000, 800),
        ItemLine("6001", "", "rounding", 1, 10_000, 1),
    )
    # What rounding leaves takes its share of the company's amount with it: 712.34 = 712.26 + 0.08.
    assert document.lines == (
        JournalLine("1122.09", 90_959, 12_769, "TM"),
        JournalLine("6001", -71_226, -9_999),
        JournalLine("6001", -3_562, -500),
        JournalLine("6002", -5_699, -800),
        JournalLine("6001", -8, -1),
        JournalLine("2221", -10_464, -1_469),
    )
    assert functional_of(document) == Functional(90_959, (71_226, 3_562, 5_699, 8), (10_464,))
    (note,) = books.documents(made.intents, CREDIT_NOTE)
    assert (note.lines[0].amount_minor, sum(line.functional_minor for line in note.lines)) == (-3_766, 0)
    assert books.balances(made.intents) == sums(in_dollars(ONE) + in_dollars(BACK))


def sums(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Entries by the account of the ERP, in the company's currency."""
    theirs = {line.split(",")[1]: line.split(",")[2] for line in MAPPING.splitlines() if line.startswith("account,")}
    found: Counter[str] = Counter()
    for row in rows:
        found[theirs[row["account"]]] += row["functional_minor"]
    return dict(found)


def test_a_payment_of_an_invoice_in_another_currency_pays_it_in_both(books: Books) -> None:
    made = books.plan(in_dollars(ONE), in_dollars(TWO), TWO, payments="day", takes_foreign=True)
    assert (made.kinds[INVOICE], made.kinds[PAYMENT]) == (2, 2)
    owed = {
        each.document_id: (each.currency, each.lines[0].functional_minor, each.lines[0].amount_minor)
        for each in books.documents(made.intents, INVOICE)
    }
    paid = {
        line.settles: (each.currency, -line.functional_minor, -line.amount_minor)
        for each in books.documents(made.intents, PAYMENT)
        for line in each.lines
        if line.settles
    }
    assert paid == owed
    assert {(currency, functional == amount) for currency, functional, amount in owed.values()} == {
        ("USD", False), ("CNY", True),
    }  # fmt: skip


def test_what_comes_to_nothing_in_its_currency_but_not_in_the_companys_is_a_line(books: Books) -> None:
    """0.04 twice is 0.28 twice, and taking 0.08 back is 0.57: the books say that a hundredth is left."""
    nets = (("o3", 4), ("o4", 4), ("o5", -8))
    entries = [in_dollars(sale(order, "2026-09-03", ("l4", "A", net, 0))) for order, net in nets]
    made = books.plan(*entries, takes_foreign=True, payments="day")
    (bill,), (paid,) = books.documents(made.intents, INVOICE), books.documents(made.intents, PAYMENT)
    assert bill.lines == (
        JournalLine("1122.09", -1, 0, "TM"), JournalLine("6001", 57, 8), JournalLine("6001", -56, -8),
    )  # fmt: skip
    assert JournalLine("1122.09", 1, 0, "TM", bill.document_id.partition(".")[0]) in paid.lines


def test_without_the_permit_no_sku_leaves_and_names_are_codes(books: Books) -> None:
    (document,) = books.documents(books.plan(ONE, names_products=False).intents, INVOICE)
    assert {each.product for each in _invoice(document).items} == {""}
    assert made_of(books, names_skus=False) == {"ART-A": "ART-A", "B": "B"}


def made_of(books: Books, **facts: Any) -> dict[str, str]:
    """Products of a plan of new books: code to name."""
    other = Books(books.engine, books.folder)
    documents = other.documents(other.plan(ONE, **facts).intents, PRODUCT)
    return {each.key: each.text for each in documents}


def test_a_product_whose_name_changed_is_written_again_after_what_was_sent(books: Books) -> None:
    first = {each.text: each for each in books.plan(ONE).intents if each.kind == PRODUCT}
    books.sent()
    assert books.plan(ONE).intents == []
    books.names["B"] = "茶壶"
    (again,) = books.plan(ONE).intents
    old = first["壶"]
    assert (again.document_id, again.after, again.kind) == (f"{old.document_id}.2", old.document_id, PRODUCT)
    assert books.plan(THREE).asks == [], "a product that a period does not name is not gone"


@pytest.mark.parametrize("mode", ["reposts", "corrects"])
def test_an_invoice_that_was_sent_is_taken_back_by_a_credit_note(books: Books, mode: str) -> None:
    """Also where journals are corrected, since the law of most countries wants it so."""
    made = books.plan(ONE, per="order")
    (old,) = (each for each in made.intents if each.kind == INVOICE)
    books.sent()
    changed = sale("o1", "2026-09-03", ("l1", "A", 9_000, 1_170))
    later = books.plan(changed, per="order", reposts=mode == "reposts", corrects=mode == "corrects")
    back, new = (each for each in later.intents if each.base_id == old.document_id)
    assert (back.kind, back.role, back.after) == (CREDIT_NOTE, "reversal", old.document_id)
    assert (new.kind, new.document_id, new.after) == (INVOICE, f"{old.document_id}.2", back.document_id)
    turned = _invoice(books.documents([back])[0])
    assert (turned.total_minor, turned.items[0].quantity) == (-_invoice(books.documents([old])[0]).total_minor, -3)
    assert books.balances([*made.intents, *later.intents]) == {"2205": 10_170, "6001": -9_000, "2221": -1_170}


def test_the_account_of_customers_has_to_be_in_the_mapping(books: Books) -> None:
    lines = [line for line in MAPPING.splitlines() if "customer_clearing" not in line]
    with pytest.raises(AccountsUnmapped, match="customer_clearing"):
        books.plan(ONE, mapping="\n".join(lines))
    assert books.plan(ONE, mapping="\n".join(lines), documents={}).kinds == {JOURNAL: 1}


def test_a_name_that_is_too_long_for_the_erp_is_cut_off_without_a_blank_at_its_end(books: Books) -> None:
    plan = books.plan(ONE, name_length_max=3)
    (party,) = books.documents(plan.intents, PARTY)
    assert party.body == Party("TM", "天猫")


def test_an_erp_whose_lines_name_no_product_of_its_own_gets_none(books: Books) -> None:
    plan = books.plan(ONE, sends_products=False)
    assert {each.kind for each in plan.intents} == {PARTY, INVOICE, JOURNAL}
    parties = {each.base_id for each in plan.intents if each.kind == PARTY}
    assert {base for _, base in plan.needs} == parties


def test_pieces_times_price_never_end_in_half_a_cent(books: Books) -> None:
    """75 times 12.3406 is 925.545, which one ERP makes 925.55 of and another 925.54."""
    made = books.plan(MANY)
    (invoice,) = books.documents(made.intents, INVOICE)
    assert isinstance(invoice.body, Invoice)
    assert invoice.body.items == (
        ItemLine("6001", "ART-A", "ART-A", 75, 12_340_500, 92_554),
        ItemLine("6001", "", "rounding", 1, 10_000, 1),
    )
