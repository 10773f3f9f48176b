"""Format of exchange rates that a company takes from its bank or from the People's Bank of China."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

FX_RATES = FileFormat(
    name="own_fx_rates",
    channel="own",
    title={"zh": "汇率表", "en": "Exchange rates"},
    source="our own template",
    columns=(
        WireColumn("date", aliases=("日期",), required=True),
        WireColumn("base_currency", _BUSINESS, aliases=("基准货币", "外币"), required=True),
        WireColumn("quote_currency", _BUSINESS, aliases=("标价货币", "本币"), required=True),
        WireColumn("rate", _BUSINESS, aliases=("汇率", "中间价"), required=True),
        # The central parity of the yen is of 100 yen.
        WireColumn("units", aliases=("单位数量",)),
        WireColumn("rate_source", aliases=("来源",)),
    ),
)
