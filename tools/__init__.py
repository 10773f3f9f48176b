"""Our own small checks: what no bought tool knows about this project.

Each check is a module with a pure function that is tested on one passing and one failing sample, and a
``findings(root)`` that applies it to the tree. ``tools/run_all.py`` runs them in ``make test``.
"""
