"""Douyin's fund movements: what moves the shop's money beyond its settlements, and the balance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, code_list, imported, lines_of, row_of, translated
from tests.connectors.douyin.test_douyin_settlement import text_of as settlement_text

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDER = "6954000000000000001"
HEADER = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,售后编号,下单时间,商品ID,订单类型,订单实付应结,运费实付,"
    "实际平台补贴_运费,实际平台补贴,实际达人补贴,实际抖音支付补贴,实际抖音月付营销补贴,订单退款,平台服务费,佣金,渠道分成,招商服务费,站外推广费,"
    "其他分成,是否免佣,免佣金额,备注"
)
ACCOUNT_HEADER = "动账流水号,关联订单号,关联子订单号,动账时间,账户方向,动账金额(元),动账场景,账户余额(元),备注"
PLAIN = {
    "动账时间": "2026-09-30 05:59:21",
    "动帐流水号": "'2026093005592100001",
    "动账方向": "入账",
    "动账金额": "83.60",
    "动账账户": "聚合账户",
    "动账场景": "货款结算入账",
    "计费类型": "精选联盟",
    "子订单号": f"'{ORDER}",
    "订单号": f"'{ORDER}",
    "备注": "订单结算",
}
WITHDRAWAL = {
    "动账时间": "2026-09-30 20:00:00",
    "动帐流水号": "'2026093020000000002",
    "动账方向": "出账",
    "动账金额": "80.00",
    "动账场景": "提现",
    "子订单号": "-",
    "订单号": "-",
    "备注": "",
}
COMPENSATION = {
    "动帐流水号": "'2026093020000000003",
    "动账方向": "出账",
    "动账金额": "-3.00",
    "动账场景": "消费者赔付",
    "备注": "",
}
ACCOUNT_PLAIN = {
    "动账流水号": "2026093005592100001",
    "关联订单号": f"`{ORDER}",
    "关联子订单号": f"`{ORDER}",
    "动账时间": "2026-09-30 05:59:21",
    "账户方向": "收入",
    "动账金额(元)": "83.60",
    "动账场景": "货款结算入账",
    "账户余额(元)": "183.60",
    "备注": "商家货款入账",
}
ACCOUNT_WITHDRAWAL = {
    "动账流水号": "2026093020000000002",
    "关联订单号": "",
    "关联子订单号": "",
    "动账时间": "2026-09-30 20:00:00",
    "账户方向": "支出",
    "动账金额(元)": "80.00",
    "动账场景": "提现",
    "账户余额(元)": "103.60",
    "备注": "",
}
SCENES = [(row["scene"], row["remark_part"]) for row in code_list("douyin", "scenes")]
RULES = {(row["scene"], row["remark_part"]): row for row in code_list("douyin", "scenes")}


def fund(*rows: dict[str, str], name: str = "1791430000_fund.csv", encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), name, encoding)


def account(*rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(ACCOUNT_HEADER, ACCOUNT_PLAIN, *rows), "account.csv")


def numbered(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [{"动帐流水号": f"'20260930055921{number:05d}", **row} for number, row in enumerate(rows)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_sale_moves_the_wallet_only_and_the_rest_is_booked_too(encoding: str) -> None:
    found = translated(fund({}, WITHDRAWAL, COMPENSATION, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"1791430000_fund.csv": "douyin_fund"}, {}, 3)
    found.shows(
        "wallet_lines",
        """
        wallet_id            | line_id                    | month   | currency | amount_minor | balance_minor | booked_at
        douyin:our shop:fund | douyin:2026093005592100001 | 2026-09 | CNY      | 8360         |               | 2026-09-30 05:59:21
        douyin:our shop:fund | douyin:2026093020000000002 | 2026-09 | CNY      | -8000        |               | 2026-09-30 20:00:00
        douyin:our shop:fund | douyin:2026093020000000003 | 2026-09 | CNY      | -300         |               | 2026-09-30 05:59:21
    """,
    )
    found.shows(
        "settlement_lines",
        f"""
        line_id                         | wallet_id       | order_key      | order_line_id | kind         | platform_item | amount_minor
        douyin:fund:2026093020000000002 | douyin:our shop |                |               | withdrawal   | 提现          | -8000
        douyin:fund:2026093020000000003 | douyin:our shop | douyin:{ORDER} | {ORDER}       | compensation | 消费者赔付    | -300
    """,
    )


def test_settlement_and_fund_of_one_sale_book_it_once(tmp_path: Path) -> None:
    settlement = CaseFile(settlement_text({}), "1791430000_settlement.csv")
    cell = imported(tmp_path, [settlement, fund({}, WITHDRAWAL)])
    cell.shows(
        "settlement_lines",
        "kind | amount_minor\norder_income | 9500\nfee | -475\nfee | -665\nwithdrawal | -8000",
    )


def test_sales_that_only_moved_the_account_are_told_until_their_settlement_comes(tmp_path: Path) -> None:
    late = {"动帐流水号": "9", "动账时间": "2026-10-02 08:00:00"}
    movements = fund({}, WITHDRAWAL, {**WITHDRAWAL, **late})
    settled = CaseFile(settlement_text({}), "1791430000_settlement.csv")

    def told(cell: Imported) -> list[tuple[str, int]]:
        rows = [row for row in cell.rows("exceptions") if row["kind"] == "settlement_not_there"]
        return [(row["key"], row["amount_minor"]) for row in rows]

    # October has a withdrawal alone, which is booked from the movements.
    (tmp_path / "alone").mkdir()
    assert told(imported(tmp_path / "alone", [movements])) == [("douyin/our shop/2026-09/CNY", 8360)]
    assert told(imported(tmp_path, [movements], [settled])) == []


def test_the_account_with_its_balance_is_the_same_wallet(tmp_path: Path) -> None:
    cell = imported(tmp_path, [fund({}, WITHDRAWAL), account(ACCOUNT_WITHDRAWAL, {})])
    cell.shows(
        "wallet_lines",
        "wallet_id | amount_minor | balance_minor\ndouyin:our shop:fund | 8360 | 18360\ndouyin:our shop:fund | -8000 | 10360",
    )
    cell.shows("settlement_lines", "kind | amount_minor\nwithdrawal | -8000")
    assert [row for row in cell.rows("exceptions") if row["kind"] == "wallet_gap"] == []


def test_a_movement_missing_from_the_account_is_a_gap(tmp_path: Path) -> None:
    cell = imported(tmp_path, [account({}, {**ACCOUNT_WITHDRAWAL, "账户余额(元)": "100.00"})])
    assert [row["amount_minor"] for row in cell.rows("exceptions") if row["kind"] == "wallet_gap"] == [-360]


def test_a_workbook_of_movements_reads_like_the_text(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with xlsxwriter.Workbook(folder / "fund.xlsx") as book:
        sheet = book.add_worksheet("动账明细")
        names = HEADER.split(",")
        for number, row in enumerate([dict(zip(names, names, strict=True)), {**PLAIN, **WITHDRAWAL}]):
            for column, name in enumerate(names):
                sheet.write_string(number, column, row.get(name, ""))
    home = tmp_path / "cell"
    home.mkdir()
    import_paths(open_cell(home), [folder], shop="our shop")
    Imported(home, ()).shows("settlement_lines", "kind | amount_minor\nwithdrawal | -8000")


@pytest.fixture(scope="module")
def every_scene() -> Translated:
    return translated(
        fund(
            *numbered(
                [
                    {"动账场景": scene, "备注": f"某事{part}某事", "动账金额": f"{number + 1}.00"}
                    for number, (scene, part) in enumerate(SCENES)
                ]
            )
        )
    )


@pytest.mark.parametrize("scene", SCENES, ids=["-".join(scene).strip("-") for scene in SCENES])
def test_every_scene_is_booked_where_the_settlement_does_not_tell_it(
    every_scene: Translated, scene: tuple[str, str]
) -> None:
    rule, row = RULES[scene], SCENES.index(scene) + 2
    lines = [line for line in every_scene.tables["settlement_lines"] if line["row_no"] == row]
    told = [(line["kind"], line["fee_code"] or "", line["amount_minor"]) for line in lines]
    wanted = (rule["kind"], rule["fee_code"], (row - 1) * 100)
    assert told == ([] if rule["told_by_settlement"] == "yes" else [wanted])
    assert every_scene.rejects.get(str(row)) is None


def test_the_scenes_are_those_of_the_platform() -> None:
    numbers = {
        int(word.removeprefix("scene "))
        for row in RULES.values()
        for word in row["source"].split("; ")
        if word.startswith("scene ")
    }
    assert numbers == set(range(1, 60))


def test_money_that_nobody_can_place_waits_in_suspense(tmp_path: Path) -> None:
    cell = imported(tmp_path, [fund({"动账场景": "退款-价保补差", "动账方向": "出账", "动账金额": "5.00"})])
    posted = [(row["account"], row["amount_minor"]) for row in cell.rows("ledger_entries")]
    assert sorted(posted) == [("suspense", 500), ("wallet", -500)]


REFUSED = {
    "no flow number": ({"动帐流水号": ""}, "bad_id:动账流水号"),
    "a ruined flow number": ({"动帐流水号": "2.02609E+18"}, "ruined_id:动账流水号"),
    "a ruined order number": ({"订单号": "6.954E+18"}, "ruined_id:订单号"),
    "an order number that is none": ({"订单号": "一二三"}, "bad_id:订单号"),
    "a sub-order number that is none": ({"子订单号": "一二三"}, "bad_id:子订单号"),
    "no time": ({"动账时间": "-"}, "bad_time:动账时间"),
    "a broken amount": ({"动账金额": "1,000.00"}, "bad_money:动账金额"),
    "no amount": ({"动账金额": "-"}, "bad_money:动账金额"),
    "an unknown direction": ({"动账方向": "冻结"}, "unknown_code:动账方向:冻结"),
    "money coming in that is negative": ({"动账金额": "-83.60"}, "inconsistent_amount:动账金额"),
    "an unknown scene": ({"动账场景": "神秘场景"}, "unknown_code:动账场景:神秘场景"),
    "neither scene nor known remark": ({"动账场景": "-", "备注": "神秘"}, "unknown_code:动账场景:"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return translated(fund(*numbered([cells for cells, _ in REFUSED.values()])))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def test_a_broken_balance_is_quarantined() -> None:
    found = translated(account({"账户余额(元)": "无"}))
    assert (found.rejects, found.is_empty()) == ({"2": "bad_money:账户余额(元)"}, True)
