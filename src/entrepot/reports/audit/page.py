"""Fill the audit's page: one file, no script, no network."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from entrepot.model import minor_digits
from entrepot.reports.audit import words
from entrepot.reports.audit.hours import ITEMS
from entrepot.reports.audit.needs import THERE

if TYPE_CHECKING:
    from entrepot.reports.audit.shape import Audit


def render_audit(audit: Audit, lang: str) -> str:
    """The page as text.

    Args:
        audit: What was found.
        lang: `en` or `zh`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["hours"] = words.hours_text
    unit = 10 ** minor_digits(audit.currency)
    environment.filters["whole"] = lambda minor: f"{(2 * minor + unit) // (2 * unit):,}"
    environment.filters["count"] = lambda number: f"{number:,}"
    say = words.AuditWords(lang, {each.channel: each.title[lang] for each in audit.platforms})
    return environment.from_string(_asset("page.html.j2")).render(
        lang=lang,
        audit=audit,
        say=say,
        words=words,
        items=ITEMS,
        known=sum(each.status in ("recognised", "duplicate") for each in audit.files),
        rows=sum(each.rows for each in audit.files if each.status == "recognised"),
        exceptions=sum(audit.exceptions.values()),
        open_needs=[each for each in audit.missing if each.state != THERE],
        unnamed=words.unnamed_shops(audit.files, say),
        as_of=max((row["as_of"] for row in audit.assumptions), default=""),
        style=Markup(_shared("page.css") + _asset("audit.css")),  # noqa: S704 our own files
    )


def _asset(name: str) -> str:
    return resources.files("entrepot.reports.audit").joinpath(name).read_text(encoding="utf-8")


def _shared(name: str) -> str:
    """The style that every page has."""
    return resources.files("entrepot.reports.html").joinpath(name).read_text(encoding="utf-8")
