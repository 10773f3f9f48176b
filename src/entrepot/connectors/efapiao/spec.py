"""Facts about lists of tax invoices, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="efapiao",
    title={"zh": "发票清单", "en": "Tax invoice lists"},
    source="export of all invoices (全量发票查询) of the tax platform; headers from published readers, 2026-11",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="Asia/Shanghai",
    gaps={
        "matching by buyer": not_yet("orders keep no title of the buyer; without an order number amounts are proposed"),
        "issued or received": not_offered("the list does not say; the seller's tax number does"),
        "special businesses": not_yet("the sheets of construction, freight and property are not read"),
    },
)
