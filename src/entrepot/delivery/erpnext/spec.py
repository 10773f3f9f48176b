"""Facts about ERPNext, as a target of journals, invoices, payments, sales orders, goods, customers and items.

Measured on a running server of version 15's REST interface, 2026-11: a name of ours is ignored, so the key is a custom
field that the database keeps unique; a second insert with it answers 417 UniqueValidationError, and of six at once one
gets through; submitting twice is taken twice and changes nothing; 417 is the answer to nearly every refusal, and
`exc_type` says which. Fields of Journal Entry, Sales Invoice and their lines: frappe/erpnext, the JSON files of the
doctypes; that quantities of a return are negative and all others positive, and prices never negative:
erpnext/controllers/status_updater.py. A Journal Entry pays an invoice by the reference of a line on its account and
customer: what the line credits may not be more than is open, a return is paid by a debit (journal_entry.py, 2026-11).
Invoices and payments were never sent to a running server. Sales Orders were: creating, the check of `po_no` by
customer, the unique key, submitting and submitting again are recorded; `per_billed` is what invoices made from an order
bill of it.

Stock Entries were never sent to a running server (stock_entry.json, stock_entry.py, item.py, sales_order.py, read
2026-11): an item has to maintain stock, which it cannot begin to do once there are transactions of it; quantities are
positive; a receipt with `allow_zero_valuation_rate` has the rate nothing; entries of the ledger are made where the
company has `enable_perpetual_inventory`; an order of such an item needs a warehouse.
"""

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
    ErpSpec,
)

KEY_FIELD = "entrepot_key"
"""Custom field of Customer, Item, Journal Entry, Sales Invoice, Sales Order, Stock Entry: Data, unique, not copied."""

SPEC = ErpSpec(
    name="erpnext",
    title={"en": "ERPNext", "zh": "ERPNext"},
    source="recorded and measured calls of ERPNext 15, and frappe/erpnext doctypes, read 2026-11",
    proven="a simulator written from recorded calls of ERPNext 15",
    steps={
        PARTY: ("put",),
        PRODUCT: ("put",),
        ORDER: ("create", "submit"),
        INVOICE: ("create", "submit"),
        CREDIT_NOTE: ("create", "submit"),
        JOURNAL: ("create", "submit"),
        PAYMENT: ("create", "submit"),
        GOODS_ISSUE: ("create", "submit"),
        GOODS_RECEIPT: ("create", "submit"),
    },
    batch_max=20,
    is_atomic=False,
    native_key=dict.fromkeys(
        (PARTY, PRODUCT, ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT, GOODS_ISSUE, GOODS_RECEIPT), KEY_FIELD
    ),
    # The field is unique in the database, so a call that ends late cannot double; this only spares useless questions.
    quiet_s=10.0,
    calls_at_once_max=4,
    advice={
        "settles": {
            "en": "look who has paid or cancelled the invoice there; undo that, then `entrepot deliver retry`",
            "zh": "查看该发票在 ERP 中是否已被核销或取消;撤销后运行 `entrepot deliver retry`",
        },
        "key": {
            "en": "add the custom field entrepot_key (Data, unique, no copy) to this doctype; then `deliver retry`",
            "zh": "在该单据类型上新增自定义字段 entrepot_key(Data,唯一,不复制);然后运行 `entrepot deliver retry`",
        },
        "company": {
            "en": "make the company in ERPNext under this name, or map it with an `entity` row",
            "zh": "在 ERPNext 中以此名称建立公司,或在映射表中增加 entity 行",
        },
        "account": {
            "en": "give the account of the company this number, or map ours to another; then `entrepot deliver retry`",
            "zh": "为该公司的科目设置此编号,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "make the Customer with this entrepot_key, or let `master_data` of the target be deliver",
            "zh": "建立 entrepot_key 为此编码的 Customer,或将目标的 master_data 设为 deliver",
        },
        "product": {
            "en": "make the Item with this entrepot_key, or let `master_data` of the target be deliver",
            "zh": "建立 entrepot_key 为此编码的 Item,或将目标的 master_data 设为 deliver",
        },
        "valued": {
            "en": "switch perpetual inventory of the company off, since our journals carry the cost, or `movements`",
            "zh": "关闭该公司的永续盘存(成本已在我方凭证中),或关闭目标的 movements",
        },
        "uncounted": {
            "en": "let the Item maintain stock, as ERPNext allows before its first transaction; then `deliver retry`",
            "zh": "为该 Item 启用库存管理(ERPNext 仅允许在首笔业务之前);然后运行 `entrepot deliver retry`",
        },
        "warehouse": {
            "en": "choose one of the company's as default warehouse in Stock Settings; then `entrepot deliver retry`",
            "zh": "在 Stock Settings 中将该公司的某个仓库设为默认仓库;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "give the key's user Accounts Manager, Sales User for orders, Stock Manager for goods; then `retry`",
            "zh": "为 API 用户授予 Accounts Manager 角色(销售订单还需 Sales User,出入库还需 Stock Manager);然后重试",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "invoices in another currency": "not offered: its one rate rounds each line; journals carry them",
        "accounts in another currency": "not yet: lines are in the company's currency, the other is in the remark",
        "accounts that need a party": "`customer_clearing` has to be one; map no other account of ours to such a one",
        "cost centres": "not yet",
        "goods on a running server": "not proven: written from the doctypes and tried on a simulator",
        "goods with batches or serial numbers": "not yet: ERPNext refuses them without one",
        "freight in sales orders": "not yet: journals and invoices carry it",
        "invoices on a running server": "not proven: written from the doctypes and tried on a simulator",
    },
    price_digits=2,
    turns_lines=False,
)
