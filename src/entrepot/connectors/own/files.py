"""Formats of the merchant's own lists: English or Chinese headers, CSV or XLSX."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.connectors.own.bank import BANK_MATCHES
from entrepot.connectors.own.bills import SERVICE_BILL
from entrepot.connectors.own.figures import PLATFORM_FIGURES
from entrepot.connectors.own.invoices import INVOICE_ISSUERS
from entrepot.connectors.own.journals import CHART, JOURNAL
from entrepot.connectors.own.listings import LISTING_MAP
from entrepot.connectors.own.rates import FX_RATES
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

SKU_LIST = FileFormat(
    name="own_sku_list",
    channel="own",
    title={"zh": "商品资料及成本表", "en": "SKU list with costs"},
    source="our own template",
    columns=(
        WireColumn("sku_id", aliases=("商家编码", "SKU"), required=True, is_id=True),
        WireColumn("name", _BUSINESS, aliases=("商品名称", "名称")),
        WireColumn("name_en", _BUSINESS, aliases=("英文名称",)),
        WireColumn("brand", _BUSINESS, aliases=("品牌",)),
        WireColumn("category", _BUSINESS, aliases=("类目",)),
        WireColumn("unit_cost", _BUSINESS, aliases=("成本", "单位成本"), required=True),
        WireColumn("currency", _BUSINESS, aliases=("币种",), required=True),
        WireColumn("valid_from", aliases=("生效日期",), required=True),
        WireColumn("vat_rate", _BUSINESS, aliases=("增值税率", "税率")),
        WireColumn("tax_code", _BUSINESS, aliases=("税收分类编码",)),
        WireColumn("hs_code", _BUSINESS, aliases=("海关编码",)),
        WireColumn("unit", aliases=("单位",)),
        WireColumn("pack_count", aliases=("包装数量",)),
        WireColumn("net_weight_g", aliases=("净重克",)),
        WireColumn("shelf_life_days", aliases=("保质期天数",)),
        WireColumn("sensitivity", aliases=("敏感类别",)),
        WireColumn("gtin", aliases=("条码", "商品条码", "69码", "EAN", "UPC"), is_id=True),
    ),
)

FORMATS = (
    SKU_LIST,
    JOURNAL,
    CHART,
    FX_RATES,
    LISTING_MAP,
    PLATFORM_FIGURES,
    SERVICE_BILL,
    BANK_MATCHES,
    INVOICE_ISSUERS,
)
