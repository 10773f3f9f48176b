"""Facts about Yonyou's voucher text (总账工具, 凭证引入; T3, T6, U8).

A text in the Chinese code page: the line 填制凭证,V800, then a line per entry with its fields in a fixed order. Fields
behind the last that is filled may be left out, so we stop at the project. The voucher word 记, the preparer's name and
that the channel is the customer, the shop the department and the SKU the project are our assumption; T+ and NC have
other templates. One file holds one 账套.
"""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="yonyou",
    title={"zh": "用友凭证引入", "en": "Yonyou voucher import"},
    source=(
        "description of the import tool's fields and lengths (100ksw.com/jsj/yynl/3/228066.shtml), read 2026-11; the "
        "places of foreign amount, department, customer and project agree with public programs that write this text"
    ),
    numbers=frozenset({"业务号", "附单据数", "金额借方", "金额贷方", "外币", "汇率"}),
    has_entity=False,
    text=FileForm(suffix="txt", encoding="gb18030", first_line="填制凭证,V800", has_header=False, is_quoted=False),
    sheet="填制凭证",
)
