"""The figures of a day as a message, in words or as fields.

A message is made of `DayFigures` and of nothing else: days, counts, sums, and codes of ours with their words. No order,
person, shop name, file name or text of a file can be in it, since none is in the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.model import minor_digits

if TYPE_CHECKING:
    from entrepot.reports.daily.figures import ChannelDay, DayFigures
    from entrepot.reports.words import Vocabulary

FIELDS = frozenset({
    "key", "day", "currency", "channel", "total", "channels", "orders_placed", "orders_paid", "gmv_minor",
    "refunds_minor", "net_revenue_minor", "exceptions", "kind", "items", "new_items", "feeds", "format",
    "last_event_on",
})  # fmt: skip
"""Every field a message may have, at any depth; `message_fields` has no other."""

_EXCEPTIONS_SHOWN = 8

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Figures of {day}", "{day} 经营日报"),
    "unit": ("amounts in {currency}", "金额单位 {currency}"),
    "placed": ("orders placed {n}", "下单 {n} 单"),
    "paid": ("paid {n}", "付款 {n} 单"),
    "gmv": ("GMV {amount}", "GMV {amount}"),
    "refunds": ("refunds booked {amount}", "入账退款 {amount}"),
    "net": ("net revenue booked {amount}", "入账净收入 {amount}"),
    "total": ("Total", "合计"),
    "no_channel": ("no channel", "未指明渠道"),
    "exceptions": ("Exceptions open: {n}", "待处理事项 {n} 项"),
    "new": (", new since the import before: {n}", "，较上次导入新增 {n} 项"),
    "of_kind": ("{kind}: {n}", "{kind}：{n}"),
    "of_kind_new": ("{kind}: {n} (new {new})", "{kind}：{n}（新增 {new}）"),
    "more_kinds": ("… and {n} more kinds", "……另有 {n} 类"),
    "feeds": ("Files reach to:", "数据截止："),
    "joint": (" · ", "，"),
}


def message_fields(figures: DayFigures, key: str) -> dict[str, Any]:
    """The message for programs.

    Args:
        figures: Of the day.
        key: The same for every attempt to tell this day, so that a receiver can drop a second copy.
    Returns:
        JSON values; every key is one of `FIELDS`.
    """
    return {
        "key": key,
        "day": figures.day.isoformat(),
        "currency": figures.currency,
        "total": _line_fields(figures.total),
        "channels": [{"channel": each.channel, **_line_fields(each)} for each in figures.channels],
        "exceptions": [{"kind": kind, "items": items, "new_items": new} for kind, items, new in figures.exceptions],
        "feeds": [{"format": name, "last_event_on": day.isoformat()} for name, day in figures.feeds],
    }


def message_text(figures: DayFigures, say: Vocabulary, bytes_max: int | None = None) -> str:
    """The message for people.

    Args:
        figures: Of the day.
        say: Words of the language.
        bytes_max: Longest message that a receiver takes, in UTF-8; whole lines are left out at the end.
    """
    lines = [_word("title", say.lang, day=figures.day.isoformat()), _word("unit", say.lang, currency=figures.currency)]
    lines.append(f"{_word('total', say.lang)}: {_line_text(figures.total, figures.currency, say.lang)}")
    for each in figures.channels:
        name = say.value("channel", each.channel) if each.channel != "-" else _word("no_channel", say.lang)
        lines.append(f"{name}: {_line_text(each, figures.currency, say.lang)}")
    lines += ["", *_exception_lines(figures, say), "", _word("feeds", say.lang)]
    lines += [f"{say.value('format', name)} {day.isoformat()}" for name, day in figures.feeds]
    return _cut("\n".join(lines), bytes_max)


def _line_fields(line: ChannelDay) -> dict[str, int]:
    names = ("orders_placed", "orders_paid", "gmv_minor", "refunds_minor", "net_revenue_minor")
    return {name: getattr(line, name) for name in names}


def _line_text(line: ChannelDay, currency: str, lang: str) -> str:
    parts = (
        _word("placed", lang, n=f"{line.orders_placed:,}"),
        _word("paid", lang, n=f"{line.orders_paid:,}"),
        _word("gmv", lang, amount=_money(line.gmv_minor, currency)),
        _word("refunds", lang, amount=_money(line.refunds_minor, currency)),
        _word("net", lang, amount=_money(line.net_revenue_minor, currency)),
    )
    return _word("joint", lang).join(parts)


def _exception_lines(figures: DayFigures, say: Vocabulary) -> list[str]:
    is_compared = all(new is not None for _, _, new in figures.exceptions)
    head = _word("exceptions", say.lang, n=f"{sum(items for _, items, _ in figures.exceptions):,}")
    if is_compared:
        head += _word("new", say.lang, n=f"{sum(new or 0 for _, _, new in figures.exceptions):,}")
    kinds = sorted(figures.exceptions, key=lambda each: (-(each[2] or 0), -each[1], each[0]))
    lines = [head]
    for kind, items, new in kinds[:_EXCEPTIONS_SHOWN]:
        pattern = "of_kind_new" if new else "of_kind"
        lines.append("  " + _word(pattern, say.lang, kind=say.value("kind", kind), n=f"{items:,}", new=f"{new or 0:,}"))
    if len(kinds) > _EXCEPTIONS_SHOWN:
        lines.append("  " + _word("more_kinds", say.lang, n=len(kinds) - _EXCEPTIONS_SHOWN))
    return lines


def _cut(text: str, bytes_max: int | None) -> str:
    if bytes_max is None or len(text.encode()) <= bytes_max:
        return text
    lines = text.split("\n")
    while len("\n".join([*lines, "…"]).encode()) > bytes_max:
        lines.pop()
    return "\n".join([*lines, "…"])


def _money(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def _word(name: str, lang: str, **facts: object) -> str:
    return _WORDS[name][{"en": 0, "zh": 1}[lang]].format(**facts)
