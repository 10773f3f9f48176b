"""Facts about stock lists, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="stock",
    title={"zh": "库存清单", "en": "Stock lists"},
    source="our own template, docs/reference/formats.md",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="Asia/Shanghai",
    gaps={
        "lists as Cainiao, JD and FBA export them": not_yet("their headers are still to be read"),
        "comparison": not_yet("a snapshot is kept; no ledger of stock is there to compare it with"),
        "rows that are gone": not_yet("a row that a later list of the same day leaves out stays"),
        "two lists of one day": not_offered("without stated_at nothing says which is later; one counts, in any order"),
    },
)
