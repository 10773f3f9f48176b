"""Permits: one named flow between two cells each, closed, compiled to SQL and to a table of decisions."""
