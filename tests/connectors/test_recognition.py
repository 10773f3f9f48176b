"""Recognition of files by their header."""

from __future__ import annotations

import pytest

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.connectors.recognition import Recognised, Unrecognised, clean_header, recognise
from entrepot.connectors.registry import all_formats

FORMATS = {wire.name: wire for wire in all_formats()}


def shape(name: str, *columns: WireColumn) -> FileFormat:
    return FileFormat(name, "own", {"en": name}, "a test", columns)


def found(head: list[list[str]], *formats: FileFormat) -> Recognised:
    answer = recognise(head, formats or all_formats())
    assert isinstance(answer, Recognised)
    return answer


def full_header(name: str) -> list[str]:
    return [column.name for column in FORMATS[name].columns]


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_header_is_its_own_format(name: str) -> None:
    answer = found([full_header(name)])
    assert (answer.format.name, answer.header_index, answer.unknown, answer.unseen) == (name, 0, (), ())


@pytest.mark.parametrize("name", FORMATS)
def test_the_required_columns_alone_are_enough(name: str) -> None:
    assert found([sorted(FORMATS[name].required_names)]).format.name == name


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_of_the_columns_means_nothing(name: str) -> None:
    header = full_header(name)
    shuffled = header[1::2][::-1] + header[::2]
    answer = found([shuffled])
    assert answer.format.name == name
    assert answer.columns == tuple(shuffled)


@pytest.mark.parametrize("name", FORMATS)
def test_one_required_column_less_is_another_file(name: str) -> None:
    for missing in FORMATS[name].required_names:
        answer = recognise([[column for column in full_header(name) if column != missing]], [FORMATS[name]])
        assert isinstance(answer, Unrecognised)
        assert (answer.nearest, answer.missing, answer.extra) == (FORMATS[name], (missing,), ())


def test_the_header_may_stand_in_row_twenty() -> None:
    head = [[f"#{number}", "", "remark"] for number in range(19)]
    answer = found([*head, full_header("alipay_ledger"), ["1", "2"]])
    assert (answer.format.name, answer.header_index) == ("alipay_ledger", 19)


def test_of_two_headers_the_first_one_counts() -> None:
    header = full_header("tmall_orders")
    assert found([["title"], header, header]).header_index == 1


CLEANED = {
    "收货地址 ": "收货地址",
    "\ufeff订单编号": "订单编号",
    "\t订单号\t": "订单号",
    "\u00a0Name\u3000": "Name",
    '="订单编号"': "订单编号",
    "'订单编号": "订单编号",
    "`交易时间": "交易时间",
    "": "",
}


@pytest.mark.parametrize("cell", CLEANED, ids=range(len(CLEANED)))
def test_a_header_is_read_without_what_surrounds_it(cell: str) -> None:
    assert clean_header(cell) == CLEANED[cell]


@pytest.mark.parametrize(
    ("alias", "name"), [("收入（+元）", "收入金额（+元）"), ("支付宝流水号", "账务流水号"), ("入账时间", "发生时间")]
)
def test_another_spelling_is_the_same_column(alias: str, name: str) -> None:
    header = [alias if column == name else column for column in full_header("alipay_ledger")]
    answer = found([header])
    assert answer.format.name == "alipay_ledger"
    assert answer.columns[header.index(alias)] == name
    assert answer.unknown == ()


def test_unknown_and_unseen_columns_are_told() -> None:
    header = [*(column for column in full_header("tmall_order_lines") if column != "套餐信息"), "新列", ""]
    answer = found([header])
    assert (answer.unknown, answer.unseen) == (("新列",), ("套餐信息",))
    assert answer.columns[-2:] == (None, None)


def test_a_header_that_stands_twice_counts_once() -> None:
    answer = found([[*full_header("tmall_order_lines"), "价格"]])
    assert answer.columns.count("价格") == 1
    assert (answer.columns[-1], answer.unknown, answer.repeated) == (None, (), ((10, "价格"),))


WIDE = shape("wide", WireColumn("a", required=True), WireColumn("b"), WireColumn("c"))
NARROW = shape("narrow", WireColumn("a", required=True), WireColumn("b"))
OTHER = shape("other", WireColumn("x", required=True), WireColumn("y", required=True), WireColumn("z", required=True))


@pytest.mark.parametrize("formats", [(WIDE, NARROW), (NARROW, WIDE)], ids=["wide first", "narrow first"])
def test_of_two_formats_that_fit_the_one_that_explains_more_wins(formats: tuple[FileFormat, ...]) -> None:
    assert found([["a", "b", "c"]], *formats).format.name == "wide"


@pytest.mark.parametrize("formats", [(WIDE, NARROW), (NARROW, WIDE)], ids=["wide first", "narrow first"])
def test_of_two_that_explain_the_same_the_one_with_fewer_unseen_columns_wins(formats: tuple[FileFormat, ...]) -> None:
    assert found([["a", "b"]], *formats).format.name == "narrow"


def test_a_row_that_explains_more_wins_over_an_earlier_one() -> None:
    answer = found([["a"], ["a", "b", "c"]], WIDE)
    assert answer.header_index == 1


def test_the_nearest_format_is_told_with_what_differs() -> None:
    answer = recognise([["title"], ["x", "y", "new", ""]], [WIDE, OTHER])
    assert isinstance(answer, Unrecognised)
    assert (answer.nearest, answer.missing, answer.extra) == (OTHER, ("z",), ("new",))


@pytest.mark.parametrize("head", [[["x", "colour"]], [["x", "colour", "shape"]], [["y", "shape"]]])
def test_one_column_in_common_or_less_than_half_of_what_is_needed_is_not_near(head: list[list[str]]) -> None:
    four = shape("four", *(WireColumn(name, required=True) for name in "xpqr"), WireColumn("colour"))
    answer = recognise(head, [WIDE, OTHER, four])
    assert isinstance(answer, Unrecognised)
    assert answer.nearest is None


@pytest.mark.parametrize("head", [[], [[]], [["", ""]], [["colour", "shape"], ["red", "round"]]])
def test_nothing_in_common_has_no_nearest_format(head: list[list[str]]) -> None:
    answer = recognise(head, [WIDE, OTHER])
    assert isinstance(answer, Unrecognised)
    assert (answer.nearest, answer.missing, answer.extra) == (None, (), ())
