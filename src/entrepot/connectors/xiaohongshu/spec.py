"""Facts about Xiaohongshu, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="xiaohongshu",
    title={"zh": "小红书", "en": "Xiaohongshu (RED)"},
    source="order export and settlement of goods, headers read 2026-11 from published readers of them",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "advertising by API": not_yet("orders, after-sale cases, settlements and listings are pulled so far"),
        "why a listing is off": not_offered("a SKU is on the shelf or not, and no more is told"),
        "other services and account movements by API": not_yet("their two methods are still to be read"),
        "monthly statement by API": not_yet("which columns it has is not known, and its rows come by API already"),
        "receivers by API": not_offered("an order has the key of an address; who it is has to be asked for one by one"),
        "parcels of a split order by API": not_yet("only the parcel that stands on the order itself is read"),
        "account movements": not_yet(
            "the columns of 动账 are known, its words for movements are not; so are withdrawals"
        ),
        "other services": not_yet("the words of 其他服务款 are not known yet"),
        "composite tax in files": not_yet("the export of cross-border shops has tax columns that are still to be seen"),
        "presale deposit in files": not_yet("how a deposit stands in the export is not known yet"),
    },
)
