"""Facts about Youzan, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="youzan",
    title={"zh": "有赞", "en": "Youzan"},
    source="official pages of Youzan Cloud as published digests quote them, read 2026-11",
    sale_model="own_shop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "files": not_yet("no export of its seller centre has been seen yet"),
        "listings, stock and bills by API": not_yet("orders and after-sale cases are pulled so far"),
        "parcels": not_yet("where the number of a parcel stands in an answer has not been seen"),
        "payments in phases": not_yet("an order that is paid in parts is known by its whole payment only"),
        "cases of exchanges": not_yet(
            "states between application and end of an exchange are not published and quarantined"
        ),
        "orders before 2020": not_offered("the methods of today do not list them"),
        "remarks of the seller": not_offered("they do not change an order's time of change"),
    },
)
