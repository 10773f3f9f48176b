"""Format of the list that says which SKUs a listing sells: written by a person, or proposed and then decided."""

from entrepot.connectors.contract import FileFormat, WireColumn, unread
from entrepot.model import ResidencyClass

_LOCAL = ResidencyClass.LOCAL

LISTING_MAP = FileFormat(
    name="own_listing_map",
    channel="own",
    title={"zh": "商品对应表", "en": "Listings and their SKUs"},
    source="our own template",
    columns=(
        WireColumn("channel", aliases=("平台",), required=True),
        WireColumn("shop", aliases=("店铺",), required=True),
        WireColumn("listing_kind", aliases=("匹配方式",)),
        WireColumn("listing_id", aliases=("商品ID", "链接ID"), required=True, is_id=True),
        WireColumn("sku_id", aliases=("商家编码",), required=True, is_id=True),
        WireColumn("qty", aliases=("数量",), required=True),
        WireColumn("share", ResidencyClass.BUSINESS, aliases=("金额占比",)),
        WireColumn("valid_from", aliases=("生效日期",), required=True),
        WireColumn("valid_to", aliases=("失效日期",)),
        WireColumn("decision", aliases=("决定",)),
        WireColumn("decided_at", aliases=("决定时间",)),
        WireColumn("decided_by", _LOCAL, aliases=("决定人",)),
        WireColumn("reason", _LOCAL, aliases=("备注",), free_text=True),
        # What a review list shows beside a proposal.
        *unread("proposal", "title", "sku_name", "lines", "amount", "currency", "confidence", "reasons"),
    ),
)
