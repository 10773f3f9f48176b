"""The list that says which SKUs a listing sells: by hand, and as a review list that people gave back."""

from __future__ import annotations

import pytest

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

HEADER = "channel,shop,listing_kind,listing_id,sku_id,qty,share,valid_from,valid_to"
REVIEWED = f"{HEADER},decision,decided_at,decided_by,reason,title,confidence,reasons"
PLAIN = {
    "channel": "douyin",
    "shop": "flagship",
    "listing_id": "3571",
    "sku_id": "SERUM-30",
    "qty": "1",
    "valid_from": "2026-09-01",
}


def read(*rows: dict[str, str], header: str = HEADER) -> Translated:
    return translated(CaseFile(lines_of(header, PLAIN, *rows), "listings.csv"))


def test_a_row_by_hand_is_a_decision_for_the_whole_price_from_its_first_day_on() -> None:
    found = read({"qty": "3", "valid_to": "2026/12/31"})
    assert (found.formats, found.rejects) == ({"listings.csv": "own_listing_map"}, {})
    found.shows(
        "listing_map",
        """
        channel | shop     | listing_kind | listing_id | sku_id   | qty | share_bp | valid_from | valid_to   | decided_at
        douyin  | flagship | listing      | 3571       | SERUM-30 | 3   | 10000    | 2026-09-01 | 2026-12-31 | 2026-09-01 08:00:00
        """,
    )


def test_a_chinese_list_is_read_as_the_english_one() -> None:
    header = "平台,店铺,匹配方式,商品ID,商家编码,数量,金额占比,生效日期,决定,决定人"
    row = dict(
        zip(
            header.split(","),
            ("douyin", "旗舰店", "编码", "OLD-1", "SERUM-30", "2", "100%", "2026年9月1日", "接受", "李娜"),
            strict=True,
        )
    )
    found = translated(CaseFile(lines_of(header, row, {}), "listings.csv"))
    found.shows(
        "listing_map",
        """
        shop   | listing_kind | listing_id | sku_id   | qty | share_bp | decided_by
        旗舰店 | code         | OLD-1      | SERUM-30 | 2   | 10000    | 李娜
        """,
    )


def test_a_bundle_is_a_row_per_sku_whose_shares_make_the_whole() -> None:
    found = read({"share": "62.5"}, {"sku_id": "CREAM-50", "share": "37.50%"}, {"sku_id": "PUFF", "share": "0"})
    assert found.rejects == {}
    found.shows(
        "listing_map",
        """
        sku_id   | share_bp
        SERUM-30 | 6250
        CREAM-50 | 3750
        PUFF     | 0
        """,
    )


def test_a_bundle_whose_shares_do_not_make_the_whole_is_refused_as_a_whole() -> None:
    found = read({"share": "60"}, {"sku_id": "CREAM-50", "share": "30"}, {"listing_id": "other"})
    assert found.rejects == {"2": "unbalanced:share", "3": "unbalanced:share"}
    found.shows("listing_map", "listing_id\nother")


def test_a_doubtful_row_refuses_the_other_rows_of_its_bundle() -> None:
    found = read({"share": "60"}, {"sku_id": "CREAM-50", "share": "40", "qty": "0"})
    assert found.rejects == {"2": "part_of_refused:listing_id", "3": "bad_number:qty"}
    assert found.is_empty()


KINDS = {
    "variant": "variant",
    "规格": "variant",
    "code": "code",
    "编码": "code",
    "listing": "listing",
    "商品": "listing",
    "title": "title",
    "标题": "title",
}
ACCEPTED = ("accept", "accepted", "yes", "接受", "是")
REFUSED = ("refuse", "refused", "no", "拒绝", "否")


def test_what_is_matched_may_be_named_in_either_language() -> None:
    found = read(*({"listing_kind": word, "listing_id": f"{number:04}"} for number, word in enumerate(KINDS)))
    assert found.rejects == {}
    kinds = {row["listing_id"]: row["listing_kind"] for row in found.tables["listing_map"]}
    assert [kinds[f"{number:04}"] for number in range(len(KINDS))] == list(KINDS.values())


def test_a_decision_may_be_said_in_either_language() -> None:
    said = [*ACCEPTED, *REFUSED]
    rows = ({"decision": word, "listing_id": f"{number:04}"} for number, word in enumerate(said))
    found = read(*rows, header=REVIEWED)
    assert found.rejects == {}
    accepted, refused = (
        {row["listing_id"] for row in found.tables[table]} for table in ("listing_map", "listing_refusals")
    )
    assert sorted(accepted) == [f"{number:04}" for number in range(len(ACCEPTED))]
    assert sorted(refused) == [f"{number:04}" for number in range(len(ACCEPTED), len(said))]


def test_every_word_of_the_lists_has_a_case() -> None:
    assert {row["word"]: row["listing_kind"] for row in code_list("own", "listing_kinds")} == KINDS
    words = {row["word"]: row["decision"] for row in code_list("own", "decisions")}
    assert words == dict.fromkeys(ACCEPTED, "accepted") | dict.fromkeys(REFUSED, "refused")


def test_a_review_list_decides_only_where_it_is_marked() -> None:
    found = read(
        {"decision": "accept", "decided_at": "2026-09-20 10:00:00", "decided_by": "Li Na", "reason": "checked"},
        {"listing_id": "3572", "decision": ""},
        {"listing_id": "3573", "sku_id": "", "decision": ""},
        {"listing_id": "3574", "decision": "Refuse", "decided_by": "Li Na", "reason": "another shade"},
        header=REVIEWED,
    )
    assert found.rejects == {}
    found.shows("listing_map", "listing_id | decided_at          | reason\n3571 | 2026-09-20 18:00:00 | checked")
    found.shows(
        "listing_refusals", "listing_id | sku_id   | decided_by | reason\n3574 | SERUM-30 | Li Na | another shade"
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ({"channel": "抖音"}, "unknown_code:channel:抖音"),
        ({"shop": ""}, "missing_value:shop"),
        ({"listing_kind": "photo"}, "unknown_code:listing_kind:photo"),
        ({"listing_id": ""}, "missing_value:listing_id"),
        ({"decision": "perhaps"}, "unknown_code:decision:perhaps"),
        ({"decision": "accept", "sku_id": ""}, "missing_value:sku_id"),
        ({"qty": "1.5"}, "bad_number:qty"),
        ({"share": "101"}, "bad_number:share"),
        ({"valid_from": "soon"}, "bad_time:valid_from"),
        ({"valid_to": "2026-08-31"}, "bad_time:valid_to"),
        ({"decided_at": "yesterday"}, "bad_time:decided_at"),
    ],
)
def test_what_is_not_understood_is_refused_and_decides_nothing(cell: dict[str, str], reason: str) -> None:
    found = read(cell, header=REVIEWED)
    assert found.rejects == {"2": reason}
    assert found.is_empty()


@pytest.mark.parametrize(
    ("gtin", "reason"),
    [
        ("6901234567892", None),
        ("036000291452", None),
        ("96385074", None),
        ("6901234567893", "bad_number:gtin"),
        ("690123456789", "bad_number:gtin"),
        ("69O1234567892", "bad_number:gtin"),
    ],
)
def test_a_barcode_in_the_sku_list_has_the_right_check_digit(gtin: str, reason: str | None) -> None:
    row = {"sku_id": "A", "unit_cost": "1.00", "currency": "CNY", "valid_from": "2026-01-01", "gtin": gtin}
    found = translated(CaseFile(lines_of("sku_id,unit_cost,currency,valid_from,gtin", row, {}), "skus.csv"))
    assert found.rejects == ({"2": reason} if reason else {})
    assert [each["gtin"] for each in found.tables.get("skus", [])] == ([] if reason else [gtin])
