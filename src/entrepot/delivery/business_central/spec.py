"""Facts about Business Central's general journal.

The columns are the captions of table 81, which a configuration package or *Edit in Excel* takes. The template GENERAL
and the batch DEFAULT are names of the demonstration company and our assumption; so is a line number in steps of 1000.
A line has two shortcut dimensions.
"""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="business_central",
    title={"zh": "Business Central 普通日记账", "en": "Business Central general journal"},
    source=(
        "Microsoft Learn, Business Central base application, table 81 Gen. Journal Line (fields, lengths) and NAV 2016 "
        "field reference (amounts in the line's currency, no code for the local one), read 2026-11"
    ),
    numbers=frozenset({"Line No.", "Debit Amount", "Credit Amount", "Amount (LCY)"}),
    dimensions_max=2,
    has_entity=False,
    text=FileForm(encoding="utf-8-sig", line_end="\r\n"),
    sheet="Gen. Journal Line",
)
