"""Descriptions of declared formats: each error names the word that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.declared import load_declared, read_description
from entrepot.connectors.declared.description import NEEDED, WORDS
from entrepot.connectors.errors import DeclarationInvalid

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = """\
format: mini_orders
table: orders
columns: {单号: order_id, 下单时间: placed_at, 数量: quantity, 单价: unit_price}
"""
LINES = """\
format: mini_lines
table: settlement_lines
columns: {时间: booked_at, 类型: kind, 金额: amount}
kinds: {收入: order_income}
"""


STATED = "{class: business, confirmed_by: Li Na, reason: counted, confirmed_on: 2026-11-01}"


def read(folder: Path, text: str) -> object:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return read_description(path)


def test_a_short_description_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(ORDERS, encoding="utf-8")
    found = read_description(path)
    assert (found.channel, found.currency, found.zone_hours, found.recognition) == ("own_shop", "CNY", 8, "shipped")
    assert (found.column_of("order_id"), found.column_of("paid")) == ("单号", None)


def test_every_column_has_the_class_of_its_word_or_the_one_that_was_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{ORDERS}personal: {{手机: phone}}\nclasses: {{数量: {STATED}}}\n", encoding="utf-8")
    (connector,) = load_declared(tmp_path)
    classes = {column.name: column.residency.value for column in connector.formats[0].columns}
    assert classes == {
        "单号": "pseudonymous",
        "下单时间": "operational",
        "数量": "business",
        "单价": "business",
        "手机": "personal",
    }


ZONES = {"Asia/Shanghai": 8, "Asia/Tokyo": 9, "UTC": 0, '"-03:00"': -3, '"+00:00"': 0, '"+14:00"': 14}


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_hours_ahead_of_utc(tmp_path: Path, zone: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{ORDERS}zone: {zone}\n", encoding="utf-8")
    assert read_description(path).zone_hours == ZONES[zone]


WRONG = {
    "no YAML": ("format: [", "a.yaml"),
    "an unknown key": (f"{ORDERS}colour: red\n", "colour"),
    "no format": (ORDERS.replace("format: mini_orders\n", ""), "format"),
    "a format with capitals": (ORDERS.replace("mini_orders", "MiniOrders"), "`format`"),
    "a format that is a word of SQL": (ORDERS.replace("mini_orders", "select"), "select"),
    "a format that is a relation of ours": (ORDERS.replace("mini_orders", "files"), "files"),
    "an unknown table": (ORDERS.replace("table: orders", "table: shipments"), "shipments"),
    "an unknown word": (
        ORDERS.replace("quantity}", "quantity, 颜色: colour}").replace("单价", "颜色: colour, 单价"),
        "colour",
    ),
    "a word of another table": (ORDERS.replace("单价", "类型: kind, 单价"), "kind"),
    "a word twice": (ORDERS.replace("单价", "编号: order_id, 单价"), "`order_id` is given twice"),
    "a word that is needed": (ORDERS.replace(", 数量: quantity", ""), "`quantity`"),
    "an unknown personal word": (f"{ORDERS}personal: {{地址: address}}\n", "`address`"),
    "a personal word twice": (f"{ORDERS}personal: {{手机: phone, 电话: phone}}\n", "`phone` is given twice"),
    "a header that is personal and not": (f"{ORDERS}personal: {{单号: phone}}\n", "`单号` is named twice"),
    "headers that differ by capitals": (ORDERS.replace("单价", "Id: line_id, ID: sku_id, 单价"), "`Id` is named twice"),
    "a header that is ours": (ORDERS.replace("单价", "raw_id: line_id, 单价"), "`raw_id`"),
    "an unknown state": (ORDERS.replace("单价", "状态: state, 单价") + "states: {好: fine}\n", "`fine`"),
    "states without a column": (f"{ORDERS}states: {{好: open}}\n", "`state`"),
    "an unknown kind": (LINES.replace("order_income", "income"), "`income`"),
    "kinds without a column": (LINES.replace("类型: kind, ", ""), "`kind`"),
    "settlement lines without kinds": (LINES.replace("kinds: {收入: order_income}\n", ""), "`kinds`"),
    "a class for a column that is not there": (f"{ORDERS}classes: {{备注: {STATED}}}\n", "`备注`, which is no column"),
    "a class that nobody knows": (f"{ORDERS}classes: {{数量: {STATED.replace('business', 'public')}}}\n", "`public`"),
    "no class": (f"{ORDERS}classes: {{数量: {STATED.replace('class: business, ', '')}}}\n", "`数量` has no class"),
    "a class that nobody confirmed": (f"{ORDERS}classes: {{数量: {STATED.replace('Li Na', '')}}}\n", "`confirmed_by`"),
    "a class without a reason": (f"{ORDERS}classes: {{数量: {STATED.replace('counted', '')}}}\n", "`reason`"),
    "a class without a day": (
        f"{ORDERS}classes: {{数量: {STATED.replace(', confirmed_on: 2026-11-01', '')}}}\n",
        "`confirmed_on`",
    ),
    "a number that is said to point at nobody": (
        f"{ORDERS}classes: {{单号: {STATED}}}\n",
        "`order_id`, which is pseudonymous and cannot be less",
    ),
    "a personal value that is said to be none": (
        f"{ORDERS}personal: {{手机: phone}}\nclasses: {{手机: {STATED}}}\n",
        "`phone`, which is personal and cannot be less",
    ),
    "a column that is said to be stricter than where it goes": (
        f"{ORDERS}classes: {{数量: {STATED.replace('business', 'personal')}}}\n",
        "reaches a table as operational: put it under `personal`, or leave the column out",
    ),
    "a channel with a blank": (f"{ORDERS}channel: own shop\n", "`channel`"),
    "a zone with summer time": (f"{ORDERS}zone: Europe/Berlin\n", "Europe/Berlin"),
    "half an hour": (f'{ORDERS}zone: "+05:30"\n', "+05:30"),
    "a zone that no place has": (f'{ORDERS}zone: "+99:00"\n', "+99:00"),
    "a currency in words": (f"{ORDERS}currency: yuan\n", "`currency`"),
    "a currency that is not known": (
        f"{ORDERS}currency: ZZZ\n",
        "currency ZZZ is not known; known: CNY, HKD, USD, EUR",
    ),
    "persons of settlement lines": (f"{LINES}personal: {{姓名: buyer_name}}\n", "`personal` is for orders"),
    "a currency from no column": (f"{ORDERS}currency: from_column\n", "`currency`"),
    "a column of currencies that would not be read": (ORDERS.replace("单价", "币种: currency, 单价"), "from_column"),
    "an unknown instant": (f"{ORDERS}recognition: someday\n", "someday"),
    "a rate below nothing": (f"{ORDERS}vat_rate_bp: -600\n", "`vat_rate_bp`"),
    "a rate over everything": (f"{ORDERS}vat_rate_bp: 60000\n", "`vat_rate_bp`"),
    "a rate in words": (f"{ORDERS}vat_rate_bp: six\n", "vat_rate_bp"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_names_the_word_and_the_file(tmp_path: Path, case: str) -> None:
    text, word = WRONG[case]
    with pytest.raises(DeclarationInvalid) as caught:
        read(tmp_path, text)
    assert word in str(caught.value)
    assert "a.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("table", "word"), [(table, word) for table, words in NEEDED.items() for word in sorted(words)]
)
def test_each_needed_word_is_missed(tmp_path: Path, table: str, word: str) -> None:
    columns = ", ".join(f"h_{each}: {each}" for each in WORDS[table] if each not in (word, "currency"))
    with pytest.raises(DeclarationInvalid) as caught:
        read(tmp_path, f"format: mini\ntable: {table}\ncolumns: {{{columns}}}\n")
    assert f"no column is `{word}`" in str(caught.value)


@pytest.mark.parametrize("name", ["tmall_orders", "tmall"])
def test_the_name_of_a_shipped_format_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.yaml").write_text(ORDERS.replace("mini_orders", name), encoding="utf-8")
    with pytest.raises(DeclarationInvalid) as caught:
        load_declared(tmp_path)
    assert name in str(caught.value)


def test_two_descriptions_cannot_have_one_name(tmp_path: Path) -> None:
    for file in ("a.yaml", "b.yaml"):
        (tmp_path / file).write_text(ORDERS, encoding="utf-8")
    with pytest.raises(DeclarationInvalid) as caught:
        load_declared(tmp_path)
    assert "b.yaml" in str(caught.value)
    assert "mini_orders" in str(caught.value)


def test_descriptions_are_loaded_in_order_of_name_and_a_missing_folder_has_none(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(LINES, encoding="utf-8")
    (tmp_path / "c.txt").write_text("no description", encoding="utf-8")
    assert [connector.spec.name for connector in load_declared(tmp_path)] == ["mini_lines", "mini_orders"]
    assert load_declared(tmp_path / "none") == ()
