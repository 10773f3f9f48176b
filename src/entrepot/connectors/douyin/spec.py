"""Facts about Douyin Shop, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="douyin",
    title={"zh": "抖音", "en": "Douyin Shop"},
    source="seller-centre order export (three generations of its header) and settlement, headers read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "orders by API": not_yet("only files so far"),
        "after-sale list": not_yet("the export with fifty columns is still to be read"),
        "fund movements": not_yet("动账明细 is still to be read; until then withdrawals and balances are unknown"),
        "freight insurance and warehouse bills": not_yet("the two small exports are still to be read"),
        "presale deposit": not_offered("the order export has no column for the deposit"),
        "closing instant": not_offered("the order export has no time of closing"),
    },
)
