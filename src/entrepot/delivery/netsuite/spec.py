"""Facts about NetSuite's journal import, and about what SuiteTalk REST takes.

The import: the column names are those of the Import Assistant, which maps them by name. Dimensions go to Department,
Class and Location in the order of the mapping: that choice, the External ID and the date format are ours.

SuiteTalk REST (record browser 2026.1, read 2026-11): a journal is written under an external id of ours, which NetSuite
keeps unique (PUT .../journalEntry/eid:ID), and with `replace=line`, without which a repeat would add its lines again.
An unknown field is only a warning unless X-NetSuite-PropertyNameValidation says Error. It is read back by SuiteQL,
whose answers leave out what is null and give every value as text. Base amounts follow from one exchange rate for the
whole journal, so a journal in another currency goes in as the subsidiary's currency, its own amounts in the lines'
memos.

Invoices and credit memos (the same browser, records invoice, creditMemo, customer and otherChargeSaleItem): entity,
account for what is owed, and lines of items, whose income account takes the line; both are posted as they are written.
That SuiteQL gives `mainline`, `quantity` and `rate` of a line, and lines of tax no quantity, is our reading.

Payments are journals whose lines name customers. A customer payment (record customerPayment: `payment`, `arAcct`, and
the sublists `apply` and `credit` with `doc`, `line`, `apply` and `amount`, where `line` is the number of the
transaction's line) of nothing applies the ones to the others without a payment being kept: described of the form by
people who use it (suitetoothconsulting.com, archive.netsuiteprofessionals.com, read 2026-11), and our reading for REST.
What is open of a line SuiteQL gives as `foreignamountunpaid` and `foreignpaymentamountunused`, by public queries.

Sales orders (record salesOrder: `orderStatus` A or B, `otherRefNum`, lines with `price`, `rate` and `amount`): A waits
for approval; the price level -1 is a price of one's own (restconnector.py of ideabosque/suitetalk_connector, read
2026-11). SuiteQL gives `status`, and of a line `foreignamount`, `taxline`, `quantitybilled` and `quantityshiprecv`, by
public queries.

Goods do not go there: what leaves stock moves its value from the asset account to that of costs (NetSuite help,
section_N2195087), and an inventory adjustment to its adjustment account (record browser 2022.1, inventoryAdjustment;
both read 2026-11). Our journals hold that cost.
"""

from entrepot.delivery.contract import FileForm, Layout
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    ErpSpec,
)

LAYOUT = Layout(
    name="netsuite",
    title={"zh": "NetSuite 日记账导入", "en": "NetSuite journal import"},
    source=(
        "NetSuite help, Journal Entry Import: header fields (section_1534492479) and line fields (section_1534492737), "
        "read 2026-11; amounts have at most 10 digits before the point; dates as YYYY-MM-DD are our assumption: choose "
        "that format in the import's options"
    ),
    numbers=frozenset({"Exchange Rate", "Debit", "Credit"}),
    text=FileForm(encoding="utf-8", line_end="\r\n"),
)

SPEC = ErpSpec(
    name="netsuite",
    title={"en": "NetSuite", "zh": "NetSuite"},
    source="SuiteTalk REST record browser 2026.1 and NetSuite help on SuiteQL, OAuth 2.0 and TBA, read 2026-11",
    proven="a simulator written from the published contract; no account has been asked",
    steps={
        PARTY: ("put",),
        ORDER: ("create",),
        INVOICE: ("create",),
        CREDIT_NOTE: ("create",),
        JOURNAL: ("create",),
        PAYMENT: ("create", "match"),
    },
    batch_max=20,
    is_atomic=False,
    native_key=dict.fromkeys((PARTY, ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT), "externalId"),
    # The external id is unique, so a call that ends late writes the same journal; this spares useless questions.
    quiet_s=30.0,
    # Calls of all integrations of an account share five at once in the lowest tier.
    calls_at_once_max=2,
    advice={
        "company": {
            "en": "name the subsidiary like this, or map it with an `entity` row; then `entrepot deliver retry`",
            "zh": "在 NetSuite 中使用此子公司名称,或在映射表中增加 entity 行;然后运行 `entrepot deliver retry`",
        },
        "account": {
            "en": "give an active account this number, or map ours anew; then `entrepot deliver retry`",
            "zh": "为启用的科目设置此编号,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "give a customer this external id, or let `master_data` of the target be deliver; then `retry`",
            "zh": "为客户设置此外部 ID,或将目标的 master_data 设为 deliver;然后运行 `entrepot deliver retry`",
        },
        "product": {
            "en": "keep one active item with this name, or map the SKU with a `sku` row; then `deliver retry`",
            "zh": "在 NetSuite 中保留一个此名称的启用项目,或在映射表中增加 sku 行;然后运行 `entrepot deliver retry`",
        },
        "code": {
            "en": "map the channel with a `channel` row to a code of letters and digits; then `entrepot deliver retry`",
            "zh": "在映射表的 channel 行中改用字母和数字编码;然后运行 `entrepot deliver retry`",
        },
        "unmatched": {
            "en": "apply it to its invoice in NetSuite (Accept Customer Payment, amount 0); then `deliver retry`",
            "zh": "在 NetSuite 中用金额为 0 的客户付款将其核销到发票;然后运行 `entrepot deliver retry`",
        },
        "differs": {
            "en": "stop what NetSuite added (tax); mend it and `retry`, or delete it and `retry TARGET DOCUMENT`",
            "zh": "取消 NetSuite 自动增加的内容(税);改正后运行 `retry`,或删除后运行 `deliver retry 目标 单据`",
        },
        "rights": {
            "en": "check certificate or token, and the role (REST, SuiteQL, journals); then `deliver retry`",
            "zh": "检查证书或令牌,以及角色权限(REST 服务、SuiteQL、日记账);然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "invoices in another currency": "not offered: its one rate rounds each line; journals carry them",
        "sales orders in a running account": "not proven: written from the record browser and tried on a simulator",
        "freight in sales orders": "not yet: journals and invoices carry it",
        "payments in a running account": "not proven: that REST takes a payment of nothing is our reading",
        "items of NetSuite": "not yet made: an invoice has items of ours for its accounts, an order names those there",
        "taxes of NetSuite": "not yet: tax is a line on its account, and no tax report knows it",
        "invoices in a running account": "not proven: written from the record browser and tried on a simulator",
        "department, class, location": "not yet by REST; the file has them",
        "accounts without OneWorld": "not yet: there are no subsidiaries to choose from",
        "approval routing": "a journal is sent as approved; where a workflow takes that back, it waits",
    },
    declined=dict.fromkeys(
        (GOODS_ISSUE, GOODS_RECEIPT),
        "NetSuite posts what they cost with each, and the journals have posted it: it would be in the books twice",
    ),
    price_digits=2,
    turns_lines=False,
    has_shared_masters=False,
    name_length_max=83,
)
