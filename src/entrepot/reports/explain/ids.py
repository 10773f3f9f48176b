"""Ids of figures: short, readable, the same in every run. They name what a figure is about, never where it stood.

pnl/2026-09/tmall/net_revenue                      month (or fiscal period, or all), channel (or all), line
pnl/2026-09_FY2026-P09/tmall/net_revenue           what of a month lies in a fiscal period that is counted in weeks
pnl/all/all@Shop/fees                              a shop; `~SKU` after it names a SKU, `~-` what has none
pnl/2026-09/tmall/fees/fee:commission              an account
pnl/2026-09/tmall/fees/fee:commission/settled      postings of an account by a rule
pnl/2026-09/tmall/fees/fee:commission/settled/order/tmall:1    what one order brought there
gmv_bridge/tmall@Shop/CNY/placed   trial_balance/entity/local/wallet/CNY/CNY/balance   of reports: `reports.figures`
row/settlement_lines/…   row/raw_rows/<file>/<row>   row/raw_files/<file>
order/tmall:1   entry/paid:tmall:1   entry/paid:tmall:1/line-2   exception/control_total:…
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from entrepot.reports.id_parts import ALL, read, written

_PNL_PARTS = 4
_ACCOUNT_PARTS = 5
_GROUP_PARTS = 6
_CAUSE_PARTS = 8
_PERIOD = re.compile(r"\d{4}-\d{2}(_FY\d{4}-P\d{2})?|FY\d{4}-P\d{2}|all")
_POSTING = re.compile(r"(.+)/line-(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose figure it is; None is all."""

    channel: str | None = None
    shop: str | None = None
    sku: str | None = None

    def __str__(self) -> str:
        shop = "" if self.shop is None else f"@{written(self.shop)}"
        sku = "" if self.sku is None else f"~{written(self.sku)}"
        return f"{ALL if self.channel is None else written(self.channel)}{shop}{sku}"


def place_of(text: str) -> Place:
    """A place from its part of an id."""
    rest, _, sku = text.partition("~")
    channel, _, shop = rest.partition("@")
    return Place(None if channel == ALL else read(channel), read(shop) or None, read(sku) or None)


@dataclass(frozen=True, slots=True)
class PnlId:
    """A figure of the P&L, or a part of one.

    Attributes:
        period: `2026-09`, `FY2026-P09`, both as `2026-09_FY2026-P09`, or `all`.
        place: Channel, shop, SKU.
        line: Key of `reports.statement.LINES`.
        account: For postings of one account by one rule.
        rule: The rule.
        cause_kind: `order`, or what else caused a posting.
        cause: Which.
    """

    period: str
    place: Place
    line: str
    account: str | None = None
    rule: str | None = None
    cause_kind: str | None = None
    cause: str | None = None

    @property
    def month(self) -> str | None:
        """Calendar month; None for all."""
        month = self.period.partition("_")[0]
        return None if month == ALL or month.startswith("FY") else month

    @property
    def fiscal_period(self) -> str | None:
        """Fiscal period; None for all."""
        period = self.period.rpartition("_")[2]
        return period if period.startswith("FY") else None

    def __str__(self) -> str:
        parts = ["pnl", self.period, str(self.place), self.line]
        if self.account is not None:
            parts.append(written(self.account))
        if self.account is not None and self.rule is not None:
            parts.append(self.rule)
        if self.cause_kind is not None and self.cause is not None:
            parts += [self.cause_kind, self.cause]
        return "/".join(parts)

    def of_place(self, **changes: str | None) -> PnlId:
        """The same of another place."""
        return replace(self, place=replace(self.place, **changes))


def pnl_id(text: str) -> PnlId | None:
    """The P&L figure of an id; None where the text is none."""
    parts = text.split("/", _CAUSE_PARTS - 1)
    if len(parts) not in (_PNL_PARTS, _ACCOUNT_PARTS, _GROUP_PARTS, _CAUSE_PARTS) or parts[0] != "pnl":
        return None
    if not _PERIOD.fullmatch(parts[1]):
        return None
    account = read(parts[4]) if len(parts) >= _ACCOUNT_PARTS else None
    rule = parts[5] if len(parts) >= _GROUP_PARTS else None
    cause = (parts[6], parts[7]) if len(parts) == _CAUSE_PARTS else (None, None)
    return PnlId(parts[1], place_of(parts[2]), parts[3], account, rule, *cause)


def entry_id(entry: str, line_no: int | None = None) -> str:
    """The id of an entry or of one of its postings."""
    return f"entry/{entry}" if line_no is None else f"entry/{entry}/line-{line_no}"


def entry_of(text: str) -> tuple[str, int | None]:
    """The entry and the number of the posting that the part behind `entry/` names."""
    match = _POSTING.fullmatch(text)
    return (match[1], int(match[2])) if match else (text, None)
