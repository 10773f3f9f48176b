"""Facts about Alipay, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_yet

SPEC = ConnectorSpec(
    name="alipay",
    title={"zh": "支付宝", "en": "Alipay"},
    serves="tmall",
    source="account ledger export (账务明细) in three generations, headers read 2026-11",
    gaps={
        "business detail": not_yet("业务明细 is still to be read"),
        "foreign-currency settlement": not_yet("Tmall Global's settlement files are still to be read"),
    },
)
