"""Facts about the merchant's own lists, no code."""

from entrepot.connectors.contract import ConnectorSpec

SPEC = ConnectorSpec(
    name="own",
    title={"zh": "商家资料", "en": "Own lists"},
    source="our own template, docs/reference/formats.md",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="UTC",
)
