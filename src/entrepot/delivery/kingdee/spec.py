"""Facts about Kingdee's standard voucher exchange (K/3, KIS).

The columns are those of the published standard voucher structure up to FSETTLNO, with FPREPARE, FMODULE and FDELETED
that programs which write it use. Its own container is a DBF; the same columns as a sheet or text, the voucher word 记
and the preparer's name are our assumption. Of FDC the sources say both 1 and 0 for debit; we follow the structure's
description (1 is debit), and FDEBIT and FCREDIT carry the sides in any case. One file holds one 账套.
"""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="kingdee",
    title={"zh": "金蝶标准凭证", "en": "Kingdee standard vouchers"},
    source=(
        "description of K/3's standard voucher structure (365seal.com/y/58nr15DZpd.html; the same at "
        "blog.csdn.net/weixin_34337381/article/details/92580927), read 2026-11"
    ),
    numbers=frozenset({"FPERIOD", "FNUM", "FENTRYID", "FEXCHRATE", "FFCYAMT", "FDEBIT", "FCREDIT", "FDC"}),
    has_entity=False,
    text=FileForm(encoding="gb18030", line_end="\r\n"),
    sheet="凭证",
)
