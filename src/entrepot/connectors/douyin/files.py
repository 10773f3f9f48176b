"""Formats of Douyin Shop's seller-centre files.

Source: headers of real exports, read 2026-11. Orders: 75 columns, an earlier generation of 74 with 商品单价 instead
of 商品金额, and short exports that merchants cut down to about twenty. Ids carry a leading tab, in the settlement a
leading apostrophe; `-` is an empty cell; the file name starts with the unix time of the export.
"""

from entrepot.connectors.contract import FileFormat, Whose, WireColumn, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
_PERSONAL = ResidencyClass.PERSONAL
_EXPORTED = {"exported_unix": r"^(?P<value>\d{10})_"}

# What a report says of the effect of advertising; nothing reads it.
_AD_FIGURES = (
    "净成交ROI", "净成交金额", "净成交订单数", "净成交金额结算率", "1小时内退款率", "整体支付ROI", "整体成交金额",
    "整体成交订单数", "整体成交订单成本", "整体展现次数", "整体点击次数", "整体点击率", "整体转化率",
    "整体消耗占比", "基础消耗", "用户实际支付金额", "整体千次展现费用",
)  # fmt: skip


def _money(*names: str, required: bool = False) -> tuple[WireColumn, ...]:
    return tuple(WireColumn(name, _BUSINESS, required=required) for name in names)


def _plain(*names: str) -> tuple[WireColumn, ...]:
    return tuple(WireColumn(name) for name in names)


ORDERS = FileFormat(
    name="douyin_orders",
    channel="douyin",
    title={"zh": "抖音订单导出", "en": "Douyin order export"},
    source="real exports of 75, 74 and 21 columns, one row per sub-order",
    file_name_facts=_EXPORTED,
    empty_words=("-",),
    columns=(
        WireColumn("主订单编号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("子订单编号", _PSEUDONYMOUS, required=True, is_id=True),
        *_plain("支付方式"),
        WireColumn("选购商品", free_text=True),
        WireColumn("商品规格", free_text=True),
        *_plain("货号", "商品ID", "商家编码"),
        WireColumn("商品数量", required=True),
        *_money("商品金额", "商品单价"),
        WireColumn("订单提交时间", required=True),
        *_plain("支付完成时间", "订单完成时间"),
        *unread("承诺发货时间", "预约发货时间", "买家留言", "旗帜颜色", "商家备注", "APP渠道"),
        WireColumn("订单状态", required=True),
        *unread("取消原因"),
        *_plain("售后状态", "订单类型", "发货时间"),
        *unread("车型", "是否是以旧换新"),
        *_money("换新额外补贴"),
        *unread("换新额外补贴发放状态"),
        *_money("订单应付金额", required=True),
        *_money(
            "运费",
            "优惠总金额",
            "平台优惠",
            "商家优惠",
            "达人优惠",
            "商家改价",
            "支付优惠",
            "手续费",
            "红包抵扣",
            "降价类优惠",
        ),
        *_money("平台实际承担优惠金额", "商家实际承担优惠金额", "达人实际承担优惠金额", required=True),
        WireColumn("收件人", _PERSONAL, kind=PersonalKind.NAME),
        WireColumn("收件人手机号", _PERSONAL, kind=PersonalKind.MOBILE),
        WireColumn("省"),
        *unread("市", "区", "街道"),
        WireColumn("详细地址", _PERSONAL, kind=PersonalKind.ADDRESS, free_text=True),
        *unread("是否修改过地址", "地址修改时段", "快递信息", "序列号"),
        WireColumn("达人ID", _PERSONAL, kind=PersonalKind.ACCOUNT, whose=Whose.TALENT),
        WireColumn("达人昵称", _PERSONAL, kind=PersonalKind.NAME, whose=Whose.TALENT),
        *unread("拼团订单团编号", "商品单价是否含税"),
        *_money("税费"),
        *unread(
            "鲁班落地页ID",
            "所属门店ID",
            "流量来源",
            "仓库ID",
            "仓库名称",
            "是否安心购",
            "广告渠道",
            "流量类型",
            "流量体裁",
            "流量渠道",
            "发货主体",
            "发货主体明细",
        ),
        *_money("教育优惠"),
        *unread(
            "预计送达时间",
            "是否平台仓自流转",
            "是否是渠道商品",
            "预约送达时间",
            "建议发货时间（起）",
            "建议发货时间（止）",
            "商品69码",
            "发货SN码",
            "发货IMEI码1",
            "发货IMEI码2",
            "物流SN码",
            "物流IMEI码1",
            "物流IMEI码2",
        ),
    ),
)

SETTLEMENT = FileFormat(
    name="douyin_settlement",
    channel="douyin",
    title={"zh": "抖音结算单", "en": "Douyin settlement"},
    source="real exports of 34 columns; the row under the header explains the columns",
    file_name_facts=_EXPORTED,
    empty_words=("-",),
    formula_row=True,
    columns=(
        WireColumn("结算时间", required=True),
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("子订单号", _PSEUDONYMOUS, required=True, is_id=True),
        *_money("结算金额", required=True),
        *_plain("结算账户"),
        WireColumn("结算单类型", required=True),
        *unread("有结算前退款"),
        WireColumn("下单时间", required=True),
        *_plain("商品ID", "商品数量", "业务类型", "订单类型"),
        *_money(
            "订单总价",
            "商品总价",
            "运费",
            "店铺劵",
            "结算前退款金额",
            "平台补贴",
            "达人补贴",
            "抖音支付补贴",
            "抖音月付营销补贴",
            "用户实付",
        ),
        *_money("收入合计", required=True),
        *_money("平台服务费", "佣金", "渠道分成", "招商服务费", "站外推广费", "其他分成"),
        *unread("其他分成说明"),
        *_money("支出合计"),
        *unread("是否免佣"),
        *_money("免佣金额"),
        *unread("备注"),
    ),
)

FUND = FileFormat(
    name="douyin_fund",
    channel="douyin",
    title={"zh": "抖音动账明细", "en": "Douyin fund movements"},
    source="real exports of 30 and 40 columns by order, and of the account with its balance; list of scenes",
    file_name_facts=_EXPORTED,
    empty_words=("-",),
    columns=(
        WireColumn("动账时间", required=True),
        # Both spellings of the character occur.
        WireColumn("动账流水号", _PSEUDONYMOUS, aliases=("动帐流水号",), required=True, is_id=True),
        WireColumn("动账方向", aliases=("账户方向",), required=True),
        WireColumn("动账金额", _BUSINESS, aliases=("动账金额(元)",), required=True),
        WireColumn("账户余额(元)", _BUSINESS),
        *_plain("动账账户"),
        WireColumn("动账场景", required=True),
        *_plain("计费类型"),
        WireColumn("子订单号", _PSEUDONYMOUS, aliases=("关联子订单号",), is_id=True),
        WireColumn("订单号", _PSEUDONYMOUS, aliases=("关联订单号",), is_id=True),
        WireColumn("售后编号", _PSEUDONYMOUS, is_id=True),
        *_plain("下单时间", "商品ID", "订单类型"),
        *_money(
            "订单实付应结",
            "运费实付",
            "实际平台补贴_运费",
            "实际平台补贴",
            "其他平台补贴",
            "以旧换新抵扣",
            "政府补贴平台垫资",
            "实际达人补贴",
            "实际抖音支付补贴",
            "实际抖音月付营销补贴",
            "银行补贴",
            "订单退款",
            "平台服务费",
            "佣金",
            "服务商佣金",
            "渠道分成",
            "招商服务费",
            "站外推广费",
            "其他分成",
        ),
        *unread("是否免佣"),
        *_money("免佣金额"),
        *unread("商品编码", "商品名称", "达人ID", "达人名称", "商户主体名称"),
        WireColumn("备注", ResidencyClass.LOCAL, free_text=True),
    ),
)

AFTER_SALES = FileFormat(
    name="douyin_after_sales",
    channel="douyin",
    title={"zh": "抖音售后单", "en": "Douyin after-sale cases"},
    source="real exports of 50 columns, one row per case",
    file_name_facts=_EXPORTED,
    empty_words=("-",),
    columns=(
        WireColumn("售后单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("商品单号", _PSEUDONYMOUS, required=True, is_id=True),
        *unread("商品名称"),
        *_plain("商品ID"),
        *_money("应付金额（元）", "商品运费（元）", "支付优惠（元）", "商品税费（元）"),
        *_plain("商品发货状态"),
        WireColumn("售后类型", required=True),
        *_money("退商品金额（元）", required=True),
        *_money("退运费金额（元）", "退支付优惠（元）", "退税费金额（元）"),
        WireColumn("售后状态", required=True),
        WireColumn("售后申请时间", required=True),
        *unread("退款方式", "是否已上传退款凭证", "售后原因", "售后原因标签"),
        WireColumn("退货物流单号", _PSEUDONYMOUS),
        *unread("退货异常", "退货发货时间", "退货物流公司", "自动处理截止时间"),
        *_plain("同意售后申请时间", "商家退款时间", "用户到账时间", "售后关闭时间"),
        WireColumn("商家退货地址", ResidencyClass.LOCAL, free_text=True),
        WireColumn("商家退货联系人姓名", _PERSONAL, kind=PersonalKind.NAME, whose=Whose.STAFF),
        WireColumn("商家退货联系人电话", _PERSONAL, kind=PersonalKind.MOBILE, whose=Whose.STAFF),
        *unread("仲裁状态", "纠纷责任方", "是否极速退款", "是否拒签后退款"),
        WireColumn("发货物流单号", _PSEUDONYMOUS),
        *unread("发货物流状态", "换货物流单号", "退货物流状态"),
        *_plain("售后完结时间"),
        *unread("订单备注", "用户售后说明", "售后备注"),
        WireColumn("操作人", _PERSONAL, kind=PersonalKind.NAME, whose=Whose.STAFF),
        *unread("协商记录", "换货商品信息"),
        *_plain("商家编码"),
        *unread("门店名称"),
    ),
)

COMMISSIONS = FileFormat(
    name="douyin_commissions",
    channel="douyin",
    title={"zh": "抖音精选联盟订单", "en": "Douyin talent commission"},
    source="published exports of the alliance's order list, one row per sub-order",
    file_name_facts=_EXPORTED,
    empty_words=("-",),
    shop_column="店铺名称",
    columns=(
        WireColumn("订单id", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("商品id", is_id=True),
        *unread("商品名称"),
        WireColumn("作者账号", _PERSONAL, kind=PersonalKind.NAME, whose=Whose.TALENT),
        WireColumn("抖音/火山号", _PERSONAL, required=True, kind=PersonalKind.ACCOUNT, whose=Whose.TALENT),
        *_money("支付金额", required=True),
        WireColumn("佣金率", required=True),
        *_money("预估佣金支出", required=True),
        *_money("结算金额"),
        *_money("实际佣金支出", required=True),
        WireColumn("订单状态", required=True),
        *unread("超时未结算原因"),
        WireColumn("付款时间", required=True),
        *_plain("收货时间", "订单结算时间"),
        *unread("商品来源", "尾款支付时间"),
        *_money("定金金额"),
        *_plain("店铺id", "店铺名称", "商品数量"),
        *unread(
            "佣金发票",
            "冻结比例",
            "是否阶梯佣金",
            "门槛销量",
            "基础佣金率",
            "升佣佣金率",
            "预估奖励佣金支出",
            "结算奖励佣金支出",
            "订单来源",
            "流量来源",
        ),
    ),
)

PRODUCT_ADS = FileFormat(
    name="douyin_product_ads",
    channel="douyin",
    title={"zh": "千川商品推广报表", "en": "Qianchuan promotion of goods"},
    source="published readers of the daily report by article",
    empty_words=("-",),
    columns=(
        WireColumn("日期", required=True),
        WireColumn("商品ID", required=True, is_id=True),
        *unread("商品名称"),
        *_money("整体消耗", required=True),
        *unread(*_AD_FIGURES),
    ),
)

LIVE_ADS = FileFormat(
    name="douyin_live_ads",
    channel="douyin",
    title={"zh": "千川直播推广报表", "en": "Qianchuan promotion of live rooms"},
    source="published profile of the daily report by account",
    empty_words=("-",),
    columns=(
        WireColumn("抖音号名称", _PERSONAL, required=True, kind=PersonalKind.NAME, whose=Whose.STAFF),
        WireColumn("日期", required=True),
        *_money("整体消耗", required=True),
        *unread("GPM", "直播间整体曝光次数", *_AD_FIGURES),
    ),
)

FORMATS = (ORDERS, SETTLEMENT, FUND, AFTER_SALES, COMMISSIONS, PRODUCT_ADS, LIVE_ADS)
