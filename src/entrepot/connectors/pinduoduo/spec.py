"""Facts about Pinduoduo, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="pinduoduo",
    title={"zh": "拼多多", "en": "Pinduoduo"},
    source="seller-centre order export, shop account bill (店铺账务明细), promotion reports; headers read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "advertising by campaign": not_yet(
            "by API it comes for each kind of promotion, and that of the whole shop for each article"
        ),
        "promotions of the whole shop that were deleted": not_yet(
            "whether their list keeps them is not known: a day is asked for once, the morning after"
        ),
        "time of a listing's change": not_offered("neither the list of goods nor one of them tells it"),
        "why a listing is off": not_offered("what the platform took off looks like what the merchant did"),
        "after-sale list": not_yet("the export of cases is still to be read; by API they come"),
        "customs columns": not_yet("the cross-border order export with bonded warehouse columns is still to be read"),
        "placing instant": not_offered("the order export has one instant for placing and paying"),
        "bill line number": not_offered("bill rows are told apart by their cells and by counting"),
        "wallet balance": not_offered("the bill prints no running balance"),
    },
)
