"""Facts about JD, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="jd",
    title={"zh": "京东", "en": "JD"},
    source="seller-centre order export and wallet statement of POP shops, headers read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "orders by API": not_yet("only files so far"),
        "shipping instant": not_offered("neither file has it"),
        "parent and child orders": not_offered("the order export has no column for the order that one was split from"),
        "settlement detail": not_yet("the workbook with 应结金额 and 到账时间 is still to be read"),
        "reduced order detail": not_yet("the workbook with 商家应收 and 商家SKUID is still to be read"),
        "composite tax of JD Worldwide": not_offered("the order export has no column for it"),
        "wallet balance": not_offered("the statement prints no running balance"),
    },
)
