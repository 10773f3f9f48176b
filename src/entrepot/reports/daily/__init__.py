"""The figures of one day, for a message: counts and sums, never a row, an id or a free text."""

from entrepot.reports.daily.feeds import feed_rows
from entrepot.reports.daily.figures import ChannelDay, DayFigures, day_figures
from entrepot.reports.daily.message import FIELDS, message_fields, message_text

__all__ = ["FIELDS", "ChannelDay", "DayFigures", "day_figures", "feed_rows", "message_fields", "message_text"]
