"""The report as one HTML file: figures, charts, exceptions; no network, no other file."""

from entrepot.reports.html.page import PageData, render_page

__all__ = ["PageData", "render_page"]
