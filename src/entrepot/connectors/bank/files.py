"""Formats of bank statements: five banks as public examples show them, and our own template for all others.

Source: example statements of debit accounts in double-entry-generator (64340cf, Apache-2.0), read 2026-11. Names on
the other side may be persons, so they never leave the cell.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, money, unread
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_LOCAL = ResidencyClass.LOCAL
_EXAMPLES = "public example of a debit account"


def _told(name: str, *, required: bool = False) -> WireColumn:
    """A column of names or free text."""
    return WireColumn(name, _LOCAL, required=required, free_text=True)


BOC = FileFormat(
    name="bank_boc",
    channel="own",
    title={"zh": "中国银行交易流水", "en": "Bank of China statement"},
    source=_EXAMPLES,
    columns=(
        WireColumn("记账日期", required=True),
        WireColumn("记账时间"),
        WireColumn("币别", _BUSINESS, required=True),
        money("金额", required=True),
        money("余额", required=True),
        _told("附言"),
        _told("对方账户名", required=True),
        WireColumn("借记卡号", _BUSINESS, required=True, is_id=True),
        *unread("交易名称", "渠道", "网点名称", "对方卡号/账号", "对方开户行"),
    ),
    empty_words=("-------------------", "----------"),
    shop_column="借记卡号",
)

BOCOM = FileFormat(
    name="bank_bocom",
    channel="own",
    title={"zh": "交通银行交易流水", "en": "Bank of Communications statement"},
    source=_EXAMPLES,
    columns=(
        WireColumn("交易日期", required=True),
        WireColumn("交易时间"),
        WireColumn("借贷", required=True),
        money("交易金额", required=True),
        money("余额", required=True),
        _told("对方户名", required=True),
        _told("摘要"),
        *unread("序号", "交易类型", "对方账号", "交易地点"),
    ),
)

CMB = FileFormat(
    name="bank_cmb",
    channel="own",
    title={"zh": "招商银行交易流水", "en": "China Merchants Bank statement"},
    source=_EXAMPLES,
    columns=(
        WireColumn("记账日期", required=True),
        WireColumn("货币", _BUSINESS, required=True),
        money("交易金额", required=True),
        money("联机余额", required=True),
        _told("交易摘要"),
        _told("对手信息", required=True),
        _told("客户摘要"),
    ),
)

ICBC = FileFormat(
    name="bank_icbc",
    channel="own",
    title={"zh": "工商银行账户明细", "en": "ICBC statement"},
    source=_EXAMPLES,
    columns=(
        WireColumn("交易日期", required=True),
        _told("摘要"),
        _told("交易详情"),
        money("记账金额(收入)", required=True),
        money("记账金额(支出)", required=True),
        WireColumn("记账币种", _BUSINESS, required=True),
        money("余额", required=True),
        _told("对方户名", required=True),
        *unread("交易场所", "交易国家或地区简称", "钞/汇", "交易金额(收入)", "交易金额(支出)", "交易币种", "对方账户"),
    ),
    facts={"account": "卡号: *(?P<value>[0-9*]{8,32})"},
    empty_words=("-",),
    total_words=("人民币合计", "合计", "总计"),
    ends_in_separator=True,
)

HSBC_HK = FileFormat(
    name="bank_hsbc_hk",
    channel="own",
    title={"zh": "汇丰香港账户流水", "en": "HSBC Hong Kong statement"},
    source=_EXAMPLES,
    columns=(
        WireColumn("Date", required=True),
        _told("Description", required=True),
        money("Billing amount", required=True),
        WireColumn("Billing currency", _BUSINESS, required=True),
        money("Balance", required=True),
        WireColumn("Balance currency", _BUSINESS, required=True),
    ),
)

STATEMENT = FileFormat(
    name="bank_statement",
    channel="own",
    title={"zh": "银行流水（通用模板）", "en": "Bank statement, own template"},
    source="our own template",
    columns=(
        WireColumn("bank_account", _BUSINESS, aliases=("银行账号", "账户"), required=True, is_id=True),
        WireColumn("booked_on", aliases=("入账日期", "到账日期"), required=True),
        WireColumn("amount", _BUSINESS, aliases=("发生额",)),
        WireColumn("amount_in", _BUSINESS, aliases=("收入金额", "贷方发生额")),
        WireColumn("amount_out", _BUSINESS, aliases=("支出金额", "借方发生额")),
        WireColumn("currency", _BUSINESS, aliases=("币种",), required=True),
        WireColumn("counterparty", _LOCAL, aliases=("对方名称", "对方单位"), free_text=True),
        WireColumn("reference", _LOCAL, aliases=("用途", "附言", "摘要"), free_text=True),
        WireColumn("balance", _BUSINESS, aliases=("账户余额",)),
        WireColumn("bank_fee", _BUSINESS, aliases=("手续费",)),
        WireColumn("line_id", ResidencyClass.PSEUDONYMOUS, aliases=("流水号", "交易流水号"), is_id=True),
    ),
    shop_column="bank_account",
)

FORMATS = (BOC, BOCOM, CMB, ICBC, HSBC_HK, STATEMENT)
