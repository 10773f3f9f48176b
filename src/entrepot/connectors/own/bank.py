"""Format of the list in which people say which movement at the bank is which payout."""

from entrepot.connectors.contract import FileFormat, WireColumn, unread
from entrepot.model import ResidencyClass

_LOCAL = ResidencyClass.LOCAL
_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS

BANK_MATCHES = FileFormat(
    name="own_bank_matches",
    channel="own",
    title={"zh": "银行到账对应表", "en": "Bank movements and their payouts"},
    source="our own template",
    columns=(
        WireColumn("bank_line_id", _PSEUDONYMOUS, aliases=("银行流水编号",), required=True),
        WireColumn("payout_id", _PSEUDONYMOUS, aliases=("打款编号", "提现编号"), required=True),
        WireColumn("decision", aliases=("决定",), required=True),
        WireColumn("decided_at", aliases=("决定时间",)),
        WireColumn("decided_by", _LOCAL, aliases=("决定人",), required=True),
        WireColumn("reason", _LOCAL, aliases=("备注",), free_text=True),
        # What `select * from bank_matches` shows beside a proposal.
        *unread(
            "match_id",
            "state",
            "rule",
            "channel",
            "shop_channel",
            "shop",
            "entity_id",
            "wallet_id",
            "bank_account",
            "booked_on",
            "paid_on",
            "days",
            "currency",
            "bank_minor",
            "fee_minor",
            "payout_currency",
            "payout_minor",
        ),
    ),
)
