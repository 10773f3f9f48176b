"""What the page embeds: every figure carries its id, and the parts embedded for it add up to it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.asking import html_report, report_rows
from entrepot.reports import Vocabulary
from entrepot.reports.html.explanations import explanations

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany

_CELL = re.compile(r'<td data-id="([^"]+)"[^>]*>([^<]*)</td>')


def _row(month: str, channel: str, line: str, group: int, *orders: int, causes: int = 0) -> list[dict[str, Any]]:
    of = {"month": month, "channel": channel, "shop": f"{channel}-1", "line": line, "account": line}
    return [
        {
            **of,
            "posting_rule": "recognised",
            "cause_kind": "order",
            "cause": f"{channel}:{place}",
            "place": place,
            "causes": causes or len(orders),
            "group_minor": group,
            "amount_minor": amount,
        }
        for place, amount in enumerate(orders, start=1)
    ]


ROWS = [
    *_row("2026-08", "jd", "revenue_goods", 100_00, 60_00, 40_00),
    *_row("2026-09", "jd", "revenue_goods", 90_00, 30_00, 20_00, 10_00, causes=7),
    *_row("2026-09", "tmall", "revenue_goods", 5_00, 5_00),
    *_row("2026-09", "jd", "revenue_shipping", 1_00, 1_00),
]


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("pnl/all/jd/revenue_goods", [("2026-08", 100_00), ("2026-09", 90_00)]),
        ("pnl/2026-09/all/revenue_goods", [("jd", 90_00), ("tmall", 5_00)]),
        ("pnl/all/all/net_revenue", [("Revenue from goods", 195_00), ("Revenue from shipping", 1_00)]),
        ("pnl/all/all@jd-1/revenue_shipping", [("2026-09", 1_00)]),
        (
            "pnl/2026-09/jd/revenue_goods/revenue_goods/recognised",
            [("order jd:1", 30_00), ("order jd:2", 20_00), ("order jd:3", 10_00), ("… 4 more", 30_00)],
        ),
    ],
)
def test_a_figure_has_its_parts_the_largest_first_and_the_rest_as_a_sum(
    asked: str, parts: list[tuple[str, int]]
) -> None:
    found = explanations(ROWS, Vocabulary("en"))
    assert [(part[0], part[1]) for part in found[asked]] == parts


@pytest.fixture(scope="module")
def page(one_imported: ImportedCompany) -> str:
    return html_report(one_imported.parts, "en")


def test_every_figure_of_the_statements_carries_its_id_and_its_embedded_parts_add_up(page: str) -> None:
    found = re.search(r'id="explained"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    parts: dict[str, list[list[Any]]] = json.loads(found[1])
    figures = {asked: text for asked, text in _CELL.findall(page) if asked.startswith("pnl/") and "~" not in asked}
    assert len(figures) > 150
    wrong = []
    for asked, text in figures.items():
        minor = int(text.replace(",", "").replace(".", "").replace("−", "-"))
        if sum(part[1] for part in parts.get(asked, [])) != minor:
            wrong.append((asked, text))
    assert wrong == []
    for whole in parts.values():
        for part in whole:
            if len(part) > 2 and part[2] in parts:
                assert sum(each[1] for each in parts[part[2]]) == part[1]


def test_figures_of_bridge_settlement_and_exceptions_carry_their_ids(page: str, one_imported: ImportedCompany) -> None:
    ids = {asked for asked, _ in _CELL.findall(page)}
    for row in report_rows(one_imported.parts, "gmv_bridge").to_pylist():
        assert f"gmv_bridge/{row['channel']}@{row['shop']}/{row['currency']}/net" in ids
    assert any(asked.startswith("exception/settlement_difference:") for asked in ids)
    assert any(asked.startswith("settlement_status/jd@") for asked in ids)


def test_the_page_needs_no_network_and_stays_small(page: str) -> None:
    found = re.search(r'id="explained"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    assert len(found[1].encode()) < 400_000
    assert not re.search(r'(src|href)="https?:', page)
