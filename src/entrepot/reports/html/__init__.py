"""The report as one HTML file: figures, charts, exceptions; no network, no other file."""

from entrepot.reports.html.figures import PageFigures, page_figures
from entrepot.reports.html.page import PageData, render_page

__all__ = ["PageData", "PageFigures", "page_figures", "render_page"]
