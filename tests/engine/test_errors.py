import pickle

import pytest

from entrepot.engine import DialectError, EngineUnreachable, QueryFailed, ShapeBroken, Violation
from entrepot.errors import EntrepotError, Invalid, Transient

ERRORS: list[EntrepotError] = [
    DialectError("a.sql", (Violation(2, "sum", "write sum_exact(x)"), Violation(3, "trim", "write cell(s)"))),
    QueryFailed("duckdb", "a.sql", "ConversionException"),
    EngineUnreachable("spark", "UNAVAILABLE"),
    ShapeBroken("orders", "paid_minor", "declared never null, null in 3 rows"),
]


@pytest.mark.parametrize("error", ERRORS, ids=[each.code for each in ERRORS])
def test_an_error_survives_pickling_with_its_fields(error: EntrepotError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_families_say_what_to_do_next() -> None:
    assert isinstance(EngineUnreachable("spark", "UNAVAILABLE"), Transient)
    assert all(issubclass(each, Invalid) for each in (DialectError, QueryFailed, ShapeBroken))


def test_sentences_are_built_from_the_fields() -> None:
    assert [str(error) for error in ERRORS] == [
        "a.sql:2 sum: write sum_exact(x)\na.sql:3 trim: write cell(s)",
        "duckdb could not run a.sql (ConversionException)",
        "the spark server did not answer (UNAVAILABLE)",
        "orders, column paid_minor: declared never null, null in 3 rows",
    ]
