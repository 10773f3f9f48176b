"""Guards taken out one at a time, for the controls of the attacks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from entrepot.residency.aggregates import guard, pooling
from entrepot.residency.aggregates.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def tables_not_compared() -> Iterator[None]:
    """The difference of two tables is anybody's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(guard.Guard, "_cut", lambda *_: set())
        yield


@contextlib.contextmanager
def cells_not_hidden_in_pools() -> Iterator[None]:
    """A pool may be as good as one of its cells."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pooling, "is_hiding", lambda *_: True)
        patched.setattr(guard, "is_hiding", lambda *_: True)
        yield


@contextlib.contextmanager
def persons_only() -> Iterator[None]:
    """Enough persons are enough, however large one of them is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "allows", lambda self, sum_: sum_.persons == 0 or sum_.persons >= self.persons_min)
        yield
