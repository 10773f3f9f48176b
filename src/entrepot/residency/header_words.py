"""What headers of files call things, from a list that a merchant can correct.

The order of the list matters, for the first entry decides of which a word is in the header: a remark of a buyer is a
remark before it is a buyer's, the time of an order is no order number.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from entrepot.model import ResidencyClass
from entrepot.residency.profile import Words


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """Words of headers, lower case and without blanks, and what a column called so is."""

    residency: ResidencyClass
    kind: str | None
    title: Words
    words: tuple[str, ...]


@cache
def header_words() -> tuple[HeaderWords, ...]:
    """The list in its order."""
    text = (resources.files("entrepot.residency") / "header_words.csv").read_text(encoding="utf-8")
    return tuple(
        HeaderWords(
            ResidencyClass(row["class"]),
            row["kind"] or None,
            Words(row["en"], row["zh"]),
            tuple(row["words"].split(";")),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def told_by(header: str) -> HeaderWords | None:
    """What a header speaks of; None where no word of the list is in it."""
    plain = re.sub(r"[\s_\-/()（）:：*]+", "", header).lower()
    return next((each for each in header_words() if any(word in plain for word in each.words)), None)
