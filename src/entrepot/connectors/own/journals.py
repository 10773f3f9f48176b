"""Formats of what people book themselves: journals and the names of accounts in the company's own chart."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_LOCAL = ResidencyClass.LOCAL

JOURNAL = FileFormat(
    name="own_journal",
    channel="own",
    title={"zh": "手工凭证及期初余额", "en": "Journals and opening balances"},
    source="our own template",
    columns=(
        WireColumn("journal", _LOCAL, aliases=("凭证号",), required=True, is_id=True),
        WireColumn("kind", aliases=("类型",), required=True),
        WireColumn("date", aliases=("日期", "记账日期"), required=True),
        WireColumn("entity", _BUSINESS, aliases=("公司", "主体")),
        WireColumn("account", _BUSINESS, aliases=("科目",), required=True),
        WireColumn("debit", _BUSINESS, aliases=("借方", "借方金额"), required=True),
        WireColumn("credit", _BUSINESS, aliases=("贷方", "贷方金额"), required=True),
        WireColumn("currency", _BUSINESS, aliases=("币种",), required=True),
        WireColumn("channel", _BUSINESS, aliases=("平台",)),
        WireColumn("shop", _BUSINESS, aliases=("店铺",)),
        WireColumn("sku_id", _BUSINESS, aliases=("商家编码",), is_id=True),
        WireColumn("wallet", _BUSINESS, aliases=("钱包", "钱包账户")),
        WireColumn("reason", _LOCAL, aliases=("摘要", "原因"), free_text=True),
        WireColumn("prepared_by", _LOCAL, aliases=("制单", "制单人")),
        WireColumn("approved_by", _LOCAL, aliases=("审核", "审核人")),
    ),
)

CHART = FileFormat(
    name="own_chart",
    channel="own",
    title={"zh": "科目对照表", "en": "Own chart of accounts"},
    source="our own template",
    columns=(
        WireColumn("account", _BUSINESS, aliases=("系统科目",), required=True),
        WireColumn("own_code", _BUSINESS, aliases=("科目编码",), required=True, is_id=True),
        WireColumn("own_name", _BUSINESS, aliases=("科目名称",)),
    ),
)
