"""Formats of Alipay's merchant files.

Source: real ledger exports of 2012 to 2026: four `#` lines before the header, cells padded with tabs, a `#` footer with
control totals; the newer generation (账务组合查询) says 账务类型 and has up to 22 columns. Settlement of Alipay's
global business: description by Alipay of five kinds of file, read 2026-11.
"""

from entrepot.connectors.contract import ControlTotal, FileFormat, TotalOf, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_LOCAL = ResidencyClass.LOCAL
_INCOME, _EXPENSE = "收入金额（+元）", "支出金额（-元）"

LEDGER = FileFormat(
    name="alipay_ledger",
    channel="alipay",
    title={"zh": "支付宝账务明细", "en": "Alipay account ledger"},
    source="real exports 2012 to 2026, the newer generation of 15 to 22 columns included",
    columns=(
        *unread("序号"),
        WireColumn("支付宝交易号", _PSEUDONYMOUS, is_id=True),
        WireColumn("账务流水号", _PSEUDONYMOUS, aliases=("支付宝流水号",), required=True, is_id=True),
        WireColumn("业务流水号", _PSEUDONYMOUS, is_id=True),
        WireColumn("商户订单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("商品名称", _LOCAL, free_text=True),
        WireColumn("发生时间", aliases=("入账时间",), required=True),
        WireColumn("对方账号", ResidencyClass.PERSONAL, aliases=("对方账户",), kind=PersonalKind.ACCOUNT),
        WireColumn("对方名称", ResidencyClass.PERSONAL, kind=PersonalKind.NAME),
        WireColumn("银行订单号", _PSEUDONYMOUS, is_id=True),
        WireColumn(_INCOME, _BUSINESS, aliases=("收入（+元）",), required=True),
        WireColumn(_EXPENSE, _BUSINESS, aliases=("支出（-元）",), required=True),
        WireColumn("账户余额（元）", _BUSINESS),
        WireColumn("服务费（元）", _BUSINESS),
        WireColumn("交易渠道", aliases=("支付渠道",)),
        WireColumn("签约产品"),
        WireColumn("业务类型", aliases=("账务类型",), required=True),
        WireColumn("备注", _LOCAL, free_text=True),
        WireColumn("业务描述", _LOCAL, free_text=True),
        WireColumn("业务账单来源", _LOCAL),
        WireColumn("业务基础订单号", _PSEUDONYMOUS, is_id=True),
        WireColumn("业务订单号", _PSEUDONYMOUS, is_id=True),
        *unread("付款备注"),
    ),
    facts={
        # The newer generation writes the login before the number.
        "account": r"账号：[^\[]*\[(?P<value>\d+)\]",
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

SETTLEMENT = FileFormat(
    name="alipay_settlement",
    channel="alipay",
    title={"zh": "支付宝国际结算明细", "en": "Alipay settlement in foreign currency"},
    source="description by Alipay of the settlement files of its global business, with samples",
    columns=(
        WireColumn("Partner_transaction_id", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("Transaction_id", _PSEUDONYMOUS, required=True, is_id=True),
        money("Amount", required=True),
        money("Rmb_amount"),
        WireColumn("Fee", _BUSINESS, aliases=("fee",), required=True),
        WireColumn("Refund", _BUSINESS),
        money("Settlement", required=True),
        money("Rmb_settlement"),
        WireColumn("Currency", required=True),
        WireColumn("Rate"),
        WireColumn("Payment_time", required=True),
        WireColumn("Settlement_time", required=True),
        WireColumn("Type", required=True),
        WireColumn("Status", required=True),
        WireColumn(
            "Original_partner_transaction_ID",
            _PSEUDONYMOUS,
            aliases=("original_partner_transaction_ID", "Original_partner_transaction_id"),
            is_id=True,
        ),
        *unread("Stem_from", "Remarks", "Secondary_merchant_industry", "Secondary_merchant_name"),
        *unread("Secondary_merchant_id", "Operator_name", "Order_scene"),
        WireColumn("Trans_currency"),
        money("Trans_amount"),
        WireColumn("Trans_forex_rate"),
        *unread("Issue", "Product", "Store_ID", "Terminal_ID"),
    ),
)

FORMATS = (LEDGER, SETTLEMENT)
