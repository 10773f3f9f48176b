"""What is replaced in a file when a person is erased, by what, and what is left alone."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from entrepot.connectors.reading import open_tabular
from entrepot.connectors.reading.tabular import cell_text
from entrepot.residency.matching import bytes_pattern, words_pattern
from entrepot.residency.redaction import UNKNOWN, CellRule, OwnOrder, Plan, Redactor, Secret
from entrepot.residency.text_files import TextForm, redact_text
from entrepot.residency.workbooks import redact_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

_ORDER = CellRule(is_reference=True)
_NICK = CellRule(kind="account")
_NAME = CellRule(kind="name")
_PHONE = CellRule(kind="mobile")
_AMOUNT = CellRule(is_amount=True)
_TITLE = CellRule()
_REMARK = CellRule(is_loose=True, is_text=True, may_break=True)
_READ_REMARK = CellRule(is_text=True, may_break=True)
_RULES = (_ORDER, _NICK, _NAME, _PHONE, _AMOUNT, _TITLE, _REMARK, _READ_REMARK)
_HEADER = ("order", "nick", "name", "phone", "amount", "title", "message", "remark")
_ZHANG = ("28000001", "张小鱼88", "张小鱼", "13800001111", "59.00", "茶", "请放门口", "货到付款")
_LI = ("28000002", "lily_li", "李丽", "13900002222", "60.00", "茶", "送给 张小鱼 13800001111", "张小鱼介绍")

_PLAN = Plan(
    "erasure-1",
    ("key",),
    (
        Secret("张小鱼88", "account", "buyer", 2, is_exclusive=True),
        Secret("张小鱼", "name", "buyer", 3, is_exclusive=True),
        Secret("13800001111", "mobile", "buyer", 4, is_exclusive=True),
    ),
    (OwnOrder("28000001", "our shop", in_shop_only=False),),
    1,
)
_ZHANG_ERASED = (
    "28000001",
    "[erased:account:2]",
    "[erased:name:3]",
    "[erased:mobile:4]",
    "59.00",
    "茶",
    "[erased:text:1]",
    "货到付款",
)
_LI_AFTERWARDS = (*_LI[:6], "送给 [erased:name:3] [erased:mobile:4]", "[erased:name:3]介绍")


def _redactor(plan: Plan = _PLAN, rules: Sequence[CellRule] = _RULES) -> Redactor:
    return Redactor(plan, rules, "our shop")


def _row(cells: Sequence[str], plan: Plan = _PLAN) -> tuple[str, ...]:
    return tuple(_redactor(plan).row(cells))


def _csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def test_a_persons_row_keeps_number_amount_and_goods_and_what_others_wrote_loses_the_person() -> None:
    assert _row(_ZHANG) == _ZHANG_ERASED
    assert _row(_LI) == _LI_AFTERWARDS


def test_a_row_that_no_order_names_is_the_persons_by_account_or_phone() -> None:
    assert _row(("", *_ZHANG[1:])) == ("", *_ZHANG_ERASED[1:])
    by_phone = _row(("", "somebody", "张小鱼", "13800001111", "1.00", "茶", "", ""))
    assert by_phone == ("", "[erased:account:1]", "[erased:name:3]", "[erased:mobile:4]", "1.00", "茶", "", "")


def test_a_value_that_somebody_else_has_too_goes_from_the_persons_own_rows_only() -> None:
    shared = Secret("13800001111", "mobile", "buyer", 4, is_exclusive=False)
    plan = Plan("erasure-1", (), (*_PLAN.secrets[:2], shared), _PLAN.orders, 1)
    assert _row(_ZHANG, plan) == _ZHANG_ERASED
    wife = ("28000003", "fish_wife", "王海", "13800001111", "1.00", "茶", "", "")
    assert _row(wife, plan) == wife


def test_a_number_within_a_longer_number_is_another_number() -> None:
    row = ("28000002", "lily_li", "李丽", "13900002222", "60.00", "茶", "913800001111 138000011119", "x13800001111")
    assert _row(row) == row
    assert _row((*row[:6], "电话13800001111。", "")) == (*row[:6], "电话[erased:mobile:4]。", "")


def test_a_name_in_the_title_of_goods_stays_and_a_phone_there_goes() -> None:
    row = ("28000002", "lily_li", "李丽", "13900002222", "60.00", "张小鱼干 13800001111", "", "")
    assert _row(row)[5] == "张小鱼干 [erased:mobile:4]"


def test_an_order_number_of_another_shop_is_another_order() -> None:
    plan = Plan("erasure-1", (), (), (OwnOrder("1001", "their shop", in_shop_only=True),), 1)
    row = ("1001", "nick", "name", "phone", "1.00", "tea", "", "")
    assert _row(row, plan) == row
    assert tuple(Redactor(plan, _RULES, "their shop").row(row))[1:4] == (
        "[erased:account:1]",
        "[erased:name:1]",
        "[erased:mobile:1]",
    )


def test_a_file_of_several_shops_may_have_the_order_of_any_of_them() -> None:
    plan = Plan("erasure-1", (), (), (OwnOrder("1001", "their shop", in_shop_only=True),), 1)
    made = Redactor(plan, _RULES, "").row(("1001", "nick", "name", "phone", "1.00", "tea", "", ""))
    assert tuple(made)[1:4] == ("[erased:account:1]", "[erased:name:1]", "[erased:mobile:1]")


def test_in_a_row_that_cannot_be_read_all_text_of_the_person_goes_and_the_number_of_cells_stays() -> None:
    broken = ("28000001", "张小鱼88", "another name", "59.00", "2026-09-01 12:00:00")
    assert _row(broken) == ("28000001", "[erased:text:1]", "[erased:text:1]", "59.00", "2026-09-01 12:00:00")
    others = ("28000002", "lily_li", "tell 张小鱼")
    assert _row(others) == ("28000002", "lily_li", "tell [erased:name:3]")


def test_a_column_that_nobody_knows_counts_as_text_about_the_person() -> None:
    made = _redactor(rules=(_ORDER, UNKNOWN)).row(("28000001", "left with the neighbour"))
    assert made == ["28000001", "[erased:text:1]"]


def test_what_made_a_row_refused_is_still_there_so_that_it_does_not_heal() -> None:
    for mark in ("\ufffd", "\x00", "\udcff"):
        assert _row((_ZHANG[0], _ZHANG[1], f"张{mark}", *_ZHANG[3:]))[2] == f"[erased:name:1]{mark}"
    assert _row((_ZHANG[0], _ZHANG[1], "张\n小", *_ZHANG[3:]))[2] == "[erased:name:1]\n."
    swallowed = "a\n" + "b," * 7
    assert _row((*_ZHANG[:6], swallowed, ""))[6] == "[erased:text:1]\n,,,,,,,."
    assert _row((*_ZHANG[:6], "two\nlines", ""))[6] == "[erased:text:1]"


def test_an_erasure_may_run_twice() -> None:
    redactor = _redactor()
    assert tuple(redactor.row(_ZHANG_ERASED)) == _ZHANG_ERASED
    assert redactor.cells == 0


def test_talents_and_the_shops_own_people_in_a_buyers_row_are_left_alone() -> None:
    talent, staff = CellRule(kind="name", whose="talent"), CellRule(kind="name", whose="staff")
    made = _redactor(rules=(_ORDER, _NAME, talent, staff)).row(("28000001", "张小鱼", "达人甲", "客服乙"))
    assert made == ["28000001", "[erased:name:3]", "达人甲", "客服乙"]
    plan = Plan("erasure-1", (), (Secret("达人甲", "name", "talent", 2, is_exclusive=True),), (), 1)
    made = Redactor(plan, (_ORDER, _NAME, talent, staff), "").row(("28000001", "张小鱼", "达人甲", "客服乙"))
    assert made == ["28000001", "张小鱼", "[erased:name:2]", "客服乙"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_text_file_of_any_encoding_is_the_same_but_for_the_persons_cells(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [_HEADER, _ZHANG, _LI] + [(f"2900000{n}", *_LI[1:6], "好", "") for n in range(9)]
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(_csv(rows, delimiter).encode(encoding))
    (opened,) = open_tabular(source, "in.csv")
    form = TextForm(opened.encoding, opened.delimiter, opened.unbalanced_quotes)
    cells = redact_text(source, target, form, _PLAN, _redactor())
    assert target.read_bytes() == _csv([_HEADER, _ZHANG_ERASED, _LI_AFTERWARDS, *rows[3:]], delimiter).encode(encoding)
    assert cells == 6


def test_wrappings_quotes_and_line_ends_stay_as_they_were(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    before = (
        b'order,nick,name,phone,amount,title,message,remark\n"=""28000001""","\xe5\xbc\xa0\xe5\xb0\x8f\xe9\xb1\xbc88",'
        b'\t\xe5\xbc\xa0\xe5\xb0\x8f\xe9\xb1\xbc ,\'13800001111,59.00,"5"" tea","two\r\nlines, ""fast""",\r'
        b'28000009,5" x,y,z,1.00,tea,,\r\n'
    )
    source.write_bytes(before)
    redact_text(source, target, TextForm("utf-8-sig", ",", unbalanced_quotes=False), _PLAN, _redactor())
    assert target.read_bytes() == (
        b'order,nick,name,phone,amount,title,message,remark\n"=""28000001""","[erased:account:2]",'
        b'\t[erased:name:3] ,\'[erased:mobile:4],59.00,"5"" tea","[erased:text:1]",\r'
        b'28000009,5" x,y,z,1.00,tea,,\r\n'
    )


def test_bytes_of_no_encoding_survive_where_they_are_not_the_persons(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes("28000001,张小鱼88,,,1.00,".encode() + b"\xff\xfe,,\n")
    redact_text(source, target, TextForm("utf-8-sig", ",", unbalanced_quotes=False), _PLAN, _redactor())
    assert target.read_bytes() == b"28000001,[erased:account:2],,,1.00,\xff\xfe,,\n"


def test_a_workbook_keeps_numbers_days_and_sheets_and_loses_the_person_everywhere(tmp_path: Path) -> None:
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    with xlsxwriter.Workbook(str(source)) as book:
        book.set_properties({"author": "张小鱼"})
        sheet = book.add_worksheet("orders")
        for at, row in enumerate((_HEADER, _ZHANG, _LI)):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
        sheet.write_number(1, 4, 59.05)
        sheet.write_comment(1, 0, "张小鱼88")
        book.add_worksheet("notes").write_string(3, 2, "call 13800001111")
    sheets = {"orders": _RULES, "notes": ()}
    cells = redact_workbook(source, target, lambda name: _redactor(rules=sheets[name]), cell_text)
    assert cells == 7
    book = CalamineWorkbook.from_path(target)
    assert book.sheet_names == ["orders", "notes"]
    rows = book.get_sheet_by_name("orders").to_python()
    assert tuple(rows[1]) == (*_ZHANG_ERASED[:4], 59.05, *_ZHANG_ERASED[5:])
    assert tuple(rows[2]) == _LI_AFTERWARDS
    assert book.get_sheet_by_name("notes").to_python(skip_empty_area=False)[3][2] == "call [erased:mobile:4]"
    assert "张小鱼88" not in target.read_bytes().decode("utf-8", errors="replace")


def test_many_texts_are_found_in_one_pass_and_of_two_the_longer_one() -> None:
    texts = [f"虚构{number:04d}".encode() for number in range(2_000)] + ["虚构".encode(), b"a.b"]
    pattern = bytes_pattern(texts)
    assert pattern is not None
    found = [match[0].decode() for match in pattern.finditer("x虚构1999y虚构z a.b acb".encode())]
    assert found == ["虚构1999", "虚构", "a.b"]
    assert bytes_pattern([]) is None
    words = words_pattern(["ab", "abc"])
    assert words is not None
    assert words.findall("ab abc abcd xab") == ["ab", "abc"]


def test_a_clear_phone_goes_from_anybodys_address_and_a_masked_one_or_a_name_stays_there() -> None:
    address = CellRule(kind="address")
    masked = Secret("138****1111", "mobile", "buyer", 5, is_exclusive=True)
    plan = Plan("erasure-1", (), (*_PLAN.secrets, masked), _PLAN.orders, 1)
    cells = ("28000002", "张小鱼路1号 转13800001111", "$$138****1111")
    made = _redactor(plan, (_ORDER, address, _PHONE)).row(cells)
    assert made == ["28000002", "张小鱼路1号 转[erased:mobile:4]", "$$138****1111"]
