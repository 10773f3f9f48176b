"""Formats of Pinduoduo's seller-centre files.

Source: headers of real exports, read 2026-11. Cells of the order export end with a tab. The bill has a title, its
period and in one generation a dashed line before the header, and control totals after the rows.
"""

from entrepot.connectors.contract import ControlTotal, FileFormat, TotalOf, WireColumn, money, unread
from entrepot.model import ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
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
        # The total is signed or not, as the rows are; both are added up without a sign.
        ControlTotal("expense_sum", r"支出合计：\d+笔，共-?(?P<stated>[\d.]+)元", TotalOf.SUM, _EXPENSE),
    ),
)

GOODS_ADS = FileFormat(
    name="pinduoduo_goods_ads",
    channel="pinduoduo",
    title={"zh": "拼多多商品推广报表", "en": "Pinduoduo promotion of goods"},
    source="published readers of the daily report by promotion, three generations of the spend's name",
    empty_words=("-",),
    columns=(
        WireColumn("日期", required=True),
        WireColumn("商品ID", required=True, is_id=True),
        *unread("商品名称"),
        WireColumn("推广场景"),
        WireColumn("推广名称"),
        *unread("出价方式", "分组", "是否已删除"),
        # The whole of what promotion costs; settlement coupons (结算券花费) are no advertising and stand apart.
        WireColumn("总花费(元)", _BUSINESS, aliases=("推广总花费(元)", "花费(元)"), required=True),
        *unread("成交花费(元)", "推广成交花费(元)", "成交营销花费(元)", "总营销花费(元)", "结算券花费(元)"),
        *unread(
            "交易额(元)",
            "实际投产比",
            "净交易额(元)",
            "净实际投产比",
            "实际净投产比",
            "净成交笔数",
            "每笔净成交花费(元)",
        ),
        *unread(
            "净交易额占比", "净成交笔数占比", "每笔净成交金额(元)", "结算交易额(元)", "成交笔数", "每笔成交花费(元)"
        ),
        *unread(
            "每笔成交金额(元)",
            "直接交易额(元)",
            "间接交易额(元)",
            "直接成交笔数",
            "间接成交笔数",
            "每笔直接成交金额(元)",
        ),
        *unread(
            "每笔间接成交金额(元)", "全站推广费比", "曝光量", "点击量", "询单花费(元)", "询单量", "平均询单成本(元)"
        ),
        *unread("收藏花费(元)", "收藏量", "平均收藏成本(元)", "关注花费(元)", "关注量", "平均关注成本(元)"),
        *unread("退款豁免率", "退单豁免率", "净推广交易额(元)", "净成交券金额(元)", "实际净推广投产比"),
        *unread("每笔净成交推广花费(元)", "每笔结算成交花费(元)", "交易额结算率", "订单结算率"),
    ),
)

STAR_ADS = FileFormat(
    name="pinduoduo_star_ads",
    channel="pinduoduo",
    title={"zh": "拼多多明星店铺报表", "en": "Pinduoduo promotion of the shop"},
    source="published reader of the daily report of the star shop promotion",
    empty_words=("-",),
    columns=(
        WireColumn("日期", required=True),
        money("花费(元)", required=True),
        WireColumn("店铺关注量", ResidencyClass.LOCAL, required=True),
        *unread("交易额(元)", "投入产出比", "成交笔数", "千次曝光花费(元)", "曝光量", "点击量", "每笔成交花费(元)"),
        *unread("每笔成交金额(元)", "商品收藏量"),
    ),
)

FORMATS = (ORDERS, BILL, GOODS_ADS, STAR_ADS)
