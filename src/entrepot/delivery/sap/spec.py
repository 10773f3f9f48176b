"""Facts about posting journals into SAP, from a sheet and by S/4HANA's services.

The sheet: one row per line with the header's fields on every row, under the technical names that tools for
BAPI_ACC_DOCUMENT_POST use. `DMBTR` (the amount in the company code's currency) and `PRCTR` beside them, the document
type SA, and dimensions going to KOSTL, PRCTR and ZUONR in the order of the mapping are our assumption. The app "Upload
General Journal Entries" has a template of its own, which changes with the release: its columns are filled from these.

The services: a journal is posted by SOAP (JournalEntryCreateRequestConfirmation_In, scenario SAP_COM_0002: names,
order and answers from payloads in public repositories, read 2026-11), in one call and at once, and answers 200
also where it refuses: the document's number is then all zeros and the log says why. It is read back by OData version 2
(API_OPLACCTGDOCITEMCUBE_SRV, scenario SAP_COM_0303; company codes and accounts API_JOURNALENTRYITEMBASIC_SRV), by the
names of the published metadata. No field of a journal is unique: the key is its reference (XBLNR, 16 characters, in
capitals) and, with `EP` before it, the assignment of each line (ZUONR, 18).

Invoices and credit notes are entries of the types DR and DG by the same service, with a customer's item (DebtorItem:
Debtor, and AltvRecnclnAccts for the reconciliation account) beside items on accounts; what these stand for is in their
texts. Each item has its amount in the transaction's currency and in the company code's; that one that is 0 in the one
and not in the other is taken, with the side of the other as its DebitCreditCode, is our assumption. The cube gives
Customer, DocumentItemText and AccountingDocumentType.

Payments are entries of the type DZ by the same service, and cleared with what they pay by another
(JournalEntryBulkClearingRequest_In, of the same scenario; see `clearing.py`). The cube tells what is open: it gives
ClearingAccountingDocument, which is empty there.

Sales orders go by API_SALES_ORDER_SRV; see `orders.py`. They are blocked for billing, since journals carry the money.

Goods do not go there: a goods issue makes an accounting document that takes the cost out of the material's inventory
account (learning.sap.com, Executing Picking and Posting Goods Issue, read 2026-11), and our journals hold that cost.
"""

from entrepot.delivery.contract import FileForm, Layout
from entrepot.delivery.erp import CREDIT_NOTE, GOODS_ISSUE, GOODS_RECEIPT, INVOICE, JOURNAL, ORDER, PAYMENT, ErpSpec

LAYOUT = Layout(
    name="sap",
    title={"zh": "SAP 总账凭证", "en": "SAP general journal entries"},
    source=(
        "fields of the open posting tool alfonsogildegea/simple_acc_post (README, read 2026-11), which follow tables "
        "BKPF and BSEG; the order of columns is our assumption"
    ),
    numbers=frozenset({"WRBTR", "DMBTR"}),
    text=FileForm(encoding="utf-8-sig", line_end="\r\n"),
)

SPEC = ErpSpec(
    name="sap",
    title={"en": "SAP S/4HANA", "zh": "SAP S/4HANA"},
    source=(
        "payloads of JournalEntryCreateRequestConfirmation_In and metadata of API_OPLACCTGDOCITEMCUBE_SRV and "
        "API_JOURNALENTRYITEMBASIC_SRV in public repositories, read 2026-11; OData measured on SAP's CAP 10.1"
    ),
    proven="SAP's own CAP runtime for OData, SOAP doors of ours for posting and clearing; no S/4HANA has been asked",
    steps={
        ORDER: ("create",),
        INVOICE: ("post",),
        CREDIT_NOTE: ("post",),
        JOURNAL: ("post",),
        PAYMENT: ("post", "clear"),
    },
    batch_max=20,
    is_atomic=False,
    native_key=dict.fromkeys((ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT), ""),
    # An application server ends a dialogue process after ten minutes unless its administrator set another time
    # (rdisp/max_wprun_time); until then a call whose answer was lost may still post.
    quiet_s=600.0,
    price_digits=2,
    keeps_both_amounts=True,
    calls_at_once_max=4,
    advice={
        "company": {
            "en": "map the company to its company code in S/4HANA with an `entity` row; then `entrepot deliver retry`",
            "zh": "在映射表中用 entity 行将公司对应到 S/4HANA 的公司代码;然后运行 `entrepot deliver retry`",
        },
        "account": {
            "en": "create or unblock the G/L account, or map ours to another (ten digits); then `deliver retry`",
            "zh": "建立或解除冻结该总账科目,或修改科目映射(十位数字,前面补零);然后运行 `entrepot deliver retry`",
        },
        "code": {
            "en": "map the SKU with a `sku` row to a shorter code; then `entrepot deliver retry`",
            "zh": "在映射表的 sku 行中改用较短的编码;然后运行 `entrepot deliver retry`",
        },
        "clearing": {
            "en": "look into SAP's Message Dashboard for why it did not clear, mend it; then `entrepot deliver retry`",
            "zh": "在 SAP 的 Message Dashboard 中查看未能清账的原因并处理;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "give the user SAP_COM_0002 and SAP_COM_0303 and check its password; then `deliver retry`",
            "zh": "将通信用户加入 SAP_COM_0002 和 SAP_COM_0303 并检查其密码;然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "what SAP says of a clearing that it refused": "in its own Message Dashboard: the service answers before it",
        "billing documents": "never: an invoice is an entry of accounts receivable, which no sale in SAP stands behind",
        "customers": "not made: a business partner is the company's; they have to be there",
        "taxes of SAP": "not yet: tax is an item on its account, without a tax code",
        "sales organisations": "not yet: a company sells by the one that has the number of its company code",
        "freight in sales orders": "not yet: journals carry it",
        "cost centres, profit centres, tax codes": "not yet: accounts that ask for one refuse the journal",
        "more than 999 lines in a document": 'S/4HANA refuses it: take order_days or per = "order"',
        "OAuth 2.0 and certificates for the communication user": "not yet: name and password",
        "extension ledgers": "not yet: a journal goes to all ledgers of the company code",
    },
    declined=dict.fromkeys(
        (GOODS_ISSUE, GOODS_RECEIPT),
        "S/4HANA posts what they cost with each, and the journals have posted it: it would be in the books twice",
    ),
)
