"""Facts about WeChat Store, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="wechatstore",
    title={"zh": "微信小店", "en": "WeChat Store"},
    source="official pages of the store's API as published contracts and clients quote them, read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "files": not_yet("no export of its seller centre has been seen yet"),
        "listings, stock, settlements and advertising by API": not_yet("orders and after-sale cases are pulled so far"),
        "apps of service providers": not_yet("tokens of stores that authorised a third party are bought another way"),
        "discounts of the platform": not_offered(
            "no field names them: what no other field explains is taken for theirs"
        ),
        "tokens withdrawn early": not_offered(
            "a new one before its time is given twenty times a day only, and not asked"
        ),
    },
)
