"""Lineage: what a column's values are made of, through CTEs, joins, windows and code lists; conditions are no values."""

from __future__ import annotations

import pytest

from entrepot.engine import parse
from entrepot.engine.dialect import How, lineage

RELATIONS = {
    "wire": ("raw_id", "Paid", "Refund", "Status", "Note"),
    "states": ("status", "state"),
    "other": ("id", "x"),
}


def _of(text: str) -> dict[str, dict[str, str]]:
    found = lineage(parse(text, source="test"), RELATIONS, ["states"])
    return {
        name: {f"{place[0]}.{place[1]}": how.name for place, how in origins.items()}
        for name, origins in found.columns.items()
    }


@pytest.mark.parametrize(
    ("text", "made_of"),
    [
        ('select w."Paid" as a from wire as w', {"wire.Paid": "COPIED"}),
        ('select cast(("Paid") as varchar) as a from wire', {"wire.Paid": "COPIED"}),
        ('select fen_from_yuan(w."Paid") as a from wire as w', {"wire.Paid": "CONVERTED"}),
        (
            'select coalesce(w."Paid", w."Refund") as a from wire as w',
            {"wire.Paid": "COMPUTED", "wire.Refund": "COMPUTED"},
        ),
        ('select case when "Status" = \'x\' then "Paid" end as a from wire', {"wire.Paid": "CONVERTED"}),
        ("select case when \"Status\" = 'x' then 'paid' else 'open' end as a from wire", {"wire.Status": "CONVERTED"}),
        ("select 'CNY' as a from wire", {}),
        (
            "with o as (select unnest(\"Note\") as l from wire) select fen_from_yuan(l.price || '') as a from o",
            {"wire.Note": "CONVERTED"},
        ),
        (
            'select max("Paid") over (partition by raw_id order by "Status") as a from wire',
            {"wire.Paid": "CONVERTED"},
        ),
        (
            'select s.state as a from wire as w left join states as s on w."Status" = s.status',
            {"wire.Status": "LOOKED_UP"},
        ),
        (
            """
            with c as (select *, fen_from_yuan("Paid") as p from wire),
                 d as (select c.p + fen_from_yuan(c."Refund") as q from c)
            select q as a from d
            """,
            {"wire.Paid": "COMPUTED", "wire.Refund": "COMPUTED"},
        ),
        (
            'select "Paid" as a from wire union all select "Refund" as a from wire',
            {"wire.Paid": "COPIED", "wire.Refund": "COPIED"},
        ),
        ('select s.p as a from (select "Paid" as p from wire) as s', {"wire.Paid": "COPIED"}),
        (
            'select o.x as a from wire as w join other as o on w.raw_id = o.id where w."Note" is null',
            {"other.x": "COPIED"},
        ),
        ("select u.y as a from unknown_relation as u", {}),
    ],
)
def test_a_column_is_followed_to_what_it_is_made_of(text: str, made_of: dict[str, str]) -> None:
    assert _of(text)["a"] == made_of


def test_a_star_gives_every_column_of_its_source() -> None:
    assert list(_of("select w.*, o.x from wire as w join other as o on w.raw_id = o.id")) == [
        *("raw_id", "paid", "refund", "status", "note", "x"),
    ]


def test_what_only_decides_is_used_and_feeds_nothing() -> None:
    query = parse(
        'select "Paid" as a from wire where "Note" is null and raw_id in (select id from other)', source="test"
    )
    found = lineage(query, RELATIONS)
    assert dict(found.columns["a"]) == {("wire", "Paid"): How.COPIED}
    assert found.used == {("wire", "Paid"), ("wire", "Note"), ("wire", "raw_id"), ("other", "id")}
