"""Formats that a user describes in a small YAML file, without code."""

from entrepot.connectors.declared.description import Description, read_description
from entrepot.connectors.declared.generation import connector_from, load_declared

__all__ = ["Description", "connector_from", "load_declared", "read_description"]
