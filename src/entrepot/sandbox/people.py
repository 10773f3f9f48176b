"""Invented people, so that a leak of personal values can be found: every value is obviously not real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Person:
    """The personal values of one buyer, as files show them."""

    nick: str
    name: str
    phone: str
    address: str
    email: str
    resident_id: str


_CITIES = (
    "上海 上海市 长宁区",
    "浙江省 杭州市 西湖区",
    "广东省 深圳市 南山区",
    "四川省 成都市 武侯区",
    "北京 北京市 朝阳区",
)


@lru_cache(maxsize=40_000)
def person(number: int) -> Person:
    """The buyer with a number. Real names, numbers and streets do not look like this."""
    if number >= ABROAD_FROM:
        return Person(
            nick=f"canary-{number}",
            name=f"Canary Nobody{number}",
            phone=f"+1-555-{number:07d}",
            address=f"{number} Nowhere Lane",
            email=f"canary{number}@example.invalid",
            resident_id="",
        )
    return Person(
        nick=f"虚构账号{number:05d}",
        name=f"虚构{number:05d}**",
        # Platforms mask the middle; one more star than theirs, so that no real number can look the same.
        phone=f"138*****{number:05d}",
        address=f"{_CITIES[number % len(_CITIES)]} 虚构路{number:05d}号",
        email=f"canary{number:05d}@example.invalid",
        resident_id=_resident_id(number),
    )


def _resident_id(number: int) -> str:
    """An invented identity number: 99 is no province, so it is nobody's, and its check digit (modulo 11, 2) holds.

    No file of the platforms that the sample company sells on carries one (a customs declaration would); the list of
    persons has it to be searched for.
    """
    born = date(1960, 1, 1) + timedelta(days=number // 1000)
    digits = f"990000{born:%Y%m%d}{number % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


ABROAD_FROM = 1_000_000
"""Buyers from this number on live abroad."""

_WRITTEN = {
    "tmall": ("nick", "name", "phone", "address", "email"),
    "jd": ("nick", "name", "phone", "address"),
    "pinduoduo": (),
    "douyin": ("name", "phone", "address"),
    "shopify": ("name", "phone", "address", "email"),
    "amazon": (),
    "own_shop": ("nick", "phone"),
}


def written_values(channel: str, number: int) -> set[str]:
    """The personal values of one buyer that the files of a channel contain."""
    who = person(number)
    return {str(getattr(who, name)) for name in _WRITTEN[channel]}
