"""The terminal: a console too. Commands call assembly, print, decide nothing."""

from entrepot.cli.app import app, main

__all__ = ["app", "main"]
