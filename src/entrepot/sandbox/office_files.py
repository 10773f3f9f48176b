"""Files of the finance office: bank statements, stock lists, copied figures, the tax platform's list of invoices."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.office import ACCOUNTS, COMMISSION_ISSUER, COMPANY, TAX_NUMBER
from entrepot.sandbox.paper import WrittenFile, put, put_xlsx, sparse_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.answers.known import Known
    from entrepot.sandbox.office import Invoice, Office

FOLDER = "office"
_BANK = ("bank_account", "booked_on", "amount", "currency", "counterparty", "balance", "bank_fee", "line_id")
_STOCK = ("stock_day", "sku_id", "quantity", "location", "custodian")
_FIGURES = ("channel", "shop", "period", "measure", "amount", "currency", "figure_source")
_INVOICES = (
    *("数电发票号码", "销方识别号", "销方名称", "购买方名称", "开票日期", "金额", "税额", "价税合计"),
    *("发票票种", "发票状态", "是否正数发票", "备注"),
)


def write_office(known: Known, office: Office, company: Path) -> list[WrittenFile]:
    """Write the office's files into `files/office`, and the company's tax number into `cell.toml`."""
    folder = company / "files" / FOLDER
    written = []

    def note(name: str, kind: str, rows: int) -> None:
        written.append(WrittenFile(f"files/{FOLDER}/{name}", kind, "", rows))

    bank: defaultdict[str, list[Sequence[str]]] = defaultdict(list)
    balances: defaultdict[str, int] = defaultdict(lambda: 10_000_000)
    for number, move in enumerate(office.bank):
        balances[move.currency] += move.minor
        bank[move.currency].append(
            (
                *(ACCOUNTS[move.currency], move.day, decimal(move.minor), move.currency, move.counterparty),
                *(decimal(balances[move.currency]), decimal(move.fee_minor), f"B{number:08}"),
            )
        )
    for currency, lines in bank.items():
        name = f"bank_{currency.lower()}.csv"
        put(folder / name, sparse_quoted([_BANK, *lines]).encode())
        note(name, "bank_statement", len(lines))
    counts = [(each.day, each.sku, str(each.units), each.place, each.custodian) for each in office.counts]
    put(folder / "stock_2026.csv", sparse_quoted([_STOCK, *counts]).encode())
    note("stock_2026.csv", "stock_list", len(counts))
    figures = [
        (known.shops[each.shop].channel, each.shop, each.month, each.measure, decimal(each.minor), "CNY", "后台")
        for each in office.stated
    ]
    put(folder / "seller_centre_figures.csv", sparse_quoted([_FIGURES, *figures]).encode("utf-8-sig"))
    note("seller_centre_figures.csv", "own_platform_figures", len(figures))
    invoices = [_invoice_row(each) for each in office.invoices]
    put_xlsx(folder / "invoices_2026.xlsx", "发票基础信息", [_INVOICES, *invoices])
    note("invoices_2026.xlsx", "efapiao_invoices", len(invoices))
    settings = (company / "cell.toml").read_text(encoding="utf-8")
    head = f'[[entities]]\nid = "{COMPANY}"\n'
    told = settings.replace(head, f'{head}tax_registrations = "{TAX_NUMBER}"\n')
    (company / "cell.toml").write_text(told, encoding="utf-8")
    return written


def _invoice_row(invoice: Invoice) -> Sequence[str]:
    is_ours = invoice.fees_of is None
    return (
        invoice.number,
        TAX_NUMBER if is_ours else "91110000MA00TESTXX",
        "屿浔（上海）贸易有限公司" if is_ours else COMMISSION_ISSUER,
        "个人" if is_ours else "屿浔（上海）贸易有限公司",
        f"{invoice.day} 10:00:00",
        decimal(invoice.gross_minor - invoice.tax_minor),
        decimal(invoice.tax_minor),
        decimal(invoice.gross_minor),
        "数电发票（普通发票）" if is_ours else "数电发票（增值税专用发票）",
        "正常",
        "是",
        f"订单号：{invoice.order}" if invoice.order else "",
    )
