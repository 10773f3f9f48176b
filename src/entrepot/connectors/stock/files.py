"""Format of stock lists: English or Chinese headers, CSV or XLSX, one row per SKU, place and state."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

STOCK_LIST = FileFormat(
    name="stock_list",
    channel="own",
    title={"zh": "库存快照", "en": "Stock snapshot"},
    source="our own template",
    columns=(
        WireColumn("stock_day", aliases=("库存日期", "快照日期"), required=True),
        WireColumn("sku_id", aliases=("商家编码", "SKU"), required=True, is_id=True),
        WireColumn("quantity", _BUSINESS, aliases=("数量", "库存数量"), required=True),
        WireColumn("location", _BUSINESS, aliases=("仓库", "库位"), required=True),
        WireColumn("entity_id", _BUSINESS, aliases=("货主",)),
        WireColumn("custodian", aliases=("保管方",)),
        WireColumn("customs_regime", aliases=("监管方式",)),
        WireColumn("account_book", _BUSINESS, aliases=("账册号",), is_id=True),
        WireColumn("account_item", aliases=("账册项号",)),
        WireColumn("lot", aliases=("批次", "批号")),
        WireColumn("expires_on", aliases=("有效期至", "失效日期")),
        WireColumn("quality", aliases=("品质",)),
        WireColumn("purpose", aliases=("用途",)),
        WireColumn("unit", aliases=("单位",)),
        WireColumn("stated_at", aliases=("统计时间", "导出时间")),
    ),
)

FORMATS = (STOCK_LIST,)
