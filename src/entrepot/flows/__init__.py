"""Journeys: the only place where rooms meet."""
