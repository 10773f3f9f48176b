"""Format of the list that says which company invoices the fees of a platform."""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS

INVOICE_ISSUERS = FileFormat(
    name="own_invoice_issuers",
    channel="own",
    title={"zh": "平台开票主体表", "en": "Companies that invoice fees"},
    source="our own template",
    columns=(
        WireColumn("channel", aliases=("平台",), required=True),
        WireColumn("seller_name", _BUSINESS, aliases=("开票主体", "销方名称"), required=True),
        WireColumn("seller_tax_no", _BUSINESS, aliases=("销方税号", "纳税人识别号"), is_id=True),
        WireColumn("fee_codes", aliases=("费用代码",), required=True),
    ),
)
