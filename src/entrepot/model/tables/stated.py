"""Figures that a seller centre shows about itself, as somebody wrote them down: to be compared, never booked."""

from __future__ import annotations

from entrepot.model.fields import Origin, Table, minor, text

STATED_FIGURES = Table(
    "stated_figures",
    Origin.OBSERVED,
    ("platform", "shop", "stated_for", "measure", "currency"),
    (
        text("channel", "Always `own`: people wrote the list.", required=True),
        text("month", "Month that the figure is of, or is in, `YYYY-MM`.", required=True),
        text("platform", "Platform whose seller centre shows the figure.", required=True),
        text("shop", "Shop it is about.", required=True),
        text("stated_for", "Month `YYYY-MM` or day `YYYY-MM-DD` that the figure is of.", required=True),
        text("measure", "placed, paid, refunded.", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "The figure.", required=True),
        text("figure_source", "Where it stands, as the list says: page or report of the seller centre."),
    ),
    "Figures of the seller centre's own reports, as lists state them.",
    ("channel", "month"),
)

STATED_TABLES = (STATED_FIGURES,)
