"""Formats of Alipay's merchant files.

Source: real ledger exports of 2012 to 2026: four `#` lines before the header, cells padded with tabs, a `#` footer with
control totals.
"""

from entrepot.connectors.contract import ControlTotal, FileFormat, TotalOf, WireColumn
from entrepot.model import PersonalKind, ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_LOCAL = ResidencyClass.LOCAL
_INCOME, _EXPENSE = "收入金额（+元）", "支出金额（-元）"

LEDGER = FileFormat(
    name="alipay_ledger",
    channel="alipay",
    title={"zh": "支付宝账务明细", "en": "Alipay account ledger"},
    source="real exports 2012 to 2026",
    columns=(
        WireColumn("账务流水号", _PSEUDONYMOUS, aliases=("支付宝流水号",), required=True, is_id=True),
        WireColumn("业务流水号", _PSEUDONYMOUS, is_id=True),
        WireColumn("商户订单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("商品名称", _LOCAL, free_text=True),
        WireColumn("发生时间", aliases=("入账时间",), required=True),
        WireColumn("对方账号", ResidencyClass.PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn(_INCOME, _BUSINESS, aliases=("收入（+元）",), required=True),
        WireColumn(_EXPENSE, _BUSINESS, aliases=("支出（-元）",), required=True),
        WireColumn("账户余额（元）", _BUSINESS),
        WireColumn("服务费（元）", _BUSINESS),
        WireColumn("交易渠道"),
        WireColumn("业务类型", required=True),
        WireColumn("备注", _LOCAL, free_text=True),
        WireColumn("业务描述", _LOCAL, free_text=True),
        WireColumn("业务账单来源", _LOCAL),
        WireColumn("业务基础订单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("业务订单号", _PSEUDONYMOUS, is_id=True),
    ),
    facts={
        "account": r"账号：\[(?P<value>\d+)\]",
        "exported_at_beijing": r"导出时间：\[(?P<value>[^\]]+)\]",
    },
    totals=(
        ControlTotal("income_count", r"收入合计：(?P<stated>\d+)笔", TotalOf.COUNT, _INCOME),
        ControlTotal("income_sum", r"收入合计：\d+笔，共(?P<stated>-?[\d.]+)元", TotalOf.SUM, _INCOME),
        ControlTotal("expense_count", r"支出合计：(?P<stated>\d+)笔", TotalOf.COUNT, _EXPENSE),
        # The total is signed or not, as the rows are; both are added up without a sign.
        ControlTotal("expense_sum", r"支出合计：\d+笔，共-?(?P<stated>[\d.]+)元", TotalOf.SUM, _EXPENSE),
    ),
)

FORMATS = (LEDGER,)
