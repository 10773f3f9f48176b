"""Format of the list of figures that a seller centre's own reports show, to be held beside ours."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

PLATFORM_FIGURES = FileFormat(
    name="own_platform_figures",
    channel="own",
    title={"zh": "平台后台数据表", "en": "Figures of the seller centre"},
    source="our own template",
    columns=(
        WireColumn("channel", aliases=("平台",), required=True),
        WireColumn("shop", aliases=("店铺",), required=True),
        WireColumn("period", aliases=("期间",), required=True),
        WireColumn("measure", aliases=("指标",), required=True),
        WireColumn("amount", _BUSINESS, aliases=("金额",), required=True),
        WireColumn("currency", _BUSINESS, aliases=("币种",), required=True),
        WireColumn("figure_source", aliases=("来源",)),
    ),
)
