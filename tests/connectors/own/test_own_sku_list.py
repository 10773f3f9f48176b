"""The merchant's own list of SKUs, with costs by date."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADER = (
    "sku_id,name,name_en,brand,category,unit_cost,currency,valid_from,vat_rate,tax_code,hs_code,unit,pack_count,net_weight_g,"
    "shelf_life_days,sensitivity"
)
CHINESE_HEADER = "商家编码,商品名称,英文名称,品牌,类目,单位成本,币种,生效日期,增值税率,税收分类编码,海关编码,单位,包装数量,净重克,保质期天数,敏感类别"
SHORT_HEADER = "SKU,名称,成本,币种,生效日期,税率"
PLAIN = {
    "sku_id": "SKU-A-RED",
    "name": "测试商品",
    "name_en": "Sample",
    "brand": "虚构",
    "category": "护肤",
    "unit_cost": "12.50",
    "currency": "CNY",
    "valid_from": "2026-01-01",
    "vat_rate": "13",
    "tax_code": "1070222990000000000",
    "hs_code": "3304990099",
    "unit": "瓶",
    "pack_count": "1",
    "net_weight_g": "250",
    "shelf_life_days": "1095",
    "sensitivity": "none",
}
SHOWN = """
    sku_id    | name     | name_en | brand | category | vat_rate_bp | tax_code            | hs_code    | unit | pack_count | net_weight_g | shelf_life_days | sensitivity
    SKU-A-RED | 测试商品 | Sample  | 虚构  | 护肤     | 1300        | 1070222990000000000 | 3304990099 | 瓶   | 1          | 250          | 1095            | none
"""


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "skus.csv"))


def numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"sku_id": f"SKU-{number}", **row} for number, row in enumerate(rows)]


def test_a_row_describes_a_sku_and_its_cost() -> None:
    found = read({})
    assert (found.formats, found.rejects) == ({"skus.csv": "own_sku_list"}, {})
    found.shows("skus", SHOWN)
    found.shows(
        "sku_costs",
        "sku_id | valid_from | currency | cost_minor | method\nSKU-A-RED | 2026-01-01 | CNY | 1250 | standard",
    )


def test_chinese_headers_say_the_same() -> None:
    names = dict(zip(HEADER.split(","), CHINESE_HEADER.split(","), strict=True))
    found = translated(
        CaseFile(
            lines_of(CHINESE_HEADER, {names[name]: cell for name, cell in PLAIN.items()}, {}), "资料.csv", "gb18030"
        )
    )
    assert (found.formats, found.rejects) == ({"资料.csv": "own_sku_list"}, {})
    found.shows("skus", SHOWN)
    found.shows("sku_costs", "sku_id | valid_from | cost_minor\nSKU-A-RED | 2026-01-01 | 1250")


def test_a_short_list_with_the_other_spellings() -> None:
    text = f"{SHORT_HEADER}\r\nSKU-B,乙,8,CNY,2026/01/01,9%\r\n"
    found = translated(CaseFile(text, "short.csv"))
    found.shows("skus", "sku_id | name | vat_rate_bp | sensitivity\nSKU-B | 乙 | 900 | none")
    found.shows("sku_costs", "sku_id | valid_from | cost_minor\nSKU-B | 2026-01-01 | 800")


def test_costs_from_different_days_on_are_a_history_and_the_newest_row_describes_the_sku(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (
        {"valid_from": "2026-09-01", "unit_cost": "13.10", "name": "新名"},
        {},
        {"sku_id": "SKU-B", "unit_cost": ""},
    )
    cell = imported(tmp_path, [CaseFile(lines_of(HEADER, PLAIN, *rows), "skus.csv")])
    cell.shows(
        "sku_costs",
        "sku_id | valid_from | cost_minor\nSKU-A-RED | 2026-01-01 | 1250\nSKU-A-RED | 2026-09-01 | 1310",
    )
    cell.shows("skus", "sku_id | name\nSKU-A-RED | 新名\nSKU-B | 测试商品")


def test_a_workbook_gives_the_same_costs(tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, day = book.add_worksheet("SKU"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADER.split(","))
    for column, (name, cell) in enumerate(PLAIN.items()):
        if name in ("unit_cost", "vat_rate", "pack_count", "net_weight_g", "shelf_life_days"):
            sheet.write_number(1, column, float(cell))
        elif name == "valid_from":
            sheet.write_number(1, column, 46023, day)
        else:
            sheet.write_string(1, column, cell)
    book.close()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "skus.xlsx").write_bytes(out.getvalue())
    home = tmp_path / "cell"
    home.mkdir()
    company = Imported(home, (import_paths(open_cell(home), [tmp_path / "files"]),))
    assert company.rejects() == {}
    company.shows("skus", SHOWN)
    company.shows("sku_costs", "sku_id | valid_from | cost_minor\nSKU-A-RED | 2026-01-01 | 1250")


RATES = {
    "13": "1300",
    "13%": "1300",
    "13.00": "1300",
    "9": "900",
    "6.5": "650",
    "0": "0",
    "0%": "0",
    "": "",
    "1": "100",
}


@pytest.fixture(scope="module")
def rates() -> Translated:
    return read(*numbered({"vat_rate": rate} for rate in RATES))


@pytest.mark.parametrize("rate", RATES, ids=[rate or "none" for rate in RATES])
def test_the_vat_rate_is_a_percentage(rates: Translated, rate: str) -> None:
    rates.shows("skus", f"vat_rate_bp | sensitivity\n{RATES[rate]} | none", row=row_of(RATES, rate))


COSTS = {
    "two digits": ("CNY", "12.5", "1250"),
    "two digits and zeros": ("USD", "12.5000", "1250"),
    "no digits": ("JPY", "1200", "1200"),
    "no digits and zeros": ("KRW", "1200.00", "1200"),
    "three digits": ("KWD", "1.234", "1234"),
    "free": ("CNY", "0", "0"),
}


@pytest.fixture(scope="module")
def costs() -> Translated:
    return read(*numbered({"currency": currency, "unit_cost": cost} for currency, cost, _ in COSTS.values()))


@pytest.mark.parametrize("case", COSTS)
def test_a_cost_has_the_digits_of_its_currency(costs: Translated, case: str) -> None:
    currency, _, minor = COSTS[case]
    costs.shows("sku_costs", f"currency | cost_minor\n{currency} | {minor}", row=row_of(COSTS, case))


DAYS = ("2026-09-01", "2026/9/1", "2026-9-1", "2026.9.1", "2026年9月1日", "20260901", "2026/9/1 0:00")


@pytest.fixture(scope="module")
def days() -> Translated:
    return read(*numbered({"valid_from": day} for day in DAYS))


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_read_as_spreadsheets_write_it(days: Translated, day: str) -> None:
    days.shows("sku_costs", "valid_from | cost_minor\n2026-09-01 | 1250", row=row_of(DAYS, day))


def test_a_cost_with_grouped_thousands_is_read() -> None:
    found = read({"unit_cost": "1,250.00"}, {"sku_id": "SKU-B", "unit_cost": "1,250", "currency": "JPY"})
    found.shows("sku_costs", "currency | cost_minor\nCNY | 125000\nJPY | 1250")


def test_two_costs_of_one_day_are_both_quarantined_however_the_day_is_written(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (
        {},
        {"valid_from": "2026/1/1", "unit_cost": "13.00"},
        {"sku_id": "SKU-B"},
        {"sku_id": "SKU-B"},
    )
    cell = imported(tmp_path, [CaseFile(lines_of(HEADER, PLAIN, *rows), "skus.csv")])
    assert cell.rejects() == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}
    cell.shows("sku_costs", "sku_id | cost_minor\nSKU-B | 1250")


@pytest.mark.parametrize("currency", [row["currency"] for row in code_list("own", "currencies")])
def test_every_currency_of_the_list_has_its_digits(currency: str) -> None:
    digits = {row["currency"]: row["digits"] for row in code_list("own", "currencies")}
    assert digits[currency] == {"JPY": "0", "KRW": "0", "VND": "0", "KWD": "3"}.get(currency, "2")


def test_a_missing_cost_is_no_cost_and_never_zero() -> None:
    found = read({"unit_cost": "", "currency": "", "valid_from": ""}, {"unit_cost": "", "sku_id": "SKU-B"})
    assert found.rejects == {}
    found.shows("skus", "sku_id | name\nSKU-A-RED | 测试商品\nSKU-B | 测试商品")
    assert not found.tables["sku_costs"]


@pytest.mark.parametrize("word", [row["sensitivity"] for row in code_list("own", "sensitivities")])
def test_every_sensitivity_is_understood(word: str) -> None:
    read({"sensitivity": word}).shows("skus", f"sensitivity | sku_id\n{word} | SKU-A-RED")


REFUSED = {
    "no SKU": ({"sku_id": ""}, "bad_id:sku_id"),
    "a ruined SKU": ({"sku_id": "6.9E+12"}, "ruined_id:sku_id"),
    "a cost from no day on": ({"valid_from": ""}, "bad_time:valid_from"),
    "a month for a day": ({"valid_from": "2026-01"}, "bad_time:valid_from"),
    "a day that does not exist": ({"valid_from": "2026-02-30"}, "bad_time:valid_from"),
    "a day without a cost that is none": ({"unit_cost": "", "valid_from": "soon"}, "bad_time:valid_from"),
    "a cost in words": ({"unit_cost": "十二"}, "bad_money:unit_cost"),
    "a cost below nothing": ({"unit_cost": "-1"}, "bad_money:unit_cost"),
    "more digits than the currency has": ({"unit_cost": "12.505"}, "bad_money:unit_cost"),
    "a comma that is no group": ({"unit_cost": "12,50"}, "bad_money:unit_cost"),
    "a comma that could be a decimal one": ({"unit_cost": "1,250", "currency": "KWD"}, "bad_money:unit_cost"),
    "a day the American way": ({"valid_from": "9/1/2026"}, "bad_time:valid_from"),
    "half a yen": ({"unit_cost": "12.5", "currency": "JPY"}, "bad_money:unit_cost"),
    "an unknown currency": ({"currency": "ZZZ"}, "unknown_code:currency:ZZZ"),
    "a cost in no currency": ({"currency": ""}, "unknown_code:currency:"),
    "a rate in words": ({"vat_rate": "免税"}, "bad_number:vat_rate"),
    "a fraction where a percentage is meant": ({"vat_rate": "0.13"}, "bad_number:vat_rate"),
    "a rate below nothing": ({"vat_rate": "-13"}, "bad_number:vat_rate"),
    "a rate in basis points": ({"vat_rate": "1300"}, "bad_number:vat_rate"),
    "half a pack": ({"pack_count": "0.5"}, "bad_number:pack_count"),
    "a weight with its unit": ({"net_weight_g": "250g"}, "bad_number:net_weight_g"),
    "a shelf life in years": ({"shelf_life_days": "3年"}, "bad_number:shelf_life_days"),
    "an unknown sensitivity": ({"sensitivity": "secret"}, "unknown_code:sensitivity:secret"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*numbered(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
