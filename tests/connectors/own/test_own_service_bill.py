"""Express, warehouse and agency bills as people bring them."""

from __future__ import annotations

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

HEADER = "bill,vendor,kind,date,amount,vat,currency,entity,channel,shop,order_id"
PLAIN = {
    "bill": "SF-2026-09",
    "vendor": "顺丰",
    "kind": "express",
    "date": "2026-09-12",
    "amount": "10.60",
    "vat": "0.60",
    "currency": "CNY",
    "channel": "tmall",
    "shop": "flagship",
    "order_id": "2800000000000000001",
}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "bill.csv"))


def test_a_line_is_an_amount_with_its_tax_for_an_order_or_a_shop() -> None:
    found = read({}, {"kind": "仓储费", "amount": "1,060.00", "vat": "", "order_id": ""})
    assert (found.formats, found.rejects) == ({"bill.csv": "own_service_bill"}, {})
    found.shows(
        "service_bill_lines",
        """
        bill_no    | line_no | vendor | service   | billed_on  | amount_minor | vat_minor | shop     | order_id
        SF-2026-09 | 1       | 顺丰   | express   | 2026-09-12 | 1060         | 60        | flagship | 2800000000000000001
        SF-2026-09 | 2       | 顺丰   | warehouse | 2026-09-12 | 106000       | 0         | flagship |
    """,
    )


def test_chinese_headers_are_the_same_list() -> None:
    text = "账单号,供应商,费用类型,日期,含税金额,税额,币种,平台,店铺\nTP-1,某代运营,代运营,2026/9/30,5300,300,CNY,tmall,flagship\n"
    found = translated(CaseFile(text, "账单.csv", "gb18030"))
    found.shows("service_bill_lines", "service | amount_minor | vat_minor\nagency | 530000 | 30000")


@pytest.mark.parametrize("row", code_list("own", "bill_kinds"), ids=lambda row: row["kind"])
def test_every_word_for_a_service_is_one_of_four(row: dict[str, str]) -> None:
    assert row["service"] in {"express", "warehouse", "agency", "other"}
    read({"kind": row["kind"]}).shows("service_bill_lines", f"service\n{row['service']}")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"bill": ""}, "bad_id:bill"),
        ({"vendor": ""}, "missing_value:vendor"),
        ({"kind": "plane"}, "unknown_code:kind:plane"),
        ({"date": "12.09."}, "bad_time:date"),
        ({"currency": "RMB"}, "unknown_code:currency:RMB"),
        ({"amount": "ten"}, "bad_money:amount"),
        ({"vat": "x"}, "bad_money:vat"),
        ({"vat": "11.00"}, "inconsistent_amount:vat"),
        ({"vat": "-0.60"}, "inconsistent_amount:vat"),
        ({"amount": "-10.60"}, "inconsistent_amount:vat"),
        ({"order_id": "2.8E+18"}, "ruined_id:order_id"),
        ({"channel": ""}, "missing_value:channel"),
    ],
)
def test_a_doubtful_line_is_refused(facts: dict[str, str], reason: str) -> None:
    assert list(read(facts).rejects.values()) == [reason]


def test_a_credit_is_negative_with_its_tax() -> None:
    read({"amount": "-10.60", "vat": "-0.60"}).shows("service_bill_lines", "amount_minor | vat_minor\n-1060 | -60")
