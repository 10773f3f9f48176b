"""The reports as one Excel workbook: numbers as numbers, sums as formulas with their values, texts as texts."""

from entrepot.reports.workbook.book import WorkbookData, workbook_bytes

__all__ = ["WorkbookData", "workbook_bytes"]
