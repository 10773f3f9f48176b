"""Formats of Pinduoduo's seller-centre files.

Source: headers of real exports, read 2026-11. Cells of the order export end with a tab. The bill has a title, its
period and in one generation a dashed line before the header, and control totals after the rows.
"""

from entrepot.connectors.contract import ControlTotal, FileFormat, TotalOf, WireColumn, money, unread
from entrepot.model import ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_LOCAL = ResidencyClass.LOCAL
_INCOME, _EXPENSE = "收入金额（+元）", "支出金额（-元）"


ORDERS = FileFormat(
    name="pinduoduo_orders",
    channel="pinduoduo",
    title={"zh": "拼多多订单导出", "en": "Pinduoduo order export"},
    source="real exports of 23 and 27 columns, one row per order",
    columns=(
        WireColumn("商品", free_text=True),
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("订单状态", required=True),
        money("商品总价(元)", required=True),
        money("邮费(元)"),
        money("店铺优惠折扣(元)", required=True),
        money("平台优惠折扣(元)", required=True),
        money("多多支付立减金额(元)"),
        money("用户实付金额(元)", required=True),
        money("商家实收金额(元)"),
        WireColumn("商品数量(件)", required=True),
        WireColumn("发货时间"),
        WireColumn("确认收货时间"),
        WireColumn("商品id"),
        WireColumn("商品规格", free_text=True),
        WireColumn("样式ID"),
        WireColumn("商家编码-规格维度"),
        WireColumn("商家编码-商品维度"),
        *unread("商家备注"),
        WireColumn("售后状态"),
        WireColumn("快递单号", _PSEUDONYMOUS),
        WireColumn("快递公司"),
        WireColumn("订单成交时间", required=True),
        *unread("是否分期", "分期期数", "手续费承担方", "分期方式"),
    ),
)

BILL = FileFormat(
    name="pinduoduo_bill",
    channel="pinduoduo",
    title={"zh": "拼多多店铺账务明细", "en": "Pinduoduo shop account bill"},
    source="real bills, GB18030 and UTF-8, with and without control totals",
    columns=(
        WireColumn("商户订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("发生时间", required=True),
        money(_INCOME, required=True),
        money(_EXPENSE, required=True),
        WireColumn("账务类型", required=True),
        WireColumn("备注", _LOCAL, free_text=True),
        WireColumn("业务描述", required=True),
    ),
    facts={"exported_at_beijing": r"导出时间：\[?(?P<value>[0-9][^\],]*)"},
    totals=(
        ControlTotal("income_count", r"收入合计：(?P<stated>\d+)笔", TotalOf.COUNT, _INCOME),
        ControlTotal("income_sum", r"收入合计：\d+笔，共(?P<stated>-?[\d.]+)元", TotalOf.SUM, _INCOME),
        ControlTotal("expense_count", r"支出合计：(?P<stated>\d+)笔", TotalOf.COUNT, _EXPENSE),
        ControlTotal("expense_sum", r"支出合计：\d+笔，共(?P<stated>-?[\d.]+)元", TotalOf.SUM, _EXPENSE),
    ),
)

FORMATS = (ORDERS, BILL)
