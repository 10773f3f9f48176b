"""People read Chinese or English; programs read the same codes in both."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.engine import parse
from entrepot.flows.asking import vocabulary
from entrepot.ledger import accounts
from entrepot.reports import REPORTS, Vocabulary
from entrepot.reports.words import COLUMNS, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.testing.sample_company import ImportedCompany

_REPORTS = ("gmv-bridge", "settlement-status", "exceptions-summary", "trial-balance")


def test_every_column_of_every_report_has_a_chinese_heading() -> None:
    wanted = set()
    for report in REPORTS:
        if report.name != "pnl":  # shown as a statement, whose lines have titles of their own
            text = resources.files("entrepot.reports").joinpath("sql", f"{report.name}.sql").read_text(encoding="utf-8")
            wanted |= set(parse(text, strict_output=True).output_names())
    assert wanted - set(COLUMNS) == set()


def test_every_kind_of_exception_has_words() -> None:
    text = resources.files("entrepot.ledger").joinpath("derived", "exceptions.sql").read_text(encoding="utf-8")
    kinds = set(re.findall(r"select '(\w+)' as kind", text))
    assert len(kinds) > 10
    assert kinds - set(KINDS) == set()


def test_every_account_is_chinese_on_a_chinese_page() -> None:
    say = Vocabulary("zh")
    assert [each.account for each in accounts() if say.value("account", each.account) != each.name_zh] == []


@pytest.mark.parametrize("name", _REPORTS)
def test_a_chinese_report_has_no_english_heading_and_no_code(
    run: Callable[..., Any], one_imported: ImportedCompany, name: str
) -> None:
    printed = run("report", name, "--lang", "zh", "--home", one_imported.parts.layout.home).out
    codes = {*KINDS, "tmall", "in_escrow", "settled", "wallet", "channel", "currency", "orders", "local", "account"}
    assert codes & set(re.findall(r"[a-z_]{3,}", re.sub(r"[a-z]+-[a-z-]+", "", printed))) == set()


@pytest.mark.parametrize("name", _REPORTS)
def test_programs_read_the_same_keys_and_codes_in_both_languages(
    run: Callable[..., Any], one_imported: ImportedCompany, name: str
) -> None:
    home = ("--home", one_imported.parts.layout.home)
    for form in ("--json", "--csv"):
        english, chinese = (run("report", name, "--lang", lang, form, *home).out for lang in ("en", "zh"))
        assert english == chinese
        assert re.search(r"[a-z]_[a-z]", english)


def test_the_settlement_report_says_tmall_and_settled_in_the_readers_words(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    home = ("--home", one_imported.parts.layout.home)
    chinese = run("report", "settlement-status", "--lang", "zh", *home).out
    assert re.search(r"天猫 +屿浔旗舰店 +CNY +已结算 ", chinese)
    assert "结算状态" in chinese
    english = run("report", "settlement-status", *home).out
    assert re.search(r"Tmall +屿浔旗舰店 +CNY +settled ", english)
    assert "settlement state" in english


def test_the_profit_and_loss_is_headed_by_titles_and_has_no_column_called_dash(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    home = ("--home", one_imported.parts.layout.home)
    by_channel = run("report", "pnl", *home).out
    assert {"Tmall", "Pinduoduo", "Shopify", "Amazon"} <= set(by_channel.split())
    assert "tmall" not in by_channel
    for lang, word in (("en", "not by SKU"), ("zh", "不分商品")):
        by_sku = run("report", "pnl", "--by", "sku", "--lang", lang, *home).out
        assert word in by_sku
        assert not re.search(r" - ", by_sku)


def test_lists_are_chinese_where_people_look(run: Callable[..., Any], one_imported: ImportedCompany) -> None:
    home = ("--home", one_imported.parts.layout.home)
    exceptions = run("exceptions", "list", "--lang", "zh", "--limit", "0", *home).out
    assert {"类型", "店铺", "金额", "币种", "原因", "列数不符", "长期未结算"} <= set(exceptions.split())
    assert "settlement_missing" not in exceptions
    files = run("files", "list", "--lang", "zh", *home).out
    assert {"文件名", "格式", "编码", "天猫订单报表"} <= set(files.split())
    shown = run("tables", "show", "orders", "--lang", "zh").out
    assert {"列", "数据级别", "含义", "假名化"} <= set(shown.split())
    assert json.loads(run("tables", "show", "orders", "--lang", "zh", "--json").out)["columns"][0]["class"]


def test_a_declared_format_does_not_rename_a_channel(one_imported: ImportedCompany) -> None:
    say = vocabulary(one_imported.parts, "zh")
    assert say.value("channel", "own_shop") == "自营店铺"
    assert say.value("channel", "alipay") == "支付宝"
    assert say.value("channel", "nosuch") == "nosuch"
    declared = [each.spec.name for each in one_imported.parts.connectors if each.texts is not None]
    assert declared
    assert set(declared) & set(say.channels) == set()


@pytest.mark.parametrize("name", ["pnl", *_REPORTS])
def test_rows_for_programs_come_in_one_order_whatever_the_engine_gives(
    run: Callable[..., Any], one_imported: ImportedCompany, name: str
) -> None:
    rows = json.loads(run("report", name, "--json", "--home", one_imported.parts.layout.home).out)["rows"]
    assert rows
    assert rows == sorted(rows, key=lambda row: [str(value) for value in row.values()])
