"""Detectors propose and never decide: exact shapes, check digits, headers, and no value in what they say."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from entrepot.model import ResidencyClass
from entrepot.residency.detectors import SAMPLE_MAX, is_card, is_resident_id, personal_within, propose
from entrepot.residency.header_words import header_words
from entrepot.residency.profile_lint import KINDS

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(seed: int) -> str:
    chance = random.Random(seed)
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(25_000))
    first = f"{chance.choice(['110101', '310115', '440305', '650102'])}{born:%Y%m%d}{chance.randrange(1000):03d}"
    return first + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, first, strict=True)) % 11]


def card(seed: int) -> str:
    first = f"622202{random.Random(seed).randrange(10**12):012d}"
    return next(f"{first}{last}" for last in range(10) if is_card(f"{first}{last}"))


IDS = [resident_id(seed) for seed in range(300)]
CARDS = [card(seed) for seed in range(300)]
SPELLINGS = ("13800001111", "138-0000-1111", "138 0000 1111", "+86 13800001111", "+86-138-0000-1111", "008613800001111")


def test_an_identity_number_has_a_province_a_day_and_a_check_digit() -> None:
    assert all(map(is_resident_id, IDS))
    assert is_resident_id("11010519491231002X")
    assert is_resident_id("11010519491231002x")
    wrong = [text[:-1] + ("1" if text[-1] != "1" else "2") for text in IDS]
    assert not any(map(is_resident_id, wrong))
    for text in ("110105194913310029", "990105194912310025", "11010519491231002", "11010518991231002X"):
        assert not is_resident_id(text)


def test_a_day_that_is_none_is_no_identity_number_although_its_check_digit_holds() -> None:
    first = "11010519490231002"
    assert not is_resident_id(first + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, first, strict=True)) % 11])
    early = "11010518991231002"
    assert not is_resident_id(early + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, early, strict=True)) % 11])
    nowhere = "99010519491231002"
    assert not is_resident_id(
        nowhere + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, nowhere, strict=True)) % 11]
    )


def test_a_card_has_a_check_digit_and_more_than_one_digit() -> None:
    assert is_card("4111 1111 1111 1111")
    assert not is_card("4111111111111112")
    assert not is_card("0000000000000000")


COLUMNS: dict[str, tuple[str, list[str | None] | list[str], str, str | None]] = {
    "identity numbers": ("证件", IDS, "personal", "resident_id"),
    "mobile numbers, however written": ("联系", list(SPELLINGS), "personal", "mobile"),
    "masked mobile numbers": ("c3", ["138****1111", "139****2222"], "personal", "mobile"),
    "mail addresses": ("c4", ["a.b@example.com", "c@mail.example.cn"], "personal", "email"),
    "bank cards": ("c5", CARDS, "personal", "financial_account"),
    "addresses": ("c6", ["上海市浦东新区世纪大道100号", "朝阳区建国路88号2栋"], "personal", "address"),
    "names under a header that says so": ("收货人", ["王小明", "欧阳娜", "李*", "Testperson"], "personal", "name"),
    "names under a header that says nothing": ("c7", ["王小明", "李雷", "韩梅梅", "张伟", "刘洋"], "personal", "name"),
    "colours": ("c8", ["白色", "黄色", "白色", "黄色", "白色", "白色"], "local", None),
    "colours under their header": ("颜色", ["白色", "黄色", "蓝色", "金色", "黄金"], "operational", None),
    "order numbers": ("订单编号", [f"28000{at:012d}" for at in range(50)], "pseudonymous", None),
    "order numbers under no header": ("c9", [f"6220{at * 7:012d}" for at in range(50)], "local", None),
    "amounts under no header": ("c13", ["1,250.00", "12"], "business", None),
    "amounts": ("金额", ["1,250.00", "¥12"], "business", None),
    "remarks": ("买家留言", ["谢谢", "尽快发货"], "local", None),
    "remarks with a number in them": ("买家备注", ["谢谢", "请打13800001111"], "local", None),
    "text with a number in it": ("c10", ["谢谢", "请打13800001111，谢谢", "好"], "local", None),
    "accounts by their header": ("买家会员名", ["tb_1", "tb_2"], "personal", "account"),
    "times of orders": ("订单付款时间", ["2026-09-01 12:00:00"], "operational", None),
    "nothing under a header": ("手机", ["", None], "personal", "mobile"),
    "nothing at all": ("c11", [], "local", None),
    "anything else": ("c12", ["foo", "bar"], "local", None),
}


@pytest.mark.parametrize("title", COLUMNS)
def test_a_column_is_proposed_as(title: str) -> None:
    header, values, residency, kind = COLUMNS[title]
    found = propose(header, values)
    assert (found.residency.value, found.kind) == (residency, kind)
    assert 0 < found.confidence < 1
    for value in [each for each in values if each]:
        assert value not in found.why.en
        assert value not in found.why.zh


def test_numbers_within_longer_numbers_are_none() -> None:
    long = ["2813800001111", "138000011112", "A13800001111", "1" + IDS[0], IDS[0] + "9", "x" + CARDS[0]]
    assert personal_within(long) == {}
    assert propose("c", long).kind is None


def test_what_is_within_a_text_is_counted_by_kind() -> None:
    texts = [f"电话{SPELLINGS[4]}", f"证{IDS[1]}。", f"a@example.com {CARDS[2]}", "谢谢", None]
    assert personal_within(texts) == {"mobile": 1, "resident_id": 1, "email": 1, "financial_account": 1}
    assert personal_within(pa.array(["谢谢"])) == {}


def test_an_identity_number_with_a_wrong_check_digit_is_no_alarm() -> None:
    wrong = [text[:-1] + ("1" if text[-1] != "1" else "2") for text in IDS]
    assert "resident_id" not in personal_within(wrong)


def test_no_more_than_the_sample_is_looked_at() -> None:
    assert propose("c", ["foo"] * SAMPLE_MAX + ["13800001111"] * SAMPLE_MAX).why.en == "nobody can tell: it stays here"


def test_words_of_headers_have_known_classes_and_kinds() -> None:
    for each in header_words():
        assert (each.residency is ResidencyClass.PERSONAL) == (each.kind is not None)
        assert each.kind is None or each.kind in KINDS
        assert all(word == word.lower() and " " not in word for word in each.words)


PHONES, WORDS = ["13800001111"] * 100, ["foo"] * 100
EDGES: dict[str, tuple[str, list[str], str, str | None, float]] = {
    "six of ten phones": ("c", PHONES[:60] + WORDS[:40], "personal", "mobile", 0.9),
    "fewer": ("c", PHONES[:59] + WORDS[:41], "local", None, 0.8),
    "six of ten under their header": ("手机", PHONES[:60] + WORDS[:40], "personal", "mobile", 0.99),
    "phones under the header of goods": ("商品", PHONES, "personal", "mobile", 0.9),
    "phones as remarks": ("备注", PHONES, "local", None, 0.8),
    "a few phones among goods": ("商品", PHONES[:10] + WORDS[:90], "operational", None, 0.7),
    "two in a hundred": ("c", PHONES[:2] + WORDS[:98], "local", None, 0.8),
    "one in a hundred": ("c", PHONES[:1] + WORDS[:99], "local", None, 0.2),
    "six of ten cards under their header": ("银行卡", CARDS[:60] + WORDS[:40], "personal", "financial_account", 0.99),
    "eight of ten cards under none": ("c", CARDS[:80] + WORDS[:20], "local", None, 0.2),
    "nine of ten cards under none": ("c", CARDS[:90] + WORDS[:10], "personal", "financial_account", 0.9),
    "six of ten names under their header": ("姓名", ["王小明"] * 60 + WORDS[:40], "personal", "name", 0.95),
    "fewer names under their header": ("姓名", ["王小明"] * 59 + WORDS[:41], "personal", "name", 0.7),
    "names under the header of goods": ("颜色", ["王小明", "李雷", "韩梅梅", "张伟", "刘洋"], "operational", None, 0.7),
    "four different names under none": ("c", ["王小明", "李雷", "韩梅梅", "张伟"], "local", None, 0.2),
    "nine of ten names under none": (
        "c",
        ["王小明", "李雷", "韩梅梅", "张伟", "刘洋", "王一", "王二", "王三", "王四", "x"],
        "personal",
        "name",
        0.5,
    ),
    "text of 24 letters": ("c", ["x" * 24], "local", None, 0.2),
    "text of 25 letters": ("c", ["x" * 25], "local", None, 0.5),
    "whole numbers": ("c", ["1", "2"], "local", None, 0.2),
    "numbers and a word": ("c", ["1.50", "foo"], "local", None, 0.2),
}


@pytest.mark.parametrize("title", EDGES)
def test_a_column_at_the_edge_is_proposed_as(title: str) -> None:
    header, values, residency, kind, confidence = EDGES[title]
    found = propose(header, values)
    assert (found.residency.value, found.kind, found.confidence) == (residency, kind, confidence)
