"""Format of bills that no marketplace sends: express, warehouse, agency."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

SERVICE_BILL = FileFormat(
    name="own_service_bill",
    channel="own",
    title={"zh": "快递、仓储及代运营账单", "en": "Express, warehouse and agency bills"},
    source="our own template",
    columns=(
        WireColumn("bill", _BUSINESS, aliases=("账单号",), required=True, is_id=True),
        WireColumn("vendor", _BUSINESS, aliases=("供应商", "服务商"), required=True),
        WireColumn("kind", aliases=("费用类型",), required=True),
        WireColumn("date", aliases=("日期", "发生日期"), required=True),
        WireColumn("amount", _BUSINESS, aliases=("含税金额",), required=True),
        WireColumn("vat", _BUSINESS, aliases=("税额",)),
        WireColumn("currency", _BUSINESS, aliases=("币种",), required=True),
        WireColumn("entity", _BUSINESS, aliases=("公司", "主体")),
        WireColumn("channel", _BUSINESS, aliases=("平台",)),
        WireColumn("shop", _BUSINESS, aliases=("店铺",)),
        WireColumn("order_id", ResidencyClass.PSEUDONYMOUS, aliases=("订单编号", "订单号"), is_id=True),
    ),
)
