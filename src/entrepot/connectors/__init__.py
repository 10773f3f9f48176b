"""Marketplaces: files in, one folder each; shared code knows only what a connector declares."""
