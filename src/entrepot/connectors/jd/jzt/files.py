"""Format of Jingzhuntong's report of all lines of business.

Source: header and rows that a public client of the report recorded, read 2026-11.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, money, unread

ADS = FileFormat(
    name="jzt_ads",
    channel="jd",
    title={"zh": "京准通自定义报表", "en": "JD advertising report"},
    source="header and rows recorded by a public client, by day",
    empty_words=("-",),
    columns=(
        WireColumn("日期", required=True),
        *unread("账户名称"),
        WireColumn("产品线", required=True),
        *unread("计划类型"),
        WireColumn("计划ID", required=True, is_id=True),
        WireColumn("推广计划"),
        *unread("单元ID", "推广单元", "创意ID", "推广创意", "品牌ID", "品牌名称", "类目ID", "类目名称", "跟单SKU ID"),
        *unread("人群ID", "人群名称", "广告定向类型", "展现数", "点击数"),
        money("总费用", required=True),
        *unread("直接订单行", "直接订单金额", "间接订单行", "间接订单金额", "总订单行", "总订单金额"),
        *unread("直接购物车数", "间接购物车数", "总购物车数", "点赞数", "评论数", "分享数", "关注数", "互动数"),
        *unread("互动率", "预售订单行", "预售订单金额", "下单新客数", "预约数", "领劵数", "商品关注数", "店铺关注数"),
    ),
)

FORMATS = (ADS,)
