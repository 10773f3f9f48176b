"""The canonical tables, one file per family."""
