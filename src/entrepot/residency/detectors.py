"""Propose what the columns of an unknown file are, from their header and a sample of their values.

A proposal is for a person to confirm; nothing is classed by it, and it guarantees nothing: a name is recognised only
where its family name is among the two hundred most frequent, which nine of ten people have. Free text is proposed as
local whatever is found in it. No value appears in a proposal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.model import PersonalKind, ResidencyClass
from entrepot.residency.header_words import HeaderWords, told_by
from entrepot.residency.profile import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAMPLE_MAX = 2_000
"""Values of a column that are looked at."""

FINANCIAL_ACCOUNT = "financial_account"
"""Kind of bank cards and accounts; canonical tables have no column for it."""

_MOST, _SOME, _NEARLY_ALL = 0.6, 0.02, 0.9
_FREE_TEXT_LENGTH = 24
_NAME_DISTINCT_MIN = 5
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_NINE = 9
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_FIRST_YEAR = 1900

# Boundaries are written as groups and not as look-around, since Arrow's expressions have none.
_START, _END = r"(?:^|[^0-9A-Za-z])", r"(?:$|[^0-9A-Za-z])"
_MOBILE = r"(?:(?:\+|00)?86[- ]?)?1[3-9][0-9][- ]?(?:[0-9]{4}|\*{4})[- ]?[0-9]{4}"
_RESIDENT_ID = r"[1-8][0-9]{16}[0-9Xx]"
_CARD = r"(?:6[0-9]|4[0-9]|5[0-9]|2[2-7]|3[0-9])(?:[ -]?[0-9]){12,17}"
_EMAIL = r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,}"
_ADDRESS = (
    r"[\p{Han}0-9]{1,20}(?:路|街|大道|巷|弄|胡同|里|村)[\p{Han}0-9A-Za-z-]{0,12}?[0-9０-９]+(?:号|弄|栋|幢|座|室|单元)"
    r"|[0-9]{1,5}[A-Za-z]? [A-Z][A-Za-z'. -]{2,40} (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way)"
    r"|(?:P\.? ?O\.? Box|Apt\.?|Suite) [0-9]+"
)
_MASKED_NAME = r"[\p{Han}A-Za-z]\*{1,3}[\p{Han}A-Za-z]?"
_SURNAMES = (
    "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁于余蒋叶杜苏魏程吕丁沈任姚卢钟姜崔谭"
    "廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷龙史陶贺顾毛郝龚邵万钱严武莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜"
    "倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁房"
)
_NAME = rf"(?:欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|[{_SURNAMES}])[\p{{Han}}]{{1,2}}"
_NUMBER = r"[-+]?[¥￥$€]?[0-9][0-9,]*(?:\.[0-9]+)?%?"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a column seems to be.

    Attributes:
        residency: Class to confirm; local where nobody can tell.
        kind: Kind of personal value; None for other classes.
        confidence: 0 to 1; a rank among proposals, not a probability.
        why: In words, without a value.
    """

    residency: ResidencyClass
    kind: str | None
    confidence: float
    why: Words


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of personal value.

    Attributes:
        kind: As profiles name it.
        pattern: What it looks like, for Arrow's regular expressions.
        holds: What must hold beside the looks, such as a check digit.
        title: What such values are called.
    """

    kind: str
    pattern: str
    holds: Callable[[str], bool] | None
    title: Words

    def whole(self, values: pa.Array) -> int:
        """How many values are one, from end to end."""
        return self._count(values, rf"^\s*(?:{self.pattern})\s*$")

    def within(self, values: pa.Array) -> int:
        """How many values have one in them."""
        return self._count(values, f"{_START}(?:{self.pattern}){_END}")

    def _count(self, values: pa.Array, pattern: str) -> int:
        found = values.filter(pc.match_substring_regex(values, pattern))
        if self.holds is None:
            return len(found)
        # Only what looks like one is looked at by itself.
        shape = re.compile(rf"(?<![0-9A-Za-z])(?:{self.pattern})(?![0-9A-Za-z])")
        return sum(any(self.holds(hit[0]) for hit in shape.finditer(text)) for text in found.to_pylist())


def is_resident_id(text: str) -> bool:
    """Whether the province, the date of birth and the check digit (modulo 11, 2) of an identity number hold."""
    number = text.strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number) or not _PROVINCE.match(number):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return born.year >= _FIRST_YEAR and _CHECK_DIGITS[total % 11] == number[17]


def is_card(text: str) -> bool:
    """Whether the check digit (Luhn) of a bank card holds."""
    digits = [int(digit) for digit in reversed(text) if digit.isascii() and digit.isdigit()]
    doubled = [2 * digit - _NINE * (2 * digit > _NINE) for digit in digits[1::2]]
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


DETECTORS = (
    Detector(
        PersonalKind.RESIDENT_ID.value,
        _RESIDENT_ID,
        is_resident_id,
        Words("resident identity numbers", "居民身份证号码"),
    ),
    Detector(PersonalKind.MOBILE.value, _MOBILE, None, Words("mobile numbers", "手机号码")),
    Detector(PersonalKind.EMAIL.value, _EMAIL, None, Words("e-mail addresses", "电子邮箱")),
    Detector(FINANCIAL_ACCOUNT, _CARD, is_card, Words("bank cards", "银行卡号")),
    Detector(PersonalKind.ADDRESS.value, _ADDRESS, None, Words("addresses", "地址")),
)
"""Of two that fit, the first is proposed: an identity number may pass as a card, never the other way round."""

_NAMES = Detector(PersonalKind.NAME.value, rf"{_NAME}|{_MASKED_NAME}", None, Words("names", "姓名"))


def propose(header: str, values: Sequence[str | None] | pa.Array) -> Proposal:
    """What a column seems to be.

    Args:
        header: As the file writes it.
        values: A sample of its cells; empty ones are left out, and no more than `SAMPLE_MAX` are looked at.
    """
    sample = _sample(values)
    told = told_by(header)
    if not len(sample):
        return _by_header(told) if told else _proposal(ResidencyClass.LOCAL, None, 0.1, *_EMPTY)
    by_values = _by_values(sample, told)
    if by_values is not None:
        return by_values
    if told is not None:
        return _by_header(told)
    return _plain(sample)


def personal_within(values: Sequence[str | None] | pa.Array) -> dict[str, int]:
    """How many values have something personal in them, by kind; an alarm for what should hold nothing of the kind.

    Every value given is looked at. Names are left out: a word of two characters is too often none.
    """
    cells = _text(values)
    counts = {each.kind: each.within(cells) for each in DETECTORS}
    return {kind: count for kind, count in counts.items() if count}


def _text(values: Sequence[str | None] | pa.Array) -> pa.Array:
    array = values if isinstance(values, pa.Array) else pa.array(list(values), pa.string())
    return array.drop_null()


def _sample(values: Sequence[str | None] | pa.Array) -> pa.Array:
    cells = _text(values[:SAMPLE_MAX])
    return cells.filter(pc.match_substring_regex(cells, r"\S"))


def _by_values(sample: pa.Array, told: HeaderWords | None) -> Proposal | None:
    count = len(sample)
    is_text = told is not None and told.residency is ResidencyClass.LOCAL
    for each in DETECTORS:
        whole = each.whole(sample)
        agrees = told is not None and told.kind == each.kind
        if not is_text and whole >= (_MOST if agrees or each.kind != FINANCIAL_ACCOUNT else _NEARLY_ALL) * count:
            confidence = 0.99 if agrees else 0.9
            return _proposal(ResidencyClass.PERSONAL, each.kind, confidence, *_share(whole, count, each.title))
    if told is None or told.kind == PersonalKind.NAME.value:
        named = _by_names(sample, told)
        if named is not None:
            return named
    for each in DETECTORS:
        within = each.within(sample)
        if each.kind != FINANCIAL_ACCOUNT and within >= max(_SOME * count, 1) and (told is None or is_text):
            return _proposal(ResidencyClass.LOCAL, None, 0.8, *_inside(within, count, each.title))
    return None


def _by_names(sample: pa.Array, told: HeaderWords | None) -> Proposal | None:
    whole, count = _NAMES.whole(sample), len(sample)
    if told is not None:
        return (
            _proposal(ResidencyClass.PERSONAL, _NAMES.kind, 0.95, *_share(whole, count, _NAMES.title))
            if whole >= _MOST * count
            else None
        )
    # Colours, materials and towns begin like names; without a header that says so only many different ones count.
    if whole >= _NEARLY_ALL * count and len(sample.unique()) >= _NAME_DISTINCT_MIN:
        return _proposal(ResidencyClass.PERSONAL, _NAMES.kind, 0.5, *_share(whole, count, _NAMES.title))
    return None


def _by_header(told: HeaderWords) -> Proposal:
    return _proposal(
        told.residency,
        told.kind,
        0.7,
        f"the header speaks of {told.title.en}",
        f"表头含“{told.title.zh}”一类用词",
    )


def _plain(sample: pa.Array) -> Proposal:
    count = len(sample)
    numbers = pc.sum(pc.match_substring_regex(sample, rf"^\s*{_NUMBER}\s*$")).as_py() or 0
    longest = pc.max(pc.utf8_length(sample)).as_py()
    has_fractions = pc.any(pc.match_substring_regex(sample, r"[¥￥$€]|\.[0-9]{1,4}\s*$")).as_py()
    if numbers == count and has_fractions:
        return _proposal(
            ResidencyClass.BUSINESS, None, 0.4, "all values are numbers, some with decimals", "全部为带小数的数字"
        )
    if longest > _FREE_TEXT_LENGTH:
        return _proposal(ResidencyClass.LOCAL, None, 0.5, "it is free text", "自由文本")
    return _proposal(ResidencyClass.LOCAL, None, 0.2, "nobody can tell: it stays here", "无法判断，按仅限本地处理")


_EMPTY = ("it is empty and its header says nothing", "列为空且表头无法判断")


def _share(hits: int, count: int, title: Words) -> tuple[str, str]:
    return (
        f"{hits * 100 // count} % of {count:,} values look like {title.en}",
        f"{count:,} 个值中有 {hits * 100 // count}% 形似{title.zh}",
    )


def _inside(hits: int, count: int, title: Words) -> tuple[str, str]:
    return (
        f"text, and {hits:,} of {count:,} values have {title.en} in them",
        f"文本，{count:,} 个值中有 {hits:,} 个含{title.zh}",
    )


def _proposal(residency: ResidencyClass, kind: str | None, confidence: float, en: str, zh: str) -> Proposal:
    return Proposal(residency, kind if residency is ResidencyClass.PERSONAL else None, confidence, Words(en, zh))
