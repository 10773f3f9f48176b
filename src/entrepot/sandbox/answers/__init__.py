"""What every report must say of the sample company: an answer from events, worked out apart from the product.

One function per report gives its rows. A report that the world cannot answer, or a part of one, says in
`NOT_OF_THE_WORLD` why, and which other check holds it; a test fails for a report that is in neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.answers import cash, controller, feeds, office, orders, statement
from entrepot.sandbox.answers.known import Known
from entrepot.sandbox.answers.statement import compared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.sandbox.answers.known import Row

__all__ = ["ANSWERS", "NOT_OF_THE_WORLD", "OF_THE_OFFICE", "Known", "compared"]

ANSWERS: Mapping[str, Callable[[Known], list[Row]]] = {
    "acquisition": orders.acquisition,
    "ageing": controller.ageing,
    "cash_forecast": cash.cash_forecast,
    "cut_off": orders.cut_off,
    "exceptions_summary": feeds.exceptions_summary,
    "gmv_bridge": statement.gmv_bridge,
    "invoicing": controller.invoicing,
    "metrics": feeds.metrics,
    "pnl": statement.pnl,
    "platform_figures": office.platform_figures,
    "presale": orders.presale,
    "quality": feeds.quality,
    "settlement_status": orders.settlement_status,
    "stock_turnover": office.stock_turnover,
    "tax_bridge": controller.tax_bridge,
    "trial_balance": controller.trial_balance,
}
"""Report to what it must say."""

OF_THE_OFFICE = (
    *("ageing", "cash_forecast", "exceptions_summary", "invoicing", "platform_figures", "stock_turnover"),
    *("tax_bridge", "trial_balance"),
)
"""Reports that say more once the finance office's own files are there."""

_EXPECTED = "tests/flows/test_expected_reports.py"
_BY_HAND = "tests/reports/test_controller_reports.py"

NOT_OF_THE_WORLD: Mapping[str, tuple[str, str]] = {
    "fx_sources": (
        "rates are facts of central banks and no events of the company",
        f"{_EXPECTED}::test_rates_beside_a_second_source_are_those_of_the_shipped_lists",
    ),
    "on_offer": (
        "the files of the sample world hold no listings: they come by API only",
        "tests/reports/test_on_offer.py::test_each_problem_is_found_once_and_what_is_right_is_not",
    ),
    "metrics/freshness_p95": (
        "how old a row is when it arrives depends on the day of the import",
        f"{_BY_HAND}::test_a_metric_stands_beside_its_target",
    ),
    "quality/seen_within_two_days": (
        "how old a row is when it arrives depends on the day of the import",
        f"{_BY_HAND}::test_a_feed_is_scored_with_the_counts_behind_it",
    ),
}
"""Report, or report and what of it, to why the world cannot say it, and the test that holds it instead."""
