"""Pinduoduo's bill of a day (货款日账单): a call tells where it is.

Source: descriptions of pdd.finance.balance.daily.bill.url.get in copies of the official SDK, read 2026-11; header and
control totals as in real bills of the seller centre. Not sourced, and set here: that the file is the seller centre's,
when it is made and how that is refused, that a day without movements has no address, how long a link lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, Links, beijing, day_start_s, half_up, yuan

if TYPE_CHECKING:
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.world import LiveOrder, LiveWorld

METHOD = "pdd.finance.balance.daily.bill.url.get"
STORED = "/pdd-bill-storage/"
_READY_S, _LINK_S = 9 * 3_600, 600.0
_SERVICE_BP, _PAYOUT_MINOR = 60, 10_000
_HEADER = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
_WORDS = {
    "order_income": ("交易收入", "", "0010002|交易收入-订单收入"),
    "order_refund": ("退款", "", "0020002|交易退款-订单退款"),
    "fee": ("技术服务费", "基础技术服务费", "0030002|技术服务费-基础技术服务费"),
    "fee_back": ("技术服务费", "基础技术服务费返还", "0030002|技术服务费-基础技术服务费"),
    "withdrawal": ("提现", "提现到银行卡", "0070001|提现-提现到银行卡"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One row: money that came to the shop's account or left it.

    Attributes:
        at: Unix seconds.
        order_sn: Whose; empty where no order is behind it.
        what: Key of the words.
        minor: Fen, signed.
    """

    at: int
    order_sn: str
    what: str
    minor: int


@dataclass
class Bills:
    """Bills of one shop.

    Attributes:
        world: Its orders.
        faults: The dial.
    """

    world: LiveWorld
    faults: Faults
    _links: Links = field(default_factory=lambda: Links(_LINK_S))

    def linked(self, params: dict[str, str], now: int, base: str) -> dict[str, Any]:
        """Where the bill of a day is; one that is not made yet is refused."""
        day = params.get("bill_date", "")
        start = day_start_s(day)
        if start is None:
            return _refused("bill_date不合法")
        if not _is_made(start, now) or self.faults.fires("file_late"):
            return _refused("账单未生成")
        url = ""
        if self.moved(start, start + DAY):
            token = self._links.give(day, now, is_over=self.faults.fires("link_expired"))
            url = f"{base}{STORED}{day}.csv?sign={token}"
        return {"finance_balance_daily_bill_url_get_response": {"download_url": url, "request_id": "sandbox"}}

    def stored(self, token: str, now: int) -> bytes | None:
        """The file that a link leads to."""
        day = self._links.leads_to(token, now)
        start = day_start_s(day or "")
        return None if start is None else self.paper(start, start + DAY)

    def files(self, now: int) -> dict[str, bytes]:
        """Every bill that is made by now, by name, as a person would download it."""
        first = self.world.start_s - (self.world.start_s + 8 * 3_600) % DAY
        return {
            f"pdd_bill_{beijing(at)[:10]}.csv": self.paper(at, at + DAY)
            for at in range(first, now, DAY)
            if _is_made(at, now) and self.moved(at, at + DAY)
        }

    def moved(self, start: int, end: int) -> list[Moved]:
        """Rows of a time, its end left out."""
        return [each for each in self._moved if start <= each.at < end]

    def paper(self, start: int, end: int) -> bytes:
        """A bill of some days, GB18030, with control totals behind the rows."""
        rows = self.moved(start, end)
        lines = [
            "拼多多店铺账务明细查询",
            "",
            f"起始时间：{beijing(start)} 终止时间：{beijing(end - 1)}",
            "----------交易记录明细列表---------",
            _HEADER,
            *(_row(each) for each in rows),
        ]
        for total, sign in (("收入合计", 1), ("支出合计", -1)):
            sums = [each.minor for each in rows if each.minor * sign > 0]
            lines.append(f"#{total}：{len(sums)}笔，共{yuan(sum(sums))}元")
        return "".join(f"{line}\n" for line in lines).encode("gb18030")

    @cached_property
    def _moved(self) -> list[Moved]:
        """All there are, oldest first; a payout at the end of each day that has any."""
        end_s = self.world.end_s
        found = [each for order in self.world.made for each in _of_order(order, end_s)]
        days = {each.at - (each.at + 8 * 3_600) % DAY for each in found}
        found += [Moved(day + DAY - 60, "", "withdrawal", -_PAYOUT_MINOR) for day in days]
        return sorted(found, key=lambda each: (each.at, each.order_sn, each.what))


def order_sn(order: LiveOrder) -> str:
    """The day on which it was placed, then its number."""
    day = beijing(next(event.at for event in order.events if event.what == "placed"))
    return f"{day[2:4]}{day[5:7]}{day[8:10]}-{order.order_id}"


def _of_order(order: LiveOrder, end_s: int) -> list[Moved]:
    """What follows from the buyer's confirmation, and from a refund of goods that had left."""
    view = order.seen(end_s)
    confirmed = view.at("confirmed") if view else None
    if view is None or confirmed is None:
        return []
    number, income = order_sn(order), order.cash_minor + order.platform_minor + order.points_minor
    moves = [
        Moved(confirmed, number, "order_income", income),
        Moved(confirmed, number, "fee", -half_up(income, _SERVICE_BP)),
    ]
    if view.refunded_minor:
        at = max(view.at("refund_done") or 0, confirmed + 30)
        moves.append(Moved(at, number, "order_refund", -view.refunded_minor))
        moves.append(Moved(at, number, "fee_back", half_up(view.refunded_minor, _SERVICE_BP)))
    return [each for each in moves if each.minor]


def _row(each: Moved) -> str:
    kind, remark, description = _WORDS[each.what]
    came, left = (yuan(each.minor), "0") if each.minor > 0 else ("0", yuan(each.minor))
    return ",".join((each.order_sn, beijing(each.at), came, left, kind, remark, description))


def _is_made(start: int, now: int) -> bool:
    return now >= start + DAY + _READY_S


def _refused(why: str) -> dict[str, Any]:
    told = {"error_code": 50001, "error_msg": "业务服务错误", "sub_code": "50001", "sub_msg": why}
    return {"error_response": {**told, "request_id": "sandbox"}}
