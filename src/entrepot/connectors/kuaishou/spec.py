"""Facts about Kuaishou Shop, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="kuaishou",
    title={"zh": "快手小店", "en": "Kuaishou Shop"},
    source="published contracts and clients of the open platform, read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "files": not_yet("no export of its seller centre has been seen yet"),
        "listings, stock, settlements and advertising by API": not_yet("orders and after-sale cases are pulled so far"),
        "receivers by API": not_offered("names, phones and addresses come masked, and are decrypted one by one"),
        "who gives a discount": not_yet(
            "what the total tells of is the merchant's, the rest is taken for the platform's (assumed)"
        ),
        "deposits of presales": not_yet("how a deposit stands in an order is not known yet"),
    },
)
