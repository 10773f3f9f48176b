"""Facts about Jingzhuntong, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="jzt",
    title={"zh": "京准通", "en": "Jingzhuntong"},
    serves="jd",
    source="a public client of the report of all lines of business, with recorded answers and rows, read 2026-11",
    gaps={
        "other accounts": not_yet(
            "a report is of the account that gave the token; accounts that it may look into are not asked for"
        ),
        "late changes": not_offered(
            "nobody says when a day is final: it is asked for once, in the morning of the third day after"
        ),
    },
)
