"""Facts about a folder of files, as a target of every kind of documents.

UBL 2.3 (OASIS Standard, 15 June 2021) has documents for invoices, credit notes and orders. It has none for what a
ledger holds, so journals, payments, parties and products are tables in every format. So are goods: a despatch advice
tells one receiver what of which order line is on its way, and a goods issue is what a warehouse gave out on a day.
What a folder keeps single is a name: each document has one of its own, which is taken by a hard link, so that no
document is written over by another.
"""

from entrepot.delivery.erp import KINDS, MASTER, PRICE_DIGITS, ErpSpec
from entrepot.delivery.intents import TRIES_RAN_OUT

CSV, XLSX, UBL = "csv", "xlsx", "ubl"
FORMATS = (CSV, XLSX, UBL)
"""What `format` of a target may say; the first where it says nothing."""

SPEC = ErpSpec(
    name="folder",
    title={"en": "Folder of files (UBL, CSV, XLSX)", "zh": "文件夹(UBL、CSV、XLSX)"},
    source="OASIS UBL 2.3, schemas of Invoice, CreditNote and Order, read 2026-11; tables of our own",
    proven="real folders; UBL by the schemas of OASIS",
    steps={kind: ("put",) if kind in MASTER else ("write",) for kind in KINDS},
    batch_max=200,
    is_atomic=False,
    native_key=dict.fromkeys(KINDS, "name of the file"),
    # A folder of another machine may do late what a call asked for; its name is taken once all the same.
    quiet_s=5.0,
    calls_at_once_max=4,
    advice={
        TRIES_RAN_OUT: {
            "en": (
                "make the folder that `url` of the target names as a whole path, or mount its drive and make room on "
                "it, then `entrepot deliver retry`: it is looked for before it is written"
            ),
            "zh": (
                "新建目标的 `url` 所指的文件夹(须为完整路径),或挂载其磁盘并留出空间,"
                "然后运行 `entrepot deliver retry`:写入前会先查找"
            ),
        },
        "rights": {
            "en": "let the user of `entrepot` write into the folder, then `entrepot deliver retry`",
            "zh": "授予运行 entrepot 的用户对该文件夹的写权限,然后运行 `entrepot deliver retry`",
        },
        "in_the_way": {
            "en": "its file is there and holds something else: look at it, move it out of there, then `deliver retry`",
            "zh": "该单据的文件已存在且内容不同:核对后将其移出该文件夹,然后运行 `deliver retry`",
        },
        "tax_code": {
            "en": (
                "write tax codes of the mapping as category and rate, such as `S 13` (UNCL 5305), plan again, "
                "then `deliver retry`"
            ),
            "zh": "映射表中的税码请写成类别和税率,例如 `S 13`(UNCL 5305),重新 plan 后运行 `deliver retry`",
        },
    },
    gaps={
        "EN 16931 and Peppol": "not yet: they want tax numbers, addresses and a tax category on each line",
        "EDIFACT": "not yet: no kept library knows the messages INVOIC and ORDERS; see decision 53",
        "what was imported": "not offered: a folder does not say what its reader did; the audit tells what lies there",
    },
    price_digits=PRICE_DIGITS,
    keeps_both_amounts=True,
    settings=frozenset({"format"}),
)
