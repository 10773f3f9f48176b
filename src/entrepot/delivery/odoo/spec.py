"""Facts about Odoo, as a target of journals, invoices, payments, sales orders, goods, contacts and products.

Measured on a running Odoo 18 (JSON-RPC), 2026-11: `load` with an external id in the column `id` makes the record or
writes it again, in one transaction for the whole call; lines need external ids of their own, or a repeat appends them;
a failure answers 200 with `ids: false` and messages; of six equal calls at once one gets through; posting twice is an
error; a method that returns nothing gives an answer without `result`. `load` was measured on sales orders; that
journal entries and invoices behave the same is our reading, and so is that an empty cell of a line's taxes takes away
those that product and account would bring. Fields of invoices and their lines: odoo/odoo, addons/account/models,
account_move.py and account_move_line.py, and product and partner beside them, read 2026-11: the total of an invoice
goes to the account that the contact has in the company, a credit note has positive quantities; lines of an invoice in
another currency are translated at its rate, each by itself, while lines of an entry have an `amount_currency` beside
debit and credit; `reconcile` matches lines with each other and refuses those that are matched already, not posted, or
not of one account.

Sales orders (recorded `load` of 18; odoo/odoo, addons/sale/models, sale_order.py and sale_order_line.py, read 2026-11):
an order has the currency of its price list, else the company's; `action_confirm` refuses an order that is no quotation
and puts the moment of the call into `date_order`; `invoice_ids` are the invoices made from its lines, which nothing
prevents; the taxes of a line are `tax_id`, and `tax_ids` from 18.1 on.

Transfers (odoo/odoo, addons/stock, stock_picking.py and stock_move.py, addons/stock_account and addons/stock_sms, of
several versions, read 2026-11): validating writes the moment into `date_done` and into the `date` of each move, which
is the day of the move from then on and may be written; writing `date_done` of a done transfer takes its moves
along in later versions. It asks for a back order where less was done than asked for, and before it sends a text
message, unless the context says otherwise; an answer that is an action may be a question or a report to print. Entries
are made of products that are counted (`is_storable`, before 18 the type `product`) and valued in `real_time`; they
stand in `account_move_ids` of a move up to 18, in `account_move_id` from 19 on.

From 19 on `/json/2` is the interface (odoo/documentation, external_api.rst, read 2026-11): names in the address, a key
as bearer, errors with a status of their own, each call one transaction.
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

MODULE = "entrepot"
"""External ids are `entrepot.KEY` for a journal or invoice, `entrepot.KEY_N` for its lines, and `entrepot.party_` or
`entrepot.product_` with a hash of the code."""

SPEC = ErpSpec(
    name="odoo",
    title={"en": "Odoo", "zh": "Odoo"},
    source="recorded and measured calls of Odoo 18, and the documentation of the JSON-2 API of 19, read 2026-11",
    proven="a simulator written from recorded calls of Odoo 18 and the documentation of 19",
    steps={
        PARTY: ("put",),
        PRODUCT: ("put",),
        ORDER: ("create", "confirm", "date"),
        INVOICE: ("create", "post"),
        CREDIT_NOTE: ("create", "post"),
        JOURNAL: ("create", "post"),
        PAYMENT: ("create", "post", "match"),
        GOODS_ISSUE: ("create", "confirm", "fill", "validate", "date"),
        GOODS_RECEIPT: ("create", "confirm", "fill", "validate", "date"),
    },
    batch_max=20,
    is_atomic=True,
    native_key=dict.fromkeys(
        (PARTY, PRODUCT, ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT, GOODS_ISSUE, GOODS_RECEIPT),
        "external id (ir.model.data)",
    ),
    # The external id is unique in the database, so a call that ends late cannot double; this spares useless questions.
    quiet_s=10.0,
    calls_at_once_max=4,
    advice={
        "company": {
            "en": "name the company in Odoo like this, or map it with an `entity` row; then `entrepot deliver retry`",
            "zh": "在 Odoo 中使用此公司名称,或在映射表中增加 entity 行;然后运行 `entrepot deliver retry`",
        },
        "account": {
            "en": "give an account of the company this code, or map ours to another; then `entrepot deliver retry`",
            "zh": "为该公司的科目设置此代码,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "currency": {
            "en": "activate the currency in Odoo; then `entrepot deliver retry`",
            "zh": "在 Odoo 中启用该币种;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "make a contact with this reference, or let `master_data` of the target be deliver",
            "zh": "建立内部参考为此编码的联系人,或将目标的 master_data 设为 deliver",
        },
        "product": {
            "en": "make a product with this internal reference, or let `master_data` of the target be deliver",
            "zh": "建立内部参考为此编码的产品,或将目标的 master_data 设为 deliver",
        },
        "pricelist": {
            "en": "make a price list in this currency in Odoo, empty as it may be; then `entrepot deliver retry`",
            "zh": "在 Odoo 中建立该币种的价格表(可为空);然后运行 `entrepot deliver retry`",
        },
        "warehouse": {
            "en": "give the company a warehouse, and the contact a customer location; then `entrepot deliver retry`",
            "zh": "为公司建立仓库,并为联系人设置客户库位;然后运行 `entrepot deliver retry`",
        },
        "valued": {
            "en": "set the product's category to manual valuation: our journals carry the cost; then `deliver retry`",
            "zh": "将产品类别的库存计价设为手动:成本已在我方凭证中;然后运行 `entrepot deliver retry`",
        },
        "asks": {
            "en": "answer the question in Odoo by validating the transfer there; then `entrepot deliver retry`",
            "zh": "在 Odoo 中验证该调拨单并回答其提问;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "renew the key; give its user Accountant, Sales for orders, Inventory for goods, and all companies",
            "zh": "更新 API 密钥,为其用户授予会计组(订单还需销售组,出入库还需库存组)和全部公司",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "freight in sales orders": "not yet: journals and invoices carry it",
        "sales orders on a running server": "not proven from confirming on: `load` was measured, the rest was read",
        "goods on a running server": "not proven: written from the models and tried on a simulator",
        "goods with lots or serial numbers": "not yet: Odoo refuses them without one",
        "analytic accounts": "not yet: in journals channel, shop and SKU stand in the text only",
        "several payments of an invoice in another currency": "never: Odoo books exchange differences",
        "taxes of Odoo": "not yet: tax is an amount on an account, and no tax report of Odoo knows it",
        "invoices on a running server": "not proven: written from the models and tried on a simulator",
        "keys end after three months": "Odoo's rule: make a new key in time and put it into the variable",
    },
    price_digits=2,
    keeps_both_amounts=True,
)
