"""What a user writes to describe a file: which columns it has and what they are in our words.

The same shape as a shipped connector's facts, read strictly: an unknown key or word is an error that names it.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.connectors.errors import DeclarationInvalid
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ORDER_WORDS = {
    "order_id": "id",
    "line_id": "id",
    "placed_at": "instant",
    "paid_at": "instant",
    "shipped_at": "instant",
    "confirmed_at": "instant",
    "sku_id": "text",
    "title": "text",
    "quantity": "count",
    "unit_price": "money",
    "shipping": "money",
    "tax": "money",
    "discount_merchant": "money",
    "discount_platform": "money",
    "paid": "money",
    "refunded": "money",
    "state": "code",
    "shop": "text",
    "currency": "text",
}
SETTLEMENT_WORDS = {
    "line_id": "id",
    "order_id": "id",
    "booked_at": "instant",
    "kind": "code",
    "amount": "money",
    "fee_code": "text",
    "item": "text",
    "settlement_id": "id",
    "shop": "text",
    "currency": "text",
}
AD_WORDS = {"date": "day", "channel": "text", "shop": "text", "campaign": "text", "amount": "money", "currency": "text"}

WORDS: Mapping[str, Mapping[str, str]] = {
    "orders": ORDER_WORDS,
    "settlement_lines": SETTLEMENT_WORDS,
    "ad_spend": AD_WORDS,
}
"""Our words for the columns of each table that can be declared, with the kind of value."""

NEEDED: Mapping[str, frozenset[str]] = {
    "orders": frozenset({"order_id", "placed_at", "quantity", "unit_price"}),
    "settlement_lines": frozenset({"booked_at", "kind", "amount"}),
    "ad_spend": frozenset({"date", "channel", "shop", "amount"}),
}
"""Words without which a table cannot be filled."""

CLASSES: Mapping[str, ResidencyClass] = {
    "id": ResidencyClass.PSEUDONYMOUS,
    "money": ResidencyClass.BUSINESS,
    "text": ResidencyClass.OPERATIONAL,
    "code": ResidencyClass.OPERATIONAL,
    "count": ResidencyClass.OPERATIONAL,
    "instant": ResidencyClass.OPERATIONAL,
    "day": ResidencyClass.OPERATIONAL,
}
"""Residency class of each kind of value: that of the canonical columns which such values reach."""
assert {kind for words in WORDS.values() for kind in words.values()} == set(CLASSES), "every word has a class"

_ALIKE = frozenset({ResidencyClass.OPERATIONAL, ResidencyClass.BUSINESS})
"""Classes of what points at nobody; a user may say either."""

PERSONAL_WORDS = frozenset({"buyer_name", "phone", "email", "buyer_account"})

STATES = frozenset({"open", "cancelled_unpaid", "closed_refunded", "completed_by_buyer"})
KINDS = frozenset(
    {
        "order_income",
        "order_refund",
        "fee",
        "ad_spend",
        "ad_topup",
        "tax_withheld",
        "reserve",
        "withdrawal",
        "transfer",
        "adjustment",
        "compensation",
        "opening",
    }
)

_FIXED_ZONES = {"Asia/Shanghai": 8, "Asia/Hong_Kong": 8, "Asia/Singapore": 8, "Asia/Tokyo": 9, "UTC": 0}
FEES = (
    "commission",
    "service_fee",
    "payment_fee",
    "affiliate_commission",
    "channel_share",
    "recruiting_fee",
    "promotion_fee",
    "points_cost",
    "insurance",
    "message_fee",
    "logistics_fee",
    "shipping_fee",
    "agency_fee",
    "storage_fee",
    "subscription_fee",
    "donation",
    "other_fee",
)
"""What fees are for: the accounts of the ledger that begin with `fee:`."""

_OUR_HEADERS = frozenset({"raw_id", "row_no", "row_hash", "reject"})
_RATE_MAX_BP = 10_000

# A format's name is the name of a relation: these are relations of the translation or words of SQL.
_TAKEN_NAMES = frozenset({
    "files", "staged", "wire", "wire_bad", "person_pads", "all", "analyse", "analyze", "and", "any", "array", "asc",
    "both", "case", "cast", "check", "collate", "column", "constraint", "create", "default", "deferrable", "desc",
    "describe", "distinct", "else", "end", "except", "false", "fetch", "for", "foreign", "from", "grant", "group",
    "having", "initially", "intersect", "into", "join", "lateral", "leading", "limit", "not", "null", "offset",
    "only", "order", "pivot", "placing", "primary", "qualify", "references", "returning", "select", "show", "some",
    "summarize", "symmetric", "table", "then", "trailing", "true", "union", "unique", "unpivot", "using", "values",
    "variadic", "when", "where", "window", "with",
})  # fmt: skip


class ColumnClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """What somebody confirmed a column to be.

    Attributes:
        class_: Residency class.
        confirmed_by: Who looked.
        reason: What it rests on.
        confirmed_on: Day. YAML reads a bare `on` as a truth value, so the key is longer.
    """

    class_: str | None = None
    confirmed_by: str | None = None
    reason: str | None = None
    confirmed_on: date | None = None


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared format.

    Attributes:
        format: Its name: letters, digits, underscores.
        title: What people call it.
        table: Which table its rows fill; `orders` has one row per order line.
        columns: The file's header to our word; see `WORDS`.
        personal: The file's header to our word for personal values, which go to `persons` only.
        classes: The file's header to its residency class, where somebody confirmed it; others have that of their word.
        states: The file's words for the state of an order to ours; with it, an unknown word is quarantined.
        kinds: The file's words for the kind of a settlement line to ours.
        fees: The file's words for what a fee is for to ours; our own words need no entry, any other one is quarantined.
        channel: Platform the rows belong to.
        shop: Shop the rows belong to, where no column says it.
        currency: ISO 4217 code, or `from_column`.
        zone: Zone of times that carry no offset, and of business days of a shop whose zone settings do not name; zones
            with summer time are not accepted, write the offset instead.
        vat_rate_bp: VAT inside fees that can be claimed, in basis points.
        orders_in: Of settlement lines: the declared format, or the platform, whose orders they name; else this format.
        recognition: Instant at which such a shop's revenue counts: placed, paid, shipped, confirmed or settled.
    """

    format: str
    table: Literal["orders", "settlement_lines", "ad_spend"]
    columns: dict[str, str]
    title: str = ""
    personal: dict[str, str] = {}
    classes: dict[str, ColumnClass] = {}
    states: dict[str, str] = {}
    kinds: dict[str, str] = {}
    fees: dict[str, str] = {}
    channel: str = "own_shop"
    shop: str = ""
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    vat_rate_bp: int = 0
    orders_in: str = ""
    recognition: Literal["placed", "paid", "shipped", "confirmed", "settled"] = "shipped"

    @property
    def zone_hours(self) -> int:
        """Hours the zone is ahead of UTC."""
        fixed = re.fullmatch(r"([+-])(\d{2}):00", self.zone)
        return int(fixed[1] + fixed[2]) if fixed else _FIXED_ZONES[self.zone]

    @property
    def business_zone(self) -> str:
        """Zone of the business days of its shops, by a name that the calendar knows; signs of Etc/GMT are turned."""
        if self.zone in _FIXED_ZONES:
            return self.zone
        hours = max(self.zone_hours, -12)
        return f"Etc/GMT{-hours:+d}" if hours else "UTC"

    def class_of(self, header: str) -> ResidencyClass:
        """Residency class of a column: as confirmed, else that of its word. Every declared column has one."""
        stated = self.classes.get(header)
        if stated is not None and stated.class_:
            return ResidencyClass(stated.class_)
        if header in self.personal:
            return ResidencyClass.PERSONAL
        return CLASSES[WORDS[self.table][self.columns[header]]]

    def column_of(self, word: str) -> str | None:
        """The file's header for one of our words."""
        return next((theirs for theirs, ours in (self.columns | self.personal).items() if ours == word), None)


def read_description(path: Path) -> Description:
    """Read and check a declared format.

    Raises:
        DeclarationInvalid: It is no YAML, or a key, word, zone or currency in it is not known.
    """
    try:
        found = msgspec.yaml.decode(path.read_bytes(), type=Description)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DeclarationInvalid(str(path), str(error)) from error
    for problem in _problems(found):
        raise DeclarationInvalid(str(path), problem)
    return found


@lru_cache(maxsize=1)
def known_currencies() -> tuple[str, ...]:
    """Codes of the currencies whose smallest unit is known, in the order of the list."""
    return tuple(row["currency"] for row in csv.DictReader(io.StringIO(template("currencies.csv"))))


def template(name: str) -> str:
    """Text of a file beside this one from which the mapping of a declared format is made."""
    return (resources.files("entrepot.connectors.declared") / "templates" / name).read_text(encoding="utf-8")


def _problems(found: Description) -> list[str]:
    return [*_column_problems(found), *_word_problems(found), *_fact_problems(found), *_class_problems(found)]


def _class_problems(found: Description) -> list[str]:
    """A confirmed class may not contradict where the column goes: what is stricter would reach a table that is not."""
    problems = []
    known = {each.value for each in ResidencyClass}
    for header, stated in found.classes.items():
        if header not in found.columns and header not in found.personal:
            problems.append(f"`classes` names `{header}`, which is no column here; what is not described is not read")
        elif not stated.class_:
            problems.append(f"`{header}` has no class; write `class` with one of {', '.join(sorted(known))}")
        elif stated.class_ not in known:
            problems.append(f"`{header}` has the class `{stated.class_}`; known: {', '.join(sorted(known))}")
        elif not ((stated.confirmed_by or "").strip() and (stated.reason or "").strip() and stated.confirmed_on):
            problems.append(
                f"the class of `{header}` needs `confirmed_by`, `reason`, `confirmed_on`: who looked, why, when"
            )
        else:
            problems += _contradictions(found, header, ResidencyClass(stated.class_))
    return problems


def _contradictions(found: Description, header: str, stated: ResidencyClass) -> list[str]:
    word = (found.columns | found.personal)[header]
    is_personal = header in found.personal
    own = ResidencyClass.PERSONAL if is_personal else CLASSES[WORDS[found.table].get(word, "text")]
    if stated is own or {stated, own} <= _ALIKE:
        return []
    if is_personal or (own is ResidencyClass.PSEUDONYMOUS and stated in _ALIKE):
        return [f"`{header}` is `{word}`, which is {own.value} and cannot be less; take it out of `classes`"]
    problem = f"`{header}` is said to be {stated.value}, but `{word}` reaches a table as {own.value}"
    return [f"{problem}: put it under `personal`, or leave the column out, and it is not read"]


def _column_problems(found: Description) -> list[str]:
    words, needed = WORDS[found.table], NEEDED[found.table]
    given, personal = list(found.columns.values()), list(found.personal.values())
    headers = [*found.columns, *found.personal]
    plain = [header.casefold() for header in headers]
    problems = [
        f"`{word}` is not a word for {found.table}; known: {', '.join(words)}" for word in given if word not in words
    ]
    problems += [f"no column is `{word}`, which {found.table} needs" for word in sorted(needed - set(given))]
    problems += [
        f"`{word}` is not a personal word; known: {', '.join(sorted(PERSONAL_WORDS))}"
        for word in personal
        if word not in PERSONAL_WORDS
    ]
    problems += [
        f"`{word}` is given twice"
        for words_given in (given, personal)
        for word in sorted({word for word in words_given if words_given.count(word) > 1})
    ]
    problems += [f"the header `{header}` is named twice" for header in headers if plain.count(header.casefold()) > 1]
    problems += [
        f"the header `{header}` is a word of ours; give the column another name"
        for header in headers
        if header.casefold() in _OUR_HEADERS
    ]
    if personal and found.table != "orders":
        problems.append(
            f"`personal` is for orders: {found.table} reach no table of persons; leave those columns out, unread"
        )
    return problems


def _word_problems(found: Description) -> list[str]:
    given = set(found.columns.values())
    problems = [
        f"`{word}` is not a state; known: {', '.join(sorted(STATES))}"
        for word in found.states.values()
        if word not in STATES
    ]
    problems += [
        f"`{word}` is not a kind; known: {', '.join(sorted(KINDS))}"
        for word in found.kinds.values()
        if word not in KINDS
    ]
    if found.states and "state" not in given:
        problems.append("`states` are given, but no column is `state`")
    if found.kinds and "kind" not in given:
        problems.append("`kinds` are given, but no column is `kind`")
    problems += [f"`{word}` is not a fee; known: {', '.join(FEES)}" for word in found.fees.values() if word not in FEES]
    if found.fees and "fee_code" not in given:
        problems.append("`fees` are given, but no column is `fee_code`")
    if found.table == "settlement_lines" and not found.kinds:
        problems.append("settlement lines need `kinds`: the file's words to ours")
    return problems


def _fact_problems(found: Description) -> list[str]:
    problems = [
        f"`{name}` is a name of lower-case letters, digits and underscores"
        for name, text, shape in (
            ("format", found.format, r"[a-z][a-z0-9_]{2,40}"),
            ("channel", found.channel, r"[a-z][a-z0-9_]*"),
            ("orders_in", found.orders_in or "x", r"[a-z][a-z0-9_]*"),
        )
        if not re.fullmatch(shape, text)
    ]
    if found.orders_in and found.table != "settlement_lines":
        problems.append("`orders_in` is for settlement lines")
    if found.format in _TAKEN_NAMES:
        problems.append(f"the format name {found.format} is taken; choose another")
    if found.zone not in _FIXED_ZONES and not re.fullmatch(r"[+-](0\d|1[0-4]):00", found.zone):
        problems.append(
            f"zone {found.zone} is not accepted: name one without summer time, an offset such as +08:00, "
            "or write times with their offset"
        )
    column = "currency" in found.columns.values()
    if found.currency == "from_column" and not column:
        problems.append("currency is from_column, but no column is `currency`")
    elif found.currency != "from_column" and column:
        problems.append(f"a column is `currency`, but currency is {found.currency}; write from_column")
    elif found.currency != "from_column" and not re.fullmatch(r"[A-Z]{3}", found.currency):
        problems.append("`currency` is an ISO 4217 code or from_column")
    elif found.currency not in ("from_column", *known_currencies()):
        problems.append(f"currency {found.currency} is not known; known: {', '.join(known_currencies())}")
    if not 0 <= found.vat_rate_bp <= _RATE_MAX_BP:
        problems.append(f"`vat_rate_bp` is 0 to {_RATE_MAX_BP}: basis points, so that 600 is 6 %")
    return problems
