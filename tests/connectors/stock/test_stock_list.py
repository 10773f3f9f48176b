"""Stock lists: what the keeper of the goods states, by day and state; kept, never booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "stock_day,sku_id,quantity,location,entity_id,custodian,customs_regime,account_book,account_item,lot,expires_on,"
    "quality,purpose,unit,stated_at"
)
CHINESE = "库存日期,商家编码,库存数量,仓库,货主,保管方,监管方式,账册号,账册项号,批号,有效期至,品质,用途,单位"
PLAIN = {"stock_day": "2026-09-30", "sku_id": "SER", "quantity": "120", "location": "SH-1"}
WORDS = {f"{row['dimension']} {row['word']}": row for row in code_list("stock", "words")}


def read(*rows: dict[str, str], header: str = HEADER) -> Translated:
    return translated(CaseFile(lines_of(header, PLAIN, *rows), "stock.csv"))


def test_a_row_that_says_little_is_plain_stock() -> None:
    found = read({})
    assert (found.formats, found.rejects) == ({"stock.csv": "stock_list"}, {})
    found.shows(
        "stock_snapshots",
        """
        stock_day  | month   | sku_id | location | custodian | customs_regime | quality | purpose | quantity | expires_on
        2026-09-30 | 2026-09 | SER    | SH-1     | own       | duty_paid      | good    | free    | 120      |
    """,
    )


def test_a_chinese_list_of_bonded_stock_has_book_item_lot_and_expiry() -> None:
    row = "2026年9月30日,SER,1200,宁波保税仓,品牌方,菜鸟,保税,L2902B26A001,17,B2601,2028-01-31,残品,渠道预留,瓶"
    text = f"{CHINESE}\r\n{row}\r\n"
    for encoding in ("utf-8-sig", "gb18030"):
        translated(CaseFile(text, "stock.csv", encoding)).shows(
            "stock_snapshots",
            """
            stock_day  | entity_id | location   | custodian | customs_regime | account_book | account_item | lot   | expires_on | quality | purpose          | quantity | unit
            2026-09-30 | 品牌方    | 宁波保税仓 | cainiao   | bonded         | L2902B26A001 | 17           | B2601 | 2028-01-31 | damaged | channel_reserved | 1200     | 瓶
        """,
        )


def test_places_and_states_of_one_sku_are_rows_of_their_own() -> None:
    found = read(
        {}, {"location": "GZ-1"}, {"lot": "B1"}, {"quality": "damaged"}, {"purpose": "presale", "quantity": "-3"}
    )
    assert found.rejects == {}
    found.shows(
        "stock_snapshots",
        """
        location | lot | quality | purpose | quantity
        SH-1     |     | good    | free    | 120
        GZ-1     |     | good    | free    | 120
        SH-1     | B1  | good    | free    | 120
        SH-1     |     | damaged | free    | 120
        SH-1     |     | good    | presale | -3
    """,
    )


def test_two_counts_of_the_same_goods_in_one_list_contradict_each_other() -> None:
    found = read({}, {"quantity": "121"})
    assert found.rejects == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}


def test_the_later_list_of_a_day_counts_and_another_day_is_another_row(tmp_path: Path) -> None:
    first = CaseFile(lines_of(HEADER, PLAIN, {"stated_at": "2026-09-30 18:00:00"}), "one.csv")
    last = {"quantity": "118", "stated_at": "2026-09-30 23:59:59"}
    second = CaseFile(lines_of(HEADER, PLAIN, last, {"stock_day": "2026-10-01"}), "two.csv")
    for turn, files in (("forward", [[first], [second]]), ("back", [[second], [first]])):
        found = imported(tmp_path / turn, *files)
        found.shows(
            "stock_snapshots", "stock_day | month | quantity\n2026-09-30 | 2026-09 | 118\n2026-10-01 | 2026-10 | 120"
        )
        assert found.rows("ledger_entries") == []


def test_two_lists_of_a_day_without_a_time_give_the_same_stock_in_any_order(tmp_path: Path) -> None:
    files = [CaseFile(lines_of(HEADER, PLAIN, {"quantity": units}), f"{units}.csv") for units in ("118", "119")]
    forward = imported(tmp_path / "forward", [files[0]], [files[1]]).rows("stock_snapshots")
    back = imported(tmp_path / "back", [files[1]], [files[0]]).rows("stock_snapshots")
    assert [row["quantity"] for row in forward] == [row["quantity"] for row in back]
    assert len(forward) == 1


REFUSED = [
    ({"sku_id": ""}, "bad_id:sku_id"),
    ({"stock_day": "30/09/2026"}, "bad_time:stock_day"),
    ({"location": ""}, "missing_value:location"),
    ({"quantity": "12.5"}, "bad_number:quantity"),
    ({"quantity": ""}, "bad_number:quantity"),
    ({"account_item": "x"}, "bad_number:account_item"),
    ({"expires_on": "soon"}, "bad_time:expires_on"),
    ({"stated_at": "soon"}, "bad_time:stated_at"),
    ({"custodian": "moon"}, "unknown_code:custodian:moon"),
    ({"customs_regime": "free"}, "unknown_code:customs_regime:free"),
    ({"quality": "fine"}, "unknown_code:quality:fine"),
    ({"purpose": "fun"}, "unknown_code:purpose:fun"),
    ({"customs_regime": "bonded"}, "missing_value:account_book"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*({"unit": str(number), **cells} for number, (cells, _) in enumerate(REFUSED)))


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[f"{cells} {reason}" for cells, reason in REFUSED])
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    assert refused.rejects[str(number + 2)] == REFUSED[number][1]
    assert refused.is_empty(row=number + 2)


@pytest.fixture(scope="module")
def every_word() -> Translated:
    return read(
        *(
            {"lot": str(number), "account_book": "L1", row["dimension"]: row["word"].upper()}
            for number, row in enumerate(WORDS.values())
        )
    )


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_its_meaning(every_word: Translated, word: str) -> None:
    row = WORDS[word]
    every_word.shows("stock_snapshots", f"{row['dimension']}\n{row['meaning']}", row=row_of(WORDS, word))
