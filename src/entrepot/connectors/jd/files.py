"""Formats of JD's seller-centre files.

Source: headers of real exports (order export, wallet statement), read 2026-11. The order export repeats the amounts of
the order on the row of every article.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_PERSONAL = ResidencyClass.PERSONAL


ORDERS = FileFormat(
    name="jd_orders",
    channel="jd",
    title={"zh": "京东订单导出", "en": "JD order export"},
    source="real exports; thirty columns, one row per article",
    columns=(
        WireColumn("订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("商品ID", required=True, is_id=True),
        WireColumn("商品名称", free_text=True),
        WireColumn("订购数量", required=True),
        WireColumn("支付方式"),
        WireColumn("下单时间", required=True),
        money("京东价", required=True),
        money("订单金额", required=True),
        money("结算金额", required=True),
        money("余额支付"),
        money("应付金额", required=True),
        WireColumn("订单状态", required=True),
        WireColumn("订单类型"),
        WireColumn("下单帐号", _PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn("客户姓名", _PERSONAL, kind=PersonalKind.NAME),
        WireColumn("客户地址", _PERSONAL, kind=PersonalKind.ADDRESS, free_text=True),
        WireColumn("联系电话", _PERSONAL, kind=PersonalKind.MOBILE),
        *unread("订单备注", "发票类型", "发票抬头", "发票内容", "商家备注", "商家备注等级（等级1-5为由高到低）"),
        money("运费金额"),
        WireColumn("付款确认时间", required=True),
        *unread("增值税发票"),
        WireColumn("货号"),
        WireColumn("订单完成时间"),
        *unread("订单来源", "订单渠道"),
    ),
)

WALLET = FileFormat(
    name="jd_wallet",
    channel="jd",
    title={"zh": "京东钱包结算单", "en": "JD wallet statement"},
    source="real exports; one row per order, article and item, ids written as a formula",
    shop_column="店铺号",
    columns=(
        WireColumn("订单编号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("单据编号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("单据类型", required=True),
        WireColumn("商品编号"),
        WireColumn("商户订单号", _PSEUDONYMOUS),
        WireColumn("商品名称", free_text=True),
        WireColumn("结算状态"),
        WireColumn("费用发生时间"),
        WireColumn("费用计费时间"),
        WireColumn("费用结算时间", required=True),
        WireColumn("费用项", required=True),
        money("金额", required=True),
        WireColumn("币种"),
        WireColumn("商家应收/应付"),
        *unread("钱包结算备注"),
        WireColumn("店铺号"),
        WireColumn("京东门店编号"),
        WireColumn("品牌门店编号"),
        WireColumn("门店名称"),
        *unread("备注"),
        WireColumn("收支方向", required=True),
        WireColumn("商品数量"),
        WireColumn("对账日期"),
    ),
)

FORMATS = (ORDERS, WALLET)
