"""Documents of one step that take several calls."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.calls import in_groups, pieces
from entrepot.delivery.erp import JOURNAL, Document, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _documents(names: str) -> list[Document]:
    return [Document(each, JOURNAL, "c", date(2026, 9, 1), "CNY", "CNY", "", ()) for each in names]


class _Erp:
    """Carries a call out as a whole or not at all, and counts."""

    def __init__(self, bad: str, code: str = "refused") -> None:
        self.bad, self.code, self.calls = bad, code, list[str]()

    def send(self, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        names = "".join(each.document_id for each in documents)
        self.calls.append(names)
        word = Outcome("rejected", code=self.code) if set(names) & set(self.bad) else Outcome("applied", "1")
        return dict.fromkeys(names, word)


def test_the_good_ones_beside_a_bad_one_go_alone_where_another_call_was_carried_out() -> None:
    erp = _Erp("b")
    outcomes = in_groups((_documents("abc"), _documents("de")), erp.send)
    assert {key: each.word for key, each in outcomes.items() if each.word != "applied"} == {"b": "rejected"}
    assert erp.calls == ["abc", "de", "a", "b", "c"]


def test_where_all_is_refused_the_bad_ones_are_looked_for_by_who_asked() -> None:
    erp = _Erp("ad")
    assert {each.word for each in in_groups((_documents("abc"), _documents("de")), erp.send).values()} == {"rejected"}
    assert erp.calls == ["abc", "de"]


@pytest.mark.parametrize(("code", "calls"), [("rights", ["ab", "c"]), ("refused", ["ab", "c", "a", "b"])])
def test_who_may_not_call_is_not_heard_alone_either(code: str, calls: list[str]) -> None:
    """Some systems lock a user after a few refusals."""
    erp = _Erp("ab", code)
    in_groups((_documents("ab"), _documents("c")), erp.send)
    assert erp.calls == calls


@pytest.mark.parametrize(
    ("told", "read"), [("3", 3), (3.0, 3), ("-2.000", -2), ("2.5", 0), (3.9, 0), (Decimal("0.5"), 0)]
)
def test_a_part_of_a_piece_is_no_quantity_of_ours(told: object, read: int) -> None:
    """Cut off it would pass for what was sent."""
    assert pieces(told) == read
