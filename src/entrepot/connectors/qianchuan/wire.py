"""The account's report of a day, as far as it is read.

Source: structures of the official Go SDK, read 2026-11. Amounts are yuan with two decimals, as numbers. The answer has
neither the day nor the account nor the kind of plans: they are read from the question, which is kept beside it.
"""

from entrepot.connectors.live.wire import Document, WireField, asked
from entrepot.model import ResidencyClass

SPENT = "stat_cost_for_roi2"
"""整体消耗; 综合成本 (`stat_cost_for_overall_roi2`) has costs in it that are no advertising."""

REPORT = Document(
    (
        asked("advertiser_id"),
        asked("adlab_scene"),
        asked("start_time"),
        asked("end_time"),
        WireField("spent", SPENT, ResidencyClass.BUSINESS, required=True),
    )
)
