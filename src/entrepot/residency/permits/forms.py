"""What text may look like when it leaves: closed forms, each a pattern or a list that the cell itself declares.

A value of another form, or one that looks like a phone, an identity or card number or an e-mail address, leaves as
`withheld`: the row stays, so the amounts still tie out, and nothing is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMS", "OWN_ARTICLES", "PERSONAL_PATTERNS", "WITHHELD", "Form", "form_condition", "looks_personal"]

WITHHELD = "withheld"
"""What stands for a value that may not leave."""

OWN_ARTICLES = "own_articles"
"""Relation of the articles that the company's own list has and whose codes are in their form."""

PERSONAL_PATTERNS = (
    r"(\A|[^0-9])1[3-9][0-9][^0-9A-Za-z]?[0-9]{4}[^0-9A-Za-z]?[0-9]{4}([^0-9]|\z)",  # a Chinese mobile number
    r"(\A|[^0-9])[1-9][0-9]{16}[0-9Xx]([^0-9]|\z)",  # a resident identity number
    r"[0-9]{15,}",  # an older identity number, a bank card, an account or order number; no barcode is as long
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]",  # an e-mail address
)
"""Signs of a person inside a text; alarms on what a closed form should make impossible."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        pattern: Regular expression of the dialect over the whole text; empty where a list decides.
        declared: Relation with the one column `value` that lists what is known; empty where a pattern decides alone.
        is_open: Whether the pattern leaves room for a sign of a person, which is then looked for as well.
    """

    pattern: str = ""
    declared: str = ""
    is_open: bool = False


FORMS: Mapping[str, Form] = {
    # Words of our own code lists: states, accounts, rules, channels.
    "code": Form(r"\A[a-z0-9_:.]{1,60}\z", is_open=True),
    "currency": Form(r"\A[A-Z]{3}\z"),
    "tariff": Form(r"\A[0-9]{4,10}\z"),
    "country": Form(r"\A[A-Z]{2}\z"),
    "period": Form(r"\A([0-9]{4}-[0-9]{2}|FY[0-9]{4}-P[0-9]{2}|all)\z"),
    # A company, a day and a rule: what a batch is called.
    "batch": Form(r"\A[A-Za-z0-9_-]{1,40}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[a-z_]{1,40}\z", is_open=True),
    # Codes of the company's own list of articles, of no file of a platform: a person's name in Latin letters
    # looks like a code. Of digits in a row they have no more than a barcode has.
    "sku": Form(r"\A[A-Za-z0-9]([A-Za-z0-9._/-]{0,39})\z", declared=OWN_ARTICLES, is_open=True),
    # A name in the company's own list of articles, which alone may be its source: letters of any script, no digits
    # beyond four in a row, no marks of contact.
    "label": Form(r"\A[^0-9@<>\r\n\t]{0,30}([0-9]{1,4}[^0-9@<>\r\n\t]{0,30}){0,8}\z", is_open=True),
    # What the merchant's own master data spell out; everything of another spelling stays.
    "personal": Form(r"\A(?s:.){1,400}\z"),
    "shop": Form(declared="declared_shops"),
    "entity": Form(declared="declared_entities"),
    "location": Form(declared="declared_locations"),
}
"""All forms. `personal` is accepted only in shapes that may carry personal values."""


def form_condition(column: str, form: str) -> str:
    """SQL of the dialect that is true where a text of a column may leave in a form that a pattern decides."""
    shape = FORMS[form]
    assert shape.pattern, f"{form}: a list decides, not a pattern"
    own = f"regexp_matches({column}, '{shape.pattern}')"
    return f"{own} and not ({looks_personal(column)})" if shape.is_open else own


def looks_personal(column: str) -> str:
    """SQL of the dialect that is true where a text shows a sign of a person."""
    # One expression with all of them: each by itself took four times as long over a million rows.
    return f"regexp_matches({column}, '{'|'.join(PERSONAL_PATTERNS)}')"
