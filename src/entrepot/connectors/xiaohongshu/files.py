"""Formats of Xiaohongshu's seller-centre files.

Source: published readers of the order export (74 columns, sheet 包裹详情) and of the settlement of goods
(商品结算明细, three generations), read 2026-11. Both are workbooks. Headers carry brackets of both widths.
"""

from entrepot.connectors.contract import FileFormat, Whose, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
_PERSONAL = ResidencyClass.PERSONAL
_RECEIVABLE = "商家应收金额(元)（支付金额）"


def _person(name: str, kind: PersonalKind) -> WireColumn:
    return WireColumn(name, _PERSONAL, kind=kind)


ORDERS = FileFormat(
    name="xiaohongshu_orders",
    channel="xiaohongshu",
    title={"zh": "小红书订单导出", "en": "Xiaohongshu order export"},
    source="published readers of real exports of 74 columns, one row per article of a package",
    empty_words=("-",),
    shop_column="店铺名称",
    columns=(
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("订单状态", required=True),
        WireColumn("售后状态", required=True),
        WireColumn("订单类型"),
        *unread("订单标记"),
        _person("收件人姓名", PersonalKind.NAME),
        _person("收件人电话", PersonalKind.MOBILE),
        WireColumn("收件人地址", _PERSONAL, kind=PersonalKind.ADDRESS, free_text=True),
        WireColumn("省"),
        *unread("市", "区", "区域编码", "小红书编码", "条形码"),
        WireColumn("规格ID", required=True, is_id=True),
        WireColumn("达人ID", _PERSONAL, kind=PersonalKind.ACCOUNT, whose=Whose.TALENT),
        WireColumn("达人名称", _PERSONAL, aliases=("达人名称(待下线)",), kind=PersonalKind.NAME, whose=Whose.TALENT),
        WireColumn("SKU名称", free_text=True),
        *unread("SKU规格"),
        WireColumn("SKU件数", required=True),
        WireColumn("是否为赠品"),
        *unread("发票/Invoice"),
        money("商品总价(元)", required=True),
        money("用户应付金额(元)", required=True),
        money("平台优惠(元)"),
        money("店铺优惠(元)"),
        money("支付渠道优惠(元)"),
        money("SKU商家改价(元)"),
        WireColumn(_RECEIVABLE, _BUSINESS, aliases=("商家应收金额(元)(支付金额)",)),
        WireColumn("支付方式"),
        WireColumn("支付渠道订单号", _PSEUDONYMOUS),
        *unread("支付期数", "利息费用", "手续费承担方"),
        WireColumn("支付时间", required=True),
        *unread("sku净重(kg)", "包裹总净重(kg)"),
        money("包裹总运费(元)"),
        WireColumn("快递公司"),
        WireColumn("快递单号", _PSEUDONYMOUS),
        *unread("发货链接", "大头笔/Paint Marker", "集包地/Express Extend 1", "三段码/Express Extend 2"),
        _person("订购人身份证姓名/ID Name", PersonalKind.NAME),
        _person("订购人身份证号/ID Number", PersonalKind.RESIDENT_ID),
        _person("收件人身份证姓名", PersonalKind.NAME),
        _person("收件人身份证号", PersonalKind.RESIDENT_ID),
        WireColumn("订单创建时间", required=True),
        *unread("预售订单开始发货时间", "预售订单截止发货时间", "承诺发货时间"),
        WireColumn("订单发货时间"),
        WireColumn("订单完成时间"),
        *unread("发货仓库", "确认收货类型", "是否延迟收货", "用户备注", "包裹备注标记", "包裹备注信息", "异常原因"),
        WireColumn("店铺名称"),
        _person("用户编号", PersonalKind.ACCOUNT),
        *unread("运费模版名称", "物流方案名称", "第三方机构订单号", "国补模式", "供应商id", "供应商名称"),
        WireColumn("商家编码"),
        WireColumn("商品ID"),
        WireColumn("商品名称", free_text=True),
    ),
)

SETTLEMENT = FileFormat(
    name="xiaohongshu_settlement",
    channel="xiaohongshu",
    title={"zh": "小红书商品结算明细", "en": "Xiaohongshu settlement of goods"},
    source="published readers of real statements, three generations of the header",
    empty_words=("-",),
    columns=(
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("售后单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("履约单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("结算唯一ID", _PSEUDONYMOUS, is_id=True),
        WireColumn("下单时间"),
        *unread("可结算时间"),
        WireColumn("结算时间", required=True),
        *unread("预计结算时间"),
        WireColumn("交易类型", required=True),
        WireColumn("结算账户"),
        *unread("结算类型", "账本业务类型", "账本结算状态", "结算状态"),
        money("动账金额", required=True),
        money("结算金额"),
        money("计佣基数"),
        money("商品实付/实退", required=True),
        money("运费实付/实退"),
        money("商家优惠"),
        money("平台优惠补贴"),
        money("平台运费补贴"),
        money("跨境税代缴"),
        money("商品税金"),
        money("运费税金"),
        WireColumn("佣金", _BUSINESS, aliases=("佣金总额",), required=True),
        money("支付渠道费"),
        money("分销佣金"),
        money("代运营服务商佣金"),
        money("代开发服务商佣金"),
        money("花呗分期手续费"),
        money("附加费"),
        money("国补订单毛保金额"),
        WireColumn("商品数量"),
        *unread("商品名称", "计费备注", "备注"),
    ),
)

FORMATS = (ORDERS, SETTLEMENT)
