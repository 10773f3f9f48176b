"""Facts about Business Central: its general journal by file; journals, invoices and customers by its API v2.0.

The file: the columns are the captions of table 81, which a configuration package or *Edit in Excel* takes. The
template GENERAL and the batch DEFAULT are names of the demonstration company and our assumption; so is a line number
in steps of 1000. A line has two shortcut dimensions.

The API (MicrosoftDocs/dynamics365smb-devitpro-pb, read 2026-11): a journal is a batch whose code of ten characters is
unique; it is made with its lines in one call and posted as a whole by Microsoft.NAV.post, which leaves it empty and
makes general ledger entries that carry the document number. Posting again finds nothing to post. That the nested lines
and the journal are one transaction is documented for orders, and our reading for journals. A line has no currency, and
what is posted keeps no comment, so a line's own amount in another currency stands in its description. The page of
journal lines takes lines of customers and shows those of accounts and banks only (Microsoft's published source of the
page APIV2 JournalLines and of the codeunit Graph Mgt - Journal Lines, read 2026-11), so a draft's other lines are noted
in a comment. A payment journal can be posted as a journal, by its id; a customer payment has one balancing account and
applies to invoices only (APIV2 Journals, Customer Payments). Neither page serves payments: a line of JournalLines is a
document of no type and has no field that applies it; a line of Customer Payments is of the type payment, applies to the
type invoice, both set by the page itself, and takes the id of a posted invoice, never of a credit memo; so what pays a
credit memo, and what takes a payment back, could be applied by neither (source of pages 30049 and 30055, read 2026-11).

A sales order (resources salesOrder and salesOrderLine, and the source of the page APIV2 Sales Orders) is a draft until
people ship or invoice it: `shippedQuantity` and `invoicedQuantity` of its lines tell. That an order which was invoiced
as a whole is gone, and its invoice has its external document number, is how the base application posts, by its users.
"""

from entrepot.delivery.contract import FileForm, Layout
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, ORDER, PARTY, PRODUCT, ErpSpec

LAYOUT = Layout(
    name="business_central",
    title={"zh": "Business Central 普通日记账", "en": "Business Central general journal"},
    source=(
        "Microsoft Learn, Business Central base application, table 81 Gen. Journal Line (fields, lengths) and NAV 2016 "
        "field reference (amounts in the line's currency, no code for the local one), read 2026-11"
    ),
    numbers=frozenset({"Line No.", "Debit Amount", "Credit Amount", "Amount (LCY)"}),
    dimensions_max=2,
    has_entity=False,
    text=FileForm(encoding="utf-8-sig", line_end="\r\n"),
    sheet="Gen. Journal Line",
)

SPEC = ErpSpec(
    name="business_central",
    title={"en": "Dynamics 365 Business Central", "zh": "Dynamics 365 Business Central"},
    source="Business Central API v2.0 and its limits (MicrosoftDocs/dynamics365smb-devitpro-pb), read 2026-11",
    proven="a simulator written from the documentation; no running one has been asked",
    steps={
        PARTY: ("put",),
        PRODUCT: ("put",),
        ORDER: ("create",),
        INVOICE: ("create", "post"),
        CREDIT_NOTE: ("create", "post"),
        JOURNAL: ("create", "post"),
    },
    batch_max=20,
    is_atomic=False,
    native_key={
        PARTY: "number",
        PRODUCT: "number",
        ORDER: "",
        INVOICE: "",
        CREDIT_NOTE: "",
        JOURNAL: "code of the journal, until it is posted",
    },
    # The gateway gives up after ten minutes and the server ends a call after eight; once a journal was posted and
    # deleted its code is free again, so a call that ends late could make it anew.
    quiet_s=600.0,
    # A user has five calls at once.
    calls_at_once_max=3,
    advice={
        "company": {
            "en": "name the company in Business Central like this, or map it with an `entity` row; then `retry`",
            "zh": "在 Business Central 中使用此公司名称,或在映射表中增加 entity 行;然后运行 `entrepot deliver retry`",
        },
        "account": {
            "en": "give an account this number, with direct posting and not blocked, or map ours anew; then `retry`",
            "zh": "为允许直接过账的科目设置此编号并解除冻结,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "make a customer with this number, or let `master_data` of the target be deliver; then `retry`",
            "zh": "建立编号为此编码的客户,或将目标的 master_data 设为 deliver;然后运行 `entrepot deliver retry`",
        },
        "product": {
            "en": "make an item with this number, or let `master_data` of the target be deliver; then `retry`",
            "zh": "建立编号为此编码的物料,或将目标的 master_data 设为 deliver;然后运行 `entrepot deliver retry`",
        },
        "code": {
            "en": "map it with a `channel` or `sku` row to at most 20 characters, channels in small letters; `retry`",
            "zh": "在映射表 channel 或 sku 行中改用不超过 20 字符的编码(渠道用小写);然后运行 `entrepot deliver retry`",
        },
        "tax": {
            "en": "give its accounts a VAT product posting group of 0 %; delete the draft; `retry TARGET DOCUMENT`",
            "zh": "为销售和销项税科目设置 0% 的增值税产品过账组,删除草稿;然后运行 `deliver retry 目标 单据`",
        },
        "rights": {
            "en": "check client id, secret, token_url and the app's permission sets; then `entrepot deliver retry`",
            "zh": "检查客户端 ID、密钥、token_url 及应用的权限集;然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "invoices in another currency": "not offered: no call says a rate or both amounts; journals carry them",
        "goods": "not yet: invoices and journals carry the money of them",
        "sales orders in a running one": "not proven: written from the documentation and tried on a simulator",
        "freight in sales orders": "not yet: journals and invoices carry it",
        "payments": "not offered: no line applies to credit memos or takes a payment back; journals pay, by customer",
        "items in lines of invoices": "never: posting groups would choose their accounts, and stock would move",
        "taxes of Business Central": "not yet: tax is a line on its account, and no VAT report knows it",
        "the account that a customer charges": "follows from its posting group: the audit tells if it is another one",
        "dimensions": "not yet by the API; the file has two",
        "accounts with a general posting type": "they add VAT entries of their own: map to accounts without one",
        "entries that were reversed in Business Central": "the API does not say so: the audit still finds them",
        "a posting number series on the template": "it would give the entries another number: leave it empty",
    },
    price_digits=5,
    turns_lines=False,
    has_shared_masters=False,
    name_length_max=100,
    settings=frozenset({"token_url"}),
)
