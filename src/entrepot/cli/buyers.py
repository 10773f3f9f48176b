"""`entrepot report buyers`: how many bought in other cells, counted there with noise."""

from __future__ import annotations

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsCsv, AsJson, Home, Lang, Language, check_one_form
from entrepot.cli.output import console, print_csv, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.buyers import COLUMNS, counted_buyers

_HEADINGS = ("数据域", "月份", "渠道", "买家人数", "误差（95%）", "保护")
_WORDS = {
    "title": ("Buyers of other cells, counted with noise", "其他数据域的买家人数（已加噪声）"),
    "off_by": (
        "off_by: in nineteen of twenty cases a count is off by no more; sums of counts are off by more",
        "误差：95% 的情况下单项偏差不超过此值；多项相加时偏差更大",
    ),
    "none": (
        "no counts have come; the other cell writes a permit with `entrepot permit new-counts`",
        "尚未收到人数；请由对方数据域执行 `entrepot permit new-counts`",
    ),
}


def _say(lang: Language, word: str) -> str:
    return _WORDS[word][lang is Language.CHINESE]


def buyers_(
    home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, *, as_json: AsJson = False, as_csv: AsCsv = False
) -> None:
    """Print how many bought in other cells, by month and channel, counted there with noise (permits of the shape L).

    Example:  entrepot report buyers --lang zh --home cells/global
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    rows = counted_buyers(open_cell(home)).to_pylist()
    if as_csv:
        print_csv(rows, COLUMNS)
    elif as_json:
        print_json({"rows": rows})
    elif not rows:
        console.print(_say(lang, "none"), markup=False, soft_wrap=True)
    else:
        headings = _HEADINGS if lang is Language.CHINESE else COLUMNS
        shown = [dict(zip(headings, (row[name] for name in COLUMNS), strict=True)) for row in rows]
        print_rows(shown, headings, _say(lang, "title"))
        console.print(_say(lang, "off_by"), markup=False, soft_wrap=True)
