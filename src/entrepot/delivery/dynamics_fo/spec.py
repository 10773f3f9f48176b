"""Facts about Dynamics 365 Finance and Operations, as a target of journals, invoices and sales orders.

Source: the published contract of LedgerJournalHeaders, LedgerJournalLines, MainAccounts and Ledgers, Microsoft Learn
on service protection and on data packages, and two articles on multipart batches, whose change sets are one
transaction; all read 2026-11. Only the own company's records are seen without cross-company=true. The number of a
journal comes from a sequence, so a journal is found by its description, which begins with the key, and each line
carries the key as its document. A journal without lines books nothing and is used when the lines are sent again.
Posting is Microsoft's own batch job: no call for it is published.

Invoices are journals with a line of the account type Cust, whose `Invoice` has a number; customers are CustomersV3. The
contract of accounts receivable (46 paths) has payments, customers and no invoice.

Packages: Microsoft Learn, "Data management package REST API"; see `packages.py`. Calls that begin an import must not
run side by side, and a batch job carries it out, whenever that comes to it.
"""

from dataclasses import replace

from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, ORDER, ErpSpec

SPEC = ErpSpec(
    name="dynamics_fo",
    title={"en": "Dynamics 365 Finance and Operations", "zh": "Dynamics 365 Finance and Operations"},
    source="published OData contract of Finance and Operations and Microsoft Learn, read 2026-11",
    proven="a simulator written from the published contract, with a batch server; no environment has been asked",
    steps={ORDER: ("create",), INVOICE: ("create",), CREDIT_NOTE: ("create",), JOURNAL: ("create",)},
    batch_max=20,
    is_atomic=False,
    native_key=dict.fromkeys((ORDER, INVOICE, CREDIT_NOTE, JOURNAL), ""),
    # Nothing says how long a call goes on after its client has left; the gateway of its sister gives up after ten
    # minutes.
    quiet_s=600.0,
    # It asks to slow down by what it has to do, not by a count.
    calls_at_once_max=3,
    advice={
        "company": {
            "en": "map the company to its legal entity (dataAreaId) with an `entity` row; then `deliver retry`",
            "zh": "在映射表中用 entity 行将公司对应到法人实体(dataAreaId);然后运行 `entrepot deliver retry`",
        },
        "account": {
            "en": "make or release the main account, or map ours to another one; then `entrepot deliver retry`",
            "zh": "建立或启用该主科目,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "party": {
            "en": "make a customer with this account, or map the channel with a `channel` row; then `deliver retry`",
            "zh": "建立此编号的客户,或在映射表中增加 channel 行;然后运行 `entrepot deliver retry`",
        },
        "product": {
            "en": "release a product with this number to the legal entity, or map it with a `sku` row; then retry",
            "zh": "为该法人实体发布此编号的产品,或在映射表中增加 sku 行;然后运行 `entrepot deliver retry`",
        },
        "code": {
            "en": "map the SKU with a `sku` row to a shorter code; then `entrepot deliver retry`",
            "zh": "在映射表的 sku 行中改用较短的编码;然后运行 `entrepot deliver retry`",
        },
        "sign": {
            "en": "take comma, quote and line break out of the code, or map it to another one; then `deliver retry`",
            "zh": "从编码中去掉逗号、引号和换行,或在映射表中改用其他编码;然后运行 `entrepot deliver retry`",
        },
        "storage": {
            "en": "let `storage_url` of the target name the environment's storage account, if it is in the region",
            "zh": "确认该存储账户位于本区域后,在目标的 storage_url 中填写其地址;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "check client id, secret and token_url, and the application's user and roles; then `deliver retry`",
            "zh": "检查客户端 ID、密钥、token_url 以及应用的用户和角色;然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "posting": "the batch job Post journals of Finance and Operations does it: set it up for the journal name",
        "one voucher for each journal": "in packages the key is the voucher: let numbers be allocated at posting",
        "payments": "not yet: one marks a posted invoice, and Microsoft's batch job posts ours; journals pay",
        "goods": "not yet: journals carry what they cost",
        "released products": "not made: what one needs (groups, units, dimensions) is the company's; sites too",
        "free text invoices": "not in the contract at hand: an invoice is a journal that charges its customer",
        "customers": "not made: a customer asks for a group, which is the company's; they have to be there",
        "the account that a customer charges": "follows from its posting profile; what a line says of it is ours",
        "sales tax of Finance and Operations": "not yet: tax is a line on its account; keep its tax groups empty",
        "financial dimensions": "not yet: a line names its main account only",
    },
    settings=frozenset({"token_url", "storage_url"}),
)

PACKAGE_SPEC = replace(
    SPEC,
    batch_max=200,
    # Orders go one by one all the same, and a claim has to last for all of them.
    batches={ORDER: SPEC.batch_max},
    calls_at_once_max=1,
    native_key={
        ORDER: "",
        **dict.fromkeys((INVOICE, CREDIT_NOTE, JOURNAL), "JournalBatchNumber and LineNumber"),
    },
)
"""The same where journals go in packages, whose lines name a journal that was made for them and their number in it."""
