"""The audit's page: one file without script or network, both languages, nothing of a file taken as markup."""

from __future__ import annotations

import re

import pytest

from entrepot.reports.audit import Audit, render_audit, shipped_assumptions
from entrepot.reports.audit.hours import hours_of
from entrepot.reports.audit.shape import (
    AuditedFile,
    Basis,
    FieldUse,
    FormatFields,
    Missing,
    Nearest,
    Platform,
    Step,
)

TITLE = {"en": "Tmall order list", "zh": "天猫订单报表"}
BASIS = Basis(1, 1, 0, 0, 1)


def _audit(*files: AuditedFile) -> Audit:
    platform = Platform("tmall", {"en": "Tmall", "zh": "天猫"}, 1, 0, ("CNY",), 123_456_00, 1, 0)
    use = FieldUse(
        "总金额", "business", "feeds", True, ({"table": "orders", "column": "goods_minor", "how": "computed"},)
    )
    unread = FieldUse("宝贝种类", "local", "unread", False)
    return Audit(
        "/some/folder",
        "CNY",
        files,
        (platform,),
        (),
        (
            Missing("pnl", "tmall", "orders", "partly", ("2026-08",), sources=(TITLE,)),
            Missing("gmv_bridge", "tmall", "orders", "there"),
            Missing("on_offer", "", "listings", "missing", detail="by_api"),
        ),
        (FormatFields("tmall_orders", TITLE, "tmall", (use, unread)),),
        {"quarantined_row": 1},
        BASIS,
        hours_of(BASIS, shipped_assumptions()),
        tuple(shipped_assumptions()),
        (
            Step(
                1,
                "platform",
                "tmall",
                "nearest_to_whole",
                {"value_minor": 123_455_50, "orders": 1, "lacking": ["orders"]},
            ),
        ),
    )


FILE = AuditedFile(
    "a.csv", "recognised", "tmall_orders", TITLE, "tmall", ("旗舰店",), "gb18030", 2, 1, {"bad_money": 1}
)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<body>")[1]))


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        (
            "en",
            ["First look at your files", "Tmall order list", "not there: 2026-08", "天猫订单报表 (Tmall order list)",
             "no platform is whole; this one lacks least, or is worth most: order list", "123,456",
             "orders.goods_minor computed", "nothing reads it", "not in these files", "1 × bad_money",
             "assumption of 2026-11-22", "entrepot sync"],
        ),
        (
            "zh",
            ["数据文件初诊", "天猫订单报表", "缺少 2026-08", "没有齐全的平台；此平台缺得最少或金额最大，尚缺：订单",
             "orders.goods_minor 计算", "未读取", "文件中没有", "仅能通过接口获取"],
        ),
    ],
)  # fmt: skip
def test_the_page_says_it_in_the_readers_language(lang: str, says: list[str]) -> None:
    text = _text(render_audit(_audit(FILE), lang))
    assert [each for each in says if each not in text] == []


def test_a_need_that_is_met_is_not_among_the_missing() -> None:
    assert "GMV bridge" not in _text(render_audit(_audit(FILE), "en"))


def test_the_page_needs_no_script_and_no_network() -> None:
    page = render_audit(_audit(FILE), "en")
    assert "<script" not in page
    assert "http" not in page


def test_names_of_files_and_columns_are_no_markup() -> None:
    bad = "<img src=x onerror=alert(1)>"
    file = AuditedFile(
        bad, "not_recognised", error=bad, nearest=Nearest("tmall_orders", TITLE, (bad,), (bad,)), unknown_columns=(bad,)
    )
    page = render_audit(_audit(file, AuditedFile("b", "unreadable", error=bad)), "en")
    assert "<img" not in page
    assert page.count("&lt;img") == 5


def test_an_empty_folder_is_told_so_and_has_no_tables() -> None:
    page = render_audit(_audit(), "en")
    assert "Nothing was found in this folder." in page
    assert "<table" not in page
