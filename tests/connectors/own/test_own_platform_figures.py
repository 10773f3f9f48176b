"""Figures that somebody copied from a seller centre."""

from __future__ import annotations

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

HEADER = "channel,shop,period,measure,amount,currency,figure_source"
PLAIN = {
    "channel": "tmall",
    "shop": "flagship",
    "period": "2026-09",
    "measure": "paid",
    "amount": "1,250.00",
    "currency": "CNY",
    "figure_source": "business adviser",
}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "figures.csv"))


def test_a_figure_is_of_a_month_or_of_a_day() -> None:
    found = read({}, {"period": "2026/9/11", "measure": "placed"}, {"period": "2026年8月", "measure": "refunded"})
    assert (found.formats, found.rejects) == ({"figures.csv": "own_platform_figures"}, {})
    found.shows(
        "stated_figures",
        """
        platform | shop     | month   | stated_for | measure  | currency | amount_minor | figure_source
        tmall    | flagship | 2026-09 | 2026-09    | paid     | CNY      | 125000       | business adviser
        tmall    | flagship | 2026-09 | 2026-09-11 | placed   | CNY      | 125000       | business adviser
        tmall    | flagship | 2026-08 | 2026-08    | refunded | CNY      | 125000       | business adviser
    """,
    )


def test_chinese_headers_and_measures_are_the_same_list() -> None:
    text = "平台,店铺,期间,指标,金额,币种\ntmall,旗舰店,2026-09,支付金额,80.00,CNY\n"
    found = translated(CaseFile(text, "后台数据.csv", "gb18030"))
    found.shows("stated_figures", "shop | measure | amount_minor\n旗舰店 | paid | 8000")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"channel": "Tmall"}, "unknown_code:channel:Tmall"),
        ({"shop": ""}, "missing_value:shop"),
        ({"period": "2026-13"}, "bad_time:period"),
        ({"period": "September"}, "bad_time:period"),
        ({"measure": "visitors"}, "unknown_code:measure:visitors"),
        ({"amount": "about 80"}, "bad_money:amount"),
        ({"currency": "RMB"}, "unknown_code:currency:RMB"),
    ],
)
def test_a_doubtful_figure_is_refused(facts: dict[str, str], reason: str) -> None:
    assert list(read(facts).rejects.values()) == [reason]


MEASURES = {
    "placed": "placed",
    "下单金额": "placed",
    "拍下金额": "placed",
    "paid": "paid",
    "支付金额": "paid",
    "成交金额": "paid",
    "refunded": "refunded",
    "退款金额": "refunded",
    "成功退款金额": "refunded",
}


def test_every_word_for_a_measure_is_known() -> None:
    days = {word: f"2026-09-{number:02d}" for number, word in enumerate(MEASURES, start=1)}
    found = read(*({"period": day, "measure": word} for word, day in days.items()))
    assert found.rejects == {}
    shown = {row["stated_for"]: row["measure"] for row in found.tables["stated_figures"]}
    assert shown == {days[word]: measure for word, measure in MEASURES.items()}
    assert {row["word"] for row in code_list("own", "measures")} == set(MEASURES)
