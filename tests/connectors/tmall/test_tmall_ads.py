"""Tmall's advertising report: spend per day and campaign, whichever way the report is cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBJECTS = "日期,场景ID,场景名字,原二级场景ID,原二级场景名字,计划ID,计划名字,主体ID,主体类型,主体名称,展现量,点击量,花费,点击率,总成交金额,投入产出比"
CAMPAIGNS = (
    "日期,场景ID,场景名字,原二级场景ID,原二级场景名字,计划ID,计划名字,展现量,点击量,花费,点击率,总成交金额,投入产出比"
)
PLAIN = {
    "日期": "2026-09-09",
    "场景ID": "371",
    "场景名字": "关键词推广",
    "计划ID": "82400000093",
    "计划名字": "小衫控成交",
    "展现量": "8225",
    "点击量": "274",
    "花费": "159.90",
    "点击率": "0.03331",
    "总成交金额": "2040.85",
    "投入产出比": "12.76",
}
FIRST = {"主体ID": "1060000836", "主体类型": "商品", "花费": "100.00"}
SECOND = {"主体ID": "1060000837", "主体类型": "商品", "花费": "59.90"}


def report(*rows: dict[str, str], header: str = SUBJECTS, name: str = "ads.csv", encoding: str = "gb18030") -> CaseFile:
    return CaseFile(lines_of(header, PLAIN, *rows), name, encoding, "our shop")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_campaign_spends_per_day(encoding: str) -> None:
    found = translated(report({}, {"日期": "2026-09-10", "花费": "1,250.00"}, header=CAMPAIGNS, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"ads.csv": "tmall_ads"}, {}, 2)
    found.shows(
        "ad_spend",
        """
        channel | month   | shop     | spent_on   | campaign   | currency | amount_minor
        tmall   | 2026-09 | our shop | 2026-09-09 | 小衫控成交 | CNY      | 15990
        tmall   | 2026-09 | our shop | 2026-09-10 | 小衫控成交 | CNY      | 125000
    """,
    )


def test_subjects_of_a_campaign_are_added_up() -> None:
    found = translated(report(FIRST, SECOND))
    assert found.rejects == {}
    found.shows("ad_spend", "spent_on | amount_minor\n2026-09-09 | 15990")


def test_reports_by_subject_and_by_campaign_count_once(tmp_path: Path) -> None:
    cell = imported(tmp_path, [report(FIRST, SECOND), report({}, header=CAMPAIGNS, name="campaigns.csv")])
    cell.shows("ad_spend", "spent_on | amount_minor\n2026-09-09 | 15990")


def test_the_spend_is_an_expense_out_of_what_was_topped_up(tmp_path: Path) -> None:
    cell = imported(tmp_path, [report({}, header=CAMPAIGNS)])
    cell.shows(
        "ledger_entries", "account | amount_minor | channel\nad_spend | 15990 | tmall\nad_prepaid | -15990 | tmall"
    )


def test_a_report_by_scene_alone_is_not_read_for_it_would_count_twice() -> None:
    scenes = "日期,场景ID,场景名字,展现量,点击量,花费"
    plain = {name: cell for name, cell in PLAIN.items() if name in scenes.split(",")}
    with pytest.raises(AssertionError, match="is not recognised"):
        translated(CaseFile(lines_of(scenes, plain, {}), "scenes.csv"))


@pytest.mark.parametrize("word", ["合计", "总计", "汇总", "全部"])
def test_a_total_row_is_no_spend_and_no_quarantined_row(word: str) -> None:
    found = translated(report({}, {"日期": word, "计划ID": "-", "花费": "159.90"}, header=CAMPAIGNS))
    assert found.rejects == {}
    found.shows("ad_spend", "amount_minor\n15990")


def test_a_day_as_a_spreadsheet_saves_it_is_the_same_day_and_counts_once(tmp_path: Path) -> None:
    saved = report({"日期": "2026/9/9"}, header=CAMPAIGNS, name="saved.csv")
    cell = imported(tmp_path, [report({}, header=CAMPAIGNS)], [saved])
    assert cell.rejects() == {}
    cell.shows("ad_spend", "spent_on | amount_minor\n2026-09-09 | 15990")


def test_a_workbook_gives_the_same_spend(tmp_path: Path) -> None:
    folder, home = tmp_path / "files", tmp_path / "cell"
    folder.mkdir()
    home.mkdir()
    names = CAMPAIGNS.split(",")
    with xlsxwriter.Workbook(folder / "ads.xlsx") as book:
        sheet = book.add_worksheet("报表")
        for column, name in enumerate(names):
            sheet.write_string(0, column, name)
            sheet.write_string(1, column, PLAIN.get(name, ""))
        sheet.write_number(1, names.index("花费"), 159.9)
    import_paths(open_cell(home), [folder], shop="our shop")
    Imported(home, ()).shows("ad_spend", "spent_on | amount_minor\n2026-09-09 | 15990")


REFUSED = {
    "no day": ({"日期": ""}, "bad_time:日期"),
    "a day that is none": ({"日期": "2026-02-30"}, "bad_time:日期"),
    "a range of days": ({"日期": "2026-09-01至2026-09-30"}, "bad_time:日期"),
    "no campaign": ({"计划ID": ""}, "bad_id:计划ID"),
    "a ruined campaign": ({"计划ID": "8.24E+10"}, "ruined_id:计划ID"),
    "no spend": ({"花费": ""}, "bad_money:花费"),
    "a broken spend": ({"花费": "约100"}, "bad_money:花费"),
    "a negative spend": ({"花费": "-1.00"}, "bad_money:花费"),
}


def _cells(cases: Iterable[tuple[dict[str, str], str]]) -> list[dict[str, str]]:
    return [cells for cells, _ in cases]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return translated(report(*_cells(REFUSED.values()), header=CAMPAIGNS))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_spends_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
