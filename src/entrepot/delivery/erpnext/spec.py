"""Facts about ERPNext, as a target of journals.

Measured on a running server of version 15's REST interface, 2026-11: a name of ours is ignored, so the key is a custom
field that the database keeps unique; a second insert with it answers 417 UniqueValidationError, and of six at once one
gets through; submitting twice is taken twice and changes nothing; 417 is the answer to nearly every refusal, and
`exc_type` says which. Fields of Journal Entry and its lines: frappe/erpnext, the JSON files of both doctypes.
"""

from entrepot.delivery.erp import JOURNAL, ErpSpec

KEY_FIELD = "entrepot_key"
"""Custom field of Journal Entry: Data, unique, not copied."""

SPEC = ErpSpec(
    name="erpnext",
    title={"en": "ERPNext", "zh": "ERPNext"},
    source="recorded and measured calls of ERPNext 15, and frappe/erpnext doctypes, read 2026-11",
    steps={JOURNAL: ("create", "submit")},
    batch_max=20,
    is_atomic=False,
    native_key={JOURNAL: KEY_FIELD},
    # The field is unique in the database, so a call that ends late cannot double; this only spares useless questions.
    quiet_s=10.0,
    calls_at_once_max=4,
    advice={
        "key": {
            "en": "add the custom field entrepot_key (Data, unique, no copy) to Journal Entry; then `deliver retry`",
            "zh": "在 Journal Entry 上新增自定义字段 entrepot_key(Data,唯一,不复制);然后运行 `entrepot deliver retry`",
        },
        "company": {
            "en": "make the company in ERPNext under this name, or map it with an `entity` row",
            "zh": "在 ERPNext 中以此名称建立公司,或在映射表中增加 entity 行",
        },
        "account": {
            "en": "give the account of the company this number, or map ours to another; then `entrepot deliver retry`",
            "zh": "为该公司的科目设置此编号,或修改科目映射;然后运行 `entrepot deliver retry`",
        },
        "rights": {
            "en": "give the user of the key the role Accounts Manager; then `entrepot deliver retry`",
            "zh": "为 API 用户授予 Accounts Manager 角色;然后运行 `entrepot deliver retry`",
        },
        "refused": {
            "en": "read the ERP's own words above, mend it there, then `entrepot deliver retry`",
            "zh": "查看上述 ERP 原文,在 ERP 中处理后运行 `entrepot deliver retry`",
        },
    },
    gaps={
        "accounts in another currency": "not yet: lines are in the company's currency, the other is in the remark",
        "accounts that need a party": "not yet: map to accounts that are neither receivable nor payable",
        "cost centres, sales, stock": "not yet",
    },
)
