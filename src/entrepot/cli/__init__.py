"""The terminal: a console too. Commands call assembly, print, decide nothing."""

from entrepot.cli.app import app_of, main

__all__ = ["app_of", "main"]
