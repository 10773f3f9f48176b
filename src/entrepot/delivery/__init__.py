"""Journals out to ERPs, by file. One folder per ERP; what they share is the contract, the mapping and the writing."""

from entrepot.delivery.contract import GROUPINGS, FileForm, Layout, mapping_text
from entrepot.delivery.journals import JournalAsked, JournalTotals, build_journals
from entrepot.delivery.mapping import AccountMapping, mapping_file_text, read_mapping
from entrepot.delivery.registry import LAYOUTS, layout_named
from entrepot.delivery.writing import write_table

__all__ = [
    "GROUPINGS",
    "LAYOUTS",
    "AccountMapping",
    "FileForm",
    "JournalAsked",
    "JournalTotals",
    "Layout",
    "build_journals",
    "layout_named",
    "mapping_file_text",
    "mapping_text",
    "read_mapping",
    "write_table",
]
