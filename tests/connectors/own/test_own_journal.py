"""Journals and opening balances as people write them: a doubtful row refuses its whole journal."""

from __future__ import annotations

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

HEADER = (
    "journal,kind,date,entity,account,debit,credit,currency,channel,shop,sku_id,wallet,reason,prepared_by,approved_by"
)
PLAIN = {
    "journal": "J1",
    "kind": "adjustment",
    "date": "2026-09-30",
    "entity": "cn",
    "account": "cogs",
    "debit": "12.50",
    "credit": "",
    "currency": "CNY",
    "reason": "counted",
    "prepared_by": "Wang",
    "approved_by": "Li",
}
OTHER_SIDE = {"account": "inventory", "debit": "", "credit": "12.50"}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "journals.csv"))


def test_a_balanced_adjustment_gives_its_lines_signed_and_numbered() -> None:
    found = read({"debit": "1,212.50"}, {**OTHER_SIDE, "credit": "1,212.50", "sku_id": "TEA"})
    assert (found.formats, found.rejects) == ({"journals.csv": "own_journal"}, {})
    found.shows(
        "journal_lines",
        """
        journal_id | line_no | kind       | entity_id | accounting_date | account   | amount_minor | currency | sku_id | month
        J1         | 1       | adjustment | cn        | 2026-09-30      | cogs      | 121250       | CNY      |        | 2026-09
        J1         | 2       | adjustment | cn        | 2026-09-30      | inventory | -121250      | CNY      | TEA    | 2026-09
    """,
    )


def test_an_opening_balance_stands_alone_and_needs_nobodys_name() -> None:
    opening = {"kind": "期初", "account": "wallet", "wallet": "tmall@brand.cn"}
    found = read({**opening, "reason": "", "prepared_by": "", "approved_by": ""})
    assert found.rejects == {}
    found.shows("journal_lines", "kind | account | amount_minor | wallet_id\nopening | wallet | 1250 | tmall@brand.cn")


def test_chinese_headers_are_the_same_list() -> None:
    header = "凭证号,类型,日期,公司,科目,借方,贷方,币种,摘要,制单,审核"
    rows = ["J1,调整,2026/9/30,cn,cogs,12.50,,CNY,盘点,王,李", "J1,调整,2026/9/30,cn,inventory,,12.50,CNY,盘点,王,李"]
    found = translated(CaseFile("\n".join([header, *rows]) + "\n", "凭证.csv", "gb18030"))
    assert (found.formats, found.rejects) == ({"凭证.csv": "own_journal"}, {})
    found.shows("journal_lines", "account | amount_minor\ncogs | 1250\ninventory | -1250")


REFUSED = {
    "a number that a spreadsheet ruined": ({"journal": "2.89E+18"}, "ruined_id:journal"),
    "a kind that nobody knows": ({"kind": "accrual"}, "unknown_code:kind:accrual"),
    "no day": ({"date": "September"}, "bad_time:date"),
    "no account": ({"account": ""}, "missing_value:account"),
    "a currency that nobody knows": ({"currency": "ZZZ"}, "unknown_code:currency:ZZZ"),
    "an amount that is none": ({"debit": "12.5x"}, "bad_money:debit"),
    "an amount below nothing": ({"debit": "-12.50"}, "bad_money:debit"),
    "both sides at once": ({"credit": "12.50"}, "inconsistent_amount:credit"),
    "no reason": ({"reason": ""}, "missing_value:reason"),
    "nobody who wrote it": ({"prepared_by": ""}, "missing_value:prepared_by"),
    "nobody who approved it": ({"approved_by": ""}, "missing_value:approved_by"),
    "approved by its author": ({"approved_by": "Wang"}, "same_person:approved_by"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    rows = []
    for number, (cells, _) in enumerate(REFUSED.values()):
        rows += [{"journal": f"J{number}", **cells}, {"journal": f"J{number}", **OTHER_SIDE}]
    return read(*rows)


@pytest.mark.parametrize("case", REFUSED)
def test_a_doubtful_row_refuses_its_whole_journal(refused: Translated, case: str) -> None:
    row = 2 + 2 * list(REFUSED).index(case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    if not REFUSED[case][1].endswith(":journal"):
        assert refused.rejects[str(row + 1)] == "part_of_refused:journal"
        assert refused.is_empty(row=row + 1)


WHOLE = {
    "sides that differ": ([{}, {**OTHER_SIDE, "credit": "12.49"}], "unbalanced:journal"),
    "balanced in two currencies together": ([{}, {**OTHER_SIDE, "currency": "USD"}], "unbalanced:journal"),
    "balanced in two companies together": ([{}, {**OTHER_SIDE, "entity": "hk"}], "unbalanced:journal"),
    "two days": ([{}, {**OTHER_SIDE, "date": "2026-09-29"}], "inconsistent_time:date"),
    "two kinds": ([{}, {**OTHER_SIDE, "kind": "opening"}], "inconsistent_code:kind"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_journal_that_does_not_fit_together_is_refused_as_a_whole(case: str) -> None:
    rows, reason = WHOLE[case]
    found = read(*rows)
    assert found.rejects == {"2": reason, "3": reason}
    assert found.is_empty()


def test_every_word_for_a_kind_is_understood() -> None:
    words = code_list("own", "journal_kinds")
    rows: list[dict[str, str]] = []
    for number, word in enumerate(words):
        head = {"journal": f"J{number}", "kind": word["kind"]}
        rows += [head, {**head, **OTHER_SIDE}]
    found = read(*rows)
    assert found.rejects == {}
    kinds = {line["journal_id"]: line["kind"] for line in found.tables["journal_lines"]}
    assert kinds == {f"J{number}": word["journal_kind"] for number, word in enumerate(words)}


def test_the_companys_own_chart_names_our_accounts() -> None:
    found = translated(
        CaseFile("account,own_code,own_name\nwallet,1012.01,其他货币资金\n,1001,\ncogs,,x\n", "chart.csv")
    )
    assert (found.formats, found.rejects) == (
        {"chart.csv": "own_chart"},
        {"3": "missing_value:account", "4": "missing_value:own_code"},
    )
    found.shows("chart_accounts", "account | own_code | own_name\nwallet | 1012.01 | 其他货币资金")
