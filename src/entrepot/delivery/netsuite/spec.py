"""Facts about NetSuite's journal import.

The column names are those of the Import Assistant, which maps them by name. Dimensions go to Department, Class and
Location in the order of the mapping: that choice, the External ID and the date format are ours.
"""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="netsuite",
    title={"zh": "NetSuite 日记账导入", "en": "NetSuite journal import"},
    source=(
        "NetSuite help, Journal Entry Import: header fields (section_1534492479) and line fields (section_1534492737), "
        "read 2026-11; amounts have at most 10 digits before the point; dates as YYYY-MM-DD are our assumption: choose "
        "that format in the import's options"
    ),
    numbers=frozenset({"Exchange Rate", "Debit", "Credit"}),
    text=FileForm(encoding="utf-8", line_end="\r\n"),
)
