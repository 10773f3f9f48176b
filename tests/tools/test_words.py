"""What a published file must not say. The samples are put together so that this file does not say it either."""

import pytest

from tools.words import unwelcome

MACHINE = "path of a machine"
HOST = "host of a package registry"
WORD = "word about a workplace or an assistant"
NOTE = "open note (file an issue instead)"


def test_ordinary_sentences_about_the_trade_pass() -> None:
    text = (
        "A work of two days; the root of the tree; src/work/orders.sql; see docs/home/page.md.\n"
        "The agent of the buyer agreed; customer assistants answer in Chinese.\n"
        "Currency XXX is no currency; todo lists are for people.\n"
    )
    assert unwelcome("page.md", text) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("open(" + '"/' + 'work/main/x.csv")', MACHINE),
        ("cd /" + "root/entrepot", MACHINE),
        ("wheel at https://files." + "pythonhosted" + ".org/x", HOST),
        ("deb http://deb." + "debian.org/debian bookworm", HOST),
        ("written by a language " + "model", WORD),
        ("an AI " + "agent did it", WORD),
        ("# " + "TO" + "DO: later", NOTE),
    ],
)
def test_a_line_that_speaks_of_something_else_is_named_by_number_and_kind(line: str, kind: str) -> None:
    assert unwelcome("page.md", f"fine\n{line}\nfine\n") == [f"page.md:2: {kind}"]


def test_notes_of_others_in_bundled_scripts_are_left_alone() -> None:
    assert unwelcome("chart.js", "// TO" + "DO of another project") == []
