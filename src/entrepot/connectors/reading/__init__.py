"""From files on disk to pages of clean text cells: archives, encodings, delimiters, spreadsheets.

Byte decoding and the search for the header stream through Python; cells are touched as columns.
"""

from entrepot.connectors.reading.sampling import first_rows
from entrepot.connectors.reading.sources import ARCHIVE_FAILURES, SourceFile, find_sources
from entrepot.connectors.reading.staging import StagedFile, stage
from entrepot.connectors.reading.tabular import Opened, open_tabular

__all__ = [
    "ARCHIVE_FAILURES",
    "Opened",
    "SourceFile",
    "StagedFile",
    "find_sources",
    "first_rows",
    "open_tabular",
    "stage",
]
