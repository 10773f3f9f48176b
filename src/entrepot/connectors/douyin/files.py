"""Formats of Douyin Shop's seller-centre files.

Source: headers of real exports, read 2026-11. Orders: 75 columns, an earlier generation of 74 with 商品单价 instead
of 商品金额, and short exports that merchants cut down to about twenty. Ids carry a leading tab, in the settlement a
leading apostrophe; `-` is an empty cell; the file name starts with the unix time of the export.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
_PERSONAL = ResidencyClass.PERSONAL
_EXPORTED = {"exported_unix": r"^(?P<value>\d{10})_"}


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
        WireColumn("达人ID", _PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn("达人昵称", _PERSONAL, kind=PersonalKind.NAME),
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

FORMATS = (ORDERS, SETTLEMENT)
