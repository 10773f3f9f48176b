"""Facts about Qianchuan, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="qianchuan",
    title={"zh": "巨量千川", "en": "Qianchuan"},
    serves="douyin",
    source="official Go SDK of Ocean Engine's open platform and public clients, read 2026-11",
    gaps={
        "standard promotion by API": not_yet(
            "plans of the older kind (标准推广) have a report of their own; the totals hold all-domain (全域) and "
            "multiplied (乘方) plans only"
        ),
        "live rooms and goods apart": not_yet(
            "a day is told for each account and kind of plan; goals are not asked apart"
        ),
        "accounts of a shop": not_yet("they are named in the connection; the platform's own list of them is not asked"),
        "the day in the answer": not_offered("the account's report has a sum only; the day is known from the question"),
    },
)
