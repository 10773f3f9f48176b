"""An account mapping that cannot be used is refused with its row."""

from __future__ import annotations

import pytest

from entrepot.delivery import LAYOUTS, Layout, mapping_file_text, mapping_text, read_mapping
from entrepot.delivery.errors import MappingInvalid
from entrepot.delivery.journals import CUSTOMER_CLEARING
from entrepot.ledger import accounts

HEADER = "kind,ours,theirs,tax_code,dimensions,note\n"


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_the_shipped_example_names_every_account_of_the_chart(layout: Layout) -> None:
    mapping = read_mapping(mapping_text(layout), "accounts.csv", layout.dimensions_max)
    named = set(mapping.accounts["account"].to_pylist())
    # What customers owe is on no account of ours: it stands between the invoices of a delivery and its journals.
    assert named - {CUSTOMER_CLEARING} == {each.account for each in accounts()}
    assert None not in mapping.accounts["erp_account"].to_pylist()


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_two_accounts_of_ours_never_share_one_of_the_example(layout: Layout) -> None:
    theirs = read_mapping(mapping_text(layout), "accounts.csv", 3).accounts["erp_account"].to_pylist()
    assert len(set(theirs)) == len(theirs)


@pytest.mark.parametrize(
    ("rows", "row", "problem"),
    [
        ("kind,ours,theirs\naccount,wallet,1012\n", 1, "tax_code, dimensions"),
        (HEADER + "acount,wallet,1012,,,\n", 2, "kind acount is not known"),
        (HEADER + "account,wallet,1012,,,\naccount,wallet,1013,,,\n", 3, "account wallet is there twice"),
        (HEADER + "account,wallet,,,,\n", 2, "`theirs` is empty for wallet"),
        (HEADER + "account,,1012,,,\n", 2, "`ours` is empty"),
        (HEADER + "\naccount,wallet,1012,,region,\n", 2, "dimension region is not known"),
        (HEADER + "account,wallet,1012,,shop shop,\n", 2, "named twice"),
        (HEADER + "account,wallet,1012,,channel shop sku,\n", 2, "3 dimensions, and the layout holds 2"),
    ],
)
def test_a_row_that_says_too_little_or_too_much_is_named(rows: str, row: int, problem: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        read_mapping(rows, "mine.csv", 2)
    assert refused.value.row == row
    assert problem in str(refused.value)
    assert str(refused.value).startswith(f"mine.csv, row {row}: ")


@pytest.mark.parametrize("row", ["account,wallet/amazn,1003,,,", "channel,amazn,C01,,,"])
def test_a_channel_that_does_not_exist_is_named_and_not_passed_over(row: str) -> None:
    text = HEADER + "account,wallet,1012,,,\naccount,wallet/amazon,1013,,,\n" + row + "\n"
    with pytest.raises(MappingInvalid, match=r"mine\.csv, row 4: there is no channel amazn; there are amazon, tmall"):
        read_mapping(text, "mine.csv", 3, frozenset({"amazon", "tmall"}))
    assert read_mapping(text, "mine.csv", 3).accounts.num_rows >= 2, "who does not know the channels does not judge"


def test_a_mapping_saved_by_a_spreadsheet_reads_the_same() -> None:
    plain = HEADER + "account,wallet,1012,,shop,\nshop,屿浔旗舰店,D01,,,\n"
    saved = "\ufeff" + plain.replace("\n", "\r\n") + ",,,,,\r\n"
    one, other = read_mapping(plain, "a", 3), read_mapping(saved, "b", 3)
    assert (one.accounts, one.values) == (other.accounts, other.values)


def test_a_mapping_may_be_in_the_chinese_code_page_of_a_spreadsheet() -> None:
    text = HEADER + "shop,屿浔旗舰店,D01,,,\n"
    assert mapping_file_text(text.encode("gb18030"), "a.csv") == text
    assert mapping_file_text(text.encode("utf-8-sig"), "a.csv") == text
    with pytest.raises(MappingInvalid, match=r"a\.csv, row 1: it is neither UTF-8 nor GB18030"):
        mapping_file_text(b"\xff\xff\xff", "a.csv")
