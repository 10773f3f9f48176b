"""Exchange rates as a bank or the People's Bank of China lists them."""

from __future__ import annotations

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

HEADER = "date,base_currency,quote_currency,rate,units,rate_source"
PLAIN = {"date": "2026-09-30", "base_currency": "USD", "quote_currency": "CNY", "rate": "7.0214", "rate_source": "PBOC"}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "rates.csv"))


def test_a_rate_is_for_one_unit_of_the_base_currency() -> None:
    found = read({}, {"base_currency": "JPY", "rate": "4.7211", "units": "100"})
    assert (found.formats, found.rejects) == ({"rates.csv": "own_fx_rates"}, {})
    found.shows(
        "listed_rates",
        """
        base_currency | quote_currency | rate_on    | rate_source | rate_e9
        USD           | CNY            | 2026-09-30 | PBOC        | 7021400000
        JPY           | CNY            | 2026-09-30 | PBOC        | 47211000
    """,
    )


def test_chinese_headers_are_the_same_list_and_a_list_without_a_source_is_the_companys_own() -> None:
    found = translated(CaseFile("日期,外币,本币,中间价\n2026/9/30,EUR,CNY,8.2013\n", "汇率.csv", "gb18030"))
    found.shows("listed_rates", "base_currency | rate_source | rate_e9\nEUR | own | 8201300000")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"date": "30/09/2026"}, "bad_time:date"),
        ({"base_currency": "XXX"}, "unknown_code:base_currency:XXX"),
        ({"quote_currency": "RMB"}, "unknown_code:quote_currency:RMB"),
        ({"quote_currency": "USD"}, "inconsistent_code:quote_currency"),
        ({"rate": "7,0214"}, "bad_number:rate"),
        ({"rate": "0"}, "bad_number:rate"),
        ({"rate": "-7"}, "bad_number:rate"),
        ({"units": "hundred"}, "bad_number:units"),
        ({"rate_source": "Bank: Hangzhou"}, "bad_id:rate_source"),
    ],
)
def test_a_doubtful_rate_is_refused(facts: dict[str, str], reason: str) -> None:
    found = read(facts)
    assert list(found.rejects.values()) == [reason]


def test_every_currency_may_be_priced() -> None:
    currencies = [row["currency"] for row in code_list("own", "currencies") if row["currency"] != "CNY"]
    found = read(*({"base_currency": code} for code in currencies))
    assert {row["base_currency"] for row in found.tables["listed_rates"]} == set(currencies)
