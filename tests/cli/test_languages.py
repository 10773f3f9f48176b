"""People read Chinese or English; programs read the same codes in both."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import entrepot
from entrepot.connectors.registry import all_formats
from entrepot.engine import parse
from entrepot.flows.asking import vocabulary
from entrepot.ledger import accounts
from entrepot.reports import REPORTS, Vocabulary
from entrepot.reports.words import COLUMNS, KINDS
from entrepot.testing.small_files import Move, Sale, alipay_text, tmall_text

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


def test_every_reason_of_a_refused_row_has_words() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(entrepot.__file__).parent.rglob("mapping/rows/*.sql")]
    reasons = {each for text in texts for each in re.findall(r"^\s+when .* then '(\w+):", text, flags=re.MULTILINE)}
    reasons |= {"wrong_columns", "undecodable", "nul_byte", "unclosed_quote", "ruined_id", "contradicting_rows"}
    reasons -= {"same_person", "amazon"}
    say = Vocabulary("zh")
    assert len(reasons) > 15
    assert sorted(reason for reason in reasons if say.shown("cause", f"{reason}:x") == f"{reason}:x") == []


def test_every_total_that_a_file_states_has_words() -> None:
    say = Vocabulary("zh")
    names = {total.name for wire in all_formats() for total in wire.totals}
    assert len(names) > 4
    assert sorted(name for name in names if say.shown("cause", name) == name) == []


def test_what_was_doubtful_in_an_import_is_chinese_where_it_is_asked(run: Callable[..., Any], tmp_path: Path) -> None:
    text = alipay_text([Move("A1", "1", "在线支付", 1_234_00)]).replace("共1234.00元", "共1300.00元")
    (tmp_path / "ledger.csv").write_text(text, encoding="gb18030")
    broken = tmall_text([Sale("1000000001", 100_00), Sale("1000000002", 1_00)]).replace("1000000002", "1.00E+18")
    (tmp_path / "orders.csv").write_text(broken, encoding="gb18030")
    asked = ("import", tmp_path / "ledger.csv", tmp_path / "orders.csv", "--home", tmp_path / "home")
    printed = run(*asked, "--lang", "zh").out
    assert "! ledger.csv：文件自带的收入合计为 1,300.00，各行合计为 1,234.00" in printed
    assert "! orders.csv：已隔离 1 × 编号被表格软件损坏" in printed
    assert "the file states income_sum 1,300.00, its rows give 1,234.00" in run(*asked).out
    looked = run("audit", tmp_path, "--lang", "zh").out
    assert "! ledger.csv: 文件自带合计 不一致: 收入合计 1,300.00 / 1,234.00" in looked
    assert "! orders.csv: 1 × 编号被表格软件损坏" in looked


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
