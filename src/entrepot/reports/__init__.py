"""Questions asked of the ledger. Reports read; they never write a table."""

from entrepot.reports.comparison import Against, ComparedLine, compared, earlier
from entrepot.reports.questions import REPORTS, ReportQuestion, run_report
from entrepot.reports.reading import open_for_reading
from entrepot.reports.statement import LINES, Statement, statement_of
from entrepot.reports.words import Vocabulary

__all__ = [
    "LINES",
    "REPORTS",
    "Against",
    "ComparedLine",
    "ReportQuestion",
    "Statement",
    "Vocabulary",
    "compared",
    "earlier",
    "open_for_reading",
    "run_report",
    "statement_of",
]
