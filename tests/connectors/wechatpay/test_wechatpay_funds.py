"""WeChat Pay's fund flow: every movement of the wallet, with its balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from entrepot.connectors.reading import open_tabular, stage
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.connectors.wechatpay.files import FUNDS
from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated
from tests.connectors.wechatpay.test_wechatpay_trades import bill

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号"
TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"
PLAIN = {
    "记账时间": "`2026-09-09 10:06:34",
    "微信支付业务单号": "`4200002360202609091150650780",
    "资金流水单号": "`1900000109202609090000000001",
    "业务名称": "`交易",
    "业务类型": "`交易",
    "收支类型": "`收入",
    "收支金额（元）": "`60.00",
    "账户结余（元）": "`160.00",
    "资金变更提交申请人": "`system",
    "备注": "`",
    "业务凭证号": "`4200002360202609091150650780",
}
FEE = {
    "资金流水单号": "`1900000109202609090000000002",
    "业务类型": "`扣除交易手续费",
    "收支类型": "`支出",
    "收支金额（元）": "`0.32",
    "账户结余（元）": "`159.68",
}
WITHDRAWAL = {
    "资金流水单号": "`1900000109202609090000000003",
    "记账时间": "`2026-09-09 23:10:00",
    "业务类型": "`提现",
    "收支类型": "`支出",
    "收支金额（元）": "`159.00",
    "账户结余（元）": "`0.68",
}
FLOWS = {row["business_type"]: row for row in code_list("wechatpay", "flows")}


def flow(*rows: dict[str, str], totals: str = "", header: str = HEADER, name: str = "flow.csv") -> CaseFile:
    plain = {name: PLAIN.get(name, PLAIN.get(name.replace("(元)", "（元）"), "")) for name in header.split(",")}
    named = [
        {key if key in plain else key.replace("（元）", "(元)"): cell for key, cell in row.items()} for row in rows
    ]
    text = lines_of(header, plain, *named, quote=False)
    return CaseFile(text + (TOTALS + totals if totals else ""), name, "utf-8", "our shop")


def test_every_movement_is_a_wallet_line_and_only_the_withdrawal_a_settlement_line() -> None:
    found = translated(flow({}, FEE, WITHDRAWAL, totals="`3.0,`1.0,`60.00,`2.0,`159.32"))
    assert (found.formats, found.rejects, found.rows) == ({"flow.csv": "wechatpay_funds"}, {}, 3)
    found.shows(
        "wallet_lines",
        """
        wallet_id          | line_id                                | month   | currency | amount_minor | balance_minor | booked_at
        wechatpay:our shop | wechatpay:1900000109202609090000000001 | 2026-09 | CNY      | 6000         | 16000         | 2026-09-09 10:06:34
        wechatpay:our shop | wechatpay:1900000109202609090000000002 | 2026-09 | CNY      | -32          | 15968         | 2026-09-09 10:06:34
        wechatpay:our shop | wechatpay:1900000109202609090000000003 | 2026-09 | CNY      | -15900       | 68            | 2026-09-09 23:10:00
    """,
    )
    found.shows(
        "settlement_lines",
        """
        line_id                                     | wallet_id          | order_key | kind       | platform_item | amount_minor
        wechatpay:fund:1900000109202609090000000003 | wechatpay:our shop |           | withdrawal | 提现          | -15900
    """,
    )


def test_bill_and_flow_of_one_day_book_the_payment_once(tmp_path: Path) -> None:
    cell = imported(tmp_path, [bill({}), flow({}, FEE, WITHDRAWAL)])
    cell.shows("settlement_lines", "kind | amount_minor\norder_income | 6000\nfee | -32\nwithdrawal | -15900")
    assert [row for row in cell.rows("exceptions") if row["kind"] == "wallet_gap"] == []


def test_a_flow_without_its_bill_is_told_with_what_it_moved(tmp_path: Path) -> None:
    cell = imported(tmp_path, [flow({}, FEE, WITHDRAWAL)])
    told = [row for row in cell.rows("exceptions") if row["kind"] == "settlement_not_there"]
    assert [(row["key"], row["amount_minor"]) for row in told] == [("wechatpay/our shop/2026-09/CNY", 5968)]


def test_plain_brackets_are_the_same_columns() -> None:
    found = translated(flow({}, header=HEADER.replace("（元）", "(元)")))
    found.shows("wallet_lines", "amount_minor | balance_minor\n6000 | 16000")


def test_a_flow_written_newest_first_runs_backwards() -> None:
    found = translated(flow(WITHDRAWAL, FEE, {}))
    places = {row["amount_minor"]: row["statement_order"] for row in found.tables["wallet_lines"]}
    assert sorted(places, key=lambda amount: places[amount]) == [6000, -32, -15900]


def test_a_missing_movement_is_a_gap_of_its_amount(tmp_path: Path) -> None:
    cell = imported(tmp_path, [flow({}, WITHDRAWAL)])
    assert [(row["kind"], row["amount_minor"]) for row in cell.rows("exceptions") if row["kind"] == "wallet_gap"] == [
        ("wallet_gap", -32)
    ]


def test_the_number_of_movements_is_checked(tmp_path: Path) -> None:
    cell = imported(tmp_path, [flow({}, FEE, totals="`3.0,`1.0,`60.00,`2.0,`159.32")])
    findings = [each for each in cell.reports[0].files[0].findings if each.kind == "control_total"]
    assert [(each.name, each.stated, each.found) for each in findings] == [("flow_count", 3, 2)]


@pytest.fixture(scope="module")
def every_type() -> Translated:
    return translated(
        flow(
            *(
                {
                    "资金流水单号": f"`19000001092026090900000{number:05d}",
                    "业务类型": f"`{word}",
                    "收支金额（元）": f"`{number + 1}.00",
                }
                for number, word in enumerate(FLOWS)
            )
        )
    )


@pytest.mark.parametrize("word", FLOWS)
def test_every_business_type_moves_the_wallet_and_is_booked_where_no_bill_tells_it(
    every_type: Translated, word: str
) -> None:
    row = list(FLOWS).index(word) + 2
    wallet = [line["amount_minor"] for line in every_type.tables["wallet_lines"] if line["row_no"] == row]
    booked = [line["kind"] for line in every_type.tables["settlement_lines"] if line["row_no"] == row]
    assert wallet == [(row - 1) * 100]
    assert booked == ([] if FLOWS[word]["told_by_trades"] == "yes" else [FLOWS[word]["kind"]])


REFUSED = {
    "no flow number": ({"资金流水单号": "`"}, "bad_id:资金流水单号"),
    "a ruined flow number": ({"资金流水单号": "1.9E+27"}, "ruined_id:资金流水单号"),
    "no time": ({"记账时间": "`"}, "bad_time:记账时间"),
    "a broken amount": ({"收支金额（元）": "`1e3"}, "bad_money:收支金额（元）"),
    "no amount": ({"收支金额（元）": "`"}, "bad_money:收支金额（元）"),
    "a broken balance": ({"账户结余（元）": "`无"}, "bad_money:账户结余（元）"),
    "an unknown direction": ({"收支类型": "`不计收支"}, "unknown_code:收支类型:不计收支"),
    "an unknown business": ({"业务类型": "`神秘业务"}, "unknown_code:业务类型:神秘业务"),
    "no business": ({"业务类型": "`"}, "unknown_code:业务类型:"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    rows = [
        {"资金流水单号": f"`19000001092026090900000{number:05d}", **cells}
        for number, (cells, _) in enumerate(REFUSED.values())
    ]
    return translated(flow(*rows))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def staged(path: Path, *lines: str) -> list[dict[str, str | None]]:
    """Cells of a flow as its rows are staged."""
    file, target = path / "flow.csv", path / "flow.parquet"
    file.write_text("\r\n".join([*lines, ""]), encoding="utf-8")
    (opened,) = open_tabular(file, "flow.csv")
    recognised = recognise(opened.head, [FUNDS])
    assert isinstance(recognised, Recognised)
    stage(opened, recognised, "raw", target, "flow.csv")
    rows: list[dict[str, str | None]] = pq.read_table(target).to_pylist()
    return rows


@pytest.mark.parametrize(
    "ends", [("", "", ""), (",", "", ""), (",", ",", ","), (",, ", "", ",")], ids=["none", "one row", "all rows", "two"]
)
@pytest.mark.parametrize("remark", ["`", "`a,b"], ids=["plain", "a comma in a text"])
def test_a_separator_behind_the_last_cell_is_none_of_its_text(tmp_path: Path, ends: tuple[str], remark: str) -> None:
    header, *rows = flow({"备注": "`R"}, FEE, WITHDRAWAL).text.splitlines()
    lines = [f"{row}{end}".replace("`R", remark) for row, end in zip(rows, ends, strict=True)]
    found = staged(tmp_path, header, *lines)
    assert [(row["reject"], row["业务凭证号"]) for row in found] == [(None, PLAIN["业务凭证号"].strip("`"))] * 3
    assert found[0]["备注"] == (remark.strip("`") or None)


def test_separators_that_leave_cells_without_a_mark_are_not_guessed_at(tmp_path: Path) -> None:
    header, row = flow({"备注": "`a", "业务凭证号": "`"}).text.splitlines()
    (found,) = staged(tmp_path, header, row.replace("`a,`", "`a,b,,"))
    assert found["reject"] == "wrong_columns"


def test_a_quoted_cell_that_lost_its_backtick_keeps_no_quotation_marks(tmp_path: Path) -> None:
    header, row = flow({"备注": "`R"}).text.splitlines()
    (found,) = staged(tmp_path, header, row.replace("`R", '"退款"'))
    assert (found["reject"], found["备注"]) == (None, "退款")
