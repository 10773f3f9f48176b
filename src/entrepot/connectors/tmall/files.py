"""Formats of Tmall's seller-centre files.

Source: headers of real exports (order list in three generations, detail list), read 2026-11. Personal columns are named
so that they go into `persons` and `addresses` or nowhere.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
_PERSONAL = ResidencyClass.PERSONAL

# Files are named after the second of their export, Beijing time: ExportOrderList20261101001400.csv.
_EXPORTED = {"exported_digits": r"(?P<value>20\d{12})"}


ORDERS = FileFormat(
    name="tmall_orders",
    channel="tmall",
    title={"zh": "天猫订单报表", "en": "Tmall order list (ExportOrderList)"},
    source="real exports 2014 to 2026; reduced report of 2020 with seven columns; published readers of newer ones",
    shop_column="店铺名称",
    file_name_facts=_EXPORTED,
    columns=(
        WireColumn("订单编号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("买家会员名", _PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn("买家支付宝账号", _PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn("支付单号", _PSEUDONYMOUS, is_id=True),
        *unread("支付详情"),
        money("买家应付货款"),
        money("买家应付邮费"),
        money("买家支付积分"),
        money("总金额", required=True),
        money("返点积分"),
        money("买家实际支付金额", required=True),
        money("买家实际支付积分"),
        WireColumn("订单状态"),
        *unread("买家留言"),
        WireColumn("收货人姓名", _PERSONAL, kind=PersonalKind.NAME),
        WireColumn("收货地址", _PERSONAL, kind=PersonalKind.ADDRESS, free_text=True),
        WireColumn("运送方式"),
        WireColumn("联系电话", _PERSONAL, kind=PersonalKind.MOBILE),
        WireColumn("联系手机", _PERSONAL, kind=PersonalKind.MOBILE),
        WireColumn("订单创建时间", required=True),
        WireColumn("订单付款时间"),
        WireColumn("宝贝标题", free_text=True),
        WireColumn("宝贝种类"),
        WireColumn("物流单号", _PSEUDONYMOUS),
        WireColumn("物流公司"),
        *unread("订单备注"),
        WireColumn("宝贝总数量"),
        WireColumn("店铺Id", aliases=("分销商Id",)),
        WireColumn("店铺名称", aliases=("分销商店铺名称",)),
        WireColumn("订单关闭原因"),
        money("卖家服务费"),
        money("买家服务费"),
        *unread("发票抬头", "是否手机订单"),
        WireColumn("分阶段订单信息", free_text=True),
        *unread(
            "特权订金订单id",
            "是否上传合同照片",
            "是否上传小票",
            "是否代付",
            "定金排名",
            "修改后的sku",
            "修改后的收货地址",
            "异常信息",
        ),
        WireColumn("天猫卡券抵扣", _BUSINESS, aliases=("卡券抵扣",)),
        WireColumn("集分宝抵扣", _BUSINESS, aliases=("积分抵扣",)),
        *unread(
            "是否是O2O交易",
            "新零售交易类型",
            "新零售导购门店名称",
            "新零售导购门店id",
            "新零售发货门店名称",
            "新零售发货门店id",
        ),
        money("退款金额"),
        *unread("预约门店"),
        WireColumn("确认收货时间"),
        money("打款商家金额"),
        WireColumn("是否信用购"),
        *unread("含应开票给个人的个人红包", "体验期结束时间", "前N有礼", "配送类型"),
        # Of a newer generation (a published table of such an order list, and a reader of 2026, read 2026-11).
        WireColumn("发货时间"),
        *unread("直播返现状态", "返现金额", "延迟发货自动赔付金额", "预售订单", "商家备忘"),
        WireColumn("主订单编号", _PSEUDONYMOUS),
    ),
)

ORDER_LINES = FileFormat(
    name="tmall_order_lines",
    channel="tmall",
    title={"zh": "天猫宝贝报表", "en": "Tmall order detail (ExportOrderDetailList)"},
    source="real exports; ten columns",
    file_name_facts=_EXPORTED,
    columns=(
        WireColumn("订单编号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("标题", required=True, free_text=True),
        money("价格", required=True),
        WireColumn("购买数量", required=True),
        WireColumn("外部系统编号"),
        WireColumn("商品属性", free_text=True),
        WireColumn("套餐信息", free_text=True),
        *unread("备注"),
        WireColumn("订单状态"),
        WireColumn("商家编码", required=True),
    ),
)

# What a report says of the effect of advertising; nothing reads it.
_AD_FIGURES = (
    "点击率", "平均点击花费", "千次展现花费", "总预售成交金额", "总预售成交笔数", "直接预售成交金额",
    "直接预售成交笔数", "间接预售成交金额", "间接预售成交笔数", "直接成交金额", "间接成交金额", "总成交金额",
    "总成交笔数", "直接成交笔数", "间接成交笔数", "点击转化率", "投入产出比", "含预售投产比", "总成交成本",
    "总购物车数", "直接购物车数", "间接购物车数", "加购率", "收藏宝贝数", "收藏店铺数", "店铺收藏成本",
    "总收藏加购数", "总收藏加购成本", "宝贝收藏加购数", "宝贝收藏加购成本", "总收藏数", "宝贝收藏成本",
    "宝贝收藏率", "加购成本", "拍下订单笔数", "拍下订单金额", "直接收藏宝贝数", "间接收藏宝贝数", "优惠券领取量",
    "购物金充值笔数", "购物金充值金额", "旺旺咨询量", "引导访问量", "引导访问人数", "引导访问潜客数",
    "引导访问潜客占比", "入会率", "入会量", "引导访问率", "深度访问量", "平均访问页面数", "成交新客数",
    "成交新客占比", "会员首购人数", "会员成交金额", "会员成交笔数", "成交人数", "人均成交笔数", "人均成交金额",
    "自然流量转化金额", "自然流量曝光量", "电商成交笔数", "电商成交金额", "闪购成交笔数", "闪购成交金额",
    "平台助推总成交", "平台助推直接成交", "平台助推点击", "宝贝优惠券抵扣金额", "宝贝优惠券撬动总成交",
    "宝贝优惠券撬动直接成交", "宝贝优惠券撬动点击", "平台补贴金额", "补贴引导成交金额", "发券补贴商品个数",
    "补贴引导成交人数",
)  # fmt: skip

ADS = FileFormat(
    name="tmall_ads",
    channel="tmall",
    title={"zh": "天猫万相台报表", "en": "Tmall advertising report (Wanxiangtai)"},
    source="published readers of the daily report by campaign and by subject, 69 to 83 columns",
    columns=(
        WireColumn("日期", required=True),
        *unread("场景ID"),
        WireColumn("场景名字"),
        *unread("原二级场景ID", "原二级场景名字"),
        WireColumn("计划ID", required=True, is_id=True),
        WireColumn("计划名字"),
        *unread("主体ID", "主体类型", "主体名称", "展现量", "点击量"),
        money("花费", required=True),
        *unread(*_AD_FIGURES),
    ),
)

FORMATS = (ORDERS, ORDER_LINES, ADS)
