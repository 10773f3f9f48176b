"""Facts about posting journals into SAP from a sheet.

One row per line with the header's fields on every row, under the technical names that BAPI_ACC_DOCUMENT_POST tools
use. `DMBTR` (the amount in the company code's currency) and `PRCTR` beside them, the document type SA, and dimensions
going to KOSTL, PRCTR and ZUONR in the order of the mapping are our assumption. The app "Upload General Journal
Entries" has a template of its own, which changes with the release: its columns are filled from these.
"""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="sap",
    title={"zh": "SAP 总账凭证", "en": "SAP general journal entries"},
    source=(
        "fields of the open posting tool alfonsogildegea/simple_acc_post (README, read 2026-11), which follow tables "
        "BKPF and BSEG; the order of columns is our assumption"
    ),
    numbers=frozenset({"WRBTR", "DMBTR"}),
    text=FileForm(encoding="utf-8-sig", line_end="\r\n"),
)
