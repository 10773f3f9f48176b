"""Facts about Douyin Shop, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="douyin",
    title={"zh": "抖音", "en": "Douyin Shop"},
    source="seller-centre exports of orders, settlement, funds, after-sale, alliance and promotion; read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "listings and stock by API": not_yet("orders, cases, settlements and funds are pulled so far"),
        "freight insurance and warehouse bills": not_yet("the two small exports are still to be read"),
        "presale deposit": not_offered("the order export has no column for the deposit"),
        "closing instant": not_offered("the order export has no time of closing"),
    },
)
