"""Facts about Alipay, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_yet

SPEC = ConnectorSpec(
    name="alipay",
    title={"zh": "支付宝", "en": "Alipay"},
    serves="tmall",
    source="account ledger export (账务明细) in four generations, settlement of the global business; read 2026-11",
    gaps={
        "signatures of answers": not_yet("calls are signed, what comes back is trusted for its encrypted connection"),
        "business detail": not_yet("业务明细 is still to be read, from files and by API (bill_type trade)"),
        "settlement files with bars between the cells": not_yet("files fetched by SFTP; those with commas are read"),
        "settlement batches": not_yet("the batch file beside the settlement files is still to be read"),
    },
)
