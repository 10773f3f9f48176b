"""Row tests of every allowed function and clause: the same exact rows on both engines.

A function enters `allowed.py` together with its line here; the last test says which one has none.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import sqlglot

from entrepot.engine.dialect.allowed import FUNCTIONS
from entrepot.engine.dialect.macros import macros


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


ROWS = pa.table(
    {
        "i": [0, 1, 2, 3, 4],
        "g": [1, 1, 2, 2, None],
        "s": [None, "abc", "中文𠮷a", "1,2,,3", "　２ "],
        "n": [None, 5, -7, 10**15, 0],
        "b": [None, True, False, None, True],
        "d": [None, date(2024, 2, 29), date(1969, 12, 31), date(2026, 12, 31), date(2100, 2, 28)],
        "xs": [None, ["a", "b"], [], ["c", None], [None]],
    }
)

VALUES: list[tuple[str, list[Any]]] = [
    ("coalesce(s,'-')", ["-", "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("nullif(s,'')", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("greatest(n,3)", [3, 5, 3, 1000000000000000, 3]),
    ("least(n,3)", [3, 3, -7, 3, 0]),
    ("abs(n)", [None, 5, 7, 1000000000000000, 0]),
    ("-n", [None, -5, 7, -1000000000000000, 0]),
    ("replace(s,'a','bb')", [None, "bbbc", "中文𠮷bb", "1,2,,3", "\u3000２ "]),
    ("substr(s,2)", [None, "bc", "文𠮷a", ",2,,3", "２ "]),
    ("substr(s,2,2)", [None, "bc", "文𠮷", ",2", "２ "]),
    ("substr(s,-2,1)", [None, "b", "𠮷", ",", "２"]),
    ("substr(s,-2)", [None, "bc", "𠮷a", ",3", "２ "]),
    ("substr(s,strpos(s,',')+1)", [None, "abc", "中文𠮷a", "2,,3", "\u3000２ "]),
    ("length(s)", [None, 3, 4, 6, 3]),
    ("left(s,2)", [None, "ab", "中文", "1,", "\u3000２"]),
    ("right(s,2)", [None, "bc", "𠮷a", ",3", "２ "]),
    ("reverse(s)", [None, "cba", "a𠮷文中", "3,,2,1", " ２\u3000"]),
    ("lower(s)", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("lpad(s,4,'0')", [None, "0abc", "中文𠮷a", "1,2,", "0\u3000２ "]),
    ("rpad(s,4,'*')", [None, "abc*", "中文𠮷a", "1,2,", "\u3000２ *"]),
    ("concat(s,'-',s)", ["-", "abc-abc", "中文𠮷a-中文𠮷a", "1,2,,3-1,2,,3", "\u3000２ -\u3000２ "]),
    ("concat_ws('|',s,'x',null)", ["x", "abc|x", "中文𠮷a|x", "1,2,,3|x", "\u3000２ |x"]),
    ("s || '-'", [None, "abc-", "中文𠮷a-", "1,2,,3-", "\u3000２ -"]),
    ("starts_with(s,'a')", [None, True, False, False, False]),
    ("ends_with(s,'a')", [None, False, True, False, False]),
    ("contains(s,'文')", [None, False, True, False, False]),
    ("strpos(s,'b')", [None, 2, 0, 0, 0]),
    ("translate(s,'abc','xy')", [None, "xy", "中文𠮷x", "1,2,,3", "\u3000２ "]),
    ("trim(s,' ')", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２"]),
    ("ltrim(s,' ')", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("rtrim(s,' x')", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２"]),
    ("split_part(s,',',2)", [None, "", "", "2", ""]),
    ("split_part(s,',',9)", [None, "", "", "", ""]),
    ("split_part(s,'|',2)", [None, "", "", "", ""]),
    ("split_part(s,'.',-1)", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("regexp_matches(s,'[一-龥]')", [None, False, True, False, False]),
    ("regexp_extract(s,'[0-9]+')", [None, "", "", "1", ""]),
    ("regexp_extract(s,'([a-z])([a-z])',2)", [None, "b", "", "", ""]),
    ("regexp_extract(s,'[a-z]',0)", [None, "a", "a", "", ""]),
    ("regexp_replace(s,'[a-c]','_','g')", [None, "___", "中文𠮷_", "1,2,,3", "\u3000２ "]),
    ("regexp_matches(s,'\\\\A(?s:.){3}\\\\z')", [None, False, False, False, False]),
    ("s like 'a%'", [None, True, False, False, False]),
    ("s like '%b'", [None, False, False, False, False]),
    ("s like 'a#%' escape '#'", [None, False, False, False, False]),
    ("s in ('abc','')", [None, True, False, False, False]),
    ("s is distinct from 'abc'", [True, False, True, True, True]),
    ("s is not distinct from null", [True, False, False, False, False]),
    ("case when n > 0 then 'p' when n < 0 then 'n' else 'z' end", ["z", "p", "n", "p", "z"]),
    ("case s when 'abc' then 1 else 0 end", [0, 1, 0, 0, 0]),
    ("if(n > 0, 'a', 'b')", ["b", "a", "b", "a", "b"]),
    ("n between 0 and 5", [None, True, False, False, True]),
    ("not b", [None, False, True, None, False]),
    ("b and n > 0", [None, True, False, None, False]),
    ("b or n > 0", [None, True, False, True, True]),
    ("b is true", [False, True, False, False, True]),
    ("n // 2", [None, 2, -3, 500000000000000, 0]),
    ("n % 3", [None, 2, -1, 1, 0]),
    ("n - 1", [None, 4, -8, 999999999999999, -1]),
    ("chr(9)", ["\t", "\t", "\t", "\t", "\t"]),
    (
        "md5(s)",
        [
            None,
            "900150983cd24fb0d6963f7d28e17f72",
            "bc24c15b614d1d374c8f5beb169d17f7",
            "950744f40df9a6f9281bfbec406a7730",
            "0e6815c2d21c550c704bd2784bc0db59",
        ],
    ),
    (
        "sha256(s)",
        [
            None,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "48ac1c559cae7dc579887193066c5497dbac76daef912ce879bf539d59beb1a2",
            "e021bb760b5a5410e7a4de66173cab048337b1a1717a64f05fee825072a267be",
            "cb4ecbc7a6addaf54351175239e0d58f9518d9d0dc8e2e776f8eb4abefb75b3c",
        ],
    ),
    ("year(d)", [None, 2024, 1969, 2026, 2100]),
    ("month(d)", [None, 2, 12, 12, 2]),
    ("day(d)", [None, 29, 31, 31, 28]),
    ("last_day(d)", [None, date(2024, 2, 29), date(1969, 12, 31), date(2026, 12, 31), date(2100, 2, 28)]),
    ("d + 1", [None, date(2024, 3, 1), date(1970, 1, 1), date(2027, 1, 1), date(2100, 3, 1)]),
    ("d - 1", [None, date(2024, 2, 28), date(1969, 12, 30), date(2026, 12, 30), date(2100, 2, 27)]),
    (
        "cast(d + interval 1 month as date)",
        [None, date(2024, 3, 29), date(1970, 1, 31), date(2027, 1, 31), date(2100, 3, 28)],
    ),
    (
        "cast(d - interval 1 month as date)",
        [None, date(2024, 1, 29), date(1969, 11, 30), date(2026, 11, 30), date(2100, 1, 28)],
    ),
    (
        "cast(date_trunc('month',d) as date)",
        [None, date(2024, 2, 1), date(1969, 12, 1), date(2026, 12, 1), date(2100, 2, 1)],
    ),
    (
        "cast(date_trunc('week',d) as date)",
        [None, date(2024, 2, 26), date(1969, 12, 29), date(2026, 12, 28), date(2100, 2, 22)],
    ),
    (
        "cast(date_trunc('year',d) as date)",
        [None, date(2024, 1, 1), date(1969, 1, 1), date(2026, 1, 1), date(2100, 1, 1)],
    ),
    ("date_diff('day',d,date '2026-03-01')", [None, 731, 20514, -305, -27027]),
    ("(date_diff('day', date '1970-01-05', d) % 7 + 7) % 7 + 1", [None, 4, 3, 4, 7]),
    ("strftime(d,'%Y/%m/%d')", [None, "2024/02/29", "1969/12/31", "2026/12/31", "2100/02/28"]),
    ("cast(d as varchar)", [None, "2024-02-29", "1969-12-31", "2026-12-31", "2100-02-28"]),
    (
        "cast(d as timestamptz)",
        [None, utc(2024, 2, 29, 0, 0), utc(1969, 12, 31, 0, 0), utc(2026, 12, 31, 0, 0), utc(2100, 2, 28, 0, 0)],
    ),
    ("cast(b as varchar)", [None, "true", "false", None, "true"]),
    ("cast(n as varchar)", [None, "5", "-7", "1000000000000000", "0"]),
    (
        "to_timestamp(n % 4000000000)",
        [None, utc(1970, 1, 1, 0, 0, 5), utc(1969, 12, 31, 23, 59, 53), utc(1970, 1, 1, 0, 0), utc(1970, 1, 1, 0, 0)],
    ),
    (
        "cast(epoch_ms(n % 4000000000000) as timestamptz)",
        [
            None,
            utc(1970, 1, 1, 0, 0, 0, 5000),
            utc(1969, 12, 31, 23, 59, 59, 993000),
            utc(1970, 1, 1, 0, 0),
            utc(1970, 1, 1, 0, 0),
        ],
    ),
    ("array_length(xs)", [None, 2, 0, 2, 1]),
    ("array_length(string_split_regex(s,'[,]'))", [None, 1, 1, 4, 1]),
    (
        "cast(cast(n % 1000000 as decimal(18,2)) * cast('0.01' as decimal(3,2)) as decimal(18,2))",
        [None, Decimal("0.05"), Decimal("-0.07"), Decimal("0.00"), Decimal("0.00")],
    ),
    ("try_cast(s as varchar)", [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "]),
    ("exists(select 1 from t as u where u.g = t.n)", [False, False, False, False, False]),
    ("(select max(g) from t as u where u.i = t.i)", [1, 1, 2, 2, None]),
    (
        "timestamptz '2026-01-01 00:00:00+08:00'",
        [
            utc(2025, 12, 31, 16, 0),
            utc(2025, 12, 31, 16, 0),
            utc(2025, 12, 31, 16, 0),
            utc(2025, 12, 31, 16, 0),
            utc(2025, 12, 31, 16, 0),
        ],
    ),
    ("s < 'b'", [None, True, False, True, False]),
    ("encode(s) = encode('abc')", [None, True, False, False, False]),
    (
        "sum_exact(n % 100) over (partition by g order by i rows between unbounded preceding and current row)",
        [None, 5, -7, -7, 0],
    ),
    ("row_number() over (partition by g order by n desc nulls last, i)", [2, 1, 2, 1, 1]),
    ("rank() over (order by g)", [1, 1, 3, 3, 5]),
    ("dense_rank() over (order by g desc)", [2, 2, 1, 1, 3]),
    ("lag(s) over (order by i)", [None, None, "abc", "中文𠮷a", "1,2,,3"]),
    ("lag(s,2,'x') over (order by i)", ["x", "x", None, "abc", "中文𠮷a"]),
    ("lead(n) over (partition by g order by i)", [5, None, 1000000000000000, None, None]),
    ("first_value(s) over (partition by g order by i)", [None, None, "中文𠮷a", "中文𠮷a", "\u3000２ "]),
    (
        "last_value(s ignore nulls) over (order by i rows between unbounded preceding and current row)",
        [None, "abc", "中文𠮷a", "1,2,,3", "\u3000２ "],
    ),
    ("count(*) over (partition by g)", [2, 2, 2, 2, 1]),
    ("max(n) over (partition by g)", [5, 5, 1000000000000000, 1000000000000000, 0]),
    ("upper(s)", [None, "ABC", "中文𠮷A", "1,2,,3", "\u3000２ "]),
    (
        "sha256(encode(s) || unhex('ff'))",
        [
            None,
            "8e3b08dc1236880bf0c55873db58b12d8bf0398b1b17c9686e015ccfe098d35d",
            "5a52773f53a139fdbd87b4a4bfe4005bebb8ac200a982623c546405c23ca2eb9",
            "b409f7657c96e4e4291fb747bbecf5eaf0ca6c6084995e6873bcc489b5b3cb25",
            "16bc5bb040262330a723e221db33747897efc611f7996bcfa076759a8fa2b41f",
        ],
    ),
]
# Expression, its value for the groups 1, 2 and null, its value over no row at all.
AGGREGATES: list[tuple[str, list[Any], Any]] = [
    ("count(*)", [2, 2, 1], 0),
    ("count(n)", [1, 2, 1], 0),
    ("count(distinct s)", [1, 2, 1], 0),
    ("min(s)", ["abc", "1,2,,3", "\u3000２ "], None),
    ("max(d)", [date(2024, 2, 29), date(2026, 12, 31), date(2100, 2, 28)], None),
    ("max(b)", [True, False, True], None),
    ("arg_max(s, i) filter (where s is not null)", ["abc", "1,2,,3", "\u3000２ "], None),
    ("arg_min(s, i) filter (where s is not null)", ["abc", "中文𠮷a", "\u3000２ "], None),
    ("arg_max(s, n) filter (where s is not null and n < 99)", ["abc", "中文𠮷a", "\u3000２ "], None),
    ("bool_and(b)", [True, False, True], None),
    ("bool_or(b)", [True, False, True], None),
    ("string_agg(s, ',' order by i desc)", ["abc", "1,2,,3,中文𠮷a", "\u3000２ "], None),
    ("string_agg(s, '|' order by s, i)", ["abc", "1,2,,3|中文𠮷a", "\u3000２ "], None),
    ("string_agg(distinct s, ',' order by s)", ["abc", "1,2,,3,中文𠮷a", "\u3000２ "], None),
    ("sum_exact(n % 1000)", [5, -7, 0], None),
    ("sum_exact(n % 1000) filter (where n > 0)", [5, 0, None], None),
    ("count(*) filter (where n > 0)", [1, 1, 0], 0),
]
QUERIES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "with u as (select i, unnest(xs) as x from t) select i, x from u order by i, x",
        [(1, "a"), (1, "b"), (3, "c"), (3, None), (4, None)],
    ),
    (
        "select t.i, u.x from t cross join unnest(t.xs) as u(x) order by t.i, u.x",
        [(1, "a"), (1, "b"), (3, "c"), (3, None), (4, None)],
    ),
    (
        (
            "with u as (select i, unnest(case when array_length(xs) > 0 then xs else [null] end) as x from t) "
            "select i, x from u order by i, x"
        ),
        [(0, None), (1, "a"), (1, "b"), (2, None), (3, "c"), (3, None), (4, None)],
    ),
    (
        (
            "select t.i, u.x from t "
            "cross join unnest(case when array_length(t.xs) > 0 then t.xs else [null] end) as u(x) order by t.i, u.x"
        ),
        [(0, None), (1, "a"), (1, "b"), (2, None), (3, "c"), (3, None), (4, None)],
    ),
    (
        (
            "select t.i, u.x, row_number() over (partition by t.i order by u.p) as k "
            "from t cross join unnest(t.xs) with ordinality as u(x,p) order by t.i, k"
        ),
        [(1, "a", 1), (1, "b", 2), (3, "c", 1), (3, None, 2), (4, None, 1)],
    ),
    (
        "select i, g from t qualify row_number() over (partition by g order by n desc nulls last, i) = 1 order by i",
        [(1, 1), (3, 2), (4, None)],
    ),
    (
        "select g, b, grouping(g) as x, count(*) as n from t group by rollup(g, b) order by g, b, x, n",
        [
            (1, True, 0, 1),
            (1, None, 0, 1),
            (1, None, 0, 2),
            (2, False, 0, 1),
            (2, None, 0, 1),
            (2, None, 0, 2),
            (None, True, 0, 1),
            (None, None, 0, 1),
            (None, None, 1, 5),
        ],
    ),
    (
        (
            "select g, b, grouping(g) as x, grouping(b) as y, count(*) as n from t "
            "group by cube(g, b) order by g, b, x, y, n"
        ),
        [
            (1, True, 0, 0, 1),
            (1, None, 0, 0, 1),
            (1, None, 0, 1, 2),
            (2, False, 0, 0, 1),
            (2, None, 0, 0, 1),
            (2, None, 0, 1, 2),
            (None, False, 1, 0, 1),
            (None, True, 0, 0, 1),
            (None, True, 1, 0, 2),
            (None, None, 0, 1, 1),
            (None, None, 1, 0, 2),
            (None, None, 1, 1, 5),
        ],
    ),
    (
        "select g, count(*) as n, grouping(g) as x from t group by grouping sets ((g), ()) order by g, x",
        [(1, 2, 0), (2, 2, 0), (None, 1, 0), (None, 5, 1)],
    ),
    ("select g, count(*) as n from t group by 1 having n > 1 order by 1", [(1, 2), (2, 2)]),
    (
        "select a.i, b.i as j from t as a full join t as b on a.i = b.n order by 1, 2",
        [(0, 4), (1, None), (2, None), (3, None), (4, None), (None, 0), (None, 1), (None, 2), (None, 3)],
    ),
    ("select a.i from t as a semi join t as b on a.i = b.n order by 1", [(0,)]),
    ("select a.i from t as a anti join t as b on a.i = b.n order by 1", [(1,), (2,), (3,), (4,)]),
    (
        "select a.i, b.i as j from t as a right join t as b on a.i = b.n order by 1, 2",
        [(0, 4), (None, 0), (None, 1), (None, 2), (None, 3)],
    ),
    (
        "select i, a.s from t as a join t as b using (i) order by i",
        [(0, None), (1, "abc"), (2, "中文𠮷a"), (3, "1,2,,3"), (4, "\u3000２ ")],
    ),
    (
        "select a.i, b.i as j from t as a join t as b on a.g is not distinct from b.g order by 1, 2",
        [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 4)],
    ),
    ("select i from t where n not in (select g from t) order by i", []),
    (
        (
            "with c(k,s) as (values ('abc','待付款'), ('a|b','x')) "
            "select t.i, c.s from t left join c on c.k = t.s order by i"
        ),
        [(0, None), (1, "待付款"), (2, None), (3, None), (4, None)],
    ),
    (
        "select i, s as x from t union all select n, 'y' from t order by 1, 2",
        [
            (-7, "y"),
            (0, "y"),
            (0, None),
            (1, "abc"),
            (2, "中文𠮷a"),
            (3, "1,2,,3"),
            (4, "\u3000２ "),
            (5, "y"),
            (1000000000000000, "y"),
            (None, "y"),
        ],
    ),
    ("select g from t union select n % 3 from t order by 1", [(-1,), (0,), (1,), (2,), (None,)]),
    ("select g from t except select n from t order by 1", [(1,), (2,)]),
    ("select g from t intersect select i from t order by 1", [(1,), (2,)]),
    ("select i from t order by i desc limit 3 offset 1", [(3,), (2,), (1,)]),
    ("select distinct g, b from t order by g, b", [(1, True), (1, None), (2, False), (2, None), (None, True)]),
    ("select s from t order by s desc nulls last, i", [("中文𠮷a",), ("\u3000２ ",), ("abc",), ("1,2,,3",), (None,)]),
    ("select s from t order by s", [("1,2,,3",), ("abc",), ("\u3000２ ",), ("中文𠮷a",), (None,)]),
    (
        'select s as "金额", i as "order" from t order by i',
        [(None, 0), ("abc", 1), ("中文𠮷a", 2), ("1,2,,3", 3), ("\u3000２ ", 4)],
    ),
    ("select count(*) as x, count(distinct g) as y from (select g from t) as u", [(5, 2)]),
]


@pytest.fixture
def rows_of_t(both: Any) -> Any:
    both.add("t", ROWS)
    return both.rows


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[each[0] for each in VALUES])
def test_an_expression_gives_the_same_values(rows_of_t: Any, expression: str, expected: list[Any]) -> None:
    assert rows_of_t(f"select {expression} as x from t order by t.i") == [(each,) for each in expected]


@pytest.mark.parametrize(("expression", "groups", "nothing"), AGGREGATES, ids=[each[0] for each in AGGREGATES])
def test_an_aggregate_gives_the_same_values(rows_of_t: Any, expression: str, groups: list[Any], nothing: Any) -> None:
    assert rows_of_t(f"select {expression} as x from t group by g order by g") == [(each,) for each in groups]
    assert rows_of_t(f"select {expression} as x from t where i > 99") == [(nothing,)]


@pytest.mark.parametrize(("text", "expected"), QUERIES, ids=[each[0] for each in QUERIES])
def test_a_query_gives_the_same_rows(rows_of_t: Any, text: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows_of_t(text) == expected


def test_every_allowed_function_has_a_row_test() -> None:
    texts = [f"select {each[0]}" for each in VALUES] + [f"select {each[0]}" for each in AGGREGATES]
    texts += [each[0] for each in QUERIES]
    trees = [sqlglot.parse_one(text, read="duckdb") for text in texts]
    trees += [macro.body for macro in macros().values()]  # test_macro_rows.py proves each of these
    tested = {type(node) for tree in trees for node in tree.walk()}
    assert {name for kind, name in FUNCTIONS.items() if kind not in tested} == set()
