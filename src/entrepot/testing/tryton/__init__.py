"""A real Tryton for tests and the demo: the server of the package registry, with a company made for us."""

from entrepot.testing.tryton.server import TrytonServer, chart_of, tryton_python

__all__ = ["TrytonServer", "chart_of", "tryton_python"]
