"""Our own journal file."""

from entrepot.delivery.plain.spec import LAYOUT

__all__ = ["LAYOUT"]
