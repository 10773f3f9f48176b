"""Facts about bank statements, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="bank",
    title={"zh": "银行流水", "en": "Bank statements"},
    source="public examples of statements (double-entry-generator 64340cf, Apache-2.0), read 2026-11; our own template",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="Asia/Shanghai",
    gaps={
        "exports of online banking for companies": not_yet("the public examples are of debit cards; take our template"),
        "credit cards": not_yet("advertising paid by card stays with the card"),
        "account number": not_offered("CMB, BOCOM and HSBC do not print it; a statement is of the --shop it is given"),
    },
)
