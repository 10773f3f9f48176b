"""Facts about Tryton 8.2, as a target of journals, invoices, payments, sales orders, goods, parties and products.

Measured against trytond 8.2.1 on SQLite and PostgreSQL unless a source is named: errors come with HTTP 200; a call that
holds several documents is one transaction; a draft that does not balance is taken and only posting refuses it; moves
and invoices carry no unique key from outside, so the key stands at the front of the description, where `find` looks
for it. An invoice multiplies quantity and unit price, of four digits, and rounds each line; its own date may not lie
before that of one that has a number already; tax lines that are manual stay as they are (trytond_account_invoice 8.2.0,
invoice.py). An invoice in another currency is booked at the rate of its day and nobody may write its move, while the
lines of an entry take a second amount (invoice.py, get_move; trytond_account 8.2.1, move.py). A line names a party just
where its account requires one. Lines of one account and party that add up to nothing, in both currencies, can be
reconciled, from outside by the wizard of its clients only; an invoice whose lines to pay are reconciled
becomes paid by itself. A party's code is unique, a product's is not. A sale whose methods are manual makes no invoice
and no shipment when it is confirmed, names salable products only, and keeps the date that it was given (trytond_sale
8.2.0, sale.py). A shipment whose storage is its output too has no stop there; assigning it by force asks for no stock,
and its moves are done on its effective date; with sales active, goods that no sale is behind are asked about in a
warning, which has to be answered (trytond_stock 8.2.0, shipment.py and move.py). A module that values stock posts each
move of goods that has a cost, where the fiscal year names a method (trytond_account_stock_continental 8.2.0, stock.py).
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

SPEC = ErpSpec(
    name="tryton",
    title={"en": "Tryton", "zh": "Tryton"},
    source=(
        "trytond 8.2.1, trytond_account 8.2.1, trytond_account_invoice 8.2.0, trytond_sale 8.2.0, trytond_stock 8.2.0 "
        "and trytond_account_stock_continental 8.2.0, read and measured 2026-11"
    ),
    proven="a running Tryton 8.2 that the tests start",
    steps={
        PARTY: ("put",),
        PRODUCT: ("put",),
        ORDER: ("create", "quote", "confirm"),
        INVOICE: ("create", "validate", "post"),
        CREDIT_NOTE: ("create", "validate", "post"),
        JOURNAL: ("create", "post"),
        PAYMENT: ("create", "post", "match"),
        GOODS_ISSUE: ("create", "wait", "assign", "pack", "do"),
        GOODS_RECEIPT: ("create", "receive"),
    },
    batch_max=50,
    is_atomic=True,
    native_key={
        PARTY: "code",
        **dict.fromkeys((PRODUCT, ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT, GOODS_ISSUE, GOODS_RECEIPT), ""),
    },
    # A client gives up after 60 s (`Wire`); a threaded server finishes what it has begun, and its own statements are
    # short. Twice the time is what we wait before "it is not there" is believed.
    quiet_s=120.0,
    calls_at_once_max=4,
    advice={
        "company": {
            "en": "make the company in Tryton with this code at its party, or map it with an `entity` row",
            "zh": "在 Tryton 中建立该公司(往来单位编码一致),或在映射表中增加 entity 行",
        },
        "account": {
            "en": "make the account in the company's chart, or map ours to another one; then `entrepot deliver retry`",
            "zh": "在该公司科目表中建立此科目,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "period": {
            "en": "open a fiscal year and period for this date in Tryton; then `entrepot deliver retry`",
            "zh": "在 Tryton 中为该日期建立并打开会计年度和期间;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "make the party in Tryton under this code, or let `master_data` of the target be deliver",
            "zh": "在 Tryton 中以此编码建立往来单位,或将目标的 master_data 设为 deliver",
        },
        "product": {
            "en": "make the product in Tryton under this code, or let `master_data` of the target be deliver",
            "zh": "在 Tryton 中以此编码建立产品,或将目标的 master_data 设为 deliver",
        },
        "category": {
            "en": "make the accounting category Entrepot, with a revenue account in each company; then `deliver retry`",
            "zh": "新建名为 Entrepot 的会计类别,并为每个公司设置收入科目;然后运行 `entrepot deliver retry`",
        },
        "address": {
            "en": "give the party an address in Tryton; then `entrepot deliver retry`",
            "zh": "在 Tryton 中为该往来单位增加地址;然后运行 `entrepot deliver retry`",
        },
        "module": {
            "en": "activate what brings this in Tryton (`sale` for orders, `stock` for goods), then `deliver retry`",
            "zh": "在 Tryton 中启用所缺模块(销售订单需要 `sale`,出入库单需要 `stock`),然后运行 `deliver retry`",
        },
        "warehouse": {
            "en": "make a warehouse in Tryton; then `entrepot deliver retry`",
            "zh": "在 Tryton 中建立仓库;然后运行 `entrepot deliver retry`",
        },
        "location": {
            "en": "give the party a customer location in Tryton; then `entrepot deliver retry`",
            "zh": "在 Tryton 中为该往来单位设置客户库位;然后运行 `entrepot deliver retry`",
        },
        "valued": {
            "en": (
                "Tryton would post what goods cost, as the journals have done: leave `movements` out of the target, or "
                "take the stock method off the fiscal year; then `entrepot deliver retry`"
            ),
            "zh": (
                "Tryton 会再次登记商品成本,而日记账已登记:请从目标中去掉 `movements`,或取消该会计年度的存货计价方法;"
                "然后运行 `entrepot deliver retry`"
            ),
        },
        "currency": {
            "en": "activate the currency in Tryton; then `entrepot deliver retry`",
            "zh": "在 Tryton 中启用该币种;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "give the user Accounting, for orders Sales too, and all its companies; then `deliver retry`",
            "zh": "为目标用户授予会计组(销售订单还需销售组)权限和全部公司;然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "analytic accounts": "not yet: channel, shop and SKU stand in the text only",
        "taxes of Tryton": "not yet: tax is an amount on an account, and no tax report of Tryton knows it",
        "freight in sales orders": "not yet: journals and invoices carry it",
        "shipments of sales": "not yet: a person makes them from the sale; goods are shipments of their own",
        "several warehouses": "not yet: goods leave the first one there is, and come back to it",
    },
    price_digits=4,
    keeps_both_amounts=True,
)
