"""First look at a folder: what its reports need, the hours of four approaches, the order of roll-out, and the page."""

from entrepot.reports.audit.hours import assumptions_with, shipped_assumptions
from entrepot.reports.audit.page import render_audit
from entrepot.reports.audit.shape import Audit
from entrepot.reports.audit.words import AuditWords, hours_text

__all__ = ["Audit", "AuditWords", "assumptions_with", "hours_text", "render_audit", "shipped_assumptions"]
