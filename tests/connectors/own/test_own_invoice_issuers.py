"""Which company invoices the fees of a platform."""

from __future__ import annotations

from tests.connectors.casework import CaseFile, Translated, lines_of, translated

HEADER = "channel,seller_name,seller_tax_no,fee_codes"
PLAIN = {"channel": "douyin", "seller_name": "上海格物致品网络科技有限公司"}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "issuers.csv"))


def test_a_company_invoices_all_fees_or_some() -> None:
    found = read(
        {}, {"seller_name": "甲公司", "seller_tax_no": "91310114342302136N", "fee_codes": "commission service_fee"}
    )
    assert (found.formats, found.rejects) == ({"issuers.csv": "own_invoice_issuers"}, {})
    found.shows(
        "invoice_issuers",
        """
        channel | seller_name                  | seller_tax_no      | fee_codes
        douyin  | 上海格物致品网络科技有限公司 |                    |
        douyin  | 甲公司                       | 91310114342302136N | commission service_fee
    """,
    )


def test_chinese_headers_are_the_same_list() -> None:
    found = translated(CaseFile("平台,开票主体,销方税号,费用代码\njd,乙公司,,\n", "主体.csv", "gb18030"))
    assert [row["seller_name"] for row in found.tables["invoice_issuers"]] == ["乙公司"]


DOUBTS: tuple[tuple[dict[str, str], str], ...] = (
    ({"channel": "抖音"}, "unknown_code:channel:抖音"),
    ({"seller_name": ""}, "missing_value:seller_name"),
    ({"seller_tax_no": "91310 ?"}, "bad_id:seller_tax_no"),
    ({"fee_codes": "commission, service_fee"}, "bad_id:fee_codes"),
)


def test_a_doubtful_row_is_refused() -> None:
    found = read(*(facts for facts, _ in DOUBTS))
    assert found.rejects == {str(row_no): reason for row_no, (_, reason) in enumerate(DOUBTS, start=2)}
