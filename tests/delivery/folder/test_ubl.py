"""A month of the sample company in a folder: UBL by the standard's own schemas, its totals, and the audit of it."""

from __future__ import annotations

import csv
import shutil
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from lxml import etree

from entrepot.assembly import open_cell
from entrepot.delivery.erp import CREDIT_NOTE, GOODS_RECEIPT, INVOICE, KINDS, ORDER
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.flows.undoing import undo

if TYPE_CHECKING:
    from entrepot.flows.delivering import PlanReport
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany

PERIOD = "2026-09"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {name: f"{UBL}Common{long}Components-2" for name, long in (("cac", "Aggregate"), ("cbc", "Basic"))}
ROOTS = {"Invoice": INVOICE, "CreditNote": CREDIT_NOTE, "Order": ORDER}
TARGET = """
[[targets]]
name = "files"
erp = "folder"
format = "{form}"
region = "cn"
url = "{root}"
invoices = "day"
credit_notes = "order"
payments = "day"
sales_orders = true
movements = "day"
fields = ["text", "product", "product_name"]
"""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The schemas of OASIS UBL 2.3 (`ubl-2.3.zip`, with its notice), read as one."""
    folder = tmp_path_factory.mktemp("ubl")
    with ZipFile(Path(__file__).with_name("ubl-2.3.zip")) as archive:
        archive.extractall(folder)
    all_of_it = etree.Element("{http://www.w3.org/2001/XMLSchema}schema")
    for name in ROOTS:
        where = {"namespace": f"{UBL}{name}-2", "schemaLocation": f"xsd/maindoc/UBL-{name}-2.3.xsd"}
        etree.SubElement(all_of_it, "{http://www.w3.org/2001/XMLSchema}import", where)
    (folder / "all.xsd").write_bytes(etree.tostring(all_of_it))
    return etree.XMLSchema(file=str(folder / "all.xsd"))


def _cell(company: ImportedCompany, at: Path, form: str) -> CellParts:
    home = at / "company"
    shutil.copytree(company.parts.layout.home, home)
    (at / "inbox").mkdir()
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(TARGET.format(form=form, root=at / "inbox"))
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "files.csv").write_text(erp_named("folder").accounts, encoding="utf-8")
    return open_cell(home)


@pytest.fixture(scope="module")
def delivered(
    small_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CellParts, PlanReport, Path]:
    """A month in UBL; its cell, what was planned, and the folder."""
    at = tmp_path_factory.mktemp("delivered")
    parts = _cell(small_imported, at, "ubl")
    planned = delivering.plan(parts, "files", PERIOD)
    assert delivering.run(parts, "files").open == 0
    return parts, planned, at / "inbox"


def _documents(inbox: Path) -> list[Any]:
    return [etree.parse(str(path)).getroot() for path in sorted(inbox.rglob("*.xml"))]


def test_the_folder_holds_the_month_and_the_audit_finds_it_equal_to_the_ledger(
    delivered: tuple[CellParts, PlanReport, Path],
) -> None:
    parts, planned, inbox = delivered
    # No file of the sample company says that goods came back.
    assert set(planned.kinds) == set(KINDS) - {GOODS_RECEIPT}
    audited = delivering.audit(parts, "files", PERIOD)
    assert (audited.is_equal, audited.kinds) == (True, planned.kinds), audited
    assert Counter(path.name.rsplit("_", 1)[0].split("_2026")[0] for path in inbox.rglob("*.*")) == planned.kinds
    assert delivering.plan(parts, "files", PERIOD).planned == 0
    assert delivering.run(parts, "files").words == {}


def test_every_document_is_valid_by_the_schemas_of_the_standard(
    delivered: tuple[CellParts, PlanReport, Path], schema: etree.XMLSchema
) -> None:
    roots = _documents(delivered[2])
    assert Counter(ROOTS[etree.QName(root).localname] for root in roots) == {
        kind: delivered[1].kinds[kind] for kind in ROOTS.values()
    }
    for root in roots:
        schema.assertValid(root)
    # The control: an element in the wrong place is no UBL.
    wrong = roots[0]
    wrong.append(wrong.find("cbc:ID", SPACES))
    assert not schema.validate(wrong)


def test_totals_of_every_document_add_up_and_are_the_sales_and_vat_of_the_ledger(
    delivered: tuple[CellParts, PlanReport, Path],
) -> None:
    """A second reader: lxml and decimal numbers, and none of our own code."""
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for root in _documents(delivered[2]):
        name = etree.QName(root).localname
        currency = _text(root, "cbc:DocumentCurrencyCode")
        in_books = root.findall("cac:TaxTotal[2]/cbc:TaxAmount", SPACES)
        named = {each.get("currencyID") for each in root.iter() if each.get("currencyID") and each not in in_books}
        assert named == {currency}
        path = "cac:OrderLine/cac:LineItem" if name == "Order" else f"cac:{name}Line"
        lines = root.findall(path, SPACES)
        quantity = {"Invoice": "InvoicedQuantity", "CreditNote": "CreditedQuantity", "Order": "Quantity"}[name]
        for line in lines:
            amount = _number(line, "cbc:LineExtensionAmount")
            multiplied = _number(line, f"cbc:{quantity}") * _number(line, "cac:Price/cbc:PriceAmount")
            assert multiplied.quantize(Decimal("0.01"), "ROUND_HALF_UP") == amount
        net = sum(_number(line, "cbc:LineExtensionAmount") for line in lines)
        if name == "Order":
            assert _number(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount") == net
            continue
        tax = _number(root, "cac:TaxTotal/cbc:TaxAmount")
        subtotals = root.findall("cac:TaxTotal[1]/cac:TaxSubtotal", SPACES)
        assert tax == sum(_number(each, "cbc:TaxAmount") for each in subtotals)
        totals = {
            etree.QName(each).localname: Decimal(each.text) for each in root.find("cac:LegalMonetaryTotal", SPACES)
        }
        assert totals == {
            "LineExtensionAmount": net, "TaxExclusiveAmount": net, "TaxInclusiveAmount": net + tax,
            "PayableAmount": net + tax,
        }  # fmt: skip
        _taxes_are_of_their_base(subtotals)
        sign = -1 if name == "CreditNote" else 1
        company = _text(root, "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID")
        sums[company, currency, "net"] += sign * net
        sums[company, currency, "tax"] += sign * tax
        _books_follow_the_rate(root, net + tax, tax)
        for each in root.iterfind(".//{*}Receivable[@functional]"):
            sums[company, "", "owed in the books"] += Decimal(each.get("functional"))
    assert {currency for _, currency, _ in sums} > {"", "CNY"}, "the company sells in other currencies than its own"
    assert {place: each for place, each in sums.items() if each} == _of_the_ledger(delivered[0])


def _books_follow_the_rate(root: Any, total: Decimal, tax: Decimal) -> None:
    """Of a document in another currency: what its rate makes of the total and of the tax is what it says they are."""
    if not (in_books := root.findall("cac:TaxTotal[2]/cbc:TaxAmount", SPACES)):
        assert root.find("cac:TaxExchangeRate", SPACES) is None
        return
    assert {each.get("currencyID") for each in in_books} == {_text(root, "cbc:TaxCurrencyCode")}
    rate = _number(root, "cac:TaxExchangeRate/cbc:CalculationRate")
    # Each entry of a day is rounded by itself.
    assert abs(sum(Decimal(each.text) for each in in_books) - abs(tax) * rate) < Decimal(1)
    (owed,) = root.iterfind(".//{*}Receivable")
    assert abs(abs(Decimal(owed.get("functional"))) - abs(total) * rate) < Decimal("0.5")


def test_pieces_that_left_are_those_of_the_orders_that_were_shipped_and_what_is_unknown_is_said(
    delivered: tuple[CellParts, PlanReport, Path],
) -> None:
    """A second reader: the files as CSV, and one query on the tables for a channel whose days are those of Beijing."""
    parts, planned, inbox = delivered
    moved: Counter[str] = Counter()
    for path in (inbox / "goods_issue").iterdir():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                assert (row["role"], row["debit"], row["credit"]) == ("moved", "", "")
                moved[row["product"]] += int(row["quantity"]) if row["party"] == "douyin" else 0
    shipped = select_rows(
        parts,
        "select p.sku_id, sum(p.quantity) as pieces from order_pieces as p join orders as o on p.order_key = o.order_key "
        f"where o.channel = 'douyin' and strftime(o.shipped_at + interval 8 hour, '%Y-%m') = '{PERIOD}' "
        "and p.sku_id is not null group by 1",
    ).to_pylist()
    assert +moved == {row["sku_id"]: int(row["pieces"]) for row in shipped}
    # Exports of Tmall and JD say that an order was shipped, and not when; settlements of Amazon do not say when it was placed.
    unknown = select_rows(
        parts,
        "select count(*) as orders from orders where shipped_at is null and fulfilment_state in ('shipped', 'delivered') "
        f"and (strftime(placed_at + interval 8 hour, '%Y-%m') = '{PERIOD}' or channel = 'amazon')",
    ).to_pylist()
    assert planned.goods_left_out["day_unknown"][0] == unknown[0]["orders"] > 0


def _taxes_are_of_their_base(subtotals: list[Any]) -> None:
    """A category once; a tax that has a rate is that of its base, where each order is rounded for itself."""
    codes = [
        (_text(each, "cac:TaxCategory/cbc:ID"), each.findtext("cac:TaxCategory/cbc:Percent", None, SPACES))
        for each in subtotals
    ]
    assert len(set(codes)) == len(codes)
    assert {category for category, _ in codes} <= {"S"}
    for (_, percent), each in zip(codes, subtotals, strict=True):
        if percent is not None:
            of_base = _number(each, "cbc:TaxableAmount") * Decimal(percent) / 100
            assert abs(_number(each, "cbc:TaxAmount") - of_base) < Decimal(1)


def _of_the_ledger(parts: CellParts) -> dict[tuple[str, str, str], Decimal]:
    """Goods, freight, their reductions and output VAT of the entries that invoices and credit notes stand for."""
    of_documents = (
        f"from ledger_entries where period = '{PERIOD}' and posting_rule in ('recognised', 'refunded') "
        "and account in ('revenue_goods', 'revenue_shipping', 'revenue_reduction', 'output_vat') "
    )
    rows = select_rows(
        parts,
        "select entity_id, currency, case when account = 'output_vat' then 'tax' else 'net' end as what, "
        f"-sum(amount_minor) as minor {of_documents} group by 1, 2, 3 union all "
        "select entity_id, '' as currency, 'owed in the books' as what, -sum(functional_minor) as minor "
        f"{of_documents} and currency <> functional_currency group by 1",
    ).to_pylist()
    return {(row["entity_id"], row["currency"], row["what"]): Decimal(row["minor"]).scaleb(-2) for row in rows}


def test_no_file_names_a_person(delivered: tuple[CellParts, PlanReport, Path]) -> None:
    """Buyers of a channel are one customer; what can name one is an order number, where the target's fields permit it."""
    parts, _, inbox = delivered
    channels = {row["channel"] for row in select_rows(parts, "select distinct channel from orders").to_pylist()}
    customers = {
        _text(root, f"cac:{party}/cac:Party/cac:PartyIdentification/cbc:ID")
        for root in _documents(inbox)
        for party in ("AccountingCustomerParty", "BuyerCustomerParty")
        if root.find(f"cac:{party}", SPACES) is not None
    }
    assert customers <= channels
    elements = {etree.QName(each).localname for root in _documents(inbox) for each in root.iter(etree.Element)}
    assert not elements & {"Person", "Contact", "PostalAddress", "PartyName", "Telephone", "ElectronicMail"}


def test_a_month_in_tables_follows_when_the_books_change(small_imported: ImportedCompany, tmp_path: Path) -> None:
    parts = _cell(small_imported, tmp_path, "csv")
    delivering.plan(parts, "files", PERIOD)
    assert delivering.run(parts, "files").open == 0
    assert delivering.audit(parts, "files", PERIOD).is_equal
    assert {path.suffix for path in (tmp_path / "inbox").rglob("*.*")} == {".csv"}
    before = delivering.audit(parts, "files", PERIOD).goods
    for condition in ("channel = 'tmall'", "channel = 'douyin' and shipped_at between '2026-09-02' and '2026-09-29'"):
        first = f"select raw_id from orders where {condition} order by order_key limit 1"
        undo(parts, [select_rows(parts, first).to_pylist()[0]["raw_id"]], "test", "Li Na")
    stale = delivering.audit(parts, "files", PERIOD).goods
    assert (stale.pieces, bool(stale.stock)) == ((), True), "the tables went on, and the audit says by which pieces"
    assert delivering.plan(parts, "files", PERIOD).reversed_ > 0
    assert delivering.run(parts, "files").open == 0
    after = delivering.audit(parts, "files", PERIOD)
    assert after.is_equal
    # What is no order any more came back by the opposite document.
    assert after.kinds[GOODS_RECEIPT] > 0
    assert all(moved == held for _, moved, held, *_ in after.goods.sums)
    assert 0 < sum(held for _, _, held, *_ in after.goods.sums) < sum(held for _, _, held, *_ in before.sums)
    _a_cent_of_the_companys_currency_is_a_difference(parts, tmp_path / "inbox" / "invoice")
    one = next((tmp_path / "inbox" / "invoice").iterdir())
    one.unlink()
    lost = delivering.audit(parts, "files", PERIOD)
    assert (len(lost.missing), lost.is_equal) == (1, False)


def _a_cent_of_the_companys_currency_is_a_difference(parts: CellParts, invoices: Path) -> None:
    """The amounts of the sale are as they were, and the books are not."""
    texts = {path: path.read_text(encoding="utf-8-sig") for path in sorted(invoices.iterdir())}
    firsts = {path: next(csv.DictReader(text.splitlines())) for path, text in texts.items()}
    path = next(path for path, row in firsts.items() if row["currency"] != row["functional_currency"])
    text, first = texts[path], firsts[path]
    total = first["functional_debit"]
    more = text.replace(f",{total},", f",{Decimal(total) + Decimal('0.01')},", 1)
    path.write_text(more, encoding="utf-8-sig")
    (row,) = delivering.audit(parts, "files", PERIOD).differences
    assert row["their_functional_minor"] - row["functional_minor"] == 1
    assert (row["document_id"], row["their_amount_minor"]) == (first["document"], row["amount_minor"])
    path.write_text(text, encoding="utf-8-sig")
    assert delivering.audit(parts, "files", PERIOD).is_equal


def _text(above: Any, path: str) -> str:
    return str(above.findtext(path, namespaces=SPACES))


def _number(above: Any, path: str) -> Decimal:
    return Decimal(_text(above, path))
