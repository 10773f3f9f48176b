"""Questions asked of the ledger. Reports read; they never write a table."""

from entrepot.reports.questions import REPORTS, ReportQuestion, run_report
from entrepot.reports.statement import LINES, Statement, statement_of

__all__ = ["LINES", "REPORTS", "ReportQuestion", "Statement", "run_report", "statement_of"]
