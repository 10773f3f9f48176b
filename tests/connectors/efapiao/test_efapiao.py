"""Lists of tax invoices: one sheet per invoice, one per line; a cross-check that is never booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

BASE = (
    "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,"
    "金额,税额,价税合计,发票来源,发票票种,发票状态,是否正数发票,发票风险等级,开票人,备注"
)
LINES = (
    "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,税收分类编码,特定业务类型,"
    "货物或应税劳务名称,规格型号,单位,数量,单价,金额,税率,税额,价税合计,发票来源,发票票种,发票状态,是否正数发票,发票风险等级,开票人,备注"
)
NUMBER = "26322000000000000001"
PLAIN = {
    "序号": "1",
    "发票代码": "--",
    "发票号码": "--",
    "数电发票号码": NUMBER,
    "销方识别号": "91310000000000000X",
    "销方名称": "某某品牌（上海）有限公司",
    "购方识别号": "--",
    "购买方名称": "个人",
    "开票日期": "2026-09-03 11:33:22",
    "金额": "100.00",
    "税额": "13.00",
    "价税合计": "113.00",
    "发票来源": "电子发票服务平台",
    "发票票种": "数电发票（普通发票）",
    "发票状态": "正常",
    "是否正数发票": "是",
    "发票风险等级": "正常",
}
LINE = {**PLAIN, "税收分类编码": "1070100000000000000", "货物或应税劳务名称": "*化妆品*精华液", "税率": "13%"}
STATES = {row["status"]: row for row in code_list("efapiao", "states")}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(BASE, PLAIN, *rows), "invoices.csv"))


def read_lines(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(LINES, LINE, *rows), "lines.csv"))


def test_an_invoice_is_what_its_row_says() -> None:
    found = read({"备注": "订单号：1234567890123456789"})
    assert (found.formats, found.rejects) == ({"invoices.csv": "efapiao_invoices"}, {})
    found.shows(
        "invoices",
        """
        invoice_key          | month   | issued_at           | seller_tax_no      | buyer_name | state | is_red | net_minor | tax_minor | gross_minor | order_id            | currency
        26322000000000000001 | 2026-09 | 2026-09-03 11:33:22 | 91310000000000000X | 个人       | valid | no     | 10000     | 1300      | 11300       | 1234567890123456789 | CNY
    """,
    )


def test_a_paper_invoice_is_named_by_code_and_number() -> None:
    read({"数电发票号码": "--", "发票代码": "045002200111", "发票号码": "17020885", "开票日期": "2026-09-03"}).shows(
        "invoices", "invoice_key | issued_at\n045002200111-17020885 | 2026-09-03 00:00:00"
    )


def test_a_red_invoice_says_which_one_it_takes_back() -> None:
    red = {
        "数电发票号码": "26322000000000000002",
        "金额": "-100.00",
        "税额": "-13.00",
        "价税合计": "-113.00",
        "是否正数发票": "否",
        "备注": f"被红冲蓝字数电发票号码：{NUMBER} 红字发票信息确认单编号：31000000000000000001",
    }
    found = read({"发票状态": "已红冲-全额"}, red)
    assert found.rejects == {}
    found.shows(
        "invoices",
        f"""
        invoice_key          | state    | is_red | corrects_key | gross_minor | order_id
        {NUMBER}             | reversed | no     |              | 11300       |
        26322000000000000002 | valid    | yes    | {NUMBER}     | -11300      |
    """,
    )


def test_a_remark_that_names_no_order_gives_none() -> None:
    read({"备注": "收款人：某某；订单"}).shows("invoices", "order_id | corrects_key\n | ")


def test_lines_have_their_rate_and_their_place() -> None:
    found = read_lines(
        {},
        {"货物或应税劳务名称": "*化妆品*精华液", "金额": "-10.00", "税额": "-1.30"},
        {"数电发票号码": "26322000000000000003", "税率": "0.06", "金额": "50.00", "税额": "3.00"},
        {"数电发票号码": "26322000000000000003", "税率": "免税", "金额": "5.00", "税额": "***"},
        {"数电发票号码": "26322000000000000003", "税率": "免税", "金额": "5.00", "税额": ""},
    )
    assert (found.formats, found.rejects) == ({"lines.csv": "efapiao_lines"}, {"5": "bad_money:税额"})
    found.shows(
        "invoice_lines",
        """
        invoice_key          | line_no | vat_rate_bp | net_minor | tax_minor | title
        26322000000000000001 | 1       | 1300        | 10000     | 1300      | *化妆品*精华液
        26322000000000000001 | 2       | 1300        | -1000     | -130      | *化妆品*精华液
        26322000000000000003 | 1       | 600         | 5000      | 300       | *化妆品*精华液
        26322000000000000003 | 3       |             | 500       | 0         | *化妆品*精华液
    """,
    )


REFUSED = [
    ({"数电发票号码": "--"}, "bad_id:数电发票号码"),
    ({"开票日期": "soon"}, "bad_time:开票日期"),
    ({"金额": "1OO.00"}, "bad_money:金额"),
    ({"税额": ""}, "bad_money:税额"),
    ({"价税合计": "x"}, "bad_money:价税合计"),
    ({"价税合计": "113.01"}, "inconsistent_amount:价税合计"),
    ({"是否正数发票": "也许"}, "unknown_code:是否正数发票:也许"),
    ({"是否正数发票": "否"}, "inconsistent_amount:是否正数发票"),
    ({"金额": "-100.00", "税额": "-13.00", "价税合计": "-113.00"}, "inconsistent_amount:是否正数发票"),
    ({"发票状态": "丢失"}, "unknown_code:发票状态:丢失"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(
        *({"数电发票号码": f"2632200000000000{number:04d}", **cells} for number, (cells, _) in enumerate(REFUSED, 100))
    )


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[reason for _, reason in REFUSED])
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    assert refused.rejects[str(number + 2)] == REFUSED[number][1]
    assert refused.is_empty(row=number + 2)


def test_a_rate_that_is_neither_number_nor_known_word_waits_in_quarantine() -> None:
    assert read_lines({"税率": "many"}).rejects == {"2": "unknown_code:税率:many"}


@pytest.fixture(scope="module")
def every_state() -> Translated:
    return read(
        *({"数电发票号码": f"263220000000000000{number:02d}", "发票状态": state} for number, state in enumerate(STATES))
    )


@pytest.mark.parametrize("status", STATES)
def test_every_state_of_the_platform_is_known(every_state: Translated, status: str) -> None:
    every_state.shows("invoices", f"state\n{STATES[status]['state']}", row=row_of(STATES, status))


def test_an_invoice_in_two_exports_is_one_and_is_never_valid_again(tmp_path: Path) -> None:
    first = CaseFile(lines_of(BASE, PLAIN, {}), "one.csv")
    second = CaseFile(lines_of(BASE, PLAIN, {"发票状态": "已红冲-全额"}), "two.csv")
    for turn, files in (("forward", [[first], [second]]), ("back", [[second], [first]])):
        found = imported(tmp_path / turn, *files)
        found.shows("invoices", f"invoice_key | state\n{NUMBER} | reversed")


def test_both_sheets_of_the_workbook_are_read_and_nothing_is_booked(tmp_path: Path) -> None:
    folder, home = tmp_path / "files", tmp_path / "cell"
    folder.mkdir()
    home.mkdir()
    with xlsxwriter.Workbook(str(folder / "全量发票查询导出结果.xlsx")) as book:
        for sheet, header, cells in (("发票基础信息", BASE, PLAIN), ("信息汇总表", LINES, LINE)):
            page = book.add_worksheet(sheet)
            names = header.split(",")
            page.write_row(0, 0, names)
            page.write_row(1, 0, [cells.get(name, "") for name in names])
    report = import_paths(open_cell(home), [folder])
    found = Imported(home, (report,))
    found.shows("invoices", f"invoice_key | gross_minor | month\n{NUMBER} | 11300 | 2026-09")
    found.shows("invoice_lines", f"invoice_key | line_no | net_minor\n{NUMBER} | 1 | 10000")
    assert found.rows("ledger_entries") == []
    assert found.rows("settlement_lines") == []
