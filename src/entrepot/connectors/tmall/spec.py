"""Facts about Tmall, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="tmall",
    title={"zh": "天猫", "en": "Tmall"},
    source="seller-centre exports ExportOrderList and ExportOrderDetailList, advertising report; headers read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "refund list": not_yet("the refund export is still to be read; refunds come by API"),
        "bills by API": not_yet("trades, refunds, listings and advertising are pulled so far"),
        "drafts": not_offered("a product that was never on sale is in the warehouse like one that was taken off"),
        "push messages": not_yet("polling is the truth; messages would only make it sooner"),
    },
)
