"""What a title says: words, sizes, pack count, barcodes, parts of a bundle, gifts. Chinese and English.

A title is read once; nothing here compares two. Not for personal text: titles of products only.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_CJK = r"\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[a-z0-9]+(?:[.'’-][a-z0-9]+)*|[{_CJK}]+")
_BLANKS = re.compile(r"\s+")
_DIGITS = {"一": 1, "二": 2, "两": 2, "双": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_COUNT = r"(\d{1,3}|[一二两三四五六七八九十])"
_VESSEL = r"(?:支|瓶|盒|包|袋|罐|件|只|个|条|套|桶|管|枚|对|听|提|箱)"
_PACK_MAX = 200
_CODE_LENGTH_MIN = 4
_NUMBER_CODE_LENGTH_MIN = 5

_BUY_AND_GET = re.compile(rf"(?:买|拍|购){_COUNT}{_VESSEL}?\s*(?:送|赠|发){_COUNT}(?!\d|\s*(?:ml|g|毫升|克))")
_SHOOT_AND_SEND = re.compile(rf"拍{_COUNT}{_VESSEL}?\s*发{_COUNT}")
_PACKS = (
    re.compile(rf"(?<![\d.-]){_COUNT}\s*{_VESSEL}\s*(?:装|组|套组|组合)"),
    re.compile(rf"(?<![\d.]){_COUNT}\s*(?:支|瓶|盒|罐|桶|管)(?!\d)"),
    re.compile(r"(?<=[a-z\u3400-\u9fff)\s])\s*[*×]\s*(\d{1,3})(?![\d.]|\s*(?:cm|mm|x\b|[*×]))"),
    re.compile(r"(?:(?<=\dml)|(?<=\d g)|(?<=\dg)|(?<=\doz)|(?<=\s)|(?<=\d ml)|(?<=\)))\s*x\s?(\d{1,3})(?![\da-z.])"),
    re.compile(r"(?<![\d.x*×])(\d{1,3})\s*[x*×]\s*(?=\d+(?:\.\d+)?\s*(?:ml|g|kg|oz|fl|cl|l|毫升|克|升)(?![a-z]))"),
    re.compile(r"(?:pack|set|box|case)\s+of\s+(\d{1,3})(?!\d)"),
    re.compile(r"(?<![\d.])(\d{1,3})\s*-?\s*(?:pack|packs|pk|pcs|bottles|tubes|boxes)(?![a-z])"),
)
_GIFT = re.compile(
    r"(?:^|[\s,，;；/|(\[【（+])(?:加赠|附赠|赠送|赠品|另赠|下单送|加送|赠|送|free gift:?|gift:|free)"
    r"(?=\s*[\u3400-\u9fffa-z0-9])"
)
_PART_MARK = re.compile(r"(?<!\+)\+(?![+\d]*\+)(?=\s*[\u3400-\u9fffa-z])|(?<=\s)\+(?=\s)|\s&\s")
_SUN_FACTOR = re.compile(r"(?:spf\s*\d+|pa)\s*\++")
_BUNDLE_WORDS = re.compile(r"套装|礼盒|组合|套组|套盒|bundle|\bkit\b|gift set")
_GTIN = re.compile(r"(?<![0-9a-z])(\d{8}|\d{12,14})(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Title:
    """What one title says.

    Attributes:
        text: Normalised: half-width, lower case, single blanks.
        main: The text before the first gift.
        words: Latin words and numbers, Chinese in pairs of characters; each once, in order.
        codes: Words that look like model or article numbers.
        numbers: Bare numbers.
        sizes: (dimension, value times a million), equal ones once: 30 ml is ("volume", 30_000_000).
        pack: Pieces in one sale; 1 where nothing is said.
        pack_free: Of these, how many are given free (买2送1).
        gtins: Barcodes with a right check digit, as 14 digits.
        parts: Texts of the parts joined by a plus, where there are several.
        gifts: Texts of what is given with it.
        is_bundle: Whether a word says that it is a set.
    """

    text: str
    main: str
    words: tuple[str, ...]
    codes: frozenset[str]
    numbers: frozenset[str]
    sizes: frozenset[tuple[str, int]]
    pack: int = 1
    pack_free: int = 0
    gtins: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    gifts: tuple[str, ...] = ()
    is_bundle: bool = False


@lru_cache(maxsize=200_000)
def read_title(title: str) -> Title:
    """Read a title; any text is one, also an empty one."""
    text = normalised(title)
    main, gifts = _without_gifts(text)
    words = words_of(text)
    pack, free = _pack(main)
    parts = _parts(main)
    return Title(
        text,
        main,
        words,
        frozenset(word for word in words if _is_code(word)),
        frozenset(word for word in words if word.replace(".", "").isdigit()),
        sizes_of(main),
        pack,
        free,
        frozenset(found for found in (gtin14(match) for match in _GTIN.findall(text)) if found),
        parts,
        gifts,
        _BUNDLE_WORDS.search(main) is not None,
    )


def normalised(text: str) -> str:
    """Half-width, lower case, one blank between words, no blanks at the ends."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()


def words_of(text: str) -> tuple[str, ...]:
    """Words of a normalised text, each once: Latin words whole and without their hyphens, Chinese by pairs.

    A size is one word however it is written: `30 ml` is `30ml`.
    """
    found: dict[str, None] = {}
    for run in _WORD.findall(_units()[0].sub(lambda match: f" {match[1]}{match[2]} ", text)):
        if run[0].isascii():
            found[run.replace("-", "").replace("'", "").replace("’", "")] = None
            if "-" in run:
                found.update(dict.fromkeys(piece for piece in run.split("-") if piece))
        elif len(run) == 1:
            found[run] = None
        else:
            found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return tuple(found)


def sizes_of(text: str) -> frozenset[tuple[str, int]]:
    """Sizes in a normalised text, in base units times a million; two spellings of one size may both be there."""
    pattern, units = _units()
    found = set()
    for number, unit in pattern.findall(text):
        dimension, per_unit = units[unit]
        found.add((dimension, round(float(number) * per_unit)))
    return frozenset(found)


def gtin14(digits: str) -> str | None:
    """A barcode of 8, 12, 13 or 14 digits as 14; None where it is none or its check digit is wrong.

    Source:
        GS1 General Specifications, section 7.9: the last digit is ten's complement of the others, weighed 3 and 1.
    """
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (8, 12, 13, 14):
        return None
    full = digits.zfill(14)
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(full[:13]))
    return full if (10 - total % 10) % 10 == int(full[13]) and total else None


def _is_code(word: str) -> bool:
    if not word.isascii() or _units()[0].fullmatch(word):
        return False
    has_digit = any(each.isdigit() for each in word)
    has_letter = any(each.isalpha() for each in word)
    if has_digit and has_letter:
        return len(word) >= _CODE_LENGTH_MIN
    return word.isdigit() and len(word) >= _NUMBER_CODE_LENGTH_MIN


@lru_cache(maxsize=1)
def _units() -> tuple[re.Pattern[str], dict[str, tuple[str, int]]]:
    text = resources.files("entrepot.planning.matching").joinpath("data", "units.csv").read_text(encoding="utf-8")
    units = {row["unit"]: (row["dimension"], int(row["per_unit_e6"])) for row in csv.DictReader(text.splitlines())}
    names = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True))
    return re.compile(rf"(?<![\d.a-z])(\d{{1,6}}(?:\.\d{{1,3}})?)\s*({names})(?![a-z])"), units


def _number(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else int(text)


def _pack(text: str) -> tuple[int, int]:
    """Pieces in one sale, and how many of them are free."""
    if match := _SHOOT_AND_SEND.search(text):
        paid, sent = _number(match[1]), _number(match[2])
        return (sent, sent - paid) if paid <= sent <= _PACK_MAX else (1, 0)
    if match := _BUY_AND_GET.search(text):
        paid, free = _number(match[1]), _number(match[2])
        return (paid + free, free) if paid and free and paid + free <= _PACK_MAX else (1, 0)
    for pattern in _PACKS:
        for match in pattern.finditer(text):
            count = _number(match[1])
            if 1 <= count <= _PACK_MAX:
                return count, 0
    return (2, 0) if re.search(r"(?:双|两)(?:支|瓶|盒)装|twin pack", text) else (1, 0)


def _without_gifts(text: str) -> tuple[str, tuple[str, ...]]:
    """The text before the first gift, and the gifts."""
    if _BUY_AND_GET.search(text):
        return text, ()
    marks = list(_GIFT.finditer(text))
    if not marks or not text[: marks[0].start()].strip():
        return text, ()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    pieces = (text[mark.end() : end] for mark, end in zip(marks, ends, strict=True))
    gifts = [part for piece in pieces for part in (_parts(piece) or (piece.strip(" )]】）"),)) if part]
    return text[: marks[0].start()].strip(" ([【（+"), tuple(gifts)


def _parts(text: str) -> tuple[str, ...]:
    """Parts joined by a plus; the plus of a sun protection factor joins nothing."""
    guarded = _SUN_FACTOR.sub(lambda match: match[0].replace("+", "\x00"), text)
    pieces = [piece.replace("\x00", "+").strip(" ()[]【】") for piece in _PART_MARK.split(guarded)]
    pieces = [piece for piece in pieces if piece]
    return tuple(pieces) if len(pieces) > 1 else ()
