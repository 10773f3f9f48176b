"""Facts about our own journal file: every column that a journal line has, with our accounts where none are mapped."""

from entrepot.delivery.contract import FileForm, Layout

LAYOUT = Layout(
    name="plain",
    title={"zh": "通用凭证", "en": "Plain journal"},
    source="our own, docs/guides/export-journals.md",
    numbers=frozenset({"line", "debit", "credit", "functional_debit", "functional_credit"}),
    needs_mapping=False,
    text=FileForm(encoding="utf-8", line_end="\n"),
)
