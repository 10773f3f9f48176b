"""Formats of WeChat Pay's merchant files.

Source: description of both bills by WeChat Pay (trade bill of 2024-11, fund flow of 2025-01) and published bills of
2014 to 2024, read 2026-11. UTF-8; every cell begins with a backtick; behind the rows stand a second header and one row
of totals. The trade bill comes as ALL, SUCCESS and REFUND, which have some columns more or fewer, and in an early
generation with 总金额 and 企业红包金额 or 代金券或立减优惠金额.
"""

from entrepot.connectors.contract import ControlTotal, FileFormat, TotalOf, Whose, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_LOCAL = ResidencyClass.LOCAL
_NUMBER = r"`?-?[\d.]+"

TRADES = FileFormat(
    name="wechatpay_trades",
    channel="wechatpay",
    title={"zh": "微信支付交易账单", "en": "WeChat Pay trade bill"},
    source="description by WeChat Pay and published bills: ALL, SUCCESS and REFUND, two generations",
    total_words=("总交易单数", "合计", "总计"),
    cell_mark="`",
    columns=(
        WireColumn("交易时间", required=True),
        *unread("公众账号ID"),
        WireColumn("商户号", _BUSINESS, required=True, is_id=True),
        WireColumn("特约商户号", _BUSINESS, aliases=("子商户号",), is_id=True),
        *unread("设备号"),
        WireColumn("微信订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("商户订单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("用户标识", ResidencyClass.PERSONAL, kind=PersonalKind.ACCOUNT),
        WireColumn("交易类型"),
        WireColumn("交易状态", required=True),
        WireColumn("付款银行"),
        WireColumn("货币种类", required=True),
        WireColumn("应结订单金额", _BUSINESS, aliases=("总金额",), required=True),
        WireColumn("代金券金额", _BUSINESS, aliases=("代金券或立减优惠金额", "企业红包金额")),
        WireColumn("退款申请时间"),
        WireColumn("退款成功时间"),
        WireColumn("微信退款单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("商户退款单号", _PSEUDONYMOUS, is_id=True),
        money("退款金额"),
        WireColumn("充值券退款金额", _BUSINESS, aliases=("代金券或立减优惠退款金额", "企业红包退款金额")),
        WireColumn("退款类型"),
        WireColumn("退款状态"),
        *unread("商品名称", "商户数据包"),
        money("手续费", required=True),
        WireColumn("费率"),
        money("订单金额"),
        money("申请退款金额"),
        *unread("费率备注"),
    ),
    # The row of totals has four numbers (SUCCESS), five (early generation) or seven. The fee's total is not checked:
    # its five decimals are more than control totals read. Every row has a merchant number, so counting those counts
    # rows.
    totals=(
        ControlTotal("trade_count", rf"^`?(?P<stated>\d+)(\.0+)?(,{_NUMBER}){{3,6}}$", TotalOf.COUNT, "商户号"),
        ControlTotal(
            "settled_sum",
            rf"^`?\d+(\.0+)?,`?(?P<stated>-?[\d.]+)(,{_NUMBER}){{2,5}}$",
            TotalOf.SUM,
            "应结订单金额",
        ),
        ControlTotal(
            "refund_sum",
            rf"^`?\d+(\.0+)?,{_NUMBER},`?(?P<stated>-?[\d.]+)(,{_NUMBER}){{2,4}}$",
            TotalOf.SUM,
            "退款金额",
        ),
    ),
)

FUNDS = FileFormat(
    name="wechatpay_funds",
    channel="wechatpay",
    title={"zh": "微信支付资金账单", "en": "WeChat Pay fund flow"},
    source="description by WeChat Pay and published bills; brackets of two kinds",
    total_words=("资金流水总笔数", "合计", "总计"),
    cell_mark="`",
    columns=(
        WireColumn("记账时间", required=True),
        WireColumn("微信支付业务单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("资金流水单号", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("业务名称"),
        WireColumn("业务类型", required=True),
        WireColumn("收支类型", required=True),
        WireColumn("收支金额（元）", _BUSINESS, aliases=("收支金额(元)",), required=True),
        WireColumn("账户结余（元）", _BUSINESS, aliases=("账户结余(元)",), required=True),
        WireColumn("资金变更提交申请人", ResidencyClass.PERSONAL, kind=PersonalKind.NAME, whose=Whose.STAFF),
        WireColumn("备注", _LOCAL, free_text=True),
        WireColumn("业务凭证号", _PSEUDONYMOUS, is_id=True),
    ),
    totals=(
        ControlTotal("flow_count", rf"^`?(?P<stated>\d+)(\.0+)?(,{_NUMBER}){{4}}$", TotalOf.COUNT, "收支金额（元）"),
    ),
)

FORMATS = (TRADES, FUNDS)
