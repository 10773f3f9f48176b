"""Row tests of every macro with adversarial values, on both engines."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from entrepot.engine import QueryFailed, parse
from entrepot.engine.dialect import macros

MINUTE = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
BIGINT_MAX = 2**63 - 1


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


# Macro of one text, then text and value.
TEXTS: dict[str, list[tuple[str | None, Any]]] = {
    "edges_trimmed(s)": [(None, None), ("", ""), ("\t a b \r\n", "a b"), ("\u00a0\ufeff金 额\u3000", "金 额")],
    "unwrapped(s)": [(None, None), ('="12"', "12"), ('=""', ""), ('="', '="'), ("=1+2", "=1+2"), ('="a\nb"', "a\nb")],
    "cell(s)": [
        (None, None),
        ("", None),
        (" \t\u3000", None),
        ('=""', None),
        ("'", None),
        ("abc", "abc"),
        ("a\nb", "a\nb"),
        ("1.50\n", "1.50"),
        ('="2897498932092150001"', "2897498932092150001"),
        ('\t="12" \r', "12"),
        ("2897498932\t", "2897498932"),
        ("\t12\t\t", "12"),
        ('="a"b"', 'a"b'),
        ("'13800138000", "13800138000"),
        ("''x", "'x"),
        ("`20260901", "20260901"),
        ("' a", "a"),
        ("\u00a0金额\ufeff", "金额"),
        ("\u3000全 角\u3000", "全 角"),
        ("=1+2", "=1+2"),
        ("a'b`c", "a'b`c"),
    ],
    "fen_from_yuan(s)": [
        (None, None),
        ("", None),
        ("-", None),
        ("1.50", 150),
        ("-0.05", -5),
        ("-0", 0),
        ("007", 700),
        ("123456789012.34", 12345678901234),
        ("1234567890123.4", 123456789012340),
        ("-999999999999999.99", -99999999999999999),
        ("1234567890123456", None),
        ("1e3", None),
        ("1_000", None),
        ("0x10", None),
        ("1,234.50", None),
        (" 1.50", None),
        ("1.50\n", None),
        ("１.５", None),
        (".5", None),
        ("1.", None),
        ("+1", None),
        ("1.505", None),
        ("¥1.50", None),
    ],
    "is_yuan(s)": [(None, True), ("1.50", True), ("999999999999999", True), ("", False), ("1e3", False), ("１", False)],
    "minor_from_decimal(s, 0)": [("1999", 1999), ("1999.00", 1999), ("1999.5", None), ("-3", -3), ("1e3", None)],
    "minor_from_decimal(s, 2)": [("19.99", 1999), ("19.9900", 1999), ("19.999", None), ("-0.1", -10), (None, None)],
    "minor_from_decimal(s, 3)": [("1.505", 1505), ("1.5", 1500), ("1.5050", 1505), ("1.5055", None), ("１", None)],
    "minor_from_decimal(s, 4)": [("1.5", None)],
    "ungrouped(s, 2)": [
        (None, None),
        ("", ""),
        ("1,250.00", "1250.00"),
        ("-1,250", "-1250"),
        ("999,999,999,999.99", "999999999999.99"),
        ("1,250,000.5", "1250000.5"),
        ("250.00", "250.00"),
        ("12,50", "12,50"),
        ("1250,000.00", "1250,000.00"),
        ("1,2500.00", "1,2500.00"),
        ("1.250,00", "1.250,00"),
        (",250", ",250"),
        ("1,250.", "1,250."),
        ("1，250.00", "1，250.00"),
        ("1,250.00\n", "1,250.00\n"),
    ],
    "ungrouped(s, 0)": [("1,250", "1250")],
    "ungrouped(s, 3)": [("1,250", "1,250"), ("1,250.500", "1250.500")],
    "ungrouped(s, null)": [("1,250.00", "1250.00"), ("1,250", "1,250"), ("5", "5")],
    "year_first(s)": [
        (None, None),
        ("", ""),
        ("09.07.2026", "2026-07-09"),
        ("09.07.2026 18:30:00 UTC", "2026-07-09 18:30:00 UTC"),
        ("2026/07/09", "2026-07-09"),
        ("2026-07-09", "2026-07-09"),
        ("9.7.2026", "9.7.2026"),
    ],
    "instant_or_utc(s)": [
        (None, None),
        ("", None),
        ("2026-07-09", datetime(2026, 7, 9, tzinfo=UTC)),
        ("2026-07-09 18:30:00", datetime(2026, 7, 9, 18, 30, tzinfo=UTC)),
        ("2026-07-09 18:30:00 UTC", datetime(2026, 7, 9, 18, 30, tzinfo=UTC)),
        ("2026-07-09T18:30:00+08:00", datetime(2026, 7, 9, 10, 30, tzinfo=UTC)),
        ("2026-02-30", None),
        ("2026-07-09 18:30", None),
    ],
    "point_from_comma(s, 2)": [
        (None, None),
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("-1.234,56", "-1234.56"),
        ("1.234.567,8", "1234567.8"),
        ("1,234", None),
        ("1,234.56", None),
        ("12,3456", None),
    ],
    "point_from_comma(s, 3)": [("1,234", "1.234"), ("12,50", "12.50")],
    "point_from_comma(s, null)": [("12,50", "12.50"), ("1,234", None), ("7", "7")],
    "day_from_text(s)": [
        (None, None),
        ("", None),
        ("2026-09-01", date(2026, 9, 1)),
        ("2026/9/1", date(2026, 9, 1)),
        ("2026-9-1", date(2026, 9, 1)),
        ("2026.9.01", date(2026, 9, 1)),
        ("2026年9月1日", date(2026, 9, 1)),
        ("2026年09月01", date(2026, 9, 1)),
        ("20260901", date(2026, 9, 1)),
        ("2026-09-01 00:00:00", date(2026, 9, 1)),
        ("2026/12/31 0:00", date(2026, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-02-29", None),
        ("2026/13/1", None),
        ("2026/0/1", None),
        ("20261301", None),
        ("2026-09/01", None),
        ("2026年9/1", None),
        ("2026-09-01 08:00:00", None),
        ("9/1/2026", None),
        ("26/9/1", None),
        ("2026-09", None),
        ("46266", None),
        ("２０２６-09-01", None),
        ("2026-09-01\n", None),
    ],
    "padded_local(s)": [("2026/9/1 8:05", "2026-09-01 08:05:00"), ("2026-12-31 23:59:58", "2026-12-31 23:59:58")],
    "instant_from_beijing(s)": [
        (None, None),
        ("2026-09-01 12:00:00", utc(2026, 9, 1, 4)),
        ("2026/09/01 12:00:01", utc(2026, 9, 1, 4, 0, 1)),
        ("2026-09-01 00:30", utc(2026, 8, 31, 16, 30)),
        ("2026/9/1 8:05", utc(2026, 9, 1, 0, 5)),
        ("2026/9/1 8:05:09", utc(2026, 9, 1, 0, 5, 9)),
        ("2024-02-29 00:00:00", utc(2024, 2, 28, 16)),
        ("1969-12-31 23:59:59", utc(1969, 12, 31, 15, 59, 59)),
        ("2040-01-01 00:00:00", utc(2039, 12, 31, 16)),
        ("2023-02-29 00:00:00", None),
        ("2026/2/30 1:00", None),
        ("2026/13/1 1:00", None),
        ("2026/0/1 1:00", None),
        ("2026-09-01 24:00:00", None),
        ("2026-09/01 12:00:00", None),
        ("2026-09-01", None),
        ("2026-09-01 12:00:00\n", None),
        ("2026-09-01T12:00:00", None),
        ("２０２６-09-01 12:00:00", None),
        ("0001-01-01 00:00:00", None),
    ],
    "offset_text(s)": [("2026-09-01T12:00:00Z", "+00:00"), ("x UTC", "+00:00"), ("1 -0430", "-04:30")],
    "instant_from_offset(s)": [
        (None, None),
        ("2026-09-01T12:00:00+00:00", utc(2026, 9, 1, 12)),
        ("2026-09-01T12:00:00Z", utc(2026, 9, 1, 12)),
        ("2026-09-01 12:00:00 -0400", utc(2026, 9, 1, 16)),
        ("2026-09-01 12:00:00 UTC", utc(2026, 9, 1, 12)),
        ("2026-09-01T12:00:00.123456+08:00", utc(2026, 9, 1, 4, 0, 0, 123456)),
        ("2026-09-01T12:00:00.5Z", utc(2026, 9, 1, 12, 0, 0, 500000)),
        ("2024-02-29T23:59:59-12:30", utc(2024, 3, 1, 12, 29, 59)),
        ("2026-02-30T12:00:00Z", None),
        ("2026-09-01T12:00:00", None),
        ("2026-09-01T12:00:00 PDT", None),
        ("2026-09-01T12:00:00+15:00", None),
        ("2026-09-01", None),
    ],
    "is_ruined_id(s)": [
        (None, None),
        ("2.89E+18", True),
        ("2.89749893209215E18", True),
        ("2E+18", True),
        ("2897498932092150001", False),
        ("3E12", False),
        ("ABE+1", False),
    ],
    "is_plain_id(s)": [
        (None, False),
        ("", False),
        ("2897498932092150001", True),
        ("260901-123_A.b#1", True),
        ("2.89E+18", False),
        ("2.89749893209215E18", False),
        ("１２３", False),
        ("a b", False),
        ("订单1", False),
        ("12\n", False),
    ],
    "digest(s)": [(None, None), ("", "d41d8cd98f00b204e9800998ecf8427e"), ("中", "aed1dfbc31703955e64806b799b67645")],
}

# Macro of instants, then instant and value.
INSTANTS: dict[str, list[tuple[datetime | None, Any]]] = {
    "month_in_beijing(ts)": [(None, None), (MINUTE, "2026-09"), (utc(2026, 8, 31, 15, 59, 59), "2026-08")],
    "day_in_beijing(ts)": [(None, None), (MINUTE, date(2026, 9, 1)), (utc(1969, 12, 31, 23), date(1970, 1, 1))],
    "month_in_utc(ts)": [(None, None), (MINUTE, "2026-08"), (utc(2040, 2, 29, 20), "2040-02")],
    "instant_digits(ts)": [(None, "0" * 14), (MINUTE, "20260831160000"), (utc(1969, 1, 2), "19690102000000")],
}

# Macro of whole numbers, its arguments and value.
NUMBERS: list[tuple[str, dict[str, int | None], int | None]] = [
    ("product_exact(a, b)", {"a": 3 * 10**9, "b": -(3 * 10**9)}, -9 * 10**18),
    ("product_exact(a, b)", {"a": BIGINT_MAX, "b": 1}, BIGINT_MAX),
    ("plus_exact(a, b)", {"a": BIGINT_MAX, "b": -1}, BIGINT_MAX - 1),
    ("half_up_div(a, b)", {"a": 1, "b": 2}, 1),
    ("half_up_div(a, b)", {"a": -1, "b": 2}, -1),
    ("half_up_div(a, b)", {"a": -3, "b": 2}, -2),
    ("half_up_div(a, b)", {"a": 4, "b": 3}, 1),
    ("half_up_div(a, b)", {"a": 5, "b": 3}, 2),
    ("half_up_div(a, b)", {"a": -5, "b": 3}, -2),
    ("half_up_div(a, b)", {"a": 4 * 10**18, "b": 3}, 1333333333333333333),
    ("half_up_div(a, b)", {"a": -4 * 10**18 + 1, "b": 2}, -2 * 10**18),
    ("half_up_div(a, b)", {"a": BIGINT_MAX, "b": 2}, 2**62),
    ("half_up_div(a, b)", {"a": 9007199254740993, "b": 1}, 9007199254740993),
    ("floor_div(a, b)", {"a": -1, "b": 7}, -1),
    ("floor_div(a, b)", {"a": -7, "b": 7}, -1),
    ("floor_div(a, b)", {"a": 6, "b": 7}, 0),
    ("vat_inside(a, b)", {"a": 11300, "b": 1300}, 1300),
    ("vat_inside(a, b)", {"a": -11300, "b": 1300}, -1300),
    ("vat_inside(a, b)", {"a": 1999, "b": 600}, 113),
    ("vat_inside(a, b)", {"a": 7 * 10**15, "b": 1300}, 805309734513274),
    ("share_floor(a, b, c)", {"a": 100, "b": 1, "c": 3}, 33),
    ("share_rest(a, b, c)", {"a": 100, "b": 1, "c": 3}, 1),
    ("share_floor(a, b, c)", {"a": 999999999999999, "b": 10**9, "c": 3 * 10**9}, 333333333333333),
    ("share_rest(a, b, c)", {"a": 999999999999999, "b": 10**9, "c": 3 * 10**9}, 0),
]

OVERFLOWS = [
    "product_exact(a, 2)",
    "plus_exact(a, 1)",
    "sum_exact(a)",
    "vat_inside(a, 1300)",
    "share_floor(a, a, 7)",
    "half_up_div(a, 0)",
    "half_up_div(a, -1)",
]


@pytest.mark.parametrize("call", TEXTS)
def test_a_macro_of_text(both: Any, call: str) -> None:
    values = [value for value, _ in TEXTS[call]]
    both.add("cells", pa.table({"n": range(len(values)), "s": pa.array(values, pa.string())}))
    found = both.rows(f"select {call} as x from cells order by n")
    assert list(zip(values, (row[0] for row in found), strict=True)) == TEXTS[call]


@pytest.mark.parametrize("call", INSTANTS)
def test_a_macro_of_instants(both: Any, call: str) -> None:
    values = pa.array([value for value, _ in INSTANTS[call]], pa.timestamp("us", tz="UTC"))
    both.add("times", pa.table({"n": range(len(values)), "ts": values}))
    found = both.rows(f"select {call} as x from times order by n")
    assert [row[0] for row in found] == [expected for _, expected in INSTANTS[call]]


@pytest.mark.parametrize(("call", "arguments", "expected"), NUMBERS)
def test_a_macro_of_numbers(both: Any, call: str, arguments: dict[str, int], expected: int) -> None:
    assert both.value(call, **arguments) == expected


@pytest.mark.parametrize("call", OVERFLOWS)
def test_what_does_not_fit_is_an_error_and_never_another_number(both: Any, call: str) -> None:
    both.add("large", pa.table({"a": [BIGINT_MAX, BIGINT_MAX]}))
    for engine in both.engines:
        with pytest.raises(QueryFailed):
            engine.read(parse(f"select {call} as x from large"))


def test_a_sum_is_exact_over_groups_windows_and_filters(both: Any) -> None:
    both.add("t", pa.table({"g": [1, 1, 2], "x": [2**62, 2**62 - 1, -5]}))
    assert both.rows("select g, sum_exact(x) as s from t group by g order by g") == [(1, BIGINT_MAX), (2, -5)]
    assert both.rows("select sum_exact(x) filter (where x < 0) as s from t") == [(-5,)]
    running = "select x, sum_exact(x) over (partition by g order by x) as s from t order by x"
    assert both.rows(running) == [(-5, -5), (2**62 - 1, 2**62 - 1), (2**62, BIGINT_MAX)]


def test_versions_sort_by_modification_event_export_rank_and_place(both: Any) -> None:
    early, late = utc(2026, 9, 1), utc(2026, 9, 2)
    rows = [
        (None, None, None, None, None, None),
        (early, early, early, 1, "a", 0),
        (early, early, early, 1, "a", 9),
        (early, early, early, 1, "b", 0),
        (early, early, early, 10, "a", 0),
        (early, early, late, 1, "a", 0),
        (early, late, early, 1, "a", 0),
        (late, early, early, 1, "a", 0),
    ]
    instant = pa.timestamp("us", tz="UTC")
    kinds = [instant, instant, instant, pa.int64(), pa.string(), pa.int64()]
    names = ["modified_at", "event_at", "export_at", "state_rank", "raw_id", "row_no"]
    columns = {name: pa.array([row[at] for row in rows], kinds[at]) for at, name in enumerate(names)}
    both.add("seen", pa.table({"n": range(len(rows)), **columns}))
    found = both.rows(f"select n, row_version({', '.join(names)}) as v from seen order by v")
    assert [row[0] for row in found] == list(range(len(rows)))
    assert found[1][1] == "20260901000000|20260901000000|20260901000000|001|a|0000000000"
    assert found[0][1] == "00000000000000|00000000000000|00000000000000|000||0000000000"


ALLOCATE = """
with weighed as (
    select order_id, n, abs(amount) as a, case when amount < 0 then -1 else 1 end as sg,
           case when sum_exact(weight) over (partition by order_id) > 0 then coalesce(weight, 0) else 1 end as w
    from lines),
totals as (select order_id, n, a, sg, w, sum_exact(w) over (partition by order_id) as tw from weighed),
floors as (select order_id, n, a, sg, share_floor(a, w, tw) as fl, share_rest(a, w, tw) as rest from totals),
ranked as (select order_id, n, a, sg, fl, sum_exact(fl) over (partition by order_id) as given,
                  row_number() over (partition by order_id order by rest desc nulls last, n) as k from floors),
parts as (select order_id, n, sg, fl + case when k <= a - given then 1 else 0 end as part from ranked)
select order_id, n, case when sg < 0 then -part else part end as share from parts order by order_id, n
"""


def test_allocation_by_largest_remainder_loses_no_fen(both: Any) -> None:
    orders: list[tuple[str, int, list[int | None], list[int]]] = [
        ("negative", -100, [1, 1, 1], [-34, -33, -33]),
        ("none", 100, [0, 0, 0], [34, 33, 33]),
        ("null", 10, [None, 3, None], [0, 10, 0]),
        ("large", 999999999999999, [3, 0, 4], [428571428571428, 0, 571428571428571]),
        ("uneven", 10, [1, 2, 4], [1, 3, 6]),
    ]
    lines = [(name, n, amount, weight) for name, amount, weights, _ in orders for n, weight in enumerate(weights)]
    names = ("order_id", "n", "amount", "weight")
    both.add("lines", pa.table({name: [line[at] for line in lines] for at, name in enumerate(names)}))
    found = both.rows(ALLOCATE)
    for name, amount, _, shares in orders:
        given = [share for order_id, _, share in found if order_id == name]
        assert sum(given) == amount
        assert given == shares


def test_the_recipe_in_the_macro_file_is_the_one_that_is_tested() -> None:
    from importlib import resources

    text = resources.files("entrepot.engine.dialect").joinpath("macros.sql").read_text(encoding="utf-8")
    documented = " ".join(text.split("allocate, by largest remainder")[1].replace("--", " ").split())
    recipe = " ".join(ALLOCATE.removesuffix(" order by order_id, n\n").split())
    assert recipe in documented


def test_every_macro_has_a_row_test() -> None:
    elsewhere = {"sum_exact", "row_version", "person_key"}
    calls = [*TEXTS, *INSTANTS, *(call for call, _, _ in NUMBERS)]
    assert {call.split("(")[0] for call in calls} | elsewhere == set(macros())
