"""Facts about Amazon, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="amazon",
    title={"zh": "亚马逊", "en": "Amazon"},
    source="settlement reports, flat files version 2 and 1, of seller central; headers and item words read "
    "2026-11; Selling Partner API",
    sale_model="marketplace_facilitator",
    recognition="settled",
    business_zone="UTC",
    gaps={
        "listings, stock and advertising by API": not_yet("orders, refunds, claims and settlements are pulled so far"),
        "orders of more items than one answer has": not_yet("such an order's items are quarantined"),
        "returns by API": not_yet("finances say what went back in money, not in goods"),
        "time of shipment by API": not_offered("orders v0 state that something was shipped, not when"),
        "who bought, by API": not_offered(
            "only apps with restricted roles are told; others read orders without persons"
        ),
        "order reports": not_yet(
            "the all-orders report is still to be read; it has order and shipping times and states"
        ),
        "transaction report in Swedish, Polish, Turkish and Portuguese": not_yet("its headers are not all known"),
        "transaction report of India": not_yet("its tax columns (TCS, TDS) are still to be read"),
        "order and shipping time": not_offered("a settlement has the posting date only"),
        "buyers": not_offered("a settlement names no person"),
        "unpaid and cancelled orders": not_offered("only what was shipped is settled"),
    },
)
